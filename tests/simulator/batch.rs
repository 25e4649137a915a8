//! `$batch`.

use groupsync::simulator::requests::RequestRecord;
use serde_json::{Value, json};

use super::{ADA, GRACE, Reply, TEAM, Wire, reference, world};

fn responses(reply: &Reply) -> Vec<Value> {
    reply.json()["responses"].as_array().unwrap_or_else(|| panic!("{reply:?}")).clone()
}

fn statuses(reply: &Reply) -> Vec<(String, u64)> {
    let mut statuses: Vec<(String, u64)> = responses(reply)
        .iter()
        .map(|item| (item["id"].as_str().unwrap().to_owned(), item["status"].as_u64().unwrap()))
        .collect();
    statuses.sort();
    statuses
}

#[tokio::test(start_paused = true)]
async fn items_succeed_and_fail_on_their_own() {
    let wire = Wire::new(world());
    let json_body = json!({"Content-Type": "application/json"});
    let reply = wire
        .graph(
            "POST",
            "/$batch",
            json!({"requests": [
                {"id": "1", "method": "GET", "url": format!("/groups/{TEAM}?$select=id")},
                {"id": "2", "method": "GET", "url": format!("groups/{ADA}")},
                {"id": "3", "method": "POST", "url": format!("/groups/{TEAM}/members/$ref"),
                 "headers": json_body, "body": {"@odata.id": reference(GRACE)}},
                {"id": "4", "method": "POST", "url": format!("/groups/{TEAM}/members/$ref"),
                 "body": {"@odata.id": reference(ADA)}},
                {"id": "5", "method": "POST", "url": "/$batch", "headers": json_body, "body": {"requests": []}},
                {"id": "6", "method": "GET", "url": "https://graph.microsoft.com/v1.0/groups"},
                {"id": "7", "method": "GET", "url": "/groups", "dependsOn": ["2"]},
                {"id": "8", "method": "GET", "url": "/groups", "dependsOn": ["1"]},
            ]}),
        )
        .await;
    assert_eq!(reply.status, 200);
    let expected = [200, 404, 204, 400, 400, 400, 424, 200];
    let expected: Vec<(String, u64)> = (1..).map(|id: u64| id.to_string()).zip(expected).collect();
    assert_eq!(statuses(&reply), expected);
    let added = responses(&reply).into_iter().find(|item| item["id"] == "3").unwrap();
    assert_eq!(added.get("body"), None, "a 204 has no body");
}

#[tokio::test(start_paused = true)]
async fn answers_come_in_an_order_of_their_own() {
    let wire = Wire::new(world());
    let requests: Vec<Value> =
        (0..20).map(|n| json!({"id": n.to_string(), "method": "GET", "url": "/groups"})).collect();
    let reply = wire.graph("POST", "/$batch", json!({"requests": requests})).await;
    let order: Vec<String> =
        responses(&reply).iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    let asked: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    assert_ne!(order, asked);
    assert_eq!(statuses(&reply).len(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_cannot_be_read_is_refused_as_a_whole() {
    let wire = Wire::new(world());
    let item = |id: &str| json!({"id": id, "method": "GET", "url": "/groups"});
    let many: Vec<Value> = (0..21).map(|n| item(&n.to_string())).collect();
    for body in [
        json!({"requests": many}),
        json!({"requests": [item("a"), item("A")]}),
        json!({"requests": [{"id": "1", "method": "GET"}]}),
        json!({}),
    ] {
        assert_eq!(wire.graph("POST", "/$batch", body).await.error(), (400, "BadRequest".to_owned()));
    }
    let absolute = json!({"requests": [item("1")]});
    assert_eq!(wire.graph("GET", "/$batch", absolute).await.status, 405);
}

#[tokio::test(start_paused = true)]
async fn a_batch_counts_once_and_its_items_apart() {
    let wire = Wire::new(world());
    wire.token("https://graph.microsoft.com").await;
    let requests: Vec<Value> = (0..3)
        .map(|n| json!({"id": n.to_string(), "method": "GET", "url": format!("/groups/{TEAM}/members")}))
        .collect();
    wire.simulator.clear_requests();
    wire.graph("POST", "/$batch", json!({"requests": requests})).await;
    let records = wire.simulator.requests();
    let of = |batch_item: bool| -> Vec<&RequestRecord> {
        records
            .iter()
            .filter(|record| record.batch_item == batch_item && record.route != "/{tenant}/oauth2/v2.0/token")
            .collect()
    };
    assert_eq!(of(false).len(), 1);
    assert_eq!(of(false)[0].route, "/$batch");
    assert_eq!(of(true).len(), 3);
    assert!(of(true).iter().all(|record| record.route == "/groups/{id}/members"));
    assert!(of(true).iter().all(|record| record.customer.as_deref() == Some("contoso")));
}

/// Trap: graph 9
///
/// Tried: `struck_by_load` returns nothing -> "no item was refused".
#[tokio::test(start_paused = true)]
async fn more_than_a_hundred_members_in_one_batch_are_too_many_for_the_service() {
    let group = |n: u128| uuid::Uuid::from_u128(0x6000 + n);
    let people: Vec<uuid::Uuid> = (0..20).map(|n| uuid::Uuid::from_u128(0x7000 + n)).collect();
    let wire = Wire::new(super::world_with(|contoso| {
        let user = |id: &uuid::Uuid| {
            groupsync::simulator::world::User::member(*id, &format!("u{}@contoso.example", id.as_u128()))
        };
        contoso.users.extend(people.iter().map(user));
        contoso
            .groups
            .extend((0..20).map(|n| groupsync::simulator::world::Group::security(group(n), "g", [])));
    }));
    let links: Vec<String> = people.iter().map(|id| reference(*id)).collect();
    let item = |n: u128| {
        json!({"id": n.to_string(), "method": "PATCH", "url": format!("/groups/{}", group(n)),
               "headers": {"Content-Type": "application/json"}, "body": {"members@odata.bind": links}})
    };
    let send = async |numbers: std::ops::Range<u128>| {
        let requests: Vec<Value> = numbers.map(item).collect();
        statuses(&wire.graph("POST", "/$batch", json!({"requests": requests})).await)
    };
    assert!(send(0..5).await.iter().all(|(_, status)| *status == 204), "five of twenty pass");
    let many = send(5..20).await;
    let refused = many.iter().filter(|(_, status)| *status == 503).count();
    assert!(refused > 0, "no item was refused");
    assert!(many.iter().filter(|(_, status)| *status == 204).count() >= 5);
}

/// Trap: graph 11
#[tokio::test(start_paused = true)]
async fn what_depends_on_something_waits_for_it_wherever_it_stands() {
    let wire = Wire::new(world());
    let removal = format!("/groups/{TEAM}/members/{ADA}/$ref");
    let reply = wire
        .graph(
            "POST",
            "/$batch",
            json!({"requests": [
                {"id": "list", "method": "GET", "url": format!("/groups/{TEAM}/members"), "dependsOn": ["REMOVE"]},
                {"id": "remove", "method": "DELETE", "url": removal},
            ]}),
        )
        .await;
    assert_eq!(statuses(&reply), [("list".to_owned(), 200), ("remove".to_owned(), 204)]);
    let list = responses(&reply).into_iter().find(|item| item["id"] == "list").unwrap();
    assert_eq!(list["body"]["value"], json!([]), "it ran after the removal");
    let get = |id: &str, on: &str| json!({"id": id, "method": "GET", "url": "/groups", "dependsOn": [on]});
    for requests in [json!([get("a", "nobody")]), json!([get("a", "b"), get("b", "a")])] {
        assert_eq!(wire.graph("POST", "/$batch", json!({"requests": requests})).await.error().0, 400);
    }
}

/// Trap: graph 10
#[tokio::test(start_paused = true)]
async fn a_throttled_item_says_inside_how_long_to_wait() {
    let wire = Wire::new(world());
    let fault = groupsync::simulator::faults::Fault::new(groupsync::simulator::faults::FaultKind::Throttle);
    wire.simulator.add_fault(fault.route("GET", "/users").retry_after("11"));
    let requests = json!([
        {"id": "users", "method": "GET", "url": "/users"},
        {"id": "groups", "method": "GET", "url": "/groups"},
    ]);
    let reply = wire.graph("POST", "/$batch", json!({"requests": requests})).await;
    assert_eq!((reply.status, reply.header("retry-after")), (200, ""), "outside all is well");
    let throttled = responses(&reply).into_iter().find(|item| item["id"] == "users").unwrap();
    assert_eq!(
        (throttled["status"].as_u64(), throttled["headers"]["Retry-After"].as_str()),
        (Some(429), Some("11"))
    );
    assert_eq!(throttled["body"]["error"]["code"], "TooManyRequests");
}
