//! The true state in the shape of a world.

use super::directory::Directory;
use super::estate::Held;
use super::state::State;
use super::world::{Customer, Group, OtherObject, Partner, Subscription, User, World};

/// The whole world as it truly is.
pub(super) fn world(state: &State) -> World {
    let directories = &state.directories;
    let partner = directories.get(&state.partner).map(partner).unwrap_or_default();
    let customers = state.customers.iter().filter_map(|id| directories.get(id));
    World {
        version: 1,
        clock: state.now(),
        lag: state.lag,
        tenants_per_person: state.tenants_per_person,
        page_size: state.page_size,
        quotas: state.quotas.mode,
        cloud: state.cloud,
        client: state.client.clone(),
        managed_identities: state.managed_identities.clone(),
        identity_header: state.identity_header.clone(),
        partner,
        customers: customers.map(|directory| customer(state, directory)).collect(),
    }
}

/// One customer as it truly is.
pub(super) fn customer(state: &State, directory: &Directory) -> Customer {
    Customer {
        name: directory.name.clone(),
        tenant_id: directory.id,
        domain: directory.domain.clone(),
        initial_domain: Some(directory.initial_domain.clone()),
        consent: directory.consent.clone(),
        app: directory.app.clone(),
        sign_in: directory.sign_in,
        users: users(directory),
        groups: groups(directory),
        deleted: deleted(directory),
        deleted_groups: deleted_groups(directory),
        objects: objects(directory),
        policies: directory.policies.clone(),
        capacity: directory.capacity.clone(),
        microsoft365: directory.microsoft365,
        application_roles: directory.application_roles.clone(),
        contract_domain: Some(directory.contract_domain.clone()),
        role_definitions: directory.role_definitions.clone(),
        controller_condition: directory.controller_condition.clone(),
        subscriptions: state.estate.listed_under(directory.id).map(subscription).collect(),
    }
}

/// The partner as it truly is.
pub(super) fn partner(directory: &Directory) -> Partner {
    Partner {
        tenant_id: directory.id,
        domain: directory.domain.clone(),
        consent: directory.consent.clone(),
        users: users(directory),
        groups: groups(directory),
        deleted: deleted(directory),
        deleted_groups: deleted_groups(directory),
        objects: objects(directory),
        policies: directory.policies.clone(),
        gdap: directory.gdap.clone(),
    }
}

fn users(directory: &Directory) -> Vec<User> {
    directory.users.values().cloned().collect()
}

fn groups(directory: &Directory) -> Vec<Group> {
    directory.groups.values().cloned().collect()
}

fn deleted(directory: &Directory) -> Vec<User> {
    directory.deleted.values().cloned().collect()
}

fn deleted_groups(directory: &Directory) -> Vec<Group> {
    directory.deleted_groups.values().cloned().collect()
}

fn objects(directory: &Directory) -> Vec<OtherObject> {
    directory.objects.values().cloned().collect()
}

fn subscription(held: &Held) -> Subscription {
    Subscription { assignments: held.rows.values().cloned().collect(), ..held.facts.clone() }
}
