//! What the limits of the fleet know of the last day: judged and set aside in one step, before the first write, for all
//! controllers that share a journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::desired::state::DesiredState;
use crate::journal::Journal;
use crate::journal::event::Event;
use crate::model::names::CustomerName;
use crate::plan::assemble::assemble_beside;
use crate::plan::memory::is_of_the_day;
use crate::plan::value::CustomerPlan;
use crate::plan::window::{self, Expenses, expenses};

/// What was spent, and every customer's last plan.
#[derive(Debug, Default)]
pub(super) struct Spending(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    /// What this process set aside: all there is without a journal.
    spent: Expenses,
    plans: BTreeMap<CustomerName, Arc<CustomerPlan>>,
}

/// A plan as the limits of the fleet leave it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) plan: Arc<CustomerPlan>,
    /// Whether something else is held than last time.
    pub(super) holds_changed: bool,
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
    pub(super) async fn judge(
        &self,
        journal: &Journal,
        desired: &DesiredState,
        plans: Vec<CustomerPlan>,
        reserve: Reserve,
        now: Timestamp,
    ) -> Vec<Judged> {
        if plans.iter().all(window::is_free) {
            // No limit can strike what counts for none: nobody needs to be asked.
            return self.books().judge(&Expenses::new(), desired, plans, Reserve::No, now).1;
        }
        journal.reserve(|day| self.books().judge(day, desired, plans, reserve, now)).await
    }

    /// Forgets the plans of customers that the files no longer know.
    pub(super) fn keep_only(&self, desired: &DesiredState) {
        self.books().plans.retain(|name, _| desired.customers.contains_key(name));
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    /// The plans as the limits leave them, and what is to be written down of it.
    fn judge(
        &mut self,
        day: &Expenses,
        desired: &DesiredState,
        plans: Vec<CustomerPlan>,
        reserve: Reserve,
        now: Timestamp,
    ) -> (Vec<Event>, Vec<Judged>) {
        let is_recent = |at: &Timestamp| is_of_the_day(*at, now);
        self.spent.retain(|_, at| is_recent(at));
        let at_hand: BTreeSet<&CustomerName> = plans.iter().map(|plan| &plan.name).collect();
        let others = self.plans.iter().filter(|(name, _)| !at_hand.contains(name));
        let others = others.map(|(_, plan)| Arc::clone(plan)).collect();
        let own = self.spent.iter().filter(|(expense, _)| !day.get(*expense).is_some_and(is_recent));
        let beside = window::beside(day.iter().chain(own), &plans, others, now);
        let judged = assemble_beside(desired, plans, &beside, now).customers;
        let (mut events, mut kept) = (Vec::new(), Vec::with_capacity(judged.len()));
        for plan in judged {
            if reserve == Reserve::Yes {
                let mut new = expenses(&plan);
                // What is set aside already is not said again, also where the journal cannot take it just now.
                new.retain(|expense| {
                    !day.get(expense).is_some_and(is_recent) && !self.spent.contains_key(expense)
                });
                for expense in &new {
                    self.spent.entry(expense.clone()).or_insert(now);
                }
                events.extend(Event::reserved(&plan, new));
            }
            // The same plan again takes no more memory than once.
            let last = self.plans.get(&plan.name);
            let holds_changed = last.map_or(&[][..], |last| &last.held) != plan.held;
            let plan = match last {
                Some(last) if **last == plan => Arc::clone(last),
                _ => Arc::new(plan),
            };
            self.plans.insert(plan.name.clone(), Arc::clone(&plan));
            kept.push(Judged { plan, holds_changed });
        }
        (events, kept)
    }
}
