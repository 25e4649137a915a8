//! Deny assignments: reading them, and being stopped by them. They beat every role.

use serde_json::{Value, json};
use uuid::Uuid;

use super::assignments::held_or_denied;
use super::{Desk, Outcome, authority, builtin, scope};
use crate::simulator::answer::Answer;
use crate::simulator::estate::Held;
use crate::simulator::refusal::Refusal;
use crate::simulator::world::DenyAssignment;

const READ: &str = "Microsoft.Authorization/denyAssignments/read";

/// `GET {scope}/providers/Microsoft.Authorization/denyAssignments`
pub(super) fn list(desk: &Desk<'_>, at: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    authority::require(desk, held, at, READ, None)?;
    let near = |denial: &&DenyAssignment| {
        let own = own_scope(denial, held);
        scope::covers(&own, at) || scope::covers(at, &own)
    };
    let mut found: Vec<&DenyAssignment> = held.facts.deny_assignments.iter().filter(near).collect();
    found.sort_by_key(|denial| denial.id);
    desk.page(found, |denial| denial.id.to_string(), |denial| show(denial, held))
}

/// `GET {denyAssignmentId}`
pub(super) fn get(desk: &Desk<'_>, at: &str, name: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    authority::require(desk, held, at, READ, None)?;
    let id = name.parse::<Uuid>().ok();
    let denial = held
        .facts
        .deny_assignments
        .iter()
        .find(|denial| Some(denial.id) == id && scope::same(&own_scope(denial, held), at));
    let Some(denial) = denial else {
        let text = format!("The deny assignment '{name}' is not found.");
        return Err(Refusal::new(404, "DenyAssignmentNotFound", text));
    };
    Ok(Answer::json(200, show(denial, held)))
}

/// Refuses what a deny assignment forbids the caller there.
pub(super) fn check(desk: &Desk<'_>, held: &Held, at: &str, action: &str) -> Result<(), Refusal> {
    let (client, object) = (desk.token.appid, desk.token.oid);
    let Some(denial) =
        held.facts.deny_assignments.iter().find(|denial| denies(denial, held, at, action, object))
    else {
        return Ok(());
    };
    let own = own_scope(denial, held);
    Err(Refusal::new(
        403,
        "DenyAssignmentAuthorizationFailed",
        format!(
            "The client '{client}' with object id '{object}' has permission to perform action '{action}' on scope \
             '{at}'; however, the access is denied because of the deny assignment with name '{}' and Id '{}' at scope \
             '{own}'.",
            denial.name,
            denial.id.simple(),
        ),
    ))
}

fn denies(denial: &DenyAssignment, held: &Held, at: &str, action: &str, principal: Uuid) -> bool {
    let own = own_scope(denial, held);
    let here = if denial.not_below { scope::same(&own, at) } else { scope::covers(&own, at) };
    // Everyone has the nil id.
    let meant = denial.principals.iter().any(|id| id.is_nil() || *id == principal)
        && !denial.except.contains(&principal);
    here && meant && builtin::allows(&denial.actions, &denial.not_actions, action)
}

fn own_scope(denial: &DenyAssignment, held: &Held) -> String {
    denial.scope.as_deref().map_or_else(|| scope::of_subscription(held.facts.id), scope::tidy)
}

fn show(denial: &DenyAssignment, held: &Held) -> Value {
    let own = own_scope(denial, held);
    let principal = |id: &Uuid| {
        let kind = if id.is_nil() { "SystemDefined" } else { "ServicePrincipal" };
        json!({"id": id, "type": kind, "displayName": null})
    };
    json!({
        "id": format!("{own}/providers/Microsoft.Authorization/denyAssignments/{}", denial.id),
        "name": denial.id,
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": denial.name,
            "description": "",
            "permissions": [{
                "actions": denial.actions,
                "notActions": denial.not_actions,
                "dataActions": [],
                "notDataActions": [],
            }],
            "scope": own,
            "doNotApplyToChildScopes": denial.not_below,
            "principals": denial.principals.iter().map(principal).collect::<Vec<_>>(),
            "excludePrincipals": denial.except.iter().map(principal).collect::<Vec<_>>(),
            "isSystemProtected": true,
        },
    })
}
