//! The planner, as a pure function: files and readings in, operations out.

pub(crate) mod fixture;
mod rules;
mod guard;
mod memory;
mod overlay;
mod properties;
mod verdicts;
mod limits;
mod defects;
