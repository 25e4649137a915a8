//! What waits, what must not be, what could not be read, and what is worth knowing at one customer.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::plan::value::CustomerPlan;
use crate::plan::verdict::{Finding, Gap};
use crate::report::escape::{self, escape};
use crate::report::paint::{ALARM, CHANGE, DIM, paint};
use crate::report::words::{code, count};

/// More of one kind than this are counted, not shown.
const SHOWN: usize = 8;
/// More things than this that one line is about are counted, not named.
const NAMED: usize = 5;

/// All verdicts of a customer's plan.
pub(super) fn blocks(plan: &CustomerPlan) -> String {
    let mut text = String::new();
    for (place, hold) in plan.held.iter().enumerate() {
        entry(&mut text, "held", &code(hold.code), &escape::sentence(&hold.text));
        let holds = format!("holds {}", count(hold.operations.len(), "operation"));
        detail(&mut text, &measure(hold.measured, hold.limit, &holds));
        // The same advice for several holds is given once, after the last.
        if plan.held[place + 1..].iter().all(|later| later.hint != hold.hint) {
            hint(&mut text, &hold.hint);
        }
    }
    if plan.held.iter().any(|hold| hold.code.is_releasable()) {
        detail(&mut text, &format!("digest: {}", plan.digest));
    }
    for refusal in &plan.refused {
        entry(&mut text, "refused", &code(refusal.code), &escape::sentence(&refusal.text));
        let strikes = match refusal.operations.len() {
            0 => "kept from being planned".to_owned(),
            some => format!("strikes {}", count(some, "operation")),
        };
        detail(&mut text, &measure(refusal.measured, refusal.limit, &strikes));
        hint(&mut text, &refusal.hint);
    }
    few(&mut text, &doubts(&plan.gaps), |doubt| doubt.gap.code, doubt);
    few(&mut text, &plan.findings, |finding| finding.code, finding);
    text
}

/// Gaps that say the same of different things.
struct Doubt<'a> {
    of: Vec<&'a str>,
    gap: &'a Gap,
}

fn doubts(gaps: &[Gap]) -> Vec<Doubt<'_>> {
    let mut doubts: Vec<Doubt<'_>> = Vec::new();
    let mut known = BTreeMap::new();
    for gap in gaps {
        let place = *known.entry((gap.code, &gap.text, &gap.freezes)).or_insert(doubts.len());
        if place == doubts.len() {
            doubts.push(Doubt { of: Vec::new(), gap });
        }
        doubts[place].of.push(&gap.of);
    }
    doubts
}

fn doubt(text: &mut String, doubt: &Doubt<'_>) {
    let Doubt { of, gap } = doubt;
    let head = if gap.code.is_failed_read() { "? not read" } else { "? in doubt" };
    let named = of.iter().take(NAMED).map(|of| escape(of)).collect::<Vec<_>>().join(", ");
    let more = match of.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let words = sentence(&format!("{named}{more}"), &escape::sentence(&gap.text));
    let _infallible = writeln!(text, "  {}  {}  {words}", paint(CHANGE, head), paint(DIM, code(gap.code)));
    detail(text, &format!("leaves undecided: {}", escape::sentence(&gap.freezes)));
    if let Some(right) = gap.lost {
        hint(text, right.hint());
    }
}

/// What there is to say about something, which may name it itself.
fn sentence(of: &str, text: &str) -> String {
    if text.contains(of) { text.to_owned() } else { format!("{of}: {text}") }
}

fn finding(text: &mut String, finding: &Finding) {
    let code = paint(DIM, code(finding.code));
    let words = sentence(&escape(&finding.of), &escape::sentence(&finding.text));
    let _infallible = writeln!(text, "  * {code}  {words}");
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
