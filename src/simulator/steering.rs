//! Steering from outside the process: request counts, faults, the clock.

use std::time::Duration;

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::faults::{Fault, Faults};
use super::requests::Requests;
use super::state::State;

/// `POST /_simulator/clock`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// Seconds.
    advance: f64,
}

/// Answers a request to the simulator itself.
pub(super) fn answer(state: &mut State, call: &Call) -> Answer {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (&call.method, &path[..]) {
        (&Method::GET, ["requests"]) => {
            let (items, requests): (Vec<_>, Vec<_>) =
                state.requests.counts().into_iter().partition(|count| count.batch_item);
            let total: u64 = requests.iter().map(|count| count.count).sum();
            Answer::json(200, json!({"total": total, "requests": requests, "batchItems": items}))
        }
        (&Method::DELETE, ["requests"]) => {
            state.requests = Requests::default();
            Answer::empty(204)
        }
        (&Method::POST, ["faults"]) => match read_faults(call) {
            Ok(faults) => {
                for fault in faults {
                    state.faults.add(fault);
                }
                Answer::empty(204)
            }
            Err(text) => Answer::text(400, "text/plain", &text),
        },
        (&Method::GET, ["faults"]) => Answer::json(200, json!(state.faults.armed())),
        (&Method::DELETE, ["faults"]) => {
            state.faults = Faults::default();
            Answer::empty(204)
        }
        (&Method::GET, ["clock"]) => Answer::json(200, json!({"now": state.now()})),
        (&Method::POST, ["clock"]) => match read_advance(call) {
            Ok(by) => {
                state.clock.advance(by);
                Answer::json(200, json!({"now": state.now()}))
            }
            Err(text) => Answer::text(400, "text/plain", &text),
        },
        _ => Answer::text(404, "text/plain", "the steering knows requests, faults and clock"),
    }
}

/// A list of faults, or a single one.
fn read_faults(call: &Call) -> Result<Vec<Fault>, String> {
    let body = call.json().map_err(|error| error.to_string())?;
    let list = if body.is_array() { body } else { Value::Array(vec![body]) };
    serde_json::from_value(list).map_err(|error| error.to_string())
}

fn read_advance(call: &Call) -> Result<Duration, String> {
    let advance: Advance = serde_json::from_slice(&call.body).map_err(|error| error.to_string())?;
    Duration::try_from_secs_f64(advance.advance).map_err(|error| error.to_string())
}
