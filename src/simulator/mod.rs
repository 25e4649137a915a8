//! Login, Microsoft Graph and Azure Resource Manager for thousands of tenants in one process.

pub mod world;
pub mod history;
pub mod requests;
pub mod faults;
mod clock;
mod dice;
mod serve;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

pub use self::serve::serve;

use self::clock::Clock;
use self::faults::{Fault, Faults};
use self::history::Change;
use self::requests::{RequestRecord, Requests};
use self::world::World;

/// A running simulator; clones share one state.
#[derive(Clone)]
pub struct Simulator {
    state: Arc<Mutex<State>>,
}

struct State {
    clock: Clock,
    world: World,
    faults: Faults,
    requests: Requests,
    history: Vec<Change>,
}

impl Simulator {
    /// Starts a world. Everything random afterwards depends on the seed alone.
    pub fn new(world: World, _seed: u64) -> Self {
        let state = State {
            clock: Clock::starting_at(world.clock),
            world,
            faults: Faults::default(),
            requests: Requests::default(),
            history: Vec::new(),
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// The three services under `/login`, `/graph` and `/arm`, and the steering under `/_simulator`.
    pub fn router(&self) -> axum::Router {
        axum::Router::new().with_state(self.clone())
    }

    /// The time on the simulator's clock.
    pub fn now(&self) -> Timestamp {
        self.lock().clock.now()
    }

    /// Moves the simulator's clock forward, without waiting.
    pub fn advance(&self, by: Duration) {
        self.lock().clock.advance(by);
    }

    /// The true state at this moment, unseen writes included.
    pub fn world(&self) -> World {
        self.lock().world.clone()
    }

    /// Changes the world behind the application's back.
    pub fn edit<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        change(&mut self.lock().world)
    }

    /// The object id of the application's service principal in a tenant.
    pub fn service_principal(&self, tenant: Uuid) -> Uuid {
        Uuid::new_v5(&tenant, self.lock().world.client.id.as_bytes())
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
