//! Why an operation is planned.

use serde::{Deserialize, Serialize};

use crate::model::origin::Origin;

/// One reason, with the place in the files it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// The kind of reason.
    pub rule: Rule,
    /// Where the files say so; none where the reason is that nothing says so.
    pub origin: Option<Origin>,
    /// The reason in words: a lower-case fragment.
    pub text: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// The files ask for it.
    Declared,
    /// A grant is running.
    GrantStarted,
    /// A grant, or a listed membership with an end, is over.
    GrantEnded,
    /// The person is alive and no longer in the partner group.
    LeftGroup,
    /// The person's partner account is disabled or deleted.
    Leaver,
    /// No file asks for it any more.
    NotDeclared,
    /// The customer is being left.
    Offboarding,
    /// Somebody else changed it.
    Drift,
}
