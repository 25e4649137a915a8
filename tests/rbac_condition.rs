//! The condition that `rbac-condition` prints, on the application's own right: exactly its roles can be given and taken.

use std::collections::BTreeSet;
use std::path::Path;

use groupsync::client::error::{Error, Kind};
use groupsync::client::limiter::Priority;
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::{ObjectId, RoleId, SubscriptionId, TenantId};
use groupsync::model::scope::Scope;
use groupsync::report::condition::condition;
use groupsync::simulator::world::{Assignment, ControllerCondition, Group};
use uuid::Uuid;

use crate::stage::{PARTNER, Stage, write};

const ROLES: [&str; 2] = ["acdd72a7-3385-48ef-bd42-f606fba81ae7", "b24988ac-6180-42a0-ab88-20f7382dd24c"];
const OTHERS: [&str; 3] = [
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "00c29273-979b-4161-815c-10b084fb9324",
];

fn files(dir: &Path) {
    write(dir, "partner.yaml", PARTNER);
    let policy = "apiVersion: groupsync.dev/v1\nkind: Policy\nmetadata: {name: policy}\nspec:\n  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}\n";
    write(dir, "policy.yaml", policy);
    let customer = "apiVersion: groupsync.dev/v1\nkind: Customer\nmetadata: {name: contoso}\nspec:\n  tenantId: 22222222-2222-4000-8000-000000000001\n  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}\n";
    write(dir, "customers/contoso/customer.yaml", customer);
}

fn roles(of: &[&str]) -> BTreeSet<RoleId> {
    of.iter().map(|id| id.parse().expect("a literal id parses")).collect()
}

#[tokio::test(start_paused = true)]
async fn exactly_the_roles_in_it_can_be_given_and_taken() {
    let stage = Stage::new(files, 1, |_| {});
    let tenant: TenantId = "22222222-2222-4000-8000-000000000001".parse().expect("an id");
    let subscription: SubscriptionId = "22222222-2222-4000-8000-0000000000b1".parse().expect("an id");
    let us = stage.simulator.service_principal(tenant.uuid());
    let group = Uuid::from_u128(0xd1);
    stage.simulator.edit_customer(tenant.uuid(), |customer| {
        customer.groups.push(Group::security(group, "A team", []));
        for (number, role) in OTHERS.iter().enumerate() {
            let row = Assignment {
                name: Uuid::from_u128(0xa0 + number as u128),
                role: role.parse().expect("an id"),
                principal_id: group,
                ..Assignment::default()
            };
            customer.subscriptions[0].assignments.push(row);
        }
        let rows = &mut customer.subscriptions[0].assignments;
        for row in rows.iter_mut().filter(|row| row.principal_id == us) {
            row.condition = Some(condition(&roles(&ROLES)).trim_end().to_owned());
            row.condition_version = Some("2.0".to_owned());
        }
    });
    let client = stage.client();
    let arm = client.arm(tenant, Priority::Change);
    let principal = ObjectId::new(group);
    for (role, may) in ROLES.iter().map(|r| (r, true)).chain(OTHERS.iter().map(|r| (r, false))) {
        // One level deeper, where the group has none of these roles yet.
        let scope = Scope::subscription(subscription).below("resourceGroups/rg-app");
        let role = role.parse().expect("an id");
        let given = arm.put_role_assignment(&AssignmentKey { scope, principal, role }).await;
        assert_eq!(given.as_ref().map_err(Error::kind).err(), (!may).then_some(Kind::ConditionDenied));
    }
    let rows = arm.role_assignments(subscription).await.expect("they can be read");
    for row in rows.iter().filter(|row| row.key.principal == principal) {
        let taken = arm.delete_role_assignment(row).await;
        let may = roles(&ROLES).contains(&row.key.role);
        let words = "a role that is not in the condition is not taken away either";
        assert_eq!(
            taken.as_ref().map_err(Error::kind).err(),
            (!may).then_some(Kind::ConditionDenied),
            "{words}"
        );
    }
    assert_eq!(rows.iter().filter(|row| row.key.principal == principal).count(), 5);
}

/// The simulator writes such conditions as the portal does, and shares no code with the program.
#[test]
fn it_reads_as_the_portal_writes_it() {
    let ids = ROLES.iter().map(|id| id.parse().expect("an id")).collect();
    let portal = ControllerCondition { roles: ids, ..ControllerCondition::default() };
    assert_eq!(condition(&roles(&ROLES)).trim_end(), portal.text());
}
