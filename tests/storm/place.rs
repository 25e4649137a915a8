//! The world of one run: the simulator, the clock, and processes that come and go.

use std::sync::Arc;
use std::time::Duration;

use groupsync::cli::{embedded, world::world};
use groupsync::client::Client;
use groupsync::client::endpoints::Endpoints;
use groupsync::client::halt::Halt;
use groupsync::client::token::Credential;
use groupsync::client::transport::Transport;
use groupsync::clock::Clock;
use groupsync::desired;
use groupsync::desired::source::Sources;
use groupsync::desired::state::DesiredState;
use groupsync::execute::Deferral;
use groupsync::journal::Journal;
use groupsync::model::cloud::Cloud;
use groupsync::model::ids::ClientId;
use groupsync::plan::memory::Memory;
use groupsync::plan::value::Plan;
use groupsync::reconcile::{self, How, Pass, Report, Selection};
use groupsync::simulator::Simulator;
use groupsync::simulator::world::{Customer, User, World};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::books::{Books, Which};
use super::files::{Files, PEOPLE, person};
use super::history;
use super::written::STRANGER;
use crate::stage::dying::dying;

/// When every run begins.
pub(crate) const START: &str = "2030-01-01T09:00:00Z";

/// Tenants and time.
pub(crate) struct Place {
    pub(crate) simulator: Simulator,
    pub(crate) books: Books,
    /// What passes do about what must not be done yet: in one fleet of three `apply --wait` runs.
    deferral: Deferral,
    seed: u64,
}

/// One process: its way to the services, and what it writes down.
pub(crate) struct Process {
    pub(crate) client: Client,
    pub(crate) death: Arc<Notify>,
    pub(crate) journal: Journal,
    /// Whether a pass waits for what must not be done yet.
    deferral: Deferral,
}

impl Place {
    /// The world that the files describe, with everybody who may ever be named, changed by `edit`.
    pub(crate) fn new(files: &Files, seed: u64, edit: impl FnOnce(&mut World)) -> Self {
        let start = start();
        let mut world = world(&read(files), start);
        for (address, id) in (0..PEOPLE).map(person) {
            let id = id.parse().expect("a number makes an id");
            if world.partner.users.iter().all(|user| user.id != id) {
                world.partner.users.push(User::member(id, &address));
            }
        }
        world.customers.push(Customer {
            name: STRANGER.to_owned(),
            tenant_id: uuid::Uuid::new_v5(&world.partner.tenant_id, STRANGER.as_bytes()),
            domain: format!("{STRANGER}.example"),
            ..Customer::default()
        });
        edit(&mut world);
        assert_eq!(world.problems(), Vec::<String>::new(), "the world contradicts itself");
        let waits = history::chance(seed, usize::MAX - 1003).u8(0..3) == 0;
        let deferral = if waits { Deferral::Wait } else { Deferral::Leave };
        Self { simulator: Simulator::new(world, seed), books: Books::new(seed), deferral, seed }
    }

    /// What time it really is, whatever the program believes.
    pub(crate) fn now(&self) -> Timestamp {
        self.simulator.now()
    }

    /// Waits until then.
    pub(crate) async fn wait_until(&self, at: Timestamp) {
        tokio::time::sleep(Duration::try_from(at.duration_since(self.now())).unwrap_or_default()).await;
    }

    /// Gives customers that the files name and nobody has seen yet a tenant.
    pub(crate) fn settle_newcomers(&self, desired: &DesiredState) {
        let known = self.simulator.world();
        let is_new = |tenant| known.customers.iter().all(|c| c.tenant_id != tenant);
        if desired.customers.values().any(|customer| is_new(customer.tenant.uuid())) {
            let described = world(desired, self.now()).customers;
            let new = described.into_iter().filter(|customer| is_new(customer.tenant_id));
            self.simulator.edit(|world| world.customers.extend(new));
        }
    }

    /// A new process that dies with its `calls`th request: the service carries it out, and nobody hears the answer. Its clock
    /// is off by `skew`.
    pub(crate) fn process(&mut self, calls: usize, skew: SignedDuration, journal: Which) -> Process {
        let death = Arc::new(Notify::new());
        let transport = embedded::transport(self.simulator.router());
        let clock = Clock::starting_at(self.now() + skew);
        let client = self.client(dying(transport, calls, Arc::clone(&death)), clock);
        Process { client, death, journal: self.books.open(journal, clock), deferral: self.deferral }
    }

    fn client(&self, transport: Transport, clock: Clock) -> Client {
        let known = self.simulator.world().client;
        let base = |service: &str| format!("{}/{service}", embedded::BASE);
        let endpoints = Endpoints::of(Cloud::Global)
            .with_login(&base("login"))
            .and_then(|e| e.with_graph(&base("graph")))
            .and_then(|e| e.with_arm(&base("arm")))
            .expect("the embedded simulator has addresses");
        let credential = Credential::client_secret(ClientId::new(known.id), known.secret.into());
        Client::new(transport, endpoints, credential, clock, self.seed)
    }

    /// After how long every write shows everywhere, unless a fault hides it longer.
    pub(crate) fn lag(&self) -> SignedDuration {
        let lag = Duration::from_secs_f64(self.simulator.world().lag.max_seconds);
        SignedDuration::try_from(lag).unwrap_or(SignedDuration::MAX) + SignedDuration::from_millis(10)
    }

    /// Plans everything now, as a new process.
    pub(crate) async fn plan(&mut self, desired: &DesiredState) -> Plan {
        let process = self.process(usize::MAX, SignedDuration::ZERO, Which::First);
        let memory = process.journal.memory().await;
        plan(&process.client, desired, &memory).await
    }
}

async fn plan(client: &Client, desired: &DesiredState, memory: &Memory) -> Plan {
    let pass = Pass { client, desired, memory, progress: &|_| {} };
    reconcile::plan(&pass, &Selection::All, client.clock().now()).await
}

/// One pass of one process, from reading to reading again. What was planned is handed out before the first write.
pub(crate) async fn pass(process: &Process, desired: &DesiredState, planned: &mut Option<Plan>) -> Report {
    let Process { client, journal, deferral, .. } = process;
    let memory = journal.memory().await;
    let made = plan(client, desired, &memory).await;
    *planned = Some(made.clone());
    let pass = Pass { client, desired, memory: &memory, progress: &|_| {} };
    let how = How { halt: &Halt::never(), deferral: *deferral, journal };
    reconcile::apply(&pass, made, how).await
}

/// When every run begins.
pub(crate) fn start() -> Timestamp {
    START.parse().expect("a literal timestamp parses")
}

/// What the files say.
pub(crate) fn read(files: &Files) -> DesiredState {
    try_read(files).unwrap_or_else(|problems| panic!("the files are not valid: {problems}"))
}

/// What the files say, or what is wrong with them.
pub(crate) fn try_read(files: &Files) -> Result<DesiredState, String> {
    let read = desired::read_texts(Sources::new(files.written()));
    let state = read.state.ok_or_else(|| format!("{:#?}", read.diagnostics))?;
    let stop = files.stop.then(|| "somebody pulled the brake".to_owned());
    Ok(DesiredState { stop, ..state })
}
