//! What many customers ask for and one answer serves: read once per sweep, by one, while the others wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::client::graph::gdap::{AccessAssignment, Relationship};
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
    pub(super) relationships: OnceCell<Reading<Vec<Relationship>>>,
    pub(super) access_assignments: Shared<String, Reading<Vec<AccessAssignment>>>,
    pub(super) people_in: Shared<ObjectId, Reading<BTreeSet<PersonId>>>,
    /// Held while addresses are looked up, so that no two customers look up the same.
    pub(super) staff: tokio::sync::Mutex<BTreeMap<Address, Reading<Option<Person>>>>,
}

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
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
}
