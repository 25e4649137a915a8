//! A plan taken apart into what people count: one change per member, role, group and guest.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::desired::state::{Customer, Mapping};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::ownership::Mark;
use crate::model::role::{Role, Tier};
use crate::plan::because::{Because, Rule};
use crate::plan::operation::{Action, GroupRef, Joining, Leaving, LedgerEntry, Nature, Operation};
use crate::plan::value::CustomerPlan;
use crate::report::tally::{Fate, Fates};

/// One change at one customer.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// Where.
    pub customer: &'a str,
    /// What becomes of it.
    pub fate: Fate,
    /// Whether it ends access that has ended.
    pub nature: Nature,
    /// What changes.
    pub what: What<'a>,
    /// Why.
    pub because: &'a [Because],
}

/// What changes.
#[derive(Debug, Clone)]
pub enum What<'a> {
    /// A person gets into a group.
    Joins {
        /// The group.
        group: &'a GroupRef,
        /// Who.
        member: &'a Joining,
    },
    /// A member gets out of a group.
    Leaves {
        /// The group.
        group: &'a GroupRef,
        /// Who.
        member: &'a Leaving,
    },
    /// A group gets a role.
    Gives {
        /// The group.
        group: &'a GroupRef,
        /// The role.
        role: &'a Role,
        /// Where, as the files write it.
        written: &'a str,
    },
    /// A group loses a role.
    Takes {
        /// The group's name on the screen.
        group: &'a str,
        /// Its id.
        id: ObjectId,
        /// The role's name.
        role: &'a str,
        /// Where, as the files write it.
        written: String,
    },
    /// A group is made.
    Creates {
        /// Its unique name.
        unique: &'a str,
        /// Its name on the screen.
        group: &'a str,
    },
    /// A group that existed is taken over.
    Adopts {
        /// Its id.
        id: ObjectId,
        /// Its name on the screen.
        group: &'a str,
    },
    /// A group gets another name on the screen.
    Renames {
        /// Its id.
        id: ObjectId,
        /// Until now.
        from: &'a str,
        /// From now on.
        to: &'a str,
    },
    /// A group goes.
    Deletes {
        /// Its name on the screen.
        group: &'a str,
    },
    /// A guest who has not accepted gets her invitation once more.
    Reminds {
        /// Who.
        address: &'a str,
    },
    /// A person is invited.
    Invites {
        /// Who.
        address: &'a str,
    },
    /// A guest goes.
    Dismisses {
        /// Whose, as far as known.
        person: Option<PersonId>,
        /// Which object.
        guest: ObjectId,
        /// The guest in words.
        label: &'a str,
    },
    /// An entry is written into the ledger: bookkeeping, nobody gains by it.
    Enters {
        /// The entry in words.
        label: &'a str,
    },
    /// A group that was taken over is given back: it stays, and what the customer had in it.
    Releases {
        /// Its id.
        id: ObjectId,
        /// Its name on the screen.
        group: &'a str,
    },
}

/// Somebody who gains or loses access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A person of the partner.
    Person(PersonId),
    /// An object of which no more is known.
    Object(ObjectId),
}

impl Who {
    /// Whose membership ends.
    pub fn leaves(member: &Leaving) -> Self {
        member.person.map_or(Self::Object(member.object), Self::Person)
    }
}

impl What<'_> {
    /// Whether somebody loses something by it.
    pub fn is_loss(&self) -> bool {
        matches!(
            self,
            Self::Leaves { .. } | Self::Takes { .. } | Self::Deletes { .. } | Self::Dismisses { .. }
        )
    }
}

/// All changes of a customer, in the plan's order.
pub fn changes<'a>(plan: &'a CustomerPlan, customer: Option<&Customer>) -> Vec<Change<'a>> {
    let fates = Fates::of(plan);
    let mut changes = Vec::with_capacity(plan.operations.len());
    for operation in &plan.operations {
        let fate = fates.of_operation(&operation.id);
        let mut push = |what, because| {
            changes.push(Change {
                customer: plan.name.as_str(),
                fate,
                nature: operation.nature,
                what,
                because,
            });
        };
        match &operation.action {
            Action::AddMembers { group, members } => {
                for member in members {
                    push(What::Joins { group, member }, std::slice::from_ref(&member.because));
                }
            }
            Action::RemoveMembers { group, members } => {
                for member in members {
                    push(What::Leaves { group, member }, std::slice::from_ref(&member.because));
                }
            }
            _ => push(single(operation, customer), &operation.because),
        }
    }
    changes
}

fn single<'a>(operation: &'a Operation, customer: Option<&Customer>) -> What<'a> {
    match &operation.action {
        Action::InviteGuest { address, again: Some(_), .. } => What::Reminds { address: address.as_str() },
        Action::InviteGuest { address, .. } => What::Invites { address: address.as_str() },
        Action::AddToLedger { entry: LedgerEntry::Invited { address, .. }, .. } => {
            What::Enters { label: address.as_str() }
        }
        Action::AddToLedger { entry: LedgerEntry::Adopted { group, display_name }, .. } => {
            What::Adopts { id: *group, group: display_name }
        }
        Action::RemoveFromLedger { object, label, .. } => What::Releases { id: *object, group: label },
        Action::CreateGroup { unique_name, display_name } => {
            What::Creates { unique: unique_name, group: display_name }
        }
        Action::UpdateGroup { group, from, to } => What::Renames { id: *group, from, to },
        Action::DeleteGroup { display_name, .. } => What::Deletes { group: display_name },
        Action::CreateRoleAssignment { group, role, written, .. } => What::Gives { group, role, written },
        Action::DeleteRoleAssignment { key, group, role, .. } => What::Takes {
            group,
            id: key.principal,
            role,
            written: customer.map_or_else(|| key.scope.to_string(), |c| c.written(&key.scope)),
        },
        Action::DeleteGuest { guest, person, label, .. } => {
            What::Dismisses { person: *person, guest: *guest, label }
        }
        Action::AddMembers { .. } | Action::RemoveMembers { .. } => {
            unreachable!("memberships are taken apart before")
        }
    }
}

/// What the files say about the groups of one customer.
#[derive(Debug)]
pub struct Files<'a> {
    /// What `{customer}` stands for in group names.
    name_in_groups: &'a str,
    mappings: BTreeMap<String, &'a Mapping>,
}

impl<'a> Files<'a> {
    /// Looks at one customer; none where the files no longer have it.
    pub fn of(customer: Option<&'a Customer>, mark: &Mark) -> Self {
        let mappings = customer.into_iter().flat_map(|c| c.mappings.values());
        let unique = |m: &Mapping| m.adopt.map_or_else(|| mark.group(m.identity()), |id| id.to_string());
        Self {
            name_in_groups: customer.map_or("", |c| c.name_in_groups.as_str()),
            mappings: mappings.map(|m| (unique(m), m)).collect(),
        }
    }

    /// The roles that membership in a group gives.
    pub fn roles(&self, group: &GroupRef) -> impl Iterator<Item = &'a Role> {
        self.mappings.get(&group.unique_name).into_iter().flat_map(|m| m.roles.iter().map(|at| &at.role))
    }

    /// How carefully membership in a group is handled: as its most careful role.
    pub fn tier(&self, group: &GroupRef) -> Tier {
        self.roles(group).map(|role| role.tier).max().unwrap_or(Tier::Standard)
    }

    /// A group's name as it is at every customer: `{customer}_Readers` for `Contoso_Readers`.
    pub fn general<'g>(&self, group: &'g str) -> Cow<'g, str> {
        let own = self.name_in_groups;
        let Some(at) = group.find(own).filter(|_| !own.is_empty()) else { return Cow::Borrowed(group) };
        let (before, after) = (&group[..at], &group[at + own.len()..]);
        let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        if ends(before.chars().next_back()) && ends(after.chars().next()) {
            Cow::Owned(format!("{before}{{customer}}{after}"))
        } else {
            Cow::Borrowed(group)
        }
    }
}

impl Change<'_> {
    /// Whether it happens because the customer is being left.
    pub fn is_offboarding(&self) -> bool {
        self.because.iter().any(|because| because.rule == Rule::Offboarding)
    }

    /// The first reason in words.
    pub fn why(&self) -> &str {
        self.because.first().map_or("", |because| because.text.as_str())
    }

    /// When what it gives ends, if that is known.
    pub fn until(&self) -> Option<Timestamp> {
        match &self.what {
            What::Joins { member, .. } => member.until,
            _ => None,
        }
    }
}
