//! `SECURITY.md` promises nothing that no test holds: every test it names exists.

use std::fs;
use std::path::{Path, PathBuf};

/// The file of each test that a page names, with the test's name as a function: `` `plan/rules.rs` a partial read … ``.
fn named(page: &str) -> Vec<(String, String)> {
    let mut tests = Vec::new();
    for part in page.split('|').flat_map(|cell| cell.split(';')) {
        let mut rest = part;
        while let Some((_, after)) = rest.split_once('`') {
            let Some((file, words)) = after.split_once('`') else { break };
            let sentence: String =
                words.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
            if Path::new(file).extension().is_some_and(|kind| kind == "rs") && !file.starts_with("tests/") {
                tests.push((file.to_owned(), sentence.trim().replace(' ', "_")));
            }
            rest = words;
        }
    }
    tests
}

#[test]
fn every_test_that_the_security_page_names_exists() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("SECURITY.md")).expect("the page");
    let named = named(&page);
    assert!(named.len() > 50, "the tables are read: {}", named.len());
    let is_there = |(file, name): &&(String, String)| {
        let text = fs::read_to_string(root.join("tests").join(file)).unwrap_or_default();
        let functions =
            text.lines().filter_map(|line| line.trim().trim_start_matches("async ").strip_prefix("fn "));
        functions.filter_map(|f| f.split('(').next()).any(|function| function == name)
    };
    let missing: Vec<_> = named.iter().filter(|test| !is_there(test)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:#?}");
}
