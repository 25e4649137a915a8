//! What a caller may do at a scope, decided from the role assignments of the subscription themselves.

use serde_json::{Value, json};

use super::assignments::held_or_denied;
use super::builtin::{self, Permissions};
use super::condition::{self, Subject};
use super::{Desk, Outcome, denials, scope};
use crate::simulator::estate::Held;
use crate::simulator::refusal::Refusal;

/// Refuses an action the caller's own role assignments do not allow there.
pub(super) fn require(
    desk: &Desk<'_>,
    held: &Held,
    at: &str,
    action: &str,
    subject: Option<Subject<'_>>,
) -> Result<(), Refusal> {
    let custom = &desk.directory().role_definitions;
    let mut stopped_by_condition = false;
    for row in held.rows.values().filter(|row| row.principal_id == desk.token.oid) {
        let here = row.scope.as_deref().is_some_and(|own| scope::covers(own, at));
        let allowed = builtin::find(row.role, custom).is_some_and(|role| role.allows(action));
        if !(here && allowed) {
            continue;
        }
        match (&row.condition, subject) {
            (Some(condition), Some(subject)) if !condition::passes(condition, subject) => {
                stopped_by_condition = true;
            }
            _ => return denials::check(desk, held, at, action),
        }
    }
    let (client, object) = (desk.token.appid, desk.token.oid);
    let message = if stopped_by_condition {
        format!(
            "The client '{client}' with object id '{object}' has an authorization with ABAC condition that is not \
             fulfilled to perform action '{action}' over scope '{at}'."
        )
    } else {
        format!(
            "The client '{client}' with object id '{object}' does not have authorization to perform action \
             '{action}' over scope '{at}' or the scope is invalid. If access was recently granted, please refresh \
             your credentials."
        )
    };
    Err(Refusal::new(403, "AuthorizationFailed", message))
}

/// `GET {scope}/providers/Microsoft.Authorization/permissions`: what the caller's own roles allow there.
pub(super) fn permissions(desk: &Desk<'_>, at: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    let custom = &desk.directory().role_definitions;
    let own = held.rows.values().filter(|row| {
        row.principal_id == desk.token.oid && row.scope.as_deref().is_some_and(|own| scope::covers(own, at))
    });
    let show = |(_, permissions, condition): (String, Permissions<'_>, Option<&String>)| -> Value {
        match permissions {
            Permissions::BuiltIn(role) => json!({
                "actions": role.actions, "notActions": role.not_actions,
                "dataActions": role.data_actions, "notDataActions": [],
                "condition": condition, "conditionVersion": condition.map(|_| "2.0"),
            }),
            Permissions::Custom(role) => json!({
                "actions": role.actions, "notActions": role.not_actions,
                "dataActions": role.data_actions, "notDataActions": role.not_data_actions,
                "condition": condition, "conditionVersion": condition.map(|_| "2.0"),
            }),
        }
    };
    let found = own.filter_map(|row| {
        Some((row.name.to_string(), builtin::find(row.role, custom)?, row.condition.as_ref()))
    });
    desk.page(found.collect(), |(name, ..)| name.clone(), show)
}

/// Whether the caller has any role in the subscription, which makes it visible.
pub(super) fn sees(desk: &Desk<'_>, held: &Held) -> bool {
    held.rows.values().any(|row| row.principal_id == desk.token.oid)
}
