//! The OpenID discovery document of a tenant.

use serde_json::json;

use super::denial::Denial;
use super::tenant_id;
use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::state::State;

/// The document of the tenant that answers to a name.
pub(super) fn document(state: &State, call: &Call, tenant: &str) -> Result<Answer, Denial> {
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
