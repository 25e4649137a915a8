//! From the board to the metrics: what happens is counted when it happens, how things stand is read when somebody asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::controller::board::{Board, JournalHealth};
use crate::controller::event::Event;
use crate::controller::http::health;
use crate::controller::status::{Condition, CustomerStatus, Trigger};
use crate::journal::{Health, Journal};
use crate::plan::because::Rule;
use crate::plan::operation::{Operation, OperationId};
use crate::plan::outcome::Status;
use crate::report::words::{code, state};
use crate::telemetry::metrics::Metrics;
use crate::telemetry::metrics::fleet::Standing;

/// Counts everything that happens from now on.
pub fn listen(board: &Board, metrics: &Arc<Metrics>) {
    let metrics = Arc::clone(metrics);
    board.listen(move |event| match event {
        Event::PassEnded { before, after } => count(&metrics, before, after),
        Event::Refused(_) => metrics.controller.refused(),
        Event::Accepted(_)
        | Event::Stopped(_)
        | Event::Resumed
        | Event::FeedsResynced(_)
        | Event::Journal(_) => {}
    });
}

/// Notes how everything stands.
pub fn refresh(board: &Board, journal: &Journal, metrics: &Metrics) {
    let overview = board.overview();
    let controller = &metrics.controller;
    controller.beat(seconds(overview.last_turn));
    let partner_read = overview.partner_read.unwrap_or(overview.started);
    controller.partner_read(seconds(partner_read), overview.partner_gaps.len());
    controller.stopped(overview.stopped.is_some());
    controller.ready(health::unready(&overview).is_none());
    controller.current(overview.revision.is_some() && overview.refused.is_none());
    if let Some(revision) = &overview.revision {
        let name = revision.commit.as_deref().unwrap_or_else(|| revision.digest.as_str());
        controller.in_force(name, seconds(revision.accepted));
    }
    let sound = !matches!(overview.journal, JournalHealth::Trouble(_));
    metrics.journal.usable(sound);
    let Health { records, latest, waiting, lost, .. } = journal.health();
    metrics.journal.holds(records, latest.map(seconds), waiting, lost);
    let since = seconds(overview.started);
    let customers = board.customers();
    metrics.fleet.stand(customers.iter().map(|c| (c.name.to_string(), standing(c, since))).collect());
}

/// A time as Prometheus has it.
fn seconds(time: Timestamp) -> f64 {
    time.as_second() as f64 + f64::from(time.subsec_millisecond()) / 1000.0
}

fn standing(customer: &CustomerStatus, since: f64) -> Standing {
    let mut standing = Standing {
        state: state(customer.state),
        condition: customer.condition().as_str(),
        last_good: customer.last_good.map(seconds),
        since,
        pending_invitations: customer.pending_invitations,
        overdue: customer.overdue.len(),
        ..Standing::default()
    };
    let Some(plan) = &customer.plan else { return standing };
    for hold in &plan.held {
        *standing.held.entry(code(hold.code)).or_default() += hold.operations.len();
    }
    for refusal in &plan.refused {
        // One that kept an operation from being planned counts like one.
        *standing.refused.entry(code(refusal.code)).or_default() += refusal.operations.len().max(1);
    }
    for gap in &plan.gaps {
        *standing.gaps.entry(code(gap.code)).or_default() += 1;
    }
    let done = done(customer);
    for operation in plan.operations.iter().filter(|o| is_drift(o) && !done.contains(&o.id)) {
        *standing.drift.entry(operation.action.kind().as_str().to_owned()).or_default() += 1;
    }
    standing
}

fn count(metrics: &Metrics, before: &CustomerStatus, after: &CustomerStatus) {
    let Some(pass) = &after.last_pass else { return };
    let took = seconds(pass.ended) - seconds(pass.began);
    metrics.fleet.passed(pass.trigger.as_str(), after.condition().as_str(), took.max(0.0));
    let Some(plan) = &after.plan else { return };
    let known: BTreeSet<&OperationId> =
        before.plan.iter().flat_map(|plan| &plan.operations).map(|operation| &operation.id).collect();
    let done = done(after);
    let mut found: BTreeMap<&'static str, usize> = BTreeMap::new();
    for operation in plan.operations.iter().filter(|operation| is_new_drift(operation, before, after)) {
        let kind = operation.action.kind().as_str();
        if !known.contains(&operation.id) {
            *found.entry(kind).or_default() += 1;
        }
        if done.contains(&operation.id) {
            metrics.fleet.repaired_drift(kind);
        }
    }
    for (kind, count) in found {
        metrics.fleet.found_drift(kind, count);
    }
}

/// Whether somebody else made this difference: the plan says so.
fn is_drift(operation: &Operation) -> bool {
    operation.because.iter().any(|because| because.rule == Rule::Drift)
}

/// The same, and what is missing again that was there: nothing else explains a difference at a customer that was as the files
/// say, if neither they nor the partner's tenant nor the time gave a reason to look.
fn is_new_drift(operation: &Operation, before: &CustomerStatus, after: &CustomerStatus) -> bool {
    let was_good = before.condition() == Condition::Good
        && before.plan.as_ref().is_some_and(|plan| plan.operations.is_empty());
    let unprompted =
        after.last_pass.is_some_and(|pass| matches!(pass.trigger, Trigger::Interval | Trigger::Request));
    let missing = operation.because.iter().all(|because| because.rule == Rule::Declared);
    is_drift(operation) || (was_good && unprompted && missing)
}

fn done(customer: &CustomerStatus) -> BTreeSet<&OperationId> {
    let outcomes = customer.outcome.iter().flat_map(|outcome| &outcome.outcomes);
    outcomes.filter(|outcome| outcome.status == Status::Done).map(|outcome| &outcome.operation).collect()
}
