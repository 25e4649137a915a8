//! From settings and files to a client.

use std::fs;

use anyhow::Context;

use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::client::Client;
use crate::client::endpoints::{EndpointError, Endpoints};
use crate::client::token::Credential;
use crate::client::transport;
use crate::clock::Clock;
use crate::desired::state::Partner;
use crate::model::ids::ClientId;

/// A client over the network for this partner.
pub fn connect(settings: Settings, partner: &Partner, clock: Clock) -> Result<Client, Failure> {
    let endpoints = endpoints(&settings, partner).map_err(Failure::usage)?;
    if !endpoints.stay_here() && !settings.allow_client_secret {
        return Err(Failure::misused("AZURE_CLIENT_SECRET would be sent to another machine").hint(
            "whoever holds that secret is the application; if that is what you want, pass --allow-client-secret",
        ));
    }
    let credential = Credential::client_secret(client_id(&settings, partner)?, settings.client_secret);
    let roots = match &settings.ca_file {
        Some(path) => {
            let text = fs::read(path).with_context(|| format!("CA file {}", path.display()));
            Some(text.map_err(Failure::usage)?)
        }
        None => None,
    };
    let transport = transport::over_network(roots.as_deref())
        .context("no connection can be made")
        .map_err(|error| Failure::usage(error).hint("is the package ca-certificates installed?"))?;
    // The seed only jitters waits: nothing that a real run writes depends on it.
    Ok(Client::new(transport, endpoints, credential, clock, fastrand::u64(..)))
}

fn endpoints(settings: &Settings, partner: &Partner) -> Result<Endpoints, EndpointError> {
    let mut endpoints = Endpoints::of(partner.cloud);
    if let Some(url) = &settings.login_url {
        endpoints = endpoints.with_login(url)?;
    }
    if let Some(url) = &settings.graph_url {
        endpoints = endpoints.with_graph(url)?;
    }
    if let Some(url) = &settings.arm_url {
        endpoints = endpoints.with_arm(url)?;
    }
    Ok(endpoints)
}

/// The application, from the settings or the files. If both name one, they must agree: a review saw the one in the files.
fn client_id(settings: &Settings, partner: &Partner) -> Result<ClientId, Failure> {
    match (settings.client_id, partner.client_id) {
        (Some(set), Some(written)) if set != written => {
            let message = format!("AZURE_CLIENT_ID is {set}, and {} says {written}", partner.origin);
            Err(Failure::misused(message).hint("unset one of the two, or make them agree"))
        }
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(Failure::misused("it is not said which application acts")
            .hint("set AZURE_CLIENT_ID, or clientId in partner.yaml")),
    }
}
