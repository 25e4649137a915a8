//! What the limits of the fleet know of the last day: judged and reserved in one step, before the first write.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::desired::state::DesiredState;
use crate::model::names::CustomerName;
use crate::plan::assemble::assemble_beside;
use crate::plan::memory::Memory;
use crate::plan::value::CustomerPlan;
use crate::plan::window::{Expense, Window, expenses};

/// How long what was spent counts.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What was spent, and every customer's last plan.
#[derive(Debug, Default)]
pub(super) struct Spending(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    spent: BTreeMap<Expense, Timestamp>,
    /// What earlier processes spent.
    before: Vec<crate::plan::memory::Spending>,
    plans: BTreeMap<CustomerName, Arc<CustomerPlan>>,
}

/// A plan as the limits of the fleet leave it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) plan: Arc<CustomerPlan>,
    /// Whether something else is held than last time.
    pub(super) holds_changed: bool,
    /// Whether it takes something from the limits that was not taken before.
    pub(super) spends: bool,
}

/// Whether what a plan takes from the limits is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reserve {
    /// It will be carried out.
    Yes,
    /// It is only looked at.
    No,
}

impl Spending {
    /// Judges plans by the limits of the fleet, together with the last day and the customers that are not among them.
    pub(super) fn judge(
        &self,
        desired: &DesiredState,
        plans: Vec<CustomerPlan>,
        reserve: Reserve,
        now: Timestamp,
    ) -> Vec<Judged> {
        let mut books = self.books();
        books.spent.retain(|_, at| now.duration_since(*at) < DAY);
        let at_hand: BTreeSet<&CustomerName> = plans.iter().map(|plan| &plan.name).collect();
        let others = books.plans.iter().filter(|(name, _)| !at_hand.contains(name));
        let others = others.map(|(_, plan)| Arc::clone(plan)).collect();
        let before = Memory { spending: books.before.clone(), ..Memory::default() }.spent(now);
        let window = Window { spent: books.spent.keys().cloned().collect(), before, others };
        let beside = window.beside(&plans);
        drop(window);
        let judged = assemble_beside(desired, plans, &beside, now).customers;
        let mut kept = Vec::with_capacity(judged.len());
        for plan in judged {
            let mut spends = false;
            if reserve == Reserve::Yes {
                for expense in expenses(&plan) {
                    spends |= books.spent.insert(expense, now).is_none();
                }
            }
            // The same plan again takes no more memory than once.
            let last = books.plans.get(&plan.name);
            let holds_changed = last.map_or(&[][..], |last| &last.held) != plan.held;
            let plan = match last {
                Some(last) if **last == plan => Arc::clone(last),
                _ => Arc::new(plan),
            };
            books.plans.insert(plan.name.clone(), Arc::clone(&plan));
            kept.push(Judged { plan, holds_changed, spends });
        }
        kept
    }

    /// Takes note of what earlier processes spent.
    pub(super) fn begin(&self, memory: &Memory) {
        self.books().before.clone_from(&memory.spending);
    }

    /// Forgets the plans of customers that the files no longer know.
    pub(super) fn keep_only(&self, desired: &DesiredState) {
        self.books().plans.retain(|name, _| desired.customers.contains_key(name));
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
