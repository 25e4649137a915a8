//! The `groupsync` binary.
fn main() {}
