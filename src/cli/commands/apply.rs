//! `groupsync apply`: plan, show, ask, carry out, say what became of it.

use std::fs;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use crate::cli::args::Format;
use crate::cli::commands::plan::draw;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::progress::Bar;
use crate::client::Client;
use crate::clock::Clock;
use crate::desired::state::DesiredState;
use crate::execute::Deferral;
use crate::execute::halt;
use crate::journal::Journal;
use crate::plan::memory::Memory;
use crate::plan::value::{CustomerPlan, Plan};
use crate::reconcile::{self, How, Pass, Report, Reserve, Selection};
use crate::report::escape::escape;
use crate::report::{forecast, json, outcome, text};

/// How often the kill switch is looked for while writing.
const LOOK_FOR_STOP: Duration = Duration::from_secs(1);

/// Who agrees to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// It was given with the command.
    Given,
    /// The person at the terminal is asked.
    Ask,
}

/// Plans and carries out. `dir` is looked at for the kill switch as long as anything is written.
pub async fn run(
    desired: &DesiredState,
    dir: &Path,
    client: &Client,
    consent: Consent,
    deferral: Deferral,
    format: Format,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    if let Some(reason) = &desired.stop {
        return Err(stopped(reason));
    }
    if consent == Consent::Ask && !printer.can_ask() {
        return Err(Failure::misused("there is no terminal to ask at")
            .hint("look at `groupsync plan` first, then pass --yes"));
    }
    let clock = client.clock();
    let mut plan = draw(desired, client, &Selection::All, clock.now(), printer).await;
    match format {
        Format::Text => printer.data(&(text::plan(&plan, desired) + "\n"))?,
        Format::Json if consent == Consent::Ask => printer.note(&text::plan(&plan, desired)),
        Format::Json => {}
    }
    let exit = Exit::of_plan(&plan);
    let operations = plan.customers.iter().flat_map(CustomerPlan::runnable).count();
    if operations > 0 && consent == Consent::Ask && !printer.confirm("Carry out this plan?")? {
        printer.note("Nothing was written.");
        return Ok(exit.or(Exit::Failure));
    }
    if operations > 0 && consent == Consent::Ask {
        // Reading a plan takes a person minutes, in which grants end and tenants change: what is carried out is what
        // was agreed to, or nothing.
        let fresh = draw(desired, client, &Selection::All, clock.now(), printer).await;
        if fresh.digest != plan.digest {
            printer.note(&text::plan(&fresh, desired));
            printer.note("This is no longer the plan you agreed to. Nothing was written; run apply again.");
            return Ok(exit.or(Exit::Held));
        }
        plan = fresh;
    }
    // It may have appeared while somebody was reading the plan.
    if let Some(reason) = kill_switch(dir) {
        return Err(stopped(&reason));
    }
    let (report, interrupted) = carry_out(desired, dir, client, plan, deferral, operations, printer).await;
    printer.data(&match format {
        Format::Text => {
            outcome::text(&report.plan, &report.outcomes, clock.now()) + &forecast::against(&report.cost)
        }
        Format::Json => {
            json::outcome::document(&report.plan.digest, clock.now(), &report.outcomes, &[], &report.cost)
        }
    })?;
    Ok(match interrupted {
        Some(interruption) => exit.or(interruption.exit()),
        None => exit.or(Exit::of_outcomes(&report.outcomes)),
    })
}

/// What ended the writing before its time.
#[derive(Debug, Clone)]
pub(super) enum Interruption {
    /// Ctrl-C, or the end of the process asked for.
    Person,
    /// The kill switch appeared.
    Stop(String),
}

impl Interruption {
    fn reason(&self) -> String {
        match self {
            Self::Person => "interrupted; the call in flight was finished".to_owned(),
            Self::Stop(reason) => format!("the file STOP appeared: {}", reason.trim()),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Person => Exit::Failure,
            Self::Stop(_) => Exit::Held,
        }
    }
}

/// Carries the plan out until it ends, somebody asks for an end, or the kill switch appears.
pub(super) async fn carry_out(
    desired: &DesiredState,
    dir: &Path,
    client: &Client,
    plan: Plan,
    deferral: Deferral,
    operations: usize,
    printer: &Printer,
) -> (Report, Option<Interruption>) {
    let bar = Bar::new(printer);
    bar.writing(operations);
    let memory = Memory::default();
    let progress = |progress: reconcile::Progress<'_>| bar.show(progress);
    let pass = Pass { client, desired, memory: &memory, progress: &progress };
    let (switch, halt) = halt::switch();
    let journal = Journal::none();
    let how = How { halt: &halt, deferral, journal: &journal, reserve: Reserve::Now };
    let mut writing = pin!(reconcile::apply(&pass, plan, how));
    let interruption = tokio::select! {
        interruption = interruption(dir, client.clock()) => interruption,
        report = &mut writing => return (report, None),
    };
    switch.throw(&interruption.reason());
    (writing.await, Some(interruption))
}

/// Comes back when writing has to end.
async fn interruption(dir: &Path, clock: Clock) -> Interruption {
    let stop = async {
        loop {
            if let Some(reason) = kill_switch(dir) {
                return reason;
            }
            clock.sleep(LOOK_FOR_STOP).await;
        }
    };
    tokio::select! {
        reason = stop => Interruption::Stop(reason),
        () = asked_to_end() => Interruption::Person,
    }
}

/// Comes back on Ctrl-C, or when the system asks the process to end.
async fn asked_to_end() {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a way to hear of it there is nothing to wait for.
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        _ = terminated => {}
        () = interrupted => {}
    }
}

/// The text of the kill switch, if it is there. One that cannot be read stops all the same.
pub(super) fn kill_switch(dir: &Path) -> Option<String> {
    let path = dir.join("STOP");
    path.symlink_metadata().ok()?;
    Some(fs::read(path).map_or_else(|_| String::new(), |text| String::from_utf8_lossy(&text).into_owned()))
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
