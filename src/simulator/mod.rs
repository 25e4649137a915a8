//! Login, Microsoft Graph and Azure Resource Manager for thousands of tenants in one process.
//!
//! A [`Simulator`] starts from a [`World`] and a seed. Its [`router`](Simulator::router) is an ordinary
//! axum router: tests and the demo call it in process, [`serve`] puts it behind an address. Three base addresses stand
//! for the three services, and every link in an answer starts with the address the client itself used:
//!
//! | base | service |
//! |---|---|
//! | `…/login` | tokens by client credentials, discovery documents |
//! | `…/graph` | Microsoft Graph, below `/v1.0` |
//! | `…/arm` | Azure Resource Manager |
//!
//! Managed identities get their tokens where Azure hands them out: at `/metadata/identity/oauth2/token` of the root, as in a
//! virtual machine, and at `/msi/token`, as in App Service.
//!
//! For clients that keep nothing of an address but its host, the services answer without a prefix as well: their paths
//! tell them apart. [`serve_tls`] speaks TLS with [`Certificates`] of its own. `README.md` beside this file is for people
//! who want the simulator in their own tests.
//!
//! What is true and what readers see are two things: with a [`Lag`](world::Lag) in the world, every index shows a write
//! only after a delay of its own, and a reference to a new object may fail meanwhile. The answer to a write is never
//! late. [`world`](Simulator::world) shows the truth, [`edit`](Simulator::edit) changes it behind the application's
//! back, [`history`](Simulator::history) tells every accepted write and who made it.
//!
//! Steering works from outside the process too, below each of the three bases and at the root:
//!
//! ```text
//! GET    /_simulator/requests   what was asked, counted by service, method, route and status
//! DELETE /_simulator/requests   starts counting again
//! POST   /_simulator/faults     [{"service": "graph", "route": "/groups", "fault": "throttle", "retryAfter": 7, "times": 2}]
//! GET    /_simulator/faults     the faults in force, with how many requests each met and struck
//! DELETE /_simulator/faults     ends all faults
//! POST   /_simulator/clock      {"advance": 3600}
//! ```
//!
//! Quotas are the published ones, judged on the simulator's clock, unless the world says `"quotas": "off"`.
//!
//! A `$batch` counts as one request; its items are counted apart. The same world, seed and sequence of requests give
//! the same bytes. Nothing here is imported from the rest of the crate, so that a wrong belief about the services
//! cannot hide on both sides of the wire.

pub mod world;
pub mod history;
pub mod requests;
pub mod faults;
mod clock;
mod dice;
mod lag;
mod tenancies;
mod directory;
mod estate;
mod state;
mod snapshot;
mod edit;
mod call;
mod answer;
mod refusal;
mod filter;
mod pages;
mod token;
mod quota;
mod keys;
mod login;
mod graph;
mod arm;
mod fault_answers;
mod steering;
mod certificates;
mod serve;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{Request, Response};
use jiff::Timestamp;
use uuid::Uuid;

pub use self::certificates::Certificates;
pub use self::serve::{serve, serve_tls};

use self::answer::Answer;
use self::call::{Call, To};
use self::faults::{Fault, FaultKind, Faults};
use self::history::Change;
use self::requests::{RequestRecord, Requests};
use self::state::State;
use self::world::{Customer, World};

/// A running simulator; clones share one state.
#[derive(Clone)]
pub struct Simulator {
    state: Arc<Mutex<State>>,
}

impl Simulator {
    /// Starts a world. Everything random afterwards depends on the seed alone.
    pub fn new(world: World, seed: u64) -> Self {
        let state = State::new(&world, seed);
        // A world of thousands of tenants should not stay in memory twice.
        drop(world);
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The three services under `/login`, `/graph` and `/arm`, and the steering under `/_simulator`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new().fallback(serve_request).with_state(self.clone())
    }

    /// The time on the simulator's clock.
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// Moves the simulator's clock forward, without waiting.
    pub fn advance(&self, by: Duration) {
        self.lock().clock.advance(by);
    }

    /// The true state at this moment, unseen writes included.
    pub fn world(&self) -> World {
        snapshot::world(&self.lock())
    }

    /// Changes the world behind the application's back; readers see it after the usual lag.
    ///
    /// A user taken out of `users` is deleted like an administrator deletes one: it moves to the deleted items and out
    /// of every group. One taken out of `deleted` is gone for good, one moved back to `users` is restored. A
    /// subscription given another `tenantId` loses its role assignments. The clock cannot be changed here.
    pub fn edit<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let mut state = self.lock();
        let before = snapshot::world(&state);
        let mut after = before.clone();
        let result = change(&mut after);
        edit::apply(&mut state, &before, &after);
        result
    }

    /// Changes one customer, like [`edit`](Self::edit), without a look at the others; nothing if there is no such tenant.
    pub fn edit_customer<R>(&self, tenant: Uuid, change: impl FnOnce(&mut Customer) -> R) -> Option<R> {
        let mut state = self.lock();
        let before = snapshot::customer(&state, state.directories.get(&tenant)?);
        let mut after = before.clone();
        let result = change(&mut after);
        edit::apply_customer(&mut state, &before, &after);
        Some(result)
    }

    /// The object id of the application's service principal in a tenant.
    pub fn service_principal(&self, tenant: Uuid) -> Uuid {
        let state = self.lock();
        token::service_principal(tenant, state.client_in(tenant).id)
    }

    /// Arms a fault.
    pub fn add_fault(&self, fault: Fault) {
        self.lock().faults.add(fault);
    }

    /// Disarms all faults.
    pub fn clear_faults(&self) {
        self.lock().faults = Faults::default();
    }

    /// Every request answered so far, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.lock().requests.records()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.lock().requests = Requests::default();
    }

    /// Every accepted write so far, oldest first.
    pub fn history(&self) -> Vec<Change> {
        self.lock().history.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve_request(Shared(simulator): Shared<Simulator>, request: Request<Body>) -> Response<Body> {
    let answer = match Call::read(request).await {
        Ok(call) => carry_out(&simulator, &call).await,
        Err(answer) => answer,
    };
    answer.into_response()
}

async fn carry_out(simulator: &Simulator, call: &Call) -> Answer {
    if call.to == To::Steering {
        return steering::answer(&mut simulator.lock(), call);
    }
    // The lock is not held while a slow answer waits; a request given up meanwhile was never carried out.
    let visit = simulator.lock().visit(call, false);
    let Some(visit) = visit else { return Answer::empty(404) };
    if let Some(fault) = visit.fault.as_ref().filter(|fault| fault.fault == FaultKind::Slow) {
        let delay = Duration::try_from_secs_f64(fault.delay.unwrap_or(30.0)).unwrap_or(Duration::ZERO);
        tokio::time::sleep(delay).await;
    }
    simulator.lock().carry_out(call, visit)
}

/// A time as HTTP headers write it.
fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
