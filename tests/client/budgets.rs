//! Budgets: a refusal stops those who share the budget and nobody else, and a run can be repeated to the byte.

use std::time::Duration;

use futures_util::future;
use groupsync::client::limiter::Priority;
use groupsync::simulator::faults::{Fault, FaultKind};
use tokio::time::Instant;

use super::*;

fn fleet() -> World {
    let mut world = world();
    let mut northwind = world.customers[0].clone();
    northwind.name = "northwind".into();
    northwind.tenant_id = id(0xc1);
    northwind.domain = "northwind.example".into();
    northwind.groups[0].id = id(0xd9);
    northwind.subscriptions.clear();
    world.customers.push(northwind);
    world
}

/// Tried: no pause of the bucket: "the same tenant waited only" a second.
#[tokio::test(start_paused = true)]
async fn a_refused_tenant_rests_and_the_others_go_on() {
    let simulator = simulator(fleet());
    let throttle = Fault::new(FaultKind::Throttle).customer("contoso").retry_after("30").times(1);
    simulator.add_fault(throttle.service(Service::Graph));
    let client = client(&simulator);
    let other = client.graph(TenantId::new(id(0xc1)), Priority::Change);
    client.identity(super::contoso()).await.unwrap();
    let start = Instant::now();
    let contoso = graph(&client);
    let first = contoso.group(object(READERS));
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        other.group(object(0xd9)).await.unwrap();
        let elsewhere = start.elapsed();
        contoso.group(object(READERS)).await.unwrap();
        (elsewhere, start.elapsed())
    };
    let (_, (elsewhere, here)) = future::join(first, second).await;
    assert!(elsewhere < Duration::from_secs(2), "another tenant waited {elsewhere:?}");
    assert!(here >= Duration::from_secs(30), "the same tenant waited only {here:?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_sends_the_same_requests_at_the_same_moments() {
    let run = async || {
        let simulator = simulator(fleet());
        simulator.add_fault(Fault::new(FaultKind::Error).chance(0.3));
        let client = client(&simulator);
        let tenants = [contoso(), TenantId::new(id(0xc1))];
        let reads = tenants.iter().flat_map(|&tenant| {
            let client = &client;
            (0..10).map(move |n| async move {
                let graph = client.graph(tenant, Priority::Change);
                graph.group(object(READERS + n)).await.map(|group| group.is_some()).map_err(|e| e.to_string())
            })
        });
        let results = future::join_all(reads).await;
        let log: Vec<_> = simulator.requests().iter().map(|r| format!("{r:?}")).collect();
        (results, log)
    };
    let (first, second) = (run().await, run().await);
    assert_eq!(first.0, second.0);
    assert!(first.1.len() > 20, "the faults struck");
}
