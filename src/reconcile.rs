//! One pass: read, plan, carry out, read again. The only place that composes the phases; every customer is a failure domain
//! of its own, so what goes wrong at one shows in its plan and its outcomes and nowhere else.

pub mod adoption;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::client::Client;
use crate::client::halt::{self, Halt};
use crate::collect;
use crate::collect::cache::Cache;
use crate::desired::state::{Customer, DesiredState};
use crate::execute::{self, Deferral};
use crate::journal::Journal;
use crate::journal::event::Event;
use crate::model::names::CustomerName;
use crate::observed;
use crate::plan::assemble::{alone, assemble};
use crate::plan::census::Census;
use crate::plan::digest::Digest;
use crate::plan::directory::Directory;
use crate::plan::draft::{Inputs, draft};
use crate::plan::forecast::{Cost, Fact, Forecast};
use crate::plan::memory::{Memory, TenantMemory};
use crate::plan::operation::{Action, Operation, OperationId};
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::{CustomerPlan, Measure, Plan};
use crate::plan::verdict::{Gap, GapCode};
use crate::plan::window::expenses;

/// How many customers are read at the same time. Budgets are per tenant, so breadth is what makes a sweep quick.
pub(crate) const READ_AT_ONCE: usize = 128;

/// How often a draft may ask for more before it is given up. Questions depend on answers three deep at most.
const ROUNDS: usize = 5;

/// When what was written is read again, after the last write.
const REREAD_AFTER: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(20)];

/// What every pass works with.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// The way to the services.
    pub client: &'a Client,
    /// The files.
    pub desired: &'a DesiredState,
    /// What earlier passes left behind.
    pub memory: &'a Memory,
    /// Told how far it has come.
    pub progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// Which customers a pass covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// Every customer of the files.
    #[default]
    All,
    /// These; names that the files don't know are skipped.
    Only(BTreeSet<CustomerName>),
}

/// How far a pass has come.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// So many customers will be read.
    Reading(usize),
    /// A customer was read and planned.
    Planned(&'a CustomerName),
    /// An operation came to its end.
    Ended(&'a CustomerName, &'a Outcome),
    /// What was written at so many customers is read again.
    Rereading(usize),
}

/// How a plan is carried out.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// The kill switch.
    pub halt: &'a Halt,
    /// What to do with operations whose time has not come.
    pub deferral: Deferral,
    /// Where everything is written down before and after it is done.
    pub journal: &'a Journal,
}

/// A plan and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was to be done.
    pub plan: Plan,
    /// What became of it, customer by customer in the plan's order.
    pub outcomes: Vec<CustomerOutcome>,
    /// What carrying it out was to cost and did cost.
    pub cost: Cost,
}

/// Reads the tenants and plans what would make them as the files say at `now`. Writes nothing.
pub async fn plan(pass: &Pass<'_>, selection: &Selection, now: Timestamp) -> Plan {
    let customers = selection.of(pass.desired);
    (pass.progress)(Progress::Reading(customers.len()));
    let partner = collect::partner(pass.client, pass.desired).await;
    survey(pass, customers, &partner, &Cache::new(), now).await
}

/// The same for a partner that was read before: nothing of its tenant is read again but what the cache does not hold.
pub async fn plan_for(
    pass: &Pass<'_>,
    selection: &Selection,
    partner: &observed::partner::Partner,
    cache: &Cache,
    now: Timestamp,
) -> Plan {
    let customers = selection.of(pass.desired);
    (pass.progress)(Progress::Reading(customers.len()));
    survey(pass, customers, partner, cache, now).await
}

impl Selection {
    fn of<'a>(&self, desired: &'a DesiredState) -> Vec<&'a Customer> {
        let chosen = |name: &CustomerName| match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        };
        desired.customers.values().filter(|customer| chosen(&customer.name)).collect()
    }
}

async fn survey(
    pass: &Pass<'_>,
    customers: Vec<&Customer>,
    partner: &observed::partner::Partner,
    cache: &Cache,
    now: Timestamp,
) -> Plan {
    let survey = Survey::new(pass, partner, cache, now);
    let plans = stream::iter(customers)
        .map(|customer| survey.customer(customer))
        .buffer_unordered(READ_AT_ONCE)
        .inspect(|plan| (pass.progress)(Progress::Planned(&plan.name)))
        .collect::<Vec<_>>()
        .await;
    let plan = assemble(pass.desired, plans, now);
    plan.customers.iter().for_each(log_plan);
    plan
}

/// Reads and plans the chosen customers, and shows each to `view` together with what its plan follows from. The limits of the
/// fleet are not judged: they are about all customers, and what they may hold is left open.
pub async fn look<T>(
    pass: &Pass<'_>,
    selection: &Selection,
    now: Timestamp,
    view: impl Fn(Inputs<'_>, &CustomerPlan) -> T,
) -> Vec<T> {
    let customers = selection.of(pass.desired);
    (pass.progress)(Progress::Reading(customers.len()));
    let partner = collect::partner(pass.client, pass.desired).await;
    let cache = Cache::new();
    let survey = Survey::new(pass, &partner, &cache, now);
    stream::iter(customers)
        .map(|customer| survey.view(customer, &view))
        .buffered(READ_AT_ONCE)
        .inspect(|(name, _)| (pass.progress)(Progress::Planned(name)))
        .map(|(_, seen)| seen)
        .collect()
        .await
}

/// Carries out what the plan allows, and reads again what was written until it shows or half a minute has passed.
pub async fn apply(pass: &Pass<'_>, plan: Plan, how: How<'_>) -> Report {
    let (switch, stopped) = halt::switch();
    let halt = match &pass.desired.stop {
        Some(reason) if !defect!(StopIgnored) => {
            switch.throw(&format!("the file STOP stops all writes: {}", reason.trim()));
            &stopped
        }
        _ => how.halt,
    };
    let clock = pass.client.clock();
    let notice = |name: &CustomerName, outcome: &Outcome| {
        log_outcome(name, outcome);
        (pass.progress)(Progress::Ended(name, outcome));
    };
    let (journal, memory) = (how.journal, pass.memory);
    if halt.reason().is_none() {
        for customer in &plan.customers {
            journal.note_later(Event::held(customer));
            announce(journal, customer);
            // Whoever looks at the limits of a day counts what is done here, too.
            if let Some(reserved) = Event::reserved(customer, expenses(customer)) {
                journal.note_later(reserved);
            }
        }
        journal.flush().await;
    }
    let context = execute::Context {
        clock: &clock,
        halt,
        deferral: how.deferral,
        journal,
        memory,
        wrote: &|_, _| {},
        notice: &notice,
    };
    let (begun, before) = (clock.now(), pass.client.spent());
    let mut outcomes = execute::sweep(pass.client, &plan, &context).await;
    let fact = Fact { usage: pass.client.spent() - before, time: clock.now().duration_since(begun) };
    let cost = Cost { forecast: Forecast::of(&plan, pass.desired.partner.cloud), fact };
    if halt.reason().is_none() && !defect!(NeverLooksAgain) {
        confirm(pass, &plan, &mut outcomes, &context).await;
    }
    count(pass, &outcomes);
    Report { plan, outcomes, cost }
}

/// Notes for the journal what a customer's plan is about to begin as a whole; it must be flushed before the first write.
pub fn announce(journal: &Journal, plan: &CustomerPlan) {
    let runs = plan.runnable().next().is_some();
    if runs && plan.measure.starts_offboarding {
        let (customer, tenant) = (plan.name.clone(), plan.tenant);
        journal.note_later(Event::OffboardingStarted { customer, tenant });
    }
}

/// Everything the plans of one pass have in common.
pub struct Survey<'a> {
    pass: &'a Pass<'a>,
    partner: &'a observed::partner::Partner,
    cache: &'a Cache,
    directory: Directory<'a>,
    census: Census,
    now: Timestamp,
}

impl<'a> Survey<'a> {
    /// What follows from the files and the partner alone. Not cheap: it looks at every customer of the files.
    pub fn new(
        pass: &'a Pass<'a>,
        partner: &'a observed::partner::Partner,
        cache: &'a Cache,
        now: Timestamp,
    ) -> Self {
        let directory = Directory::new(pass.desired, partner);
        let census = Census::take(pass.desired, partner, now);
        Self { pass, partner, cache, directory, census, now }
    }

    /// Reads one customer's tenant and plans it, reading more as long as the draft asks for more. The limits of the fleet are
    /// not judged yet.
    pub async fn customer(&self, customer: &Customer) -> CustomerPlan {
        self.read(customer).await.0
    }

    /// The same, seen together with what was read.
    async fn view<'c, T>(
        &self,
        customer: &'c Customer,
        view: impl Fn(Inputs<'_>, &CustomerPlan) -> T,
    ) -> (&'c CustomerName, T) {
        let (plan, observed) = self.read(customer).await;
        let plan = alone(self.pass.desired, plan, self.now);
        let memory = self.pass.memory.of(customer.tenant);
        (&customer.name, view(self.inputs(customer, &observed, &memory), &plan))
    }

    async fn read(&self, customer: &Customer) -> (CustomerPlan, observed::customer::Customer) {
        let Pass { client, desired, memory, .. } = *self.pass;
        let mut observed = collect::customer(client, desired, customer, self.cache).await;
        memory.recent.lay_over(customer.tenant, &mut observed, client.clock().now());
        let memory = memory.of(customer.tenant);
        for _ in 0..ROUNDS {
            let drafted = draft(self.inputs(customer, &observed, &memory));
            if drafted.questions.is_empty() {
                return (drafted.plan, observed);
            }
            let questions = &drafted.questions;
            collect::answers(client, desired, customer, questions, self.cache, &mut observed).await;
        }
        (unfinished(customer), observed)
    }

    fn inputs<'i>(
        &'i self,
        customer: &'i Customer,
        observed: &'i observed::customer::Customer,
        memory: &'i TenantMemory,
    ) -> Inputs<'i> {
        Inputs {
            desired: self.pass.desired,
            customer,
            partner: self.partner,
            observed,
            memory,
            directory: &self.directory,
            census: &self.census,
            now: self.now,
        }
    }
}

/// The plan of a customer whose questions did not come to an end: nothing is done there.
fn unfinished(customer: &Customer) -> CustomerPlan {
    CustomerPlan {
        name: customer.name.clone(),
        tenant: customer.tenant,
        state: customer.state,
        operations: Vec::new(),
        held: Vec::new(),
        refused: Vec::new(),
        gaps: vec![Gap {
            code: GapCode::Malformed,
            of: "this tenant".to_owned(),
            freezes: "everything here".to_owned(),
            text: format!("its plan still had questions after {ROUNDS} rounds of reading"),
            lost: None,
        }],
        findings: Vec::new(),
        digest: Digest::of(&serde_json::Value::Null),
        measure: Measure { unseen: customer.mappings.keys().cloned().collect(), ..Measure::default() },
    }
}

/// Reads again what was written, until it shows or the last look is over: what then is still asked for is pending.
/// After the second look, what is still asked for is done another way: the answer that it was done may have been wrong.
async fn confirm(
    pass: &Pass<'_>,
    plan: &Plan,
    outcomes: &mut [CustomerOutcome],
    context: &execute::Context<'_>,
) {
    let wrote = |outcome: &CustomerOutcome| outcome.outcomes.iter().any(|o| o.status == Status::Done);
    let mut open: BTreeSet<CustomerName> =
        outcomes.iter().filter(|o| wrote(o)).map(|o| o.name.clone()).collect();
    let done: BTreeMap<CustomerName, BTreeSet<OperationId>> = outcomes
        .iter()
        .map(|customer| {
            let done = customer.outcomes.iter().filter(|o| o.status == Status::Done);
            (customer.name.clone(), done.map(|o| o.operation.clone()).collect())
        })
        .collect();
    if open.is_empty() {
        return;
    }
    (pass.progress)(Progress::Rereading(open.len()));
    let clock = pass.client.clock();
    let partner = collect::partner(pass.client, pass.desired).await;
    let written = clock.now();
    let mut unseen = BTreeMap::new();
    let mut redone = BTreeMap::new();
    for (turn, after) in REREAD_AFTER.into_iter().enumerate() {
        tokio::select! {
            () = clock.sleep_until(written.saturating_add(after).unwrap_or(written)) => {}
            () = context.halt.thrown() => return,
        }
        let cache = Cache::new();
        // At the plan's own time: what has ended since is the next pass's work, not a doubt about this one.
        let survey = Survey::new(pass, &partner, &cache, plan.now);
        let customers = plan.customers.iter().filter(|c| open.contains(&c.name));
        let looks = stream::iter(customers.filter_map(|c| Some((c, pass.desired.customers.get(&c.name)?))))
            .map(async |(planned, customer)| {
                let now = survey.customer(customer).await;
                let pairs = match done.get(&planned.name) {
                    Some(done) if turn == 1 => asked_for_again(planned, done, &now),
                    _ => Vec::new(),
                };
                let redone = execute::insist::insist(pass.client, &now, &pairs, context).await;
                (planned, now, redone)
            })
            .buffer_unordered(READ_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        for (planned, now, again) in looks {
            redone.entry(planned.name.clone()).or_insert_with(BTreeSet::new).extend(again);
            let doubts = doubts(planned, &now);
            if doubts.is_empty() {
                open.remove(&planned.name);
                unseen.remove(&planned.name);
            } else {
                unseen.insert(planned.name.clone(), doubts);
            }
        }
        if open.is_empty() {
            break;
        }
    }
    for customer in outcomes {
        let (doubts, redone) = (unseen.get(&customer.name), redone.get(&customer.name));
        for outcome in customer.outcomes.iter_mut().filter(|o| o.status == Status::Done) {
            if let Some(text) = doubts.and_then(|doubts| doubts.get(&outcome.operation)) {
                outcome.status = Status::Pending;
                outcome.text = Some((*text).to_owned());
            } else if redone.is_some_and(|redone| redone.contains(&outcome.operation)) {
                outcome.text =
                    Some("the service had said so without doing it; done when repeated".to_owned());
            }
        }
    }
}

/// What the service called done, each with what a later plan still asks for of it.
fn asked_for_again<'a>(
    planned: &'a CustomerPlan,
    done: &BTreeSet<OperationId>,
    now: &'a CustomerPlan,
) -> Vec<(&'a Operation, &'a Operation)> {
    let again: Vec<&Operation> = now.runnable().collect();
    let claimed = planned.runnable().filter(|operation| done.contains(&operation.id));
    let pairs = claimed.filter_map(|claimed| {
        let again = again.iter().copied().find(|again| asks_for_the_same(claimed, again))?;
        Some((claimed, again))
    });
    pairs.collect()
}

/// The operations of a plan that a later reading does not bear out, with the reason.
fn doubts(planned: &CustomerPlan, now: &CustomerPlan) -> BTreeMap<OperationId, &'static str> {
    let unread = now.gaps.iter().any(|gap| gap.code.is_failed_read() && !planned.gaps.contains(gap));
    let doubt = |operation: &Operation| match unread {
        true => Some("done by the service's word; it could not be read again"),
        false if now.operations.iter().any(|again| asks_for_the_same(operation, again)) => {
            Some("done by the service's word; not visible yet")
        }
        false => None,
    };
    planned.runnable().filter_map(|o| Some((o.id.clone(), doubt(o)?))).collect()
}

/// Whether an operation asks for something that `done` was to bring about.
fn asks_for_the_same(done: &Operation, again: &Operation) -> bool {
    match (&done.action, &again.action) {
        (Action::AddMembers { group, members }, Action::AddMembers { group: g, members: m }) => {
            group.unique_name == g.unique_name
                && members.iter().any(|a| m.iter().any(|b| a.person == b.person))
        }
        (Action::RemoveMembers { group, members }, Action::RemoveMembers { group: g, members: m }) => {
            group.unique_name == g.unique_name
                && members.iter().any(|a| m.iter().any(|b| a.object == b.object))
        }
        // To have asked once more leaves no trace in the tenant.
        (Action::InviteGuest { again: Some(_), .. }, _) => false,
        _ => done.id == again.id,
    }
}

/// Counts what became of every operation, as it stands after everything was read again.
fn count(pass: &Pass<'_>, outcomes: &[CustomerOutcome]) {
    let fleet = &pass.client.metrics().fleet;
    for customer in outcomes {
        for outcome in &customer.outcomes {
            fleet.ended(outcome.kind.as_str(), outcome.word());
        }
    }
}

/// Says what was decided about a customer. Ids and codes only: people are for the report.
pub fn log_plan(plan: &CustomerPlan) {
    let span = tracing::info_span!("pass", customer = %plan.name, tenant = %plan.tenant);
    let _entered = span.enter();
    for operation in &plan.operations {
        tracing::debug!(id = %operation.id, phase = ?operation.phase, nature = ?operation.nature, "planned");
    }
    for refusal in &plan.refused {
        for id in &refusal.operations {
            tracing::info!(%id, code = spelled(refusal.code), "refused");
        }
    }
    for hold in &plan.held {
        let operations = hold.operations.len();
        tracing::info!(
            code = spelled(hold.code),
            operations,
            measured = hold.measured,
            limit = hold.limit,
            "held"
        );
    }
    for gap in &plan.gaps {
        tracing::info!(code = spelled(gap.code), "not read");
    }
}

/// A code as plans, metrics and messages spell it.
fn spelled(code: impl serde::Serialize) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// Says what became of an operation.
pub fn log_outcome(customer: &CustomerName, outcome: &Outcome) {
    let Outcome { operation, kind, status, request_id, .. } = outcome;
    let request = request_id.as_deref().unwrap_or_default();
    let kind = kind.as_str();
    match status {
        Status::Done => tracing::info!(%customer, id = %operation, kind, request, "done"),
        Status::AlreadySo => tracing::debug!(%customer, id = %operation, kind, request, "already so"),
        Status::Pending | Status::Deferred(_) => tracing::info!(%customer, id = %operation, kind, "not yet"),
        Status::Refused => tracing::info!(%customer, id = %operation, kind, request, "refused"),
        Status::Failed if !outcome.is_begun() => {
            tracing::info!(%customer, id = %operation, kind, "not begun");
        }
        Status::Failed => tracing::warn!(%customer, id = %operation, kind, request, "failed"),
    }
}
