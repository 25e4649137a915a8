//! The suite.

mod architecture;
mod plan;
