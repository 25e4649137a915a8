//! `run` in a story: the loop as a process of its own, for a while, and how everything stands at its end.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use groupsync::client::Client;
use groupsync::controller::board::Board;
use groupsync::controller::kept::Kept;
use groupsync::controller::status::CustomerStatus;
use groupsync::controller::{self, Past, Settings};
use groupsync::plan::verdict::Right;
use tokio::sync::oneshot;

use crate::stage::Stage;

const INTERVAL: Duration = Duration::from_mins(10);

/// Runs the loop for that long, and tells what its board shows then.
pub(super) async fn run(stage: &Stage, client: Client, journal: &Path, time: Duration) -> String {
    let board = Board::new(stage.clock.now(), INTERVAL);
    let settings = Settings {
        dir: stage.dir.path().to_owned(),
        interval: INTERVAL,
        grace: Duration::from_secs(20),
        seed: 1,
    };
    let kept = if stage.journal.is_kept() { Kept::beside(journal) } else { Kept::nowhere() };
    let past = Past { journal: stage.journal.clone(), kept };
    let (end, ended) = oneshot::channel::<()>();
    let ending = async { ended.await.expect("the story ends it") };
    let connect = |_: &_| Ok::<_, Infallible>(client);
    let run = controller::run(&settings, &board, stage.clock, past, connect, ending);
    let story = async {
        tokio::time::sleep(time).await;
        let told = tell(&board);
        end.send(()).expect("the loop runs");
        told
    };
    let (ran, told) = tokio::join!(run, story);
    let Ok(()) = ran;
    told
}

fn tell(board: &Board) -> String {
    let overview = board.overview();
    let mut text = String::new();
    if let Some(reason) = &overview.stopped {
        let _infallible = writeln!(text, "STOP: {}", reason.trim());
    }
    if let Some(refused) = &overview.refused {
        let _infallible = writeln!(text, "refused: {} problems in the files", refused.problems.len());
    }
    board.customers().iter().for_each(|status| tell_customer(&mut text, status));
    text
}

fn tell_customer(text: &mut String, status: &CustomerStatus) {
    let _infallible = write!(text, "{}  {}", status.name, status.condition().as_str());
    if let (1.., Some(next)) = (status.failures, status.next_due) {
        let next = next.strftime("%H:%M");
        let _infallible = write!(text, ", {} passes in a row failed, the next is at {next}", status.failures);
    }
    text.push('\n');
    for grant in &status.grants {
        let _infallible = writeln!(text, "  runs: {} until {}", grant.name, grant.until);
    }
    for overdue in &status.overdue {
        let _infallible =
            writeln!(text, "  overdue: {} since {}: {}", overdue.operation, overdue.since, overdue.why);
    }
    let plan = status.plan.iter();
    for hint in plan.flat_map(|plan| &plan.gaps).filter_map(|gap| gap.lost).map(Right::hint) {
        let _infallible = writeln!(text, "  hint: {hint}");
    }
}
