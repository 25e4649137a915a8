//! What changed in a directory, in order, for delta queries: each change arrives there after a lag of its own.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::simulator::world::{Group, User};

/// Positions in the feed are good for seven days; a change is kept a little longer, since it may arrive late.
const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// The changes of one directory.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Feed {
    entries: VecDeque<Entry>,
    /// How many were dropped from the front, because no position reaches back to them.
    dropped: u64,
}

/// One change.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Entry {
    at: Timestamp,
    /// When delta queries begin to show it.
    arrives: Timestamp,
    pub(in crate::simulator) about: About,
}

/// What a change is about, with what was there before; nothing if it is new or restored.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum About {
    User(Uuid, Option<Box<User>>),
    Group(Uuid, Option<Box<Group>>),
    Member { group: Uuid, member: Uuid },
}

/// How far a reader has come: the changes there were, and which of them had arrived.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Position {
    pub(in crate::simulator) count: u64,
    pub(in crate::simulator) at: Timestamp,
}

impl Position {
    fn covers(self, nth: u64, entry: &Entry) -> bool {
        nth < self.count && entry.arrives <= self.at
    }
}

impl Feed {
    pub(super) fn note(&mut self, at: Timestamp, arrives: Timestamp, about: About) {
        while self.entries.front().is_some_and(|oldest| at.duration_since(oldest.at) > KEPT) {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(Entry { at, arrives, about });
    }

    /// The position after everything that has arrived by now.
    pub(in crate::simulator) fn position(&self, now: Timestamp) -> Position {
        Position { count: self.dropped + self.entries.len() as u64, at: now }
    }

    /// The changes between two positions, oldest first.
    pub(in crate::simulator) fn between(
        &self,
        since: Position,
        until: Position,
    ) -> impl Iterator<Item = &Entry> {
        self.numbered()
            .filter(move |(nth, entry)| until.covers(*nth, entry) && !since.covers(*nth, entry))
            .map(|(_, entry)| entry)
    }

    /// The changes a reader at that position has not been shown although they were made.
    pub(in crate::simulator) fn late(&self, position: Position) -> impl Iterator<Item = &Entry> {
        self.numbered()
            .filter(move |(nth, entry)| *nth < position.count && !position.covers(*nth, entry))
            .map(|(_, entry)| entry)
    }

    fn numbered(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (self.dropped..).zip(&self.entries)
    }
}
