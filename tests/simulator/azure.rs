//! The rarer sides of Azure: deny assignments, links to elsewhere, old versions, odd scopes, what nobody bought.

use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{
    Assignment, ControllerCondition, DenyAssignment, OtherObject, Subscription, World,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ADMIN_AGENTS, CONTOSO, CONTRIBUTOR, LAPTOP, NORTH, PARTNER, PROD, READER, Reply, TEAM, Wire, assignment,
    assignments, query, role_for, world, world_with,
};

const NAME: Uuid = Uuid::from_u128(0x1001);

fn whole() -> String {
    format!("/subscriptions/{PROD}")
}

fn in_subscription(change: impl FnOnce(&mut Subscription)) -> World {
    world_with(|contoso| change(&mut contoso.subscriptions[0]))
}

async fn put(wire: &Wire, body: Value) -> Reply {
    wire.arm("PUT", &assignment(&whole(), NAME), body).await
}

async fn get(wire: &Wire, path: &str) -> Reply {
    wire.arm("GET", path, Value::Null).await
}

#[tokio::test(start_paused = true)]
async fn a_deny_assignment_beats_every_role_and_can_be_read() {
    let denial = |actions: &[&str], except: Vec<Uuid>| DenyAssignment {
        id: Uuid::from_u128(0xde),
        name: "managed application".into(),
        actions: actions.iter().map(ToString::to_string).collect(),
        principals: vec![Uuid::nil()],
        except,
        ..DenyAssignment::default()
    };
    let own = Wire::new(world()).simulator.service_principal(CONTOSO);
    for (denial, status) in [
        (denial(&["*/write"], Vec::new()), 403),
        (denial(&["*/delete"], Vec::new()), 201),
        (denial(&["*"], vec![own]), 201),
        (DenyAssignment { principals: vec![TEAM], ..denial(&["*"], Vec::new()) }, 201),
        (DenyAssignment { scope: Some("/".into()), not_below: true, ..denial(&["*"], Vec::new()) }, 201),
        (
            DenyAssignment {
                not_actions: vec!["Microsoft.Authorization/*".into()],
                ..denial(&["*"], Vec::new())
            },
            201,
        ),
    ] {
        let wire =
            Wire::new(in_subscription(|subscription| subscription.deny_assignments = vec![denial.clone()]));
        let reply = put(&wire, role_for(TEAM, READER)).await;
        assert_eq!(reply.status, status, "{denial:?}: {reply:?}");
        if status == 403 {
            assert_eq!(reply.error().1, "DenyAssignmentAuthorizationFailed");
        }
    }
    let denial = denial(&["*/write"], Vec::new());
    let wire = Wire::new(in_subscription(|subscription| subscription.deny_assignments = vec![denial]));
    let path =
        format!("{}/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01", whole());
    let rows = get(&wire, &path).await.rows();
    assert_eq!(rows[0]["properties"]["principals"][0]["type"], "SystemDefined");
    assert_eq!(rows[0]["properties"]["isSystemProtected"], true);
    let one = format!("{}?api-version=2022-04-01", rows[0]["id"].as_str().unwrap());
    assert_eq!(get(&wire, &one).await.json(), rows[0]);
}

#[tokio::test(start_paused = true)]
async fn a_condition_can_pin_principals_and_exclude_roles() {
    let pinned = ControllerCondition {
        roles: vec![READER, CONTRIBUTOR],
        principals: vec![TEAM],
        ..ControllerCondition::default()
    };
    let excluding = pinned.text().replace("ForAnyOfAnyValues:GuidEquals", "ForAnyOfAllValues:GuidNotEquals");
    let other = Uuid::from_u128(0xd9);
    let world = |condition: Option<String>| {
        let mut world = world_with(|contoso| {
            contoso.controller_condition = Some(pinned.clone());
            contoso.groups.push(groupsync::simulator::world::Group::security(other, "other", []));
        });
        if let Some(condition) = condition {
            let own = Wire::new(super::world()).simulator.service_principal(CONTOSO);
            world.customers[0].subscriptions[0].assignments = vec![Assignment {
                principal_id: own,
                principal_type: "ServicePrincipal".into(),
                role: "f58310d9-a9f6-439a-9e8d-f62e7b41a168".parse().unwrap(),
                condition: Some(condition),
                ..Assignment::default()
            }];
        }
        world
    };
    let owner = super::OWNER;
    for (condition, principal, role, status) in [
        (None, TEAM, READER, 201),
        (None, other, READER, 403),
        (None, TEAM, owner, 403),
        (Some(excluding.clone()), TEAM, READER, 403),
        (Some(excluding.clone()), other, owner, 201),
    ] {
        let wire = Wire::new(world(condition.clone()));
        let reply = put(&wire, role_for(principal, role)).await;
        assert_eq!(reply.status, status, "{condition:?} {principal} {role}: {reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_is_named_where_the_caller_can_see_it() {
    let wire = Wire::new(world());
    let named_in = |prefix: &str| {
        let mut body = role_for(TEAM, READER);
        let id = format!("{prefix}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
        body["properties"]["roleDefinitionId"] = json!(id);
        body
    };
    let elsewhere = put(&wire, named_in(&format!("/subscriptions/{NORTH}"))).await;
    assert_eq!(elsewhere.error(), (403, "LinkedAuthorizationFailed".to_owned()));
    let nowhere = put(&wire, named_in(&format!("/subscriptions/{}", Uuid::from_u128(9)))).await;
    assert_eq!(nowhere.error(), (404, "SubscriptionNotFound".to_owned()));
    assert_eq!(put(&wire, named_in(&format!("/{CONTOSO}"))).await.status, 404);
    assert_eq!(put(&wire, named_in("")).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn only_principals_that_can_hold_roles_get_one() {
    let app = Uuid::from_u128(0xa99);
    let wire = Wire::new(world_with(|contoso| {
        contoso.objects.push(OtherObject {
            id: app,
            r#type: "application".into(),
            display_name: "registration".into(),
            ..OtherObject::default()
        });
    }));
    let with = |principal: Uuid, kind: Value| {
        let mut body = role_for(principal, READER);
        body["properties"]["principalType"] = kind;
        body
    };
    let reply = put(&wire, with(app, json!("ServicePrincipal"))).await;
    assert_eq!(reply.error(), (400, "PrincipalTypeNotSupported".to_owned()));
    assert_eq!(put(&wire, with(LAPTOP, json!("Device"))).await.status, 201);
    let long = |name: &str, length: usize| {
        let mut body = role_for(TEAM, READER);
        body["properties"][name] = json!("x".repeat(length));
        body
    };
    for body in [long("description", 2_049), long("condition", 8_193)] {
        assert_eq!(put(&wire, body).await.status, 400);
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_does_not_name_its_creator_and_a_change_forgets_what_it_leaves_out() {
    let wire = Wire::new(world());
    let own = json!(wire.simulator.service_principal(CONTOSO));
    let mut body = role_for(TEAM, READER);
    body["properties"]["description"] = json!("why");
    let created = put(&wire, body).await.json();
    assert_eq!(
        (&created["properties"]["createdBy"], &created["properties"]["updatedBy"]),
        (&Value::Null, &own)
    );
    let changed = put(&wire, role_for(TEAM, READER)).await;
    assert_eq!((changed.status, &changed.json()["properties"]["description"]), (200, &Value::Null));
    assert_eq!(get(&wire, &assignment(&whole(), NAME)).await.json()["properties"]["createdBy"], own);
}

#[tokio::test(start_paused = true)]
async fn the_first_version_knows_neither_types_nor_conditions() {
    let wire = Wire::new(world());
    let path = assignments(&whole()).replace("2022-04-01", "2015-07-01");
    let old = get(&wire, &path).await.rows();
    let properties = old[0]["properties"].as_object().unwrap();
    assert!(properties.contains_key("principalId") && !properties.contains_key("principalType"));
    assert!(!properties.contains_key("condition"));
}

#[tokio::test(start_paused = true)]
async fn scopes_that_cannot_exist_are_refused() {
    let wire = Wire::new(world());
    for (scope, status, code) in [
        ("/resourceGroups/rg".to_owned(), 400, "MissingSubscription"),
        (format!("/\"subscriptions/{PROD}\""), 400, "MissingSubscription"),
        ("/subscriptions/prod".to_owned(), 400, "InvalidSubscriptionId"),
        (format!("{}/resourceGroups", whole()), 404, "InvalidResourceType"),
        (format!("{}/resourceGroups/a%2Fb", whole()), 404, "InvalidResourceType"),
        (format!("{}/resourceGroups/../x", whole()), 404, "InvalidResourceType"),
        (format!("{}/providers/Microsoft.Compute/disks", whole()), 404, "InvalidResourceType"),
    ] {
        let reply = wire.arm("PUT", &assignment(&scope, NAME), role_for(TEAM, READER)).await;
        assert_eq!(reply.error(), (status, code.to_owned()), "{scope}");
    }
    let resource = format!("{}/resourceGroups/rg/providers/Microsoft.Compute/disks/d", whole());
    let reply = wire.arm("PUT", &assignment(&resource, NAME), role_for(TEAM, READER)).await;
    assert_eq!(reply.status, 201);
    let doubled = assignments(&format!("//subscriptions//{PROD}/"));
    assert_eq!(get(&wire, &doubled).await.rows().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn who_manages_a_subscription_through_lighthouse_sees_none_of_its_assignments() {
    let wire = Wire::new(in_subscription(|subscription| subscription.managed_by_tenants = vec![PARTNER]));
    let wire = wire.at(PARTNER);
    assert_eq!(get(&wire, "/subscriptions?api-version=2022-12-01").await.rows().len(), 1);
    assert_eq!(get(&wire, &assignments(&whole())).await.rows(), Vec::<Value>::new());
    let reply = put(&wire, role_for(ADMIN_AGENTS, READER)).await;
    assert_eq!(reply.error(), (403, "AuthorizationFailed".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn tools_find_their_tenant_their_rights_and_the_resource_groups() {
    let condition = ControllerCondition { roles: vec![READER], ..ControllerCondition::default() };
    let wire = Wire::new(world_with(|contoso| {
        contoso.controller_condition = Some(condition);
        contoso.subscriptions[0].resource_groups = Some(vec!["rg-web".into(), "rg-app".into()]);
    }));
    let tenants = get(&wire, "/tenants?api-version=2022-12-01").await.rows();
    assert_eq!((tenants.len(), &tenants[0]["tenantId"]), (1, &json!(CONTOSO)));
    let path = format!("{}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01", whole());
    let rights = get(&wire, &path).await.rows();
    assert!(rights[0]["actions"].as_array().unwrap().contains(&json!("*/read")));
    assert!(rights[0]["condition"].as_str().unwrap().contains(&READER.to_string()));
    let groups = format!("{}/resourceGroups?api-version=2021-04-01", whole());
    let names: Vec<Value> = get(&wire, &groups).await.rows().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["rg-app", "rg-web"]);
    let one = format!("{}/resourcegroups/RG-APP?api-version=2021-04-01", whole());
    assert_eq!(get(&wire, &one).await.json()["name"], "rg-app");
    let gone = format!("{}/resourceGroups/gone?api-version=2021-04-01", whole());
    assert_eq!(get(&wire, &gone).await.error(), (404, "ResourceGroupNotFound".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn privileged_identity_management_needs_a_licence_nobody_has() {
    let wire = Wire::new(world());
    let path = format!(
        "{}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances?api-version=2020-10-01&{}",
        whole(),
        query("$filter", "atScope()")
    );
    assert_eq!(get(&wire, &path).await.error(), (400, "AadPremiumLicenseRequired".to_owned()));
    // Its refusals under load are no JSON.
    let throttled = Fault::new(FaultKind::Html).status(429).retry_after("10").service(Service::Arm);
    wire.simulator.add_fault(throttled);
    let reply = get(&wire, &path).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "10"));
    assert!(reply.header("content-type").starts_with("text/html"));
}

#[tokio::test(start_paused = true)]
async fn ids_come_in_another_case_and_requests_are_led_away_on_demand() {
    let wire = Wire::new(world());
    wire.simulator.add_fault(Fault::new(FaultKind::OtherCase));
    let row = get(&wire, &assignments(&whole())).await.rows()[0].clone();
    let scope = format!("/SUBSCRIPTIONS/{}", PROD.to_string().to_uppercase());
    assert_eq!(row["properties"]["scope"], json!(scope));
    assert_eq!(row["name"].as_str().unwrap().to_uppercase(), row["name"].as_str().unwrap());
    wire.simulator.clear_faults();
    wire.simulator.add_fault(Fault::new(FaultKind::Redirect).service(Service::Arm));
    let reply = get(&wire, &assignments(&whole())).await;
    assert_eq!(reply.status, 307);
    assert!(reply.header("location").starts_with("https://elsewhere.invalid/arm/subscriptions/"));
}
