//! One step of a run: what was there before, what was done, what was there afterwards.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::desired::state::{Customer, DesiredState, Grant, OnExpiry, State};
use groupsync::model::ids::PersonId;
use groupsync::model::names::CustomerName;
use groupsync::plan::outcome::{CustomerOutcome, Status};
use groupsync::plan::value::{CustomerPlan, Plan};
use groupsync::simulator::history::{Act, Actor, Change};
use groupsync::simulator::requests::RequestRecord;
use groupsync::simulator::world::{Group, World};
use jiff::Timestamp;
use uuid::Uuid;

use super::truth::{Moment, play};

/// One pass over the fleet, cut off or not, and everything that is known about it.
pub(crate) struct Step {
    pub(crate) desired: DesiredState,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) before: World,
    pub(crate) after: World,
    /// What the application wrote.
    pub(crate) history: Vec<Change>,
    pub(crate) requests: Vec<RequestRecord>,
    /// The plan, if planning came to its end.
    pub(crate) plan: Option<Plan>,
    /// What became of it, if the process lived to say so.
    pub(crate) outcomes: Option<Vec<CustomerOutcome>>,
    /// Whose requests were struck by faults.
    pub(crate) struck: Struck,
}

/// Whose requests were struck by faults.
#[derive(Debug, Clone, Default)]
pub(crate) struct Struck {
    pub(crate) partner: bool,
    /// Names of customers.
    pub(crate) customers: BTreeSet<String>,
    /// The lists of delegated admins cannot be read at all.
    pub(crate) admins: bool,
}

impl Struck {
    /// Everybody is.
    pub(crate) fn everybody(&mut self, customers: &[String]) {
        self.partner = true;
        self.customers.extend(customers.iter().cloned());
    }
}

/// A write with the moments around the step and the world right before it.
pub(crate) struct Write<'a> {
    pub(crate) change: &'a Change,
    /// The world right before the write, with the time at which the step began.
    pub(crate) before: Moment<'a>,
    /// The same world, with the time of the write.
    pub(crate) at: Moment<'a>,
    pub(crate) customer: Option<&'a Customer>,
}

impl Step {
    /// Calls `judge` with each write of the application, oldest first.
    pub(crate) fn each_write(&self, mut judge: impl FnMut(Write<'_>)) {
        let mut world = self.before.clone();
        for change in &self.history {
            let before = Moment { desired: &self.desired, world: &world, at: self.started };
            let at = Moment { at: change.at, ..before };
            if change.actor == Actor::Application {
                judge(Write { change, before, at, customer: before.customer(change.tenant) });
            }
            play(&mut world, change, &self.after);
        }
    }

    /// The moment before the step.
    pub(crate) fn beginning(&self) -> Moment<'_> {
        Moment { desired: &self.desired, world: &self.before, at: self.started }
    }

    /// The moment after it.
    pub(crate) fn end(&self) -> Moment<'_> {
        Moment { desired: &self.desired, world: &self.after, at: self.ended }
    }

    /// Whether the process lived to the end of its pass.
    pub(crate) fn is_whole(&self) -> bool {
        self.outcomes.is_some()
    }

    /// Whether no fault struck a request about that customer or about the partner.
    pub(crate) fn is_undisturbed(&self, customer: &str) -> bool {
        !self.struck.partner && !self.struck.customers.contains(customer)
    }

    /// The plan of a customer.
    pub(crate) fn plan_of(&self, customer: &CustomerName) -> Option<&CustomerPlan> {
        self.plan.as_ref()?.customers.iter().find(|c| c.name == *customer)
    }

    /// The outcomes at a customer.
    pub(crate) fn outcomes_of(&self, customer: &CustomerName) -> Option<&CustomerOutcome> {
        self.outcomes.as_ref()?.iter().find(|c| c.name == *customer)
    }

    /// Whether everything planned there was done and nothing was missing from what was read.
    pub(crate) fn went_well(&self, customer: &CustomerName) -> bool {
        let clean = self.plan_of(customer).is_some_and(CustomerPlan::is_clean);
        let done = |o: &CustomerOutcome| {
            o.ended_early.is_none()
                && o.outcomes.iter().all(|o| matches!(o.status, Status::Done | Status::AlreadySo))
        };
        clean && self.outcomes_of(customer).is_some_and(done)
    }
}

impl<'a> Write<'a> {
    /// The group that the write is about, as it was.
    pub(crate) fn group(&self) -> Option<&'a Group> {
        let id = match &self.change.act {
            Act::GroupDeleted { group }
            | Act::GroupUpdated { group }
            | Act::MemberAdded { group, .. }
            | Act::MemberRemoved { group, .. } => *group,
            _ => return None,
        };
        self.before.tenant(self.change.tenant)?.groups.iter().find(|g| g.id == id)
    }

    /// The membership taken away by the write: group, member and person, if she is one of the partner's.
    pub(crate) fn removal(&self) -> Option<(&'a Group, Uuid, Option<PersonId>)> {
        let Act::MemberRemoved { member, .. } = self.change.act else { return None };
        Some((self.group()?, member, self.before.person(self.change.tenant, member)))
    }

    /// Whether the write ends access that has ended, or a leaver's, or belongs to an offboarding.
    pub(crate) fn is_withdrawal(&self) -> bool {
        let Some(customer) = self.customer else { return false };
        if self.at.is_offboarding(customer) {
            return true;
        }
        if let Act::UserDeleted { user } = self.change.act {
            let person = self.before.person(self.change.tenant, user);
            let takes_guest = |g: &&Grant| g.on_expiry == OnExpiry::DeleteGuest && g.expires <= self.at.at;
            return customer.grants.values().filter(takes_guest).any(|g| Some(g.person.id) == person);
        }
        let Some((group, member, person)) = self.removal() else { return false };
        let mapping = self.at.mapping(customer, group);
        match person {
            Some(person) => {
                self.before.has_left(person)
                    || mapping.is_some_and(|mapping| self.at.has_ended(customer, mapping, person))
            }
            // Staff that no grant can support.
            None => {
                mapping.is_some_and(|m| m.from.is_none()) && self.before.is_staff(self.change.tenant, member)
            }
        }
    }
}

/// How many of what the application wrote at each customer, by a judgement of each write.
pub(crate) fn count(step: &Step, mut counts: impl FnMut(&Write<'_>) -> bool) -> BTreeMap<Uuid, usize> {
    let mut found: BTreeMap<Uuid, usize> = BTreeMap::new();
    step.each_write(|write| {
        if counts(&write) {
            *found.entry(write.change.tenant).or_default() += 1;
        }
    });
    found
}

/// Whether the customer's state lets withdrawals be written.
pub(crate) fn withdraws(state: State) -> bool {
    matches!(state, State::Enforce | State::Suspend | State::Offboard)
}
