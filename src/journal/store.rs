//! The journal's file: `SQLite` in WAL mode, synced before anything counts as written, with triggers that refuse any change of
//! what was written.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use crate::journal::Unavailable;
use crate::journal::record::{Hash, Stored, Writer};

/// `gsjl`: marks the file as a journal of ours.
const APPLICATION: i64 = 0x6773_6a6c;

/// The version of the tables. A newer one is refused.
const VERSION: i64 = 1;

/// How long another process's write is waited for. It takes milliseconds, and this thread waits with it.
const WAIT_FOR_LOCK: Duration = Duration::from_millis(500);

const SCHEMA: &str = "
CREATE TABLE record (
  place    INTEGER PRIMARY KEY,
  writer   BLOB    NOT NULL,
  number   INTEGER NOT NULL,
  previous BLOB    NOT NULL,
  hash     BLOB    NOT NULL,
  body     TEXT    NOT NULL,
  UNIQUE (writer, number)
) STRICT;
CREATE TRIGGER record_is_kept_as_it_is BEFORE UPDATE ON record
  BEGIN SELECT raise(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_is_kept BEFORE DELETE ON record
  BEGIN SELECT raise(ABORT, 'records are never deleted'); END;
";

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be written, and begun if there is none.
    Begin,
    /// To be written; it must be there.
    Write,
    /// Only to be read; it must be there.
    Read,
}

/// An open file.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    connection: Connection,
    #[cfg(unix)]
    inode: (u64, u64),
}

impl Store {
    /// Opens the file, or begins it.
    pub(super) fn open(path: &Path, purpose: Purpose) -> Result<Self, Unavailable> {
        if purpose != Purpose::Begin && !path.exists() {
            return Err(Unavailable::new(format!("there is no journal {}", path.display())));
        }
        // Opening a pipe would wait for ever for somebody who writes into it.
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(Unavailable::new(format!("{}: this is not a file", path.display())));
        }
        if purpose == Purpose::Begin {
            begin_privately(path);
        }
        let flags = match purpose {
            Purpose::Begin => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Purpose::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(|error| said(path, &error))?;
        let mut prepared = prepare(&mut connection, purpose);
        let unwritable = [Some(ErrorCode::CannotOpen), Some(ErrorCode::ReadOnly)];
        if let Err(Err(error)) = &prepared
            && purpose == Purpose::Read
            && unwritable.contains(&error.sqlite_error_code())
            && let Some(mut copy) = read_only_copy(path)
        {
            prepared = prepare(&mut copy, purpose);
            connection = copy;
        }
        prepared.map_err(|error| {
            error.map_or_else(
                |error| said(path, &error),
                |text| Unavailable::new(format!("{}: {text}", path.display())),
            )
        })?;
        Ok(Self {
            #[cfg(unix)]
            inode: inode(path)?,
            path: path.to_owned(),
            connection,
        })
    }

    /// Whether the file is still where it was. Without it, `SQLite` would go on writing to a file that nobody can find.
    pub(super) fn is_there(&self) -> Result<(), Unavailable> {
        #[cfg(unix)]
        let same = inode(&self.path)? == self.inode;
        #[cfg(not(unix))]
        let same = self.path.exists();
        if same { Ok(()) } else { Err(Unavailable::new(format!("{} was replaced", self.path.display()))) }
    }

    /// Runs `work` alone: nobody else writes meanwhile. Everything it wrote is on disk when this returns, or nothing is.
    pub(super) fn alone<T>(
        &mut self,
        work: impl FnOnce(&Access<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, Unavailable> {
        let Self { path, connection, .. } = self;
        let result =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
                let access = Access(transaction);
                let done = work(&access)?;
                access.0.commit()?;
                Ok(done)
            });
        result.map_err(|error| said(path, &error))
    }

    /// Runs `work` on what is there now.
    pub(super) fn reading<T>(
        &mut self,
        work: impl FnOnce(&Access<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, Unavailable> {
        let Self { path, connection, .. } = self;
        let result = connection.transaction().and_then(|transaction| work(&Access(transaction)));
        result.map_err(|error| said(path, &error))
    }
}

/// The records, within one transaction.
pub(super) struct Access<'a>(Transaction<'a>);

impl Access<'_> {
    /// Shows every record after a place, in order.
    pub(super) fn after(&self, place: u64, mut show: impl FnMut(&Stored)) -> Result<(), rusqlite::Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT place, writer, number, previous, hash, body FROM record WHERE place > ?1 ORDER BY place",
        )?;
        let mut rows = statement.query(params![signed(place)])?;
        while let Some(row) = rows.next()? {
            let bytes =
                |column| row.get_ref(column).map(|value| value.as_bytes().unwrap_or_default().to_vec());
            let (writer, previous, hash) = (bytes(1)?, bytes(3)?, bytes(4)?);
            let hash_of = |bytes: Vec<u8>| Hash(bytes.try_into().unwrap_or_default());
            show(&Stored {
                place: unsigned(row.get(0)?),
                writer: Writer(Uuid::from_slice(&writer).unwrap_or_default()),
                number: row.get::<_, i64>(2).map(unsigned).unwrap_or_default(),
                previous: hash_of(previous),
                hash: hash_of(hash),
                body: String::from_utf8_lossy(&bytes(5)?).into_owned(),
            });
        }
        Ok(())
    }

    /// Appends a record.
    pub(super) fn insert(&self, stored: &Stored) -> Result<(), rusqlite::Error> {
        let mut statement = self.0.prepare_cached(
            "INSERT INTO record (place, writer, number, previous, hash, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let Stored { place, writer, number, previous, hash, body } = stored;
        let writer = writer.0.as_bytes().as_slice();
        statement.execute(params![signed(*place), writer, signed(*number), previous.0, hash.0, body])?;
        Ok(())
    }
}

/// Sets the connection up and the tables, if there are none. What is wrong is `SQLite`'s word or our own.
fn prepare(connection: &mut Connection, purpose: Purpose) -> Result<(), Result<String, rusqlite::Error>> {
    connection.busy_timeout(WAIT_FOR_LOCK).map_err(Err)?;
    if purpose != Purpose::Read {
        connection.pragma_update(None, "journal_mode", "WAL").map_err(Err)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(Err)?;
    }
    let behaviour = match purpose {
        Purpose::Begin => TransactionBehavior::Immediate,
        Purpose::Write | Purpose::Read => TransactionBehavior::Deferred,
    };
    let transaction = connection.transaction_with_behavior(behaviour).map_err(Err)?;
    let number =
        |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(Err);
    let (application, version) = (number("application_id")?, number("user_version")?);
    let is_empty = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(Err)?
        == 0;
    match (application, version) {
        (0, 0) if is_empty && purpose == Purpose::Begin => {
            transaction.execute_batch(SCHEMA).map_err(Err)?;
            transaction.pragma_update(None, "application_id", APPLICATION).map_err(Err)?;
            transaction.pragma_update(None, "user_version", VERSION).map_err(Err)?;
            transaction.commit().map_err(Err)
        }
        (APPLICATION, VERSION) => Ok(()),
        (APPLICATION, newer) if newer > VERSION => Err(Ok(format!(
            "written by a newer version of groupsync (tables of version {newer}; this one knows {VERSION})"
        ))),
        _ => Err(Ok("this is another program's file, not a journal".to_owned())),
    }
}

/// A copy that was put where nothing can be written, a snapshot for instance: the database would have to lay files beside it. One
/// whose last records still lie in a file beside it would be read without them, and is not opened.
fn read_only_copy(path: &Path) -> Option<Connection> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    let is_whole = std::fs::metadata(PathBuf::from(beside))
        .map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |wal| wal.len() == 0);
    let uri = url::Url::from_file_path(std::fs::canonicalize(path).ok()?).ok()?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    is_whole.then(|| Connection::open_with_flags(format!("{uri}?immutable=1"), flags).ok()).flatten()
}

/// Makes the file readable for nobody else: it says who is where. Whatever keeps it from being made, opening it tells better.
fn begin_privately(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

#[cfg(unix)]
fn inode(path: &Path) -> Result<(u64, u64), Unavailable> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata =
        std::fs::metadata(path).map_err(|error| Unavailable::new(format!("{}: {error}", path.display())))?;
    Ok((metadata.dev(), metadata.ino()))
}

/// What `SQLite` says, in the words of whoever runs this.
fn said(path: &Path, error: &rusqlite::Error) -> Unavailable {
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process holds its lock".to_owned()
        }
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::ReadOnly) => "it cannot be written to".to_owned(),
        Some(ErrorCode::CannotOpen) => {
            "it cannot be opened: look at who may read and write its folder".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            "the file is damaged: move it away and start again, or bring back a copy".to_owned()
        }
        Some(ErrorCode::NotADatabase) => "this is not a journal".to_owned(),
        _ => error.to_string(),
    };
    Unavailable::new(format!("{}: {what}", path.display()))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
