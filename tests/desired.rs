//! The desired-state language: what is refused and where, what is accepted and what it means.

use std::path::Path;

use groupsync::desired;
use groupsync::desired::diagnostic::Diagnostic;
use groupsync::desired::schema::json_schema;

mod tree;
mod refused;
mod meaning;
mod effect;
mod compare;
mod always;

#[test]
fn the_example_is_valid() {
    let read = desired::read(Path::new("desired-state"));
    assert_eq!(read.diagnostics, Vec::<Diagnostic>::new());
    assert_eq!(read.state.expect("a valid tree has a state").customers.len(), 3);
}

#[test]
fn the_committed_editor_schema_is_the_current_one() {
    let committed = std::fs::read_to_string("desired-state/.schema.json").unwrap_or_default();
    let current = format!("{:#}\n", json_schema());
    assert!(committed == current, "run `cargo run -- schema desired-state > desired-state/.schema.json`");
}
