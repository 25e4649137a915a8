//! What the limits of the fleet count besides the plans at hand, where customers are planned a few at a time: what was spent
//! within the last day, and how the others stand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::ids::PersonId;
use crate::model::names::CustomerName;
use crate::plan::because::Rule;
use crate::plan::guard::fleet;
use crate::plan::memory::{Beside, Spent, is_of_the_day};
use crate::plan::operation::{Action, Nature, Operation};
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::FindingCode;

/// What was set about, each with the time at which it first was.
pub type Expenses = BTreeMap<Expense, Timestamp>;

/// One thing that counts, however often it is tried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expense {
    /// What it counts as.
    pub kind: ExpenseKind,
    /// Where.
    pub customer: CustomerName,
    /// What: an object and the group it leaves, a person, a row.
    pub what: String,
}

/// What an expense counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpenseKind {
    /// A membership removed.
    Member,
    /// A role assignment deleted.
    Assignment,
    /// A guest deleted.
    Guest,
    /// A group deleted.
    Group,
    /// An invitation.
    Invitation,
    /// An offboarding begun.
    Offboarding,
    /// A person who leaves, by her id; the same person everywhere.
    Leaver,
}

impl ExpenseKind {
    fn add_to(self, sum: &mut Spent) {
        match self {
            Self::Member => sum.members += 1,
            Self::Assignment => sum.assignments += 1,
            Self::Guest => sum.guests += 1,
            Self::Group => sum.groups += 1,
            Self::Invitation => sum.invitations += 1,
            Self::Offboarding => sum.offboardings += 1,
            // Counted in people, over all customers.
            Self::Leaver => {}
        }
    }
}

/// What counts besides these plans: what `spent` holds of the last day, and how the others stand. Those that nothing may be
/// written at count on neither side, here as among the plans that are judged.
pub fn beside<'a>(
    spent: impl IntoIterator<Item = (&'a Expense, &'a Timestamp)>,
    at_hand: &[CustomerPlan],
    others: Vec<Arc<CustomerPlan>>,
    now: Timestamp,
) -> Beside {
    let mut beside = Beside::default();
    let at_hand: BTreeSet<Expense> = at_hand.iter().flat_map(all).collect();
    for (expense, at) in spent {
        if !is_of_the_day(*at, now) {
            continue;
        }
        if expense.kind == ExpenseKind::Leaver {
            beside.leavers.extend(expense.what.parse::<PersonId>());
        } else if !at_hand.contains(expense) {
            expense.kind.add_to(&mut beside.spent);
        }
    }
    let others: Vec<_> = others.into_iter().filter(|plan| fleet::writes(plan)).collect();
    for plan in &others {
        beside.managed.members += plan.measure.members;
        beside.managed.assignments += plan.measure.assignments;
        beside.managed.guests += plan.measure.guests;
        beside.managed.groups += plan.measure.groups;
    }
    beside.others = others;
    beside
}

/// What a judged plan takes from the limits when it is carried out. What an `Override` released takes nothing.
pub fn expenses(plan: &CustomerPlan) -> BTreeSet<Expense> {
    if plan.findings.iter().any(|finding| finding.code == FindingCode::Released) {
        return BTreeSet::new();
    }
    let mut expenses: BTreeSet<Expense> = plan.runnable().flat_map(|op| of(plan, op)).collect();
    let begins = |op: &Operation| op.because.iter().any(|because| because.rule == Rule::Offboarding);
    if plan.measure.starts_offboarding && plan.runnable().any(begins) {
        expenses.insert(offboarding(plan));
    }
    if plan.runnable().any(|operation| operation.nature == Nature::Leaver) {
        expenses.extend(leavers(plan));
    }
    expenses
}

/// Whether nothing in a plan counts for any limit of the fleet, held or not.
pub fn is_free(plan: &CustomerPlan) -> bool {
    all(plan).is_empty()
}

/// The same of everything in a plan, held or not.
fn all(plan: &CustomerPlan) -> BTreeSet<Expense> {
    let mut expenses: BTreeSet<Expense> = plan.operations.iter().flat_map(|op| of(plan, op)).collect();
    if plan.measure.starts_offboarding {
        expenses.insert(offboarding(plan));
    }
    expenses.extend(leavers(plan));
    expenses
}

fn offboarding(plan: &CustomerPlan) -> Expense {
    let (customer, what) = (plan.name.clone(), plan.name.to_string());
    Expense { kind: ExpenseKind::Offboarding, customer, what }
}

fn leavers(plan: &CustomerPlan) -> impl Iterator<Item = Expense> {
    let expense = |person: &PersonId| Expense {
        kind: ExpenseKind::Leaver,
        customer: plan.name.clone(),
        what: person.to_string(),
    };
    plan.measure.leavers.iter().map(expense)
}

fn of(plan: &CustomerPlan, operation: &Operation) -> Vec<Expense> {
    let expense = |kind, what: String| Expense { kind, customer: plan.name.clone(), what };
    let one = |kind| vec![expense(kind, operation.id.to_string())];
    match (&operation.action, operation.nature) {
        (_, Nature::Ended | Nature::Leaver)
        | (
            Action::AddToLedger { .. }
            | Action::RemoveFromLedger { .. }
            | Action::CreateGroup { .. }
            | Action::UpdateGroup { .. }
            | Action::AddMembers { .. }
            | Action::CreateRoleAssignment { .. },
            Nature::Change,
        ) => Vec::new(),
        (Action::RemoveMembers { group, members }, Nature::Change) => {
            let member = |object| expense(ExpenseKind::Member, format!("{}/{object}", group.unique_name));
            members.iter().map(|leaving| member(leaving.object)).collect()
        }
        (Action::DeleteRoleAssignment { .. }, _) => one(ExpenseKind::Assignment),
        (Action::DeleteGuest { .. }, _) => one(ExpenseKind::Guest),
        (Action::DeleteGroup { .. }, _) => one(ExpenseKind::Group),
        (Action::InviteGuest { .. }, _) => one(ExpenseKind::Invitation),
    }
}
