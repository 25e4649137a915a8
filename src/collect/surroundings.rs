//! The groups and people that hold roles at a customer without us: read only to find what could be taken over.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;

use crate::client::Client;
use crate::client::error::Error;
use crate::client::limiter::Priority;
use crate::collect::gap::unread;
use crate::desired::state;
use crate::model::ids::ObjectId;
use crate::observed::surroundings::Surroundings;
use crate::observed::unread::Reading;

pub(super) async fn read(
    client: &Client,
    customer: &state::Customer,
    groups: &BTreeSet<ObjectId>,
    users: &BTreeSet<ObjectId>,
) -> Surroundings {
    let graph = client.graph(customer.tenant, Priority::Change);
    let (contents, people) = future::join(graph.contents(groups, groups), graph.users(users)).await;
    let mut around = Surroundings::default();
    for (id, group) in contents.groups {
        around.groups.insert(id, group.map_err(|error| unread(&format!("group {id}"), &error)));
    }
    for (id, members) in contents.members {
        // Of a group that is gone there are no members to be missed.
        if !matches!(around.groups.get(&id), Some(Ok(None))) {
            let members = members.map_err(|error| unread(&format!("the members of group {id}"), &error));
            around.members.insert(id, members);
        }
    }
    let users = people
        .into_iter()
        .map(|(id, user)| (id, user.map_err(|error| unread(&format!("user {id}"), &error))))
        .collect::<BTreeMap<_, _>>();
    Surroundings { users, ..around }
}

pub(super) async fn memberships(
    client: &Client,
    customer: &state::Customer,
    guests: &BTreeSet<ObjectId>,
) -> BTreeMap<ObjectId, Reading<BTreeMap<ObjectId, String>>> {
    let found = client.graph(customer.tenant, Priority::Change).memberships(guests).await;
    let reading = |(id, groups): (ObjectId, Result<_, Error>)| {
        (id, groups.map_err(|error| unread(&format!("the groups of guest {id}"), &error)))
    };
    found.into_iter().map(reading).collect()
}
