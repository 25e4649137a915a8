//! The journal as somebody left it: any file in its place, and records that are sealed as they should be and say anything.

use std::path::Path;
use std::sync::OnceLock;

use aws_lc_rs::digest::{Context, SHA256};
use groupsync::clock::Clock;
use groupsync::journal::chain::Chains;
use groupsync::journal::register::Book;
use groupsync::journal::{Condition, Journal, read};
use groupsync::report;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::is_harmless;

/// A journal in which nothing is written yet.
fn begun() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("journal.db");
        on_virtual_time(async || {
            let journal = open(&path);
            journal
                .append(groupsync::journal::event::Event::Lost { records: 0 })
                .await
                .expect("it is written");
        });
        let whole = Connection::open(&path).expect("it is there");
        whole.execute_batch("PRAGMA journal_mode = DELETE; VACUUM").expect("it is one file");
        drop(whole);
        std::fs::read(&path).expect("it is there")
    })
}

fn on_virtual_time(work: impl AsyncFnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(work());
}

fn open(path: &Path) -> Journal {
    let clock = Clock::starting_at("2030-01-01T00:00:00Z".parse::<Timestamp>().expect("a time"));
    Journal::open(&format!("sqlite:{}", path.display()), clock).expect("a URL")
}

/// Any bytes where the journal should be.
pub fn file(data: &[u8]) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.db");
    // What begins with a `+` lies over a good journal, at the place that four digits name.
    match data.strip_prefix(b"+").filter(|rest| rest.len() > 4) {
        Some(rest) => {
            let mut whole = begun().to_vec();
            let digit = |at: usize| usize::from(rest[at].wrapping_sub(b'0'));
            let place = (0..4).fold(0, |sum, at| sum * 10 + digit(at)) % whole.len();
            for (over, byte) in whole[place..].iter_mut().zip(&rest[4..]) {
                *over = *byte;
            }
            std::fs::write(&path, whole).expect("it is written");
        }
        None => std::fs::write(&path, data).expect("it is written"),
    }
    judge(&path);
}

/// Each line is what a record says; the chain is as it should be.
pub fn records(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("journal.db");
    std::fs::write(&path, begun()).expect("it is written");
    let connection = Connection::open(&path).expect("it is there");
    connection.execute_batch("PRAGMA synchronous = OFF; BEGIN").expect("it is not damaged");
    let place: i64 =
        connection.query_row("SELECT max(place) FROM record", [], |row| row.get(0)).expect("one record");
    let writer = [7_u8; 16];
    let mut previous = [0_u8; 32];
    for (number, body) in (1_i64..).zip(text.lines().take(200)) {
        let place = place + number;
        let mut context = Context::new(&SHA256);
        context.update(b"groupsync journal 1\n");
        context.update(&previous);
        context.update(&place.to_be_bytes());
        context.update(&writer);
        context.update(&number.to_be_bytes());
        context.update(body.as_bytes());
        let digest = context.finish();
        let row = params![place, writer.as_slice(), number, previous.as_slice(), digest.as_ref(), body];
        connection.execute("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6)", row).expect("a record");
        previous.copy_from_slice(digest.as_ref());
    }
    connection.execute_batch("COMMIT").expect("it is written");
    drop(connection);
    let chains = judge(&path).expect("the file itself is sound");
    assert!(chains.torn.is_none(), "what is sealed is whole");
}

/// Reads and shows what is there, and opens it as the program does.
fn judge(path: &Path) -> Option<Chains> {
    let mut book = Book::default();
    let mut shown = String::new();
    let read = read::records(path, |record| {
        let exported = report::journal::exported(&record);
        assert!(serde_json::from_str::<serde_json::Value>(&exported).is_ok(), "{exported}");
        assert!(is_harmless(exported.trim_end_matches('\n'), false), "{exported:?}");
        shown += &report::journal::line(&record);
        shown.push('\n');
        book.enter(&record);
    });
    let sound = match &read {
        Ok(chains) => {
            shown += &report::journal::verdict(chains);
            let register = book.close(chains);
            shown += &report::register::text(&register, &report::register::Names::default(), None);
            let document = report::register::json(&register, &report::register::Names::default(), None);
            assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok(), "{document}");
            assert!(is_harmless(&document, true), "{document:?}");
            chains.breaks.is_empty()
        }
        Err(unavailable) => {
            assert!(!unavailable.to_string().is_empty());
            false
        }
    };
    let shown = anstream::adapter::strip_str(&shown).to_string();
    assert!(is_harmless(&shown, true), "{shown:?}");
    on_virtual_time(async || {
        let journal = open(path);
        let memory = journal.memory().await;
        // Nothing rests on a journal that is not as it was written: an empty file is a new journal, all else says so.
        if !sound && std::fs::metadata(path).is_ok_and(|file| file.len() > 0) && read.is_ok() {
            assert!(memory.unavailable.is_some(), "{:?}", journal.health());
            assert!(!matches!(journal.health().condition, Condition::Good));
        }
    });
    read.ok()
}
