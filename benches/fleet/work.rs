//! Works in virtual time: a leaver, grants that end, a roll-out.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use groupsync::cli::embedded;
use groupsync::client::Client;
use groupsync::client::halt::Halt;
use groupsync::collect;
use groupsync::collect::cache::Cache;
use groupsync::collect::watch::Watch;
use groupsync::execute::Deferral;
use groupsync::model::names::CustomerName;
use groupsync::observed::partner::Partner;
use groupsync::plan::operation::Kind;
use groupsync::plan::outcome::Status;
use groupsync::plan::value::Plan;
use groupsync::reconcile::{self, How, Pass, Progress, Report, Selection};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::stage::{START, Stage, fleet, write};
use crate::{Args, memory, percentiles, processor_seconds, slow};

/// How often the partner's change feeds are asked.
const POLL: Duration = Duration::from_secs(15);

/// Runs in virtual time and adds what it cost on this machine.
fn virtual_time(work: impl AsyncFnOnce() -> Value) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let mut numbers = runtime.block_on(work());
    numbers["processorSecondsWithSimulator"] = json!(processor_seconds());
    numbers["peakKbWithSimulator"] = json!(memory("VmHWM:"));
    numbers
}

/// The account of the first person of the first team is disabled right after a poll of the feeds. Measured is until the
/// service says of each customer's group that she is out.
pub(crate) fn leaver(args: &Args) -> Value {
    virtual_time(async || {
        let stage = Stage::new(|dir| fleet::files(dir, args.shape()), args.seed, |_| {});
        stage.apply().await;
        let (client, desired, cache) = (client(&stage, args), stage.desired(), Cache::new());
        let mut watch = Watch::new();
        for _ in 0..2 {
            let changes = watch.poll(&client, &desired, &cache).await;
            watch.read(&client, &desired, &cache, &changes).await;
        }
        let leaver = fleet::person(0);
        stage.simulator.edit(|world| {
            let user = world.partner.users.iter_mut().find(|user| user.id == leaver).expect("a colleague");
            user.account_enabled = false;
        });
        let disabled = stage.clock.now();
        let (mut ended, mut told) = (Vec::new(), None);
        for _ in 0..4 {
            tokio::time::sleep(POLL).await;
            let changes = watch.poll(&client, &desired, &cache).await;
            let concerned = watch.read(&client, &desired, &cache, &changes).await;
            if concerned.is_empty() {
                continue;
            }
            told.get_or_insert_with(|| since(disabled, stage.clock.now()));
            let partner = watch.partner().expect("it was read");
            let (_, times) = pass(&stage, &client, partner, &cache, concerned, Kind::RemoveMembers).await;
            ended.extend(times.into_iter().map(|time| since(disabled, time)));
        }
        json!({ "secondsToBeTold": told, "secondsUntilOut": percentiles(ended) })
    })
}

/// A grant at every customer ends at one instant, at which the customers concerned are read, planned and written.
pub(crate) fn grants(args: &Args) -> Value {
    const END: &str = "2030-01-01T20:00:00Z";
    virtual_time(async || {
        let files = |dir: &Path| {
            fleet::files(dir, args.shape());
            for nth in 0..args.customers {
                let (name, guest) = (fleet::customer(nth), 1_000_000 + nth);
                let grant = format!(
                    "apiVersion: groupsync.dev/v1\nkind: Grant\nmetadata: {{name: inc-1}}\nspec:\n  group: Group_0\n  \
                     person: {{p{guest}@fabrikam.example: {}}}\n  notBefore: {START}\n  expires: {END}\n  reason: a restore\n",
                    fleet::person(guest)
                );
                write(dir, &format!("customers/{name}/grants/inc-1.yaml"), &grant);
            }
        };
        let stage = Stage::new(files, args.seed, |_| {});
        stage.apply().await;
        let (client, desired, cache) = (client(&stage, args), stage.desired(), Cache::new());
        let partner = collect::partner(&client, &desired).await;
        // Tokens and caches are warm when a controller comes to it.
        let warm = desired.customers.keys().cloned().collect();
        pass(&stage, &client, &partner, &cache, warm, Kind::RemoveMembers).await;
        let end: Timestamp = END.parse().expect("a time");
        tokio::time::sleep(Duration::from_secs_f64(since(stage.clock.now(), end))).await;
        let concerned = desired.customers.keys().cloned().collect();
        let (report, times) = pass(&stage, &client, &partner, &cache, concerned, Kind::RemoveMembers).await;
        let times = times.into_iter().map(|time| since(end, time)).collect();
        json!({ "secondsUntilOut": percentiles(times), "forecastSeconds": report.cost.forecast.time })
    })
}

/// Everything from nothing, as fast as the quotas allow.
pub(crate) fn roll_out(args: &Args) -> Value {
    virtual_time(async || {
        let stage = Stage::new(|dir| fleet::files(dir, args.shape()), args.seed, |_| {});
        let client = client(&stage, args);
        let desired = stage.desired();
        let plan = stage.plan_with(&client, &desired).await;
        let (begun, sent) = (stage.clock.now(), client.spent());
        let (mut minutes, mut refused) = (Vec::new(), refusals(&stage));
        let refused_reading = refused;
        let memory = stage.journal.memory().await;
        let pass = Pass { client: &client, desired: &desired, memory: &memory, progress: &|_| {} };
        let halt = Halt::never();
        let how = How { halt: &halt, deferral: Deferral::Leave, journal: &stage.journal };
        let mut applying = std::pin::pin!(reconcile::apply(&pass, plan, how));
        let report = loop {
            tokio::select! {
                report = &mut applying => break report,
                () = tokio::time::sleep(Duration::from_mins(1)) => {
                    minutes.push((client.spent() - sent).writes);
                    refused += refusals(&stage);
                }
            }
        };
        refused += refusals(&stage);
        let (from, to) = (5, minutes.len().min(40));
        let rate =
            (to > from).then(|| (minutes[to - 1] - minutes[from - 1]) as f64 / (60.0 * (to - from) as f64));
        json!({
            "writes": report.cost.fact.usage.writes,
            "forecastWrites": report.cost.forecast.usage.writes,
            "seconds": report.cost.fact.time.as_secs_f64(),
            "forecastSeconds": report.cost.forecast.time,
            "secondsWithReadingAgain": since(begun, stage.clock.now()),
            "writesPerSecondMinutes5To": to,
            "writesPerSecond": rate,
            "quotaWritesPerSecond": 35_000.0 / 300.0,
            "writesByMinute": minutes,
            "refusedReading": refused_reading,
            "refused": refused,
            "done": done(&report),
        })
    })
}

fn client(stage: &Stage, args: &Args) -> Client {
    let transport = slow(embedded::transport(stage.simulator.router()), args.latency());
    stage.client_over(transport).with_pace(args.pace)
}

/// Reads, plans and writes these customers; when the last operation of that kind ended at each.
async fn pass(
    stage: &Stage,
    client: &Client,
    partner: &Partner,
    cache: &Cache,
    customers: BTreeSet<CustomerName>,
    kind: Kind,
) -> (Report, Vec<Timestamp>) {
    let (desired, memory) = (stage.desired(), stage.journal.memory().await);
    let times = Mutex::new(Vec::new());
    let progress = |progress: Progress<'_>| {
        if let Progress::Ended(_, outcome) = progress
            && outcome.kind == kind
            && outcome.status == Status::Done
        {
            times.lock().unwrap_or_else(PoisonError::into_inner).push(stage.clock.now());
        }
    };
    let pass = Pass { client, desired: &desired, memory: &memory, progress: &progress };
    let selection = Selection::Only(customers);
    let plan: Plan = reconcile::plan_for(&pass, &selection, partner, cache, stage.clock.now()).await;
    let halt = Halt::never();
    let how = How { halt: &halt, deferral: Deferral::Leave, journal: &stage.journal };
    let report = reconcile::apply(&pass, plan, how).await;
    (report, times.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Requests that were answered 429 since this was last asked.
fn refusals(stage: &Stage) -> usize {
    let refused = stage.simulator.requests().iter().filter(|request| request.status == 429).count();
    stage.simulator.clear_requests();
    refused
}

fn done(report: &Report) -> bool {
    let mut outcomes = report.outcomes.iter().flat_map(|customer| &customer.outcomes);
    outcomes.all(|outcome| matches!(outcome.status, Status::Done | Status::AlreadySo))
}

fn since(begin: Timestamp, end: Timestamp) -> f64 {
    end.duration_since(begin).as_secs_f64()
}
