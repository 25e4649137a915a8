//! The login service: tokens for an application's own credentials and for managed identities, and the discovery document of
//! a tenant.

mod denial;
mod grant;
mod assertion;
mod managed;
mod discovery;

use axum::http::Method;
use serde_json::json;
use uuid::Uuid;

use self::denial::Denial;
use super::answer::Answer;
use super::call::Call;
use super::refusal::Refusal;
use super::state::State;

const TOKEN: &str = "/{tenant}/oauth2/v2.0/token";
const DISCOVERY: &str = "/{tenant}/v2.0/.well-known/openid-configuration";
const DISCOVERY_V1: &str = "/{tenant}/.well-known/openid-configuration";
const INSTANCE: &str = "/common/discovery/instance";
const KEYS: &str = "/{tenant}/discovery/v2.0/keys";

/// The template of the route a request takes.
pub(super) fn route(call: &Call) -> &'static str {
    match call.path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["metadata", "identity", "oauth2", "token"] => managed::INSTANCE,
        ["msi", "token"] => managed::APP_SERVICE,
        [_, "oauth2", "v2.0", "token"] => TOKEN,
        [_, "v2.0", ".well-known", "openid-configuration"] => DISCOVERY,
        [_, ".well-known", "openid-configuration"] => DISCOVERY_V1,
        ["common", "discovery", "instance"] => INSTANCE,
        [_, "discovery", "v2.0", "keys"] => KEYS,
        _ => "unknown",
    }
}

/// The tenant a request is about.
pub(super) fn tenant(state: &State, call: &Call) -> Option<Uuid> {
    match route(call) {
        managed::INSTANCE | managed::APP_SERVICE => Some(state.partner),
        _ => state.tenant_called(call.path.first().map_or("", String::as_str)).map(|directory| directory.id),
    }
}

/// Answers a request to the login service.
pub(super) fn answer(state: &mut State, call: &Call) -> Answer {
    let tenant = call.path.first().cloned().unwrap_or_default();
    let result = match (route(call), &call.method) {
        (managed::INSTANCE, _) => Ok(managed::instance(state, call)),
        (managed::APP_SERVICE, _) => Ok(managed::app_service(state, call)),
        (TOKEN, &Method::POST) => grant::token(state, call, &tenant),
        (DISCOVERY | DISCOVERY_V1, &Method::GET) => discovery::document(state, call, &tenant),
        (INSTANCE, &Method::GET) => discovery::instance(call),
        (KEYS, &Method::GET) => Ok(discovery::keys()),
        (TOKEN | DISCOVERY | DISCOVERY_V1 | INSTANCE | KEYS, _) => return Answer::empty(405),
        _ => return Answer::empty(404),
    };
    let answer = result.unwrap_or_else(|denial| deny(state, &denial));
    answer.with("cache-control", "no-store").with("date", super::http_date(state.now()))
}

/// The answer to a token request in a tenant where nobody consented.
pub(super) fn no_consent(state: &mut State, call: &Call) -> Answer {
    refuse(state, call, 700_016)
}

/// The refusal of that AADSTS number.
pub(super) fn refuse(state: &mut State, call: &Call, number: u32) -> Answer {
    let name = call.path.first().cloned().unwrap_or_default();
    let client = tenant(state, call).map_or(state.client.id, |tenant| state.client_in(tenant).id);
    let denial = Denial::numbered(number, client, &name, state.now());
    deny(state, &denial).with("date", super::http_date(state.now()))
}

/// A refusal without an AADSTS number.
pub(super) fn refuse_plainly(state: &mut State, refusal: &Refusal) -> Answer {
    let body = json!({"error": refusal.code, "error_description": refusal.message});
    Answer::json(refusal.status, body).with("date", super::http_date(state.now()))
}

fn deny(state: &mut State, denial: &Denial) -> Answer {
    let (trace, correlation) = (state.next_id(), state.next_id());
    let time = state.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let Denial { error, number, status, text } = denial;
    let description =
        format!("AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}");
    let body = json!({
        "error": error,
        "error_description": description,
        "error_codes": [number],
        "timestamp": time,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
    });
    Answer::json(*status, body).with("x-ms-request-id", trace.to_string())
}

fn tenant_id(state: &State, name: &str) -> Result<Uuid, Denial> {
    if let Some(directory) = state.tenant_called(name) {
        return Ok(directory.id);
    }
    if name.parse::<Uuid>().is_err() && !name.contains('.') {
        let text = format!(
            "Specified tenant identifier '{name}' is neither a valid DNS name, nor a valid external domain."
        );
        return Err(Denial::new("invalid_request", 900_023, text));
    }
    let text = format!("Tenant '{name}' not found. Check to make sure you have the correct tenant ID.");
    Err(Denial::new("invalid_request", 90_002, text))
}

/// Scheme and host of the simulator as the client sees it.
pub(super) fn origin(call: &Call) -> &str {
    &call.origin
}
