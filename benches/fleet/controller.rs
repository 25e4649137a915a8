//! The real controller over a whole fleet in real time: how long until every customer is known to be good, and what it costs to
//! sit there.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::fleet;
use crate::sweep::Simulation;
use crate::{Args, memory_of, processor_seconds_of};

/// How long it is watched after its first look at everybody, and again over one whole interval.
const IDLE: Duration = Duration::from_mins(2);
/// The interval that `groupsync run` has when nobody says anything.
const INTERVAL: Duration = Duration::from_mins(10);
/// Longer than this nobody waits for a first look at everybody.
const PATIENCE: Duration = Duration::from_mins(20);

/// A process that ends with this one.
struct Controller(Child);

impl Drop for Controller {
    fn drop(&mut self) {
        // It may have ended by itself, and what was measured stands.
        let _gone = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Starts it, waits until every customer is good, and watches it.
pub(crate) fn measure(args: &Args) -> Value {
    let simulation = Simulation::start();
    let dir = tempfile::tempdir().expect("a directory");
    let files = dir.path().join("desired-state");
    fs::create_dir(&files).expect("ours to write");
    fleet::files(&files, args.shape());
    let address = free_address();
    let journal = format!("sqlite:{}", dir.path().join("journal.sqlite").display());
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_groupsync"));
    command.args(["run", "--listen", &address.to_string(), "--journal", &journal]).arg(&files);
    command.env_clear().envs(simulation.variables()).stdout(Stdio::null()).stderr(Stdio::null());
    let controller = Controller(command.spawn().expect("it starts"));
    let id = controller.0.id().to_string();
    let good = loop {
        std::thread::sleep(Duration::from_millis(250));
        let metrics = metrics(address);
        if let Some(good) = good(&metrics)
            && good >= args.customers
        {
            break good;
        }
        assert!(start.elapsed() < PATIENCE, "not every customer became good: {metrics}");
    };
    let first = start.elapsed();
    let first_processor = processor_seconds_of(&id);
    let resident_first = memory_of(&id, "VmRSS:");
    let idle = watch(&id, IDLE);
    let whole = watch(&id, INTERVAL);
    let numbers = json!({
        "goodCustomers": good,
        "secondsUntilAllAreGood": first.as_secs_f64(),
        "processorSecondsUntilThen": first_processor,
        "residentKbThen": resident_first,
        "idle": idle,
        "overOneInterval": whole,
        "goodCustomersAfterwards": good_now(address),
        "peakKb": memory_of(&id, "VmHWM:"),
    });
    drop(controller);
    simulation.end();
    numbers
}

fn watch(id: &str, time: Duration) -> Value {
    let (start, before) = (Instant::now(), processor_seconds_of(id));
    std::thread::sleep(time);
    let spent = processor_seconds_of(id).zip(before).map(|(end, start)| end - start);
    let seconds = start.elapsed().as_secs_f64();
    json!({
        "seconds": seconds,
        "processorSeconds": spent,
        "percentOfACore": spent.map(|spent| 100.0 * spent / seconds),
        "residentKb": memory_of(id, "VmRSS:"),
    })
}

fn good_now(address: SocketAddr) -> Option<usize> {
    good(&metrics(address))
}

/// How many customers' last pass was good, as /metrics says.
fn good(metrics: &str) -> Option<usize> {
    let line = metrics
        .lines()
        .find(|line| line.starts_with("groupsync_customers_by_condition{condition=\"good\"}"))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// What /metrics says; nothing while it does not listen yet.
fn metrics(address: SocketAddr) -> String {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        std::io::Result::Ok(text)
    };
    ask().unwrap_or_default()
}

/// A port that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound")
}
