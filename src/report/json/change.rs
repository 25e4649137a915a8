//! One operation's change in the plan's JSON document: its kind, its target and its details.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::invitation::InvitationMail;
use crate::model::role::Tier;
use crate::plan::because::{Because, Rule};
use crate::plan::operation::{Action, GroupRef, Joining, Leaving, LedgerEntry};

/// The change, by its kind.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", content = "details", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Change {
    InviteGuest {
        person: String,
        address: String,
        display_name: String,
        #[schemars(with = "String")]
        mail: InvitationMail,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<String>,
    },
    AddToLedger {
        ledger: GroupDocument,
        person: Option<String>,
        address: Option<String>,
        group: Option<String>,
        display_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guest: Option<String>,
    },
    RemoveFromLedger {
        ledger: String,
        object: String,
        label: String,
    },
    CreateGroup {
        unique_name: String,
        display_name: String,
    },
    UpdateGroup {
        group: String,
        from: String,
        to: String,
    },
    DeleteGroup {
        group: String,
        display_name: String,
    },
    AddMembers {
        group: GroupDocument,
        members: Vec<JoiningDocument>,
    },
    RemoveMembers {
        group: GroupDocument,
        members: Vec<LeavingDocument>,
    },
    CreateRoleAssignment {
        group: GroupDocument,
        role: RoleDocument,
        scope: String,
        /// The scope as the files write it.
        written: String,
    },
    DeleteRoleAssignment {
        /// The full resource id.
        row: String,
        name: String,
        scope: String,
        principal: String,
        role_id: String,
        group: String,
        role: String,
    },
    DeleteGuest {
        guest: String,
        person: Option<String>,
        label: String,
        /// Groups of ours that the plan takes the guest out of first.
        leaving: Vec<String>,
    },
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Group")]
pub(super) struct GroupDocument {
    /// Null if an operation of this plan creates it.
    id: Option<String>,
    unique_name: String,
    display_name: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Joining")]
pub(super) struct JoiningDocument {
    person: String,
    address: String,
    /// Null if an operation of this plan invites the guest.
    guest: Option<String>,
    /// When the membership ends, if that is known.
    until: Option<String>,
    because: BecauseDocument,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Leaving")]
pub(super) struct LeavingDocument {
    object: String,
    /// Whose guest it is, as far as known.
    person: Option<String>,
    label: String,
    because: BecauseDocument,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Role")]
pub(super) struct RoleDocument {
    name: String,
    id: String,
    /// standard, elevated or privileged.
    #[schemars(with = "String")]
    tier: Tier,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Because")]
pub(super) struct BecauseDocument {
    /// declared, grantStarted, grantEnded, leftGroup, leaver, notDeclared, offboarding or drift.
    #[schemars(with = "String")]
    rule: Rule,
    /// Relative to the desired-state directory; null where the reason is that no file says so.
    file: Option<String>,
    line: Option<u32>,
    text: String,
}

/// What is changed, in words.
pub(super) fn target(action: &Action) -> String {
    match action {
        Action::InviteGuest { address, .. }
        | Action::AddToLedger { entry: LedgerEntry::Invited { address, .. }, .. } => address.to_string(),
        Action::AddToLedger { entry: LedgerEntry::Adopted { display_name, .. }, .. }
        | Action::CreateGroup { display_name, .. }
        | Action::DeleteGroup { display_name, .. } => display_name.clone(),
        Action::UpdateGroup { from, .. } => from.clone(),
        Action::AddMembers { group, .. } | Action::RemoveMembers { group, .. } => group.display_name.clone(),
        Action::CreateRoleAssignment { scope, .. } => scope.to_string(),
        Action::DeleteRoleAssignment { key, .. } => key.scope.to_string(),
        Action::RemoveFromLedger { label, .. } | Action::DeleteGuest { label, .. } => label.clone(),
    }
}

/// The change itself.
pub(super) fn change(action: &Action) -> Change {
    match action {
        Action::InviteGuest { person, address, display_name, mail, again } => Change::InviteGuest {
            person: person.to_string(),
            address: address.to_string(),
            display_name: display_name.clone(),
            mail: *mail,
            again: again.map(|guest| guest.to_string()),
        },
        Action::AddToLedger { entry: LedgerEntry::Invited { person, address, guest }, ledger } => {
            Change::AddToLedger {
                ledger: group_document(ledger),
                person: Some(person.to_string()),
                address: Some(address.to_string()),
                group: None,
                display_name: None,
                guest: guest.map(|guest| guest.to_string()),
            }
        }
        Action::AddToLedger { entry: LedgerEntry::Adopted { group, display_name }, ledger } => {
            Change::AddToLedger {
                ledger: group_document(ledger),
                person: None,
                address: None,
                group: Some(group.to_string()),
                display_name: Some(display_name.clone()),
                guest: None,
            }
        }
        Action::RemoveFromLedger { ledger, object, label } => Change::RemoveFromLedger {
            ledger: ledger.to_string(),
            object: object.to_string(),
            label: label.clone(),
        },
        Action::CreateGroup { unique_name, display_name } => {
            Change::CreateGroup { unique_name: unique_name.clone(), display_name: display_name.clone() }
        }
        Action::UpdateGroup { group, from, to } => {
            Change::UpdateGroup { group: group.to_string(), from: from.clone(), to: to.clone() }
        }
        Action::DeleteGroup { group, display_name } => {
            Change::DeleteGroup { group: group.to_string(), display_name: display_name.clone() }
        }
        Action::AddMembers { group, members } => Change::AddMembers {
            group: group_document(group),
            members: members.iter().map(joining_document).collect(),
        },
        Action::RemoveMembers { group, members } => Change::RemoveMembers {
            group: group_document(group),
            members: members.iter().map(leaving_document).collect(),
        },
        Action::CreateRoleAssignment { group, role, scope, written } => Change::CreateRoleAssignment {
            group: group_document(group),
            role: RoleDocument { name: role.name.to_string(), id: role.id.to_string(), tier: role.tier },
            scope: scope.to_string(),
            written: written.clone(),
        },
        Action::DeleteRoleAssignment { row, name, key, group, role } => Change::DeleteRoleAssignment {
            row: row.clone(),
            name: name.to_string(),
            scope: key.scope.to_string(),
            principal: key.principal.to_string(),
            role_id: key.role.to_string(),
            group: group.clone(),
            role: role.clone(),
        },
        Action::DeleteGuest { guest, person, label, leaving } => Change::DeleteGuest {
            guest: guest.to_string(),
            person: person.map(|id| id.to_string()),
            label: label.clone(),
            leaving: leaving.iter().map(ToString::to_string).collect(),
        },
    }
}

fn group_document(group: &GroupRef) -> GroupDocument {
    GroupDocument {
        id: group.id.map(|id| id.to_string()),
        unique_name: group.unique_name.clone(),
        display_name: group.display_name.clone(),
    }
}

fn joining_document(member: &Joining) -> JoiningDocument {
    JoiningDocument {
        person: member.person.to_string(),
        address: member.address.to_string(),
        guest: member.guest.map(|id| id.to_string()),
        until: member.until.map(|time| time.to_string()),
        because: because_document(&member.because),
    }
}

fn leaving_document(member: &Leaving) -> LeavingDocument {
    LeavingDocument {
        object: member.object.to_string(),
        person: member.person.map(|id| id.to_string()),
        label: member.label.clone(),
        because: because_document(&member.because),
    }
}

/// One reason.
pub(super) fn because_document(because: &Because) -> BecauseDocument {
    BecauseDocument {
        rule: because.rule,
        file: because.origin.as_ref().map(|origin| origin.file.clone()),
        line: because.origin.as_ref().map(|origin| origin.line),
        text: because.text.clone(),
    }
}
