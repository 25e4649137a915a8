//! What a fleet costs in time, requests and memory: a sweep in which nothing is to be done, a controller that sits there, a leaver
//! who goes everywhere, grants that all end at one instant, a roll-out.
//!
//! A sweep and the controller run in real time, with the simulator in a process of its own behind a loopback address: processor,
//! memory and wall clock are those of this machine. The other works run in virtual time in one process, where only answers, quotas and
//! our own waits take time: their seconds are the same on every machine, and do not contain the processor's.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, reads the clock and says how loaded the machine is"
)]

#[path = "../../tests/stage/mod.rs"]
#[allow(dead_code, reason = "the stage is the tests'; only a part of it is needed here")]
mod stage;
mod controller;
mod sweep;
mod work;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use clap::{Parser, ValueEnum};
use groupsync::client::transport::Transport;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use crate::stage::fleet::Shape;

/// Measures one piece of work on a fleet of one size.
#[derive(Debug, Clone, Parser)]
struct Args {
    /// What is measured.
    #[arg(long)]
    work: Work,
    /// How many customers there are.
    #[arg(long, default_value_t = 300)]
    customers: usize,
    /// Groups over all customers.
    #[arg(long, default_value_t = 1_200)]
    groups: usize,
    /// People in each group.
    #[arg(long, default_value_t = 10)]
    members: usize,
    /// Subscriptions over all customers.
    #[arg(long, default_value_t = 800)]
    subscriptions: usize,
    /// How long every answer takes.
    #[arg(long, default_value_t = 100)]
    latency_ms: u64,
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How fast the quotas are used; 1 is as fast as they allow.
    #[arg(long, default_value_t = 1.0)]
    pace: f64,
    /// Writes the numbers to a file, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The process of the simulator.
    #[arg(long, hide = true)]
    simulate: bool,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Work {
    /// Every customer read and planned while nothing is to be done.
    Sweep,
    /// `groupsync run` over a fleet in which nothing is to be done, for a quarter of an hour.
    Controller,
    /// One person's account is disabled: gone from every customer.
    Leaver,
    /// A grant at every customer, all ending at one instant.
    Grants,
    /// Everything the files ask for, in tenants that hold none of it.
    RollOut,
}

impl Args {
    fn shape(&self) -> Shape {
        let Self { customers, groups, members, subscriptions, .. } = *self;
        Shape { customers, groups, members, subscriptions }
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms)
    }
}

fn main() {
    let args = Args::parse();
    if args.simulate {
        return sweep::simulate(&args);
    }
    let numbers = match args.work {
        Work::Sweep => sweep::measure(&args),
        Work::Controller => controller::measure(&args),
        Work::Leaver => work::leaver(&args),
        Work::Grants => work::grants(&args),
        Work::RollOut => work::roll_out(&args),
    };
    let document = json!({
        "work": format!("{:?}", args.work),
        "customers": args.customers,
        "groups": args.groups,
        "members": args.members,
        "subscriptions": args.subscriptions,
        "latencyMs": args.latency_ms,
        "seed": args.seed,
        "pace": args.pace,
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "load": fs::read_to_string("/proc/loadavg").unwrap_or_default().trim(),
        "numbers": numbers,
    });
    let text = serde_json::to_string_pretty(&document).expect("JSON can be written");
    if let Some(path) = &args.json {
        fs::write(path, text.clone() + "\n").expect("the file for the numbers can be written");
    }
    println!("{text}");
}

/// A transport whose answers take so long.
fn slow(transport: Transport, latency: Duration) -> Transport {
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let transport = transport.clone();
        async move {
            tokio::time::sleep(latency).await;
            transport.oneshot(request).await
        }
    }))
}

/// The half and the hundredth that took longest, and the longest.
fn percentiles(mut seconds: Vec<f64>) -> Value {
    seconds.sort_by(f64::total_cmp);
    let at = |percent: usize| seconds.get((seconds.len() * percent).div_ceil(100).saturating_sub(1));
    json!({ "count": seconds.len(), "p50": at(50), "p99": at(99), "max": seconds.last() })
}

/// What the system says about this process's memory, in kB.
fn memory(key: &str) -> Option<u64> {
    memory_of("self", key)
}

/// The same of any process.
fn memory_of(process: &str, key: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}

/// The processor time of this process, where the system tells: hundredths of a second, user and system.
fn processor_seconds() -> Option<f64> {
    processor_seconds_of("self")
}

/// The same of any process.
fn processor_seconds_of(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}
