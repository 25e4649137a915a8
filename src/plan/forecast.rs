//! What carrying out a plan takes: requests, quota and time, counted from the plan and nothing else.
//!
//! Counted is what the executor sends while it carries the plan out, its looks at what must not be taken on trust included.
//! Not counted: the reading before and after, tokens, repetitions, pages beyond the first of a group with more than
//! [`PAGE`] members, and the singles that follow where Graph refuses several members at once. The time is that of the
//! services' quotas and of our own waits; answers that take long, and replicas that lag, come on top.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;

use crate::model::cloud::Cloud;
use crate::model::ids::{ObjectId, SubscriptionId};
use crate::model::quota::{
    AT_ONCE, AUTHORIZATION, GRAPH_UNITS, GRAPH_WRITES, MEMBERS_UNITS, PAGE, Quota, TENANT_SIZES,
    TENANT_UNITS, TENANT_WRITES, UNIT, Verb, WITHDRAWN_AT_ONCE, WRITTEN_AT_ONCE, azure, writes_to_add,
};
use crate::model::usage::Usage;
use crate::plan::operation::{Action, LedgerEntry, Operation, OperationId, Phase};
use crate::plan::value::{CustomerPlan, Plan};

/// How long after a write it is looked at for the first time: replicas agree within seconds, seldom later.
pub const FIRST_LOOK: Duration = Duration::from_secs(2);

/// What carrying out a plan will take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Requests and quota.
    pub usage: Usage,
    /// Seconds that Graph's quotas need for it.
    pub graph: u64,
    /// Seconds that Resource Manager's need.
    pub azure: u64,
    /// Seconds that those of `Microsoft.Authorization` need.
    pub authorization: u64,
    /// Seconds for everything together.
    pub time: u64,
    /// Operations for a later run, not counted: guests that this plan takes out of a group are deleted ten minutes after that
    /// at the soonest.
    pub later: usize,
}

/// What carrying out a plan took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fact {
    /// Requests and quota, everything included that the same client did meanwhile.
    pub usage: Usage,
    /// From the first operation to the last.
    pub time: SignedDuration,
}

/// What carrying out a plan was to take, and what it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// What it was to take.
    pub forecast: Forecast,
    /// What it took.
    pub fact: Fact,
}

impl Forecast {
    /// Counts what a plan takes in a cloud.
    pub fn of(plan: &Plan, cloud: Cloud) -> Self {
        let mut usage = Usage::default();
        let mut later = 0;
        let [mut graph, mut azure, mut authorization, mut changing] = [Queue::of(WRITTEN_AT_ONCE); 4];
        let mut withdrawing = Queue::of(WITHDRAWN_AT_ONCE);
        for customer in &plan.customers {
            let work = Work::at(customer);
            usage += work.usage;
            later += work.later;
            let time = work.time(cloud);
            graph.take(time.graph);
            azure.take(time.azure);
            authorization.take(time.authorization);
            let queue = if work.withdraws_only { &mut withdrawing } else { &mut changing };
            queue.take(time.graph + time.azure.max(time.authorization) + time.waits);
        }
        // Every tenant draws from these too, one queue for all of them.
        let shared = GRAPH_WRITES.seconds(usage.writes).max(GRAPH_UNITS.seconds(usage.units));
        Self {
            usage,
            graph: whole(graph.seconds().max(shared)),
            azure: whole(azure.seconds()),
            authorization: whole(authorization.seconds()),
            time: whole(changing.seconds().max(withdrawing.seconds()).max(shared)),
            later,
        }
    }
}

/// Customers one after the other, so many at a time.
#[derive(Debug, Clone, Copy)]
struct Queue {
    at_once: usize,
    longest: f64,
    sum: f64,
}

impl Queue {
    fn of(at_once: usize) -> Self {
        Self { at_once, longest: 0.0, sum: 0.0 }
    }

    fn take(&mut self, seconds: f64) {
        self.longest = self.longest.max(seconds);
        self.sum += seconds;
    }

    fn seconds(self) -> f64 {
        self.longest.max(self.sum / self.at_once as f64)
    }
}

/// The seconds one customer takes.
struct Seconds {
    graph: f64,
    azure: f64,
    authorization: f64,
    waits: f64,
}

/// What one customer's plan takes.
#[derive(Debug, Default)]
struct Work {
    usage: Usage,
    azure: BTreeMap<(Option<SubscriptionId>, Verb), u64>,
    looks: u32,
    later: usize,
    /// It waits in the queue of the withdrawals and in no other.
    withdraws_only: bool,
}

impl Work {
    fn at(customer: &CustomerPlan) -> Self {
        let mut work = Self::default();
        let (withdrawals, rest): (Vec<&Operation>, Vec<&Operation>) =
            customer.runnable().partition(|operation| operation.phase == Phase::Withdraw);
        work.withdraws_only = rest.is_empty();
        let mut left: BTreeSet<ObjectId> = BTreeSet::new();
        let mut later: BTreeSet<&OperationId> = BTreeSet::new();
        for wave in [withdrawals, rest] {
            let mut now = Vec::with_capacity(wave.len());
            for operation in wave {
                match &operation.action {
                    Action::RemoveMembers { members, .. } => left.extend(members.iter().map(|m| m.object)),
                    Action::DeleteGuest { guest, .. } if left.contains(guest) => {
                        later.insert(&operation.id);
                    }
                    _ => {}
                }
                if operation.needs.iter().any(|need| later.contains(need)) {
                    later.insert(&operation.id);
                }
                if !later.contains(&operation.id) {
                    now.push(operation);
                }
            }
            let mut looked_at = 0;
            for (place, operation) in now.iter().enumerate() {
                if now[looked_at..place].iter().any(|other| operation.rests_on(other)) {
                    work.verify_withdrawals(&now[looked_at..place]);
                    looked_at = place;
                }
                work.carry_out(&operation.action, customer.measure.subscriptions);
            }
            work.verify_withdrawals(&now[looked_at..]);
            work.write_ledger(&now, customer.measure.guests);
        }
        work.later = later.len();
        work
    }

    fn carry_out(&mut self, action: &Action, subscriptions: usize) {
        match action {
            // Entries of one ledger are written together.
            Action::AddToLedger { .. } => {}
            Action::InviteGuest { .. }
            | Action::CreateGroup { .. }
            | Action::UpdateGroup { .. }
            | Action::DeleteGroup { .. }
            | Action::RemoveFromLedger { .. } => self.write(1),
            Action::AddMembers { members, .. } => self.add(members.len()),
            Action::RemoveMembers { members, .. } => {
                self.batches(members.len(), UNIT);
                self.usage.writes += members.len() as u64;
            }
            Action::CreateRoleAssignment { scope, .. } => {
                self.authorization(scope.subscription_id(), Verb::Write);
            }
            Action::DeleteRoleAssignment { key, .. } => {
                self.authorization(key.scope.subscription_id(), Verb::Delete);
            }
            Action::DeleteGuest { .. } => {
                // Its groups, what it owns, its applications; then the roles in every subscription.
                self.batches(3, UNIT);
                self.resource_manager(None, Verb::Read);
                for _ in 0..subscriptions {
                    self.authorization(None, Verb::Read);
                }
                self.write(1);
            }
        }
    }

    /// The entries of the ledger: whether each guest is the one we invited, the entries, and a look whether they show.
    fn write_ledger(&mut self, operations: &[&Operation], before: usize) {
        let entries = || {
            operations.iter().filter_map(|operation| match &operation.action {
                Action::AddToLedger { entry, .. } => Some(entry),
                _ => None,
            })
        };
        let invited = entries().filter(|entry| matches!(entry, LedgerEntry::Invited { .. })).count();
        let all = entries().count();
        self.batches(invited, UNIT);
        self.add(all);
        if all > 0 {
            self.looks += 1;
            for _ in 0..(before + all).div_ceil(PAGE) {
                self.batches(1, MEMBERS_UNITS);
            }
        }
    }

    /// The first look at what these withdrew.
    fn verify_withdrawals(&mut self, operations: &[&Operation]) {
        let (mut members_of, mut subscriptions) = (BTreeSet::new(), BTreeSet::new());
        let (mut groups, mut guests) = (0, 0);
        let withdrawals = operations.iter().filter(|operation| operation.nature.is_withdrawal());
        for operation in withdrawals {
            match &operation.action {
                Action::RemoveMembers { group, .. } => members_of.extend(group.id),
                Action::RemoveFromLedger { ledger, .. } => drop(members_of.insert(*ledger)),
                Action::DeleteGroup { .. } => groups += 1,
                Action::DeleteGuest { .. } => guests += 1,
                Action::DeleteRoleAssignment { key, .. } => subscriptions.extend(key.scope.subscription_id()),
                _ => {}
            }
        }
        if members_of.len() + groups + guests + subscriptions.len() == 0 {
            return;
        }
        self.looks += 1;
        self.batches(members_of.len() + groups, UNIT);
        // A list of members costs more than an object.
        self.usage.units += members_of.len() as u64 * u64::from(MEMBERS_UNITS - UNIT);
        self.batches(guests, UNIT);
        for subscription in subscriptions {
            self.authorization(Some(subscription), Verb::Read);
        }
    }

    /// So many requests of so many units each, as many as fit in one batch.
    fn batches(&mut self, requests: usize, units: u32) {
        self.usage.graph += requests.div_ceil(AT_ONCE) as u64;
        self.usage.units += requests as u64 * u64::from(units);
    }

    fn write(&mut self, writes: u32) {
        self.usage.graph += 1;
        self.usage.units += u64::from(UNIT);
        self.usage.writes += u64::from(writes);
    }

    /// Members added to a group, or entries to the ledger.
    fn add(&mut self, members: usize) {
        for _ in 0..members / AT_ONCE {
            self.write(writes_to_add(AT_ONCE));
        }
        if !members.is_multiple_of(AT_ONCE) {
            self.write(writes_to_add(members % AT_ONCE));
        }
    }

    fn resource_manager(&mut self, subscription: Option<SubscriptionId>, verb: Verb) {
        self.usage.azure += 1;
        self.usage.azure_writes += u64::from(verb != Verb::Read);
        *self.azure.entry((subscription, verb)).or_default() += 1;
    }

    fn authorization(&mut self, subscription: Option<SubscriptionId>, verb: Verb) {
        self.resource_manager(subscription, verb);
        self.usage.authorization += 1;
    }

    fn time(&self, cloud: Cloud) -> Seconds {
        let [small, .., large] = TENANT_SIZES;
        let share = small / large;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a small number"
        )]
        let burst = (f64::from(TENANT_UNITS.burst) * share) as u32;
        let units = Quota { burst, per_second: TENANT_UNITS.per_second * share };
        let azure_seconds = self.azure.iter().map(|((_, verb), &count)| azure(cloud, *verb).seconds(count));
        Seconds {
            graph: units.seconds(self.usage.units).max(TENANT_WRITES.seconds(self.usage.writes)),
            azure: azure_seconds.fold(0.0, f64::max),
            authorization: AUTHORIZATION.seconds(self.usage.authorization),
            waits: FIRST_LOOK.as_secs_f64() * f64::from(self.looks),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a plan, not negative"
)]
fn whole(seconds: f64) -> u64 {
    seconds.ceil() as u64
}
