//! Placeholder replaced by the plan benchmark.
fn main() {}
