//! Subscriptions: the list a token can see, and one by its id.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Desk, Outcome, authority, no_resource_group, no_subscription, no_subscription_id, scope, wrong_tenant,
};
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
    let Ok(parsed) = id.parse::<Uuid>() else { return Err(no_subscription_id(id)) };
    let held = desk.state.estate.get(parsed);
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

/// `GET /subscriptions/{id}/resourceGroups[/{name}]`: those that the world names. Where it names none, every one exists
/// and none is listed.
pub(super) fn resource_groups(desk: &Desk<'_>, subscription: &str, name: Option<&str>) -> Outcome {
    let at = format!("/subscriptions/{subscription}");
    let held = desk.held(&name.map_or_else(|| at.clone(), |name| format!("{at}/resourceGroups/{name}")))?;
    authority::require(desk, held, &at, "Microsoft.Resources/subscriptions/resourceGroups/read", None)?;
    let whole = scope::of_subscription(held.facts.id);
    let known = held.facts.resource_groups.as_deref().unwrap_or_default();
    let show = |group: &str| {
        json!({
            "id": format!("{whole}/resourceGroups/{group}"),
            "name": group,
            "type": "Microsoft.Resources/resourceGroups",
            "location": "westeurope",
            "properties": {"provisioningState": "Succeeded"},
        })
    };
    let Some(name) = name else {
        let mut groups: Vec<&String> = known.iter().collect();
        groups.sort();
        return desk.page(groups, |group| (*group).clone(), |group| show(group));
    };
    let own = known.iter().map(String::as_str).find(|own| own.eq_ignore_ascii_case(name));
    if held.facts.resource_groups.is_some() && own.is_none() {
        return Err(no_resource_group(name));
    }
    Ok(Answer::json(200, show(own.unwrap_or(name))))
}

/// `GET /tenants`: the one the token is for.
pub(super) fn tenants(desk: &Desk<'_>) -> Outcome {
    let directory = desk.directory();
    let show = |id: Uuid| {
        json!({
            "id": format!("/tenants/{id}"),
            "tenantId": id,
            "tenantCategory": "Home",
            "countryCode": "DE",
            "displayName": directory.name,
            "domains": [directory.domain, directory.initial_domain],
            "defaultDomain": directory.domain,
            "tenantType": "AAD",
        })
    };
    desk.page(vec![directory.id], Uuid::to_string, show)
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
