//! The kill switch where requests leave: it ends every wait for another attempt or a turn, and what the service said stays said.

use std::collections::BTreeSet;
use std::time::Duration;

use groupsync::client::error::Kind;
use groupsync::client::graph::groups::NewGroup;
use groupsync::client::halt::{self, Switch};
use groupsync::client::receipt::Effect;
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::RoleId;
use groupsync::model::scope::Scope;
use groupsync::simulator::faults::{Fault, FaultKind};
use tokio::time::Instant;

use super::*;

const ROLES: &str = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";

fn reader() -> AssignmentKey {
    let role: RoleId = "acdd72a7-3385-48ef-bd42-f606fba81ae7".parse().unwrap();
    AssignmentKey { scope: Scope::subscription(prod()), principal: object(READERS), role }
}

/// A client that is stopped after so many seconds.
fn stopped_after(simulator: &Simulator, seconds: u64) -> (Client, Switch) {
    let (switch, halt) = halt::switch();
    let thrown = switch.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        thrown.throw("incident 42");
    });
    (client(simulator).under(&halt), switch)
}

fn writes(simulator: &Simulator) -> usize {
    simulator.requests().iter().filter(|r| r.method != "GET" && r.service != Service::Login).count()
}

/// Tried: the switch not asked once something was sent → the error does not say "not sent again".
#[tokio::test(start_paused = true)]
async fn a_write_that_failed_is_not_sent_again_and_keeps_what_was_said() {
    for (kind, expected, uncertain) in
        [(FaultKind::Error, Kind::Unavailable, true), (FaultKind::Throttle, Kind::Throttled, false)]
    {
        let simulator = simulator(world());
        simulator.add_fault(Fault::new(kind).route("PUT", ROLES).retry_after("200"));
        let (client, _switch) = stopped_after(&simulator, 10);
        let start = Instant::now();
        let error = client.arm(contoso(), Priority::Change).put_role_assignment(&reader()).await.unwrap_err();
        assert_eq!(start.elapsed().as_secs(), 10, "{kind:?} ends with the switch and not with its wait");
        assert_eq!(error.kind(), expected, "{error}");
        assert_eq!(error.may_have_happened(), uncertain, "{error}");
        assert!(error.to_string().contains("not sent again: incident 42"), "{error}");
        assert_eq!(writes(&simulator), 1, "{kind:?} is met once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waits_for_its_turn_never_leaves_and_reads_go_on() {
    let simulator = simulator(world());
    let throttle = Fault::new(FaultKind::Throttle).customer("contoso").retry_after("200").times(1);
    simulator.add_fault(throttle.service(Service::Graph));
    let (client, _switch) = stopped_after(&simulator, 10);
    client.identity(contoso()).await.unwrap();
    let graph = graph(&client);
    let start = Instant::now();
    let read = graph.group(object(READERS));
    let written = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let error = graph.rename_group(object(READERS), "Other").await.unwrap_err();
        (error, start.elapsed().as_secs())
    };
    let (read, (error, after)) = futures_util::future::join(read, written).await;
    assert_eq!((error.halted(), after), (Some("incident 42"), 10), "{error}");
    assert!(error.did_nothing());
    assert!(read.unwrap().is_some(), "the read waits out its pause and is answered");
    assert_eq!(start.elapsed().as_secs(), 200);
    assert_eq!(writes(&simulator), 0);
}

#[tokio::test(start_paused = true)]
async fn a_batch_ends_between_two_attempts_and_each_item_keeps_its_answer() {
    let simulator = simulator(world_with(|contoso| {
        contoso.users =
            (0x300..0x314).map(|n| User::guest(id(n), &format!("g{n}@fabrikam.example"))).collect();
        contoso.groups[0].members = (0x300..0x314).map(id).collect();
    }));
    simulator.add_fault(Fault::new(FaultKind::PartialBatch).retry_after("100"));
    let (client, _switch) = stopped_after(&simulator, 10);
    let guests: BTreeSet<ObjectId> = (0x300..0x314).map(object).collect();
    let results = graph(&client).remove_members(object(READERS), &guests).await;
    let (done, failed): (Vec<_>, Vec<_>) = results.values().partition(|result| result.is_ok());
    assert!(done.iter().all(|result| result.as_ref().unwrap().effect == Effect::Done));
    assert!(!done.is_empty() && !failed.is_empty(), "{results:?}");
    for result in failed {
        let error = result.as_ref().unwrap_err();
        assert!(matches!(error.kind(), Kind::Throttled | Kind::Unavailable), "{error}");
        assert!(error.to_string().contains("not sent again: incident 42"), "{error}");
    }
    assert_eq!(simulator.requests().iter().filter(|r| r.route == "/$batch").count(), 1);
}

/// Tried: the lost answer of a group's creation forgotten before its repetition: "did nothing, it says".
#[tokio::test(start_paused = true)]
async fn whoever_must_not_repeat_a_creation_still_says_that_it_may_have_happened() {
    let simulator = simulator(world());
    let upsert = "/groups(uniqueName='{name}')";
    simulator.add_fault(Fault::new(FaultKind::Error).route("PATCH", upsert));
    let (client, switch) = stopped_after(&simulator, 100_000);
    // Thrown between the first attempt and the look for what it may have made.
    let thrown = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        switch.throw("incident 42");
    };
    let name = "groupsync-0f1e2d3c-g-new".to_owned();
    let new = NewGroup { unique_name: name, display_name: "Contoso_New".into() };
    let graph = graph(&client);
    let (made, ()) = futures_util::future::join(graph.upsert_group(&new), thrown).await;
    let error = made.unwrap_err();
    assert!(error.may_have_happened(), "did nothing, it says: {error}");
    assert_eq!(writes(&simulator), 1);
}
