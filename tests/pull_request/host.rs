//! Stand-ins for GitHub and Azure DevOps, as far as the scripts of `deploy/pull-request/` talk to them: comments, labels, pull
//! requests, runs of pipelines.

use std::sync::{Arc, Mutex};

use axum::extract::{Path as Segments, Query, State};
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// Which code host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    GitHub,
    AzureDevOps,
}

/// What a code host holds of pull request 7.
#[derive(Default)]
pub(crate) struct Held {
    /// `{id, body, login}`
    pub(crate) comments: Vec<Value>,
    pub(crate) labels: Vec<String>,
    /// How many comments were ever made.
    pub(crate) made: usize,
    /// The branch of a fork and its commit that the pull request is about, and the commit that merged it.
    pub(crate) branch: String,
    pub(crate) head: String,
    pub(crate) merged: Option<String>,
    /// Runs of the pipeline that plans: number, tag, branch.
    pub(crate) runs: Vec<(u64, String, String)>,
}

type Host = Arc<Mutex<Held>>;

/// Whose fork the change comes from.
const FORK: &str = "stranger";

/// Whoever acts with the token of a job.
const US: &str = "us";

/// A code host on loopback.
pub(crate) struct CodeHost {
    pub(crate) kind: Kind,
    pub(crate) held: Host,
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl CodeHost {
    pub(crate) fn start(kind: Kind) -> Self {
        let held = Host::default();
        let router = match kind {
            Kind::GitHub => github(),
            Kind::AzureDevOps => azure_devops(),
        };
        let router = router.with_state(Arc::clone(&held));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { kind, held, address, _runtime: runtime }
    }

    /// What a job's environment says of it.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = match self.kind {
            Kind::GitHub => vec![
                ("GITHUB_API_URL", self.address.clone()),
                ("GITHUB_REPOSITORY", "fabrikam/access".to_owned()),
                ("GITHUB_TOKEN", "t0ken".to_owned()),
                ("GROUPSYNC_BOT", US.to_owned()),
                ("HEAD_OWNER", FORK.to_owned()),
            ],
            Kind::AzureDevOps => vec![
                ("SYSTEM_COLLECTIONURI", format!("{}/fabrikam/", self.address)),
                ("SYSTEM_TEAMPROJECTID", "access".to_owned()),
                ("BUILD_REPOSITORY_ID", "files".to_owned()),
                ("SYSTEM_ACCESSTOKEN", "t0ken".to_owned()),
                ("PLAN_PIPELINE", "12".to_owned()),
            ],
        };
        variables.push(("PULL_REQUEST", "7".to_owned()));
        variables
    }

    /// A run of the pipeline that plans, on the target branch, keeps its plan under a tag.
    pub(crate) fn keeps(&self, tag: String) {
        let mut held = self.held.lock().unwrap();
        let number = held.runs.len() as u64 + 40;
        held.runs.push((number, tag, "refs/heads/main".to_owned()));
    }

    /// Somebody else says something.
    pub(crate) fn hears(&self, login: &str, body: &str) {
        self.held.lock().unwrap().comments.push(json!({ "id": 900, "body": body, "login": login }));
    }

    /// What we said.
    pub(crate) fn comment(&self) -> String {
        let held = self.held.lock().unwrap();
        let ours = held.comments.iter().find(|comment| comment["login"] == US);
        ours.map(|comment| comment["body"].as_str().unwrap().to_owned()).unwrap_or_default()
    }

    pub(crate) fn labels(&self) -> Vec<String> {
        self.held.lock().unwrap().labels.clone()
    }
}

fn say(host: &Host, body: &Value) -> Value {
    let mut host = host.lock().unwrap();
    host.made += 1;
    let comment = json!({ "id": host.made, "body": body, "login": US });
    host.comments.push(comment.clone());
    comment
}

fn change(host: &Host, id: usize, body: &Value) -> Value {
    let mut host = host.lock().unwrap();
    let comment = host.comments.iter_mut().find(|comment| comment["id"] == id).expect("the comment exists");
    comment["body"] = body.clone();
    comment.clone()
}

fn github() -> Router<Host> {
    let shown = |comment: &Value| json!({ "id": comment["id"], "body": comment["body"], "user": { "login": comment["login"] } });
    let comments = move |State(host): State<Host>| async move {
        Json(host.lock().unwrap().comments.iter().map(shown).collect::<Value>())
    };
    let comment =
        |State(host): State<Host>, Json(body): Json<Value>| async move { Json(say(&host, &body["body"])) };
    let edit = |State(host): State<Host>, Segments(id): Segments<usize>, Json(body): Json<Value>| async move {
        Json(change(&host, id, &body["body"]))
    };
    let labels = |State(host): State<Host>| async move {
        Json(host.lock().unwrap().labels.iter().map(|name| json!({ "name": name })).collect::<Value>())
    };
    let label = |State(host): State<Host>, Json(body): Json<Value>| async move {
        let names = body["labels"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        host.lock().unwrap().labels = names.collect();
        Json(body)
    };
    let pull = |host: &Held| {
        json!({
            "number": 7, "state": if host.merged.is_some() { "closed" } else { "open" },
            "head": { "sha": host.head }, "base": { "ref": "main" },
            "merged_at": host.merged.as_ref().map(|_| "2030-01-01T09:00:00Z"), "merge_commit_sha": host.merged,
        })
    };
    let pulls = move |State(host): State<Host>, Query(asked): Query<Pulls>| async move {
        let host = host.lock().unwrap();
        assert_eq!((asked.head, asked.state.as_str()), (format!("{FORK}:{}", host.branch), "open"));
        // Another one of the same branch, and one of the same commit that goes elsewhere.
        let (mut other, mut elsewhere) = (pull(&host), pull(&host));
        (other["number"], other["head"]["sha"]) = (json!(5), json!("5".repeat(40)));
        (elsewhere["number"], elsewhere["base"]["ref"]) = (json!(6), json!("release"));
        let open = if host.merged.is_some() { vec![] } else { vec![pull(&host)] };
        Json([vec![other, elsewhere], open].concat())
    };
    // GitHub knows the commits of this repository, the merge among them, and not those of a fork.
    let of_commit = move |State(host): State<Host>, Segments(commit): Segments<String>| async move {
        let host = host.lock().unwrap();
        Json(if host.merged.as_deref() == Some(&commit) { vec![pull(&host)] } else { vec![] })
    };
    let artefacts = |State(host): State<Host>, Query(asked): Query<Artefacts>| async move {
        let host = host.lock().unwrap();
        let kept = host.runs.iter().filter(|(_, name, _)| *name == asked.name).map(|(id, name, branch)| {
            let run = json!({
                "id": id, "head_branch": branch.trim_start_matches("refs/heads/"),
                "repository_id": 1, "head_repository_id": if *id == 667 { 2 } else { 1 },
            });
            json!({ "id": id + 1000, "name": name, "expired": *id == 668, "workflow_run": run })
        });
        Json(json!({ "artifacts": kept.collect::<Value>() }))
    };
    Router::new()
        .route("/repos/fabrikam/access/pulls", get(pulls))
        .route("/repos/fabrikam/access/commits/{commit}/pulls", get(of_commit))
        .route("/repos/fabrikam/access/actions/artifacts", get(artefacts))
        .route("/repos/fabrikam/access/issues/7/comments", get(comments).post(comment))
        .route("/repos/fabrikam/access/issues/comments/{id}", patch(edit))
        .route("/repos/fabrikam/access/issues/7/labels", get(labels).put(label))
}

#[derive(serde::Deserialize)]
struct Pulls {
    head: String,
    state: String,
}

#[derive(serde::Deserialize)]
struct Artefacts {
    name: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Runs {
    definitions: u64,
    tag_filters: String,
    branch_name: String,
}

fn azure_devops() -> Router<Host> {
    let us = || async { Json(json!({ "authenticatedUser": { "id": US } })) };
    let thread = |comment: &Value| {
        let said = json!({ "id": 1, "content": comment["body"], "author": { "id": comment["login"] } });
        json!({ "id": comment["id"], "comments": [said] })
    };
    let threads = move |State(host): State<Host>| async move {
        let system = json!({ "id": 899, "comments": [{ "id": 1, "author": { "id": "system" } }] });
        let threads = host.lock().unwrap().comments.iter().map(thread).chain([system]).collect::<Value>();
        Json(json!({ "value": threads }))
    };
    let comment = move |State(host): State<Host>, Json(body): Json<Value>| async move {
        assert_eq!(body["status"], 4, "an open thread would hold up the pull request");
        Json(thread(&say(&host, &body["comments"][0]["content"])))
    };
    let edit = |State(host): State<Host>,
                Segments((id, _)): Segments<(usize, u8)>,
                Json(body): Json<Value>| async move { Json(change(&host, id, &body["content"])) };
    let labels = |State(host): State<Host>| async move {
        let host = host.lock().unwrap();
        let labels = host
            .labels
            .iter()
            .map(|name| json!({ "id": format!("id-of-{name}").replace(' ', "_"), "name": name }));
        Json(json!({ "value": labels.collect::<Value>() }))
    };
    let label = |State(host): State<Host>, Json(body): Json<Value>| async move {
        host.lock().unwrap().labels.push(body["name"].as_str().unwrap().to_owned());
        Json(body)
    };
    let unlabel = |State(host): State<Host>, Segments(id): Segments<String>| async move {
        host.lock().unwrap().labels.retain(|name| format!("id-of-{name}").replace(' ', "_") != id);
    };
    let pull = |host: &Held| {
        let status = if host.merged.is_some() { "completed" } else { "active" };
        json!({
            "pullRequestId": 7, "status": status, "targetRefName": "refs/heads/main",
            "lastMergeSourceCommit": { "commitId": host.head },
        })
    };
    let shown = move |State(host): State<Host>| async move { Json(pull(&host.lock().unwrap())) };
    let query = move |State(host): State<Host>, Json(body): Json<Value>| async move {
        let host = host.lock().unwrap();
        let asked = body["queries"][0]["items"][0].as_str().unwrap();
        let found =
            if host.merged.as_deref() == Some(asked) { json!({ asked: [pull(&host)] }) } else { json!({}) };
        Json(json!({ "results": [found] }))
    };
    let runs = |State(host): State<Host>, Query(asked): Query<Runs>| async move {
        assert_eq!((asked.definitions, asked.branch_name.as_str()), (12, "refs/heads/main"));
        let host = host.lock().unwrap();
        // The newest first, and branches unfiltered: the script looks at what it gets.
        let runs = host.runs.iter().rev().filter(|(_, tag, _)| *tag == asked.tag_filters);
        let runs = runs.map(|(id, _, branch)| json!({ "id": id, "sourceBranch": branch }));
        Json(json!({ "value": runs.collect::<Value>() }))
    };
    let pulls = "/fabrikam/access/_apis/git/repositories/files/pullRequests/7";
    Router::new()
        .route("/fabrikam/_apis/connectionData", get(us))
        .route(pulls, get(shown))
        .route(&format!("{pulls}/threads"), get(threads).post(comment))
        .route(&format!("{pulls}/threads/{{thread}}/comments/{{comment}}"), patch(edit))
        .route(&format!("{pulls}/labels"), get(labels).post(label))
        .route(&format!("{pulls}/labels/{{id}}"), delete(unlabel))
        .route("/fabrikam/access/_apis/git/repositories/files/pullrequestquery", post(query))
        .route("/fabrikam/access/_apis/build/builds", get(runs))
}
