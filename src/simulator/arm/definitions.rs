//! Role definitions: the built-in ones, and the customer's own.

use serde_json::{Value, json};
use uuid::Uuid;

use super::builtin::{self, Permissions, ROLES};
use super::{Desk, Outcome, authority, scope};
use crate::simulator::answer::Answer;
use crate::simulator::filter::{Filter, Property};
use crate::simulator::refusal::Refusal;

const READ: &str = "Microsoft.Authorization/roleDefinitions/read";

/// `GET {scope}/providers/Microsoft.Authorization/roleDefinitions`
pub(super) fn list(desk: &Desk<'_>, at: &str) -> Outcome {
    check_readable(desk, at)?;
    let filter = desk.call.option("$filter").map(Filter::parse).transpose();
    let filter = filter.map_err(|_| bad_filter())?;
    let custom = &desk.directory().role_definitions;
    let below_too = matches!(&filter, Some(Filter::Call { name, .. }) if name == "atscopeandbelow");
    let applies = |role: &Permissions<'_>| match role {
        Permissions::BuiltIn(_) => true,
        Permissions::Custom(custom) => {
            let scopes = &custom.assignable_scopes;
            let here = |upper: &String| scope::covers(upper, at) || (below_too && scope::covers(at, upper));
            scopes.is_empty() || scopes.iter().any(here)
        }
    };
    let all = ROLES.iter().map(Permissions::BuiltIn).chain(custom.iter().map(Permissions::Custom));
    let mut found: Vec<Permissions<'_>> = all.filter(applies).collect();
    match &filter {
        None => {}
        Some(_) if below_too => {}
        Some(filter) if filter.paths().iter().all(|path| ["roleName", "type"].contains(path)) => {
            found.retain(|role| filter.holds(&|path| property(*role, path)));
        }
        Some(_) => return Err(bad_filter()),
    }
    found.sort_by_key(|role| id(*role));
    desk.page(found, |role| id(*role).to_string(), |role| show(role, at))
}

/// `GET {scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}`
pub(super) fn get(desk: &Desk<'_>, at: &str, name: &str) -> Outcome {
    check_readable(desk, at)?;
    let custom: &[_] = if at == "/" { &[] } else { &desk.directory().role_definitions };
    let role = name.parse().ok().and_then(|id| builtin::find(id, custom));
    let Some(role) = role else {
        let text = format!("The specified role definition with ID '{name}' does not exist.");
        return Err(Refusal::new(404, "RoleDefinitionDoesNotExist", text));
    };
    Ok(Answer::json(200, show(role, at)))
}

/// The built-in roles can be read by anyone at the level of the tenant.
fn check_readable(desk: &Desk<'_>, at: &str) -> Result<(), Refusal> {
    if at == "/" {
        return Ok(());
    }
    authority::require(desk, super::assignments::held_or_denied(desk, at)?, at, READ, None)
}

fn id(role: Permissions<'_>) -> Uuid {
    match role {
        Permissions::BuiltIn(role) => role.id,
        Permissions::Custom(role) => role.id,
    }
}

fn property<'a>(role: Permissions<'a>, path: &str) -> Option<Property<'a>> {
    match (path, role) {
        ("roleName", Permissions::BuiltIn(role)) => Some(Property::text(role.name)),
        ("roleName", Permissions::Custom(role)) => Some(Property::text(&role.role_name)),
        ("type", Permissions::BuiltIn(_)) => Some(Property::text("BuiltInRole")),
        ("type", Permissions::Custom(_)) => Some(Property::text("CustomRole")),
        _ => None,
    }
}

/// A role as ARM shows it; the prefix of its id follows the way it was asked for.
fn show(role: Permissions<'_>, at: &str) -> Value {
    let prefix = scope::subscription(at).map(scope::of_subscription).unwrap_or_default();
    let id = id(role);
    let properties = match role {
        Permissions::BuiltIn(role) => json!({
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.description,
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": role.actions,
                "notActions": role.not_actions,
                "dataActions": role.data_actions,
                "notDataActions": [],
            }],
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2021-11-11T20:13:47.8628684Z",
            "createdBy": null,
            "updatedBy": null,
        }),
        Permissions::Custom(role) => {
            let everywhere = vec![if prefix.is_empty() { "/".to_owned() } else { prefix.clone() }];
            let scopes =
                if role.assignable_scopes.is_empty() { &everywhere } else { &role.assignable_scopes };
            json!({
                "roleName": role.role_name,
                "type": "CustomRole",
                "description": role.description,
                "assignableScopes": scopes,
                "permissions": [{
                    "actions": role.actions,
                    "notActions": role.not_actions,
                    "dataActions": role.data_actions,
                    "notDataActions": role.not_data_actions,
                }],
                "createdOn": "2024-05-06T07:08:09.1234567Z",
                "updatedOn": "2024-05-06T07:08:09.1234567Z",
                "createdBy": null,
                "updatedBy": null,
            })
        }
    };
    json!({
        "id": format!("{prefix}/providers/Microsoft.Authorization/roleDefinitions/{id}"),
        "name": id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": properties,
    })
}

fn bad_filter() -> Refusal {
    Refusal::new(400, "InvalidFilter", "The filter is not supported for role definitions.")
}
