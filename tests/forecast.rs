//! What a plan says it will cost, and what it costs: the same number of requests, units and writes, in about the same time.

use groupsync::client::halt::Halt;
use groupsync::execute::Deferral;
use groupsync::plan::forecast::{Cost, Forecast};
use groupsync::plan::outcome::Status;
use groupsync::reconcile::Report;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;

use crate::stage::Stage;
use crate::stage::fleet::{Shape, files, person};

const SMALL: Shape = Shape { customers: 4, groups: 8, members: 25, subscriptions: 6 };

fn stage(shape: Shape) -> Stage {
    Stage::new(|dir| files(dir, shape), 1, |_| {})
}

fn is_done(report: &Report) -> bool {
    let mut outcomes = report.outcomes.iter().flat_map(|customer| &customer.outcomes);
    outcomes.all(|outcome| matches!(outcome.status, Status::Done | Status::AlreadySo))
}

/// Requests, units and writes to the last one; seconds within a fifth and two for what the queues round up.
fn assert_exact(Cost { forecast, fact }: &Cost) {
    assert_eq!(fact.usage, forecast.usage);
    let (told, took) = (forecast.time as f64, fact.time.as_secs_f64());
    assert!((told - 1.0..=told * 1.2 + 2.0).contains(&took), "forecast {told} s, it took {took} s");
}

#[tokio::test(start_paused = true)]
async fn a_roll_out_costs_what_the_plan_said() {
    let stage = stage(SMALL);
    let report = stage.apply().await;
    assert!(is_done(&report), "{report:#?}");
    assert_exact(&report.cost);
    assert_eq!(report.cost.forecast.usage.azure_writes, 12, "two groups on every subscription");
}

#[tokio::test(start_paused = true)]
async fn a_tenants_quota_is_in_the_forecast() {
    let stage = stage(Shape { customers: 1, groups: 3, members: 190, subscriptions: 20 });
    let report = stage.apply().await;
    assert!(is_done(&report), "{report:#?}");
    let Forecast { graph, authorization, time, .. } = report.cost.forecast;
    assert!(graph >= 10, "450 writes and more, of which 250 pass at once: {graph} s");
    assert!(authorization >= 26, "60 roles, of which 20 pass at once: {authorization} s");
    assert!(time >= graph + authorization, "one after the other: {time} s");
    assert_exact(&report.cost);
}

#[tokio::test(start_paused = true)]
async fn leavers_and_groups_that_go_cost_what_the_plan_said() {
    let stage = stage(SMALL);
    stage.apply().await;
    for nth in 0..22 {
        let gone = person(nth);
        stage.simulator.edit(|world| {
            let user = world.partner.users.iter_mut().find(|user| user.id == gone).expect("a colleague");
            user.account_enabled = false;
        });
    }
    files(stage.dir.path(), Shape { groups: 4, ..SMALL });
    let report = stage.apply().await;
    assert!(is_done(&report), "{report:#?}");
    assert!(report.cost.forecast.usage.writes > 4 * 22, "{:#?}", report.cost);
    assert_exact(&report.cost);
}

#[tokio::test(start_paused = true)]
async fn what_is_repeated_was_not_forecast() {
    let stage = stage(SMALL);
    let plan = stage.plan().await;
    let forecast = Forecast::of(&plan, stage.desired().partner.cloud);
    stage.simulator.add_fault(Fault::new(FaultKind::Error).route("POST", "/invitations").times(3));
    stage.simulator.clear_requests();
    let report = stage.carry_out(plan).await;
    assert_eq!(report.cost.forecast, forecast, "carrying it out changes nothing about it");
    assert!(report.cost.fact.usage.graph >= forecast.usage.graph + 3, "{:#?}", report.cost);
    let sent =
        stage.simulator.requests().iter().filter(|r| r.service == Service::Graph && !r.batch_item).count();
    assert!(report.cost.fact.usage.graph <= sent as u64, "reading again is not counted");
}

#[tokio::test(start_paused = true)]
async fn a_converged_fleet_costs_nothing() {
    let stage = stage(SMALL);
    stage.apply().await;
    let report = stage.apply_with(&stage.client(), &stage.desired(), &Halt::never(), Deferral::Leave).await;
    assert_eq!(report.cost.forecast, Forecast::default());
    assert_eq!(report.cost.fact.usage.requests(), 0);
}
