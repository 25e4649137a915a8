//! What a valid tree comes to: templates expanded, aliases resolved, defaults filled in, and how that is shown.

use groupsync::desired;
use groupsync::desired::state::{
    Drift, ForeignMembers, Gdap, IdleAction, Limit, Nested, Source, State, StrayStaff, Threshold,
};
use groupsync::report::render;
use jiff::SignedDuration;

use super::tree::{CUSTOMER, Tree};

#[test]
fn what_the_files_leave_out_has_the_documented_defaults() {
    let state = Tree::valid().read().state.unwrap();
    let policy = &state.policy;
    let limit = |percent, floor| Limit { percent, floor };
    let limits = policy.limits;
    assert_eq!(limits.group_members, limit(50, 3));
    let customer = limits.customer;
    assert_eq!(
        [customer.members, customer.assignments, customer.guests, customer.groups],
        [limit(25, 5), limit(20, 5), limit(25, 5), limit(25, 1)]
    );
    let fleet = limits.fleet;
    assert_eq!(
        [fleet.members, fleet.assignments, fleet.guests, fleet.groups],
        [limit(2, 20), limit(2, 20), limit(2, 20), limit(2, 4)]
    );
    assert_eq!((customer.invitations, fleet.invitations, limits.offboardings_per_day), (200, 5000, 1));
    assert_eq!((limits.fleet_leavers, limits.source_shrink), (limit(5, 3), limit(30, 2)));
    assert_eq!(policy.grant_max_duration, SignedDuration::from_hours(12));
    assert_eq!(policy.tenants_per_person, Threshold { warn: 400, refuse: 490 });
    assert_eq!(policy.objects_per_tenant, Some(Threshold { warn: 200, refuse: 240 }));
    assert_eq!(policy.idle_guests.after, SignedDuration::from_hours(90 * 24));
    assert_eq!(policy.pending_after, SignedDuration::from_hours(14 * 24));
    assert_eq!((policy.idle_guests.action, policy.drift), (IdleAction::Report, Drift::default()));
    assert_eq!(state.partner.gdap, Gdap::Read);

    let northwind = &state.customers[&"northwind".parse().unwrap()];
    assert_eq!((northwind.state, northwind.name_in_groups.as_str()), (State::Observe, "northwind"));
    let Source::Entra(ops) = &state.groups[&"Ops".parse().unwrap()].source else { panic!("read live") };
    assert_eq!((ops.display_name.as_str(), ops.nested, ops.min_members), ("Ops", Nested::Flatten, 1));
}

#[test]
fn a_part_of_a_limit_or_of_drift_leaves_the_rest_as_it_was() {
    let tree = Tree::valid()
        .append("policy.yaml", "  limits: {customer: {members: {percent: 10}}}\n  drift: {strayStaff: hold}\n  objectsPerTenant: off\n")
        .append(CUSTOMER, "  drift: {foreignMembers: remove}\n");
    let state = tree.read().state.unwrap();
    assert_eq!(state.policy.limits.customer.members, Limit { percent: 10, floor: 5 });
    assert_eq!(state.policy.objects_per_tenant, None);
    let drift = state.customers[&"contoso".parse().unwrap()].drift;
    assert_eq!((drift.foreign_members, drift.stray_staff), (ForeignMembers::Remove, StrayStaff::Hold));
}

#[test]
fn a_template_expands_at_each_customer() {
    let tree = Tree::valid()
        .edit(
            "templates/managed.yaml",
            "      roles:",
            "      as: Fabrikam for {customer}\n      was: \"{customer} old\"\n      roles:",
        )
        .edit(CUSTOMER, "    prod:", "    test: 22222222-2222-4000-8000-0000000000b2\n    prod:");
    let state = tree.read().state.unwrap();
    let contoso = &state.customers[&"contoso".parse().unwrap()];
    let mapping = &contoso.mappings[&"Contoso_Readers".parse().unwrap()];
    assert_eq!(mapping.display_name, "Fabrikam for Contoso");
    assert_eq!(mapping.identity().as_str(), "Contoso old");
    assert_eq!(mapping.from.as_ref().map(ToString::to_string).as_deref(), Some("Contoso_Readers"));
    let written: Vec<_> = mapping.roles.iter().map(|role| role.written.as_str()).collect();
    assert_eq!(written, ["subscriptions/prod", "subscriptions/test"], "one for each subscription");
    assert_eq!(mapping.origin.file, "templates/managed.yaml");
}

#[test]
fn a_customer_in_effect_shows_the_line_of_every_value() {
    let name = "contoso".parse().unwrap();
    let tree = Tree::valid().append(CUSTOMER, "  drift: {strayStaff: hold}\n");
    let dir = tree.write();
    let (read, provenance) = desired::read_tracing(dir.path(), &name);
    let state = read.state.unwrap();
    let shown = render::text(&state, &state.customers[&name], &provenance);
    let shown = anstream::adapter::strip_str(&shown).to_string();
    insta::assert_snapshot!(shown);
    let json: serde_json::Value =
        serde_json::from_str(&render::json(&state, &state.customers[&name], &provenance)).unwrap();
    let drift = &json["customer"]["value"]["drift"]["value"];
    assert_eq!(drift["strayStaff"]["value"], "hold");
    assert_eq!(drift["strayStaff"]["at"]["line"], 18);
    assert_eq!(drift["foreignMembers"]["default"], true);
}
