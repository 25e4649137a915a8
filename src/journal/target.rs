//! What an operation is done to, by ids.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::event::Reason;
use crate::model::address::Address;
use crate::model::ids::{AssignmentName, ObjectId, PersonId, RoleId};
use crate::model::scope::Scope;
use crate::plan::operation::{Action, GroupRef, LedgerEntry};

/// What is done to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Target {
    /// A person becomes a guest.
    InviteGuest {
        /// Who.
        person: PersonId,
        /// Where to: the one address that is kept, since an invitation cut off is recognised by it.
        address: Address,
        /// Whether she is a guest already, and only the mail is sent once more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// An entry for the ledger.
    AddToLedger {
        /// The ledger.
        ledger: GroupRef,
        /// The person whose guest it is.
        person: Option<PersonId>,
        /// The object, if it was known.
        object: Option<ObjectId>,
    },
    /// An entry leaves the ledger.
    RemoveFromLedger {
        /// The ledger.
        ledger: ObjectId,
        /// The object.
        object: ObjectId,
    },
    /// A group is made.
    CreateGroup {
        /// Its unique name.
        unique_name: String,
        /// Its name on the screen.
        display_name: String,
    },
    /// A group gets another name.
    UpdateGroup {
        /// Which.
        group: ObjectId,
        /// The name.
        display_name: String,
    },
    /// A group is deleted.
    DeleteGroup {
        /// Which.
        group: ObjectId,
        /// Its name on the screen.
        display_name: String,
    },
    /// People come into a group.
    AddMembers {
        /// Which.
        group: GroupRef,
        /// Who.
        members: Vec<Joins>,
    },
    /// Members leave a group.
    RemoveMembers {
        /// Which.
        group: GroupRef,
        /// Who.
        members: Vec<Leaves>,
    },
    /// A group gets a role.
    CreateRoleAssignment {
        /// The group.
        group: GroupRef,
        /// The role.
        role: RoleId,
        /// Its name in the files.
        role_name: String,
        /// Where.
        scope: Scope,
        /// Where, as the files write it.
        written: String,
    },
    /// A group loses a role.
    DeleteRoleAssignment {
        /// The row's name.
        name: AssignmentName,
        /// Who held it.
        principal: ObjectId,
        /// The role.
        role: RoleId,
        /// Its name in the files, or its id.
        role_name: String,
        /// Where.
        scope: Scope,
    },
    /// A guest is deleted.
    DeleteGuest {
        /// Which.
        guest: ObjectId,
        /// Whose.
        person: Option<PersonId>,
    },
}

/// Somebody who comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joins {
    /// Who.
    pub person: PersonId,
    /// Her guest, if it existed.
    pub guest: Option<ObjectId>,
    /// When the membership is to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why.
    pub because: Reason,
}

/// Somebody who leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaves {
    /// Which object.
    pub object: ObjectId,
    /// Whose, as far as known.
    pub person: Option<PersonId>,
    /// Why.
    pub because: Reason,
}

impl Target {
    /// What an action is about.
    pub fn of(action: &Action) -> Self {
        match action {
            Action::InviteGuest { person, address, again, .. } => {
                Self::InviteGuest { person: *person, address: address.clone(), again: again.is_some() }
            }
            Action::AddToLedger { ledger, entry } => {
                let (person, object) = match entry {
                    LedgerEntry::Invited { person, guest, .. } => (Some(*person), *guest),
                    LedgerEntry::Adopted { group, .. } => (None, Some(*group)),
                };
                Self::AddToLedger { ledger: ledger.clone(), person, object }
            }
            Action::RemoveFromLedger { ledger, object, .. } => {
                Self::RemoveFromLedger { ledger: *ledger, object: *object }
            }
            Action::CreateGroup { unique_name, display_name } => {
                Self::CreateGroup { unique_name: unique_name.clone(), display_name: display_name.clone() }
            }
            Action::UpdateGroup { group, to, .. } => {
                Self::UpdateGroup { group: *group, display_name: to.clone() }
            }
            Action::DeleteGroup { group, display_name } => {
                Self::DeleteGroup { group: *group, display_name: display_name.clone() }
            }
            Action::AddMembers { group, members } => Self::AddMembers {
                group: group.clone(),
                members: members
                    .iter()
                    .map(|joining| Joins {
                        person: joining.person,
                        guest: joining.guest,
                        until: joining.until,
                        because: Reason::of(&joining.because),
                    })
                    .collect(),
            },
            Action::RemoveMembers { group, members } => Self::RemoveMembers {
                group: group.clone(),
                members: members
                    .iter()
                    .map(|leaving| Leaves {
                        object: leaving.object,
                        person: leaving.person,
                        because: Reason::of(&leaving.because),
                    })
                    .collect(),
            },
            Action::CreateRoleAssignment { group, role, scope, written } => Self::CreateRoleAssignment {
                group: group.clone(),
                role: role.id,
                role_name: role.name.to_string(),
                scope: scope.clone(),
                written: written.clone(),
            },
            Action::DeleteRoleAssignment { name, key, role, .. } => Self::DeleteRoleAssignment {
                name: *name,
                principal: key.principal,
                role: key.role,
                role_name: role.clone(),
                scope: key.scope.clone(),
            },
            Action::DeleteGuest { guest, person, .. } => Self::DeleteGuest { guest: *guest, person: *person },
        }
    }
}
