//! The customers' plans as one plan of a sweep, judged by the limits of the fleet.

use jiff::Timestamp;

use crate::desired::state::DesiredState;
use crate::plan::digest::Digest;
use crate::plan::guard::fleet;
use crate::plan::value::{CustomerPlan, Plan};

/// Joins the plans of a sweep. What the fleet's limits strike is held at every customer it touches.
pub fn assemble(desired: &DesiredState, mut customers: Vec<CustomerPlan>, now: Timestamp) -> Plan {
    customers.sort_by(|a, b| a.name.cmp(&b.name));
    fleet::judge(desired, &mut customers, now);
    let pairs: Vec<_> = customers.iter().map(|c| (c.name.as_str(), c.digest.as_str())).collect();
    let digest = Digest::of(&serde_json::json!(pairs));
    Plan { now, customers, digest }
}
