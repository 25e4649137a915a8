//! One record, and the hash that ties it to the one before.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::journal::event::{Body, Event};

/// What every hash begins with, so that it is good for nothing else.
const SEAL: &[u8] = b"groupsync journal 1\n";

/// A process that writes: drawn at random when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Writer(pub Uuid);

impl Writer {
    /// Another one than any before.
    #[expect(
        clippy::disallowed_methods,
        reason = "two processes must differ; nothing that is planned depends on it"
    )]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first record of a writer follows.
    pub const NONE: Self = Self([0; 32]);
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A record as it lies in the journal. Everything in it goes into its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the journal, from 1.
    pub place: u64,
    /// Who wrote it.
    pub writer: Writer,
    /// Its number among the writer's own, from 1.
    pub number: u64,
    /// The hash of the writer's record before.
    pub previous: Hash,
    /// Its own hash.
    pub hash: Hash,
    /// What it says, as JSON.
    pub body: String,
}

impl Stored {
    /// Seals a body as a writer's next record.
    pub(super) fn seal(place: u64, writer: Writer, number: u64, previous: Hash, body: String) -> Self {
        let hash = hash(place, writer, number, previous, &body);
        Self { place, writer, number, previous, hash, body }
    }

    /// Whether the hash is that of the rest.
    pub(super) fn is_sound(&self) -> bool {
        self.hash == hash(self.place, self.writer, self.number, self.previous, &self.body)
    }
}

/// A record, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the journal, from 1.
    pub place: u64,
    /// Who wrote it.
    pub writer: Writer,
    /// Its number among the writer's own.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
    /// When, and what.
    pub body: Body,
}

impl Record {
    /// What happened.
    pub fn event(&self) -> &Event {
        &self.body.event
    }
}

fn hash(place: u64, writer: Writer, number: u64, previous: Hash, body: &str) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(SEAL);
    context.update(&previous.0);
    context.update(&place.to_be_bytes());
    context.update(writer.0.as_bytes());
    context.update(&number.to_be_bytes());
    context.update(body.as_bytes());
    let digest = context.finish();
    Hash(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}
