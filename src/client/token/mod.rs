//! Tokens: one per tenant and resource, fetched by one caller while the others wait, kept by our clock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::form_urlencoded;

use crate::client::Client;
use crate::client::endpoints::Resource;
use crate::client::error::{Error, Kind, Service};
use crate::client::http::{Call, Expect};
use crate::client::limiter::Priority;
use crate::client::retry::{Repeat, TokenAge};
use crate::model::ids::{ClientId, ObjectId, TenantId};

/// How the application proves who it is.
#[derive(Clone)]
pub struct Credential {
    client_id: ClientId,
    secret: SecretString,
}

impl Credential {
    /// A client secret: whoever holds it is the application. Meant for the simulator and for trying things out.
    pub fn client_secret(client_id: ClientId, secret: SecretString) -> Self {
        Self { client_id, secret }
    }

    /// Which application.
    pub fn client_id(&self) -> ClientId {
        self.client_id
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What a token says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Our service principal's object id in that tenant.
    pub object_id: ObjectId,
    /// The permissions granted to it. A token is issued even if there is none.
    pub roles: BTreeSet<String>,
}

pub(super) struct Token {
    /// `Bearer …`, marked sensitive: its debug form shows nothing.
    pub(super) header: HeaderValue,
    pub(super) identity: Identity,
    issued: Timestamp,
    expires: Timestamp,
}

/// A token is renewed this long before it ends, so that no request travels with one that ends on the way.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Rights given since a token was issued show only in a new one; a younger token is not worth renewing.
const OLD: SignedDuration = SignedDuration::from_mins(5);

impl Token {
    fn is_fresh_enough(&self, now: Timestamp) -> bool {
        self.expires.duration_since(now) > MARGIN
    }

    pub(super) fn age(&self, now: Timestamp) -> TokenAge {
        if now.duration_since(self.issued) > OLD { TokenAge::Old } else { TokenAge::Fresh }
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Arc<Token>>>>;

/// The tokens at hand.
#[derive(Default)]
pub(super) struct Tokens(Mutex<BTreeMap<(TenantId, Resource), Slot>>);

impl Tokens {
    fn slot(&self, tenant: TenantId, resource: Resource) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((tenant, resource)).or_default())
    }

    /// Drops `token`, unless somebody has renewed it already.
    pub(super) async fn forget(&self, tenant: TenantId, resource: Resource, token: &Arc<Token>) {
        let slot = self.slot(tenant, resource);
        let mut held = slot.lock().await;
        if held.as_ref().is_some_and(|held| Arc::ptr_eq(held, token)) {
            *held = None;
        }
    }
}

impl Client {
    /// A token for `resource` in `tenant`: the one at hand, or a new one, fetched once for all who wait.
    pub(super) async fn token(&self, tenant: TenantId, resource: Resource) -> Result<Arc<Token>, Error> {
        let slot = self.inner.tokens.slot(tenant, resource);
        let mut held = slot.lock().await;
        let now = self.inner.clock.now();
        if let Some(token) = held.as_ref().filter(|token| token.is_fresh_enough(now)) {
            return Ok(Arc::clone(token));
        }
        let token = Arc::new(self.fetch_token(tenant, resource).await?);
        *held = Some(Arc::clone(&token));
        Ok(token)
    }

    async fn fetch_token(&self, tenant: TenantId, resource: Resource) -> Result<Token, Error> {
        let credential = &self.inner.credential;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &credential.client_id.to_string())
            .append_pair("client_secret", credential.secret.expose_secret())
            .append_pair("scope", &self.inner.endpoints.scope(resource))
            .finish();
        let call = Call {
            service: Service::Login,
            tenant: Some(tenant),
            method: Method::POST,
            route: "/{tenant}/oauth2/v2.0/token",
            url: self.inner.endpoints.login().join(&format!("/{tenant}/oauth2/v2.0/token")),
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))],
            body: Some(Bytes::from(form)),
            charges: Vec::new(),
            repeat: Repeat::Safe,
            expect: Expect::Json,
            priority: Priority::Withdrawal,
        };
        let answer = self.send(&call).await?;
        let malformed = |what: &str| call.failure(Kind::Malformed, Some(200), what);
        let grant: Grant =
            serde_json::from_slice(&answer.body).map_err(|_| malformed("the answer is not a token"))?;
        let identity =
            identity(&grant.access_token).ok_or_else(|| malformed("the token does not say whose it is"))?;
        let mut header = HeaderValue::try_from(format!("Bearer {}", grant.access_token))
            .map_err(|_| malformed("the token cannot be sent in a header"))?;
        header.set_sensitive(true);
        let issued = self.inner.clock.now();
        let life = SignedDuration::from_secs(i64::from(grant.expires_in));
        let expires = issued.checked_add(life).map_err(|_| malformed("the token never ends"))?;
        Ok(Token { header, identity, issued, expires })
    }
}

#[derive(Deserialize)]
struct Grant {
    access_token: String,
    /// Seconds.
    expires_in: u32,
}

#[derive(Deserialize)]
struct Claims {
    oid: ObjectId,
    #[serde(default)]
    roles: BTreeSet<String>,
}

/// Reads the payload of a token, unverified: it came from the login service itself over a connection we opened.
fn identity(token: &str) -> Option<Identity> {
    let payload = token.split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let Claims { oid, roles } = serde_json::from_slice(&payload).ok()?;
    Some(Identity { object_id: oid, roles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_whose_it_is_and_a_credential_never_shows_its_secret() {
        let payload = BASE64_URL_SAFE_NO_PAD
            .encode(r#"{"oid":"33333333-3333-4333-8333-333333333333","roles":["User.Read.All"]}"#);
        let read = identity(&format!("eyJ.{payload}.sig")).unwrap();
        assert_eq!(read.object_id.to_string(), "33333333-3333-4333-8333-333333333333");
        assert!(read.roles.contains("User.Read.All"));
        assert_eq!(identity("not a token"), None);

        let id = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let credential = Credential::client_secret(id, SecretString::from("hush".to_owned()));
        assert!(!format!("{credential:?}").contains("hush"));
    }
}
