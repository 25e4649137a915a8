//! The guard: judges a whole plan before its first write. A refusal strikes one operation and what depends on it; a limit
//! that strikes holds every change of the customer, whole, never trimmed; nothing holds back access that has ended.

mod refusals;
pub(super) mod limits;
pub(super) mod fleet;

use std::collections::BTreeSet;

use crate::plan::operation::{Operation, OperationId};
use crate::plan::sheet::Sheet;

/// Judges one customer's operations by everything that can be judged without the other customers.
pub(super) fn judge(sheet: &mut Sheet<'_>) {
    let known: BTreeSet<OperationId> =
        sheet.operations.iter().map(|operation| operation.id.clone()).collect();
    refusals::refuse(sheet);
    for hold in &mut sheet.held {
        hold.operations.retain(|id| known.contains(id));
        hold.operations = with_dependents(&sheet.operations, &hold.operations);
    }
    sheet.held.retain(|hold| !hold.operations.is_empty());
    for refusal in &mut sheet.refused {
        refusal.operations = with_dependents(&sheet.operations, &refusal.operations);
    }
    limits::hold(sheet);
    sheet.held.sort_by(|a, b| (a.code, &a.operations, &a.text).cmp(&(b.code, &b.operations, &b.text)));
    sheet.refused.sort_by(|a, b| (a.code, &a.operations, &a.text).cmp(&(b.code, &b.operations, &b.text)));
}

/// The operations and everything that needs them, directly or not. The order of a plan is topological: one walk is enough.
/// Taking people out needs nothing, so no end of access is among them, only deletions that could not be carried out anyway.
fn with_dependents(operations: &[Operation], struck: &BTreeSet<OperationId>) -> BTreeSet<OperationId> {
    let mut all = struck.clone();
    for operation in operations {
        if !operation.needs.is_disjoint(&all) {
            all.insert(operation.id.clone());
        }
    }
    all
}

/// The ids of all changes and of what needs them.
fn changes(operations: &[Operation]) -> BTreeSet<OperationId> {
    let held = |o: &&Operation| !o.nature.is_withdrawal() || defect!(WithdrawalsHeld);
    let most = if defect!(HoldsTrimmed) { 1 } else { usize::MAX };
    let changes = operations.iter().filter(held).map(|o| o.id.clone()).take(most).collect();
    with_dependents(operations, &changes)
}
