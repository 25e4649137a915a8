//! Users: finding, reading, changing, deleting, and what they are used for.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::entity::{check_selection, render, render_mixed};
use super::query::{self, Query, USER_FILTERS};
use super::{READ_DIRECTORY, paging};
use crate::simulator::answer::Answer;
use crate::simulator::history::Act;
use crate::simulator::refusal::{Refusal, bad_request, denied, no_such};
use crate::simulator::world::{OtherObject, User};

/// `GET /users`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &USER_FILTERS, "User")?;
    check_selection(desk, query::selected(desk).0.as_deref(), &User::default())?;
    let found = query.choose(desk.directory().find_users(desk.now));
    paging::list(desk, "users", found, &query, |user, names| Value::Object(render(user, names)))
}

/// `GET /users/$count`
pub(super) fn count(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &USER_FILTERS, "User")?;
    paging::count(desk, query.choose(desk.directory().find_users(desk.now)).len())
}

/// `GET /users/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    let id = named(desk)?;
    let user = desk.directory().read_user(id, desk.now).ok_or_else(|| no_such(desk.param(0)))?;
    let (names, context) = query::selected(desk);
    check_selection(desk, names.as_deref(), user)?;
    let mut body = render(user, names.as_deref());
    let context = format!("{}/$metadata#users{context}/$entity", desk.root());
    body.insert("@odata.context".to_owned(), Value::String(context));
    Ok(Answer::json(200, Value::Object(body)))
}

/// `PATCH /users/{id}`
pub(super) fn update(desk: &mut Desk<'_>) -> Outcome {
    let id = named(desk)?;
    let body = desk.body()?;
    let only_enables = body.keys().all(|name| name == "accountEnabled");
    let may = desk.token.may(&["User.ReadWrite.All", "Directory.ReadWrite.All"])
        || (only_enables && desk.token.may(&["User.EnableDisableAccount.All"]));
    if !may {
        return Err(denied());
    }
    let mut user = desk.directory().users.get(&id).ok_or_else(|| no_such(desk.param(0)))?.clone();
    if desk.misses(id) {
        return Err(no_such(desk.param(0)));
    }
    apply(&mut user, &body)?;
    let (directory, mut moment) = desk.writer();
    directory.put_user(&mut moment, user, Act::UserUpdated { user: id });
    Ok(Answer::empty(204))
}

/// `DELETE /users/{id}`
pub(super) fn delete(desk: &mut Desk<'_>) -> Outcome {
    let id = named(desk)?;
    let user = desk.directory().users.get(&id).ok_or_else(|| no_such(desk.param(0)))?;
    if !user.directory_roles.is_empty() && !desk.directory().application_is_above_administrators() {
        return Err(denied());
    }
    if desk.misses(id) {
        return Err(no_such(desk.param(0)));
    }
    let (directory, mut moment) = desk.writer();
    directory.drop_user(&mut moment, id);
    Ok(Answer::empty(204))
}

/// `GET /users/{id}/memberOf`: groups and directory roles.
pub(super) fn member_of(desk: &mut Desk<'_>) -> Outcome {
    let user = readable(desk)?;
    let directory = desk.directory();
    let (names, context) = query::selected(desk);
    let mut found: Vec<(Uuid, Value)> = directory
        .list_member_of(user.id, desk.now)
        .into_iter()
        .filter_map(|id| directory.groups.get(&id))
        .map(|group| (group.id, render_mixed(group, names.as_deref(), desk.reads_groups())))
        .collect();
    for role in &user.directory_roles {
        let object = OtherObject { id: *role, r#type: "directoryRole".to_owned(), ..OtherObject::default() };
        let readable = desk.token.may(&READ_DIRECTORY);
        found.push((*role, render_mixed(&object, names.as_deref(), readable)));
    }
    show(desk, &format!("directoryObjects{context}"), found)
}

/// `GET /users/{id}/ownedObjects`: groups and whatever else the world says.
pub(super) fn owned_objects(desk: &mut Desk<'_>) -> Outcome {
    let user = readable(desk)?;
    let directory = desk.directory();
    let (names, context) = query::selected(desk);
    let mut found: Vec<(Uuid, Value)> = directory
        .groups
        .values()
        .filter(|group| group.owners.contains(&user.id))
        .map(|group| (group.id, render_mixed(group, names.as_deref(), desk.reads_groups())))
        .collect();
    for owned in &user.owned_objects {
        let (id, display_name) = (owned.id, owned.display_name.clone());
        let object = OtherObject { id, r#type: owned.r#type.clone(), display_name, ..OtherObject::default() };
        let readable = desk.token.may(&READ_DIRECTORY);
        found.push((id, render_mixed(&object, names.as_deref(), readable)));
    }
    show(desk, &format!("directoryObjects{context}"), found)
}

/// `GET /users/{id}/appRoleAssignments`
pub(super) fn app_role_assignments(desk: &mut Desk<'_>) -> Outcome {
    let user = readable(desk)?;
    let rows = user.app_role_assignments.iter().map(|row| {
        json!({
            "id": row.id,
            "deletedDateTime": null,
            "appRoleId": row.app_role_id,
            "principalId": user.id,
            "principalType": "User",
            "resourceDisplayName": row.resource_display_name,
        })
    });
    let found = rows.map(|row| (user.id, row)).collect();
    show(desk, &format!("users('{}')/appRoleAssignments", user.id), found)
}

/// The object id a path names, by id or by user principal name.
fn named(desk: &Desk<'_>) -> Result<Uuid, Refusal> {
    let name = desk.param(0);
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let same =
        |user: &&User| user.user_principal_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
    desk.directory().users.values().find(same).map(|user| user.id).ok_or_else(|| no_such(name))
}

fn readable<'a>(desk: &'a Desk<'_>) -> Result<&'a User, Refusal> {
    let id = named(desk)?;
    desk.directory().read_user(id, desk.now).ok_or_else(|| no_such(desk.param(0)))
}

fn show(desk: &Desk<'_>, context: &str, mut found: Vec<(Uuid, Value)>) -> Outcome {
    found.sort_by_key(|(id, _)| *id);
    let total = found.len();
    let size = paging::size(desk, 100, 999)?;
    let (page, next) = paging::cut(desk, found, size, |(id, _)| id.to_string())?;
    let value = page.into_iter().map(|(_, value)| value).collect();
    Ok(paging::answer(desk, context, total, value, next))
}

/// Puts the properties of a body into a user.
fn apply(user: &mut User, body: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, value) in body {
        let invalid =
            || bad_request(format!("Invalid value specified for property '{name}' of resource 'User'."));
        let optional = || match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(invalid()),
        };
        match name.as_str() {
            "accountEnabled" => user.account_enabled = value.as_bool().ok_or_else(invalid)?,
            "displayName" => user.display_name = Some(optional()?.ok_or_else(invalid)?),
            "mail" => user.mail = optional()?,
            "userType" => user.user_type = optional()?,
            "otherMails" => {
                let items = value.as_array().ok_or_else(invalid)?;
                let texts = items.iter().map(|item| item.as_str().map(ToOwned::to_owned));
                user.other_mails = texts.collect::<Option<_>>().ok_or_else(invalid)?;
            }
            "companyName" | "department" | "givenName" | "jobTitle" | "surname" | "usageLocation" => {
                optional()?;
            }
            _ => return Err(bad_request(format!("Invalid property '{name}'."))),
        }
    }
    Ok(())
}
