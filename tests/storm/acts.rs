//! What others do meanwhile: people join and leave the partner, become delegated administrators, lose a permission.

use fastrand::Rng;
use groupsync::desired::state::DesiredState;
use groupsync::model::ownership::Mark;
use groupsync::simulator::world::{AccessAssignment, Group, Level, Relationship, World};
use uuid::Uuid;

use super::customers;
use super::written::STRANGER;

/// Does one thing to the world, and tells what.
pub(crate) fn act(world: &mut World, desired: &DesiredState, rng: &mut Rng) -> String {
    if rng.u8(0..4) == 0 {
        return at_the_partner(world, desired, rng);
    }
    let places = (0..world.customers.len()).filter(|at| world.customers[*at].name != STRANGER);
    let at = rng.choice(places.collect::<Vec<_>>()).expect("a fleet has customers");
    let told = customers::act(&mut world.customers[at], &Mark::of(desired.partner.tenant), rng);
    format!("at {}: {told}", world.customers[at].name)
}

/// Gives back what others took from the application, so that a run can come to an end.
pub(crate) fn give_back(world: &mut World, consents: &World) {
    world.partner.consent.clone_from(&consents.partner.consent);
    for customer in &mut world.customers {
        let before = consents.customers.iter().find(|c| c.tenant_id == customer.tenant_id);
        // Whoever came later had given everything at first.
        customer.consent = before.map_or_else(|| Level::Lifecycle.permissions(), |c| c.consent.clone());
    }
}

fn at_the_partner(world: &mut World, desired: &DesiredState, rng: &mut Rng) -> String {
    if world.partner.users.is_empty() {
        return "nobody is left".to_owned();
    }
    let place = rng.usize(0..world.partner.users.len());
    let person = world.partner.users[place].id;
    match rng.u8(0..10) {
        0 => {
            world.partner.users[place].account_enabled = false;
            format!("{person} is disabled")
        }
        1 => {
            let mut gone = world.partner.users.remove(place);
            gone.deleted_date_time = gone.created_date_time;
            world.partner.deleted.push(gone);
            for group in &mut world.partner.groups {
                group.members.remove(&person);
            }
            format!("{person} is deleted")
        }
        2 => become_an_agent(world, desired, rng, person),
        3 => hold_gdap(world, rng, person),
        4 | 8 => {
            world.partner.consent.remove("User.Read.All");
            "the partner's administrator takes User.Read.All away".to_owned()
        }
        5 => {
            world.partner.consent.insert("User.Read.All".to_owned());
            "the partner's administrator consents to User.Read.All".to_owned()
        }
        6 => {
            let source = operators(world);
            let gone = source.and_then(|source| {
                let gone = source.members.iter().nth(1).copied()?;
                source.members.remove(&gone);
                Some(gone)
            });
            format!("{gone:?} leaves Operators")
        }
        _ => {
            if let Some(source) = operators(world) {
                source.members.insert(person);
            }
            format!("{person} joins Operators")
        }
    }
}

fn operators(world: &mut World) -> Option<&mut Group> {
    world.partner.groups.iter_mut().find(|g| g.display_name == "Operators")
}

fn become_an_agent(world: &mut World, desired: &DesiredState, rng: &mut Rng, person: Uuid) -> String {
    let agents = if rng.bool() { desired.partner.admin_agents } else { desired.partner.helpdesk_agents };
    let nested = Uuid::from_u128(0x000a_dded_0000_4000_8000_0000_0000_0000 + u128::from(rng.u32(..)));
    world.partner.groups.push(Group::security(nested, "Azure Managers", [person]));
    let agents = world.partner.groups.iter_mut().find(|g| g.id == agents.uuid()).expect("the group exists");
    agents.members.insert(nested);
    format!("{person} becomes a delegated admin, in a nested group")
}

/// Gives somebody delegated administration at one of the customers, through a group of the partner's.
pub(crate) fn hold_gdap(world: &mut World, rng: &mut Rng, person: Uuid) -> String {
    let customer = &world.customers[rng.usize(0..world.customers.len())];
    let (tenant, name) = (customer.tenant_id, customer.name.clone());
    let id = Uuid::from_u128(0x000b_dded_0000_4000_8000_0000_0000_0000 + u128::from(rng.u32(..)));
    let role = Uuid::from_u128(0x88d8_e3e3_8f55_4a1e_953a_9b98_98b8_876b);
    world.partner.groups.push(Group::security(id, "Delegated", [person]));
    let access = AccessAssignment {
        id: Uuid::new_v5(&id, b"access"),
        group: id,
        roles: vec![role],
        ..Default::default()
    };
    world.partner.gdap.push(Relationship {
        id: format!("{id}-{id}"),
        customer: tenant,
        roles: vec![role],
        access_assignments: vec![access],
        ..Relationship::default()
    });
    format!("{person} gets delegated administration at {name}")
}
