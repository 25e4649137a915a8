//! The exchange of a proof for a token.

use std::collections::BTreeSet;
use std::time::Duration;

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
use crate::client::retry::Repeat;
use crate::client::token::cache::Token;
use crate::client::token::file::{ends, whose};
use crate::client::token::managed::Granted;
use crate::client::token::{Identity, Proof};
use crate::model::ids::{ClientId, ObjectId, TenantId};

const ROUTE: &str = "/{tenant}/oauth2/v2.0/token";
const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The assertion came outside its time: once more with a new one, in case it waited too long on its way.
const OUT_OF_TIME: u32 = 700_024;

/// No federated credential fits: wrong for good, or made minutes ago and not known everywhere.
const UNFEDERATED: [u32; 4] = [70_021, 700_211, 700_212, 700_213];

/// How long each of these is waited for.
const PROPAGATION: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(20), Duration::from_secs(30)];

/// What is wrong with a proof itself, in whichever tenant it is shown: secret wrong or expired, certificate unknown or
/// expired, assertion forged, malformed or out of its time.
const EVERYWHERE: [u32; 8] = [7_000_215, 7_000_222, 700_027, 1_000_502, 700_021, 700_023, 50_013, 50_027];

#[derive(Deserialize)]
struct Grant {
    access_token: SecretString,
    /// Seconds.
    expires_in: u32,
}

#[derive(Deserialize)]
struct Claims {
    oid: ObjectId,
    #[serde(default)]
    roles: BTreeSet<String>,
}

impl Client {
    /// A new token.
    pub(super) async fn fetch_token(
        &self,
        tenant: TenantId,
        app: ClientId,
        resource: Resource,
    ) -> Result<Token, Error> {
        let refusals = &self.inner.tokens.refusals;
        refusals.recall(app, self.inner.clock.now())?;
        let Some(proof) = self.inner.credential.proof(app) else {
            let text =
                format!("no credential is set for application {app}, which the files name for this tenant");
            return Err(self.unsent(tenant, &text));
        };
        let fetched = match proof {
            Proof::Managed(identity) if identity.partner == tenant && app == self.client_id() => {
                let resource = self.inner.endpoints.audience(resource);
                match self.managed_token(identity, &resource).await {
                    Ok(granted) => self.token_of(&self.grant(tenant, String::new()), &granted),
                    Err(error) => Err(error),
                }
            }
            _ => self.exchange(tenant, app, proof, resource).await,
        };
        if let Err(error) = &fetched
            && is_refused_everywhere(error)
        {
            refusals.remember(app, self.inner.clock.now(), error);
        }
        fetched
    }

    async fn exchange(
        &self,
        tenant: TenantId,
        app: ClientId,
        proof: &Proof,
        resource: Resource,
    ) -> Result<Token, Error> {
        let mut tries = 0;
        loop {
            let call = self.ask(tenant, app, proof, resource).await?;
            let error = match self.send(&call).await {
                Ok(answer) => {
                    let malformed = |_| call.failure(Kind::Malformed, Some(200), "the answer is not a token");
                    let Grant { access_token, expires_in } =
                        serde_json::from_slice(&answer.body).map_err(malformed)?;
                    let life = SignedDuration::from_secs(i64::from(expires_in));
                    let expires = self.inner.clock.now().checked_add(life).unwrap_or(Timestamp::MAX);
                    return self.token_of(&call, &Granted { token: access_token, expires });
                }
                Err(error) => error,
            };
            match error.number() {
                Some(OUT_OF_TIME) if tries == 0 => {
                    if let Proof::Managed(identity) = proof {
                        identity.forget().await;
                    }
                }
                Some(number) if UNFEDERATED.contains(&number) && tries < PROPAGATION.len() => {
                    tracing::warn!(number, "no federated credential fits yet; asking again");
                    self.inner.clock.sleep(PROPAGATION[tries]).await;
                }
                _ => return Err(self.advised(error, proof)),
            }
            tries += 1;
        }
    }

    /// The request with a proof made now.
    async fn ask(
        &self,
        tenant: TenantId,
        app: ClientId,
        proof: &Proof,
        resource: Resource,
    ) -> Result<Call, Error> {
        let unusable = |error: &dyn std::error::Error| self.unsent(tenant, &error.to_string());
        let (name, value) = match proof {
            Proof::Secret(secret) => ("client_secret", secret.clone()),
            Proof::SecretFile(file) => ("client_secret", file.read().map_err(|error| unusable(&error))?),
            Proof::Certificate(file) => {
                let url = self.grant(tenant, String::new()).url;
                let (certificate, _) = file.current();
                let now = self.inner.clock.now();
                ("client_assertion", certificate.assertion(app, url.as_str(), self.fresh_id(), now))
            }
            Proof::Federated(file) => ("client_assertion", file.read().map_err(|error| unusable(&error))?),
            Proof::Managed(identity) => ("client_assertion", self.managed_assertion(identity).await?),
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &app.to_string())
            .append_pair("scope", &self.inner.endpoints.scope(resource))
            .append_pair(name, value.expose_secret());
        if name == "client_assertion" {
            form.append_pair("client_assertion_type", BEARER);
        }
        Ok(self.grant(tenant, form.finish()))
    }

    fn grant(&self, tenant: TenantId, form: String) -> Call {
        Call {
            service: Service::Login,
            tenant: Some(tenant),
            method: Method::POST,
            route: ROUTE,
            url: self.inner.endpoints.login().join(&format!("/{tenant}/oauth2/v2.0/token")),
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))],
            body: Some(Bytes::from(form)),
            charges: Vec::new(),
            repeat: Repeat::Safe,
            expect: Expect::Json,
            priority: Priority::Withdrawal,
        }
    }

    /// The failure of a request that could not even be made.
    fn unsent(&self, tenant: TenantId, why: &str) -> Error {
        self.grant(tenant, String::new()).failure(Kind::CredentialRefused, None, why)
    }

    fn token_of(&self, call: &Call, granted: &Granted) -> Result<Token, Error> {
        let malformed = |what: &str| call.failure(Kind::Malformed, Some(200), what);
        let token = granted.token.expose_secret();
        let identity = identity(token).ok_or_else(|| malformed("the token does not say whose it is"))?;
        let mut header = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| malformed("the token cannot be sent in a header"))?;
        header.set_sensitive(true);
        Ok(Token { header, identity, issued: self.inner.clock.now(), expires: granted.expires })
    }

    /// The same failure with what a person should look at.
    fn advised(&self, error: Error, proof: &Proof) -> Error {
        let Some(number) = error.number() else { return error };
        let advice = match (number, proof) {
            (OUT_OF_TIME, _) => self.inner.tokens.skew.words().or_else(|| match proof {
                Proof::Federated(file) => {
                    let end = file.read().ok().as_ref().and_then(ends)?;
                    let end = Timestamp::from_second(end).ok()?;
                    Some(format!("the token in {} ended at {end}: who renews it?", file.path().display()))
                }
                _ => Some("this machine's clock agrees with the login service's".to_owned()),
            }),
            (700_027 | 1_000_502, Proof::Certificate(file)) => {
                let (certificate, flaw) = file.current();
                let held = format!(
                    "{} holds the certificate {}, which ends at {}",
                    file.path().display(),
                    certificate.thumbprint,
                    certificate.not_after
                );
                Some(flaw.map_or(held, |flaw| {
                    format!("{flaw}, and the certificate before it, {}, is in use", certificate.thumbprint)
                }))
            }
            (50_013, Proof::Federated(file)) => file.read().ok().as_ref().and_then(whose),
            (number, Proof::Federated(file)) if UNFEDERATED.contains(&number) => file
                .read()
                .ok()
                .as_ref()
                .and_then(whose)
                .map(|whose| format!("a federated credential of the application must name {whose}")),
            (number, Proof::Managed(identity)) if UNFEDERATED.contains(&number) => Some(format!(
                "a federated credential of the application must name managed identity {}",
                identity.client_id()
            )),
            _ => None,
        };
        match advice {
            Some(advice) => error.with_advice(&advice),
            None => error,
        }
    }
}

/// Whether the same proof would be refused in every other tenant too.
fn is_refused_everywhere(error: &Error) -> bool {
    match error.number() {
        Some(number) => {
            EVERYWHERE.contains(&number) || UNFEDERATED.contains(&number) || number == OUT_OF_TIME
        }
        // The machine's own endpoint failed.
        None => error.route() != ROUTE,
    }
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
    fn a_token_says_whose_it_is() {
        let payload = BASE64_URL_SAFE_NO_PAD
            .encode(r#"{"oid":"33333333-3333-4333-8333-333333333333","roles":["User.Read.All"]}"#);
        let read = identity(&format!("eyJ.{payload}.sig")).unwrap();
        assert_eq!(read.object_id.to_string(), "33333333-3333-4333-8333-333333333333");
        assert!(read.roles.contains("User.Read.All"));
        assert_eq!(identity("not a token"), None);
    }
}
