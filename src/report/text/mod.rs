//! A plan for a terminal: per customer who gains and who loses what until when, and why; then what waits, what must not
//! be, what could not be read, and one line that sums it up. Signs say what colour repeats: `+` given, `-` taken, `~` altered,
//! `!` held or refused, `?` not read or in doubt, `*` worth knowing.

mod access;
mod line;
mod verdicts;

use std::fmt::Write;

use crate::desired::state::DesiredState;
use crate::plan::forecast::Forecast;
use crate::plan::value::{CustomerPlan, Plan};
use crate::report::forecast;
use crate::report::paint::{ADD, ALARM, DIM, NAME, STRONG, paint};
use crate::report::tally::Tally;
use crate::report::words::{ACCESS_LOST, count, restraint, state};

/// How many names a list shows before it says how many more there are.
const NAMED: usize = 10;

/// A whole plan, closed by its [`summary`], what it will cost, and its digest.
pub fn plan(plan: &Plan, desired: &DesiredState) -> String {
    let mut text = String::new();
    let mut quiet = Vec::new();
    for each in &plan.customers {
        if is_quiet(each) {
            quiet.push(each.name.as_str());
        } else {
            text.push_str(&customer(each, desired));
            text.push('\n');
        }
    }
    if !quiet.is_empty() {
        let _infallible = writeln!(text, "{} {}\n", paint(DIM, "nothing to say about"), first_few(&quiet));
    }
    text.push_str(&summary(plan));
    let forecast = forecast::words(&Forecast::of(plan, desired.partner.cloud));
    if !forecast.is_empty() {
        let _infallible = writeln!(text, "{}", paint(DIM, format!("Forecast: {forecast}.")));
    }
    let _infallible = writeln!(text, "{}", paint(DIM, &plan.digest));
    text
}

/// One customer of a plan.
pub fn customer(plan: &CustomerPlan, desired: &DesiredState) -> String {
    let tally = Tally::of_customer(plan);
    let mut text = format!("{}  {}", paint(NAME, &plan.name), state(plan.state));
    if plan.access_lost() {
        let _infallible = write!(text, "  {}", paint(ALARM, ACCESS_LOST));
    }
    let counts = counts(&tally);
    if !counts.is_empty() {
        let _infallible = write!(text, "  {}", paint(DIM, counts.join(", ")));
    }
    text.push('\n');
    if let (Some(restraint), false) = (restraint(plan.state), plan.operations.is_empty()) {
        let _infallible = writeln!(text, "  {}", paint(STRONG, restraint));
    }
    text.push_str(&access::blocks(plan, desired));
    text.push_str(&verdicts::blocks(plan));
    text
}

/// What a plan comes to, in one line.
pub fn summary(plan: &Plan) -> String {
    let tally = Tally::of(plan);
    let mut text = paint(STRONG, "Plan: ");
    if tally.is_pending() {
        let _infallible = write!(
            text,
            "{} to add, {} to change, {} to remove at {} of {}",
            tally.add,
            tally.change,
            tally.remove,
            tally.customers,
            count(plan.customers.len(), "customer")
        );
    } else {
        let what = if tally.held > 0 { "nothing is written" } else { "nothing to do" };
        let _infallible = write!(text, "{what} at {}", count(plan.customers.len(), "customer"));
    }
    let rest = [
        (tally.held, "held", true),
        (tally.refused, "refused", true),
        (tally.gaps, "unclear", true),
        (tally.listed, "only listed", false),
        (tally.findings, "worth knowing", false),
    ];
    for (number, words, alarming) in rest {
        if number > 0 {
            let style = if alarming { ALARM } else { DIM };
            let _infallible = write!(text, ", {}", paint(style, format!("{number} {words}")));
        }
    }
    if !tally.is_pending() && plan.customers.iter().all(CustomerPlan::is_as_asked) && tally.listed == 0 {
        let _infallible = write!(text, ": {}", paint(ADD, "the tenants hold what the files ask for"));
    }
    text.push_str(".\n");
    text
}

fn counts(tally: &Tally) -> Vec<String> {
    let counts = [
        (tally.add, "to add"),
        (tally.change, "to change"),
        (tally.remove, "to remove"),
        (tally.listed, "only listed"),
        (tally.held, "held"),
        (tally.refused, "refused"),
        (tally.gaps, "unclear"),
    ];
    counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect()
}

fn is_quiet(plan: &CustomerPlan) -> bool {
    plan.operations.is_empty() && plan.is_clean() && plan.findings.is_empty()
}

fn first_few(names: &[&str]) -> String {
    match names.len() {
        0..=NAMED => names.join(", "),
        many => format!("{} and {} more", names[..NAMED].join(", "), many - NAMED),
    }
}
