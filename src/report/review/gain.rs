//! What comes, equal changes of a group over all customers together: the same roles for the same people.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::ids::{ObjectId, PersonId};
use crate::model::role::Tier;
use crate::report::moment;
use crate::report::review::change::{Change, Files, What};
use crate::report::review::words::{Words, counted, name, names, number, plain};
use crate::report::tally::Fate;

/// So many of the customers and people of one change are named.
const NAMED: usize = 6;

/// Equal changes of one group.
#[derive(Debug, Clone)]
pub struct Gain<'a> {
    /// What becomes of them.
    pub fate: Fate,
    /// The most careful role that the change gives.
    pub tier: Tier,
    /// The group; `{customer}` stands for what differs.
    pub group: Cow<'a, str>,
    /// What happens to it.
    pub same: Same<'a>,
    /// At which customers, in the plan's order.
    pub customers: Vec<&'a str>,
}

/// What happens to a group, apart from where.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Same<'a> {
    /// It is made.
    pub created: bool,
    /// It existed and is taken over.
    pub adopted: bool,
    /// It was taken over and is given back.
    pub released: bool,
    /// It was called so before.
    pub renamed_from: Option<Cow<'a, str>>,
    /// Roles it gets.
    pub roles: Vec<(Reverse<Tier>, &'a str, &'a str)>,
    /// Who gets in.
    pub people: Vec<Joiner<'a>>,
    /// Roles it gives besides, to those who get in.
    pub gives: Vec<(Reverse<Tier>, &'a str)>,
}

/// A person who gets in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Joiner<'a> {
    /// Who.
    pub person: PersonId,
    /// Her address.
    pub address: &'a str,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// Gathers what comes, customer by customer.
#[derive(Default)]
pub(super) struct Gains<'a>(BTreeMap<(Fate, Cow<'a, str>, Same<'a>), Place<'a>>);

struct Place<'a> {
    group: Option<&'a str>,
    customers: Vec<&'a str>,
}

impl<'a> Gains<'a> {
    /// Takes up what one customer's groups get. `ledger` is the unique name of the one that is only bookkeeping.
    pub(super) fn take(&mut self, changes: &[Change<'a>], files: &Files<'a>, ledger: &str) {
        let mut blocks: BTreeMap<(Fate, Cow<'a, str>), (&'a str, Same<'a>)> = BTreeMap::new();
        let mut customer = "";
        for change in changes {
            customer = change.customer;
            let (unique, group) = match &change.what {
                What::Joins { group, .. } | What::Gives { group, .. } => {
                    (Cow::Borrowed(group.unique_name.as_str()), group.display_name.as_str())
                }
                What::Creates { unique, group } if *unique != ledger => (Cow::Borrowed(*unique), *group),
                What::Adopts { id, group } | What::Releases { id, group } => {
                    (Cow::Owned(id.to_string()), *group)
                }
                What::Renames { id, to, .. } => (unique_name(changes, *id), *to),
                _ => continue,
            };
            let (_, same) = blocks.entry((change.fate, unique)).or_insert((group, Same::default()));
            match &change.what {
                What::Joins { group, member } => {
                    if same.people.is_empty() {
                        let given = files.roles(group).map(|role| (Reverse(role.tier), role.name.as_str()));
                        same.gives = given.collect::<BTreeSet<_>>().into_iter().collect();
                    }
                    let address = member.address.as_str();
                    same.people.push(Joiner { person: member.person, address, until: member.until });
                }
                What::Gives { role, written, .. } => {
                    same.roles.push((Reverse(role.tier), role.name.as_str(), written));
                }
                What::Creates { .. } => same.created = true,
                What::Adopts { .. } => same.adopted = true,
                What::Releases { .. } => same.released = true,
                What::Renames { from, .. } => same.renamed_from = Some(files.general(from)),
                _ => {}
            }
        }
        for ((fate, _), (group, mut same)) in blocks {
            same.roles.sort();
            same.people.sort();
            let place = self.0.entry((fate, files.general(group), same));
            let place = place.or_insert(Place { group: Some(group), customers: Vec::new() });
            place.group = place.group.filter(|same| *same == group);
            place.customers.push(customer);
        }
    }

    /// All of them: what happens first, then by how careful the roles are, then the widest.
    pub(super) fn finish(self) -> Vec<Gain<'a>> {
        let mut gains: Vec<Gain<'a>> = self
            .0
            .into_iter()
            .map(|((fate, group, same), place)| {
                let given = same.gives.first().map(|(tier, _)| tier.0);
                let tier = same.roles.first().map(|(tier, ..)| tier.0).max(given).unwrap_or(Tier::Standard);
                let group = place.group.map_or(group, Cow::Borrowed);
                Gain { fate, tier, group, same, customers: place.customers }
            })
            .collect();
        gains.sort_by_key(|gain| (gain.fate, Reverse(gain.tier), Reverse(gain.customers.len())));
        gains
    }
}

/// The unique name of a group that another change of the same customer names, or its id.
fn unique_name<'a>(changes: &[Change<'a>], id: ObjectId) -> Cow<'a, str> {
    let named = changes.iter().find_map(|change| match &change.what {
        What::Joins { group, .. } | What::Leaves { group, .. } | What::Gives { group, .. } => {
            (group.id == Some(id)).then_some(group.unique_name.as_str())
        }
        _ => None,
    });
    named.map_or_else(|| Cow::Owned(id.to_string()), Cow::Borrowed)
}

impl<'a> Gain<'a> {
    /// `+` where somebody gets something, `~` where a group is only taken over, given back or renamed.
    pub fn sign(&self) -> &'static str {
        let Same { created, roles, people, .. } = &self.same;
        if *created || !roles.is_empty() || !people.is_empty() { "+" } else { "~" }
    }

    /// The change in one sentence: `Reader on subscriptions/prod for NOC_EU in 2,914 customers: the same 6 people, …`.
    pub fn words(&self) -> Words<'a> {
        let Same { created, adopted, released, renamed_from, roles, people, gives } = &self.same;
        let mut words = Vec::new();
        for (place, (_, role, written)) in roles.iter().take(NAMED).enumerate() {
            words.extend((place > 0).then(|| plain(", ")));
            words.extend([name(*role), plain(" on "), name(*written)]);
        }
        if roles.len() > NAMED {
            words.push(plain(format!(" and {} more", number(roles.len() - NAMED))));
        }
        if roles.is_empty() && !people.is_empty() {
            words.push(plain(format!("{} into ", counted(people.len(), "person"))));
        } else if !roles.is_empty() {
            words.push(plain(" for "));
        }
        words.push(name(self.group.clone()));
        let notes = [
            (*created, " (new group)"),
            (*adopted, " (taken over)"),
            (*released, " (given back: it stays, with the customer's own people)"),
        ];
        words.extend(notes.iter().filter(|(so, _)| *so).map(|(_, note)| plain(*note)));
        if let Some(from) = renamed_from {
            words.extend([plain(" (named "), name(from.clone()), plain(" until now)")]);
        }
        if roles.is_empty() && !gives.is_empty() {
            words.push(plain(", which gives "));
            words.extend(names(gives.iter().map(|(_, role)| *role), NAMED));
        }
        if let [customer] = self.customers[..] {
            words.extend([plain(" at "), name(customer)]);
        } else {
            words.push(plain(format!(" in {} (", counted(self.customers.len(), "customer"))));
            words.extend(names(self.customers.iter().copied(), NAMED));
            words.push(plain(")"));
        }
        if !people.is_empty() {
            let many = self.customers.len() > 1;
            let lead = if many { ": the same " } else { ": " };
            words.push(plain(format!("{lead}{}, ", counted(people.len(), "person"))));
            for (place, joiner) in people.iter().take(NAMED).enumerate() {
                words.extend((place > 0).then(|| plain(", ")));
                words.push(name(joiner.address));
                if let Some(until) = joiner.until {
                    words.push(plain(format!(" until {}", moment::shown(until))));
                }
            }
            if people.len() > NAMED {
                words.push(plain(format!(" and {} more", number(people.len() - NAMED))));
            }
        }
        words
    }
}
