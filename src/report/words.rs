//! Plain words for operations, states and codes.

use serde::Serialize;

use crate::desired::state::State;
use crate::plan::operation::{Action, LedgerEntry};
use crate::report::escape::escape;

/// An operation as one fragment: `add 3 members to Contoso_Readers`.
pub fn action(action: &Action) -> String {
    match action {
        Action::InviteGuest { address, again: None, .. } => format!("invite {address}"),
        Action::InviteGuest { address, .. } => format!("mail the invitation again to {address}"),
        Action::AddToLedger { entry: LedgerEntry::Invited { address, .. }, .. } => {
            format!("write {address} into the ledger")
        }
        Action::AddToLedger { entry: LedgerEntry::Adopted { display_name, .. }, .. } => {
            format!("write {} into the ledger", escape(display_name))
        }
        Action::RemoveFromLedger { label, .. } => format!("take {} out of the ledger", escape(label)),
        Action::CreateGroup { display_name, .. } => format!("create group {}", escape(display_name)),
        Action::UpdateGroup { from, to, .. } => format!("rename group {} to {}", escape(from), escape(to)),
        Action::DeleteGroup { display_name, .. } => format!("delete group {}", escape(display_name)),
        Action::AddMembers { group, members } => {
            format!("add {} to {}", count(members.len(), "member"), escape(&group.display_name))
        }
        Action::RemoveMembers { group, members } => {
            format!("remove {} from {}", count(members.len(), "member"), escape(&group.display_name))
        }
        Action::CreateRoleAssignment { group, role, written, .. } => {
            format!("give {} {} on {}", escape(&group.display_name), role.name, escape(written))
        }
        Action::DeleteRoleAssignment { group, role, key, .. } => {
            format!("take {} on {} from {}", escape(role), escape(key.scope.as_str()), escape(group))
        }
        Action::DeleteGuest { label, .. } => format!("delete guest {}", escape(label)),
    }
}

/// What the state lets happen, where that is not everything.
pub fn restraint(state: State) -> Option<&'static str> {
    match state {
        State::Enforce | State::Offboard => None,
        State::Observe => Some("observe: listed, nothing is written"),
        State::Suspend => Some("suspend: only access that has ended goes"),
        State::Offboarded => Some("offboarded: nothing is written"),
    }
}

/// A state as the files spell it.
pub fn state(state: State) -> &'static str {
    match state {
        State::Observe => "observe",
        State::Enforce => "enforce",
        State::Suspend => "suspend",
        State::Offboard => "offboard",
        State::Offboarded => "offboarded",
    }
}

/// The condition of a customer where we lost a right.
pub const ACCESS_LOST: &str = "accessLost";

/// A number with its noun: `1 member`, `3 members`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A code, kind or rule as documents spell it.
pub fn code<T: Serialize>(code: T) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("codes are unit variants: {other:?}"),
    }
}
