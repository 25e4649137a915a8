//! Subscriptions, role definitions, locks and usage.

use groupsync::simulator::world::{CustomRole, Lock, LockLevel, SubscriptionState};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    CONTOSO, CONTRIBUTOR, NORTH, NORTHWIND, PROD, READER, Wire, assignments, query, world, world_with,
};

const LIST: &str = "/subscriptions?api-version=2022-12-01";

fn one(id: Uuid) -> String {
    format!("/subscriptions/{id}?api-version=2022-12-01")
}

async fn listed(wire: &Wire) -> Vec<Value> {
    wire.arm("GET", LIST, Value::Null).await.rows()
}

#[tokio::test(start_paused = true)]
async fn a_token_sees_the_subscriptions_of_its_tenant_with_their_state() {
    let wire = Wire::new(world_with(|contoso| contoso.subscriptions[0].state = SubscriptionState::Warned));
    let rows = listed(&wire).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["subscriptionId"], json!(PROD));
    assert_eq!(rows[0]["tenantId"], json!(CONTOSO));
    assert_eq!(rows[0]["state"], "Warned");
    assert_eq!(rows[0]["displayName"], "prod");
    assert_eq!(wire.arm("GET", &one(PROD), Value::Null).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn without_any_role_a_subscription_is_not_there() {
    let wire = Wire::new(world_with(|contoso| contoso.subscriptions[0].default_rows = false));
    assert_eq!(listed(&wire).await, [] as [Value; 0]);
    let reply = wire.arm("GET", &one(PROD), Value::Null).await;
    assert_eq!(reply.error(), (404, "SubscriptionNotFound".to_owned()));
    let path = assignments(&format!("/subscriptions/{PROD}"));
    assert_eq!(wire.arm("GET", &path, Value::Null).await.error(), (403, "AuthorizationFailed".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_moved_to_another_tenant_names_it_and_loses_its_assignments() {
    let wire = Wire::new(world());
    wire.simulator.edit_customer(CONTOSO, |contoso| contoso.subscriptions[0].tenant_id = Some(NORTHWIND));
    assert_eq!(listed(&wire).await, [] as [Value; 0]);
    for path in [one(PROD), assignments(&format!("/subscriptions/{PROD}"))] {
        let reply = wire.arm("GET", &path, Value::Null).await;
        assert_eq!(reply.error(), (401, "InvalidAuthenticationTokenTenant".to_owned()));
        assert!(reply.message().contains(&NORTHWIND.to_string()));
    }
    let world = wire.simulator.world();
    assert_eq!(world.customer("contoso").unwrap().subscriptions[0].assignments, []);
}

#[tokio::test(start_paused = true)]
async fn a_delegated_subscription_shows_with_its_own_tenant() {
    let mut world = world();
    let northwind = world.customer_mut("northwind").unwrap();
    northwind.subscriptions[0].managed_by_tenants = vec![CONTOSO];
    let wire = Wire::new(world);
    let tenants: Vec<Value> = listed(&wire).await.iter().map(|row| row["tenantId"].clone()).collect();
    assert_eq!(tenants, [json!(CONTOSO), json!(NORTHWIND)]);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_subscription_is_not_found() {
    let wire = Wire::new(world_with(|contoso| contoso.subscriptions[0].state = SubscriptionState::Deleted));
    assert_eq!(listed(&wire).await, [] as [Value; 0]);
    assert_eq!(wire.arm("GET", &one(PROD), Value::Null).await.error().1, "SubscriptionNotFound");
}

#[tokio::test(start_paused = true)]
async fn strangers_learn_the_tenant_of_a_subscription() {
    let wire = Wire::new(world());
    let url = format!("http://simulator.invalid/arm/subscriptions/{NORTH}?api-version=2015-01-01");
    let reply = wire.send("GET", &url, &[], String::new()).await.unwrap();
    assert_eq!(reply.error(), (401, "AuthenticationFailed".to_owned()));
    let challenge = reply.header("www-authenticate").to_owned();
    assert!(challenge.contains(&format!("login.windows.net/{NORTHWIND}")), "{challenge}");
}

#[tokio::test(start_paused = true)]
async fn every_request_names_a_version_the_service_has() {
    let wire = Wire::new(world());
    let error = async |path: &str| wire.arm("GET", path, Value::Null).await.error().1;
    assert_eq!(error("/subscriptions").await, "MissingApiVersionParameter");
    assert_eq!(error("/subscriptions?api-version=1999-01-01").await, "InvalidApiVersionParameter");
    let usage =
        format!("/subscriptions/{PROD}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics");
    assert_eq!(error(&format!("{usage}?api-version=2022-04-01")).await, "InvalidApiVersionParameter");
    let reply = wire.arm("GET", &format!("{usage}?api-version=2019-08-01-preview"), Value::Null).await;
    assert_eq!(
        reply.json(),
        json!({
            "subscriptionId": PROD, "roleAssignmentsLimit": 4000,
            "roleAssignmentsCurrentCount": 2, "roleAssignmentsRemainingCount": 3998,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn role_definitions_are_found_by_id_and_by_name() {
    let own = Uuid::from_u128(77);
    let wire = Wire::new(world_with(|contoso| {
        contoso.role_definitions = vec![CustomRole {
            id: own,
            role_name: "Restarter".to_owned(),
            actions: vec!["Microsoft.Compute/virtualMachines/restart/action".to_owned()],
            ..CustomRole::default()
        }];
    }));
    let base = "/providers/Microsoft.Authorization/roleDefinitions";
    let at = format!("/subscriptions/{PROD}");
    let version = "api-version=2022-04-01";
    let tenant = wire.arm("GET", &format!("{base}/{READER}?{version}"), Value::Null).await.json();
    assert_eq!(tenant["id"], format!("{base}/{READER}"));
    assert_eq!(tenant["properties"]["permissions"][0]["actions"], json!(["*/read"]));
    let below = wire.arm("GET", &format!("{at}{base}/{own}?{version}"), Value::Null).await.json();
    assert_eq!(below["id"], format!("{at}{base}/{own}"));
    assert_eq!(below["properties"]["type"], "CustomRole");
    let find = async |filter: &str| {
        let path = format!("{at}{base}?{version}&{}", query("$filter", filter));
        let rows = wire.arm("GET", &path, Value::Null).await.rows();
        rows.iter().map(|row| row["name"].as_str().unwrap().parse().unwrap()).collect::<Vec<Uuid>>()
    };
    assert_eq!(find("roleName eq 'Contributor'").await, [CONTRIBUTOR]);
    assert_eq!(find("type eq 'CustomRole'").await, [own]);
    let missing = wire.arm("GET", &format!("{at}{base}/{}?{version}", Uuid::from_u128(1)), Value::Null).await;
    assert_eq!(missing.error().1, "RoleDefinitionDoesNotExist");
    let other = Wire::new(world()).at(NORTHWIND);
    let foreign =
        other.arm("GET", &format!("/subscriptions/{NORTH}{base}/{own}?{version}"), Value::Null).await;
    assert_eq!(foreign.status, 404, "a custom role belongs to one tenant");
}

#[tokio::test(start_paused = true)]
async fn locks_are_listed_from_a_scope_downwards() {
    let group = format!("/subscriptions/{PROD}/resourceGroups/rg-app");
    let wire = Wire::new(world_with(|contoso| {
        contoso.subscriptions[0].locks = vec![
            Lock { name: "whole".to_owned(), level: LockLevel::CanNotDelete, scope: None },
            Lock { name: "part".to_owned(), level: LockLevel::ReadOnly, scope: Some(group.clone()) },
        ];
    }));
    let names = async |scope: &str| {
        let path = format!("{scope}/providers/Microsoft.Authorization/locks?api-version=2016-09-01");
        let rows = wire.arm("GET", &path, Value::Null).await.rows();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&format!("/subscriptions/{PROD}")).await, ["whole", "part"]);
    assert_eq!(names(&format!("/subscriptions/{PROD}/resourcegroups/RG-app")).await, ["part"]);
}
