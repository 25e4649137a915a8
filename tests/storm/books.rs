//! The journals of a run: some fleets keep one, and between passes it is lost, cut short or damaged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use groupsync::clock::Clock;
use groupsync::journal::record::{Record, Writer};
use groupsync::journal::store::Purpose;
use groupsync::journal::{Journal, read};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use super::history;

/// Files that live in memory, where the system has a place for them: a campaign would spend its time waiting for the disk.
const MEMORY: &str = "/dev/shm";

/// Which of two journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one that every process has.
    First,
    /// That of a second controller on another machine.
    Other,
}

/// What a journal is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is none.
    None,
    /// Everything.
    Sound,
    /// A record is not what was written: no change may begin.
    Broken,
}

/// The journals of a run, or that there are none.
pub(crate) struct Books {
    dir: TempDir,
    are_kept: bool,
    seed: u64,
    /// How many processes have written so far.
    writers: u64,
    /// How far each file was read.
    seen: BTreeMap<PathBuf, u64>,
    is_broken: bool,
}

impl Books {
    /// Two fleets of three keep a journal.
    pub(crate) fn new(seed: u64) -> Self {
        let kept = history::chance(seed, usize::MAX - 2).u8(0..3) > 0;
        let place = if Path::new(MEMORY).is_dir() { PathBuf::from(MEMORY) } else { std::env::temp_dir() };
        let dir =
            tempfile::Builder::new().prefix("storm").tempdir_in(place).expect("a place for the journal");
        Self { dir, are_kept: kept, seed, writers: 0, seen: BTreeMap::new(), is_broken: false }
    }

    /// What the first journal is good for.
    pub(crate) fn condition(&self) -> Condition {
        match (self.are_kept, self.is_broken) {
            (false, _) => Condition::None,
            (true, false) => Condition::Sound,
            (true, true) => Condition::Broken,
        }
    }

    /// Where the files lie that a loop watches.
    pub(crate) fn files(&self) -> PathBuf {
        self.dir.path().join("desired-state")
    }

    fn path(&self, which: Which) -> Option<PathBuf> {
        let name = match which {
            Which::First => "journal.db",
            Which::Other => "other.db",
        };
        self.are_kept.then(|| self.dir.path().join(name))
    }

    /// Opens a journal as another process does.
    pub(crate) fn open(&mut self, which: Which, clock: Clock) -> Journal {
        let Some(path) = self.path(which) else { return Journal::none() };
        self.writers += 1;
        let writer = Writer(Uuid::from_u64_pair(self.seed, self.writers));
        let url = format!("sqlite:{}", path.display());
        Journal::open_as(&url, clock, Purpose::Begin, writer).expect("the URL names a file")
    }

    /// The records that were added since this was last asked.
    pub(crate) fn news(&mut self) -> Vec<Record> {
        let mut news = Vec::new();
        for which in [Which::First, Which::Other] {
            let Some(path) = self.path(which) else { continue };
            if !path.exists() {
                continue;
            }
            let seen = self.seen.get(&path).copied().unwrap_or_default();
            let take = |record: Record| {
                if record.place > seen {
                    news.push(record);
                }
            };
            let chains = read::records(&path, take).expect("the journal can be read");
            self.seen.insert(path, chains.last);
        }
        news
    }

    /// Does something to the first journal that must not happen to it, and tells what.
    pub(crate) fn harm(&mut self, rng: &mut Rng) -> Option<String> {
        let path = self.path(Which::First).filter(|path| path.exists())?;
        match rng.u8(0..8) {
            0..3 => {
                self.begin_anew();
                Some("the journal is lost".to_owned())
            }
            3..6 => {
                let cut = rng.u32(1..40);
                spoil(
                    &path,
                    &format!("DELETE FROM record WHERE place > (SELECT max(place) FROM record) - {cut}"),
                );
                self.look_again(&path);
                Some(format!("the last {cut} records of the journal are lost"))
            }
            6 => {
                let last = "place = (SELECT max(place) FROM record)";
                spoil(&path, &format!("UPDATE record SET body = substr(body, 1, 20) WHERE {last}"));
                self.look_again(&path);
                Some("the last record of the journal is torn".to_owned())
            }
            _ => {
                let middle = "place = (SELECT max(place) / 2 FROM record)";
                spoil(
                    &path,
                    &format!("UPDATE record SET body = replace(body, 'customer', 'customus') WHERE {middle}"),
                );
                self.look_again(&path);
                Some(format!("somebody changes a record of the journal: broken {}", self.is_broken))
            }
        }
    }

    /// Puts the first journal away, so that the next process begins another.
    pub(crate) fn begin_anew(&mut self) {
        let Some(path) = self.path(Which::First) else { return };
        for end in ["", "-wal", "-shm"] {
            let part = PathBuf::from(format!("{}{end}", path.display()));
            if part.exists() {
                std::fs::remove_file(part).expect("the journal can be deleted");
            }
        }
        self.seen.remove(&path);
        self.is_broken = false;
    }

    fn look_again(&mut self, path: &Path) {
        let chains = read::records(path, |_| {}).expect("the journal can be read");
        self.is_broken = !chains.breaks.is_empty();
        self.seen.insert(path.to_owned(), chains.last);
    }
}

/// Changes the file as somebody can who knows `SQLite` and means harm.
fn spoil(path: &Path, statement: &str) {
    let connection = Connection::open(path).expect("the journal can be opened");
    let triggers = "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE type = 'trigger'";
    let kept: String =
        connection.query_row(triggers, [], |row| row.get(0)).expect("the journal has triggers");
    let drop = "DROP TRIGGER record_is_kept_as_it_is; DROP TRIGGER record_is_kept;";
    connection.execute_batch(&format!("{drop} {statement}; {kept};")).expect("the journal can be spoilt");
}
