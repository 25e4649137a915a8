//! What requests to Graph cost in resource units and writes.

use axum::http::Method;
use serde_json::Value;

use super::{Route, find, path};
use crate::simulator::call::Call;
use crate::simulator::quota::Cost;

/// POST requests that only read.
const QUESTIONS: [&str; 6] = [
    "getByIds",
    "checkMemberGroups",
    "checkMemberObjects",
    "getMemberGroups",
    "getMemberObjects",
    "isMemberOf",
];

/// What a request costs; nothing if it is an envelope, whose items are counted instead. One that leads nowhere costs
/// what the cheapest request costs.
pub(in crate::simulator) fn of_call(call: &Call) -> Option<Cost> {
    match find(&path(call), call.method.as_str()) {
        Some((route, _)) => of_route(route, call),
        None => Some(Cost { units: 1, writes: 0 }),
    }
}

/// The same for a request whose route is known.
pub(super) fn of_route(route: &Route, call: &Call) -> Option<Cost> {
    if route.cost == 0 {
        return None;
    }
    let asks = call.method == Method::GET || QUESTIONS.iter().any(|action| route.template.ends_with(action));
    let top = call.option("$top").and_then(|top| top.parse::<u32>().ok());
    // A page of a delta query costs the same whatever it shows.
    if route.template.ends_with("/delta") {
        return Some(Cost { units: u64::from(route.cost), writes: 0 });
    }
    let saved = u64::from(call.option("$select").is_some()) + u64::from(top.is_some_and(|top| top < 20));
    let more = u64::from(call.option("$expand").is_some());
    let units = (u64::from(route.cost) + more).saturating_sub(saved).max(1);
    Some(Cost { units, writes: if asks { 0 } else { writes(call) } })
}

/// One write, but a third of one for each member bound to a group.
fn writes(call: &Call) -> u64 {
    if call.method != Method::PATCH {
        return 1;
    }
    let body = call.json().unwrap_or(Value::Null);
    let bound = body.get("members@odata.bind").and_then(Value::as_array).map_or(0, Vec::len);
    (bound as u64).div_ceil(3).max(1)
}
