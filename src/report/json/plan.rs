//! The plan as a JSON document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::desired::state::{Partner, State};
use crate::plan::forecast::Forecast;
use crate::plan::operation::{Kind, Operation, OperationId};
use crate::plan::value::{CustomerPlan, Plan};
use crate::plan::verdict::{Finding, Gap, Hold, Refusal};
use crate::report::json::change::{BecauseDocument, Change, because_document, change, target};
use crate::report::json::forecast::{ForecastDocument, forecast_document};
use crate::report::json::{VERSION, printed, schema as schema_of};
use crate::report::tally::Tally;
use crate::report::words::{ACCESS_LOST, code};

/// The plan as a JSON document.
pub fn document(plan: &Plan, partner: &Partner) -> String {
    printed(&PlanDocument {
        version: VERSION,
        partner: PartnerDocument { name: partner.name.to_string(), tenant_id: partner.tenant.to_string() },
        digest: plan.digest.to_string(),
        now: plan.now.to_string(),
        customers: &plan.customers,
        totals: totals_document(&Tally::of(plan)),
        forecast: forecast_document(&Forecast::of(plan, partner.cloud)),
    })
}

/// One customer's plan, as it stands in the document.
pub fn customer(plan: &CustomerPlan) -> serde_json::Value {
    serde_json::to_value(customer_document(plan)).expect("string keys and plain values only")
}

/// The JSON schema of the document.
pub fn schema() -> String {
    schema_of::<PlanDocument<'_>>()
}

/// What a run would do in the customer tenants, and why.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "groupsync plan")]
struct PlanDocument<'a> {
    /// 1.
    version: u32,
    /// Whose files these are.
    partner: PartnerDocument,
    /// SHA-256 over the customers' names and digests: two plans with one digest write the same.
    digest: String,
    /// When the plan was made, and by which clock it judges starts and ends.
    now: String,
    #[serde(serialize_with = "one_by_one")]
    #[schemars(with = "Vec<CustomerDocument>")]
    customers: &'a [CustomerPlan],
    totals: TotalsDocument,
    forecast: ForecastDocument,
}

/// Each customer's document is gone before the next is made: all at once would need several times the memory of the text.
fn one_by_one<S: Serializer>(customers: &&[CustomerPlan], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(customers.iter().map(customer_document))
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Partner")]
struct PartnerDocument {
    name: String,
    tenant_id: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Customer")]
struct CustomerDocument {
    name: String,
    tenant_id: String,
    /// observe, enforce, suspend, offboard or offboarded.
    #[schemars(with = "String")]
    state: State,
    /// accessLost where a right of ours is gone, which the gaps name; otherwise null.
    condition: Option<&'static str>,
    /// SHA-256 over everything that would be written here. An `Override` names it.
    digest: String,
    /// Every difference, in the order in which it is carried out; those named under `held` and `refused` included.
    operations: Vec<OperationDocument>,
    /// What waits for a human.
    held: Vec<VerdictDocument>,
    /// What must not be done.
    refused: Vec<VerdictDocument>,
    /// What could not be read, and what that leaves undecided.
    gaps: Vec<GapDocument>,
    /// What a reader should know besides.
    findings: Vec<FindingDocument>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Operation")]
struct OperationDocument {
    /// Unique within the customer, and the same for the same change in every plan.
    id: String,
    /// What is changed, in words.
    target: String,
    #[serde(flatten)]
    change: Change,
    because: Vec<BecauseDocument>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Verdict")]
struct VerdictDocument {
    code: String,
    /// The ids of the operations it strikes.
    operations: Vec<String>,
    measured: usize,
    limit: usize,
    text: String,
    hint: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Gap")]
struct GapDocument {
    code: String,
    of: String,
    /// What is not decided because of it.
    freezes: String,
    text: String,
    /// The right of ours that is gone, if it is one: consent, signIn, directory or azure.
    lost: Option<String>,
    /// What to do.
    hint: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Finding")]
struct FindingDocument {
    code: String,
    of: String,
    text: String,
    hint: Option<String>,
}

/// One per member, group, guest and role; the ledger is not counted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Totals")]
struct TotalsDocument {
    /// Customers with something to do.
    customers: usize,
    add: usize,
    remove: usize,
    change: usize,
    /// Operations held.
    held: usize,
    refused: usize,
    gaps: usize,
    findings: usize,
    /// Operations listed only, because of a customer's state.
    listed: usize,
    /// Operations that will be carried out, by kind.
    #[schemars(with = "BTreeMap<String, usize>")]
    operations: BTreeMap<Kind, usize>,
}

fn customer_document(customer: &CustomerPlan) -> CustomerDocument {
    CustomerDocument {
        name: customer.name.to_string(),
        tenant_id: customer.tenant.to_string(),
        state: customer.state,
        condition: customer.access_lost().then_some(ACCESS_LOST),
        digest: customer.digest.to_string(),
        operations: customer.operations.iter().map(operation_document).collect(),
        held: customer.held.iter().map(hold_document).collect(),
        refused: customer.refused.iter().map(refusal_document).collect(),
        gaps: customer.gaps.iter().map(gap_document).collect(),
        findings: customer.findings.iter().map(finding_document).collect(),
    }
}

fn operation_document(operation: &Operation) -> OperationDocument {
    OperationDocument {
        id: operation.id.to_string(),
        target: target(&operation.action),
        change: change(&operation.action),
        because: operation.because.iter().map(because_document).collect(),
    }
}

fn hold_document(hold: &Hold) -> VerdictDocument {
    VerdictDocument {
        code: code(hold.code),
        operations: ids(&hold.operations),
        measured: hold.measured,
        limit: hold.limit,
        text: hold.text.clone(),
        hint: hold.hint.clone(),
    }
}

fn refusal_document(refusal: &Refusal) -> VerdictDocument {
    VerdictDocument {
        code: code(refusal.code),
        operations: ids(&refusal.operations),
        measured: refusal.measured,
        limit: refusal.limit,
        text: refusal.text.clone(),
        hint: refusal.hint.clone(),
    }
}

fn gap_document(gap: &Gap) -> GapDocument {
    GapDocument {
        code: code(gap.code),
        of: gap.of.clone(),
        freezes: gap.freezes.clone(),
        text: gap.text.clone(),
        lost: gap.lost.map(code),
        hint: gap.lost.map(|right| right.hint().to_owned()),
    }
}

fn finding_document(finding: &Finding) -> FindingDocument {
    FindingDocument {
        code: code(finding.code),
        of: finding.of.clone(),
        text: finding.text.clone(),
        hint: finding.hint.clone(),
    }
}

fn totals_document(tally: &Tally) -> TotalsDocument {
    let Tally { add, remove, change, held, refused, gaps, findings, listed, operations, customers } = tally;
    TotalsDocument {
        customers: *customers,
        add: *add,
        remove: *remove,
        change: *change,
        held: *held,
        refused: *refused,
        gaps: *gaps,
        findings: *findings,
        listed: *listed,
        operations: operations.clone(),
    }
}

fn ids<'a>(operations: impl IntoIterator<Item = &'a OperationId>) -> Vec<String> {
    operations.into_iter().map(ToString::to_string).collect()
}
