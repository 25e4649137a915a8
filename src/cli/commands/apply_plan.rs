//! `groupsync apply FILE`: carries out a plan that was saved for a review, where it is still the plan.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::args::Format;
use crate::cli::commands::apply::{carry_out, kill_switch, stopped};
use crate::cli::commands::plan::draw;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::client::Client;
use crate::desired::state::{DesiredState, Partner};
use crate::execute::Deferral;
use crate::model::names::CustomerName;
use crate::plan::value::{CustomerPlan, Plan};
use crate::reconcile::Selection;
use crate::report::difference;
use crate::report::json::saved::{self, Saved, SavedError};
use crate::report::words::count;
use crate::report::{forecast, json, outcome, text};

/// The largest plan that is read. That of 200,000 operations takes about a fifth.
const LARGEST: u64 = 1 << 30;

/// Reads the file of a plan.
pub fn open(path: &Path) -> Result<String, Failure> {
    let named = || format!("plan {}", path.display());
    let length = fs::metadata(path).with_context(named).map_err(Failure::usage)?.len();
    if length > LARGEST {
        return Err(Failure::misused(format!("{}: this is not a saved plan", named())));
    }
    let bytes = fs::read(path).with_context(named).map_err(Failure::usage)?;
    String::from_utf8(bytes).map_err(|_| Failure::misused(format!("{}: this is not a saved plan", named())))
}

/// Understands it.
pub fn read(text: &str, partner: &Partner) -> Result<Saved, Failure> {
    saved::read(text, partner).map_err(|error| {
        let hint = match &error {
            SavedError::NotAPlan => "`groupsync plan --out FILE` saves one",
            SavedError::Broken => {
                "save a new one with `groupsync plan --out FILE`; a plan is changed by changing the files"
            }
            SavedError::Version(_) => "save a new one with this version of groupsync",
            SavedError::Foreign(..) => "name the files it was made from with --dir",
        };
        Failure::usage(error).hint(hint)
    })
}

/// Plans again, and carries out what is as it was reviewed.
pub async fn run(
    desired: &DesiredState,
    dir: &Path,
    client: &Client,
    saved: &Saved,
    deferral: Deferral,
    format: Format,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    if let Some(reason) = &desired.stop {
        return Err(stopped(reason));
    }
    let clock = client.clock();
    let selection = Selection::Only(saved.customers.keys().cloned().collect());
    let fresh = draw(desired, client, &selection, clock.now(), printer).await;
    let Sorted { same, skipped, words } = sort(fresh, saved, desired);
    if format == Format::Text {
        printer.data(&(text::plan(&same, desired) + "\n"))?;
    }
    if !words.is_empty() {
        printer.note(&words);
    }
    if let Some(reason) = kill_switch(dir) {
        return Err(stopped(&reason));
    }
    let exit = Exit::of_plan(&same).or(if skipped.is_empty() { Exit::Done } else { Exit::Held });
    let operations = same.customers.iter().flat_map(CustomerPlan::runnable).count();
    let (report, interrupted) = carry_out(desired, dir, client, same, deferral, operations, printer).await;
    printer.data(&match format {
        Format::Text => {
            outcome::text(&report.plan, &report.outcomes, clock.now()) + &forecast::against(&report.cost)
        }
        Format::Json => json::outcome::document(
            &report.plan.digest,
            clock.now(),
            &report.outcomes,
            &skipped,
            &report.cost,
        ),
    })?;
    Ok(match interrupted {
        Some(interruption) => exit.or(interruption.exit()),
        None => exit.or(Exit::of_outcomes(&report.outcomes)),
    })
}

/// Today's plan, sorted by what was reviewed.
struct Sorted {
    /// The customers whose plan is what was reviewed, or who need nothing any more.
    same: Plan,
    /// The others.
    skipped: Vec<CustomerName>,
    /// What changed there since.
    words: String,
}

fn sort(fresh: Plan, saved: &Saved, desired: &DesiredState) -> Sorted {
    let today = saved::customers(&fresh, &desired.partner);
    let is_same = |customer: &CustomerPlan| {
        let needs_nothing = customer.operations.is_empty() && customer.is_clean();
        let (then, now) = (&saved.customers[&customer.name], &today[&customer.name]);
        needs_nothing || (then.digest == now.digest && then.state == now.state)
    };
    let planned: BTreeMap<_, _> = fresh.customers.iter().map(|customer| (&customer.name, customer)).collect();
    let mut lines = Vec::new();
    let mut skipped = Vec::new();
    for (name, then) in &saved.customers {
        match planned.get(name) {
            Some(customer) if is_same(customer) => continue,
            Some(_) => {
                lines.push(format!("{name}: skipped, this is not what was planned at {}", saved.now));
                lines.extend(difference::lines(&then.changes, &today[name].changes, "  "));
            }
            None => lines.push(format!("{name}: skipped, it is no longer in the files")),
        }
        skipped.push(name.clone());
    }
    if !skipped.is_empty() {
        lines.push("Save and review a new plan for what was skipped.".to_owned());
    }
    let beside = desired.customers.keys().filter(|name| !saved.customers.contains_key(*name)).count();
    if beside > 0 {
        lines.push(format!("{} not part of this plan.", count(beside, "customer")));
    }
    let Plan { now, mut customers, digest } = fresh;
    customers.retain(is_same);
    Sorted { same: Plan { now, customers, digest }, skipped, words: lines.join("\n") }
}
