//! How much a plan does, counted in what people count: one per member, group, guest, role and ledger entry.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::operation::{Action, Kind, Operation, OperationId};
use crate::plan::value::{CustomerPlan, Plan};

/// Counts over one customer or many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Access and objects that will be made.
    pub add: usize,
    /// Access and objects that will go.
    pub remove: usize,
    /// Objects that will be altered.
    pub change: usize,
    /// Operations that wait for a human.
    pub held: usize,
    /// Refusals, those that kept an operation from being planned included.
    pub refused: usize,
    /// What could not be read.
    pub gaps: usize,
    /// What a reader should know besides.
    pub findings: usize,
    /// Differences that are only listed, because of the customer's state.
    pub listed: usize,
    /// Operations that will be carried out, by kind.
    pub operations: BTreeMap<Kind, usize>,
    /// Customers with operations that will be carried out.
    pub customers: usize,
}

impl Tally {
    /// Counts a whole plan.
    pub fn of(plan: &Plan) -> Self {
        let mut total = Self::default();
        for customer in &plan.customers {
            total.count(customer);
        }
        total
    }

    /// Counts one customer's plan.
    pub fn of_customer(customer: &CustomerPlan) -> Self {
        let mut total = Self::default();
        total.count(customer);
        total
    }

    /// Whether anything will be carried out.
    pub fn is_pending(&self) -> bool {
        !self.operations.is_empty()
    }

    fn count(&mut self, customer: &CustomerPlan) {
        let fate = Fates::of(customer);
        let mut runs = false;
        for operation in &customer.operations {
            match fate.of_operation(&operation.id) {
                Fate::Runs => {
                    runs = true;
                    *self.operations.entry(operation.action.kind()).or_default() += 1;
                    self.weigh(operation);
                }
                Fate::Held => self.held += 1,
                Fate::Refused => {}
                Fate::Listed => self.listed += 1,
            }
        }
        self.customers += usize::from(runs);
        self.refused += customer.refused.len();
        self.gaps += customer.gaps.len();
        self.findings += customer.findings.len();
    }

    fn weigh(&mut self, operation: &Operation) {
        match &operation.action {
            Action::AddMembers { members, .. } => self.add += members.len(),
            Action::RemoveMembers { members, .. } => self.remove += members.len(),
            Action::InviteGuest { again: None, .. }
            | Action::CreateGroup { .. }
            | Action::CreateRoleAssignment { .. } => {
                self.add += 1;
            }
            Action::DeleteGuest { .. } | Action::DeleteGroup { .. } | Action::DeleteRoleAssignment { .. } => {
                self.remove += 1;
            }
            // Mailed once more she is no new guest.
            Action::InviteGuest { .. } | Action::UpdateGroup { .. } => self.change += 1,
            // The ledger is bookkeeping: it gives nobody anything.
            Action::AddToLedger { .. } | Action::RemoveFromLedger { .. } => {}
        }
    }
}

/// What will become of a planned operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It will be carried out.
    Runs,
    /// It waits for a human.
    Held,
    /// It must not be done.
    Refused,
    /// It is only listed, because of the customer's state.
    Listed,
}

/// What will become of each operation of one customer's plan.
#[derive(Debug)]
pub struct Fates<'a> {
    runs: BTreeSet<&'a OperationId>,
    held: BTreeSet<&'a OperationId>,
    refused: BTreeSet<&'a OperationId>,
}

impl<'a> Fates<'a> {
    /// Looks at one customer's plan.
    pub fn of(customer: &'a CustomerPlan) -> Self {
        Self {
            runs: customer.runnable().map(|operation| &operation.id).collect(),
            held: customer.held.iter().flat_map(|hold| &hold.operations).collect(),
            refused: customer.refused.iter().flat_map(|refusal| &refusal.operations).collect(),
        }
    }

    /// What will become of one operation. A refusal weighs more than a hold: no Override lifts it.
    pub fn of_operation(&self, id: &OperationId) -> Fate {
        if self.runs.contains(id) {
            Fate::Runs
        } else if self.refused.contains(id) {
            Fate::Refused
        } else if self.held.contains(id) {
            Fate::Held
        } else {
            Fate::Listed
        }
    }
}
