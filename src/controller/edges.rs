//! When something that the files say about a customer begins or ends by itself: pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::controller::status::RunningGrant;
use crate::desired::state::{Customer, DesiredState, Source, State};
use crate::model::names::MappingKey;

/// The first time after `now` at which the files want something else of the customer than at `now`.
pub(super) fn next(desired: &DesiredState, customer: &Customer, now: Timestamp) -> Option<Timestamp> {
    if customer.state == State::Offboarded {
        return None;
    }
    let grants = customer.grants.values().flat_map(|grant| [grant.not_before, grant.expires]);
    let sources = customer.mappings.values().filter_map(|mapping| mapping.from.as_ref());
    let listed = sources.filter_map(|name| match &desired.groups.get(name)?.source {
        Source::Listed(members) => {
            members.values().filter_map(|listed| listed.expires).filter(|at| *at > now).min()
        }
        Source::Entra(_) => None,
    });
    let leaving = customer.offboard.as_ref().and_then(|offboard| offboard.not_before);
    let released = desired.overrides.iter().filter(|entry| entry.customer == customer.name);
    let released = released.map(|entry| entry.expires);
    grants.chain(listed).chain(leaving).chain(released).filter(|at| *at > now).min()
}

/// Of these mappings, those in which somebody's access ended after `since` and by `now`, each with the first such time.
pub(super) fn ended(
    desired: &DesiredState,
    customer: &Customer,
    mappings: &BTreeSet<MappingKey>,
    (since, now): (Timestamp, Timestamp),
) -> BTreeMap<MappingKey, Timestamp> {
    let leaving = customer.offboard.as_ref().and_then(|offboard| offboard.not_before);
    let mut ended = BTreeMap::new();
    for mapping in customer.mappings.values().filter(|mapping| mappings.contains(&mapping.key)) {
        let grants = customer.grants.values().filter(|grant| grant.mapping == mapping.key);
        let source =
            mapping.from.as_ref().and_then(|name| desired.groups.get(name)).map(|group| &group.source);
        let listed = match source {
            Some(Source::Listed(members)) => members.values().filter_map(|listed| listed.expires).collect(),
            Some(Source::Entra(_)) | None => Vec::new(),
        };
        let times = grants.map(|grant| grant.expires).chain(listed).chain(leaving);
        if let Some(first) = times.filter(|at| since < *at && *at <= now).min() {
            ended.insert(mapping.key.clone(), first);
        }
    }
    ended
}

/// The grants that give access at `now`.
pub(super) fn running_grants(customer: &Customer, now: Timestamp) -> Vec<RunningGrant> {
    let running = customer.grants.values().filter(|grant| grant.is_running(now));
    let shown = running.map(|grant| RunningGrant {
        name: grant.name.clone(),
        mapping: grant.mapping.clone(),
        person: grant.person.address.clone(),
        since: grant.not_before,
        until: grant.expires,
    });
    shown.collect()
}
