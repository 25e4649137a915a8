//! The layers import each other only along the arrows of the code map in `src/lib.rs`, and every file keeps the house rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules of the crate each module may import, besides itself. A module that is not listed is an error: a new one
/// states what it may import, here and in the code map.
const ARROWS: [(&str, &[&str]); 17] = [
    ("defects", &[]),
    ("model", &[]),
    ("clock", &[]),
    ("bounded", &[]),
    ("telemetry", &[]),
    ("simulator", &[]),
    ("desired", &["model", "bounded"]),
    ("observed", &["model"]),
    ("plan", &["model", "desired", "observed"]),
    // Records are about operations of plans, and remember for the next plan.
    ("journal", &["model", "plan", "clock"]),
    ("client", &["model", "clock", "bounded", "telemetry"]),
    ("collect", &["model", "desired", "observed", "client", "clock"]),
    ("execute", &["model", "plan", "journal", "client", "clock"]),
    ("report", &["model", "desired", "observed", "plan", "journal"]),
    (
        "reconcile",
        &[
            "model",
            "clock",
            "desired",
            "observed",
            "plan",
            "journal",
            "client",
            "collect",
            "execute",
            "telemetry",
        ],
    ),
    (
        "controller",
        &[
            "model",
            "clock",
            "bounded",
            "desired",
            "observed",
            "plan",
            "journal",
            "client",
            "collect",
            "execute",
            "report",
            "reconcile",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "clock",
            "bounded",
            "desired",
            "observed",
            "plan",
            "journal",
            "client",
            "collect",
            "execute",
            "report",
            "reconcile",
            "controller",
            "simulator",
            "telemetry",
            "defects",
        ],
    ),
];

/// Modules and files whose functions are pure: their results follow from their arguments alone.
const PURE: [&str; 4] = ["model/", "observed/", "plan/", "desired/"];

/// The one part of `desired` that reads files.
const READS_FILES: [&str; 2] = ["desired/load.rs", "desired/load/"];

/// What no pure file mentions.
const IMPURE: [&str; 15] = [
    "async fn",
    ".await",
    "tokio::",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "Timestamp::now",
    "Zoned::now",
    "tracing::",
    "fastrand::",
    "walkdir::",
    "bounded::",
];

/// No file but a test is longer.
const LONGEST: usize = 600;

#[test]
fn the_layers_import_each_other_only_along_the_arrows() {
    let sources = sources();
    assert!(sources.len() > 50, "the sources were not found");
    assert_eq!(broken_arrows(&sources), Vec::<String>::new());
}

/// Without this, a parser that sees nothing would find no broken arrow either.
#[test]
fn a_planted_import_is_found() {
    let plants = [
        ("plan/draft.rs", "use crate::client::error::Error;"),
        ("model/ids.rs", "use crate::{desired::state::DesiredState, plan};"),
        ("report/words.rs", "fn planted() { let _ = crate::execute::sweep; }"),
        ("simulator/mod.rs", "use crate::model::ids::TenantId;"),
        ("collect/mod.rs", "use crate::{\n    model::ids::{TenantId, PersonId},\n    plan::value::Plan,\n};"),
    ];
    for (file, plant) in plants {
        let mut sources = sources();
        let text = sources.get_mut(file).unwrap_or_else(|| panic!("{file} is gone: plant elsewhere"));
        text.push_str(plant);
        let broken = broken_arrows(&sources);
        assert!(
            !broken.is_empty() && broken.iter().all(|b| b.contains(file)),
            "{plant} in {file}: {broken:?}"
        );
    }
}

#[test]
fn pure_modules_touch_nothing_outside_their_arguments() {
    assert_eq!(impurities(&sources()), Vec::<String>::new());
}

#[test]
fn a_planted_look_at_the_clock_is_found() {
    for plant in ["fn planted() { jiff::Timestamp::now(); }", "async fn planted() {}", "use std::fs;"] {
        let mut sources = sources();
        sources.get_mut("plan/draft.rs").expect("the planner's entry").push_str(plant);
        assert_eq!(impurities(&sources).len(), 1, "{plant}");
    }
}

#[test]
fn every_file_says_first_what_it_is_for_and_is_short() {
    let mut wrong = Vec::new();
    for (file, text) in all_rust_files() {
        if !text.starts_with("//! ") {
            wrong.push(format!("{file} does not start with a `//!` sentence"));
        }
        let lines = text.lines().count();
        if lines > LONGEST && !file.starts_with("tests/") {
            wrong.push(format!("{file} has {lines} lines: split it by noun"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Nobody runs code in comments here, and what is not run goes wrong unseen: examples are tests and stories.
#[test]
fn comments_hold_no_code_to_run() {
    let mut files = rust_files(&crate_root().join("src"));
    assert_eq!(code_in_comments(&files), Vec::<String>::new());
    files.get_mut("lib.rs").expect("the root").push_str("//! ```\n//! let planted = 1;\n//! ```\n");
    assert_eq!(code_in_comments(&files), ["lib.rs"]);
}

#[test]
fn a_name_has_one_path() {
    let root = fs::read_to_string(crate_root().join("src/lib.rs")).unwrap();
    assert!(!code(&root).contains("pub use"), "the crate root re-exports nothing");
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        // The simulator is a crate in the crate: its own files decide what its face is.
        if file.ends_with("mod.rs") && !file.starts_with("simulator/") && code(&text).contains("pub use") {
            wrong.push(file);
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "no module re-exports what another defines");
}

#[test]
fn the_code_map_lists_every_module_with_its_arrows() {
    let root = fs::read_to_string(crate_root().join("src/lib.rs")).unwrap();
    let declared: BTreeSet<&str> =
        root.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, ARROWS.iter().map(|(module, _)| *module).collect());
    for (module, may) in ARROWS {
        let row = root.lines().find(|line| line.starts_with(&format!("//! | [`{module}`] |")));
        let row = row.unwrap_or_else(|| panic!("{module} is missing from the code map"));
        let said = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        match said {
            "nothing" => assert!(may.is_empty(), "{module}"),
            "everything" => assert_eq!(may.len(), ARROWS.len() - 1, "{module}"),
            "all above but report" => assert!(!may.contains(&"report"), "{module}"),
            list => {
                let said: BTreeSet<&str> = list.split(", ").collect();
                assert_eq!(said, may.iter().copied().collect(), "{module}");
            }
        }
    }
}

fn crate_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below `src/` but the two roots, by path.
fn sources() -> BTreeMap<String, String> {
    let mut files = rust_files(&crate_root().join("src"));
    files.remove("lib.rs");
    files.remove("main.rs");
    files
}

fn all_rust_files() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for folder in ["src", "tests", "benches"] {
        for (file, text) in rust_files(&crate_root().join(folder)) {
            all.insert(format!("{folder}/{file}"), text);
        }
    }
    all
}

fn rust_files(below: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![below.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the package is readable") {
            let path = entry.expect("the package is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(below).expect("below it").to_str().expect("plain names");
                let text = fs::read_to_string(&path).expect("UTF-8");
                files.insert(name.replace('\\', "/"), text);
            }
        }
    }
    files
}

/// Files with a fence that opens anything but plain text in a comment.
fn code_in_comments(files: &BTreeMap<String, String>) -> Vec<String> {
    let opens_code = |text: &str| {
        let comments = text.lines().map(str::trim_start).filter(|line| line.starts_with("//"));
        let fences = comments.filter_map(|line| line.trim_start_matches(['/', '!', ' ']).strip_prefix("```"));
        fences.step_by(2).any(|language| language != "text")
    };
    files.iter().filter(|(_, text)| opens_code(text)).map(|(file, _)| file.clone()).collect()
}

/// Imports that no arrow allows, each as `file imports module`.
fn broken_arrows(sources: &BTreeMap<String, String>) -> Vec<String> {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut broken = Vec::new();
    for (file, text) in sources {
        let module = file.split(['/', '.']).next().expect("a path is not empty");
        let Some(allowed) = arrows.get(module) else {
            broken.push(format!("{file} belongs to no known module"));
            continue;
        };
        for target in imported(text) {
            if target != module && !allowed.contains(&target.as_str()) {
                broken.push(format!("{file} imports {target}"));
            }
        }
    }
    broken
}

/// The modules that a file names by a path from `crate::`, tests and macros included.
fn imported(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text = code(text);
    for (at, _) in text.match_indices("crate::") {
        let preceded =
            text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        if preceded {
            continue;
        }
        let rest = text[at + "crate::".len()..].trim_start();
        if let Some(list) = rest.strip_prefix('{') {
            found.extend(top_level_items(list));
        } else {
            found.insert(identifier(rest));
        }
    }
    found
}

/// The first names of the items of a `{…}` list, its opening brace taken off.
fn top_level_items(list: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.into_iter().map(|item| identifier(item.trim())).filter(|name| !name.is_empty()).collect()
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The text without comments, documentation included: what a file says about others is no import.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if line.trim_start().starts_with("//") {
            ""
        } else {
            line.split_once(" // ").map_or(line, |(code, _)| code)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn impurities(sources: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in sources {
        let pure = PURE.iter().any(|folder| file.starts_with(folder));
        if !pure || READS_FILES.iter().any(|path| file.starts_with(path)) {
            continue;
        }
        let text = code(text);
        for word in IMPURE.iter().filter(|word| text.contains(**word)) {
            found.push(format!("{file} mentions {word}"));
        }
    }
    found
}
