//! The suite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so; helpers of tests are tests too")]

mod architecture;
mod proofs;
mod client;
mod metrics;
mod http;
mod stage;
mod apply;
mod journal;
mod forecast;
mod traps;
mod desired;
mod collect;
mod plan;
mod report;
mod notify;
mod deploy;
mod cli;
mod controller;
mod pull_request;
mod import;
mod rbac_condition;
mod simulator;
mod stories;
mod storm;
mod trap_table;
mod promises;
mod fuzz_replay;
mod bad_input;
