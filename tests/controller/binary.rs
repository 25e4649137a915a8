//! The real binary against a simulator over loopback: start, change a file, die, start again, end.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::cli::{Simulation, example_in};

/// A controller, ended with the test whatever becomes of it.
struct Running(Child);

impl Running {
    fn start(simulation: &Simulation, files: &Path, journal: &str) -> Self {
        let mut command = simulation.groupsync();
        command.args(["run", "--interval", "1m", "--grace", "20s", "--journal", journal]).arg(files);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks it to end, and says with which code it did.
    fn end(&mut self) -> Option<i32> {
        let ask = format!("kill -TERM {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &ask]).status().unwrap().success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whether it still runs depends on how the test went.
        if self.0.try_wait().is_ok_and(|status| status.is_none()) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }
}

/// Asks for plans until one is empty: each takes a while, and a controller that works needs only a few.
fn converges(simulation: &Simulation, files: &Path) {
    let mut last = None;
    for _ in 0..200 {
        let output = simulation.groupsync().args(["plan", "--exit-code"]).arg(files).output().unwrap();
        if output.status.code() == Some(0) {
            return;
        }
        last = Some(output);
    }
    panic!("it never converged: {:#?}", last.map(|output| String::from_utf8(output.stdout)));
}

fn edit(files: &Path, path: &str, from: &str, to: &str) {
    let path = files.join(path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_controller_converges_is_killed_starts_again_and_ends_when_asked() {
    let files = tempfile::tempdir().unwrap();
    example_in(files.path());
    let simulation = Simulation::of(files.path());
    let kept = tempfile::tempdir().unwrap();
    let journal = format!("sqlite:{}", kept.path().join("journal.sqlite").display());
    let first = Running::start(&simulation, files.path(), &journal);
    converges(&simulation, files.path());
    // Only somebody who watches the files carries this out.
    let path = "customers/contoso/customer.yaml";
    let (from, to) =
        ("Contoso_BackupOperators:\n", "Contoso_BackupOperators:\n      as: Contoso backup team\n");
    edit(files.path(), path, from, to);
    converges(&simulation, files.path());
    edit(files.path(), path, to, from);
    first.kill();
    let mut second = Running::start(&simulation, files.path(), &journal);
    converges(&simulation, files.path());
    assert_eq!(second.end(), Some(0), "asked to end, it ends well");
    let register = simulation.groupsync().args(["register", "--journal", &journal]).output().unwrap();
    let register = String::from_utf8(register.stdout).unwrap();
    assert!(register.contains("ada@fabrikam.example"), "what it did stands in the journal: {register}");
}

/// Asked to end while a call is in flight, it waits for the answer and writes it down, and begins no other.
#[test]
fn a_controller_that_is_asked_to_end_finishes_the_call_in_flight_and_writes_it_down() {
    let files = tempfile::tempdir().unwrap();
    example_in(files.path());
    let simulation = Simulation::of(files.path());
    let kept = tempfile::tempdir().unwrap();
    let journal = format!("sqlite:{}", kept.path().join("journal.sqlite").display());
    let slow =
        r#"[{"service": "graph", "method": "POST", "route": "/invitations", "fault": "slow", "delay": 3}]"#;
    simulation.steer("POST", "faults", slow);
    let mut running = Running::start(&simulation, files.path(), &journal);
    let invitations = || {
        let answer = simulation.steer("GET", "requests", "");
        let (from, to) = (answer.find('{').unwrap(), answer.rfind('}').unwrap());
        let log: serde_json::Value = serde_json::from_str(&answer[from..=to]).unwrap();
        let of = |entry: &&serde_json::Value| entry["route"] == "/invitations";
        log["requests"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of)
            .map(|entry| entry["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    let begun = (0..100_000).any(|_| invitations() > 0);
    assert!(begun, "nobody was invited");
    assert_eq!(running.end(), Some(0), "asked to end, it ends well");
    let sent = invitations();
    assert!((1..=3).contains(&sent), "{sent} invitations: one at each customer at most");
    let export = simulation.groupsync().args(["journal", "export", "--journal", &journal]).output().unwrap();
    let export = String::from_utf8(export.stdout).unwrap();
    let done = export
        .lines()
        .filter(|line| {
            line.contains("\"ended\"") && line.contains("inviteGuest/") && line.contains("\"done\"")
        })
        .count();
    assert_eq!(done as u64, sent, "{export}");
}
