//! What the services let through in a time and what each request takes of it: the client keeps to these numbers, and the
//! forecast of a plan counts with them.

use crate::model::cloud::Cloud;

/// A quota as a bucket: never more than `burst + per_second × window` passes in any window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// What passes at once.
    pub burst: u32,
    /// What passes in the long run.
    pub per_second: f64,
}

impl Quota {
    const fn new(burst: u32, per_second: f64) -> Self {
        Self { burst, per_second }
    }

    /// How many seconds `cost` takes that meets a full bucket.
    pub fn seconds(self, cost: u64) -> f64 {
        (cost as f64 - f64::from(self.burst)).max(0.0) / self.per_second
    }
}

// The services count in windows, so burst + rate × window stays within what they allow.

/// Graph resource units in one tenant, a large one: 8,000 in ten seconds.
pub const TENANT_UNITS: Quota = Quota::new(1_142, 685.7);
/// The resource units of ten seconds in a small, a medium and a large tenant. One of unknown size counts as small.
pub const TENANT_SIZES: [f64; 3] = [3_500.0, 5_000.0, 8_000.0];
/// Graph writes in one tenant: 3,000 in 150 s, less what waits in the queues that all tenants share. The quota over all
/// applications of a tenant, 18,000 in 300 s, is never reached by this one alone.
pub const TENANT_WRITES: Quota = Quota::new(250, 18.0);
/// Graph requests over all tenants, those inside a batch included: 130,000 in ten seconds.
pub const GRAPH_REQUESTS: Quota = Quota::new(10_000, 12_000.0);
/// Graph resource units over all tenants: 150,000 in 20 s.
pub const GRAPH_UNITS: Quota = Quota::new(10_000, 7_000.0);
/// Graph writes over all tenants: 35,000 in 300 s.
pub const GRAPH_WRITES: Quota = Quota::new(800, 114.0);
/// What the authorization provider answers in one tenant: it was seen to refuse above 120 in a minute.
pub const AUTHORIZATION: Quota = Quota::new(20, 1.5);

/// What Resource Manager counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// GET.
    Read,
    /// PUT, POST, PATCH.
    Write,
    /// DELETE.
    Delete,
}

/// What Resource Manager answers about one subscription. Public: token buckets of 250, 200 and 200, taken as they are.
/// Elsewhere per hour: 12,000 reads, 1,200 writes, 15,000 deletes.
pub fn azure(cloud: Cloud, verb: Verb) -> Quota {
    match (cloud, verb) {
        (Cloud::Global, Verb::Read) => Quota::new(250, 25.0),
        (Cloud::Global, Verb::Write | Verb::Delete) => Quota::new(200, 10.0),
        (_, Verb::Read) => Quota::new(300, 3.25),
        (_, Verb::Write) => Quota::new(120, 0.3),
        (_, Verb::Delete) => Quota::new(600, 4.0),
    }
}

/// How many members one request adds to a group, and how many requests one `$batch` holds: Graph's limits.
pub const AT_ONCE: usize = 20;

/// The longest page of a list that Graph gives.
pub const PAGE: usize = 999;

/// Resource units of a read of an object or of a plain list, and of every write.
pub const UNIT: u32 = 1;
/// Resource units of a page of a group's members.
pub const MEMBERS_UNITS: u32 = 2;
/// Resource units of a page of everybody in a group, directly or nested.
pub const FLATTENED_UNITS: u32 = 4;
/// Resource units of a page of a change feed.
pub const FEED_UNITS: u32 = 5;

/// What one request that adds so many members to a group counts: Graph is said to count one write for every three.
pub fn writes_to_add(members: usize) -> u32 {
    u32::try_from(members.div_ceil(3)).unwrap_or(u32::MAX)
}

/// How many customers are written to at the same time. Budgets, not this, set the pace: a customer with new groups spends
/// a minute waiting for Azure to learn of them, and the quota over all tenants is worth the writes of about sixty such.
pub const WRITTEN_AT_ONCE: usize = 64;

/// At how many customers access is withdrawn at the same time. Of a withdrawal most of the time goes into the wait before it is
/// looked at again, which draws from no budget; a leaver is in up to 490 tenants.
pub const WITHDRAWN_AT_ONCE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_of_a_quota_exceeds_what_the_service_allows() {
        let quotas = [
            (TENANT_UNITS, 8_000.0, 10.0),
            (TENANT_WRITES, 3_000.0, 150.0),
            (GRAPH_REQUESTS, 130_000.0, 10.0),
            (GRAPH_UNITS, 150_000.0, 20.0),
            (GRAPH_WRITES, 35_000.0, 300.0),
            (AUTHORIZATION, 120.0, 60.0),
            (azure(Cloud::UsGov, Verb::Read), 12_000.0, 3_600.0),
            (azure(Cloud::China, Verb::Write), 1_200.0, 3_600.0),
            (azure(Cloud::UsGovDod, Verb::Delete), 15_000.0, 3_600.0),
        ];
        for (quota, allowed, window) in quotas {
            let most = f64::from(quota.burst) + quota.per_second * window;
            assert!(most <= allowed, "{quota:?}: {most} in {window} s");
            assert!(most >= 0.9 * allowed, "{quota:?} leaves too much of {allowed} unused: {most}");
        }
        assert_eq!(azure(Cloud::Global, Verb::Read), Quota::new(250, 25.0));
        assert_eq!(azure(Cloud::Global, Verb::Write), Quota::new(200, 10.0));
    }
}
