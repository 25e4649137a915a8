//! The planner, as a pure function: files and readings in, operations out.

mod fixture;
mod rules;
mod guard;
mod properties;
