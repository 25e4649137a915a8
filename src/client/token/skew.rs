//! How far this machine's clock is from the login service's: assertions and grants go by ours.

use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::client::Client;
use crate::client::retry::server_date;

/// A difference that is worth a word. Entra itself looks past five minutes.
const NOTABLE: SignedDuration = SignedDuration::from_mins(5);

/// The last measured difference: the service's time minus ours.
#[derive(Default)]
pub(super) struct Skew(Mutex<Option<SignedDuration>>);

impl Skew {
    /// The difference in words, if there is a notable one.
    pub(super) fn words(&self) -> Option<String> {
        let skew = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let way = if skew.is_positive() { "behind" } else { "ahead of" };
        let seconds = skew.abs().as_secs();
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
        is_notable(skew)
            .then(|| format!("this machine's clock is {hours} h {minutes} min {way} the login service's"))
    }

    fn measure(&self, service: Timestamp, now: Timestamp) {
        let skew = service.duration_since(now);
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(skew);
        if is_notable(skew) && !before.is_some_and(is_notable) {
            tracing::warn!(
                seconds = skew.as_secs(),
                "this machine's clock differs from the login service's: grants begin and end by this machine's"
            );
        }
    }
}

fn is_notable(skew: SignedDuration) -> bool {
    skew.abs() >= NOTABLE
}

impl Client {
    /// Compares an answer's `Date` with our clock.
    pub(in crate::client) fn heed_date(&self, headers: &HeaderMap) {
        if let Some(date) = server_date(headers) {
            self.inner.tokens.skew.measure(date, self.inner.clock.now());
        }
    }
}
