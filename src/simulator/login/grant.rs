//! The token endpoint: who asks, for which tenant and resource, and by what proof.

use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use uuid::Uuid;

use super::{Denial, not_in_directory, origin, tenant_id};
use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::state::State;
use crate::simulator::token::{LIFETIME, Resource, Token};

/// Answers a request for a token.
pub(super) fn token(state: &mut State, call: &Call, tenant: &str) -> Result<Answer, Denial> {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&call.body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let id = tenant_id(state, tenant)?;
    if field("grant_type").as_deref() != Some("client_credentials") {
        let text = "The app requested an unsupported grant type.";
        return Err(Denial::new("unsupported_grant_type", 70_003, text));
    }
    let (client, secret) = credentials(call).unwrap_or((field("client_id"), field("client_secret")));
    let client = client.unwrap_or_default();
    if client.parse::<Uuid>().ok() != Some(state.client.id) {
        let text = format!(
            "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if \
             the application has not been installed by the administrator of the tenant or consented to by any user \
             in the tenant."
        );
        return Err(Denial::new("unauthorized_client", 700_016, text));
    }
    let directory = state.directories.get(&id).expect("the tenant was found a moment ago");
    if directory.consent.is_empty() {
        return Err(not_in_directory(state.client.id, tenant));
    }
    check_secret(state, secret.as_deref(), field("client_assertion").is_some())?;
    let audience = audience(call, &field("scope").unwrap_or_default())?;
    // Permissions to Graph are app roles of Graph; ARM goes by role assignments instead.
    let roles = match Resource::of_audience(&audience, origin(call)) {
        Some(Resource::Graph) => directory.consent.iter().cloned().collect(),
        _ => Vec::new(),
    };
    let token = Token::new(id, state.client.id, &audience, roles, state.told());
    Ok(Answer::json(
        200,
        json!({
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": token.encode(),
        }),
    ))
}

/// Client id and secret from HTTP Basic, if the request uses it.
fn credentials(call: &Call) -> Option<(Option<String>, Option<String>)> {
    let encoded = call.header(header::AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| {
        url::form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    Some((plain(id), plain(secret)))
}

fn check_secret(state: &State, secret: Option<&str>, asserted: bool) -> Result<(), Denial> {
    let mut denial = match secret {
        Some(secret) if secret == state.client.secret => return Ok(()),
        Some(_) => Denial::new(
            "invalid_client",
            7_000_215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
             not the client secret ID.",
        ),
        None if asserted => Denial::new(
            "invalid_client",
            700_027,
            "The certificate with the identifier used to sign the client assertion is not registered on application.",
        ),
        None => Denial::new(
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ),
    };
    denial.status = 401;
    Err(denial)
}

fn audience(call: &Call, scope: &str) -> Result<String, Denial> {
    let scopes: Vec<&str> = scope.split_whitespace().collect();
    let [scope] = scopes[..] else {
        let text = "The provided value for the input parameter 'scope' must name one resource.";
        return Err(Denial::new("invalid_scope", 70_011, text));
    };
    let Some(audience) = scope.strip_suffix("/.default") else {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        return Err(Denial::new("invalid_scope", 1_002_012, text));
    };
    if Resource::of_audience(audience, origin(call)).is_none() {
        let text = format!("The resource principal named {audience} was not found in the tenant.");
        return Err(Denial::new("invalid_resource", 500_011, text));
    }
    Ok(audience.to_owned())
}
