//! Reading role assignments: everything at, above and below a scope, one by its id, and how many there are.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Desk, Outcome, authority, scope, time};
use crate::simulator::answer::Answer;
use crate::simulator::estate::Held;
use crate::simulator::filter::{Filter, Literal, Operator};
use crate::simulator::refusal::Refusal;
use crate::simulator::world::Assignment;

/// The right to read assignments.
const READ: &str = "Microsoft.Authorization/roleAssignments/read";

/// How an answer writes the id of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// Below the subscription, as reads do.
    Subscription,
    /// Below nothing, as the answer to a PUT does.
    Tenant,
}

/// `GET {scope}/providers/Microsoft.Authorization/roleAssignments`
pub(super) fn list(desk: &Desk<'_>, at: &str) -> Outcome {
    if desk.is_delegated(at) {
        return desk.page(Vec::new(), String::clone, Value::String);
    }
    let held = held_or_denied(desk, at)?;
    authority::require(desk, held, at, READ, None)?;
    let filter = desk.call.option("$filter").map(Filter::parse).transpose();
    let filter = filter.map_err(|_| bad_filter())?;
    let wanted = wanted(desk, filter.as_ref())?;
    let rows: Vec<&Assignment> = held
        .list(desk.now)
        .into_iter()
        .filter(|row| {
            let own = own_scope(row, held);
            let above = scope::covers(&own, at);
            let below = scope::covers(at, &own) && !wanted.at_scope_only;
            (above || below) && wanted.principals.as_ref().is_none_or(|ids| ids.contains(&row.principal_id))
        })
        .collect();
    desk.page(rows, |row| row.name.to_string(), |row| shown(desk, row, held, Prefix::Subscription))
}

/// `GET {roleAssignmentId}`
pub(super) fn get(desk: &Desk<'_>, at: &str, name: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    authority::require(desk, held, at, READ, None)?;
    let row = name.parse::<Uuid>().ok().and_then(|name| held.read(name, desk.now));
    let row = row.filter(|row| scope::same(&own_scope(row, held), at));
    let Some(row) = row else {
        let text = format!("The role assignment '{name}' is not found.");
        return Err(Refusal::new(404, "RoleAssignmentNotFound", text));
    };
    Ok(Answer::json(200, shown(desk, row, held, Prefix::Subscription)))
}

/// `GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics`
pub(super) fn usage(desk: &Desk<'_>, at: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    authority::require(desk, held, at, "Microsoft.Authorization/roleAssignmentsUsageMetrics/read", None)?;
    let (limit, count) = (held.facts.assignment_limit, count(held));
    Ok(Answer::json(
        200,
        json!({
            "subscriptionId": held.facts.id,
            "roleAssignmentsLimit": limit,
            "roleAssignmentsCurrentCount": count,
            "roleAssignmentsRemainingCount": limit.saturating_sub(count),
        }),
    ))
}

/// How many assignments count towards the limit: those of the subscription and below, not inherited ones.
pub(super) fn count(held: &Held) -> usize {
    let whole = scope::of_subscription(held.facts.id);
    held.rows.values().filter(|row| scope::covers(&whole, &own_scope(row, held))).count()
}

/// The scope an assignment was made at.
pub(super) fn own_scope(row: &Assignment, held: &Held) -> String {
    row.scope.clone().unwrap_or_else(|| scope::of_subscription(held.facts.id))
}

/// An assignment as the version of the request shows it: the first one knew neither types nor conditions.
pub(super) fn shown(desk: &Desk<'_>, row: &Assignment, held: &Held, prefix: Prefix) -> Value {
    let mut shown = show(row, held, prefix);
    if desk.call.option("api-version").is_some_and(|version| version < "2018-09-01")
        && let Some(properties) = shown["properties"].as_object_mut()
    {
        for later in LATER {
            properties.remove(later);
        }
    }
    shown
}

/// Properties that came with conditions and typed principals.
const LATER: [&str; 5] =
    ["principalType", "condition", "conditionVersion", "description", "delegatedManagedIdentityResourceId"];

fn show(row: &Assignment, held: &Held, prefix: Prefix) -> Value {
    let own = own_scope(row, held);
    let root = if own == "/" { "" } else { own.as_str() };
    let before_role = match prefix {
        Prefix::Subscription => scope::of_subscription(held.facts.id),
        Prefix::Tenant => String::new(),
    };
    json!({
        "id": format!("{root}/providers/Microsoft.Authorization/roleAssignments/{}", row.name),
        "name": row.name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId":
                format!("{before_role}/providers/Microsoft.Authorization/roleDefinitions/{}", row.role),
            "principalId": row.principal_id,
            "principalType": row.principal_type,
            "scope": own,
            "condition": row.condition,
            "conditionVersion": row.condition_version,
            "createdOn": time(row.created_on),
            "updatedOn": time(row.updated_on),
            "createdBy": row.created_by,
            "updatedBy": row.updated_by.or(row.created_by),
            "delegatedManagedIdentityResourceId": null,
            "description": row.description,
        },
    })
}

/// The subscription of a scope; above subscriptions the application has no rights at all.
pub(super) fn held_or_denied<'a>(desk: &'a Desk<'_>, at: &str) -> Result<&'a Held, Refusal> {
    let above =
        at == "/" || at.to_lowercase().starts_with("/providers/microsoft.management/managementgroups");
    if above {
        return Err(desk.stranger(at));
    }
    desk.held(at)
}

/// What a filter of the list asks for.
struct Wanted {
    at_scope_only: bool,
    principals: Option<BTreeSet<Uuid>>,
}

fn wanted(desk: &Desk<'_>, filter: Option<&Filter>) -> Result<Wanted, Refusal> {
    let mut wanted = Wanted { at_scope_only: false, principals: None };
    let parts: Vec<&Filter> = match filter {
        None => Vec::new(),
        Some(Filter::And(parts)) => parts.iter().collect(),
        Some(single) => vec![single],
    };
    for part in parts {
        match part {
            Filter::Call { name, arguments } if name == "atscope" && arguments.is_empty() => {
                wanted.at_scope_only = true;
            }
            Filter::Call { name, arguments } if name == "assignedto" => {
                let user = single_id(arguments).filter(|id| !desk.directory().groups.contains_key(id));
                let user = user.ok_or_else(bad_filter)?;
                wanted.principals = Some(with_groups_of(desk, user));
            }
            Filter::Compare { path, operator: Operator::Equal, value }
                if path.eq_ignore_ascii_case("principalId") =>
            {
                let id = single_id(std::slice::from_ref(value)).ok_or_else(bad_filter)?;
                wanted.principals = Some(BTreeSet::from([id]));
            }
            _ => return Err(bad_filter()),
        }
    }
    Ok(wanted)
}

fn single_id(arguments: &[Literal]) -> Option<Uuid> {
    match arguments {
        [Literal::Text(text) | Literal::Word(text)] => text.parse().ok(),
        _ => None,
    }
}

/// A user and every group it is in, nested ones included.
fn with_groups_of(desk: &Desk<'_>, user: Uuid) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::from([user]);
    let mut open = vec![user];
    while let Some(next) = open.pop() {
        open.extend(desk.directory().groups_of(next).into_iter().filter(|group| found.insert(*group)));
    }
    found
}

fn bad_filter() -> Refusal {
    Refusal::new(400, "InvalidFilter", "The filter is not supported for role assignments.")
}
