//! What came of a run.

/// What must always hold, and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Which invariant, by the name of the function that judges it.
    pub(crate) of: &'static str,
    /// What happened.
    pub(crate) text: String,
}

/// What came of one seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) seed: u64,
    pub(crate) violation: Option<Violation>,
    pub(crate) requests: u64,
    /// The digest of everything that was asked, written and said.
    pub(crate) digest: String,
    /// What happened, step by step.
    pub(crate) story: Vec<String>,
}

/// Ends a judgement with a text unless something is so.
macro_rules! ensure {
    ($so:expr, $($text:tt)+) => {
        if !$so {
            return Err(format!($($text)+));
        }
    };
}

pub(crate) use ensure;
