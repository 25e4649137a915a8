//! What goes, equal removals over all customers together. Every customer and everything that goes stays named.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::report::review::change::{Change, Files, What};
use crate::report::review::words::{Words, name, number, plain, prose};
use crate::report::tally::Fate;

/// Equal removals.
#[derive(Debug, Clone)]
pub struct Loss<'a> {
    /// What becomes of them.
    pub fate: Fate,
    /// What kind of thing goes.
    pub kind: LossKind,
    /// From which group; `{customer}` stands for what differs. The guests' own end has none.
    pub group: Cow<'a, str>,
    /// Why.
    pub why: &'a str,
    /// What goes: people by their labels, roles with their scopes.
    pub items: Vec<Item<'a>>,
    /// At which customers, in the plan's order.
    pub customers: Vec<&'a str>,
    /// What the group is called at each of them.
    groups: Vec<&'a str>,
}

/// What goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item<'a> {
    /// Who, or which role.
    pub what: &'a str,
    /// On which scope; nothing for people.
    pub scope: Cow<'a, str>,
}

/// The kinds of things that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossKind {
    /// People out of a group.
    Members,
    /// Roles of a group.
    Roles,
    /// A group itself.
    Group,
    /// Guests.
    Guests,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    fate: Fate,
    kind: LossKind,
    group: Cow<'a, str>,
    why: &'a str,
    items: Vec<Item<'a>>,
}

/// Gathers removals, customer by customer.
#[derive(Default)]
pub(super) struct Losses<'a>(BTreeMap<Key<'a>, Place<'a>>);

#[derive(Default)]
struct Place<'a> {
    customers: Vec<&'a str>,
    groups: Vec<&'a str>,
}

impl<'a> Losses<'a> {
    /// Takes up one customer's removals.
    pub(super) fn take(&mut self, changes: &[Change<'a>], files: &Files<'a>) {
        let mut blocks: BTreeMap<(Fate, LossKind, &'a str, &str), Vec<Item<'a>>> = BTreeMap::new();
        let mut reasons: BTreeMap<&str, &'a str> = BTreeMap::new();
        let mut customer = "";
        for change in changes {
            customer = change.customer;
            let person = |label| Item { what: label, scope: Cow::Borrowed("") };
            let (kind, group, item) = match &change.what {
                What::Leaves { group, member } => {
                    (LossKind::Members, group.display_name.as_str(), person(member.label.as_str()))
                }
                What::Takes { group, role, written, .. } => {
                    (LossKind::Roles, *group, Item { what: role, scope: Cow::Owned(written.clone()) })
                }
                What::Deletes { group } => (LossKind::Group, *group, person("")),
                What::Dismisses { label, .. } => (LossKind::Guests, "", person(label)),
                _ => continue,
            };
            let why = change.because.first().map_or("", |because| because.text.as_str());
            reasons.insert(why, why);
            blocks.entry((change.fate, kind, group, why)).or_default().push(item);
        }
        for ((fate, kind, group, why), mut items) in blocks {
            items.sort();
            let key = Key { fate, kind, group: files.general(group), why: reasons[why], items };
            let place = self.0.entry(key).or_default();
            place.customers.push(customer);
            place.groups.push(group);
        }
    }

    /// All of them: what happens first, then the largest.
    pub(super) fn finish(self) -> Vec<Loss<'a>> {
        let mut losses: Vec<Loss<'a>> = self
            .0
            .into_iter()
            .map(|(Key { fate, kind, group, why, items }, Place { customers, groups })| {
                let same = groups.first().filter(|first| groups.iter().all(|group| group == *first));
                let group = same.map_or(group, |same| Cow::Borrowed(*same));
                Loss { fate, kind, group, why, items, customers, groups }
            })
            .collect();
        losses.sort_by_key(|loss| (loss.fate, std::cmp::Reverse(loss.count()), loss.kind));
        losses
    }
}

impl<'a> Loss<'a> {
    /// How many things go, counted singly.
    pub fn count(&self) -> usize {
        self.items.len() * self.customers.len()
    }

    /// All that goes at each of the customers.
    pub fn what(&self) -> Words<'a> {
        self.told(&self.items, usize::MAX, &self.group)
    }

    /// The same, with no more than `most` of it named and the rest counted.
    pub fn in_short(&self, most: usize) -> Words<'a> {
        self.told(&self.items, most, &self.group)
    }

    /// Everything singly, each with its customer and by the group's name there.
    pub fn singly(&self) -> impl Iterator<Item = (&'a str, Words<'a>)> {
        self.customers.iter().zip(&self.groups).flat_map(move |(customer, group)| {
            let group = Cow::Borrowed(*group);
            self.items.iter().map(move |item| (*customer, self.told(std::slice::from_ref(item), 1, &group)))
        })
    }

    fn told(&self, items: &[Item<'a>], most: usize, group: &Cow<'a, str>) -> Words<'a> {
        let mut words = Vec::new();
        if self.kind == LossKind::Guests {
            words.push(plain(if items.len() == 1 { "guest " } else { "guests " }));
        }
        for (place, item) in items.iter().take(most).enumerate() {
            if place > 0 {
                words.push(plain(", "));
            }
            match self.kind {
                LossKind::Members | LossKind::Guests => words.push(name(item.what)),
                LossKind::Roles => {
                    words.extend([name(item.what), plain(" on "), name(item.scope.clone())]);
                }
                LossKind::Group => words.extend([plain("the group "), name(group.clone())]),
            }
        }
        if items.len() > most {
            words.push(plain(format!(" and {} more", number(items.len() - most))));
        }
        match self.kind {
            LossKind::Members => words.extend([plain(" out of "), name(group.clone())]),
            LossKind::Roles => words.extend([plain(" from "), name(group.clone())]),
            LossKind::Guests | LossKind::Group => {}
        }
        words
    }

    /// Why it goes.
    pub fn reason(&self) -> Words<'a> {
        vec![prose(self.why)]
    }
}
