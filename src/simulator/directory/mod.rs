//! One tenant's directory: the true users and groups, and what readers see of them.

mod writes;
mod feed;
mod capacity;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::lag::{Lagged, seen};
use super::world::{
    Capacity, Client, ControllerCondition, CustomRole, Customer, Group, OtherObject, Partner, Policies,
    Relationship, SignIn, User,
};

pub(super) use capacity::Full;
pub(super) use feed::{About, Feed, Position};
pub(super) use writes::Moment;

/// How long deleted users can be restored.
const RESTORABLE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A tenant as the simulator holds it.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    pub(super) id: Uuid,
    /// The customer's name, or `partner`.
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) initial_domain: String,
    pub(super) consent: BTreeSet<String>,
    /// The application that acts here in place of the partner's.
    pub(super) app: Option<Client>,
    pub(super) sign_in: SignIn,
    pub(super) users: BTreeMap<Uuid, User>,
    pub(super) groups: BTreeMap<Uuid, Group>,
    pub(super) deleted: BTreeMap<Uuid, User>,
    pub(super) deleted_groups: BTreeMap<Uuid, Group>,
    pub(super) objects: BTreeMap<Uuid, OtherObject>,
    pub(super) policies: Policies,
    pub(super) capacity: Capacity,
    pub(super) microsoft365: bool,
    pub(super) application_roles: BTreeSet<Uuid>,
    /// What the partner's contract calls it, from the day it was made.
    pub(super) contract_domain: String,
    pub(super) role_definitions: Vec<CustomRole>,
    pub(super) controller_condition: Option<ControllerCondition>,
    pub(super) gdap: Vec<Relationship>,
    /// How many objects were created here, to derive the next id from.
    pub(super) created: u64,
    /// What delta queries tell.
    pub(super) feed: Feed,
    views: Views,
}

/// One entry per index that can lag behind.
#[derive(Clone, Debug, Default)]
struct Views {
    groups_by_id: Lagged<Uuid, Option<Group>>,
    groups_by_name: Lagged<Uuid, Option<Group>>,
    groups_listed: Lagged<Uuid, Option<Group>>,
    /// (group, member)
    members: Lagged<(Uuid, Uuid), bool>,
    /// (member, group)
    member_of: Lagged<(Uuid, Uuid), bool>,
    users_by_id: Lagged<Uuid, Option<User>>,
    users_found: Lagged<Uuid, Option<User>>,
    deleted_listed: Lagged<Uuid, Option<User>>,
    /// Whether an object can be named in a write.
    references: Lagged<Uuid, bool>,
    /// Whether ARM finds an object as a principal.
    principals: Lagged<Uuid, bool>,
}

impl Directory {
    pub(super) fn of_partner(partner: &Partner, clock: Timestamp) -> Self {
        let mut directory = Self::empty(partner.tenant_id, "partner", &partner.domain, None);
        directory.consent.clone_from(&partner.consent);
        directory.gdap.clone_from(&partner.gdap);
        directory.policies = partner.policies.clone();
        directory.fill(&partner.users, &partner.groups, &partner.objects, clock);
        directory.fill_deleted(&partner.deleted, &partner.deleted_groups, clock);
        directory
    }

    pub(super) fn of_customer(customer: &Customer, clock: Timestamp) -> Self {
        let initial = customer.initial_domain.as_deref();
        let mut directory = Self::empty(customer.tenant_id, &customer.name, &customer.domain, initial);
        directory.consent.clone_from(&customer.consent);
        directory.app.clone_from(&customer.app);
        directory.sign_in = customer.sign_in;
        directory.policies = customer.policies.clone();
        directory.role_definitions.clone_from(&customer.role_definitions);
        directory.controller_condition.clone_from(&customer.controller_condition);
        directory.capacity = customer.capacity.clone();
        directory.microsoft365 = customer.microsoft365;
        directory.application_roles.clone_from(&customer.application_roles);
        if let Some(domain) = &customer.contract_domain {
            directory.contract_domain.clone_from(domain);
        }
        directory.fill(&customer.users, &customer.groups, &customer.objects, clock);
        directory.fill_deleted(&customer.deleted, &customer.deleted_groups, clock);
        directory
    }

    fn empty(id: Uuid, name: &str, domain: &str, initial_domain: Option<&str>) -> Self {
        let label = domain.split('.').next().unwrap_or_default();
        let initial_domain =
            initial_domain.map_or_else(|| format!("{label}.onmicrosoft.com"), ToOwned::to_owned);
        Self {
            id,
            name: name.to_owned(),
            domain: domain.to_owned(),
            initial_domain,
            consent: BTreeSet::new(),
            app: None,
            sign_in: SignIn::default(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            deleted: BTreeMap::new(),
            deleted_groups: BTreeMap::new(),
            objects: BTreeMap::new(),
            policies: Policies::default(),
            capacity: Capacity::default(),
            microsoft365: false,
            application_roles: BTreeSet::new(),
            contract_domain: domain.to_owned(),
            role_definitions: Vec::new(),
            controller_condition: None,
            gdap: Vec::new(),
            created: 0,
            feed: Feed::default(),
            views: Views::default(),
        }
    }

    fn fill(&mut self, users: &[User], groups: &[Group], objects: &[OtherObject], clock: Timestamp) {
        for user in users {
            let mut user = user.clone();
            user.complete(&self.initial_domain, clock);
            self.users.insert(user.id, user);
        }
        for group in groups {
            let mut group = group.clone();
            group.complete(clock);
            self.groups.insert(group.id, group);
        }
        self.objects = objects.iter().map(|object| (object.id, object.clone())).collect();
    }

    fn fill_deleted(&mut self, users: &[User], groups: &[Group], clock: Timestamp) {
        for user in users {
            let mut user = user.clone();
            user.complete(&self.initial_domain, clock);
            user.deleted_date_time.get_or_insert(clock);
            self.deleted.insert(user.id, user);
        }
        for group in groups {
            let mut group = group.clone();
            group.complete(clock);
            group.deleted_date_time.get_or_insert(clock);
            self.deleted_groups.insert(group.id, group);
        }
    }

    /// Whether this is a name under which login knows the tenant.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        [&self.domain, &self.initial_domain].into_iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// Drops deleted users and groups whose time to be restored is over.
    pub(super) fn expire(&mut self, now: Timestamp) {
        let over = |deleted: Option<Timestamp>| {
            deleted.and_then(|then| then.saturating_add(RESTORABLE).ok()).filter(|end| *end <= now)
        };
        let users: Vec<User> = self
            .deleted
            .extract_if(.., |_, user| over(user.deleted_date_time).is_some())
            .map(|(_, user)| user)
            .collect();
        for user in users {
            self.feed.note(now, now, About::User(user.id, None));
            if user.made_by_application {
                self.capacity.purged.extend(over(user.deleted_date_time));
            }
        }
        let groups: Vec<Group> = self
            .deleted_groups
            .extract_if(.., |_, group| over(group.deleted_date_time).is_some())
            .map(|(_, group)| group)
            .collect();
        for group in groups {
            self.feed.note(now, now, About::Group(group.id, None));
            if group.made_by_application {
                self.capacity.purged.extend(over(group.deleted_date_time));
            }
        }
        self.capacity.purged.retain(|then| now.duration_since(*then) < RESTORABLE);
    }

    /// The group as a GET by id shows it.
    pub(super) fn read_group(&self, id: Uuid, now: Timestamp) -> Option<&Group> {
        match self.views.groups_by_id.still(&id, now) {
            Some(old) => old.as_ref(),
            None => self.groups.get(&id),
        }
    }

    /// The group as a GET by `uniqueName` shows it.
    pub(super) fn read_group_named(&self, name: &str, now: Timestamp) -> Option<&Group> {
        let groups = seen(&self.groups, &self.views.groups_by_name, now);
        groups.into_iter().find(|group| is_named(group, name))
    }

    /// The true group of that `uniqueName`, as the write path knows it.
    pub(super) fn group_named(&self, name: &str) -> Option<&Group> {
        self.groups.values().find(|group| is_named(group, name))
    }

    /// The groups as the list and its filters show them.
    pub(super) fn list_groups(&self, now: Timestamp) -> Vec<&Group> {
        seen(&self.groups, &self.views.groups_listed, now)
    }

    /// The direct members as the member list shows them.
    pub(super) fn list_members(&self, group: Uuid, now: Timestamp) -> BTreeSet<Uuid> {
        let mut members = self.groups.get(&group).map(|group| group.members.clone()).unwrap_or_default();
        for ((_, member), was_in) in
            self.views.members.between((group, Uuid::nil()), (group, Uuid::max()), now)
        {
            if *was_in {
                members.insert(*member)
            } else {
                members.remove(member)
            };
        }
        members
    }

    /// Members of members, the nested groups themselves included.
    pub(super) fn list_transitive_members(&self, group: Uuid, now: Timestamp) -> BTreeSet<Uuid> {
        let mut found = BTreeSet::new();
        let mut open = vec![group];
        while let Some(next) = open.pop() {
            for member in self.list_members(next, now) {
                if found.insert(member) && self.groups.contains_key(&member) {
                    open.push(member);
                }
            }
        }
        found
    }

    /// The groups an object is a direct member of, as its own page shows them.
    pub(super) fn list_member_of(&self, object: Uuid, now: Timestamp) -> BTreeSet<Uuid> {
        let mut groups = self.groups_of(object);
        for ((_, group), was_in) in
            self.views.member_of.between((object, Uuid::nil()), (object, Uuid::max()), now)
        {
            if *was_in && self.groups.contains_key(group) {
                groups.insert(*group);
            } else {
                groups.remove(group);
            }
        }
        groups
    }

    /// The groups an object truly is a direct member of.
    pub(super) fn groups_of(&self, object: Uuid) -> BTreeSet<Uuid> {
        self.groups.values().filter(|group| group.members.contains(&object)).map(|group| group.id).collect()
    }

    /// Whether an object's membership changed so recently that readers may not agree about it.
    pub(super) fn membership_in_flux(&self, group: Uuid, member: Uuid, now: Timestamp) -> bool {
        self.views.members.still(&(group, member), now).is_some()
    }

    /// The user as a GET by id shows it.
    pub(super) fn read_user(&self, id: Uuid, now: Timestamp) -> Option<&User> {
        match self.views.users_by_id.still(&id, now) {
            Some(old) => old.as_ref(),
            None => self.users.get(&id),
        }
    }

    /// The users as filters find them.
    pub(super) fn find_users(&self, now: Timestamp) -> Vec<&User> {
        seen(&self.users, &self.views.users_found, now)
    }

    /// The deleted users as their list shows them.
    pub(super) fn list_deleted(&self, now: Timestamp) -> Vec<&User> {
        let mut users: BTreeMap<Uuid, &User> = self.deleted.iter().map(|(id, user)| (*id, user)).collect();
        for (id, old) in self.views.deleted_listed.all(now) {
            match old {
                Some(old) => users.insert(*id, old),
                None => users.remove(id),
            };
        }
        users.into_values().collect()
    }

    /// Whether an object is so new that a write naming it may not find it.
    pub(super) fn reference_lags(&self, id: Uuid, now: Timestamp) -> bool {
        self.views.references.still(&id, now) == Some(&false)
    }

    /// Whether the directory truly holds an object of that id.
    pub(super) fn holds(&self, id: Uuid) -> bool {
        self.is_user_or_group(id) || self.objects.contains_key(&id)
    }

    /// Whether an id is that of a user or group, a recently deleted one included.
    pub(super) fn is_user_or_group(&self, id: Uuid) -> bool {
        self.users.contains_key(&id) || self.groups.contains_key(&id)
    }

    /// Whether ARM finds a user or group of that id.
    pub(super) fn finds_principal(&self, id: Uuid, now: Timestamp) -> bool {
        match self.views.principals.still(&id, now) {
            Some(old) => *old,
            None => self.users.contains_key(&id) || self.groups.contains_key(&id),
        }
    }

    /// An internal user, or an external one, that goes by that address.
    pub(super) fn user_with_address(&self, address: &str) -> Option<&User> {
        let guest_name = super::world::mangled_name(address, &self.initial_domain);
        self.users.values().find(|user| {
            let same = |text: &str| text.eq_ignore_ascii_case(address);
            user.mail.as_deref().is_some_and(same)
                || user.other_mails.iter().any(|mail| same(mail))
                || user.proxy_addresses.iter().any(|entry| entry.get(5..).is_some_and(same))
                || user
                    .user_principal_name
                    .as_deref()
                    .is_some_and(|name| same(name) || name.eq_ignore_ascii_case(&guest_name))
        })
    }

    /// Whoever has that proxy address; which of its addresses is the main one does not matter.
    pub(super) fn owner_of_proxy(&self, entry: &str) -> Option<Uuid> {
        let owns = |entries: &[String]| entries.iter().any(|own| own.eq_ignore_ascii_case(entry));
        let user = self.users.values().find(|user| owns(&user.proxy_addresses)).map(|user| user.id);
        let group = || self.groups.values().find(|group| owns(&group.proxy_addresses)).map(|group| group.id);
        let other = || self.objects.values().find(|other| owns(&other.proxy_addresses)).map(|other| other.id);
        user.or_else(group).or_else(other)
    }

    /// Whether a user principal name is taken.
    pub(super) fn name_is_taken(&self, name: &str) -> bool {
        let same = |user: &User| {
            user.user_principal_name.as_deref().is_some_and(|taken| taken.eq_ignore_ascii_case(name))
        };
        self.users.values().any(same)
    }
}

fn is_named(group: &Group, name: &str) -> bool {
    group.unique_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
}
