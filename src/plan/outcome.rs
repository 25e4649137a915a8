//! What became of the operations of a plan.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::names::CustomerName;
use crate::plan::operation::{Kind, OperationId};

/// What became of one customer's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerOutcome {
    /// Whose.
    pub name: CustomerName,
    /// One per operation that was to be carried out, in the plan's order.
    pub outcomes: Vec<Outcome>,
    /// Why the pass ended before its last operation, if it did.
    pub ended_early: Option<String>,
}

/// What became of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which operation.
    pub operation: OperationId,
    /// Its kind.
    pub kind: Kind,
    /// What became of it.
    pub status: Status,
    /// What there is to say about it: a failure's cause, what else was found.
    pub text: Option<String>,
    /// The service's own id of the last request, for its support.
    pub request_id: Option<String>,
}

impl Outcome {
    /// Not begun: the word that opens the text of an operation for which nothing was asked of a service.
    pub const NOT_BEGUN: &str = "not done: ";

    /// Whether anything was asked of a service. What was not begun is nobody's failure: the kill switch, the journal, or what
    /// it needed kept it back.
    pub fn is_begun(&self) -> bool {
        self.status != Status::Failed
            || !self.text.as_deref().unwrap_or_default().starts_with(Self::NOT_BEGUN)
    }

    /// What became of it in a word, as metrics count it.
    pub fn word(&self) -> &'static str {
        if self.is_begun() { self.status.as_str() } else { "notBegun" }
    }
}

/// What can become of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// The service says it is done.
    Done,
    /// It was so already.
    AlreadySo,
    /// Done by the service's word, not yet visible when read again.
    Pending,
    /// Not yet: it may be done from then on.
    Deferred(Timestamp),
    /// Not done, because a last look showed that it must not be.
    Refused,
    /// Not done; the next pass tries again.
    Failed,
}

impl Status {
    /// The status without its time, as reports and metrics spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadySo => "alreadySo",
            Self::Pending => "pending",
            Self::Deferred(_) => "deferred",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}
