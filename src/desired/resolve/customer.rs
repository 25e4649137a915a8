//! A customer in effect.

use std::collections::BTreeMap;

use crate::desired::code;
use crate::desired::documents::Doc;
use crate::desired::given::{Given, Optional, entries};
use crate::desired::problems::{Problem, Problems};
use crate::desired::provenance::Trace;
use crate::desired::resolve::catalog::Catalog;
use crate::desired::resolve::{grant, mapping, policy};
use crate::desired::schema::access::{CustomerSpec, OffboardSpec};
use crate::desired::schema::policy::DriftSpec;
use crate::desired::source::Spot;
use crate::desired::state::{Customer, DeclaredSubscription, Drift, Offboard};
use crate::model::ids::RoleId;
use crate::model::names::{CustomerName, RoleName};
use crate::model::role::built_in;

/// The customer of a document, with its mappings and grants.
pub(super) fn customer(
    doc: &Doc<CustomerName, CustomerSpec>,
    catalog: &Catalog<'_>,
    policy_drift: Option<&Given<DriftSpec>>,
    problems: &Problems<'_>,
    trace: &mut Trace<'_>,
) -> Option<Customer> {
    let (name, spec) = doc.parts()?;
    let origin = |spot: Spot| problems.sources().origin(spot);
    let drift = policy::drift(spec.drift.as_ref(), policy::drift(policy_drift, Drift::default()));
    let roles = own_roles(spec, catalog, problems);
    let mappings = mapping::mappings(name, spec, &roles, catalog, problems, trace);
    let grants = grant::grants(name, &mappings, catalog, problems, trace);
    let app = spec.auth.value().and_then(|auth| auth.customer_app.get());
    places(name, spec, policy_drift, problems, trace);
    Some(Customer {
        name: name.clone(),
        tenant: *spec.tenant_id.get()?,
        verify_domain: spec.verify_domain.value().cloned(),
        state: spec.state.value().copied().unwrap_or_default(),
        name_in_groups: name_in_groups(name, spec).to_owned(),
        subscriptions: entries(spec.subscriptions.value())
            .filter_map(|(alias, spot, id)| {
                Some((alias.clone(), DeclaredSubscription { id: *id.get()?, origin: origin(spot) }))
            })
            .collect(),
        templates: spec.templates.value().into_iter().flatten().filter_map(|t| t.get().cloned()).collect(),
        drift,
        roles: roles.into_iter().filter_map(|(name, id)| Some((name.clone(), id?))).collect(),
        customer_app: app.and_then(|app| app.client_id.get().copied()),
        offboard: spec.offboard.as_ref().and_then(|given| offboard(given, problems)),
        reassert_ledger: spec.reassert_ledger.value().copied().unwrap_or(false),
        admin_agents_owner: spec.admin_agents_owner.value().copied().unwrap_or_default(),
        mappings: mappings.done,
        grants,
        origin: origin(doc.start),
        state_origin: origin(spec.state.as_ref().map_or(doc.start, |state| state.spot)),
    })
}

/// What `{customer}` stands for.
pub(super) fn name_in_groups<'d>(name: &'d CustomerName, spec: &'d CustomerSpec) -> &'d str {
    spec.name_in_groups.value().unwrap_or(name).as_str()
}

fn offboard(given: &Given<OffboardSpec>, problems: &Problems<'_>) -> Option<Offboard> {
    let spec = given.get()?;
    Some(Offboard {
        not_before: spec.not_before.value().map(|time| time.0),
        guests: spec.guests.value().copied().unwrap_or_default(),
        reason: spec.reason.value().map(|text| text.0.clone()),
        ticket: spec.ticket.value().map(|text| text.0.clone()),
        origin: problems.sources().origin(given.spot),
    })
}

/// The customer's custom roles. None for one that is named but malformed.
fn own_roles<'d>(
    spec: &'d CustomerSpec,
    catalog: &Catalog<'_>,
    problems: &Problems<'_>,
) -> BTreeMap<&'d RoleName, Option<RoleId>> {
    let mut roles = BTreeMap::new();
    for (name, spot, id) in entries(spec.roles.value()) {
        roles.insert(name, id.get().copied());
        if catalog.roles.contains_key(name) {
            let message = format!("`{name}` is a role of Policy already");
            let problem = Problem::new(code::ROLE_SHADOWS, spot, message);
            problems.add(problem.hint("give the customer's own role another name"));
        } else if let Some(id) = id.get() {
            let of_policy = catalog.roles.values().flatten().find(|role| role.id == *id);
            let known = of_policy.map(|role| format!("Policy's `{}`", role.name));
            let known = known.or_else(|| built_in(*id).map(|role| format!("Azure's `{}`", role.name)));
            if let Some(known) = known {
                let message = format!("`{name}` is {known}, not a custom role of this customer");
                let hint = "built-in roles are listed in Policy, with their tier";
                problems.add(Problem::new(code::ROLE_SHADOWS, spot, message).hint(hint));
            }
        }
    }
    roles
}

/// Notes where the customer's plain values come from.
fn places(
    name: &CustomerName,
    spec: &CustomerSpec,
    policy_drift: Option<&Given<DriftSpec>>,
    problems: &Problems<'_>,
    trace: &mut Trace<'_>,
) {
    let mut note = |path: &str, spot: Option<Spot>| trace.note(name, path, spot, problems);
    note("tenantId", Some(spec.tenant_id.spot));
    note("verifyDomain", spec.verify_domain.spot());
    note("state", spec.state.spot());
    note("nameInGroups", spec.name_in_groups.spot());
    note("reassertLedger", spec.reassert_ledger.spot());
    note("adminAgentsOwner", spec.admin_agents_owner.spot());
    if let Some(auth) = spec.auth.value() {
        note("auth.customerApp.clientId", auth.customer_app.get().map(|app| app.client_id.spot));
    }
    if let Some(block) = spec.offboard.value() {
        note("offboard.notBefore", block.not_before.spot());
        note("offboard.guests", block.guests.spot());
        note("offboard.reason", block.reason.spot());
        note("offboard.ticket", block.ticket.spot());
    }
    for template in spec.templates.value().into_iter().flatten() {
        if let Some(template_name) = template.get() {
            note(&format!("templates.{template_name}"), Some(template.spot));
        }
    }
    for (role, spot, _) in entries(spec.roles.value()) {
        note(&format!("roles.{role}"), Some(spot));
    }
    for drift in [policy_drift, spec.drift.as_ref()].into_iter().flatten().filter_map(Given::get) {
        note("drift.foreignMembers", drift.foreign_members.spot());
        note("drift.strayStaff", drift.stray_staff.spot());
        note("drift.extraAssignments", drift.extra_assignments.spot());
        note("drift.missingAssignments", drift.missing_assignments.spot());
    }
}
