//! One customer's plan, as far as what was read allows, and what else must be read to finish it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{Customer, DesiredState};
use crate::model::ownership::Mark;
use crate::model::subscription::{Subscription, SubscriptionState};
use crate::observed;
use crate::observed::question::Question;
use crate::plan::canonical;
use crate::plan::census::Census;
use crate::plan::diff::diff;
use crate::plan::directory::Directory;
use crate::plan::guard;
use crate::plan::memory::TenantMemory;
use crate::plan::order::order;
use crate::plan::value::CustomerPlan;

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
    /// The partner's people by address.
    pub directory: &'a Directory<'a>,
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
    let mut sheet = diff(inputs);
    let subscriptions = inputs.observed.subscriptions.iter().flat_map(BTreeMap::values);
    let is_live = |subscription: &&Subscription| {
        subscription.tenant == inputs.customer.tenant
            && !matches!(subscription.state, SubscriptionState::Gone(_))
    };
    sheet.measure.subscriptions = subscriptions.filter(is_live).count();
    let ledger = Mark::of(inputs.desired.partner.tenant).ledger();
    let groups = inputs.observed.groups.as_ref().ok();
    let ledger_id = groups
        .and_then(|groups| groups.values().find(|group| group.unique_name.as_deref() == Some(&ledger)))
        .map(|group| group.id);
    order(&mut sheet.operations, &ledger, ledger_id);
    guard::judge(&mut sheet);
    let digest = canonical::digest(&inputs.customer.tenant.to_string(), &sheet.operations, &sheet.refused);
    let plan = CustomerPlan {
        name: inputs.customer.name.clone(),
        tenant: inputs.customer.tenant,
        state: inputs.customer.state,
        operations: sheet.operations,
        held: sheet.held,
        refused: sheet.refused,
        gaps: sheet.gaps.into_iter().collect(),
        findings: sheet.findings.into_iter().collect(),
        digest,
        measure: sheet.measure,
    };
    Draft { plan, questions: sheet.questions }
}
