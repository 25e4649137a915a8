//! Limits over all customers of a sweep. One that strikes holds every customer it touches, not the last ones.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::desired::state::{DesiredState, Limit, Override};
use crate::model::ids::PersonId;
use crate::model::names::GroupName;
use crate::plan::because::Rule;
use crate::plan::diff::count;
use crate::plan::guard::changes;
use crate::plan::guard::limits::{Tally, rule};
use crate::plan::memory::{Beside, Spent};
use crate::plan::operation::{Action, Nature, Operation, OperationId};
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::{Finding, FindingCode, Hold, HoldCode};

/// How far ahead an `Override` may end and release anything: one written for good would let through plans nobody has seen.
const LONGEST_RELEASE: SignedDuration = SignedDuration::from_hours(7 * 24);

const RELEASE: &str =
    "if this is meant, release the customers with an Override document under overrides/, or split the change";

/// Judges a sweep. Customers that an `Override` releases neither count nor are held.
pub(in crate::plan) fn judge(
    desired: &DesiredState,
    plans: &mut [CustomerPlan],
    beside: &Beside,
    now: Timestamp,
) {
    let mut counted = Vec::new();
    for plan in plans.iter_mut() {
        if !release(desired, plan, now) && writes(plan) {
            counted.push(plan);
        }
    }
    by_kind(desired, &mut counted, beside);
    by_source(desired, &mut counted);
    by_leavers(desired, &mut counted, beside);
    by_offboardings(desired, &mut counted, beside);
    for plan in plans.iter_mut() {
        name_another(desired, plan, now);
    }
}

/// Judges one customer without the others: only what an `Override` says of it.
pub(in crate::plan) fn judge_alone(desired: &DesiredState, plan: &mut CustomerPlan, now: Timestamp) {
    release(desired, plan, now);
    name_another(desired, plan, now);
}

/// The operations of one customer that a limit over all customers could hold: those that [`judge`] holds where every limit
/// strikes.
pub(in crate::plan) fn may_be_held(plan: &CustomerPlan) -> BTreeSet<OperationId> {
    let released = plan.findings.iter().any(|finding| finding.code == FindingCode::Released);
    if released || !writes(plan) {
        return BTreeSet::new();
    }
    let mut held = BTreeSet::new();
    let leaving = leaving(plan);
    let shrinks = plan.measure.sources.values().any(|(_, removed)| *removed > 0);
    if shrinks || !leaving.is_empty() || Tally::of(&plan.operations) != Tally::default() {
        held.extend(leaving);
        held.extend(changes(&plan.operations));
    }
    if plan.measure.starts_offboarding {
        held.extend(offboarding(plan));
    }
    held
}

/// Whether the state of the customer lets anything be written.
pub(in crate::plan) fn writes(plan: &CustomerPlan) -> bool {
    use crate::desired::state::State;
    !matches!(plan.state, State::Observe | State::Offboarded)
}

/// Drops the limits' holds of a customer whose digest an `Override` in force names.
fn release(desired: &DesiredState, plan: &mut CustomerPlan, now: Timestamp) -> bool {
    let named = || {
        let meant = |entry: &&Override| {
            entry.customer == plan.name
                && (entry.digest == plan.digest.as_str() || defect!(OverrideForAnything))
        };
        desired.overrides.iter().filter(meant).filter(|entry| now < entry.expires)
    };
    let begins = |entry: &Override| entry.expires.saturating_sub(LONGEST_RELEASE).unwrap_or(now);
    let Some(release) = named().find(|entry| begins(entry) <= now) else {
        let early = named().map(|entry| Finding {
            code: FindingCode::OverrideTooLong,
            of: plan.name.to_string(),
            text: format!(
                "override {} ({}) ends {}, more than 7 days ahead: it releases nothing before {}",
                entry.name,
                entry.origin,
                entry.expires,
                begins(entry)
            ),
            hint: Some("let it end within 7 days".to_owned()),
        });
        let early: Vec<Finding> = early.collect();
        plan.findings.extend(early);
        plan.findings.sort();
        return false;
    };
    let before = plan.held.len();
    plan.held.retain(|hold| !hold.code.is_releasable());
    let stays = match plan.held.len() {
        0 => String::new(),
        1 => ", 1 stays, which no override lifts".to_owned(),
        some => format!(", {some} stay, which no override lifts"),
    };
    let text = format!(
        "override {} ({}) releases this plan until {}: {} ({} lifted{stays})",
        release.name,
        release.origin,
        release.expires,
        release.reason,
        count(before - plan.held.len(), "hold")
    );
    plan.findings.push(Finding { code: FindingCode::Released, of: plan.name.to_string(), text, hint: None });
    plan.findings.sort();
    true
}

/// Says of a customer that a limit holds that an `Override` for it was written for another plan or is over: its author
/// believes it is released.
fn name_another(desired: &DesiredState, plan: &mut CustomerPlan, now: Timestamp) {
    let here = |entry: &&Override| entry.customer == plan.name && now < entry.expires;
    let is_meant = |entry: &Override| entry.digest == plan.digest.as_str();
    let releasable = plan.held.iter().any(|hold| hold.code.is_releasable());
    if !releasable || desired.overrides.iter().filter(here).any(is_meant) {
        return;
    }
    let others = desired.overrides.iter().filter(here).map(|entry| Finding {
        code: FindingCode::OverrideOfAnotherPlan,
        of: plan.name.to_string(),
        text: format!(
            "override {} ({}) names {}, and what would be written here is {} by now: it releases nothing",
            entry.name, entry.origin, entry.digest, plan.digest
        ),
        hint: Some(
            "look at the plan as it is now; if it is meant, let the override name its digest".to_owned(),
        ),
    });
    let ended = |entry: &&Override| entry.customer == plan.name && entry.expires <= now && is_meant(entry);
    let ended = desired.overrides.iter().filter(ended).map(|entry| Finding {
        code: FindingCode::OverrideEnded,
        of: plan.name.to_string(),
        text: format!(
            "override {} ({}) named this plan and ended at {}: it releases nothing any more",
            entry.name, entry.origin, entry.expires
        ),
        hint: Some("if the plan is still meant, let the override end later".to_owned()),
    });
    let others: Vec<Finding> = others.chain(ended).collect();
    plan.findings.extend(others);
    plan.findings.sort();
}

fn hold(
    plan: &mut CustomerPlan,
    code: HoldCode,
    operations: BTreeSet<OperationId>,
    numbers: (usize, usize),
    text: &str,
) {
    let (measured, limit) = numbers;
    plan.held.push(Hold {
        code,
        operations,
        measured,
        limit,
        text: text.to_owned(),
        hint: RELEASE.to_owned(),
    });
    plan.held.sort_by(|a, b| (a.code, &a.operations, &a.text).cmp(&(b.code, &b.operations, &b.text)));
}

fn by_kind(desired: &DesiredState, plans: &mut [&mut CustomerPlan], beside: &Beside) {
    type Count = fn(&Tally) -> usize;
    type Managed = fn(&CustomerPlan) -> usize;
    type Other = fn(&Spent) -> usize;
    let limits = desired.policy.limits.fleet;
    let kinds: [(HoldCode, Count, Managed, Other, Limit, &str); 4] = [
        (
            HoldCode::FleetMembers,
            |t| t.members,
            |p| p.measure.members,
            |o| o.members,
            limits.members,
            "memberships would be removed",
        ),
        (
            HoldCode::FleetAssignments,
            |t| t.assignments,
            |p| p.measure.assignments,
            |o| o.assignments,
            limits.assignments,
            "role assignments would be deleted",
        ),
        (
            HoldCode::FleetGuests,
            |t| t.guests,
            |p| p.measure.guests,
            |o| o.guests,
            limits.guests,
            "guests would be deleted",
        ),
        (
            HoldCode::FleetGroups,
            |t| t.groups,
            |p| p.measure.groups,
            |o| o.groups,
            limits.groups,
            "groups would be deleted",
        ),
    ];
    for (code, count, managed, other, limit, what) in kinds {
        let planned: usize = plans.iter().map(|plan| count(&Tally::of(&plan.operations))).sum();
        let measured = planned + other(&beside.spent);
        let total = plans.iter().map(|plan| managed(plan)).sum::<usize>() + other(&beside.managed);
        let allowed = limit.allowed(total);
        if measured > allowed && !defect!(GuardForgetsFleet) {
            let text = format!(
                "over all customers, {measured} of {total} {what}{}; allowed are {}",
                within_a_day(other(&beside.spent)),
                rule(limit, allowed)
            );
            strike(plans, code, count, (measured, allowed), &text);
        }
    }
    let planned: usize = plans.iter().map(|plan| Tally::of(&plan.operations).invitations).sum();
    let measured = planned + beside.spent.invitations;
    if measured > limits.invitations {
        let text = format!(
            "over all customers, {measured} people would be invited{}; allowed are {}",
            within_a_day(beside.spent.invitations),
            limits.invitations
        );
        strike(plans, HoldCode::FleetInvitations, |t| t.invitations, (measured, limits.invitations), &text);
    }
}

/// How much of what is counted was set about already.
fn within_a_day(spent: usize) -> String {
    if spent == 0 { String::new() } else { format!(" ({spent} of them in the last 24 hours)") }
}

fn strike(
    plans: &mut [&mut CustomerPlan],
    code: HoldCode,
    count: fn(&Tally) -> usize,
    numbers: (usize, usize),
    text: &str,
) {
    for plan in plans.iter_mut().filter(|plan| count(&Tally::of(&plan.operations)) > 0) {
        let operations = changes(&plan.operations);
        hold(plan, code, operations, numbers, text);
    }
}

/// A partner group that shrinks is judged once, over every customer that has it.
fn by_source(desired: &DesiredState, plans: &mut [&mut CustomerPlan]) {
    let limit = desired.policy.limits.source_shrink;
    let mut sources: BTreeMap<GroupName, (usize, usize)> = BTreeMap::new();
    for plan in plans.iter() {
        for (source, (now, removed)) in &plan.measure.sources {
            let total = sources.entry(source.clone()).or_default();
            total.0 += now;
            total.1 += removed;
        }
    }
    for (source, (now, removed)) in sources {
        let allowed = limit.allowed(now);
        if removed <= allowed || defect!(GuardForgetsSource) {
            continue;
        }
        let text = format!(
            "partner group {source} would lose {removed} of {now} memberships over all customers; allowed are {}",
            rule(limit, allowed)
        );
        for plan in plans.iter_mut() {
            if plan.measure.sources.get(&source).is_some_and(|(_, removed)| *removed > 0) {
                let operations = changes(&plan.operations);
                hold(plan, HoldCode::SourceShrink, operations, (removed, allowed), &text);
            }
        }
    }
}

/// Leavers are counted in people, against everybody who has access anywhere. Who began to leave within the day counts with
/// them and goes on leaving at every customer where nobody new leaves with her.
fn by_leavers(desired: &DesiredState, plans: &mut [&mut CustomerPlan], beside: &Beside) {
    let limit = desired.policy.limits.fleet_leavers;
    let mut leavers: BTreeSet<PersonId> =
        plans.iter().flat_map(|plan| plan.measure.leavers.iter().copied()).collect();
    if leavers.is_subset(&beside.leavers) {
        return;
    }
    leavers.extend(&beside.leavers);
    if leavers.len() <= limit.floor {
        // Allowed in any case: without counting everybody of the fleet, which costs more than the rest of the guard.
        return;
    }
    let others = beside.others.iter().flat_map(|plan| &plan.measure.people);
    let people = plans.iter().flat_map(|plan| &plan.measure.people).chain(others).chain(&beside.leavers);
    let people: BTreeSet<PersonId> = people.copied().collect();
    let allowed = limit.allowed(people.len());
    if leavers.len() <= allowed {
        return;
    }
    let text = format!(
        "{} of {} people would leave at once{}; allowed are {}: is the partner tenant read right?",
        leavers.len(),
        people.len(),
        within_a_day(beside.leavers.len()),
        rule(limit, allowed)
    );
    for plan in plans.iter_mut() {
        let mut operations = leaving(plan);
        if !operations.is_empty() && !plan.measure.leavers.is_subset(&beside.leavers) {
            operations.extend(changes(&plan.operations));
            hold(plan, HoldCode::FleetLeavers, operations, (leavers.len(), allowed), &text);
        }
    }
}

fn by_offboardings(desired: &DesiredState, plans: &mut [&mut CustomerPlan], beside: &Beside) {
    let allowed = desired.policy.limits.offboardings_per_day;
    let starting = plans.iter().filter(|plan| plan.measure.starts_offboarding).count();
    let measured = starting + beside.spent.offboardings;
    if starting == 0 || measured <= allowed {
        return;
    }
    let customers = count(measured, "customer");
    let text = format!("the offboarding of {customers} would start; allowed are {allowed} a day");
    for plan in plans.iter_mut().filter(|plan| plan.measure.starts_offboarding) {
        let operations = offboarding(plan);
        hold(plan, HoldCode::OffboardingsPerDay, operations, (measured, allowed), &text);
    }
}

/// What takes leavers out.
fn leaving(plan: &CustomerPlan) -> BTreeSet<OperationId> {
    let of_leavers = |operation: &&Operation| operation.nature == Nature::Leaver;
    plan.operations.iter().filter(of_leavers).map(|operation| operation.id.clone()).collect()
}

/// What waits for an offboarding's turn. What ends access that has ended anyway does not.
fn offboarding(plan: &CustomerPlan) -> BTreeSet<OperationId> {
    let has_ended_anyway = |operation: &&Operation| {
        operation.nature.is_withdrawal()
            && matches!(operation.action, Action::RemoveMembers { .. })
            && operation.because.iter().all(|because| because.rule != Rule::Offboarding)
    };
    let spared: BTreeSet<OperationId> =
        plan.operations.iter().filter(has_ended_anyway).map(|operation| operation.id.clone()).collect();
    let all = plan.operations.iter().map(|operation| operation.id.clone());
    all.filter(|id| !spared.contains(id)).collect()
}
