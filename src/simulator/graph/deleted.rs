//! Deleted users and groups: listing, reading, restoring, removing for good.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::entity::{check_selection, render, render_mixed};
use super::query::{self, GROUP_FILTERS, Query, USER_FILTERS};
use super::{DELETE_GROUPS, DELETE_USERS, paging};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::{Refusal, bad_request, denied, no_such};
use crate::simulator::world::{Group, User};

/// `GET /directory/deletedItems/microsoft.graph.user`
pub(super) fn list_users(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &USER_FILTERS, "User")?;
    check_selection(desk, query::selected(desk).0.as_deref(), &User::default())?;
    let found = query.choose(desk.directory().list_deleted(desk.now));
    paging::list(desk, "users", found, &query, |user, names| Value::Object(render(user, names)))
}

/// `GET /directory/deletedItems/microsoft.graph.group`
pub(super) fn list_groups(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &GROUP_FILTERS, "Group")?;
    check_selection(desk, query::selected(desk).0.as_deref(), &Group::default())?;
    let found = query.choose(desk.directory().deleted_groups.values().collect());
    paging::list(desk, "groups", found, &query, |group, names| Value::Object(render(group, names)))
}

/// `GET /directory/deletedItems/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let shown = match find(desk, id)? {
        Kind::User => {
            require(desk.reads_users())?;
            let users = desk.directory().list_deleted(desk.now);
            let user = users.into_iter().find(|user| user.id == id).ok_or_else(|| no_such(desk.param(0)))?;
            render_mixed(user, query::selected(desk).0.as_deref(), true)
        }
        Kind::Group => {
            require(desk.reads_groups())?;
            let group = &desk.directory().deleted_groups[&id];
            render_mixed(group, query::selected(desk).0.as_deref(), true)
        }
    };
    Ok(Answer::json(200, shown))
}

/// `DELETE /directory/deletedItems/{id}`
pub(super) fn purge(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let kind = find(desk, id)?;
    require_write(desk, kind)?;
    let (directory, mut moment) = desk.writer();
    match kind {
        Kind::User => directory.purge_user(&mut moment, id),
        Kind::Group => directory.purge_group(&mut moment, id),
    }
    Ok(Answer::empty(204))
}

/// `POST /directory/deletedItems/{id}/restore`
pub(super) fn restore(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let kind = find(desk, id)?;
    require_write(desk, kind)?;
    let body = if desk.call.body.is_empty() { Map::new() } else { desk.body()? };
    match kind {
        Kind::User => restore_user(desk, id, &body),
        Kind::Group => {
            let group = &desk.directory().deleted_groups[&id];
            let taken =
                group.unique_name.as_deref().is_some_and(|name| desk.directory().group_named(name).is_some());
            if taken {
                return Err(conflicting());
            }
            let (directory, mut moment) = desk.writer();
            directory.restore_group(&mut moment, id);
            let shown = desk.directory().groups.get(&id).map(|group| render_mixed(group, None, true));
            Ok(Answer::json(200, shown.unwrap_or_default()))
        }
    }
}

fn restore_user(desk: &mut Desk<'_>, id: Uuid, body: &Map<String, Value>) -> Outcome {
    let new_name = body.get("newUserPrincipalName").and_then(Value::as_str).map(ToOwned::to_owned);
    let settles = body.get("autoReconcileProxyConflict").and_then(Value::as_bool) == Some(true);
    let directory = desk.directory();
    let user = &directory.deleted[&id];
    let name = new_name.as_deref().or(user.user_principal_name.as_deref());
    if name.is_some_and(|name| directory.name_is_taken(name)) {
        return Err(conflicting());
    }
    let owned = |entry: &String| directory.owner_of_proxy(entry).is_some();
    let clashes: Vec<String> = user.proxy_addresses.iter().filter(|entry| owned(entry)).cloned().collect();
    if !clashes.is_empty() && !settles {
        return Err(conflicting());
    }
    let (directory, mut moment) = desk.writer();
    if let Some(deleted) = directory.deleted.get_mut(&id) {
        deleted.proxy_addresses.retain(|entry| !clashes.contains(entry));
        if let Some(name) = new_name {
            deleted.user_principal_name = Some(name);
        }
    }
    directory.restore_user(&mut moment, id);
    let shown = desk.directory().users.get(&id).map(|user| render_mixed(user, None, true));
    Ok(Answer::json(200, shown.unwrap_or_default()))
}

#[derive(Clone, Copy)]
enum Kind {
    User,
    Group,
}

fn find(desk: &Desk<'_>, id: Uuid) -> Result<Kind, Refusal> {
    if desk.directory().deleted.contains_key(&id) {
        Ok(Kind::User)
    } else if desk.directory().deleted_groups.contains_key(&id) {
        Ok(Kind::Group)
    } else {
        Err(no_such(desk.param(0)))
    }
}

fn require(allowed: bool) -> Result<(), Refusal> {
    if allowed { Ok(()) } else { Err(denied()) }
}

fn require_write(desk: &Desk<'_>, kind: Kind) -> Result<(), Refusal> {
    let needed: &[&str] = match kind {
        Kind::User => &DELETE_USERS,
        Kind::Group => &DELETE_GROUPS,
    };
    if desk.token.may(needed) { Ok(()) } else { Err(denied()) }
}

/// What a taken name or alternate key is answered with.
pub(super) fn conflicting() -> Refusal {
    bad_request(
        "A conflicting object with one or more of the specified property values is present in the directory.",
    )
}
