//! How people are invited.

use serde::{Deserialize, Serialize};

/// Whether Microsoft mails the invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InvitationMail {
    /// No mail.
    #[default]
    None,
    /// Microsoft's own.
    Microsoft,
}
