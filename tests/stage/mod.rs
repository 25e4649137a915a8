//! A place where the whole line runs: files in a directory of their own, the simulator behind the real client, virtual time.

pub(crate) mod dying;
pub(crate) mod fleet;
pub(crate) mod work;

use std::path::Path;
use std::sync::Arc;

use groupsync::cli::{embedded, world::world};
use groupsync::client::Client;
use groupsync::client::endpoints::Endpoints;
use groupsync::client::halt::Halt;
use groupsync::client::token::Credential;
use groupsync::client::transport::Transport;
use groupsync::clock::Clock;
use groupsync::desired;
use groupsync::desired::state::DesiredState;
use groupsync::execute::Deferral;
use groupsync::journal::Journal;
use groupsync::model::ids::ClientId;
use groupsync::plan::value::Plan;
use groupsync::reconcile::{self, How, Pass, Progress, Report, Selection};
use groupsync::simulator::Simulator;
use groupsync::simulator::world::World;
use tempfile::TempDir;
use tokio::sync::Notify;

use self::dying::dying;

/// When every stage starts.
pub(crate) const START: &str = "2030-01-01T09:00:00Z";

/// Files, tenants and time.
pub(crate) struct Stage {
    pub(crate) dir: TempDir,
    pub(crate) simulator: Simulator,
    pub(crate) clock: Clock,
    /// Where everything is written down; nowhere unless a test says so.
    pub(crate) journal: Journal,
    seed: u64,
}

impl Stage {
    /// A stage with these files, in the world they describe, changed by `edit` before anything runs.
    pub(crate) fn new(write: impl FnOnce(&Path), seed: u64, edit: impl FnOnce(&mut World)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        write(dir.path());
        let start = START.parse().expect("a literal timestamp parses");
        let mut world = world(&read(dir.path()), start);
        edit(&mut world);
        assert_eq!(world.problems(), Vec::<String>::new(), "the world contradicts itself");
        let simulator = Simulator::new(world, seed);
        Self { dir, simulator, clock: Clock::starting_at(start), journal: Journal::none(), seed }
    }

    /// What the files say now.
    pub(crate) fn desired(&self) -> DesiredState {
        read(self.dir.path())
    }

    /// A new process: no token, no budget used.
    pub(crate) fn client(&self) -> Client {
        self.client_over(embedded::transport(self.simulator.router()))
    }

    /// A new process that dies with its `calls`th request: the service carries it out, and nobody hears the answer.
    pub(crate) fn mortal_client(&self, calls: usize) -> (Client, Arc<Notify>) {
        let death = Arc::new(Notify::new());
        let transport = dying(embedded::transport(self.simulator.router()), calls, Arc::clone(&death));
        (self.client_over(transport), death)
    }

    /// A new process that knows another secret than the application's own.
    pub(crate) fn client_with_secret(&self, secret: &str) -> Client {
        self.client_knowing(secret, embedded::transport(self.simulator.router()))
    }

    /// A new process that reaches the services that way.
    pub(crate) fn client_over(&self, transport: Transport) -> Client {
        self.client_knowing(&self.simulator.world().client.secret, transport)
    }

    fn client_knowing(&self, secret: &str, transport: Transport) -> Client {
        let id = ClientId::new(self.simulator.world().client.id);
        let base = |service: &str| format!("{}/{service}", embedded::BASE);
        let endpoints = Endpoints::of(groupsync::model::cloud::Cloud::Global)
            .with_login(&base("login"))
            .and_then(|e| e.with_graph(&base("graph")))
            .and_then(|e| e.with_arm(&base("arm")))
            .expect("the embedded simulator has addresses");
        let credential = Credential::client_secret(id, secret.to_owned().into());
        Client::new(transport, endpoints, credential, self.clock, self.seed)
    }

    /// Plans everything now.
    pub(crate) async fn plan(&self) -> Plan {
        self.plan_with(&self.client(), &self.desired()).await
    }

    /// Plans everything now, with that client and those files.
    pub(crate) async fn plan_with(&self, client: &Client, desired: &DesiredState) -> Plan {
        let memory = self.journal.memory().await;
        let pass = Pass { client, desired, memory: &memory, progress: &|_| {} };
        reconcile::plan(&pass, &Selection::All, self.clock.now()).await
    }

    /// Plans everything and applies it, as one process.
    pub(crate) async fn apply(&self) -> Report {
        self.apply_with(&self.client(), &self.desired(), &Halt::never(), Deferral::Leave).await
    }

    /// Plans everything and applies it.
    pub(crate) async fn apply_with(
        &self,
        client: &Client,
        desired: &DesiredState,
        halt: &Halt,
        deferral: Deferral,
    ) -> Report {
        let plan = self.plan_with(client, desired).await;
        let memory = self.journal.memory().await;
        let pass = Pass { client, desired, memory: &memory, progress: &|_| {} };
        let how = How { halt, deferral, journal: &self.journal };
        reconcile::apply(&pass, plan, how).await
    }

    /// Applies a plan that was made before.
    pub(crate) async fn carry_out(&self, plan: Plan) -> Report {
        self.carry_out_with(plan, &Halt::never(), Deferral::Leave, &|_| {}).await
    }

    /// Applies a plan that was made before, told of its progress.
    pub(crate) async fn carry_out_with(
        &self,
        plan: Plan,
        halt: &Halt,
        deferral: Deferral,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Report {
        let (client, desired, memory) = (self.client(), self.desired(), self.journal.memory().await);
        let pass = Pass { client: &client, desired: &desired, memory: &memory, progress };
        let how = How { halt, deferral, journal: &self.journal };
        reconcile::apply(&pass, plan, how).await
    }

    /// Adds a file to the tree, or replaces one.
    pub(crate) fn write(&self, path: &str, text: &str) {
        write(self.dir.path(), path, text);
    }
}

/// The partner of most tests.
pub(crate) const PARTNER: &str = "apiVersion: groupsync.dev/v1
kind: Partner
metadata: {name: fabrikam}
spec:
  tenantId: 0f1e2d3c-1111-4000-8000-0000000000aa
  staffDomains: [fabrikam.example]
  adminAgents: 0f1e2d3c-1111-4000-8000-0000000000a1
  helpdeskAgents: 0f1e2d3c-1111-4000-8000-0000000000a2
";

/// Writes a file below `dir`.
pub(crate) fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("ours to write");
    std::fs::write(path, text).expect("ours to write");
}

/// Reads a tree that must be valid.
pub(crate) fn read(dir: &Path) -> DesiredState {
    let read = desired::read(dir);
    read.state.unwrap_or_else(|| panic!("the files are not valid: {:#?}", read.diagnostics))
}
