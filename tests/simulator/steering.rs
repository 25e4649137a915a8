//! Steering from outside, plain HTTP, and that a run can be repeated byte for byte.

use groupsync::simulator::serve;
use groupsync::simulator::world::World;
use serde_json::{Value, json};

use super::{ADA, Reply, TEAM, Wire, lagging, reference, world};

async fn steer(wire: &Wire, method: &str, path: &str, body: Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    wire.send(method, &format!("http://simulator.invalid{path}"), &[], body).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn requests_are_counted_by_route_and_status() {
    let wire = Wire::new(world());
    for _ in 0..2 {
        wire.get(&format!("/groups/{TEAM}/members")).await;
    }
    wire.get(&format!("/groups/{ADA}")).await;
    for base in ["", "/login", "/graph", "/arm"] {
        let counts = steer(&wire, "GET", &format!("{base}/_simulator/requests"), Value::Null).await.json();
        let count = |route: &str, status: u16| {
            let rows = counts["requests"].as_array().unwrap();
            let row = rows.iter().find(|row| row["route"] == route && row["status"] == status);
            row.map(|row| row["count"].as_u64().unwrap())
        };
        assert_eq!(count("/groups/{id}/members", 200), Some(2));
        assert_eq!(count("/groups/{id}", 404), Some(1));
        assert_eq!(count("/{tenant}/oauth2/v2.0/token", 200), Some(3));
        assert_eq!(counts["total"], 6);
    }
    assert_eq!(steer(&wire, "DELETE", "/_simulator/requests", Value::Null).await.status, 204);
    assert_eq!(wire.simulator.requests(), []);
}

#[tokio::test(start_paused = true)]
async fn faults_and_the_clock_are_set_from_outside() {
    let wire = Wire::new(world());
    let faults = json!([
        {"service": "graph", "method": "GET", "route": "/groups", "fault": "throttle", "retryAfter": 7, "times": 1},
        {"service": "graph", "customer": "northwind", "fault": "forbidden"},
    ]);
    assert_eq!(steer(&wire, "POST", "/graph/_simulator/faults", faults).await.status, 204);
    let armed = steer(&wire, "GET", "/_simulator/faults", Value::Null).await.json();
    assert_eq!((armed[0]["met"].clone(), armed[0]["struck"].clone()), (json!(0), json!(0)), "{armed}");
    let reply = wire.get("/groups").await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "7"));
    assert_eq!(wire.get("/groups").await.status, 200);
    let wrong = json!([{"fault": "throttle", "colour": "red"}]);
    assert_eq!(steer(&wire, "POST", "/_simulator/faults", wrong).await.status, 400);
    let now = steer(&wire, "POST", "/_simulator/clock", json!({"advance": 3600})).await.json();
    assert_eq!(now["now"], "2030-01-01T01:00:00Z");
    assert_eq!(wire.simulator.now().to_string(), "2030-01-01T01:00:00Z");
    assert_eq!(steer(&wire, "GET", "/nonsense", Value::Null).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn the_same_requests_give_the_same_bytes() {
    let run = async || {
        let wire = Wire::new(World { page_size: Some(2), ..lagging(1.0, 30.0) });
        let group = wire.create_group("new").await;
        let mut replies = vec![
            wire.graph("POST", "/invitations", super::invitation("jo@fabrikam.example")).await,
            wire.get(&format!("/groups/{group}")).await,
            wire.get("/groups").await,
            wire.graph(
                "POST",
                &format!("/groups/{group}/members/$ref"),
                json!({"@odata.id": reference(ADA)}),
            )
            .await,
        ];
        let requests: Vec<Value> =
            (0..20).map(|n| json!({"id": n.to_string(), "method": "GET", "url": "/users"})).collect();
        replies.push(wire.graph("POST", "/$batch", json!({"requests": requests})).await);
        replies
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test(start_paused = true)]
async fn links_follow_the_host_the_client_used() {
    let world = World { page_size: Some(1), ..world() };
    let wire = Wire::new(world);
    let token = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    for _ in 0..3 {
        let headers = [("authorization", token.as_str()), ("host", "127.0.0.1:8080")];
        let reply = wire.send("GET", "/graph/v1.0/users", &headers, String::new()).await.unwrap();
        let link = reply.json()["@odata.nextLink"].as_str().unwrap().to_owned();
        assert!(link.starts_with("http://127.0.0.1:8080/graph/v1.0/users?"), "{link}");
        let context = reply.json()["@odata.context"].as_str().unwrap().to_owned();
        assert!(context.starts_with("http://127.0.0.1:8080/graph/v1.0/$metadata"), "{context}");
    }
}

#[tokio::test]
async fn it_answers_over_plain_http() {
    let wire = Wire::new(world());
    let (bound, serving) = serve(&wire.simulator, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let serving = tokio::spawn(serving);
    let url = format!("http://{bound}/login/contoso.example/v2.0/.well-known/openid-configuration");
    let body = reqwest::get(&url).await.unwrap().text().await.unwrap();
    assert!(body.contains(&format!("http://{bound}/login/{}/v2.0", super::CONTOSO)), "{body}");
    serving.abort();
}

#[test]
fn a_world_is_read_from_json_and_contradictions_are_named() {
    let text = serde_json::to_string(&world()).unwrap();
    assert_eq!(World::from_json(&text).unwrap(), world());
    let short = r#"{"version": 1, "customers": [{"name": "a", "consent": "observe"}, {"name": "b", "consent": "none"}]}"#;
    let error = World::from_json(short).unwrap_err();
    assert!(error.contains("is listed twice"), "two customers without a tenant id: {error}");
    assert!(World::from_json(r#"{"colour": "red"}"#).unwrap_err().contains("colour"));
    assert!(World::from_json(r#"{"version": 2}"#).unwrap_err().contains("version 2"));
}
