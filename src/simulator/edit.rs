//! What people in a tenant do behind the application's back: the difference between two worlds, carried out with lag.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::arm::builtin::RBAC_ADMINISTRATOR;
use super::directory::Directory;
use super::history::{Act, Actor};
use super::state::State;
use super::token::service_principal;
use super::world::{
    Assignment, ControllerCondition, Customer, Group, OtherObject, Partner, Subscription, User, World,
};

/// Carries out what was changed in a snapshot.
pub(super) fn apply(state: &mut State, before: &World, after: &World) {
    state.lag = after.lag;
    state.tenants_per_person = after.tenants_per_person;
    state.page_size = after.page_size;
    state.quotas.mode = after.quotas;
    state.client = after.client.clone();
    state.managed_identities.clone_from(&after.managed_identities);
    state.identity_header.clone_from(&after.identity_header);
    apply_partner(state, &before.partner, &after.partner);
    for customer in &after.customers {
        let old = before.customers.iter().find(|old| old.tenant_id == customer.tenant_id);
        match old {
            Some(old) => apply_customer(state, old, customer),
            None => add_customer(state, customer),
        }
    }
    for old in &before.customers {
        if !after.customers.iter().any(|customer| customer.tenant_id == old.tenant_id) {
            remove_customer(state, old);
        }
    }
}

/// Carries out what was changed in a snapshot of one customer.
pub(super) fn apply_customer(state: &mut State, before: &Customer, after: &Customer) {
    if before == after {
        return;
    }
    let tenant = after.tenant_id;
    let old = People::of(&before.users, &before.groups, &before.deleted, &before.deleted_groups);
    let new = People::of(&after.users, &after.groups, &after.deleted, &after.deleted_groups);
    apply_people(state, tenant, &old, &new, &after.objects);
    apply_settings(state, before, after);
    apply_subscriptions(state, before, after);
    if before.controller_condition != after.controller_condition {
        replace_condition(state, after);
    }
}

fn apply_partner(state: &mut State, before: &Partner, after: &Partner) {
    if before == after {
        return;
    }
    let old = People::of(&before.users, &before.groups, &before.deleted, &before.deleted_groups);
    let new = People::of(&after.users, &after.groups, &after.deleted, &after.deleted_groups);
    apply_people(state, after.tenant_id, &old, &new, &after.objects);
    if let Some((directory, _, mut moment)) = state.writer(after.tenant_id, Actor::Customer) {
        let same = directory.gdap == after.gdap
            && directory.consent == after.consent
            && directory.domain == after.domain
            && directory.policies == after.policies;
        if !same {
            directory.policies = after.policies.clone();
            directory.gdap.clone_from(&after.gdap);
            directory.consent.clone_from(&after.consent);
            directory.domain.clone_from(&after.domain);
            moment.note(after.tenant_id, Act::TenantChanged {});
        }
    }
}

fn add_customer(state: &mut State, customer: &Customer) {
    let now = state.now();
    let directory = Directory::of_customer(customer, now);
    let partner = state.directories.get(&state.partner);
    let admins =
        partner.and_then(|partner| partner.groups.values().find(|group| group.display_name == "AdminAgents"));
    let (admins, client) = (admins.cloned(), state.client.id);
    state.estate.fill(&directory, &customer.subscriptions, admins.as_ref(), client, now);
    directory.users.values().for_each(|user| state.tenancies.join(user));
    state.customers.push(customer.tenant_id);
    state.directories.insert(customer.tenant_id, directory);
}

fn remove_customer(state: &mut State, customer: &Customer) {
    state.customers.retain(|id| *id != customer.tenant_id);
    if let Some(directory) = state.directories.remove(&customer.tenant_id) {
        directory.users.values().for_each(|user| state.tenancies.leave(user));
    }
    for subscription in &customer.subscriptions {
        state.estate.remove(subscription.id);
    }
}

/// The parts of a tenant that are people and groups.
struct People<'a> {
    users: BTreeMap<Uuid, &'a User>,
    groups: BTreeMap<Uuid, &'a Group>,
    deleted: BTreeMap<Uuid, &'a User>,
    deleted_groups: BTreeMap<Uuid, &'a Group>,
}

impl<'a> People<'a> {
    fn of(users: &'a [User], groups: &'a [Group], deleted: &'a [User], deleted_groups: &'a [Group]) -> Self {
        Self {
            users: by_id(users, |user| user.id),
            groups: by_id(groups, |group| group.id),
            deleted: by_id(deleted, |user| user.id),
            deleted_groups: by_id(deleted_groups, |group| group.id),
        }
    }
}

fn by_id<T>(items: &[T], id: fn(&T) -> Uuid) -> BTreeMap<Uuid, &T> {
    items.iter().map(|item| (id(item), item)).collect()
}

fn apply_people(
    state: &mut State,
    tenant: Uuid,
    before: &People<'_>,
    after: &People<'_>,
    objects: &[OtherObject],
) {
    let Some((directory, _, mut moment)) = state.writer(tenant, Actor::Customer) else { return };
    directory.objects = objects.iter().map(|object| (object.id, object.clone())).collect();
    for id in before.users.keys().filter(|id| !after.users.contains_key(id)) {
        directory.drop_user(&mut moment, *id);
    }
    for id in before.deleted.keys().filter(|id| !after.deleted.contains_key(id)) {
        if after.users.contains_key(id) {
            directory.restore_user(&mut moment, *id);
        } else {
            directory.purge_user(&mut moment, *id);
        }
    }
    for (id, user) in &after.users {
        let mut wanted = (*user).clone();
        wanted.complete(&directory.initial_domain, moment.now);
        wanted.deleted_date_time = None;
        wanted.was_member_of.clear();
        if directory.users.get(id) == Some(&wanted) {
            continue;
        }
        let known = directory.users.contains_key(id);
        let act = if known { Act::UserUpdated { user: *id } } else { Act::UserCreated { user: *id } };
        directory.put_user(&mut moment, wanted, act);
    }
    for id in before.groups.keys().filter(|id| !after.groups.contains_key(id)) {
        directory.drop_group(&mut moment, *id);
    }
    for id in before.deleted_groups.keys().filter(|id| !after.deleted_groups.contains_key(id)) {
        if after.groups.contains_key(id) {
            directory.restore_group(&mut moment, *id);
        } else {
            directory.purge_group(&mut moment, *id);
        }
    }
    for (id, group) in &after.groups {
        let mut wanted = (*group).clone();
        wanted.complete(moment.now);
        wanted.deleted_date_time = None;
        let Some(truth) = directory.groups.get(id).cloned() else {
            directory.put_group(&mut moment, wanted);
            continue;
        };
        // Only what the edit itself changed: a deleted user has left this group already.
        let old = before.groups.get(id).map_or(&truth, |old| *old);
        let (old_members, old_owners) = (old.members.clone(), old.owners.clone());
        for member in old_members.difference(&wanted.members) {
            directory.remove_member(&mut moment, *id, *member);
        }
        for member in wanted.members.difference(&old_members).filter(|id| !after.deleted.contains_key(id)) {
            directory.add_member(&mut moment, *id, *member);
        }
        for owner in old_owners.difference(&wanted.owners) {
            directory.remove_owner(&mut moment, *id, *owner);
        }
        for owner in wanted.owners.difference(&old_owners) {
            directory.add_owner(&mut moment, *id, *owner);
        }
        (wanted.members, wanted.owners) = (truth.members.clone(), truth.owners.clone());
        if wanted != truth {
            directory.put_group(&mut moment, wanted);
        }
    }
}

fn apply_settings(state: &mut State, before: &Customer, after: &Customer) {
    let Some((directory, _, mut moment)) = state.writer(after.tenant_id, Actor::Customer) else { return };
    let same = before.name == after.name
        && before.domain == after.domain
        && before.initial_domain == after.initial_domain
        && before.consent == after.consent
        && before.app == after.app
        && before.sign_in == after.sign_in
        && before.policies == after.policies
        && before.capacity == after.capacity
        && before.microsoft365 == after.microsoft365
        && before.application_roles == after.application_roles
        && before.contract_domain == after.contract_domain
        && before.role_definitions == after.role_definitions
        && before.controller_condition == after.controller_condition;
    if same {
        return;
    }
    directory.name.clone_from(&after.name);
    directory.domain.clone_from(&after.domain);
    if let Some(initial) = &after.initial_domain {
        directory.initial_domain.clone_from(initial);
    }
    directory.consent.clone_from(&after.consent);
    directory.app.clone_from(&after.app);
    directory.sign_in = after.sign_in;
    directory.policies = after.policies.clone();
    directory.capacity = after.capacity.clone();
    directory.microsoft365 = after.microsoft365;
    directory.application_roles.clone_from(&after.application_roles);
    if let Some(domain) = &after.contract_domain {
        directory.contract_domain.clone_from(domain);
    }
    directory.role_definitions.clone_from(&after.role_definitions);
    directory.controller_condition.clone_from(&after.controller_condition);
    moment.note(after.tenant_id, Act::TenantChanged {});
}

fn apply_subscriptions(state: &mut State, before: &Customer, after: &Customer) {
    let old: BTreeMap<Uuid, &Subscription> = by_id(&before.subscriptions, |subscription| subscription.id);
    let new: BTreeSet<Uuid> = after.subscriptions.iter().map(|subscription| subscription.id).collect();
    for id in old.keys().filter(|id| !new.contains(id)) {
        state.estate.remove(*id);
        note_subscription(state, after.tenant_id, *id);
    }
    for subscription in &after.subscriptions {
        match old.get(&subscription.id) {
            Some(old) if *old == subscription => {}
            Some(old) => change_subscription(state, after.tenant_id, old, subscription),
            None => {
                add_subscription(state, after.tenant_id, subscription);
                note_subscription(state, after.tenant_id, subscription.id);
            }
        }
    }
}

fn add_subscription(state: &mut State, customer: Uuid, subscription: &Subscription) {
    let now = state.now();
    let partner = state.directories.get(&state.partner);
    let admins =
        partner.and_then(|partner| partner.groups.values().find(|group| group.display_name == "AdminAgents"));
    let admins = admins.cloned();
    if let Some(directory) = state.directories.get(&customer) {
        let one = std::slice::from_ref(subscription);
        state.estate.fill(directory, one, admins.as_ref(), state.client.id, now);
    }
}

fn change_subscription(state: &mut State, customer: Uuid, before: &Subscription, after: &Subscription) {
    let id = after.id;
    let mut rows = rows(after, state.now());
    if before.tenant_id.unwrap_or(customer) != after.tenant_id.unwrap_or(customer) {
        // A move to another directory deletes every assignment for good.
        rows.clear();
    }
    let Some((_, estate, mut moment)) = state.writer(customer, Actor::Customer) else { return };
    let Some(held) = estate.get_mut(id) else { return };
    for name in before.assignments.iter().map(|row| row.name).filter(|name| !rows.contains_key(name)) {
        held.drop_row(&mut moment, name);
    }
    for (name, row) in rows {
        if held.rows.get(&name) != Some(&row) {
            held.put_row(&mut moment, row);
        }
    }
    let facts = |subscription: &Subscription| Subscription {
        assignments: Vec::new(),
        default_rows: false,
        ..subscription.clone()
    };
    if facts(before) != facts(after) {
        estate.put(customer, facts(after));
        note_subscription(state, customer, id);
    }
}

/// The wanted assignments by name, filled in like those of a world.
fn rows(subscription: &Subscription, now: Timestamp) -> BTreeMap<Uuid, Assignment> {
    let rows = subscription.assignments.iter().cloned();
    rows.map(|row| super::estate::completed(row, subscription.id, now)).map(|row| (row.name, row)).collect()
}

fn note_subscription(state: &mut State, tenant: Uuid, subscription: Uuid) {
    if let Some((_, _, mut moment)) = state.writer(tenant, Actor::Customer) {
        moment.note(tenant, Act::SubscriptionChanged { subscription });
    }
}

/// Puts another condition on the application's own role assignments.
fn replace_condition(state: &mut State, customer: &Customer) {
    let own = service_principal(customer.tenant_id, state.client_in(customer.tenant_id).id);
    let condition = customer.controller_condition.as_ref().map(ControllerCondition::text);
    let Some((_, estate, mut moment)) = state.writer(customer.tenant_id, Actor::Customer) else { return };
    for subscription in &customer.subscriptions {
        let Some(held) = estate.get_mut(subscription.id) else { continue };
        let own_row = |row: &&Assignment| row.principal_id == own && row.role == RBAC_ADMINISTRATOR;
        let row = held.rows.values().find(own_row).cloned();
        if let Some(row) = row {
            let condition_version = condition.as_ref().map(|_| "2.0".to_owned());
            held.put_row(&mut moment, Assignment { condition: condition.clone(), condition_version, ..row });
        }
    }
}
