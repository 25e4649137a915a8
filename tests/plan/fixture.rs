//! A small partner and one customer as plain values, with words to change them.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::desired::state::*;
use groupsync::model::assignment::{AssignmentKey, RoleAssignment};
use groupsync::model::cloud::Cloud;
use groupsync::model::group::Group;
use groupsync::model::ids::{ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use groupsync::model::invitation::InvitationMail;
use groupsync::model::member::{GuestUse, Member, User};
use groupsync::model::names::{GrantName, GroupName, MappingKey};
use groupsync::model::origin::Origin;
use groupsync::model::ownership::Mark;
use groupsync::model::person::{Person, Standing};
use groupsync::model::role::{PermissionBlock, Role, RoleDefinition, Tier};
use groupsync::model::scope::Scope;
use groupsync::model::subscription::{AssignmentUsage, Subscription, SubscriptionState};
use groupsync::observed;
use groupsync::observed::customer::{Candidates, Existence};
use groupsync::observed::question::Question;
use groupsync::observed::unread::Reading;
use groupsync::plan::assemble::assemble;
use groupsync::plan::census::Census;
use groupsync::plan::directory::Directory;
use groupsync::plan::draft::{Inputs, draft};
use groupsync::plan::memory::{MadeGroup, TenantMemory};
use groupsync::plan::operation::{Action, GroupRef, LedgerEntry, Operation};
use groupsync::plan::value::{CustomerPlan, Plan};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
pub(crate) const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

/// An id that says what it is for: `kind` in the first group, `n` in the last.
pub(crate) fn id(kind: u32, n: u64) -> Uuid {
    Uuid::from_u128((u128::from(kind) << 96) | (0x4000_u128 << 64) | u128::from(n))
}

pub(crate) fn person_id(n: u64) -> PersonId {
    PersonId::new(id(1, n))
}

pub(crate) fn guest_id(n: u64) -> ObjectId {
    ObjectId::new(id(2, n))
}

pub(crate) fn object(n: u64) -> ObjectId {
    ObjectId::new(id(3, n))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new(id(4, 1))
}

pub(crate) fn subscription() -> SubscriptionId {
    SubscriptionId::new(id(5, 1))
}

pub(crate) fn own_principal() -> ObjectId {
    ObjectId::new(id(6, 1))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn origin(line: u32) -> Origin {
    Origin { file: "customers/contoso/customer.yaml".into(), line, column: 1 }
}

/// Everything a plan follows from, and the truth that questions are answered from.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) desired: DesiredState,
    pub(crate) partner: observed::partner::Partner,
    pub(crate) tenant: observed::customer::Customer,
    pub(crate) memory: TenantMemory,
    pub(crate) now: Timestamp,
    /// Users of the customer tenant that stand in none of our groups.
    pub(crate) elsewhere: BTreeMap<ObjectId, User>,
    pub(crate) uses: BTreeMap<ObjectId, GuestUse>,
    pub(crate) owners: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    pub(crate) delegated: BTreeMap<PersonId, ObjectId>,
    pub(crate) staff: BTreeMap<PersonId, Person>,
    created: u64,
}

impl Scene {
    /// Fabrikam with people 1 to 9, a listed group `Team` of 1 to 3, and Contoso with a mapping of it and Reader on `prod`.
    pub(crate) fn new() -> Self {
        let people: BTreeMap<PersonId, Person> = (1..=9).map(|n| (person_id(n), person(n))).collect();
        Self {
            desired: desired(),
            partner: observed::partner::Partner {
                people: people.iter().map(|(id, person)| (*id, Ok(Some(person.clone())))).collect(),
                sources: BTreeMap::new(),
                admin_agents: Ok(BTreeSet::new()),
                helpdesk_agents: Ok(BTreeSet::new()),
            },
            tenant: empty_tenant(),
            memory: TenantMemory::default(),
            now: at("2030-01-01T00:00:00Z"),
            elsewhere: BTreeMap::new(),
            uses: BTreeMap::new(),
            owners: BTreeMap::new(),
            delegated: BTreeMap::new(),
            staff: people,
            created: 0,
        }
    }

    /// The same, converged.
    pub(crate) fn converged() -> Self {
        let mut scene = Self::new();
        let plan = scene.plan();
        scene.apply(&plan);
        scene
    }

    pub(crate) fn customer(&mut self) -> &mut Customer {
        self.desired.customers.values_mut().next().unwrap()
    }

    pub(crate) fn mapping(&mut self, key: &str) -> &mut Mapping {
        self.customer().mappings.get_mut(&name::<MappingKey>(key)).unwrap()
    }

    pub(crate) fn list(&mut self, group: &str) -> &mut BTreeMap<PersonId, Listed> {
        let group = self.desired.groups.get_mut(&name::<GroupName>(group)).unwrap();
        match &mut group.source {
            Source::Listed(members) => members,
            Source::Entra(_) => panic!("not listed"),
        }
    }

    /// Has a group of people come from an Entra group of the partner's in place of a list, as it was read.
    pub(crate) fn source(&mut self, group: &str, read: Reading<observed::partner::Source>) {
        let entra = EntraGroup {
            id: object(1),
            display_name: group.into(),
            nested: Nested::Flatten,
            min_members: 1,
            origin: origin(41),
        };
        self.desired.groups.get_mut(&name(group)).unwrap().source = Source::Entra(entra);
        self.partner.sources.insert(name(group), read);
    }

    pub(crate) fn person(&mut self, n: u64) -> &mut Person {
        match self.partner.people.get_mut(&person_id(n)) {
            Some(Ok(Some(person))) => person,
            _ => panic!("no person {n}"),
        }
    }

    /// Declares a mapping `key` of the listed group `key` with these people and Reader on `prod`.
    pub(crate) fn declare(&mut self, key: &str, people: &[u64]) {
        let group = partner_group(key, people);
        self.desired.groups.insert(group.name.clone(), group);
        let mapping = mapping(key, Some(key), READER, Tier::Standard);
        self.customer().mappings.insert(mapping.key.clone(), mapping);
    }

    /// Declares a mapping that only grants fill.
    pub(crate) fn declare_empty(&mut self, key: &str, role: &str, tier: Tier) {
        let mapping = mapping(key, None, role, tier);
        self.customer().mappings.insert(mapping.key.clone(), mapping);
        if tier == Tier::Privileged {
            let role = self.customer().mappings[&name::<MappingKey>(key)].roles[0].role.clone();
            self.desired.policy.roles.insert(role.name.clone(), role);
        }
    }

    pub(crate) fn grant(&mut self, grant: &str, key: &str, person: u64, from: &str, to: &str) {
        let grant = Grant {
            name: name::<GrantName>(grant),
            mapping: name(key),
            person: person_ref(person),
            not_before: at(from),
            expires: at(to),
            reason: "because".into(),
            ticket: None,
            on_expiry: OnExpiry::RemoveMembership,
            origin: origin(90),
        };
        self.customer().grants.insert(grant.name.clone(), grant);
    }

    /// The group of a mapping.
    pub(crate) fn group(&self, key: &str) -> ObjectId {
        let unique = Mark::of(self.desired.partner.tenant).group(&name(key));
        self.find(&unique).unwrap_or_else(|| panic!("no group of {key}"))
    }

    pub(crate) fn ledger(&self) -> ObjectId {
        self.find(&Mark::of(self.desired.partner.tenant).ledger()).expect("a ledger")
    }

    /// Takes the ledger out of the tenant; says which it was.
    pub(crate) fn lose_ledger(&mut self) -> ObjectId {
        let ledger = self.ledger();
        self.tenant.groups.as_mut().unwrap().remove(&ledger);
        self.tenant.members.remove(&ledger);
        ledger
    }

    /// Has memory say how long ago we made the ledger, which was that group.
    pub(crate) fn made_ledger(&mut self, ledger: ObjectId, ago: SignedDuration) {
        let unique_name = Mark::of(self.desired.partner.tenant).ledger();
        self.memory.groups.insert(unique_name, MadeGroup { id: ledger, at: self.now - ago });
    }

    /// Has a mapping take over group 50, which the customer made and in which nobody stands.
    pub(crate) fn adopt(&mut self, mapping: &str) {
        self.mapping(mapping).adopt = Some(object(50));
        self.tenant.adopted.insert(object(50), Ok(Some(group(object(50), None, "Contoso ops"))));
        self.tenant.members.insert(object(50), Ok(BTreeMap::new()));
    }

    fn find(&self, unique: &str) -> Option<ObjectId> {
        let groups = self.tenant.groups.as_ref().unwrap();
        groups.values().find(|group| group.unique_name.as_deref() == Some(unique)).map(|group| group.id)
    }

    pub(crate) fn members(&mut self, group: ObjectId) -> &mut BTreeMap<ObjectId, Member> {
        self.tenant.members.get_mut(&group).unwrap().as_mut().unwrap()
    }

    pub(crate) fn rows(&mut self) -> &mut Vec<RoleAssignment> {
        self.tenant.assignments.get_mut(&subscription()).unwrap().as_mut().unwrap()
    }

    /// The final plan of the customer, all its questions answered.
    pub(crate) fn plan(&self) -> CustomerPlan {
        let mut plan = self.sweep();
        plan.customers.swap_remove(0)
    }

    /// The plan of the sweep, the fleet's limits included.
    pub(crate) fn sweep(&self) -> Plan {
        let mut tenant = self.tenant.clone();
        let directory = Directory::new(&self.desired, &self.partner);
        let census = Census::take(&self.desired, &self.partner, self.now);
        for _round in 0..6 {
            let draft = draft(Inputs {
                desired: &self.desired,
                customer: self.desired.customers.values().next().unwrap(),
                partner: &self.partner,
                observed: &tenant,
                memory: &self.memory,
                directory: &directory,
                census: &census,
                now: self.now,
            });
            if draft.questions.is_empty() {
                return assemble(&self.desired, vec![draft.plan], self.now);
            }
            for question in draft.questions {
                self.answer(&mut tenant, question);
            }
        }
        panic!("the plan never stops asking");
    }

    fn answer(&self, tenant: &mut observed::customer::Customer, question: Question) {
        // As a member she is what a test made of her.
        let members = self.tenant.members.values().filter_map(|members| members.as_ref().ok());
        let users = members.flat_map(BTreeMap::values).filter_map(Member::user);
        let mut everybody = self.elsewhere.clone();
        everybody.extend(users.map(|user| (user.id, user.clone())));
        let facts = &mut tenant.facts;
        match question {
            Question::Candidates { person, addresses } => {
                let found = |user: &User| {
                    addresses.iter().any(|a| {
                        user.is_addressed(a)
                            || user.other_mails.contains(a)
                            || user.proxy_addresses.contains(a)
                    })
                };
                let live = everybody.into_iter().filter(|(_, user)| found(user)).collect();
                facts.candidates.insert(person, Ok(Candidates { live, deleted: BTreeMap::new() }));
            }
            Question::Staff(address) => {
                let person = self.staff.values().find(|person| person.addresses.contains(&address)).cloned();
                facts.staff.insert(address, Ok(person));
            }
            Question::Owners(group) => {
                let ours = BTreeSet::from([own_principal()]);
                facts.owners.insert(group, Ok(self.owners.get(&group).cloned().unwrap_or(ours)));
            }
            Question::GuestUse(guest) => {
                let mut usage = self.uses.get(&guest).cloned().unwrap_or_default();
                for (group, members) in &self.tenant.members {
                    if members.as_ref().is_ok_and(|members| members.contains_key(&guest)) {
                        usage.member_of.insert(*group, String::new());
                    }
                }
                facts.guest_use.insert(guest, Ok(usage));
            }
            Question::Principal(principal) => {
                let known = self.tenant.groups.as_ref().unwrap().contains_key(&principal);
                let existence = if known { Existence::Present } else { Existence::Absent };
                facts.principals.insert(principal, Ok(existence));
            }
            Question::Role(role) => {
                facts.roles.insert(role, Ok(Some(definition(role))));
            }
            Question::Locks(subscription) => {
                facts.locks.insert(subscription, Ok(BTreeSet::new()));
            }
            Question::Usage(subscription) => {
                facts.usage.insert(subscription, Ok(AssignmentUsage { limit: 4000, current: 10 }));
            }
            Question::DeletedGroup(group) => {
                facts.deleted_groups.insert(group, Ok(Existence::Absent));
            }
            Question::DelegatedAdmins => facts.delegated_admins = Some(Ok(self.delegated.clone())),
        }
    }

    /// Carries out everything runnable, on the values.
    pub(crate) fn apply(&mut self, plan: &CustomerPlan) {
        for operation in plan.runnable().cloned().collect::<Vec<_>>() {
            self.carry_out(&operation);
        }
    }

    /// Carries out one operation, on the values.
    pub(crate) fn carry_out(&mut self, operation: &Operation) {
        match &operation.action {
            Action::InviteGuest { person, address, .. } => {
                let n = number(*person);
                let mut guest = guest(n);
                guest.mail = Some(address.clone());
                guest.created = Some(self.now);
                self.elsewhere.insert(guest.id, guest);
            }
            Action::AddToLedger { entry, .. } => {
                let ledger = self.ledger();
                let member = match entry {
                    LedgerEntry::Invited { person, .. } => {
                        let guest = ObjectId::new(id(2, number(*person)));
                        Member::User(Box::new(self.elsewhere[&guest].clone()))
                    }
                    LedgerEntry::Adopted { group, .. } => Member::Group(*group),
                };
                self.members(ledger).insert(member.id(), member);
            }
            Action::RemoveFromLedger { ledger, object, .. } => {
                self.members(*ledger).remove(object);
            }
            Action::CreateGroup { unique_name, display_name } => {
                self.created += 1;
                let id = ObjectId::new(id(7, self.created));
                self.add_group(id, unique_name, display_name);
            }
            Action::UpdateGroup { group, to, .. } => {
                self.tenant.groups.as_mut().unwrap().get_mut(group).unwrap().display_name.clone_from(to);
            }
            Action::DeleteGroup { group, .. } => {
                self.tenant.groups.as_mut().unwrap().remove(group);
                self.tenant.members.remove(group);
            }
            Action::AddMembers { group, members } => {
                let group = self.resolve(group);
                for joining in members {
                    let guest = joining.guest.unwrap_or(ObjectId::new(id(2, number(joining.person))));
                    let user = self.user(guest).expect("the guest exists");
                    self.members(group).insert(guest, Member::User(Box::new(user)));
                }
            }
            Action::RemoveMembers { group, members } => {
                let group = self.resolve(group);
                for leaving in members {
                    let user = self.members(group).remove(&leaving.object);
                    if let Some(Member::User(user)) = user {
                        self.elsewhere.insert(user.id, *user);
                    }
                }
            }
            Action::CreateRoleAssignment { group, role, scope, .. } => {
                let key =
                    AssignmentKey { scope: scope.clone(), principal: self.resolve(group), role: role.id };
                let row = row(key, None);
                self.rows().push(row);
            }
            Action::DeleteRoleAssignment { row, .. } => self.rows().retain(|known| known.id != *row),
            Action::DeleteGuest { guest, .. } => {
                self.elsewhere.remove(guest);
                for members in self.tenant.members.values_mut() {
                    members.as_mut().unwrap().remove(guest);
                }
            }
        }
    }

    fn user(&self, guest: ObjectId) -> Option<User> {
        let members = self.tenant.members.values().filter_map(|members| members.as_ref().ok());
        let inside = members.into_iter().find_map(|members| members.get(&guest)?.user().cloned());
        inside.or_else(|| self.elsewhere.get(&guest).cloned())
    }

    fn resolve(&self, group: &GroupRef) -> ObjectId {
        group.id.or_else(|| self.find(&group.unique_name)).expect("the group exists")
    }

    pub(crate) fn add_group(&mut self, id: ObjectId, unique_name: &str, display_name: &str) {
        let group = group(id, Some(unique_name), display_name);
        self.tenant.groups.as_mut().unwrap().insert(id, group);
        self.tenant.members.insert(id, Ok(BTreeMap::new()));
    }
}

/// The number that a person's id was made from.
fn number(person: PersonId) -> u64 {
    person.uuid().as_u64_pair().1
}

pub(crate) fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn group(id: ObjectId, unique_name: Option<&str>, display_name: &str) -> Group {
    Group {
        id,
        display_name: display_name.into(),
        unique_name: unique_name.map(str::to_owned),
        mail_nickname: unique_name.map(str::to_owned),
        created: Some(at("2029-06-01T00:00:00Z")),
        obstacle: None,
    }
}

pub(crate) fn row(key: AssignmentKey, name: Option<Uuid>) -> RoleAssignment {
    let name = name.map_or_else(|| key.name(tenant()), groupsync::model::ids::AssignmentName::new);
    RoleAssignment {
        id: format!("{}/providers/Microsoft.Authorization/roleAssignments/{name}", key.scope),
        name,
        key,
        principal_type: "Group".into(),
        condition: None,
        created: Some(at("2029-06-01T00:00:00Z")),
    }
}

pub(crate) fn person(n: u64) -> Person {
    let address = name(&format!("p{n}@fabrikam.example"));
    Person {
        id: person_id(n),
        display_name: format!("Person {n}"),
        addresses: BTreeSet::from([address]),
        mail: Some(name(&format!("p{n}@fabrikam.example"))),
        created: Some(at("2028-01-01T00:00:00Z")),
        user_type: Some("Member".into()),
        standing: Standing::Active,
    }
}

pub(crate) fn guest(n: u64) -> User {
    User {
        id: guest_id(n),
        display_name: format!("Person {n}"),
        user_principal_name: Some(format!("p{n}_fabrikam.example#EXT#@contoso.onmicrosoft.com")),
        mail: Some(name(&format!("p{n}@fabrikam.example"))),
        other_mails: BTreeSet::new(),
        proxy_addresses: BTreeSet::new(),
        creation_type: Some("Invitation".into()),
        external_user_state: Some("PendingAcceptance".into()),
        issuers: BTreeSet::new(),
        created: Some(at("2029-06-01T00:00:00Z")),
        state_changed: Some(at("2029-06-01T00:00:00Z")),
    }
}

pub(crate) fn person_ref(n: u64) -> PersonRef {
    PersonRef { id: person_id(n), address: name(&format!("p{n}@fabrikam.example")), origin: origin(50) }
}

pub(crate) fn listed(n: u64) -> Listed {
    Listed { person: person_ref(n), expires: None }
}

pub(crate) fn partner_group(key: &str, people: &[u64]) -> PartnerGroup {
    PartnerGroup {
        name: name(key),
        owner: None,
        source: Source::Listed(people.iter().map(|n| (person_id(*n), listed(*n))).collect()),
        origin: origin(40),
    }
}

pub(crate) fn mapping(key: &str, from: Option<&str>, role: &str, tier: Tier) -> Mapping {
    let role_name = if role == OWNER { "Owner" } else { "Reader" };
    Mapping {
        key: name(key),
        was: None,
        display_name: key.into(),
        from: from.map(name),
        adopt: None,
        reassert: false,
        roles: vec![RoleAtScope {
            scope: Scope::subscription(subscription()),
            role: Role { name: name(role_name), id: name(role), tier },
            written: "subscriptions/prod".into(),
            origin: origin(20),
        }],
        origin: origin(10),
    }
}

pub(crate) fn definition(role: RoleId) -> RoleDefinition {
    let everything = role.to_string() == OWNER;
    let actions = if everything { vec!["*".to_owned()] } else { vec!["*/read".to_owned()] };
    RoleDefinition {
        id: role,
        name: "role".into(),
        custom: false,
        assignable_scopes: vec![Scope::canonical("/")],
        permissions: vec![PermissionBlock { actions, not_actions: Vec::new() }],
    }
}

fn empty_tenant() -> observed::customer::Customer {
    let agents = AssignmentKey {
        scope: Scope::subscription(subscription()),
        principal: object(900),
        role: name(OWNER),
    };
    let mut foreign = row(agents, Some(id(8, 1)));
    foreign.principal_type = "ForeignGroup".into();
    observed::customer::Customer {
        identity: Ok(own_principal()),
        verified: None,
        groups: Ok(BTreeMap::new()),
        adopted: BTreeMap::new(),
        members: BTreeMap::new(),
        subscriptions: Ok(BTreeMap::from([(
            subscription(),
            Subscription {
                id: subscription(),
                tenant: tenant(),
                display_name: "prod".into(),
                state: SubscriptionState::Active,
            },
        )])),
        assignments: BTreeMap::from([(subscription(), Ok(vec![foreign]))]),
        facts: observed::customer::Facts::default(),
    }
}

fn desired() -> DesiredState {
    let limit = |percent, floor| Limit { percent, floor };
    let reader = Role { name: name("Reader"), id: name(READER), tier: Tier::Standard };
    let drift = Drift {
        foreign_members: ForeignMembers::Report,
        stray_staff: StrayStaff::Remove,
        extra_assignments: ExtraAssignments::Report,
        missing_assignments: MissingAssignments::Restore,
    };
    let policy = Policy {
        roles: BTreeMap::from([(reader.name.clone(), reader)]),
        limits: Limits {
            group_members: limit(50, 3),
            customer: Counts {
                members: limit(25, 5),
                assignments: limit(20, 5),
                guests: limit(25, 5),
                groups: limit(25, 1),
                invitations: 200,
            },
            fleet: Counts {
                members: limit(2, 20),
                assignments: limit(2, 20),
                guests: limit(2, 20),
                groups: limit(2, 4),
                invitations: 5000,
            },
            fleet_leavers: limit(5, 3),
            offboardings_per_day: 1,
            source_shrink: limit(30, 2),
        },
        grant_max_duration: SignedDuration::from_hours(12),
        tenants_per_person: Threshold { warn: 400, refuse: 490 },
        objects_per_tenant: Some(Threshold { warn: 200, refuse: 240 }),
        drift,
        invitation_mail: InvitationMail::None,
        idle_guests: IdleGuests { after: SignedDuration::from_hours(90 * 24), action: IdleAction::Report },
        pending_after: SignedDuration::from_hours(14 * 24),
        pending_action: PendingAction::Report,
        protected: BTreeSet::new(),
        origin: origin(1),
    };
    let team = partner_group("Team", &[1, 2, 3]);
    let mapping = mapping("Team", Some("Team"), READER, Tier::Standard);
    let prod = DeclaredSubscription { id: subscription(), origin: origin(5) };
    let contoso = Customer {
        name: name("contoso"),
        tenant: tenant(),
        verify_domain: None,
        state: State::Enforce,
        name_in_groups: "Contoso".into(),
        subscriptions: BTreeMap::from([(name("prod"), prod)]),
        templates: Vec::new(),
        drift,
        roles: BTreeMap::new(),
        customer_app: None,
        offboard: None,
        reassert_ledger: false,
        admin_agents_owner: AdminAgentsOwner::Report,
        mappings: BTreeMap::from([(mapping.key.clone(), mapping)]),
        grants: BTreeMap::new(),
        origin: origin(1),
        state_origin: origin(3),
    };
    DesiredState {
        partner: Partner {
            name: name("fabrikam"),
            tenant: TenantId::new(id(9, 1)),
            staff_domains: BTreeSet::from([name("fabrikam.example")]),
            admin_agents: object(900),
            helpdesk_agents: object(901),
            cloud: Cloud::Global,
            gdap: Gdap::Read,
            client_id: None,
            origin: origin(1),
        },
        policy,
        groups: BTreeMap::from([(team.name.clone(), team)]),
        customers: BTreeMap::from([(contoso.name.clone(), contoso)]),
        overrides: Vec::new(),
        stop: None,
    }
}
