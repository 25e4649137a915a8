//! One pass of a run: what was there before, what was done, what was there afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use groupsync::desired::state::{Customer, DesiredState, Grant, OnExpiry, State};
use groupsync::journal::record::Record;
use groupsync::model::ids::PersonId;
use groupsync::model::names::CustomerName;
use groupsync::plan::outcome::{CustomerOutcome, Status};
use groupsync::plan::value::{CustomerPlan, Plan};
use groupsync::simulator::history::{Act, Actor, Change};
use groupsync::simulator::requests::RequestRecord;
use groupsync::simulator::world::{Group, World};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::books::Condition;
use super::truth::{Moment, play};
use super::weather::Struck;

/// One pass over the fleet, cut off or not, and everything that is known about it.
pub(crate) struct Step {
    /// The files in force.
    pub(crate) desired: DesiredState,
    /// How far the clock is off of the machine that the pass ran on.
    pub(crate) skew: SignedDuration,
    /// What was written into journals meanwhile.
    pub(crate) records: Vec<Record>,
    /// What the journal is good for.
    pub(crate) journal: Condition,
    /// What a second controller goes by that is at work at the same time: the same files, or those of the pass before.
    pub(crate) second: Option<DesiredState>,
    /// What the loop went by before somebody committed, if it was the loop.
    pub(crate) earlier: Option<DesiredState>,
    /// Whether it was the loop, with many passes.
    pub(crate) is_loop: bool,
    /// Whether whoever did it lived to the end, long enough to see everything.
    pub(crate) lived: bool,
    /// The last plans of the loop.
    pub(crate) last: Vec<Arc<CustomerPlan>>,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) before: World,
    pub(crate) after: World,
    /// Everything that was written meanwhile.
    pub(crate) history: Vec<Change>,
    pub(crate) requests: Vec<RequestRecord>,
    /// The plan, if planning came to its end.
    pub(crate) plan: Option<Plan>,
    /// What became of it, if the process lived to say so.
    pub(crate) outcomes: Option<Vec<CustomerOutcome>>,
    /// Whose requests were struck by faults.
    pub(crate) struck: Struck,
    /// What groupsync itself wrote before and replicas may not have shown.
    pub(crate) unshown: Unshown,
    /// Whether replicas do not show at once what is written.
    pub(crate) lags: bool,
    /// Our own service principal in each tenant.
    pub(crate) principals: BTreeMap<Uuid, Uuid>,
}

/// What earlier passes wrote that replicas may not show yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unshown {
    Nothing,
    /// Something, and the journal tells of it.
    Remembered,
    /// Something, and whoever wrote it left nothing behind to know it by.
    Forgotten,
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
    /// Calls `judge` with each write of the application, oldest first: once for each version of the files that was in force.
    pub(crate) fn each_write(&self, mut judge: impl FnMut(&[Write<'_>])) {
        let mut world = self.before.clone();
        for change in &self.history {
            if change.actor == Actor::Application {
                let write = |(desired, skew)| {
                    let before = Moment { desired, world: &world, at: self.started + skew };
                    let customer = before.customer(change.tenant);
                    Write { change, before, at: Moment { at: change.at + skew, ..before }, customer }
                };
                let second = self.second.as_ref().map(|desired| (desired, SignedDuration::ZERO));
                let earlier = self.earlier.as_ref().map(|desired| (desired, self.skew));
                let versions = std::iter::once((&self.desired, self.skew)).chain(second).chain(earlier);
                judge(&versions.map(write).collect::<Vec<_>>());
            }
            play(&mut world, change, &self.after);
        }
    }

    /// What the clock of the pass showed at a time.
    pub(crate) fn shown(&self, at: Timestamp) -> Timestamp {
        at + self.skew
    }

    /// The moment before the step, by the clock of the pass.
    pub(crate) fn beginning(&self) -> Moment<'_> {
        Moment { desired: &self.desired, world: &self.before, at: self.shown(self.started) }
    }

    /// The moment after it.
    pub(crate) fn end(&self) -> Moment<'_> {
        Moment { desired: &self.desired, world: &self.after, at: self.shown(self.ended) }
    }

    /// Whether one process did it all and lived to the end of its pass, with reads that showed what was so.
    pub(crate) fn is_whole(&self) -> bool {
        let undivided = self.second.is_none() && self.earlier.is_none() && !self.is_stale();
        self.lived && undivided && self.desired.stop.is_none()
    }

    /// Whether replicas may not have shown all that groupsync itself wrote before.
    pub(crate) fn is_stale(&self) -> bool {
        self.unshown != Unshown::Nothing
    }

    /// Whether it was one pass of one process.
    pub(crate) fn is_one_pass(&self) -> bool {
        self.second.is_none() && !self.is_loop
    }

    /// Whether no fault struck a request about that customer or about the partner.
    pub(crate) fn is_undisturbed(&self, customer: &str) -> bool {
        !self.struck.partner && !self.struck.members && !self.struck.customers.contains(customer)
    }

    /// The plan of a customer.
    pub(crate) fn plan_of(&self, customer: &CustomerName) -> Option<&CustomerPlan> {
        let planned = self.plan.iter().flat_map(|plan| &plan.customers);
        planned.chain(self.last.iter().map(|plan| &**plan)).find(|plan| plan.name == *customer)
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

    /// Whether an `Override` in force releases what was planned there.
    pub(crate) fn is_released(&self, plan: &CustomerPlan) -> bool {
        self.desired.overrides.iter().any(|release| {
            release.customer == plan.name
                && release.digest == plan.digest.as_str()
                && self.shown(self.started) < release.expires
        })
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
        self.before.group(self.change.tenant, id)
    }

    /// Whether that group is the ledger.
    pub(crate) fn is_about_ledger(&self) -> bool {
        let ledger = self.before.ledger(self.change.tenant);
        self.group().is_some_and(|group| ledger.is_some_and(|ledger| ledger.id == group.id))
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
        // When it was planned, or when it is written: a grant may begin in between.
        let has_ended = |person| {
            let mut moments = [self.before, self.at].into_iter();
            mapping.is_some_and(|mapping| moments.any(|at| at.has_ended(customer, mapping, person)))
        };
        match person {
            Some(person) => self.before.has_left(person) || has_ended(person),
            // Staff that no grant can support.
            None => {
                mapping.is_some_and(|m| m.from.is_none()) && self.before.is_staff(self.change.tenant, member)
            }
        }
    }
}

/// Whether the customer's state lets withdrawals be written.
pub(crate) fn withdraws(state: State) -> bool {
    matches!(state, State::Enforce | State::Suspend | State::Offboard)
}

/// Whether a clock is so wrong that what was written moments ago looks old by it, or by the next one.
pub(crate) fn is_wrong(skew: SignedDuration) -> bool {
    skew.abs() > SignedDuration::from_mins(5)
}
