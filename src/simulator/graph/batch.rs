//! `$batch`: up to twenty requests in one, answered in no particular order.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::desk::{Desk, Outcome};
use crate::simulator::answer::{Answer, Content};
use crate::simulator::call::{Call, is_relative};
use crate::simulator::fault_answers;
use crate::simulator::faults::{Fault, FaultKind};
use crate::simulator::refusal::Refusal;
use crate::simulator::requests::Service;

/// The most requests one batch may hold.
const MOST_ITEMS: usize = 20;

struct Item {
    id: String,
    depends_on: Vec<String>,
    /// What is wrong with the item itself, or the request it stands for.
    call: Result<Call, Refusal>,
}

/// `POST /$batch`
pub(super) fn answer(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?;
    let Some(requests) = body.get("requests").and_then(Value::as_array) else {
        return Err(malformed("The batch does not contain 'requests'."));
    };
    if requests.len() > MOST_ITEMS {
        return Err(malformed(format!(
            "Number of batch request steps exceeds the maximum value of {MOST_ITEMS}."
        )));
    }
    let items = requests.iter().map(|request| read(desk.call, request)).collect::<Result<Vec<_>, _>>()?;
    let mut statuses: BTreeMap<String, u16> = BTreeMap::new();
    for item in &items {
        if statuses.insert(item.id.to_lowercase(), 0).is_some() {
            return Err(malformed(format!("The id '{}' is used more than once in the batch.", item.id)));
        }
    }
    check_dependencies(&items)?;
    let mut struck = struck_by_partial_fault(desk, items.len());
    struck.extend(struck_by_load(desk, &items));
    let mut waiting: Vec<(usize, Item)> = items.into_iter().enumerate().collect();
    let mut responses = Vec::new();
    while !waiting.is_empty() {
        let open: BTreeSet<String> = waiting.iter().map(|(_, item)| item.id.to_lowercase()).collect();
        let is_ready = |item: &Item| !item.depends_on.iter().any(|id| open.contains(&id.to_lowercase()));
        let (ready, later) = waiting.into_iter().partition(|(_, item)| is_ready(item));
        waiting = later;
        for (place, item) in ready {
            let answer = answer_item(desk, &item, struck.get(&place).copied(), &statuses);
            statuses.insert(item.id.to_lowercase(), answer.status);
            responses.push(show(&item.id, &answer));
        }
    }
    desk.state.dice.roll("batch order", &[], desk.nth).shuffle(&mut responses);
    Ok(Answer::json(200, json!({"responses": responses})))
}

/// The answer to one item, after those it depends on.
fn answer_item(
    desk: &mut Desk<'_>,
    item: &Item,
    struck: Option<u16>,
    statuses: &BTreeMap<String, u16>,
) -> Answer {
    let failed = |id: &String| statuses.get(&id.to_lowercase()).is_none_or(|status| *status >= 400);
    match &item.call {
        _ if item.depends_on.iter().any(failed) => {
            let refusal = Refusal::new(424, "FailedDependency", "A request this one depends on has failed.");
            super::refuse(desk.state, desk.call, &refusal)
        }
        Err(refusal) => super::refuse(desk.state, desk.call, refusal),
        Ok(call) => match struck {
            Some(status) => refuse_item(desk, call, status),
            None => carry_out(desk, call),
        },
    }
}

/// Refuses a batch whose items wait for something that is not in it, or for each other.
fn check_dependencies(items: &[Item]) -> Result<(), Refusal> {
    let mut done: BTreeSet<String> = BTreeSet::new();
    let known: BTreeSet<String> = items.iter().map(|item| item.id.to_lowercase()).collect();
    for item in items {
        if let Some(id) = item.depends_on.iter().find(|id| !known.contains(&id.to_lowercase())) {
            return Err(malformed(format!("Request '{}' depends on '{id}', which is not there.", item.id)));
        }
    }
    while done.len() < items.len() {
        let before = done.len();
        for item in items {
            if item.depends_on.iter().all(|id| done.contains(&id.to_lowercase())) {
                done.insert(item.id.to_lowercase());
            }
        }
        if done.len() == before {
            return Err(malformed("The requests of the batch depend on each other in a circle."));
        }
    }
    Ok(())
}

/// Which items the service does not get to when one batch adds too many members at once. Microsoft's own tool keeps to
/// five updates of twenty because more of them come back unavailable.
fn struck_by_load(desk: &Desk<'_>, items: &[Item]) -> BTreeMap<usize, u16> {
    const MOST_ADDED: usize = 100;
    let mut chance = desk.state.dice.roll("batch load", &[], desk.nth);
    let mut added = 0;
    let mut struck = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        let body = item.call.as_ref().ok().and_then(|call| call.json().ok());
        let binds = body.as_ref().and_then(|body| body.get("members@odata.bind")?.as_array());
        added += binds.map_or(0, Vec::len);
        if binds.is_some() && added > MOST_ADDED && chance.u8(0..4) > 0 {
            struck.insert(place, 503);
        }
    }
    struck
}

fn carry_out(desk: &mut Desk<'_>, call: &Call) -> Answer {
    match desk.state.visit(call, true) {
        Some(visit) => desk.state.carry_out(call, visit),
        None => Answer::empty(404),
    }
}

/// An item the batch did not get to, recorded like one that was refused.
fn refuse_item(desk: &mut Desk<'_>, call: &Call, status: u16) -> Answer {
    let fault = Fault {
        retry_after: desk.fault.and_then(|fault| fault.retry_after.clone()),
        ..Fault::new(if status == 429 { FaultKind::Throttle } else { FaultKind::Error })
    };
    match desk.state.visit(call, true) {
        Some(mut visit) => {
            visit.fault = Some(fault);
            desk.state.carry_out(call, visit)
        }
        None => fault_answers::instead(desk.state, call, Service::Graph, &fault)
            .unwrap_or_else(|| Answer::empty(status)),
    }
}

/// Which items a `partialBatch` fault strikes, and with which status: at least one.
fn struck_by_partial_fault(desk: &Desk<'_>, items: usize) -> BTreeMap<usize, u16> {
    if items == 0 || desk.fault.is_none_or(|fault| fault.fault != FaultKind::PartialBatch) {
        return BTreeMap::new();
    }
    let mut chance = desk.state.dice.roll("partial batch", &[], desk.nth);
    let certain = chance.usize(0..items);
    (0..items)
        .filter_map(|place| {
            let (strikes, throttles) = (chance.bool(), chance.bool());
            (strikes || place == certain).then_some((place, if throttles { 429 } else { 503 }))
        })
        .collect()
}

fn read(outer: &Call, request: &Value) -> Result<Item, Refusal> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let (Some(id), Some(method), Some(url)) = (text("id"), text("method"), text("url")) else {
        return Err(malformed("Every request of a batch needs an 'id', a 'method' and a 'url'."));
    };
    let depends_on = request.get("dependsOn").and_then(Value::as_array);
    let depends_on = depends_on.into_iter().flatten().filter_map(|id| id.as_str().map(ToOwned::to_owned));
    Ok(Item {
        id: id.to_owned(),
        depends_on: depends_on.collect(),
        call: read_call(outer, request, method, url),
    })
}

fn read_call(outer: &Call, request: &Value, method: &str, url: &str) -> Result<Call, Refusal> {
    if !is_relative(url) {
        return Err(malformed("The url of a batch request must be relative."));
    }
    let method = Method::from_bytes(method.to_uppercase().as_bytes())
        .map_err(|_| malformed("The method of a batch request is not valid."))?;
    let mut headers = HeaderMap::new();
    for (name, value) in request.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_str(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
    let body = match request.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(_) if !headers.contains_key(header::CONTENT_TYPE) => {
            return Err(malformed("A batch request with a body needs a Content-Type header."));
        }
        Some(body) => Bytes::from(body.to_string()),
    };
    if let Some(authorization) = outer.headers.get(header::AUTHORIZATION) {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    let version = outer.path.first().map_or("v1.0", String::as_str);
    let url = format!("/{version}/{}", url.trim_start_matches('/'));
    Ok(outer.item(method, &url, headers, body))
}

fn show(id: &str, answer: &Answer) -> Value {
    let mut headers = Map::new();
    for (name, value) in &answer.headers {
        headers.insert(spelled(name), Value::String(value.clone()));
    }
    let mut response = Map::from_iter([
        ("id".to_owned(), Value::String(id.to_owned())),
        ("status".to_owned(), json!(answer.status)),
    ]);
    match &answer.body {
        Content::Nothing => {}
        Content::Json(body) => {
            headers.insert("Content-Type".to_owned(), Value::String("application/json".to_owned()));
            response.insert("body".to_owned(), body.clone());
        }
        Content::Text { media_type, text } => {
            headers.insert("Content-Type".to_owned(), Value::String((*media_type).to_owned()));
            response.insert("body".to_owned(), Value::String(text.clone()));
        }
    }
    response.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(response)
}

/// Header names as the service spells them inside a batch, where nothing makes their case irrelevant.
fn spelled(name: &str) -> String {
    match name {
        "retry-after" => "Retry-After".to_owned(),
        "cache-control" => "Cache-Control".to_owned(),
        "location" => "Location".to_owned(),
        "date" => "Date".to_owned(),
        other => other.to_owned(),
    }
}

fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "BadRequest", message)
}
