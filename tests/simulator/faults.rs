//! Faults: each test turns red when the handler of its fault is taken out.

use std::time::Duration;

use groupsync::simulator::faults::{Envelope, Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{Group, World};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::{ADA, CONTOSO, GRACE, PROD, TEAM, Wire, assignments, reference, world, world_with};

fn wire(fault: Fault) -> Wire {
    wire_in(world(), fault)
}

fn wire_in(world: World, fault: Fault) -> Wire {
    let wire = Wire::new(world);
    wire.simulator.add_fault(fault);
    wire
}

fn graph(kind: FaultKind) -> Fault {
    Fault::new(kind).service(Service::Graph)
}

#[tokio::test(start_paused = true)]
async fn throttle_refuses_with_whatever_retry_after_it_was_given() {
    for value in ["7", "2.128", "Tue, 01 Jan 2030 00:00:09 GMT", "soon"] {
        let wire = wire(graph(FaultKind::Throttle).retry_after(value).times(1));
        let reply = wire.get("/groups").await;
        assert_eq!(reply.error(), (429, "TooManyRequests".to_owned()));
        assert_eq!(reply.header("retry-after"), value);
        assert_eq!(wire.get("/groups").await.status, 200, "once means once");
    }
    let silent = wire(graph(FaultKind::Throttle)).get("/groups").await;
    assert_eq!((silent.status, silent.header("retry-after")), (429, ""));
}

#[tokio::test(start_paused = true)]
async fn throttle_speaks_the_language_of_each_service() {
    let wire = wire(Fault::new(FaultKind::Throttle).service(Service::Arm));
    let reply = wire.arm("GET", &assignments(&format!("/subscriptions/{PROD}")), Value::Null).await;
    assert_eq!(reply.error(), (429, "ResourceRequestsThrottled".to_owned()));
    wire.simulator.clear_faults();
    wire.simulator.add_fault(Fault::new(FaultKind::Throttle).service(Service::Login));
    let reply = wire.ask_token(&CONTOSO.to_string(), &[]).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (429, Some("temporarily_unavailable")));
}

#[tokio::test(start_paused = true)]
async fn error_does_nothing_and_says_so() {
    let wire = wire(graph(FaultKind::Error).route("DELETE", "/users/{id}").status(500));
    assert_eq!(wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await.error().0, 500);
    assert_eq!(wire.simulator.history(), []);
    wire.simulator.clear_faults();
    wire.simulator.add_fault(graph(FaultKind::Error));
    assert_eq!(wire.get("/groups").await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn html_comes_with_a_friendly_status() {
    let reply = wire(graph(FaultKind::Html)).get("/groups").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").starts_with("text/html"));
    assert!(reply.text.starts_with("<!DOCTYPE html>"));
}

#[tokio::test(start_paused = true)]
async fn cut_answers_end_in_the_middle_one_way_or_the_other() {
    let wire = wire(graph(FaultKind::Cut));
    let (mut broken, mut unreadable) = (0, 0);
    for _ in 0..20 {
        match wire.try_graph("GET", "/groups", Value::Null).await {
            Err(_) => broken += 1,
            Ok(reply) => {
                assert!(serde_json::from_str::<Value>(&reply.text).is_err(), "{}", reply.text);
                unreadable += 1;
            }
        }
    }
    assert!(broken > 0 && unreadable > 0, "{broken} {unreadable}");
    let path = format!("/users/{ADA}");
    assert!(wire.try_graph("DELETE", &path, Value::Null).await.is_err(), "an empty answer is lost whole");
    wire.simulator.clear_faults();
    assert_eq!(wire.get(&path).await.status, 404, "but the deletion was done");
}

#[tokio::test(start_paused = true)]
async fn lost_answers_belong_to_writes_that_happened() {
    let wire = wire(graph(FaultKind::LostAnswer).route("POST", "/invitations").times(1));
    let reply = wire.graph("POST", "/invitations", super::invitation("jo@fabrikam.example")).await;
    assert_eq!((reply.status, reply.text.as_str()), (504, ""));
    assert_eq!(wire.find("/users", "mail eq 'jo@fabrikam.example'").await.rows().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_liar_answers_like_a_service_that_did_it_and_does_nothing() {
    let wire = wire(graph(FaultKind::Liar).times(2));
    let jo = || super::invitation("jo@fabrikam.example");
    let lied = wire.graph("POST", "/invitations", jo()).await;
    assert_eq!(lied.status, 201, "reading is no lie and uses none up");
    assert_eq!(wire.find("/users", "mail eq 'jo@fabrikam.example'").await.rows().len(), 0);
    assert_eq!(wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await.status, 204);
    assert_eq!(wire.get(&format!("/users/{ADA}")).await.status, 200);
    assert_eq!(wire.simulator.history(), []);
    let told = wire.graph("POST", "/invitations", jo()).await;
    assert_ne!(told.json()["invitedUser"]["id"], lied.json()["invitedUser"]["id"], "ids are not given twice");

    wire.simulator.clear_faults();
    wire.simulator.add_fault(Fault::new(FaultKind::Liar).service(Service::Arm).times(1));
    let scope = format!("/subscriptions/{PROD}");
    let path = format!(
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{}?api-version=2022-04-01",
        Uuid::from_u128(77)
    );
    let body = json!({"properties": {
        "roleDefinitionId":
            "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "principalId": TEAM,
        "principalType": "Group",
    }});
    assert_eq!(wire.arm("PUT", &path, body.clone()).await.status, 201);
    assert_eq!(wire.arm("GET", &path, Value::Null).await.status, 404);
    assert_eq!(wire.arm("PUT", &path, body).await.status, 201);
    assert_eq!(wire.arm("GET", &path, Value::Null).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn forbidden_refuses_one_customer_and_no_other() {
    let wire = wire(Fault::new(FaultKind::Forbidden).customer("contoso").service(Service::Graph));
    assert_eq!(wire.get("/groups").await.error(), (403, "Authorization_RequestDenied".to_owned()));
    let wire = wire.at(super::NORTHWIND);
    assert_eq!(wire.get("/groups").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn no_consent_hides_the_application_from_login() {
    let wire = wire(Fault::new(FaultKind::NoConsent).customer("contoso"));
    let reply = wire.ask_token(&CONTOSO.to_string(), &[]).await;
    assert_eq!((reply.status, reply.json()["error_codes"][0].as_u64()), (400, Some(700_016)));
}

#[tokio::test(start_paused = true)]
async fn a_partial_batch_leaves_some_items_undone() {
    let wire = wire(graph(FaultKind::PartialBatch).retry_after("11"));
    let add = |id: &str, person: Uuid| {
        json!({"id": id, "method": "POST", "url": format!("/groups/{TEAM}/members/$ref"),
               "headers": {"Content-Type": "application/json"}, "body": {"@odata.id": reference(person)}})
    };
    let newcomers: Vec<Uuid> = {
        let mut ids = vec![GRACE];
        for n in 0..11 {
            ids.push(wire.invite(&format!("jo{n}@fabrikam.example")).await);
        }
        ids
    };
    let requests: Vec<Value> =
        newcomers.iter().enumerate().map(|(n, person)| add(&n.to_string(), *person)).collect();
    let reply = wire.graph("POST", "/$batch", json!({"requests": requests})).await;
    assert_eq!(reply.status, 200);
    let responses = reply.json()["responses"].as_array().unwrap().clone();
    let with = |status: u64| responses.iter().filter(move |item| item["status"] == status);
    assert!(with(429).count() > 0 && with(503).count() > 0 && with(204).count() > 0, "{responses:?}");
    assert!(with(429).all(|item| item["headers"]["Retry-After"] == "11"));
    let members = wire.get(&format!("/groups/{TEAM}/members")).await.ids();
    assert_eq!(members.len(), 1 + with(204).count());
    let struck =
        wire.simulator.requests().iter().filter(|record| record.batch_item && record.status >= 429).count();
    assert_eq!(struck, with(429).count() + with(503).count());
}

#[tokio::test(start_paused = true)]
async fn faults_strike_items_of_a_batch_by_their_own_route() {
    let wire = wire(graph(FaultKind::Throttle).route("GET", "/groups/{id}/members").retry_after("3"));
    let requests = json!([
        {"id": "1", "method": "GET", "url": format!("/groups/{TEAM}/members")},
        {"id": "2", "method": "GET", "url": format!("/groups/{TEAM}")},
    ]);
    let reply = wire.graph("POST", "/$batch", json!({"requests": requests})).await;
    let status = |id: &str| {
        let responses = reply.json()["responses"].as_array().unwrap().clone();
        responses.iter().find(|item| item["id"] == id).unwrap()["status"].as_u64().unwrap()
    };
    assert_eq!((reply.status, status("1"), status("2")), (200, 429, 200));
}

#[tokio::test(start_paused = true)]
async fn a_short_page_leads_nowhere() {
    for (status, expected) in [(None, 500), (Some(410), 410)] {
        let groups = (1..=10).map(|n| Group::security(Uuid::from_u128(n), &format!("g{n}"), []));
        let mut fault = graph(FaultKind::ShortPage).route("GET", "/groups").times(1);
        fault.status = status;
        let wire = wire_in(world_with(|contoso| contoso.groups = groups.collect()), fault);
        let reply = wire.get("/groups").await;
        assert_eq!(reply.rows().len(), 5);
        let link = reply.json()["@odata.nextLink"].as_str().unwrap().to_owned();
        let rest = wire.get(link.strip_prefix(super::GRAPH).unwrap()).await;
        assert_eq!(rest.error().0, expected);
        assert_eq!(wire.get("/groups").await.rows().len(), 10, "asked anew, the list is whole");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_page_of_role_assignments_leads_nowhere_either() {
    let wire = wire(Fault::new(FaultKind::ShortPage).service(Service::Arm).times(1));
    let reply = wire.arm("GET", &assignments(&format!("/subscriptions/{PROD}")), Value::Null).await;
    assert_eq!(reply.rows().len(), 1);
    let link = reply.json()["nextLink"].as_str().unwrap().to_owned();
    let path = link.strip_prefix("http://simulator.invalid/arm").unwrap().to_owned();
    assert_eq!(wire.arm("GET", &path, Value::Null).await.error().0, 500);
}

#[tokio::test(start_paused = true)]
async fn slow_answers_take_their_time_and_then_do_the_work() {
    let wire = wire(graph(FaultKind::Slow).delay(45.0).route("DELETE", "/users/{id}"));
    let started = Instant::now();
    let path = format!("/users/{ADA}");
    let given_up = tokio::time::timeout(Duration::from_secs(5), wire.graph("DELETE", &path, Value::Null));
    assert!(given_up.await.is_err());
    assert_eq!(wire.simulator.history(), [], "a request given up was never carried out");
    assert_eq!(wire.graph("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(started.elapsed(), Duration::from_secs(50));
}

#[tokio::test(start_paused = true)]
async fn lag_hides_one_write_for_as_long_as_it_says() {
    let wire = wire(graph(FaultKind::Lag).route("POST", "/groups/{id}/members/$ref").delay(90.0).times(1));
    let add = json!({"@odata.id": reference(GRACE)});
    let path = format!("/groups/{TEAM}/members");
    assert_eq!(wire.graph("POST", &format!("{path}/$ref"), add).await.status, 204);
    wire.simulator.advance(Duration::from_secs(89));
    assert_eq!(wire.get(&path).await.ids(), [ADA]);
    wire.simulator.advance(Duration::from_secs(1));
    assert_eq!(wire.get(&path).await.ids(), [ADA, GRACE]);
    wire.graph("DELETE", &format!("{path}/{ADA}/$ref"), Value::Null).await;
    assert_eq!(wire.get(&path).await.ids(), [GRACE], "the second write is not late");
}

#[tokio::test(start_paused = true)]
async fn skew_moves_a_clock_and_nothing_else() {
    let wire = wire(graph(FaultKind::Skew).delay(-7200.0));
    let reply = wire.get("/groups").await;
    assert_eq!((reply.status, reply.header("date")), (200, "Mon, 31 Dec 2029 22:00:00 GMT"));
    let refused = wire.get("/groups/nonsense").await;
    assert_eq!(refused.header("date"), "Mon, 31 Dec 2029 22:00:00 GMT");
    wire.simulator.clear_faults();
    wire.simulator.add_fault(graph(FaultKind::Skew));
    assert_eq!(wire.get("/groups").await.error().0, 401, "two hours on, a token of one hour is over");
    assert_eq!(wire.simulator.now().to_string(), "2030-01-01T00:00:00Z");
}

#[tokio::test(start_paused = true)]
async fn a_foreign_link_leads_off_the_service() {
    let wire = wire(graph(FaultKind::ForeignLink).times(1));
    let reply = wire.get("/groups?$select=id").await;
    let link = reply.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://elsewhere.invalid/graph/v1.0/groups?$select=id&$skiptoken="), "{link}");
    assert_eq!(reply.rows().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_same_link_leads_in_a_circle() {
    let wire = wire(graph(FaultKind::SameLink));
    let mut path = "/groups".to_owned();
    let mut links = Vec::new();
    for _ in 0..4 {
        let reply = wire.get(&path).await;
        assert_eq!(reply.ids(), [TEAM]);
        let link = reply.json()["@odata.nextLink"].as_str().unwrap().to_owned();
        path = link.strip_prefix(super::GRAPH).unwrap().to_owned();
        links.push(link);
    }
    links.dedup();
    assert_eq!(links.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn huge_answers_are_right_and_far_too_long() {
    let wire = wire(graph(FaultKind::Huge).times(1));
    let huge = wire.get("/groups").await;
    assert!(huge.text.len() > 16 * 1024 * 1024);
    assert_eq!(huge.json(), wire.get("/groups").await.json());
}

#[tokio::test(start_paused = true)]
async fn mistyped_answers_are_right_under_a_wrong_name() {
    let wire = wire(graph(FaultKind::Mistyped).times(1));
    let mistyped = wire.get("/groups").await;
    assert_eq!(mistyped.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(mistyped.json(), wire.get("/groups").await.json());
}

#[tokio::test(start_paused = true)]
async fn absurd_headers_come_with_a_right_answer() {
    let wire = wire(Fault::new(FaultKind::AbsurdHeaders).service(Service::Graph));
    let reply = wire.get("/groups").await;
    assert_eq!((reply.status, reply.ids()), (200, vec![TEAM]));
    assert!(reply.header("retry-after").starts_with('-'));
    assert_eq!(reply.header("x-ms-throttle-limit-percentage"), "NaN");
    assert_eq!(reply.header("date"), "yesterday");
}

#[tokio::test(start_paused = true)]
async fn an_error_says_what_it_is_told_to_say() {
    let text = "One or more property values specified are invalid.";
    let wire = wire(graph(FaultKind::Error).status(400).saying("Request_BadRequest", text));
    let reply = wire.get("/groups").await;
    assert_eq!((reply.error(), reply.message()), ((400, "Request_BadRequest".to_owned()), text.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn error_bodies_come_in_every_shape_that_was_seen() {
    for (envelope, holds) in [
        (
            Envelope::LowerCase,
            (|body| body["error"]["innererror"]["request-id"].is_string()) as fn(&Value) -> bool,
        ),
        (Envelope::LocalizedMessage, |body| body["error"]["message"]["value"].is_string()),
        (Envelope::NoCode, |body| body["error"]["code"] == ""),
        (Envelope::Nested, |body| body["error"]["innerError"]["innerError"]["code"] == "429"),
        (Envelope::Legacy, |body| body["odata.error"]["code"] == "ServiceUnavailable"),
        (Envelope::Nothing, Value::is_null),
    ] {
        let reply = wire(graph(FaultKind::Error).envelope(envelope)).get("/groups").await;
        assert_eq!(reply.status, 503);
        let body = if reply.text.is_empty() { Value::Null } else { reply.json() };
        assert!(holds(&body), "{envelope:?}: {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn faults_wait_for_their_turn_and_end_after_it() {
    let wire = wire(graph(FaultKind::Error).after(2).times(2));
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(wire.get("/groups").await.status);
    }
    assert_eq!(statuses, [200, 200, 503, 503, 200, 200]);
}

#[tokio::test(start_paused = true)]
async fn chance_is_the_same_for_the_same_seed() {
    let run = async || {
        let wire = wire(graph(FaultKind::Error).chance(0.5));
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(wire.get("/groups").await.status);
        }
        statuses
    };
    let first = run().await;
    assert!(first.contains(&200) && first.contains(&503), "{first:?}");
    assert_eq!(first, run().await);
}
