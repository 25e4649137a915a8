//! What is known of one customer, for whoever watches.

use std::sync::Arc;

use jiff::Timestamp;

use crate::desired::state::State;
use crate::model::address::Address;
use crate::model::ids::TenantId;
use crate::model::names::{CustomerName, GrantName, MappingKey};
use crate::plan::operation::{Kind, OperationId};
use crate::plan::outcome::{CustomerOutcome, Status};
use crate::plan::value::CustomerPlan;

/// One customer, as last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerStatus {
    /// Whose.
    pub name: CustomerName,
    /// Its tenant.
    pub tenant: TenantId,
    /// What the files let be done there.
    pub state: State,
    /// The pass under way.
    pub running: Option<Running>,
    /// The last pass that came to its end.
    pub last_pass: Option<PassRecord>,
    /// When the last good pass ended: everything read, nothing held or refused, nothing failed.
    pub last_good: Option<Timestamp>,
    /// When the last pass began that saw who is in every group of ours.
    pub last_seen: Option<Timestamp>,
    /// When it is looked at next; none while a pass is under way.
    pub next_due: Option<Timestamp>,
    /// How many passes in a row have failed.
    pub failures: u32,
    /// Until when it is left alone because of that.
    pub backing_off_until: Option<Timestamp>,
    /// What the last pass planned.
    pub plan: Option<Arc<CustomerPlan>>,
    /// What became of it, where something was carried out.
    pub outcome: Option<Arc<CustomerOutcome>>,
    /// Whether the kill switch or the end of the process cut the last pass short.
    pub halted: bool,
    /// Grants that give access now.
    pub grants: Vec<RunningGrant>,
    /// Access that should be gone and is not.
    pub overdue: Vec<Overdue>,
    /// Guests of ours there who have not accepted their invitation.
    pub pending_invitations: usize,
}

/// A pass under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Since when.
    pub since: Timestamp,
    /// What it is for.
    pub trigger: Trigger,
}

/// A pass that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassRecord {
    /// When it began to read.
    pub began: Timestamp,
    /// When its last operation had its outcome.
    pub ended: Timestamp,
    /// Whether everything was read, nothing held or refused, and nothing failed.
    pub good: bool,
    /// What it was for.
    pub trigger: Trigger,
}

/// Why a customer is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A grant, a listed membership or an offboarding begins or ends.
    Edge,
    /// Something changed in the partner's tenant.
    Partner,
    /// Somebody asked for it.
    Request,
    /// The files changed.
    Files,
    /// The time of a deferred operation has come, or of a second look at what was written.
    Deferred,
    /// The last pass failed.
    Retry,
    /// It was its turn.
    Interval,
}

/// A grant that gives access now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningGrant {
    /// Its name.
    pub name: GrantName,
    /// What it gives.
    pub mapping: MappingKey,
    /// To whom.
    pub person: Address,
    /// Since when.
    pub since: Timestamp,
    /// Until just before.
    pub until: Timestamp,
}

/// A withdrawal that is due and not carried out, or cannot even be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Which operation.
    pub operation: OperationId,
    /// Its kind.
    pub kind: Kind,
    /// When it was first planned, or when the access ended.
    pub since: Timestamp,
    /// Why it is not done.
    pub why: String,
}

/// How a customer stands, in one word: the worst that is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// As the files say.
    Good,
    /// Not looked at yet.
    Unseen,
    /// It differs from the files, and nothing is written there: the files say so, the kill switch, or a journal that is away.
    Differs,
    /// Written, and not yet to be seen; or put off until a time that is known.
    Pending,
    /// Something waits for a human, or must not be done.
    Held,
    /// Something could not be read.
    Gap,
    /// Something could not be done.
    Failed,
    /// The customer took a right of ours away that everything there depends on.
    AccessLost,
}

impl CustomerStatus {
    /// One that nobody has looked at.
    pub fn unseen(name: CustomerName, tenant: TenantId, state: State) -> Self {
        Self {
            name,
            tenant,
            state,
            running: None,
            last_pass: None,
            last_good: None,
            last_seen: None,
            next_due: None,
            failures: 0,
            backing_off_until: None,
            plan: None,
            outcome: None,
            halted: false,
            grants: Vec::new(),
            overdue: Vec::new(),
            pending_invitations: 0,
        }
    }

    /// How it stands.
    pub fn condition(&self) -> Condition {
        let Some(plan) = &self.plan else { return Condition::Unseen };
        let outcomes = self.outcome.iter().flat_map(|outcome| &outcome.outcomes);
        let worst = outcomes.map(|outcome| match outcome.status {
            Status::Failed if !outcome.is_begun() => Condition::Differs,
            Status::Failed => Condition::Failed,
            Status::Refused => Condition::Held,
            Status::Pending | Status::Deferred(_) => Condition::Pending,
            Status::Done | Status::AlreadySo => Condition::Good,
        });
        let worst = worst.max().unwrap_or(Condition::Good);
        let ended_early = self.outcome.as_ref().is_some_and(|outcome| outcome.ended_early.is_some());
        let planned = if plan.access_lost() {
            Condition::AccessLost
        } else if ended_early && !self.halted {
            Condition::Failed
        } else if !plan.gaps.is_empty() {
            Condition::Gap
        } else if !plan.is_clean() {
            Condition::Held
        } else if !plan.operations.is_empty() && (plan.runnable().next().is_none() || self.outcome.is_none())
        {
            Condition::Differs
        } else if plan.is_settling() {
            Condition::Pending
        } else {
            Condition::Good
        };
        worst.max(planned)
    }
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Edge, Self::Partner, Self::Request, Self::Files, Self::Deferred, Self::Retry, Self::Interval];

    /// As reports and metrics spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Partner => "partner",
            Self::Request => "request",
            Self::Files => "files",
            Self::Deferred => "deferred",
            Self::Retry => "retry",
            Self::Interval => "interval",
        }
    }
}

impl Condition {
    /// All of them, the best first.
    pub const ALL: [Self; 8] = [
        Self::Good,
        Self::Unseen,
        Self::Differs,
        Self::Pending,
        Self::Held,
        Self::Gap,
        Self::Failed,
        Self::AccessLost,
    ];

    /// As reports and metrics spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unseen => "unseen",
            Self::Differs => "differs",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Gap => "gap",
            Self::Failed => "failed",
            Self::AccessLost => "accessLost",
        }
    }
}
