//! What people in a tenant do behind the application's back.

use groupsync::simulator::history::{Act, Actor};
use groupsync::simulator::world::{Assignment, Customer, Group, Lock, SubscriptionState, User};
use serde_json::Value;
use uuid::Uuid;

use super::{ADA, CONTOSO, CONTRIBUTOR, GRACE, PARTNER, READER, TEAM, Wire, world};

/// Changes Contoso and returns what the history says about it.
fn edit(wire: &Wire, change: impl FnOnce(&mut Customer)) -> Vec<Act> {
    let before = wire.simulator.history().len();
    wire.simulator.edit(|world| change(world.customer_mut("contoso").unwrap()));
    let history = wire.simulator.history().split_off(before);
    assert!(history.iter().all(|change| change.actor == Actor::Customer && change.tenant == CONTOSO));
    history.into_iter().map(|change| change.act).collect()
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_changes_nothing_leaves_no_trace() {
    let wire = Wire::new(world());
    assert_eq!(edit(&wire, |_| {}), []);
    assert_eq!(wire.simulator.world(), wire.simulator.world());
}

#[tokio::test(start_paused = true)]
async fn members_come_and_go() {
    let wire = Wire::new(world());
    let acts = edit(&wire, |contoso| {
        let team = contoso.group_mut(TEAM).unwrap();
        team.members.remove(&ADA);
        team.members.insert(GRACE);
    });
    let expected =
        [Act::MemberRemoved { group: TEAM, member: ADA }, Act::MemberAdded { group: TEAM, member: GRACE }];
    assert_eq!(acts, expected);
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.ids(), [GRACE]);
}

#[tokio::test(start_paused = true)]
async fn a_user_taken_out_is_deleted_and_comes_back_when_put_back() {
    let wire = Wire::new(world());
    let acts = edit(&wire, |contoso| contoso.users.retain(|user| user.id != ADA));
    assert_eq!(acts, [Act::MemberRemoved { group: TEAM, member: ADA }, Act::UserDeleted { user: ADA }]);
    assert_eq!(wire.get("/directory/deletedItems/microsoft.graph.user").await.ids(), [ADA]);
    let acts = edit(&wire, |contoso| {
        let ada = contoso.deleted.remove(0);
        contoso.users.push(ada);
    });
    assert_eq!(acts, [Act::UserRestored { user: ADA }, Act::MemberAdded { group: TEAM, member: ADA }]);
    edit(&wire, |contoso| contoso.users.retain(|user| user.id != ADA));
    assert_eq!(edit(&wire, |contoso| contoso.deleted.clear()), [Act::UserPurged { user: ADA }]);
}

#[tokio::test(start_paused = true)]
async fn users_and_groups_are_added_changed_and_deleted() {
    let wire = Wire::new(world());
    let (user, group) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let acts = edit(&wire, |contoso| {
        contoso.users.push(User::guest(user, "new@fabrikam.example"));
        contoso.groups.push(Group::security(group, "new", [user]));
        contoso.user_mut(ADA).unwrap().account_enabled = false;
    });
    assert_eq!(
        acts,
        [
            Act::UserCreated { user },
            Act::UserUpdated { user: ADA },
            Act::GroupCreated { group, display_name: "new".to_owned() },
            Act::MemberAdded { group, member: user },
        ]
    );
    assert_eq!(wire.find("/users", "accountEnabled eq false").await.ids(), [ADA]);
    let acts = edit(&wire, |contoso| contoso.groups.retain(|kept| kept.id != group));
    assert_eq!(acts, [Act::GroupDeleted { group }]);
}

#[tokio::test(start_paused = true)]
async fn assignments_states_and_locks_change() {
    let wire = Wire::new(world());
    let acts = edit(&wire, |contoso| {
        let subscription = &mut contoso.subscriptions[0];
        subscription.assignments.push(Assignment {
            name: Uuid::from_u128(1),
            principal_id: TEAM,
            role: READER,
            ..Assignment::default()
        });
    });
    assert!(matches!(acts[..], [Act::AssignmentCreated { principal: TEAM, role: READER, .. }]), "{acts:?}");
    let acts =
        edit(&wire, |contoso| contoso.subscriptions[0].assignments.retain(|row| row.principal_id != TEAM));
    assert!(matches!(acts[..], [Act::AssignmentDeleted { principal: TEAM, .. }]), "{acts:?}");
    let acts = edit(&wire, |contoso| {
        contoso.subscriptions[0].state = SubscriptionState::Disabled;
        contoso.subscriptions[0].locks.push(Lock { name: "new".to_owned(), ..Lock::default() });
    });
    assert!(matches!(acts[..], [Act::SubscriptionChanged { .. }]), "{acts:?}");
    let path = super::assignment(&format!("/subscriptions/{}", super::PROD), Uuid::from_u128(2));
    let reply = wire.arm("PUT", &path, super::role_for(TEAM, CONTRIBUTOR)).await;
    assert_eq!(reply.error().1, "ReadOnlyDisabledSubscription");
}

#[tokio::test(start_paused = true)]
async fn consent_is_revoked_and_customers_come_and_go() {
    let wire = Wire::new(world());
    assert_eq!(edit(&wire, |contoso| contoso.consent.clear()), [Act::TenantChanged {}]);
    assert_eq!(wire.ask_token(&CONTOSO.to_string(), &[]).await.status, 400);
    wire.simulator.edit(|world| world.customers.retain(|customer| customer.name != "northwind"));
    let gone =
        format!("http://simulator.invalid/login/{}/v2.0/.well-known/openid-configuration", super::NORTHWIND);
    assert_eq!(wire.send("GET", &gone, &[], String::new()).await.unwrap().status, 400);
}

#[tokio::test(start_paused = true)]
async fn the_partner_is_edited_too() {
    let wire = Wire::new(world()).at(PARTNER);
    wire.simulator.edit(|world| world.partner.users[0].account_enabled = false);
    assert_eq!(wire.find("/users", "accountEnabled eq false").await.rows().len(), 1);
    wire.simulator.edit(|world| world.partner.users.remove(0));
    assert_eq!(wire.get("/directory/deletedItems/microsoft.graph.user").await.rows().len(), 1);
    let history = wire.simulator.history();
    assert!(history.iter().all(|change| change.tenant == PARTNER));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_starts_the_same_world_again() {
    let wire = Wire::new(world());
    wire.create_group("new").await;
    wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await;
    let snapshot = wire.simulator.world();
    assert_eq!(Wire::new(snapshot.clone()).simulator.world(), snapshot);
}
