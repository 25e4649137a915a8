//! What became of a write.

/// A write that left things as they were meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whether this request did it.
    pub effect: Effect,
    /// The service's id of the request, for its support.
    pub request_id: Option<String>,
}

/// Whether a write changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It did.
    Done,
    /// It was so already.
    AlreadySo,
}

impl Receipt {
    pub(super) fn done(request_id: Option<String>) -> Self {
        Self { effect: Effect::Done, request_id }
    }

    /// It is done, as a look has shown, although the service's answer was lost or said otherwise.
    pub(crate) fn done_without_saying_so() -> Self {
        Self::done(None)
    }

    pub(super) fn already_so(request_id: Option<&str>) -> Self {
        Self { effect: Effect::AlreadySo, request_id: request_id.map(str::to_owned) }
    }
}
