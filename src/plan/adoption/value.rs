//! What an import found at one customer, as a value.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use crate::model::names::{Alias, CustomerName, GroupName, MappingKey};
use crate::model::role::Role;
use crate::model::scope::Scope;
use crate::plan::operation::Action;
use crate::plan::verdict::Gap;

/// What one customer's tenant holds that no file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Whose tenant.
    pub name: CustomerName,
    /// Its id.
    pub tenant: TenantId,
    /// Why nothing is taken over here at all, if so.
    pub skipped: Option<&'static str>,
    /// The groups that are ours or were probably meant, by class and id.
    pub groups: Vec<Found>,
    /// Roles that we gave to groups of declared mappings, and that no file declares any more.
    pub roles: Vec<Loose>,
    /// Groups without a role in which people of ours stand. Nothing of them is written: only a person knows what they are for.
    pub roleless: Vec<Roleless>,
    /// People of ours who hold roles themselves. No mapping can say so.
    pub direct: Vec<Direct>,
    /// What is nobody's but the customer's.
    pub foreign: Foreign,
    /// Subscriptions for the file of a customer that has no mappings yet.
    pub subscriptions: BTreeMap<Alias, NewSubscription>,
    /// What a plan of the result would do besides taking over: what one of the files does today, too.
    pub remaining: Vec<Action>,
    /// What could not be read, or proves too little.
    pub gaps: Vec<Gap>,
}

/// How sure it is that something belongs into the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Proven ours from the live object.
    Ours,
    /// It holds people of ours and roles: a person has to say whether that is what the files should keep.
    Probable,
}

/// What speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// Its unique name carries our mark.
    UniqueName,
    /// The ledger says that it was adopted.
    Ledger,
    /// A role assignment of it has the name that only we give.
    AssignmentName,
    /// People of ours stand in it, and it holds roles.
    Staff,
}

/// A group that no file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub group: ObjectId,
    /// What the customer's screens call it. It proves nothing; escape it wherever it is shown.
    pub display_name: String,
    /// How sure it is.
    pub class: Class,
    /// Why.
    pub proof: Proof,
    /// The people of ours in it.
    pub staff: BTreeMap<PersonId, Address>,
    /// How many other members it has.
    pub others: usize,
    /// The roles it holds, by scope.
    pub roles: Vec<Held>,
    /// What is written for it; none if anything in `why_not` keeps it out.
    pub proposal: Option<Proposal>,
    /// Why nothing is written.
    pub why_not: Vec<Reason>,
}

/// A role that a group holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Where.
    pub scope: Scope,
    /// Where, as the customer's files write it or would.
    pub written: String,
    /// Which role.
    pub id: RoleId,
    /// What the files, or else Azure, call it; or its id.
    pub name: String,
    /// The role for the files, or why it stays out of them.
    pub verdict: Result<Role, String>,
}

/// A mapping to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its key.
    pub key: MappingKey,
    /// Where its members come from.
    pub from: From,
    /// The display name to keep, where the key is another.
    pub display_name: Option<String>,
    /// The group taken over; none for one that we made.
    pub adopt: Option<ObjectId>,
}

/// Where the members of a proposed mapping come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// Nobody stands in it.
    Nobody,
    /// A partner group that the files have.
    Existing(GroupName),
    /// One to be written, with the people who stand in it now.
    New(GroupName),
}

impl From {
    /// The partner group, if it is one.
    pub fn group(&self) -> Option<&GroupName> {
        match self {
            Self::Nobody => None,
            Self::Existing(name) | Self::New(name) => Some(name),
        }
    }
}

/// Why something is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// In words.
    Text(String),
    /// With it in the files, a plan would do this.
    Would(Action),
}

/// A role that we gave to the group of a declared mapping, and that the mapping does not declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loose {
    /// The mapping.
    pub key: MappingKey,
    /// Its group.
    pub group: ObjectId,
    /// The role.
    pub held: Held,
    /// Why it is not written back into the mapping; nothing if it is.
    pub why_not: Vec<Reason>,
}

/// A group that holds no role here and in which people of ours stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Roleless {
    /// Which.
    pub group: ObjectId,
    /// What the customer's screens call it. Escape it wherever it is shown.
    pub display_name: String,
    /// Who stands in it, as far as her address says.
    pub people: BTreeSet<Address>,
}

/// A role that a person of ours holds herself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Direct {
    /// Her address.
    pub address: Address,
    /// Her guest.
    pub guest: ObjectId,
    /// The role's name, or its id.
    pub role: String,
    /// Where, as the customer's files write it or would.
    pub written: String,
}

/// What was looked at and is the customer's own. Never written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    /// Groups with roles and without people of ours, with their names on the screen.
    pub groups: BTreeMap<ObjectId, String>,
    /// People with roles of their own who are none of ours.
    pub people: BTreeSet<ObjectId>,
    /// Applications, groups of other tenants and whatever else holds roles.
    pub others: BTreeSet<ObjectId>,
    /// Role assignments at management groups and at the root, which the files cannot name.
    pub above: usize,
    /// Subscriptions that belong to other tenants.
    pub subscriptions: BTreeSet<SubscriptionId>,
}

/// A subscription that no file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// Which.
    pub id: SubscriptionId,
    /// What the customer calls it. Escape it wherever it is shown.
    pub display_name: String,
}

impl Adoption {
    /// What is to be written, with the group each is for.
    pub fn proposals(&self) -> impl Iterator<Item = (&Found, &Proposal)> {
        self.groups.iter().filter_map(|found| Some((found, found.proposal.as_ref()?)))
    }

    /// The roles that are written back into their mappings.
    pub fn kept_roles(&self) -> impl Iterator<Item = (&Loose, &Role)> {
        let kept = self.roles.iter().filter(|loose| loose.why_not.is_empty());
        kept.filter_map(|loose| Some((loose, loose.held.verdict.as_ref().ok()?)))
    }

    /// Whether the files would say more than they do.
    pub fn writes(&self) -> bool {
        self.proposals().next().is_some()
            || !self.subscriptions.is_empty()
            || self.kept_roles().next().is_some()
    }
}

impl Found {
    /// The roles that the files can name.
    pub fn nameable(&self) -> impl Iterator<Item = (&Held, &Role)> {
        self.roles.iter().filter_map(|held| Some((held, held.verdict.as_ref().ok()?)))
    }
}
