//! The record of requests, from which tests and people count what a pass costs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// More records than this would be a memory leak in a simulator that runs for days; the counts go on.
const KEPT: usize = 2_000_000;

/// The services of the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// Tokens and discovery.
    Login,
    /// Microsoft Graph.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

/// One answered request, or one item of a `$batch`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// When it was answered, on the simulator's clock.
    pub at: Timestamp,
    /// Who answered.
    pub service: Service,
    /// The method, in capitals.
    pub method: String,
    /// The route's template, such as `/groups/{id}/members`.
    pub route: String,
    /// The name of the customer it was about, or `partner`.
    pub customer: Option<String>,
    /// The answer's status.
    pub status: u16,
    /// Whether it was an item inside a `$batch`, whose own request is recorded apart.
    pub batch_item: bool,
}

/// How often one kind of request was answered with one status.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tally {
    service: Service,
    method: String,
    route: String,
    status: u16,
    #[serde(skip)]
    pub(super) batch_item: bool,
    pub(super) count: u64,
}

type Kind = (bool, Service, String, String, u16);

/// The records and their counts.
#[derive(Debug, Default)]
pub(super) struct Requests {
    records: Vec<RequestRecord>,
    counts: BTreeMap<Kind, u64>,
}

impl Requests {
    pub(super) fn add(&mut self, record: RequestRecord) {
        let kind =
            (record.batch_item, record.service, record.route.clone(), record.method.clone(), record.status);
        *self.counts.entry(kind).or_default() += 1;
        if self.records.len() < KEPT {
            self.records.push(record);
        }
    }

    pub(super) fn records(&self) -> Vec<RequestRecord> {
        self.records.clone()
    }

    pub(super) fn counts(&self) -> Vec<Tally> {
        let count = |(kind, &count): (&Kind, &u64)| {
            let (batch_item, service, route, method, status) = kind.clone();
            Tally { service, method, route, status, batch_item, count }
        };
        self.counts.iter().map(count).collect()
    }
}
