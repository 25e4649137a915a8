//! What goes, equal removals over all customers together. Every customer and everything that goes stays named.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::report::review::change::{Change, Files, What};
use crate::report::review::words::{Words, name, plain, prose};
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

struct Place<'a> {
    /// The group's name where it is the same at all customers.
    group: Option<&'a str>,
    customers: Vec<&'a str>,
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
            let place = self.0.entry(key).or_insert(Place { group: Some(group), customers: Vec::new() });
            place.group = place.group.filter(|same| *same == group);
            place.customers.push(customer);
        }
    }

    /// All of them: what happens first, then the largest.
    pub(super) fn finish(self) -> Vec<Loss<'a>> {
        let mut losses: Vec<Loss<'a>> = self
            .0
            .into_iter()
            .map(|(Key { fate, kind, group, why, items }, place)| Loss {
                fate,
                kind,
                group: place.group.map_or(group, Cow::Borrowed),
                why,
                items,
                customers: place.customers,
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

    /// What goes: one thing of it, or all.
    pub fn what(&self, items: &[Item<'a>]) -> Words<'a> {
        let mut words = Vec::new();
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                words.push(plain(", "));
            }
            match self.kind {
                LossKind::Members | LossKind::Guests => words.push(name(item.what)),
                LossKind::Roles => {
                    words.extend([name(item.what), plain(" on "), name(item.scope.clone())]);
                }
                LossKind::Group => words.extend([plain("the group "), name(self.group.clone())]),
            }
        }
        match self.kind {
            LossKind::Members => words.extend([plain(" out of "), name(self.group.clone())]),
            LossKind::Roles => words.extend([plain(" from "), name(self.group.clone())]),
            LossKind::Guests => {
                words.insert(0, plain(if items.len() == 1 { "guest " } else { "guests " }));
            }
            LossKind::Group => {}
        }
        words
    }

    /// Why it goes.
    pub fn reason(&self) -> Words<'a> {
        vec![prose(self.why)]
    }
}
