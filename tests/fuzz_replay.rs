//! The functions that the fuzz targets try, on stable: every file of the committed corpus, and changes of them by seed.

#[expect(unreachable_pub, reason = "the fuzz targets are another crate")]
#[path = "fuzz/entries/mod.rs"]
mod entries;

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use entries::{ENTRIES, Entry};

/// What parsers stumble over, put anywhere.
const TOKENS: [&[u8]; 30] = [
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"\n---\n",
    b"\n...\n",
    b"*",
    b"&a",
    b"<<: ",
    b"!!binary ",
    b"\0",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b"\\u0000",
    b"\\ud800",
    b"\n\n",
    b"\t",
    b"../",
    b"%2f",
    b"9999-12-31T23:59:59Z",
    b"\"@odata.nextLink\":\"http://simulator.invalid/graph/x\",",
];

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let files = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut files: Vec<_> = files
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().to_string_lossy().into_owned(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// One of the files with up to eight changes, the same for the same seed.
fn changed(dice: &mut fastrand::Rng, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let pick = |dice: &mut fastrand::Rng| files[dice.usize(..files.len())].1.clone();
    let mut data = pick(dice);
    for _ in 0..dice.usize(1..=8) {
        let at = dice.usize(..=data.len());
        let to = (at + dice.usize(..=32)).min(data.len());
        match dice.u8(..7) {
            0 if at < data.len() => data[at] ^= 1 << dice.u8(..8),
            1 if at < data.len() => data[at] = dice.u8(..),
            2 => drop(data.drain(at..to)),
            3 => {
                let again = data[at..to].to_vec();
                data.splice(at..at, again);
            }
            4 => data.truncate(at.max(1)),
            5 => {
                let other = pick(dice);
                let from = dice.usize(..=other.len());
                data.splice(at..at, other[from..(from + 200).min(other.len())].iter().copied());
            }
            _ => {
                let token = TOKENS[dice.usize(..TOKENS.len())];
                data.splice(at..at, token.iter().copied());
            }
        }
    }
    data
}

fn try_on(target: &str, entry: Entry, data: &[u8], what: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| entry(data))) {
        let shown = String::from_utf8_lossy(data);
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
        panic!("{target}, {what}: {said}\non {} bytes: {shown:?}", data.len());
    }
}

/// The seeds of so many changes, or those that a person wants tried: `FUZZ_SEEDS=1000..100000`.
#[expect(clippy::disallowed_methods, reason = "what a person wants tried by hand")]
fn seeds(changes: u64) -> Range<u64> {
    let Ok(wanted) = std::env::var("FUZZ_SEEDS") else { return 0..changes };
    let range =
        wanted.split_once("..").and_then(|(first, last)| Some(first.parse().ok()?..last.parse().ok()?));
    range
        .filter(|range| !range.is_empty())
        .unwrap_or_else(|| panic!("FUZZ_SEEDS={wanted}: write it as 0..1000"))
}

/// Plays a target's corpus and so many changes of it.
fn replay(target: &str, changes: u64) {
    let (_, entry) = ENTRIES.iter().find(|(name, _)| *name == target).expect("a target");
    let files = corpus(target);
    assert!(!files.is_empty(), "{target} has a corpus");
    for (name, data) in &files {
        try_on(target, *entry, data, name);
    }
    for seed in seeds(changes) {
        let data = changed(&mut fastrand::Rng::with_seed(seed), &files);
        try_on(target, *entry, &data, &format!("seed {seed}"));
    }
}

#[test]
fn files_of_the_desired_state_never_break_their_reader() {
    replay("yaml", 300);
}

#[test]
fn no_text_is_a_scope_that_leads_out_of_its_customer() {
    replay("scopes", 300);
}

#[test]
fn no_file_is_a_plan_that_was_not_saved() {
    replay("plan_file", 300);
}

#[test]
fn no_file_in_the_journals_place_is_believed_unseen() {
    replay("journal_file", 40);
}

#[test]
fn no_record_breaks_who_reads_it() {
    replay("journal_records", 60);
}

#[test]
fn no_answer_of_graph_breaks_its_reader() {
    replay("graph", 800);
}

#[test]
fn no_answer_of_resource_manager_breaks_its_reader() {
    replay("arm", 400);
}

#[test]
fn no_link_takes_a_token_elsewhere() {
    replay("links", 200);
}

#[test]
fn no_header_makes_anybody_wait_for_more_than_an_hour() {
    replay("retry_after", 1000);
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let fuzz = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for (target, _) in ENTRIES {
        assert!(manifest.contains(&format!("path = \"targets/{target}.rs\"")), "{target}");
        assert!(fuzz.join(format!("targets/{target}.rs")).is_file(), "{target}");
        assert!(!corpus(target).is_empty(), "{target}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), ENTRIES.len(), "and no other");
}
