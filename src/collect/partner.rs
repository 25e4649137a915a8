//! The partner's tenant: people named by id, groups read live, and who is a delegated administrator everywhere.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, future, stream};

use crate::client::Client;
use crate::client::graph::Graph;
use crate::client::limiter::Priority;
use crate::collect::CONCURRENCY;
use crate::collect::gap::{gap, unread};
use crate::desired::state::{self, DesiredState, EntraGroup, Nested};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::GroupName;
use crate::model::person::{Person, Standing};
use crate::observed::partner::{Partner, Source};
use crate::observed::unread::{Reading, UnreadCode};

pub(super) async fn read(client: &Client, desired: &DesiredState) -> Partner {
    let named = people_named(desired);
    let groups: Vec<(&GroupName, &EntraGroup)> = desired
        .groups
        .iter()
        .filter_map(|(name, group)| match &group.source {
            state::Source::Entra(entra) => Some((name, entra)),
            state::Source::Listed(_) => None,
        })
        .collect();
    // Where no token is to be had, nothing else needs to be tried.
    if let Err(error) = client.identity(desired.partner.tenant).await {
        let unread = unread("signing in to the partner's tenant", &error);
        return Partner {
            people: named.into_iter().map(|id| (id, Err(unread.clone()))).collect(),
            sources: groups.into_iter().map(|(name, _)| (name.clone(), Err(unread.clone()))).collect(),
            admin_agents: Err(unread.clone()),
            helpdesk_agents: Err(unread),
        };
    }
    let graph = client.graph(desired.partner.tenant, Priority::Change);
    let sources = stream::iter(groups)
        .map(|(name, entra)| async move { (name.clone(), source(graph, entra).await) })
        .buffered(CONCURRENCY)
        .collect::<BTreeMap<_, _>>();
    let (people, sources, admin_agents, helpdesk_agents) = future::join4(
        people(graph, &named),
        sources,
        people_in(graph, desired.partner.admin_agents, "AdminAgents"),
        people_in(graph, desired.partner.helpdesk_agents, "HelpdeskAgents"),
    )
    .await;
    Partner { people, sources, admin_agents, helpdesk_agents }
}

/// Everybody the files name by id.
fn people_named(desired: &DesiredState) -> BTreeSet<PersonId> {
    let listed = desired.groups.values().filter_map(|group| match &group.source {
        state::Source::Listed(members) => Some(members.keys().copied()),
        state::Source::Entra(_) => None,
    });
    let granted = desired.customers.values().flat_map(|customer| customer.grants.values());
    listed.flatten().chain(granted.map(|grant| grant.person.id)).collect()
}

async fn people(graph: Graph<'_>, named: &BTreeSet<PersonId>) -> BTreeMap<PersonId, Reading<Option<Person>>> {
    let read = graph.people(named).await;
    let person = |(id, found): (PersonId, _)| {
        let reading = match found {
            Err(error) => Err(unread(&format!("person {id}"), &error)),
            Ok(Some(person)) if is_withheld(&person) => Err(gap(
                UnreadCode::Withheld,
                format!("person {id}: Graph withholds the address, type or state of the account"),
            )),
            Ok(found) => Ok(found),
        };
        (id, reading)
    };
    read.into_iter().map(person).collect()
}

/// Whether fields are null that only a missing permission makes null.
fn is_withheld(person: &Person) -> bool {
    match person.standing {
        Standing::Deleted => false,
        Standing::Unknown => true,
        Standing::Active | Standing::Disabled => person.user_type.is_none() || person.addresses.is_empty(),
    }
}

async fn source(graph: Graph<'_>, entra: &EntraGroup) -> Reading<Source> {
    let what = format!("the partner's group {} ({})", entra.display_name, entra.id);
    let found = graph.source(entra.id).await.map_err(|error| unread(&what, &error))?;
    let source = found.ok_or_else(|| gap(UnreadCode::NotFound, format!("{what} does not exist")))?;
    let members = source.members;
    let problem = if source.group.display_name != entra.display_name {
        // Quoted, because the name is whatever somebody typed there.
        Some(format!("is called {:?} there", source.group.display_name))
    } else if entra.nested == Nested::Refuse && !members.nested.is_empty() {
        Some(format!("holds {} nested groups, which `nested: refuse` forbids", members.nested.len()))
    } else if members.people.len() < entra.min_members {
        let (count, least) = (members.people.len(), entra.min_members);
        Some(format!("has {count} members, fewer than minMembers {least}"))
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(gap(UnreadCode::Mismatch, format!("{what} {problem}")));
    }
    Ok(Source {
        display_name: source.group.display_name,
        members: members.people,
        nested: members.nested,
        others: members.others,
    })
}

/// The people in a group of the partner, nested ones included.
pub(super) async fn people_in(graph: Graph<'_>, group: ObjectId, name: &str) -> Reading<BTreeSet<PersonId>> {
    match graph.flattened(group).await {
        Ok(members) => Ok(members.people.into_keys().collect()),
        Err(error) => Err(unread(&format!("the partner's group {name} ({group})"), &error)),
    }
}
