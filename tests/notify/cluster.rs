//! Events in a cluster, against a stand-in that keeps to the API server's rules for them.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use groupsync::clock::Clock;
use groupsync::controller::board::Board;
use groupsync::controller::notify;
use groupsync::controller::notify::cluster::{Cluster, Place};
use groupsync::plan::verdict::HoldCode;
use serde_json::Value;

use crate::notify::board::{START, board, fine, held, put};
use crate::notify::receiver::{Answer, Receiver};

struct Scene {
    board: Board,
    clock: Clock,
    receiver: Receiver,
    _account: tempfile::TempDir,
    events: BTreeMap<String, Value>,
}

impl Scene {
    fn new(board: Board) -> Self {
        let clock = Clock::starting_at(START.parse().unwrap());
        let account = tempfile::tempdir().unwrap();
        fs::write(account.path().join("token"), "a.b.c\n").unwrap();
        fs::write(account.path().join("namespace"), "groupsync").unwrap();
        let receiver = Receiver::new(clock);
        let place = Place {
            host: "fd00::1".to_owned(),
            port: "443".to_owned(),
            folder: account.path().to_owned(),
            pod: "groupsync-1".to_owned(),
            uid: "0f1e2d3c".to_owned(),
        };
        let cluster = Cluster::over(receiver.transport(), &place).unwrap();
        tokio::spawn(notify::as_events(board.clone(), clock, cluster));
        Self { board, clock, receiver, _account: account, events: BTreeMap::new() }
    }

    /// What the API server would hold after so many seconds, with all its rules kept; and what happened meanwhile, in words.
    async fn after(&mut self, seconds: u64) -> Vec<String> {
        self.clock.sleep(Duration::from_secs(seconds)).await;
        let mut said = Vec::new();
        for came in self.receiver.came() {
            assert_eq!(came.headers["authorization"], "Bearer a.b.c");
            let path =
                came.uri.strip_prefix("https://[fd00::1]").expect("the API server, without its usual port");
            let name = path.strip_prefix("/apis/events.k8s.io/v1/namespaces/groupsync/events").unwrap();
            match came.method.as_str() {
                "POST" => {
                    assert_eq!(
                        (name, &came.headers["content-type"]),
                        ("", &"application/json".parse().unwrap())
                    );
                    said.push(self.create(&came.body));
                }
                "PATCH" => {
                    assert_eq!(came.headers["content-type"], "application/merge-patch+json");
                    said.push(self.patch(name.strip_prefix('/').unwrap(), &came.body));
                }
                other => panic!("{other} is not among our rights"),
            }
        }
        said
    }

    fn create(&mut self, event: &Value) -> String {
        let text =
            |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path}"));
        assert_eq!(text("/metadata/namespace"), text("/regarding/namespace"));
        assert!(text("/note").len() <= 1024);
        for path in ["/reportingController", "/reportingInstance", "/action", "/reason"] {
            assert!((1..=128).contains(&text(path).len()), "{path}");
        }
        assert!(["Normal", "Warning"].contains(&text("/type")));
        let time = text("/eventTime");
        assert_eq!((time.len(), &time[19..20], &time[26..]), (27, ".", "Z"), "microseconds: {time}");
        let said = format!("{} {}", text("/reason"), text("/note"));
        let name = text("/metadata/name").to_owned();
        assert!(self.events.insert(name, event.clone()).is_none(), "a name of its own");
        said
    }

    fn patch(&mut self, name: &str, patch: &Value) -> String {
        let event = self.events.get_mut(name).expect("an Event that exists");
        let keys: Vec<_> = patch.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["series"], "everything else of an Event never changes");
        let count = patch["series"]["count"].as_u64().unwrap();
        let before = event.pointer("/series/count").and_then(Value::as_u64).unwrap_or(1);
        assert_eq!(count, before + 1);
        event["series"] = patch["series"].clone();
        format!("{count} times {}", event["note"].as_str().unwrap())
    }
}

/// Tried: `fading` that finds nothing -> "left: []", no word of it for an hour.
#[tokio::test(start_paused = true)]
async fn what_lasts_stays_to_be_seen_and_what_ends_is_said_once() {
    let mut scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3), fine("northwind")]));
    assert_eq!(scene.after(20).await, ["Held contoso: held (groupMembers, 3)"]);
    let again = scene.after(3700).await;
    assert_eq!(again, ["2 times contoso: held (groupMembers, 3)", "3 times contoso: held (groupMembers, 3)"]);
    put(&scene.board, [fine("contoso"), fine("northwind")]);
    assert_eq!(scene.after(3600).await, ["Recovered contoso: recovered from held (groupMembers, 3)"]);
    assert_eq!(scene.events.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_soon_is_one_more_in_the_series() {
    let mut scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3)]));
    scene.after(20).await;
    put(&scene.board, [fine("contoso")]);
    scene.after(60).await;
    put(&scene.board, [held("contoso", HoldCode::GroupMembers, 5)]);
    assert_eq!(scene.after(60).await, ["2 times contoso: held (groupMembers, 3)"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_cluster_forgot_is_made_anew() {
    let mut scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3)]));
    scene.after(20).await;
    scene.receiver.answers([Answer::Status(404)]);
    let said = scene.after(1900).await;
    assert_eq!(said, ["2 times contoso: held (groupMembers, 3)", "Held contoso: held (groupMembers, 3)"]);
}

#[tokio::test(start_paused = true)]
async fn a_bad_day_of_the_fleet_is_none_of_the_api_server() {
    let all = |count: usize| (0..count).map(|n| held(&format!("customer {n:03}"), HoldCode::SourceShrink, 1));
    let mut scene = Scene::new(board(all(60)));
    let mut said = scene.after(250).await;
    assert_eq!(said.len(), 25);
    said.extend(scene.after(800).await);
    assert_eq!(said.len(), 60, "and nobody is forgotten");
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_it_little_is_asked() {
    let scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3)]));
    scene.receiver.answers(std::iter::repeat_n(Answer::Status(403), 1000));
    scene.clock.sleep(Duration::from_hours(1)).await;
    let asked = scene.receiver.came().len();
    assert!((1..20).contains(&asked), "{asked} requests in an hour");
}
