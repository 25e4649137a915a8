//! What a pass that has ended amounts to: whether it was a good one, what is overdue, when to come back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::controller::schedule::Ended;
use crate::controller::status::Overdue;
use crate::desired::state::{Customer, Mapping, State};
use crate::model::ids::SubscriptionId;
use crate::model::names::MappingKey;
use crate::model::ownership::Mark;
use crate::plan::operation::{Action, Kind, Operation, OperationId};
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::CustomerPlan;

/// When something that was written is looked at once more: by then every replica shows it, and what a service only said it
/// had done is asked for again.
const SECOND_LOOK: SignedDuration = SignedDuration::from_mins(6);

/// When something that does not show yet is looked for.
const NOT_YET: SignedDuration = SignedDuration::from_mins(1);

/// Whether everything was read, nothing held or refused, and everything done.
pub(super) fn is_good(plan: &CustomerPlan, outcome: Option<&CustomerOutcome>) -> bool {
    let done = |outcome: &CustomerOutcome| {
        outcome.ended_early.is_none()
            && outcome.outcomes.iter().all(|o| !matches!(o.status, Status::Failed | Status::Refused))
    };
    let left_undone = outcome.is_none() && plan.runnable().next().is_some();
    plan.is_clean() && !plan.is_settling() && !left_undone && outcome.is_none_or(done)
}

/// How the pass ended, as far as the next one depends on it.
pub(super) fn ended(plan: &CustomerPlan, outcome: Option<&CustomerOutcome>, overdue: &[Overdue]) -> Ended {
    if plan.access_lost() {
        return Ended::WithoutAccess;
    }
    let unread = plan.gaps.iter().any(|gap| gap.code.is_failed_read());
    let failed = outcome.is_some_and(|outcome| {
        let is_failure = |outcome: &Outcome| outcome.status == Status::Failed && outcome.is_begun();
        outcome.ended_early.is_some() || outcome.outcomes.iter().any(is_failure)
    });
    match (unread || failed, overdue.is_empty()) {
        (false, _) => Ended::Well,
        (true, true) => Ended::Badly,
        (true, false) => Ended::Overdue,
    }
}

/// How many guests the pass invited, who cannot have accepted yet.
pub(super) fn invited(plan: &CustomerPlan, outcome: Option<&CustomerOutcome>) -> usize {
    let invites =
        |operation: &&Operation| matches!(operation.action, Action::InviteGuest { again: None, .. });
    let invitations: BTreeSet<_> =
        plan.operations.iter().filter(invites).map(|operation| &operation.id).collect();
    let outcomes = outcome.into_iter().flat_map(|outcome| &outcome.outcomes);
    let done = outcomes.filter(|outcome| matches!(outcome.status, Status::Done | Status::Pending));
    done.filter(|outcome| invitations.contains(&outcome.operation)).count()
}

/// When the pass left something to be done or looked at.
pub(super) fn come_back(
    plan: &CustomerPlan,
    outcome: Option<&CustomerOutcome>,
    now: Timestamp,
) -> BTreeSet<Timestamp> {
    let later = |wait: SignedDuration| now.saturating_add(wait).unwrap_or(now);
    let outcomes = outcome.into_iter().flat_map(|outcome| &outcome.outcomes);
    let times = outcomes.filter_map(|outcome| match outcome.status {
        Status::Deferred(until) => Some(until),
        Status::Pending => Some(later(NOT_YET)),
        Status::Done => Some(later(SECOND_LOOK)),
        Status::AlreadySo | Status::Refused | Status::Failed => None,
    });
    times.chain(plan.is_settling().then(|| later(NOT_YET))).collect()
}

/// The withdrawals that cannot be planned because nobody knows who is inside: in each of these mappings access ended at the
/// time beside it.
pub(super) fn unproven(
    plan: &CustomerPlan,
    mark: &Mark,
    customer: &Customer,
    ended: BTreeMap<MappingKey, Timestamp>,
) -> Vec<Overdue> {
    if matches!(plan.state, State::Observe | State::Offboarded) {
        return Vec::new();
    }
    let cause = if plan.state == State::Offboard { "offboarded" } else { "ended" };
    let unread = plan.gaps.iter().find(|gap| gap.code.is_failed_read());
    let why = unread.map_or("it was not read", |gap| gap.text.as_str());
    let mappings = ended.into_iter().filter_map(|(key, since)| Some((customer.mappings.get(&key)?, since)));
    let overdue = mappings.map(|(mapping, since)| Overdue {
        // As a plan would call it.
        operation: OperationId(format!("{}{cause}", removals_from(mark, mapping))),
        kind: Kind::RemoveMembers,
        since,
        why: format!("whether it is gone cannot be told: {why}"),
    });
    overdue.collect()
}

/// How the ids of all removals from a mapping's group begin.
fn removals_from(mark: &Mark, mapping: &Mapping) -> String {
    let group = mapping.adopt.map_or_else(|| mark.group(mapping.identity()), |id| id.to_string());
    format!("removeMembers/{group}/")
}

/// What was late before, and is late still for all anybody knows: nobody could look whether it is gone.
pub(super) fn out_of_sight(
    plan: &CustomerPlan,
    mark: &Mark,
    customer: &Customer,
    before: &[Overdue],
) -> Vec<Overdue> {
    if matches!(plan.state, State::Observe | State::Offboarded) {
        return Vec::new();
    }
    let unseen = plan.measure.unseen.iter().filter_map(|key| customer.mappings.get(key));
    let unseen: Vec<String> = unseen.map(|mapping| removals_from(mark, mapping)).collect();
    let declared: Vec<String> =
        customer.mappings.values().map(|mapping| removals_from(mark, mapping)).collect();
    let is_unread = plan.gaps.iter().any(|gap| gap.code.is_failed_read());
    let of = |late: &Overdue, groups: &[String]| groups.iter().any(|of| late.operation.0.starts_with(of));
    let is_hidden = |late: &&Overdue| match late.kind {
        Kind::RemoveMembers if of(late, &declared) => of(late, &unseen),
        Kind::DeleteRoleAssignment
            if customer.subscriptions.values().any(|known| lies_in(late, known.id)) =>
        {
            plan.measure.unread_rows.iter().any(|id| lies_in(late, *id))
        }
        // In a group that no mapping names any more, or a subscription that no file names.
        _ => is_unread,
    };
    let is_planned = |late: &&Overdue| plan.operations.iter().any(|op| op.id == late.operation);
    before.iter().filter(is_hidden).filter(|late| !is_planned(late)).cloned().collect()
}

fn lies_in(late: &Overdue, subscription: SubscriptionId) -> bool {
    late.operation.0.contains(&subscription.to_string())
}

/// The withdrawals of a plan that end access and are not done; since when is what `before` says, or `now`.
pub(super) fn overdue(
    plan: &CustomerPlan,
    outcome: Option<&CustomerOutcome>,
    halted: Option<&str>,
    before: &[Overdue],
    now: Timestamp,
) -> Vec<Overdue> {
    if matches!(plan.state, State::Observe | State::Offboarded) {
        return Vec::new();
    }
    let ends_access = |action: &Action| {
        matches!(action, Action::RemoveMembers { .. } | Action::DeleteRoleAssignment { .. })
    };
    let due = plan.operations.iter().filter(|op| op.nature.is_withdrawal() && ends_access(&op.action));
    let mut overdue = Vec::new();
    for operation in due {
        let outcome = outcome.and_then(|o| o.outcomes.iter().find(|o| o.operation == operation.id));
        let why = if let Some(outcome) = outcome {
            if !matches!(outcome.status, Status::Refused | Status::Failed) {
                continue;
            }
            outcome.text.clone()
        } else {
            let hold = plan.held.iter().find(|hold| hold.operations.contains(&operation.id));
            let refusal = plan.refused.iter().find(|refusal| refusal.operations.contains(&operation.id));
            let text = hold.map(|hold| &hold.text).or(refusal.map(|refusal| &refusal.text));
            text.cloned().or_else(|| halted.map(str::to_owned))
        };
        let known = before.iter().find(|known| known.operation == operation.id);
        overdue.push(Overdue {
            operation: operation.id.clone(),
            kind: operation.action.kind(),
            since: known.map_or(now, |known| known.since),
            why: why.unwrap_or_else(|| "it was not carried out".to_owned()),
        });
    }
    overdue
}
