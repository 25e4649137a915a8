//! Azure Resource Manager: subscriptions, role assignments and definitions, deny assignments, locks, usage, and the cloud's
//! description of itself.

pub(super) mod scope;
pub(super) mod builtin;
mod place;
mod authority;
mod condition;
mod subscriptions;
mod assignments;
mod assignment_writes;
mod definitions;
mod locks;
mod denials;
mod metadata;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

pub(super) use self::place::{aim, route};

use self::place::{Place, check_version, is_privileged_identity};
use super::answer::{Answer, Content};
use super::call::Call;
use super::directory::Directory;
use super::estate::Held;
use super::faults::Fault;
use super::login::origin;
use super::pages::Pages;
use super::refusal::Refusal;
use super::state::State;
use super::token::{Resource, Token, Unfit};
use super::world::SubscriptionState;

/// How many rows a page holds; the service itself stops only at 8 MB.
const PAGE: usize = 1000;

/// What an operation answers.
type Outcome = Result<Answer, Refusal>;

/// One request on its way through ARM.
struct Desk<'a> {
    state: &'a mut State,
    call: &'a Call,
    token: Token,
    now: Timestamp,
    fault: Option<&'a Fault>,
    nth: u64,
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
    let place = Place::of(call);
    if matches!(place, Place::Metadata) {
        check_version(call, &place)?;
        return Ok(metadata::endpoints(call));
    }
    let now = state.now();
    let token = state.token(call, state.told()).map_err(|unfit| unauthenticated(state, &place, unfit))?;
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
        (Place::ResourceGroups { subscription, name }, &Method::GET) => {
            subscriptions::resource_groups(&desk, subscription, name.as_deref())
        }
        (Place::Tenants, &Method::GET) => subscriptions::tenants(&desk),
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
                ("denyassignments", None, &Method::GET) => denials::list(&desk, scope),
                ("denyassignments", Some(name), &Method::GET) => denials::get(&desk, scope, name),
                ("permissions", None, &Method::GET) => authority::permissions(&desk, scope),
                ("roleassignmentsusagemetrics", None, &Method::GET) => assignments::usage(&desk, scope),
                (kind, ..) if is_privileged_identity(kind) => Err(no_licence()),
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
        let Some(text) = scope::subscription_text(scope) else {
            return Err(Refusal::new(
                400,
                "MissingSubscription",
                "The request did not have a subscription or a valid tenant level resource provider.",
            ));
        };
        let Ok(id) = text.parse::<Uuid>() else { return Err(no_subscription_id(text)) };
        let Some(held) = self.state.estate.get(id) else { return Err(no_subscription(text)) };
        if held.tenant != self.token.tid {
            // A delegation through Lighthouse opens the door, but never to role assignments.
            let delegated = held.facts.managed_by_tenants.contains(&self.token.tid);
            return Err(if delegated {
                self.stranger(scope)
            } else {
                wrong_tenant(self.token.tid, held.tenant)
            });
        }
        if held.facts.state == SubscriptionState::Deleted {
            return Err(no_subscription(text));
        }
        if !scope::is_well_formed(scope) {
            return Err(no_route());
        }
        if let (Some(group), Some(known)) = (scope::resource_group(scope), &held.facts.resource_groups)
            && !known.iter().any(|name| name.eq_ignore_ascii_case(group))
        {
            return Err(no_resource_group(group));
        }
        Ok(held)
    }

    /// Whether a scope lies in a subscription of another tenant that is delegated to the token's.
    fn is_delegated(&self, scope: &str) -> bool {
        let held = scope::subscription(scope).and_then(|id| self.state.estate.get(id));
        held.is_some_and(|held| {
            held.tenant != self.token.tid && held.facts.managed_by_tenants.contains(&self.token.tid)
        })
    }

    /// The refusal of somebody who has no role at a scope, or at none like it.
    fn stranger(&self, scope: &str) -> Refusal {
        let message = format!(
            "The client '{}' with object id '{}' does not have authorization to perform the action over scope '{scope}' \
             or the scope is invalid. If access was recently granted, please refresh your credentials.",
            self.token.appid, self.token.oid
        );
        Refusal::new(403, "AuthorizationFailed", message)
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

/// An answer with its ids in a case that Azure, too, has been seen to use: nobody may compare them letter by letter.
pub(super) fn in_other_case(mut answer: Answer) -> Answer {
    if let Content::Json(body) = &mut answer.body {
        change_case(body);
    }
    answer
}

fn change_case(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(change_case),
        Value::Object(fields) => fields.values_mut().for_each(change_case),
        Value::String(text) if text.starts_with("/subscriptions/") || text.starts_with("/providers/") => {
            *text = text.to_uppercase();
        }
        Value::String(text) if text.parse::<Uuid>().is_ok() => *text = text.to_uppercase(),
        _ => {}
    }
}

/// A token that is missing or of no use; the header names the subscription's tenant even to strangers.
fn unauthenticated(state: &State, place: &Place, unfit: Unfit) -> Refusal {
    let subscription = place.subscription().and_then(|id| id.parse::<Uuid>().ok());
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

fn no_route() -> Refusal {
    Refusal::new(404, "InvalidResourceType", "The resource type could not be found, or not with this method.")
}

fn no_subscription(id: &str) -> Refusal {
    Refusal::new(404, "SubscriptionNotFound", format!("The subscription '{id}' could not be found."))
}

fn no_subscription_id(text: &str) -> Refusal {
    let message = format!("The provided subscription identifier '{text}' is malformed or invalid.");
    Refusal::new(400, "InvalidSubscriptionId", message)
}

fn no_resource_group(name: &str) -> Refusal {
    Refusal::new(404, "ResourceGroupNotFound", format!("Resource group '{name}' could not be found."))
}

/// No tenant of the simulator has bought Privileged Identity Management.
fn no_licence() -> Refusal {
    let message = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.";
    Refusal::new(400, "AadPremiumLicenseRequired", message)
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
