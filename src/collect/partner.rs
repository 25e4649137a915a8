//! The partner's tenant: people named by id, groups read live, and who is a delegated administrator everywhere.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, future, stream};

use crate::client::Client;
use crate::client::error::Error;
use crate::client::graph::{Graph, members};
use crate::client::limiter::Priority;
use crate::collect::CONCURRENCY;
use crate::collect::gap::{gap, unread};
use crate::desired::state::{self, DesiredState, EntraGroup, Nested};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::GroupName;
use crate::model::person::{Person, Standing};
use crate::observed::partner::{Partner, Source};
use crate::observed::unread::{Reading, UnreadCode};

/// The partner as read, with what is nested in the groups it consists of: a change in there is one of theirs.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) partner: Partner,
    /// By the group that was asked for: a source or one of the agents' groups.
    pub(super) nested: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
}

/// What stands in a group of the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inside {
    /// People, directly or nested.
    pub(super) people: BTreeSet<PersonId>,
    /// Groups nested in it.
    pub(super) nested: BTreeSet<ObjectId>,
}

pub(super) async fn read(client: &Client, desired: &DesiredState) -> Known {
    let named = people_named(desired);
    let groups: Vec<(&GroupName, &EntraGroup)> = live_sources(desired).collect();
    // Where no token is to be had, nothing else needs to be tried.
    if let Err(error) = client.identity(desired.partner.tenant).await {
        let unread = unread("signing in to the partner's tenant", &error);
        let partner = Partner {
            people: named.into_iter().map(|id| (id, Err(unread.clone()))).collect(),
            sources: groups.into_iter().map(|(name, _)| (name.clone(), Err(unread.clone()))).collect(),
            admin_agents: Err(unread.clone()),
            helpdesk_agents: Err(unread),
        };
        return Known { partner, nested: BTreeMap::new() };
    }
    let graph = client.graph(desired.partner.tenant, Priority::Change);
    let (people, sources, admin_agents, helpdesk_agents) = future::join4(
        graph.people(&named),
        sources(graph, groups),
        inside(graph, desired.partner.admin_agents, ADMIN_AGENTS),
        inside(graph, desired.partner.helpdesk_agents, HELPDESK_AGENTS),
    )
    .await;
    let mut known = Known {
        partner: Partner {
            people: people.into_iter().map(|(id, found)| (id, person(id, found))).collect(),
            sources: BTreeMap::new(),
            admin_agents: admin_agents.as_ref().map(|inside| inside.people.clone()).map_err(Clone::clone),
            helpdesk_agents: helpdesk_agents
                .as_ref()
                .map(|inside| inside.people.clone())
                .map_err(Clone::clone),
        },
        nested: BTreeMap::new(),
    };
    for (group, inside) in
        [(desired.partner.admin_agents, admin_agents), (desired.partner.helpdesk_agents, helpdesk_agents)]
    {
        known.keep_nested(group, inside.ok().map(|inside| inside.nested));
    }
    known.keep_sources(sources);
    known
}

impl Known {
    pub(super) fn keep_sources(&mut self, sources: Vec<ReadSource>) {
        for ReadSource { name, group, reading, nested } in sources {
            self.keep_nested(group, nested);
            self.partner.sources.insert(name, reading);
        }
    }

    /// What could not be read does not undo what is known to be nested.
    pub(super) fn keep_nested(&mut self, group: ObjectId, nested: Option<BTreeSet<ObjectId>>) {
        if let Some(nested) = nested {
            self.nested.insert(group, nested);
        }
    }
}

pub(super) const ADMIN_AGENTS: &str = "AdminAgents";
pub(super) const HELPDESK_AGENTS: &str = "HelpdeskAgents";

/// The partner groups that are read live.
pub(super) fn live_sources(desired: &DesiredState) -> impl Iterator<Item = (&GroupName, &EntraGroup)> {
    desired.groups.iter().filter_map(|(name, group)| match &group.source {
        state::Source::Entra(entra) => Some((name, entra)),
        state::Source::Listed(_) => None,
    })
}

/// Everybody the files name by id, once.
pub(super) fn people_named(desired: &DesiredState) -> BTreeSet<PersonId> {
    desired.people_named().map(|person| person.id).collect()
}

/// What was found of a person, unless Graph withholds what must be known of her.
pub(super) fn person(id: PersonId, found: Result<Option<Person>, Error>) -> Reading<Option<Person>> {
    match found {
        Err(error) => Err(unread(&format!("person {id}"), &error)),
        Ok(Some(person)) if is_withheld(&person) => Err(gap(
            UnreadCode::Withheld,
            format!("person {id}: Graph withholds the address, type or state of the account"),
        )),
        Ok(found) => Ok(found),
    }
}

/// Whether fields are null that only a missing permission makes null.
fn is_withheld(person: &Person) -> bool {
    match person.standing {
        Standing::Deleted => false,
        Standing::Unknown => !defect!(NullIsGone),
        Standing::Active | Standing::Disabled => person.user_type.is_none() || person.addresses.is_empty(),
    }
}

/// A live source as read.
pub(super) struct ReadSource {
    name: GroupName,
    group: ObjectId,
    reading: Reading<Source>,
    /// What is nested in it, even where it is not what the files say; none where nobody knows.
    nested: Option<BTreeSet<ObjectId>>,
}

pub(super) async fn sources(graph: Graph<'_>, groups: Vec<(&GroupName, &EntraGroup)>) -> Vec<ReadSource> {
    let read = |(name, entra): (&GroupName, &EntraGroup)| {
        let (name, group, entra) = (name.clone(), entra.id, entra.clone());
        async move {
            let what = format!("the partner's group {} ({})", entra.display_name, entra.id);
            let found = graph.source(entra.id).await.map_err(|error| unread(&what, &error));
            let nested = match &found {
                Ok(Some(source)) => Some(source.members.nested.clone()),
                Ok(None) => Some(BTreeSet::new()),
                Err(_) => None,
            };
            let reading = found.and_then(|found| judge(&what, &entra, found));
            ReadSource { name, group, reading, nested }
        }
    };
    stream::iter(groups).map(read).buffered(CONCURRENCY).collect().await
}

/// Whether a group is the one that the files mean.
fn judge(what: &str, entra: &EntraGroup, found: Option<members::Source>) -> Reading<Source> {
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

/// Who is in a group of the partner, nested ones included.
pub(super) async fn inside(graph: Graph<'_>, group: ObjectId, name: &str) -> Reading<Inside> {
    match graph.flattened(group).await {
        Ok(members) => Ok(Inside { people: members.people.into_keys().collect(), nested: members.nested }),
        Err(error) => Err(unread(&format!("the partner's group {name} ({group})"), &error)),
    }
}
