//! Why somebody has access at a customer, or why not, as a value.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::state::State;
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::{CustomerName, GroupName, MappingKey};
use crate::model::origin::Origin;
use crate::model::person::Standing;
use crate::model::role::Role;
use crate::plan::because::Because;
use crate::plan::operation::Operation;
use crate::plan::verdict::{Finding, Gap};

/// Who is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Her object id in the partner tenant; none for somebody whom neither the files nor the partner know.
    pub person: Option<PersonId>,
    /// The address she is known by, where one is known.
    pub address: Option<Address>,
}

/// One person at one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Who.
    pub subject: Subject,
    /// What her own name is, where the partner tenant was read.
    pub display_name: Option<String>,
    /// Whether she still works for the partner; none where that was not read.
    pub standing: Option<Standing>,
    /// Where.
    pub customer: CustomerName,
    /// What may be done there.
    pub state: State,
    /// The users of the customer tenant that stand for her, as far as our groups show them.
    pub guests: BTreeSet<ObjectId>,
    /// Groups through which she gets something, or got, or might.
    pub ways: Vec<Way>,
    /// Groups of ours that she stands in although no mapping declares them, by display name.
    pub undeclared: Vec<String>,
    /// Partner groups that name her and are not mapped at this customer.
    pub unmapped: Vec<GroupName>,
    /// What the plan does about her.
    pub planned: Vec<Planned>,
    /// What could not be read and may concern her.
    pub gaps: Vec<Gap>,
    /// What else was found about her.
    pub findings: Vec<Finding>,
    /// Whether the tenants were read at all.
    pub live: bool,
}

/// A mapping, seen from one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Which mapping.
    pub mapping: MappingKey,
    /// Where it is declared.
    pub origin: Origin,
    /// What its group is called.
    pub group: String,
    /// What it is called there now, if that is something else: a rename that is still to come, or a group taken over.
    pub called: Option<String>,
    /// What puts her into it, each with its time.
    pub routes: Vec<Route>,
    /// What follows from that, now.
    pub verdict: Verdict,
    /// Whether she stands in the group; none where its members were not read.
    pub stands: Option<bool>,
    /// What the group gives.
    pub roles: Vec<RoleHeld>,
}

/// Something in the files that puts somebody into a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What it is.
    pub kind: RouteKind,
    /// The partner group's name, or the grant's.
    pub name: String,
    /// Where it is said.
    pub origin: Origin,
    /// From when on; always, where nothing is said.
    pub from: Option<Timestamp>,
    /// Until just before.
    pub until: Option<Timestamp>,
    /// Whether it counts now.
    pub when: When,
    /// A grant's reason and ticket.
    pub note: Option<String>,
}

/// The kinds of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteKind {
    /// A partner group whose members the files list.
    Listed,
    /// A group of the partner tenant.
    Live,
    /// A group of the partner tenant, of which it is not known whether she is in it.
    PerhapsLive,
    /// A grant.
    Grant,
}

/// Whether something counts at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// It will.
    Ahead,
    /// It does.
    Running,
    /// It no longer does.
    Over,
}

/// Whether somebody belongs in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// She does.
    Wanted {
        /// Until just before.
        until: Option<Timestamp>,
        /// Why.
        because: Because,
    },
    /// She did, and it is over.
    Ended(Because),
    /// She has left the partner.
    Leaver(Because),
    /// Nothing can be said: neither added nor removed.
    Undecided,
    /// Nothing names her.
    NotNamed,
    /// Only the files were looked at.
    NotAsked,
}

/// A role that a group gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleHeld {
    /// Which role.
    pub role: Role,
    /// Where, as the files write it.
    pub written: String,
    /// Where it is declared.
    pub origin: Origin,
    /// Whether Azure shows the assignment; none where that was not read.
    pub in_force: Option<bool>,
}

/// An operation of the plan that concerns her.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The operation, with no members but her.
    pub operation: Operation,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It will be carried out.
    Runs,
    /// It will be carried out unless a limit over all customers holds it, which one customer does not show.
    Open,
    /// It is only listed, because of the customer's state.
    Listed,
    /// It waits for a human.
    Held {
        /// Why.
        text: String,
        /// What to do.
        hint: String,
    },
    /// It must not be done, or needs something that is not done.
    Refused {
        /// Why.
        text: String,
        /// What to do.
        hint: String,
    },
}

/// Whether somebody can do something at a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// She can.
    Yes,
    /// She cannot, by what groupsync knows.
    No,
    /// Not everything that decides it was read.
    Unknown,
}

impl Way {
    /// Whether this group gives her something now.
    pub fn access(&self) -> Access {
        let role = if self.roles.iter().any(|role| role.in_force == Some(true)) {
            Access::Yes
        } else if self.roles.iter().any(|role| role.in_force.is_none()) {
            Access::Unknown
        } else {
            Access::No
        };
        match self.stands {
            Some(true) => role,
            Some(false) => Access::No,
            None if role == Access::No => Access::No,
            None => Access::Unknown,
        }
    }
}

impl Explanation {
    /// Whether she can do anything there now through a group of ours.
    pub fn access(&self) -> Access {
        let each = || self.ways.iter().map(Way::access);
        if !self.live
            || self.gaps.iter().any(|gap| gap.code.is_failed_read()) && each().all(|a| a == Access::No)
        {
            Access::Unknown
        } else if each().any(|access| access == Access::Yes) {
            Access::Yes
        } else if each().any(|access| access == Access::Unknown) {
            Access::Unknown
        } else {
            Access::No
        }
    }

    /// Whether there is anything to say at all.
    pub fn concerns(&self) -> bool {
        !self.ways.is_empty()
            || !self.undeclared.is_empty()
            || !self.guests.is_empty()
            || !self.planned.is_empty()
    }
}
