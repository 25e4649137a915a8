//! An exact sliding window: what was used within the last so many seconds, to the nanosecond.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The costs of one window. Adding and forgetting take constant time on average, asking when there is room again a
/// logarithm of what the window holds.
#[derive(Debug)]
pub(super) struct Window {
    span: Duration,
    /// Moments with what had been used in all by then, oldest first; nothing older than the span.
    uses: VecDeque<(Timestamp, u64)>,
    /// What had been used in all by the youngest moment that was forgotten.
    forgotten: u64,
    /// What was ever used.
    total: u64,
}

impl Window {
    pub(super) fn of(span: Duration) -> Self {
        Self { span, uses: VecDeque::new(), forgotten: 0, total: 0 }
    }

    /// Uses `cost`, whatever the limit: the services that refuse a request for its cost count it all the same.
    pub(super) fn charge(&mut self, now: Timestamp, cost: u64) {
        self.forget(now);
        self.total += cost;
        match self.uses.back_mut() {
            Some((at, total)) if *at == now => *total = self.total,
            _ => self.uses.push_back((now, self.total)),
        }
    }

    /// Uses `cost` if the limit allows it and says what is left; or how long until it would.
    pub(super) fn draw(&mut self, now: Timestamp, cost: u64, limit: u64) -> Result<u64, Duration> {
        self.forget(now);
        if self.used() + cost > limit {
            return Err(self.room_in(now, cost, limit));
        }
        self.charge(now, cost);
        Ok(limit - self.used())
    }

    /// What the window held when it was last charged.
    pub(super) fn used(&self) -> u64 {
        self.total - self.forgotten
    }

    /// How long until `cost` fits, if nothing else is used meanwhile; what never fits waits for an empty window.
    pub(super) fn room_in(&self, now: Timestamp, cost: u64, limit: u64) -> Duration {
        let needed = (self.used() + cost).saturating_sub(limit).min(self.used());
        if needed == 0 {
            return Duration::ZERO;
        }
        let place = self.uses.partition_point(|(_, total)| total - self.forgotten < needed);
        let age = self.uses.get(place).map_or(SignedDuration::ZERO, |(at, _)| now.duration_since(*at));
        self.span.saturating_sub(age.unsigned_abs())
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((at, total)) = self.uses.front() {
            if now.duration_since(*at).unsigned_abs() < self.span {
                return;
            }
            self.forgotten = *total;
            self.uses.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn every_window_is_the_sum_of_what_lies_in_it() {
        let mut random = fastrand::Rng::with_seed(5);
        let span = Duration::from_secs(10);
        let (mut window, mut past, mut now) = (Window::of(span), Vec::new(), 0);
        for _ in 0..20_000 {
            now += random.i64(0..40);
            let cost = random.u64(1..6);
            past.push((now, cost));
            window.charge(at(now), cost);
            let truth: u64 =
                past.iter().rev().take_while(|(then, _)| now - then < 10_000).map(|(_, cost)| cost).sum();
            assert_eq!(window.used(), truth);
        }
        assert!(window.uses.len() <= 10_000, "what left the window is forgotten");
    }

    #[test]
    fn there_is_room_exactly_when_it_said_there_would_be() {
        let mut random = fastrand::Rng::with_seed(6);
        let mut window = Window::of(Duration::from_secs(10));
        let (mut now, mut waits) = (0, 0);
        for _ in 0..5_000 {
            now += random.i64(0..30);
            let cost = random.u64(1..6);
            if let Err(wait) = window.draw(at(now), cost, 700) {
                let ready = now + i64::try_from(wait.as_millis()).unwrap();
                assert!(window.draw(at(ready - 1), cost, 700).is_err(), "it said too late a time");
                assert!(window.draw(at(ready), cost, 700).is_ok(), "it said too early a time");
                (now, waits) = (ready, waits + 1);
            }
        }
        assert!(waits > 50, "{waits}");
    }
}
