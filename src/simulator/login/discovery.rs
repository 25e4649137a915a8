//! What the login service says about itself: a tenant's OpenID document, its keys, and which hosts it goes by.

use serde_json::{Value, json};

use super::denial::Denial;
use super::tenant_id;
use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::state::State;

/// Names that stand for whatever tenant somebody signs in to.
const ANY_TENANT: [&str; 3] = ["common", "organizations", "consumers"];

/// The document of the tenant that answers to a name.
pub(super) fn document(state: &State, call: &Call, tenant: &str) -> Result<Answer, Denial> {
    let base = &call.base;
    if ANY_TENANT.contains(&tenant) {
        return Ok(Answer::json(200, openid(base, tenant, "{tenantid}")));
    }
    let id = tenant_id(state, tenant).map_err(|denial| Denial { error: "invalid_tenant", ..denial })?;
    Ok(Answer::json(200, openid(base, &id.to_string(), &id.to_string())))
}

/// `GET /common/discovery/instance`: whether an authority is one of the service's, and where its tenant is described.
pub(super) fn instance(call: &Call) -> Result<Answer, Denial> {
    let asked = call.option("authorization_endpoint").unwrap_or_default();
    let host = |address: &str| Some(address.split_once("://")?.1.split('/').next()?.to_owned());
    let own = host(&call.origin).unwrap_or_default();
    let path = asked.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    let tenant = path.and_then(|path| path.strip_prefix("login/").unwrap_or(path).split('/').next());
    let Some(tenant) = tenant.filter(|_| host(asked).as_ref() == Some(&own)) else {
        let text = format!("Unknown or invalid instance '{asked}'.");
        return Err(Denial::new("invalid_instance", 50_049, text));
    };
    Ok(Answer::json(
        200,
        json!({
            "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", call.base),
            "api-version": call.option("api-version").unwrap_or("1.1"),
            "metadata": [{"preferred_network": own, "preferred_cache": own, "aliases": [own]}],
        }),
    ))
}

/// The keys tokens are signed with: none, since the simulator's own services are the only ones that check its tokens.
pub(super) fn keys() -> Answer {
    Answer::json(200, json!({"keys": []}))
}

fn openid(base: &str, tenant: &str, issuer: &str) -> Value {
    json!({
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": format!("{base}/{issuer}/v2.0"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "tenant_region_scope": "EU",
    })
}
