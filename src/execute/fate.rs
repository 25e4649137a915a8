//! What became of an operation, before its name is put to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::client::error::{Error, Kind};
use crate::client::receipt::{Effect, Receipt};
use crate::execute::patience::GivenUp;
use crate::journal::event::Did;
use crate::model::ids::ObjectId;
use crate::plan::outcome::{Outcome, Status};

/// What became of an operation.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    pub(super) status: Status,
    pub(super) text: Option<String>,
    /// What became of each object it was about, as far as it came to be as meant.
    pub(super) effects: BTreeMap<ObjectId, Did>,
    /// The service's ids of all its requests, the last one last.
    pub(super) requests: Vec<String>,
    /// Whether a request may have been carried out although no answer says so.
    pub(super) uncertain: bool,
}

impl Fate {
    /// Not done, and nothing was asked of a service.
    pub(super) fn not_done(reason: &str) -> Self {
        Self::saying_only(Status::Failed, format!("{}{reason}", Outcome::NOT_BEGUN))
    }

    /// Not done, because it must not be.
    pub(super) fn refused(reason: String) -> Self {
        Self::saying_only(Status::Refused, reason)
    }

    /// Not done before `until`.
    pub(super) fn deferred(until: Timestamp, reason: String) -> Self {
        Self::saying_only(Status::Deferred(until), reason)
    }

    /// What a write amounts to.
    pub(super) fn of(result: Result<Receipt, GivenUp>) -> Self {
        match result {
            Ok(Receipt { effect, request_id }) => {
                let status = match effect {
                    Effect::Done => Status::Done,
                    Effect::AlreadySo => Status::AlreadySo,
                };
                let requests = request_id.into_iter().collect();
                Self { status, text: None, effects: BTreeMap::new(), requests, uncertain: false }
            }
            Err(GivenUp::NotBegun(reason)) => Self::not_done(&reason),
            Err(GivenUp::Refused(reason)) => Self::refused(reason),
            Err(GivenUp::Failed(error)) => match error.halted() {
                Some(reason) => Self::not_done(reason),
                None => Self::failed(&error),
            },
        }
    }

    fn saying_only(status: Status, text: String) -> Self {
        let (effects, requests) = (BTreeMap::new(), Vec::new());
        Self { status, text: Some(text), effects, requests, uncertain: false }
    }

    /// What the parts of one operation, each with a label and its object, amount to together: as little as its worst part.
    pub(super) fn of_parts(parts: Vec<(String, Option<ObjectId>, Result<Receipt, GivenUp>)>) -> Self {
        let total = parts.len();
        let mut whole = Self::of(Ok(ALREADY_SO));
        let mut missed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (label, object, result) in parts {
            let mut part = Self::of(result);
            part.effects.extend(object.and_then(|object| Some((object, part.did()?))));
            whole.effects.append(&mut part.effects);
            // Parts that went in one request share its id.
            part.requests.retain(|request| !whole.requests.contains(request));
            whole.requests.append(&mut part.requests);
            whole.uncertain |= part.uncertain;
            if !matches!(part.status, Status::Done | Status::AlreadySo) {
                missed.entry(part.text.unwrap_or_default()).or_default().push(label);
            }
            whole.status = worse(whole.status, part.status);
        }
        if !missed.is_empty() {
            let number: usize = missed.values().map(Vec::len).sum();
            let listed = |prefix: &str| {
                let each = missed.iter().map(|(why, labels)| {
                    format!("{}: {}", labels.join(", "), why.strip_prefix(prefix).unwrap_or(why))
                });
                each.collect::<Vec<_>>().join("; ")
            };
            // What was only kept back is no failure, be it one thing or many.
            whole.text = Some(if missed.keys().all(|why| why.starts_with(Outcome::NOT_BEGUN)) {
                format!("{}{number} of {total}: {}", Outcome::NOT_BEGUN, listed(Outcome::NOT_BEGUN))
            } else {
                format!("{number} of {total} missing: {}", listed(""))
            });
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
        let requests = error.request_id().map(str::to_owned).into_iter().collect();
        let uncertain = error.may_have_happened();
        Self { requests, uncertain, ..Self::saying_only(status, error.summary()) }
    }

    /// The same, about that object.
    pub(super) fn on(mut self, object: ObjectId) -> Self {
        self.effects.extend(self.did().map(|did| (object, did)));
        self
    }

    /// What it did, if things are as they were meant to be.
    fn did(&self) -> Option<Did> {
        match self.status {
            Status::Done => Some(Did::Done),
            Status::AlreadySo => Some(Did::AlreadySo),
            Status::Pending | Status::Deferred(_) | Status::Refused | Status::Failed => None,
        }
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

/// What nothing had to be done for.
pub(super) const ALREADY_SO: Receipt = Receipt { effect: Effect::AlreadySo, request_id: None };

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::ObjectId;
    use crate::plan::operation::{Kind, OperationId};

    type Part = (String, Option<ObjectId>, Result<Receipt, GivenUp>);

    fn outcome(parts: Vec<Part>) -> Outcome {
        let Fate { status, text, .. } = Fate::of_parts(parts);
        let operation = OperationId("addMembers/x".to_owned());
        Outcome { operation, kind: Kind::AddMembers, status, text, request_id: None }
    }

    fn part(label: &str, result: Result<Receipt, GivenUp>) -> Part {
        (label.to_owned(), None, result)
    }

    #[test]
    fn members_that_were_kept_back_are_no_failure_and_one_that_failed_is() {
        let stopped = || Err(GivenUp::NotBegun("incident 42".to_owned()));
        let all = outcome(vec![part("ada", stopped()), part("grace", stopped())]);
        assert!(!all.is_begun());
        assert_eq!(all.text.as_deref(), Some("not done: 2 of 2: ada, grace: incident 42"));
        let some = outcome(vec![part("ada", Ok(ALREADY_SO)), part("grace", stopped())]);
        assert!(!some.is_begun());
        assert_eq!(some.text.as_deref(), Some("not done: 1 of 2: grace: incident 42"));
        let refused = Err(GivenUp::Refused("a reason".to_owned()));
        assert!(outcome(vec![part("ada", refused), part("grace", stopped())]).is_begun());
    }
}
