//! Answers to the questions a plan raised: each kind in as few requests as it can be asked with.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, future, stream};

use crate::client::Client;
use crate::client::arm::Arm;
use crate::client::error::Error;
use crate::client::graph::Graph;
use crate::client::graph::guests::Found;
use crate::client::graph::users::Staff;
use crate::client::limiter::Priority;
use crate::collect::CONCURRENCY;
use crate::collect::cache::Cache;
use crate::collect::delegated;
use crate::collect::gap::{gap, unread};
use crate::desired::state::{self, DesiredState};
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use crate::model::member::GuestUse;
use crate::model::person::Person;
use crate::model::role::RoleDefinition;
use crate::model::subscription::{Subscription, SubscriptionState};
use crate::observed::customer::{Candidates, Customer, Existence, Facts};
use crate::observed::question::Question;
use crate::observed::unread::{Reading, UnreadCode};

/// The questions, kind by kind.
#[derive(Default)]
struct Asked {
    candidates: BTreeMap<PersonId, BTreeSet<Address>>,
    staff: BTreeSet<Address>,
    owners: Vec<ObjectId>,
    guest_use: BTreeSet<ObjectId>,
    principals: Vec<ObjectId>,
    deleted_groups: Vec<ObjectId>,
    roles: Vec<RoleId>,
    locks: Vec<SubscriptionId>,
    usage: Vec<SubscriptionId>,
    delegated_admins: bool,
}

impl Asked {
    fn sort(questions: &BTreeSet<Question>) -> Self {
        let mut asked = Self::default();
        for question in questions {
            match question {
                Question::Candidates { person, addresses } => {
                    asked.candidates.entry(*person).or_default().extend(addresses.iter().cloned());
                }
                Question::Staff(address) => drop(asked.staff.insert(address.clone())),
                Question::Owners(group) => asked.owners.push(*group),
                Question::GuestUse(guest) => drop(asked.guest_use.insert(*guest)),
                Question::Principal(object) => asked.principals.push(*object),
                Question::Role(role) => asked.roles.push(*role),
                Question::Locks(subscription) => asked.locks.push(*subscription),
                Question::Usage(subscription) => asked.usage.push(*subscription),
                Question::DeletedGroup(group) => asked.deleted_groups.push(*group),
                Question::DelegatedAdmins => asked.delegated_admins = true,
            }
        }
        asked
    }
}

pub(super) async fn read(
    client: &Client,
    desired: &DesiredState,
    customer: &state::Customer,
    questions: &BTreeSet<Question>,
    cache: &Cache,
    observed: &mut Customer,
) {
    let asked = Asked::sort(questions);
    let graph = client.graph(customer.tenant, Priority::Change);
    let arm = client.arm(customer.tenant, Priority::Change);
    let partner = client.graph(desired.partner.tenant, Priority::Change);
    let subscriptions = subscriptions(observed, customer.tenant);

    let directory = future::join5(
        candidates(graph, &asked.candidates),
        staff(partner, &asked.staff, cache),
        owners(graph, &asked.owners),
        guest_use(graph, &asked.guest_use),
        principals(graph, &asked.principals),
    );
    let azure = future::join3(
        roles(arm, customer.tenant, &asked.roles, &subscriptions, cache),
        each(&asked.locks, "the locks of subscription", |id| arm.locks(id)),
        each(&asked.usage, "the usage of subscription", |id| arm.usage(id)),
    );
    let delegated = async {
        if !asked.delegated_admins {
            return None;
        }
        Some(delegated::administrators(client, &desired.partner, customer.tenant, cache).await)
    };
    let deleted = graph.deleted_groups_exist(&asked.deleted_groups);
    let (directory, (roles, locks, usage), delegated, deleted) =
        future::join4(directory, azure, delegated, deleted).await;
    let (candidates, staff, owners, guest_use, principals) = directory;

    let Facts {
        candidates: known_candidates,
        staff: known_staff,
        owners: known_owners,
        guest_use: known_guest_use,
        principals: known_principals,
        deleted_groups: known_deleted_groups,
        roles: known_roles,
        locks: known_locks,
        usage: known_usage,
        delegated_admins,
    } = &mut observed.facts;
    known_candidates.extend(candidates);
    known_staff.extend(staff);
    known_owners.extend(owners);
    known_guest_use.extend(guest_use);
    known_principals.extend(principals);
    known_deleted_groups.extend(existence("the deleted group", deleted));
    known_roles.extend(roles);
    known_locks.extend(locks);
    known_usage.extend(usage);
    if delegated.is_some() {
        *delegated_admins = delegated;
    }
}

/// The subscriptions of this tenant from which roles can be seen.
fn subscriptions(observed: &Customer, tenant: TenantId) -> Vec<SubscriptionId> {
    let own = |s: &&Subscription| s.tenant == tenant && !matches!(s.state, SubscriptionState::Gone(_));
    observed.subscriptions.iter().flat_map(BTreeMap::values).filter(own).map(|s| s.id).collect()
}

async fn candidates(
    graph: Graph<'_>,
    asked: &BTreeMap<PersonId, BTreeSet<Address>>,
) -> BTreeMap<PersonId, Reading<Candidates>> {
    let sets: Vec<&BTreeSet<Address>> = asked.values().collect();
    let found = graph.guests(&sets).await;
    let reading = |((&person, addresses), found): ((&PersonId, &BTreeSet<Address>), Result<Found, Error>)| {
        let what = format!("the look-up of person {person}");
        let reading = match found {
            // Nothing was asked: that nobody was found proves nothing.
            Ok(_) if addresses.is_empty() => Err(gap(UnreadCode::Withheld, format!("{what}: no address"))),
            Ok(found) => Ok(Candidates { live: found.live, deleted: found.deleted }),
            Err(error) => Err(unread(&what, &error)),
        };
        (person, reading)
    };
    asked.iter().zip(found).map(reading).collect()
}

async fn staff(
    partner: Graph<'_>,
    asked: &BTreeSet<Address>,
    cache: &Cache,
) -> BTreeMap<Address, Reading<Option<Person>>> {
    if asked.is_empty() {
        return BTreeMap::new();
    }
    let mut known = cache.staff.lock().await;
    let unknown: BTreeSet<Address> = asked.iter().filter(|a| !known.contains_key(a)).cloned().collect();
    for (address, found) in partner.staff(&unknown).await {
        known.insert(address, one_person(found));
    }
    asked.iter().filter_map(|address| Some((address.clone(), known.get(address)?.clone()))).collect()
}

/// Who stands behind an address: whoever has it now; only if nobody has, the one who had it.
fn one_person(found: Result<Staff, Error>) -> Reading<Option<Person>> {
    let found = found.map_err(|error| unread("the look-up of an address in the partner's tenant", &error))?;
    if found.live.is_empty() {
        // However many had the address: all of them have left.
        return Ok(found.deleted.into_values().next());
    }
    let mut people = found.live;
    match people.pop_first() {
        None => Ok(None),
        Some((_, person)) if people.is_empty() => Ok(Some(person)),
        Some(_) => {
            let text = "one address leads to several people in the partner's tenant";
            Err(gap(UnreadCode::Mismatch, text))
        }
    }
}

async fn owners(graph: Graph<'_>, asked: &[ObjectId]) -> BTreeMap<ObjectId, Reading<BTreeSet<ObjectId>>> {
    readings("the owners of group", graph.owners(asked).await)
}

async fn guest_use(graph: Graph<'_>, asked: &BTreeSet<ObjectId>) -> BTreeMap<ObjectId, Reading<GuestUse>> {
    readings("the use of guest", graph.guest_use(asked).await)
}

async fn principals(graph: Graph<'_>, asked: &[ObjectId]) -> BTreeMap<ObjectId, Reading<Existence>> {
    existence("the existence of object", graph.groups_exist(asked).await)
}

fn existence(
    what: &str,
    found: BTreeMap<ObjectId, Result<bool, Error>>,
) -> BTreeMap<ObjectId, Reading<Existence>> {
    let existence = |exists| if exists { Existence::Present } else { Existence::Absent };
    readings(what, found).into_iter().map(|(id, exists)| (id, exists.map(existence))).collect()
}

async fn roles(
    arm: Arm<'_>,
    tenant: TenantId,
    asked: &[RoleId],
    subscriptions: &[SubscriptionId],
    cache: &Cache,
) -> BTreeMap<RoleId, Reading<Option<RoleDefinition>>> {
    let read = |role: RoleId| async move {
        if let Some(definition) = cache.built_in(role) {
            return (role, Ok(Some(definition)));
        }
        let reading = cache.roles.get((tenant, role), definition(arm, role, subscriptions)).await;
        if let Ok(Some(definition)) = &reading {
            cache.keep_built_in(definition);
        }
        (role, reading)
    };
    stream::iter(asked.iter().copied()).map(read).buffered(CONCURRENCY).collect().await
}

/// A role as the first subscription shows it that knows it: a custom role is visible only where it may be assigned.
async fn definition(
    arm: Arm<'_>,
    role: RoleId,
    subscriptions: &[SubscriptionId],
) -> Reading<Option<RoleDefinition>> {
    let what = format!("role {role}");
    for &subscription in subscriptions {
        let found = arm.role_definition(Some(subscription), role).await;
        if let Some(found) = found.map_err(|error| unread(&what, &error))? {
            return Ok(Some(found));
        }
    }
    arm.role_definition(None, role).await.map_err(|error| unread(&what, &error))
}

async fn each<T, F>(
    asked: &[SubscriptionId],
    what: &str,
    read: impl Fn(SubscriptionId) -> F,
) -> BTreeMap<SubscriptionId, Reading<T>>
where
    F: Future<Output = Result<T, Error>>,
{
    let read = |id: SubscriptionId| {
        let reading = read(id);
        async move { (id, reading.await) }
    };
    let found = stream::iter(asked.iter().copied()).map(read).buffered(CONCURRENCY).collect().await;
    readings(what, found)
}

fn readings<K: Ord + Copy + std::fmt::Display, T>(
    what: &str,
    found: BTreeMap<K, Result<T, Error>>,
) -> BTreeMap<K, Reading<T>> {
    let reading = |(id, result): (K, Result<T, Error>)| {
        (id, result.map_err(|error| unread(&format!("{what} {id}"), &error)))
    };
    found.into_iter().map(reading).collect()
}
