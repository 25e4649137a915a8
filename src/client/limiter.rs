//! Budgets: how much of each service's quota a request costs, and who waits for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::client::bucket::{Bucket, PausedTooLong};
use crate::client::pace::Sizes;
use crate::model::cloud::Cloud;
use crate::model::ids::{SubscriptionId, TenantId};
use crate::model::quota::{self, Quota, TENANT_SIZES, Verb};
use crate::model::usage::Usage;
use crate::telemetry::metrics::Metrics;

/// Who goes first when a budget is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Ended access and leavers, and the reads they need: before everything else in every queue.
    Withdrawal,
    /// Everything else.
    Change,
}

/// A quota of a service, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Budget {
    /// Graph resource units in one tenant.
    TenantUnits(TenantId),
    /// Graph writes in one tenant.
    TenantWrites(TenantId),
    /// Graph requests over all tenants.
    GraphRequests,
    /// Graph resource units over all tenants.
    GraphUnits,
    /// Graph writes over all tenants.
    GraphWrites,
    /// Resource Manager requests that name no subscription.
    ArmTenant(TenantId, Verb),
    /// Resource Manager requests to one subscription.
    ArmSubscription(SubscriptionId, Verb),
    /// What the authorization provider allows in one tenant.
    Authorization(TenantId),
}

impl Priority {
    /// Its name in labels.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Withdrawal => "withdrawal",
            Self::Change => "change",
        }
    }
}

/// The kinds of budgets, as labels have them.
const KINDS: [&str; 9] = [
    "tenantUnits",
    "tenantWrites",
    "appRequests",
    "appUnits",
    "appWrites",
    "armReads",
    "armWrites",
    "armDeletes",
    "authorization",
];

impl Budget {
    /// The name of its kind in labels: one of [`KINDS`].
    fn kind(self) -> &'static str {
        match self {
            Self::TenantUnits(_) => "tenantUnits",
            Self::TenantWrites(_) => "tenantWrites",
            Self::GraphRequests => "appRequests",
            Self::GraphUnits => "appUnits",
            Self::GraphWrites => "appWrites",
            Self::ArmTenant(_, Verb::Read) | Self::ArmSubscription(_, Verb::Read) => "armReads",
            Self::ArmTenant(_, Verb::Write) | Self::ArmSubscription(_, Verb::Write) => "armWrites",
            Self::ArmTenant(_, Verb::Delete) | Self::ArmSubscription(_, Verb::Delete) => "armDeletes",
            Self::Authorization(_) => "authorization",
        }
    }
}

/// What a request takes from one budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charge {
    pub(super) budget: Budget,
    pub(super) cost: u32,
}

/// Which of a request's budgets the service found exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exceeded {
    /// The tenant's writes; reads may go on.
    TenantWrites,
    /// Anything in this tenant.
    Tenant,
    /// Writes in every tenant.
    AppWrites,
    /// Everything everywhere.
    App,
    /// The authorization provider's own.
    Authorization,
    /// Resource Manager's, of this subscription or tenant.
    Arm,
}

impl Exceeded {
    /// Its name in labels.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TenantWrites => "tenantWrites",
            Self::Tenant => "tenantUnits",
            Self::AppWrites => "appWrites",
            Self::App => "appUnits",
            Self::Authorization => "authorization",
            Self::Arm => "arm",
        }
    }
}

/// How long a request waits for a paused budget before it is given up: long enough for every `Retry-After` that the
/// services are known to send, short enough that one customer's pass ends.
pub(super) const PATIENCE: Duration = Duration::from_mins(5);

/// All budgets of one application in one cloud.
pub(super) struct Limiter {
    cloud: Cloud,
    /// 1 uses the quotas as far as they go.
    pace: f64,
    buckets: Mutex<BTreeMap<Budget, Arc<Bucket>>>,
    spent: Mutex<Usage>,
}

impl Limiter {
    pub(super) fn new(cloud: Cloud) -> Self {
        Self { cloud, pace: 1.0, buckets: Mutex::default(), spent: Mutex::default() }
    }

    /// The same at another pace: bursts and rates times `pace`.
    pub(super) fn with_pace(self, pace: f64) -> Self {
        Self { pace, ..self }
    }

    /// Shows in `metrics` how much of each kind of budget is left.
    pub(super) fn show_in(self: &Arc<Self>, metrics: &Metrics) {
        let limiter = Arc::downgrade(self);
        metrics
            .requests
            .ask_what_is_left(move || limiter.upgrade().map(|limiter| limiter.left()).unwrap_or_default());
    }

    /// How much of each kind of budget is left, from 0 to 1: of several scopes the least.
    fn left(&self) -> Vec<(&'static str, f64)> {
        let mut left: BTreeMap<&str, f64> = KINDS.into_iter().map(|kind| (kind, 1.0)).collect();
        for (budget, bucket) in &*self.buckets.lock().unwrap_or_else(PoisonError::into_inner) {
            let least = left.entry(budget.kind()).or_insert(1.0);
            *least = least.min(bucket.left());
        }
        left.into_iter().collect()
    }

    /// Waits until every charge is covered. The tenant's budgets come before those of all tenants: what a tenant
    /// cannot send yet must not hold a place in the queue that everybody shares.
    pub(super) async fn draw(&self, charges: &[Charge], priority: Priority) -> Result<(), PausedTooLong> {
        for charge in charges {
            self.bucket(charge.budget).draw(charge.cost, priority, PATIENCE).await?;
        }
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += usage(charges);
        Ok(())
    }

    /// What all requests so far have taken, each attempt of its own; units by the service's own count where it says one.
    pub(super) fn spent(&self) -> Usage {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pauses those of a refused request's budgets that the service found exceeded, and slows them for a while after.
    pub(super) fn pause(&self, charges: &[Charge], exceeded: Exceeded, duration: Duration) {
        for budget in charges.iter().map(|c| c.budget).filter(|&b| is_meant(b, exceeded)) {
            self.bucket(budget).refused(duration);
        }
    }

    /// Slows the tenant's budgets because Graph reports that they are nearly used up.
    pub(super) fn near(&self, charges: &[Charge]) {
        for charge in charges {
            if matches!(charge.budget, Budget::TenantUnits(_) | Budget::TenantWrites(_)) {
                self.bucket(charge.budget).warned();
            }
        }
    }

    /// Slows budgets of which Azure reports that little is left.
    pub(super) fn low(&self, charges: &[Charge], whose: Left) {
        for charge in charges.iter().filter(|charge| whose.is_of(charge.budget)) {
            self.bucket(charge.budget).warned();
        }
    }

    /// Lets budgets recover of which Azure reports that plenty is left.
    pub(super) fn plenty(&self, charges: &[Charge], whose: Left) {
        for charge in charges.iter().filter(|charge| whose.is_of(charge.budget)) {
            self.bucket(charge.budget).plenty();
        }
    }

    /// Corrects the resource units of a finished request by what the service says it cost, up or down.
    pub(super) fn correct_units(&self, charges: &[Charge], actual: u32) {
        for charge in charges {
            if charge.budget == Budget::GraphUnits {
                let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
                spent.units = (spent.units + u64::from(actual)).saturating_sub(u64::from(charge.cost));
            }
            if matches!(charge.budget, Budget::TenantUnits(_) | Budget::GraphUnits) {
                let bucket = self.bucket(charge.budget);
                bucket.charge_late(actual.saturating_sub(charge.cost));
                bucket.give_back(charge.cost.saturating_sub(actual));
                bucket.used(actual);
            }
        }
    }

    fn bucket(&self, budget: Budget) -> Arc<Bucket> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(budget).or_insert_with(|| {
            let Quota { burst, per_second } = quota(self.cloud, budget);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a burst is small")]
            let burst = (f64::from(burst) * self.pace).round().max(1.0) as u32;
            Bucket::new(burst, per_second * self.pace, sizes(budget))
        });
        Arc::clone(bucket)
    }
}

/// Whose counter Azure speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Resource Manager's own.
    OfAzure,
    /// The provider's that answered.
    OfProvider,
}

impl Left {
    fn is_of(self, budget: Budget) -> bool {
        match self {
            Self::OfAzure => matches!(budget, Budget::ArmTenant(..) | Budget::ArmSubscription(..)),
            Self::OfProvider => matches!(budget, Budget::Authorization(_)),
        }
    }
}

/// The sizes of tenants as Graph sees them, as shares of the largest.
const TENANTS: Sizes = &[
    (TENANT_SIZES[0] / TENANT_SIZES[2], TENANT_SIZES[0]),
    (TENANT_SIZES[1] / TENANT_SIZES[2], TENANT_SIZES[1]),
    (1.0, TENANT_SIZES[2]),
];

/// Every other budget has one size.
const ONE: Sizes = &[(1.0, 0.0)];

fn sizes(budget: Budget) -> Sizes {
    if matches!(budget, Budget::TenantUnits(_)) { TENANTS } else { ONE }
}

fn is_meant(budget: Budget, exceeded: Exceeded) -> bool {
    match exceeded {
        Exceeded::TenantWrites => matches!(budget, Budget::TenantWrites(_)),
        // Every request draws units, so that holding them holds everything.
        Exceeded::Tenant => matches!(budget, Budget::TenantUnits(_)),
        Exceeded::AppWrites => matches!(budget, Budget::GraphWrites),
        Exceeded::App => matches!(budget, Budget::GraphUnits),
        Exceeded::Authorization => matches!(budget, Budget::Authorization(_)),
        Exceeded::Arm => matches!(budget, Budget::ArmTenant(..) | Budget::ArmSubscription(..)),
    }
}

fn quota(cloud: Cloud, budget: Budget) -> Quota {
    match budget {
        Budget::TenantUnits(_) => quota::TENANT_UNITS,
        Budget::TenantWrites(_) => quota::TENANT_WRITES,
        Budget::GraphRequests => quota::GRAPH_REQUESTS,
        Budget::GraphUnits => quota::GRAPH_UNITS,
        Budget::GraphWrites => quota::GRAPH_WRITES,
        Budget::ArmTenant(_, verb) | Budget::ArmSubscription(_, verb) => quota::azure(cloud, verb),
        Budget::Authorization(_) => quota::AUTHORIZATION,
    }
}

/// What a request takes: an envelope of a batch is one, whatever it holds.
pub(super) fn usage(charges: &[Charge]) -> Usage {
    let mut usage = Usage::default();
    for Charge { budget, cost } in charges {
        match budget {
            Budget::GraphRequests => usage.graph = 1,
            Budget::GraphUnits => usage.units = u64::from(*cost),
            Budget::GraphWrites => usage.writes = u64::from(*cost),
            Budget::ArmTenant(_, verb) | Budget::ArmSubscription(_, verb) => {
                usage.azure = 1;
                usage.azure_writes = u64::from(*verb != Verb::Read);
            }
            Budget::Authorization(_) => usage.authorization = 1,
            Budget::TenantUnits(_) | Budget::TenantWrites(_) => {}
        }
    }
    usage
}

/// What a Graph request costs: resource units and writes, in the tenant and over all tenants.
pub(super) fn graph_charges(tenant: TenantId, requests: u32, units: u32, writes: u32) -> Vec<Charge> {
    let mut charges = vec![Charge { budget: Budget::TenantUnits(tenant), cost: units }];
    if writes > 0 {
        charges.push(Charge { budget: Budget::TenantWrites(tenant), cost: writes });
    }
    charges.push(Charge { budget: Budget::GraphRequests, cost: requests });
    charges.push(Charge { budget: Budget::GraphUnits, cost: units });
    if writes > 0 {
        charges.push(Charge { budget: Budget::GraphWrites, cost: writes });
    }
    charges
}

/// What a Resource Manager request costs: one of its kind, and one of the provider's if that answers it.
pub(super) fn arm_charges(
    tenant: TenantId,
    subscription: Option<SubscriptionId>,
    verb: Verb,
    provider: Provider,
) -> Vec<Charge> {
    let budget = match subscription {
        Some(subscription) => Budget::ArmSubscription(subscription, verb),
        None => Budget::ArmTenant(tenant, verb),
    };
    let mut charges = vec![Charge { budget, cost: 1 }];
    if provider == Provider::Authorization {
        charges.insert(0, Charge { budget: Budget::Authorization(tenant), cost: 1 });
    }
    charges
}

/// Who answers a Resource Manager request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// Resource Manager itself.
    Core,
    /// `Microsoft.Authorization`.
    Authorization,
}
