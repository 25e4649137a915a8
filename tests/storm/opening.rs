//! What is there before groupsync comes: tenants are not empty, and services may fail from the first day on. Its chance is its own,
//! so that what happens later does not depend on it.

use fastrand::Rng;
use groupsync::model::ownership::Mark;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{Customer, Group, User};
use uuid::Uuid;

use super::files::{PEOPLE, person};
use super::history;
use super::weather::Struck;

/// Fills a tenant with people and groups that are none of ours, some of them easily mistaken.
pub(crate) fn furnish(customer: &mut Customer, mark: &Mark, seed: u64) {
    let mut rng = history::chance(seed, usize::MAX - 1000);
    let mut rng = Rng::with_seed(rng.u64(..) ^ customer.tenant_id.as_u64_pair().1);
    for (address, _) in (0..PEOPLE).map(person).filter(|_| rng.u8(0..8) == 0).collect::<Vec<_>>() {
        if rng.bool() {
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
}

/// What goes wrong from the first day on, in some fleets: answers to writes get lost.
pub(crate) fn weather(seed: u64, struck: &mut Struck) -> Option<Fault> {
    let mut rng = history::chance(seed, usize::MAX - 1001);
    if rng.u8(0..6) > 0 {
        return None;
    }
    let mut fault = Fault::new(if rng.bool() { FaultKind::LostAnswer } else { FaultKind::Cut });
    fault.method = Some("POST".to_owned());
    fault.chance = Some(0.3);
    fault.times = Some(rng.u32(1..8));
    struck.partner = true;
    Some(fault)
}
