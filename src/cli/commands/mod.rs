//! The commands. Each is a function of plain arguments that returns the exit code.

pub mod validate;
pub mod render;

pub mod schema;
pub mod plan;
pub mod apply;
pub mod apply_plan;
mod writing;
pub mod simulate;
pub mod demo;
pub mod run;
pub mod explain;
pub mod journal;
pub mod import;
pub mod rbac_condition;
pub mod completions;
pub mod man;
