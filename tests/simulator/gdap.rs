//! Delegated admin relationships: made, offered, ended, and given to groups, none of it at once.

use std::time::Duration;

use groupsync::simulator::world::{AccessAssignment, Relationship};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::{ADMIN_AGENTS, CONTOSO, PARTNER, Reply, Wire, query, world};

const ALL: &str = "/tenantRelationships/delegatedAdminRelationships";
const READERS: Uuid = uuid!("88d8e3e3-8f55-4a1e-953a-9b9898b8876b");
const USERS: Uuid = uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1");
const HELD: Uuid = uuid!("eeeeeeee-0000-4000-8000-000000000001");

fn wire() -> Wire {
    let mut world = world();
    for permission in ["DelegatedAdminRelationship.ReadWrite.All", "Directory.Read.All"] {
        world.partner.consent.insert(permission.to_owned());
    }
    let held = AccessAssignment {
        id: HELD,
        group: ADMIN_AGENTS,
        roles: vec![READERS],
        ..AccessAssignment::default()
    };
    world.partner.gdap = vec![Relationship {
        id: "a-b".to_owned(),
        customer: CONTOSO,
        roles: vec![READERS, USERS],
        access_assignments: vec![held],
        ..Relationship::default()
    }];
    Wire::new(world).at(PARTNER)
}

async fn send(wire: &Wire, method: &str, path: &str, etag: Option<&str>, body: Value) -> Reply {
    let token = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let mut headers = vec![("authorization", token.as_str())];
    headers.extend(etag.map(|etag| ("if-match", etag)));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    wire.send(method, &format!("{}{path}", super::GRAPH), &headers, body).await.unwrap()
}

async fn etag(wire: &Wire, path: &str) -> String {
    wire.get(path).await.json()["@odata.etag"].as_str().unwrap().to_owned()
}

fn roles(ids: &[Uuid]) -> Value {
    json!({"unifiedRoles": ids.iter().map(|id| json!({"roleDefinitionId": id})).collect::<Vec<_>>()})
}

/// Trap: graph 40
///
/// Tried: `check_etag` always content -> "left: 204 right: 428".
#[tokio::test(start_paused = true)]
async fn changes_need_the_etag_they_were_read_with() {
    let wire = wire();
    let path = format!("{ALL}/a-b/accessAssignments/{HELD}");
    let fresh = etag(&wire, &path).await;
    let body = json!({"accessDetails": roles(&[USERS])});
    for (method, body) in [("DELETE", Value::Null), ("PATCH", body.clone())] {
        assert_eq!(send(&wire, method, &path, None, body.clone()).await.status, 428);
        assert_eq!(send(&wire, method, &path, Some("W/\"old\""), body).await.status, 412);
    }
    let same = json!({"accessDetails": roles(&[READERS])});
    assert_eq!(send(&wire, "PATCH", &path, Some(&fresh), same).await.status, 200, "nothing to do");
    let accepted = send(&wire, "PATCH", &path, Some(&fresh), body.clone()).await;
    assert_eq!((accepted.status, accepted.header("retry-after")), (202, "30"));
    assert_eq!(send(&wire, "PATCH", &path, Some(&fresh), same_roles()).await.status, 412, "it changed");
    let operation = accepted.header("location").strip_prefix(super::GRAPH).unwrap().to_owned();
    assert_eq!(wire.get(&operation).await.json()["status"], "running");
    assert_eq!(wire.get(&path).await.json()["status"], "pending");
    wire.simulator.advance(Duration::from_secs(30));
    assert_eq!(wire.get(&operation).await.json()["status"], "succeeded");
    assert_eq!(wire.get(&path).await.json()["status"], "active");
    let settled = etag(&wire, &path).await;
    assert_eq!(send(&wire, "DELETE", &path, Some(&settled), Value::Null).await.status, 204);
    assert_eq!(wire.get(&path).await.json()["status"], "deleting", "204 is not the end of it");
    wire.simulator.advance(Duration::from_secs(30));
    assert_eq!(wire.get(&path).await.json()["status"], "deleted");
}

fn same_roles() -> Value {
    json!({"accessDetails": roles(&[READERS, USERS])})
}

#[tokio::test(start_paused = true)]
async fn an_assignment_is_pending_until_it_is_active() {
    let wire = wire();
    let path = format!("{ALL}/a-b/accessAssignments");
    let group = Uuid::from_u128(77);
    wire.simulator.edit(|world| {
        world.partner.groups.push(groupsync::simulator::world::Group::security(group, "Ops", []));
    });
    let body = |group: Uuid, ids: &[Uuid]| {
        json!({
            "accessContainer": {"accessContainerId": group, "accessContainerType": "securityGroup"},
            "accessDetails": roles(ids),
        })
    };
    let missing = wire.graph("POST", &path, body(Uuid::from_u128(1), &[READERS])).await;
    assert!(missing.message().contains("access container") && missing.message().contains("does not exist"));
    let beyond = wire.graph("POST", &path, body(group, &[Uuid::from_u128(5)])).await;
    assert_eq!(beyond.status, 400, "the relationship has no such role");
    assert_eq!(wire.graph("POST", &path, body(ADMIN_AGENTS, &[READERS])).await.status, 409);
    let made = wire.graph("POST", &path, body(group, &[READERS])).await;
    assert_eq!((made.status, made.json()["status"].as_str()), (201, Some("pending")));
    wire.simulator.advance(Duration::from_secs(30));
    let rows = wire.get(&path).await.rows();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["status"] == "active"), "{rows:?}");
}

/// Trap: graph 42
#[tokio::test(start_paused = true)]
async fn a_relationship_passes_through_its_states() {
    let wire = wire();
    let body = json!({
        "displayName": "Fabrikam-Contoso ops", "duration": "P730D", "autoExtendDuration": "P180D",
        "customer": {"tenantId": CONTOSO}, "accessDetails": roles(&[READERS]),
    });
    let made = wire.graph("POST", ALL, body.clone()).await;
    assert_eq!((made.status, made.json()["status"].as_str()), (201, Some("created")));
    assert_eq!(wire.graph("POST", ALL, body.clone()).await.status, 409, "its name is taken");
    for (name, value) in [("duration", "P3Y"), ("duration", "P0D"), ("autoExtendDuration", "P90D")] {
        let mut wrong = body.clone();
        wrong["displayName"] = json!("other");
        wrong[name] = json!(value);
        assert_eq!(wire.graph("POST", ALL, wrong).await.status, 400, "{name} {value}");
    }
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{ALL}/{id}");
    let act =
        async |action: &str| wire.graph("POST", &format!("{path}/requests"), json!({"action": action})).await;
    let status = async || wire.get(&path).await.json()["status"].as_str().unwrap().to_owned();
    assert_eq!(act("terminate").await.status, 400, "nothing to end yet");
    let tag = etag(&wire, &path).await;
    let shorter = send(&wire, "PATCH", &path, Some(&tag), json!({"duration": "P90D"})).await;
    assert_eq!(shorter.json()["duration"], "P90D");
    let locked = act("lockForApproval").await;
    assert!(locked.status == 201 && locked.header("location").contains("/requests/"), "{locked:?}");
    assert_eq!(status().await, "approvalPending");
    let approve = |world: &mut groupsync::simulator::world::World| {
        let offered = world.partner.gdap.iter_mut().find(|one| one.id == id).unwrap();
        "active".clone_into(&mut offered.status);
        offered.end_date_time = Some("2030-02-01T00:00:00Z".parse().unwrap());
    };
    wire.simulator.edit(approve);
    let tag = etag(&wire, &path).await;
    assert_eq!(send(&wire, "PATCH", &path, Some(&tag), json!({"duration": "P30D"})).await.status, 400);
    let extended = send(&wire, "PATCH", &path, Some(&tag), json!({"autoExtendDuration": "P0D"})).await;
    assert_eq!(extended.status, 200);
    assert_eq!(
        wire.graph("POST", &format!("{ALL}/a-b/requests"), json!({"action": "terminate"})).await.status,
        201
    );
    let old = async || wire.get(&format!("{ALL}/a-b")).await.json()["status"].as_str().unwrap().to_owned();
    assert_eq!(old().await, "terminationRequested");
    wire.simulator.advance(Duration::from_secs(30));
    assert_eq!((old().await.as_str(), status().await.as_str()), ("terminated", "active"));
    wire.simulator.advance(Duration::from_hours(24 * 31));
    assert_eq!(status().await, "expired");
    assert_eq!(act("terminate").await.status, 400, "it is over");
}

#[tokio::test(start_paused = true)]
async fn a_reseller_s_relationship_has_a_type_of_its_own() {
    let wire = wire();
    wire.simulator.edit(|world| world.partner.gdap[0].indirect_provider = Some(Uuid::from_u128(9)));
    let row = wire.get(ALL).await.rows().remove(0);
    assert_eq!(row["@odata.type"], "#microsoft.graph.resellerDelegatedAdminRelationship");
    assert_eq!(row["indirectProviderTenantId"], json!(Uuid::from_u128(9)));
    assert_eq!(wire.get(&format!("{ALL}?$top=301")).await.status, 400);
    let customers = wire.get("/tenantRelationships/delegatedAdminCustomers").await.rows();
    assert_eq!(customers[0]["tenantId"], json!(CONTOSO));
}

/// Trap: graph 41
///
/// Tried: `domain` shown in place of `contract_domain` ->
/// "left: String("new.example") right: "contoso.example"".
#[tokio::test(start_paused = true)]
async fn a_contract_keeps_the_domain_of_its_first_day() {
    let wire = wire();
    wire.simulator.edit_customer(CONTOSO, |contoso| "new.example".clone_into(&mut contoso.domain));
    let filter = query("$filter", &format!("customerId eq {CONTOSO}"));
    let rows = wire.get(&format!("/contracts?{filter}")).await.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["customerId"], json!(CONTOSO));
    assert_eq!(rows[0]["defaultDomainName"], "contoso.example");
    assert_eq!(wire.get("/contracts").await.rows().len(), 2);
    let again = Wire::new(wire.simulator.world()).at(PARTNER);
    assert_eq!(
        again.get(&format!("/contracts?{filter}")).await.rows()[0]["defaultDomainName"],
        "contoso.example"
    );
}

#[tokio::test(start_paused = true)]
async fn reading_relationships_is_not_writing_them() {
    let wire = wire();
    wire.simulator.edit(|world| {
        world.partner.consent.remove("DelegatedAdminRelationship.ReadWrite.All");
    });
    assert_eq!(wire.get(ALL).await.status, 200);
    let terminate = json!({"action": "terminate"});
    assert_eq!(wire.graph("POST", &format!("{ALL}/a-b/requests"), terminate).await.error().0, 403);
}
