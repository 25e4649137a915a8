//! The customer as a tree of values with places, in the order and with the words of the files.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;
use serde_json::{Value, json};

use crate::desired::provenance::Provenance;
use crate::desired::state::{
    Customer, DesiredState, Grant, Mapping, Offboard, PersonRef, RoleAtScope, Source,
};
use crate::model::names::RoleName;
use crate::model::ownership::Mark;
use crate::model::role::Role;
use crate::report::render::{Body, From, Node};
use crate::report::words::code;

/// Everything about a customer.
pub(super) fn sheet(desired: &DesiredState, customer: &Customer, provenance: &Provenance) -> Node {
    let places = Places(provenance);
    let mut entries = vec![
        ("name", text(&customer.name, From::File(customer.origin.clone()))),
        ("tenantId", text(customer.tenant, places.of("tenantId"))),
    ];
    if let Some(domain) = &customer.verify_domain {
        entries.push(("verifyDomain", text(domain, places.of("verifyDomain"))));
    }
    entries.extend([
        ("state", word(customer.state, places.of("state"))),
        ("nameInGroups", text(&customer.name_in_groups, places.of("nameInGroups"))),
    ]);
    if let Some(offboard) = &customer.offboard {
        entries.push(("offboard", leaving(offboard, &places)));
    }
    if let Some(app) = customer.customer_app {
        let app = text(app, places.of("auth.customerApp.clientId"));
        entries.push(("auth", derived([("customerApp", derived([("clientId", app)]))])));
    }
    let subscriptions = customer
        .subscriptions
        .iter()
        .map(|(alias, subscription)| (alias, text(subscription.id, From::File(subscription.origin.clone()))));
    let templates =
        customer.templates.iter().map(|name| text(name, places.of(&format!("templates.{name}")))).collect();
    let own_roles =
        customer.roles.iter().map(|(name, id)| (name, text(id, places.of(&format!("roles.{name}")))));
    let groups = customer
        .mappings
        .values()
        .map(|m| (&m.key, mapping(m, desired, &Mark::of(desired.partner.tenant), &places)));
    let grants = customer.grants.values().map(|g| (&g.name, grant(g, &places)));
    let overrides = desired.overrides.iter().filter(|o| o.customer == customer.name).map(|o| {
        let expires = text(o.expires, From::Derived);
        let lines = [
            ("digest", text(&o.digest, From::Derived)),
            ("expires", expires),
            ("reason", text(&o.reason, From::Derived)),
        ];
        (&o.name, map(lines, From::File(o.origin.clone())))
    });
    let drift = &customer.drift;
    entries.extend([
        ("subscriptions", derived(subscriptions)),
        ("templates", Node { from: From::Derived, body: Body::List(templates) }),
        ("roles", derived(own_roles)),
        (
            "drift",
            derived([
                ("foreignMembers", word(drift.foreign_members, places.of("drift.foreignMembers"))),
                ("strayStaff", word(drift.stray_staff, places.of("drift.strayStaff"))),
                ("extraAssignments", word(drift.extra_assignments, places.of("drift.extraAssignments"))),
                (
                    "missingAssignments",
                    word(drift.missing_assignments, places.of("drift.missingAssignments")),
                ),
            ]),
        ),
        ("reassertLedger", leaf(json!(customer.reassert_ledger), places.of("reassertLedger"))),
        ("adminAgentsOwner", word(customer.admin_agents_owner, places.of("adminAgentsOwner"))),
        ("groups", derived(groups)),
        ("grants", derived(grants)),
        ("overrides", derived(overrides)),
    ]);
    derived(entries)
}

fn leaving(offboard: &Offboard, places: &Places<'_>) -> Node {
    let mut entries = Vec::new();
    match offboard.not_before {
        Some(time) => entries.push(("notBefore", text(time, places.of("offboard.notBefore")))),
        None => entries.push(("notBefore", text("at once", From::Default))),
    }
    entries.push(("guests", word(offboard.guests, places.of("offboard.guests"))));
    entries.extend(
        offboard.reason.as_ref().map(|reason| ("reason", text(reason, places.of("offboard.reason")))),
    );
    entries.extend(
        offboard.ticket.as_ref().map(|ticket| ("ticket", text(ticket, places.of("offboard.ticket")))),
    );
    map(entries, From::File(offboard.origin.clone()))
}

fn mapping(mapping: &Mapping, desired: &DesiredState, mark: &Mark, places: &Places<'_>) -> Node {
    let place = |field: &str| match places.of(&format!("groups.{}.{field}", mapping.key)) {
        From::File(origin) => From::File(origin),
        From::Default | From::Derived => From::File(mapping.origin.clone()),
    };
    let mut entries = vec![("as", text(&mapping.display_name, place("as")))];
    match mapping.adopt {
        Some(id) => entries.push(("adopt", text(id, place("adopt")))),
        None => entries.push(("uniqueName", text(mark.group(mapping.identity()), From::Derived))),
    }
    entries.extend(mapping.was.as_ref().map(|was| ("was", text(was, place("was")))));
    if mapping.reassert {
        entries.push(("reassert", leaf(json!(true), place("reassert"))));
    }
    match &mapping.from {
        None => entries.push(("from", text("none", place("from")))),
        Some(name) => {
            entries.push(("from", text(name, place("from"))));
            entries.extend(desired.groups.get(name).map(|group| members(&group.source)));
        }
    }
    entries.push(("roles", derived(roles(mapping, places))));
    map(entries, From::File(mapping.origin.clone()))
}

/// The roles of a mapping's group, each with the scopes it holds there.
fn roles<'m>(mapping: &'m Mapping, places: &Places<'_>) -> BTreeMap<&'m RoleName, Node> {
    let mut by_name: BTreeMap<_, (&Role, Vec<Node>)> = BTreeMap::new();
    for RoleAtScope { role, written, origin, .. } in &mapping.roles {
        let (_, scopes) = by_name.entry(&role.name).or_insert_with(|| (role, Vec::new()));
        scopes.push(text(written, From::File(origin.clone())));
    }
    let shown = |(name, (role, scopes)): (&'m RoleName, (&Role, Vec<Node>))| {
        let place = || match places.of(&format!("policy.roles.{name}")) {
            From::File(origin) => From::File(origin),
            From::Default | From::Derived => places.of(&format!("roles.{name}")),
        };
        let lines = [
            ("id", text(role.id, place())),
            ("tier", word(role.tier, place())),
            ("scopes", Node { from: From::Derived, body: Body::List(scopes) }),
        ];
        (name, derived(lines))
    };
    by_name.into_iter().map(shown).collect()
}

/// Who stands in a partner group.
fn members(source: &Source) -> (&'static str, Node) {
    match source {
        Source::Listed(members) => {
            let mut members: Vec<_> = members.values().collect();
            members.sort_by_key(|member| &member.person.address);
            let lines = members.into_iter().map(|member| {
                let until = member.expires.map(|end| format!(", until {end}")).unwrap_or_default();
                let from = From::File(member.person.origin.clone());
                (&member.person.address, text(format!("{}{until}", member.person.id), from))
            });
            ("members", derived(lines))
        }
        Source::Entra(group) => {
            let lines = [
                ("objectId", text(group.id, From::Derived)),
                ("displayName", text(&group.display_name, From::Derived)),
                ("nested", word(group.nested, From::Derived)),
                ("minMembers", leaf(json!(group.min_members), From::Derived)),
            ];
            ("entraGroup", map(lines, From::File(group.origin.clone())))
        }
    }
}

fn grant(grant: &Grant, places: &Places<'_>) -> Node {
    let place = |field: &str| places.of(&format!("grants.{}.{field}", grant.name));
    let PersonRef { id, address, origin } = &grant.person;
    let mut entries = vec![
        ("group", text(&grant.mapping, place("group"))),
        ("person", text(format!("{address}: {id}"), From::File(origin.clone()))),
        ("notBefore", text(grant.not_before, place("notBefore"))),
        ("expires", text(grant.expires, place("expires"))),
        ("reason", text(&grant.reason, place("reason"))),
    ];
    entries.extend(grant.ticket.as_ref().map(|ticket| ("ticket", text(ticket, place("ticket")))));
    entries.push(("onExpiry", word(grant.on_expiry, place("onExpiry"))));
    map(entries, From::File(grant.origin.clone()))
}

struct Places<'a>(&'a Provenance);

impl Places<'_> {
    fn of(&self, path: &str) -> From {
        self.0.of(path).cloned().map_or(From::Default, From::File)
    }
}

fn leaf(value: Value, from: From) -> Node {
    Node { from, body: Body::Leaf(value) }
}

fn text(value: impl Display, from: From) -> Node {
    leaf(Value::String(value.to_string()), from)
}

fn word(value: impl Serialize, from: From) -> Node {
    text(code(value), from)
}

fn map<K: Display>(entries: impl IntoIterator<Item = (K, Node)>, from: From) -> Node {
    Node { from, body: Body::Map(entries.into_iter().map(|(key, node)| (key.to_string(), node)).collect()) }
}

fn derived<K: Display>(entries: impl IntoIterator<Item = (K, Node)>) -> Node {
    map(entries, From::Derived)
}
