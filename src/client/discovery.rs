//! Which tenant a domain belongs to, by its OpenID discovery document: needs no permission.

use http::Method;
use serde::Deserialize;
use url::Url;

use crate::client::Client;
use crate::client::endpoints::encode;
use crate::client::error::{Error, Kind, Service};
use crate::client::http::{Call, Expect};
use crate::client::limiter::Priority;
use crate::client::retry::Repeat;
use crate::model::address::Domain;
use crate::model::ids::TenantId;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
}

impl Client {
    /// The tenant that has verified `domain`; none if no tenant has.
    pub async fn tenant_of(&self, domain: &Domain) -> Result<Option<TenantId>, Error> {
        let path = format!("/{}/v2.0/.well-known/openid-configuration", encode(domain.as_str()));
        let call = Call {
            service: Service::Login,
            tenant: None,
            method: Method::GET,
            route: "/{domain}/v2.0/.well-known/openid-configuration",
            url: self.inner.endpoints.login().join(&path),
            headers: Vec::new(),
            body: None,
            charges: Vec::new(),
            repeat: Repeat::Safe,
            expect: Expect::Json,
            priority: Priority::Change,
        };
        let answer = match self.send(&call).await {
            Ok(answer) => answer,
            Err(error) if error.kind() == Kind::TenantMissing => return Ok(None),
            Err(error) => return Err(error),
        };
        let discovery: Discovery = call.decode(&answer)?;
        let no_tenant = || call.failure(Kind::Malformed, Some(200), "the issuer names no tenant");
        let issuer = Url::parse(&discovery.issuer).map_err(|_| no_tenant())?;
        let mut segments = issuer.path_segments().ok_or_else(no_tenant)?;
        segments.find_map(|segment| segment.parse().ok()).map(Some).ok_or_else(no_tenant)
    }
}
