//! The token endpoint: who asks, for which tenant and resource, and by what proof.

use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use uuid::Uuid;

use super::assertion::Judge;
use super::denial::{self, Denial};
use super::{origin, tenant_id};
use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::state::State;
use crate::simulator::token::{LIFETIME, Resource, Token};
use crate::simulator::world::{Client, SignIn};

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a request says of itself.
struct Form(Vec<(String, String)>);

impl Form {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Answers a request for a token.
pub(super) fn token(state: &mut State, call: &Call, tenant: &str) -> Result<Answer, Denial> {
    let form = Form(url::form_urlencoded::parse(&call.body).into_owned().collect());
    let id = tenant_id(state, tenant)?;
    if form.get("grant_type") != Some("client_credentials") {
        let text = "The app requested an unsupported grant type.";
        return Err(Denial::new("unsupported_grant_type", 70_003, text));
    }
    let basic = credentials(call);
    let (name, secret) = match &basic {
        Some((name, secret)) => (Some(name.as_str()), Some(secret.as_str())),
        None => (form.get("client_id"), form.get("client_secret")),
    };
    let client = state.client_in(id);
    let name = name.unwrap_or_default();
    if name.parse::<Uuid>().ok() != Some(client.id) {
        return Err(denial::unknown(name, tenant));
    }
    let directory = state.directories.get(&id).expect("the tenant was found a moment ago");
    if directory.consent.is_empty() {
        return Err(denial::not_in_directory(client.id, tenant));
    }
    check_proof(state, client, call, &form, secret)?;
    match directory.sign_in {
        SignIn::Allowed => {}
        SignIn::Disabled => return Err(denial::disabled(client.id)),
        SignIn::Blocked => return Err(denial::blocked()),
    }
    let (audience, resource) = audience(state, call, form.get("scope").unwrap_or_default())?;
    // Permissions to Graph are app roles of Graph; ARM goes by role assignments instead.
    let roles = match resource {
        Resource::Graph => directory.consent.iter().cloned().collect(),
        Resource::Arm => Vec::new(),
    };
    let token = Token::new(id, client.id, &audience, roles, state.told());
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
fn credentials(call: &Call) -> Option<(String, String)> {
    let encoded = call.header(header::AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let plain = |text: &str| {
        url::form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

fn check_proof(
    state: &State,
    client: &Client,
    call: &Call,
    form: &Form,
    secret: Option<&str>,
) -> Result<(), Denial> {
    match (secret, form.get("client_assertion")) {
        (Some(secret), _) if client.secret.is_empty() || secret != client.secret => {
            Err(denial::wrong_secret())
        }
        (Some(_), _) if client.secret_expires.is_some_and(|end| end <= state.told()) => {
            Err(denial::expired_secret(client.id))
        }
        (Some(_), _) => Ok(()),
        (None, Some(_)) if form.get("client_assertion_type") != Some(BEARER) => {
            Err(denial::missing("client_assertion_type"))
        }
        (None, Some(assertion)) => {
            let judge = Judge {
                client,
                token_url: &format!("{}{}", call.base, call.raw_path),
                cloud: state.cloud,
                partner: state.partner,
                managed: &state.managed_identities,
                now: state.told(),
            };
            judge.check(assertion)
        }
        (None, None) => Err(denial::no_proof()),
    }
}

fn audience(state: &State, call: &Call, scope: &str) -> Result<(String, Resource), Denial> {
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
    let resource = Resource::in_cloud(audience, state.cloud, origin(call)).ok_or_else(|| {
        let text = format!("The resource principal named {audience} was not found in the tenant.");
        Denial::new("invalid_resource", 500_011, text)
    })?;
    Ok((audience.to_owned(), resource))
}
