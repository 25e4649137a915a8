//! What became of a plan, as a JSON document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::operation::Kind;
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::report::json::forecast::{FactDocument, ForecastDocument, fact_document, forecast_document};
use crate::report::json::{VERSION, printed, schema as schema_of};
use crate::report::upshot::Run;

/// What became of a plan, as a JSON document.
pub fn document(run: &Run<'_>) -> String {
    let Run { plan, outcomes: customers, skipped, cost, now } = run;
    let mut totals = BTreeMap::new();
    for outcome in customers.iter().flat_map(|customer| &customer.outcomes) {
        *totals.entry(StatusName::of(outcome.status)).or_insert(0) += 1;
    }
    printed(&OutcomeDocument {
        version: VERSION,
        plan: plan.digest.to_string(),
        now: now.to_string(),
        customers: customers.iter().map(customer_document).collect(),
        skipped: skipped.iter().map(|skipped| skipped.name.to_string()).collect(),
        totals,
        forecast: forecast_document(&cost.forecast),
        fact: fact_document(&cost.fact),
    })
}

/// One customer's outcome, as it stands in the document.
pub fn customer(outcome: &CustomerOutcome) -> serde_json::Value {
    serde_json::to_value(customer_document(outcome)).expect("string keys and plain values only")
}

fn customer_document(customer: &CustomerOutcome) -> CustomerOutcomeDocument {
    CustomerOutcomeDocument {
        name: customer.name.to_string(),
        outcomes: customer.outcomes.iter().map(outcome_document).collect(),
        ended_early: customer.ended_early.clone(),
    }
}

/// The JSON schema of the document.
pub fn schema() -> String {
    schema_of::<OutcomeDocument>()
}

/// What became of a plan's operations.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "groupsync outcome")]
struct OutcomeDocument {
    /// 1.
    version: u32,
    /// The digest of the plan that was carried out.
    plan: String,
    /// When the last operation had been carried out.
    now: String,
    customers: Vec<CustomerOutcomeDocument>,
    /// Customers of a saved plan that were left alone, because what would be written there is something else by now.
    skipped: Vec<String>,
    /// Operations by status.
    #[schemars(with = "BTreeMap<String, usize>")]
    totals: BTreeMap<StatusName, usize>,
    forecast: ForecastDocument,
    fact: FactDocument,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Customer")]
struct CustomerOutcomeDocument {
    name: String,
    outcomes: Vec<OperationOutcomeDocument>,
    /// Why the run stopped before this customer's last operation, if it did.
    ended_early: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Outcome")]
struct OperationOutcomeDocument {
    /// The operation's id in the plan.
    operation: String,
    #[schemars(with = "String")]
    kind: Kind,
    status: StatusName,
    /// For deferred: from when on it may be done.
    not_before: Option<String>,
    text: Option<String>,
    /// The service's id of the last request, for its support.
    request_id: Option<String>,
}

#[derive(Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Status")]
enum StatusName {
    Done,
    AlreadySo,
    Pending,
    Deferred,
    Refused,
    Failed,
}

impl StatusName {
    fn of(status: Status) -> Self {
        match status {
            Status::Done => Self::Done,
            Status::AlreadySo => Self::AlreadySo,
            Status::Pending => Self::Pending,
            Status::Deferred(_) => Self::Deferred,
            Status::Refused => Self::Refused,
            Status::Failed => Self::Failed,
        }
    }
}

fn outcome_document(outcome: &Outcome) -> OperationOutcomeDocument {
    OperationOutcomeDocument {
        operation: outcome.operation.to_string(),
        kind: outcome.kind,
        status: StatusName::of(outcome.status),
        not_before: match outcome.status {
            Status::Deferred(time) => Some(time.to_string()),
            _ => None,
        },
        text: outcome.text.clone(),
        request_id: outcome.request_id.clone(),
    }
}
