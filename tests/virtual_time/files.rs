//! Small random fleets as people write them: a tree of YAML files in a directory of its own, changed between passes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

/// The roles that the fleets hand out.
const ROLES: [(&str, &str); 3] = [
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    ("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c"),
    ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
];

/// People of the partner, by number.
pub(crate) const PEOPLE: usize = 12;

/// A desired-state tree in the making.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) groups: BTreeMap<String, Source>,
    pub(crate) customers: BTreeMap<String, Customer>,
    /// `fleet`, `customer` or none: whose limits are tight.
    pub(crate) tight: Tight,
    pub(crate) remove_foreign: bool,
}

/// Which limits of the policy are tighter than its defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tight {
    Nothing,
    Customer,
    Fleet,
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
}

/// A mapping in a customer's file.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// The partner group, or `none`.
    pub(crate) from: Option<String>,
    /// The number of the group it takes over.
    pub(crate) adopt: Option<usize>,
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

impl Files {
    /// A random fleet: two to four customers, three partner groups, a few grants.
    pub(crate) fn random(rng: &mut Rng, now: Timestamp) -> Self {
        let mut groups = BTreeMap::new();
        groups.insert("Readers".to_owned(), Source::Listed(people(rng, 3..6, now)));
        groups.insert("Contributors".to_owned(), Source::Listed(people(rng, 1..5, now)));
        groups.insert("Operators".to_owned(), Source::Entra(1));
        let mut files = Self {
            groups,
            customers: BTreeMap::new(),
            tight: [Tight::Nothing, Tight::Nothing, Tight::Customer, Tight::Fleet][rng.usize(0..4)],
            remove_foreign: rng.u8(0..4) == 0,
        };
        for number in 0..rng.usize(2..5) {
            let customer = files.customer(rng, number, now);
            files.customers.insert(format!("customer{number}"), customer);
        }
        files
    }

    fn customer(&self, rng: &mut Rng, number: usize, now: Timestamp) -> Customer {
        let subscriptions: BTreeSet<String> =
            ["prod", "test"][..rng.usize(1..3)].iter().map(ToString::to_string).collect();
        let mut mappings = BTreeMap::new();
        for (place, name) in self.groups.keys().enumerate() {
            if rng.u8(0..4) == 0 {
                continue;
            }
            let adopt = (rng.u8(0..6) == 0).then_some(number * 16 + place);
            let roles = (0..rng.usize(1..3))
                .map(|_| (rng.usize(0..2), rng.choice(subscriptions.clone()).expect("there is one")))
                .collect();
            mappings.insert(name.clone(), Mapping { from: Some(name.clone()), adopt, roles });
        }
        let roles = BTreeSet::from([(2, "prod".to_owned())]);
        mappings.insert("BreakGlass".to_owned(), Mapping { from: None, adopt: None, roles });
        let mut grants = BTreeMap::new();
        for number in 0..rng.usize(0..3) {
            grants.insert(format!("inc-{number}"), Grant::random(rng, now));
        }
        let state = if rng.u8(0..8) == 0 { "offboard" } else { "enforce" };
        Customer { number, state, subscriptions, mappings, grants, keep_guests: rng.bool() }
    }

    /// One change that somebody commits.
    pub(crate) fn change(&mut self, rng: &mut Rng, now: Timestamp) -> String {
        let name =
            rng.choice(self.customers.keys().cloned().collect::<Vec<_>>()).expect("a fleet has customers");
        let group = ["Readers", "Contributors"][rng.usize(0..2)];
        match rng.u8(0..12) {
            0 | 1 => {
                let members = self.listed(group);
                members.insert(rng.usize(0..PEOPLE), None);
                format!("somebody joins {group}")
            }
            2 | 3 => {
                let members = self.listed(group);
                let gone = rng.choice(members.keys().copied().collect::<Vec<_>>());
                gone.filter(|_| members.len() > 1).map(|person| members.remove(&person));
                format!("somebody leaves {group}")
            }
            4 => {
                let members = self.listed(group);
                let all: Vec<usize> = members.keys().copied().collect();
                members.retain(|person, _| Some(person) == all.first());
                format!("almost everybody leaves {group}")
            }
            5 => {
                let customer = self.customers.get_mut(&name).expect("chosen from the keys");
                customer.mappings.retain(|key, _| key == "BreakGlass" || rng.bool());
                format!("{name} loses mappings")
            }
            6 => {
                let customer = self.customers.get_mut(&name).expect("chosen from the keys");
                for mapping in customer.mappings.values_mut().filter(|m| m.from.is_some()) {
                    mapping.roles = BTreeSet::from([(rng.usize(0..2), "prod".to_owned())]);
                }
                format!("{name} gets other roles")
            }
            7 => {
                let customer = self.customers.get_mut(&name).expect("chosen from the keys");
                let number = customer.grants.len();
                customer.grants.insert(format!("inc-{number}"), Grant::random(rng, now));
                format!("{name} gets a grant")
            }
            8 => {
                let customer = self.customers.get_mut(&name).expect("chosen from the keys");
                customer.grants.clear();
                format!("the grants of {name} are deleted")
            }
            9 | 10 => {
                let movable = self.listed("Readers").keys().copied().collect::<Vec<_>>();
                let person = rng.choice(movable).filter(|_| self.listed("Readers").len() > 1);
                if let Some(person) = person {
                    self.listed("Readers").remove(&person);
                    self.listed("Contributors").insert(person, None);
                }
                format!("{person:?} moves from Readers to Contributors")
            }
            _ => {
                let customer = self.customers.get_mut(&name).expect("chosen from the keys");
                let states = ["enforce", "enforce", "enforce", "suspend", "suspend", "observe", "offboard"];
                customer.state = states[rng.usize(0..states.len())];
                format!("{name} becomes {}", customer.state)
            }
        }
    }

    fn listed(&mut self, group: &str) -> &mut BTreeMap<usize, Option<Timestamp>> {
        match self.groups.get_mut(group) {
            Some(Source::Listed(members)) => members,
            _ => panic!("{group} is a listed group"),
        }
    }

    /// Writes the whole tree; what was there before is gone.
    pub(crate) fn write(&self, dir: &Path) {
        for entry in fs::read_dir(dir).expect("the directory exists").flatten() {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
                .expect("ours to remove");
        }
        let file = |path: &str, kind: &str, name: &str, spec: &str| {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("ours to write");
            let text = format!(
                "apiVersion: groupsync.dev/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{spec}"
            );
            fs::write(path, text).expect("ours to write");
        };
        file("partner.yaml", "Partner", "fabrikam", &partner());
        file("policy.yaml", "Policy", "policy", &self.policy());
        for (name, source) in &self.groups {
            file(&format!("groups/{name}.yaml"), "PartnerGroup", name, &source.spec());
        }
        for (name, customer) in &self.customers {
            file(&format!("customers/{name}/customer.yaml"), "Customer", name, &customer.spec(name));
            for (grant, spec) in &customer.grants {
                file(&format!("customers/{name}/grants/{grant}.yaml"), "Grant", grant, &spec.spec());
            }
        }
    }

    fn policy(&self) -> String {
        let mut text = String::from("  roles:\n");
        for (name, id) in ROLES {
            let tier = if name == "Owner" { "privileged" } else { "standard" };
            writeln!(text, "    {name}: {{id: {id}, tier: {tier}}}").expect("writing to a string");
        }
        let counts = "{members: {percent: 0, floor: 1}, assignments: {percent: 0, floor: 1}}";
        match self.tight {
            Tight::Nothing => {}
            Tight::Customer => {
                writeln!(text, "  limits: {{customer: {counts}}}").expect("writing to a string");
            }
            Tight::Fleet => writeln!(text, "  limits: {{fleet: {counts}}}").expect("writing to a string"),
        }
        if self.remove_foreign {
            text.push_str("  drift: {foreignMembers: remove}\n");
        }
        text
    }
}

fn partner() -> String {
    format!(
        "  tenantId: {}\n  staffDomains: [fabrikam.example]\n  adminAgents: {}\n  helpdeskAgents: {}\n",
        id(kind::PARTNER, 0),
        id(kind::SOURCE, 0xa1),
        id(kind::SOURCE, 0xa2),
    )
}

/// `address: objectId` of a person.
pub(crate) fn person(number: usize) -> (String, String) {
    (format!("p{number}@fabrikam.example"), id(kind::PERSON, number))
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

impl Source {
    fn spec(&self) -> String {
        match self {
            Self::Entra(number) => format!("  entraGroup: {}\n", id(kind::SOURCE, *number)),
            Self::Listed(members) => {
                let mut text = String::from("  members:\n");
                for (number, end) in members {
                    let (address, id) = person(*number);
                    match end {
                        Some(end) => writeln!(text, "    {address}: {{objectId: {id}, expires: {end}}}"),
                        None => writeln!(text, "    {address}: {id}"),
                    }
                    .expect("writing to a string");
                }
                text
            }
        }
    }
}

impl Customer {
    fn spec(&self, name: &str) -> String {
        let mut text = format!(
            "  tenantId: {}\n  state: {}\n  verifyDomain: {name}.example\n",
            id(kind::TENANT, self.number),
            self.state
        );
        if self.state == "offboard" {
            let guests = if self.keep_guests { "keep" } else { "delete" };
            writeln!(text, "  offboard: {{guests: {guests}, reason: the contract ends}}")
                .expect("writing to a string");
        }
        text.push_str("  subscriptions:\n");
        for alias in &self.subscriptions {
            let number = self.number * 16 + usize::from(alias == "test");
            writeln!(text, "    {alias}: {}", id(kind::SUBSCRIPTION, number)).expect("writing to a string");
        }
        text.push_str("  groups:\n");
        for (key, mapping) in &self.mappings {
            writeln!(text, "    {key}:").expect("writing to a string");
            if mapping.from.is_none() {
                text.push_str("      from: none\n");
            }
            if let Some(number) = mapping.adopt {
                writeln!(text, "      adopt: {}", id(kind::ADOPTED, number)).expect("writing to a string");
            }
            text.push_str("      roles:\n");
            for (role, name) in ROLES.iter().map(|(name, _)| name).enumerate() {
                let scopes: Vec<_> = mapping
                    .roles
                    .iter()
                    .filter(|(r, _)| *r == role)
                    .map(|(_, alias)| format!("subscriptions/{alias}"))
                    .collect();
                if !scopes.is_empty() {
                    writeln!(text, "        {name}: [{}]", scopes.join(", ")).expect("writing to a string");
                }
            }
        }
        text
    }
}

impl Grant {
    fn random(rng: &mut Rng, now: Timestamp) -> Self {
        let start = now + SignedDuration::from_mins(rng.i64(-60..60));
        let end = start + SignedDuration::from_mins(rng.i64(30..300));
        Self {
            mapping: "BreakGlass".to_owned(),
            person: rng.usize(0..PEOPLE),
            start,
            end,
            delete_guest: rng.u8(0..3) == 0,
        }
    }

    fn spec(&self) -> String {
        let (address, id) = person(self.person);
        let on_expiry = if self.delete_guest { "deleteGuest" } else { "removeMembership" };
        format!(
            "  group: {}\n  person: {{{address}: {id}}}\n  notBefore: {}\n  expires: {}\n  reason: a restore\n  onExpiry: {on_expiry}\n",
            self.mapping, self.start, self.end
        )
    }
}
