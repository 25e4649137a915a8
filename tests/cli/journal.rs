//! The journal and the register from the real binary.

use std::fs;
use std::process::Command;

use super::*;

/// A partner whose plan was applied with a journal.
struct Kept {
    files: tempfile::TempDir,
    elsewhere: tempfile::TempDir,
    simulation: Simulation,
}

impl Kept {
    fn new() -> Self {
        let files = example();
        let simulation = Simulation::of(files.path());
        Self { files, elsewhere: tempfile::tempdir().unwrap(), simulation }
    }

    fn path(&self) -> std::path::PathBuf {
        self.elsewhere.path().join("journal.db")
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    fn with_journal(&self, command: &str) -> Command {
        let mut run = self.simulation.groupsync();
        run.arg(command).arg(self.files.path()).env("GROUPSYNC_JOURNAL", self.url());
        run
    }

    fn journal(&self, arguments: &[&str]) -> Run {
        run(groupsync().args(arguments).args(["--journal", &self.url()]))
    }

    fn register(&self, arguments: &[&str]) -> Run {
        let mut register = groupsync();
        register.args(["register", "--journal", &self.url(), "--dir"]).arg(self.files.path());
        run(register.args(arguments))
    }
}

#[test]
fn what_apply_wrote_down_is_shown_checked_exported_and_remembered() {
    let kept = Kept::new();
    run(&mut kept.with_journal("plan")).expect(4).says("there is no journal");
    run(kept.with_journal("apply").arg("--yes")).expect(0);
    kept.journal(&["journal", "verify"]).expect(0).shows("every one as it was written").shows("with hash");
    kept.journal(&["journal", "show", "--last", "500"])
        .expect(0)
        .shows("began to write")
        .shows("accepted the files of")
        .shows("begins createGroup/")
        .shows("done createGroup/");
    let exported = kept.journal(&["journal", "export"]).expect(0).out;
    assert!(exported.lines().count() > 20, "{exported}");
    for line in exported.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert!(record["event"].is_string() && record["hash"].is_string(), "{line}");
    }
    assert!(!exported.contains("redeem"), "whoever holds a redemption link can become the guest");
    kept.register(&[]).expect(0).shows("ada@fabrikam.example").shows("What these records cannot know");
    kept.register(&["--person", "ada@fabrikam.example", "--format", "json"])
        .expect(0)
        .shows("\"cannotKnow\"");
    kept.register(&["--person", "nobody@fabrikam.example"])
        .expect(4)
        .says("neither the files nor the records");
    kept.register(&["--at", "2020-01-01T00:00:00Z"]).expect(0).shows("Nobody had anything then");
    run(kept.with_journal("plan").arg("--exit-code")).expect(0);
}

#[test]
fn a_journal_that_was_tampered_with_stops_changes_and_says_so() {
    let kept = Kept::new();
    run(kept.with_journal("apply").arg("--yes")).expect(0);
    let connection = rusqlite::Connection::open(kept.path()).unwrap();
    connection
        .execute_batch(
            "DROP TRIGGER record_is_kept_as_it_is; UPDATE record SET body = replace(body, 'done', 'dONE') WHERE place = 9",
        )
        .unwrap();
    drop(connection);
    kept.journal(&["journal", "verify"]).expect(3).shows("record 9 is not what was written");
    run(&mut kept.with_journal("plan")).expect(1).says("The journal cannot be relied on");
    // Nothing is to do, and still nobody may believe that all is well. Tried: an exit code of `apply` without `of_memory` → 0.
    run(kept.with_journal("apply").arg("--yes")).expect(1).says("The journal cannot be relied on");
    let mut explain = kept.simulation.groupsync();
    explain.args(["explain", "ada@fabrikam.example", "contoso", "--dir"]).arg(kept.files.path());
    // Tried: the exit code of `explain` without `of_memory` → 0.
    run(explain.env("GROUPSYNC_JOURNAL", kept.url())).expect(1).says("The journal cannot be relied on");
    let customer = kept.files.path().join("customers/contoso/customer.yaml");
    let text = fs::read_to_string(&customer).unwrap();
    fs::write(&customer, text.replacen("BackupOperators:\n", "BackupOperators:\n      as: Backup\n", 1))
        .unwrap();
    run(kept.with_journal("apply").arg("--yes")).expect(1).shows("no change begins without a record");
    kept.journal(&["journal", "verify", "--contains", &"0".repeat(64)])
        .expect(3)
        .says("No record has that hash");
    run(groupsync().args(["journal", "verify"])).expect(4).says("no journal is named");
    run(groupsync().args(["journal", "verify", "--journal", "postgres://x"]))
        .expect(4)
        .says("names no journal");
}

/// The size of a file is limited, as a full disk limits it: `SQLite`'s write fails.
#[cfg(unix)]
#[test]
fn a_full_disk_lets_no_change_begin() {
    let kept = Kept::new();
    let binary = assert_cmd::cargo::cargo_bin("groupsync");
    let mut limited = Command::new("/bin/sh");
    limited.env_clear().envs(kept.simulation.variables()).env("GROUPSYNC_JOURNAL", kept.url());
    // In blocks of 512 bytes; the signal would end the process where the error lets it go on.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" apply \"$1\" --yes"]);
    limited.arg(binary).arg(kept.files.path());
    let full = run(&mut limited);
    assert_eq!(full.code, 1, "{}{}", full.out, full.err);
    let full = full.shows("no change begins without a record");
    drop(full);
    let requests = kept.simulation.steer("GET", "requests", "");
    assert!(requests.contains("\"GET\""), "it looked");
    run(kept.with_journal("apply").arg("--yes")).expect(0);
    kept.journal(&["journal", "verify"]).expect(0);
    run(kept.with_journal("plan").arg("--exit-code")).expect(0);
}

/// A disk that fills up in the middle stops changes, each of them said, and the records written before are whole.
#[cfg(unix)]
#[test]
fn a_journal_that_cannot_grow_stops_changes_and_loses_nothing() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let kept = tempfile::tempdir().unwrap();
    let journal = format!("sqlite:{}", kept.path().join("journal.sqlite").display());
    // No file of this process may grow beyond 60 KiB, and it is told so by an error, as by a full disk.
    let mut full = std::process::Command::new("sh");
    full.envs(simulation.variables()).args(["-c", "trap '' 25; ulimit -f 120; exec \"$@\"", "sh"]);
    full.arg(env!("CARGO_BIN_EXE_groupsync"))
        .args(["apply", "--yes", "--journal", &journal])
        .arg(files.path());
    run(&mut full).expect(1).shows("no change begins without a record").shows("not begun");
    let command =
        |arguments: &[&str]| run(simulation.groupsync().args(arguments).args(["--journal", &journal]));
    command(&["journal", "verify"]).expect(0).shows("every one as it was written");
    let path = files.path().to_str().unwrap();
    command(&["plan", "--exit-code", path]).expect(2);
    command(&["apply", "--yes", path]).expect(0);
    command(&["plan", "--exit-code", path]).expect(0);
    let verdict = command(&["journal", "verify"]).expect(0);
    assert!(verdict.out.contains("every one as it was written"), "{}", verdict.out);
}
