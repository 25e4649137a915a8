//! Reads tenants into observed values. A failure becomes a recorded gap, never an empty collection, and what one customer
//! costs when nothing has changed is counted: two Graph requests, one for its subscriptions, one for each of them.

pub mod cache;
mod gap;
mod partner;
mod again;
pub mod watch;
mod customer;
mod answers;
mod delegated;
mod surroundings;

use std::collections::{BTreeMap, BTreeSet};

use crate::client::Client;
use crate::collect::cache::Cache;
use crate::desired::state::{self, DesiredState};
use crate::model::ids::ObjectId;
use crate::observed;
use crate::observed::question::Question;

/// How many requests of one collection run at once in one tenant.
const CONCURRENCY: usize = 4;

/// Reads the partner's tenant, in which nothing is ever written.
pub async fn partner(client: &Client, desired: &DesiredState) -> observed::partner::Partner {
    client.only_read(desired.partner.tenant);
    partner::read(client, desired).await.partner
}

/// Reads what one pass needs of a customer's tenant in any case.
pub async fn customer(
    client: &Client,
    desired: &DesiredState,
    customer: &state::Customer,
    cache: &Cache,
) -> observed::customer::Customer {
    customer::read(client, desired, customer, cache).await
}

/// Answers the questions that a plan raised, each with a fact or the reason why it could not be read.
pub async fn answers(
    client: &Client,
    desired: &DesiredState,
    customer: &state::Customer,
    questions: &BTreeSet<Question>,
    cache: &Cache,
    observed: &mut observed::customer::Customer,
) {
    answers::read(client, desired, customer, questions, cache, observed).await;
}

/// Reads groups and people of a customer's tenant that hold roles without us: a request for twenty people, and one for ten groups
/// with their members.
pub async fn surroundings(
    client: &Client,
    customer: &state::Customer,
    groups: &BTreeSet<ObjectId>,
    users: &BTreeSet<ObjectId>,
) -> observed::surroundings::Surroundings {
    surroundings::read(client, customer, groups, users).await
}

/// Reads which groups each of these guests stands in: a request for twenty of them.
pub async fn memberships(
    client: &Client,
    customer: &state::Customer,
    guests: &BTreeSet<ObjectId>,
) -> BTreeMap<ObjectId, observed::unread::Reading<BTreeMap<ObjectId, String>>> {
    surroundings::memberships(client, customer, guests).await
}
