//! What waits, what must not be, what could not be read, and what is worth knowing at one customer.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::plan::value::CustomerPlan;
use crate::plan::verdict::{Finding, Gap};
use crate::report::escape::escape;
use crate::report::paint::{ALARM, CHANGE, DIM, paint};
use crate::report::words::{code, count};

/// More of one kind than this are counted, not shown.
const SHOWN: usize = 8;

/// All verdicts of a customer's plan.
pub(super) fn blocks(plan: &CustomerPlan) -> String {
    let mut text = String::new();
    for hold in &plan.held {
        entry(&mut text, "held", &code(hold.code), &escape(&hold.text));
        let holds = format!("holds {}", count(hold.operations.len(), "operation"));
        detail(&mut text, &measure(hold.measured, hold.limit, &holds));
        hint(&mut text, &hold.hint);
    }
    if plan.held.iter().any(|hold| hold.code.is_releasable()) {
        detail(&mut text, &format!("digest: {}", plan.digest));
    }
    for refusal in &plan.refused {
        entry(&mut text, "refused", &code(refusal.code), &escape(&refusal.text));
        let strikes = match refusal.operations.len() {
            0 => "kept from being planned".to_owned(),
            some => format!("strikes {}", count(some, "operation")),
        };
        detail(&mut text, &measure(refusal.measured, refusal.limit, &strikes));
        hint(&mut text, &refusal.hint);
    }
    few(&mut text, &plan.gaps, |gap| gap.code, gap);
    few(&mut text, &plan.findings, |finding| finding.code, finding);
    text
}

fn gap(text: &mut String, gap: &Gap) {
    let head = paint(CHANGE, format!("? not read: {}", escape(&gap.of)));
    let _infallible = writeln!(text, "  {head}  {}  {}", paint(DIM, code(gap.code)), escape(&gap.text));
    detail(text, &format!("leaves undecided: {}", escape(&gap.freezes)));
}

fn finding(text: &mut String, finding: &Finding) {
    let code = paint(DIM, code(finding.code));
    // Most findings name their subject in the sentence.
    let of =
        if finding.text.contains(&finding.of) { String::new() } else { format!("{}: ", escape(&finding.of)) };
    let _infallible = writeln!(text, "  * {code}  {of}{}", escape(&finding.text));
    if let Some(words) = &finding.hint {
        hint(text, words);
    }
}

fn entry(text: &mut String, kind: &str, code: &str, words: &str) {
    let _infallible =
        writeln!(text, "  {}  {}  {words}", paint(ALARM, format!("! {kind}")), paint(DIM, code));
}

fn measure(measured: usize, limit: usize, rest: &str) -> String {
    if measured == 0 && limit == 0 {
        rest.to_owned()
    } else {
        format!("counted {measured}, allowed {limit}, {rest}")
    }
}

fn detail(text: &mut String, words: &str) {
    let _infallible = writeln!(text, "      {}", paint(DIM, words));
}

fn hint(text: &mut String, words: &str) {
    if !words.is_empty() {
        let _infallible = writeln!(text, "      hint: {}", escape(words));
    }
}

/// Shows the first of each kind and counts the rest.
fn few<T, C: Ord + Copy + Serialize>(
    text: &mut String,
    all: &[T],
    kind: impl Fn(&T) -> C,
    show: impl Fn(&mut String, &T),
) {
    let mut seen: BTreeMap<C, usize> = BTreeMap::new();
    for each in all {
        let number = seen.entry(kind(each)).or_default();
        *number += 1;
        if *number <= SHOWN {
            show(text, each);
        }
    }
    for (kind, number) in seen.into_iter().filter(|(_, number)| *number > SHOWN) {
        let words = format!("and {} more {}; --format json shows all", number - SHOWN, code(kind));
        let _infallible = writeln!(text, "  {}", paint(DIM, words));
    }
}
