//! Users: finding, reading, changing, deleting and restoring; GDAP and objects by id.

use std::time::Duration;

use groupsync::simulator::world::{
    AccessAssignment, AppRoleAssignment, Level, OwnedObject, Relationship, User,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ADA, ADMIN_AGENTS, CAROL, CONTOSO, GRACE, PARTNER, TEAM, Wire, query, world, world_with};

#[tokio::test(start_paused = true)]
async fn a_guest_is_found_by_every_address_it_has() {
    let wire = Wire::new(world_with(|contoso| {
        contoso.users[1].other_mails = vec!["ada@old.example".to_owned(), "ada@fabrikam.example".to_owned()];
        contoso.users.push(User::member(Uuid::from_u128(3), "o'brien@contoso.example"));
    }));
    for filter in [
        "mail eq 'ADA@fabrikam.example'",
        "otherMails/any(x:x eq 'ada@old.example')",
        "proxyAddresses/any(p:p eq 'smtp:ada@fabrikam.example')",
        "userPrincipalName eq 'ada_fabrikam.example#EXT#@contoso.onmicrosoft.com'",
        "startsWith(userPrincipalName,'ada_fabrikam.example#EXT#')",
        "identities/any(i:i/issuer eq 'ExternalAzureAD') and startsWith(mail,'ada')",
        "id eq '22222222-2222-4000-8000-00000000a001'",
        "id in ('22222222-2222-4000-8000-00000000A001')",
    ] {
        assert_eq!(wire.find("/users", filter).await.ids(), [ADA], "{filter}");
    }
    assert_eq!(wire.find("/users", "mail eq 'o''brien@contoso.example'").await.ids(), [Uuid::from_u128(3)]);
    assert_eq!(wire.find("/users", "creationType eq 'Invitation'").await.ids(), [ADA, GRACE]);
    assert_eq!(
        wire.find("/users", "userType eq 'Guest' or mail eq 'carol@contoso.example'").await.ids().len(),
        3
    );
    assert_eq!(wire.find("/users", "createdDateTime ge 2029-06-01T00:00:00Z").await.ids(), [] as [Uuid; 0]);
    assert_eq!(wire.find("/users", "companyName eq 'x'").await.error().1, "Request_UnsupportedQuery");
}

#[tokio::test(start_paused = true)]
async fn a_user_shows_few_properties_unless_more_are_selected() {
    let wire = Wire::new(world());
    let plain = wire.get(&format!("/users/{ADA}")).await.json();
    assert_eq!(plain["mail"], "ada@fabrikam.example");
    assert_eq!(plain.get("accountEnabled"), None);
    let select = "id,accountEnabled,userType,creationType,externalUserState,identities,createdDateTime";
    let full = wire.get(&format!("/users/{ADA}?$select={select}")).await.json();
    assert_eq!(full["accountEnabled"], true);
    assert_eq!(full["userType"], "Guest");
    assert_eq!(full["creationType"], "Invitation");
    assert_eq!(full["externalUserState"], "Accepted");
    assert_eq!(full["identities"][0]["issuer"], "ExternalAzureAD");
    assert_eq!(full["createdDateTime"], "2029-01-01T00:00:00Z");
    let by_name = "/users/ada_fabrikam.example%23EXT%23@contoso.onmicrosoft.com";
    assert_eq!(wire.get(by_name).await.json()["id"], json!(ADA));
    assert_eq!(wire.get(&format!("/users('{ADA}')")).await.json()["id"], json!(ADA));
}

#[tokio::test(start_paused = true)]
async fn what_a_user_is_used_for_can_be_read() {
    let role = Uuid::from_u128(21);
    let app = Uuid::from_u128(22);
    let wire = Wire::new(world_with(|contoso| {
        contoso.users[1].directory_roles = vec![role];
        contoso.users[1].owned_objects = vec![OwnedObject { id: app, ..OwnedObject::default() }];
        contoso.users[1].app_role_assignments = vec![AppRoleAssignment {
            id: "a".to_owned(),
            resource_display_name: "payroll".to_owned(),
            ..AppRoleAssignment::default()
        }];
        contoso.groups[0].owners.insert(CAROL);
    }));
    let member_of = wire.get(&format!("/users/{ADA}/memberOf")).await.rows();
    let types: Vec<&str> = member_of.iter().map(|row| row["@odata.type"].as_str().unwrap()).collect();
    assert_eq!(types, ["#microsoft.graph.directoryRole", "#microsoft.graph.group"]);
    assert_eq!(wire.get(&format!("/users/{ADA}/ownedObjects")).await.ids(), [app]);
    assert_eq!(wire.get(&format!("/users/{CAROL}/ownedObjects")).await.ids(), [TEAM]);
    let roles = wire.get(&format!("/users/{ADA}/appRoleAssignments")).await.rows();
    assert_eq!(roles[0]["resourceDisplayName"], "payroll");
    assert_eq!(wire.get(&format!("/users/{GRACE}/memberOf")).await.rows(), [] as [Value; 0]);
    let delete = wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await;
    assert_eq!(delete.status, 403, "holders of directory roles are out of reach");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_user_leaves_its_groups_and_comes_back_with_them() {
    let wire = Wire::new(world());
    assert_eq!(wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await.status, 204);
    assert_eq!(wire.get(&format!("/users/{ADA}")).await.status, 404);
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.ids(), [] as [Uuid; 0]);
    let listed =
        wire.find("/directory/deletedItems/microsoft.graph.user", "mail eq 'ada@fabrikam.example'").await;
    assert_eq!(listed.ids(), [ADA]);
    assert_eq!(wire.get(&format!("/directory/deletedItems/{ADA}")).await.status, 200);
    let restore = wire.graph("POST", &format!("/directory/deletedItems/{ADA}/restore"), Value::Null).await;
    assert_eq!((restore.status, restore.json()["id"].clone()), (200, json!(ADA)));
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.ids(), [ADA]);
    assert_eq!(
        wire.graph("DELETE", &format!("/directory/deletedItems/{ADA}"), Value::Null).await.status,
        404
    );
}

#[tokio::test(start_paused = true)]
async fn a_purged_user_or_one_deleted_a_month_ago_is_gone() {
    let wire = Wire::new(world());
    for user in [ADA, GRACE] {
        wire.graph("DELETE", &format!("/users/{user}"), Value::Null).await;
    }
    assert_eq!(
        wire.graph("DELETE", &format!("/directory/deletedItems/{ADA}"), Value::Null).await.status,
        204
    );
    assert_eq!(wire.get("/directory/deletedItems/microsoft.graph.user").await.ids(), [GRACE]);
    wire.simulator.advance(Duration::from_hours(720));
    assert_eq!(wire.get("/directory/deletedItems/microsoft.graph.user").await.ids(), [] as [Uuid; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_restore_collides_with_whoever_took_the_name() {
    let wire = Wire::new(world());
    wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await;
    let newcomer = wire.invite("ada@fabrikam.example").await;
    assert_ne!(newcomer, ADA);
    let path = format!("/directory/deletedItems/{ADA}/restore");
    assert_eq!(wire.graph("POST", &path, Value::Null).await.error().0, 400);
    let settle = json!({"autoReconcileProxyConflict": true, "newUserPrincipalName": "ada2@contoso.example"});
    assert_eq!(wire.graph("POST", &path, settle).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn deleting_users_needs_its_own_permission_and_changing_them_another() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::Manage.permissions()));
    assert_eq!(wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await.error().0, 403);
    let disable = json!({"accountEnabled": false});
    assert_eq!(wire.graph("PATCH", &format!("/users/{ADA}"), disable.clone()).await.error().0, 403);
    wire.simulator.edit_customer(CONTOSO, |contoso| {
        contoso.consent.insert("User.EnableDisableAccount.All".to_owned());
    });
    assert_eq!(wire.graph("PATCH", &format!("/users/{ADA}"), disable).await.status, 204);
    let rename = json!({"displayName": "x"});
    assert_eq!(wire.graph("PATCH", &format!("/users/{ADA}"), rename).await.error().0, 403);
    let user = wire.get(&format!("/users/{ADA}?$select=accountEnabled")).await.json();
    assert_eq!(user["accountEnabled"], false);
}

#[tokio::test(start_paused = true)]
async fn many_objects_are_resolved_at_once_and_missing_ones_left_out() {
    let wire = Wire::new(world_with(|contoso| {
        contoso.consent.insert("Directory.Read.All".to_owned());
    }));
    let ids = json!([ADA, TEAM, Uuid::from_u128(4), ADMIN_AGENTS]);
    let reply =
        wire.graph("POST", "/directoryObjects/getByIds", json!({"ids": ids, "types": ["user"]})).await;
    assert_eq!(reply.ids(), [ADA]);
    let reply = wire.graph("POST", "/directoryObjects/getByIds", json!({"ids": ids})).await;
    assert_eq!(reply.ids(), [ADA, TEAM], "partner references come only when asked for");
    let types = json!(["directoryObjectPartnerReference"]);
    let reply = wire.graph("POST", "/directoryObjects/getByIds", json!({"ids": ids, "types": types})).await;
    assert_eq!(reply.rows()[0]["externalPartnerTenantId"], json!(PARTNER));
    assert_eq!(reply.rows()[0]["displayName"], "AdminAgents");
}

#[tokio::test(start_paused = true)]
async fn delegated_relationships_are_read_in_the_partner_tenant_only() {
    let mut world = world();
    let relationship = |id: &str, status: &str, customer| Relationship {
        id: id.to_owned(),
        customer,
        status: status.to_owned(),
        access_assignments: vec![AccessAssignment { group: ADMIN_AGENTS, ..AccessAssignment::default() }],
        ..Relationship::default()
    };
    world.partner.gdap = vec![
        relationship("a-b", "active", CONTOSO),
        relationship("a-c", "terminated", CONTOSO),
        relationship("a-d", "active", super::NORTHWIND),
    ];
    let wire = Wire::new(world).at(PARTNER);
    let path = "/tenantRelationships/delegatedAdminRelationships";
    let filter = format!("(status eq 'active') AND (customer/tenantId eq '{CONTOSO}')");
    let reply = wire.get(&format!("{path}?{}", query("$filter", &filter))).await;
    assert_eq!(reply.rows().len(), 1);
    assert_eq!(reply.rows()[0]["customer"]["tenantId"], json!(CONTOSO));
    let assignments = wire.get(&format!("{path}/a-b/accessAssignments")).await.rows();
    assert_eq!(assignments[0]["accessContainer"]["accessContainerId"], json!(ADMIN_AGENTS));
    assert_eq!(assignments[0]["status"], "active");
    assert_eq!(wire.get(&format!("{path}/nonsense/accessAssignments")).await.status, 404);
    let wire = wire.at(CONTOSO);
    assert_eq!(wire.get(path).await.status, 403);
}
