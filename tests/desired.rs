//! The desired-state language: what is refused and where, what is accepted and what it means.

use std::path::Path;

use groupsync::desired;
use groupsync::desired::diagnostic::Diagnostic;

#[test]
fn the_example_is_valid() {
    let read = desired::read(Path::new("desired-state"));
    assert_eq!(read.diagnostics, Vec::<Diagnostic>::new());
    assert_eq!(read.state.expect("a valid tree has a state").customers.len(), 3);
}
