//! The command line.

pub mod world;
