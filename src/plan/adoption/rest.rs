//! What no mapping can be made of: roles that people hold themselves, roles that declared mappings lost, and what is the
//! customer's own.

use std::collections::BTreeMap;

use crate::model::address::Address;
use crate::model::assignment::RoleAssignment;
use crate::model::ids::ObjectId;
use crate::model::member::User;
use crate::observed::question::Question;
use crate::observed::surroundings::Surroundings;
use crate::plan::adoption::holders::{Ends, held};
use crate::plan::adoption::value::{Adoption, Direct, Foreign, Loose};
use crate::plan::diff::estate::Estate;
use crate::plan::directory::{Likeness, likeness, staff_address_of};
use crate::plan::draft::Inputs;
use crate::plan::operation::Action;
use crate::plan::sheet::Sheet;
use crate::plan::value::CustomerPlan;

/// People of ours who hold roles themselves; everybody else who does is foreign.
pub(super) fn direct<'a>(
    sheet: &mut Sheet<'a>,
    around: &'a Surroundings,
    rows: &BTreeMap<ObjectId, Vec<&'a RoleAssignment>>,
    adoption: &mut Adoption,
) -> Vec<Direct> {
    let mut found = Vec::new();
    for (id, user) in &around.users {
        let user = match user {
            Ok(Some(user)) => user,
            Ok(None) => continue,
            Err(unread) => {
                sheet.gap(unread, format!("user {id}"), "whether this user is one of ours");
                continue;
            }
        };
        let Some(address) = address_of_ours(sheet, user) else {
            adoption.foreign.people.insert(*id);
            continue;
        };
        let rows = rows.get(id).map(Vec::as_slice).unwrap_or_default();
        for role in held(sheet, rows, &adoption.subscriptions, Ends::Never) {
            let (role, written) = (role.name, role.written);
            found.push(Direct { address: address.clone(), guest: *id, role, written });
        }
    }
    found.sort();
    found
}

/// The address of the person whose guest a user is; none for everybody else.
fn address_of_ours(sheet: &mut Sheet<'_>, user: &User) -> Option<Address> {
    let domains = &sheet.inputs.desired.partner.staff_domains;
    let directory = sheet.inputs.directory;
    let known = directory.people_at(user).filter_map(|id| directory.person(id));
    let mut known = known.filter(|person| likeness(user, person, domains) == Likeness::Match);
    if let Some(person) = known.next() {
        return person.staff_address(domains).cloned();
    }
    let address = staff_address_of(user, domains).filter(|_| user.is_external())?;
    let answer = sheet.inputs.observed.facts.staff.get(&address);
    match sheet.ask(answer, Question::Staff(address.clone())) {
        Some(Ok(Some(person))) if likeness(user, person, domains) == Likeness::Match => Some(address),
        Some(Err(unread)) => {
            sheet.gap(unread, address.to_string(), "whether this user is one of ours");
            None
        }
        Some(Ok(_)) | None => None,
    }
}

/// Roles of ours that a declared mapping does not declare: a plan of the files as they are would take them.
pub(super) fn loose(estate: &Estate<'_>, inputs: Inputs<'_>, today: &CustomerPlan) -> Vec<Loose> {
    let mut roles = Vec::new();
    for operation in &today.operations {
        let Action::DeleteRoleAssignment { key, role, .. } = &operation.action else { continue };
        let mapped = estate.mapped.iter().find(|(_, holding)| holding.group.id == key.principal);
        if let Some((mapping, _)) = mapped {
            let written = inputs.customer.written(&key.scope);
            roles.push(Loose { key: (*mapping).clone(), role: role.clone(), written });
        }
    }
    roles.sort();
    roles
}

pub(super) fn count_foreign(
    foreign: &mut Foreign,
    inputs: Inputs<'_>,
    rows: &BTreeMap<ObjectId, Vec<&RoleAssignment>>,
) {
    for (principal, rows) in rows {
        foreign.above += rows.iter().filter(|row| row.key.scope.subscription_id().is_none()).count();
        let kind = rows.first().map(|row| row.principal_type.as_str());
        let is_us = inputs.observed.identity.as_ref().is_ok_and(|us| us == principal);
        if !matches!(kind, Some("Group" | "User")) && !is_us {
            foreign.others.insert(*principal);
        }
    }
    let subscriptions = inputs.observed.subscriptions.iter().flat_map(BTreeMap::values);
    let others = subscriptions.filter(|found| found.tenant != inputs.customer.tenant);
    foreign.subscriptions = others.map(|found| found.id).collect();
}
