//! What no mapping can be made of: roles that people hold themselves, roles that declared mappings lost, and what is the
//! customer's own.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::state::{Mapping, Source};
use crate::model::address::Address;
use crate::model::assignment::RoleAssignment;
use crate::model::ids::ObjectId;
use crate::model::member::User;
use crate::observed::question::Question;
use crate::observed::surroundings::Surroundings;
use crate::plan::adoption::holders::{Ends, are_whole, held, users};
use crate::plan::adoption::value::{Adoption, Direct, Foreign, Loose, Reason, Roleless};
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
pub(super) fn loose<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    rows: &BTreeMap<ObjectId, Vec<&'a RoleAssignment>>,
    adoption: &Adoption,
    today: &CustomerPlan,
) -> Vec<Loose> {
    let mut roles = Vec::new();
    for operation in &today.operations {
        let Action::DeleteRoleAssignment { key, .. } = &operation.action else { continue };
        let mapped = estate.mapped.iter().find(|(_, holding)| holding.group.id == key.principal);
        let Some(mapping) = mapped.and_then(|(name, _)| sheet.inputs.customer.mappings.get(*name)) else {
            continue;
        };
        let of_group = rows.get(&key.principal).map(Vec::as_slice).unwrap_or_default();
        let row: Vec<&RoleAssignment> = of_group.iter().copied().filter(|row| row.key == *key).collect();
        for held in held(sheet, &row, &adoption.subscriptions, ends(sheet.inputs, mapping)) {
            let why_not = held.verdict.as_ref().err().cloned().or_else(|| not_its_own(sheet.inputs, mapping));
            let why_not = why_not.map(Reason::Text).into_iter().collect();
            roles.push(Loose { key: mapping.key.clone(), group: key.principal, held, why_not });
        }
    }
    roles.sort_by(|a, b| (&a.key, &a.held).cmp(&(&b.key, &b.held)));
    roles
}

/// Why nothing can be added to a mapping of this customer alone, if so.
fn not_its_own(inputs: Inputs<'_>, mapping: &Mapping) -> Option<String> {
    let origin = &mapping.origin;
    (origin.file != inputs.customer.origin.file).then(|| {
        format!("its mapping stands in {}:{}, which is not this customer's alone", origin.file, origin.line)
    })
}

/// Whether the memberships of a declared mapping all end.
fn ends(inputs: Inputs<'_>, mapping: &Mapping) -> Ends {
    let source = mapping.from.as_ref().map(|name| inputs.desired.groups.get(name).map(|group| &group.source));
    match source {
        None => Ends::Always,
        Some(Some(Source::Listed(people))) if people.values().all(|listed| listed.expires.is_some()) => {
            Ends::Always
        }
        Some(_) => Ends::Never,
    }
}

/// Groups that hold no role here and in which people of ours stand. Where not every role could be read, none is said to be so.
pub(super) fn roleless<'a>(
    sheet: &mut Sheet<'a>,
    around: &'a Surroundings,
    rows: &BTreeMap<ObjectId, Vec<&'a RoleAssignment>>,
) -> Vec<Roleless> {
    let inputs = sheet.inputs;
    let addresses: BTreeMap<ObjectId, Address> = users(inputs, around)
        .filter_map(|user| Some((user.id, staff_address_of(user, &inputs.desired.partner.staff_domains)?)))
        .collect();
    let is_known = |id: &ObjectId| {
        inputs.observed.groups.as_ref().is_ok_and(|groups| groups.contains_key(id))
            || inputs.observed.adopted.contains_key(id)
            || rows.contains_key(id)
    };
    let mut found: BTreeMap<ObjectId, Roleless> = BTreeMap::new();
    for (guest, groups) in &around.memberships {
        let groups = match groups {
            Ok(groups) => groups,
            Err(unread) => {
                sheet.gap(
                    unread,
                    format!("guest {guest}"),
                    "which groups without a role this guest stands in",
                );
                continue;
            }
        };
        for (id, display_name) in groups.iter().filter(|(id, _)| !is_known(id)) {
            let display_name = display_name.clone();
            let group = Roleless { group: *id, display_name, people: BTreeSet::new() };
            found.entry(*id).or_insert(group).people.extend(addresses.get(guest).cloned());
        }
    }
    if are_whole(inputs) { found.into_values().collect() } else { Vec::new() }
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
