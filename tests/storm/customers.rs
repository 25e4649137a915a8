//! What customers do in their tenants, behind groupsync's back.

use fastrand::Rng;
use groupsync::model::ownership::Mark;
use groupsync::simulator::world::{Assignment, Customer, Group, Lock, SubscriptionState, User};
use uuid::Uuid;

use super::files::{PEOPLE, person};

const READER: Uuid = Uuid::from_u128(0xacdd_72a7_3385_48ef_bd42_f606_fba8_1ae7);

/// Does one thing to a tenant, and tells what.
pub(crate) fn act(customer: &mut Customer, mark: &Mark, rng: &mut Rng) -> String {
    match rng.u8(0..5) {
        0 => to_guests(customer, rng),
        1 => to_azure(customer, mark, rng),
        2 if rng.u8(0..3) == 0 => to_our_rights(customer, rng),
        _ => to_groups(customer, mark, rng),
    }
}

fn is_marked(mark: &Mark, group: &Group) -> bool {
    group.unique_name.as_ref().is_some_and(|name| name.starts_with(&mark.prefix()))
}

fn is_ledger(mark: &Mark, group: &Group) -> bool {
    group.unique_name == Some(mark.ledger())
}

/// One of the customer's own people.
fn own(customer: &Customer) -> Uuid {
    customer.users.iter().find(|u| !u.is_external()).map(|u| u.id).expect("the customer has people")
}

/// The place of a group of ours, the ledger aside.
fn ours(customer: &Customer, mark: &Mark, rng: &mut Rng) -> Option<usize> {
    let groups = customer.groups.iter().enumerate();
    let ours = groups.filter(|(_, g)| is_marked(mark, g) && !is_ledger(mark, g)).map(|(place, _)| place);
    rng.choice(ours.collect::<Vec<_>>())
}

fn to_groups(customer: &mut Customer, mark: &Mark, rng: &mut Rng) -> String {
    let own = own(customer);
    let Some(place) = ours(customer, mark, rng) else {
        return "nothing of ours is there to be changed".to_owned();
    };
    let group = &mut customer.groups[place];
    let (id, name) = (group.id, group.display_name.clone());
    match rng.u8(0..12) {
        0 | 1 => {
            let gone = rng.choice(group.members.iter().copied().collect::<Vec<_>>());
            gone.map(|member| group.members.remove(&member));
            format!("{gone:?} is taken out of {name}")
        }
        2 => {
            group.members.insert(own);
            format!("one of the customer's own people is put into {name}")
        }
        3 => {
            group.owners.insert(own);
            format!("one of the customer's own people becomes an owner of {name}")
        }
        4 | 5 => {
            let (members, nickname) = (group.members.clone(), group.mail_nickname.clone());
            customer.groups.remove(place);
            drop_roles(customer, id);
            if rng.bool() {
                let again = Uuid::new_v5(&id, b"again");
                let mail_nickname = nickname.filter(|_| rng.bool());
                customer.groups.push(Group { mail_nickname, ..Group::security(again, &name, members) });
                return format!("{name} is deleted and made again by hand, as {again}");
            }
            format!("{name} is deleted")
        }
        6 => {
            group.display_name = format!("{name} (ours)");
            format!("{name} gets another name")
        }
        7 => {
            let alike = Uuid::new_v5(&id, b"alike");
            if customer.groups.iter().all(|g| g.id != alike) {
                customer.groups.push(Group::security(alike, &name, [own]));
            }
            format!("a group of the customer's own is called {name} too")
        }
        8 => {
            group.on_premises_sync_enabled = Some(true);
            format!("{name} is mastered on premises from now on")
        }
        9 => {
            let stray = stray(customer);
            customer.groups[place].members.insert(stray);
            format!("a guest with an address of the partner's is put into {name}")
        }
        10 => {
            let ledger = customer.groups.iter_mut().find(|g| is_ledger(mark, g));
            ledger.map(|ledger| ledger.owners.insert(own));
            "one of the customer's own people becomes an owner of the ledger".to_owned()
        }
        _ => {
            customer.groups.retain(|g| !is_ledger(mark, g) || rng.bool());
            "the ledger may be deleted".to_owned()
        }
    }
}

/// A guest with an address of the partner's whom groupsync did not invite.
fn stray(customer: &mut Customer) -> Uuid {
    let id = Uuid::new_v5(&customer.tenant_id, b"stray");
    if customer.users.iter().chain(&customer.deleted).all(|u| u.id != id) {
        customer.users.push(User { created_date_time: None, ..User::guest(id, "stray@fabrikam.example") });
    }
    id
}

fn drop_roles(customer: &mut Customer, principal: Uuid) {
    for subscription in &mut customer.subscriptions {
        subscription.assignments.retain(|row| row.principal_id != principal);
    }
}

fn to_guests(customer: &mut Customer, rng: &mut Rng) -> String {
    let guests: Vec<Uuid> = customer.users.iter().filter(|u| u.is_external()).map(|u| u.id).collect();
    let guest = rng.choice(guests);
    let (address, _) = person(rng.usize(0..PEOPLE));
    let known = customer.users.iter().chain(&customer.deleted);
    let is_known = known.filter_map(|u| u.mail.as_ref()).any(|mail| *mail == address);
    match (rng.u8(0..8), guest) {
        (0, Some(guest)) => {
            customer.users.retain(|u| u.id != guest);
            customer.groups.iter_mut().for_each(|g| {
                g.members.remove(&guest);
            });
            format!("guest {guest} is deleted")
        }
        (1, _) => {
            let back = customer.deleted.pop();
            let told = format!("{:?} is restored", back.as_ref().map(|u| u.id));
            customer.users.extend(back.map(|u| User { deleted_date_time: None, ..u }));
            told
        }
        (2, _) => format!("{:?} is purged", customer.deleted.pop().map(|u| u.id)),
        (3 | 4, Some(guest)) => {
            let project = Uuid::new_v5(&customer.tenant_id, b"project");
            if customer.groups.iter().all(|g| g.id != project) {
                customer.groups.push(Group::security(project, "Project", [guest]));
            }
            format!("guest {guest} is put into one of the customer's own groups")
        }
        (5, _) if !is_known => {
            let id = Uuid::new_v5(&customer.tenant_id, address.as_bytes());
            customer.users.push(User::guest(id, &address));
            format!("{address} is invited by the customer, as {id}")
        }
        (6, _) if !is_known => {
            let id = Uuid::new_v5(&customer.tenant_id, format!("other {address}").as_bytes());
            let mail = format!("{id}@elsewhere.example");
            if customer.users.iter().all(|u| u.id != id) {
                let other_mails = vec![mail.clone(), address.clone()];
                customer.users.push(User { other_mails, ..User::guest(id, &mail) });
            }
            format!("somebody from elsewhere, {id}, names {address} as a further address")
        }
        (7, Some(guest)) => {
            let row = Uuid::new_v5(&guest, b"direct");
            let subscription = customer.subscriptions.first_mut().expect("the customer has subscriptions");
            if subscription.assignments.iter().all(|a| a.principal_id != guest) {
                let principal_type = "User".to_owned();
                let direct = Assignment {
                    name: row,
                    role: READER,
                    principal_id: guest,
                    principal_type,
                    ..Assignment::default()
                };
                subscription.assignments.push(direct);
            }
            format!("guest {guest} gets a role of its own from the customer")
        }
        _ => format!("a guest with an address of the partner's is there, {}", stray(customer)),
    }
}

/// Puts a condition on a role.
pub(crate) fn narrow(row: &mut Assignment) {
    let condition = "(@Resource[Microsoft.Storage/storageAccounts:name] StringEquals 'a')";
    row.condition = Some(condition.to_owned());
    row.condition_version = Some("2.0".to_owned());
}

fn to_azure(customer: &mut Customer, mark: &Mark, rng: &mut Rng) -> String {
    let place = ours(customer, mark, rng);
    let group = place.map(|place| (customer.groups[place].id, customer.groups[place].display_name.clone()));
    match (rng.u8(0..8), group) {
        (0, Some((id, name))) => {
            drop_roles(customer, id);
            format!("the roles of {name} are taken away")
        }
        (1 | 2, Some((principal_id, name))) => {
            let row = Uuid::new_v5(&principal_id, b"extra");
            let subscription = customer.subscriptions.first_mut().expect("the customer has subscriptions");
            let held = |a: &Assignment| a.principal_id == principal_id && a.role == READER;
            if !subscription.assignments.iter().any(|a| a.name == row || held(a)) {
                let extra = Assignment { name: row, role: READER, principal_id, ..Assignment::default() };
                subscription.assignments.push(extra);
            }
            format!("the customer itself gives {name} a role")
        }
        (3 | 6, Some((id, name))) => {
            for row in customer.subscriptions.iter_mut().flat_map(|s| &mut s.assignments) {
                if row.principal_id == id && row.condition.is_none() {
                    narrow(row);
                }
            }
            format!("the roles of {name} are narrowed by a condition")
        }
        (4, _) => {
            let subscription = customer.subscriptions.last_mut().expect("the customer has subscriptions");
            subscription.state = match subscription.state {
                SubscriptionState::Enabled => SubscriptionState::Disabled,
                _ => SubscriptionState::Enabled,
            };
            format!("subscription {} is {:?}", subscription.alias, subscription.state)
        }
        (5, _) => {
            let subscription = customer.subscriptions.last_mut().expect("the customer has subscriptions");
            subscription.tenant_id = match subscription.tenant_id {
                Some(elsewhere) if elsewhere != customer.tenant_id => None,
                _ => Some(Uuid::new_v5(&customer.tenant_id, b"elsewhere")),
            };
            format!("subscription {} moves to {:?}", subscription.alias, subscription.tenant_id)
        }
        _ => {
            let subscription = customer.subscriptions.first_mut().expect("the customer has subscriptions");
            if subscription.locks.is_empty() {
                subscription.locks.push(Lock { name: "keep".to_owned(), ..Lock::default() });
            } else {
                subscription.locks.clear();
            }
            format!("subscription {} has locks: {}", subscription.alias, !subscription.locks.is_empty())
        }
    }
}

fn to_our_rights(customer: &mut Customer, rng: &mut Rng) -> String {
    match rng.u8(0..3) {
        0 => {
            customer.consent.clear();
            "consent is revoked".to_owned()
        }
        1 => {
            customer.consent.remove("User.Read.All");
            "User.Read.All is taken away".to_owned()
        }
        _ => {
            customer.consent.remove("User.Invite.All");
            "User.Invite.All is taken away".to_owned()
        }
    }
}
