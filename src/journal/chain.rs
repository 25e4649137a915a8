//! Whether the records are all there, in order and as they were written.
//!
//! Each writer's records form a chain of their own, so two writers never wait for each other's. The first record of a writer
//! names the last one it found in the journal and its hash: so every chain that came to its end is vouched for by later ones.

use std::collections::BTreeMap;

use crate::journal::event::{Body, Event};
use crate::journal::record::{Hash, Record, Stored, Writer};

/// Where each chain stands, after looking at the records one by one in the order of their places.
#[derive(Debug, Clone, Default)]
pub struct Chains {
    /// How many records there are.
    pub records: u64,
    /// The last record's place.
    pub last: u64,
    /// The end of each writer's chain.
    heads: BTreeMap<Writer, Head>,
    /// The last record that can be trusted.
    sound: (u64, Option<Hash>),
    /// The record that cannot be trusted, if it is the last one so far.
    pub torn: Option<u64>,
    /// Torn records that a later one notes as cut off.
    pub cut_off: Vec<u64>,
    /// What is wrong, in words, in order.
    pub breaks: Vec<Break>,
}

/// A place where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The record's place.
    pub place: u64,
    /// What is wrong there: a lower-case fragment.
    pub what: String,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    number: u64,
    hash: Hash,
}

impl Chains {
    /// Looks at the next record. Gives what it says, unless it cannot be trusted.
    pub(super) fn next(&mut self, stored: &Stored) -> Option<Record> {
        self.records += 1;
        if let Some(torn) = self.torn.take() {
            self.settle_torn(torn, stored);
        }
        if stored.place <= self.last {
            self.broken(stored, "is out of order");
        } else if stored.place != self.last + 1 {
            self.broken(stored, &format!("follows record {}: those between are missing", self.last));
        }
        self.last = stored.place;
        let head = self.heads.get(&stored.writer).copied().unwrap_or(Head { number: 0, hash: Hash::NONE });
        self.heads.insert(stored.writer, Head { number: stored.number, hash: stored.hash });
        let body = serde_json::from_str::<Body>(&stored.body);
        if !stored.is_sound() {
            // Whether anything follows tells a torn end from a break.
            self.torn = Some(stored.place);
            return None;
        }
        if stored.number != head.number + 1 {
            let what =
                format!("is number {} of its writer and follows number {}", stored.number, head.number);
            self.broken(stored, &what);
        } else if stored.previous != head.hash {
            self.broken(stored, "does not follow the record before it");
        }
        let Ok(body) = body else {
            self.broken(stored, "says nothing that this version understands");
            return None;
        };
        self.vouch(stored, &body.event);
        self.sound = (stored.place, Some(stored.hash));
        let Stored { place, writer, number, hash, .. } = *stored;
        Some(Record { place, writer, number, hash, body })
    }

    /// The number and hash that a writer's next record follows.
    pub(super) fn head_of(&self, writer: Writer) -> (u64, Hash) {
        self.heads.get(&writer).map_or((0, Hash::NONE), |head| (head.number, head.hash))
    }

    /// The last record that can be trusted, and its hash. A new writer vouches for it; whoever keeps them elsewhere can tell
    /// later that nothing up to it was taken away.
    pub fn head(&self) -> (u64, Hash) {
        (self.sound.0, self.sound.1.unwrap_or(Hash::NONE))
    }

    /// Why nothing should rest on this journal, if so.
    pub fn broken_at(&self) -> Option<String> {
        let first = self.breaks.first()?;
        let more = match self.breaks.len() {
            1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        Some(format!("record {} {}{more}", first.place, first.what))
    }

    /// Something follows the record that could not be trusted: a break, unless what follows says that it was cut off.
    fn settle_torn(&mut self, torn: u64, next: &Stored) {
        let body = serde_json::from_str::<Body>(&next.body).ok().filter(|_| next.is_sound());
        match body.map(|body| body.event) {
            Some(Event::TailCutOff { record }) if record == torn => self.cut_off.push(torn),
            _ => {
                let what = "is not what was written".to_owned();
                self.breaks.push(Break { place: torn, what });
            }
        }
    }

    /// Whether a new writer found what stands before its first record.
    fn vouch(&mut self, stored: &Stored, event: &Event) {
        let Event::Opened { after, hash, .. } = event else { return };
        let (place, found) = self.head();
        if (*after, hash.as_str()) != (place, found.to_string().as_str()) {
            self.broken(stored, &format!("was written after another record {after} than there is"));
        }
    }

    fn broken(&mut self, stored: &Stored, what: &str) {
        self.breaks.push(Break { place: stored.place, what: what.to_owned() });
    }
}
