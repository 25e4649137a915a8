//! When which customer is looked at: pure decisions, every time and every die an argument.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use crate::controller::status::Trigger;

/// The wait after a first failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_mins(1);

/// The wait where the customer took our rights away: only a person can end that, and asking more often costs the customer an
/// entry in its sign-in log each time.
const WITHOUT_ACCESS: Duration = Duration::from_hours(1);

/// The longest wait while somebody's access should be gone and is not.
const WHILE_OVERDUE: Duration = Duration::from_mins(2);

/// Ordinary turns fall on multiples of this, so that one look at the partner serves several customers.
const GRID: i64 = 5;

/// A look that is to come, and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Not before.
    pub at: Timestamp,
    /// What for; of two at the same time the more urgent one counts.
    pub trigger: Trigger,
}

/// How a pass came to its end, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything was read and done, or waits for a human.
    Well,
    /// Something could not be read or done.
    Badly,
    /// The same, and withdrawals among it.
    Overdue,
    /// A right is gone that only the customer can give back.
    WithoutAccess,
    /// Something more urgent came up.
    Interrupted,
    /// The same, before it was planned.
    GaveWay,
}

/// When one customer is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    turn: Turn,
    /// When something that the files say about the customer begins or ends by itself.
    edge: Option<Timestamp>,
    /// When something is left to be done or looked at once more; no pass in between makes up for that.
    come_back: BTreeSet<Timestamp>,
    running: Option<Trigger>,
    /// What was wished for while a pass was under way.
    again: Option<Trigger>,
    failures: u32,
    /// Whether the last pass was one for the partner that gave way before it was planned: the next one does not.
    gave_way: bool,
}

impl Slot {
    /// A customer that was never looked at, and is to be at `at`.
    pub fn new(at: Timestamp, trigger: Trigger) -> Self {
        Self {
            turn: Turn { at, trigger },
            edge: None,
            come_back: BTreeSet::new(),
            running: None,
            again: None,
            failures: 0,
            gave_way: false,
        }
    }

    /// The next look; none while one is under way.
    pub fn next(&self) -> Option<Turn> {
        if self.running.is_some() {
            return None;
        }
        self.turns().min()
    }

    /// The look whose time has come, for the most urgent reason there is: what came first says nothing about that.
    pub fn due(&self, now: Timestamp) -> Option<Turn> {
        if self.running.is_some() {
            return None;
        }
        self.turns().filter(|turn| turn.at <= now).min_by_key(|turn| turn.trigger)
    }

    fn turns(&self) -> impl Iterator<Item = Turn> {
        let edge = self.edge.map(|at| Turn { at, trigger: Trigger::Edge });
        let back = self.come_back.first().map(|&at| Turn { at, trigger: Trigger::Deferred });
        [edge, back].into_iter().flatten().chain([self.turn])
    }

    /// Says when something begins or ends by itself.
    pub fn set_edge(&mut self, edge: Option<Timestamp>) {
        self.edge = edge;
    }

    /// Wishes for a look at `at`. Whether a pass that is under way should give way to it.
    pub fn wish(&mut self, trigger: Trigger, at: Timestamp) -> bool {
        if let Some(running) = self.running {
            self.again = Some(self.again.map_or(trigger, |again| again.min(trigger)));
            return trigger == Trigger::Edge
                // Somebody may have left, and a pass for somebody who joined may be long; one that gave way already goes on,
                // or people who come and go every round would keep it from ever being planned.
                || trigger == Trigger::Partner && running == Trigger::Partner && !self.gave_way
                || (trigger.is_urgent() || trigger == Trigger::Files) && !running.is_urgent();
        }
        if self.turn.at <= at {
            self.turn.trigger = self.turn.trigger.min(trigger);
        } else {
            self.turn = Turn { at, trigger };
        }
        false
    }

    /// Begins a pass.
    pub fn begin(&mut self, now: Timestamp) -> Trigger {
        let trigger = self.due(now).or_else(|| self.next()).map_or(Trigger::Interval, |turn| turn.trigger);
        self.running = Some(trigger);
        if self.edge.is_some_and(|edge| edge <= now) {
            self.edge = None;
        }
        self.come_back.retain(|at| *at > now);
        trigger
    }

    /// The pass under way has its plan: whoever interrupts it now keeps nobody from being planned.
    pub fn planned(&mut self) {
        self.gave_way = false;
    }

    /// What the pass under way is for.
    pub fn running(&self) -> Option<Trigger> {
        self.running
    }

    /// Whether an edge has come while a pass is under way.
    pub fn edge_passed(&self, now: Timestamp) -> bool {
        self.running.is_some() && self.edge.is_some_and(|edge| edge <= now)
    }

    /// How many passes in a row have failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Wishes for a look at these times, whatever happens before.
    pub fn come_back(&mut self, times: impl IntoIterator<Item = Timestamp>) {
        self.come_back.extend(times);
    }

    /// Ends a pass that began at `began`, and says until when the customer is left alone if it failed. `die` is a number from
    /// 0 to 1.
    pub fn end(
        &mut self,
        ended: Ended,
        (began, now): (Timestamp, Timestamp),
        interval: Duration,
        die: f64,
    ) -> Option<Timestamp> {
        let was = self.running.take();
        self.gave_way = ended == Ended::GaveWay && was == Some(Trigger::Partner);
        let mut backing_off = None;
        self.turn = match ended {
            Ended::Interrupted | Ended::GaveWay => Turn { at: now, trigger: Trigger::Deferred },
            Ended::Well => {
                self.failures = 0;
                Turn { at: turn_after(began, now, interval, die), trigger: Trigger::Interval }
            }
            Ended::Badly | Ended::Overdue | Ended::WithoutAccess => {
                self.failures = self.failures.saturating_add(1);
                let at = after(now, back_off(self.failures, ended, interval, die));
                backing_off = Some(at);
                Turn { at, trigger: Trigger::Retry }
            }
        };
        if let Some(trigger) = self.again.take() {
            self.turn = self.turn.min(Turn { at: now, trigger });
        }
        backing_off
    }
}

/// The next ordinary turn: an interval after the last one began, a tenth earlier or later, so that customers who once came
/// together drift apart.
fn turn_after(began: Timestamp, now: Timestamp, interval: Duration, die: f64) -> Timestamp {
    on_grid(after(began, interval.mul_f64(0.9 + 0.2 * die.clamp(0.0, 1.0))).max(now))
}

/// How long a failing customer is left alone.
pub fn back_off(failures: u32, ended: Ended, interval: Duration, die: f64) -> Duration {
    let longest = match ended {
        Ended::WithoutAccess => return scattered(WITHOUT_ACCESS.max(interval), die),
        Ended::Overdue => WHILE_OVERDUE,
        // Never more often than if all were well, but for the first tries after a failure that passes.
        _ => interval.max(FIRST_WAIT),
    };
    let doublings = failures.saturating_sub(1).min(16);
    scattered(FIRST_WAIT.saturating_mul(1 << doublings).min(longest), die)
}

/// A wait, a quarter shorter to a quarter longer.
fn scattered(wait: Duration, die: f64) -> Duration {
    wait.mul_f64(0.75 + 0.5 * die.clamp(0.0, 1.0))
}

/// When a fleet of `size` customers that was never looked at is looked at: one after another, not all at once.
pub fn first_turns(start: Timestamp, size: usize) -> impl Iterator<Item = Timestamp> {
    let per_second = f64::from(Ramp::ORDINARY.per_second);
    (0..size).map(move |index| after(start, Duration::from_secs_f64(index as f64 / per_second)))
}

fn after(time: Timestamp, wait: Duration) -> Timestamp {
    time.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

fn on_grid(time: Timestamp) -> Timestamp {
    let second = time.as_second() + i64::from(time.subsec_nanosecond() > 0);
    let rounded = second.div_euclid(GRID) * GRID;
    let rounded = if rounded < second { rounded + GRID } else { rounded };
    Timestamp::from_second(rounded).unwrap_or(time)
}

impl Trigger {
    /// Whether somebody's access may have ended: such a look goes before all others, and a pass gives way to it.
    pub fn is_urgent(self) -> bool {
        matches!(self, Self::Edge | Self::Partner)
    }
}

/// How many customers may begin, so that what was held up is caught up without a rush.
#[derive(Debug, Clone, Copy)]
pub struct Ramp {
    pace: Pace,
    left: f64,
    filled: Timestamp,
}

/// A pace: so many at once, so many in each second after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// At once.
    pub burst: u32,
    /// In each second.
    pub per_second: u32,
}

impl Ramp {
    /// For ordinary looks: 3,000 customers in half a minute.
    pub const ORDINARY: Pace = Pace { burst: 100, per_second: 100 };
    /// For looks after which somebody's access ends: a person in 490 tenants at once.
    pub const URGENT: Pace = Pace { burst: 500, per_second: 200 };

    /// A ramp on which nobody has begun.
    pub fn new(pace: Pace, now: Timestamp) -> Self {
        Self { pace, left: f64::from(pace.burst), filled: now }
    }

    /// How many of `wanted` may begin now; they count as begun.
    pub fn take(&mut self, wanted: usize, now: Timestamp) -> usize {
        let passed = now.duration_since(self.filled).as_secs_f64().max(0.0);
        self.filled = self.filled.max(now);
        self.left = (self.left + passed * f64::from(self.pace.per_second)).min(f64::from(self.pace.burst));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the burst"
        )]
        let granted = wanted.min(self.left as usize);
        self.left -= granted as f64;
        granted
    }
}

#[cfg(test)]
mod tests;
