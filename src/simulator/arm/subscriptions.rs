//! Subscriptions: the list a token can see, and one by its id.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, Outcome, authority, no_subscription, wrong_tenant};
use crate::simulator::answer::Answer;
use crate::simulator::estate::Held;
use crate::simulator::world::SubscriptionState;

/// `GET /subscriptions`
pub(super) fn list(desk: &Desk<'_>) -> Outcome {
    let tenant = desk.token.tid;
    let mut seen: Vec<&Held> = desk
        .state
        .estate
        .seen_by(tenant)
        .filter(|held| held.facts.state != SubscriptionState::Deleted)
        // A delegated subscription shows without any assignment: Lighthouse leaves none.
        .filter(|held| held.tenant != tenant || authority::sees(desk, held))
        .collect();
    seen.sort_by_key(|held| held.facts.id);
    desk.page(seen, |held| held.facts.id.to_string(), show)
}

/// `GET /subscriptions/{id}`
pub(super) fn get(desk: &Desk<'_>, id: &str) -> Outcome {
    let held = id.parse::<Uuid>().ok().and_then(|id| desk.state.estate.get(id));
    let held = held.filter(|held| held.facts.state != SubscriptionState::Deleted);
    let Some(held) = held else { return Err(no_subscription(id)) };
    if held.tenant != desk.token.tid && !held.facts.managed_by_tenants.contains(&desk.token.tid) {
        return Err(wrong_tenant(desk.token.tid, held.tenant));
    }
    if held.tenant == desk.token.tid && !authority::sees(desk, held) {
        return Err(no_subscription(id));
    }
    Ok(Answer::json(200, show(held)))
}

fn show(held: &Held) -> Value {
    let facts = &held.facts;
    let managed_by: Vec<Value> =
        facts.managed_by_tenants.iter().map(|tenant| json!({"tenantId": tenant})).collect();
    json!({
        "id": format!("/subscriptions/{}", facts.id),
        "subscriptionId": facts.id,
        "tenantId": held.tenant,
        "displayName": facts.alias,
        "state": facts.state,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "CSP_2015-05-01",
            "spendingLimit": "Off",
        },
        "authorizationSource": "RoleBased",
        "managedByTenants": managed_by,
        "tags": {},
    })
}
