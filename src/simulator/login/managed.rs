//! Tokens for managed identities, at the two addresses where Azure hands them out: the metadata service of virtual machines
//! and clusters, and the endpoint of App Service and Container Apps.

use axum::http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::state::State;
use crate::simulator::token::{Resource, Token};
use crate::simulator::world::{IdentityKind, ManagedIdentity};

pub(super) const INSTANCE: &str = "/metadata/identity/oauth2/token";
pub(super) const APP_SERVICE: &str = "/msi/token";

/// How long such a token is good for, in seconds.
const LIFETIME: i64 = 24 * 3600 - 1;

const VERSIONS: [&str; 3] = ["2018-02-01", "2019-08-01", "2020-06-01"];

/// Answers a request to the metadata service.
pub(super) fn instance(state: &State, call: &Call) -> Answer {
    if call.method != Method::GET {
        return Answer::empty(405);
    }
    if !call.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return refuse(400, "invalid_request", "Required metadata header not specified");
    }
    if !call.option("api-version").is_some_and(|version| VERSIONS.contains(&version)) {
        return refuse(400, "invalid_request", "Required query variable 'api-version' is missing or unknown");
    }
    token(state, call)
}

/// Answers a request to the endpoint of App Service.
pub(super) fn app_service(state: &State, call: &Call) -> Answer {
    if call.method != Method::GET {
        return Answer::empty(405);
    }
    if call.header("x-identity-header") != Some(&state.identity_header) {
        return refuse(401, "unauthorized_client", "The header X-IDENTITY-HEADER is missing or wrong");
    }
    if call.option("api-version") != Some("2019-08-01") {
        return refuse(400, "invalid_request", "The api-version is missing or unknown");
    }
    token(state, call)
}

fn token(state: &State, call: &Call) -> Answer {
    let Some(resource) = call.option("resource") else {
        return refuse(400, "invalid_resource", "The resource is missing");
    };
    let exchange = state.cloud.exchange_audience();
    let known = Resource::in_cloud(resource, state.cloud, super::origin(call));
    if known.is_none() && resource != exchange {
        let text =
            format!("AADSTS500011: The resource principal named {resource} was not found in the tenant.");
        return refuse(400, "invalid_resource", &text);
    }
    let identity = match find(state, call) {
        Ok(identity) => identity,
        Err(text) => return refuse(400, "invalid_request", text),
    };
    let roles = match known {
        Some(Resource::Graph) => identity.consent.iter().cloned().collect(),
        Some(Resource::Arm) | None => Vec::new(),
    };
    let now = state.now();
    let made = Token::new(state.partner, identity.client_id, resource, roles, now);
    let (iss, ver) = match known {
        Some(_) => (made.iss.clone(), made.ver.clone()),
        None => (format!("{}/{}/v2.0", state.cloud.authority(), state.partner), "2.0".to_owned()),
    };
    let made = Token {
        oid: identity.object_id,
        sub: identity.object_id,
        exp: now.as_second() + LIFETIME,
        iss,
        ver,
        ..made
    };
    Answer::json(
        200,
        json!({
            "access_token": made.encode(),
            "client_id": identity.client_id,
            "expires_in": LIFETIME.to_string(),
            "expires_on": made.exp.to_string(),
            "ext_expires_in": LIFETIME.to_string(),
            "not_before": made.nbf.to_string(),
            "resource": resource,
            "token_type": "Bearer",
        }),
    )
}

/// The identity that is asked for; without a name the machine's own, or the only one there is.
fn find<'a>(state: &'a State, call: &Call) -> Result<&'a ManagedIdentity, &'static str> {
    let named = |option: &str| call.option(option).map(str::to_owned);
    let id = |text: &str| text.parse::<Uuid>().ok();
    let identities = &state.managed_identities;
    let found = if let Some(client) = named("client_id") {
        identities.iter().find(|one| id(&client) == Some(one.client_id))
    } else if let Some(object) = named("object_id").or_else(|| named("principal_id")) {
        identities.iter().find(|one| id(&object) == Some(one.object_id))
    } else if let Some(resource) = named("msi_res_id").or_else(|| named("mi_res_id")) {
        identities.iter().find(|one| one.resource_id.eq_ignore_ascii_case(&resource))
    } else {
        let system = identities.iter().find(|one| one.kind == IdentityKind::SystemAssigned);
        match &identities[..] {
            [only] => Some(only),
            [_, ..] if system.is_none() => {
                return Err(
                    "Multiple user assigned identities exist, please specify the clientId / resourceId of \
                            the identity in the token request",
                );
            }
            _ => system,
        }
    };
    found.ok_or("Identity not found")
}

fn refuse(status: u16, error: &str, text: &str) -> Answer {
    Answer::json(status, json!({"error": error, "error_description": text}))
}
