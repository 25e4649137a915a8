//! Puts operations in the order in which they are carried out, and says which must have succeeded before which.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ids::{ObjectId, PersonId};
use crate::plan::operation::{Action, LedgerEntry, Operation, OperationId, Phase};

/// Sorts by phase, then by kind, then by name, the ledger first among what is made and last among what is deleted; and
/// links each operation to those it needs.
pub(super) fn order(operations: &mut Vec<Operation>, ledger: &str, ledger_id: Option<ObjectId>) {
    let rank = |operation: &Operation| match &operation.action {
        Action::CreateGroup { unique_name, .. } if unique_name == ledger => 0,
        Action::DeleteGroup { group, .. } if Some(*group) == ledger_id => 2,
        _ => 1,
    };
    operations.sort_by(|a, b| {
        (a.phase, rank(a), a.action.kind(), &a.id).cmp(&(b.phase, rank(b), b.action.kind(), &b.id))
    });
    // A role given twice at one scope, by `*` and by name, is one assignment.
    operations.dedup_by(|b, a| a.id == b.id);
    link(operations, ledger);
    let known: BTreeSet<OperationId> = operations.iter().map(|operation| operation.id.clone()).collect();
    for operation in operations {
        operation.needs.retain(|need| known.contains(need));
    }
}

fn link(operations: &mut [Operation], ledger: &str) {
    let mut created: BTreeMap<String, OperationId> = BTreeMap::new();
    let mut adopted: BTreeMap<ObjectId, OperationId> = BTreeMap::new();
    let mut unassigned: BTreeMap<ObjectId, BTreeSet<OperationId>> = BTreeMap::new();
    let mut arrivals: BTreeMap<PersonId, BTreeSet<OperationId>> = BTreeMap::new();
    let mut roles: BTreeMap<String, BTreeSet<OperationId>> = BTreeMap::new();
    for operation in operations.iter() {
        let id = operation.id.clone();
        match &operation.action {
            Action::CreateGroup { unique_name, .. } => {
                created.insert(unique_name.clone(), id);
            }
            Action::AddToLedger { entry: LedgerEntry::Adopted { group, .. }, .. } => {
                adopted.insert(*group, id);
            }
            Action::DeleteRoleAssignment { key, .. } => {
                unassigned.entry(key.principal).or_default().insert(id);
            }
            Action::CreateRoleAssignment { group, .. } => {
                roles.entry(group.unique_name.clone()).or_default().insert(id);
            }
            _ => {}
        }
    }
    for operation in operations.iter() {
        if let Action::AddMembers { group, members } = &operation.action {
            for joining in members {
                let needs = arrivals.entry(joining.person).or_default();
                needs.insert(operation.id.clone());
                needs.extend(roles.get(&group.unique_name).into_iter().flatten().cloned());
            }
        }
    }
    let make_ledger = created.get(ledger).cloned();
    for operation in operations {
        match &operation.action {
            Action::CreateGroup { unique_name, .. } if unique_name == ledger => {}
            Action::CreateGroup { .. } | Action::InviteGuest { .. } | Action::AddToLedger { .. } => {
                operation.needs.extend(make_ledger.clone());
            }
            Action::AddMembers { group, .. } | Action::CreateRoleAssignment { group, .. } => {
                operation.needs.extend(created.get(&group.unique_name).cloned());
                operation.needs.extend(group.id.and_then(|id| adopted.get(&id).cloned()));
            }
            Action::RemoveMembers { members, .. } if operation.phase == Phase::MoveOut => {
                let moved = members.iter().filter_map(|leaving| leaving.person);
                operation.needs.extend(moved.filter_map(|person| arrivals.get(&person)).flatten().cloned());
            }
            Action::DeleteGroup { group, .. } | Action::RemoveFromLedger { object: group, .. } => {
                operation.needs.extend(unassigned.get(group).into_iter().flatten().cloned());
            }
            _ => {}
        }
    }
}
