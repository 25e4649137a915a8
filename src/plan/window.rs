//! What the limits of the fleet count besides the plans at hand, where customers are planned a few at a time: what was spent
//! within the last day, and how the others stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::names::CustomerName;
use crate::plan::because::Rule;
use crate::plan::memory::{Beside, Spent};
use crate::plan::operation::{Action, Nature, Operation};
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::FindingCode;

/// Everything besides the plans at hand; the default is a sweep, which has everything at hand.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// What changes of the last day have taken from the limits.
    pub spent: BTreeSet<Expense>,
    /// What they had taken before this process began, of which only the sums are known.
    pub before: Spent,
    /// The last plans of the customers that are not at hand.
    pub others: Vec<Arc<CustomerPlan>>,
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        }
    }
}

impl Window {
    /// What counts besides these plans.
    pub fn beside(&self, at_hand: &[CustomerPlan]) -> Beside {
        let mut beside = Beside { spent: self.before, managed: Spent::default() };
        if !self.spent.is_empty() {
            let at_hand: BTreeSet<Expense> = at_hand.iter().flat_map(all).collect();
            for expense in self.spent.difference(&at_hand) {
                expense.kind.add_to(&mut beside.spent);
            }
        }
        for plan in &self.others {
            beside.managed.members += plan.measure.members;
            beside.managed.assignments += plan.measure.assignments;
            beside.managed.guests += plan.measure.guests;
            beside.managed.groups += plan.measure.groups;
        }
        beside
    }
}

/// What a judged plan takes from the limits when it is carried out. What an `Override` released takes nothing.
pub fn expenses(plan: &CustomerPlan) -> BTreeSet<Expense> {
    if plan.findings.iter().any(|finding| finding.code == FindingCode::Released) {
        return BTreeSet::new();
    }
    let mut expenses: BTreeSet<Expense> = plan.runnable().flat_map(|op| of(plan, op)).collect();
    let begins = |op: &Operation| op.because.iter().any(|because| because.rule == Rule::Offboarding);
    if plan.measure.starts_offboarding && plan.runnable().any(begins) {
        let what = plan.name.to_string();
        expenses.insert(Expense { kind: ExpenseKind::Offboarding, customer: plan.name.clone(), what });
    }
    expenses
}

/// The same of everything in a plan, held or not.
fn all(plan: &CustomerPlan) -> BTreeSet<Expense> {
    let mut expenses: BTreeSet<Expense> = plan.operations.iter().flat_map(|op| of(plan, op)).collect();
    if plan.measure.starts_offboarding {
        let what = plan.name.to_string();
        expenses.insert(Expense { kind: ExpenseKind::Offboarding, customer: plan.name.clone(), what });
    }
    expenses
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
