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
