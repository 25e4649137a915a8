//! What the journal remembers of earlier passes. It can hold something back; no removal is ever planned from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desired::base::Known;
use crate::desired::state::{DesiredState, State};
use crate::model::address::Address;
use crate::model::ids::{AssignmentName, ObjectId, PersonId, TenantId};
use crate::model::names::CustomerName;
use crate::model::origin::Origin;
use crate::plan::digest::Digest;
use crate::plan::overlay::Recent;
use crate::plan::value::CustomerPlan;

/// So long replicas may not show what was written: what is missing meanwhile is not missed, and not made again.
pub const SETTLES_IN: SignedDuration = SignedDuration::from_mins(15);

/// The span over which a running controller's changes count together.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is remembered of all customers; empty without a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// By tenant.
    pub tenants: BTreeMap<TenantId, Arc<TenantMemory>>,
    /// What we wrote in the last minutes; empty but in a process that stays.
    pub recent: Arc<Recent>,
    /// The files that were last accepted.
    pub accepted: Option<Arc<Revision>>,
    /// Why it could not be read, if so: then no change may begin, whatever is planned.
    pub unavailable: Option<String>,
}

/// What is remembered of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantMemory {
    /// Which guest is whose. Names the candidate when addresses changed.
    pub pairs: BTreeMap<PersonId, ObjectId>,
    /// Role assignments we made and did not delete, with the time: one that is missing was removed by somebody else.
    pub assignments: BTreeMap<AssignmentName, Timestamp>,
    /// Groups we made and did not delete, by unique name.
    pub groups: BTreeMap<String, MadeGroup>,
    /// Whether its offboarding has started.
    pub offboarding: bool,
    /// Invitations begun whose guest was not seen to enter the ledger.
    pub invitations: BTreeMap<PersonId, BegunInvitation>,
    /// Whose invitation was mailed once more, and when.
    pub resent: BTreeMap<PersonId, Timestamp>,
    /// Our last write to each guest, as far as it is recent.
    pub written: BTreeMap<ObjectId, Timestamp>,
}

/// A group we made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeGroup {
    /// Its id.
    pub id: ObjectId,
    /// When.
    pub at: Timestamp,
}

/// An invitation that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunInvitation {
    /// Where to.
    pub address: Address,
    /// When: a guest older than this is not of its making.
    pub at: Timestamp,
    /// The guest it made, if the answer was heard.
    pub guest: Option<ObjectId>,
}

/// Changes that limits over the whole fleet count; withdrawals are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Memberships ended.
    pub members: usize,
    /// Role assignments deleted.
    pub assignments: usize,
    /// Guests deleted.
    pub guests: usize,
    /// Groups deleted.
    pub groups: usize,
    /// People invited.
    pub invitations: usize,
    /// Offboardings begun.
    pub offboardings: usize,
}

/// What the limits of the fleet count besides the customers of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// What was set about in the last day and is not in the plan.
    pub spent: Spent,
    /// Who began to leave in the last day.
    pub leavers: BTreeSet<PersonId>,
    /// What we manage at the customers that are not in the plan: memberships, assignments, guests, groups.
    pub managed: Spent,
    /// Their last plans.
    pub others: Vec<Arc<CustomerPlan>>,
}

/// The files as they once were accepted: whom they were about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// The digest over all files.
    pub digest: Digest,
    /// Where they came from.
    pub from: String,
    /// The commit, if they lie in a Git repository and nothing in them differs from it.
    pub commit: Option<String>,
    /// The partner's tenant.
    pub partner: TenantId,
    /// The customers.
    pub customers: BTreeMap<CustomerName, Accepted>,
}

/// A customer of an accepted revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Its tenant.
    pub tenant: TenantId,
    /// Where it stood.
    pub standing: Standing,
}

/// Where a customer stands between the first day and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// It is looked after.
    Active,
    /// It is being left.
    Leaving,
    /// It was left.
    Left,
}

impl Memory {
    /// What is remembered of `tenant`.
    pub fn of(&self, tenant: TenantId) -> Arc<TenantMemory> {
        self.tenants.get(&tenant).cloned().unwrap_or_default()
    }
}

impl Revision {
    /// What accepting files of this digest means to later ones.
    pub fn of(desired: &DesiredState, digest: Digest, from: String, commit: Option<String>) -> Self {
        let standing = |state| match state {
            State::Observe | State::Enforce | State::Suspend => Standing::Active,
            State::Offboard => Standing::Leaving,
            State::Offboarded => Standing::Left,
        };
        let customers = desired.customers.values().map(|customer| {
            let accepted = Accepted { tenant: customer.tenant, standing: standing(customer.state) };
            (customer.name.clone(), accepted)
        });
        Self { digest, from, commit, partner: desired.partner.tenant, customers: customers.collect() }
    }

    /// Whom the files were about, to compare newer ones with.
    pub fn known(&self) -> Known {
        let nowhere = Origin { file: String::new(), line: 0, column: 0 };
        let active = self.customers.iter().filter(|(_, accepted)| accepted.standing != Standing::Left);
        let customers = active.map(|(name, accepted)| (name.clone(), (accepted.tenant, nowhere.clone())));
        Known { partner: self.partner, customers: customers.collect() }
    }
}

/// Whether something done `at` may not be visible everywhere yet. A time far ahead was written down by a clock that was wrong.
pub fn is_settling(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() < SETTLES_IN
}

/// Whether something set about `at` counts for the limits of a day; the same of times ahead.
pub fn is_of_the_day(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() < DAY
}
