//! The record of what was set about and what became of it: append-only, hash-chained, on disk before a call is made. Memory
//! follows from it; nothing else does. Without it history and memory are lost, never safety: then no change begins, and
//! ended access ends all the same.
//!
//! A write blocks the thread it happens on. That is chosen: a thread of its own would finish at a moment of its own, and
//! virtual time would no longer be repeatable. Instead everybody who has something to write at one moment is written in one
//! transaction: whoever comes first gives way once, so that all others who are ready queue up, and then syncs for all.

pub mod target;
pub mod event;
pub mod record;
pub mod chain;
mod state;
pub mod store;
mod keeper;
pub mod read;
mod span;
pub mod register;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::journal::event::{Ended, Event, Intent};
use crate::journal::keeper::{Keeper, Settled, Waiting};
use crate::journal::record::Writer;
use crate::journal::store::Purpose;
use crate::plan::memory::Memory;
use crate::plan::window::Expenses;

/// A journal, or none. Cheap to clone; all clones write as one writer.
#[derive(Debug, Clone)]
pub struct Journal(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    intents: AtomicU64,
    queue: Mutex<Vec<Waiting>>,
    keeper: tokio::sync::Mutex<Keeper>,
    health: Mutex<Health>,
}

/// Why the journal cannot be written or read now, in words without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(String);

impl Unavailable {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Why a text names no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no journal")]
pub struct UrlError(String);

/// How a journal is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// What it is good for.
    pub condition: Condition,
    /// How many records it holds, as far as read.
    pub records: u64,
    /// When the last one was written.
    pub latest: Option<Timestamp>,
    /// How many records wait for it to come back.
    pub waiting: usize,
    /// How many were given up since this process started, because too many waited.
    pub lost: u64,
}

/// What a journal is good for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Condition {
    /// There is none.
    #[default]
    Off,
    /// Everything.
    Good,
    /// It cannot be written or read: no change begins; what ends access does.
    Unavailable(String),
    /// A chain is broken: it is still written, and no change begins.
    Broken(String),
}

/// What happens where the journal cannot record something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// What it is about must not begin.
    First,
    /// What it is about happens all the same; the record follows once the journal is back.
    Later,
}

/// The file that a URL names.
pub fn path_of(url: &str) -> Result<PathBuf, UrlError> {
    let path = url.strip_prefix("sqlite:").filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| UrlError(url.to_owned()))?;
    Ok(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

impl Journal {
    /// A journal that keeps nothing and remembers nothing.
    pub fn none() -> Self {
        Self(None)
    }

    /// The journal at `sqlite:PATH`, begun if there is none. A file that cannot be opened now is tried again later: only
    /// the URL can be wrong for good.
    pub fn open(url: &str, clock: Clock) -> Result<Self, UrlError> {
        Self::open_as(url, clock, Purpose::Begin, Writer::random())
    }

    /// The same, only to be read: it must be there.
    pub fn reading(url: &str, clock: Clock) -> Result<Self, UrlError> {
        Self::open_as(url, clock, Purpose::Read, Writer::random())
    }

    /// The same for a purpose, as a given writer: by it, the same history gives the same bytes.
    pub fn open_as(url: &str, clock: Clock, purpose: Purpose, writer: Writer) -> Result<Self, UrlError> {
        let keeper = Keeper::new(path_of(url)?, purpose, writer);
        let health = Health { condition: Condition::Good, ..Health::default() };
        let journal = Self(Some(Arc::new(Inner {
            clock,
            intents: AtomicU64::new(0),
            queue: Mutex::default(),
            keeper: tokio::sync::Mutex::new(keeper),
            health: Mutex::new(health),
        })));
        Ok(journal)
    }

    /// Whether there is one.
    pub fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// How it is doing. Never waits.
    pub fn health(&self) -> Health {
        let Some(inner) = &self.0 else { return Health::default() };
        let queue = inner.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queued: usize = queue.iter().map(|waiting| waiting.events.len()).sum();
        drop(queue);
        let health = inner.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Health { waiting: health.waiting + queued, ..health }
    }

    /// What it remembers, other writers' records included.
    pub async fn memory(&self) -> Memory {
        let Some(inner) = &self.0 else { return Memory::default() };
        let mut keeper = inner.keeper.lock().await;
        let now = inner.clock.now();
        let memory = keeper.memory(now);
        inner.note(&keeper);
        memory
    }

    /// Lets `decide` see what was set about within the day, by whichever process, and writes down what it decides on before
    /// anybody else can decide. Without a journal it sees nothing.
    pub async fn reserve<T>(&self, decide: impl FnOnce(&Expenses) -> (Vec<Event>, T)) -> T {
        let Some(inner) = &self.0 else { return decide(&Expenses::new()).1 };
        let mut keeper = inner.keeper.lock().await;
        let decided = keeper.reserve(inner.clock.now(), decide);
        inner.note(&keeper);
        decided
    }

    /// Writes something down. Returns once it is on disk.
    pub async fn append(&self, event: Event) -> Result<(), Unavailable> {
        self.write(vec![event], Need::First).await
    }

    /// Writes something down, now or once that is possible again.
    pub async fn note(&self, event: Event) {
        // What cannot be written now is kept; the health of the journal says so.
        let _kept = self.write(vec![event], Need::Later).await;
    }

    /// Writes something down with whatever is written next.
    pub fn note_later(&self, event: Event) {
        let Some(inner) = &self.0 else { return };
        inner.enqueue(vec![event], Need::Later);
    }

    /// Writes down everything noted so far.
    pub async fn flush(&self) {
        // What cannot be written now is kept; the health of the journal says so.
        let _kept = self.write(Vec::new(), Need::Later).await;
    }

    /// Writes down what is about to be done, in the order given, and numbers it. With [`Need::First`] an error means that
    /// it must not be done.
    pub async fn intend(&self, mut intents: Vec<Intent>, need: Need) -> Result<Vec<u64>, Unavailable> {
        let Some(inner) = &self.0 else { return Ok(vec![0; intents.len()]) };
        for intent in &mut intents {
            intent.id = inner.intents.fetch_add(1, Ordering::Relaxed) + 1;
        }
        let ids = intents.iter().map(|intent| intent.id).collect();
        let events = intents.into_iter().map(|intent| Event::Intent(Box::new(intent))).collect();
        match self.write(events, need).await {
            Err(unavailable) if need == Need::First => Err(unavailable),
            _ => Ok(ids),
        }
    }

    /// Writes down what became of an operation, now or once that is possible again.
    pub async fn end(&self, ended: Ended) {
        self.note(Event::Ended(Box::new(ended))).await;
    }

    async fn write(&self, events: Vec<Event>, need: Need) -> Result<(), Unavailable> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let settled = inner.enqueue(events, need);
        // Whoever else is ready gets into the same transaction.
        tokio::task::yield_now().await;
        let mut keeper = inner.keeper.lock().await;
        if settled.get().is_none() {
            let batch = std::mem::take(&mut *inner.queue.lock().unwrap_or_else(PoisonError::into_inner));
            let now = inner.clock.now();
            keeper.commit(now, batch);
            inner.note(&keeper);
        }
        settled.get().cloned().expect("a batch settles everybody in it")
    }
}

impl Inner {
    fn enqueue(&self, events: Vec<Event>, need: Need) -> Settled {
        let settled = Arc::new(OnceLock::new());
        let waiting = Waiting { at: self.clock.now(), events, need, settled: Arc::clone(&settled) };
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push(waiting);
        settled
    }

    fn note(&self, keeper: &Keeper) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = keeper.health();
    }
}
