//! Talking to Microsoft: the login service, Graph and Resource Manager. Every request goes through one `send`, which
//! owns retries, tokens and budgets, and asks the kill switch; what it returns is model types or an [`error::Error`] that says what to do.

pub mod error;
pub mod halt;
pub mod endpoints;
pub mod transport;
pub mod limiter;
mod bucket;
mod pace;
pub mod retry;
mod redact;
mod said;
pub mod token;
mod http;
mod heed;
mod page;
mod batch;
pub mod receipt;
pub mod graph;
pub mod arm;
mod discovery;

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::client::arm::Arm;
use crate::client::endpoints::{Endpoints, Resource};
use crate::client::error::Error;
use crate::client::graph::Graph;
use crate::client::halt::Halt;
use crate::client::limiter::{Limiter, Priority};
use crate::client::token::cache::Tokens;
use crate::client::token::{Credential, Identity};
use crate::client::transport::Transport;
use crate::clock::Clock;
use crate::model::ids::{ClientId, TenantId};
use crate::model::usage::Usage;
use crate::telemetry::metrics::{Detail, Metrics};

/// One application's way to the services; clones share tokens and budgets.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// Whether everything asked through this clone goes before all else.
    urgent: bool,
    /// What keeps this clone from beginning a write.
    halt: Option<Halt>,
}

struct Inner {
    transport: Transport,
    endpoints: Endpoints,
    credential: Credential,
    clock: Clock,
    limiter: Arc<Limiter>,
    metrics: Arc<Metrics>,
    tokens: Tokens,
    /// Jitter and request ids: with the same seed a run on virtual time is the same to the byte.
    rng: Mutex<fastrand::Rng>,
    /// Set once Graph has said that it has no `$batch` here.
    without_batch: AtomicBool,
    /// How far Graph's clock is ahead of ours, by its last answer that showed a time.
    ahead: Mutex<SignedDuration>,
    /// The tenant nothing is ever written in.
    read_only: OnceLock<TenantId>,
}

/// How far the clocks of Graph's machines may be apart.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

impl Client {
    /// A client; `seed` decides jitter and request ids.
    pub fn new(
        transport: Transport,
        endpoints: Endpoints,
        credential: Credential,
        clock: Clock,
        seed: u64,
    ) -> Self {
        let limiter = Arc::new(Limiter::new(endpoints.cloud()));
        let metrics = Metrics::new(Detail::Fleet);
        limiter.show_in(&metrics);
        let inner = Inner {
            transport,
            endpoints,
            credential,
            clock,
            limiter,
            metrics,
            tokens: Tokens::default(),
            rng: Mutex::new(fastrand::Rng::with_seed(seed)),
            without_batch: AtomicBool::new(false),
            ahead: Mutex::new(SignedDuration::ZERO),
            read_only: OnceLock::new(),
        };
        Self { inner: Arc::new(inner), urgent: false, halt: None }
    }

    /// The same way to the services for somebody whose reads must not wait behind changes: everything goes before them in
    /// every queue.
    #[must_use]
    pub fn urgent(&self) -> Self {
        Self { urgent: true, ..self.clone() }
    }

    /// The same way to the services for somebody who writes: once `halt` is thrown, no write begins, neither a first attempt
    /// nor another one, however long it has waited for its turn.
    #[must_use]
    pub fn under(&self, halt: &Halt) -> Self {
        Self { halt: Some(halt.clone()), ..self.clone() }
    }

    /// Another pace than 1, which uses the services' quotas as far as they go: less leaves room for other software, more
    /// is refused by them. To be said before the client is shared; positive.
    #[must_use]
    pub fn with_pace(mut self, pace: f64) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("a client learns its pace before it is cloned");
        inner.limiter = Arc::new(Limiter::new(inner.endpoints.cloud()).with_pace(pace));
        inner.limiter.show_in(&inner.metrics);
        self
    }

    /// Measures into `metrics`, which others may share, in place of a registry of its own. To be said before the client is
    /// shared.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Arc<Metrics>) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("a client learns its metrics before it is cloned");
        inner.limiter.show_in(&metrics);
        inner.metrics = metrics;
        self
    }

    /// What is measured.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.inner.metrics
    }

    /// Refuses every write in `tenant` from now on, whatever the rest of the program asks for. The first call counts.
    pub fn only_read(&self, tenant: TenantId) {
        self.inner.read_only.get_or_init(|| tenant);
    }

    /// Graph in one tenant.
    pub fn graph(&self, tenant: TenantId, priority: Priority) -> Graph<'_> {
        Graph { client: self, tenant, priority: self.at_least(priority) }
    }

    /// Resource Manager in one tenant.
    pub fn arm(&self, tenant: TenantId, priority: Priority) -> Arm<'_> {
        Arm { client: self, tenant, priority: self.at_least(priority) }
    }

    fn at_least(&self, priority: Priority) -> Priority {
        if self.urgent { Priority::Withdrawal } else { priority }
    }

    /// Who we are in a tenant and what we were granted there, from the Graph token.
    pub async fn identity(&self, tenant: TenantId) -> Result<Identity, Error> {
        Ok(self.token(tenant, Resource::Graph).await?.identity.clone())
    }

    /// Which application acts.
    pub fn client_id(&self) -> ClientId {
        self.inner.credential.client_id()
    }

    /// The clock that tokens and waits go by.
    pub fn clock(&self) -> Clock {
        self.inner.clock
    }

    /// What all clones together have sent so far, each attempt counted.
    pub fn spent(&self) -> Usage {
        self.inner.limiter.spent()
    }

    /// The time from which on an object is one that a request sent now can have made, by Graph's own clock as far as its
    /// answers show it: ours may be hours off.
    fn made_from_now_on(&self) -> Timestamp {
        let ahead = *self.inner.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.clock.now().saturating_add(ahead - SLACK).unwrap_or(Timestamp::MAX)
    }

    /// Notes the time an answer of Graph's shows.
    fn note_time_at_graph(&self, shown: Timestamp) {
        let ahead = shown.duration_since(self.inner.clock.now());
        *self.inner.ahead.lock().unwrap_or_else(PoisonError::into_inner) = ahead;
    }

    fn rng(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.inner.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jitter(&self) -> f64 {
        self.rng().f64()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoints", &self.inner.endpoints).finish_non_exhaustive()
    }
}
