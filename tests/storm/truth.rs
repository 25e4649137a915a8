//! What is really so: read from the simulator's true world, and reasoned about without any of the planner's code.

use std::collections::BTreeSet;

use groupsync::desired::state::{Customer, DesiredState, Mapping, Source, State};
use groupsync::model::ids::{ObjectId, PersonId, TenantId};
use groupsync::model::ownership::Mark;
use groupsync::simulator::history::{Act, Actor, Change};
use groupsync::simulator::world::{self, Assignment, Group, World};
use jiff::Timestamp;
use uuid::Uuid;

/// A moment: the files and the true world.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) desired: &'a DesiredState,
    pub(crate) world: &'a World,
    pub(crate) at: Timestamp,
}

impl<'a> Moment<'a> {
    /// The files' customer with that tenant.
    pub(crate) fn customer(&self, tenant: Uuid) -> Option<&'a Customer> {
        self.desired.customers.values().find(|c| c.tenant.uuid() == tenant)
    }

    /// The true tenant.
    pub(crate) fn tenant(&self, tenant: Uuid) -> Option<&'a world::Customer> {
        self.world.customers.iter().find(|c| c.tenant_id == tenant)
    }

    /// A true group of a tenant.
    pub(crate) fn group(&self, tenant: Uuid, group: Uuid) -> Option<&'a Group> {
        self.tenant(tenant)?.groups.iter().find(|g| g.id == group)
    }

    /// Whether the domain that the files name for the customer leads to another tenant.
    pub(crate) fn is_misdirected(&self, customer: &Customer) -> bool {
        let Some(domain) = &customer.verify_domain else { return false };
        let owner = self.world.customers.iter().find(|c| c.domain == domain.as_str());
        owner.is_none_or(|owner| owner.tenant_id != customer.tenant.uuid())
    }

    /// Whether nothing in the group may be managed, or the policy protects it.
    pub(crate) fn is_off_limits(&self, group: &Group) -> bool {
        group.is_dynamic()
            || group.mail_enabled
            || group.is_assignable_to_role == Some(true)
            || group.on_premises_sync_enabled == Some(true)
            || group.is_management_restricted == Some(true)
            || self.desired.policy.protected.iter().any(|id| id.uuid() == group.id)
    }

    /// The partner's person behind a user of a customer tenant, deleted people included.
    pub(crate) fn person(&self, tenant: Uuid, user: Uuid) -> Option<PersonId> {
        let tenant = self.tenant(tenant)?;
        let user = tenant.users.iter().chain(&tenant.deleted).find(|u| u.id == user)?;
        let mail = user.mail.as_ref()?;
        let partner = &self.world.partner;
        let person = partner.users.iter().chain(&partner.deleted).find(|p| p.mail.as_ref() == Some(mail))?;
        user.is_external().then(|| PersonId::new(person.id))
    }

    /// Whether the partner account is disabled or deleted.
    pub(crate) fn has_left(&self, person: PersonId) -> bool {
        match self.world.partner.users.iter().find(|u| u.id == person.uuid()) {
            Some(user) => !user.account_enabled,
            None => self.world.partner.deleted.iter().any(|u| u.id == person.uuid()),
        }
    }

    /// Whether the person is in `AdminAgents` or `HelpdeskAgents`, or in a group with active GDAP roles at the tenant, nested
    /// groups included.
    pub(crate) fn is_delegated_admin(&self, tenant: Uuid, person: PersonId) -> bool {
        let partner = &self.desired.partner;
        let agents = [partner.admin_agents, partner.helpdesk_agents].map(ObjectId::uuid);
        let relationships = self.world.partner.gdap.iter().filter(|r| r.customer == tenant);
        let delegated = relationships.flat_map(|r| &r.access_assignments).map(|access| access.group);
        agents.into_iter().chain(delegated).any(|group| self.stands_in(group, person.uuid()))
    }

    /// Whether the object is in a group of the partner tenant, nested groups included.
    fn stands_in(&self, group: Uuid, object: Uuid) -> bool {
        let Some(group) = self.world.partner.groups.iter().find(|g| g.id == group) else { return false };
        group.members.iter().any(|m| *m == object || self.stands_in(*m, object))
    }

    /// Whether the customer is being left at this moment.
    pub(crate) fn is_offboarding(&self, customer: &Customer) -> bool {
        customer.state == State::Offboard
            && customer.offboard.as_ref().and_then(|o| o.not_before).is_none_or(|start| start <= self.at)
    }

    /// Who ought to stand in the group of a mapping.
    pub(crate) fn wanted(&self, customer: &Customer, mapping: &Mapping) -> BTreeSet<PersonId> {
        if self.is_offboarding(customer) || customer.state == State::Offboarded {
            return BTreeSet::new();
        }
        let mut wanted = self.entitled(customer, mapping);
        let tenant = customer.tenant.uuid();
        wanted.retain(|id| !self.has_left(*id) && !self.is_delegated_admin(tenant, *id));
        wanted
    }

    /// Whom the source of a mapping or a running grant supports, whatever else is known about the person or the customer.
    fn entitled(&self, customer: &Customer, mapping: &Mapping) -> BTreeSet<PersonId> {
        let source = mapping.from.as_ref().and_then(|name| self.desired.groups.get(name)).map(|g| &g.source);
        let mut entitled: BTreeSet<PersonId> = match source {
            None => BTreeSet::new(),
            Some(Source::Listed(members)) => members
                .values()
                .filter(|m| m.expires.is_none_or(|end| self.at < end))
                .map(|m| m.person.id)
                .collect(),
            Some(Source::Entra(entra)) => {
                let people = self.world.partner.users.iter().map(|u| u.id);
                people.filter(|id| self.stands_in(entra.id.uuid(), *id)).map(PersonId::new).collect()
            }
        };
        let running = customer.grants.values().filter(|g| g.mapping == mapping.key && g.is_running(self.at));
        entitled.extend(running.map(|g| g.person.id));
        entitled
    }

    /// Whether the person's access through the mapping has ended by itself: a grant or a listed membership is over, or the
    /// mapping lives on grants alone and none supports her.
    pub(crate) fn has_ended(&self, customer: &Customer, mapping: &Mapping, person: PersonId) -> bool {
        if self.entitled(customer, mapping).contains(&person) {
            return false;
        }
        let granted = customer
            .grants
            .values()
            .any(|g| g.mapping == mapping.key && g.person.id == person && g.expires <= self.at);
        let source = mapping.from.as_ref().and_then(|name| self.desired.groups.get(name)).map(|g| &g.source);
        let listed = matches!(source, Some(Source::Listed(members))
            if members.get(&person).is_some_and(|m| m.expires.is_some_and(|end| end <= self.at)));
        granted || listed || mapping.from.is_none()
    }

    /// The mapping whose group this is.
    pub(crate) fn mapping(&self, customer: &'a Customer, group: &Group) -> Option<&'a Mapping> {
        let mark = Mark::of(self.desired.partner.tenant);
        customer.mappings.values().find(|mapping| match mapping.adopt {
            Some(adopted) => adopted.uuid() == group.id,
            None => group.unique_name == Some(mark.group(mapping.identity())),
        })
    }

    /// Whether the group carries our mark.
    pub(crate) fn is_marked(&self, group: &Group) -> bool {
        let prefix = Mark::of(self.desired.partner.tenant).prefix();
        group.unique_name.as_ref().is_some_and(|name| name.starts_with(&prefix))
    }

    /// The ledger of a tenant.
    pub(crate) fn ledger(&self, tenant: Uuid) -> Option<&'a Group> {
        let name = Mark::of(self.desired.partner.tenant).ledger();
        self.tenant(tenant)?.groups.iter().find(|g| g.unique_name.as_ref() == Some(&name))
    }

    /// Whether the group is ours: marked, or adopted by the files or by the ledger.
    pub(crate) fn is_ours(&self, tenant: Uuid, group: &Group) -> bool {
        let declared = self
            .customer(tenant)
            .is_some_and(|c| c.mappings.values().any(|m| m.adopt.is_some_and(|id| id.uuid() == group.id)));
        self.is_marked(group)
            || declared
            || self.ledger(tenant).is_some_and(|l| l.members.contains(&group.id))
    }

    /// Whether an object of a tenant is staff: in the ledger, or a guest with an address in a domain of the partner's.
    pub(crate) fn is_staff(&self, tenant: Uuid, object: Uuid) -> bool {
        let user = self.tenant(tenant).and_then(|t| t.users.iter().find(|u| u.id == object));
        let mail = user.filter(|u| u.is_external()).and_then(|u| u.mail.as_ref());
        let domains = &self.desired.partner.staff_domains;
        let addressed = mail
            .and_then(|m| m.rsplit_once('@'))
            .is_some_and(|(_, d)| domains.iter().any(|s| s.as_str() == d));
        addressed || self.ledger(tenant).is_some_and(|l| l.members.contains(&object))
    }
}

/// Plays a change onto a world, as far as groups, users and assignments go, so that every single write can be judged by
/// what was so right before it. `after` knows the objects that the change made.
pub(crate) fn play(world: &mut World, change: &Change, after: &World) {
    let Some(customer) = world.customers.iter_mut().find(|c| c.tenant_id == change.tenant) else { return };
    let Some(later) = after.customers.iter().find(|c| c.tenant_id == change.tenant) else { return };
    match &change.act {
        Act::GroupCreated { group, display_name } => {
            let made = later.groups.iter().find(|g| g.id == *group).cloned();
            let made = made.unwrap_or_else(|| {
                // It is deleted by the time of `after`, and whose it was is known by who made it.
                let mark = Mark::of(TenantId::new(after.partner.tenant_id));
                let name = if *display_name == mark.ledger() {
                    mark.ledger()
                } else {
                    format!("{}gone", mark.prefix())
                };
                let ours = (change.actor == Actor::Application).then_some(name);
                Group { unique_name: ours, ..Group::security(*group, display_name, []) }
            });
            customer.groups.push(Group { members: BTreeSet::new(), ..made });
        }
        Act::GroupDeleted { group } => customer.groups.retain(|g| g.id != *group),
        Act::MemberAdded { group, member } => {
            customer.group_mut(*group).map(|g| g.members.insert(*member));
        }
        Act::MemberRemoved { group, member } => {
            customer.group_mut(*group).map(|g| g.members.remove(member));
        }
        Act::GuestInvited { user, .. } => {
            let made = later.users.iter().chain(&later.deleted).find(|u| u.id == *user);
            customer.users.extend(made.cloned());
        }
        Act::UserDeleted { user } => {
            let gone: Vec<_> = customer.users.extract_if(.., |u| u.id == *user).collect();
            customer.deleted.extend(gone);
            for group in &mut customer.groups {
                group.members.remove(user);
            }
        }
        Act::AssignmentCreated { subscription, name, scope, principal, role } => {
            let made = Assignment {
                name: *name,
                scope: Some(scope.clone()),
                role: *role,
                principal_id: *principal,
                ..Assignment::default()
            };
            if let Some(subscription) = customer.subscription_mut(*subscription) {
                subscription.assignments.push(made);
            }
        }
        Act::AssignmentDeleted { subscription, name, .. } => {
            if let Some(subscription) = customer.subscription_mut(*subscription) {
                subscription.assignments.retain(|a| a.name != *name);
            }
        }
        _ => {}
    }
}
