//! A refusal is a claim too: what a service says it did not do, and what is there all the same, counts as done.

use std::collections::BTreeMap;

use crate::client::error::Error;
use crate::client::limiter::Priority;
use crate::client::receipt::Receipt;
use crate::execute::pass::Pass;
use crate::execute::patience::GivenUp;
use crate::model::ids::ObjectId;

/// What was to become of memberships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    /// They were to begin.
    Wanted,
    /// They were to end.
    Unwanted,
}

/// What a write amounts to, given a look at what it was about. The refusal stands if the look fails too.
pub(super) async fn unless_so(
    answered: Result<Receipt, Error>,
    is_so: impl AsyncFnOnce() -> Result<bool, Error>,
) -> Result<Receipt, Error> {
    match answered {
        Err(error) if !error.did_nothing() && matches!(is_so().await, Ok(true)) => {
            Ok(Receipt::done_without_saying_so())
        }
        answered => answered,
    }
}

impl Pass<'_> {
    /// Sets right what the service refused to do with members of a group, if the group shows that it was done.
    pub(super) async fn believe_the_members(
        &self,
        group: ObjectId,
        membership: Membership,
        results: &mut BTreeMap<ObjectId, Result<Receipt, GivenUp>>,
        priority: Priority,
    ) {
        let doubtful =
            |result: &Result<Receipt, GivenUp>| matches!(result, Err(GivenUp::Failed(e)) if !e.did_nothing());
        if !results.values().any(doubtful) {
            return;
        }
        let Ok(members) = self.graph(priority).members(group).await else { return };
        for (object, result) in results.iter_mut().filter(|(_, result)| doubtful(result)) {
            if members.contains_key(object) == (membership == Membership::Wanted) {
                *result = Ok(Receipt::done_without_saying_so());
            }
        }
    }
}
