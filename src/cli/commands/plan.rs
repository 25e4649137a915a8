//! `groupsync plan`: what `apply` would do. Only reads.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::args::ReportFormat;
use crate::cli::connect::Means;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::{Output, Place};
use crate::cli::printer::Printer;
use crate::cli::progress::Bar;
use crate::desired::state::DesiredState;
use crate::model::names::CustomerName;
use crate::plan::memory::Memory;
use crate::plan::value::{CustomerPlan, Plan};
use crate::reconcile::{self, Pass, Selection};
use crate::report::escape::escape;
use crate::report::json::saved;
use crate::report::{html, json, markdown, text};

/// Whether pending changes show in the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// They don't: a plan that could be made is a success.
    IsDone,
    /// They do.
    IsTwo,
}

/// How the plan is shown and kept.
#[derive(Debug, Clone, Copy)]
pub struct Showing<'a> {
    /// In which formats, and where.
    pub output: Output<'a>,
    /// The file it is saved in, for `apply`.
    pub file: Option<&'a Path>,
    /// Whether pending changes show in the exit code.
    pub pending: Pending,
}

/// Shows the plan.
pub async fn run(
    desired: &DesiredState,
    means: &Means,
    selection: &Selection,
    now: Timestamp,
    Showing { output, file, pending }: Showing<'_>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let files = output.open()?;
    let file = file.map(Place::open).transpose()?;
    let whole = output.whole(file.as_ref().map(Place::path));
    let Drawn { plan, memory } = draw(desired, means, selection, now, printer).await;
    let plan = output.plan(&plan, desired);
    if let Some(file) = file {
        file.write([saved::write(&plan, &desired.partner, output.people)])?;
    }
    files.write(|format| shown(&plan, desired, format, whole.as_deref()))?;
    if let Some(reason) = &desired.stop {
        let said = if reason.is_empty() { String::new() } else { format!(": {}", escape(reason)) };
        printer.note(&format!("STOP is set, so apply would write nothing{said}"));
    }
    for text in shown(&plan, desired, output.format, whole.as_deref()) {
        printer.data(&text)?;
    }
    let changes = plan.customers.iter().flat_map(CustomerPlan::runnable).next().is_some();
    let exit = Exit::of_plan(&plan).or(of_memory(&memory));
    Ok(if changes && pending == Pending::IsTwo { exit.or(Exit::Pending) } else { exit })
}

/// The plan in a format, in pieces. `artefact` names the file that has all of it.
fn shown<'a>(
    plan: &'a Plan,
    desired: &'a DesiredState,
    format: ReportFormat,
    artefact: Option<&str>,
) -> Box<dyn Iterator<Item = String> + 'a> {
    let whole = match format {
        ReportFormat::Text => text::plan(plan, desired),
        ReportFormat::Json => json::plan::document(plan, &desired.partner),
        ReportFormat::Markdown => markdown::plan(plan, desired, artefact),
        ReportFormat::Html => return Box::new(html::plan(plan, desired)),
    };
    Box::new(std::iter::once(whole))
}

/// A plan, and what it was made with.
#[derive(Debug)]
pub struct Drawn {
    /// The plan.
    pub plan: Plan,
    /// What was remembered.
    pub memory: Memory,
}

/// Reads the tenants and plans, showing how far it is.
pub async fn draw(
    desired: &DesiredState,
    means: &Means,
    selection: &Selection,
    now: Timestamp,
    printer: &mut Printer,
) -> Drawn {
    let memory = remember(means, printer).await;
    let bar = Bar::new(printer);
    let progress = |progress: reconcile::Progress<'_>| bar.show(progress);
    let pass = Pass { client: &means.client, desired, memory: &memory, progress: &progress };
    let plan = reconcile::plan(&pass, selection, now).await;
    let (some, all) = (plan.customers.len(), desired.customers.len());
    if some < all {
        // Only the whole plan shows that a source has shrunk, or that a change is too much for the fleet.
        printer.note(&format!(
            "Limits over the fleet and over sources were judged for {some} of {all} customers only."
        ));
    }
    Drawn { plan, memory }
}

/// What the exit code says of what is remembered: without a journal that was asked for, nothing is sure to be as it should be.
pub fn of_memory(memory: &Memory) -> Exit {
    if memory.unavailable.is_some() { Exit::Failure } else { Exit::Done }
}

/// What the journal remembers. One that cannot be read is said to be so.
pub async fn remember(means: &Means, printer: &mut Printer) -> Memory {
    let memory = means.journal.memory().await;
    if let Some(text) = &memory.unavailable {
        printer.note(&format!(
            "The journal cannot be relied on: {text}. Without it nothing is remembered and no change begins; ended access ends all the same."
        ));
    }
    memory
}

/// The customers to look at. A name that the files do not know is a slip, not an empty plan.
pub fn selection(desired: &DesiredState, names: Vec<CustomerName>) -> Result<Selection, Failure> {
    if names.is_empty() {
        return Ok(Selection::All);
    }
    for name in &names {
        if !desired.customers.contains_key(name) {
            return Err(unknown(desired, name));
        }
    }
    Ok(Selection::Only(names.into_iter().collect()))
}

/// A customer that the files do not know, with the name that was probably meant.
pub fn unknown(desired: &DesiredState, name: &CustomerName) -> Failure {
    let likeness = |known: &&CustomerName| strsim::jaro_winkler(known.as_str(), name.as_str());
    let nearest = desired.customers.keys().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let failure = Failure::misused(format!("there is no customer `{name}`"));
    match nearest {
        Some(known) if likeness(&known) > 0.8 => failure.hint(format!("did you mean `{known}`?")),
        _ => failure.hint(format!(
            "the files know {}",
            desired.customers.keys().map(CustomerName::as_str).collect::<Vec<_>>().join(", ")
        )),
    }
}
