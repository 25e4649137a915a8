//! The standing reads of one customer: our groups with their members, adopted groups, subscriptions with their role
//! assignments.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, future, stream};

use crate::client::Client;
use crate::client::graph::Graph;
use crate::client::graph::members::Contents;
use crate::client::limiter::Priority;
use crate::collect::CONCURRENCY;
use crate::collect::cache::Cache;
use crate::collect::gap::{gap, unread};
use crate::desired::state::{self, DesiredState};
use crate::model::address::Domain;
use crate::model::assignment::RoleAssignment;
use crate::model::group::Group;
use crate::model::ids::{ObjectId, SubscriptionId, TenantId};
use crate::model::member::Member;
use crate::model::ownership::Mark;
use crate::model::subscription::{Subscription, SubscriptionState};
use crate::observed::customer::{Customer, Facts};
use crate::observed::unread::{Reading, Unread, UnreadCode};

pub(super) async fn read(
    client: &Client,
    desired: &DesiredState,
    customer: &state::Customer,
    cache: &Cache,
) -> Customer {
    let verified = verify(client, customer.verify_domain.as_ref(), cache);
    let identity = identity(client, customer).await;
    if let Err(unread) = identity {
        return nothing_read(customer, unread, verified.await);
    }
    let adopted = customer.mappings.values().filter_map(|mapping| mapping.adopt).collect();
    let graph = client.graph(customer.tenant, Priority::Change);
    let (verified, directory, (subscriptions, assignments)) = future::join3(
        verified,
        directory(graph, &Mark::of(desired.partner.tenant), adopted),
        azure(client, customer.tenant),
    )
    .await;
    let Directory { groups, adopted, members } = directory;
    let facts = Facts::default();
    Customer { identity, verified, groups, adopted, members, subscriptions, assignments, facts }
}

async fn identity(client: &Client, customer: &state::Customer) -> Reading<ObjectId> {
    client.act_as(customer.tenant, customer.customer_app);
    match client.identity(customer.tenant).await {
        Ok(identity) => Ok(identity.object_id),
        Err(error) => Err(unread("signing in", &error)),
    }
}

/// What is known of a tenant that we cannot sign in to.
fn nothing_read(customer: &state::Customer, unread: Unread, verified: Option<Reading<TenantId>>) -> Customer {
    let adopted: BTreeSet<ObjectId> = customer.mappings.values().filter_map(|m| m.adopt).collect();
    Customer {
        verified,
        groups: Err(unread.clone()),
        members: adopted.iter().map(|&id| (id, Err(unread.clone()))).collect(),
        adopted: adopted.into_iter().map(|id| (id, Err(unread.clone()))).collect(),
        subscriptions: Err(unread.clone()),
        assignments: BTreeMap::new(),
        facts: Facts::default(),
        identity: Err(unread),
    }
}

async fn verify(client: &Client, domain: Option<&Domain>, cache: &Cache) -> Option<Reading<TenantId>> {
    let domain = domain?;
    let read = async {
        match client.tenant_of(domain).await {
            Ok(Some(tenant)) => Ok(tenant),
            Ok(None) => Err(gap(UnreadCode::NotFound, format!("no tenant has verified the domain {domain}"))),
            Err(error) => Err(unread(&format!("the tenant of the domain {domain}"), &error)),
        }
    };
    Some(cache.domains.get(domain.clone(), read).await)
}

struct Directory {
    groups: Reading<BTreeMap<ObjectId, Group>>,
    adopted: BTreeMap<ObjectId, Reading<Option<Group>>>,
    members: BTreeMap<ObjectId, Reading<BTreeMap<ObjectId, Member>>>,
}

/// Two requests: our groups; then the members of each, with the groups that the files adopt. A group that only the
/// ledger knows to be adopted costs a third.
async fn directory(graph: Graph<'_>, mark: &Mark, adopted: BTreeSet<ObjectId>) -> Directory {
    let groups = graph.our_groups(&mark.prefix()).await.map_err(|error| unread("our groups", &error));
    let ours: BTreeSet<ObjectId> = groups.iter().flatten().map(|(&id, _)| id).collect();
    let mut directory = Directory { groups, adopted: BTreeMap::new(), members: BTreeMap::new() };
    directory.read(graph, &ours, &adopted).await;
    let in_ledger = directory.groups_in_ledger(mark);
    let unseen: BTreeSet<ObjectId> =
        in_ledger.into_iter().filter(|id| !ours.contains(id) && !adopted.contains(id)).collect();
    directory.read(graph, &BTreeSet::new(), &unseen).await;
    directory
}

impl Directory {
    async fn read(&mut self, graph: Graph<'_>, ours: &BTreeSet<ObjectId>, adopted: &BTreeSet<ObjectId>) {
        let members_of = ours.union(adopted).copied().collect();
        let Contents { members, groups } = graph.contents(&members_of, adopted).await;
        for (id, members) in members {
            let members = members.map_err(|error| unread(&format!("the members of group {id}"), &error));
            self.members.insert(id, members);
        }
        for (id, group) in groups {
            // Of a group that is gone there are no members to be missed.
            if matches!(group, Ok(None)) {
                self.members.remove(&id);
            }
            self.adopted.insert(id, group.map_err(|error| unread(&format!("adopted group {id}"), &error)));
        }
    }

    fn groups_in_ledger(&self, mark: &Mark) -> Vec<ObjectId> {
        let name = mark.ledger();
        let ledgers = self.groups.iter().flatten().filter(|(_, g)| g.unique_name.as_ref() == Some(&name));
        let entries = ledgers.filter_map(|(id, _)| self.members.get(id)?.as_ref().ok());
        let groups = entries.flat_map(BTreeMap::values).filter_map(|member| match member {
            Member::Group(id) => Some(*id),
            Member::User(_) | Member::Other { .. } => None,
        });
        groups.collect()
    }
}

type Azure =
    (Reading<BTreeMap<SubscriptionId, Subscription>>, BTreeMap<SubscriptionId, Reading<Vec<RoleAssignment>>>);

/// One request for the subscriptions, and one for each of this tenant that still answers. The others that the list
/// shows are delegated to us by somebody else.
async fn azure(client: &Client, tenant: TenantId) -> Azure {
    let arm = client.arm(tenant, Priority::Change);
    let subscriptions = match arm.subscriptions().await {
        Ok(subscriptions) => subscriptions,
        Err(error) => return (Err(unread("the subscriptions", &error)), BTreeMap::new()),
    };
    let own: Vec<SubscriptionId> = subscriptions
        .values()
        .filter(|s| s.tenant == tenant && !matches!(s.state, SubscriptionState::Gone(_)))
        .map(|s| s.id)
        .collect();
    let rows = |id: SubscriptionId| async move {
        let rows = arm.role_assignments(id).await;
        (id, rows.map_err(|error| unread(&format!("the role assignments of subscription {id}"), &error)))
    };
    let assignments = stream::iter(own).map(rows).buffered(CONCURRENCY).collect().await;
    (Ok(subscriptions), assignments)
}
