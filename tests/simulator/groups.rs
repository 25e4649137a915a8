//! Groups: finding, creating, changing, deleting.

use std::time::Duration;

use groupsync::simulator::history::Act;
use groupsync::simulator::world::{Group, Level};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ADA, CONTOSO, TEAM, Wire, query, reference, world, world_with};

#[tokio::test(start_paused = true)]
async fn groups_are_found_by_the_start_of_their_nickname_whatever_its_case() {
    let wire = Wire::new(world());
    let ours = wire.create_group("groupsync-0f1e2d3c-g-readers").await;
    wire.create_group("groupsynx-0f1e2d3c-g-readers").await;
    for filter in [
        "startsWith(mailNickname,'groupsync-0f1e2d3c-')",
        "startswith(mailNickname, 'GROUPSYNC-0F1E2D3C-')",
        "(startsWith(mailNickname,'groupsync-') and securityEnabled eq true)",
        "mailNickname in ('groupsync-0f1e2d3c-g-readers','other')",
    ] {
        assert_eq!(wire.find("/groups", filter).await.ids(), [ours], "{filter}");
    }
}

#[tokio::test(start_paused = true)]
async fn filters_the_service_does_not_know_are_refused() {
    let wire = Wire::new(world());
    for filter in
        ["uniqueName eq 'x'", "displayName ne 'x'", "not (displayName eq 'x')", "endsWith(displayName,'x')"]
    {
        let reply = wire.find("/groups", filter).await;
        assert_eq!(reply.error(), (400, "Request_UnsupportedQuery".to_owned()), "{filter}");
    }
    assert_eq!(wire.find("/groups", "displayName eq 'x").await.error().0, 400);
    let path = format!("/groups?$count=true&{}", query("$filter", "displayName ne 'x'"));
    let token = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let headers = [("authorization", token.as_str()), ("consistencylevel", "eventual")];
    let url = format!("{}{path}", super::GRAPH);
    let reply = wire.send("GET", &url, &headers, String::new()).await.unwrap();
    assert_eq!(reply.json()["@odata.count"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_selection_shows_those_properties_and_no_others() {
    let wire = Wire::new(world());
    let group = wire.get(&format!("/groups/{TEAM}?$select=id,uniqueName,onPremisesSyncEnabled")).await.json();
    let names: Vec<&String> = group.as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.context", "id", "onPremisesSyncEnabled", "uniqueName"]);
    assert_eq!(wire.get("/groups?$select=nonsense").await.error().0, 400);
    assert_eq!(wire.get(&format!("/groups/{TEAM}?$select=allowExternalSenders")).await.error().0, 404);
}

#[tokio::test(start_paused = true)]
async fn pages_hold_a_hundred_or_what_was_asked_and_link_to_the_same_host() {
    let groups = (0..250_u128).map(|n| Group::security(Uuid::from_u128(n + 1), &format!("g{n}"), []));
    let wire = Wire::new(world_with(|contoso| contoso.groups = groups.collect()));
    let first = wire.get("/groups?$select=id").await;
    assert_eq!(first.rows().len(), 100);
    let next = first.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    assert!(next.starts_with("http://simulator.invalid/graph/v1.0/groups?$select=id&$skiptoken="), "{next}");
    assert_eq!(wire.all("/groups?$select=id").await.len(), 250);
    assert_eq!(wire.get("/groups?$top=999").await.rows().len(), 250);
    assert_eq!(wire.get("/groups?$top=1000").await.status, 400);
    assert_eq!(wire.get("/groups?$skiptoken=nonsense").await.error().0, 400);
}

#[tokio::test(start_paused = true)]
async fn forced_small_pages_miss_nothing_and_are_now_and_then_empty() {
    let groups = (0..50_u128).map(|n| Group::security(Uuid::from_u128(n + 1), &format!("g{n}"), []));
    let mut world = world_with(|contoso| contoso.groups = groups.collect());
    world.page_size = Some(3);
    let wire = Wire::new(world);
    let (mut seen, mut empty, mut path) = (Vec::new(), 0, Some("/groups".to_owned()));
    while let Some(here) = path {
        let reply = wire.get(&here).await;
        empty += usize::from(reply.rows().is_empty());
        seen.extend(reply.ids());
        let link = reply.json()["@odata.nextLink"].as_str().map(ToOwned::to_owned);
        path = link.map(|link| link.strip_prefix(super::GRAPH).unwrap().to_owned());
    }
    assert_eq!(seen, (1..=50).map(Uuid::from_u128).collect::<Vec<_>>());
    assert!(empty > 0, "no empty page in {seen:?}");
}

#[tokio::test(start_paused = true)]
async fn an_upsert_creates_once_and_then_only_changes() {
    let wire = Wire::new(world());
    let path = "/groups(uniqueName='groupsync-p-g-x')";
    let created = wire.graph("PATCH", path, wire.group_body("groupsync-p-g-x")).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json()["uniqueName"], "groupsync-p-g-x");
    assert_eq!(created.json()["createdDateTime"], "2030-01-01T00:00:00Z");
    let mut again = wire.group_body("groupsync-p-g-x");
    let reply = wire.graph("PATCH", path, again.clone()).await;
    assert_eq!(reply.status, 400, "the owner is added a second time: {reply:?}");
    assert!(reply.message().contains("already exist for the following modified properties: 'owners'"));
    again.as_object_mut().unwrap().remove("owners@odata.bind");
    again["displayName"] = json!("renamed");
    let reply = wire.graph("PATCH", path, again).await;
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(wire.get(path).await.json()["displayName"], "renamed");
    assert_eq!(wire.find("/groups", "startsWith(mailNickname,'groupsync-p-')").await.ids().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_update_by_name_without_the_wish_to_create_is_404() {
    let wire = Wire::new(world());
    let token = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let url = format!("{}/groups(uniqueName='x')", super::GRAPH);
    let body = wire.group_body("x").to_string();
    let reply = wire.send("PATCH", &url, &[("authorization", &token)], body).await.unwrap();
    assert_eq!(reply.error(), (404, "Request_ResourceNotFound".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_group_needs_its_properties_and_a_free_unique_name() {
    let wire = Wire::new(world());
    let body = |change: fn(&mut Value)| {
        let mut body = json!({
            "displayName": "n", "mailNickname": "n", "mailEnabled": false, "securityEnabled": true,
            "uniqueName": "taken",
        });
        change(&mut body);
        body
    };
    assert_eq!(wire.graph("POST", "/groups", body(|_| {})).await.status, 201);
    for (change, what) in [
        ((|_| {}) as fn(&mut Value), "a unique name twice"),
        (|body| body["uniqueName"] = json!("TAKEN"), "a unique name in another case"),
        (|body| drop(body.as_object_mut().unwrap().remove("mailNickname")), "no nickname"),
        (|body| body["mailNickname"] = json!("a b"), "a nickname with a space"),
        (|body| body["mailNickname"] = json!("a.b"), "a nickname with a dot"),
        (|body| body["mailNickname"] = json!("n".repeat(65)), "a long nickname"),
        (|body| body["displayName"] = json!("n".repeat(257)), "a long name"),
        (|body| body["colour"] = json!("red"), "an unknown property"),
    ] {
        let mut body = body(change);
        if what != "a unique name twice" && body["uniqueName"] == "taken" {
            body["uniqueName"] = json!("free");
        }
        assert_eq!(wire.graph("POST", "/groups", body).await.error().0, 400, "{what}");
    }
    let many: Vec<String> = (0..21).map(|n| reference(Uuid::from_u128(n))).collect();
    let mut body = body(|body| body["uniqueName"] = json!("free"));
    body["members@odata.bind"] = json!(many);
    assert_eq!(wire.graph("POST", "/groups", body).await.error().0, 400);
}

#[tokio::test(start_paused = true)]
async fn the_right_to_create_groups_reaches_only_groups_one_owns() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::Sync.permissions()));
    let owned = wire.create_group("owned").await;
    let mut body = wire.group_body("anonymous");
    body.as_object_mut().unwrap().remove("owners@odata.bind");
    let created = wire.graph("POST", "/groups", body).await;
    assert_eq!(created.status, 201);
    let anonymous = created.json()["id"].as_str().unwrap().to_owned();
    let rename = json!({"displayName": "renamed"});
    let add = json!({"@odata.id": reference(ADA)});
    assert_eq!(wire.graph("PATCH", &format!("/groups/{owned}"), rename.clone()).await.status, 204);
    assert_eq!(wire.graph("POST", &format!("/groups/{owned}/members/$ref"), add.clone()).await.status, 204);
    for id in [anonymous, TEAM.to_string()] {
        assert_eq!(wire.graph("PATCH", &format!("/groups/{id}"), rename.clone()).await.error().0, 403);
        let reply = wire.graph("POST", &format!("/groups/{id}/members/$ref"), add.clone()).await;
        assert_eq!(reply.error(), (403, "Authorization_RequestDenied".to_owned()));
    }
    assert_eq!(wire.graph("DELETE", &format!("/groups/{owned}"), Value::Null).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn observers_cannot_write_groups_at_all() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::Observe.permissions()));
    assert_eq!(wire.get("/groups").await.status, 200);
    assert_eq!(wire.graph("POST", "/groups", wire.group_body("x")).await.status, 403);
    let upsert = wire.graph("PATCH", "/groups(uniqueName='x')", wire.group_body("x")).await;
    assert_eq!(upsert.status, 403);
    let rename = json!({"displayName": "renamed"});
    assert_eq!(wire.graph("PATCH", &format!("/groups/{TEAM}"), rename).await.status, 403);
    assert_eq!(wire.simulator.history(), []);
}

#[tokio::test(start_paused = true)]
async fn groups_that_are_not_ours_to_write_refuse_in_their_own_words() {
    let id = |n: u128| Uuid::from_u128(n);
    let wire = Wire::new(world_with(|contoso| {
        contoso.groups.extend([
            Group { on_premises_sync_enabled: Some(true), ..Group::security(id(1), "synced", []) },
            Group { mail_enabled: true, ..Group::security(id(2), "mail", []) },
            Group { is_assignable_to_role: Some(true), ..Group::security(id(3), "roles", []) },
            Group { is_management_restricted: Some(true), ..Group::security(id(4), "restricted", []) },
            Group { membership_rule: Some("user.x".to_owned()), ..Group::security(id(5), "dynamic", []) },
        ]);
    }));
    for (group, status, text) in [
        (id(1), 400, "on-premises mastered"),
        (id(2), 400, "mail-enabled security groups"),
        (id(3), 403, "Insufficient privileges"),
        (id(4), 403, "Insufficient privileges"),
        (id(5), 400, "dynamic"),
    ] {
        let add = json!({"members@odata.bind": [reference(ADA)]});
        let reply = wire.graph("PATCH", &format!("/groups/{group}"), add).await;
        assert_eq!(reply.status, status);
        assert!(reply.message().contains(text), "{reply:?}");
        let reply = wire.graph("DELETE", &format!("/groups/{group}/members/{ADA}/$ref"), Value::Null).await;
        assert_eq!(reply.status, status);
    }
    assert_eq!(wire.simulator.history(), []);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_group_can_be_restored_for_thirty_days() {
    let wire = Wire::new(world());
    assert_eq!(wire.graph("DELETE", &format!("/groups/{TEAM}"), Value::Null).await.status, 204);
    assert_eq!(wire.get(&format!("/groups/{TEAM}")).await.status, 404);
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.status, 404);
    assert_eq!(wire.graph("DELETE", &format!("/groups/{TEAM}"), Value::Null).await.status, 404);
    assert_eq!(wire.get("/directory/deletedItems/microsoft.graph.group").await.ids(), [TEAM]);
    let restore = wire.graph("POST", &format!("/directory/deletedItems/{TEAM}/restore"), Value::Null).await;
    assert_eq!(restore.status, 200);
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.ids(), [ADA]);
    wire.graph("DELETE", &format!("/groups/{TEAM}"), Value::Null).await;
    wire.simulator.advance(Duration::from_hours(720));
    let late = wire.graph("POST", &format!("/directory/deletedItems/{TEAM}/restore"), Value::Null).await;
    assert_eq!(late.status, 404);
}

#[tokio::test(start_paused = true)]
async fn every_write_stands_in_the_history_with_its_tenant() {
    let wire = Wire::new(world());
    let group = wire.create_group("x").await;
    let history = wire.simulator.history();
    let owner = wire.simulator.service_principal(CONTOSO);
    let acts: Vec<&Act> = history.iter().map(|change| &change.act).collect();
    assert_eq!(
        acts,
        [&Act::GroupCreated { group, display_name: "x".to_owned() }, &Act::OwnerAdded { group, owner }]
    );
    assert!(history.iter().all(|change| change.tenant == CONTOSO));
}

#[tokio::test(start_paused = true)]
async fn answers_and_errors_carry_the_headers_of_the_service() {
    let wire = Wire::new(world());
    let good = wire.get(&format!("/groups/{TEAM}/members?$select=id")).await;
    assert_eq!(good.header("x-ms-resource-unit"), "2");
    assert_eq!(good.header("client-request-id"), "from-the-test");
    assert_eq!(good.header("date"), "Tue, 01 Jan 2030 00:00:00 GMT");
    let bad = wire.get(&format!("/groups/{ADA}")).await;
    let inner = &bad.json()["error"]["innerError"];
    assert_eq!(inner["client-request-id"], "from-the-test");
    assert_eq!(inner["request-id"], bad.header("request-id"));
    assert_eq!(inner["date"], "2030-01-01T00:00:00");
    assert_eq!(wire.get("/nonsense").await.error(), (400, "BadRequest".to_owned()));
    assert_eq!(wire.graph("PUT", "/groups", json!({})).await.status, 405);
}
