//! What is written down: enough to say later who had what and why, and no more of a person than her ids.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::target::Target;
use crate::model::ids::{ObjectId, TenantId};
use crate::model::names::CustomerName;
use crate::plan::because::Because;
use crate::plan::because::Rule;
use crate::plan::digest::Digest;
use crate::plan::memory::Revision;
use crate::plan::operation::{Nature, Operation, OperationId};
use crate::plan::outcome::Status;
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::HoldCode;
use crate::plan::window::{Expense, ExpenseKind};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum Event {
    /// A process begins to write.
    Opened {
        /// Its version.
        version: String,
        /// The last record it found, 0 where there was none: later records vouch for it.
        after: u64,
        /// That record's hash.
        hash: String,
    },
    /// Files were accepted as what is to be.
    Accepted(Revision),
    /// This is about to be changed at a customer: it counts for the limits of the fleet from now on, whatever becomes of it.
    Reserved {
        /// Whose.
        customer: CustomerName,
        /// Its tenant.
        tenant: TenantId,
        /// The digest of its plan.
        plan: Digest,
        /// What, by its kind: ids only.
        #[serde(default)]
        takes: BTreeMap<ExpenseKind, BTreeSet<String>>,
    },
    /// An operation is about to be carried out.
    Intent(Box<Intent>),
    /// What became of it. A later one corrects an earlier one.
    Ended(Box<Ended>),
    /// A customer's offboarding starts.
    OffboardingStarted {
        /// Whose.
        customer: CustomerName,
        /// Its tenant.
        tenant: TenantId,
    },
    /// What waits for a human at a customer; nothing, once nothing does any more.
    Held {
        /// Whose.
        customer: CustomerName,
        /// Its tenant.
        tenant: TenantId,
        /// The digest of its plan.
        plan: Digest,
        /// The rules that hold something.
        holds: Vec<HeldBy>,
    },
    /// The last record could not be read whole and counts for nothing.
    TailCutOff {
        /// Which.
        record: u64,
    },
    /// So many records were lost while the journal could not be written.
    Lost {
        /// How many.
        records: u64,
    },
}

/// What is about to be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Its number among the intents of its writer.
    pub id: u64,
    /// Whose.
    pub customer: CustomerName,
    /// Its tenant.
    pub tenant: TenantId,
    /// The digest of its plan.
    pub plan: Digest,
    /// The operation's name in it.
    pub operation: OperationId,
    /// Whether it ends access that has ended.
    pub nature: Nature,
    /// Why.
    pub because: Vec<Reason>,
    /// What is done to what.
    pub target: Target,
}

/// A reason, with the place in the files it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The kind.
    pub rule: Rule,
    /// The file, where one says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// In words, without addresses.
    pub text: String,
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// Which intent of the same writer.
    pub intent: u64,
    /// Whose.
    pub customer: CustomerName,
    /// Its tenant.
    pub tenant: TenantId,
    /// The operation's name in the plan.
    pub operation: OperationId,
    /// What became of it as a whole.
    pub status: Status,
    /// What became of each object it was about.
    pub effects: Vec<EffectOn>,
    /// Microsoft's ids of the requests.
    pub requests: Vec<String>,
    /// Whether a request may have been carried out although no answer says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    /// What there is to say about it, without addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What became of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectOn {
    /// Which: the member, the guest, the group, the principal.
    pub object: ObjectId,
    /// What.
    pub did: Did,
}

/// Whether a request changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Did {
    /// It did.
    Done,
    /// It was so already.
    AlreadySo,
}

/// A rule that holds operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBy {
    /// Which.
    pub code: HoldCode,
    /// How many operations.
    pub operations: usize,
    /// What was counted.
    pub measured: usize,
    /// How much is allowed.
    pub limit: usize,
}

/// An event with the time at which it happened, as it is hashed and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

impl Intent {
    /// The intent to carry out an operation of a customer's plan; its number is given when it is written.
    pub fn of(plan: &CustomerPlan, operation: &Operation) -> Self {
        Self {
            id: 0,
            customer: plan.name.clone(),
            tenant: plan.tenant,
            plan: plan.digest.clone(),
            operation: operation.id.clone(),
            nature: operation.nature,
            because: operation.because.iter().map(Reason::of).collect(),
            target: Target::of(&operation.action),
        }
    }
}

impl Reason {
    /// A plan's reason.
    pub fn of(because: &Because) -> Self {
        let origin = because.origin.as_ref();
        Self {
            rule: because.rule,
            file: origin.map(|origin| origin.file.clone()),
            line: origin.map(|origin| origin.line),
            text: without_addresses(&because.text),
        }
    }
}

impl Event {
    /// What carrying out a plan takes from the limits of the fleet; nothing where it takes nothing.
    pub fn reserved(plan: &CustomerPlan, expenses: impl IntoIterator<Item = Expense>) -> Option<Self> {
        let mut takes: BTreeMap<ExpenseKind, BTreeSet<String>> = BTreeMap::new();
        for Expense { kind, what, .. } in expenses {
            takes.entry(kind).or_default().insert(what);
        }
        let (customer, tenant, plan) = (plan.name.clone(), plan.tenant, plan.digest.clone());
        (!takes.is_empty()).then_some(Self::Reserved { customer, tenant, plan, takes })
    }

    /// What waits for a human in a plan.
    pub fn held(plan: &CustomerPlan) -> Self {
        let by = |hold: &crate::plan::verdict::Hold| HeldBy {
            code: hold.code,
            operations: hold.operations.len(),
            measured: hold.measured,
            limit: hold.limit,
        };
        Self::Held {
            customer: plan.name.clone(),
            tenant: plan.tenant,
            plan: plan.digest.clone(),
            holds: plan.held.iter().map(by).collect(),
        }
    }

    /// Whose it is about, if it is about one customer.
    pub fn customer(&self) -> Option<&CustomerName> {
        match self {
            Self::Reserved { customer, .. }
            | Self::OffboardingStarted { customer, .. }
            | Self::Held { customer, .. } => Some(customer),
            Self::Intent(intent) => Some(&intent.customer),
            Self::Ended(ended) => Some(&ended.customer),
            Self::Opened { .. } | Self::Accepted(_) | Self::TailCutOff { .. } | Self::Lost { .. } => None,
        }
    }
}

/// The text with every word that holds an `@` left out: whom something is about stands beside it by id.
pub fn without_addresses(text: &str) -> String {
    let word = |word| if str::contains(word, '@') { "…" } else { word };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
