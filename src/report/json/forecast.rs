//! What a plan costs, and what it cost, as parts of JSON documents.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::usage::Usage;
use crate::plan::forecast::{Fact, Forecast};
use crate::report::forecast::rounded_up;

/// What carrying the plan out takes. Reading before and after is not counted, nor are tokens and repetitions.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Forecast")]
pub(super) struct ForecastDocument {
    /// Under the services' quotas; answers that take long and replicas that lag come on top.
    seconds: u64,
    graph: ServiceDocument,
    azure: ServiceDocument,
    /// What `Microsoft.Authorization` answers of Azure's requests.
    authorization: ServiceDocument,
    /// Operations for a later run, not counted.
    later: usize,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ServiceForecast")]
struct ServiceDocument {
    /// A `$batch` is one.
    requests: u64,
    /// Resource units, of Graph only.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u64>,
    /// What counts as a write. Three members added to a group together count as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    writes: Option<u64>,
    /// What its quota needs for it.
    seconds: u64,
}

/// What carrying the plan out took.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Fact")]
pub(super) struct FactDocument {
    /// From the first operation to the last.
    seconds: u64,
    graph: SpentDocument,
    azure: SpentDocument,
    /// What `Microsoft.Authorization` answered of Azure's requests.
    authorization: SpentDocument,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ServiceFact")]
struct SpentDocument {
    /// A `$batch` is one; every attempt counts.
    requests: u64,
    /// Resource units by Graph's own count where it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u64>,
    /// What counts as a write.
    #[serde(skip_serializing_if = "Option::is_none")]
    writes: Option<u64>,
}

pub(super) fn forecast_document(forecast: &Forecast) -> ForecastDocument {
    let Forecast { usage, graph, azure, authorization, time, later } = *forecast;
    let service = |spent: SpentDocument, seconds| {
        let SpentDocument { requests, units, writes } = spent;
        ServiceDocument { requests, units, writes, seconds }
    };
    let [of_graph, of_azure, of_authorization] = spent(&usage);
    ForecastDocument {
        seconds: time,
        graph: service(of_graph, graph),
        azure: service(of_azure, azure),
        authorization: service(of_authorization, authorization),
        later,
    }
}

pub(super) fn fact_document(fact: &Fact) -> FactDocument {
    let [graph, azure, authorization] = spent(&fact.usage);
    FactDocument { seconds: rounded_up(fact.time), graph, azure, authorization }
}

fn spent(usage: &Usage) -> [SpentDocument; 3] {
    let Usage { graph, units, writes, azure, azure_writes, authorization } = *usage;
    [
        SpentDocument { requests: graph, units: Some(units), writes: Some(writes) },
        SpentDocument { requests: azure, units: None, writes: Some(azure_writes) },
        SpentDocument { requests: authorization, units: None, writes: None },
    ]
}
