//! What a run did, gathered over all customers for whoever has two minutes: what went wrong and what was left alone first,
//! each cause once. Values, which the outputs for people only lay out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::desired::state::DesiredState;
use crate::plan::forecast::Cost;
use crate::plan::operation::{Operation, OperationId};
use crate::plan::outcome::{CustomerOutcome, Status};
use crate::plan::value::{CustomerPlan, Plan};
use crate::report::difference::Skipped;
use crate::report::moment;
use crate::report::outcome::{causes, counts, named};
use crate::report::review::Review;
use crate::report::review::risk::{Kind, Risk};
use crate::report::review::words::{counted, number};
use crate::report::tally::Tally;

/// What a run did.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// What was to be done.
    pub plan: &'a Plan,
    /// What became of it, by customer.
    pub outcomes: &'a [CustomerOutcome],
    /// Customers of a saved plan that were left alone, because what would be written there is something else by now.
    pub skipped: &'a [Skipped],
    /// What it was to cost and did cost.
    pub cost: Cost,
    /// When it ended.
    pub now: Timestamp,
}

/// A run as a reader sees it first.
#[derive(Debug, Clone)]
pub struct Upshot<'a> {
    /// Operations by what became of them.
    counts: Vec<String>,
    tally: Tally,
    skipped: usize,
    touched: usize,
    covered: usize,
    /// Why the run ended before its last operation, and where.
    pub ended: Vec<(&'a str, Vec<&'a str>)>,
    /// What was not simply done.
    pub troubles: Vec<Trouble<'a>>,
    /// What the plan itself left undone: holds, refusals, gaps.
    pub left: Vec<Risk<'a>>,
}

/// Operations that were not simply done, for one reason, wherever it is so.
#[derive(Debug, Clone)]
pub struct Trouble<'a> {
    /// What became of them.
    pub fate: TroubleKind,
    /// The operations, in words.
    pub what: String,
    /// The reason.
    pub text: Option<&'a str>,
    /// The service's id of one such request, for its support.
    pub request: Option<&'a str>,
    /// How many operations waited for them in vain.
    pub followers: usize,
    /// When all of them may be done.
    pub until: Option<Timestamp>,
    /// Where.
    pub customers: Vec<&'a str>,
}

/// Why operations were not simply done, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// The service refused or did not answer.
    Failed,
    /// A last look showed that it must not be.
    Refused,
    /// Its time has not come.
    Later,
    /// The service accepted it and does not show it yet.
    Pending,
}

impl TroubleKind {
    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Failed => "Failed: the next run tries again",
            Self::Refused => "Refused by a last look before the write",
            Self::Later => "For later",
            Self::Pending => "Accepted, not visible yet: the next run looks again",
        }
    }
}

impl<'a> Upshot<'a> {
    /// Looks at a whole run.
    pub fn of(run: &Run<'a>, desired: &'a DesiredState) -> Self {
        let mut ended: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut troubles: BTreeMap<(TroubleKind, String, Option<&'a str>), Trouble<'a>> = BTreeMap::new();
        let planned: BTreeMap<_, &CustomerPlan> = run.plan.customers.iter().map(|c| (&c.name, c)).collect();
        for customer in run.outcomes {
            if let Some(reason) = &customer.ended_early {
                ended.entry(reason).or_default().push(customer.name.as_str());
            }
            let operations = planned.get(&customer.name).map_or(&[][..], |plan| &plan.operations);
            gather(&mut troubles, customer, operations);
        }
        let left = |risk: &Risk<'_>| Kind::LEFT.contains(&risk.kind);
        Self {
            counts: counts(run.outcomes),
            tally: Tally::of(run.plan),
            skipped: run.skipped.len(),
            touched: run.outcomes.iter().filter(|customer| !customer.outcomes.is_empty()).count(),
            covered: run.plan.customers.len() + run.skipped.len(),
            ended: ended.into_iter().collect(),
            troubles: troubles.into_values().collect(),
            left: Review::of(run.plan, desired).risks.into_iter().filter(left).collect(),
        }
    }

    /// The run in one line.
    pub fn headline(&self) -> String {
        let at = counted(self.covered, "customer");
        let mut parts = if self.counts.is_empty() {
            let is_done = self.left.is_empty() && self.skipped == 0;
            vec![format!("nothing {} at {at}", if is_done { "to do" } else { "written" })]
        } else {
            vec![format!("{} at {} of {at}", self.counts.join(", "), number(self.touched))]
        };
        let left = [
            (self.skipped, "skipped"),
            (self.tally.held, "held"),
            (self.tally.refused, "refused before"),
            (self.tally.gaps, "unclear"),
        ];
        parts.extend(left.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", number(*n))));
        parts.join(", ")
    }
}

fn gather<'a>(
    troubles: &mut BTreeMap<(TroubleKind, String, Option<&'a str>), Trouble<'a>>,
    customer: &'a CustomerOutcome,
    operations: &'a [Operation],
) {
    let operations: BTreeMap<&OperationId, &Operation> = operations.iter().map(|o| (&o.id, o)).collect();
    for cause in causes(customer, &operations) {
        let (fate, until) = match cause.first.status {
            Status::Failed => (TroubleKind::Failed, None),
            Status::Refused => (TroubleKind::Refused, None),
            Status::Deferred(time) => (TroubleKind::Later, Some(time)),
            Status::Pending => (TroubleKind::Pending, None),
            Status::Done | Status::AlreadySo => continue,
        };
        let what = named(&cause.operations, &operations);
        let text = cause.first.text.as_deref();
        let trouble = troubles.entry((fate, what.clone(), text)).or_insert(Trouble {
            fate,
            what,
            text,
            request: cause.first.request_id.as_deref(),
            followers: 0,
            until: None,
            customers: Vec::new(),
        });
        trouble.followers += cause.followers.len();
        trouble.until = trouble.until.max(until);
        trouble.customers.push(customer.name.as_str());
    }
}

impl Trouble<'_> {
    /// What there is to add to the operations, in our own words.
    pub fn rest(&self, now: Timestamp) -> String {
        let mut rest = Vec::new();
        if let Some(time) = self.until {
            rest.push(if time > now {
                format!("from {} on, in {}", moment::shown(time), moment::distance(now, time))
            } else {
                "with the next run".to_owned()
            });
        }
        if self.followers > 0 {
            rest.push(format!("{} waited for it in vain", counted(self.followers, "operation")));
        }
        rest.join("; ")
    }
}

/// The rows of a summary that say something of what came true.
pub fn achieved(done: &Review<'_>) -> Vec<(&'static str, String)> {
    let mut rows = done.summary();
    rows.retain(|(what, _)| matches!(*what, "Customers changed" | "Gained" | "Lost" | "Renamed"));
    rows
}

impl Run<'_> {
    /// The part of the plan that came true.
    pub fn carried(&self) -> Plan {
        let done = |status| matches!(status, Status::Done | Status::AlreadySo | Status::Pending);
        let outcomes: BTreeMap<_, _> =
            self.outcomes.iter().map(|customer| (&customer.name, customer)).collect();
        let mut customers = self.plan.customers.clone();
        for customer in &mut customers {
            let outcomes = outcomes.get(&customer.name).map_or(&[][..], |customer| &customer.outcomes);
            let done: std::collections::BTreeSet<&OperationId> = outcomes
                .iter()
                .filter(|outcome| done(outcome.status))
                .map(|outcome| &outcome.operation)
                .collect();
            customer.operations.retain(|operation| done.contains(&operation.id));
            customer.held.clear();
            customer.refused.clear();
            customer.gaps.clear();
            customer.findings.clear();
        }
        Plan { now: self.plan.now, customers, digest: self.plan.digest.clone() }
    }
}
