//! Reads again what changed in the partner's tenant and leaves the rest as it was read before.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;

use crate::client::Client;
use crate::client::limiter::Priority;
use crate::collect::partner::{
    ADMIN_AGENTS, HELPDESK_AGENTS, Inside, Known, inside, live_sources, people_named, person, sources,
};
use crate::desired::state::DesiredState;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::GroupName;
use crate::model::person::{Person, Standing};
use crate::observed::unread::{Reading, UnreadCode};

/// Reads these people and every group that is one of these or holds one, so that `known` is what a whole read would
/// give now. What else the files name meanwhile is read too.
pub(super) async fn read(
    client: &Client,
    desired: &DesiredState,
    known: &mut Known,
    people: &BTreeSet<PersonId>,
    groups: &BTreeSet<ObjectId>,
) {
    // A leaver may be among them, and she comes first in every queue.
    let graph = client.graph(desired.partner.tenant, Priority::Withdrawal);
    let named = people_named(desired);
    known.partner.people.retain(|id, _| named.contains(id));
    let matters = |id: &PersonId| named.contains(id) || known.in_a_source(*id);
    let mut asked: BTreeSet<PersonId> = people.iter().copied().filter(matters).collect();
    asked.extend(named.iter().filter(|id| !known.partner.people.contains_key(id)));

    let mut without_account = BTreeSet::new();
    for (id, found) in graph.people(&asked).await {
        match &found {
            Ok(Some(person)) if person.standing != Standing::Deleted => known.replace(person),
            _ => drop(without_account.insert(id)),
        }
        if named.contains(&id) {
            known.partner.people.insert(id, person(id, found));
        }
    }

    let stale = |group: ObjectId| known.touches(group, groups);
    let lost = |people: &Reading<BTreeSet<PersonId>>| {
        people.as_ref().is_ok_and(|people| !people.is_disjoint(&without_account))
    };
    let stale_sources: Vec<_> = live_sources(desired)
        .filter(|(name, entra)| {
            let lost = known.holds_one_of(name, &without_account);
            stale(entra.id) || lost || !known.partner.sources.contains_key(*name)
        })
        .collect();
    let agents = |group: ObjectId, name, before: &Reading<BTreeSet<PersonId>>| {
        let read_again = stale(group) || lost(before);
        async move { if read_again { Some(inside(graph, group, name).await) } else { None } }
    };
    let partner = &desired.partner;
    let (found, admin_agents, helpdesk_agents) = future::join3(
        sources(graph, stale_sources),
        agents(partner.admin_agents, ADMIN_AGENTS, &known.partner.admin_agents),
        agents(partner.helpdesk_agents, HELPDESK_AGENTS, &known.partner.helpdesk_agents),
    )
    .await;
    known.keep_sources(found);
    known.keep_agents(partner.admin_agents, admin_agents, |known| &mut known.partner.admin_agents);
    known.keep_agents(partner.helpdesk_agents, helpdesk_agents, |known| &mut known.partner.helpdesk_agents);
    let live: BTreeSet<&GroupName> = live_sources(desired).map(|(name, _)| name).collect();
    known.partner.sources.retain(|name, _| live.contains(name));
}

impl Known {
    /// The people and groups that no feed will ever name: new in the files, or not read when they were asked for.
    pub(super) fn unread(&self, desired: &DesiredState) -> (BTreeSet<PersonId>, BTreeSet<ObjectId>) {
        let mut people = people_named(desired);
        people.retain(|id| self.partner.people.get(id).is_none_or(failed));
        let source = |name| self.partner.sources.get(name).is_none_or(failed);
        let sources = live_sources(desired).filter(|(name, _)| source(name)).map(|(_, entra)| entra.id);
        let agents = [
            (desired.partner.admin_agents, &self.partner.admin_agents),
            (desired.partner.helpdesk_agents, &self.partner.helpdesk_agents),
        ];
        let agents = agents.into_iter().filter(|(_, reading)| failed(reading)).map(|(id, _)| id);
        (people, sources.chain(agents).collect())
    }

    /// Whether a group that was asked for is one of these, or holds one of these.
    pub(super) fn touches(&self, group: ObjectId, groups: &BTreeSet<ObjectId>) -> bool {
        let nested = || self.nested.get(&group).is_some_and(|nested| !nested.is_disjoint(groups));
        groups.contains(&group) || nested()
    }

    fn in_a_source(&self, id: PersonId) -> bool {
        self.partner.sources.values().flatten().any(|source| source.members.contains_key(&id))
    }

    fn holds_one_of(&self, source: &GroupName, people: &BTreeSet<PersonId>) -> bool {
        let source = self.partner.sources.get(source).and_then(|reading| reading.as_ref().ok());
        source.is_some_and(|source| people.iter().any(|id| source.members.contains_key(id)))
    }

    /// Puts a person as just read in place of what a source showed of her.
    fn replace(&mut self, person: &Person) {
        for source in self.partner.sources.values_mut().flatten() {
            if let Some(member) = source.members.get_mut(&person.id) {
                *member = person.clone();
            }
        }
    }

    fn keep_agents(
        &mut self,
        group: ObjectId,
        found: Option<Reading<Inside>>,
        place: impl FnOnce(&mut Self) -> &mut Reading<BTreeSet<PersonId>>,
    ) {
        let Some(found) = found else { return };
        self.keep_nested(group, found.as_ref().ok().map(|inside| inside.nested.clone()));
        *place(self) = found.map(|inside| inside.people);
    }
}

/// Whether a reading failed for a reason that is not in the directory itself.
fn failed<T>(reading: &Reading<T>) -> bool {
    reading.as_ref().is_err_and(|unread| !matches!(unread.code, UnreadCode::NotFound | UnreadCode::Mismatch))
}

/// Groups that hold delegated roles, as far as they were read: what is nested in each.
pub(super) fn nested_of(known: &BTreeMap<ObjectId, Reading<Inside>>) -> BTreeSet<ObjectId> {
    let nested = known.values().flatten().flat_map(|inside| inside.nested.iter().copied());
    known.keys().copied().chain(nested).collect()
}
