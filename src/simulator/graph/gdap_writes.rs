//! Granular delegated admin relationships: making, changing and ending them, and the groups that hold their roles.

use std::time::Duration;

use serde_json::{Map, Value, json};
use uuid::{Uuid, uuid};

use super::desk::{Desk, Outcome};
use super::gdap::{etag, named, operation, settle, show, show_assignment};
use crate::simulator::answer::Answer;
use crate::simulator::clock::later;
use crate::simulator::history::Act;
use crate::simulator::refusal::{Refusal, bad_request, no_such};
use crate::simulator::world::{AccessAssignment, Relationship};

/// How long the service takes until a change has arrived everywhere.
const SETTLING: Duration = Duration::from_secs(30);

const GLOBAL_ADMINISTRATOR: Uuid = uuid!("62e90394-69f5-4237-9190-012177145e10");

/// `POST /tenantRelationships/delegatedAdminRelationships`
pub(super) fn create(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let body = desk.body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let name = text("displayName").filter(|name| !name.is_empty()).ok_or_else(|| invalid("displayName"))?;
    if desk.directory().gdap.iter().any(|other| other.name() == name) {
        return Err(Refusal::new(409, "Conflict", "A relationship of that display name exists already."));
    }
    let duration = text("duration").filter(|text| lasts(text)).ok_or_else(|| invalid("duration"))?;
    let auto_extend_duration = extension(&body)?.unwrap_or_else(|| "PT0S".to_owned());
    let roles = read_roles(&body)?;
    let customer = body.get("customer").and_then(|customer| customer.get("tenantId")).and_then(Value::as_str);
    let customer = customer.map_or(Ok(Uuid::nil()), |id| id.parse().map_err(|_| invalid("customer")))?;
    let (first, second) = (desk.state.next_id(), desk.state.next_id());
    let made = Relationship {
        id: format!("{first}-{second}"),
        display_name: Some(name),
        customer,
        status: "created".to_owned(),
        roles,
        duration,
        auto_extend_duration,
        ..Relationship::default()
    };
    let shown = show(desk, &made);
    write(desk, &made.id.clone(), |relationships| relationships.push(made));
    Ok(Answer::json(201, shown))
}

/// `PATCH …/{id}`: everything before it is offered; of an active one only its extension, and less of Global Administrator.
pub(super) fn update(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let relationship = named(desk)?.clone();
    check_etag(desk, relationship.version)?;
    let body = desk.body()?;
    let mut changed = relationship.clone();
    if let Some(extension) = extension(&body)? {
        changed.auto_extend_duration = extension;
    }
    if body.contains_key("accessDetails") {
        changed.roles = read_roles(&body)?;
    }
    if let Some(name) = body.get("displayName") {
        changed.display_name = Some(name.as_str().ok_or_else(|| invalid("displayName"))?.to_owned());
    }
    if let Some(duration) = body.get("duration") {
        let duration = duration.as_str().filter(|text| lasts(text)).ok_or_else(|| invalid("duration"))?;
        duration.clone_into(&mut changed.duration);
    }
    let fewer: Vec<Uuid> =
        relationship.roles.iter().copied().filter(|role| *role != GLOBAL_ADMINISTRATOR).collect();
    let harmless = changed.display_name == relationship.display_name
        && changed.duration == relationship.duration
        && (changed.roles == relationship.roles || changed.roles == fewer);
    match relationship.status.as_str() {
        "created" => {}
        "active" if harmless => {}
        status => return Err(not_while(status)),
    }
    changed.version += 1;
    let shown = show(desk, &changed);
    replace(desk, changed);
    Ok(Answer::json(200, shown))
}

/// `POST …/{id}/requests`
pub(super) fn request(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let mut relationship = named(desk)?.clone();
    let body = desk.body()?;
    let action = body.get("action").and_then(Value::as_str).ok_or_else(|| invalid("action"))?;
    let status = match (action, relationship.status.as_str()) {
        ("lockForApproval", "created") => "approvalPending",
        ("terminate", "active" | "expiring") => {
            relationship.settles = Some(later(desk.now, SETTLING));
            "terminationRequested"
        }
        ("lockForApproval" | "terminate", status) => return Err(not_while(status)),
        _ => return Err(invalid("action")),
    };
    status.clone_into(&mut relationship.status);
    relationship.version += 1;
    let id = desk.state.next_id();
    let location = format!("{}/{}/requests/{id}", collection(desk), relationship.id);
    replace(desk, relationship);
    let shown = json!({
        "@odata.type": "#microsoft.graph.delegatedAdminRelationshipRequest",
        "id": id,
        "action": action,
        "status": "created",
    });
    Ok(Answer::json(201, shown).with("location", location))
}

/// `POST …/{id}/accessAssignments`: the answer says `pending`, and so it is for a while.
pub(super) fn assign(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let mut relationship = named(desk)?.clone();
    if relationship.status != "active" {
        return Err(not_while(&relationship.status));
    }
    let body = desk.body()?;
    let container = body.get("accessContainer");
    let group = container.and_then(|container| container.get("accessContainerId")).and_then(Value::as_str);
    let group: Uuid = group.and_then(|id| id.parse().ok()).ok_or_else(|| invalid("accessContainerId"))?;
    if !desk.directory().groups.get(&group).is_some_and(|group| group.security_enabled) {
        return Err(bad_request(format!("The access container '{group}' does not exist.")));
    }
    let gone = ["deleting", "deleted"];
    let mut live =
        relationship.access_assignments.iter().filter(|other| !gone.contains(&other.status.as_str()));
    if live.any(|other| other.group == group) {
        return Err(Refusal::new(409, "Conflict", "An access assignment of that container exists already."));
    }
    let roles = covered(&relationship, read_roles(&body)?)?;
    let assignment = AccessAssignment {
        id: desk.state.next_id(),
        group,
        status: "pending".to_owned(),
        roles,
        settles: Some(later(desk.now, SETTLING)),
        ..AccessAssignment::default()
    };
    let shown = show_assignment(&assignment);
    relationship.access_assignments.push(assignment);
    replace(desk, relationship);
    Ok(Answer::json(201, shown))
}

/// `PATCH …/{id}/accessAssignments/{id}`: nothing to do is 200, anything else takes its time.
pub(super) fn update_assignment(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let mut relationship = named(desk)?.clone();
    let roles = covered(&relationship, read_roles(&desk.body()?)?)?;
    let now = desk.now;
    let assignment = assignment(desk, &mut relationship)?;
    if assignment.roles == roles {
        return Ok(Answer::json(200, show_assignment(assignment)));
    }
    assignment.roles = roles;
    "pending".clone_into(&mut assignment.status);
    assignment.version += 1;
    assignment.settles = Some(later(now, SETTLING));
    let operation = operation(assignment.id, assignment.version);
    let location = format!("{}/{}/operations/{operation}", collection(desk), relationship.id);
    replace(desk, relationship);
    Ok(Answer::empty(202).with("location", location).with("retry-after", SETTLING.as_secs().to_string()))
}

/// `DELETE …/{id}/accessAssignments/{id}`
pub(super) fn delete_assignment(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let mut relationship = named(desk)?.clone();
    let now = desk.now;
    let assignment = assignment(desk, &mut relationship)?;
    "deleting".clone_into(&mut assignment.status);
    assignment.version += 1;
    assignment.settles = Some(later(now, SETTLING));
    replace(desk, relationship);
    Ok(Answer::empty(204))
}

/// The access assignment of the path, if the request names the state it was read in.
fn assignment<'a>(
    desk: &Desk<'_>,
    relationship: &'a mut Relationship,
) -> Result<&'a mut AccessAssignment, Refusal> {
    let id = desk.id(1)?;
    let found = relationship.access_assignments.iter_mut().find(|assignment| assignment.id == id);
    let found = found.ok_or_else(|| no_such(desk.param(1)))?;
    check_etag(desk, found.version)?;
    Ok(found)
}

fn check_etag(desk: &Desk<'_>, version: u32) -> Result<(), Refusal> {
    match desk.call.header("if-match") {
        None => Err(Refusal::new(428, "PreconditionRequired", "The request needs the If-Match header.")),
        Some(given) if given == "*" || given == etag(version) => Ok(()),
        Some(_) => Err(Refusal::new(
            412,
            "PreconditionFailed",
            "The etag of If-Match is not that of the object any more.",
        )),
    }
}

fn write(desk: &mut Desk<'_>, id: &str, change: impl FnOnce(&mut Vec<Relationship>)) {
    let (directory, mut moment) = desk.writer();
    change(&mut directory.gdap);
    let tenant = directory.id;
    moment.note(tenant, Act::RelationshipChanged { relationship: id.to_owned() });
}

fn replace(desk: &mut Desk<'_>, changed: Relationship) {
    write(desk, &changed.id.clone(), |relationships| {
        if let Some(place) = relationships.iter_mut().find(|other| other.id == changed.id) {
            *place = changed;
        }
    });
}

fn collection(desk: &Desk<'_>) -> String {
    format!("{}/tenantRelationships/delegatedAdminRelationships", desk.root())
}

/// The roles of a body; none is not enough.
fn read_roles(body: &Map<String, Value>) -> Result<Vec<Uuid>, Refusal> {
    let roles = body.get("accessDetails").and_then(|details| details.get("unifiedRoles"));
    let roles = roles.and_then(Value::as_array).filter(|roles| !roles.is_empty());
    let role = |role: &Value| role.get("roleDefinitionId")?.as_str()?.parse().ok();
    roles.and_then(|roles| roles.iter().map(role).collect()).ok_or_else(|| invalid("accessDetails"))
}

/// Refuses roles that the relationship does not cover.
fn covered(relationship: &Relationship, roles: Vec<Uuid>) -> Result<Vec<Uuid>, Refusal> {
    if roles.iter().all(|role| relationship.roles.contains(role)) {
        return Ok(roles);
    }
    Err(bad_request("The access details hold a role that the relationship does not."))
}

fn extension(body: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match body.get("autoExtendDuration").map(|value| value.as_str().unwrap_or_default()) {
        None => Ok(None),
        Some(text) if ["P0D", "PT0S", "P180D"].contains(&text) => Ok(Some(text.to_owned())),
        Some(_) => Err(invalid("autoExtendDuration")),
    }
}

/// Whether a relationship can last that long: from one day to two years.
fn lasts(duration: &str) -> bool {
    let in_unit = |unit: char| duration.strip_prefix('P')?.strip_suffix(unit)?.parse::<u32>().ok();
    let days = in_unit('D').or_else(|| Some(in_unit('M')? * 30)).or_else(|| Some(in_unit('Y')? * 365));
    days.is_some_and(|days| (1..=730).contains(&days))
}

fn invalid(name: &str) -> Refusal {
    bad_request(format!("Invalid value specified for property '{name}'."))
}

fn not_while(status: &str) -> Refusal {
    bad_request(format!("The relationship cannot be changed this way while its status is '{status}'."))
}
