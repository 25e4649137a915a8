//! Small random fleets as people write them: what stands in the tree, before it is written down.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

/// People of the partner, by number.
pub(crate) const PEOPLE: usize = 12;

/// A desired-state tree in the making.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) groups: BTreeMap<String, Source>,
    pub(crate) customers: BTreeMap<String, Customer>,
    pub(crate) tight: Tight,
    pub(crate) remove_foreign: bool,
    pub(crate) delete_idle: bool,
    /// Object ids that the policy protects.
    pub(crate) protected: BTreeSet<String>,
    pub(crate) overrides: Vec<Override>,
    /// Whether the kill switch is there.
    pub(crate) stop: bool,
}

/// Which limits of the policy are tighter than its defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tight {
    Nothing,
    /// None: they are so wide that what else protects people has to.
    Loose,
    Group,
    Customer,
    Fleet,
    Source,
    /// Only that of groups; all others are wide.
    Groups,
}

/// Where a partner group's members come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Numbers of people, each with an end.
    Listed(BTreeMap<usize, Option<Timestamp>>),
    /// An Entra group, with its number.
    Entra(usize),
}

/// A customer's file.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) number: usize,
    pub(crate) state: &'static str,
    pub(crate) subscriptions: BTreeSet<String>,
    pub(crate) mappings: BTreeMap<String, Mapping>,
    pub(crate) grants: BTreeMap<String, Grant>,
    pub(crate) keep_guests: bool,
    /// When the offboarding begins, if it is not to begin at once.
    pub(crate) leaves_at: Option<Timestamp>,
    pub(crate) reassert_ledger: bool,
    /// Whether the file names a stranger's domain by mistake; one customer's at a time, for two would be an error.
    pub(crate) wrong_domain: bool,
}

/// A mapping in a customer's file.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// The partner group, or `none`.
    pub(crate) from: Option<String>,
    /// The key under which its group was made.
    pub(crate) was: Option<String>,
    /// Its name on the screen, where that is not the key.
    pub(crate) shown: Option<String>,
    /// The number of the group it takes over.
    pub(crate) adopt: Option<usize>,
    pub(crate) reassert: bool,
    /// Role and alias.
    pub(crate) roles: BTreeSet<(usize, String)>,
}

/// A grant's file.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) mapping: String,
    pub(crate) person: usize,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) delete_guest: bool,
}

/// A release of one customer's plan.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub(crate) customer: String,
    pub(crate) digest: String,
    pub(crate) expires: Timestamp,
}

/// An id of one kind of thing, by number.
pub(crate) fn id(kind: u32, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

/// Kinds of ids.
pub(crate) mod kind {
    pub(crate) const PARTNER: u32 = 0xfab0_0000;
    pub(crate) const PERSON: u32 = 0x0001_0000;
    pub(crate) const SOURCE: u32 = 0x0002_0000;
    pub(crate) const TENANT: u32 = 0x00c0_0000;
    pub(crate) const SUBSCRIPTION: u32 = 0x00d0_0000;
    pub(crate) const ADOPTED: u32 = 0x00e0_0000;
}

/// `address: objectId` of a person.
pub(crate) fn person(number: usize) -> (String, String) {
    (format!("p{number}@fabrikam.example"), id(kind::PERSON, number))
}

impl Files {
    /// A random fleet: two to five customers, three partner groups, a few grants.
    pub(crate) fn random(rng: &mut Rng, now: Timestamp) -> Self {
        let mut groups = BTreeMap::new();
        groups.insert("Readers".to_owned(), Source::Listed(people(rng, 3..6, now)));
        groups.insert("Contributors".to_owned(), Source::Listed(people(rng, 1..5, now)));
        groups.insert("Operators".to_owned(), Source::Entra(1));
        let tight = [
            Tight::Nothing,
            Tight::Loose,
            Tight::Loose,
            Tight::Group,
            Tight::Customer,
            Tight::Fleet,
            Tight::Source,
            Tight::Groups,
        ];
        let mut files = Self {
            groups,
            customers: BTreeMap::new(),
            tight: tight[rng.usize(0..tight.len())],
            remove_foreign: rng.u8(0..4) == 0,
            delete_idle: rng.u8(0..4) == 0,
            protected: BTreeSet::new(),
            overrides: Vec::new(),
            stop: false,
        };
        for number in 0..rng.usize(2..6) {
            files.add_customer(rng, number, now);
        }
        files
    }

    /// Takes on one more customer.
    pub(crate) fn add_customer(&mut self, rng: &mut Rng, number: usize, now: Timestamp) {
        let customer = self.customer(rng, number, now);
        self.customers.insert(format!("customer{number}"), customer);
    }

    fn customer(&self, rng: &mut Rng, number: usize, now: Timestamp) -> Customer {
        let subscriptions: BTreeSet<String> =
            ["prod", "test"][..rng.usize(1..3)].iter().map(ToString::to_string).collect();
        let mut mappings = BTreeMap::new();
        for (place, name) in self.groups.keys().enumerate() {
            if rng.u8(0..4) == 0 {
                continue;
            }
            let mut mapping = Mapping::random(rng, Some(name), &subscriptions);
            mapping.adopt = (rng.u8(0..5) == 0).then_some(number * 16 + place);
            mappings.insert(name.clone(), mapping);
        }
        let mut break_glass = Mapping::random(rng, None, &subscriptions);
        break_glass.roles = BTreeSet::from([(2, "prod".to_owned())]);
        mappings.insert("BreakGlass".to_owned(), break_glass);
        let mut grants = BTreeMap::new();
        for number in 0..rng.usize(0..3) {
            grants.insert(format!("inc-{number}"), Grant::random(rng, &mappings, now));
        }
        let state = if rng.u8(0..8) == 0 { "offboard" } else { "enforce" };
        Customer {
            number,
            state,
            subscriptions,
            mappings,
            grants,
            keep_guests: rng.bool(),
            leaves_at: None,
            reassert_ledger: false,
            wrong_domain: false,
        }
    }

    /// The members of a listed group.
    pub(crate) fn listed(&mut self, group: &str) -> &mut BTreeMap<usize, Option<Timestamp>> {
        match self.groups.get_mut(group) {
            Some(Source::Listed(members)) => members,
            _ => panic!("{group} is a listed group"),
        }
    }
}

fn people(
    rng: &mut Rng,
    count: std::ops::Range<usize>,
    now: Timestamp,
) -> BTreeMap<usize, Option<Timestamp>> {
    let count = rng.usize(count);
    (0..count)
        .map(|_| {
            let end = (rng.u8(0..6) == 0).then(|| now + SignedDuration::from_mins(rng.i64(10..300)));
            (rng.usize(0..PEOPLE), end)
        })
        .collect()
}

impl Mapping {
    /// A mapping from a partner group, or from none, with one or two standard roles.
    pub(crate) fn random(rng: &mut Rng, from: Option<&str>, subscriptions: &BTreeSet<String>) -> Self {
        let roles = (0..rng.usize(1..3))
            .map(|_| (rng.usize(0..2), rng.choice(subscriptions.clone()).expect("there is one")))
            .collect();
        let from = from.map(str::to_owned);
        Self { from, was: None, shown: None, adopt: None, reassert: false, roles }
    }
}

impl Grant {
    /// A grant that begins or began within an hour.
    pub(crate) fn random(rng: &mut Rng, mappings: &BTreeMap<String, Mapping>, now: Timestamp) -> Self {
        let start = now + SignedDuration::from_mins(rng.i64(-60..60));
        let end = start + SignedDuration::from_mins(rng.i64(30..300));
        let mapping = match rng.u8(0..6) {
            0 => rng.choice(mappings.keys()).map_or("BreakGlass", String::as_str),
            1 if mappings.contains_key("Operators") => "Operators",
            _ => "BreakGlass",
        };
        Self {
            mapping: mapping.to_owned(),
            person: rng.usize(0..PEOPLE),
            start,
            end,
            delete_guest: rng.bool(),
        }
    }
}
