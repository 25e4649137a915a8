//! A fleet of equal customers: what the files ask for, and what the tenants hold, with or without differences.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::desired::state::{
    AdminAgentsOwner, Counts, Customer, DeclaredSubscription, DesiredState, Drift, ExtraAssignments,
    ForeignMembers, Gdap, IdleAction, IdleGuests, Limit, Limits, Listed, Mapping, MissingAssignments,
    Partner, PartnerGroup, PendingAction, PersonRef, Policy, RoleAtScope, Source, State, StrayStaff,
    Threshold,
};
use groupsync::model::address::Address;
use groupsync::model::assignment::{AssignmentKey, RoleAssignment};
use groupsync::model::cloud::Cloud;
use groupsync::model::group::Group;
use groupsync::model::ids::{ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use groupsync::model::invitation::InvitationMail;
use groupsync::model::member::{Member, User};
use groupsync::model::names::{CustomerName, GroupName, MappingKey};
use groupsync::model::origin::Origin;
use groupsync::model::ownership::Mark;
use groupsync::model::person::{Person, Standing};
use groupsync::model::role::{Role, Tier};
use groupsync::model::scope::Scope;
use groupsync::model::subscription::{Subscription, SubscriptionState};
use groupsync::observed;
use groupsync::observed::customer::Facts;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Partner groups, each a group at every customer.
const GROUPS: usize = 4;
/// People in each.
const PEOPLE: usize = 40;
/// Memberships at one customer.
pub(crate) const MEMBERSHIPS: usize = GROUPS * PEOPLE;

const READER: RoleId = RoleId::new(Uuid::from_u128(0xacdd_72a7_3385_48ef_bd42_f606_fba8_1ae7));

/// What the files ask for, and the partner tenant as read.
pub(crate) struct Fleet {
    pub(crate) desired: DesiredState,
    pub(crate) partner: observed::partner::Partner,
    mark: Mark,
}

/// How far the tenants are from what the files ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distance {
    /// Nothing differs.
    Converged,
    /// One membership in a hundred differs: half are missing, half are too many.
    OnePercent,
}

impl Fleet {
    /// A fleet with that many customers.
    pub(crate) fn of(customers: usize) -> Self {
        let tenant = TenantId::new(id(1, 0));
        let groups: BTreeMap<_, _> = (0..GROUPS).map(|nth| (name(nth), partner_group(nth))).collect();
        let desired = DesiredState {
            partner: partner(tenant),
            policy: policy(),
            groups,
            customers: (0..customers).map(customer).map(|c| (c.name.clone(), c)).collect(),
            overrides: Vec::new(),
            stop: None,
        };
        let people = (0..GROUPS * PEOPLE).map(|nth| (person_id(nth), Ok(Some(person(nth))))).collect();
        let partner = observed::partner::Partner {
            people,
            sources: BTreeMap::new(),
            admin_agents: Ok(BTreeSet::new()),
            helpdesk_agents: Ok(BTreeSet::new()),
        };
        Self { desired, partner, mark: Mark::of(tenant) }
    }

    /// A customer's tenant.
    pub(crate) fn observed(
        &self,
        customer: &CustomerName,
        distance: Distance,
    ) -> observed::customer::Customer {
        let nth: usize = customer.as_str()[1..].parse().expect("c and a number");
        let subscription = SubscriptionId::new(id(4, nth));
        let tenant = TenantId::new(id(3, nth));
        let mut groups = BTreeMap::new();
        let mut members = BTreeMap::new();
        let mut assignments = Vec::new();
        for group in 0..GROUPS {
            let object = group_id(group);
            groups.insert(object, group_of(object, &self.mark.group(&key(group)), name(group).as_str()));
            members.insert(object, Ok(guests(nth, group, distance)));
            let scope = Scope::subscription(subscription);
            let key = AssignmentKey { scope, principal: object, role: READER };
            assignments.push(RoleAssignment {
                id: format!(
                    "{}/providers/Microsoft.Authorization/roleAssignments/{}",
                    key.scope,
                    key.name(tenant)
                ),
                name: key.name(tenant),
                key,
                principal_type: "Group".to_owned(),
                condition: None,
                created: None,
            });
        }
        let ledger = group_id(GROUPS);
        groups.insert(ledger, group_of(ledger, &self.mark.ledger(), "ledger"));
        let everybody = (0..GROUPS * PEOPLE).map(|nth| (guest_id(nth), Member::User(Box::new(guest(nth)))));
        members.insert(ledger, Ok(everybody.collect()));
        let subscriptions = BTreeMap::from([(
            subscription,
            Subscription {
                id: subscription,
                tenant,
                display_name: "prod".to_owned(),
                state: SubscriptionState::Active,
            },
        )]);
        observed::customer::Customer {
            identity: Ok(ObjectId::new(id(9, 0))),
            verified: None,
            groups: Ok(groups),
            adopted: BTreeMap::new(),
            members,
            subscriptions: Ok(subscriptions),
            assignments: BTreeMap::from([(subscription, Ok(assignments))]),
            facts: Facts { delegated_admins: Some(Ok(BTreeMap::new())), ..Facts::default() },
        }
    }
}

fn group_of(id: ObjectId, unique_name: &str, display_name: &str) -> Group {
    Group {
        id,
        display_name: display_name.to_owned(),
        unique_name: Some(unique_name.to_owned()),
        mail_nickname: Some(unique_name.to_owned()),
        created: None,
        obstacle: None,
    }
}

/// The members of one group. Where one in a hundred differs, one in two hundred is missing, and as many stand in the group
/// next to their own as well.
fn guests(customer: usize, group: usize, distance: Distance) -> BTreeMap<ObjectId, Member> {
    let own = group * PEOPLE..(group + 1) * PEOPLE;
    let next = (group + 1) % GROUPS * PEOPLE..((group + 1) % GROUPS + 1) * PEOPLE;
    let strikes = |nth: &usize, at: usize| {
        distance == Distance::OnePercent && (customer * MEMBERSHIPS + nth) % 200 == at
    };
    let here = own.filter(|nth| !strikes(nth, 0)).chain(next.filter(|nth| strikes(nth, 100)));
    here.map(|nth| (guest_id(nth), Member::User(Box::new(guest(nth))))).collect()
}

fn partner(tenant: TenantId) -> Partner {
    Partner {
        name: "fabrikam".parse().expect("a name"),
        tenant,
        staff_domains: BTreeSet::from(["fabrikam.example".parse().expect("a domain")]),
        admin_agents: ObjectId::new(id(1, 1)),
        helpdesk_agents: ObjectId::new(id(1, 2)),
        cloud: Cloud::Global,
        gdap: Gdap::Off,
        client_id: None,
        origin: origin("partner.yaml", 1),
    }
}

fn policy() -> Policy {
    let ample = Limit { percent: 100, floor: usize::MAX };
    let counts =
        Counts { members: ample, assignments: ample, guests: ample, groups: ample, invitations: usize::MAX };
    // Equal people at every customer are more than Entra would allow; the number of tenants is not what is measured.
    let everywhere = Threshold { warn: usize::MAX, refuse: usize::MAX };
    Policy {
        roles: BTreeMap::from([("Reader".parse().expect("a name"), reader())]),
        limits: Limits {
            group_members: ample,
            customer: counts,
            fleet: counts,
            fleet_leavers: ample,
            offboardings_per_day: 1,
            source_shrink: ample,
        },
        grant_max_duration: SignedDuration::from_hours(12),
        tenants_per_person: everywhere,
        objects_per_tenant: None,
        drift: drift(),
        invitation_mail: InvitationMail::None,
        idle_guests: IdleGuests { after: SignedDuration::from_hours(24 * 90), action: IdleAction::Report },
        pending_after: SignedDuration::from_hours(24 * 14),
        pending_action: PendingAction::Report,
        protected: BTreeSet::new(),
        origin: origin("policy.yaml", 1),
    }
}

fn drift() -> Drift {
    Drift {
        foreign_members: ForeignMembers::Report,
        stray_staff: StrayStaff::Remove,
        extra_assignments: ExtraAssignments::Report,
        missing_assignments: MissingAssignments::Restore,
    }
}

fn reader() -> Role {
    Role { name: "Reader".parse().expect("a name"), id: READER, tier: Tier::Standard }
}

fn partner_group(nth: usize) -> PartnerGroup {
    let file = format!("groups/{nth}.yaml");
    let listed = (nth * PEOPLE..(nth + 1) * PEOPLE).map(|person| {
        let line = u32::try_from(person).expect("few people");
        let person = PersonRef {
            id: person_id(person),
            address: address(person).parse().expect("an address"),
            origin: origin(&file, line),
        };
        (person.id, Listed { person, expires: None })
    });
    PartnerGroup {
        name: name(nth),
        owner: None,
        source: Source::Listed(listed.collect()),
        origin: origin(&file, 1),
    }
}

fn customer(nth: usize) -> Customer {
    let subscription = SubscriptionId::new(id(4, nth));
    let file = format!("customers/c{nth}/customer.yaml");
    let mappings = (0..GROUPS).map(|group| {
        let mapping = Mapping {
            key: key(group),
            was: None,
            display_name: name(group).to_string(),
            from: Some(name(group)),
            adopt: None,
            reassert: false,
            roles: vec![RoleAtScope {
                scope: Scope::subscription(subscription),
                role: reader(),
                written: "subscriptions/prod".to_owned(),
                origin: origin(&file, 10),
            }],
            origin: origin(&file, 9),
        };
        (key(group), mapping)
    });
    Customer {
        name: format!("c{nth}").parse().expect("a name"),
        tenant: TenantId::new(id(3, nth)),
        verify_domain: None,
        state: State::Enforce,
        name_in_groups: format!("c{nth}"),
        subscriptions: BTreeMap::from([(
            "prod".parse().expect("a name"),
            DeclaredSubscription { id: subscription, origin: origin(&file, 7) },
        )]),
        templates: Vec::new(),
        drift: drift(),
        roles: BTreeMap::new(),
        customer_app: None,
        offboard: None,
        reassert_ledger: false,
        admin_agents_owner: AdminAgentsOwner::Ignore,
        mappings: mappings.collect(),
        grants: BTreeMap::new(),
        origin: origin(&file, 1),
        state_origin: origin(&file, 6),
    }
}

fn person(nth: usize) -> Person {
    let address: Address = address(nth).parse().expect("an address");
    Person {
        id: person_id(nth),
        display_name: format!("Person {nth}"),
        mail: Some(address.clone()),
        addresses: BTreeSet::from([address]),
        created: Some(Timestamp::UNIX_EPOCH),
        user_type: Some("Member".to_owned()),
        standing: Standing::Active,
    }
}

fn guest(nth: usize) -> User {
    let address = address(nth);
    User {
        id: guest_id(nth),
        display_name: format!("Person {nth}"),
        user_principal_name: Some(format!("{}#EXT#@c.example", address.replace('@', "_"))),
        mail: Some(address.parse().expect("an address")),
        other_mails: BTreeSet::new(),
        proxy_addresses: BTreeSet::new(),
        creation_type: Some("Invitation".to_owned()),
        external_user_state: Some("Accepted".to_owned()),
        issuers: BTreeSet::from(["ExternalAzureAD".to_owned()]),
        created: Some("2029-01-01T00:00:00Z".parse().expect("a time")),
        state_changed: None,
    }
}

fn address(nth: usize) -> String {
    format!("person{nth}@fabrikam.example")
}

fn name(nth: usize) -> GroupName {
    format!("Group_{nth}").parse().expect("a name")
}

fn key(nth: usize) -> MappingKey {
    format!("Group_{nth}").parse().expect("a name")
}

fn person_id(nth: usize) -> PersonId {
    PersonId::new(id(2, nth))
}

fn guest_id(nth: usize) -> ObjectId {
    ObjectId::new(id(5, nth))
}

fn group_id(nth: usize) -> ObjectId {
    ObjectId::new(id(6, nth))
}

/// Ids that differ in their first digits, as real ones do: in order, a map of them would fill unlike in life.
fn id(kind: u128, nth: usize) -> Uuid {
    let spread = (nth as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Uuid::from_u128(spread ^ (kind << 60) | 1)
}

fn origin(file: &str, line: u32) -> Origin {
    Origin { file: file.to_owned(), line, column: 1 }
}
