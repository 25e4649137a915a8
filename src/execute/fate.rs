//! What became of an operation, before its name is put to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::client::error::{Error, Kind};
use crate::client::receipt::{Effect, Receipt};
use crate::execute::patience::GivenUp;
use crate::plan::outcome::Status;

/// What became of an operation.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    pub(super) status: Status,
    pub(super) text: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Fate {
    /// Not done, and nothing was asked of a service.
    pub(super) fn not_done(reason: &str) -> Self {
        Self { status: Status::Failed, text: Some(format!("not done: {reason}")), request_id: None }
    }

    /// Not done, because it must not be.
    pub(super) fn refused(reason: String) -> Self {
        Self { status: Status::Refused, text: Some(reason), request_id: None }
    }

    /// Not done before `until`.
    pub(super) fn deferred(until: Timestamp, reason: String) -> Self {
        Self { status: Status::Deferred(until), text: Some(reason), request_id: None }
    }

    /// What a write amounts to.
    pub(super) fn of(result: Result<Receipt, GivenUp>) -> Self {
        match result {
            Ok(Receipt { effect, request_id }) => {
                let status = match effect {
                    Effect::Done => Status::Done,
                    Effect::AlreadySo => Status::AlreadySo,
                };
                Self { status, text: None, request_id }
            }
            Err(GivenUp::NotBegun(reason)) => Self::not_done(&reason),
            Err(GivenUp::Refused(reason)) => Self::refused(reason),
            Err(GivenUp::Failed(error)) => Self::failed(&error),
        }
    }

    /// What the parts of one operation, each with a label, amount to together: as little as its worst part.
    pub(super) fn of_parts(parts: Vec<(String, Result<Receipt, GivenUp>)>) -> Self {
        let total = parts.len();
        let mut whole = Self { status: Status::AlreadySo, text: None, request_id: None };
        let mut missed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (label, result) in parts {
            let part = Self::of(result);
            if !matches!(part.status, Status::Done | Status::AlreadySo) {
                missed.entry(part.text.unwrap_or_default()).or_default().push(label);
            }
            whole.request_id = part.request_id.or(whole.request_id);
            whole.status = worse(whole.status, part.status);
        }
        if !missed.is_empty() {
            let number: usize = missed.values().map(Vec::len).sum();
            let missed = missed.iter().map(|(why, labels)| format!("{}: {why}", labels.join(", ")));
            let missed = missed.collect::<Vec<_>>().join("; ");
            whole.text = Some(format!("{number} of {total} missing: {missed}"));
        }
        whole
    }

    /// What an error amounts to. Locks, conditions and the tenant's own rules are somebody's will, not a failure.
    fn failed(error: &Error) -> Self {
        let status = match error.kind() {
            Kind::AlreadySo | Kind::AssignmentExists => Status::AlreadySo,
            Kind::ScopeLocked
            | Kind::ConditionDenied
            | Kind::PolicyDenied
            | Kind::Unmanageable
            | Kind::LastAdministrator => Status::Refused,
            _ => Status::Failed,
        };
        Self { status, text: Some(error.summary()), request_id: error.request_id().map(str::to_owned) }
    }

    /// The same with something more to say.
    pub(super) fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Whether what depends on it may be done.
    pub(super) fn succeeded(&self) -> bool {
        matches!(self.status, Status::Done | Status::AlreadySo)
    }
}

/// The worse of two statuses.
fn worse(one: Status, other: Status) -> Status {
    let rank = |status| match status {
        Status::AlreadySo => 0,
        Status::Done => 1,
        Status::Pending => 2,
        Status::Deferred(_) => 3,
        Status::Refused => 4,
        Status::Failed => 5,
    };
    if rank(other) > rank(one) { other } else { one }
}
