//! When a failed request is sent again, and how long to wait before.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::client::bucket::LONGEST_PAUSE;
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
            // Whoever has no such address will not have it in a second.
            Kind::Malformed if error.status() == Some(404) => Next::Stop,
            Kind::Concurrent => self.after_failure(error, jitter),
            Kind::Unavailable | Kind::Unreachable | Kind::Malformed
                if repeat == Repeat::Safe || defect!(BlindRepeat) =>
            {
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
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let full = Duration::from_secs(1 << attempt.saturating_sub(1).min(6)).min(Duration::from_mins(1));
    full.mul_f64(0.5 + jitter / 2.0)
}

/// How long the service wants to be left alone: seconds, fractions of them, or a date, which counts from the service's own
/// clock if it shows one. Of several the longest; nonsense, nothing and what lies in the past say nothing; more than an hour
/// counts as an hour.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let said = headers.get_all(RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    let waits = said.filter_map(|text| {
        let text = text.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            let longest = LONGEST_PAUSE.as_secs_f64();
            return (seconds > 0.0 && !seconds.is_nan())
                .then(|| Duration::from_secs_f64(seconds.min(longest)));
        }
        let at = date(text)?;
        let from =
            |from: Timestamp| Duration::try_from(at.duration_since(from)).ok().filter(|wait| !wait.is_zero());
        let by_its_clock = server_date(headers).and_then(from);
        // A date that contradicts the service's own clock may still make sense by ours.
        let wait =
            by_its_clock.filter(|wait| *wait <= LONGEST_PAUSE).or_else(|| from(now)).or(by_its_clock)?;
        Some(wait.min(LONGEST_PAUSE))
    });
    waits.max()
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
        let longest = Some(LONGEST_PAUSE);
        for (text, wait) in [("86400", longest), ("1e300", longest), ("inf", longest)] {
            assert_eq!(read(text), wait, "{text}");
        }
        assert_eq!(read("Tue, 01 Jan 2036 00:00:00 GMT"), longest, "years are not waited");
        for text in ["0", "-1", "-inf", "soon", "NaN", "", "5 s", "Mon, 31 Dec 2029 23:59:00 GMT", "99:99"] {
            assert_eq!(read(text), None, "{text:?} says nothing");
        }
    }

    #[test]
    fn a_date_counts_from_the_services_own_clock_unless_that_makes_no_sense() {
        let ours: Timestamp = "2030-01-01T05:00:00Z".parse().unwrap();
        let read = |date: &str, after: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, date.parse().unwrap());
            for after in after {
                headers.append(RETRY_AFTER, after.parse().unwrap());
            }
            retry_after(&headers, ours)
        };
        let half_past = "Tue, 01 Jan 2030 00:00:30 GMT";
        let at_midnight = "Tue, 01 Jan 2030 00:00:00 GMT";
        assert_eq!(
            read(at_midnight, &[half_past]),
            Some(Duration::from_secs(30)),
            "our clock is five hours off"
        );
        let soon = "Tue, 01 Jan 2030 05:00:20 GMT";
        assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT", &[soon]), Some(Duration::from_secs(20)));
        assert_eq!(read("Thu, 01 Jan 2099 00:00:00 GMT", &[soon]), Some(Duration::from_secs(20)));
        assert_eq!(read("yesterday", &[soon]), Some(Duration::from_secs(20)));
        assert_eq!(
            read(at_midnight, &["3", "11", "soon"]),
            Some(Duration::from_secs(11)),
            "never earlier than asked"
        );
    }

    #[test]
    fn backoff_doubles_up_to_a_minute() {
        assert_eq!(backoff(1, 0.0), Duration::from_millis(500));
        assert_eq!(backoff(3, 0.0), Duration::from_secs(2));
        assert!(backoff(30, 0.99) < Duration::from_mins(1));
    }
}
