//! Members and owners of groups: listing, adding, removing, and the deletion that looks like a removal.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::group_writes::check_writable;
use super::objects::show_mixed;
use super::paging;
use super::{DELETE_GROUPS, DELETE_USERS, query};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::{Refusal, bad_request, denied, no_such};

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
    let id = readable_group(desk)?;
    let members = desk.directory().list_members(id, desk.now);
    show_list(desk, members, false)
}

/// `GET /groups/{id}/transitiveMembers`
pub(super) fn list_transitive(desk: &mut Desk<'_>) -> Outcome {
    let id = readable_group(desk)?;
    let members = desk.directory().list_transitive_members(id, desk.now);
    show_list(desk, members, false)
}

/// `GET /groups/{id}/owners`
pub(super) fn list_owners(desk: &mut Desk<'_>) -> Outcome {
    let id = readable_group(desk)?;
    let owners = desk.directory().groups.get(&id).map(|group| group.owners.clone()).unwrap_or_default();
    show_list(desk, owners, true)
}

/// `POST /groups/{id}/members/$ref`
pub(super) fn add(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let body = desk.body()?;
    let link = body.get("@odata.id").and_then(Value::as_str).map(ToOwned::to_owned);
    let link = link.ok_or_else(|| bad_request("The property '@odata.id' is missing."))?;
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
    if !desk.token.may(needed) || desk.directory().objects.contains_key(&member) {
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
        if desk.directory().users.contains_key(id) && !desk.reads_users() {
            return Err(denied());
        }
    }
    if let Some(truth) = truth {
        let present = match relation {
            Relation::Members => &truth.members,
            Relation::Owners => &truth.owners,
        };
        if !found.is_disjoint(present) {
            return Err(bad_request(format!(
                "One or more added object references already exist for the following modified properties: '{}'.",
                relation.name()
            )));
        }
        if relation == Relation::Members && found.contains(&truth.id) {
            return Err(bad_request("One or more property values specified are invalid."));
        }
        if relation == Relation::Owners && present.len() + found.len() > 100 {
            return Err(Refusal::new(
                403,
                "Directory_QuotaExceeded",
                "The request would exceed the maximum quota count '100' for forward-link owners.",
            ));
        }
    }
    Ok(found)
}

/// The object a reference names; only addresses below this service's own root name one.
fn referenced(desk: &Desk<'_>, link: &str) -> Result<Uuid, Refusal> {
    let invalid = || bad_request(format!("Invalid entity reference '{link}'."));
    let rest = link.strip_prefix(&desk.root()).and_then(|rest| rest.strip_prefix('/')).ok_or_else(invalid)?;
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

fn readable_group(desk: &Desk<'_>) -> Result<Uuid, Refusal> {
    let id = desk.id(0)?;
    desk.directory().read_group(id, desk.now).ok_or_else(|| no_such(&id.to_string()))?;
    Ok(id)
}

/// One page of objects of mixed types. Version 1.0 leaves service principals out of members, not out of owners.
fn show_list(desk: &Desk<'_>, ids: BTreeSet<Uuid>, with_principals: bool) -> Outcome {
    if desk.call.option("$filter").is_some() && !desk.is_advanced() {
        return Err(crate::simulator::refusal::unsupported_query("Unsupported Query."));
    }
    let (names, context) = query::selected(desk);
    let directory = desk.directory();
    let principal = |id: &Uuid| match directory.objects.get(id) {
        Some(object) => object.r#type == "servicePrincipal",
        None => !directory.is_user_or_group(*id),
    };
    let shown: Vec<Uuid> = ids.into_iter().filter(|id| with_principals || !principal(id)).collect();
    let total = shown.len();
    let size = paging::size(desk, 100, 999)?;
    let (page, next) = paging::cut(desk, shown, size, Uuid::to_string)?;
    let value = page.into_iter().map(|id| show_mixed(desk, id, names.as_deref())).collect();
    Ok(paging::answer(desk, &format!("directoryObjects{context}"), total, value, next))
}
