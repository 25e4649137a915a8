//! Replica lag: what readers of an index still see while a write is on its way to them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::clock::later;
use super::dice::Dice;
use super::world::Lag;

/// How long writes take to arrive.
#[derive(Clone, Copy, Debug)]
pub(super) struct LagRule {
    dice: Dice,
    lag: Lag,
}

impl LagRule {
    pub(super) fn new(dice: Dice, lag: Lag) -> Self {
        Self { dice, lag }
    }

    /// When a write made now shows in that index; nothing if at once.
    pub(super) fn until(self, now: Timestamp, index: &str, about: &[Uuid]) -> Option<Timestamp> {
        let Lag { min_seconds, max_seconds } = self.lag;
        if max_seconds <= 0.0 {
            return None;
        }
        // The time of the write tells two writes to one object apart.
        let nth = now.as_nanosecond().to_le_bytes();
        let nth = u64::from_le_bytes(nth[..8].try_into().expect("eight of sixteen bytes"));
        let share = self.dice.roll(index, about, nth).f64();
        let seconds = min_seconds + share * (max_seconds - min_seconds);
        Some(later(now, Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)))
    }
}

/// The values readers of one index still see in place of the true ones.
#[derive(Clone, Debug)]
pub(super) struct Lagged<K, V> {
    /// Per key the overwritten values, oldest first, each with the time at which its successor arrives.
    waiting: BTreeMap<K, Vec<(Timestamp, V)>>,
    writes: u32,
}

impl<K, V> Default for Lagged<K, V> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), writes: 0 }
    }
}

impl<K: Ord + Copy, V> Lagged<K, V> {
    /// Remembers what a write replaced, until readers see the write.
    pub(super) fn record(&mut self, key: K, replaced: V, now: Timestamp, until: Option<Timestamp>) {
        let Some(until) = until else { return };
        self.writes += 1;
        if self.writes.is_multiple_of(256) {
            self.waiting.retain(|_, values| values.iter().any(|(until, _)| *until > now));
        }
        let values = self.waiting.entry(key).or_default();
        values.retain(|(until, _)| *until > now);
        values.push((until, replaced));
    }

    /// The old value a reader still sees; nothing if it sees the truth.
    ///
    /// The oldest value still waiting wins, so that no reader sees a later write before an earlier one.
    pub(super) fn still(&self, key: &K, now: Timestamp) -> Option<&V> {
        self.waiting.get(key)?.iter().find(|(until, _)| *until > now).map(|(_, value)| value)
    }

    /// Every key at which readers still see an old value.
    pub(super) fn all(&self, now: Timestamp) -> impl Iterator<Item = (&K, &V)> {
        self.waiting.keys().filter_map(move |key| Some((key, self.still(key, now)?)))
    }

    /// The same, for the keys of a range.
    pub(super) fn between(&self, first: K, last: K, now: Timestamp) -> impl Iterator<Item = (&K, &V)> {
        self.waiting.range(first..=last).filter_map(move |(key, _)| Some((key, self.still(key, now)?)))
    }
}

/// What readers of an index see of a collection, in the order of its ids.
pub(super) fn seen<'a, T>(
    truth: &'a BTreeMap<Uuid, T>,
    index: &'a Lagged<Uuid, Option<T>>,
    now: Timestamp,
) -> Vec<&'a T> {
    let mut late = index.all(now).peekable();
    if late.peek().is_none() {
        return truth.values().collect();
    }
    let mut view: BTreeMap<&Uuid, &T> = truth.iter().collect();
    for (id, old) in late {
        match old {
            Some(old) => view.insert(id, old),
            None => view.remove(id),
        };
    }
    view.into_values().collect()
}
