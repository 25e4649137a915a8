//! Resource Manager's quotas: buckets per subscription or tenant and principal, and the authorization provider's own.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::Method;
use jiff::Timestamp;
use uuid::Uuid;

use super::bucket::Bucket;
use super::window::Window;
use super::{Headers, retry_after};
use crate::simulator::refusal::Refusal;
use crate::simulator::token::{Cloud, Token};

/// What a request asks for, as far as quotas care.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Aim {
    /// The subscription its address names.
    pub(in crate::simulator) subscription: Option<Uuid>,
    /// Whether `Microsoft.Authorization` answers it.
    pub(in crate::simulator) authorization: bool,
}

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Verb {
    Read,
    Write,
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Subscription(Uuid),
    Tenant(Uuid),
}

/// The public cloud refills buckets; the others count by the hour.
#[derive(Debug)]
enum Allowance {
    Refilled(Bucket),
    Hourly { window: Window, limit: u64 },
}

/// Requests to the authorization provider in a minute, as one of its refusals named them.
const PROVIDER: u64 = 120;

/// Every allowance in use.
#[derive(Debug, Default)]
pub(super) struct ArmQuotas {
    /// By whose it is, the principal that asks, and the kind of request.
    allowances: HashMap<(Whose, Uuid, Verb), Allowance>,
    /// By tenant and principal.
    provider: HashMap<(Uuid, Uuid), Window>,
}

impl ArmQuotas {
    /// Takes a request out of its bucket, and out of the provider's if that answers it. What is refused there was
    /// taken from the bucket; what the bucket refuses costs nothing.
    pub(super) fn admit(
        &mut self,
        token: &Token,
        aim: Aim,
        method: &Method,
        now: Timestamp,
    ) -> Result<Headers, Refusal> {
        let verb = match *method {
            Method::GET | Method::HEAD => Verb::Read,
            Method::DELETE => Verb::Delete,
            _ => Verb::Write,
        };
        let whose = aim.subscription.map_or(Whose::Tenant(token.tid), Whose::Subscription);
        let cloud = Cloud::of_audience(&token.aud);
        let left = self
            .allowances
            .entry((whose, token.oid, verb))
            .or_insert_with(|| allowance(cloud, verb, now))
            .draw(now)
            .map_err(|wait| refused(whose, verb, token, wait))?;
        if aim.authorization {
            let window = self.provider.entry((token.tid, token.oid));
            let window = window.or_insert_with(|| Window::of(Duration::from_mins(1)));
            window.draw(now, 1, PROVIDER).map_err(provider_refused)?;
        }
        Ok(vec![(remaining(whose, verb), left.to_string())])
    }
}

impl Allowance {
    fn draw(&mut self, now: Timestamp) -> Result<u64, Duration> {
        match self {
            Self::Refilled(bucket) => bucket.draw(now),
            Self::Hourly { window, limit } => window.draw(now, 1, *limit),
        }
    }
}

fn allowance(cloud: Cloud, verb: Verb, now: Timestamp) -> Allowance {
    let hourly = |limit| Allowance::Hourly { window: Window::of(Duration::from_hours(1)), limit };
    match (cloud, verb) {
        (Cloud::Public, Verb::Read) => Allowance::Refilled(Bucket::full(250, 25, now)),
        (Cloud::Public, _) => Allowance::Refilled(Bucket::full(200, 10, now)),
        (Cloud::National, Verb::Read) => hourly(12_000),
        (Cloud::National, Verb::Write) => hourly(1_200),
        (Cloud::National, Verb::Delete) => hourly(15_000),
    }
}

fn remaining(whose: Whose, verb: Verb) -> &'static str {
    match (whose, verb) {
        (Whose::Subscription(_), Verb::Read) => "x-ms-ratelimit-remaining-subscription-reads",
        (Whose::Subscription(_), Verb::Write) => "x-ms-ratelimit-remaining-subscription-writes",
        (Whose::Subscription(_), Verb::Delete) => "x-ms-ratelimit-remaining-subscription-deletes",
        (Whose::Tenant(_), Verb::Read) => "x-ms-ratelimit-remaining-tenant-reads",
        (Whose::Tenant(_), Verb::Write) => "x-ms-ratelimit-remaining-tenant-writes",
        (Whose::Tenant(_), Verb::Delete) => "x-ms-ratelimit-remaining-tenant-deletes",
    }
}

fn refused(whose: Whose, verb: Verb, token: &Token, wait: Duration) -> Refusal {
    let verb = match verb {
        Verb::Read => "read",
        Verb::Write => "write",
        Verb::Delete => "delete",
    };
    let whose = match whose {
        Whose::Subscription(id) => format!("subscription '{id}'"),
        Whose::Tenant(id) => format!("tenant '{id}'"),
    };
    let seconds = retry_after(wait);
    let text = format!(
        "Number of '{verb}' requests for {whose} actor '{}' exceeded. Please try again after '{seconds}' seconds after \
         additional tokens are available.",
        token.oid
    );
    Refusal::new(429, "TooManyRequests", text).with("retry-after", seconds)
}

fn provider_refused(wait: Duration) -> Refusal {
    let seconds = retry_after(wait);
    let text = format!(
        "Number of requests for Microsoft.Authorization exceeded the limit of '{PROVIDER}' for time interval \
         '00:01:00'. Please try again after '{seconds}' seconds."
    );
    Refusal::new(429, "ResourceRequestsThrottled", text).with("retry-after", seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(audience: &str, method: &Method, times: usize) -> usize {
        let now = Timestamp::UNIX_EPOCH;
        let token = Token::new(Uuid::from_u128(1), Uuid::from_u128(2), audience, Vec::new(), now);
        let mut quotas = ArmQuotas::default();
        let aim = Aim { subscription: Some(Uuid::from_u128(3)), authorization: false };
        (0..times).filter(|_| quotas.admit(&token, aim, method, now).is_ok()).count()
    }

    #[test]
    fn every_kind_of_request_has_its_own_allowance_in_every_cloud() {
        let (public, china) = ("https://management.azure.com", "https://management.core.chinacloudapi.cn/");
        for (audience, method, allowed) in [
            (public, Method::GET, 250),
            (public, Method::PUT, 200),
            (public, Method::DELETE, 200),
            (china, Method::GET, 12_000),
            (china, Method::PUT, 1_200),
            (china, Method::DELETE, 15_000),
        ] {
            assert_eq!(served(audience, &method, allowed + 100), allowed, "{audience} {method}");
        }
    }
}
