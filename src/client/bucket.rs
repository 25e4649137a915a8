//! One budget of one scope: a governor bucket with a fair queue, strict priority for withdrawals, and a pause.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, Reference};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::client::limiter::Priority;
use crate::client::pace::{Pace, Sizes};

/// How finely a budget is counted: a slower pace makes everything dearer by fractions.
const GRAIN: u32 = 8;

/// The longest pause a service can impose with one answer. A longer one is taken for a mistake of whoever sent it.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// A bucket; clones of the [`Arc`] share it.
pub(super) struct Bucket {
    governor: RateLimiter<NotKeyed, InMemoryState, TokioClock, StateInformationMiddleware>,
    burst: u32,
    per_second: f64,
    queue: Mutex<Queue>,
    /// Wakes a change that waits at the head of the queue when a withdrawal comes.
    overtaken: Notify,
}

struct Queue {
    /// Whether somebody holds the turn.
    taken: bool,
    withdrawals: VecDeque<oneshot::Sender<Turn>>,
    changes: VecDeque<oneshot::Sender<Turn>>,
    paused_until: Option<Instant>,
    pace: Pace,
    /// What finished requests turned out to have cost less.
    credit: u32,
    /// What was left at the last draw, in cells of governor's, and when that was.
    left: Option<(u32, Instant)>,
}

/// The right to be the next to draw. Passed on when dropped, even inside a channel nobody reads any more.
struct Turn(Option<Arc<Bucket>>);

/// Why nothing was drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct PausedTooLong(pub(super) Duration);

impl Bucket {
    /// A bucket that at its full pace lets `burst` through at once and `per_second` in the long run: never more than
    /// `burst + per_second × window` in any window. It begins at the pace of the first of `sizes`.
    pub(super) fn new(burst: u32, per_second: f64, sizes: Sizes) -> Arc<Self> {
        let cells = NonZeroU32::new(burst * GRAIN).expect("a bucket's burst is a constant above zero");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "far below 2^64")]
        let nanos = (1e9 / (per_second * f64::from(GRAIN))).ceil() as u64;
        let quota = Quota::with_period(Duration::from_nanos(nanos))
            .expect("a bucket's rate is a constant above zero")
            .allow_burst(cells);
        let queue = Queue {
            taken: false,
            withdrawals: VecDeque::new(),
            changes: VecDeque::new(),
            paused_until: None,
            pace: Pace::of(sizes),
            credit: 0,
            left: None,
        };
        Arc::new(Self {
            governor: RateLimiter::direct_with_clock(quota, TokioClock).with_middleware(),
            burst,
            per_second,
            queue: Mutex::new(queue),
            overtaken: Notify::new(),
        })
    }

    /// Draws `cost`, waiting for it; first come, first served among equals, withdrawals before all others, even before a
    /// change that stands at the head already. Gives up at once if the bucket is paused for longer than `patience`.
    pub(super) async fn draw(
        self: &Arc<Self>,
        cost: u32,
        priority: Priority,
        patience: Duration,
    ) -> Result<(), PausedTooLong> {
        let mut turn = self.turn(priority).await;
        loop {
            let wait = match self.pause_left() {
                Some(pause) if pause > patience => return Err(PausedTooLong(pause)),
                Some(pause) => pause,
                None => match self.try_draw(cost) {
                    None => return Ok(()),
                    Some(wait) => wait,
                },
            };
            turn = match priority {
                Priority::Withdrawal => {
                    tokio::time::sleep(wait).await;
                    turn
                }
                Priority::Change => tokio::select! {
                    () = tokio::time::sleep(wait) => turn,
                    () = self.overtaken.notified() => self.step_aside(turn).await,
                },
            };
        }
    }

    /// Draws what a finished request turned out to have cost more, without waiting: those who come next pay.
    pub(super) fn charge_late(&self, cost: u32) {
        self.try_draw(cost);
    }

    /// Gives back what a finished request turned out to have cost less: those who come next use it up.
    pub(super) fn give_back(&self, cost: u32) {
        let mut queue = self.lock();
        queue.credit = (queue.credit + cost).min(self.burst);
    }

    /// Notes what a request cost by the service's own count.
    pub(super) fn used(&self, cost: u32) {
        self.lock().pace.used(cost, Instant::now());
    }

    /// Lets nobody pass for `duration`, and everybody more slowly for a while after: whoever was refused once is refused
    /// again otherwise. The longest of several pauses counts.
    pub(super) fn refused(&self, duration: Duration) {
        let now = Instant::now();
        let until = now + duration.min(LONGEST_PAUSE);
        let mut queue = self.lock();
        queue.paused_until = queue.paused_until.max(Some(until));
        queue.pace.refused(now, until);
    }

    /// Makes everybody pass more slowly for a while.
    pub(super) fn warned(&self) {
        self.lock().pace.warned(Instant::now());
    }

    /// Lets everybody pass a little faster, up to the usual pace.
    pub(super) fn plenty(&self) {
        self.lock().pace.plenty(Instant::now());
    }

    /// The share of the burst that is left; nothing while paused.
    pub(super) fn left(&self) -> f64 {
        if self.pause_left().is_some() {
            return 0.0;
        }
        let Some((cells, at)) = self.lock().left else { return 1.0 };
        let back = at.elapsed().as_secs_f64() * self.per_second;
        ((f64::from(cells) / f64::from(GRAIN) + back) / f64::from(self.burst)).min(1.0)
    }

    /// Nothing if `cost` was drawn, or how long to wait before trying again.
    fn try_draw(&self, cost: u32) -> Option<Duration> {
        let mut queue = self.lock();
        let credit = queue.credit.min(cost);
        let share = queue.pace.share(Instant::now());
        // A cost above the burst could never be drawn; the rest of it is absorbed by the headroom of the quotas.
        let most = self.burst * GRAIN;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the burst")]
        let cells = (f64::from((cost - credit) * GRAIN) / share).ceil().min(f64::from(most)) as u32;
        let drawn = match NonZeroU32::new(cells) {
            None => Ok(None),
            Some(cells) => match self.governor.check_n(cells) {
                Ok(drawn) => drawn.map(Some),
                Err(_) => unreachable!("the cost was clamped to the burst"),
            },
        };
        match drawn {
            Ok(state) => {
                queue.credit -= credit;
                if let Some(state) = state {
                    queue.left = Some((state.remaining_burst_capacity(), Instant::now()));
                }
                None
            }
            Err(not_yet) => Some(not_yet.wait_time_from(TokioClock.now()).max(Duration::from_millis(1))),
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
                Priority::Withdrawal => {
                    queue.withdrawals.push_back(sender);
                    self.overtaken.notify_one();
                }
                Priority::Change => queue.changes.push_back(sender),
            }
            receiver
        };
        waiting.await.expect("the turn is passed to everybody who waits, a bucket outlives its queue")
    }

    /// Lets the withdrawals that wait go first, and comes before all other changes again.
    async fn step_aside(&self, turn: Turn) -> Turn {
        let (sender, receiver) = oneshot::channel();
        self.lock().changes.push_front(sender);
        drop(turn);
        receiver.await.expect("the turn is passed to everybody who waits, a bucket outlives its queue")
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
    const FIXED: Sizes = &[(1.0, 0.0)];

    #[tokio::test(start_paused = true)]
    async fn a_window_never_sees_more_than_burst_and_rate_allow() {
        let bucket = Bucket::new(250, 25.0, FIXED);
        let start = Instant::now();
        for _ in 0..2750 {
            bucket.draw(1, Priority::Change, PATIENCE).await.unwrap();
        }
        let took = start.elapsed().as_secs_f64();
        assert!((99.0..=101.0).contains(&took), "250 at once and 2500 at 25 a second took {took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_withdrawal_overtakes_every_waiting_change() {
        let bucket = Bucket::new(1, 1.0, FIXED);
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
        let bucket = Bucket::new(10, 10.0, FIXED);
        bucket.refused(Duration::from_secs(17));
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
        bucket.refused(Duration::from_hours(24 * 365));
        let Err(PausedTooLong(pause)) = bucket.draw(1, Priority::Change, PATIENCE).await else { panic!() };
        assert!(pause <= LONGEST_PAUSE, "a year is a mistake: {pause:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_withdrawal_does_not_even_wait_for_the_change_at_the_head() {
        let bucket = Bucket::new(10, 1.0, FIXED);
        bucket.draw(10, Priority::Change, PATIENCE).await.unwrap();
        let start = Instant::now();
        let mut changes = Vec::new();
        for _ in 0..2 {
            let bucket = Arc::clone(&bucket);
            changes.push(tokio::spawn(async move {
                bucket.draw(10, Priority::Change, PATIENCE).await.unwrap();
                start.elapsed()
            }));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        bucket.draw(1, Priority::Withdrawal, PATIENCE).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(2), "it waited {:?}", start.elapsed());
        let mut ended = Vec::new();
        for change in changes {
            ended.push(change.await.unwrap().as_secs());
        }
        assert_eq!(ended, [11, 21], "and the changes keep their order");
    }

    #[tokio::test(start_paused = true)]
    async fn what_cost_less_is_given_back_and_what_cost_more_is_paid() {
        let bucket = Bucket::new(10, 1.0, FIXED);
        bucket.draw(10, Priority::Change, PATIENCE).await.unwrap();
        bucket.give_back(4);
        let start = Instant::now();
        bucket.draw(4, Priority::Change, PATIENCE).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO, "four were not used");
        tokio::time::sleep(Duration::from_secs(5)).await;
        bucket.charge_late(5);
        bucket.draw(1, Priority::Change, PATIENCE).await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 6);
    }
}
