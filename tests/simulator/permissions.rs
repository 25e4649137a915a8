//! Permissions: every route opens to each of those that the service documents, and to no other.

use groupsync::simulator::world::{Group, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ADA, ADMIN_AGENTS, GRACE, PARTNER, TEAM, Wire, invitation, reference, world_with};

const GROUP_READERS: [&str; 6] = [
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const USER_READERS: [&str; 4] =
    ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const GDAP_READERS: [&str; 2] =
    ["DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"];

/// Every permission there is, and one that opens nothing.
const ALL: [&str; 17] = [
    "Nothing.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "DelegatedAdminRelationship.Read.All",
    "DelegatedAdminRelationship.ReadWrite.All",
    "Group.Create",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Member.Read.Hidden",
    "RoleManagement.ReadWrite.Directory",
    "User.DeleteRestore.All",
    "User.EnableDisableAccount.All",
    "User.Invite.All",
    "User.Read.All",
    "User.ReadWrite.All",
];

fn wire(permissions: &[&str]) -> Wire {
    let consent = permissions.iter().map(ToString::to_string).collect();
    let mut world: World = world_with(|contoso| {
        contoso.consent = consent;
        contoso
            .deleted
            .push(groupsync::simulator::world::User::guest(Uuid::from_u128(1), "x@fabrikam.example"));
        contoso.deleted_groups.push(Group::security(Uuid::from_u128(2), "gone", []));
        contoso.groups.push(Group::security(Uuid::from_u128(3), "inner", []));
    });
    world.partner.consent.clone_from(&world.customers[0].consent);
    Wire::new(world)
}

/// Trap: graph 22
///
/// Tried: `needs` of `/users` not looked at -> "GET /users with Nothing.Read.All: Reply { status: 200, …".
#[tokio::test(start_paused = true)]
async fn every_route_opens_to_its_own_permissions_only() {
    let (user, group) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let rename = json!({"displayName": "n"});
    let body =
        json!({"displayName": "n", "mailNickname": "n", "mailEnabled": false, "securityEnabled": true});
    let creators: &[&str] = &["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
    let writers: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];
    let removers: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All", "GroupMember.ReadWrite.All"];
    let deleters: &[&str] = &["User.DeleteRestore.All", "User.ReadWrite.All"];
    let inviters: &[&str] = &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
    let by_ids: &[&str] = &["Directory.Read.All", "Directory.ReadWrite.All"];
    let nothing = Value::Null;
    let table: Vec<(&str, String, Value, &[&str])> = vec![
        ("GET", "/groups".to_owned(), nothing.clone(), &GROUP_READERS),
        ("GET", format!("/groups/{TEAM}"), nothing.clone(), &GROUP_READERS),
        ("GET", format!("/groups/{TEAM}/members"), nothing.clone(), &GROUP_READERS),
        ("GET", format!("/groups/{TEAM}/transitiveMembers"), nothing.clone(), &GROUP_READERS),
        ("GET", format!("/groups/{TEAM}/owners"), nothing.clone(), &GROUP_READERS),
        ("GET", format!("/groups/{TEAM}/memberOf"), nothing.clone(), &GROUP_READERS),
        ("POST", "/groups".to_owned(), body.clone(), creators),
        ("PATCH", "/groups(uniqueName='n')".to_owned(), body, creators),
        ("PATCH", format!("/groups/{TEAM}"), rename.clone(), writers),
        ("DELETE", format!("/groups/{TEAM}"), nothing.clone(), &["Group.ReadWrite.All"]),
        ("DELETE", format!("/groups/{TEAM}/members/{ADA}/$ref"), nothing.clone(), removers),
        ("DELETE", format!("/groups/{TEAM}/members/{ADA}"), nothing.clone(), deleters),
        ("GET", "/users".to_owned(), nothing.clone(), &USER_READERS),
        ("GET", format!("/users/{ADA}"), nothing.clone(), &USER_READERS),
        ("GET", format!("/users/{ADA}/memberOf"), nothing.clone(), &USER_READERS),
        ("GET", format!("/users/{ADA}/ownedObjects"), nothing.clone(), &USER_READERS),
        ("PATCH", format!("/users/{ADA}"), rename, &["User.ReadWrite.All", "Directory.ReadWrite.All"]),
        ("DELETE", format!("/users/{ADA}"), nothing.clone(), deleters),
        ("POST", "/invitations".to_owned(), invitation("jo@fabrikam.example"), inviters),
        ("GET", "/directory/deletedItems/microsoft.graph.user".to_owned(), nothing.clone(), &USER_READERS),
        ("GET", "/directory/deletedItems/microsoft.graph.group".to_owned(), nothing.clone(), &GROUP_READERS),
        ("GET", format!("/directory/deletedItems/{user}"), nothing.clone(), &USER_READERS),
        ("GET", format!("/directory/deletedItems/{group}"), nothing.clone(), &GROUP_READERS),
        ("POST", format!("/directory/deletedItems/{user}/restore"), nothing.clone(), deleters),
        ("DELETE", format!("/directory/deletedItems/{user}"), nothing.clone(), deleters),
        ("DELETE", format!("/directory/deletedItems/{group}"), nothing.clone(), &["Group.ReadWrite.All"]),
        ("POST", "/directoryObjects/getByIds".to_owned(), json!({"ids": [ADA]}), by_ids),
    ];
    for (method, path, body, allowed) in &table {
        for permission in ALL {
            let reply = wire(&[permission]).graph(method, path, body.clone()).await;
            let opens = if allowed.contains(&permission) { "opens" } else { "stays shut" };
            let did = if reply.status == 403 { "stays shut" } else { "opens" };
            assert_eq!(did, opens, "{method} {path} with {permission}: {reply:?}");
        }
    }
    for permission in ALL {
        let relationships = "/tenantRelationships/delegatedAdminRelationships";
        let reply = wire(&[permission]).at(PARTNER).get(relationships).await;
        assert_eq!(reply.status == 200, GDAP_READERS.contains(&permission), "{permission}");
    }
}

#[tokio::test(start_paused = true)]
async fn binding_a_person_needs_the_right_to_read_people_and_a_device_the_directory() {
    let add = async |permissions: &[&str], id: Uuid| {
        let path = format!("/groups/{TEAM}/members/$ref");
        wire(permissions).graph("POST", &path, json!({"@odata.id": reference(id)})).await.status
    };
    let membership = "GroupMember.ReadWrite.All";
    assert_eq!(add(&[membership], GRACE).await, 403);
    assert_eq!(add(&[membership, "User.Read.All"], GRACE).await, 204);
    assert_eq!(add(&[membership, "User.Read.All"], super::LAPTOP).await, 403);
    assert_eq!(add(&[membership, "Directory.Read.All"], super::LAPTOP).await, 204);
    assert_eq!(add(&[membership], Uuid::from_u128(3)).await, 204, "a group is read by whoever reads members");
}

/// Trap: graph 21
///
/// Tried: `render_mixed` told that everything is readable ->
/// "left: (String("ada@fabrikam.example"), String("ada@fabrikam.example")) right: (Null, Null)".
#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_null_and_not_absent() {
    let select = "?$select=id,displayName,mail,userPrincipalName";
    let row = wire(&["GroupMember.Read.All"])
        .get(&format!("/groups/{TEAM}/members{select}"))
        .await
        .rows()
        .remove(0);
    let names: Vec<&String> = row.as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.type", "displayName", "id", "mail", "userPrincipalName"]);
    assert_eq!((row["mail"].clone(), row["displayName"].clone()), (Value::Null, Value::Null));
    let full = wire(&["GroupMember.Read.All", "User.Read.All"]);
    let row = full.get(&format!("/groups/{TEAM}/members{select}")).await.rows().remove(0);
    assert_eq!(row["mail"], "ada@fabrikam.example");
}

#[tokio::test(start_paused = true)]
async fn hidden_members_need_a_permission_of_their_own() {
    let hidden = |permissions: &[&str]| {
        let wire = wire(permissions);
        wire.simulator.edit_customer(super::CONTOSO, |contoso| {
            contoso.group_mut(TEAM).unwrap().visibility = Some("HiddenMembership".to_owned());
        });
        wire
    };
    let path = format!("/groups/{TEAM}/members");
    assert_eq!(hidden(&["Group.Read.All"]).get(&path).await.status, 403);
    assert_eq!(hidden(&["Group.Read.All", "Member.Read.Hidden"]).get(&path).await.status, 200);
}

/// Trap: graph 29
///
/// Tried: ownership not asked for in `check_writable` -> "no JSON: Reply { status: 204, …" in place of the refusal.
#[tokio::test(start_paused = true)]
async fn a_group_made_without_an_owner_is_out_of_its_makers_reach() {
    let wire = wire(&["Group.Create", "GroupMember.Read.All"]);
    let mut body = wire.group_body("anonymous");
    body.as_object_mut().unwrap().remove("owners@odata.bind");
    let created = wire.graph("POST", "/groups", body).await;
    let path = format!("/groups/{}", created.json()["id"].as_str().unwrap());
    assert_eq!(wire.graph("PATCH", &path, json!({"description": "mine"})).await.error().0, 403);
    let owned = wire.create_group("owned").await;
    let reply = wire.graph("PATCH", &format!("/groups/{owned}"), json!({"description": "mine"})).await;
    assert_eq!(reply.status, 204);
}

/// Trap: graph 8
#[tokio::test(start_paused = true)]
async fn the_last_owner_stays_and_a_hundred_are_enough() {
    let owners: Vec<Uuid> = (500..605).map(Uuid::from_u128).collect();
    let wire = wire(&["Group.ReadWrite.All", "User.Read.All"]);
    wire.simulator.edit_customer(super::CONTOSO, |contoso| {
        for id in &owners {
            let address = format!("o{}@contoso.example", id.as_u128());
            contoso.users.push(groupsync::simulator::world::User::member(*id, &address));
        }
        contoso.group_mut(TEAM).unwrap().owners = owners[..99].iter().copied().collect();
    });
    let bind = async |ids: &[Uuid]| {
        let links: Vec<String> = ids.iter().map(|id| reference(*id)).collect();
        wire.graph("PATCH", &format!("/groups/{TEAM}"), json!({"owners@odata.bind": links})).await
    };
    let over = bind(&owners[98..100]).await;
    assert_eq!(over.error().1, "Directory_QuotaExceeded", "the one who is an owner already is counted again");
    assert!(over.message().contains("would exceed the maximum quota count '100' for forward-link owners"));
    assert_eq!(bind(&owners[99..100]).await.status, 204);
    let path = format!("/groups/{TEAM}/owners/$ref");
    assert_eq!(wire.graph("POST", &path, json!({"@odata.id": reference(owners[100])})).await.status, 403);
    let again = wire.graph("POST", &path, json!({"@odata.id": reference(owners[0])})).await;
    assert!(again.message().contains("already exist"), "{again:?}");
    for id in &owners[..99] {
        let path = format!("/groups/{TEAM}/owners/{id}/$ref");
        assert_eq!(wire.graph("DELETE", &path, Value::Null).await.status, 204);
    }
    let last = wire.graph("DELETE", &format!("/groups/{TEAM}/owners/{}/$ref", owners[99]), Value::Null).await;
    assert_eq!(last.status, 400);
    assert!(last.message().contains("must have at least one owner, hence this owner cannot be removed"));
}

#[tokio::test(start_paused = true)]
async fn where_makers_become_owners_naming_oneself_is_once_too_often() {
    let wire = wire(&["Group.Create", "GroupMember.Read.All"]);
    wire.simulator.edit_customer(super::CONTOSO, |contoso| contoso.policies.creator_becomes_owner = true);
    let mut body = wire.group_body("x");
    let refused = wire.graph("POST", "/groups", body.clone()).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("Request contains a property with duplicate values"));
    body.as_object_mut().unwrap().remove("owners@odata.bind");
    let created = wire.graph("POST", "/groups", body).await.json();
    let owners = wire.get(&format!("/groups/{}/owners", created["id"].as_str().unwrap())).await.rows();
    assert_eq!(owners[0]["@odata.type"], "#microsoft.graph.servicePrincipal");
    assert_ne!(owners[0]["id"], json!(ADMIN_AGENTS));
}
