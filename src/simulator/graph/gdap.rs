//! Granular delegated admin relationships, which exist in the partner's tenant only.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::desk::{Desk, Outcome};
use super::paging;
use crate::simulator::answer::Answer;
use crate::simulator::filter::{Filter, Property};
use crate::simulator::refusal::{bad_request, no_such, unsupported_query};
use crate::simulator::world::Relationship;

/// `GET /tenantRelationships/delegatedAdminRelationships`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
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
    let value = page.into_iter().map(show).collect();
    Ok(paging::answer(desk, "tenantRelationships/delegatedAdminRelationships", total, value, next))
}

/// `GET /tenantRelationships/delegatedAdminRelationships/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    Ok(Answer::json(200, show(named(desk)?)))
}

/// `GET /tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments`
pub(super) fn list_assignments(desk: &mut Desk<'_>) -> Outcome {
    let mut found: Vec<_> = named(desk)?.access_assignments.iter().collect();
    found.sort_by_key(|assignment| assignment.id);
    let (total, size) = (found.len(), paging::size(desk, 100, 300)?);
    let (page, next) = paging::cut(desk, found, size, |assignment| assignment.id.to_string())?;
    let value = page
        .into_iter()
        .map(|assignment| {
            json!({
                "@odata.type": "#microsoft.graph.delegatedAdminAccessAssignment",
                "@odata.etag": format!("W/\"{}\"", assignment.id.simple()),
                "id": assignment.id,
                "status": assignment.status,
                "accessContainer": {
                    "accessContainerId": assignment.group,
                    "accessContainerType": "securityGroup",
                },
                "accessDetails": {"unifiedRoles": roles(&assignment.roles)},
            })
        })
        .collect();
    let context =
        format!("tenantRelationships/delegatedAdminRelationships('{}')/accessAssignments", desk.param(0));
    Ok(paging::answer(desk, &context, total, value, next))
}

fn named<'a>(desk: &'a Desk<'_>) -> Result<&'a Relationship, crate::simulator::refusal::Refusal> {
    let id = desk.param(0);
    let same = |relationship: &&Relationship| relationship.id.eq_ignore_ascii_case(id);
    desk.directory().gdap.iter().find(same).ok_or_else(|| no_such(id))
}

fn property<'a>(relationship: &'a Relationship, path: &str) -> Option<Property<'a>> {
    match path {
        "id" => Some(Property::text(&relationship.id)),
        "status" => Some(Property::text(&relationship.status)),
        "customer/tenantId" => Some(Property::Text(Cow::Owned(relationship.customer.to_string()))),
        _ => None,
    }
}

fn show(relationship: &Relationship) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.delegatedAdminRelationship",
        "@odata.etag": format!("W/\"{}\"", relationship.id),
        "id": relationship.id,
        "displayName": format!("Relationship with {}", relationship.customer),
        "duration": "P730D",
        "autoExtendDuration": "P180D",
        "customer": {"tenantId": relationship.customer, "displayName": null},
        "accessDetails": {"unifiedRoles": roles(&relationship.roles)},
        "status": relationship.status,
    })
}

fn roles(ids: &[uuid::Uuid]) -> Vec<Value> {
    ids.iter().map(|id| json!({"roleDefinitionId": id})).collect()
}
