//! The subscriptions of all tenants: their true role assignments, and what readers see of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use super::arm::builtin;
use super::arm::scope;
use super::directory::{Directory, Moment};
use super::history::Act;
use super::lag::{LagRule, Lagged, seen};
use super::token::service_principal;
use super::world::{Assignment, Group, Subscription};

/// Every subscription of the world.
#[derive(Clone, Debug, Default)]
pub(super) struct Estate {
    held: BTreeMap<Uuid, Held>,
    /// Which subscriptions a tenant's tokens may see at all.
    visible: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

/// A subscription as the simulator holds it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// The customer under which the world lists it.
    pub(super) customer: Uuid,
    /// The tenant it belongs to.
    pub(super) tenant: Uuid,
    /// Everything but the assignments.
    pub(super) facts: Subscription,
    /// The true assignments by name.
    pub(super) rows: BTreeMap<Uuid, Assignment>,
    listed: Lagged<Uuid, Option<Assignment>>,
    by_id: Lagged<Uuid, Option<Assignment>>,
}

impl Estate {
    pub(super) fn get(&self, subscription: Uuid) -> Option<&Held> {
        self.held.get(&subscription)
    }

    pub(super) fn get_mut(&mut self, subscription: Uuid) -> Option<&mut Held> {
        self.held.get_mut(&subscription)
    }

    /// The subscriptions that belong to a tenant or are delegated to it.
    pub(super) fn seen_by(&self, tenant: Uuid) -> impl Iterator<Item = &Held> {
        self.visible.get(&tenant).into_iter().flatten().filter_map(|id| self.held.get(id))
    }

    /// The subscriptions a customer's entry in the world lists, in the order of their ids.
    pub(super) fn listed_under(&self, customer: Uuid) -> impl Iterator<Item = &Held> {
        self.held.values().filter(move |held| held.customer == customer)
    }

    /// Replaces everything of a subscription but its assignments.
    pub(super) fn put(&mut self, customer: Uuid, facts: Subscription) {
        if let Some(held) = self.held.get_mut(&facts.id) {
            held.tenant = facts.tenant_id.unwrap_or(customer);
            (held.customer, held.facts) = (customer, facts);
        }
        self.index();
    }

    /// Removes a subscription altogether.
    pub(super) fn remove(&mut self, id: Uuid) {
        self.held.remove(&id);
        self.index();
    }

    /// Adds subscriptions, with the rows every managed subscription has.
    pub(super) fn fill(
        &mut self,
        directory: &Directory,
        subscriptions: &[Subscription],
        partner: Option<&Group>,
        client: Uuid,
        clock: Timestamp,
    ) {
        let client = directory.app.as_ref().map_or(client, |app| app.id);
        for facts in subscriptions {
            let mut facts = facts.clone();
            let own = facts.tenant_id.is_none_or(|tenant| tenant == directory.id);
            if facts.default_rows && own {
                add_default_rows(&mut facts, directory, partner, client);
            }
            facts.default_rows = false;
            let tenant = facts.tenant_id.unwrap_or(directory.id);
            let id = facts.id;
            let rows = std::mem::take(&mut facts.assignments)
                .into_iter()
                .map(|row| completed(row, id, clock))
                .map(|row| (row.name, row))
                .collect();
            for seer in facts.managed_by_tenants.iter().chain([&tenant]) {
                self.visible.entry(*seer).or_default().insert(id);
            }
            let (listed, by_id) = (Lagged::default(), Lagged::default());
            self.held.insert(id, Held { customer: directory.id, tenant, facts, rows, listed, by_id });
        }
    }

    /// The subscription that holds an assignment of that name anywhere in the tenant.
    pub(super) fn holder_of(&self, tenant: Uuid, name: Uuid) -> Option<&Held> {
        self.seen_by(tenant).find(|held| held.tenant == tenant && held.rows.contains_key(&name))
    }

    fn index(&mut self) {
        self.visible.clear();
        for (id, held) in &self.held {
            for seer in held.facts.managed_by_tenants.iter().chain([&held.tenant]) {
                self.visible.entry(*seer).or_default().insert(*id);
            }
        }
    }
}

impl Held {
    /// The assignments as lists show them.
    pub(super) fn list(&self, now: Timestamp) -> Vec<&Assignment> {
        seen(&self.rows, &self.listed, now)
    }

    /// The assignment as a GET by id shows it.
    pub(super) fn read(&self, name: Uuid, now: Timestamp) -> Option<&Assignment> {
        match self.by_id.still(&name, now) {
            Some(old) => old.as_ref(),
            None => self.rows.get(&name),
        }
    }

    /// Adds an assignment or replaces one.
    pub(super) fn put_row(&mut self, moment: &mut Moment<'_>, row: Assignment) {
        let row = completed(row, self.facts.id, moment.now);
        let act = self.act_of(&row);
        let (name, old) = (row.name, self.rows.insert(row.name, row));
        let (subscription, tenant) = (self.facts.id, self.tenant);
        self.remember(moment.lag, moment.now, name, old.clone());
        let AssignmentFacts { name, scope, principal, role } = act;
        moment.note(
            tenant,
            if old.is_some() {
                Act::AssignmentUpdated { subscription, name, scope, principal, role }
            } else {
                Act::AssignmentCreated { subscription, name, scope, principal, role }
            },
        );
    }

    /// Deletes an assignment; nothing happens if there is none.
    pub(super) fn drop_row(&mut self, moment: &mut Moment<'_>, name: Uuid) {
        let Some(row) = self.rows.remove(&name) else { return };
        let AssignmentFacts { name, scope, principal, role } = self.act_of(&row);
        let (subscription, tenant) = (self.facts.id, self.tenant);
        self.remember(moment.lag, moment.now, name, Some(row));
        moment.note(tenant, Act::AssignmentDeleted { subscription, name, scope, principal, role });
    }

    fn act_of(&self, row: &Assignment) -> AssignmentFacts {
        let scope = row.scope.clone().unwrap_or_else(|| scope::of_subscription(self.facts.id));
        AssignmentFacts { name: row.name, scope, principal: row.principal_id, role: row.role }
    }

    fn remember(&mut self, lag: LagRule, now: Timestamp, name: Uuid, old: Option<Assignment>) {
        let about = [self.facts.id, name];
        self.listed.record(name, old.clone(), now, lag.until(now, "assignment list", &about));
        self.by_id.record(name, old, now, lag.until(now, "assignment by id", &about));
    }
}

struct AssignmentFacts {
    name: Uuid,
    scope: String,
    principal: Uuid,
    role: Uuid,
}

/// Fills in what the world left out.
pub(super) fn completed(mut row: Assignment, subscription: Uuid, clock: Timestamp) -> Assignment {
    let scope = row.scope.get_or_insert_with(|| scope::of_subscription(subscription));
    *scope = scope::tidy(scope);
    if row.name.is_nil() {
        let key = format!("{scope}|{}|{}", row.principal_id, row.role);
        row.name = Uuid::new_v5(&subscription, key.as_bytes());
    }
    let created = *row.created_on.get_or_insert(clock);
    row.updated_on.get_or_insert(created);
    row
}

/// The rows a subscription under management has: the application's own, and the partner's administrators'.
fn add_default_rows(facts: &mut Subscription, directory: &Directory, partner: Option<&Group>, client: Uuid) {
    let own = service_principal(directory.id, client);
    let condition = directory.controller_condition.as_ref();
    let rows = [
        Some(Assignment {
            role: builtin::RBAC_ADMINISTRATOR,
            principal_id: own,
            principal_type: "ServicePrincipal".to_owned(),
            condition: condition.map(super::world::ControllerCondition::text),
            condition_version: condition.map(|_| "2.0".to_owned()),
            ..Assignment::default()
        }),
        partner.map(|group| Assignment {
            role: builtin::OWNER,
            principal_id: group.id,
            principal_type: "ForeignGroup".to_owned(),
            ..Assignment::default()
        }),
    ];
    for row in rows.into_iter().flatten() {
        let known = facts
            .assignments
            .iter()
            .any(|other| other.principal_id == row.principal_id && other.role == row.role);
        if !known {
            facts.assignments.push(row);
        }
    }
}
