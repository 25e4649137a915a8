//! From settings and files to a client.

use std::path::Path;

use anyhow::{Context, anyhow};

use crate::bounded::{self, SMALL};
use crate::cli::failure::Failure;
use crate::cli::settings::{AppProof, Proof, Settings};
use crate::client::Client;
use crate::client::endpoints::{EndpointError, Endpoints, cloud_of_login};
use crate::client::error::Kind;
use crate::client::token::Credential;
use crate::client::token::file::{Flaw, Unusable};
use crate::client::token::managed::ManagedIdentity;
use crate::client::transport::{self, Transport};
use crate::clock::Clock;
use crate::desired::state::Partner;
use crate::journal::{self, Journal, UrlError};
use crate::model::cloud::Cloud;
use crate::model::ids::ClientId;

/// What a command that looks into tenants works with.
#[derive(Debug, Clone)]
pub struct Means {
    /// The way to the services.
    pub client: Client,
    /// Where earlier passes wrote things down, and this one does.
    pub journal: Journal,
}

/// Means for a command that only looks: a journal that is named must be there.
pub async fn reading(settings: Settings, partner: &Partner, clock: Clock) -> Result<Means, Failure> {
    let journal = match &settings.journal {
        None => Journal::none(),
        Some(url) => {
            let path = journal::path_of(url).map_err(misnamed)?;
            if !path.exists() {
                return Err(Failure::misused(format!("there is no journal {}", path.display())));
            }
            Journal::reading(url, clock).map_err(misnamed)?
        }
    };
    Ok(Means { client: connect(settings, partner, clock).await?, journal })
}

/// Means for a command that writes: a journal that is named is begun if there is none.
pub async fn writing(settings: Settings, partner: &Partner, clock: Clock) -> Result<Means, Failure> {
    let journal = match &settings.journal {
        None => Journal::none(),
        Some(url) => Journal::open(url, clock).map_err(misnamed)?,
    };
    Ok(Means { client: connect(settings, partner, clock).await?, journal })
}

/// What is wrong with the name of a journal, and how it is named.
pub fn misnamed(error: UrlError) -> Failure {
    Failure::usage(error).hint("a journal is named sqlite:PATH")
}

/// A client over the network for this partner, signed in at the partner's own tenant.
pub async fn connect(settings: Settings, partner: &Partner, clock: Clock) -> Result<Client, Failure> {
    let client = client(settings, partner, clock)?;
    sign_in(&client, partner).await?;
    Ok(client)
}

/// A client over the network for this partner, without a word to any service yet.
pub fn client(settings: Settings, partner: &Partner, clock: Clock) -> Result<Client, Failure> {
    agree(&settings, partner)?;
    let endpoints = endpoints(&settings, partner).map_err(Failure::usage)?;
    let secret = matches!(settings.proof, Proof::Secret(_)).then_some("AZURE_CLIENT_SECRET");
    let in_a_file = |proof: &AppProof| matches!(proof, AppProof::SecretFile(_));
    let secret =
        secret.or_else(|| settings.apps.values().any(in_a_file).then_some("an application's secretFile"));
    if let Some(secret) = secret
        && !endpoints.stay_here()
        && !settings.allow_client_secret
    {
        return Err(Failure::misused(format!("{secret} would be sent to another machine")).hint(
            "whoever holds that secret is the application; if that is what you want, pass --allow-client-secret",
        ));
    }
    let transport = reach(&settings, &endpoints)?;
    let credential = credential(settings, partner)?;
    // The seed only jitters waits: nothing that a real run writes depends on it.
    Ok(Client::new(transport, endpoints, credential, clock, fastrand::u64(..)))
}

/// A credential that is refused at the partner's tenant is refused everywhere: one sentence says so, instead of one for each
/// customer. Any other failure is for the pass to meet.
async fn sign_in(client: &Client, partner: &Partner) -> Result<(), Failure> {
    match client.identity(partner.tenant).await {
        Err(error) if error.kind() == Kind::CredentialRefused => {
            let app = client.client_id();
            Err(Failure::from(anyhow!(error).context(format!("application {app} cannot sign in anywhere"))))
        }
        _ => Ok(()),
    }
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

/// What the environment and the files both say must be the same: a review saw what is in the files.
fn agree(settings: &Settings, partner: &Partner) -> Result<(), Failure> {
    if let Some(set) = settings.tenant.filter(|&set| set != partner.tenant) {
        let message = format!("AZURE_TENANT_ID is {set}, and {} says {}", partner.origin, partner.tenant);
        return Err(Failure::misused(message).hint("unset it, or make them agree"));
    }
    let Some(url) = &settings.login_url else { return Ok(()) };
    let government = |cloud: Cloud| matches!(cloud, Cloud::UsGov | Cloud::UsGovDod);
    let same = |cloud: Cloud| cloud == partner.cloud || (government(cloud) && government(partner.cloud));
    match cloud_of_login(url) {
        Some(cloud) if !same(cloud) => {
            let message = format!("the login service {url} is not that of the partner's cloud");
            Err(Failure::misused(message)
                .hint("AZURE_AUTHORITY_HOST, GROUPSYNC_LOGIN_URL or `cloud` in partner.yaml"))
        }
        _ => Ok(()),
    }
}

fn reach(settings: &Settings, endpoints: &Endpoints) -> Result<Transport, Failure> {
    match outside(settings.ca_file.as_deref()) {
        // Without authorities to trust there is still this machine.
        Err(_) if settings.ca_file.is_none() && endpoints.stay_here() => {
            Ok(transport::on_this_machine().context("no connection can be made")?)
        }
        reached => reached,
    }
}

/// The way to any service, with these certificate authorities besides the machine's own.
pub fn outside(ca_file: Option<&Path>) -> Result<Transport, Failure> {
    let Some(path) = ca_file else {
        return transport::over_network(None).map_err(|error| {
            Failure::usage(anyhow!(error).context("no connection can be made"))
                .hint("install the package ca-certificates, or name a bundle with GROUPSYNC_CA_FILE")
        });
    };
    let named = || format!("CA file {}", path.display());
    let roots = bounded::read(path, SMALL).with_context(named).map_err(Failure::usage)?;
    transport::over_network(Some(&roots)).with_context(named).map_err(|error| {
        Failure::usage(error)
            .hint("it holds certificate authorities in PEM form: -----BEGIN CERTIFICATE-----")
    })
}

fn credential(settings: Settings, partner: &Partner) -> Result<Credential, Failure> {
    let client = client_id(&settings, partner)?;
    let own = match settings.proof {
        Proof::Secret(secret) => Ok(Credential::client_secret(client, secret)),
        Proof::Certificate(path) => Credential::certificate(client, &path),
        Proof::Federated(path) => Credential::federated(client, &path),
        Proof::Managed(identity, endpoint) => {
            let identity = ManagedIdentity::new(identity, partner.tenant, endpoint);
            Ok(Credential::managed_identity(client, identity))
        }
    };
    let mut credential = own.map_err(unusable)?;
    for (&app, proof) in &settings.apps {
        let other = match proof {
            AppProof::SecretFile(path) => Credential::secret_file(app, path),
            AppProof::CertificateFile(path) => Credential::certificate(app, path),
            AppProof::FederatedTokenFile(path) => Credential::federated(app, path),
        };
        credential = credential.with(other.map_err(unusable)?);
    }
    Ok(credential)
}

fn unusable(error: Unusable) -> Failure {
    let hint = match error.flaw {
        Flaw::NoCertificate | Flaw::NoKey | Flaw::EncryptedKey | Flaw::BadCertificate(_) => Some(
            "a certificate and its key go into one PEM file, the key unencrypted: openssl pkcs12 -in FILE.pfx -nodes \
             -out FILE.pem",
        ),
        _ => None,
    };
    let failure = Failure::usage(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
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
