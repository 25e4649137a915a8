//! A plan, as a value.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::State;
use crate::model::ids::{PersonId, SubscriptionId, TenantId};
use crate::model::names::{CustomerName, GroupName, MappingKey};
use crate::plan::digest::Digest;
use crate::plan::operation::{Operation, OperationId};
use crate::plan::verdict::{Finding, FindingCode, Gap, Hold, Refusal};

/// The plan of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// When it was made.
    pub now: Timestamp,
    /// The customers, by name.
    pub customers: Vec<CustomerPlan>,
    /// The digest of the (customer, digest) pairs in order.
    pub digest: Digest,
}

/// The plan of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerPlan {
    /// Whose.
    pub name: CustomerName,
    /// Its tenant.
    pub tenant: TenantId,
    /// What may be done there.
    pub state: State,
    /// Everything that differs, in the order in which it is carried out, held and refused operations included.
    pub operations: Vec<Operation>,
    /// What waits for a human.
    pub held: Vec<Hold>,
    /// What must not be done.
    pub refused: Vec<Refusal>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What a reader should know besides.
    pub findings: Vec<Finding>,
    /// The digest of operations, refusals and what is held.
    pub digest: Digest,
    /// What the fleet's limits are judged by.
    pub measure: Measure,
}

/// What is counted beside the operations: what limits over the whole fleet are judged by, and what people watch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measure {
    /// Memberships of staff in groups of ours, before the plan.
    pub members: usize,
    /// Role assignments made by us, before the plan.
    pub assignments: usize,
    /// Guests in the ledger, before the plan.
    pub guests: usize,
    /// Groups of ours, before the plan.
    pub groups: usize,
    /// Live subscriptions of the tenant: before a guest is deleted, its use is looked for in each.
    pub subscriptions: usize,
    /// Guests in the ledger who have not accepted their invitation.
    pub pending_invitations: usize,
    /// Leavers with access here.
    pub leavers: BTreeSet<PersonId>,
    /// Everybody of staff with access here, leavers included.
    pub people: BTreeSet<PersonId>,
    /// Mappings whose members could not be read: whether access that has ended there is gone nobody knows.
    pub unseen: BTreeSet<MappingKey>,
    /// The declared subscriptions whose role assignments were not read.
    pub unread_rows: BTreeSet<SubscriptionId>,
    /// Whether this plan starts an offboarding.
    pub starts_offboarding: bool,
    /// Per partner group: members of its customer group now, and removals planned because they left it.
    pub sources: BTreeMap<GroupName, (usize, usize)>,
    /// People who enter here and come near the number of tenants that one person may be in: in how many they would be.
    pub crowded: BTreeMap<PersonId, usize>,
}

impl CustomerPlan {
    /// The operations that will be carried out, in order: what the customer's state allows, without what is held or refused
    /// and without what needs something that is not carried out.
    pub fn runnable(&self) -> impl Iterator<Item = &Operation> {
        let mut stopped: BTreeSet<&OperationId> = self
            .held
            .iter()
            .flat_map(|h| &h.operations)
            .chain(self.refused.iter().flat_map(|r| &r.operations))
            .collect();
        self.operations.iter().filter(move |operation| {
            let runs = !stopped.contains(&operation.id)
                && allows(self.state, operation)
                && operation.needs.iter().all(|need| !stopped.contains(need));
            if !runs {
                stopped.insert(&operation.id);
            }
            runs
        })
    }

    /// Whether a right is gone that the customer once gave us and that everything of one kind there depends on.
    pub fn access_lost(&self) -> bool {
        self.gaps.iter().any(|gap| gap.lost.is_some())
    }

    /// Whether something that was made moments ago does not show yet: it is not known to be as the files say.
    pub fn is_settling(&self) -> bool {
        self.findings.iter().any(|finding| finding.code == FindingCode::Settling)
    }

    /// Whether the tenant was seen to hold what the files ask for, as far as nothing is planned there.
    pub fn is_as_asked(&self) -> bool {
        let is_left = self.findings.iter().any(|finding| finding.code == FindingCode::LeftBehind);
        self.is_clean() && !is_left && !self.is_settling()
    }

    /// Whether the pass behind it was a good one: everything read, nothing held, nothing refused.
    pub fn is_clean(&self) -> bool {
        self.gaps.is_empty() && self.held.is_empty() && self.refused.is_empty()
    }
}

fn allows(state: State, operation: &Operation) -> bool {
    match state {
        State::Enforce | State::Offboard => true,
        State::Suspend => operation.nature.is_withdrawal() || defect!(SuspendIgnored),
        State::Observe | State::Offboarded => false,
    }
}
