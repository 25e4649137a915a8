//! What a quiet pass costs, counted by the simulator.

use groupsync::collect;
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::Subscription;

use super::*;
use crate::stage::work::{Count, Work, by_groupsync, by_script};

const OURS: &str = "GET /groups";
const BATCH: &str = "POST /$batch";
const SUBSCRIPTIONS: &str = "GET /subscriptions";
const ROWS: &str = "GET /{scope}/providers/Microsoft.Authorization/roleAssignments";

/// What the second of two passes sends, the caches of the first still warm.
async fn second_pass(world: World, desired: &DesiredState) -> (Vec<String>, Vec<String>, Vec<String>) {
    let simulator = simulator(world);
    let client = client(&simulator);
    let cache = Cache::new();
    collect::partner(&client, desired).await;
    collect::customer(&client, desired, contoso_of(desired), &cache).await;
    simulator.clear_requests();
    collect::customer(&client, desired, contoso_of(desired), &cache).await;
    let by = |service| sent(&simulator, service);
    (by(Service::Login), by(Service::Graph), by(Service::Arm))
}

#[tokio::test(start_paused = true)]
async fn a_quiet_pass_costs_two_graph_requests_one_for_the_subscriptions_and_one_for_each() {
    let world = prepared_with(|world| {
        let test = Subscription { alias: "test".into(), id: id(0xb2), ..Subscription::default() };
        world.customers[0].subscriptions.push(test);
    });
    let (login, graph, arm) = second_pass(world, &desired()).await;
    assert!(login.is_empty(), "tokens and the domain are known: {login:?}");
    assert_eq!(graph, [OURS, BATCH]);
    assert_eq!(arm, [SUBSCRIPTIONS, ROWS, ROWS], "the undeclared subscription too");
}

#[tokio::test(start_paused = true)]
async fn an_adopted_group_is_read_in_the_same_two_requests_and_one_known_from_the_ledger_in_a_third() {
    let world = |in_ledger: bool| {
        prepared_with(|world| {
            let contoso = &mut world.customers[0];
            contoso.groups.push(Group::security(id(ADOPTED), "Old", []));
            if in_ledger {
                contoso.group_mut(id(LEDGER)).unwrap().members.insert(id(ADOPTED));
            }
        })
    };
    let adopting = desired_with(|_, _, contoso| contoso.push_str(ADOPTING));
    let (_, graph, _) = second_pass(world(true), &adopting).await;
    assert_eq!(graph, [OURS, BATCH]);
    let (_, graph, _) = second_pass(world(true), &desired()).await;
    assert_eq!(graph, [OURS, BATCH, BATCH], "dropped from the files, still found");
    let (_, graph, _) = second_pass(world(false), &desired()).await;
    assert_eq!(graph, [OURS, BATCH]);
}

/// Trap: arm 32
#[tokio::test(start_paused = true)]
async fn a_subscription_of_another_tenant_is_shown_and_not_read() {
    let world = prepared_with(|world| {
        let mut other = world.customers[0].clone();
        other.name = "northwind".into();
        other.tenant_id = id(0xc1);
        other.domain = "northwind.example".into();
        other.groups.clear();
        other.subscriptions[0].id = id(0xb9);
        other.subscriptions[0].managed_by_tenants = vec![contoso().uuid()];
        world.customers.push(other);
    });
    let simulator = simulator(world);
    let observed = collect_contoso(&simulator, &desired()).await;
    assert_eq!(observed.subscriptions.unwrap().len(), 2);
    assert_eq!(observed.assignments.keys().collect::<Vec<_>>(), [&prod()]);
}

#[tokio::test(start_paused = true)]
async fn more_than_twenty_groups_cost_one_request_more() {
    let world = prepared_with(|world| {
        for n in 0..20 {
            world.customers[0].groups.push(ours(0x500 + n, &format!("g-extra-{n}"), []));
        }
    });
    let (_, graph, _) = second_pass(world, &desired()).await;
    assert_eq!(graph, [OURS, BATCH, BATCH]);
}

/// The work of `benches/requests.rs`: what groupsync needs, look-ups, proofs and the second look at what was written
/// included, next to a script that asks and writes once per member.
#[tokio::test(start_paused = true)]
async fn what_many_members_cost_does_not_grow_with_every_one_of_them() {
    let mut measured = Vec::new();
    for work in Work::ALL {
        let (ours, script) = (by_groupsync(work).await, by_script(work).await);
        measured.push((work.words(), ours, ours.total(), script, script.total()));
    }
    let count = |graph, azure| Count { graph, azure };
    let expected = [
        (Work::Example.words(), count(40, 23), 63, count(40, 12), 52),
        (Work::Quiet.words(), count(12, 9), 21, count(8, 5), 13),
        (Work::Turnover.words(), count(23, 4), 27, count(80, 0), 80),
        (Work::Removal.words(), count(23, 25), 48, count(210, 40), 250),
    ];
    assert_eq!(measured, expected);
}
