//! The commands. Each is a function of plain arguments that returns the exit code.

pub mod schema;
pub mod simulate;
pub mod completions;
pub mod man;
