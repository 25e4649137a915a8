//! How fast a budget is used: slower at once after a sign of trouble, back step by step while it is calm, and faster than at
//! first only where the service shows that it allows more.

use std::time::Duration;

use tokio::time::Instant;

/// How long it must be calm for one step back, and within which time several signs count as one: Graph's shortest window.
pub(super) const CALM: Duration = Duration::from_secs(10);

/// What is left of the pace after a refusal.
const AFTER_REFUSAL: f64 = 0.5;

/// What is left of it after a warning.
const AFTER_WARNING: f64 = 0.75;

/// Slower than this share of the usual pace nobody gets by refusals, nor by warnings.
const LEAST_REFUSED: f64 = 1.0 / 16.0;
const LEAST_WARNED: f64 = 0.5;

/// One step back: so much of the usual pace.
const STEP: f64 = 1.0 / 8.0;

/// The sizes a budget may turn out to have, as shares of the largest, each with the units that one window of it holds.
pub(super) type Sizes = &'static [(f64, f64)];

/// How much of a quota must be used in a window without a warning to prove that the quota is larger: warnings begin at 0.8.
const PROOF: f64 = 0.83;

/// How long a size that turned out too large is not tried again.
const LESSON: Duration = Duration::from_mins(10);

/// The pace of one budget.
#[derive(Debug)]
pub(super) struct Pace {
    share: f64,
    sizes: Sizes,
    size: usize,
    /// When it was last cut.
    cut: Option<Instant>,
    /// Since when it is calm, or when the last step back was made.
    calm_since: Option<Instant>,
    /// The window in which use is counted, and the use by the service's own count.
    window: Option<Instant>,
    used: f64,
}

impl Pace {
    /// The pace of a budget that has one of `sizes`, which is not known: it counts as the first.
    pub(super) fn of(sizes: Sizes) -> Self {
        Self { share: sizes[0].0, sizes, size: 0, cut: None, calm_since: None, window: None, used: 0.0 }
    }

    /// The share of the full pace at this moment.
    pub(super) fn share(&mut self, now: Instant) -> f64 {
        let usual = self.usual();
        if let Some(since) = self.calm_since {
            let steps = now.saturating_duration_since(since).as_secs() / CALM.as_secs();
            if steps > 0 {
                let steps = u32::try_from(steps).unwrap_or(u32::MAX);
                self.share = usual.min(self.share + usual * STEP * f64::from(steps));
                self.calm_since = (self.share < usual).then(|| since + CALM * steps);
            }
        }
        self.share
    }

    /// Refused. `until`: when the service wants to be asked again.
    pub(super) fn refused(&mut self, now: Instant, until: Instant) {
        self.shrink();
        self.cut_to(AFTER_REFUSAL, LEAST_REFUSED, now, until);
    }

    /// Warned that the quota is nearly used up.
    pub(super) fn warned(&mut self, now: Instant) {
        self.shrink();
        self.cut_to(AFTER_WARNING, LEAST_WARNED, now, now);
    }

    /// Shown that plenty is left: one step back at once.
    pub(super) fn plenty(&mut self, now: Instant) {
        let usual = self.usual();
        let recently = self.cut.is_some_and(|cut| now.saturating_duration_since(cut) < CALM);
        if !recently && self.share(now) < usual {
            self.share = usual.min(self.share + usual * STEP);
        }
    }

    /// Notes what a request cost by the service's own count. A whole window close to the quota without a warning proves that
    /// the quota is a larger one.
    pub(super) fn used(&mut self, cost: u32, now: Instant) {
        let begun = *self.window.get_or_insert(now);
        if now.saturating_duration_since(begun) >= CALM {
            let calm = self.cut.is_none_or(|cut| now.saturating_duration_since(cut) >= LESSON);
            if calm && self.used >= PROOF * self.sizes[self.size].1 && self.size + 1 < self.sizes.len() {
                self.size += 1;
                self.share = self.usual();
            }
            (self.window, self.used) = (Some(now), 0.0);
        }
        self.used += f64::from(cost);
    }

    fn usual(&self) -> f64 {
        self.sizes[self.size].0
    }

    /// Whatever was learnt about the size may be wrong.
    fn shrink(&mut self) {
        if self.size > 0 {
            self.size -= 1;
            self.share = self.share.min(self.usual());
        }
    }

    fn cut_to(&mut self, factor: f64, least: f64, now: Instant, calm_from: Instant) {
        let again = self.cut.is_some_and(|cut| now.saturating_duration_since(cut) < CALM);
        let share = self.share(now);
        if !again {
            self.share = share.min((share * factor).max(self.usual() * least));
            self.cut = Some(now);
        }
        self.calm_since = Some(self.calm_since.map_or(calm_from, |since| since.max(calm_from)));
        (self.window, self.used) = (None, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXED: Sizes = &[(1.0, 0.0)];
    const TENANT: Sizes = &[(0.4375, 3_500.0), (0.625, 5_000.0), (1.0, 8_000.0)];

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_halves_the_pace_once_a_window_and_calm_restores_it_step_by_step() {
        let start = Instant::now();
        let mut pace = Pace::of(FIXED);
        for second in 0..5 {
            pace.refused(after(start, second), after(start, second));
        }
        assert!((pace.share(after(start, 5)) - 0.5).abs() < 1e-9, "five refusals of one window are one");
        pace.refused(after(start, 11), after(start, 11));
        assert!((pace.share(after(start, 12)) - 0.25).abs() < 1e-9);
        assert!((pace.share(after(start, 22)) - 0.375).abs() < 1e-9, "one step after ten calm seconds");
        assert!((pace.share(after(start, 100)) - 1.0).abs() < 1e-9, "and all of it in the end");
        for minute in 1..60 {
            pace.refused(after(start, 60 * minute), after(start, 60 * minute + 55));
        }
        assert!(pace.share(after(start, 3600)) >= LEAST_REFUSED, "it never stops for good");
    }

    #[tokio::test(start_paused = true)]
    async fn a_size_is_learnt_from_use_that_nobody_warns_of_and_unlearnt_by_a_warning() {
        let start = Instant::now();
        let mut pace = Pace::of(TENANT);
        for second in 0..=10 {
            pace.used(300, after(start, second));
        }
        assert!(
            (pace.share(after(start, 10)) - 0.625).abs() < 1e-9,
            "3,000 of 3,500 would have been warned of"
        );
        pace.warned(after(start, 12));
        assert!(pace.share(after(start, 12)) <= 0.4375);
        for second in 13..60 {
            pace.used(300, after(start, second));
        }
        assert!(pace.share(after(start, 60)) <= 0.4375 + 1e-9, "not tried again for ten minutes");
        let mut idle = Pace::of(TENANT);
        for second in 0..60 {
            idle.used(100, after(start, second));
        }
        assert!((idle.share(after(start, 60)) - 0.4375).abs() < 1e-9, "little use proves nothing");
    }
}
