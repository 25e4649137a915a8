//! Tells people what is wrong and when it is over: by webhook, and as Events of the cluster. What is told follows from the
//! board alone, so that the loop knows nothing of it and waits for nobody.

pub mod trouble;
pub mod news;
pub mod message;
pub mod webhook;
pub mod event;
pub mod cluster;

use std::time::Duration;

use crate::client::retry::backoff;
use crate::clock::Clock;
use crate::controller::board::Board;
use crate::controller::notify::cluster::Cluster;
use crate::controller::notify::event::Series;
use crate::controller::notify::news::Told;
use crate::controller::notify::trouble::Troubles;
use crate::controller::notify::webhook::Webhook;

/// How often the board is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// A webhook gets at most one message in such a time.
const APART: Duration = Duration::from_secs(30);

/// A receiver that fails for long is tried so often.
const PATIENT: Duration = Duration::from_mins(5);

/// Posts what is new to a webhook, again and again until it is taken, and never ends. While the receiver fails nothing piles up:
/// the next message says what is new by then.
pub async fn by_webhook(board: Board, clock: Clock, webhook: Webhook) {
    let mut told = Told::default();
    let mut failures = 0;
    loop {
        clock.sleep(LOOK).await;
        let troubles = Troubles::on(&board, clock.now());
        told.forget_the_gone(&troubles);
        let news = told.news(&troubles);
        if news.is_empty() {
            continue;
        }
        match webhook.post(&news, &clock).await {
            Ok(()) => {
                failures = 0;
                for one in &news {
                    told.remember(one);
                }
                tracing::debug!(news = news.len(), "the webhook was told");
                clock.sleep(APART.saturating_sub(LOOK)).await;
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(%error, failures, "the webhook was not told");
                clock.sleep(error.wait().unwrap_or_default().max(pause(failures))).await;
            }
        }
    }
}

/// Keeps Events about what is wrong in the cluster, and never ends.
pub async fn as_events(board: Board, clock: Clock, cluster: Cluster) {
    let mut series = Series::default();
    let mut failures = 0;
    loop {
        clock.sleep(LOOK).await;
        let troubles = Troubles::on(&board, clock.now());
        while let Some(step) = series.next(&troubles, clock.now(), cluster.pod()) {
            match cluster.send(&step, &clock).await {
                Ok(()) => {
                    failures = 0;
                    series.done(step);
                }
                // The cluster keeps Events for an hour or so.
                Err(error) if error.is_gone() => series.lost(&step),
                Err(error) => {
                    failures += 1;
                    tracing::warn!(%error, failures, "the cluster was not told");
                    clock.sleep(pause(failures)).await;
                    break;
                }
            }
        }
    }
}

/// How long a receiver is left alone that failed so often in a row.
fn pause(failures: u32) -> Duration {
    match failures {
        0..=5 => backoff(failures, 1.0),
        _ => PATIENT,
    }
}
