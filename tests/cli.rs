//! The real binary: exit codes, bad input, a plan, an apply and an import against a simulator over loopback, the journal.

mod connecting;
mod importing;
mod journal;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The binary, in an environment that says nothing.
fn groupsync() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("groupsync"));
    command.env_clear().stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Run {
    Run::of(command.output().unwrap())
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "`{words}` is missing in stderr:\n{}", self.err);
        self
    }

    #[track_caller]
    fn shows(self, words: &str) -> Self {
        assert!(self.out.contains(words), "`{words}` is missing in stdout:\n{}", self.out);
        self
    }
}

/// A copy of the example's files.
fn example() -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    example_in(to.path());
    to
}

/// The same in a given folder.
pub(crate) fn example_in(to: &Path) {
    for (path, text) in groupsync::cli::example::FILES {
        let path = to.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A running simulator whose world follows from `files`, and what it printed when it was ready.
pub(crate) struct Simulation {
    process: Child,
    ready: Value,
}

impl Simulation {
    pub(crate) fn of(files: &Path) -> Self {
        Self::started("--from", files)
    }

    fn started(option: &str, path: &Path) -> Self {
        let mut process = groupsync()
            .args(["simulate", option])
            .arg(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, ready: serde_json::from_str(&line).unwrap() }
    }

    /// A command that talks to it.
    pub(crate) fn groupsync(&self) -> Command {
        let mut command = groupsync();
        command.envs(self.variables());
        command
    }

    /// Where it is and how to sign in, as the environment says it.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("GROUPSYNC_LOGIN_URL", "login"),
            ("GROUPSYNC_GRAPH_URL", "graph"),
            ("GROUPSYNC_ARM_URL", "arm"),
            ("AZURE_CLIENT_ID", "clientId"),
            ("AZURE_CLIENT_SECRET", "clientSecret"),
        ]
        .into_iter()
        .map(|(variable, key)| (variable, self.ready[key].as_str().unwrap()))
    }
}

impl Simulation {
    /// Steers it: the answer's body.
    pub(crate) fn steer(&self, method: &str, path: &str, body: &str) -> String {
        let login = self.ready["login"].as_str().unwrap();
        let host = login.trim_start_matches("http://").trim_end_matches("/login");
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} /_simulator/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
        answer
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn the_demo_tells_its_story_from_any_directory() {
    let elsewhere = tempfile::tempdir().unwrap();
    let run = run(groupsync().arg("demo").current_dir(elsewhere.path())).expect(0);
    for words in [
        "+ ada@fabrikam.example",
        "nothing to do at 3 customers",
        "- margaret@fabrikam.example",
        "until 2030-01-01 13:00Z",
        "grant inc-4711 ended",
        "for later: delete guest ada@fabrikam.example; delete guest dennis@fabrikam.example",
        "And then it is quiet",
    ] {
        assert!(run.out.contains(words), "`{words}` is missing:\n{}", run.out);
    }
    assert!(!run.out.contains('\u{1b}'), "no colour in a pipe");
    assert_eq!(run.err, "");
}

#[test]
fn the_story_is_the_same_every_time() {
    let told = || run(groupsync().arg("demo")).out;
    assert_eq!(told(), told());
}

#[test]
fn plan_apply_and_plan_again_against_a_simulator() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let plan = |more: &[&str]| run(simulation.groupsync().arg("plan").arg(files.path()).args(more));

    plan(&[]).expect(0).shows("Plan: 25 to add");
    plan(&["--exit-code"]).expect(2);
    let document: Value = serde_json::from_str(&plan(&["--format", "json"]).expect(0).out).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["totals"]["add"], 25);
    assert_eq!(document["customers"][0]["operations"][0]["kind"], "createGroup");
    let only = plan(&["--customer", "northwind", "--format", "json"]).expect(0);
    let document: Value = serde_json::from_str(&only.out).unwrap();
    assert_eq!(document["customers"].as_array().unwrap().len(), 1);
    plan(&["--customer", "northwint"]).expect(4).says("did you mean `northwind`?");
    plan(&["--at", "2030-01-01T10:00:00Z"]).expect(0).shows("until 2030-01-01 13:00Z");

    let apply = |more: &[&str]| run(simulation.groupsync().arg("apply").arg(files.path()).args(more));
    apply(&[]).expect(4).says("there is no terminal to ask at");
    fs::write(files.path().join("STOP"), "fire drill").unwrap();
    apply(&["--yes"]).expect(3).says("fire drill");
    plan(&["--exit-code"]).expect(2).says("STOP is set");
    fs::remove_file(files.path().join("STOP")).unwrap();
    let outcome = apply(&["--yes", "--format", "json"]).expect(0);
    let document: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(document["totals"], serde_json::json!({"done": 28}));

    plan(&["--exit-code"]).expect(0).shows("nothing to do at 3 customers");
    apply(&["--yes"]).expect(0).shows("Applied: nothing to do.");
}

/// What was reviewed is what is applied. Tried: keeping all customers in `sort`; Contoso was
/// planned and written without the member whom the review had seen.
/// Tried: `is_same` without the digests → exit 0 in place of 3.
#[test]
fn a_saved_plan_is_carried_out_where_it_is_still_the_plan() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let saved = files.path().with_extension("plan");
    let plan = |more: &[&str]| run(simulation.groupsync().arg("plan").arg(files.path()).args(more));
    let apply = || {
        let mut command = simulation.groupsync();
        run(command.arg("apply").arg(&saved).arg("--dir").arg(files.path()))
    };
    let out = ["--out", saved.to_str().unwrap()];
    plan(&out).expect(0).shows("Plan: 25 to add");

    let group = files.path().join("groups/contoso.yaml");
    let text = fs::read_to_string(&group).unwrap();
    let linus = "    linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203\n";
    fs::write(&group, text.replacen(linus, "", 1)).unwrap();
    let applied = apply().expect(3).says("contoso: skipped").says("linus@fabrikam.example");
    assert!(!applied.out.contains("contoso"), "{}", applied.out);
    assert!(applied.out.contains("Applied: "), "{}", applied.out);

    fs::write(&group, text).unwrap();
    let applied = apply().expect(0);
    assert!(!applied.err.contains("skipped"), "what needs nothing any more is not skipped: {}", applied.err);
    plan(&["--exit-code"]).expect(0).shows("nothing to do at 3 customers");
}

/// What a reviewer saw as only listed, or did not see at all, is not carried out in the plan's name. Tried: `is_same` without the
/// states, and an exit code that leaves out what was skipped → exit 0 in place of 3, "contoso enforce 25 to add"; planning all
/// customers again → "no entry found for key".
#[test]
fn a_saved_plan_carries_out_nothing_that_was_only_listed_or_not_in_it() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let saved = files.path().with_extension("plan");
    let plan = |more: &[&str]| run(simulation.groupsync().arg("plan").arg(files.path()).args(more));
    let apply = || run(simulation.groupsync().arg("apply").arg(&saved).arg("--dir").arg(files.path()));
    let waits = || drop(plan(&["--exit-code", "--customer", "northwind"]).expect(2));
    let out = ["--out", saved.to_str().unwrap()];
    plan(&out).expect(0);
    let northwind = files.path().join("customers/northwind/customer.yaml");
    let text = fs::read_to_string(&northwind).unwrap();
    let enforced = text.replacen("state: observe", "state: enforce", 1);
    assert_ne!(text, enforced);
    fs::write(&northwind, enforced).unwrap();
    apply().expect(3).says("northwind: skipped");
    waits();
    plan(&["--customer", "contoso", out[0], out[1]]).expect(0);
    apply().expect(0).says("2 customers not part of this plan");
    waits();
}

/// The outcome in every format from one run, with and without people; a file that cannot be written is said before anything
/// is written to a tenant.
#[test]
fn what_was_done_is_told_in_every_format() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let kept = tempfile::tempdir().unwrap();
    let apply =
        |more: &[&str]| run(simulation.groupsync().args(["apply", "--yes"]).arg(files.path()).args(more));
    apply(&["--write", "html=/nowhere/at/all.html"]).expect(4).says("/nowhere/at/all.html cannot be written");
    run(simulation.groupsync().args(["plan", "--exit-code"]).arg(files.path())).expect(2);

    let file = |name: &str| kept.path().join(name);
    let write = |format: &str| format!("{format}={}", file(&format!("outcome.{format}")).display());
    let formats = ["text", "json", "markdown", "html"].map(write);
    let mut more = vec!["--redact", "--format", "markdown"];
    more.extend(formats.iter().flat_map(|format| ["--write", format.as_str()]));
    let told = apply(&more).expect(0).shows("### groupsync apply: 28 done at 1 of 3 customers");
    let read = |name: &str| fs::read_to_string(file(name)).unwrap();
    assert_eq!(told.out, read("outcome.markdown"));
    let document: Value = serde_json::from_str(&read("outcome.json")).unwrap();
    assert_eq!(document["totals"], serde_json::json!({"done": 28}));
    assert!(read("outcome.text").contains("Plan: 25 to add"), "{}", read("outcome.text"));
    assert!(read("outcome.html").ends_with("</html>\n"));
    for format in ["text", "json", "markdown", "html"] {
        let text = read(&format!("outcome.{format}"));
        assert!(!text.contains("@fabrikam.example"), "{text}");
    }
}

/// The two sides of a difference call people the same, whichever of them was told without names.
#[test]
fn a_plan_saved_without_people_is_compared_without_people() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let saved = files.path().with_extension("plan");
    let out = ["--redact", "--out", saved.to_str().unwrap()];
    run(simulation.groupsync().arg("plan").arg(files.path()).args(out)).expect(0);
    let group = files.path().join("groups/contoso.yaml");
    let text = fs::read_to_string(&group).unwrap();
    let linus = "    linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203\n";
    fs::write(&group, text.replacen(linus, "", 1)).unwrap();
    let mut apply = simulation.groupsync();
    let applied = run(apply.arg("apply").arg(&saved).arg("--dir").arg(files.path())).expect(3);
    let applied = applied.says("contoso: skipped").says("person 0203");
    let changed: Vec<&str> =
        applied.err.lines().filter(|line| line.starts_with("  - ") || line.starts_with("  + ")).collect();
    assert!(!applied.err.contains("@fabrikam.example"), "{}", applied.err);
    assert!(
        !changed.is_empty() && changed.iter().all(|line| !line.contains("0201") && line.starts_with("  - ")),
        "{changed:?}"
    );
}

/// Tried: `read` without the seal → exit 0, "contoso enforce 25 to add"; without the partner → "tailspin offboard 2 unclear";
/// without the version → "`version 7` is missing in stderr".
#[test]
fn a_plan_that_was_edited_cut_or_made_elsewhere_is_refused() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let saved = files.path().with_extension("plan");
    let out = ["--out", saved.to_str().unwrap()];
    run(simulation.groupsync().arg("plan").arg(files.path()).args(out)).expect(0);
    let whole = fs::read_to_string(&saved).unwrap();
    let apply = |text: &str| {
        fs::write(&saved, text).unwrap();
        run(simulation.groupsync().arg("apply").arg(&saved).arg("--dir").arg(files.path()))
    };
    apply(&whole.replace("ada@fabrikam", "eve@fabrikam")).expect(4).says("edited");
    apply(&whole[..whole.len() / 2]).expect(4).says("cut off");
    apply(&whole.replace("\"version\": 1", "\"version\": 7")).expect(4).says("version 7");
    apply("{}").expect(4).says("not a saved plan");
    apply("kind: Customer").expect(4).says("not a saved plan");
    let partner = files.path().join("partner.yaml");
    let text = fs::read_to_string(&partner).unwrap();
    fs::write(
        &partner,
        text.replace("0f1e2d3c-1111-4000-8000-0000000000aa", "0f1e2d3c-1111-4000-8000-0000000000ab"),
    )
    .unwrap();
    apply(&whole).expect(4).says("made for the partner tenant");
    run(simulation.groupsync().args(["apply", "--dir", "x", "nowhere.plan"])).expect(4).says("no saved plan");
    let nowhere = ["--out", "/nowhere/at/all.plan"];
    run(simulation.groupsync().arg("plan").arg(files.path()).args(nowhere)).expect(4);
}

/// A change cannot bring the rules it is judged by. Tried: ignoring the other root in `read_under`; the plan was
/// held by the new limit (3 instead of 0).
#[test]
fn a_plan_under_the_old_policy_refuses_what_only_the_new_one_allows() {
    let (base, change) = (example(), example());
    let simulation = Simulation::of(base.path());
    let policy = change.path().join("policy.yaml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("invitations: 50", "invitations: 1")).unwrap();
    let mut plan = simulation.groupsync();
    plan.arg("plan").arg(change.path());
    run(&mut plan).expect(3).shows("customerInvitations");
    run(plan.arg("--policy").arg(base.path())).expect(0);

    let partner = change.path().join("partner.yaml");
    let text = fs::read_to_string(&partner).unwrap();
    let domains = "staffDomains: [fabrikam.example";
    assert!(text.contains(domains), "{text}");
    fs::write(&partner, text.replacen(domains, &format!("{domains}, fabrikam.example.co"), 1)).unwrap();
    let group = change.path().join("groups/contoso.yaml");
    let text = fs::read_to_string(&group).unwrap();
    let outsider = "    mallory@fabrikam.example.co: 0f1e2d3c-1111-4000-8000-0000000fffff\n    linus@";
    fs::write(&group, text.replacen("    linus@", outsider, 1)).unwrap();
    run(groupsync().arg("validate").arg(change.path())).expect(0);
    run(&mut plan).expect(4).says("`mallory@fabrikam.example.co` is not in a staff domain");
    fs::write(base.path().join("policy.yaml"), "nonsense").unwrap();
    run(&mut plan).expect(4).says("policy.yaml");
}

/// Tried: a `select!` in `carry_out` that drops the writing when interrupted; nothing was reported.
#[test]
fn ctrl_c_finishes_the_call_in_flight_and_reports_what_was_done() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let slow =
        r#"[{"service": "graph", "method": "POST", "route": "/invitations", "fault": "slow", "delay": 1}]"#;
    simulation.steer("POST", "faults", slow);
    let apply = simulation
        .groupsync()
        .args(["apply", "--yes"])
        .arg(files.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !simulation.steer("GET", "requests", "").contains("\"/invitations\"") {}
    let interrupt = format!("kill -INT {}", apply.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
    let run = Run::of(apply.wait_with_output().unwrap())
        .expect(1)
        .shows("ended early: interrupted")
        .shows("Applied: ");
    assert!(run.out.contains("not begun") && !run.out.contains("failed"), "{}", run.out);

    simulation.steer("DELETE", "faults", "");
    run_to_the_end(&simulation, files.path());
}

/// What was cut off converges with the next run.
fn run_to_the_end(simulation: &Simulation, files: &Path) {
    run(simulation.groupsync().args(["apply", "--yes"]).arg(files)).expect(0);
    run(simulation.groupsync().args(["plan", "--exit-code"]).arg(files)).expect(0);
}

/// Tried: looking for the file before the plan only; everything was written.
#[test]
fn a_stop_that_appears_while_writing_ends_the_writing() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let slow =
        r#"[{"service": "graph", "method": "POST", "route": "/invitations", "fault": "slow", "delay": 1}]"#;
    simulation.steer("POST", "faults", slow);
    let apply = simulation
        .groupsync()
        .args(["apply", "--yes"])
        .arg(files.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !simulation.steer("GET", "requests", "").contains("\"/invitations\"") {}
    fs::write(files.path().join("STOP"), "fire drill").unwrap();
    Run::of(apply.wait_with_output().unwrap()).expect(3).shows("the file STOP appeared: fire drill");

    fs::remove_file(files.path().join("STOP")).unwrap();
    simulation.steer("DELETE", "faults", "");
    run_to_the_end(&simulation, files.path());
}

#[test]
fn a_wrong_secret_ends_the_run_with_one_sentence_and_is_never_printed() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let run = run(simulation
        .groupsync()
        .env("AZURE_CLIENT_SECRET", "not-the-s3cret")
        .args(["plan", "--exit-code"])
        .arg(files.path()))
    .expect(1);
    assert!(run.err.contains("cannot sign in anywhere") && run.err.contains("AADSTS7000215"), "{}", run.err);
    assert_eq!(run.out, "", "no plan, rather than one unread customer after the other");
    assert!(!run.err.contains("not-the-s3cret"));
}

#[test]
fn a_customer_that_cannot_be_read_is_a_gap_and_the_others_go_on() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let cases = [("login", "noConsent", "consentMissing"), ("graph", "forbidden", "accessDenied")];
    for (service, fault, code) in cases {
        let fault = format!(r#"[{{"customer": "tailspin", "service": "{service}", "fault": "{fault}"}}]"#);
        simulation.steer("POST", "faults", &fault);
        run(simulation.groupsync().arg("plan").arg(files.path()))
            .expect(1)
            .shows("Plan: 25 to add")
            .shows(code);
        simulation.steer("DELETE", "faults", "");
    }
    let asked = simulation.steer("GET", "requests", "");
    assert!(!asked.contains("\"/invitations\""), "a plan writes nothing: {asked}");
}

#[test]
fn a_held_change_is_exit_code_three() {
    let files = example();
    let policy = files.path().join("policy.yaml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("invitations: 50", "invitations: 1")).unwrap();
    let simulation = Simulation::of(files.path());
    run(simulation.groupsync().arg("plan").arg(files.path())).expect(3).shows("customerInvitations");
    run(simulation.groupsync().args(["apply", "--yes"]).arg(files.path()))
        .expect(3)
        .shows("Applied: nothing. Left alone: 36 held.");
}

#[test]
fn settings_that_cannot_be_meant_are_said_before_anything_is_sent() {
    let files = example();
    let plan = || {
        let mut command = groupsync();
        command.arg("plan").arg(files.path());
        command
    };
    let id = "c11e0000-0000-4000-8000-000000000000";
    run(&mut plan()).expect(4).says("no credential is set");
    run(plan().env("AZURE_CLIENT_SECRET", "s").arg("--allow-client-secret"))
        .expect(4)
        .says("which application acts");
    run(plan().env("AZURE_CLIENT_SECRET", "s").env("AZURE_CLIENT_ID", id))
        .expect(4)
        .says("would be sent to another machine")
        .says("--allow-client-secret");
    run(plan().env("AZURE_CLIENT_SECRET", "s").env("AZURE_FEDERATED_TOKEN_FILE", "f"))
        .expect(4)
        .says("AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE");
    run(plan()
        .env("AZURE_CLIENT_SECRET", "s")
        .env("AZURE_CLIENT_ID", id)
        .args(["--login-url", "http://example.com"]))
    .expect(4)
    .says("in the clear");
}

#[test]
fn broken_files_are_shown_whole_and_end_in_four() {
    let files = example();
    let customer = files.path().join("customers/contoso/customer.yaml");
    let text = fs::read_to_string(&customer).unwrap();
    fs::write(&customer, text.replace("state: enforce", "state: enforced\n  statte: x")).unwrap();
    run(groupsync().arg("validate").arg(files.path()))
        .expect(4)
        .shows("enforced")
        .shows("statte")
        .shows("customers/contoso/customer.yaml");
    run(groupsync().args(["apply", "--yes"]).arg(files.path())).expect(4).says("cannot be used");
}

#[test]
fn a_missing_or_empty_directory_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    run(groupsync().arg("validate").arg(empty.path())).expect(4).shows("holds no desired state");
    run(groupsync().arg("validate").arg(empty.path().join("none"))).expect(4).shows("there is no directory");
    run(groupsync().arg("plan").current_dir(empty.path())).expect(4).says("there is no directory");
}

#[test]
fn render_shows_every_value_with_its_place() {
    let files = example();
    run(groupsync().args(["render", "contoso", "--dir"]).arg(files.path()))
        .expect(0)
        .shows("customers/contoso/customer.yaml:")
        .shows("templates/managed-azure.yaml:");
    let json = run(groupsync().args(["render", "contoso", "--format", "json", "--dir"]).arg(files.path()));
    serde_json::from_str::<Value>(&json.expect(0).out).unwrap();
    run(groupsync().args(["render", "contosso", "--dir"]).arg(files.path()))
        .expect(4)
        .says("did you mean `contoso`?");
}

#[test]
fn a_customer_that_vanished_shows_against_a_base() {
    let (before, after) = (example(), example());
    fs::remove_dir_all(after.path().join("customers/northwind")).unwrap();
    fs::remove_file(after.path().join("groups/northwind.yaml")).unwrap();
    run(groupsync().arg("validate").arg(after.path())).expect(0);
    run(groupsync().arg("validate").arg(after.path()).arg("--base").arg(before.path()))
        .expect(4)
        .shows("northwind");
}

#[test]
fn rules_change_alone() {
    let (before, after) = (example(), example());
    let edit = |path: &str| {
        let path = after.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + "# another word\n").unwrap();
    };
    edit("policy.yaml");
    edit("groups/contoso.yaml");
    run(groupsync().arg("validate").arg(after.path()).arg("--base").arg(before.path()))
        .expect(4)
        .shows("`policy.yaml` changes together with `groups/contoso.yaml`");
}

#[test]
fn explain_names_the_line_and_the_commit_behind_an_access() {
    let files = example();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let who = ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"];
        let output = git.current_dir(files.path()).args(who).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "files"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let simulation = Simulation::of(files.path());
    let explain = |more: &[&str]| {
        let mut command = simulation.groupsync();
        run(command
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .arg("explain")
            .args(more)
            .arg("--dir")
            .arg(files.path()))
    };
    explain(&["ada@fabrikam.example", "contoso"])
        .expect(0)
        .shows("has no access")
        .shows(&format!("(groups/contoso.yaml:8 @{})", &commit[..10]));
    run(simulation.groupsync().args(["apply", "--yes"]).arg(files.path())).expect(0);
    explain(&["ada@fabrikam.example", "contoso"]).expect(0).shows("has access");
    explain(&["--customer", "contoso"]).expect(0).shows("● Contoso_Readers  Reader on subscriptions/prod");
    explain(&["--person", "ada@fabrikam.example"]).expect(0).shows("northwind").shows("contoso");
    explain(&["--person", "ada@fabrikam.example", "--offline"]).expect(0).shows("by the files");
    let json = explain(&["ada@fabrikam.example", "contoso", "--format", "json"]).expect(0).out;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["explanations"][0]["access"], "yes");
    // Where the history is cut off, whatever is older looks as if the last commit that is left had written it.
    let cut = tempfile::tempdir().unwrap();
    fs::write(files.path().join(".notes"), "a word").unwrap();
    git(&["add", ".notes"]);
    git(&["commit", "--quiet", "--message", "notes"]);
    let from = format!("file://{}", files.path().display());
    git(&["clone", "--quiet", "--depth", "1", &from, cut.path().to_str().unwrap()]);
    let mut shallow = simulation.groupsync();
    shallow.env("PATH", "/usr/local/bin:/usr/bin:/bin").args(["explain", "ada@fabrikam.example", "contoso"]);
    run(shallow.arg("--dir").arg(cut.path())).expect(0).shows("(groups/contoso.yaml:8)");
    explain(&["ada", "contoso"]).expect(4).says("neither an address nor an object id");
    explain(&["ada@fabrikam.example", "contosso"]).expect(4).says("did you mean `contoso`?");
    explain(&[]).expect(4).says("nobody and no customer is named");
    simulation.steer(
        "POST",
        "faults",
        r#"[{"customer": "contoso", "service": "login", "fault": "noConsent"}]"#,
    );
    explain(&["ada@fabrikam.example", "contoso"]).expect(1).shows("cannot be told").shows("not read");
}

#[test]
fn problems_come_as_code_hosts_want_them() {
    let files = example();
    let customer = files.path().join("customers/contoso/customer.yaml");
    let text = fs::read_to_string(&customer).unwrap();
    fs::write(&customer, text.replace("state: enforce", "state: enforced")).unwrap();
    let validate = |format| {
        let mut command = groupsync();
        run(command.current_dir(files.path()).args(["validate", ".", "--format", format])).expect(4).out
    };
    let sarif: Value = serde_json::from_str(&validate("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(result["ruleId"], "GS036");
    assert_eq!(place["artifactLocation"]["uri"], "customers/contoso/customer.yaml");
    let (line, column) = (&place["region"]["startLine"], &place["region"]["startColumn"]);
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), desired_codes());
    let annotation =
        format!("::error file=customers/contoso/customer.yaml,line={line},col={column},endColumn=");
    let github = validate("github");
    assert!(github.contains(&annotation), "{annotation}\n{github}");
}

fn desired_codes() -> usize {
    groupsync::desired::code::ALL.len()
}

#[test]
fn usage_errors_are_four_and_help_is_zero() {
    run(&mut groupsync()).expect(4);
    run(groupsync().args(["plan", "--nonsense"])).expect(4);
    run(groupsync().arg("--help")).expect(0).shows("Exit codes:");
    run(groupsync().args(["simulate", "--listen", "nowhere"])).expect(4);
    run(groupsync().args(["simulate", "--tls-dir", "Cargo.toml"])).expect(4).says("not a directory");
}

#[test]
fn schemas_completions_and_the_manual_page_come_out_of_the_binary() {
    for of in ["desired-state", "plan", "outcome", "world"] {
        let schema: Value =
            serde_json::from_str(&run(groupsync().args(["schema", of])).expect(0).out).unwrap();
        assert!(schema.get("$schema").is_some(), "{of}");
    }
    run(groupsync().args(["completions", "bash"])).expect(0).shows("_groupsync");
    run(groupsync().arg("man")).expect(0).shows(".TH groupsync 1");
}
