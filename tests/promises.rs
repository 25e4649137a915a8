//! `SECURITY.md`, `tests/incidents.md` and `tests/guard.md` promise nothing that no test holds: every test they name exists, and
//! no threat or incident is without an answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The file of each test that a page names, with the test's name as a function: `` `plan/rules.rs` a partial read … ``. A
/// story is its own test.
fn named(page: &str) -> Vec<(String, String)> {
    let mut tests = Vec::new();
    for part in page.split('|').flat_map(|cell| cell.split(';')) {
        let mut rest = part;
        while let Some((_, after)) = rest.split_once('`') {
            let Some((file, words)) = after.split_once('`') else { break };
            let sentence: String =
                words.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
            let kind = Path::new(file).extension().and_then(|kind| kind.to_str());
            if matches!(kind, Some("rs" | "story")) && !file.starts_with("tests/") {
                tests.push((file.to_owned(), sentence.trim().replace(' ', "_")));
            }
            rest = words;
        }
    }
    tests
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("the page")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn missing(page: &str) -> Vec<(String, String)> {
    let is_there = |(file, name): &(String, String)| {
        let path = root().join("tests").join(file);
        if Path::new(file).extension().is_some_and(|kind| kind == "story") {
            return path.is_file();
        }
        let text = fs::read_to_string(path).unwrap_or_default();
        let functions = text.lines().filter_map(|line| {
            let line = line.trim().trim_start_matches("pub(super) ").trim_start_matches("async ");
            line.strip_prefix("fn ")
        });
        functions.filter_map(|f| f.split('(').next()).any(|function| function == name)
    };
    named(page).into_iter().filter(|test| !is_there(test)).collect()
}

/// The numbers in the first column of the tables below a heading, and the length of each last column.
fn rows(page: &str, heading: &str) -> Vec<(BTreeSet<u32>, usize)> {
    let (_, below) = page.split_once(heading).expect("the heading");
    let section = below.split("\n## ").next().expect("something follows");
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let numbers = cells.next()?.split(", ").map(|cell| cell.trim_start_matches('T').parse().ok());
        Some((numbers.collect::<Option<_>>()?, cells.last()?.trim().len()))
    });
    rows.collect()
}

#[test]
fn every_test_that_the_security_page_names_exists() {
    let page = page("SECURITY.md");
    assert!(named(&page).len() > 50, "the tables are read: {}", named(&page).len());
    assert!(missing(&page).is_empty(), "no such tests: {:#?}", missing(&page));
}

#[test]
fn every_incident_elsewhere_has_a_test_that_exists_or_a_sentence() {
    let page = page("tests/incidents.md");
    assert!(missing(&page).is_empty(), "no such tests: {:#?}", missing(&page));
    for (heading, count) in [("## What people suffered", 27), ("## What reading other code showed", 12)] {
        let rows = rows(&page, heading);
        let numbers: BTreeSet<u32> = rows.iter().flat_map(|(numbers, _)| numbers.clone()).collect();
        assert_eq!(numbers, (1..=count).collect(), "{heading}");
        assert!(rows.iter().all(|(_, answer)| *answer > 20), "{heading}: a row without an answer");
    }
}

#[test]
fn every_test_of_the_guard_exists() {
    let page = page("tests/guard.md");
    assert!(named(&page).len() > 25, "the tables are read");
    assert!(missing(&page).is_empty(), "no such tests: {:#?}", missing(&page));
}

#[test]
fn every_threat_has_an_answer() {
    let page = page("SECURITY.md");
    let rows = rows(&page, "## Threats");
    let numbers: BTreeSet<u32> = rows.iter().flat_map(|(numbers, _)| numbers.clone()).collect();
    assert_eq!(numbers, (1..=27).collect());
    assert!(rows.iter().all(|(_, answer)| *answer > 20), "a threat without an answer");
}
