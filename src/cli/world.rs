//! A simulated world to try the files in: everybody and everything they name exists, and nothing has been replicated yet,
//! except at customers that are being left, where everything has.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::desired::state::{Customer, DesiredState, Gdap, Grant, Mapping, PersonRef, Source, State};
use crate::model::address::Address;
use crate::model::assignment::AssignmentKey;
use crate::model::cloud::Cloud;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::{GroupName, slug};
use crate::model::ownership::Mark;
use crate::simulator::Simulator;
use crate::simulator::world::{self, Assignment, CustomRole, Group, Subscription, User, World};

/// How many people a live source has, unless the files ask for more.
const SOURCE_SIZE: usize = 3;

/// Given names for the people that the files do not name.
const NAMES: [&str; 12] =
    ["alva", "bela", "chidi", "dana", "emre", "femi", "gita", "hana", "ines", "jona", "kaya", "luca"];

/// The world that the files describe, as it is before the first pass. The same files give the same world.
pub fn world(desired: &DesiredState, now: Timestamp) -> World {
    let mut client = world::Client::default();
    if let Some(id) = desired.partner.client_id {
        client.id = id.uuid();
    }
    let staff = Staff::of(desired);
    let cloud = match desired.partner.cloud {
        Cloud::Global => world::Cloud::Global,
        Cloud::UsGov => world::Cloud::UsGov,
        Cloud::UsGovDod => world::Cloud::UsGovDod,
        Cloud::China => world::Cloud::China,
    };
    let partner = partner(desired, &staff);
    let stubs = desired.customers.values().map(stub).collect();
    let mut world = World { clock: now, cloud, client, partner, customers: stubs, ..World::default() };
    let simulator = Simulator::new(world.clone(), 0);
    world.customers = desired
        .customers
        .values()
        .map(|customer| {
            let principal = simulator.service_principal(customer.tenant.uuid());
            Tenant::new(desired, &staff, customer, principal, now).build()
        })
        .collect();
    world
}

/// A customer's tenant with nothing in it but the application that acts there.
fn stub(customer: &Customer) -> world::Customer {
    let app = customer.customer_app.map(|id| world::Client { id: id.uuid(), ..world::Client::default() });
    world::Customer { tenant_id: customer.tenant.uuid(), app, ..world::Customer::default() }
}

/// The people of the partner and who of them stands in which partner group.
struct Staff {
    people: BTreeMap<PersonId, Address>,
    sources: BTreeMap<GroupName, BTreeSet<PersonId>>,
    agents: [PersonId; 2],
}

impl Staff {
    fn of(desired: &DesiredState) -> Self {
        let agents = ["admin-agents", "helpdesk-agents"].map(|of| invent(desired, of, 0));
        let mut people: BTreeMap<_, _> = agents.iter().cloned().collect();
        let mut sources = BTreeMap::new();
        for PersonRef { id, address, .. } in desired.people_named() {
            people.insert(*id, address.clone());
        }
        for (name, group) in &desired.groups {
            let Source::Entra(entra) = &group.source else { continue };
            let size = entra.min_members.max(SOURCE_SIZE);
            let members: Vec<_> = (0..size).map(|nth| invent(desired, name.as_str(), nth)).collect();
            sources.insert(name.clone(), members.iter().map(|(id, _)| *id).collect());
            people.extend(members);
        }
        Self { people, sources, agents: agents.map(|(id, _)| id) }
    }

    /// Who stands in a partner group at `now`.
    fn members(&self, desired: &DesiredState, name: &GroupName, now: Timestamp) -> BTreeSet<PersonId> {
        match desired.groups.get(name).map(|group| &group.source) {
            Some(Source::Listed(members)) => members
                .values()
                .filter(|m| m.expires.is_none_or(|end| now < end))
                .map(|m| m.person.id)
                .collect(),
            Some(Source::Entra(_)) => self.sources.get(name).cloned().unwrap_or_default(),
            None => BTreeSet::new(),
        }
    }
}

/// A person of the partner whom the files do not name.
fn invent(desired: &DesiredState, of: &str, nth: usize) -> (PersonId, Address) {
    let id = derive(desired.partner.tenant.uuid(), &format!("person {of} {nth}"));
    let domain = desired.partner.staff_domains.first().map_or("partner.example", |d| d.as_str());
    let name = NAMES[(of.len() + nth) % NAMES.len()];
    // A name may return in a large group; its number tells the two apart.
    let number = if nth < NAMES.len() { String::new() } else { nth.to_string() };
    let address = format!("{name}{number}.{}@{domain}", slug(of));
    (PersonId::new(id), address.parse().expect("a slug at a domain is an address"))
}

fn partner(desired: &DesiredState, staff: &Staff) -> world::Partner {
    let partner = &desired.partner;
    let users = staff.people.iter().map(|(id, address)| person(*id, address)).collect();
    let mut groups = vec![
        Group::security(partner.admin_agents.uuid(), "AdminAgents", [staff.agents[0].uuid()]),
        Group::security(partner.helpdesk_agents.uuid(), "HelpdeskAgents", [staff.agents[1].uuid()]),
    ];
    for (name, group) in &desired.groups {
        if let Source::Entra(entra) = &group.source {
            let members = staff.sources.get(name).into_iter().flatten().map(|id| id.uuid());
            groups.push(Group::security(entra.id.uuid(), &entra.display_name, members));
        }
    }
    if let Gdap::Groups(ids) = &partner.gdap {
        let missing = |id: &&ObjectId| !groups.iter().any(|g| g.id == id.uuid());
        let missing: Vec<_> = ids.iter().filter(missing).copied().collect();
        groups.extend(missing.iter().map(|id| Group::security(id.uuid(), "GDAP", [staff.agents[0].uuid()])));
    }
    world::Partner {
        tenant_id: partner.tenant.uuid(),
        domain: partner.staff_domains.first().map_or_else(String::new, ToString::to_string),
        users,
        groups,
        ..world::Partner::default()
    }
}

fn person(id: PersonId, address: &Address) -> User {
    User { display_name: Some(spoken(address)), ..User::member(id.uuid(), address.as_str()) }
}

/// A name for the screen: `ada.lovelace@…` becomes `Ada Lovelace`.
fn spoken(address: &Address) -> String {
    let local = address.as_str().split('@').next().unwrap_or_default();
    let words = local.split(['.', '-', '_']).filter(|word| !word.is_empty()).map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join(" ")
}

/// One customer's tenant in the making.
struct Tenant<'a> {
    desired: &'a DesiredState,
    staff: &'a Staff,
    customer: &'a Customer,
    mark: Mark,
    principal: Uuid,
    now: Timestamp,
    made: world::Customer,
}

impl<'a> Tenant<'a> {
    fn new(
        desired: &'a DesiredState,
        staff: &'a Staff,
        customer: &'a Customer,
        principal: Uuid,
        now: Timestamp,
    ) -> Self {
        let name = customer.name.as_str();
        let domain = customer
            .verify_domain
            .as_ref()
            .map_or_else(|| format!("{}.example", slug(name)), ToString::to_string);
        let subscriptions = customer
            .subscriptions
            .iter()
            .map(|(alias, declared)| Subscription {
                alias: alias.to_string(),
                id: declared.id.uuid(),
                ..Subscription::default()
            })
            .collect();
        let role_definitions = customer
            .roles
            .iter()
            .map(|(role, id)| CustomRole {
                id: id.uuid(),
                role_name: role.to_string(),
                actions: vec!["*/read".to_owned()],
                ..CustomRole::default()
            })
            .collect();
        let made = world::Customer {
            name: name.to_owned(),
            domain,
            subscriptions,
            role_definitions,
            ..stub(customer)
        };
        Self { desired, staff, customer, mark: Mark::of(desired.partner.tenant), principal, now, made }
    }

    fn build(mut self) -> world::Customer {
        let own = derive(self.made.tenant_id, "own person");
        let address = format!("robin@{}", self.made.domain);
        self.made
            .users
            .push(User { display_name: Some("Robin Reyes".to_owned()), ..User::member(own, &address) });
        match self.customer.state {
            State::Observe | State::Enforce | State::Suspend => self.prepare_adoptions(own),
            State::Offboard => self.replicate(own),
            State::Offboarded => self.made.consent.clear(),
        }
        self.made
    }

    /// The groups that the files take over exist, each with somebody of the customer's in it.
    fn prepare_adoptions(&mut self, own: Uuid) {
        for mapping in self.customer.mappings.values() {
            if let Some(group) = mapping.adopt {
                self.made.groups.push(Group::security(group.uuid(), &mapping.display_name, [own]));
            }
        }
    }

    /// Everything is there as groupsync itself would have made it.
    fn replicate(&mut self, own: Uuid) {
        let mut ledger = BTreeSet::new();
        for mapping in self.customer.mappings.values() {
            let members: BTreeSet<Uuid> = self.people(mapping).iter().map(|id| self.guest(*id)).collect();
            ledger.extend(&members);
            let group = if let Some(adopted) = mapping.adopt {
                ledger.insert(adopted.uuid());
                let members = members.into_iter().chain([own]);
                Group::security(adopted.uuid(), &mapping.display_name, members)
            } else {
                let unique_name = self.mark.group(mapping.identity());
                self.ours(&unique_name, &mapping.display_name, members)
            };
            self.assign(mapping, group.id);
            self.made.groups.push(group);
        }
        let unique_name = self.mark.ledger();
        let ledger = self.ours(&unique_name, &unique_name, ledger);
        self.made.groups.push(ledger);
    }

    /// Who stands in a mapping: its partner group's members and the holders of running grants.
    fn people(&self, mapping: &Mapping) -> BTreeSet<PersonId> {
        let from = mapping.from.as_ref();
        let mut people =
            from.map(|name| self.staff.members(self.desired, name, self.now)).unwrap_or_default();
        let running = |g: &&Grant| g.mapping == mapping.key && g.is_running(self.now);
        people.extend(self.customer.grants.values().filter(running).map(|g| g.person.id));
        people
    }

    /// The person's guest, made on first use.
    fn guest(&mut self, person: PersonId) -> Uuid {
        let id = derive(self.made.tenant_id, &format!("guest {person}"));
        if self.made.user_mut(id).is_none() {
            let address = &self.staff.people[&person];
            let guest = User::guest(id, address.as_str());
            self.made.users.push(User {
                display_name: Some(spoken(address)),
                created_date_time: Some(a_month_before(self.now)),
                ..guest
            });
        }
        id
    }

    /// A group of ours.
    fn ours(&self, unique_name: &str, display_name: &str, members: BTreeSet<Uuid>) -> Group {
        Group {
            unique_name: Some(unique_name.to_owned()),
            mail_nickname: Some(unique_name.to_owned()),
            owners: BTreeSet::from([self.principal]),
            created_date_time: Some(a_month_before(self.now)),
            ..Group::security(derive(self.made.tenant_id, unique_name), display_name, members)
        }
    }

    /// The roles of a mapping, held by its group.
    fn assign(&mut self, mapping: &Mapping, group: Uuid) {
        for at in &mapping.roles {
            let key =
                AssignmentKey { scope: at.scope.clone(), principal: ObjectId::new(group), role: at.role.id };
            let subscription =
                at.scope.subscription_id().and_then(|id| self.made.subscription_mut(id.uuid()));
            let Some(subscription) = subscription else { continue };
            subscription.assignments.push(Assignment {
                name: key.name(self.customer.tenant).uuid(),
                scope: Some(at.scope.to_string()),
                role: at.role.id.uuid(),
                principal_id: group,
                created_on: Some(a_month_before(self.now)),
                created_by: Some(self.principal),
                ..Assignment::default()
            });
        }
    }
}

/// Long enough ago for nothing to count as fresh.
fn a_month_before(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(30 * 24)).unwrap_or(Timestamp::MIN)
}

/// An id that follows from what it is for.
fn derive(of: Uuid, what: &str) -> Uuid {
    Uuid::new_v5(&of, what.as_bytes())
}
