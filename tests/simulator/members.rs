//! Members: listing, adding, removing, and the deletion that looks like a removal.

use groupsync::simulator::history::Act;
use groupsync::simulator::world::{Group, Level, OtherObject};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ADA, CAROL, CONTOSO, GRACE, LAPTOP, TEAM, Wire, reference, world, world_with};

async fn bind(wire: &Wire, ids: &[Uuid]) -> super::Reply {
    let references: Vec<String> = ids.iter().map(|id| reference(*id)).collect();
    wire.graph("PATCH", &format!("/groups/{TEAM}"), json!({"members@odata.bind": references})).await
}

async fn members(wire: &Wire) -> Vec<Uuid> {
    let mut ids = wire.get(&format!("/groups/{TEAM}/members?$select=id")).await.ids();
    ids.sort();
    ids
}

#[tokio::test(start_paused = true)]
async fn members_of_all_types_are_listed_but_service_principals_are_not() {
    let service = Uuid::from_u128(7);
    let nested = Uuid::from_u128(8);
    let wire = Wire::new(world_with(|contoso| {
        contoso.objects.push(OtherObject {
            id: service,
            r#type: "servicePrincipal".to_owned(),
            display_name: "app".to_owned(),
            ..OtherObject::default()
        });
        contoso.groups.push(Group::security(nested, "nested", [CAROL, TEAM]));
        contoso.groups[0].members.extend([LAPTOP, service, nested]);
    }));
    let rows = wire.get(&format!("/groups/{TEAM}/members")).await.rows();
    let types: Vec<&str> = rows.iter().map(|row| row["@odata.type"].as_str().unwrap()).collect();
    assert_eq!(types, ["#microsoft.graph.group", "#microsoft.graph.device", "#microsoft.graph.user"]);
    assert_eq!(rows[2]["mail"], "ada@fabrikam.example");
    assert_eq!(rows[1]["displayName"], Value::Null, "devices need a permission of their own");
    let all = wire.get(&format!("/groups/{TEAM}/transitiveMembers?$select=id")).await.ids();
    assert!(all.contains(&CAROL) && all.contains(&nested), "{all:?}");
    assert_eq!(wire.get(&format!("/groups/{nested}/members?$filter=x")).await.error().0, 400);
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_read_users_members_are_ids_and_nulls() {
    let wire = Wire::new(world_with(|contoso| {
        contoso.consent = ["GroupMember.Read.All".to_owned()].into();
    }));
    let row =
        wire.get(&format!("/groups/{TEAM}/members?$select=id,mail,userPrincipalName")).await.rows().remove(0);
    assert_eq!(
        row,
        json!({"@odata.type": "#microsoft.graph.user", "id": ADA, "mail": null, "userPrincipalName": null})
    );
    assert_eq!(wire.get("/users").await.status, 403);
    assert_eq!(wire.get(&format!("/users/{ADA}")).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn owners_show_the_application_itself() {
    let wire = Wire::new(world());
    let group = wire.create_group("owned").await;
    let rows = wire.get(&format!("/groups/{group}/owners")).await.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["@odata.type"], "#microsoft.graph.servicePrincipal");
    assert_eq!(rows[0]["id"], json!(wire.simulator.service_principal(CONTOSO)));
}

#[tokio::test(start_paused = true)]
async fn adding_many_is_all_or_nothing() {
    let wire = Wire::new(world());
    let already = bind(&wire, &[GRACE, ADA]).await;
    assert_eq!(already.status, 400);
    assert!(already.message().contains(
        "One or more added object references already exist for the following modified properties: 'members'"
    ));
    let nobody = Uuid::from_u128(99);
    let missing = bind(&wire, &[GRACE, nobody]).await;
    assert_eq!(missing.error(), (404, "Request_ResourceNotFound".to_owned()));
    assert!(missing.message().contains(&format!("Resource '{nobody}' does not exist")));
    let twice = bind(&wire, &[GRACE, GRACE]).await;
    assert!(twice.message().contains("can only be present once as an add/remove change"));
    let many: Vec<Uuid> = (0..21).map(Uuid::from_u128).collect();
    assert_eq!(bind(&wire, &many).await.status, 400);
    let foreign = json!({"members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{GRACE}")]});
    assert_eq!(wire.graph("PATCH", &format!("/groups/{TEAM}"), foreign).await.status, 400);
    assert_eq!(members(&wire).await, [ADA], "nobody was added by any of these");
    assert_eq!(bind(&wire, &[GRACE, CAROL]).await.status, 204);
    assert_eq!(members(&wire).await, [ADA, GRACE, CAROL]);
}

#[tokio::test(start_paused = true)]
async fn one_member_is_added_by_reference() {
    let wire = Wire::new(world());
    let path = format!("/groups/{TEAM}/members/$ref");
    let add = |id| json!({"@odata.id": reference(id)});
    assert_eq!(wire.graph("POST", &path, add(GRACE)).await.status, 204);
    assert_eq!(wire.graph("POST", &path, add(GRACE)).await.status, 400);
    let gone = Uuid::from_u128(5);
    let reply = wire.graph("POST", &format!("/groups/{gone}/members/$ref"), add(GRACE)).await;
    assert!(reply.message().contains(&gone.to_string()), "the missing group is named: {reply:?}");
    assert_eq!(wire.graph("POST", &path, Value::Null).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn removing_someone_who_is_not_there_names_what_is_missing() {
    let wire = Wire::new(world());
    let remove = async |id: Uuid| {
        wire.graph("DELETE", &format!("/groups/{TEAM}/members/{id}/$ref"), Value::Null).await
    };
    assert_eq!(remove(ADA).await.status, 204);
    let again = remove(ADA).await;
    assert_eq!(again.error(), (404, "Request_ResourceNotFound".to_owned()));
    assert!(again.message().contains(&ADA.to_string()));
    assert_eq!(members(&wire).await, [] as [Uuid; 0]);
    assert!(wire.simulator.world().customer("contoso").unwrap().users.iter().any(|user| user.id == ADA));
}

#[tokio::test(start_paused = true)]
async fn right_after_a_removal_a_second_one_is_refused_in_other_words() {
    let mut world = super::lagging(10.0, 20.0);
    world.customer_mut("contoso").unwrap().name = "contoso".to_owned();
    let wire = Wire::new(world);
    let path = format!("/groups/{TEAM}/members/{ADA}/$ref");
    assert_eq!(wire.graph("DELETE", &path, Value::Null).await.status, 204);
    let again = wire.graph("DELETE", &path, Value::Null).await;
    assert_eq!(again.status, 400);
    assert!(again.message().contains("removed object references do not exist"));
}

#[tokio::test(start_paused = true)]
async fn a_removal_without_ref_deletes_the_person() {
    let wire = Wire::new(world());
    let deadly = format!("/groups/{TEAM}/members/{ADA}");
    assert_eq!(wire.graph("DELETE", &deadly, Value::Null).await.status, 204);
    let contoso = wire.simulator.world().customer("contoso").unwrap().clone();
    assert!(contoso.users.iter().all(|user| user.id != ADA), "Ada is gone from the tenant");
    assert!(contoso.deleted.iter().any(|user| user.id == ADA));
    assert!(wire.simulator.history().iter().any(|change| change.act == Act::UserDeleted { user: ADA }));
}

#[tokio::test(start_paused = true)]
async fn a_removal_without_ref_is_refused_where_users_may_not_be_deleted() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::Manage.permissions()));
    let deadly = format!("/groups/{TEAM}/members/{ADA}");
    assert_eq!(wire.graph("DELETE", &deadly, Value::Null).await.error().0, 403);
    assert_eq!(wire.simulator.history(), []);
}
