//! The loop that keeps a fleet in step: it decides when which customer is looked at, and every look is a pass like any other.
//! What it knows stands on the [`board`](board::Board), for whoever watches.
//!
//! Everything follows from time: which version of the files is in force, which customer's turn has come, what the partner's
//! change feeds say. A pass that is under way gives way to a more urgent one by ending after the call in flight; whatever
//! prefix of its plan was carried out, the next pass goes on from there.

pub mod board;
pub mod status;
pub mod event;
pub mod notify;
pub mod measure;
pub mod http;
pub mod schedule;
mod edges;
mod reload;
pub mod kept;
mod versions;
mod verdict;
mod spending;
mod batch;
mod partner;
mod keeper;
mod turns;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::LocalSet;

use crate::client::Client;
use crate::clock::Clock;
use crate::controller::batch::Shared;
use crate::controller::board::Board;
use crate::controller::keeper::Keeper;
use crate::controller::kept::Kept;
use crate::controller::reload::Files;
use crate::controller::spending::Spending;
use crate::controller::versions::Versions;
use crate::desired::state::Partner;
use crate::execute::Queues;
use crate::journal::Journal;

/// How the loop runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The desired-state directory.
    pub dir: PathBuf,
    /// How often a customer is looked at when nothing happens.
    pub interval: Duration,
    /// How long calls in flight are given to finish when the process is to end.
    pub grace: Duration,
    /// What jitter depends on.
    pub seed: u64,
}

/// What outlives the process.
#[derive(Debug, Clone)]
pub struct Past {
    /// The record of what was done.
    pub journal: Journal,
    /// The files that were accepted last.
    pub kept: Kept,
}

/// Runs until `ending` comes back, and a grace period longer. Fails only where there is no way to the services.
pub async fn run<E>(
    settings: &Settings,
    board: &Board,
    clock: Clock,
    past: Past,
    connect: impl FnOnce(&Partner) -> Result<Client, E>,
    ending: impl Future<Output = ()>,
) -> Result<(), E> {
    let mut ending = std::pin::pin!(ending);
    let mut files = Files::new(settings.dir.clone());
    let mut versions = Versions::new(settings.dir.clone(), past.clone(), board.clone(), clock.now()).await;
    loop {
        if let Some(read) = files.poll(clock.now()) {
            versions.consider(read, clock.now());
        }
        if versions.in_force().is_some() {
            break;
        }
        board.note(|overview| overview.last_turn = clock.now());
        tokio::select! {
            () = &mut ending => return Ok(()),
            () = clock.sleep(turns::LOOK_AT_FILES) => {}
        }
    }
    let Some(desired) = versions.in_force() else { return Ok(()) };
    let client = connect(&desired.partner)?;
    let shared = Shared {
        journal: past.journal,
        queues: Queues::default(),
        spending: Spending::default(),
        recent: Mutex::default(),
        planned: Mutex::default(),
    };
    let shared = Arc::new(shared);
    let keep_on = async {
        let mut keeper = Keeper::new(settings.clone(), board.clone(), client, (files, versions), shared);
        loop {
            tokio::select! {
                biased;
                () = &mut ending => break,
                () = keeper.turn() => {}
            }
        }
        keeper.end().await;
    };
    // Passes wait more than they compute: one thread is enough for all of them, and leaves the other to whoever watches.
    LocalSet::new().run_until(keep_on).await;
    Ok(())
}
