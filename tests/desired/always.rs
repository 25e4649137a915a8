//! What holds for every tree, good or bad.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use groupsync::desired::code::ALL;
use groupsync::desired::diagnostic::{Diagnostic, Severity};
use groupsync::report::diagnostics;
use proptest::prelude::*;

use super::tree::{CONTOSO, CUSTOMER, GRANT, GRANT_FILE, GROUPS, NORTHWIND, PARTNER, POLICY, TEMPLATE, Tree};

/// The state without the places it comes from.
fn meaning(tree: &Tree) -> String {
    let shown = format!("{:?}", tree.read().state.expect("a valid tree"));
    let mut parts = shown.split("Origin { file: ");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('}').unwrap().1).collect::<String>()
}

#[test]
fn neither_files_nor_documents_have_an_order() {
    let base = meaning(&Tree::valid());
    let (readers, ops) = GROUPS.split_once("---\n").unwrap();
    let swapped = Tree::valid().with("groups/all.yaml", format!("---\n{ops}---\n{readers}"));
    assert_eq!(meaning(&swapped), base);
    let spread = Tree::valid()
        .without("groups/all.yaml")
        .with("groups/z/readers.yml", readers)
        .with("groups/a.yaml", ops)
        .without("policy.yaml")
        .with("partner.yaml", format!("{POLICY}---\n{PARTNER}"))
        .without(CUSTOMER)
        .with("customers/contoso/any-name.yml", CONTOSO)
        .without(GRANT_FILE)
        .with("customers/contoso/grants/2030/x.yaml", GRANT);
    assert_eq!(meaning(&spread), base);
}

#[test]
fn ten_thousand_mistakes_are_counted_and_a_hundred_shown() {
    let duplicates = "  k: v\n".repeat(10_000);
    let wrong =
        (0..10_000).map(|n| format!("    p{n}@elsewhere.example: nobody")).collect::<Vec<_>>().join("\n");
    let tree = Tree::valid().with("groups/dup.yaml", format!("spec:\n{duplicates}")).with(
        "groups/many.yaml",
        format!("{}{wrong}", GROUPS.split("    ada").next().unwrap().replace("Contoso_Readers", "Many")),
    );
    let found = tree.read().diagnostics;
    let of = |file: &str| found.iter().filter(|d| d.origin.file == file).collect::<Vec<_>>();
    assert_eq!(of("groups/dup.yaml").len(), 101);
    assert_eq!(of("groups/many.yaml").len(), 101);
    let more = of("groups/dup.yaml")[100];
    assert_eq!((more.code, more.origin.line), ("GS012", 103));
    assert_eq!(
        more.message, "9901 more problems in this file are not shown",
        "duplicates, apiVersion and kind"
    );
}

#[test]
fn every_problem_shows_its_line() {
    let long = format!("    {}: x\n", "y".repeat(100_000));
    let tree = Tree::valid().append(CUSTOMER, &long).append("policy.yaml", "  colour: rød\n");
    let found = tree.read().diagnostics;
    assert_eq!(found[0].source_line.chars().count(), 240, "a line too long to show is shown in part");
    let text = diagnostics::text(&found[..1], Path::new("x"));
    assert!(
        anstream::adapter::strip_str(&text).to_string().contains(&format!("x/{CUSTOMER}:18:5")),
        "{text}"
    );
    assert_eq!((found[1].source_line.as_str(), found[1].span.clone()), ("  colour: rød", 2..8));
}

#[test]
fn the_text_shows_place_line_hint_and_count_and_nothing_hidden() {
    let tree = Tree::valid()
        .edit(CUSTOMER, "state: enforce", "state: \u{1b}[31m\u{202e}enforce")
        .append(CUSTOMER, "    Ops: {}\n")
        .with("notes.txt", "x");
    let shown = diagnostics::text(&tree.read().diagnostics, Path::new("desired-state"));
    let plain = anstream::adapter::strip_str(&shown).to_string();
    assert_eq!(
        plain,
        "\
error[GS009]: the invisible character U+001B is not allowed
 --> desired-state/customers/contoso/customer.yaml:7:10
  |
7 |   state: �[31m�enforce
  |          ^
  |
  = hint: remove it: it can make a review show something else than what is read

error[GS009]: the invisible character U+202E is not allowed
 --> desired-state/customers/contoso/customer.yaml:7:15
  |
7 |   state: �[31m�enforce
  |               ^
  |
  = hint: remove it: it can make a review show something else than what is read

error[GS003]: this file does not belong here
--> desired-state/notes.txt
 = hint: only *.yaml, *.yml, README.md and names that start with a dot belong in the directory

3 errors
"
    );
    let json: serde_json::Value = serde_json::from_str(&diagnostics::json(&tree.read().diagnostics)).unwrap();
    assert_eq!(json["errors"], 3);
    assert_eq!(json["diagnostics"][1]["line"], 7);
    assert_eq!(json["diagnostics"][1]["column"], 15);
}

#[test]
fn the_reference_lists_every_code_and_the_tests_try_it() {
    let reference = fs::read_to_string("desired-state/README.md").unwrap();
    let tests: String = fs::read_dir("tests/desired")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut seen = BTreeSet::new();
    for code in ALL {
        assert!(seen.insert(code.id), "{} is given twice", code.id);
        let line = format!("| {} |", code.id);
        assert!(reference.contains(&line), "{} is not in desired-state/README.md", code.id);
        assert!(
            reference.contains(code.summary),
            "desired-state/README.md says something else than `{}`",
            code.summary
        );
        // Tests may run as root, whom no permission keeps from reading.
        assert!(code.id == "GS005" || tests.contains(code.id), "no test meets {}", code.id);
    }
}

/// What must hold for the problems of any tree.
fn sound(tree: &Tree, found: &[Diagnostic]) {
    let mut last = None;
    for d in found {
        let Diagnostic { origin, source_line, span, .. } = d;
        assert!(span.start <= span.end && span.end <= source_line.chars().count(), "{d:?}");
        assert!(last <= Some(origin), "{d:?}");
        last = Some(origin);
        if origin.line > 0 && std::str::from_utf8(&tree.0[&origin.file]).is_ok() {
            let text = String::from_utf8(tree.0[&origin.file].clone()).unwrap();
            let line = text
                .split('\n')
                .nth(origin.line as usize - 1)
                .unwrap_or_else(|| panic!("no such line: {d:?}"));
            assert!(origin.column as usize <= line.chars().count() + 1, "{d:?}");
        }
    }
    let text = diagnostics::text(found, Path::new("x"));
    let plain = anstream::adapter::strip_str(&text).to_string();
    assert!(!plain.chars().any(|c| c != '\n' && groupsync::model::hidden::is_hidden(c)), "{plain:?}");
    diagnostics::json(found);
}

fn any_file() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("partner.yaml", PARTNER),
        ("policy.yaml", POLICY),
        ("groups/all.yaml", GROUPS),
        ("templates/managed.yaml", TEMPLATE),
        (CUSTOMER, CONTOSO),
        ("customers/northwind/customer.yaml", NORTHWIND),
        (GRANT_FILE, GRANT),
    ])
}

/// Bits of YAML that mean something somewhere.
const BITS: [&str; 28] = [
    "\n", "  ", "\t", ":", ": ", "- ", "{", "}", "[", "]", ",", "\"", "'", "#", "&a ", "*a", "!t ", "---\n",
    "...\n", "|\n", ">\n", "? ", "~", "<<: ", "\r", "\u{feff}", "\u{202e}", "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic((path, _) in any_file(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let tree = Tree::valid().with(path, bytes);
        let read = tree.read();
        sound(&tree, &read.diagnostics);
        prop_assert!(read.state.is_none());
    }

    #[test]
    fn damaged_files_never_panic_and_their_problems_have_places(
        (path, text) in any_file(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(BITS.to_vec()), 0..4usize), 1..6),
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, bit, removed) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, bit.chars());
        }
        let tree = Tree::valid().with(path, chars.into_iter().collect::<String>());
        let read = tree.read();
        sound(&tree, &read.diagnostics);
        prop_assert_eq!(read.state.is_none(), read.diagnostics.iter().any(|d| d.severity == Severity::Error));
    }
}
