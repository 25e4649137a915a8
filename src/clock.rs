//! Time: an origin in UTC plus tokio's monotonic clock, and every wait; nothing else reads the wall clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that moves with tokio's: on a runtime whose time is paused, whole days pass in no time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
}

impl Clock {
    /// A clock that shows the wall clock's time now and is immune to its later jumps.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn system() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// A clock that shows `origin` now.
    pub fn starting_at(origin: Timestamp) -> Self {
        Self { origin, started: Instant::now() }
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        if defect!(WallClock) {
            return Self::system().origin;
        }
        self.origin.saturating_add(self.started.elapsed()).unwrap_or(Timestamp::MAX)
    }

    /// How far it is ahead of the wall clock by now. Where nobody set that one and the machine never slept, almost nothing.
    pub fn ahead_of_the_wall(&self) -> SignedDuration {
        self.now().duration_since(Self::system().origin)
    }

    /// Waits.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    /// Waits until the clock shows `at`; returns at once if it already does.
    pub async fn sleep_until(&self, at: Timestamp) {
        let wait = at.duration_since(self.now());
        if let Ok(wait) = Duration::try_from(wait) {
            self.sleep(wait).await;
        }
    }

    /// What `work` yields, or nothing if it takes longer than `limit`.
    pub async fn within<F: Future>(&self, limit: Duration, work: F) -> Option<F::Output> {
        tokio::time::timeout(limit, work).await.ok()
    }
}
