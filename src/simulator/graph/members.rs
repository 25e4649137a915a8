//! Members and owners of groups: listing, adding, removing, and the deletion that looks like a removal.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::group_writes::check_writable;
use super::objects::show_mixed;
use super::paging;
use super::query::{OBJECT_FILTERS, Query, selected};
use super::{DELETE_GROUPS, DELETE_USERS, READ_DIRECTORY};
use crate::simulator::answer::Answer;
use crate::simulator::directory::Directory;
use crate::simulator::refusal::{Refusal, bad_request, denied, no_such, unsupported_query};

/// How many owners a group may have.
const MOST_OWNERS: usize = 100;

/// A relation that references can be added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Members,
    Owners,
}

impl Relation {
    fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Owners => "owners",
        }
    }
}

/// `GET /groups/{id}/members`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    let members = shown_members(desk)?;
    show_list(desk, members)
}

/// `GET /groups/{id}/members/$count`
pub(super) fn count(desk: &mut Desk<'_>) -> Outcome {
    let members = shown_members(desk)?;
    paging::count(desk, members.len())
}

/// `GET /groups/{id}/members/microsoft.graph.{type}`: one type only, and only with the advanced headers.
pub(super) fn list_cast(desk: &mut Desk<'_>) -> Outcome {
    let members = shown_members(desk)?;
    cast(desk, members)
}

/// `GET /groups/{id}/transitiveMembers`
pub(super) fn list_transitive(desk: &mut Desk<'_>) -> Outcome {
    let members = shown_transitive_members(desk)?;
    show_list(desk, members)
}

/// `GET /groups/{id}/transitiveMembers/microsoft.graph.{type}`
pub(super) fn list_transitive_cast(desk: &mut Desk<'_>) -> Outcome {
    let members = shown_transitive_members(desk)?;
    cast(desk, members)
}

/// `GET /groups/{id}/owners`
pub(super) fn list_owners(desk: &mut Desk<'_>) -> Outcome {
    let id = readable_group(desk)?;
    let owners = desk.directory().groups.get(&id).map(|group| group.owners.clone()).unwrap_or_default();
    show_list(desk, owners)
}

/// `POST /groups/{id}/owners/$ref`
pub(super) fn add_owner(desk: &mut Desk<'_>) -> Outcome {
    let (id, link) = new_reference(desk)?;
    let group = desk.directory().groups.get(&id).ok_or_else(|| no_such(&id.to_string()))?;
    check_writable(desk, group, false)?;
    add_all(desk, id, &[], &[link])?;
    Ok(Answer::empty(204))
}

/// `DELETE /groups/{id}/owners/{id}/$ref`
pub(super) fn remove_owner(desk: &mut Desk<'_>) -> Outcome {
    let (id, owner) = (desk.id(0)?, desk.id(1)?);
    let group = desk.directory().groups.get(&id).ok_or_else(|| no_such(&id.to_string()))?;
    check_writable(desk, group, false)?;
    if !group.owners.contains(&owner) {
        return Err(no_such(&owner.to_string()));
    }
    if group.owners.len() == 1 {
        return Err(bad_request(
            "The group must have at least one owner, hence this owner cannot be removed.",
        ));
    }
    let (directory, mut moment) = desk.writer();
    directory.remove_owner(&mut moment, id, owner);
    Ok(Answer::empty(204))
}

/// `POST /groups/{id}/members/$ref`
pub(super) fn add(desk: &mut Desk<'_>) -> Outcome {
    let (id, link) = new_reference(desk)?;
    let group = desk.directory().groups.get(&id).ok_or_else(|| no_such(&id.to_string()))?;
    check_writable(desk, group, true)?;
    add_all(desk, id, &[link], &[])?;
    Ok(Answer::empty(204))
}

/// `DELETE /groups/{id}/members/{id}/$ref`
pub(super) fn remove(desk: &mut Desk<'_>) -> Outcome {
    let (group, member) = (desk.id(0)?, desk.id(1)?);
    let truth = desk.directory().groups.get(&group).ok_or_else(|| no_such(&group.to_string()))?;
    check_writable(desk, truth, true)?;
    if truth.is_dynamic() {
        return Err(dynamic());
    }
    if desk.misses(group) {
        return Err(no_such(&group.to_string()));
    }
    if !truth.members.contains(&member) {
        let removed_just_now = desk.directory().membership_in_flux(group, member, desk.now);
        return Err(if removed_just_now {
            bad_request(
                "One or more removed object references do not exist for the following modified properties: 'members'.",
            )
        } else {
            no_such(&member.to_string())
        });
    }
    let (directory, mut moment) = desk.writer();
    directory.remove_member(&mut moment, group, member);
    Ok(Answer::empty(204))
}

/// `DELETE /groups/{id}/members/{id}`: without `/$ref` this deletes the member itself, wherever it may.
pub(super) fn delete_the_object(desk: &mut Desk<'_>) -> Outcome {
    let (group, member) = (desk.id(0)?, desk.id(1)?);
    let truth = desk.directory().groups.get(&group).ok_or_else(|| no_such(&group.to_string()))?;
    if !truth.members.contains(&member) {
        return Err(no_such(&member.to_string()));
    }
    let is_group = desk.directory().groups.contains_key(&member);
    let needed: &[&str] = if is_group { &DELETE_GROUPS } else { &DELETE_USERS };
    let directory = desk.directory();
    let holds_roles = directory.users.get(&member).is_some_and(|user| !user.directory_roles.is_empty())
        && !directory.application_is_above_administrators();
    if !desk.token.may(needed) || holds_roles || directory.objects.contains_key(&member) {
        return Err(denied());
    }
    let (directory, mut moment) = desk.writer();
    if is_group {
        directory.drop_group(&mut moment, member);
    } else {
        directory.drop_user(&mut moment, member);
    }
    Ok(Answer::empty(204))
}

/// Adds references to a group, all of them or none.
pub(super) fn add_all(
    desk: &mut Desk<'_>,
    group: Uuid,
    members: &[String],
    owners: &[String],
) -> Result<(), Refusal> {
    let members = resolve(desk, members, Relation::Members, Some(group))?;
    let owners = resolve(desk, owners, Relation::Owners, Some(group))?;
    let (directory, mut moment) = desk.writer();
    for member in members {
        directory.add_member(&mut moment, group, member);
    }
    for owner in owners {
        directory.add_owner(&mut moment, group, owner);
    }
    Ok(())
}

/// The objects that references name; refuses what cannot be added to the group, if there is one already.
pub(super) fn resolve(
    desk: &Desk<'_>,
    links: &[String],
    relation: Relation,
    group: Option<Uuid>,
) -> Result<BTreeSet<Uuid>, Refusal> {
    let mut found = BTreeSet::new();
    for link in links {
        if !found.insert(referenced(desk, link)?) {
            return Err(bad_request(format!(
                "An object reference can only be present once as an add/remove change for the property '{}'.",
                relation.name()
            )));
        }
    }
    let truth = group.and_then(|id| desk.directory().groups.get(&id));
    if let Some(truth) = truth.filter(|_| !found.is_empty()) {
        if relation == Relation::Members && truth.is_dynamic() {
            return Err(dynamic());
        }
        if desk.misses(truth.id) {
            return Err(bad_request(
                "The source resource object or one of the objects being referenced do not exist.",
            ));
        }
    }
    for id in &found {
        let own = relation == Relation::Owners && *id == desk.token.oid;
        if !own && (!desk.directory().holds(*id) || desk.misses(*id)) {
            return Err(no_such(&id.to_string()));
        }
        let directory = desk.directory();
        let readable = if directory.users.contains_key(id) {
            desk.reads_users()
        } else {
            own || !directory.objects.contains_key(id) || desk.token.may(&READ_DIRECTORY)
        };
        if !readable {
            return Err(denied());
        }
    }
    if let Some(truth) = truth {
        let present = match relation {
            Relation::Members => &truth.members,
            Relation::Owners => &truth.owners,
        };
        // Many at once: the quota is judged before anything else, as if none of them were there already.
        let too_many = relation == Relation::Owners && present.len() + found.len() > MOST_OWNERS;
        if too_many && found.len() > 1 {
            return Err(too_many_owners());
        }
        if !found.is_disjoint(present) {
            return Err(bad_request(format!(
                "One or more added object references already exist for the following modified properties: '{}'.",
                relation.name()
            )));
        }
        if relation == Relation::Members && found.contains(&truth.id) {
            return Err(bad_request("One or more property values specified are invalid."));
        }
        if too_many {
            return Err(too_many_owners());
        }
        if relation == Relation::Members && truth.has_type("Unified") {
            check_guests(desk, &found)?;
        }
    }
    Ok(found)
}

/// The object a reference names; only addresses below this service's own root name one.
fn referenced(desk: &Desk<'_>, link: &str) -> Result<Uuid, Refusal> {
    let invalid = || bad_request(format!("Invalid entity reference '{link}'."));
    let rest = link.strip_prefix(&desk.call.base).ok_or_else(invalid)?;
    let rest = rest.strip_prefix("/v1.0/").or_else(|| rest.strip_prefix("/beta/")).ok_or_else(invalid)?;
    let (collection, id) = rest.split_once('/').ok_or_else(invalid)?;
    let known = ["directoryObjects", "users", "groups", "servicePrincipals"];
    if !known.iter().any(|name| name.eq_ignore_ascii_case(collection)) {
        return Err(invalid());
    }
    id.parse().map_err(|_| invalid())
}

fn dynamic() -> Refusal {
    bad_request(
        "The members of a group with dynamic membership are decided by its rule and cannot be changed.",
    )
}

fn too_many_owners() -> Refusal {
    Refusal::new(
        403,
        "Directory_QuotaExceeded",
        format!("The request would exceed the maximum quota count '{MOST_OWNERS}' for forward-link owners."),
    )
}

/// A Microsoft 365 group takes guests only where the tenant lets them join.
fn check_guests(desk: &Desk<'_>, ids: &BTreeSet<Uuid>) -> Result<(), Refusal> {
    let directory = desk.directory();
    let guest =
        |id: &Uuid| directory.users.get(id).is_some_and(|user| user.user_type.as_deref() == Some("Guest"));
    if !directory.policies.guests_join_microsoft365_groups && ids.iter().any(guest) {
        let text = "Guests users are not allowed to join this Unified Group due to policy setting.";
        return Err(Refusal::new(403, "Authorization_RequestDenied", text));
    }
    Ok(())
}

/// The group of the path and the reference of the body.
fn new_reference(desk: &Desk<'_>) -> Result<(Uuid, String), Refusal> {
    let id = desk.id(0)?;
    let body = desk.body()?;
    let link = body.get("@odata.id").and_then(Value::as_str).map(ToOwned::to_owned);
    Ok((id, link.ok_or_else(|| bad_request("The property '@odata.id' is missing."))?))
}

fn readable_group(desk: &Desk<'_>) -> Result<Uuid, Refusal> {
    let id = desk.id(0)?;
    let group = desk.directory().read_group(id, desk.now).ok_or_else(|| no_such(&id.to_string()))?;
    let hidden = group.visibility.as_deref() == Some("HiddenMembership");
    if hidden && !desk.token.may(&["Member.Read.Hidden"]) {
        return Err(denied());
    }
    Ok(id)
}

/// Direct members, without the service principals that version 1.0 leaves out.
fn shown_members(desk: &Desk<'_>) -> Result<BTreeSet<Uuid>, Refusal> {
    let id = readable_group(desk)?;
    Ok(without_principals(desk, desk.directory().list_members(id, desk.now)))
}

fn shown_transitive_members(desk: &Desk<'_>) -> Result<BTreeSet<Uuid>, Refusal> {
    let id = readable_group(desk)?;
    Ok(without_principals(desk, desk.directory().list_transitive_members(id, desk.now)))
}

/// Version 1.0 leaves service principals out of members; `beta` does not.
fn without_principals(desk: &Desk<'_>, mut members: BTreeSet<Uuid>) -> BTreeSet<Uuid> {
    if desk.version() != "beta" {
        members.retain(|id| !is_principal(desk.directory(), *id));
    }
    members
}

fn is_principal(directory: &Directory, id: Uuid) -> bool {
    match directory.objects.get(&id) {
        Some(object) => object.r#type == "servicePrincipal",
        None => !directory.is_user_or_group(id),
    }
}

/// Those of one type; the second open part of the route names it.
fn cast(desk: &Desk<'_>, ids: BTreeSet<Uuid>) -> Outcome {
    if !desk.is_advanced() {
        return Err(unsupported_query("Unsupported Query."));
    }
    let directory = desk.directory();
    let wanted = desk.param(1);
    let of_type = |id: &Uuid| match directory.objects.get(id) {
        Some(object) => object.r#type.eq_ignore_ascii_case(wanted),
        None if directory.groups.contains_key(id) => wanted.eq_ignore_ascii_case("group"),
        None => wanted.eq_ignore_ascii_case("user"),
    };
    let ids = ids.into_iter().filter(of_type).collect();
    show_list(desk, ids)
}

/// One page of objects of mixed types. `$orderby` and `$count` without the advanced headers are ignored in silence.
fn show_list(desk: &Desk<'_>, ids: BTreeSet<Uuid>) -> Outcome {
    if (desk.call.option("$filter").is_some() || desk.call.option("$search").is_some()) && !desk.is_advanced()
    {
        return Err(unsupported_query("Unsupported Query."));
    }
    let query = Query::read(desk, &OBJECT_FILTERS, "DirectoryObject")?;
    let directory = desk.directory();
    let chosen = |id: &Uuid| {
        let user = directory.users.get(id).map(|user| query.passes(user));
        let group = || directory.groups.get(id).map(|group| query.passes(group));
        let other = || directory.objects.get(id).map(|other| query.passes(other));
        user.or_else(group).or_else(other).unwrap_or(true)
    };
    let shown: Vec<Uuid> = ids.into_iter().filter(chosen).collect();
    let (names, context) = selected(desk);
    let (total, size) = (shown.len(), paging::size(desk, 100, 999)?);
    let (page, next) = paging::cut(desk, shown, size, Uuid::to_string)?;
    let value = page.into_iter().map(|id| show_mixed(desk, id, names.as_deref())).collect();
    Ok(paging::answer(desk, &format!("directoryObjects{context}"), total, value, next))
}
