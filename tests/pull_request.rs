//! The review of a pull request as `deploy/pull-request/` plays it: Git repositories, the scripts, the real binary, a simulator,
//! and a stand-in for the code host that keeps comments and labels.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use axum::extract::{Path as Segments, State};
use axum::routing::{get, patch};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::cli::{Simulation, example_in};

/// What the code host holds of one pull request.
#[derive(Default)]
struct Held {
    comments: Vec<Value>,
    labels: Vec<String>,
    /// How many comments were ever made.
    made: usize,
}

type Host = Arc<Mutex<Held>>;

async fn comments(State(host): State<Host>) -> Json<Value> {
    Json(Value::from(host.lock().unwrap().comments.clone()))
}

async fn comment(State(host): State<Host>, Json(body): Json<Value>) -> Json<Value> {
    let mut host = host.lock().unwrap();
    host.made += 1;
    let comment =
        json!({ "id": host.made, "body": body["body"], "user": { "login": "github-actions[bot]" } });
    host.comments.push(comment.clone());
    Json(comment)
}

async fn edit(
    State(host): State<Host>,
    Segments(id): Segments<usize>,
    Json(body): Json<Value>,
) -> Json<Value> {
    let mut host = host.lock().unwrap();
    let comment = host.comments.iter_mut().find(|comment| comment["id"] == id).unwrap();
    comment["body"] = body["body"].clone();
    Json(comment.clone())
}

async fn labels(State(host): State<Host>) -> Json<Value> {
    Json(host.lock().unwrap().labels.iter().map(|name| json!({ "name": name })).collect())
}

async fn label(State(host): State<Host>, Json(body): Json<Value>) -> Json<Value> {
    let names = body["labels"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    host.lock().unwrap().labels = names.collect();
    Json(body)
}

/// A code host on loopback.
struct CodeHost {
    held: Host,
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl CodeHost {
    fn start() -> Self {
        let held = Host::default();
        let router = Router::new()
            .route("/repos/fabrikam/access/issues/7/comments", get(comments).post(comment))
            .route("/repos/fabrikam/access/issues/comments/{id}", patch(edit))
            .route("/repos/fabrikam/access/issues/7/labels", get(labels).put(label))
            .with_state(Arc::clone(&held));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { held, address, _runtime: runtime }
    }

    fn comment(&self) -> String {
        let held = self.held.lock().unwrap();
        let ours = held.comments.iter().find(|comment| comment["user"]["login"] == "github-actions[bot]");
        ours.map(|comment| comment["body"].as_str().unwrap().to_owned()).unwrap_or_default()
    }
}

/// A repository with two checkouts, as the workflow makes them: the target branch and the change.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        let base = repository.base();
        example_in(&base.join("desired-state"));
        git(&base, &["init", "--quiet", "--initial-branch", "main"]);
        git(&base, &["add", "."]);
        git(&base, &["commit", "--quiet", "--message", "as it is"]);
        repository
    }

    fn base(&self) -> PathBuf {
        self.folder.path().join("base")
    }

    fn change(&self) -> PathBuf {
        self.folder.path().join("change")
    }

    /// A branch with edits, checked out beside the target branch.
    fn propose(&self, branch: &str, edits: &[(&str, &str, &str)]) {
        let (base, change) = (self.base(), self.change());
        if change.exists() {
            git(&base, &["worktree", "remove", "--force", change.to_str().unwrap()]);
        }
        git(&base, &["worktree", "add", "--quiet", "-b", branch, change.to_str().unwrap(), "main"]);
        for (path, from, to) in edits {
            let path = change.join("desired-state").join(path);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{from} is not in {}", path.display());
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        }
        git(&change, &["commit", "--quiet", "--all", "--message", branch]);
    }

    fn merge(&self, branch: &str) {
        git(&self.base(), &["merge", "--quiet", "--no-edit", branch]);
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn left(&self, name: &str) -> String {
        fs::read_to_string(self.out().join(name)).unwrap()
    }
}

fn git(dir: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(dir).args(who).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/pull-request/scripts").join(name)
}

/// A script in the environment of the simulator, with the binary on its path.
fn play(simulation: &Simulation, name: &str, arguments: &[&Path], more: &[(&str, &str)]) -> Output {
    let binary = assert_cmd::cargo::cargo_bin("groupsync");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.parent().unwrap().display());
    let mut command = Command::new("bash");
    command.env_clear().env("PATH", path).envs(simulation.variables()).envs(more.iter().copied());
    command.arg(script(name)).args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn succeeds(output: &Output) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "stdout:\n{out}\nstderr:\n{err}");
}

impl Repository {
    fn plan(&self, simulation: &Simulation) {
        let (base, change) = (self.base().join("desired-state"), self.change().join("desired-state"));
        succeeds(&play(simulation, "plan.sh", &[&base, &change, &self.out()], &[]));
    }

    fn show(&self, simulation: &Simulation, host: &CodeHost) {
        let environment = [
            ("GITHUB_API_URL", host.address.as_str()),
            ("GITHUB_REPOSITORY", "fabrikam/access"),
            ("GITHUB_TOKEN", "t0ken"),
            ("PULL_REQUEST", "7"),
        ];
        succeeds(&play(simulation, "github-review.sh", &[&self.out()], &environment));
    }

    fn apply(&self, simulation: &Simulation) -> i32 {
        let mut command = simulation.groupsync();
        command
            .arg("apply")
            .arg(self.out().join("plan.json"))
            .arg("--dir")
            .arg(self.base().join("desired-state"));
        command.output().unwrap().status.code().unwrap()
    }
}

const LINUS: &str = "    linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203\n";

/// What was reviewed is applied after the merge, and the comment is one comment however often the change is pushed. Tried:
/// posting without looking for the marker; two comments were
/// made (left: 2, right: 1).
#[test]
fn a_pull_request_shows_its_plan_and_the_merge_carries_out_that_plan() {
    let repository = Repository::new();
    let simulation = Simulation::of(&repository.base().join("desired-state"));
    let host = CodeHost::start();
    // Somebody else's words and labels stay, and a marker that somebody else writes is not ours.
    let stranger =
        json!({ "id": 900, "body": "<!-- groupsync plan -->\nnothing to see", "user": { "login": "eve" } });
    host.held.lock().unwrap().comments.push(stranger.clone());
    host.held.lock().unwrap().labels.push("documentation".to_owned());

    repository.propose("first", &[("groups/contoso.yaml", LINUS, "")]);
    repository.plan(&simulation);
    repository.show(&simulation, &host);
    assert!(host.comment().contains("ada@fabrikam.example"), "{}", host.comment());
    assert_eq!(host.held.lock().unwrap().labels, ["documentation", "groupsync: add"]);

    repository
        .propose("second", &[("groups/contoso.yaml", "# listed: this list is the group", "# everybody")]);
    repository.plan(&simulation);
    repository.show(&simulation, &host);
    let held = host.held.lock().unwrap();
    assert_eq!((held.made, held.comments.len(), &held.comments[0]), (1, 2, &stranger));
    drop(held);
    assert!(host.comment().contains("linus@fabrikam.example"), "{}", host.comment());

    repository.merge("second");
    assert_eq!(repository.apply(&simulation), 0);
    repository.propose("third", &[("groups/contoso.yaml", LINUS, "")]);
    repository.plan(&simulation);
    repository.show(&simulation, &host);
    assert_eq!(host.held.lock().unwrap().labels, ["documentation", "groupsync: remove"]);
    repository.merge("third");
    // The tenant changes between review and merge: what would be done is no longer what was seen.
    let mut other = simulation.groupsync();
    let applied =
        other.args(["apply", "--yes"]).arg(repository.base().join("desired-state")).output().unwrap();
    assert!(applied.status.success());
    assert_eq!(repository.apply(&simulation), 0, "what is done already is not refused");
}

/// A change cannot bring its own rules. Tried: leaving `--policy` out of plan.sh; the label was `groupsync: add`.
#[test]
fn a_change_that_loosens_the_rules_is_judged_by_the_old_ones() {
    let repository = Repository::new();
    let simulation = Simulation::of(&repository.base().join("desired-state"));
    let policy = repository.base().join("desired-state/policy.yaml");
    let strict = fs::read_to_string(&policy).unwrap().replace("invitations: 50", "invitations: 1");
    fs::write(&policy, strict).unwrap();
    git(&repository.base(), &["commit", "--quiet", "--all", "--message", "strict"]);
    repository.propose("loose", &[("policy.yaml", "invitations: 1", "invitations: 500")]);
    repository.plan(&simulation);
    assert!(repository.left("labels").contains("groupsync: held"), "{}", repository.left("labels"));
    assert_eq!(repository.left("exit-code").trim(), "3");
}

/// Files that cannot be used end in a comment, and in no plan that somebody could apply.
#[test]
fn a_change_that_cannot_be_planned_says_why_on_the_pull_request() {
    let repository = Repository::new();
    let simulation = Simulation::of(&repository.base().join("desired-state"));
    let host = CodeHost::start();
    repository
        .propose("broken", &[("customers/contoso/customer.yaml", "state: enforce", "state: <b>@eve</b>")]);
    repository.plan(&simulation);
    repository.show(&simulation, &host);
    assert!(!repository.out().join("plan.json").exists());
    assert_eq!(host.held.lock().unwrap().labels, ["groupsync: error"]);
    let comment = host.comment();
    assert!(comment.contains("    error"), "what the files say is shown as text only: {comment}");
}
