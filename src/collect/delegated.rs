//! Who holds delegated administration at a customer through GDAP.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::client::Client;
use crate::client::graph::Graph;
use crate::client::graph::gdap::Relationship;
use crate::client::limiter::Priority;
use crate::collect::cache::Cache;
use crate::collect::gap::unread;
use crate::collect::partner::inside;
use crate::desired::state::{Gdap, Partner};
use crate::model::ids::{ObjectId, PersonId, TenantId};
use crate::observed::unread::Reading;

/// What a group that holds delegated roles is called in messages.
pub(super) const DELEGATED: &str = "with delegated roles";

/// Each delegated administrator at a customer, with a group that makes her one. Everything or an error: a list that
/// lacks somebody would let her be invited, and lose the access she has.
pub(super) async fn administrators(
    client: &Client,
    partner: &Partner,
    customer: TenantId,
    cache: &Cache,
) -> Reading<BTreeMap<PersonId, ObjectId>> {
    let graph = client.graph(partner.tenant, Priority::Change);
    let groups = match &partner.gdap {
        Gdap::Off => BTreeSet::new(),
        Gdap::Groups(groups) => groups.clone(),
        Gdap::Read => groups_with_roles(graph, customer, cache).await?,
    };
    let mut administrators = BTreeMap::new();
    for group in groups {
        let inside = cache.inside.get(group, inside(graph, group, DELEGATED)).await?;
        for person in inside.people {
            administrators.entry(person).or_insert(group);
        }
    }
    Ok(administrators)
}

async fn groups_with_roles(
    graph: Graph<'_>,
    customer: TenantId,
    cache: &Cache,
) -> Reading<BTreeSet<ObjectId>> {
    let read = async {
        let relationships = graph.relationships().await.map(Arc::new);
        relationships.map_err(|error| unread("the delegated admin relationships", &error))
    };
    let relationships = cache.relationships.get((), read).await?;
    let here = |r: &&Relationship| r.gives_access && r.customer == Some(customer);
    let mut groups = BTreeSet::new();
    for relationship in relationships.iter().filter(here) {
        let read = async {
            let assignments = graph.access_assignments(&relationship.id).await;
            assignments.map_err(|error| unread("the groups of a delegated admin relationship", &error))
        };
        let assignments = cache.access_assignments.get(relationship.id.clone(), read).await?;
        groups.extend(assignments.iter().filter(|a| a.gives_access).map(|a| a.group));
    }
    Ok(groups)
}
