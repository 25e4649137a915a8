//! One change in a plan.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::address::Address;
use crate::model::assignment::AssignmentKey;
use crate::model::ids::{AssignmentName, ObjectId, PersonId};
use crate::model::invitation::InvitationMail;
use crate::model::role::Role;
use crate::model::scope::Scope;
use crate::plan::because::Because;

/// One change: what, why, when in the order, and after which others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name within the customer's plan, the same for the same change in every plan.
    pub id: OperationId,
    /// When in the order.
    pub phase: Phase,
    /// Whether anything may hold it back.
    pub nature: Nature,
    /// What is done.
    pub action: Action,
    /// Why, each reason once.
    pub because: Vec<Because>,
    /// The operations that must have succeeded before.
    pub needs: BTreeSet<OperationId>,
}

impl Operation {
    /// Whether `other` must be seen to have happened before this begins, and not only be called done: a group goes after all that
    /// it holds, and the ledger after all that it proves.
    pub fn rests_on(&self, other: &Self) -> bool {
        let is_group = matches!(self.action, Action::DeleteGroup { .. });
        is_group && other.nature.is_withdrawal() && self.needs.contains(&other.id)
    }
}

/// The name of an operation within one customer's plan: its kind and its target, such as
/// `addMembers/groupsync-0f1e2d3c-g-contoso-readers`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId(pub String);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The order of a plan. Whoever is cut off anywhere has ended more access than given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Ended access and leavers out.
    Withdraw,
    /// Guests, groups and members in.
    Admit,
    /// Role assignments in.
    Assign,
    /// People who moved out of their old group.
    MoveOut,
    /// Other removals.
    Remove,
    /// Deletions, each after all that refers to it.
    Delete,
}

/// Whether anything may hold an operation back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Nature {
    /// Access that has ended: no limit applies.
    Ended,
    /// A leaver's access: only the fleet's limit on leavers applies.
    Leaver,
    /// Everything else: all limits apply.
    Change,
}

impl Nature {
    /// Whether the operation ends access that has ended or a leaver's.
    pub fn is_withdrawal(self) -> bool {
        self != Self::Change
    }
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Makes a guest of a person, never without a complete look-up that found none; or mails her invitation once more.
    InviteGuest {
        /// Who.
        person: PersonId,
        /// The address invited, in a staff domain.
        address: Address,
        /// The name the guest gets.
        display_name: String,
        /// Whether Microsoft mails her.
        mail: InvitationMail,
        /// Her guest, who has not accepted: then the invitation is sent once more, and makes nobody.
        again: Option<ObjectId>,
    },
    /// Writes into the ledger what is ours to delete or to release: a guest we invited, a group we adopted.
    AddToLedger {
        /// The ledger.
        ledger: GroupRef,
        /// The entry.
        entry: LedgerEntry,
    },
    /// Takes an entry out of the ledger.
    RemoveFromLedger {
        /// The ledger.
        ledger: ObjectId,
        /// The entry.
        object: ObjectId,
        /// The entry in words.
        label: String,
    },
    /// Makes a security group by upsert under its unique name, ourselves as owner.
    CreateGroup {
        /// `uniqueName` and `mailNickname`.
        unique_name: String,
        /// Its name on the screen.
        display_name: String,
    },
    /// Changes a group's display name.
    UpdateGroup {
        /// Which group.
        group: ObjectId,
        /// Its name until now.
        from: String,
        /// Its name from now on.
        to: String,
    },
    /// Deletes a group of ours.
    DeleteGroup {
        /// Which group.
        group: ObjectId,
        /// Its name on the screen.
        display_name: String,
    },
    /// Puts guests into a group.
    AddMembers {
        /// Which group.
        group: GroupRef,
        /// Who, in the order of their person ids.
        members: Vec<Joining>,
    },
    /// Takes members out of a group. The member objects stay.
    RemoveMembers {
        /// Which group.
        group: GroupRef,
        /// Who, in the order of their object ids.
        members: Vec<Leaving>,
    },
    /// Gives a group a role at a scope.
    CreateRoleAssignment {
        /// The group.
        group: GroupRef,
        /// The role.
        role: Role,
        /// Where.
        scope: Scope,
        /// Where, as the files write it.
        written: String,
    },
    /// Takes a role at a scope away from a group.
    DeleteRoleAssignment {
        /// The row's full id as Azure returned it.
        row: String,
        /// The row's name.
        name: AssignmentName,
        /// Scope, principal, role.
        key: AssignmentKey,
        /// The group's name on the screen, or its id where it is gone.
        group: String,
        /// The role's name in the files, or its id.
        role: String,
    },
    /// Deletes a guest we invited and nothing else uses.
    DeleteGuest {
        /// Which guest.
        guest: ObjectId,
        /// Whose, as far as known.
        person: Option<PersonId>,
        /// The guest in words.
        label: String,
        /// Groups of ours that this plan takes her out of first, and the ledger: no use in the sense of the proof.
        leaving: BTreeSet<ObjectId>,
    },
}

/// A group that exists, or one that the same plan creates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRef {
    /// Its id; none if an operation of this plan creates it.
    pub id: Option<ObjectId>,
    /// Its unique name, or its id in text for an adopted group.
    pub unique_name: String,
    /// Its name on the screen.
    pub display_name: String,
}

/// What goes into the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedgerEntry {
    /// A guest of ours.
    Invited {
        /// Who.
        person: PersonId,
        /// Her address.
        address: Address,
        /// Her guest, where an earlier pass invited it and was cut off; none if an operation of this plan invites it.
        guest: Option<ObjectId>,
    },
    /// A group taken over.
    Adopted {
        /// Which.
        group: ObjectId,
        /// Its name on the screen.
        display_name: String,
    },
}

/// A person who gets into a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// Who.
    pub person: PersonId,
    /// Her address.
    pub address: Address,
    /// Her guest; none if an operation of this plan invites it.
    pub guest: Option<ObjectId>,
    /// When the membership ends, if that is known.
    pub until: Option<Timestamp>,
    /// Why.
    pub because: Because,
}

/// A member that gets out of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Which object.
    pub object: ObjectId,
    /// Whose guest, as far as known.
    pub person: Option<PersonId>,
    /// The member in words: an address, or the tenant's name for it. Escape it wherever it is shown.
    pub label: String,
    /// Why.
    pub because: Because,
}

/// The kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// [`Action::CreateGroup`]. The kinds stand in the order in which one phase carries them out.
    CreateGroup,
    /// [`Action::UpdateGroup`].
    UpdateGroup,
    /// [`Action::InviteGuest`].
    InviteGuest,
    /// [`Action::AddToLedger`].
    AddToLedger,
    /// [`Action::AddMembers`].
    AddMembers,
    /// [`Action::CreateRoleAssignment`].
    CreateRoleAssignment,
    /// [`Action::RemoveMembers`].
    RemoveMembers,
    /// [`Action::DeleteRoleAssignment`].
    DeleteRoleAssignment,
    /// [`Action::DeleteGuest`].
    DeleteGuest,
    /// [`Action::DeleteGroup`].
    DeleteGroup,
    /// [`Action::RemoveFromLedger`].
    RemoveFromLedger,
}

impl Kind {
    /// The kind as reports and metrics spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateGroup => "createGroup",
            Self::UpdateGroup => "updateGroup",
            Self::InviteGuest => "inviteGuest",
            Self::AddToLedger => "addToLedger",
            Self::AddMembers => "addMembers",
            Self::CreateRoleAssignment => "createRoleAssignment",
            Self::RemoveMembers => "removeMembers",
            Self::DeleteRoleAssignment => "deleteRoleAssignment",
            Self::DeleteGuest => "deleteGuest",
            Self::DeleteGroup => "deleteGroup",
            Self::RemoveFromLedger => "removeFromLedger",
        }
    }
}

impl Action {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::InviteGuest { .. } => Kind::InviteGuest,
            Self::AddToLedger { .. } => Kind::AddToLedger,
            Self::RemoveFromLedger { .. } => Kind::RemoveFromLedger,
            Self::CreateGroup { .. } => Kind::CreateGroup,
            Self::UpdateGroup { .. } => Kind::UpdateGroup,
            Self::DeleteGroup { .. } => Kind::DeleteGroup,
            Self::AddMembers { .. } => Kind::AddMembers,
            Self::RemoveMembers { .. } => Kind::RemoveMembers,
            Self::CreateRoleAssignment { .. } => Kind::CreateRoleAssignment,
            Self::DeleteRoleAssignment { .. } => Kind::DeleteRoleAssignment,
            Self::DeleteGuest { .. } => Kind::DeleteGuest,
        }
    }
}
