//! The table of the services' traps in `README.md` says what the tests say: each trap is shown by the tests that name it, or
//! the table says in a sentence why it is none of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

const README: &str = "tests/README.md";
const BEGIN: &str = "<!-- traps: begin -->";
const END: &str = "<!-- traps: end -->";

/// How many traps are known of each service.
const KNOWN: [(&str, u32); 2] = [("graph", 50), ("arm", 42)];

type Trap = (&'static str, u32);

/// The traps that a comment names: `Trap: graph 7, 12` or `Trap: arm 3`.
fn named(comment: &str) -> BTreeSet<Trap> {
    let mut traps = BTreeSet::new();
    for part in comment.split("Trap: ").skip(1) {
        let Some((service, _)) = KNOWN.into_iter().find(|(service, _)| part.starts_with(service)) else {
            continue;
        };
        let numbers = part[service.len()..].split(',').map_while(|number| {
            let digits: String = number.trim_start().chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        traps.extend(numbers.map(|number| (service, number)));
    }
    traps
}

/// Which tests name each trap, as `file › test`.
fn shown() -> BTreeMap<Trap, BTreeSet<String>> {
    let mut shown: BTreeMap<Trap, BTreeSet<String>> = BTreeMap::new();
    for root in ["src", "tests"] {
        for entry in WalkDir::new(root).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("trap_table.rs")
            {
                read(&path, &mut shown);
            }
        }
    }
    shown
}

fn read(path: &Path, shown: &mut BTreeMap<Trap, BTreeSet<String>>) {
    let text = fs::read_to_string(path).unwrap();
    let mut comment = String::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(words) = line.strip_prefix("///") {
            comment.push_str(words);
        } else if let Some((_, name)) = line.split_once("fn ").filter(|_| !line.starts_with("//")) {
            let name = name.split(['(', '<']).next().unwrap_or(name);
            for trap in named(&comment) {
                let file = path.display().to_string().replace("tests/", "");
                shown.entry(trap).or_default().insert(format!("`{file}` {}", name.replace('_', " ")));
            }
            comment.clear();
        } else if !line.starts_with('#') && !line.is_empty() {
            comment.clear();
        }
    }
}

/// The rows of the table as they stand, by the first cell: what the trap is, and what is said to it.
fn written(table: &str) -> BTreeMap<String, (String, String)> {
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.trim_end_matches(" |").splitn(3, " | ");
        let (trap, what, row) = (cells.next()?, cells.next()?, cells.next()?);
        Some((trap.to_owned(), (what.to_owned(), row.to_owned())))
    });
    rows.collect()
}

/// `UPDATE_TRAPS=1 cargo test trap_table` writes the table anew; sentences stay where no test has come.
#[test]
fn every_trap_has_a_test_or_a_sentence() {
    let readme = fs::read_to_string(README).unwrap();
    let (head, rest) = readme.split_once(BEGIN).expect("the table begins");
    let (table, tail) = rest.split_once(END).expect("the table ends");
    let (written, shown) = (written(table), shown());
    let mut anew =
        String::from("\n| trap | what it is | shown by, or why it is none of ours |\n|---|---|---|\n");
    let mut open = Vec::new();
    for (service, last) in KNOWN {
        for number in 1..=last {
            let name = format!("{service} {number}");
            let tests = shown
                .get(&(service, number))
                .map(|tests| tests.iter().cloned().collect::<Vec<_>>().join("; "));
            let (what, row) = written.get(&name).cloned().unwrap_or_default();
            match tests
                .or((!row.starts_with('`')).then_some(row))
                .filter(|row| !row.is_empty() && !what.is_empty())
            {
                Some(row) => writeln!(anew, "| {name} | {what} | {row} |").unwrap(),
                None => open.push(name),
            }
        }
    }
    let unknown: Vec<_> = shown
        .keys()
        .filter(|(service, n)| !KNOWN.iter().any(|(s, last)| s == service && n <= last))
        .collect();
    assert!(unknown.is_empty(), "tests name traps that there are not: {unknown:?}");
    let updates = updates();
    if updates {
        fs::write(README, format!("{head}{BEGIN}{anew}{END}{tail}")).unwrap();
    }
    assert!(open.is_empty(), "no test names these traps and the table says nothing: {open:?}");
    assert!(updates || table == anew, "the table is not up to date: UPDATE_TRAPS=1 cargo test trap_table");
}

#[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the tests")]
fn updates() -> bool {
    std::env::var_os("UPDATE_TRAPS").is_some()
}
