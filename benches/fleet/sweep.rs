//! The sweep in which nothing is to be done, in real time: the simulator in a child process, everything else in this one.

use std::io::{BufRead as _, BufReader, Lines, Write as _, stdout};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use groupsync::client::Client;
use groupsync::client::endpoints::Endpoints;
use groupsync::client::token::Credential;
use groupsync::client::transport::on_this_machine;
use groupsync::clock::Clock;
use groupsync::collect;
use groupsync::collect::cache::Cache;
use groupsync::model::cloud::Cloud;
use groupsync::plan::memory::Memory;
use groupsync::plan::value::CustomerPlan;
use groupsync::reconcile::{self, Pass, Selection};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stage::{self, Stage, fleet};
use crate::{Args, Work, memory, processor_seconds, slow};

/// Sweeps after the first; the caches are warm then.
const WARM: usize = 3;

/// Rolls the fleet out in virtual time, then serves it in real time until the end of the input.
pub(crate) fn simulate(args: &Args) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let stage = Stage::new(|dir| fleet::files(dir, args.shape()), args.seed, |_| {});
        stage.apply().await;
        stage.simulator.clear_requests();
        tokio::time::resume();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let world = stage.simulator.world();
        let ready = json!({
            "address": listener.local_addr().expect("it is bound").to_string(),
            "now": stage.simulator.now(),
            "id": world.client.id,
            "secret": world.client.secret,
        });
        drop(world);
        println!("{ready}");
        stdout().flush().expect("somebody reads it");
        let latency = args.latency();
        let router = stage.simulator.router();
        // The sweep waits on its own side; a process of somebody else's must be made to wait.
        let router = if args.work == Work::Controller {
            let late = move |request: Request, next: Next| async move {
                tokio::time::sleep(latency).await;
                next.run(request).await
            };
            router.layer(axum::middleware::from_fn(late))
        } else {
            router
        };
        let parent_ends = tokio::task::spawn_blocking(|| {
            let _the_parent_is_gone = std::io::stdin().lines().next();
        });
        tokio::select! {
            served = axum::serve(listener, router) => served.expect("it serves"),
            _ = parent_ends => println!("{}", json!({ "residentKb": memory("VmRSS:") })),
        }
    });
}

/// The simulator's process.
pub(crate) struct Simulation {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    ready: Value,
}

impl Simulation {
    /// This program once more, as the simulator of the same fleet; waits until it serves.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(std::env::args().skip(1))
            .arg("--simulate")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts");
        let said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut simulation = Self { child, said, ready: Value::Null };
        simulation.ready = simulation.next();
        simulation
    }

    fn next(&mut self) -> Value {
        let line = self.said.next().expect("the simulator speaks").expect("it can be read");
        serde_json::from_str(&line).expect("it speaks JSON")
    }

    fn text(&self, key: &str) -> String {
        self.ready[key].as_str().expect("the simulator says it").to_owned()
    }

    fn base(&self) -> String {
        format!("http://{}", self.text("address"))
    }

    /// Where it is and how to sign in, as the environment of `groupsync` says it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 5] {
        let base = self.base();
        [
            ("GROUPSYNC_LOGIN_URL", format!("{base}/login")),
            ("GROUPSYNC_GRAPH_URL", format!("{base}/graph")),
            ("GROUPSYNC_ARM_URL", format!("{base}/arm")),
            ("AZURE_CLIENT_ID", self.text("id")),
            ("AZURE_CLIENT_SECRET", self.text("secret")),
        ]
    }

    /// Ends it; its memory.
    pub(crate) fn end(mut self) -> Value {
        drop(self.child.stdin.take());
        let resident = self.next()["residentKb"].clone();
        self.child.wait().expect("it ends");
        resident
    }
}

/// Sweeps, and says what it took.
pub(crate) fn measure(args: &Args) -> Value {
    let simulation = Simulation::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut numbers = runtime.block_on(sweeps(args, &simulation));
    numbers["simulatorResidentKb"] = simulation.end();
    numbers
}

async fn sweeps(args: &Args, simulation: &Simulation) -> Value {
    let text = |key: &str| simulation.text(key);
    let base = simulation.base();
    let endpoints = Endpoints::of(Cloud::Global)
        .with_login(&format!("{base}/login"))
        .and_then(|e| e.with_graph(&format!("{base}/graph")))
        .and_then(|e| e.with_arm(&format!("{base}/arm")))
        .expect("addresses of this machine");
    let id = text("id").parse().expect("an id");
    let credential = Credential::client_secret(id, text("secret").into());
    let clock = Clock::starting_at(text("now").parse().expect("a time"));
    let transport = slow(on_this_machine().expect("a transport"), args.latency());
    let client = Client::new(transport, endpoints, credential, clock, args.seed).with_pace(args.pace);

    let before_files = Instant::now();
    let dir = tempfile::tempdir().expect("a directory");
    fleet::files(dir.path(), args.shape());
    let read = Instant::now();
    let desired = stage::read(dir.path());
    let (written, read) = (read - before_files, read.elapsed());
    let resident_files = memory("VmRSS:");

    let none = Memory::default();
    let pass = Pass { client: &client, desired: &desired, memory: &none, progress: &|_| {} };
    let (partner, cache) = (collect::partner(&client, &desired).await, Cache::new());
    let mut sweeps = Vec::new();
    for _ in 0..=WARM {
        let (start, before, processor) = (Instant::now(), client.spent(), processor_seconds());
        let plan = reconcile::plan_for(&pass, &Selection::All, &partner, &cache, clock.now()).await;
        let spent = client.spent() - before;
        let quiet = |customer: &&CustomerPlan| customer.operations.is_empty() && customer.is_clean();
        let processor = processor_seconds().zip(processor).map(|(end, start)| end - start);
        sweeps.push(json!({
            "seconds": start.elapsed().as_secs_f64(),
            "processorSeconds": processor,
            "graphRequests": spent.graph,
            "azureRequests": spent.azure,
            "quietCustomers": plan.customers.iter().filter(quiet).count(),
            "residentKb": memory("VmRSS:"),
        }));
    }
    json!({
        "writeFilesSeconds": written.as_secs_f64(),
        "readFilesSeconds": read.as_secs_f64(),
        "residentKbWithFiles": resident_files,
        "first": sweeps.remove(0),
        "warm": sweeps,
        "peakKb": memory("VmHWM:"),
    })
}
