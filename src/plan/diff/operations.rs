//! Makes operations: their names, phases and natures, in one place.

use std::collections::BTreeSet;

use crate::plan::because::{Because, Rule};
use crate::plan::diff::members::Cause;
use crate::plan::operation::{Action, GroupRef, Leaving, LedgerEntry, Nature, Operation, OperationId, Phase};

/// An operation whose name follows from its action.
pub(super) fn operation(action: Action, phase: Phase, nature: Nature, because: Vec<Because>) -> Operation {
    let target = match &action {
        Action::InviteGuest { person, .. }
        | Action::AddToLedger { entry: LedgerEntry::Invited { person, .. }, .. } => person.to_string(),
        Action::RemoveFromLedger { object, .. } => object.to_string(),
        Action::CreateGroup { unique_name, .. } => unique_name.clone(),
        Action::AddToLedger { entry: LedgerEntry::Adopted { group, .. }, .. }
        | Action::UpdateGroup { group, .. }
        | Action::DeleteGroup { group, .. } => group.to_string(),
        Action::AddMembers { group, .. } | Action::RemoveMembers { group, .. } => group.unique_name.clone(),
        Action::CreateRoleAssignment { group, role, scope, .. } => {
            format!("{}/{}{scope}", group.unique_name, role.id)
        }
        Action::DeleteRoleAssignment { name, .. } => name.to_string(),
        Action::DeleteGuest { guest, .. } => guest.to_string(),
    };
    let id = OperationId(format!("{}/{target}", action.kind().as_str()));
    let because: Vec<Because> = because.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    Operation { id, phase, nature, action, because, needs: BTreeSet::new() }
}

/// The removal of members for one cause. A group can have several, each with the cause in its name.
pub(super) fn removal(group: &GroupRef, cause: Cause, members: Vec<Leaving>) -> Operation {
    let (phase, nature, name) = match cause {
        Cause::Leaver => (Phase::Withdraw, Nature::Leaver, "leavers"),
        Cause::Ended => (Phase::Withdraw, Nature::Ended, "ended"),
        Cause::Offboarded => (Phase::Withdraw, Nature::Ended, "offboarded"),
        Cause::Moved if defect!(RemoveBeforeAdd) => (Phase::Withdraw, Nature::Change, "moved"),
        Cause::Moved => (Phase::MoveOut, Nature::Change, "moved"),
        Cause::Left => (Phase::Remove, Nature::Change, "left"),
        Cause::Stray => (Phase::Remove, Nature::Change, "stray"),
        Cause::Foreign => (Phase::Remove, Nature::Change, "foreign"),
    };
    let because = members.iter().map(|leaving| leaving.because.clone()).collect();
    let action = Action::RemoveMembers { group: group.clone(), members };
    let mut removal = operation(action, phase, nature, because);
    removal.id.0 = format!("{}/{name}", removal.id);
    removal
}

/// A reason that the files don't hold a line for.
pub(super) fn reason(rule: Rule, text: impl Into<String>) -> Because {
    Because { rule, origin: None, text: text.into() }
}
