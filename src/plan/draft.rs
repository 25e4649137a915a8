//! One customer's plan, as far as what was read allows, and what else must be read to finish it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::state::{Customer, DesiredState};
use crate::observed;
use crate::observed::question::Question;
use crate::plan::census::Census;
use crate::plan::digest::Digest;
use crate::plan::memory::TenantMemory;
use crate::plan::value::{CustomerPlan, Measure};

/// Everything a customer's plan follows from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The files.
    pub desired: &'a DesiredState,
    /// The customer of the files that is planned.
    pub customer: &'a Customer,
    /// The partner tenant, as read.
    pub partner: &'a observed::partner::Partner,
    /// The customer tenant, as read.
    pub observed: &'a observed::customer::Customer,
    /// What earlier passes left behind.
    pub memory: &'a TenantMemory,
    /// In how many tenants everybody is wanted.
    pub census: &'a Census,
    /// When.
    pub now: Timestamp,
}

/// A plan and the questions whose answers could change it. With no questions left, the plan is final.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The plan.
    pub plan: CustomerPlan,
    /// What to read before drafting again.
    pub questions: BTreeSet<Question>,
}

/// Drafts the plan of one customer, judged by the limits of its group and customer; the fleet's are judged in
/// [`assemble`](crate::plan::assemble::assemble).
pub fn draft(inputs: Inputs<'_>) -> Draft {
    let plan = CustomerPlan {
        name: inputs.customer.name.clone(),
        tenant: inputs.customer.tenant,
        state: inputs.customer.state,
        operations: Vec::new(),
        held: Vec::new(),
        refused: Vec::new(),
        gaps: Vec::new(),
        findings: Vec::new(),
        digest: Digest::of(&serde_json::Value::Null),
        measure: Measure::default(),
    };
    Draft { plan, questions: BTreeSet::new() }
}
