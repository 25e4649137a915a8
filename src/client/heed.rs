//! What an answer's headers say about budgets: nearly used up, used up, or cheaper than thought.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::client::Client;
use crate::client::error::{Error, Kind, Service};
use crate::client::http::Call;
use crate::client::limiter::{Exceeded, Left, usage};

/// How long a budget rests after a refusal that does not say how long.
const UNSAID: Duration = Duration::from_secs(5);

/// Fewer requests left than this in one of Azure's buckets, which hold 200 and more, and we slow down.
const LOW: f64 = 20.0;

/// So many left, and we may be as quick as we ever are.
const PLENTY: f64 = 100.0;

/// Graph shows how much of a quota is used from here on; 1.0 is all of it.
const CLOSE: f64 = 0.8;

impl Client {
    /// Corrects the budgets of a request by what the service says of its own. Headers that are missing or absurd say
    /// nothing.
    pub(super) fn heed_quota(&self, call: &Call, status: StatusCode, headers: &HeaderMap) {
        let limiter = &self.inner.limiter;
        if call.service == Service::Graph {
            let close = number(headers, "x-ms-throttle-limit-percentage").filter(|share| *share >= CLOSE);
            if close.is_some() {
                limiter.near(&call.charges);
            }
            let units = number(headers, "x-ms-resource-unit").filter(|units| (1.0..=1000.0).contains(units));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1000")]
            let units = units.map(|units| units.ceil() as u32);
            if let (true, Some(units)) = (status.is_success(), units) {
                limiter.correct_units(&call.charges, units);
            }
            self.measure_cost(call, status, units);
            return;
        }
        self.measure_cost(call, status, None);
        for (name, value) in headers {
            let Some(of) = name.as_str().strip_prefix("x-ms-ratelimit-remaining-") else { continue };
            let Some(left) = value.to_str().ok().and_then(|text| text.trim().parse::<f64>().ok()) else {
                continue;
            };
            // A provider that counts for itself says so in the name.
            let whose = if of.contains("-resource-") { Left::OfProvider } else { Left::OfAzure };
            if left < LOW {
                limiter.low(&call.charges, whose);
            } else if left >= PLENTY {
                limiter.plenty(&call.charges, whose);
            }
        }
    }

    /// Counts what a request, or an item of a batch, has cost: by the service's word, else by our own reckoning. What was
    /// refused for being too many costs nothing that anybody counts.
    fn measure_cost(&self, call: &Call, status: StatusCode, said: Option<u32>) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            return;
        }
        let usage = usage(&call.charges);
        let units = said.map_or(usage.units, u64::from);
        self.inner.metrics.requests.cost(call.service.name(), units, usage.writes + usage.azure_writes);
    }

    /// Pauses the budget that the service found exceeded, so that others don't run into the same refusal.
    pub(super) fn heed_throttling(&self, call: &Call, headers: &HeaderMap, error: &Error) {
        if error.kind() != Kind::Throttled {
            return;
        }
        let exceeded = match call.service {
            Service::Login => {
                self.inner.metrics.requests.throttled(call.service.name(), "login");
                return;
            }
            Service::Graph => graph_exceeded(headers),
            Service::Arm if error.code() == Some("ResourceRequestsThrottled") => Exceeded::Authorization,
            Service::Arm => Exceeded::Arm,
        };
        self.inner.metrics.requests.throttled(call.service.name(), exceeded.name());
        self.inner.limiter.pause(&call.charges, exceeded, error.retry_after().unwrap_or(UNSAID));
    }
}

/// A header as a number that is one.
fn number(headers: &HeaderMap, name: &str) -> Option<f64> {
    headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Which Graph budget a 429 is about; without the header, the tenant's.
fn graph_exceeded(headers: &HeaderMap) -> Exceeded {
    let scope = headers.get("x-ms-throttle-scope").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = scope.split('/');
    let (whose, what) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (whose.eq_ignore_ascii_case("application"), what.eq_ignore_ascii_case("write")) {
        (true, true) => Exceeded::AppWrites,
        (true, false) => Exceeded::App,
        (false, true) => Exceeded::TenantWrites,
        (false, false) => Exceeded::Tenant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttling_scope_names_the_budget() {
        let read = |scope: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-ms-throttle-scope", scope.parse().unwrap());
            graph_exceeded(&headers)
        };
        assert_eq!(read("Application/Write/app/-"), Exceeded::AppWrites);
        assert_eq!(read("Application/ReadWrite/app/-"), Exceeded::App);
        assert_eq!(read("Tenant_Application/Write/app/tenant"), Exceeded::TenantWrites);
        assert_eq!(read("Tenant/Read/-/tenant"), Exceeded::Tenant);
        assert_eq!(graph_exceeded(&HeaderMap::new()), Exceeded::Tenant);
    }

    #[test]
    fn an_absurd_number_says_nothing() {
        for text in ["", "NaN", "inf", "many", "0x10"] {
            let mut headers = HeaderMap::new();
            headers.insert("x-ms-resource-unit", text.parse().unwrap());
            assert_eq!(number(&headers, "x-ms-resource-unit"), None, "{text}");
        }
    }
}
