//! The customers' plans as one plan of a sweep, judged by the limits of the fleet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::DesiredState;
use crate::model::names::CustomerName;
use crate::plan::digest::Digest;
use crate::plan::guard::fleet;
use crate::plan::memory::Beside;
use crate::plan::value::{CustomerPlan, Plan};
use crate::plan::verdict::FindingCode;

/// Joins the plans of a sweep. What the fleet's limits strike is held at every customer it touches.
pub fn assemble(desired: &DesiredState, customers: Vec<CustomerPlan>, now: Timestamp) -> Plan {
    assemble_beside(desired, customers, &Beside::default(), now)
}

/// The same for some customers of a fleet, judged together with what counts besides.
pub fn assemble_beside(
    desired: &DesiredState,
    mut customers: Vec<CustomerPlan>,
    beside: &Beside,
    now: Timestamp,
) -> Plan {
    customers.sort_by(|a, b| a.name.cmp(&b.name));
    fleet::judge(desired, &mut customers, beside, now);
    name_the_other_customers(&mut customers);
    let pairs: Vec<_> = customers.iter().map(|c| (c.name.as_str(), c.digest.as_str())).collect();
    let digest = Digest::of(&serde_json::json!(pairs));
    Plan { now, customers, digest }
}

/// One customer's plan without the others: an `Override` in force releases it, and limits over all customers are left open.
pub fn alone(desired: &DesiredState, mut plan: CustomerPlan, now: Timestamp) -> CustomerPlan {
    fleet::judge_alone(desired, &mut plan, now);
    plan
}

/// Whoever has not accepted here and elsewhere is one person to be asked once.
fn name_the_other_customers(customers: &mut [CustomerPlan]) {
    let mut waiting: BTreeMap<String, BTreeSet<CustomerName>> = BTreeMap::new();
    for plan in &*customers {
        for finding in plan.findings.iter().filter(|finding| finding.code == FindingCode::NeverAccepted) {
            waiting.entry(finding.of.clone()).or_default().insert(plan.name.clone());
        }
    }
    for plan in customers {
        for finding in plan.findings.iter_mut().filter(|finding| finding.code == FindingCode::NeverAccepted) {
            let others = waiting.get(&finding.of).into_iter().flatten().filter(|name| **name != plan.name);
            let others: Vec<&str> = others.map(CustomerName::as_str).collect();
            if !others.is_empty() {
                finding.text = format!("{}; the same at {}", finding.text, others.join(", "));
            }
        }
    }
}
