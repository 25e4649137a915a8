//! Why something could not be read.

use serde::{Deserialize, Serialize};

/// A collection or object read completely, or the reason why not. There is nothing in between: one failed page makes
/// the whole reading an error.
pub type Reading<T> = Result<T, Unread>;

/// Why a reading is not complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The kind of reason.
    pub code: UnreadCode,
    /// What was asked for and what came back, in words, without secrets.
    pub text: String,
}

/// The kinds of reasons why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnreadCode {
    /// The credential itself is refused: wrong or expired secret, wrong client.
    CredentialRefused,
    /// Our application has no consent in that tenant.
    ConsentMissing,
    /// No such tenant, or it is gone.
    TenantMissing,
    /// The service says we may not read this.
    AccessDenied,
    /// The object asked for does not exist.
    NotFound,
    /// The service refused for too long because of too many requests.
    Throttled,
    /// The service failed or did not answer.
    Unavailable,
    /// An answer that is not what the service promises: HTML, cut JSON, a broken page, a field of another type.
    Malformed,
    /// A field that Graph withholds when a permission is missing.
    Withheld,
    /// Complete, but not believable: not who or what the files say.
    Mismatch,
}
