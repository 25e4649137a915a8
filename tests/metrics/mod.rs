//! What is measured, against what the simulator saw, and against what `deploy/` says of it.

mod promised;

use std::collections::BTreeMap;

use groupsync::client::halt::Halt;
use groupsync::execute::Deferral;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;

use crate::stage::Stage;
use crate::stage::work::example;

/// One line of Prometheus' text: name and labels as written, and the value.
pub(crate) fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a series and its value");
            (series.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

/// The simulator calls every scope `{scope}`, the client says which kind of scope it asked; and they name ids differently.
fn alike(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some((head, tail)) = text.split_once("/providers/Microsoft.Authorization") {
        let head = head.rsplit_once("route=\"").map_or("", |(head, _)| head);
        text = format!("{head}route=\"/{{scope}}/providers/Microsoft.Authorization{tail}");
    }
    text.replace("{name}", "{id}").replace("/{domain}/", "/{tenant}/")
}

#[tokio::test(start_paused = true)]
async fn every_request_that_a_service_answers_is_counted_once_by_route_and_status() {
    let stage = Stage::new(example, 1, |_| {});
    stage
        .simulator
        .add_fault(Fault::new(FaultKind::Throttle).service(Service::Graph).retry_after("3").times(2));
    stage.simulator.add_fault(Fault::new(FaultKind::Error).service(Service::Arm).times(2));
    let client = stage.client();
    let report = stage.apply_with(&client, &stage.desired(), &Halt::never(), Deferral::Leave).await;
    let told = samples(&client.metrics().text());
    let mut seen: BTreeMap<String, f64> = BTreeMap::new();
    for record in stage.simulator.requests() {
        let (method, route, status) = (&record.method, &record.route, record.status);
        let service = match record.service {
            Service::Login => "login",
            Service::Graph => "graph",
            Service::Arm => "arm",
        };
        let series = if record.batch_item {
            format!(r#"groupsync_batch_items_total{{method="{method}",route="{route}",status="{status}"}}"#)
        } else {
            format!(
                r#"groupsync_requests_total{{method="{method}",route="{route}",service="{service}",status="{status}"}}"#
            )
        };
        *seen.entry(alike(&series)).or_default() += 1.0;
    }
    let counted: BTreeMap<String, f64> = told
        .iter()
        .filter(|(series, _)| {
            series.starts_with("groupsync_requests_total")
                || series.starts_with("groupsync_batch_items_total")
        })
        .fold(BTreeMap::new(), |mut counted, (series, value)| {
            *counted.entry(alike(series)).or_default() += value;
            counted
        });
    let differ = |(series, count): &(&String, &f64)| counted.get(*series) != Some(*count);
    assert_eq!(seen.iter().filter(differ).collect::<Vec<_>>(), Vec::new(), "counted: {counted:#?}");
    assert_eq!(counted.len(), seen.len(), "nothing else is counted: {counted:#?}");
    assert!((told[r#"groupsync_throttled_total{budget="tenantUnits",service="graph"}"#] - 2.0).abs() < 0.1);
    let done = report.outcomes.iter().flat_map(|customer| &customer.outcomes).count();
    let ended: f64 = told
        .iter()
        .filter(|(series, _)| series.starts_with("groupsync_operations_total"))
        .map(|(_, n)| n)
        .sum();
    assert!((ended - done as f64).abs() < 0.1, "{done} operations came to an end, {ended} were counted");
}
