//! Messages to a webhook: when they are sent, and what happens when nobody takes them.

use std::fs;
use std::time::Duration;

use groupsync::clock::Clock;
use groupsync::controller::board::Board;
use groupsync::controller::notify;
use groupsync::controller::notify::webhook::{Unsent, Webhook};
use groupsync::plan::verdict::HoldCode;

use crate::notify::board::{START, board, fine, held, put};
use crate::notify::receiver::{Answer, Receiver};

const ADDRESS: &str = "https://chat.example/services/T0/B0/s3cr3t";

struct Scene {
    board: Board,
    clock: Clock,
    receiver: Receiver,
    file: tempfile::NamedTempFile,
}

impl Scene {
    fn new(board: Board) -> Self {
        let clock = Clock::starting_at(START.parse().unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("{ADDRESS}\n")).unwrap();
        let scene = Self { board, clock, receiver: Receiver::new(clock), file };
        tokio::spawn(notify::by_webhook(scene.board.clone(), clock, scene.webhook()));
        scene
    }

    fn webhook(&self) -> Webhook {
        Webhook::new(self.file.path().to_owned(), self.receiver.transport(), None)
    }

    async fn wait(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// Text and second of what came since the last time.
    fn came(&self) -> Vec<(i64, String)> {
        let start = START.parse::<jiff::Timestamp>().unwrap();
        let came = self.receiver.came().into_iter();
        let second = |at: jiff::Timestamp| at.duration_since(start).as_secs();
        came.map(|came| (second(came.at), came.body["text"].as_str().unwrap().replace('\n', " "))).collect()
    }
}

/// Tried: `APART` left out -> "three messages within thirty seconds".
#[tokio::test(start_paused = true)]
async fn one_message_in_half_a_minute_says_what_is_new_by_then() {
    let scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3), fine("northwind")]));
    scene.wait(11).await;
    let contoso = "groupsync: 1 new • held `groupMembers`: `contoso` (3)";
    assert_eq!(scene.came(), [(5, contoso.to_owned())]);
    // Held, free, and held again: for the receiver nothing happened.
    put(&scene.board, [fine("contoso"), held("northwind", HoldCode::FleetLeavers, 1)]);
    scene.wait(10).await;
    put(
        &scene.board,
        [held("contoso", HoldCode::GroupMembers, 4), held("northwind", HoldCode::FleetLeavers, 1)],
    );
    scene.wait(20).await;
    let northwind = "groupsync: 1 new • held `fleetLeavers`: `northwind` (1)";
    assert_eq!(scene.came(), [(35, northwind.to_owned())], "three messages within thirty seconds");
    scene.wait(86_400).await;
    assert_eq!(scene.came(), [], "a hold is told once, however long it lasts");
    put(&scene.board, [fine("contoso"), fine("northwind")]);
    scene.wait(60).await;
    let came = scene.came();
    assert_eq!(came.len(), 1);
    assert!(came[0].1.ends_with(
        "recovered from held `fleetLeavers`: `northwind` • recovered from held `groupMembers`: `contoso`"
    ));
}

#[tokio::test(start_paused = true)]
async fn who_takes_no_message_is_asked_again_and_hears_what_is_so_by_then() {
    let scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3)]));
    scene.receiver.answers([Answer::Status(500), Answer::Break, Answer::Never, Answer::Later(429, "100")]);
    scene.wait(60).await;
    let seconds: Vec<i64> = scene.came().into_iter().map(|(second, _)| second).collect();
    // Five seconds to look again, after one, two and four more; the third was not answered for fifteen.
    assert_eq!(seconds, [5, 11, 18, 42]);
    put(&scene.board, [fine("contoso"), held("northwind", HoldCode::GroupMembers, 1)]);
    scene.wait(120).await;
    let northwind = "groupsync: 1 new • held `groupMembers`: `northwind` (1)";
    assert_eq!(
        scene.came(),
        [(147, northwind.to_owned())],
        "nobody heard of contoso, so it is not over either"
    );
}

#[tokio::test(start_paused = true)]
async fn a_changed_file_is_another_receiver_and_a_missing_one_is_waited_for() {
    let scene = Scene::new(board([held("contoso", HoldCode::GroupMembers, 3)]));
    fs::write(scene.file.path(), "").unwrap();
    scene.wait(20).await;
    assert_eq!(scene.came(), []);
    fs::write(scene.file.path(), "https://other.example/hook").unwrap();
    scene.wait(60).await;
    assert_eq!(scene.receiver.came()[0].uri, "https://other.example/hook");
}

/// Tried: the transport's own error passed on -> "connection to … /B0/s3cr3t broke".
#[tokio::test(start_paused = true)]
async fn the_address_stands_in_no_message() {
    let scene = Scene::new(board([]));
    let refused = [Answer::Status(404), Answer::Break, Answer::Never];
    scene.receiver.answers(refused);
    for _ in refused {
        let error = scene.webhook().post(&[], &scene.clock).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("s3cr3t") && !said.contains("chat.example"), "{said}");
    }
    for bad in ["not an address s3cr3t", "ftp://s3cr3t.example/"] {
        fs::write(scene.file.path(), bad).unwrap();
        assert_eq!(scene.webhook().check(), Err(Unsent::NoAddress));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_on_the_way_reads_along() {
    let scene = Scene::new(board([]));
    for (address, expected) in [
        ("http://chat.example/hook", Err(Unsent::InTheClear)),
        ("http://127.0.0.1.evil.example/hook", Err(Unsent::InTheClear)),
        ("http://127.0.0.1:8080/hook", Ok(())),
        ("http://[::1]:8080/hook", Ok(())),
        ("https://chat.example/hook", Ok(())),
    ] {
        fs::write(scene.file.path(), address).unwrap();
        assert_eq!(scene.webhook().check(), expected, "{address}");
    }
}
