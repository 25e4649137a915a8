//! One budget of one scope: a governor bucket with a fair queue, strict priority for withdrawals, and a pause.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::client::limiter::Priority;

/// How much more a request costs in a bucket that the service says is nearly full.
const SLOW_FACTOR: u32 = 2;

/// A bucket; clones of the [`Arc`] share it.
pub(super) struct Bucket {
    governor: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Moment>>,
    burst: u32,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    /// Whether somebody holds the turn.
    taken: bool,
    withdrawals: VecDeque<oneshot::Sender<Turn>>,
    changes: VecDeque<oneshot::Sender<Turn>>,
    paused_until: Option<Instant>,
    slow_until: Option<Instant>,
}

/// The right to be the next to draw. Passed on when dropped, even inside a channel nobody reads any more.
struct Turn(Option<Arc<Bucket>>);

/// Why nothing was drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct PausedTooLong(pub(super) Duration);

impl Bucket {
    /// A bucket that lets `burst` through at once and `per_second` in the long run: never more than
    /// `burst + per_second × window` in any window.
    pub(super) fn new(burst: u32, per_second: f64) -> Arc<Self> {
        let burst = NonZeroU32::new(burst).expect("a bucket's burst is a constant above zero");
        let quota = Quota::with_period(Duration::from_secs_f64(1.0 / per_second))
            .expect("a bucket's rate is a constant above zero")
            .allow_burst(burst);
        Arc::new(Self {
            governor: RateLimiter::direct_with_clock(quota, TokioClock),
            burst: burst.get(),
            queue: Mutex::default(),
        })
    }

    /// Draws `cost`, waiting for it; first come, first served among equals, withdrawals before all others. Gives up
    /// at once if the bucket is paused for longer than `patience`.
    pub(super) async fn draw(
        self: &Arc<Self>,
        cost: u32,
        priority: Priority,
        patience: Duration,
    ) -> Result<(), PausedTooLong> {
        let _turn = self.turn(priority).await;
        loop {
            if let Some(pause) = self.pause_left() {
                if pause > patience {
                    return Err(PausedTooLong(pause));
                }
                tokio::time::sleep(pause).await;
                continue;
            }
            match self.try_draw(cost) {
                None => return Ok(()),
                Some(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Draws what a finished request turned out to have cost more, without waiting: those who come next pay.
    pub(super) fn charge_late(&self, cost: u32) {
        self.try_draw(cost);
    }

    /// Lets nobody pass for `duration`; the longest of several pauses counts.
    pub(super) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration;
        let mut queue = self.lock();
        queue.paused_until = queue.paused_until.max(Some(until));
    }

    /// Makes everything cost more for `duration`.
    pub(super) fn slow(&self, duration: Duration) {
        let until = Instant::now() + duration;
        let mut queue = self.lock();
        queue.slow_until = queue.slow_until.max(Some(until));
    }

    /// Nothing if `cost` was drawn, or how long to wait before trying again.
    fn try_draw(&self, cost: u32) -> Option<Duration> {
        let slow = self.lock().slow_until.is_some_and(|until| until > Instant::now());
        let cost = if slow { cost.saturating_mul(SLOW_FACTOR) } else { cost };
        // A cost above the burst could never be drawn; the rest of it is absorbed by the headroom of the quotas.
        let cost = NonZeroU32::new(cost.min(self.burst))?;
        match self.governor.check_n(cost) {
            Ok(Ok(())) => None,
            Ok(Err(not_yet)) => Some(not_yet.wait_time_from(TokioClock.now()).max(Duration::from_millis(1))),
            Err(_) => unreachable!("the cost was clamped to the burst"),
        }
    }

    fn pause_left(&self) -> Option<Duration> {
        let left = self.lock().paused_until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    async fn turn(self: &Arc<Self>, priority: Priority) -> Turn {
        let waiting = {
            let mut queue = self.lock();
            if !queue.taken {
                queue.taken = true;
                return Turn(Some(Arc::clone(self)));
            }
            let (sender, receiver) = oneshot::channel();
            match priority {
                Priority::Withdrawal => queue.withdrawals.push_back(sender),
                Priority::Change => queue.changes.push_back(sender),
            }
            receiver
        };
        waiting.await.expect("the turn is passed to everybody who waits, a bucket outlives its queue")
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(bucket) = self.0.take() else { return };
        loop {
            let next = {
                let mut queue = bucket.lock();
                let next = queue.withdrawals.pop_front().or_else(|| queue.changes.pop_front());
                if next.is_none() {
                    queue.taken = false;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(Turn(Some(Arc::clone(&bucket)))) {
                Ok(()) => return,
                // That one gave up waiting. Disarmed, or its own drop would pass the turn on a second time.
                Err(mut unclaimed) => unclaimed.0 = None,
            }
        }
    }
}

/// Governor's clock over tokio's, so that budgets hold on paused time too.
#[derive(Debug, Clone, Copy)]
struct TokioClock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Instant);

impl GovernorClock for TokioClock {
    type Instant = Moment;
    fn now(&self) -> Moment {
        Moment(Instant::now())
    }
}

impl Add<Nanos> for Moment {
    type Output = Self;
    fn add(self, nanos: Nanos) -> Self {
        Self(self.0 + Duration::from(nanos))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }
    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_mins(5);

    #[tokio::test(start_paused = true)]
    async fn a_window_never_sees_more_than_burst_and_rate_allow() {
        let bucket = Bucket::new(250, 25.0);
        let start = Instant::now();
        for _ in 0..2750 {
            bucket.draw(1, Priority::Change, PATIENCE).await.unwrap();
        }
        let took = start.elapsed().as_secs_f64();
        assert!((99.0..=101.0).contains(&took), "250 at once and 2500 at 25 a second took {took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_withdrawal_overtakes_every_waiting_change() {
        let bucket = Bucket::new(1, 1.0);
        bucket.draw(1, Priority::Change, PATIENCE).await.unwrap();
        let start = Instant::now();
        let mut changes = Vec::new();
        for _ in 0..50 {
            let bucket = Arc::clone(&bucket);
            changes.push(tokio::spawn(async move { bucket.draw(1, Priority::Change, PATIENCE).await }));
        }
        tokio::task::yield_now().await;
        bucket.draw(1, Priority::Withdrawal, PATIENCE).await.unwrap();
        assert!(start.elapsed() <= Duration::from_millis(2100), "it waited {:?}", start.elapsed());
        for change in changes {
            change.await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody_and_a_waiter_that_gives_up_blocks_nobody() {
        let bucket = Bucket::new(10, 10.0);
        bucket.pause(Duration::from_secs(17));
        let start = Instant::now();
        let waiting = {
            let bucket = Arc::clone(&bucket);
            tokio::spawn(async move { bucket.draw(1, Priority::Change, PATIENCE).await })
        };
        let impatient = {
            let bucket = Arc::clone(&bucket);
            tokio::spawn(async move { bucket.draw(1, Priority::Change, PATIENCE).await })
        };
        tokio::task::yield_now().await;
        impatient.abort();
        waiting.await.unwrap().unwrap();
        bucket.draw(1, Priority::Change, PATIENCE).await.unwrap();
        assert!((17.0..17.2).contains(&start.elapsed().as_secs_f64()));
        bucket.pause(Duration::from_hours(1));
        assert!(bucket.draw(1, Priority::Change, PATIENCE).await.is_err());
    }
}
