//! What many customers ask for and one answer serves: read once per sweep, by one, while the others wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::client::graph::gdap::{AccessAssignment, Relationship};
use crate::collect::partner::Inside;
use crate::model::address::{Address, Domain};
use crate::model::ids::{ObjectId, PersonId, RoleId, TenantId};
use crate::model::person::Person;
use crate::model::role::RoleDefinition;
use crate::observed::unread::Reading;

/// Answers shared by the customers of one sweep. Failures are kept too: what thousands of customers need and cannot
/// have is asked for once. A new sweep starts with a new cache.
#[derive(Debug, Default)]
pub struct Cache {
    pub(super) domains: Shared<Domain, Reading<TenantId>>,
    pub(super) roles: Shared<(TenantId, RoleId), Reading<Option<RoleDefinition>>>,
    built_in_roles: Mutex<BTreeMap<RoleId, RoleDefinition>>,
    pub(super) relationships: Shared<(), Reading<Arc<Vec<Relationship>>>>,
    pub(super) access_assignments: Shared<String, Reading<Vec<AccessAssignment>>>,
    /// Who is in the groups that hold delegated roles.
    pub(super) inside: Shared<ObjectId, Reading<Inside>>,
    /// Held while addresses are looked up, so that no two customers look up the same.
    pub(super) staff: tokio::sync::Mutex<BTreeMap<Address, Reading<Option<Person>>>>,
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what could not be read: whoever asks next tries again. For a cache that outlives a sweep.
    pub async fn forget_failures(&self) {
        self.domains.forget_failures();
        self.roles.forget_failures();
        self.relationships.forget_failures();
        self.access_assignments.forget_failures();
        self.inside.forget_failures();
        self.staff.lock().await.retain(|_, found| found.is_ok());
    }

    /// Forgets who was given delegated roles where.
    pub fn forget_delegation(&self) {
        self.relationships.forget_all();
        self.access_assignments.forget_all();
    }

    /// Forgets what was looked up by address of these people, and what was looked up in vain: it may be one of them.
    pub(super) async fn forget_staff(&self, people: &BTreeSet<PersonId>) {
        if !people.is_empty() {
            let known = |found: &Reading<Option<Person>>| match found {
                Ok(Some(person)) => !people.contains(&person.id),
                Ok(None) | Err(_) => false,
            };
            self.staff.lock().await.retain(|_, found| known(found));
        }
    }

    /// Forgets everything that was looked up by address.
    pub(super) async fn forget_all_staff(&self) {
        self.staff.lock().await.clear();
    }

    /// A built-in role that some customer has shown: it is the same in every tenant.
    pub(super) fn built_in(&self, role: RoleId) -> Option<RoleDefinition> {
        self.built_in_roles.lock().unwrap_or_else(PoisonError::into_inner).get(&role).cloned()
    }

    /// Keeps a role for all customers, if it is built in.
    pub(super) fn keep_built_in(&self, role: &RoleDefinition) {
        if !role.custom {
            let mut roles = self.built_in_roles.lock().unwrap_or_else(PoisonError::into_inner);
            roles.entry(role.id).or_insert_with(|| role.clone());
        }
    }
}

/// Values read once each.
#[derive(Debug)]
pub(super) struct Shared<K, V>(Mutex<BTreeMap<K, Arc<OnceCell<V>>>>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, V: Clone> Shared<K, V> {
    /// The value of `key`, from `read` if nobody has read it yet.
    pub(super) async fn get(&self, key: K, read: impl Future<Output = V>) -> V {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        cell.get_or_init(|| read).await.clone()
    }

    /// What was read so far.
    pub(super) fn known(&self) -> BTreeMap<K, V>
    where
        K: Clone,
    {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.iter().filter_map(|(key, cell)| Some((key.clone(), cell.get()?.clone()))).collect()
    }

    /// Forgets everything.
    fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets one value: whoever asks next reads it.
    pub(super) fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

impl<K: Ord, V> Shared<K, Reading<V>> {
    /// Forgets what could not be read; what is being read stays.
    fn forget_failures(&self) {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|_, cell| !matches!(cell.get(), Some(Err(_))));
    }
}
