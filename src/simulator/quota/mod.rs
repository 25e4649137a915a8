//! Quotas: how much of Graph and of Resource Manager an application may use, on the simulator's own clock.
//!
//! The numbers are the published ones, the windows are exact. The real services refuse earlier under load; here a
//! request is refused if and only if it is too much. Refused requests count in Graph and don't in Resource Manager.

mod window;
mod bucket;
mod graph;
mod arm;

use std::time::Duration;

use axum::http::Method;
use jiff::Timestamp;

pub(super) use self::arm::Aim;
pub(super) use self::graph::Cost;

use self::arm::ArmQuotas;
use self::graph::GraphQuotas;
use super::refusal::Refusal;
use super::token::Token;
use super::world;

/// Headers for the answer.
pub(super) type Headers = Vec<(&'static str, String)>;

/// What has been used of every quota.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    /// Whether they are kept.
    pub(super) mode: world::Quotas,
    graph: GraphQuotas,
    arm: ArmQuotas,
}

impl Quotas {
    pub(super) fn new(mode: world::Quotas) -> Self {
        Self { mode, ..Self::default() }
    }

    /// Counts a request to Graph; the headers it earns, or its refusal.
    pub(super) fn admit_graph(
        &mut self,
        token: &Token,
        users: usize,
        cost: Cost,
        now: Timestamp,
    ) -> Result<Headers, Refusal> {
        match self.mode {
            world::Quotas::Real => self.graph.admit(token, users, cost, now),
            world::Quotas::Off => Ok(Headers::new()),
        }
    }

    /// Counts a request to Resource Manager; the headers it earns, or its refusal.
    pub(super) fn admit_arm(
        &mut self,
        token: &Token,
        aim: Aim,
        method: &Method,
        now: Timestamp,
    ) -> Result<Headers, Refusal> {
        match self.mode {
            world::Quotas::Real => self.arm.admit(token, aim, method, now),
            world::Quotas::Off => Ok(Headers::new()),
        }
    }
}

/// Whole seconds, never too few: who waits that long is let in, if nobody else comes meanwhile.
fn retry_after(wait: Duration) -> String {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    seconds.max(1).to_string()
}
