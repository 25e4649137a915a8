//! Creating, changing and deleting groups.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::deleted::conflicting;
use super::desk::{Desk, Outcome};
use super::groups::{show, unique_name};
use super::members::{Relation, add_all};
use super::{CREATE_GROUPS, WRITE_GROUPS};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::{Refusal, bad_request, denied, no_such};
use crate::simulator::world::Group;

/// How many references one request may bind.
const MOST_REFERENCES: usize = 20;

/// What it takes to touch groups that can hold directory roles.
const MANAGE_ROLES: &str = "RoleManagement.ReadWrite.Directory";

const MAIL_NICKNAME_FORBIDS: &str = "@()\\[]\";:.<>, ";

/// `POST /groups`
pub(super) fn create(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?;
    create_from(desk, body)
}

/// `PATCH /groups(uniqueName='…')`: an update, or with `Prefer: create-if-missing` also a creation.
pub(super) fn upsert(desk: &mut Desk<'_>) -> Outcome {
    let name = unique_name(desk);
    if let Some(group) = desk.directory().group_named(&name) {
        let id = group.id;
        return change(desk, id);
    }
    let creates = desk
        .call
        .headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|wish| wish.trim().eq_ignore_ascii_case("create-if-missing")));
    if !creates {
        return Err(no_such(&name));
    }
    if !desk.token.may(&CREATE_GROUPS) {
        return Err(denied());
    }
    let mut body = desk.body()?;
    match body.get("uniqueName") {
        None => {
            body.insert("uniqueName".to_owned(), Value::String(name));
        }
        Some(Value::String(given)) if given.eq_ignore_ascii_case(&name) => {}
        Some(_) => {
            return Err(bad_request("The alternate key of the body differs from the one of the address."));
        }
    }
    create_from(desk, body)
}

/// `PATCH /groups/{id}`
pub(super) fn update(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    // A replica that does not know the group yet says so in the words for missing references where it binds any.
    let binds = desk.body()?.contains_key("members@odata.bind");
    if !binds && desk.directory().groups.contains_key(&id) && desk.misses(id) {
        return Err(no_such(&id.to_string()));
    }
    change(desk, id)
}

/// `DELETE /groups/{id}`
pub(super) fn delete(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let group = desk.directory().groups.get(&id).ok_or_else(|| no_such(&id.to_string()))?;
    let directory = desk.directory();
    let may_delete_privileged = group.owners.contains(&desk.token.oid)
        || desk.token.may(&[MANAGE_ROLES])
        || directory.application_is_above_administrators();
    let privileged = group.is_assignable_to_role == Some(true);
    if (privileged && !may_delete_privileged) || group.is_management_restricted == Some(true) {
        return Err(denied());
    }
    if group.on_premises_sync_enabled == Some(true) {
        return Err(mastered_on_premises());
    }
    if desk.misses(id) {
        return Err(no_such(&id.to_string()));
    }
    let (directory, mut moment) = desk.writer();
    directory.drop_group(&mut moment, id);
    Ok(Answer::empty(204))
}

/// Refuses a write to a group that is not the application's to write. Membership needs less than the group itself.
pub(super) fn check_writable(desk: &Desk<'_>, group: &Group, membership_only: bool) -> Result<(), Refusal> {
    let owned = desk.token.may(&["Group.Create"]) && group.owners.contains(&desk.token.oid);
    let membership = membership_only && desk.token.may(&["GroupMember.ReadWrite.All"]);
    if !(owned || membership || desk.token.may(&WRITE_GROUPS)) {
        return Err(denied());
    }
    let privileged = group.is_assignable_to_role == Some(true);
    if group.is_management_restricted == Some(true) || (privileged && !desk.token.may(&[MANAGE_ROLES])) {
        return Err(denied());
    }
    if group.on_premises_sync_enabled == Some(true) {
        return Err(mastered_on_premises());
    }
    if group.mail_enabled && !group.has_type("Unified") {
        return Err(bad_request("Cannot Update a mail-enabled security groups and or distribution list."));
    }
    Ok(())
}

fn mastered_on_premises() -> Refusal {
    bad_request(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
         currently undergoing migration.",
    )
}

fn create_from(desk: &mut Desk<'_>, mut body: Map<String, Value>) -> Outcome {
    let members = references(&mut body, "members")?;
    let owners = references(&mut body, "owners")?;
    if members.len() + owners.len() > MOST_REFERENCES {
        return Err(too_many_references());
    }
    let members = resolve(desk, &members, Relation::Members)?;
    let mut owners = resolve(desk, &owners, Relation::Owners)?;
    let mut group = Group { security_enabled: false, ..Group::default() };
    for required in ["displayName", "mailEnabled", "mailNickname", "securityEnabled"] {
        if !body.contains_key(required) {
            return Err(bad_request(format!(
                "A value is required for property '{required}' of resource 'Group'."
            )));
        }
    }
    for (name, value) in &body {
        apply(&mut group, name, value, true)?;
    }
    check_kind(desk, &group)?;
    if let Some(name) = &group.unique_name
        && desk.directory().group_named(name).is_some()
    {
        return Err(conflicting());
    }
    if desk.directory().policies.creator_becomes_owner && !owners.insert(desk.token.oid) {
        return Err(bad_request("Request contains a property with duplicate values."));
    }
    desk.check_room()?;
    let (dice, tenant) = (desk.state.dice, desk.token.tid);
    let now = desk.now;
    let (directory, mut moment) = desk.writer();
    directory.created += 1;
    group.id = dice.id("group", tenant, directory.created);
    group.created_date_time = Some(now);
    group.made_by_application = true;
    (group.members, group.owners) = (members, owners);
    let shown = group.clone();
    directory.put_group(&mut moment, group);
    let answer = show(desk, &shown, 201)?;
    let location = format!("{}/directoryObjects/{}/Microsoft.DirectoryServices.Group", desk.root(), shown.id);
    Ok(answer.with("location", location))
}

/// Refuses the kinds of group that cannot be made this way.
fn check_kind(desk: &Desk<'_>, group: &Group) -> Result<(), Refusal> {
    let unified = group.has_type("Unified");
    if group.mail_enabled && !unified {
        return Err(bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the \
             mail-enablement property is unset and the security-enablement property is set.",
        ));
    }
    if !group.security_enabled && !unified {
        return Err(bad_request("A group must be enabled for mail, for security, or for both."));
    }
    if group.has_type("DynamicMembership") != group.membership_rule.is_some() {
        return Err(bad_request("The property 'membershipRule' belongs to groups of dynamic membership."));
    }
    if group.is_assignable_to_role != Some(true) {
        return Ok(());
    }
    if !desk.token.may(&[MANAGE_ROLES]) {
        return Err(denied());
    }
    if group.is_dynamic() || group.visibility.as_deref().is_some_and(|visibility| visibility != "Private") {
        return Err(bad_request("A group that can hold roles is private, and its membership assigned."));
    }
    let directory = desk.directory();
    let privileged = directory.groups.values().filter(|group| group.is_assignable_to_role == Some(true));
    if privileged.count() >= directory.capacity.role_assignable_groups {
        let text = "The number of role-assignable groups in the tenant exceeds its limit.";
        return Err(Refusal::new(403, "Directory_QuotaExceeded", text));
    }
    Ok(())
}

/// Changes attributes and adds references, all or nothing.
fn change(desk: &mut Desk<'_>, id: Uuid) -> Outcome {
    let mut body = desk.body()?;
    let members = references(&mut body, "members")?;
    let owners = references(&mut body, "owners")?;
    let group = desk.directory().groups.get(&id).ok_or_else(|| no_such(&id.to_string()))?.clone();
    check_writable(desk, &group, body.is_empty() && owners.is_empty())?;
    if members.len() + owners.len() > MOST_REFERENCES {
        return Err(too_many_references());
    }
    let mut changed = group.clone();
    for (name, value) in &body {
        apply(&mut changed, name, value, false)?;
    }
    // References are checked before anything is written: one bad reference leaves the whole request undone.
    add_all(desk, id, &members, &owners)?;
    if changed != group {
        let (directory, mut moment) = desk.writer();
        directory.put_group(&mut moment, changed);
    }
    Ok(Answer::empty(204))
}

/// Takes `<relation>@odata.bind` out of a body.
fn references(body: &mut Map<String, Value>, relation: &str) -> Result<Vec<String>, Refusal> {
    let name = format!("{relation}@odata.bind");
    let Some(value) = body.remove(&name) else { return Ok(Vec::new()) };
    let texts = value.as_array().map(|items| items.iter().map(|item| item.as_str().map(ToOwned::to_owned)));
    texts
        .and_then(Iterator::collect::<Option<Vec<_>>>)
        .ok_or_else(|| bad_request(format!("The value of '{name}' must be a list of references.")))
}

/// The objects new references name.
fn resolve(desk: &Desk<'_>, links: &[String], relation: Relation) -> Result<BTreeSet<Uuid>, Refusal> {
    super::members::resolve(desk, links, relation, None)
}

fn too_many_references() -> Refusal {
    bad_request(format!("The number of references in one request exceeds the limit of {MOST_REFERENCES}."))
}

/// Puts one property of a body into a group.
fn apply(group: &mut Group, name: &str, value: &Value, creating: bool) -> Result<(), Refusal> {
    let invalid =
        || bad_request(format!("Invalid value specified for property '{name}' of resource 'Group'."));
    let text = || value.as_str().map(ToOwned::to_owned).ok_or_else(invalid);
    let optional = || if value.is_null() { Ok(None) } else { text().map(Some) };
    let flag = || value.as_bool().ok_or_else(invalid);
    match name {
        "displayName" => {
            group.display_name = text()?;
            let length = group.display_name.chars().count();
            if length == 0 || length > 256 {
                return Err(invalid());
            }
        }
        "description" => group.description = optional()?,
        "mailNickname" => {
            let nickname = text()?;
            let bad = |c: char| !c.is_ascii() || MAIL_NICKNAME_FORBIDS.contains(c);
            if nickname.is_empty() || nickname.len() > 64 || nickname.chars().any(bad) {
                return Err(invalid());
            }
            group.mail_nickname = Some(nickname);
        }
        "mailEnabled" => group.mail_enabled = flag()?,
        "securityEnabled" => group.security_enabled = flag()?,
        "groupTypes" if creating => {
            let types = value.as_array().ok_or_else(invalid)?;
            let types = types.iter().map(|kind| kind.as_str().map(ToOwned::to_owned));
            group.group_types = types.collect::<Option<Vec<_>>>().ok_or_else(invalid)?;
        }
        "isAssignableToRole" if creating => group.is_assignable_to_role = Some(flag()?),
        "uniqueName" => {
            let given = optional()?;
            // It can be set once and then only repeated.
            if !creating && group.unique_name.is_some() && given != group.unique_name {
                return Err(bad_request("The property 'uniqueName' cannot be changed once it is set."));
            }
            group.unique_name = given;
        }
        "membershipRule" if creating => group.membership_rule = optional()?,
        "membershipRuleProcessingState" if creating => {
            group.membership_rule_processing_state = optional()?;
        }
        "visibility" => {
            let visibility = optional()?;
            let known = ["Private", "Public", "HiddenMembership"];
            if visibility.as_deref().is_some_and(|visibility| !known.contains(&visibility)) {
                return Err(invalid());
            }
            group.visibility = visibility;
        }
        _ => return Err(bad_request(format!("Invalid property '{name}'."))),
    }
    Ok(())
}
