//! Our own writes of the last minutes, laid over what was read: a replica that does not show them yet is no difference, and
//! nothing is done twice because of it.
//!
//! Only changes are laid over, and nothing at all where somebody's access may have ended. That access has ended is believed
//! once it has been seen, never because we said so.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::assignment::{AssignmentKey, RoleAssignment};
use crate::model::ids::{ObjectId, TenantId};
use crate::observed::customer::Customer;
use crate::plan::operation::{Action, Nature, Operation};

/// How long replicas of the directory may not show a write.
const DIRECTORY: SignedDuration = SignedDuration::from_mins(5);

/// The same for role assignments.
const AZURE: SignedDuration = SignedDuration::from_mins(2);

/// Something we wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrote {
    /// Somebody stands in a group.
    In {
        /// Which.
        group: ObjectId,
        /// Who.
        member: ObjectId,
    },
    /// Somebody does not stand in a group any more.
    Out {
        /// Which.
        group: ObjectId,
        /// Who.
        member: ObjectId,
    },
    /// A group has another name on the screen.
    Renamed {
        /// Which.
        group: ObjectId,
        /// The name.
        to: String,
    },
    /// A guest or a group is deleted.
    Gone(ObjectId),
    /// A group has a role.
    Given(AssignmentKey),
    /// A group has a role no more.
    Taken(AssignmentKey),
    /// A withdrawal ended this: it is forgotten, and nothing is laid over in its place.
    Over(Box<Self>),
}

/// What we wrote lately, in every tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recent(BTreeMap<TenantId, BTreeMap<Wrote, Timestamp>>);

impl Recent {
    /// Takes note of what was written, and forgets what every replica shows by now.
    pub fn note(&mut self, tenant: TenantId, wrote: impl IntoIterator<Item = Wrote>, now: Timestamp) {
        for known in self.0.values_mut() {
            known.retain(|_, at| now.duration_since(*at) < DIRECTORY);
        }
        self.0.retain(|_, known| !known.is_empty());
        let known = self.0.entry(tenant).or_default();
        for wrote in wrote {
            if let Wrote::Over(before) = &wrote {
                known.remove(&**before);
                continue;
            }
            if let Some(before) = wrote.opposite() {
                known.remove(&before);
            }
            known.insert(wrote, now);
        }
    }

    /// Lays it over what was read in a tenant. What could not be read stays unread.
    pub fn lay_over(&self, tenant: TenantId, observed: &mut Customer, now: Timestamp) {
        let Some(known) = self.0.get(&tenant) else { return };
        for (wrote, at) in known {
            let age = now.duration_since(*at);
            let lasts = if wrote.is_azure() { AZURE } else { DIRECTORY };
            if age < lasts {
                wrote.lay_over(tenant, observed, *at);
            }
        }
    }
}

impl Wrote {
    /// What an operation wrote: only what is over where it ended access, and nothing of objects it did not reach.
    pub fn by(operation: &Operation, reached: &BTreeSet<ObjectId>, group: Option<ObjectId>) -> Vec<Self> {
        let wrote = Self::of(&operation.action, reached, group);
        if operation.nature == Nature::Change {
            return wrote;
        }
        wrote.iter().filter_map(Self::opposite).map(|before| Self::Over(Box::new(before))).collect()
    }

    fn of(action: &Action, reached: &BTreeSet<ObjectId>, group: Option<ObjectId>) -> Vec<Self> {
        let of_members = |make: fn(ObjectId, ObjectId) -> Self| {
            group.map_or_else(Vec::new, |group| reached.iter().map(|member| make(group, *member)).collect())
        };
        match action {
            Action::AddToLedger { .. } | Action::AddMembers { .. } => {
                of_members(|group, member| Self::In { group, member })
            }
            Action::RemoveFromLedger { .. } | Action::RemoveMembers { .. } => {
                of_members(|group, member| Self::Out { group, member })
            }
            Action::UpdateGroup { group, to, .. } if !reached.is_empty() => {
                vec![Self::Renamed { group: *group, to: to.clone() }]
            }
            Action::DeleteGroup { .. } | Action::DeleteGuest { .. } => {
                reached.iter().map(|object| Self::Gone(*object)).collect()
            }
            Action::CreateRoleAssignment { role, scope, .. } => reached
                .iter()
                .map(|principal| {
                    let (scope, principal) = (scope.clone(), *principal);
                    Self::Given(AssignmentKey { scope, principal, role: role.id })
                })
                .collect(),
            Action::DeleteRoleAssignment { key, .. } if !reached.is_empty() => vec![Self::Taken(key.clone())],
            // Memory keeps those that were made apart, for longer.
            Action::InviteGuest { .. }
            | Action::CreateGroup { .. }
            | Action::UpdateGroup { .. }
            | Action::DeleteRoleAssignment { .. } => Vec::new(),
        }
    }

    fn is_azure(&self) -> bool {
        matches!(self, Self::Given(_) | Self::Taken(_))
    }

    /// What does not hold any more once this does.
    fn opposite(&self) -> Option<Self> {
        match self {
            Self::In { group, member } => Some(Self::Out { group: *group, member: *member }),
            Self::Out { group, member } => Some(Self::In { group: *group, member: *member }),
            Self::Given(key) => Some(Self::Taken(key.clone())),
            Self::Taken(key) => Some(Self::Given(key.clone())),
            Self::Renamed { .. } | Self::Gone(_) | Self::Over(_) => None,
        }
    }

    fn lay_over(&self, tenant: TenantId, observed: &mut Customer, at: Timestamp) {
        match self {
            Self::In { group, member } => {
                // As any other group of ours shows her: without that there is nothing to put there.
                let mut shown = observed.members.values().filter_map(|read| read.as_ref().ok()?.get(member));
                let Some(known) = shown.next().cloned() else { return };
                if let Some(Ok(members)) = observed.members.get_mut(group) {
                    members.entry(*member).or_insert(known);
                }
            }
            Self::Out { group, member } => {
                if let Some(Ok(members)) = observed.members.get_mut(group) {
                    members.remove(member);
                }
            }
            Self::Renamed { group, to } => {
                if let Ok(groups) = &mut observed.groups
                    && let Some(group) = groups.get_mut(group)
                {
                    group.display_name.clone_from(to);
                }
                if let Some(Ok(Some(group))) = observed.adopted.get_mut(group) {
                    group.display_name.clone_from(to);
                }
            }
            Self::Gone(object) => {
                if let Ok(groups) = &mut observed.groups {
                    groups.remove(object);
                }
                observed.members.remove(object);
                for members in observed.members.values_mut().flatten() {
                    members.remove(object);
                }
            }
            Self::Given(key) => {
                let Some(rows) = rows(observed, key) else { return };
                if !rows.iter().any(|row| row.key == *key) {
                    rows.push(row(tenant, key, at));
                }
            }
            Self::Taken(key) => {
                let name = key.name(tenant);
                if let Some(rows) = rows(observed, key) {
                    rows.retain(|row| row.key != *key || row.name != name);
                }
            }
            Self::Over(_) => {}
        }
    }
}

/// The rows of the subscription that a scope lies in, if they were read.
fn rows<'a>(observed: &'a mut Customer, key: &AssignmentKey) -> Option<&'a mut Vec<RoleAssignment>> {
    observed.assignments.get_mut(&key.scope.subscription_id()?)?.as_mut().ok()
}

/// A row of ours as Azure will show it.
fn row(tenant: TenantId, key: &AssignmentKey, at: Timestamp) -> RoleAssignment {
    let name = key.name(tenant);
    RoleAssignment {
        id: format!("{}/providers/Microsoft.Authorization/roleAssignments/{name}", key.scope),
        name,
        key: key.clone(),
        principal_type: "Group".to_owned(),
        condition: None,
        created: Some(at),
    }
}
