//! The one who writes: keeps the file open, what the records add up to, and what still waits to be written.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};

use crate::journal::chain::Chains;
use crate::journal::event::{Body, Event};
use crate::journal::record::{Hash, Stored, Writer};
use crate::journal::state::State;
use crate::journal::store::{Access, Purpose, Store};
use crate::journal::{Condition, Health, Need, Unavailable};
use crate::plan::memory::Memory;
use crate::plan::window::Expenses;

/// After a failure the file is left alone for so long: each attempt may block a thread.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// How many records wait for the journal to come back. Beyond that the oldest are given up, and their number is recorded.
const MOST_WAITING: usize = 20_000;

/// Somebody who waits for records to be written.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) at: Timestamp,
    pub(super) events: Vec<Event>,
    pub(super) need: Need,
    pub(super) settled: Settled,
}

/// What became of what somebody waits for.
pub(super) type Settled = Arc<OnceLock<Result<(), Unavailable>>>;

/// The one who writes.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    purpose: Purpose,
    writer: Writer,
    open: Option<Open>,
    /// Records to be written once that is possible again.
    backlog: VecDeque<(Timestamp, Event)>,
    lost: u64,
    lost_unrecorded: u64,
    failed: Option<(Timestamp, Unavailable)>,
    /// What the records added up to when they were last read, while they cannot be.
    latest: State,
    /// The last record that this process read or wrote: a file without it is another one, whatever its name.
    known: (u64, Hash),
}

/// An open journal, read up to some place.
#[derive(Debug)]
struct Open {
    store: Store,
    read: Read,
}

/// What was read, and what it adds up to.
#[derive(Debug, Clone, Default)]
struct Read {
    chains: Chains,
    state: State,
}

impl Read {
    /// Reads on.
    fn catch_up(&mut self, access: &Access<'_>) -> Result<(), rusqlite::Error> {
        self.catch_up_past(access, (0, Hash::NONE)).map(|_| ())
    }

    /// Reads on, and says whether that record was among what it read; the one before the first always is.
    fn catch_up_past(&mut self, access: &Access<'_>, known: (u64, Hash)) -> Result<bool, rusqlite::Error> {
        let Self { chains, state } = self;
        let mut found = known.0 == 0;
        access.after(chains.last, |stored| {
            if let Some(record) = chains.next(stored) {
                found |= (record.place, record.hash) == known;
                state.fold(&record);
            }
        })?;
        Ok(found)
    }
}

impl Keeper {
    pub(super) fn new(path: PathBuf, purpose: Purpose, writer: Writer) -> Self {
        Self {
            path,
            purpose,
            writer,
            open: None,
            backlog: VecDeque::new(),
            lost: 0,
            lost_unrecorded: 0,
            failed: None,
            latest: State::default(),
            known: (0, Hash::NONE),
        }
    }

    /// What is remembered, as of now. Where it cannot be read, what was last known, and why it is no more than that.
    pub(super) fn memory(&mut self, now: Timestamp) -> Memory {
        let read = self.attempt(now, Self::read);
        let memory = match &self.open {
            Some(open) => open.read.state.memory(),
            None => self.latest.memory(),
        };
        let unavailable = match (read, self.condition()) {
            (Err(Unavailable(text)), _) | (Ok(()), Condition::Broken(text)) => Some(text),
            (Ok(()), _) => None,
        };
        Memory { unavailable, ..memory }
    }

    /// Writes everything that waits, in one transaction, and tells everybody.
    pub(super) fn commit(&mut self, now: Timestamp, batch: Vec<Waiting>) {
        let mut records = Vec::new();
        if self.lost_unrecorded > 0 {
            records.push((now, Event::Lost { records: self.lost_unrecorded }));
        }
        records.extend(self.backlog.iter().cloned());
        let late = records.len();
        for waiting in &batch {
            records.extend(waiting.events.iter().map(|event| (waiting.at, event.clone())));
        }
        let mut written =
            if records.is_empty() { Ok(()) } else { self.attempt(now, |keeper| keeper.write(&records)) };
        if let (Ok(()), Condition::Broken(_)) = (&written, self.condition()) {
            // A break shows only when the journal is read on: what was to begin has its intent and does not begin.
            tracing::error!("the journal's chain is broken");
        }
        if written.is_ok() {
            self.backlog.clear();
            self.lost_unrecorded = 0;
        } else if late > 0 {
            tracing::debug!(waiting = self.backlog.len(), "still not recorded");
        }
        for waiting in batch {
            if written.is_err() && waiting.need == Need::Later {
                self.keep(waiting.at, waiting.events);
            }
            let result = match (&mut written, self.condition()) {
                (Ok(()), Condition::Broken(text))
                    if waiting.need == Need::First && !defect!(BrokenJournalIgnored) =>
                {
                    Err(Unavailable(text))
                }
                (result, _) => result.clone(),
            };
            // Set once, here.
            let _first = waiting.settled.set(result);
        }
    }

    /// Lets `decide` see what counts for the limits of a day, and writes down what it decides on, before anybody else can
    /// see or write anything. Where nothing can be written it sees what was last known, and its record follows.
    pub(super) fn reserve<T>(
        &mut self,
        now: Timestamp,
        decide: impl FnOnce(&Expenses) -> (Vec<Event>, T),
    ) -> T {
        let mut waiting = Some(decide);
        let mut decided = None;
        let written = self.attempt(now, |keeper| {
            let writer = keeper.writer;
            let Open { store, read } = keeper.opened()?;
            store.alone(|access| {
                read.catch_up(access)?;
                let Some(decide) = waiting.take() else { return Ok(()) };
                let (events, value) = decide(read.state.spent());
                let records: Vec<_> = events.iter().map(|event| (now, event.clone())).collect();
                decided = Some((events, value));
                append(access, read, writer, &records)
            })
        });
        let (events, value) = match (decided, waiting) {
            (Some(decided), _) => decided,
            (None, Some(decide)) => decide(self.latest.spent()),
            (None, None) => unreachable!("it decides as it is taken"),
        };
        if written.is_err() {
            self.keep(now, events);
        }
        value
    }

    /// How the journal is doing.
    pub(super) fn health(&self) -> Health {
        let read = self.open.as_ref().map(|open| &open.read);
        Health {
            condition: self.condition(),
            records: read.map_or(0, |read| read.chains.records),
            latest: read.and_then(|read| read.state.latest),
            waiting: self.backlog.len(),
            lost: self.lost,
        }
    }

    fn condition(&self) -> Condition {
        match (&self.failed, &self.open) {
            (Some((_, Unavailable(text))), _) => Condition::Unavailable(text.clone()),
            (None, Some(open)) => open.read.chains.broken_at().map_or(Condition::Good, Condition::Broken),
            (None, None) => Condition::Good,
        }
    }

    /// Does something with the file, unless it failed just now.
    fn attempt<T>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Self) -> Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        if let Some((at, unavailable)) = &self.failed
            && now.duration_since(*at) < PAUSE
        {
            return Err(unavailable.clone());
        }
        let result = work(self);
        match &result {
            Ok(_) => {
                self.failed = None;
                // What is only in memory may not be on disk: noted after the transaction, never before.
                self.known = self.open.as_ref().map_or(self.known, |open| open.read.chains.head());
            }
            Err(unavailable) => {
                tracing::error!(%unavailable, "the journal is not available");
                self.failed = Some((now, unavailable.clone()));
                // Whether a failed commit is on disk shows only when it is read anew.
                if let Some(open) = self.open.take() {
                    self.latest = open.read.state;
                }
            }
        }
        result
    }

    /// The open file; opened, read and checked whole if it was not.
    fn opened(&mut self) -> Result<&mut Open, Unavailable> {
        if let Some(open) = &self.open {
            open.store.is_there()?;
        } else {
            let mut store = Store::open(&self.path, self.purpose)?;
            let (read, is_the_same) = store.reading(|access| {
                let mut read = Read::default();
                let is_the_same = read.catch_up_past(access, self.known)?;
                Ok((read, is_the_same))
            })?;
            if !is_the_same {
                // Its limits and its memory are not those that this process counted on.
                let (path, last) = (self.path.display(), self.known.0);
                return Err(Unavailable::new(format!(
                    "{path} was replaced: it does not hold record {last}, which this process knows"
                )));
            }
            // One that vanishes later is not begun anew by this process: it would forget what it was about.
            if self.purpose == Purpose::Begin {
                self.purpose = Purpose::Write;
            }
            self.open = Some(Open { store, read });
        }
        Ok(self.open.as_mut().expect("it was opened"))
    }

    fn read(&mut self) -> Result<(), Unavailable> {
        let Open { store, read } = self.opened()?;
        store.reading(|access| read.catch_up(access))
    }

    fn write(&mut self, records: &[(Timestamp, Event)]) -> Result<(), Unavailable> {
        let writer = self.writer;
        let Open { store, read } = self.opened()?;
        store.alone(|access| {
            read.catch_up(access)?;
            append(access, read, writer, records)
        })
    }

    fn keep(&mut self, at: Timestamp, events: Vec<Event>) {
        self.backlog.extend(events.into_iter().map(|event| (at, event)));
        while self.backlog.len() > MOST_WAITING {
            self.backlog.pop_front();
            self.lost += 1;
            self.lost_unrecorded += 1;
        }
    }
}

/// Appends records, after a note of what had to be cut off and the writer's own beginning where they are due. What was read
/// holds them then; if the transaction fails, it is read anew.
fn append(
    access: &Access<'_>,
    read: &mut Read,
    writer: Writer,
    records: &[(Timestamp, Event)],
) -> Result<(), rusqlite::Error> {
    let Some((now, _)) = records.last() else { return Ok(()) };
    let begins = read.chains.head_of(writer).0 == 0;
    if let Some(record) = read.chains.torn {
        append_one(access, read, writer, *now, Event::TailCutOff { record })?;
    }
    if begins {
        let (after, hash) = read.chains.head();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        append_one(access, read, writer, *now, Event::Opened { version, after, hash: hash.to_string() })?;
    }
    for (at, event) in records {
        if read.state.is_news(event) {
            append_one(access, read, writer, *at, event.clone())?;
        }
    }
    Ok(())
}

fn append_one(
    access: &Access<'_>,
    read: &mut Read,
    writer: Writer,
    at: Timestamp,
    event: Event,
) -> Result<(), rusqlite::Error> {
    let (number, previous) = read.chains.head_of(writer);
    let body = serde_json::to_string(&Body { at, event }).expect("an event is plain data");
    let stored = Stored::seal(read.chains.last + 1, writer, number + 1, previous, body);
    access.insert(&stored)?;
    if let Some(record) = read.chains.next(&stored) {
        read.state.fold(&record);
    }
    Ok(())
}
