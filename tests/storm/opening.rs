//! What is there before groupsync comes: tenants are not empty, and services may fail from the first day on. Its chance is its own,
//! so that what happens later does not depend on it.

use fastrand::Rng;
use groupsync::model::ownership::Mark;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{Customer, Group, User, World};
use uuid::Uuid;

use super::acts;
use super::customers::narrow;
use super::files::{PEOPLE, person};
use super::history;
use super::weather::{Customers, Struck};

/// Fills a tenant with people and groups that are none of ours, some of them easily mistaken.
pub(crate) fn furnish(customer: &mut Customer, mark: &Mark, seed: u64) {
    let mut rng = history::chance(seed, usize::MAX - 1000);
    let mut rng = Rng::with_seed(rng.u64(..) ^ customer.tenant_id.as_u64_pair().1);
    for (address, _) in (0..PEOPLE).map(person).filter(|_| rng.u8(0..6) == 0).collect::<Vec<_>>() {
        // A tenant that is being left has its guests already.
        let is_there = customer.users.iter().any(|user| user.mail.as_ref() == Some(&address));
        if rng.bool() && !is_there {
            let id = Uuid::new_v5(&customer.tenant_id, address.as_bytes());
            customer.users.push(User::guest(id, &address));
            if rng.bool() {
                let project = Uuid::new_v5(&id, b"project");
                customer.groups.push(Group::security(project, "Project", [id]));
            }
        } else {
            let id = Uuid::new_v5(&customer.tenant_id, format!("other {address}").as_bytes());
            let mail = format!("{id}@elsewhere.example");
            let other_mails = vec![mail.clone(), address];
            customer.users.push(User { other_mails, ..User::guest(id, &mail) });
        }
    }
    if rng.u8(0..4) == 0 {
        let key = ["Readers", "Contributors", "Operators"][rng.usize(0..3)];
        let name = mark.group(&key.parse().expect("a key"));
        let own = customer.users.iter().find(|user| !user.is_external()).map(|user| user.id);
        let decoy = Group::security(Uuid::new_v5(&customer.tenant_id, b"decoy"), key, own);
        customer.groups.push(Group { mail_nickname: Some(name), ..decoy });
    }
    // Only a tenant that is being left has roles already, and somebody there may have narrowed one.
    let rows = customer.subscriptions.iter_mut().flat_map(|subscription| &mut subscription.assignments);
    if let Some(row) = rng.choice(rows.collect::<Vec<_>>()).filter(|_| rng.u8(0..3) == 0) {
        narrow(row);
    }
}

/// Makes somebody a delegated administrator in some fleets, and blocks somebody's account in some: perhaps one whom the files want
/// there.
pub(crate) fn delegate(world: &mut World, seed: u64) {
    let mut rng = history::chance(seed, usize::MAX - 1002);
    if rng.u8(0..3) == 0 {
        let (_, id) = person(rng.usize(0..PEOPLE));
        acts::hold_gdap(world, &mut rng, id.parse().expect("a number makes an id"));
    }
    if rng.u8(0..4) == 0 {
        let (address, _) = person(rng.usize(0..PEOPLE));
        let user = world.partner.users.iter_mut().find(|user| user.mail.as_ref() == Some(&address));
        user.expect("everybody is there from the beginning").account_enabled = false;
    }
}

/// What goes wrong from the first day on, in some fleets: answers to writes get lost, the ledger cannot be written, lists lead
/// nowhere, or a single thing goes wrong and nothing else.
pub(crate) fn weather(seed: u64, struck: &mut Struck) -> Option<Fault> {
    let mut rng = history::chance(seed, usize::MAX - 1001);
    let lost = if rng.bool() { FaultKind::LostAnswer } else { FaultKind::Cut };
    let astray = if rng.bool() { FaultKind::ForeignLink } else { FaultKind::SameLink };
    let (mut fault, chance) = match rng.u8(0..16) {
        0 | 1 => (Fault { method: Some("POST".to_owned()), ..Fault::new(lost) }, 0.3),
        2 | 3 | 7 => (Fault::new(lost).route("POST", "/invitations"), 0.5),
        4 => (Fault::new(FaultKind::Forbidden).route("PATCH", "/groups/{id}"), 0.5),
        5 => (Fault::new(astray).customer("partner"), 1.0),
        6 => (Fault::new(astray), 1.0),
        8..11 => return Some(alone(&mut rng, struck)),
        _ => return None,
    };
    fault.chance = Some(chance);
    fault.times = (chance < 1.0).then(|| rng.u32(1..8));
    struck.partner = fault.route.is_none();
    if fault.customer.is_none() {
        struck.customers = Customers::All;
    }
    Some(fault)
}

/// Trouble that leaves everything else as it is, so that nothing else gives it away: a list breaks off that is read only before a
/// guest is deleted, or roles are called given that are not.
fn alone(rng: &mut Rng, struck: &mut Struck) -> Fault {
    if rng.bool() {
        return Fault::new(FaultKind::ShortPage).route("GET", "/users/{id}/memberOf");
    }
    struck.liars = true;
    let lie = Fault::new(FaultKind::Liar).service(Service::Arm).chance(0.5).times(rng.u32(1..6));
    Fault { method: Some("PUT".to_owned()), ..lie }
}
