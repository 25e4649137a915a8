//! `deploy/metrics.md` lists every metric, and the alerts and the dashboard ask for none that does not exist.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use groupsync::telemetry::metrics::book::{Entry, Kind};
use groupsync::telemetry::metrics::{Detail, Metrics};
use serde_json::Value;

const BEGIN: &str = "<!-- metrics: begin -->\n";
const END: &str = "<!-- metrics: end -->\n";

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file)
}

fn read(file: &str) -> String {
    fs::read_to_string(deploy(file)).unwrap_or_else(|error| panic!("deploy/{file}: {error}"))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    }
}

fn table(entries: &[Entry]) -> String {
    let mut table = "| metric | kind | labels | what it says |\n|---|---|---|---|\n".to_owned();
    for Entry { name, kind: of, labels, help } in entries {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(table, "| `{name}` | {} | {} | {help} |", kind(*of), labels.join(", ")).expect("a string");
    }
    table
}

#[test]
fn every_metric_is_documented_and_nothing_else_is() {
    let metrics = Metrics::new(Detail::Customers);
    let written = read("metrics.md");
    let (head, rest) = written.split_once(BEGIN).expect("the mark before the table");
    let (said, foot) = rest.split_once(END).expect("the mark after the table");
    let table = table(metrics.entries());
    if updates() {
        fs::write(deploy("metrics.md"), format!("{head}{BEGIN}{table}{END}{foot}")).expect("ours to write");
        return;
    }
    assert_eq!(said, table, "UPDATE_METRICS=1 cargo test metrics:: writes the table");
    // The prose may name only what there is, too.
    unknown(&metrics, &format!("{head}{foot}"), "metrics.md");
}

#[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the tests")]
fn updates() -> bool {
    std::env::var_os("UPDATE_METRICS").is_some()
}

/// Labels are what a series costs: every label that is not one of these needs a thought about how many values it has.
#[test]
fn every_label_has_a_bounded_number_of_values() {
    let bounded = [
        "service",
        "method",
        "route",
        "status",
        "budget",
        "priority",
        "trigger",
        "result",
        "kind",
        "outcome",
        "state",
        "condition",
        "code",
        "version",
        "revision",
    ];
    let metrics = Metrics::new(Detail::Customers);
    for Entry { name, labels, .. } in metrics.entries() {
        for label in *labels {
            let of_a_customer = *label == "customer" && name.starts_with("groupsync_customer_");
            assert!(bounded.contains(label) || of_a_customer, "{name} has the label {label}");
        }
    }
}

#[test]
fn alerts_ask_for_metrics_that_exist() {
    let metrics = Metrics::new(Detail::Customers);
    let rules = read("monitoring/alerts.yaml");
    assert!(rules.contains("groupsync_overdue_withdrawals"));
    unknown(&metrics, &rules, "alerts.yaml");
    unknown(&metrics, &read("monitoring/alerts.test.yaml"), "alerts.test.yaml");
}

#[test]
fn every_panel_of_the_dashboard_asks_for_metrics_that_exist() {
    let metrics = Metrics::new(Detail::Customers);
    let dashboard: Value = serde_json::from_str(&read("monitoring/dashboard.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut asked = 0;
    for panel in panels {
        let title = panel["title"].as_str().expect("every panel has a title");
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().expect("a query");
            unknown(&metrics, query, title);
            assert!(names(query).len() + usize::from(query.contains("up{")) > 0, "{title}: {query}");
            asked += 1;
        }
        assert!(panel["type"] == "row" || panel["description"].is_string(), "{title} says what it shows");
    }
    assert!(asked >= 12, "{asked} queries");
}

/// Fails if the text names a metric of ours that does not exist.
#[track_caller]
fn unknown(metrics: &Metrics, text: &str, place: &str) {
    let known: BTreeSet<String> = metrics
        .entries()
        .iter()
        .flat_map(|entry| {
            let parts: &[&str] =
                if entry.kind == Kind::Histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
            parts.iter().map(|part| format!("{}{part}", entry.name))
        })
        .chain(metrics.entries().iter().map(|entry| entry.name.to_owned()))
        .collect();
    let strange: Vec<String> = names(text).into_iter().filter(|name| !known.contains(name)).collect();
    assert_eq!(strange, Vec::<String>::new(), "{place} asks for what nobody measures");
}

/// Everything in a text that looks like a metric of ours.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    words
        .filter(|word| word.starts_with("groupsync_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}
