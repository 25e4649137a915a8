//! Managed identities: tokens from the machine that Azure runs us on.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::client::Client;
use crate::client::endpoints::{EndpointError, encode, identity_address};
use crate::client::error::{Error, Kind, Service};
use crate::client::http::{Call, Expect};
use crate::client::limiter::Priority;
use crate::client::retry::Repeat;
use crate::model::ids::{ClientId, TenantId};

/// Where virtual machines and clusters ask: the same address everywhere, on no network.
const INSTANCE: &str = "http://169.254.169.254";

/// The endpoint is on this machine: whoever has to wait longer is not in Azure.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is asked. The service restarts now and then and says 404, 410, 429 or 5xx meanwhile.
const TRIES: u32 = 6;

/// The first wait; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(1340);

/// An assertion is renewed this long before it ends.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Where this machine hands out tokens.
#[derive(Debug, Clone)]
pub struct IdentityEndpoint {
    url: Url,
    header: (&'static str, SecretString),
}

impl IdentityEndpoint {
    /// The metadata service of virtual machines and clusters; `base` replaces its host.
    pub fn instance(base: Option<&str>) -> Result<Self, EndpointError> {
        let base = base.unwrap_or(INSTANCE).trim_end_matches('/');
        let url = identity_address(&format!("{base}/metadata/identity/oauth2/token"))?;
        Ok(Self { url, header: ("metadata", SecretString::from("true".to_owned())) })
    }

    /// The endpoint of App Service and Container Apps, with the word that proves we run there.
    pub fn app_service(url: &str, header: SecretString) -> Result<Self, EndpointError> {
        Ok(Self { url: identity_address(url)?, header: ("x-identity-header", header) })
    }
}

/// A user-assigned managed identity of the partner's tenant.
#[derive(Debug)]
pub struct ManagedIdentity {
    client_id: ClientId,
    pub(super) partner: TenantId,
    endpoint: IdentityEndpoint,
    /// One token serves as assertion in every tenant.
    assertion: Mutex<Option<Granted>>,
}

/// A token from the machine, and when it ends.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) token: SecretString,
    pub(super) expires: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    /// Seconds of Unix time: a text everywhere, whatever some pages show.
    expires_on: Seconds,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(i64),
    Text(String),
}

impl ManagedIdentity {
    /// The identity with that client id, good in the partner's tenant.
    pub fn new(client_id: ClientId, partner: TenantId, endpoint: IdentityEndpoint) -> Self {
        Self { client_id, partner, endpoint, assertion: Mutex::new(None) }
    }

    pub(super) fn client_id(&self) -> ClientId {
        self.client_id
    }

    /// Drops the assertion: the login service found it too old.
    pub(super) async fn forget(&self) {
        *self.assertion.lock().await = None;
    }

    fn ask(&self, resource: &str) -> Call {
        let mut url = self.endpoint.url.clone();
        url.set_query(Some(&format!(
            "api-version=2019-08-01&resource={}&client_id={}",
            encode(resource),
            self.client_id
        )));
        let (name, value) = &self.endpoint.header;
        let mut value = HeaderValue::from_str(value.expose_secret()).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        Call {
            service: Service::Login,
            tenant: None,
            method: Method::GET,
            route: "managed identity",
            url,
            headers: vec![(HeaderName::from_static(name), value)],
            body: None,
            charges: Vec::new(),
            repeat: Repeat::Safe,
            expect: Expect::Json,
            priority: Priority::Withdrawal,
        }
    }
}

impl Client {
    /// The identity's token that serves as the application's assertion.
    pub(super) async fn managed_assertion(&self, identity: &ManagedIdentity) -> Result<SecretString, Error> {
        let mut held = identity.assertion.lock().await;
        let now = self.inner.clock.now();
        if let Some(granted) = held.as_ref().filter(|granted| granted.expires.duration_since(now) > MARGIN) {
            return Ok(granted.token.clone());
        }
        let granted = self.managed_token(identity, self.inner.endpoints.exchange_audience()).await?;
        Ok(held.insert(granted).token.clone())
    }

    /// A token of the identity itself.
    pub(super) async fn managed_token(
        &self,
        identity: &ManagedIdentity,
        resource: &str,
    ) -> Result<Granted, Error> {
        let call = identity.ask(resource);
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.inner.clock.within(PATIENCE, self.attempt(&call, None)).await {
                Some(Ok(answer)) => return granted(&call, &answer.body),
                Some(Err(error)) => error,
                None => call.failure(Kind::Unreachable, None, "no answer within ten seconds"),
            };
            let passes = match error.status() {
                Some(404 | 410 | 429 | 500..) => true,
                Some(_) => false,
                None => tries == 1,
            };
            if !passes || tries == TRIES {
                return Err(advised(error, identity));
            }
            let wait = FIRST_WAIT.saturating_mul(1 << (tries - 1));
            self.inner.clock.sleep(error.retry_after().unwrap_or(wait).min(Duration::from_mins(1))).await;
        }
    }
}

fn granted(call: &Call, body: &[u8]) -> Result<Granted, Error> {
    let malformed = || call.failure(Kind::Malformed, Some(200), "the answer is not a token");
    let Answer { access_token, expires_on } = serde_json::from_slice(body).map_err(|_| malformed())?;
    let seconds = match expires_on {
        Seconds::Number(seconds) => Some(seconds),
        Seconds::Text(text) => text.trim().parse().ok(),
    };
    let expires = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or_else(malformed)?;
    Ok(Granted { token: access_token, expires })
}

fn advised(error: Error, identity: &ManagedIdentity) -> Error {
    match error.status() {
        Some(400) if error.code() == Some("invalid_resource") => error.with_kind(Kind::CredentialRefused),
        Some(400) => error
            .with_kind(Kind::CredentialRefused)
            .with_advice(&format!("is identity {} assigned to this machine?", identity.client_id)),
        Some(401 | 403) => error
            .with_kind(Kind::CredentialRefused)
            .with_advice("IDENTITY_HEADER is not what this machine's endpoint wants"),
        Some(_) => error,
        None => error.with_advice("does this run in Azure, with a managed identity?"),
    }
}
