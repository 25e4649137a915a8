//! What others do: people leave the partner, customers change what stands in their tenants.

use fastrand::Rng;
use groupsync::desired::state::DesiredState;
use groupsync::model::ownership::Mark;
use groupsync::simulator::world::{self, Assignment, Group, Lock, SubscriptionState, User, World};
use uuid::Uuid;

/// Does one thing to the world, and tells what.
pub(crate) fn meddle(world: &mut World, desired: &DesiredState, rng: &mut Rng) -> String {
    if rng.u8(0..3) == 0 {
        return at_the_partner(world, desired, rng);
    }
    let at = rng.usize(0..world.customers.len());
    let mark = Mark::of(desired.partner.tenant);
    let told = at_a_customer(&mut world.customers[at], &mark, rng);
    format!("at {}: {told}", world.customers[at].name)
}

fn at_the_partner(world: &mut World, desired: &DesiredState, rng: &mut Rng) -> String {
    let partner = &mut world.partner;
    if partner.users.is_empty() {
        return "nobody is left".to_owned();
    }
    let place = rng.usize(0..partner.users.len());
    let person = partner.users[place].id;
    match rng.u8(0..5) {
        0 => {
            partner.users[place].account_enabled = false;
            format!("{person} is disabled")
        }
        1 => {
            let mut gone = partner.users.remove(place);
            gone.deleted_date_time = gone.created_date_time;
            partner.deleted.push(gone);
            for group in &mut partner.groups {
                group.members.remove(&person);
            }
            format!("{person} is deleted")
        }
        2 => {
            let agents =
                if rng.bool() { desired.partner.admin_agents } else { desired.partner.helpdesk_agents };
            let nested = Uuid::from_u128(0x000a_dded_0000_4000_8000_0000_0000_0000 + u128::from(rng.u32(..)));
            partner.groups.push(Group::security(nested, "Azure Managers", [person]));
            let agents = partner.groups.iter_mut().find(|g| g.id == agents.uuid()).expect("the group exists");
            agents.members.insert(nested);
            format!("{person} becomes a delegated admin, in a nested group")
        }
        3 => {
            let source =
                partner.groups.iter_mut().find(|g| g.display_name == "Operators").expect("the source exists");
            let gone = source.members.iter().nth(1).copied();
            gone.map(|person| source.members.remove(&person));
            "somebody leaves Operators".to_owned()
        }
        _ => {
            let source =
                partner.groups.iter_mut().find(|g| g.display_name == "Operators").expect("the source exists");
            source.members.insert(person);
            format!("{person} joins Operators")
        }
    }
}

fn at_a_customer(customer: &mut world::Customer, mark: &Mark, rng: &mut Rng) -> String {
    let ours = |g: &Group| g.unique_name.as_ref().is_some_and(|name| name.starts_with(&mark.prefix()));
    let is_ledger = |g: &Group| g.unique_name == Some(mark.ledger());
    let places: Vec<usize> = (0..customer.groups.len())
        .filter(|&at| ours(&customer.groups[at]) && !is_ledger(&customer.groups[at]))
        .collect();
    let own =
        customer.users.iter().find(|u| !u.is_external()).map(|u| u.id).expect("the customer has people");
    let Some(place) = rng.choice(places) else { return "nothing of ours is there to be changed".to_owned() };
    let group = &mut customer.groups[place];
    let name = group.display_name.clone();
    match rng.u8(0..12) {
        0 => {
            let gone = group.members.pop_first();
            format!("{gone:?} is taken out of {name}")
        }
        1 => {
            group.members.insert(own);
            format!("one of the customer's own people is put into {name}")
        }
        2 => {
            let id = group.id;
            let rows = customer.subscriptions.iter_mut();
            rows.for_each(|s| s.assignments.retain(|a| a.principal_id != id));
            format!("the roles of {name} are taken away")
        }
        3 => {
            group.owners.insert(own);
            format!("one of the customer's own people becomes an owner of {name}")
        }
        4 => {
            let id = group.id;
            customer.groups.remove(place);
            let rows = customer.subscriptions.iter_mut();
            rows.for_each(|s| s.assignments.retain(|a| a.principal_id != id));
            format!("{name} is deleted")
        }
        5 => {
            group.display_name = format!("{name} (ours)");
            format!("{name} gets another name")
        }
        6 => {
            let guest = customer.users.iter().find(|u| u.is_external()).map(|u| u.id);
            let project = Uuid::new_v5(&customer.tenant_id, b"project");
            if let (Some(guest), false) = (guest, customer.groups.iter().any(|g| g.id == project)) {
                customer.groups.push(Group::security(project, "Project", [guest]));
            }
            "a guest is put into one of the customer's own groups".to_owned()
        }
        7 => {
            let id = Uuid::new_v5(&customer.tenant_id, b"stray");
            if customer.user_mut(id).is_none() {
                let mut stray = User::guest(id, "stray@fabrikam.example");
                stray.created_date_time = None;
                customer.users.push(stray);
            }
            customer.groups[place].members.insert(id);
            format!("a guest with an address of the partner's is put into {name}")
        }
        8 => {
            let subscription = customer.subscriptions.last_mut().expect("the customer has subscriptions");
            subscription.state = SubscriptionState::Disabled;
            format!("subscription {} is disabled", subscription.alias)
        }
        9 => {
            let subscription = customer.subscriptions.first_mut().expect("the customer has subscriptions");
            if subscription.locks.is_empty() {
                subscription.locks.push(Lock { name: "keep".to_owned(), ..Lock::default() });
            }
            format!("subscription {} is locked", subscription.alias)
        }
        10 => {
            let principal_id = group.id;
            let row = Uuid::new_v5(&principal_id, b"extra");
            let subscription = customer.subscriptions.first_mut().expect("the customer has subscriptions");
            if subscription.assignments.iter().all(|a| a.name != row) {
                let role = Uuid::from_u128(0xacdd_72a7_3385_48ef_bd42_f606_fba8_1ae7);
                let extra = Assignment { name: row, role, principal_id, ..Assignment::default() };
                let held = |a: &Assignment| a.principal_id == principal_id && a.role == role;
                if !subscription.assignments.iter().any(held) {
                    subscription.assignments.push(extra);
                }
            }
            format!("the customer itself gives {name} a role")
        }
        _ => {
            customer.groups.retain(|g| !is_ledger(g) || rng.bool());
            "the ledger may be deleted".to_owned()
        }
    }
}
