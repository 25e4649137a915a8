//! What became of a plan, in words: a count per customer, and a line for everything that is not simply done.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;

use crate::plan::operation::{Operation, OperationId};
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::Plan;
use crate::report::escape::escape;
use crate::report::moment;
use crate::report::paint::{ALARM, CHANGE, DIM, NAME, STRONG, paint};
use crate::report::words;

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
        let mut said: Option<&str> = None;
        for outcome in customer.outcomes.iter().filter(|outcome| began(outcome, customer)) {
            let Some(line) = line(outcome, operations.get(&outcome.operation).copied(), now) else {
                continue;
            };
            text.push_str(&line);
            // Many operations wait for the same: that is said once.
            if let Some(detail) = outcome.text.as_deref().filter(|text| Some(*text) != said) {
                let _infallible = writeln!(text, "      {}", paint(DIM, escape(detail)));
            }
            said = outcome.text.as_deref();
        }
        if let Some(reason) = &customer.ended_early {
            let _infallible = writeln!(text, "  {} {}", paint(ALARM, "! ended early:"), escape(reason));
        }
    }
    let counts = counts(customers);
    let sum = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
    let _infallible = writeln!(text, "{}{sum}.", paint(STRONG, "Applied: "));
    text
}

/// Whether the operation was begun at all, rather than cut off by what ended the customer's run early.
fn began(outcome: &Outcome, customer: &CustomerOutcome) -> bool {
    let cut_off = |reason: &String| outcome.text.as_deref() == Some(format!("not done: {reason}").as_str());
    outcome.status != Status::Failed || !customer.ended_early.as_ref().is_some_and(cut_off)
}

fn counts(customers: &[CustomerOutcome]) -> Vec<String> {
    let mut counts: BTreeMap<u8, (&str, usize)> = BTreeMap::new();
    for (customer, outcome) in customers.iter().flat_map(|c| c.outcomes.iter().map(move |o| (c, o))) {
        let (rank, words) = match outcome.status {
            Status::Done => (0, "done"),
            Status::AlreadySo => (1, "so already"),
            Status::Pending => (2, "not visible yet"),
            Status::Deferred(_) => (3, "for later"),
            Status::Refused => (4, "refused"),
            Status::Failed if began(outcome, customer) => (5, "failed"),
            Status::Failed => (6, "not begun"),
        };
        counts.entry(rank).or_insert((words, 0)).1 += 1;
    }
    counts.into_values().map(|(words, number)| format!("{number} {words}")).collect()
}

fn line(outcome: &Outcome, operation: Option<&Operation>, now: Timestamp) -> Option<String> {
    let (style, word, rest) = match outcome.status {
        Status::Done | Status::AlreadySo => return None,
        Status::Pending => {
            let rest = "the service accepted it and does not show it yet; the next run looks again";
            (CHANGE, "~ not visible yet:", rest.to_owned())
        }
        Status::Deferred(time) => {
            let rest = if time > now {
                format!("from {} on, in {}", moment::shown(time), moment::distance(now, time))
            } else {
                "with the next run".to_owned()
            };
            (CHANGE, "~ for later:", rest)
        }
        Status::Refused => (ALARM, "! refused:", "a last look showed that it must not be done".to_owned()),
        Status::Failed => (ALARM, "! failed:", "the next run tries again".to_owned()),
    };
    let what = operation.map_or_else(
        || escape(&outcome.operation.0).into_owned(),
        |operation| words::action(&operation.action),
    );
    let mut line = format!("  {} {what}: {rest}\n", paint(style, word));
    if let (Some(id), Status::Failed | Status::Refused) = (&outcome.request_id, outcome.status) {
        let _infallible = writeln!(line, "      {}", paint(DIM, format!("request id {}", escape(id))));
    }
    Some(line)
}
