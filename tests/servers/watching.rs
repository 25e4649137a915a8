//! Programs nobody here wrote against the HTTP side of the controller: Debian's Prometheus and a browser.

#[path = "../http/fleet.rs"]
mod fleet;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use groupsync::clock::Clock;
use groupsync::controller::http::token::TokenFile;
use groupsync::controller::http::{Server, serve};
use groupsync::journal::Journal;
use groupsync::model::ids::TenantId;
use groupsync::telemetry::metrics::{Detail, Metrics};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::simulation::{Simulation, javascript, target};

const TOKEN: &str = "a-token-for-tests-0123456789";

/// A controller's HTTP side on a port of this machine, with 3,000 customers on its board.
struct Watched {
    address: SocketAddr,
    _runtime: Runtime,
    _token: TempDir,
}

impl Watched {
    fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("token");
        fs::write(&file, TOKEN).expect("ours to write");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("bound");
        runtime.spawn(async move {
            let server = Server {
                board: fleet::board(3_000),
                metrics: Metrics::new(Detail::Customers),
                clock: Clock::starting_at(fleet::now()),
                partner: Arc::new(
                    "0f1e2d3c-1111-4000-8000-0000000000aa".parse::<TenantId>().expect("an id").into(),
                ),
                journal: Journal::none(),
                token: Some(TokenFile::open(&file).expect("a token")),
            };
            serve(server, listener, std::future::pending()).await
        });
        Self { address, _runtime: runtime, _token: directory }
    }
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; tests/run installs what is missing"))
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = run(command);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}:\n{said}");
    said
}

fn monitoring() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/monitoring")
}

#[test]
fn promtool_finds_nothing_to_say_about_the_metrics() {
    let watched = Watched::start();
    let text = succeeds(Command::new("curl").args([
        "--silent",
        "--fail",
        &format!("http://{}/metrics", watched.address),
    ]));
    assert!(text.contains("groupsync_customer_condition{condition=\"good\",customer=\"customer-2999\""));
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tests/run installs prometheus");
    check.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it listens");
    let output = check.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_alerts_fire_when_they_should_and_only_then() {
    succeeds(Command::new("promtool").current_dir(monitoring()).args(["check", "rules", "alerts.yaml"]));
    let said = succeeds(Command::new("promtool").current_dir(monitoring()).args([
        "test",
        "rules",
        "alerts.test.yaml",
    ]));
    assert!(said.contains("SUCCESS"), "{said}");
}

/// A test of rules that cannot fail would prove nothing.
#[test]
fn the_tests_of_the_alerts_fail_without_the_alert() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let rules = fs::read_to_string(monitoring().join("alerts.yaml")).expect("readable");
    let deaf = rules.replace("groupsync_overdue_withdrawals > 0", "groupsync_overdue_withdrawals > 99");
    assert_ne!(deaf, rules);
    fs::write(directory.path().join("alerts.yaml"), deaf).expect("ours to write");
    fs::copy(monitoring().join("alerts.test.yaml"), directory.path().join("alerts.test.yaml"))
        .expect("readable");
    let output =
        run(Command::new("promtool").current_dir(&directory).args(["test", "rules", "alerts.test.yaml"]));
    assert!(!output.status.success(), "promtool is content with anything");
}

/// Looks at the pages in Chromium; the pictures stay in `target/servers/pages`.
#[test]
fn a_browser_shows_the_status_pages_on_a_screen_and_on_a_phone() {
    let watched = Watched::start();
    let pictures = target().join("servers/pages");
    fs::create_dir_all(&pictures).expect("ours to write");
    let said = succeeds(
        javascript("page.js")
            .env("PAGE", format!("http://{}", watched.address))
            .env("TOKEN", TOKEN)
            .env("SHOTS", &pictures)
            .env("CHROMIUM", "/usr/bin/chromium"),
    );
    assert!(said.contains("ok: the browser complains about nothing"), "{said}");
}

/// A real controller against a real simulator, watched by a real Prometheus which also evaluates our rules.
#[test]
fn prometheus_scrapes_a_running_controller() {
    let simulation = Simulation::start_plain();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let address = format!("127.0.0.1:{}", free_port());
    let _controller = simulation.controller(&["--listen", &address]);
    let mut scrape = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/scrape"));
    scrape.current_dir(env!("CARGO_MANIFEST_DIR")).args([&address, &free_port().to_string()]);
    scrape.arg(directory.path());
    // Everything came true, was read again, and nobody is in the way of the loop.
    scrape.arg(
        "up == 1 and on (instance) groupsync_ready == 1 \
         and on (instance) sum by (instance) (groupsync_operations_total{outcome=\"done\"}) > 10 \
         and on (instance) sum by (instance) (groupsync_customers_by_condition{condition=\"good\"}) >= 1 \
         and on (instance) groupsync_overdue_withdrawals == 0",
    );
    let seen = succeeds(&mut scrape);
    assert!(seen.contains(&address), "{seen}");
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
