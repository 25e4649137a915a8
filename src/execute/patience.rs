//! How long to wait for what was written to become visible to the next request.

use std::time::Duration;

use crate::client::error::Error;
use crate::client::halt::Halt;
use crate::clock::Clock;

/// How often and after which pauses a call is repeated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    first: Duration,
    longest: Duration,
    total: Duration,
}

/// For references to directory objects made moments ago: replicas of one tenant agree within seconds, seldom minutes.
pub(super) const DIRECTORY: Patience = Patience {
    first: Duration::from_secs(2),
    longest: Duration::from_secs(30),
    total: Duration::from_mins(5),
};

/// For groups that Azure does not know yet: the documented cure is to wait a few minutes.
pub(super) const AZURE: Patience = Patience {
    first: Duration::from_secs(5),
    longest: Duration::from_mins(1),
    total: Duration::from_mins(10),
};

/// Why a call was given up.
#[derive(Debug, Clone)]
pub(super) enum GivenUp {
    /// It was not even made, or not again.
    NotBegun(String),
    /// It was not made, because what it needs must not be.
    Refused(String),
    /// The service's last word.
    Failed(Error),
}

impl Patience {
    /// Makes a call, and makes it again, after longer and longer pauses, as long as it fails in a way that time may mend.
    /// The kill switch is looked at before each attempt and ends a pause.
    pub(super) async fn call<T>(
        self,
        clock: &Clock,
        halt: &Halt,
        may_mend: impl Fn(&Error) -> bool,
        mut attempt: impl AsyncFnMut() -> Result<T, Error>,
    ) -> Result<T, GivenUp> {
        let mut pause = self.first;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(reason) = halt.reason() {
                return Err(GivenUp::NotBegun(reason));
            }
            match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) if waited >= self.total || !may_mend(&error) => {
                    return Err(GivenUp::Failed(error));
                }
                Err(_) => {}
            }
            tokio::select! {
                () = clock.sleep(pause) => {}
                () = halt.thrown() => {}
            }
            waited += pause;
            pause = (pause * 2).min(self.longest);
        }
    }
}
