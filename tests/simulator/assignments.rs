//! Role assignments: reading, creating, deleting, and everything that stands in the way.

use groupsync::simulator::history::Act;
use groupsync::simulator::world::{
    Assignment, ControllerCondition, CustomRole, Group, Lock, LockLevel, SubscriptionState, World,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ADA, ADMIN_AGENTS, CONTOSO, CONTRIBUTOR, NORTH, NORTHWIND, OWNER, PROD, READER, TEAM, Wire, assignment,
    assignments, query, role_for, world, world_with,
};

const NAME: Uuid = Uuid::from_u128(0x1001);
const OTHER: Uuid = Uuid::from_u128(0x1002);

fn whole() -> String {
    format!("/subscriptions/{PROD}")
}

fn group_scope(name: &str) -> String {
    format!("/subscriptions/{PROD}/resourceGroups/{name}")
}

async fn put(wire: &Wire, scope: &str, name: Uuid, body: Value) -> super::Reply {
    wire.arm("PUT", &assignment(scope, name), body).await
}

async fn delete(wire: &Wire, scope: &str, name: Uuid) -> super::Reply {
    wire.arm("DELETE", &assignment(scope, name), Value::Null).await
}

async fn principals(wire: &Wire, path: &str) -> Vec<Uuid> {
    let rows = wire.arm("GET", path, Value::Null).await.rows();
    let mut ids: Vec<Uuid> =
        rows.iter().map(|row| row["properties"]["principalId"].as_str().unwrap().parse().unwrap()).collect();
    ids.sort();
    ids
}

/// A world where a PUT or DELETE meets one obstacle.
fn with_subscription(change: impl FnOnce(&mut groupsync::simulator::world::Subscription)) -> World {
    world_with(|contoso| change(&mut contoso.subscriptions[0]))
}

#[tokio::test(start_paused = true)]
async fn every_managed_subscription_starts_with_two_rows() {
    let condition = ControllerCondition { roles: vec![READER], ..ControllerCondition::default() };
    let wire = Wire::new(world_with(|contoso| contoso.controller_condition = Some(condition)));
    let rows = wire.arm("GET", &assignments(&whole()), Value::Null).await.rows();
    let row = |kind: &str| rows.iter().find(|row| row["properties"]["principalType"] == kind).unwrap();
    let own = &row("ServicePrincipal")["properties"];
    assert_eq!(own["principalId"], json!(wire.simulator.service_principal(CONTOSO)));
    let text = own["condition"].as_str().unwrap();
    assert!(text.contains("@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"), "{text}");
    assert!(text.contains("@Resource[Microsoft.Authorization/roleAssignments:PrincipalType]"), "{text}");
    assert_eq!(own["conditionVersion"], "2.0");
    let agents = &row("ForeignGroup")["properties"];
    assert_eq!(agents["principalId"], json!(ADMIN_AGENTS));
    assert!(agents["roleDefinitionId"].as_str().unwrap().ends_with(&OWNER.to_string()));
    assert_eq!(rows.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_shows_what_stands_at_above_and_below() {
    let row = |scope: &str, n: u128| Assignment {
        scope: Some(scope.to_owned()),
        principal_id: Uuid::from_u128(n),
        role: READER,
        ..Assignment::default()
    };
    let mut rows = vec![
        row("/", 1),
        row("/providers/Microsoft.Management/managementGroups/mg", 2),
        row(&whole(), 3),
        row(&group_scope("app"), 4),
        row(&format!("{}/providers/Microsoft.Compute/virtualMachines/vm", group_scope("app")), 5),
        row(&group_scope("app2"), 6),
    ];
    let wire = Wire::new(with_subscription(|subscription| subscription.assignments.append(&mut rows)));
    let own = wire.simulator.service_principal(CONTOSO);
    let seen = |numbers: &[u128], defaults: bool| {
        let mut ids: Vec<Uuid> = numbers.iter().map(|n| Uuid::from_u128(*n)).collect();
        ids.extend(defaults.then_some([own, ADMIN_AGENTS]).into_iter().flatten());
        ids.sort();
        ids
    };
    assert_eq!(principals(&wire, &assignments(&whole())).await, seen(&[1, 2, 3, 4, 5, 6], true));
    let group = assignments(&format!("/SUBSCRIPTIONS/{PROD}/resourcegroups/APP/"));
    assert_eq!(principals(&wire, &group).await, seen(&[1, 2, 3, 4, 5], true));
    let at = format!("{}&{}", assignments(&group_scope("app")), query("$filter", "atScope()"));
    assert_eq!(principals(&wire, &at).await, seen(&[1, 2, 3, 4], true));
    let one = format!("principalId eq '{}'", Uuid::from_u128(5));
    let one = format!("{}&{}", assignments(&whole()), query("$filter", &one));
    assert_eq!(principals(&wire, &one).await, seen(&[5], false));
    let odd = format!("{}&{}", assignments(&whole()), query("$filter", "scope eq 'x'"));
    assert_eq!(wire.arm("GET", &odd, Value::Null).await.error().1, "InvalidFilter");
    assert_eq!(wire.arm("GET", &assignments(""), Value::Null).await.error().0, 403);
}

#[tokio::test(start_paused = true)]
async fn what_a_guest_effectively_holds_follows_its_groups() {
    let outer = Uuid::from_u128(50);
    let wire = Wire::new(world_with(|contoso| {
        contoso.groups.push(Group::security(outer, "outer", [TEAM]));
        contoso.subscriptions[0].assignments =
            vec![Assignment { principal_id: outer, role: READER, ..Assignment::default() }];
    }));
    let filter = |text: String| format!("{}&{}", assignments(&whole()), query("$filter", &text));
    assert_eq!(principals(&wire, &filter(format!("assignedTo('{ADA}')"))).await, [outer]);
    let by_group = wire.arm("GET", &filter(format!("assignedTo('{outer}')")), Value::Null).await;
    assert_eq!(by_group.error().0, 400);
}

#[tokio::test(start_paused = true)]
async fn long_lists_come_in_pages() {
    let mut world = with_subscription(|subscription| {
        subscription.assignments = (1..20_u128)
            .map(|n| Assignment { principal_id: Uuid::from_u128(n), role: READER, ..Assignment::default() })
            .collect();
    });
    world.page_size = Some(4);
    let wire = Wire::new(world);
    let (mut count, mut next) = (0, Some(assignments(&whole())));
    while let Some(path) = next {
        let reply = wire.arm("GET", &path, Value::Null).await;
        count += reply.rows().len();
        let link = reply.json()["nextLink"].as_str().map(ToOwned::to_owned);
        next = link.map(|link| link.strip_prefix("http://simulator.invalid/arm").unwrap().to_owned());
    }
    assert_eq!(count, 21);
}

#[tokio::test(start_paused = true)]
async fn a_put_creates_once_and_answers_with_the_tenant_prefix() {
    let wire = Wire::new(world());
    let created = put(&wire, &whole(), NAME, role_for(TEAM, READER)).await;
    assert_eq!(created.status, 201);
    let roles = "/providers/Microsoft.Authorization/roleDefinitions";
    assert_eq!(created.json()["properties"]["roleDefinitionId"], format!("{roles}/{READER}"));
    assert_eq!(created.json()["properties"]["createdOn"], "2030-01-01T00:00:00.0000000Z");
    assert_eq!(created.json()["properties"]["condition"], Value::Null);
    assert!(created.json()["properties"].as_object().unwrap().contains_key("description"));
    let mut body = role_for(TEAM, READER);
    body["properties"]["description"] = json!("why");
    assert_eq!(put(&wire, &whole(), NAME, body).await.status, 200);
    let read = wire.arm("GET", &assignment(&whole(), NAME), Value::Null).await.json();
    assert_eq!(read["properties"]["description"], "why");
    assert_eq!(read["properties"]["roleDefinitionId"], format!("{}{roles}/{READER}", whole()));
    assert_eq!(read["id"], format!("{}/providers/Microsoft.Authorization/roleAssignments/{NAME}", whole()));
    let acts: Vec<Act> = wire.simulator.history().into_iter().map(|change| change.act).collect();
    assert!(matches!(acts[..], [Act::AssignmentCreated { .. }, Act::AssignmentUpdated { .. }]), "{acts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_name_belongs_to_one_scope_and_principal_and_a_triple_to_one_name() {
    let wire = Wire::new(world_with(|contoso| {
        contoso.groups.push(Group::security(OTHER, "other", []));
    }));
    assert_eq!(put(&wire, &whole(), NAME, role_for(TEAM, READER)).await.status, 201);
    for (scope, body) in [
        (whole(), role_for(OTHER, READER)),
        (whole(), role_for(TEAM, CONTRIBUTOR)),
        (group_scope("app"), role_for(TEAM, READER)),
    ] {
        let reply = put(&wire, &scope, NAME, body).await;
        assert_eq!(reply.error(), (400, "RoleAssignmentUpdateNotPermitted".to_owned()));
    }
    let reply = put(&wire, &whole(), OTHER, role_for(TEAM, READER)).await;
    assert_eq!(reply.error(), (409, "RoleAssignmentExists".to_owned()));
    assert_eq!(put(&wire, &group_scope("app"), OTHER, role_for(TEAM, READER)).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn bodies_and_names_that_make_no_sense_are_told_apart() {
    let wire = Wire::new(world());
    let with = |name: &str, value: Value| {
        let mut body = role_for(TEAM, READER);
        body["properties"][name] = value;
        body
    };
    let missing_role = Uuid::from_u128(5);
    for (body, status, code) in [
        (with("roleDefinitionId", json!(READER)), 400, "BadRequestFormat"),
        (with("roleDefinitionId", json!("/providers/x|")), 400, "InvalidRoleDefinitionId"),
        (role_for(TEAM, missing_role), 400, "RoleDefinitionDoesNotExist"),
        (role_for(Uuid::from_u128(6), READER), 400, "PrincipalNotFound"),
        (with("principalType", json!("User")), 400, "UnmatchedPrincipalType"),
        (role_for(ADA, READER), 400, "UnmatchedPrincipalType"),
        (json!({}), 400, "InvalidRequestContent"),
    ] {
        assert_eq!(
            put(&wire, &whole(), NAME, body.clone()).await.error(),
            (status, code.to_owned()),
            "{body}"
        );
    }
    let path =
        format!("{}/providers/Microsoft.Authorization/roleAssignments/x?api-version=2022-04-01", whole());
    let reply = wire.arm("PUT", &path, role_for(TEAM, READER)).await;
    assert_eq!(reply.error().1, "InvalidRoleAssignmentId");
    let unknown = format!("/subscriptions/{}", Uuid::from_u128(9));
    assert_eq!(put(&wire, &unknown, NAME, role_for(TEAM, READER)).await.error().1, "SubscriptionNotFound");
    let foreign = format!("/subscriptions/{NORTH}");
    let reply = put(&wire, &foreign, NAME, role_for(TEAM, READER)).await;
    assert_eq!(reply.error(), (401, "InvalidAuthenticationTokenTenant".to_owned()));
    assert_eq!(wire.simulator.history(), []);
}

#[tokio::test(start_paused = true)]
async fn foreign_groups_need_their_own_type_and_a_relationship() {
    let wire = Wire::new(world());
    let foreign = |principal, kind: &str| {
        let mut body = role_for(principal, READER);
        body["properties"]["principalType"] = json!(kind);
        body
    };
    let reply = put(&wire, &whole(), NAME, foreign(ADMIN_AGENTS, "Group")).await;
    assert_eq!(reply.error().1, "UnmatchedPrincipalType");
    assert!(reply.message().contains("has type 'ForeignGroup'"));
    let stranger = put(&wire, &whole(), NAME, foreign(Uuid::from_u128(8), "ForeignGroup")).await;
    assert_eq!(stranger.error().1, "PrincipalNotFound");
    assert_eq!(put(&wire, &whole(), NAME, foreign(ADMIN_AGENTS, "ForeignGroup")).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_custom_role_is_assignable_only_where_it_says() {
    let own = Uuid::from_u128(77);
    let wire = Wire::new(world_with(|contoso| {
        let assignable_scopes = vec![group_scope("app")];
        contoso.role_definitions = vec![CustomRole { id: own, assignable_scopes, ..CustomRole::default() }];
    }));
    let outside = put(&wire, &whole(), NAME, role_for(TEAM, own)).await;
    assert_eq!(outside.error().1, "RoleDefinitionDoesNotExist");
    assert_eq!(put(&wire, &group_scope("APP"), NAME, role_for(TEAM, own)).await.status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_subscription_takes_deletions_only() {
    let row = Assignment { name: NAME, principal_id: TEAM, role: READER, ..Assignment::default() };
    let wire = Wire::new(with_subscription(|subscription| {
        subscription.state = SubscriptionState::Disabled;
        subscription.assignments = vec![row];
    }));
    let reply = put(&wire, &whole(), OTHER, role_for(TEAM, CONTRIBUTOR)).await;
    assert_eq!(reply.error(), (409, "ReadOnlyDisabledSubscription".to_owned()));
    assert_eq!(wire.arm("GET", &assignments(&whole()), Value::Null).await.status, 200);
    assert_eq!(delete(&wire, &whole(), NAME).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn limits_and_missing_resource_groups_stop_creations() {
    let wire = Wire::new(with_subscription(|subscription| {
        subscription.assignment_limit = 3;
        subscription.resource_groups = Some(vec!["app".to_owned()]);
    }));
    let reply = put(&wire, &group_scope("gone"), NAME, role_for(TEAM, READER)).await;
    assert_eq!(reply.error(), (404, "ResourceGroupNotFound".to_owned()));
    assert_eq!(put(&wire, &group_scope("App"), NAME, role_for(TEAM, READER)).await.status, 201);
    let reply = put(&wire, &whole(), OTHER, role_for(TEAM, READER)).await;
    assert_eq!(reply.error(), (400, "RoleAssignmentLimitExceeded".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn locks_stop_deletions_and_read_only_ones_every_write() {
    for (level, scope, put_status, delete_status) in [
        (LockLevel::CanNotDelete, None, 201, 409),
        (LockLevel::ReadOnly, None, 409, 409),
        (LockLevel::ReadOnly, Some(group_scope("other")), 201, 200),
        (LockLevel::CanNotDelete, Some(group_scope("app")), 201, 409),
    ] {
        let row = Assignment {
            name: NAME,
            scope: Some(group_scope("app")),
            principal_id: TEAM,
            role: READER,
            ..Assignment::default()
        };
        let lock = Lock { name: "lock".to_owned(), level, scope };
        let wire = Wire::new(with_subscription(|subscription| {
            subscription.assignments = vec![row];
            subscription.locks = vec![lock.clone()];
        }));
        let created = put(&wire, &group_scope("app"), OTHER, role_for(TEAM, CONTRIBUTOR)).await;
        assert_eq!(created.status, put_status, "{lock:?} {created:?}");
        let deleted = delete(&wire, &group_scope("app"), NAME).await;
        assert_eq!(deleted.status, delete_status, "{lock:?} {deleted:?}");
        if deleted.status == 409 {
            assert_eq!(deleted.error().1, "ScopeLocked");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_condition_on_the_applications_role_is_kept() {
    let condition = ControllerCondition { roles: vec![READER], ..ControllerCondition::default() };
    let owned = Assignment { name: OTHER, principal_id: TEAM, role: CONTRIBUTOR, ..Assignment::default() };
    let wire = Wire::new(world_with(|contoso| {
        contoso.controller_condition = Some(condition);
        contoso.subscriptions[0].assignments = vec![owned];
    }));
    let reply = put(&wire, &whole(), NAME, role_for(TEAM, CONTRIBUTOR)).await;
    assert_eq!(reply.error(), (403, "AuthorizationFailed".to_owned()));
    assert!(reply.message().contains("ABAC condition that is not fulfilled"));
    let mut untyped = role_for(TEAM, READER);
    untyped["properties"].as_object_mut().unwrap().remove("principalType");
    assert_eq!(put(&wire, &whole(), NAME, untyped).await.error().0, 403);
    assert_eq!(put(&wire, &whole(), NAME, role_for(TEAM, READER)).await.status, 201);
    assert_eq!(delete(&wire, &whole(), OTHER).await.error().0, 403);
    assert_eq!(delete(&wire, &whole(), NAME).await.status, 200);
    let world = wire.simulator.world();
    let rows = &world.customer("contoso").unwrap().subscriptions[0].assignments;
    let agents = rows.iter().find(|row| row.principal_id == ADMIN_AGENTS).unwrap();
    assert_eq!(delete(&wire, &whole(), agents.name).await.error().0, 403);
    wire.simulator.edit_customer(CONTOSO, |contoso| contoso.controller_condition = None);
    assert_eq!(delete(&wire, &whole(), OTHER).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_answers_with_what_it_deleted_or_with_nothing() {
    let wire = Wire::new(world());
    put(&wire, &whole(), NAME, role_for(TEAM, READER)).await;
    let elsewhere = delete(&wire, &group_scope("app"), NAME).await;
    assert_eq!(
        (elsewhere.status, elsewhere.text.as_str()),
        (204, ""),
        "the name at a wrong scope is nothing"
    );
    let deleted = delete(&wire, &whole(), NAME).await;
    assert_eq!((deleted.status, deleted.json()["name"].clone()), (200, json!(NAME)));
    let again = delete(&wire, &whole(), NAME).await;
    assert_eq!((again.status, again.text.as_str()), (204, ""));
    let gone = wire.arm("GET", &assignment(&whole(), NAME), Value::Null).await;
    assert_eq!(gone.error(), (404, "RoleAssignmentNotFound".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_last_administrator_cannot_be_deleted() {
    let wire = Wire::new(world());
    let world = wire.simulator.world();
    let rows = &world.customer("contoso").unwrap().subscriptions[0].assignments;
    let name = |principal| rows.iter().find(|row| row.principal_id == principal).unwrap().name;
    assert_eq!(delete(&wire, &whole(), name(ADMIN_AGENTS)).await.status, 200);
    let own = name(wire.simulator.service_principal(CONTOSO));
    let reply = delete(&wire, &whole(), own).await;
    assert_eq!(reply.error(), (412, "CannotDeleteLastRbacAdminAssignment".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_application_loses_its_rights_with_its_own_assignment() {
    let wire = Wire::new(world());
    put(&wire, &whole(), NAME, role_for(TEAM, READER)).await;
    let own = wire.simulator.service_principal(CONTOSO);
    wire.simulator.edit_customer(CONTOSO, |contoso| {
        contoso.subscriptions[0].assignments.retain(|row| row.principal_id != own);
    });
    assert_eq!(delete(&wire, &whole(), NAME).await.error(), (403, "AuthorizationFailed".to_owned()));
    assert_eq!(wire.arm("GET", &assignments(&whole()), Value::Null).await.error().0, 403);
}

#[tokio::test(start_paused = true)]
async fn one_customers_names_do_not_disturb_another() {
    let mut world = world();
    world.customer_mut("northwind").unwrap().groups = vec![Group::security(OTHER, "north", [])];
    let wire = Wire::new(world);
    assert_eq!(put(&wire, &whole(), NAME, role_for(TEAM, READER)).await.status, 201);
    let wire = wire.at(NORTHWIND);
    let north = format!("/subscriptions/{NORTH}");
    let mut body = role_for(OTHER, READER);
    let role = format!("{north}/providers/Microsoft.Authorization/roleDefinitions/{READER}");
    body["properties"]["roleDefinitionId"] = json!(role);
    assert_eq!(put(&wire, &north, NAME, body).await.status, 201);
}
