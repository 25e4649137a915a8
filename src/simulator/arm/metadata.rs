//! The cloud as it describes itself: where its services are and what its tokens are called.

use serde_json::{Value, json};

use crate::simulator::answer::Answer;
use crate::simulator::call::Call;

/// The versions of the description.
pub(super) const VERSIONS: [&str; 4] = ["2015-01-01", "2019-05-01", "2020-06-01", "2022-09-01"];

/// Not the name of a real cloud: azure-cli would put that one's login address in place of ours.
const NAME: &str = "GroupsyncSimulator";

/// `GET /metadata/endpoints`, which needs no token.
pub(super) fn endpoints(call: &Call) -> Answer {
    let description = match call.option("api-version") {
        Some("2015-01-01") => of_2015(&call.origin),
        Some("2019-05-01" | "2020-06-01") => Value::Array(vec![cloud(&call.origin)]),
        _ => cloud(&call.origin),
    };
    Answer::json(200, description)
}

fn cloud(origin: &str) -> Value {
    json!({
        "name": NAME,
        "portal": "https://portal.azure.com",
        "authentication": authentication(origin),
        "resourceManager": format!("{origin}/arm"),
        "microsoftGraphResourceId": format!("{origin}/graph"),
        "graph": format!("{origin}/graph"),
        "graphAudience": format!("{origin}/graph"),
        "gallery": "https://gallery.azure.com/",
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "vmImageAliasDoc": "",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "appInsightsResourceId": "https://api.applicationinsights.io",
        "appInsightsTelemetryChannelResourceId": "https://dc.applicationinsights.azure.com/v2/track",
        "attestationResourceId": "https://attest.azure.net",
        "logAnalyticsResourceId": "https://api.loganalytics.io",
        "ossrDbmsResourceId": "https://ossrdbms-aad.database.windows.net",
        "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
        // Nothing of this is served here, but programs refuse a cloud without it.
        "suffixes": {
            "acrLoginServer": "azurecr.io",
            "attestationEndpoint": "attest.azure.net",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "keyVaultDns": "vault.azure.net",
            "mariadbServerEndpoint": "mariadb.database.azure.com",
            "mhsmDns": "managedhsm.azure.net",
            "mysqlServerEndpoint": "mysql.database.azure.com",
            "postgresqlServerEndpoint": "postgres.database.azure.com",
            "sqlServerHostname": "database.windows.net",
            "storage": "core.windows.net",
            "storageSyncEndpointSuffix": "afs.azure.net",
            "synapseAnalytics": "dev.azuresynapse.net",
        },
    })
}

fn of_2015(origin: &str) -> Value {
    json!({
        "galleryEndpoint": "https://gallery.azure.com/",
        "graphEndpoint": format!("{origin}/graph"),
        "portalEndpoint": "https://portal.azure.com",
        "authentication": authentication(origin),
    })
}

fn authentication(origin: &str) -> Value {
    json!({
        "loginEndpoint": format!("{origin}/login"),
        "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
        "tenant": "common",
        "identityProvider": "AAD",
    })
}
