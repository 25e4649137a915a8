//! The partner's own tenant, as read.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::GroupName;
use crate::model::person::Person;
use crate::observed::unread::Reading;

/// The partner's people and groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Everybody the files name by id: list members and grant holders. `Ok(None)`: nobody has that id, not even among
    /// the deleted items. Somebody not in the map was not asked for.
    pub people: BTreeMap<PersonId, Reading<Option<Person>>>,
    /// The partner groups that are read live.
    pub sources: BTreeMap<GroupName, Reading<Source>>,
    /// Members of `AdminAgents`, nested ones included.
    pub admin_agents: Reading<BTreeSet<PersonId>>,
    /// Members of `HelpdeskAgents`, nested ones included.
    pub helpdesk_agents: Reading<BTreeSet<PersonId>>,
}

/// A partner group read live, flattened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What the group is called in the partner tenant.
    pub display_name: String,
    /// The users in it, directly or nested.
    pub members: BTreeMap<PersonId, Person>,
    /// Groups nested in it.
    pub nested: BTreeSet<ObjectId>,
    /// Members that are neither users nor groups: never replicated, reported.
    pub others: BTreeSet<ObjectId>,
}

impl Partner {
    /// What was read of a person, from the list of people or from any source she stands in.
    pub fn person(&self, id: PersonId) -> Option<Reading<Option<&Person>>> {
        match self.people.get(&id) {
            Some(Ok(person)) => Some(Ok(person.as_ref())),
            Some(Err(unread)) => Some(Err(unread.clone())),
            None => self
                .sources
                .values()
                .filter_map(|s| s.as_ref().ok())
                .find_map(|s| s.members.get(&id))
                .map(|p| Ok(Some(p))),
        }
    }
}
