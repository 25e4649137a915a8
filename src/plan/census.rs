//! In how many customer tenants each person is wanted: Entra allows one person 500.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{DesiredState, Source, State};
use crate::model::ids::PersonId;
use crate::model::names::GroupName;
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
        // Customers with the same sources and grants for the same people want the same people: they are counted together.
        let mut alike: BTreeMap<(BTreeSet<&GroupName>, BTreeSet<PersonId>), usize> = BTreeMap::new();
        for customer in desired.customers.values() {
            if !matches!(customer.state, State::Offboarded | State::Observe) {
                let sources = customer.mappings.values().filter_map(|mapping| mapping.from.as_ref());
                let running = customer.grants.values().filter(|grant| grant.is_running(now));
                let granted = running.map(|grant| grant.person.id).collect();
                *alike.entry((sources.collect(), granted)).or_default() += 1;
            }
        }
        let mut census = Self::default();
        for ((sources, granted), customers) in alike {
            for person in wanted(desired, partner, sources, granted, now) {
                *census.tenants.entry(person).or_default() += customers;
            }
        }
        census
    }
}

fn wanted(
    desired: &DesiredState,
    partner: &Partner,
    sources: BTreeSet<&GroupName>,
    mut people: BTreeSet<PersonId>,
    now: Timestamp,
) -> BTreeSet<PersonId> {
    for name in sources {
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
