//! What the journal remembers of earlier passes. It can hold something back; no removal is ever planned from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ids::{AssignmentName, ObjectId, PersonId, TenantId};

/// What is remembered of all customers; empty without a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// By tenant.
    pub tenants: BTreeMap<TenantId, TenantMemory>,
}

/// What is remembered of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantMemory {
    /// Which guest is whose. Names the candidate when addresses changed.
    pub pairs: BTreeMap<PersonId, ObjectId>,
    /// Role assignments we made and did not delete: one that is missing was removed by somebody else.
    pub assignments: BTreeSet<AssignmentName>,
    /// Unique names of groups we made and did not delete.
    pub groups: BTreeSet<String>,
    /// Whether its offboarding has started.
    pub offboarding: bool,
}

impl Memory {
    /// What is remembered of `tenant`.
    pub fn of(&self, tenant: TenantId) -> TenantMemory {
        self.tenants.get(&tenant).cloned().unwrap_or_default()
    }
}
