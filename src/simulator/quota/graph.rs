//! Graph's quotas: resource units, writes and requests, in sliding windows per tenant and over all tenants.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::window::Window;
use super::{Headers, retry_after};
use crate::simulator::refusal::Refusal;
use crate::simulator::token::Token;

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Cost {
    pub(in crate::simulator) units: u64,
    pub(in crate::simulator) writes: u64,
}

/// Whom a window counts, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// Resource units of an application in a tenant.
    Units { app: Uuid, tenant: Uuid },
    /// Writes of an application in a tenant.
    Writes { app: Uuid, tenant: Uuid },
    /// Writes of all applications in a tenant.
    TenantWrites { tenant: Uuid },
    /// Resource units of an application in all tenants.
    AllUnits { app: Uuid },
    /// Writes of an application in all tenants.
    AllWrites { app: Uuid },
    /// Requests of an application in all tenants, whatever they ask for.
    AllRequests { app: Uuid },
}

impl Key {
    fn span(self) -> Duration {
        Duration::from_secs(match self {
            Self::Units { .. } | Self::AllRequests { .. } => 10,
            Self::AllUnits { .. } => 20,
            Self::Writes { .. } => 150,
            Self::TenantWrites { .. } | Self::AllWrites { .. } => 300,
        })
    }

    /// How much fits. The units of a tenant go by how many users it has.
    fn limit(self, users: usize) -> u64 {
        match self {
            Self::Units { .. } if users < 50 => 3_500,
            Self::Units { .. } if users <= 500 => 5_000,
            Self::Units { .. } => 8_000,
            Self::Writes { .. } => 3_000,
            Self::TenantWrites { .. } => 18_000,
            Self::AllUnits { .. } => 150_000,
            Self::AllWrites { .. } => 35_000,
            Self::AllRequests { .. } => 130_000,
        }
    }

    /// Whose quota a refusal speaks of.
    fn scope(self) -> &'static str {
        match self {
            Self::Units { .. } => "Tenant_Application/ReadWrite",
            Self::Writes { .. } => "Tenant_Application/Write",
            Self::TenantWrites { .. } => "Tenant/Write",
            Self::AllUnits { .. } | Self::AllRequests { .. } => "Application/ReadWrite",
            Self::AllWrites { .. } => "Application/Write",
        }
    }

    /// What a refusal says was exceeded; nothing is known of the quota of requests.
    fn information(self) -> Option<&'static str> {
        match self {
            Self::Units { .. } | Self::AllUnits { .. } => Some("ResourceUnitLimitExceeded"),
            Self::Writes { .. } | Self::TenantWrites { .. } | Self::AllWrites { .. } => {
                Some("WriteLimitExceeded")
            }
            Self::AllRequests { .. } => None,
        }
    }

    /// Whether the answers to an application say how much of it is used: its own quotas in the tenant.
    fn is_shown(self) -> bool {
        matches!(self, Self::Units { .. } | Self::Writes { .. })
    }
}

/// Every window in use.
#[derive(Debug, Default)]
pub(super) struct GraphQuotas {
    windows: HashMap<Key, Window>,
}

impl GraphQuotas {
    /// Counts a request in every window it belongs to, and refuses it if one of them overflows. Refused requests have
    /// been counted, too.
    pub(super) fn admit(
        &mut self,
        token: &Token,
        users: usize,
        cost: Cost,
        now: Timestamp,
    ) -> Result<Headers, Refusal> {
        let (app, tenant) = (token.appid, token.tid);
        let charges = [
            (Key::Units { app, tenant }, cost.units),
            (Key::Writes { app, tenant }, cost.writes),
            (Key::TenantWrites { tenant }, cost.writes),
            (Key::AllUnits { app }, cost.units),
            (Key::AllWrites { app }, cost.writes),
            (Key::AllRequests { app }, 1),
        ];
        let mut exceeded: Option<(Key, Duration)> = None;
        let mut fullest: f64 = 0.0;
        for (key, cost) in charges.into_iter().filter(|(_, cost)| *cost > 0) {
            let limit = key.limit(users);
            let window = self.windows.entry(key).or_insert_with(|| Window::of(key.span()));
            window.charge(now, cost);
            if key.is_shown() {
                fullest = fullest.max(window.used() as f64 / limit as f64);
            }
            if window.used() > limit && exceeded.is_none() {
                exceeded = Some((key, window.room_in(now, cost, limit)));
            }
        }
        let share =
            (fullest >= 0.8).then(|| ("x-ms-throttle-limit-percentage", format!("{:.2}", fullest.min(1.8))));
        let Some((key, wait)) = exceeded else { return Ok(share.into_iter().collect()) };
        let mut refusal = Refusal::new(429, "TooManyRequests", "Please retry again later.")
            .with("x-ms-throttle-scope", format!("{}/{app}/{tenant}", key.scope()))
            .with("retry-after", retry_after(wait));
        if let Some(information) = key.information() {
            refusal = refusal.with("x-ms-throttle-information", information);
        }
        refusal.headers.extend(share);
        Err(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(tenant: u128, app: u128) -> Token {
        let (tenant, app) = (Uuid::from_u128(tenant), Uuid::from_u128(app));
        Token::new(tenant, app, "https://graph.microsoft.com", Vec::new(), Timestamp::UNIX_EPOCH)
    }

    fn later(seconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    const WRITE: Cost = Cost { units: 1, writes: 1 };

    /// Sends `times` writes and says whose quota refused the last of them.
    fn last_of(
        quotas: &mut GraphQuotas,
        times: u64,
        now: Timestamp,
        token: impl Fn(u64) -> Token,
    ) -> Option<String> {
        let mut last = None;
        for nth in 0..times {
            last = quotas.admit(&token(nth), 10, WRITE, now).err();
        }
        let headers = last?.headers;
        headers.into_iter().find(|(name, _)| *name == "x-ms-throttle-scope").map(|(_, scope)| scope)
    }

    #[test]
    fn an_application_shares_its_writes_over_all_tenants() {
        let mut quotas = GraphQuotas::default();
        let app = |nth: u64| token(u128::from(nth % 100), 1);
        assert_eq!(last_of(&mut quotas, 35_000, later(0), app), None);
        let scope = last_of(&mut quotas, 1, later(299), app).unwrap();
        assert!(scope.starts_with("Application/Write/"), "{scope}");
        assert_eq!(last_of(&mut quotas, 1, later(300), app), None);
    }

    #[test]
    fn a_tenant_shares_its_writes_over_all_applications() {
        let mut quotas = GraphQuotas::default();
        let app = |nth: u64| token(1, u128::from(nth % 10));
        assert_eq!(last_of(&mut quotas, 18_000, later(0), app), None);
        let scope = last_of(&mut quotas, 1, later(200), app).unwrap();
        assert!(scope.starts_with("Tenant/Write/"), "{scope}");
    }

    #[test]
    fn an_application_shares_units_and_requests_over_all_tenants() {
        let mut quotas = GraphQuotas::default();
        let ask = |quotas: &mut GraphQuotas, nth: u64, units| {
            quotas.admit(&token(u128::from(nth % 200), 1), 10, Cost { units, writes: 0 }, later(0)).is_ok()
        };
        assert_eq!((0..40_000).filter(|nth| ask(&mut quotas, *nth, 5)).count(), 30_000);
        let mut quotas = GraphQuotas::default();
        assert_eq!((0..140_000).filter(|nth| ask(&mut quotas, *nth, 1)).count(), 130_000);
    }
}
