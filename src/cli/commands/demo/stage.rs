//! Where the demo plays: the simulator, a client that talks to it in process, a clock, and what has been counted so far.

use anyhow::Context;
use jiff::Timestamp;
use secrecy::SecretString;
use uuid::Uuid;

use crate::cli::embedded;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::world::world;
use crate::client::Client;
use crate::client::endpoints::Endpoints;
use crate::client::halt::Halt;
use crate::client::token::Credential;
use crate::clock::Clock;
use crate::desired::state::DesiredState;
use crate::execute::Deferral;
use crate::journal::Journal;
use crate::model::ids::ClientId;
use crate::plan::memory::Memory;
use crate::plan::outcome::{Outcome, Status};
use crate::plan::value::{CustomerPlan, Plan};
use crate::reconcile::{self, How, Pass, Selection};
use crate::report::paint::{DIM, STRONG, paint};
use crate::report::words::count;
use crate::report::{moment, outcome, text};
use crate::simulator::Simulator;
use crate::simulator::world::Customer;

/// Everything the story needs.
pub(super) struct Stage<'a> {
    desired: &'a DesiredState,
    printer: &'a mut Printer,
    simulator: Simulator,
    client: Client,
    clock: Clock,
    begin: Timestamp,
    /// When the last cost was told.
    told: Timestamp,
    requests: usize,
}

/// Fails unless the plan would change nothing: the demo does not claim what is not so.
pub(super) fn expect_quiet(plan: &Plan) -> Result<(), Failure> {
    match plan.customers.iter().flat_map(CustomerPlan::runnable).next() {
        None => Ok(()),
        Some(operation) => Err(anyhow::anyhow!("{} is still to be done", operation.id).into()),
    }
}

impl<'a> Stage<'a> {
    /// A world in which nothing is replicated yet, at the time the story begins.
    pub(super) fn set(
        desired: &'a DesiredState,
        begin: Timestamp,
        printer: &'a mut Printer,
    ) -> Result<Self, Failure> {
        let world = world(desired, begin);
        let id = ClientId::new(world.client.id);
        let credential = Credential::client_secret(id, SecretString::from(world.client.secret.clone()));
        let simulator = Simulator::new(world, 0);
        let endpoints = Endpoints::of(desired.partner.cloud)
            .with_login(&format!("{}/login", embedded::BASE))?
            .with_graph(&format!("{}/graph", embedded::BASE))?
            .with_arm(&format!("{}/arm", embedded::BASE))?;
        let clock = Clock::starting_at(begin);
        let client = Client::new(embedded::transport(simulator.router()), endpoints, credential, clock, 0);
        Ok(Self { desired, printer, simulator, client, clock, begin, told: begin, requests: 0 })
    }

    /// Says something.
    pub(super) fn say(&mut self, words: &str) -> Result<(), Failure> {
        self.printer.data(&format!("\n{words}\n"))
    }

    /// Begins a scene.
    pub(super) fn scene(&mut self, title: &str) -> Result<(), Failure> {
        let time = moment::shown(self.clock.now());
        self.say(&format!("{}  {}", paint(DIM, format!("── {time}")), paint(STRONG, title)))
    }

    /// Lets time pass.
    pub(super) async fn wait_until(&mut self, at: Timestamp) {
        self.clock.sleep_until(at).await;
        self.told = self.clock.now();
    }

    /// Reads the tenants and plans.
    pub(super) async fn plan(&self) -> Result<Plan, Failure> {
        let memory = Memory::default();
        let pass = Pass { client: &self.client, desired: self.desired, memory: &memory, progress: &|_| {} };
        let plan = reconcile::plan(&pass, &Selection::All, self.clock.now()).await;
        if let Some(gap) = plan.customers.iter().flat_map(|customer| &customer.gaps).next() {
            return Err(anyhow::Error::msg(gap.text.clone()).context("the simulator did not answer").into());
        }
        Ok(plan)
    }

    /// Shows a whole plan.
    pub(super) fn show_all(&mut self, plan: &Plan) -> Result<(), Failure> {
        self.printer.data(&format!("\n{}", text::plan(plan, self.desired)))?;
        self.cost()
    }

    /// Shows what a plan comes to.
    pub(super) fn show_summary(&mut self, plan: &Plan) -> Result<(), Failure> {
        self.printer.data(&text::summary(plan))?;
        self.cost()
    }

    /// Carries a plan out; the earliest time at which something of it still has to be done.
    pub(super) async fn apply(&mut self, plan: Plan) -> Result<Option<Timestamp>, Failure> {
        let memory = Memory::default();
        let pass = Pass { client: &self.client, desired: self.desired, memory: &memory, progress: &|_| {} };
        let halt = Halt::never();
        let (deferral, journal) = (Deferral::Leave, Journal::none());
        let how = How { halt: &halt, deferral, journal: &journal };
        let report = reconcile::apply(&pass, plan, how).await;
        self.printer.data(&outcome::text(&report.plan, &report.outcomes, self.clock.now()))?;
        self.cost()?;
        let outcomes = || report.outcomes.iter().flat_map(|customer| &customer.outcomes);
        let failed = |outcome: &&Outcome| matches!(outcome.status, Status::Failed | Status::Refused);
        if let Some(outcome) = outcomes().find(failed) {
            return Err(anyhow::anyhow!("{} did not succeed", outcome.operation).into());
        }
        let later = |outcome: &Outcome| match outcome.status {
            Status::Deferred(time) => Some(time),
            _ => None,
        };
        Ok(outcomes().filter_map(later).max())
    }

    /// Plans, shows what concerns customers with something to do, and carries it out.
    pub(super) async fn repair(&mut self) -> Result<Option<Timestamp>, Failure> {
        let plan = self.plan().await?;
        for customer in plan.customers.iter().filter(|customer| customer.runnable().next().is_some()) {
            self.printer.data(&text::customer(customer, self.desired))?;
        }
        self.apply(plan).await
    }

    /// Somebody at a customer takes one guest out of a group and puts another in.
    pub(super) fn meddle(
        &mut self,
        customer: &str,
        group: &str,
        out: &str,
        stray: &str,
    ) -> Result<(), Failure> {
        let customer = self.desired.customers.values().find(|c| c.name.as_str() == customer);
        let tenant = customer.context("the example has that customer")?.tenant;
        let swapped = self.simulator.edit_customer(tenant.uuid(), |customer| {
            let guest = |address: &str| guest(customer, address);
            let (out, stray) = (guest(out)?, guest(stray)?);
            let group = customer.groups.iter_mut().find(|each| each.display_name == group)?;
            group.members.remove(&out);
            group.members.insert(stray);
            Some(())
        });
        swapped.flatten().context("the example has that group and those guests")?;
        Ok(())
    }

    /// How much all of it was.
    pub(super) fn close(&mut self) -> Result<(), Failure> {
        let passed = self.clock.now().duration_since(self.begin);
        let hours = passed.as_hours();
        self.say(&format!(
            "{hours} hours in {}. The files: desired-state/. Your turn: groupsync simulate, then groupsync plan.",
            count(self.requests, "request")
        ))
    }

    /// What was asked of the services since the last time.
    fn cost(&mut self) -> Result<(), Failure> {
        let records = self.simulator.requests();
        let sent = records.iter().filter(|record| !record.batch_item).count();
        self.simulator.clear_requests();
        self.requests += sent;
        let took = moment::distance(self.told, self.clock.now());
        self.told = self.clock.now();
        self.printer.data(&format!("{}\n", paint(DIM, format!("{}, {took}", count(sent, "request")))))
    }
}

fn guest(customer: &Customer, address: &str) -> Option<Uuid> {
    customer.users.iter().find(|user| user.mail.as_deref() == Some(address)).map(|user| user.id)
}
