//! Replica lag: what is written and what is seen.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ADA, CONTOSO, GRACE, PROD, READER, TEAM, Wire, assignment, assignments, lagging, reference, role_for,
    world,
};

const SECOND: Duration = Duration::from_secs(1);

/// Whether something is seen right before the shortest lag is over, and right after the longest.
macro_rules! seen_only_later {
    ($wire:expr, $seen:expr) => {{
        $wire.simulator.advance(9 * SECOND);
        assert!(!$seen, "seen before the shortest lag");
        $wire.simulator.advance(12 * SECOND);
        assert!($seen, "not seen after the longest lag");
    }};
}

fn whole() -> String {
    format!("/subscriptions/{PROD}")
}

#[tokio::test(start_paused = true)]
async fn without_lag_every_write_is_seen_at_once() {
    let wire = Wire::new(world());
    let group = wire.create_group("new").await;
    assert_eq!(wire.get(&format!("/groups/{group}")).await.status, 200);
    let add = json!({"@odata.id": reference(GRACE)});
    assert_eq!(wire.graph("POST", &format!("/groups/{group}/members/$ref"), add).await.status, 204);
    assert_eq!(wire.get(&format!("/groups/{group}/members")).await.ids(), [GRACE]);
    assert_eq!(wire.arm("PUT", &assignment(&whole(), group), role_for(group, READER)).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_new_group_is_late_by_id() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let group = wire.create_group("new").await;
    seen_only_later!(wire, wire.get(&format!("/groups/{group}")).await.status == 200);
}

#[tokio::test(start_paused = true)]
async fn a_new_group_is_late_by_name() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.create_group("new").await;
    seen_only_later!(wire, wire.get("/groups(uniqueName='new')").await.status == 200);
}

#[tokio::test(start_paused = true)]
async fn a_new_group_is_late_in_the_list() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.create_group("new").await;
    seen_only_later!(wire, !wire.find("/groups", "startsWith(mailNickname,'new')").await.rows().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_changed_or_deleted_group_shows_its_old_self_for_a_while() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.graph("PATCH", &format!("/groups/{TEAM}"), json!({"displayName": "renamed"})).await;
    seen_only_later!(wire, wire.get(&format!("/groups/{TEAM}")).await.json()["displayName"] == "renamed");
    wire.graph("DELETE", &format!("/groups/{TEAM}"), Value::Null).await;
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.ids(), [ADA], "its members still show");
    seen_only_later!(wire, wire.get(&format!("/groups/{TEAM}")).await.status == 404);
}

#[tokio::test(start_paused = true)]
async fn an_added_member_is_late() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let add = json!({"@odata.id": reference(GRACE)});
    assert_eq!(wire.graph("POST", &format!("/groups/{TEAM}/members/$ref"), add).await.status, 204);
    seen_only_later!(wire, wire.get(&format!("/groups/{TEAM}/members")).await.ids().contains(&GRACE));
}

#[tokio::test(start_paused = true)]
async fn a_removed_member_stays_in_the_list_for_a_while() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.graph("DELETE", &format!("/groups/{TEAM}/members/{ADA}/$ref"), Value::Null).await;
    seen_only_later!(wire, !wire.get(&format!("/groups/{TEAM}/members")).await.ids().contains(&ADA));
}

#[tokio::test(start_paused = true)]
async fn memberships_are_late_on_the_page_of_the_member_too() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.graph("DELETE", &format!("/groups/{TEAM}/members/{ADA}/$ref"), Value::Null).await;
    seen_only_later!(wire, wire.get(&format!("/users/{ADA}/memberOf")).await.rows().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_guest_is_late_in_searches() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.invite("jo@fabrikam.example").await;
    seen_only_later!(wire, !wire.find("/users", "mail eq 'jo@fabrikam.example'").await.rows().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_guest_is_late_by_id() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let guest = wire.invite("jo@fabrikam.example").await;
    seen_only_later!(wire, wire.get(&format!("/users/{guest}")).await.status == 200);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_guest_is_late_among_the_deleted() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await;
    let path = "/directory/deletedItems/microsoft.graph.user";
    seen_only_later!(wire, wire.get(path).await.ids() == [ADA]);
}

#[tokio::test(start_paused = true)]
async fn a_new_assignment_is_late_in_the_list_and_by_id() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let name = Uuid::from_u128(1);
    assert_eq!(wire.arm("PUT", &assignment(&whole(), name), role_for(TEAM, READER)).await.status, 201);
    assert_eq!(wire.arm("GET", &assignment(&whole(), name), Value::Null).await.status, 404);
    seen_only_later!(wire, wire.arm("GET", &assignments(&whole()), Value::Null).await.rows().len() == 3);
    assert_eq!(wire.arm("GET", &assignment(&whole(), name), Value::Null).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn arm_knows_a_new_group_only_after_a_while() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let group = wire.create_group("new").await;
    let reply = wire.arm("PUT", &assignment(&whole(), group), role_for(group, READER)).await;
    assert_eq!(reply.error(), (400, "PrincipalNotFound".to_owned()));
    assert!(reply.message().contains(&group.simple().to_string()), "the id is printed without dashes");
    let put = async || wire.arm("PUT", &assignment(&whole(), group), role_for(group, READER)).await.status;
    seen_only_later!(wire, put().await == 201);
}

#[tokio::test(start_paused = true)]
async fn references_to_new_objects_fail_now_and_then_until_they_arrived() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let mut failures = BTreeSet::new();
    let mut successes = 0;
    for n in 0..20 {
        let group = wire.create_group(&format!("new{n}")).await;
        let guest = wire.invite(&format!("jo{n}@fabrikam.example")).await;
        let add = |id: Uuid| json!({"@odata.id": reference(id)});
        let to_new = wire.graph("POST", &format!("/groups/{group}/members/$ref"), add(ADA)).await;
        let of_new = wire.graph("POST", &format!("/groups/{TEAM}/members/$ref"), add(guest)).await;
        for reply in [to_new, of_new] {
            if reply.status == 204 {
                successes += 1;
            } else {
                failures.insert(reply.error());
            }
        }
    }
    let expected = [(400, "Request_BadRequest"), (404, "Request_ResourceNotFound")];
    assert_eq!(failures, expected.map(|(status, code)| (status, code.to_owned())).into());
    assert!(successes > 0);
    let group = wire.create_group("patient").await;
    wire.simulator.advance(20 * SECOND);
    let add = json!({"@odata.id": reference(ADA)});
    assert_eq!(wire.graph("POST", &format!("/groups/{group}/members/$ref"), add).await.status, 204);
}

#[tokio::test(start_paused = true)]
async fn what_others_do_in_a_tenant_is_late_too() {
    let wire = Wire::new(lagging(10.0, 20.0));
    wire.simulator.edit_customer(CONTOSO, |contoso| {
        contoso.group_mut(TEAM).unwrap().members.insert(GRACE);
    });
    let truth = wire.simulator.world().customer("contoso").unwrap().groups[0].members.clone();
    assert!(truth.contains(&GRACE), "the snapshot shows the truth");
    seen_only_later!(wire, wire.get(&format!("/groups/{TEAM}/members")).await.ids().contains(&GRACE));
}

#[tokio::test(start_paused = true)]
async fn time_that_passes_for_tokio_passes_for_the_simulator() {
    let wire = Wire::new(lagging(10.0, 20.0));
    let group = wire.create_group("new").await;
    tokio::time::sleep(20 * SECOND).await;
    assert_eq!(wire.get(&format!("/groups/{group}")).await.status, 200);
    assert_eq!(wire.simulator.now().to_string(), "2030-01-01T00:00:20Z");
}
