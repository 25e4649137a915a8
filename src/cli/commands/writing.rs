//! The writing part of `groupsync apply`: until the plan ends, somebody asks for an end, or the kill switch appears.

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use crate::cli::commands::plan::Drawn;
use crate::cli::connect::Means;
use crate::cli::exit::Exit;
use crate::cli::printer::Printer;
use crate::cli::progress::Bar;
use crate::client::halt;
use crate::clock::Clock;
use crate::desired;
use crate::desired::state::DesiredState;
use crate::execute::Deferral;
use crate::plan::value::CustomerPlan;
use crate::reconcile::{self, How, Pass, Report};

/// How often the kill switch is looked for while writing.
const LOOK_FOR_STOP: Duration = Duration::from_secs(1);

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
    means: &Means,
    drawn: Drawn,
    deferral: Deferral,
    printer: &Printer,
) -> (Report, Option<Interruption>) {
    let Means { client, journal } = means;
    let Drawn { plan, memory } = drawn;
    let bar = Bar::new(printer);
    let operations = plan.customers.iter().flat_map(CustomerPlan::runnable).count();
    bar.writing(operations);
    let progress = |progress: reconcile::Progress<'_>| bar.show(progress);
    let pass = Pass { client, desired, memory: &memory, progress: &progress };
    let (switch, halt) = halt::switch();
    let how = How { halt: &halt, deferral, journal };
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
            if let Some(reason) = desired::stop(dir) {
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
pub(super) async fn asked_to_end() {
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
