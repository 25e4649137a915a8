//! The login service: tokens for an application's own credentials, and the discovery document of a tenant.

use axum::http::{Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use uuid::Uuid;

use super::answer::Answer;
use super::call::Call;
use super::refusal::Refusal;
use super::state::State;
use super::token::{LIFETIME, Resource, Token};

const TOKEN: &str = "/{tenant}/oauth2/v2.0/token";
const DISCOVERY: &str = "/{tenant}/v2.0/.well-known/openid-configuration";

/// A refusal of the login service: the OAuth error, the AADSTS number, the status, the text.
struct Denial {
    error: &'static str,
    number: u32,
    status: u16,
    text: String,
}

impl Denial {
    fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self { error, number, status: 400, text: text.into() }
    }
}

/// The template of the route a request takes.
pub(super) fn route(call: &Call) -> &'static str {
    match call.path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "oauth2", "v2.0", "token"] => TOKEN,
        [_, "v2.0", ".well-known", "openid-configuration"] => DISCOVERY,
        _ => "unknown",
    }
}

/// Answers a request to the login service.
pub(super) fn answer(state: &mut State, call: &Call) -> Answer {
    let tenant = call.path.first().cloned().unwrap_or_default();
    let result = match (route(call), &call.method) {
        (TOKEN, &Method::POST) => token(state, call, &tenant),
        (DISCOVERY, &Method::GET) => discovery(state, call, &tenant),
        (TOKEN | DISCOVERY, _) => return Answer::empty(405),
        _ => return Answer::empty(404),
    };
    let answer = result.unwrap_or_else(|denial| deny(state, &denial));
    answer.with("cache-control", "no-store").with("date", super::http_date(state.now()))
}

/// The answer to a token request in a tenant where nobody consented.
pub(super) fn no_consent(state: &mut State, call: &Call) -> Answer {
    let tenant = call.path.first().cloned().unwrap_or_default();
    let client = state.client.id;
    deny(state, &not_in_directory(client, &tenant))
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

fn token(state: &mut State, call: &Call, tenant: &str) -> Result<Answer, Denial> {
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
    let token = Token::new(id, state.client.id, &audience, roles, state.now());
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

fn not_in_directory(client: Uuid, tenant: &str) -> Denial {
    let text = format!(
        "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the \
         tenant. You may have sent your authentication request to the wrong tenant."
    );
    Denial::new("unauthorized_client", 700_016, text)
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

/// Scheme and host of the simulator as the client sees it.
pub(super) fn origin(call: &Call) -> &str {
    call.base.rsplit_once('/').map_or("", |(origin, _)| origin)
}

fn discovery(state: &State, call: &Call, tenant: &str) -> Result<Answer, Denial> {
    let id = tenant_id(state, tenant).map_err(|denial| Denial { error: "invalid_tenant", ..denial })?;
    let base = &call.base;
    Ok(Answer::json(
        200,
        json!({
            "token_endpoint": format!("{base}/{id}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/{id}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": format!("{base}/{id}/v2.0"),
            "authorization_endpoint": format!("{base}/{id}/oauth2/v2.0/authorize"),
            "tenant_region_scope": "EU",
        }),
    ))
}
