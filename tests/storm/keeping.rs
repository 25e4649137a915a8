//! The loop as one process of a run: it watches files, partner and clock until it is asked to end, or dies.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use groupsync::controller::board::Board;
use groupsync::controller::kept::Kept;
use groupsync::controller::{self, Past, Settings};
use groupsync::desired::state::Partner;
use groupsync::plan::value::CustomerPlan;

use super::files::Files;
use super::place::Process;

/// How often the loop looks at a customer when nothing happens: a pass every few minutes, so that a short life has several.
const INTERVAL: Duration = Duration::from_mins(2);

/// What a loop leaves behind for whoever judges it.
#[derive(Debug)]
pub(crate) struct Left {
    /// Each customer's last plan.
    pub(crate) plans: Vec<Arc<CustomerPlan>>,
    /// Whether it came to its end in its own time.
    pub(crate) lived: bool,
}

/// How long a loop lives, and what is committed halfway.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life<'a> {
    pub(crate) time: Duration,
    pub(crate) committed: Option<&'a Files>,
}

/// Runs the loop on the files as they lie in a directory.
pub(crate) async fn keep_in_step(process: Process, dir: &Path, files: &Files, life: Life<'_>) -> Left {
    write(dir, files);
    let Process { client, death, journal, .. } = process;
    let clock = client.clock();
    let board = Board::new(clock.now(), INTERVAL);
    let settings =
        Settings { dir: dir.to_owned(), interval: INTERVAL, grace: Duration::from_secs(20), seed: 1 };
    let kept = if journal.is_kept() { Kept::beside(dir) } else { Kept::nowhere() };
    let connect = |_: &Partner| Ok::<_, Infallible>(client);
    let ending = async {
        tokio::time::sleep(life.time / 2).await;
        if let Some(files) = life.committed {
            write(dir, files);
        }
        tokio::time::sleep(life.time / 2).await;
    };
    let run = controller::run(&settings, &board, clock, Past { journal, kept }, connect, ending);
    let lived = tokio::select! {
        biased;
        () = death.notified() => false,
        ended = run => ended.is_ok(),
    };
    let refused = board.overview().refused;
    assert!(refused.is_none(), "the loop does not take the files: {refused:#?}");
    let plans = board.customers().into_iter().filter_map(|status| status.plan.clone()).collect();
    Left { plans, lived }
}

/// Puts the files there as a commit does: all at once.
fn write(dir: &Path, files: &Files) {
    if dir.exists() {
        std::fs::remove_dir_all(dir).expect("the directory can be emptied");
    }
    std::fs::create_dir_all(dir).expect("a directory can be made");
    for file in files.written() {
        let path = dir.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a file lies somewhere")).expect("a folder can be made");
        std::fs::write(path, &file.text).expect("a file can be written");
    }
    if files.stop {
        std::fs::write(dir.join("STOP"), "somebody pulled the brake").expect("a file can be written");
    }
}
