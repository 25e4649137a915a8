//! Granular delegated admin relationships, which exist in the partner's tenant only: reading them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::paging;
use crate::simulator::answer::Answer;
use crate::simulator::filter::{Filter, Property};
use crate::simulator::history::Actor;
use crate::simulator::refusal::{Refusal, bad_request, no_such, unsupported_query};
use crate::simulator::world::{AccessAssignment, Relationship};

/// `GET /tenantRelationships/delegatedAdminRelationships`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let filter = desk.call.option("$filter").map(Filter::parse).transpose().map_err(bad_request)?;
    let filterable = ["id", "status", "customer/tenantId"];
    if filter.as_ref().is_some_and(|filter| filter.paths().iter().any(|path| !filterable.contains(path))) {
        return Err(unsupported_query("Unsupported Query."));
    }
    let mut found: Vec<&Relationship> = desk.directory().gdap.iter().collect();
    found.retain(|relationship| {
        filter.as_ref().is_none_or(|filter| filter.holds(&|path| property(relationship, path)))
    });
    found.sort_by(|left, right| left.id.cmp(&right.id));
    let (total, size) = (found.len(), paging::size(desk, 100, 300)?);
    let (page, next) = paging::cut(desk, found, size, |relationship| relationship.id.clone())?;
    let value = page.into_iter().map(|relationship| show(desk, relationship)).collect();
    Ok(paging::answer(desk, "tenantRelationships/delegatedAdminRelationships", total, value, next))
}

/// `GET /tenantRelationships/delegatedAdminRelationships/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    Ok(Answer::json(200, show(desk, named(desk)?)))
}

/// `GET …/{id}/accessAssignments`
pub(super) fn list_assignments(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let mut found: Vec<_> = named(desk)?.access_assignments.iter().collect();
    found.sort_by_key(|assignment| assignment.id);
    let (total, size) = (found.len(), paging::size(desk, 100, 300)?);
    let (page, next) = paging::cut(desk, found, size, |assignment| assignment.id.to_string())?;
    let value = page.into_iter().map(show_assignment).collect();
    let context =
        format!("tenantRelationships/delegatedAdminRelationships('{}')/accessAssignments", desk.param(0));
    Ok(paging::answer(desk, &context, total, value, next))
}

/// `GET …/{id}/accessAssignments/{id}`
pub(super) fn get_assignment(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let id = desk.id(1)?;
    let same = |assignment: &&AccessAssignment| assignment.id == id;
    let assignment = named(desk)?.access_assignments.iter().find(same);
    Ok(Answer::json(200, show_assignment(assignment.ok_or_else(|| no_such(desk.param(1)))?)))
}

/// `GET …/{id}/operations/{id}`: what became of a change of an access assignment.
pub(super) fn get_operation(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let id = desk.id(1)?;
    let about = |assignment: &&AccessAssignment| {
        (0..=assignment.version).any(|version| operation(assignment.id, version) == id)
    };
    let assignment = named(desk)?.access_assignments.iter().find(about);
    let assignment = assignment.ok_or_else(|| no_such(desk.param(1)))?;
    let status = if assignment.settles.is_some() { "running" } else { "succeeded" };
    Ok(Answer::json(
        200,
        json!({
            "id": id,
            "operationType": "delegatedAdminAccessAssignmentUpdate",
            "status": status,
            "data": json!({"accessAssignmentId": assignment.id}).to_string(),
        }),
    ))
}

/// `GET /tenantRelationships/delegatedAdminCustomers`: those with an active relationship.
pub(super) fn list_customers(desk: &mut Desk<'_>) -> Outcome {
    settle(desk);
    let active = desk.directory().gdap.iter().filter(|relationship| relationship.status == "active");
    let customers: BTreeMap<Uuid, Value> = active
        .map(|relationship| {
            let tenant = relationship.customer;
            (tenant, json!({"id": tenant, "tenantId": tenant, "displayName": name_of(desk, tenant)}))
        })
        .collect();
    let (total, size) = (customers.len(), paging::size(desk, 100, 300)?);
    let (page, next) = paging::cut(desk, customers.into_iter().collect(), size, |(id, _)| id.to_string())?;
    let value = page.into_iter().map(|(_, value)| value).collect();
    Ok(paging::answer(desk, "tenantRelationships/delegatedAdminCustomers", total, value, next))
}

/// `GET /contracts`: one for each customer, in the partner's tenant. Names are those of the day it was made.
pub(super) fn list_contracts(desk: &mut Desk<'_>) -> Outcome {
    let filter = desk.call.option("$filter").map(Filter::parse).transpose().map_err(bad_request)?;
    if filter.as_ref().is_some_and(|filter| filter.paths().iter().any(|path| *path != "customerId")) {
        return Err(unsupported_query("Unsupported Query."));
    }
    let partner = desk.state.partner;
    let customers = desk.state.customers.iter().filter(|_| desk.token.tid == partner);
    let mut found: Vec<(Uuid, Value)> = customers
        .filter(|id| {
            let text = Property::Text(Cow::Owned(id.to_string()));
            filter
                .as_ref()
                .is_none_or(|filter| filter.holds(&|path| (path == "customerId").then(|| text.clone())))
        })
        .filter_map(|id| desk.state.directories.get(id))
        .map(|directory| {
            let id = Uuid::new_v5(&partner, directory.id.as_bytes());
            let shown = json!({
                "id": id,
                "deletedDateTime": null,
                "contractType": "ResellerPartner",
                "customerId": directory.id,
                "defaultDomainName": directory.contract_domain,
                "displayName": directory.name,
            });
            (id, shown)
        })
        .collect();
    found.sort_by_key(|(id, _)| *id);
    let (total, size) = (found.len(), paging::size(desk, 100, 999)?);
    let (page, next) = paging::cut(desk, found, size, |(id, _)| id.to_string())?;
    Ok(paging::answer(desk, "contracts", total, page.into_iter().map(|(_, value)| value).collect(), next))
}

/// Brings whatever is under way to where it is by now.
pub(super) fn settle(desk: &mut Desk<'_>) {
    let now = desk.now;
    if let Some((directory, _, _)) = desk.state.writer(desk.token.tid, Actor::Customer) {
        directory.gdap.iter_mut().for_each(|relationship| relationship.settle(now));
    }
}

/// The relationship of the path.
pub(super) fn named<'a>(desk: &'a Desk<'_>) -> Result<&'a Relationship, Refusal> {
    let id = desk.param(0);
    let same = |relationship: &&Relationship| relationship.id.eq_ignore_ascii_case(id);
    desk.directory().gdap.iter().find(same).ok_or_else(|| no_such(id))
}

/// The etag of something changed so often.
pub(super) fn etag(version: u32) -> String {
    format!("W/\"{}\"", STANDARD.encode(format!("'\"{version:05}\"'")))
}

/// The id of the operation that brings an access assignment to that version.
pub(super) fn operation(assignment: Uuid, version: u32) -> Uuid {
    Uuid::new_v5(&assignment, &version.to_le_bytes())
}

/// A relationship as the service shows it.
pub(super) fn show(desk: &Desk<'_>, relationship: &Relationship) -> Value {
    let kind = match relationship.indirect_provider {
        Some(_) => "resellerDelegatedAdminRelationship",
        None => "delegatedAdminRelationship",
    };
    let customer = relationship.customer;
    let mut shown = json!({
        "@odata.type": format!("#microsoft.graph.{kind}"),
        "@odata.etag": etag(relationship.version),
        "id": relationship.id,
        "displayName": relationship.name(),
        "duration": relationship.duration,
        "autoExtendDuration": relationship.auto_extend_duration,
        "customer": {"tenantId": customer, "displayName": name_of(desk, customer)},
        "accessDetails": {"unifiedRoles": roles(&relationship.roles)},
        "status": relationship.status,
        "endDateTime": relationship.end_date_time.map(|end| end.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()),
    });
    if let Some(provider) = relationship.indirect_provider {
        shown["indirectProviderTenantId"] = json!(provider);
        shown["isPartnerConsentPending"] = json!(false);
    }
    shown
}

/// An access assignment as the service shows it.
pub(super) fn show_assignment(assignment: &AccessAssignment) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.delegatedAdminAccessAssignment",
        "@odata.etag": etag(assignment.version),
        "id": assignment.id,
        "status": assignment.status,
        "accessContainer": {
            "accessContainerId": assignment.group,
            "accessContainerType": "securityGroup",
        },
        "accessDetails": {"unifiedRoles": roles(&assignment.roles)},
    })
}

fn property<'a>(relationship: &'a Relationship, path: &str) -> Option<Property<'a>> {
    match path {
        "id" => Some(Property::text(&relationship.id)),
        "status" => Some(Property::text(&relationship.status)),
        "customer/tenantId" => Some(Property::Text(Cow::Owned(relationship.customer.to_string()))),
        _ => None,
    }
}

fn name_of(desk: &Desk<'_>, tenant: Uuid) -> Option<String> {
    desk.state.directories.get(&tenant).map(|directory| directory.name.clone())
}

fn roles(ids: &[Uuid]) -> Vec<Value> {
    ids.iter().map(|id| json!({"roleDefinitionId": id})).collect()
}
