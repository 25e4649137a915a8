//! Refusals that hold in every tenant: asked for once, then remembered for a while.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::client::error::Error;
use crate::model::ids::ClientId;

/// How long a refusal is believed before it is tried again: long enough for a whole sweep to stop on it, short enough for a
/// controller to notice a new secret.
const BELIEVED: SignedDuration = SignedDuration::from_mins(2);

/// The applications whose proof was refused lately.
#[derive(Default)]
pub(super) struct Refusals(Mutex<BTreeMap<ClientId, (Timestamp, Error)>>);

impl Refusals {
    /// Fails if the proof of that application was refused moments ago.
    pub(super) fn recall(&self, app: ClientId, now: Timestamp) -> Result<(), Error> {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match refused.get(&app) {
            Some((at, error)) if now.duration_since(*at) < BELIEVED => Err(error.clone()),
            Some(_) => {
                refused.remove(&app);
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn remember(&self, app: ClientId, now: Timestamp, error: &Error) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(app, (now, error.clone()));
    }
}
