//! In how many customer tenants each person is wanted: Entra allows one person 500.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{Customer, DesiredState, Source, State};
use crate::model::ids::PersonId;
use crate::observed::partner::Partner;

/// Number of customers per person, over all customers of the files, whatever part of them is planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Customers in which a person is, or would be, a guest.
    pub tenants: BTreeMap<PersonId, usize>,
}

impl Census {
    /// Counts everybody whom the files and the sources want somewhere at `now`.
    pub fn take(desired: &DesiredState, partner: &Partner, now: Timestamp) -> Self {
        let mut census = Self::default();
        for customer in desired.customers.values() {
            let left = customer.state == State::Offboarded || customer.state == State::Observe;
            if !left {
                for person in wanted(desired, partner, customer, now) {
                    *census.tenants.entry(person).or_default() += 1;
                }
            }
        }
        census
    }
}

fn wanted(
    desired: &DesiredState,
    partner: &Partner,
    customer: &Customer,
    now: Timestamp,
) -> BTreeSet<PersonId> {
    let mut people: BTreeSet<PersonId> =
        customer.grants.values().filter(|grant| grant.is_running(now)).map(|grant| grant.person.id).collect();
    for name in customer.mappings.values().filter_map(|mapping| mapping.from.as_ref()) {
        match desired.groups.get(name).map(|group| &group.source) {
            Some(Source::Listed(members)) => {
                let standing =
                    members.iter().filter(|(_, listed)| listed.expires.is_none_or(|end| now < end));
                people.extend(standing.map(|(id, _)| *id));
            }
            Some(Source::Entra(_)) => {
                let source = partner.sources.get(name).and_then(|source| source.as_ref().ok());
                people.extend(source.into_iter().flat_map(|source| source.members.keys().copied()));
            }
            None => {}
        }
    }
    people
}
