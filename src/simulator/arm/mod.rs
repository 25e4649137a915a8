//! Azure Resource Manager: subscriptions, role assignments and definitions, locks, usage.

pub(super) mod scope;
pub(super) mod builtin;
mod authority;
mod condition;
mod subscriptions;
mod assignments;
mod assignment_writes;
mod definitions;
mod locks;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::answer::Answer;
use super::call::Call;
use super::directory::Directory;
use super::estate::Held;
use super::faults::Fault;
use super::login::origin;
use super::pages::Pages;
use super::quota::Aim;
use super::refusal::Refusal;
use super::state::State;
use super::token::{Resource, Token, Unfit};
use super::world::SubscriptionState;

/// How many rows a page holds; the service itself stops only at 8 MB.
const PAGE: usize = 1000;

/// What an operation answers.
type Outcome = Result<Answer, Refusal>;

/// What a path asks for.
#[derive(Clone, Debug)]
enum Place {
    Subscriptions,
    Subscription(String),
    /// Something of `Microsoft.Authorization` at a scope: its type in lower case, and its name.
    Authorization {
        scope: String,
        kind: String,
        name: Option<String>,
    },
    Unknown,
}

/// One request on its way through ARM.
struct Desk<'a> {
    state: &'a mut State,
    call: &'a Call,
    token: Token,
    now: Timestamp,
    fault: Option<&'a Fault>,
    nth: u64,
}

/// The template of the route a request takes, and whether it is a list.
pub(super) fn route(call: &Call) -> (&'static str, bool) {
    let reads = call.method == Method::GET;
    match place(call) {
        Place::Subscriptions => ("/subscriptions", reads),
        Place::Subscription(_) => ("/subscriptions/{subscriptionId}", false),
        Place::Authorization { kind, name, .. } => match (kind.as_str(), name.is_some()) {
            ("roleassignments", false) => {
                ("/{scope}/providers/Microsoft.Authorization/roleAssignments", reads)
            }
            ("roleassignments", true) => {
                ("/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", false)
            }
            ("roledefinitions", false) => {
                ("/{scope}/providers/Microsoft.Authorization/roleDefinitions", reads)
            }
            ("roledefinitions", true) => {
                ("/{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}", false)
            }
            ("locks", false) => ("/{scope}/providers/Microsoft.Authorization/locks", reads),
            ("roleassignmentsusagemetrics", false) => {
                ("/{scope}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics", false)
            }
            _ => ("unknown", false),
        },
        Place::Unknown => ("unknown", false),
    }
}

/// What a request asks for, as far as quotas care.
pub(super) fn aim(call: &Call) -> Aim {
    let (subscription, authorization) = match place(call) {
        Place::Subscription(id) => (id.parse().ok(), false),
        Place::Authorization { scope, .. } => (scope::subscription(&scope), true),
        Place::Subscriptions | Place::Unknown => (None, false),
    };
    Aim { subscription, authorization }
}

/// Answers a request to ARM.
pub(super) fn answer(state: &mut State, call: &Call, fault: Option<&Fault>) -> Answer {
    match attempt(state, call, fault) {
        Ok(answer) => dress(state, call, answer),
        Err(refusal) => refuse(state, call, &refusal),
    }
}

/// The answer that carries a refusal.
pub(super) fn refuse(state: &mut State, call: &Call, refusal: &Refusal) -> Answer {
    let mut answer = Answer::json(refusal.status, refusal.arm());
    answer.headers.extend(refusal.headers.iter().cloned());
    dress(state, call, answer)
}

fn dress(state: &mut State, call: &Call, answer: Answer) -> Answer {
    let id = state.next_id().to_string();
    let correlation = call.header("x-ms-correlation-request-id").unwrap_or(&id).to_owned();
    let mut answer = answer.with("x-ms-correlation-request-id", correlation);
    if let Some(client_id) = call.header("x-ms-client-request-id") {
        answer = answer.with("x-ms-client-request-id", client_id);
    }
    answer
        .with("x-ms-request-id", id)
        .with("cache-control", "no-cache")
        .with("date", super::http_date(state.now()))
}

fn attempt(state: &mut State, call: &Call, fault: Option<&Fault>) -> Outcome {
    let place = place(call);
    let now = state.now();
    let token = Token::read(call.header("authorization"), state.told())
        .map_err(|unfit| unauthenticated(state, &place, unfit))?;
    if Resource::of_audience(&token.aud, origin(call)) != Some(Resource::Arm) {
        return Err(Refusal::new(
            401,
            "InvalidAuthenticationToken",
            "The access token has been obtained for wrong audience or resource.",
        ));
    }
    check_version(call, &place)?;
    let nth = state.take_turn();
    let mut desk = Desk { state, call, token, now, fault, nth };
    match (&place, &call.method) {
        (Place::Subscriptions, &Method::GET) => subscriptions::list(&desk),
        (Place::Subscription(id), &Method::GET) => subscriptions::get(&desk, id),
        (Place::Authorization { scope, kind, name }, method) => {
            match (kind.as_str(), name.as_deref(), method) {
                ("roleassignments", None, &Method::GET) => assignments::list(&desk, scope),
                ("roleassignments", Some(name), &Method::GET) => assignments::get(&desk, scope, name),
                ("roleassignments", Some(name), &Method::PUT) => {
                    assignment_writes::put(&mut desk, scope, name)
                }
                ("roleassignments", Some(name), &Method::DELETE) => {
                    assignment_writes::delete(&mut desk, scope, name)
                }
                ("roledefinitions", None, &Method::GET) => definitions::list(&desk, scope),
                ("roledefinitions", Some(name), &Method::GET) => definitions::get(&desk, scope, name),
                ("locks", None, &Method::GET) => locks::list(&desk, scope),
                ("roleassignmentsusagemetrics", None, &Method::GET) => assignments::usage(&desk, scope),
                _ => Err(no_route()),
            }
        }
        _ => Err(no_route()),
    }
}

impl Desk<'_> {
    /// The directory of the token's tenant.
    fn directory(&self) -> &Directory {
        self.state.directories.get(&self.token.tid).expect("tokens are only made for tenants of the world")
    }

    /// The subscription a scope lies in, if the token's tenant is the right one for it.
    fn held(&self, scope: &str) -> Result<&Held, Refusal> {
        let Some(id) = scope::subscription(scope) else {
            return Err(Refusal::new(
                400,
                "MissingSubscription",
                "The request did not have a subscription or a valid tenant level resource provider.",
            ));
        };
        let Some(held) = self.state.estate.get(id) else { return Err(no_subscription(&id.to_string())) };
        if held.tenant != self.token.tid {
            return Err(wrong_tenant(self.token.tid, held.tenant));
        }
        if held.facts.state == SubscriptionState::Deleted {
            return Err(no_subscription(&id.to_string()));
        }
        if let (Some(group), Some(known)) = (scope::resource_group(scope), &held.facts.resource_groups)
            && !known.iter().any(|name| name.eq_ignore_ascii_case(group))
        {
            let text = format!("Resource group '{group}' could not be found.");
            return Err(Refusal::new(404, "ResourceGroupNotFound", text));
        }
        Ok(held)
    }

    /// One page of rows, as `{value, nextLink}`.
    fn page<T>(&self, rows: Vec<T>, key: impl Fn(&T) -> String, show: impl Fn(T) -> Value) -> Outcome {
        let pages = Pages {
            call: self.call,
            option: "$skipToken",
            size: self.state.page_size.unwrap_or(PAGE).max(1),
            gaps: self.state.page_size.is_some(),
            fault: self.fault,
            dice: self.state.dice,
            nth: self.nth,
        };
        let (rows, next) = pages.cut(rows, key)?;
        let mut body = serde_json::Map::new();
        body.insert("value".to_owned(), rows.into_iter().map(show).collect());
        if let Some(next) = next {
            body.insert("nextLink".to_owned(), Value::String(next));
        }
        Ok(Answer::json(200, Value::Object(body)))
    }
}

/// Reads what a path asks for. Names in it compare without case.
fn place(call: &Call) -> Place {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let provider = |pair: &[&str]| {
        pair[0].eq_ignore_ascii_case("providers") && pair[1].eq_ignore_ascii_case("Microsoft.Authorization")
    };
    if let Some(start) = path.windows(2).rposition(provider) {
        let scope = scope::tidy(&path[..start].join("/"));
        return match path[start + 2..] {
            [kind] => Place::Authorization { scope, kind: kind.to_lowercase(), name: None },
            [kind, name] => {
                Place::Authorization { scope, kind: kind.to_lowercase(), name: Some(name.to_owned()) }
            }
            _ => Place::Unknown,
        };
    }
    match path[..] {
        [first] if first.eq_ignore_ascii_case("subscriptions") => Place::Subscriptions,
        [first, id] if first.eq_ignore_ascii_case("subscriptions") => Place::Subscription(id.to_owned()),
        _ => Place::Unknown,
    }
}

/// A token that is missing or of no use; the header names the subscription's tenant even to strangers.
fn unauthenticated(state: &State, place: &Place, unfit: Unfit) -> Refusal {
    let subscription = match place {
        Place::Subscription(id) => id.parse::<Uuid>().ok(),
        Place::Authorization { scope, .. } => scope::subscription(scope),
        Place::Subscriptions | Place::Unknown => None,
    };
    let tenant = subscription.and_then(|id| state.estate.get(id)).map(|held| held.tenant.to_string());
    let authority = tenant.unwrap_or_else(|| "common".to_owned());
    let (code, message) = match unfit {
        Unfit::Missing => {
            ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        }
        Unfit::Malformed => ("InvalidAuthenticationToken", "The access token is invalid."),
        Unfit::Expired => (
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time is earlier than current UTC time.",
        ),
    };
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/{authority}\", error=\"invalid_token\", \
         error_description=\"{message}\""
    );
    Refusal::new(401, code, message).with("www-authenticate", challenge)
}

fn check_version(call: &Call, place: &Place) -> Result<(), Refusal> {
    let Some(version) = call.option("api-version") else {
        return Err(Refusal::new(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ));
    };
    let known: &[&str] = match place {
        Place::Authorization { kind, .. } => match kind.as_str() {
            "roleassignments" | "roledefinitions" => {
                &["2015-07-01", "2018-09-01-preview", "2020-04-01-preview", "2022-04-01", "2026-08-01"]
            }
            "locks" => &["2015-01-01", "2016-09-01", "2020-05-01"],
            "roleassignmentsusagemetrics" => &["2019-08-01-preview"],
            _ => return Err(no_route()),
        },
        _ => &["2015-01-01", "2016-06-01", "2020-01-01", "2022-12-01"],
    };
    if known.contains(&version) {
        return Ok(());
    }
    let message =
        format!("The api-version '{version}' is invalid. The supported versions are '{}'.", known.join(","));
    Err(Refusal::new(400, "InvalidApiVersionParameter", message))
}

fn no_route() -> Refusal {
    Refusal::new(404, "InvalidResourceType", "The resource type could not be found, or not with this method.")
}

fn no_subscription(id: &str) -> Refusal {
    Refusal::new(404, "SubscriptionNotFound", format!("The subscription '{id}' could not be found."))
}

fn wrong_tenant(used: Uuid, right: Uuid) -> Refusal {
    Refusal::new(
        401,
        "InvalidAuthenticationTokenTenant",
        format!(
            "The access token is from the wrong issuer 'https://sts.windows.net/{used}/'. It must match the tenant \
             'https://sts.windows.net/{right}/' associated with this subscription."
        ),
    )
    .with(
        "www-authenticate",
        format!("Bearer authorization_uri=\"https://login.windows.net/{right}\", error=\"invalid_token\""),
    )
}

/// Times as ARM writes them: always seven digits of a second.
fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::String(time.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()))
}
