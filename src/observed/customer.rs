//! One customer tenant, as read.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::address::Address;
use crate::model::assignment::RoleAssignment;
use crate::model::group::Group;
use crate::model::ids::{ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use crate::model::member::{GuestUse, Member, User};
use crate::model::person::Person;
use crate::model::role::RoleDefinition;
use crate::model::scope::Scope;
use crate::model::subscription::{AssignmentUsage, Subscription};
use crate::observed::unread::Reading;

/// What one pass reads of a customer tenant in any case, and the answers to the questions a plan raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Our own service principal there, from a token; an error means that nothing could be read or written.
    pub identity: Reading<ObjectId>,
    /// The tenant that the customer's `verifyDomain` resolves to; none where the file names no domain.
    pub verified: Option<Reading<TenantId>>,
    /// The groups that carry our mark, declared or not, the ledger among them.
    pub groups: Reading<BTreeMap<ObjectId, Group>>,
    /// Groups that the files or the ledger say were adopted. `Ok(None)`: gone.
    pub adopted: BTreeMap<ObjectId, Reading<Option<Group>>>,
    /// The direct members of each group of `groups` and `adopted`.
    pub members: BTreeMap<ObjectId, Reading<BTreeMap<ObjectId, Member>>>,
    /// The subscriptions our principal sees, those of other tenants included.
    pub subscriptions: Reading<BTreeMap<SubscriptionId, Subscription>>,
    /// Every assignment at, above and below each subscription of this tenant.
    pub assignments: BTreeMap<SubscriptionId, Reading<Vec<RoleAssignment>>>,
    /// Answers to questions.
    pub facts: Facts,
}

/// Answers to [`Question`](crate::observed::question::Question)s. What is absent was not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Objects that could be a person's guest: live users found by any of her addresses.
    pub candidates: BTreeMap<PersonId, Reading<Candidates>>,
    /// Who stands behind an address in the partner tenant, the deleted items included. `Ok(None)`: nobody.
    pub staff: BTreeMap<Address, Reading<Option<Person>>>,
    /// The owners of a group.
    pub owners: BTreeMap<ObjectId, Reading<BTreeSet<ObjectId>>>,
    /// What a guest is used for.
    pub guest_use: BTreeMap<ObjectId, Reading<GuestUse>>,
    /// Whether a directory object exists.
    pub principals: BTreeMap<ObjectId, Reading<Existence>>,
    /// Whether a group lies among the deleted items.
    pub deleted_groups: BTreeMap<ObjectId, Reading<Existence>>,
    /// Role definitions. `Ok(None)`: no such role.
    pub roles: BTreeMap<RoleId, Reading<Option<RoleDefinition>>>,
    /// The scopes in a subscription that carry a lock.
    pub locks: BTreeMap<SubscriptionId, Reading<BTreeSet<Scope>>>,
    /// How full a subscription is.
    pub usage: BTreeMap<SubscriptionId, Reading<AssignmentUsage>>,
    /// People who hold delegated administration at this customer through GDAP, with the group that gives it.
    pub delegated_admins: Option<Reading<BTreeMap<PersonId, ObjectId>>>,
}

/// Objects found by a person's addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Live users.
    pub live: BTreeMap<ObjectId, User>,
    /// Users among the deleted items.
    pub deleted: BTreeMap<ObjectId, User>,
}

/// Whether an object exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Existence {
    /// It does.
    Present,
    /// Asked for by id and not found.
    Absent,
}
