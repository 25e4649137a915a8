//! The suite.

mod architecture;
mod desired;
mod plan;
