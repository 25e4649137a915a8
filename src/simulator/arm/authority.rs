//! What a caller may do at a scope, decided from the role assignments of the subscription themselves.

use super::builtin;
use super::condition::{self, Subject};
use super::{Desk, scope};
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
            _ => return Ok(()),
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

/// Whether the caller has any role in the subscription, which makes it visible.
pub(super) fn sees(desk: &Desk<'_>, held: &Held) -> bool {
    held.rows.values().any(|row| row.principal_id == desk.token.oid)
}
