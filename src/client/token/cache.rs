//! The tokens at hand: one per tenant, application and resource, fetched by one caller while the others wait, kept by our
//! clock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};

use crate::client::Client;
use crate::client::endpoints::Resource;
use crate::client::error::Error;
use crate::client::retry::TokenAge;
use crate::client::token::Identity;
use crate::client::token::refusals::Refusals;
use crate::client::token::skew::Skew;
use crate::model::ids::{ClientId, TenantId};

/// A token is renewed this long before it ends, so that no request travels with one that ends on the way.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// Rights given since a token was issued show only in a new one; a younger token is not worth renewing.
const OLD: SignedDuration = SignedDuration::from_mins(5);

/// A token as the other services want it.
pub(in crate::client) struct Token {
    /// `Bearer …`, marked sensitive: its debug form shows nothing.
    pub(in crate::client) header: HeaderValue,
    pub(in crate::client) identity: Identity,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
}

impl Token {
    fn is_fresh_enough(&self, now: Timestamp) -> bool {
        self.expires.duration_since(now) > MARGIN
    }

    pub(in crate::client) fn age(&self, now: Timestamp) -> TokenAge {
        if now.duration_since(self.issued) > OLD { TokenAge::Old } else { TokenAge::Fresh }
    }
}

/// Whose token for what.
type Key = (TenantId, ClientId, Resource);

/// The place of one token. Whoever finds no token fetches it; who came before that ended shares its failure too.
#[derive(Default)]
struct Slot {
    arrivals: AtomicU64,
    held: tokio::sync::Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Arc<Token>>,
    /// The last failure, and how many had arrived when it came.
    failure: Option<(u64, Error)>,
}

/// Everything known about signing in.
#[derive(Default)]
pub(in crate::client) struct Tokens {
    slots: Mutex<BTreeMap<Key, Arc<Slot>>>,
    /// Tenants where another application acts.
    apps: Mutex<BTreeMap<TenantId, ClientId>>,
    pub(super) refusals: Refusals,
    pub(super) skew: Skew,
}

impl Tokens {
    fn slot(&self, key: Key) -> Arc<Slot> {
        Arc::clone(self.slots().entry(key).or_default())
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apps(&self) -> MutexGuard<'_, BTreeMap<TenantId, ClientId>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops `token`, unless somebody has renewed it already.
    pub(in crate::client) async fn forget(&self, tenant: TenantId, resource: Resource, token: &Arc<Token>) {
        let fits = |key: &Key| key.0 == tenant && key.2 == resource;
        let slots: Vec<_> =
            self.slots().iter().filter(|(key, _)| fits(key)).map(|(_, slot)| Arc::clone(slot)).collect();
        for slot in slots {
            let mut held = slot.held.lock().await;
            if held.token.as_ref().is_some_and(|held| Arc::ptr_eq(held, token)) {
                held.token = None;
            }
        }
    }
}

impl Client {
    /// Lets another application act in `tenant` from now on; none stands for the client's own.
    pub fn act_as(&self, tenant: TenantId, app: Option<ClientId>) {
        let mut apps = self.inner.tokens.apps();
        match app.filter(|&app| app != self.client_id()) {
            Some(app) => apps.insert(tenant, app),
            None => apps.remove(&tenant),
        };
    }

    /// Which application acts in `tenant`.
    fn app(&self, tenant: TenantId) -> ClientId {
        self.inner.tokens.apps().get(&tenant).copied().unwrap_or(self.client_id())
    }

    /// A token for `resource` in `tenant`: the one at hand, or a new one, fetched once for all who wait.
    pub(in crate::client) async fn token(
        &self,
        tenant: TenantId,
        resource: Resource,
    ) -> Result<Arc<Token>, Error> {
        let app = self.app(tenant);
        let slot = self.inner.tokens.slot((tenant, app, resource));
        let arrival = slot.arrivals.fetch_add(1, Ordering::Relaxed);
        let mut held = slot.held.lock().await;
        let now = self.inner.clock.now();
        if let Some(token) = held.token.as_ref().filter(|token| token.is_fresh_enough(now)) {
            return Ok(Arc::clone(token));
        }
        if let Some((_, error)) = held.failure.as_ref().filter(|(arrived, _)| arrival < *arrived) {
            return Err(error.clone());
        }
        // Boxed: every request contains this, and few run it.
        match Box::pin(self.fetch_token(tenant, app, resource)).await {
            Ok(token) => {
                let token = Arc::new(token);
                *held = Held { token: Some(Arc::clone(&token)), failure: None };
                Ok(token)
            }
            Err(error) => {
                held.failure = Some((slot.arrivals.load(Ordering::Relaxed), error.clone()));
                Err(error)
            }
        }
    }
}
