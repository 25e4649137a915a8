//! The command line.

pub mod world;
pub mod embedded;
