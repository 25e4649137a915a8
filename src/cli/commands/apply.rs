//! `groupsync apply`: plan, show, ask, carry out, say what became of it; for the files, or for a plan that was saved for a
//! review.

use std::path::Path;

use crate::cli::args::ReportFormat;
use crate::cli::blame;
use crate::cli::commands::apply_plan::{Sorted, sort};
use crate::cli::commands::plan::{Drawn, draw, of_memory};
use crate::cli::commands::writing::carry_out;
use crate::cli::connect::Means;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::printer::Printer;
use crate::desired;
use crate::desired::source::Sources;
use crate::desired::state::DesiredState;
use crate::execute::Deferral;
use crate::journal::Journal;
use crate::journal::event::Event;
use crate::plan::digest::Digest;
use crate::plan::memory::Revision;
use crate::plan::value::{CustomerPlan, Plan};
use crate::reconcile::{self, Selection};
use crate::report::difference::Skipped;
use crate::report::escape::escape;
use crate::report::json::saved::Saved;
use crate::report::upshot::Run;
use crate::report::{forecast, html, json, markdown, outcome, text};

/// What is carried out.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    /// What the files ask for.
    Files(Consent),
    /// That and no more than this plan says, which somebody has agreed to.
    Saved(&'a Saved),
}

/// Who agrees to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// It was given with the command.
    Given,
    /// The person at the terminal is asked.
    Ask,
}

/// How it is carried out and told.
#[derive(Debug, Clone, Copy)]
pub struct Applying<'a> {
    /// The directory of the files, which is looked at for the kill switch as long as anything is written.
    pub dir: &'a Path,
    /// What was read there.
    pub sources: &'a Sources,
    /// What to do with operations whose time has not come.
    pub deferral: Deferral,
    /// In which formats, and where.
    pub output: Output<'a>,
}

/// What somebody has agreed to.
enum Agreed {
    /// To this plan, which says nothing of these customers.
    To(Box<Drawn>, Vec<Skipped>),
    /// To nothing; what the exit code says of it.
    Nothing(Exit),
}

/// Plans and carries out.
pub async fn run(
    desired: &DesiredState,
    means: &Means,
    what: What<'_>,
    Applying { dir, sources, deferral, output }: Applying<'_>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    if let Some(reason) = &desired.stop {
        return Err(stopped(reason));
    }
    if matches!(what, What::Files(Consent::Ask)) && !printer.can_ask() {
        return Err(Failure::misused("there is no terminal to ask at")
            .hint("look at `groupsync plan` first, then pass --yes"));
    }
    // What cannot be told afterwards is not begun.
    let files = output.open()?;
    let agreed = match what {
        What::Files(consent) => agree(desired, means, consent, output, printer).await?,
        What::Saved(saved) => reviewed(desired, means, saved, output, printer).await?,
    };
    let (drawn, skipped) = match agreed {
        Agreed::To(drawn, skipped) => (drawn, skipped),
        Agreed::Nothing(exit) => return Ok(exit),
    };
    // It may have appeared while somebody was reading the plan.
    if let Some(reason) = desired::stop(dir) {
        return Err(stopped(&reason));
    }
    accept(&means.journal, desired, sources, dir).await;
    let exit = Exit::of_plan(&drawn.plan).or(of_memory(&drawn.memory)).or(if skipped.is_empty() {
        Exit::Done
    } else {
        Exit::Held
    });
    let (report, interrupted) = carry_out(desired, dir, means, *drawn, deferral, printer).await;
    let report = output.report(report, desired);
    let reconcile::Report { plan, outcomes, cost } = &report;
    let run = Run { plan, outcomes, skipped: &skipped, cost: *cost, now: means.client.clock().now() };
    let whole = output.whole(None);
    let shown = |format| shown(&run, desired, format, whole.as_deref());
    // The plan stands above the outcome on the terminal already.
    let told = match output.format {
        ReportFormat::Text => vec![words(&run)],
        format => shown(format),
    };
    let written = files.write(shown);
    for text in told {
        printer.data(&text)?;
    }
    written?;
    Ok(match interrupted {
        Some(interruption) => exit.or(interruption.exit()),
        None => exit.or(Exit::of_outcomes(&report.outcomes)),
    })
}

/// Writes down which files are in force from now on.
async fn accept(journal: &Journal, desired: &DesiredState, sources: &Sources, dir: &Path) {
    if !journal.is_kept() {
        return;
    }
    let digest = Digest::of_files(sources);
    let revision = Revision::of(desired, digest, dir.display().to_string(), blame::head(dir));
    journal.note(Event::Accepted(revision)).await;
}

/// Shows today's plan of the files and asks, if it is to ask.
async fn agree(
    desired: &DesiredState,
    means: &Means,
    consent: Consent,
    output: Output<'_>,
    printer: &mut Printer,
) -> Result<Agreed, Failure> {
    let clock = means.client.clock();
    let Drawn { mut plan, mut memory } = draw(desired, means, &Selection::All, clock.now(), printer).await;
    let words = |plan: &Plan| text::plan(&output.plan(plan, desired), desired);
    match output.format {
        ReportFormat::Text => printer.data(&(words(&plan) + "\n"))?,
        _ if consent == Consent::Ask => printer.note(&words(&plan)),
        _ => {}
    }
    let exit = Exit::of_plan(&plan).or(of_memory(&memory));
    let is_empty = plan.customers.iter().flat_map(CustomerPlan::runnable).next().is_none();
    if !is_empty && consent == Consent::Ask {
        if !printer.confirm("Carry out this plan?")? {
            printer.note("Nothing was written.");
            return Ok(Agreed::Nothing(exit.or(Exit::Failure)));
        }
        // Reading a plan takes a person minutes, in which grants end and tenants change: what is carried out is what
        // was agreed to, or nothing.
        let Drawn { plan: fresh, memory: known } =
            draw(desired, means, &Selection::All, clock.now(), printer).await;
        if fresh.digest != plan.digest {
            printer.note(&words(&fresh));
            printer.note("This is no longer the plan you agreed to. Nothing was written; run apply again.");
            return Ok(Agreed::Nothing(exit.or(Exit::Held)));
        }
        (plan, memory) = (fresh, known);
    }
    Ok(Agreed::To(Box::new(Drawn { plan, memory }), Vec::new()))
}

/// Plans again, and keeps what is as it was reviewed.
async fn reviewed(
    desired: &DesiredState,
    means: &Means,
    saved: &Saved,
    output: Output<'_>,
    printer: &mut Printer,
) -> Result<Agreed, Failure> {
    let selection = Selection::Only(saved.customers.keys().cloned().collect());
    let Drawn { plan: fresh, memory } =
        draw(desired, means, &selection, means.client.clock().now(), printer).await;
    let sorted = sort(fresh, saved, desired, output.people);
    if output.format == ReportFormat::Text {
        printer.data(&(text::plan(&output.plan(&sorted.same, desired), desired) + "\n"))?;
    }
    let words = sorted.words();
    if !words.is_empty() {
        printer.note(&words);
    }
    let Sorted { same, skipped, .. } = sorted;
    Ok(Agreed::To(Box::new(Drawn { plan: same, memory }), skipped))
}

/// What was done in a format, in pieces. `artefact` names the file that has all of it.
fn shown(run: &Run<'_>, desired: &DesiredState, format: ReportFormat, artefact: Option<&str>) -> Vec<String> {
    match format {
        ReportFormat::Text => {
            let skipped = run.skipped.iter().map(|skipped| skipped.text() + "\n");
            let plan = text::plan(run.plan, desired) + "\n";
            std::iter::once(plan).chain(skipped).chain([words(run)]).collect()
        }
        ReportFormat::Json => vec![json::outcome::document(run)],
        ReportFormat::Markdown => vec![markdown::outcome::page(run, desired, artefact)],
        ReportFormat::Html => html::outcome::page(run, desired),
    }
}

fn words(run: &Run<'_>) -> String {
    outcome::text(run.plan, run.outcomes, run.now) + &forecast::against(&run.cost)
}

/// Why nothing is written.
pub(super) fn stopped(reason: &str) -> Failure {
    let reason = escape(reason.trim());
    let said = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    let message = format!("the file STOP is set, so nothing is written{said}");
    Failure {
        exit: Exit::Held,
        error: anyhow::Error::msg(message),
        hint: Some("remove it to go on".to_owned()),
    }
}
