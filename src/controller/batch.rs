//! Customers whose turn has come at the same time: read side by side, judged together, then each carried out on its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, FuturesUnordered};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use crate::client::Client;
use crate::client::halt::Halt;
use crate::collect::cache::Cache;
use crate::controller::keeper::INTERRUPTED;
use crate::controller::spending::{self, Judged, Spending};
use crate::desired::state::{Customer, DesiredState};
use crate::execute::{self, Context, Deferral, Queues};
use crate::journal::Journal;
use crate::journal::event::Event;
use crate::model::ids::TenantId;
use crate::model::names::CustomerName;
use crate::observed::partner::Partner;
use crate::plan::memory::Memory;
use crate::plan::outcome::{CustomerOutcome, Outcome};
use crate::plan::overlay::{Recent, Wrote};
use crate::plan::value::CustomerPlan;
use crate::reconcile::{self, Pass, Progress, Survey};

/// How long those that are read wait for the others, so that the limits of the fleet see them together.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same where somebody's access may have ended.
const URGENT_PATIENCE: Duration = Duration::from_secs(2);

/// Everything that the passes of a batch work with.
pub(super) struct Batch {
    pub(super) client: Client,
    pub(super) desired: Arc<DesiredState>,
    pub(super) partner: Arc<Partner>,
    pub(super) cache: Arc<Cache>,
    pub(super) shared: Arc<Shared>,
    /// Each with the number of its pass and what interrupts it.
    pub(super) members: BTreeMap<CustomerName, (u64, Halt)>,
    pub(super) urgency: Urgency,
    /// The process is about to end.
    pub(super) ending: Halt,
    pub(super) post: UnboundedSender<PassEnd>,
}

/// What all batches have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) journal: Journal,
    pub(super) queues: Queues,
    pub(super) spending: Spending,
    /// What was written in the last minutes.
    pub(super) recent: Mutex<Arc<Recent>>,
    /// The last pass of each customer that has its plan.
    pub(super) planned: Mutex<BTreeMap<CustomerName, u64>>,
}

impl Shared {
    /// Whether that pass has its plan already.
    pub(super) fn is_planned(&self, name: &CustomerName, number: u64) -> bool {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).get(name) == Some(&number)
    }

    fn recent(&self) -> Arc<Recent> {
        Arc::clone(&self.recent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn wrote(&self, tenant: TenantId, wrote: Vec<Wrote>, now: Timestamp) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut recent).note(tenant, wrote, now);
    }
}

/// Whether the reads of a batch go before all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Somebody's access may have ended.
    Urgent,
    /// Nobody's has, as far as anybody knows.
    Ordinary,
}

/// How one pass came to its end.
#[derive(Debug)]
pub(super) struct PassEnd {
    pub(super) name: CustomerName,
    /// Which of all passes it was.
    pub(super) number: u64,
    pub(super) began: Timestamp,
    pub(super) ended: Timestamp,
    /// None where it gave way before it was planned.
    pub(super) plan: Option<Arc<CustomerPlan>>,
    /// None where nothing was to be carried out, or nothing may be.
    pub(super) outcome: Option<CustomerOutcome>,
    /// Why it was cut short.
    pub(super) halted: Option<String>,
}

impl Batch {
    /// Runs every member's pass to its end.
    pub(super) async fn run(self) {
        let clock = self.client.clock();
        let began = clock.now();
        let reader = match self.urgency {
            Urgency::Urgent => self.client.urgent(),
            Urgency::Ordinary => self.client.clone(),
        };
        let progress = |_: Progress<'_>| {};
        let recent = match self.urgency {
            // Where access may have ended, only what was read counts.
            Urgency::Urgent => Arc::default(),
            Urgency::Ordinary => self.shared.recent(),
        };
        let memory = Memory { recent, ..self.shared.journal.memory().await };
        let pass = Pass { client: &reader, desired: &self.desired, memory: &memory, progress: &progress };
        let survey = Survey::new(&pass, &self.partner, &self.cache, began);
        let customers = self.members.keys().filter_map(|name| self.desired.customers.get(name));
        let survey = &survey;
        let mut reading = stream::iter(customers.map(|customer| self.read(survey, customer, began)))
            .buffer_unordered(reconcile::READ_AT_ONCE);
        let patience = match self.urgency {
            Urgency::Urgent => URGENT_PATIENCE,
            Urgency::Ordinary => PATIENCE,
        };
        let mut together = Vec::new();
        let mut impatient = std::pin::pin!(clock.sleep(patience));
        loop {
            tokio::select! {
                biased;
                () = self.ending.thrown() => return,
                plan = reading.next() => match plan {
                    Some(plan) => together.extend(plan),
                    None => break,
                },
                () = &mut impatient => break,
            }
        }
        let mut writing = FuturesUnordered::new();
        let judged = self.judged(together).await;
        writing.extend(judged.into_iter().map(|judged| self.carry_out(judged, &memory, began)));
        let mut all_read = false;
        loop {
            tokio::select! {
                biased;
                Some(()) = writing.next() => {}
                late = reading.next(), if !all_read && self.ending.reason().is_none() => match late {
                    // Its tenant hardly answers: it is judged by what is known of the others.
                    Some(plan) => {
                        let judged = self.judged(plan.into_iter().collect()).await;
                        writing.extend(judged.into_iter().map(|judged| self.carry_out(judged, &memory, began)));
                    }
                    None => all_read = true,
                },
                () = self.ending.thrown(), if !all_read && writing.is_empty() => return,
                else => return,
            }
        }
    }

    /// The plans as the limits of the fleet leave them, with what they take from these reserved.
    async fn judged(&self, plans: Vec<CustomerPlan>) -> Vec<Judged> {
        let now = self.client.clock().now();
        let (halted, running): (Vec<_>, Vec<_>) =
            plans.into_iter().partition(|plan| self.halt(&plan.name).reason().is_some());
        let mut judged = Vec::new();
        for (plans, reserve) in [(running, spending::Reserve::Yes), (halted, spending::Reserve::No)] {
            if !plans.is_empty() {
                let Shared { journal, spending, .. } = &*self.shared;
                judged.extend(spending.judge(journal, &self.desired, plans, reserve, now).await);
            }
        }
        judged
    }

    async fn carry_out(&self, judged: Judged, memory: &Memory, began: Timestamp) {
        let Judged { plan, holds_changed } = judged;
        let number = self.number(&plan.name);
        self.shared.planned.lock().unwrap_or_else(PoisonError::into_inner).insert(plan.name.clone(), number);
        reconcile::log_plan(&plan);
        let clock = self.client.clock();
        let halt = self.halt(&plan.name);
        let notice = |name: &CustomerName, outcome: &Outcome| {
            reconcile::log_outcome(name, outcome);
            self.client.metrics().fleet.ended(outcome.kind.as_str(), outcome.word());
        };
        let journal = &self.shared.journal;
        let wrote = |tenant, wrote| self.shared.wrote(tenant, wrote, clock.now());
        let context = Context {
            clock: &clock,
            halt: &halt,
            deferral: Deferral::Leave,
            journal,
            memory,
            wrote: &wrote,
            notice: &notice,
        };
        if holds_changed {
            journal.note_later(Event::held(&plan));
        }
        let outcome = if halt.reason().is_some() || plan.runnable().next().is_none() {
            None
        } else {
            reconcile::announce(journal, &plan);
            journal.flush().await;
            Some(execute::customer(&self.client, &plan, &context, &self.shared.queues).await)
        };
        let end = PassEnd {
            number: self.number(&plan.name),
            name: plan.name.clone(),
            began,
            ended: clock.now(),
            plan: Some(plan),
            outcome,
            halted: halt.reason(),
        };
        self.report(end);
    }

    /// The plan of a customer, unless something more urgent comes up there.
    async fn read(&self, survey: &Survey<'_>, customer: &Customer, began: Timestamp) -> Option<CustomerPlan> {
        let halt = self.halt(&customer.name);
        let gives_way = async {
            halt.thrown().await;
            if halt.reason().as_deref() != Some(INTERRUPTED) {
                // Stopped or about to end: then it is read and planned all the same.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = gives_way => {}
            plan = survey.customer(customer) => return Some(plan),
        }
        let ended = self.client.clock().now();
        let (name, halted) = (customer.name.clone(), halt.reason());
        let number = self.number(&name);
        self.report(PassEnd { name, number, began, ended, plan: None, outcome: None, halted });
        None
    }

    fn report(&self, end: PassEnd) {
        if self.post.send(end).is_err() {
            tracing::debug!("a pass ended after the loop");
        }
    }

    fn halt(&self, name: &CustomerName) -> Halt {
        self.members.get(name).map_or_else(Halt::never, |(_, halt)| halt.clone())
    }

    fn number(&self, name: &CustomerName) -> u64 {
        self.members.get(name).map_or(0, |(number, _)| *number)
    }
}
