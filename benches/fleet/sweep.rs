//! The sweep in which nothing is to be done, in real time: the simulator in a child process, everything else in this one.

use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::process::{Command, Stdio};
use std::time::Instant;

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
use crate::{Args, memory, processor_seconds, slow};

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
        let router = stage.simulator.router();
        let parent_ends = tokio::task::spawn_blocking(|| {
            let _the_parent_is_gone = std::io::stdin().lines().next();
        });
        tokio::select! {
            served = axum::serve(listener, router) => served.expect("it serves"),
            _ = parent_ends => println!("{}", json!({ "residentKb": memory("VmRSS:") })),
        }
    });
}

/// Sweeps, and says what it took.
pub(crate) fn measure(args: &Args) -> Value {
    let mut child = Command::new(std::env::current_exe().expect("this program has a path"))
        .args(std::env::args().skip(1))
        .arg("--simulate")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts");
    let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut next = || -> Value {
        let line = said.next().expect("the simulator speaks").expect("it can be read");
        serde_json::from_str(&line).expect("it speaks JSON")
    };
    let ready = next();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut numbers = runtime.block_on(sweeps(args, &ready));
    drop(child.stdin.take());
    numbers["simulatorResidentKb"] = next()["residentKb"].clone();
    child.wait().expect("it ends");
    numbers
}

async fn sweeps(args: &Args, ready: &Value) -> Value {
    let text = |key: &str| ready[key].as_str().expect("the simulator says it").to_owned();
    let base = format!("http://{}", text("address"));
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
