//! What people commit: one change to the files at a time.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use super::files::{Customer, Files, Grant, Mapping, Override, PEOPLE, Tight, id, kind};

/// No run has more customers than this.
const MOST_CUSTOMERS: usize = 6;

/// What a review says of a privileged role where memberships do not end, whichever of the two was changed.
pub(crate) const OWNER_FOR_GOOD: &str = "GS095";

impl Files {
    /// One change that somebody commits, and what to call it. `held` are the digests of the plans that wait for a release.
    pub(crate) fn change(
        &mut self,
        rng: &mut Rng,
        now: Timestamp,
        held: &BTreeMap<String, String>,
    ) -> String {
        match rng.u8(0..16) {
            0..6 => self.change_a_group(rng, now),
            6..8 => self.change_a_rule(rng),
            8 => self.take_on(rng, now),
            9 if !held.is_empty() => self.release(rng, now, held),
            _ => self.change_a_customer(rng, now),
        }
    }

    fn change_a_group(&mut self, rng: &mut Rng, now: Timestamp) -> String {
        let group = ["Readers", "Contributors"][rng.usize(0..2)];
        let members = self.listed(group);
        match rng.u8(0..8) {
            0..3 => {
                let (person, ends) = (rng.usize(0..PEOPLE), rng.u8(0..4) == 0);
                let end = ends.then(|| now + SignedDuration::from_mins(rng.i64(5..240)));
                members.insert(person, end);
                format!("p{person} joins {group}, until {end:?}")
            }
            3 | 4 => {
                let gone = rng.choice(members.keys().copied().collect::<Vec<_>>());
                gone.filter(|_| members.len() > 1).map(|person| members.remove(&person));
                format!("{gone:?} leaves {group}")
            }
            5 => {
                let all: Vec<usize> = members.keys().copied().collect();
                members.retain(|person, _| Some(person) == all.first());
                format!("almost everybody leaves {group}")
            }
            _ => {
                let from = self.listed("Readers");
                let person = rng.choice(from.keys().copied().collect::<Vec<_>>());
                if let Some(person) = person.filter(|_| from.len() > 1) {
                    from.remove(&person);
                    self.listed("Contributors").insert(person, None);
                }
                format!("{person:?} moves from Readers to Contributors")
            }
        }
    }

    fn change_a_rule(&mut self, rng: &mut Rng) -> String {
        match rng.u8(0..6) {
            0 => {
                self.tight = [Tight::Nothing, Tight::Group, Tight::Customer, Tight::Fleet, Tight::Groups]
                    [rng.usize(0..5)];
                format!("other limits are tight: {:?}", self.tight)
            }
            1 => {
                self.remove_foreign = !self.remove_foreign;
                format!("foreign members are removed: {}", self.remove_foreign)
            }
            2 => {
                self.delete_idle = !self.delete_idle;
                format!("idle guests are deleted: {}", self.delete_idle)
            }
            3 => {
                let adopted =
                    self.customers.values().flat_map(|c| c.mappings.values()).filter_map(|m| m.adopt);
                let number = rng.choice(adopted.collect::<Vec<_>>());
                self.protected.extend(number.map(|number| id(kind::ADOPTED, number)));
                format!("the policy protects adopted group {number:?}")
            }
            4 => {
                self.stop = !self.stop;
                format!("the kill switch is {}", if self.stop { "there" } else { "gone" })
            }
            _ => {
                self.overrides.clear();
                "the releases are deleted".to_owned()
            }
        }
    }

    fn take_on(&mut self, rng: &mut Rng, now: Timestamp) -> String {
        let number = self.customers.values().map(|c| c.number + 1).max().unwrap_or(0);
        if number >= MOST_CUSTOMERS {
            return "there are customers enough".to_owned();
        }
        self.add_customer(rng, number, now);
        format!("customer{number} is new")
    }

    fn release(&mut self, rng: &mut Rng, now: Timestamp, held: &BTreeMap<String, String>) -> String {
        let customer = rng.choice(held.keys()).expect("something is held").clone();
        let expires = now + SignedDuration::from_mins(rng.i64(30..600));
        let digest = held[&customer].clone();
        let told = format!("the plan {digest} of {customer} is released until {expires}");
        self.overrides.retain(|known| known.customer != customer || known.digest != digest);
        self.overrides.push(Override { customer, digest, expires });
        told
    }

    fn change_a_customer(&mut self, rng: &mut Rng, now: Timestamp) -> String {
        let name = rng.choice(self.customers.keys()).expect("a fleet has customers").clone();
        let others = self.customers.values().any(|customer| customer.wrong_domain);
        let customer = self.customers.get_mut(&name).expect("chosen from the keys");
        match rng.u8(0..14) {
            0 => {
                customer.mappings.retain(|key, _| key == "BreakGlass" || rng.bool());
                let kept = &customer.mappings;
                customer.grants.retain(|_, grant| kept.contains_key(&grant.mapping));
                format!("{name} loses mappings")
            }
            1 | 2 => {
                for mapping in customer.mappings.values_mut().filter(|m| m.from.is_some()) {
                    mapping.roles = BTreeSet::from([(rng.usize(0..2), "prod".to_owned())]);
                }
                format!("{name} gets other roles")
            }
            3 | 4 => {
                let number = customer.grants.len();
                let grant = Grant::random(rng, &customer.mappings, now);
                let told = format!("{name} gets a grant: {grant:?}");
                customer.grants.insert(format!("inc-{number}"), grant);
                told
            }
            5 => {
                customer.grants.clear();
                format!("the grants of {name} are deleted")
            }
            6 => {
                let key = rng.choice(["Readers", "Contributors", "Operators"]).expect("there are three");
                let own = Mapping::random(rng, Some(key), &customer.subscriptions);
                let taken = customer.mappings.values().any(|m| m.was.as_deref() == Some(key));
                if !taken {
                    customer.mappings.entry(key.to_owned()).or_insert(own);
                }
                format!("{name} gets {key}")
            }
            7 => rename(rng, &name, customer),
            8 => {
                let mapping = rng.choice(customer.mappings.values_mut()).expect("there is BreakGlass");
                mapping.shown = Some(format!("Team {}", rng.u8(0..9)));
                format!("a group of {name} is shown as {:?}", mapping.shown)
            }
            9 => {
                customer.want_back();
                format!("{name} is to get back what it lost")
            }
            10 => {
                customer.wrong_domain = !customer.wrong_domain && !others;
                format!("{name} names the wrong domain: {}", customer.wrong_domain)
            }
            11 => {
                if let Some(mapping) = customer.mappings.values_mut().find(|m| m.from.is_some()) {
                    mapping.roles.insert((2, "prod".to_owned()));
                }
                format!("{name} asks for Owner for a standing group")
            }
            _ => {
                let states = ["enforce", "enforce", "enforce", "suspend", "suspend", "observe", "offboard"];
                customer.state = states[rng.usize(0..states.len())];
                let later = now + SignedDuration::from_mins(rng.i64(10..90));
                customer.leaves_at = rng.bool().then_some(later);
                format!("{name} becomes {} (an offboarding begins {:?})", customer.state, customer.leaves_at)
            }
        }
    }
}

impl Customer {
    /// Asks for everything back that the customer has deleted.
    pub(crate) fn want_back(&mut self) {
        self.reassert_ledger = true;
        self.mappings.values_mut().for_each(|mapping| mapping.reassert = true);
    }
}

/// Gives a mapping another key; its group stays, known by the first one.
fn rename(rng: &mut Rng, name: &str, customer: &mut Customer) -> String {
    let mappings = &mut customer.mappings;
    let renamed = mappings.iter().filter(|(_, mapping)| mapping.from.is_some());
    let Some(old) = rng.choice(renamed.map(|(key, _)| key.clone()).collect::<Vec<_>>()) else {
        return format!("{name} has nothing to rename");
    };
    let new = format!("{} {}", old.split(' ').next().unwrap_or_default(), rng.u8(1..99));
    if mappings.contains_key(&new) {
        return format!("{name} keeps {old}");
    }
    let mapping = mappings.remove(&old).expect("chosen from the keys");
    let was = mapping.adopt.is_none().then(|| mapping.was.clone().unwrap_or_else(|| old.clone()));
    let told = format!("{old} of {name} is now called {new}");
    for grant in customer.grants.values_mut().filter(|grant| grant.mapping == old) {
        grant.mapping.clone_from(&new);
    }
    mappings.insert(new, Mapping { was, ..mapping });
    told
}
