//! Creating, changing and deleting role assignments.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::assignments::{Prefix, count, held_or_denied, own_scope, shown};
use super::builtin::{self, OWNER, Permissions, RBAC_ADMINISTRATOR, USER_ACCESS_ADMINISTRATOR};
use super::condition::Subject;
use super::{Desk, Outcome, authority, locks, no_subscription, scope};
use crate::simulator::answer::Answer;
use crate::simulator::estate::Held;
use crate::simulator::history::Actor;
use crate::simulator::refusal::Refusal;
use crate::simulator::world::{Assignment, SubscriptionState};

const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETE: &str = "Microsoft.Authorization/roleAssignments/delete";

/// What a PUT asks for.
struct Wish {
    role: Uuid,
    /// The subscription under which the role was named.
    role_in: Option<Uuid>,
    principal: Uuid,
    principal_type: Option<String>,
    description: Option<String>,
    condition: Option<String>,
    condition_version: Option<String>,
}

/// `PUT {roleAssignmentId}`
pub(super) fn put(desk: &mut Desk<'_>, at: &str, name: &str) -> Outcome {
    let Ok(name) = name.parse::<Uuid>() else {
        let text =
            format!("The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.");
        return Err(Refusal::new(400, "InvalidRoleAssignmentId", text));
    };
    let wish = read(desk)?;
    let held = held_or_denied(desk, at)?;
    if held.facts.state == SubscriptionState::Disabled {
        let text = format!(
            "The subscription '{}' is disabled and therefore marked as read only. You cannot perform any write \
             actions on this subscription until it is re-enabled.",
            held.facts.id
        );
        return Err(Refusal::new(409, "ReadOnlyDisabledSubscription", text));
    }
    let subject = Subject {
        action: "write",
        role: wish.role,
        principal: wish.principal,
        principal_type: wish.principal_type.as_deref(),
    };
    authority::require(desk, held, at, WRITE, Some(subject))?;
    check_linked(desk, held, at, &wish)?;
    locks::check_write(held, at, name)?;
    check_role(desk, held, at, wish.role)?;
    let existing = existing(desk, held, at, name, &wish)?;
    let kind = check_principal(desk, &wish)?;
    if existing.is_none() {
        check_new(held, at, &wish)?;
    }
    let created = existing.is_none();
    let row = Assignment {
        name,
        scope: Some(existing.as_ref().map_or_else(|| scope::tidy(at), |row| own_scope(row, held))),
        role: wish.role,
        principal_id: wish.principal,
        principal_type: kind,
        description: wish.description,
        condition: wish.condition,
        condition_version: wish.condition_version,
        created_on: Some(existing.as_ref().and_then(|row| row.created_on).unwrap_or(desk.now)),
        updated_on: Some(desk.now),
        created_by: existing.map_or(Some(desk.token.oid), |row| row.created_by),
        updated_by: Some(desk.token.oid),
    };
    let subscription = held.facts.id;
    write(desk, subscription, |held, moment| held.put_row(moment, row));
    let held = desk.held(at)?;
    let row = &held.rows[&name];
    let mut body = shown(desk, row, held, Prefix::Tenant);
    if created {
        // The answer to a creation does not know yet who created it.
        body["properties"]["createdBy"] = Value::Null;
    }
    Ok(Answer::json(if created { 201 } else { 200 }, body))
}

/// `DELETE {roleAssignmentId}`: 204 when there is nothing of that name at exactly that scope.
pub(super) fn delete(desk: &mut Desk<'_>, at: &str, name: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    let row = name.parse::<Uuid>().ok().and_then(|name| held.rows.get(&name));
    let Some(row) = row.filter(|row| scope::same(&own_scope(row, held), at)) else {
        authority::require(desk, held, at, DELETE, None)?;
        return Ok(Answer::empty(204));
    };
    let subject = Subject {
        action: "delete",
        role: row.role,
        principal: row.principal_id,
        principal_type: Some(&row.principal_type),
    };
    authority::require(desk, held, at, DELETE, Some(subject))?;
    locks::check_delete(held, at, row.name)?;
    if is_last_administrator(held, row) {
        return Err(Refusal::new(
            412,
            "CannotDeleteLastRbacAdminAssignment",
            "Cannot delete the last RBAC admin assignment",
        ));
    }
    let body = shown(desk, row, held, Prefix::Tenant);
    let (subscription, name) = (held.facts.id, row.name);
    write(desk, subscription, |held, moment| held.drop_row(moment, name));
    Ok(Answer::json(200, body))
}

fn write(
    desk: &mut Desk<'_>,
    subscription: Uuid,
    change: impl FnOnce(&mut Held, &mut crate::simulator::directory::Moment<'_>),
) {
    let tenant = desk.token.tid;
    if let Some((_, estate, mut moment)) = desk.state.writer(tenant, Actor::Application)
        && let Some(held) = estate.get_mut(subscription)
    {
        change(held, &mut moment);
    }
}

fn read(desk: &Desk<'_>) -> Result<Wish, Refusal> {
    let invalid = |text: &str| Refusal::new(400, "InvalidRequestContent", text);
    let body =
        desk.call.json().map_err(|_| invalid("The request content was invalid and could not be read."))?;
    let properties = body.get("properties").and_then(Value::as_object);
    let properties = properties.ok_or_else(|| invalid("The request content has no 'properties'."))?;
    let text = |name: &str| text_of(properties, name);
    let role = text("roleDefinitionId").ok_or_else(|| invalid("The 'roleDefinitionId' is missing."))?;
    let principal = text("principalId").and_then(|id| id.parse().ok());
    let (role, role_in) = role_of(&role)?;
    let (description, condition) = (text("description"), text("condition"));
    for (name, text, most) in [("description", &description, 2 * 1024), ("condition", &condition, 8 * 1024)] {
        if text.as_ref().is_some_and(|text| text.len() > most) {
            return Err(invalid(&format!("The '{name}' is longer than {most} characters.")));
        }
    }
    Ok(Wish {
        role,
        role_in,
        principal: principal.ok_or_else(|| invalid("The 'principalId' is missing or not a GUID."))?,
        principal_type: text("principalType"),
        description,
        condition,
        condition_version: text("conditionVersion"),
    })
}

fn text_of(properties: &Map<String, Value>, name: &str) -> Option<String> {
    properties.get(name).and_then(Value::as_str).map(ToOwned::to_owned)
}

/// The role that an id names, and the subscription in the id.
fn role_of(id: &str) -> Result<(Uuid, Option<Uuid>), Refusal> {
    if id.parse::<Uuid>().is_ok() {
        let text = format!("The role definition '{id}' is not the id of a resource.");
        return Err(Refusal::new(400, "BadRequestFormat", text));
    }
    let lower = id.to_lowercase();
    let invalid = || {
        let text = format!("The role definition ID '{id}' is not valid.");
        Refusal::new(400, "InvalidRoleDefinitionId", text)
    };
    let (prefix, last) =
        lower.rsplit_once("/providers/microsoft.authorization/roledefinitions/").ok_or_else(invalid)?;
    let role = last.parse().map_err(|_| invalid())?;
    if prefix.trim_matches('/').parse::<Uuid>().is_ok() {
        // A tenant's id in front of it is a scope that does not exist.
        let text = format!("The specified role definition with ID '{role}' does not exist.");
        return Err(Refusal::new(404, "RoleDefinitionDoesNotExist", text));
    }
    Ok((role, scope::subscription(prefix)))
}

/// A role named under another subscription than the assignment's must be visible there, too.
fn check_linked(desk: &Desk<'_>, held: &Held, at: &str, wish: &Wish) -> Result<(), Refusal> {
    let Some(linked) = wish.role_in.filter(|id| *id != held.facts.id) else { return Ok(()) };
    let Some(other) = desk.state.estate.get(linked) else {
        return Err(no_subscription(&linked.to_string()));
    };
    if other.tenant == desk.token.tid && authority::sees(desk, other) {
        return Ok(());
    }
    let text = format!(
        "The client has permission to perform action '{WRITE}' on scope '{at}', however the current tenant '{}' is not \
         authorized to access linked subscription '{linked}'.",
        desk.token.tid
    );
    Err(Refusal::new(403, "LinkedAuthorizationFailed", text))
}

/// A role must exist in the tenant, and a custom one must be assignable there.
fn check_role(desk: &Desk<'_>, held: &Held, at: &str, role: Uuid) -> Result<(), Refusal> {
    let assignable = match builtin::find(role, &desk.directory().role_definitions) {
        Some(Permissions::BuiltIn(_)) => true,
        Some(Permissions::Custom(custom)) => {
            let scopes = &custom.assignable_scopes;
            scopes.is_empty() || scopes.iter().any(|upper| scope::covers(upper, at))
        }
        None => false,
    };
    if assignable {
        return Ok(());
    }
    let text = format!(
        "The specified role definition with ID '{role}' does not exist or cannot be assigned in subscription '{}'.",
        held.facts.id
    );
    Err(Refusal::new(400, "RoleDefinitionDoesNotExist", text))
}

/// The assignment a PUT updates. A name belongs to one scope, principal and role for ever, across subscriptions too.
fn existing(
    desk: &Desk<'_>,
    held: &Held,
    at: &str,
    name: Uuid,
    wish: &Wish,
) -> Result<Option<Assignment>, Refusal> {
    let Some(holder) = desk.state.estate.holder_of(desk.token.tid, name) else { return Ok(None) };
    let row = &holder.rows[&name];
    let same = holder.facts.id == held.facts.id
        && scope::same(&own_scope(row, holder), at)
        && row.principal_id == wish.principal
        && row.role == wish.role;
    if same {
        return Ok(Some(row.clone()));
    }
    Err(Refusal::new(
        400,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
    ))
}

/// The principal's type, if ARM's copy of the directory knows the principal and the type fits.
fn check_principal(desk: &Desk<'_>, wish: &Wish) -> Result<String, Refusal> {
    let (id, directory) = (wish.principal, desk.directory());
    let asks_foreign =
        wish.principal_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("ForeignGroup"));
    let partner_group = desk.state.partner != desk.token.tid
        && desk
            .state
            .directories
            .get(&desk.state.partner)
            .is_some_and(|partner| partner.groups.contains_key(&id));
    let kind = if id == desk.token.oid {
        "ServicePrincipal"
    } else if let Some(object) = directory.objects.get(&id) {
        match object.r#type.as_str() {
            "device" => "Device",
            "servicePrincipal" => "ServicePrincipal",
            other => {
                let text = format!("Principals of type {other} cannot validly be used in role assignments.");
                return Err(Refusal::new(400, "PrincipalTypeNotSupported", text));
            }
        }
    } else if directory.finds_principal(id, desk.now) {
        let user = directory.users.contains_key(&id) || directory.deleted.contains_key(&id);
        if user { "User" } else { "Group" }
    } else if partner_group {
        "ForeignGroup"
    } else {
        return Err(no_principal(id, directory.id, asks_foreign));
    };
    match &wish.principal_type {
        Some(given) if !given.eq_ignore_ascii_case(kind) => Err(Refusal::new(
            400,
            "UnmatchedPrincipalType",
            format!(
                "The PrincipalId '{}' has type '{kind}' , which is different from specified PrinciaplType '{given}'.",
                id.simple()
            ),
        )),
        _ => Ok(kind.to_owned()),
    }
}

fn no_principal(id: Uuid, tenant: Uuid, foreign: bool) -> Refusal {
    let hint = if foreign {
        "Check that you have the correct principal ID and that a partner relationship exists."
    } else {
        "Check that you have the correct principal ID. If you are creating this principal and then immediately \
         assigning a role, this error might be related to a replication delay. In this case, set the role assignment \
         principalType property to a value, such as ServicePrincipal, User, or Group.  See \
         https://aka.ms/docs-principaltype"
    };
    let text = format!("Principal {} does not exist in the directory {tenant}. {hint}", id.simple());
    Refusal::new(400, "PrincipalNotFound", text)
}

fn check_new(held: &Held, at: &str, wish: &Wish) -> Result<(), Refusal> {
    let taken = held.rows.values().any(|row| {
        row.principal_id == wish.principal && row.role == wish.role && scope::same(&own_scope(row, held), at)
    });
    if taken {
        return Err(Refusal::new(409, "RoleAssignmentExists", "The role assignment already exists."));
    }
    if count(held) >= held.facts.assignment_limit {
        return Err(Refusal::new(
            400,
            "RoleAssignmentLimitExceeded",
            "No more role assignments can be created for the subscription.",
        ));
    }
    Ok(())
}

/// Whether nobody could give access any more once this is gone.
fn is_last_administrator(held: &Held, row: &Assignment) -> bool {
    let whole = scope::of_subscription(held.facts.id);
    let administers = |row: &&Assignment| {
        let role = [OWNER, USER_ACCESS_ADMINISTRATOR, RBAC_ADMINISTRATOR].contains(&row.role);
        role && scope::same(&own_scope(row, held), &whole)
    };
    administers(&row) && held.rows.values().filter(administers).count() == 1
}
