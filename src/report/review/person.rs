//! Who gains and who loses access where, person by person.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;

use crate::model::role::Tier;
use crate::report::moment;
use crate::report::review::change::{Change, Files, What, Who};
use crate::report::review::words::{Words, name, names, plain};
use crate::report::tally::Fate;

/// So many customers of one access are named.
const NAMED: usize = 3;

/// One person's gains and losses.
#[derive(Debug, Clone)]
pub struct Person<'a> {
    /// Her address, or the tenant's name for her.
    pub label: &'a str,
    /// What she gains, the most careful first, with the customers.
    pub gains: BTreeMap<Access<'a>, Places<'a>>,
    /// What she loses.
    pub losses: BTreeMap<Access<'a>, Places<'a>>,
}

/// Where she gains or loses something.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    /// What the group is called at the first of them.
    group: &'a str,
    /// The customers, in the plan's order.
    pub customers: Vec<&'a str>,
}

/// What membership in a group gives somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access<'a> {
    /// The most careful role among them.
    pub tier: Reverse<Tier>,
    /// What becomes of it.
    pub fate: Fate,
    /// The roles; none where the files no longer say.
    roles: Rc<[&'a str]>,
    /// The group; `{customer}` stands for what differs.
    group: Rc<str>,
    /// When it ends, if that is known.
    pub until: Option<Timestamp>,
}

/// Gathers people, customer by customer.
#[derive(Default)]
pub(super) struct People<'a>(BTreeMap<Who, Person<'a>>);

impl<'a> People<'a> {
    /// Takes up one customer's memberships, except those that are only listed or refused.
    pub(super) fn take(&mut self, changes: &[Change<'a>], files: &Files<'a>) {
        let mut known: Option<(*const _, Access<'a>)> = None;
        for change in changes.iter().filter(|c| matches!(c.fate, Fate::Runs | Fate::Held)) {
            let (who, label, group) = match &change.what {
                What::Joins { group, member } => {
                    (Who::Person(member.person), member.address.as_str(), *group)
                }
                What::Leaves { group, member } => (Who::leaves(member), member.label.as_str(), *group),
                _ => continue,
            };
            // The members of one operation stand one after another.
            let access = match &known {
                Some((same, access)) if std::ptr::eq(*same, group) => access.clone(),
                _ => {
                    let mut roles: Vec<&str> = files.roles(group).map(|role| role.name.as_str()).collect();
                    roles.sort_unstable();
                    roles.dedup();
                    let access = Access {
                        tier: Reverse(files.tier(group)),
                        fate: change.fate,
                        roles: roles.into(),
                        group: files.general(&group.display_name).as_ref().into(),
                        until: None,
                    };
                    known = Some((group, access.clone()));
                    access
                }
            };
            let access = Access { until: change.until(), fate: change.fate, ..access };
            let person = self.0.entry(who).or_insert(Person {
                label,
                gains: BTreeMap::new(),
                losses: BTreeMap::new(),
            });
            let side = if change.what.is_loss() { &mut person.losses } else { &mut person.gains };
            let place = Places { group: group.display_name.as_str(), customers: Vec::new() };
            side.entry(access).or_insert(place).customers.push(change.customer);
        }
    }

    /// All of them: who gets the most careful roles first, then whom most happens to.
    pub(super) fn finish(self) -> Vec<Person<'a>> {
        let mut people: Vec<Person<'a>> = self.0.into_values().collect();
        people.sort_by_cached_key(|person| {
            let tier = person.gains.keys().next().map_or(Reverse(Tier::Standard), |access| access.tier);
            let all = person
                .gains
                .values()
                .chain(person.losses.values())
                .map(|at| at.customers.len())
                .sum::<usize>();
            (tier, Reverse(all), person.label)
        });
        people
    }
}

/// One side of a person, the most careful access first, then what is so at most customers.
pub fn widest<'p, 'a>(side: &'p BTreeMap<Access<'a>, Places<'a>>) -> Vec<(&'p Access<'a>, &'p Places<'a>)> {
    let mut all: Vec<_> = side.iter().collect();
    all.sort_by_key(|(access, at)| (access.tier, access.fate, Reverse(at.customers.len())));
    all
}

impl<'a> Access<'a> {
    /// `Reader through NOC_EU at contoso, northwind and 2,912 more, until …`.
    pub fn words(&self, at: &Places<'a>) -> Words<'a> {
        let mut words = names(self.roles.iter().copied(), NAMED);
        words.push(plain(if self.roles.is_empty() { "membership in " } else { " through " }));
        words.push(match at.customers.len() {
            1 => name(at.group),
            _ => name(Cow::Owned(self.group.to_string())),
        });
        words.push(plain(" at "));
        words.extend(names(at.customers.iter().copied(), NAMED));
        if let Some(until) = self.until {
            words.push(plain(format!(", until {}", moment::shown(until))));
        }
        if self.fate == Fate::Held {
            words.push(plain(", held"));
        }
        words
    }
}
