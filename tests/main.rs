//! The suite.

mod architecture;
