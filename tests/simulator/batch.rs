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
