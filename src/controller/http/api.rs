//! The same for programs.

use std::sync::Arc;

use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::controller::board::{Asked, JournalHealth};
use crate::controller::http::Server;
use crate::controller::http::access::Caller;
use crate::controller::http::answer::{json, see_other, sentence};
use crate::controller::http::choice::Choice;
use crate::controller::status::{CustomerStatus, Overdue, PassRecord, RunningGrant};
use crate::desired::diagnostic::Diagnostic;
use crate::model::names::CustomerName;
use crate::report::json::{outcome, plan};
use crate::report::words::state;

/// All customers, or some of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomersDocument {
    now: Timestamp,
    /// The digest of the files in force.
    revision: Option<String>,
    /// The text of the file STOP, while it is there.
    stopped: Option<String>,
    /// What the files say that only counts from the next start.
    outdated: Option<String>,
    /// What is wrong with the journal: changes wait for it.
    journal: Option<String>,
    /// What is wrong with the newest files, each with its place, while those before stay in force.
    refused: Vec<String>,
    /// What of the partner's tenant could not be read.
    partner_gaps: Vec<String>,
    customers: Vec<CustomerDocument>,
}

/// One customer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomerDocument {
    name: String,
    tenant_id: String,
    state: &'static str,
    condition: &'static str,
    running: bool,
    last_pass: Option<PassDocument>,
    last_good: Option<Timestamp>,
    next_due: Option<Timestamp>,
    failures: u32,
    backing_off_until: Option<Timestamp>,
    pending_invitations: usize,
    grants: Vec<GrantDocument>,
    overdue: Vec<OverdueDocument>,
    /// The digest of the last plan; an `Override` names it.
    digest: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PassDocument {
    began: Timestamp,
    ended: Timestamp,
    good: bool,
    trigger: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GrantDocument {
    name: String,
    group: String,
    person: String,
    since: Timestamp,
    until: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OverdueDocument {
    operation: String,
    kind: &'static str,
    since: Timestamp,
    why: String,
}

/// One customer with everything that is known of it.
#[derive(Serialize)]
struct WholeDocument {
    #[serde(flatten)]
    customer: CustomerDocument,
    /// As in `groupsync plan --format json`.
    plan: Option<Value>,
    /// As in `groupsync apply --format json`.
    outcome: Option<Value>,
}

/// `GET /api/v1/customers`
pub(super) async fn customers(State(server): State<Arc<Server>>, Query(choice): Query<Choice>) -> Response {
    let overview = server.board.overview();
    let customers = choice.all(server.board.customers());
    let problem = |problem: &Diagnostic| format!("{}: {}", problem.place(), problem.message);
    let refused = overview.refused.iter().flat_map(|refused| &refused.problems);
    let document = CustomersDocument {
        refused: refused.map(problem).collect(),
        partner_gaps: overview.partner_gaps.iter().map(|gap| gap.text.clone()).collect(),
        journal: match overview.journal {
            JournalHealth::Trouble(text) => Some(text),
            JournalHealth::Off | JournalHealth::Good => None,
        },
        now: server.clock.now(),
        revision: overview.revision.map(|revision| revision.digest.to_string()),
        stopped: overview.stopped,
        outdated: overview.outdated,
        customers: customers.iter().map(|customer| document(customer)).collect(),
    };
    json(StatusCode::OK, &document)
}

/// `GET /api/v1/customers/{name}`
pub(super) async fn customer(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Response {
    let Some(customer) = find(&server, &name) else { return no_such_customer() };
    let document = WholeDocument {
        customer: document(&customer),
        plan: customer.plan.as_ref().map(|of| plan::customer(of)),
        outcome: customer.outcome.as_ref().map(|of| outcome::customer(of)),
    };
    json(StatusCode::OK, &document)
}

/// What became of the wish.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedDocument {
    customer: String,
    /// accepted, or alreadyQueued.
    asked: &'static str,
}

/// `POST /reconcile/{name}`: a program gets a document, a person the page.
pub(super) async fn reconcile(
    State(server): State<Arc<Server>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Response {
    let Ok(customer) = name.parse::<CustomerName>() else { return no_such_customer() };
    let asked = match server.board.request(&customer) {
        Asked::Unknown => return no_such_customer(),
        Asked::Accepted => "accepted",
        Asked::AlreadyQueued => "alreadyQueued",
    };
    tracing::info!(%customer, asked, "somebody wants a customer looked at");
    match caller {
        Caller::Program => {
            json(StatusCode::ACCEPTED, &AskedDocument { customer: customer.to_string(), asked })
        }
        Caller::Person => see_other(&super::page::customer::address(&customer, "?asked")),
    }
}

pub(super) fn find(server: &Server, name: &str) -> Option<Arc<CustomerStatus>> {
    server.board.customer(&name.parse().ok()?)
}

pub(super) fn no_such_customer() -> Response {
    sentence(StatusCode::NOT_FOUND, "the files in force know no customer of that name")
}

fn document(customer: &CustomerStatus) -> CustomerDocument {
    CustomerDocument {
        name: customer.name.to_string(),
        tenant_id: customer.tenant.to_string(),
        state: state(customer.state),
        condition: customer.condition().as_str(),
        running: customer.running.is_some(),
        last_pass: customer.last_pass.map(|PassRecord { began, ended, good, trigger }| PassDocument {
            began,
            ended,
            good,
            trigger: trigger.as_str(),
        }),
        last_good: customer.last_good,
        next_due: customer.next_due,
        failures: customer.failures,
        backing_off_until: customer.backing_off_until,
        pending_invitations: customer.pending_invitations,
        grants: customer.grants.iter().map(grant).collect(),
        overdue: customer.overdue.iter().map(overdue).collect(),
        digest: customer.plan.as_ref().map(|plan| plan.digest.to_string()),
    }
}

fn grant(RunningGrant { name, mapping, person, since, until }: &RunningGrant) -> GrantDocument {
    GrantDocument {
        name: name.to_string(),
        group: mapping.to_string(),
        person: person.to_string(),
        since: *since,
        until: *until,
    }
}

fn overdue(Overdue { operation, kind, since, why }: &Overdue) -> OverdueDocument {
    OverdueDocument { operation: operation.to_string(), kind: kind.as_str(), since: *since, why: why.clone() }
}
