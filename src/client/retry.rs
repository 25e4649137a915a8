//! When a failed request is sent again, and how long to wait before.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::client::error::{Error, Kind};
use crate::client::limiter::PATIENCE;

/// Whether sending a request a second time can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It cannot: GET, PUT, DELETE, a PATCH of attributes.
    Safe,
    /// It can: an answer that got lost must be followed by a look, and only then by the request again.
    AfterLookup,
}

/// How often each kind of failure is met before a request is given up.
const TRIES: u32 = 5;

/// Throttling passes by itself, and giving up early would only move the load to the next pass.
const TRIES_THROTTLED: u32 = 8;

/// What to do after a failure.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Give up.
    Stop,
    /// Wait, then send it again.
    Wait(Duration),
    /// Ask for a new token, then send it again.
    NewToken,
}

/// What has been tried for one request.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    pub(super) sent: u32,
    throttled: u32,
    failed: u32,
    renewed: bool,
}

impl Attempts {
    /// What to do after `error`. `token_is_old`: whether a new token could carry rights that this one lacks.
    /// `jitter` in [0, 1) spreads the waits of many.
    pub(super) fn after(&mut self, error: &Error, repeat: Repeat, token: TokenAge, jitter: f64) -> Next {
        match error.kind() {
            Kind::Unauthenticated if !self.renewed => {
                self.renewed = true;
                Next::NewToken
            }
            Kind::AccessDenied if !self.renewed && token == TokenAge::Old => {
                self.renewed = true;
                Next::NewToken
            }
            Kind::Throttled => {
                self.throttled += 1;
                let wait = error.retry_after().unwrap_or_else(|| backoff(self.throttled + 2, jitter));
                if self.throttled < TRIES_THROTTLED && wait <= PATIENCE {
                    Next::Wait(wait)
                } else {
                    Next::Stop
                }
            }
            Kind::Concurrent => self.after_failure(error, jitter),
            Kind::Unavailable | Kind::Unreachable | Kind::Malformed if repeat == Repeat::Safe => {
                self.after_failure(error, jitter)
            }
            _ => Next::Stop,
        }
    }

    fn after_failure(&mut self, error: &Error, jitter: f64) -> Next {
        self.failed += 1;
        let wait = error.retry_after().unwrap_or_else(|| backoff(self.failed, jitter));
        if self.failed < TRIES && wait <= PATIENCE { Next::Wait(wait) } else { Next::Stop }
    }
}

/// Whether a token was issued moments ago or could lack rights given since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenAge {
    /// Just issued: another one would say the same.
    Fresh,
    /// Issued a while ago.
    Old,
}

/// 1 s, 2 s, 4 s … up to a minute, each half fixed and half random.
pub(super) fn backoff(attempt: u32, jitter: f64) -> Duration {
    let full = Duration::from_secs(1 << attempt.saturating_sub(1).min(6)).min(Duration::from_mins(1));
    full.mul_f64(0.5 + jitter / 2.0)
}

/// How long the service wants to be left alone: seconds, fractions of them, or a date, which counts from the
/// service's own clock if it shows one. Nonsense says nothing.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e6)));
    }
    let at = date(text)?;
    let now = server_date(headers).unwrap_or(now);
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// What the service's own clock shows.
pub(super) fn server_date(headers: &HeaderMap) -> Option<Timestamp> {
    date(headers.get(DATE)?.to_str().ok()?)
}

fn date(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_all_its_forms() {
        let now: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(read("17"), Some(Duration::from_secs(17)));
        assert_eq!(read("2.128"), Some(Duration::from_millis(2128)));
        assert_eq!(read("Tue, 01 Jan 2030 00:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(read("Mon, 31 Dec 2029 23:59:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("-1"), None);
        assert_eq!(read("soon"), None);
        assert_eq!(read("NaN"), None);
    }

    #[test]
    fn backoff_doubles_up_to_a_minute() {
        assert_eq!(backoff(1, 0.0), Duration::from_millis(500));
        assert_eq!(backoff(3, 0.0), Duration::from_secs(2));
        assert!(backoff(30, 0.99) < Duration::from_mins(1));
    }
}
