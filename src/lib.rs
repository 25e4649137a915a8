//! Keeps partner groups, B2B guests and Azure role assignments equal across every customer tenant.

pub mod model;
pub mod clock;
pub mod desired;
pub mod observed;
pub mod plan;
pub mod client;
pub mod collect;
pub mod execute;
pub mod report;
pub mod reconcile;
pub mod simulator;
pub mod telemetry;
pub mod cli;
