//! What became of a plan, in words: a count per customer, and what is not simply done, each cause once.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;

use crate::plan::operation::{Operation, OperationId};
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::Plan;
use crate::plan::verdict::{Finding, FindingCode};
use crate::report::escape::{self, escape};
use crate::report::moment;
use crate::report::paint::{ALARM, CHANGE, DIM, NAME, STRONG, paint};
use crate::report::review::words::number;
use crate::report::tally::Tally;
use crate::report::words;

/// More operations of one cause than this are counted, not named.
const NAMED: usize = 5;

/// All customers with outcomes, closed by one line that sums up. `now` is when the run ended.
pub fn text(plan: &Plan, customers: &[CustomerOutcome], now: Timestamp) -> String {
    let mut text = String::new();
    for customer in customers {
        if customer.outcomes.is_empty() && customer.ended_early.is_none() {
            continue;
        }
        let operations: BTreeMap<&OperationId, &Operation> = plan
            .customers
            .iter()
            .filter(|planned| planned.name == customer.name)
            .flat_map(|planned| &planned.operations)
            .map(|operation| (&operation.id, operation))
            .collect();
        let counts = counts(std::slice::from_ref(customer));
        let _infallible = writeln!(text, "{}  {}", paint(NAME, &customer.name), counts.join(", "));
        for cause in causes(customer, &operations) {
            text.push_str(&cause.text(&operations, now));
        }
        let planned = plan.customers.iter().filter(|planned| planned.name == customer.name);
        let stays =
            |finding: &&Finding| matches!(finding.code, FindingCode::GuestKept | FindingCode::Remains);
        for finding in planned.flat_map(|planned| &planned.findings).filter(stays) {
            let of = if finding.text.contains(&finding.of) || finding.of == customer.name.as_str() {
                String::new()
            } else {
                format!("{}: ", escape(&finding.of))
            };
            let _infallible = writeln!(text, "  * stays: {of}{}", escape::sentence(&finding.text));
        }
        if let Some(reason) = &customer.ended_early {
            let _infallible = writeln!(text, "  {} {}", paint(ALARM, "! ended early:"), escape(reason));
        }
    }
    text.push_str(&summary(plan, customers));
    text
}

/// What was done, and what the plan itself left undone: a run that only held something back has not applied everything.
fn summary(plan: &Plan, customers: &[CustomerOutcome]) -> String {
    let tally = Tally::of(plan);
    let left = [(tally.held, "held"), (tally.refused, "refused"), (tally.gaps, "unclear")];
    let left: Vec<String> = left
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    let counts = counts(customers);
    let done = match (counts.is_empty(), left.is_empty()) {
        (true, true) => "nothing to do".to_owned(),
        (true, false) => "nothing".to_owned(),
        (false, _) => counts.join(", "),
    };
    let left = if left.is_empty() { String::new() } else { format!(" Left alone: {}.", left.join(", ")) };
    format!("{}{done}.{left}\n", paint(STRONG, "Applied: "))
}

/// Whether the operation was begun at all, rather than cut off by what ended the customer's run early.
fn began(outcome: &Outcome, customer: &CustomerOutcome) -> bool {
    outcome.is_begun() || customer.ended_early.is_none()
}

pub(super) fn counts(customers: &[CustomerOutcome]) -> Vec<String> {
    let mut counts: BTreeMap<u8, (&str, usize)> = BTreeMap::new();
    for outcome in customers.iter().flat_map(|customer| &customer.outcomes) {
        let (rank, words) = match outcome.status {
            Status::Done => (0, "done"),
            Status::AlreadySo => (1, "so already"),
            Status::Pending => (2, "not visible yet"),
            Status::Deferred(_) => (3, "for later"),
            Status::Refused => (4, "refused"),
            Status::Failed if outcome.is_begun() => (5, "failed"),
            Status::Failed => (6, "not begun"),
        };
        counts.entry(rank).or_insert((words, 0)).1 += 1;
    }
    counts.into_values().map(|(words, count)| format!("{} {words}", number(count))).collect()
}

/// Operations that were not simply done for one reason, and those that waited for them.
pub(super) struct Cause<'a> {
    pub(super) first: &'a Outcome,
    pub(super) operations: Vec<&'a OperationId>,
    pub(super) followers: Vec<&'a OperationId>,
}

/// The causes, in the order of their first operation.
pub(super) fn causes<'a>(
    customer: &'a CustomerOutcome,
    operations: &BTreeMap<&OperationId, &'a Operation>,
) -> Vec<Cause<'a>> {
    let mut causes: Vec<Cause<'a>> = Vec::new();
    let mut by_words: BTreeMap<(Status, Option<&str>), usize> = BTreeMap::new();
    // Which cause each operation belongs to that was not simply done.
    let mut open: BTreeMap<&OperationId, usize> = BTreeMap::new();
    let undone = |outcome: &&Outcome| !matches!(outcome.status, Status::Done | Status::AlreadySo);
    for outcome in customer.outcomes.iter().filter(undone).filter(|outcome| began(outcome, customer)) {
        let needs = operations.get(&outcome.operation).map(|operation| &operation.needs);
        let followed = needs.into_iter().flatten().find_map(|need| open.get(need).copied());
        let cause = followed.unwrap_or_else(|| {
            *by_words.entry((outcome.status, outcome.text.as_deref())).or_insert(causes.len())
        });
        if cause == causes.len() {
            causes.push(Cause { first: outcome, operations: Vec::new(), followers: Vec::new() });
        }
        let Cause { operations, followers, .. } = &mut causes[cause];
        if followed.is_some() { followers } else { operations }.push(&outcome.operation);
        // What is done and only not visible yet keeps nothing back.
        if outcome.status != Status::Pending {
            open.insert(&outcome.operation, cause);
        }
    }
    causes
}

impl Cause<'_> {
    fn text(&self, operations: &BTreeMap<&OperationId, &Operation>, now: Timestamp) -> String {
        let Outcome { status, text, request_id, .. } = self.first;
        let (style, word, rest) = if self.first.is_begun() {
            words_for(*status, now)
        } else {
            (ALARM, "! not begun:", ": the next run tries again".to_owned())
        };
        let what = named(&self.operations, operations);
        let mut shown = format!("  {} {what}{rest}\n", paint(style, word));
        if let Some(text) = text {
            let _infallible = writeln!(shown, "      {}", escape(text));
        }
        if let (Some(id), Status::Failed | Status::Refused) = (request_id, status) {
            let _infallible = writeln!(shown, "      {}", paint(DIM, format!("request id {}", escape(id))));
        }
        if !self.followers.is_empty() {
            let _infallible =
                writeln!(shown, "      {} {}", paint(DIM, "with it:"), named(&self.followers, operations));
        }
        shown
    }
}

fn words_for(status: Status, now: Timestamp) -> (anstyle::Style, &'static str, String) {
    match status {
        Status::Done | Status::AlreadySo => (DIM, "", String::new()),
        Status::Pending => {
            let rest = ": the service accepted it and does not show it yet; the next run looks again";
            (CHANGE, "~ not visible yet:", rest.to_owned())
        }
        Status::Deferred(time) => {
            let rest = if time > now {
                format!(": from {} on, in {}", moment::shown(time), moment::distance(now, time))
            } else {
                ": with the next run".to_owned()
            };
            (CHANGE, "~ for later:", rest)
        }
        Status::Refused => (ALARM, "! refused:", String::new()),
        Status::Failed => (ALARM, "! failed:", ": the next run tries again".to_owned()),
    }
}

/// Operations as fragments, the first few of them.
pub(super) fn named(ids: &[&OperationId], operations: &BTreeMap<&OperationId, &Operation>) -> String {
    let words = |id: &&OperationId| {
        operations.get(*id).map_or_else(|| escape(&id.0).into_owned(), |o| words::action(&o.action))
    };
    let mut named = ids.iter().take(NAMED).map(words).collect::<Vec<_>>().join("; ");
    if ids.len() > NAMED {
        let _infallible = write!(named, "; and {} more", ids.len() - NAMED);
    }
    named
}
