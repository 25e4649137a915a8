//! Tenants as customers have them: groups made by hand, people of ours in them and people who only look like ours.

use std::path::Path;

use fastrand::Rng;
use groupsync::simulator::world::{Assignment, Customer, Group, Identity, User, World};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::stage::{PARTNER, START, Stage, write};

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/// Not in the Policy here.
const BACKUP_OPERATOR: &str = "00c29273-979b-4161-815c-10b084fb9324";

pub(super) const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles:
    Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7
    Contributor: {id: b24988ac-6180-42a0-ab88-20f7382dd24c, tier: elevated}
    Owner: {id: 8e3af657-a8ff-443c-a75c-2fe8c4bcb635, tier: privileged}
";

const CONTOSO: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1, test: 22222222-2222-4000-8000-0000000000b2}
  groups:
    contoso_Readers:
      roles: {Reader: subscriptions/prod}
    contoso_Emergency:
      from: none
      roles:
        Owner: subscriptions/prod   # who breaks glass owns it
";

const WINGTIP: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: wingtip}
spec:
  tenantId: 33333333-3333-4000-8000-000000000001
  state: enforce";

/// Names that customers give: some are keys as they stand, some are nothing that a file could hold.
const NAMES: [&str; 14] = [
    "Azure Admins",
    "contoso_Readers",
    "contoso_Emergency",
    "Azure_Admins",
    "none",
    "yes",
    "groupsync-0f1e2d3c-g-contoso-readers",
    "Größe: #1 {%}",
    "a\u{202e}nimda\nroles: {Owner: subscriptions/prod}",
    "\"; drop",
    "*",
    " leading",
    "北京",
    "...",
];

pub(super) fn person(number: usize) -> Uuid {
    Uuid::from_u128(0x0f1e_2d3c_1111_4000_8000_0000_0000_0200 + number as u128)
}

fn address(number: usize) -> String {
    format!("p{number}@fabrikam.example")
}

fn id(text: &str) -> Uuid {
    text.parse().expect("a literal id parses")
}

fn files(dir: &Path) {
    write(dir, "partner.yaml", PARTNER);
    write(dir, "policy.yaml", POLICY);
    let people: Vec<String> = (0..3).map(|n| format!("    {}: {}\n", address(n), person(n))).collect();
    let people = people.concat();
    let group = |name: &str| {
        format!(
            "apiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {{name: {name}}}\nspec:\n  members:\n{people}"
        )
    };
    write(dir, "groups/contoso.yaml", &group("contoso_Readers"));
    write(dir, "groups/taken.yaml", &group("wingtip_Azure Admins"));
    write(dir, "customers/contoso/customer.yaml", CONTOSO);
    write(dir, "customers/wingtip/customer.yaml", WINGTIP);
}

/// Four people whom the files name, and as many whom they do not: a living one, one who left, a guest of the partner's own, and
/// a delegated admin.
fn partner(world: &mut World) {
    for number in 0..8 {
        if !world.partner.users.iter().any(|user| user.id == person(number)) {
            world.partner.users.push(User::member(person(number), &address(number)));
        }
    }
    for user in &mut world.partner.users {
        user.account_enabled &= user.id != person(5);
        if user.id == person(6) {
            user.user_type = Some("Guest".to_owned());
        }
    }
    let agents = id("0f1e2d3c-1111-4000-8000-0000000000a1");
    if let Some(group) = world.partner.groups.iter_mut().find(|group| group.id == agents) {
        group.members.insert(person(7));
    }
}

/// A stage on which groupsync has been at work for a while, and the customers too.
pub(super) async fn stage(seed: u64) -> Stage {
    let mut rng = Rng::with_seed(seed);
    let stage = Stage::new(files, seed, partner);
    stage.apply().await;
    stage.simulator.edit(|world| {
        for customer in &mut world.customers {
            customer.users.iter_mut().for_each(accept);
            meddle(&mut rng, customer);
        }
    });
    if rng.bool() {
        let rest = CONTOSO.split("    contoso_Emergency:").next().expect("a split has a first part");
        stage.write("customers/contoso/customer.yaml", rest);
    }
    if rng.u8(0..3) == 0 {
        stage.write("customers/contoso/customer.yaml", &without_readers());
    }
    lose_a_role(seed, &stage);
    stage
}

/// What a merge may lose of a mapping that stays, in the ways that files are written.
fn lose_a_role(seed: u64, stage: &Stage) {
    const READERS: &str = "    contoso_Readers:\n      roles: {Reader: subscriptions/prod}\n";
    const EMERGENCY: &str = "      roles:\n        Owner: subscriptions/prod   # who breaks glass owns it\n";
    let lost = [
        (READERS, "    contoso_Readers:\n      roles: {}\n"),
        (READERS, "    contoso_Readers: {}\n"),
        (READERS, "    contoso_Readers:\n      roles: {Reader: [subscriptions/test]}   # why\n"),
        (EMERGENCY, ""),
        (EMERGENCY, "      roles:\n        Owner: subscriptions/test   # why\n"),
    ];
    let file = "customers/contoso/customer.yaml";
    let text = std::fs::read_to_string(stage.dir.path().join(file)).expect("readable");
    if let Some((before, after)) = lost.get(Rng::with_seed(seed ^ 0x0010_57ED).usize(0..8)) {
        stage.write(file, &text.replace(before, after));
    }
}

/// A quiet stage on which a mapping was lost from the files while its group stands in the tenant; its partner group lists these
/// people besides.
pub(super) async fn forgotten(besides: &[(Uuid, &str)]) -> Stage {
    let stage = Stage::new(files, 1, partner);
    stage.apply().await;
    stage.simulator.edit(|world| {
        world.customers.iter_mut().flat_map(|customer| &mut customer.users).for_each(accept);
    });
    stage.write("customers/contoso/customer.yaml", &without_readers());
    let listed = besides.iter().map(|(person, address)| format!("    {address}: {person}\n"));
    let file = "groups/contoso.yaml";
    let text = std::fs::read_to_string(stage.dir.path().join(file)).expect("readable");
    stage.write(file, &(text + &listed.collect::<String>()));
    stage
}

/// A quiet stage on which wingtip, where we keep nothing yet, has a group of people of ours with a role.
pub(super) async fn untouched() -> Stage {
    let stage = Stage::new(files, 1, partner);
    stage.apply().await;
    stage.simulator.edit_customer(id("33333333-3333-4000-8000-000000000001"), |customer| {
        subscribe(customer);
        let guest = User::guest(derive(customer, "guest"), &address(4));
        let group = Group::security(derive(customer, "One"), "One", [guest.id]);
        customer.users.push(guest);
        assign(customer, 0, group.id, READER, None, "Group");
        customer.groups.push(group);
    });
    stage
}

/// The files of contoso without its first mapping.
fn without_readers() -> String {
    CONTOSO.replace(
        "  groups:\n    contoso_Readers:\n      roles: {Reader: subscriptions/prod}\n",
        "  groups:\n",
    )
}

/// A quiet stage with three groups of people of ours, a person of ours with a role, and somebody else with one.
pub(super) async fn few() -> Stage {
    let stage = Stage::new(files, 1, partner);
    stage.apply().await;
    let contoso = id("22222222-2222-4000-8000-000000000001");
    stage.simulator.edit_customer(contoso, |customer| {
        customer.users.iter_mut().for_each(accept);
        let guest = User::guest(derive(customer, "guest"), &address(4));
        let (ours, own) = (guest.id, customer.users[0].id);
        customer.users.push(guest);
        for name in ["One", "Two", "Three"] {
            let group = Group::security(derive(customer, name), name, [ours, own]);
            assign(customer, 0, group.id, READER, None, "Group");
            customer.groups.push(group);
        }
        let group = derive(customer, "One");
        assign(customer, 0, group, BACKUP_OPERATOR, None, "Group");
        assign(customer, 0, ours, READER, None, "User");
        assign(customer, 0, own, READER, None, "User");
    });
    stage
}

fn meddle(rng: &mut Rng, customer: &mut Customer) {
    if customer.subscriptions.is_empty() {
        subscribe(customer);
    }
    let mut people: Vec<Uuid> = customer.users.iter().map(|user| user.id).collect();
    for number in 0..8 {
        if rng.u8(0..4) > 0 {
            people.extend(guest(rng, customer, number));
        }
    }
    for (name, mail) in [("own", "kim@contoso.example"), ("other", "jo@notfabrikam.example")] {
        let user = if name == "own" { User::member } else { User::guest }(derive(customer, name), mail);
        people.push(user.id);
        customer.users.push(user);
    }
    for number in 0..rng.usize(2..6) {
        let name = NAMES[rng.usize(0..NAMES.len())];
        let members: Vec<Uuid> = (0..rng.usize(0..4)).map(|_| people[rng.usize(0..people.len())]).collect();
        let mut group = Group::security(derive(customer, &format!("group {number}")), name, members);
        group.mail_nickname = Some(format!("hand-made-{number}"));
        match rng.u8(0..12) {
            0 => group.is_assignable_to_role = Some(true),
            1 => group.on_premises_sync_enabled = Some(true),
            2 => group.mail_enabled = true,
            3 => {
                group.group_types = vec!["DynamicMembership".to_owned()];
                group.membership_rule = Some("user.department -eq \"x\"".to_owned());
            }
            _ => {}
        }
        for _ in 0..rng.u8(0..4) {
            random_role(rng, customer, group.id, "Group");
        }
        customer.groups.push(group);
    }
    for _ in 0..2 {
        let holder = people[rng.usize(0..people.len())];
        random_role(rng, customer, holder, "User");
    }
}

fn subscribe(customer: &mut Customer) {
    let alias = "Main: #1".to_owned();
    let subscription = groupsync::simulator::world::Subscription {
        id: derive(customer, &alias),
        alias,
        ..groupsync::simulator::world::Subscription::default()
    };
    customer.subscriptions.push(subscription);
}

/// A guest of a person of ours, or somebody who only looks like it.
fn guest(rng: &mut Rng, customer: &mut Customer, number: usize) -> Option<Uuid> {
    let mail = address(number);
    if customer.users.iter().any(|user| user.mail.as_deref() == Some(&mail)) {
        return None;
    }
    let mut user = User::guest(derive(customer, &mail), &mail);
    let start: jiff::Timestamp = START.parse().expect("a literal timestamp parses");
    user.created_date_time = Some(start);
    match rng.u8(0..10) {
        0 => user.created_date_time = Some(start - SignedDuration::from_hours(3 * 365 * 24)),
        1 => {
            let issuer = Some("MicrosoftAccount".to_owned());
            user.identities = vec![Identity { issuer, ..Identity::default() }];
        }
        2 => user.external_user_state = Some("PendingAcceptance".to_owned()),
        3 => user = User::member(user.id, &mail),
        _ => {}
    }
    customer.users.push(user);
    Some(derive(customer, &mail))
}

fn random_role(rng: &mut Rng, customer: &mut Customer, principal: Uuid, kind: &str) {
    let roles = [READER, READER, CONTRIBUTOR, OWNER, BACKUP_OPERATOR];
    let subscription = rng.usize(0..customer.subscriptions.len());
    let base = format!("/subscriptions/{}", customer.subscriptions[subscription].id);
    let scope = match rng.u8(0..6) {
        0 => Some(format!("{base}/resourceGroups/RG-App_1")),
        1 => Some("/providers/Microsoft.Management/managementGroups/top".to_owned()),
        _ => None,
    };
    assign(customer, subscription, principal, roles[rng.usize(0..roles.len())], scope, kind);
}

fn assign(customer: &mut Customer, at: usize, to: Uuid, role: &str, scope: Option<String>, kind: &str) {
    let rows = &mut customer.subscriptions[at].assignments;
    if rows.iter().any(|row| row.principal_id == to && row.role == id(role) && row.scope == scope) {
        return;
    }
    let name = Uuid::new_v5(&to, format!("{at} {role} {scope:?}").as_bytes());
    let principal_type = kind.to_owned();
    let row =
        Assignment { name, role: id(role), principal_id: to, principal_type, scope, ..Assignment::default() };
    rows.push(row);
}

fn accept(user: &mut User) {
    if user.external_user_state.as_deref() == Some("PendingAcceptance") {
        user.external_user_state = Some("Accepted".to_owned());
        let issuer = Some("ExternalAzureAD".to_owned());
        user.identities = vec![Identity { issuer, ..Identity::default() }];
    }
}

fn derive(customer: &Customer, what: &str) -> Uuid {
    Uuid::new_v5(&customer.tenant_id, what.as_bytes())
}
