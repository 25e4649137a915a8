//! The simulator's clock: the world's start, plus tokio's monotonic time, plus everything it was advanced by.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Runs with tokio's time, so that a paused runtime pauses it too.
#[derive(Debug)]
pub(super) struct Clock {
    origin: Timestamp,
    started: Instant,
    advanced: Duration,
}

impl Clock {
    pub(super) fn starting_at(origin: Timestamp) -> Self {
        Self { origin, started: Instant::now(), advanced: Duration::ZERO }
    }

    pub(super) fn now(&self) -> Timestamp {
        later(self.origin, self.started.elapsed().saturating_add(self.advanced))
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.advanced = self.advanced.saturating_add(by);
    }
}

/// The time that much later; the end of time if there is no such time.
pub(super) fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}
