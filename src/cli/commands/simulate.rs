//! `groupsync simulate`: the simulator over HTTP, plain or with TLS.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, anyhow};
use futures_util::FutureExt;
use serde::Serialize;

use crate::bounded;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::world::world as derive;
use crate::cli::{example, files};
use crate::clock::Clock;
use crate::simulator::world::World;
use crate::simulator::{Certificates, Simulator, serve, serve_tls};

/// The largest world that is read. The simulator holds a world in memory several times over.
const LARGEST: u64 = 256 << 20;

/// What a program needs to connect: printed as one line once the simulator answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    login: String,
    graph: String,
    arm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<&'a Path>,
    client_id: String,
    client_secret: &'a str,
    partner_tenant_id: String,
    customers: Vec<Customer<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer<'a> {
    name: &'a str,
    tenant_id: String,
    subscriptions: Vec<Subscription<'a>>,
}

#[derive(Serialize)]
struct Subscription<'a> {
    alias: &'a str,
    id: String,
}

/// The world of a file, or that of desired-state files as they are before the first pass; without either, the example's.
pub fn world(file: Option<&Path>, from: Option<&Path>, printer: &mut Printer) -> Result<World, Failure> {
    let now = Clock::system().now();
    match (file, from) {
        (Some(file), _) => read_world(file),
        (None, Some(dir)) => Ok(derive(&files::read(dir, printer)?, now)),
        (None, None) => Ok(derive(&example::read(printer)?, now)),
    }
}

fn read_world(path: &Path) -> Result<World, Failure> {
    let named = || format!("world {}", path.display());
    let text = bounded::read_text(path, LARGEST).with_context(named).map_err(Failure::usage)?;
    World::from_json(&text).map_err(|error| {
        Failure::usage(anyhow!(error).context(named())).hint("`groupsync schema world` describes the format")
    })
}

/// Serves until interrupted, over TLS if there is a directory for its certificates.
pub async fn run(
    world: World,
    listen: SocketAddr,
    tls_dir: Option<&Path>,
    seed: u64,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let simulator = Simulator::new(world.clone(), seed);
    let certificates = tls_dir.map(create_certificates).transpose()?;
    let cannot = || format!("cannot listen on {listen}");
    let (bound, serving) = if let Some(certificates) = &certificates {
        let (bound, serving) = serve_tls(&simulator, listen, certificates).await.with_context(cannot)?;
        (bound, serving.boxed())
    } else {
        let (bound, serving) = serve(&simulator, listen).await.with_context(cannot)?;
        (bound, serving.boxed())
    };
    let ready = ready(&world, bound, certificates.as_ref().map(Certificates::ca_file));
    printer.data(&(serde_json::to_string(&ready)? + "\n"))?;
    if printer.is_watched() {
        printer.note(&invitation(&ready));
    }
    tokio::select! {
        served = serving => served?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(Exit::Done)
}

fn create_certificates(dir: &Path) -> Result<Certificates, Failure> {
    let named = || format!("cannot write certificates to {}", dir.display());
    if dir.exists() && !dir.is_dir() {
        let error = anyhow!("it is not a directory").context(named());
        return Err(Failure::usage(error).hint("--tls-dir names a directory; it is made where there is none"));
    }
    Ok(Certificates::create(dir, Clock::system().now()).with_context(named)?)
}

fn ready<'a>(world: &'a World, bound: SocketAddr, ca_file: Option<&'a Path>) -> Ready<'a> {
    let scheme = if ca_file.is_some() { "https" } else { "http" };
    let customers = world.customers.iter().map(|customer| Customer {
        name: &customer.name,
        tenant_id: customer.tenant_id.to_string(),
        subscriptions: customer
            .subscriptions
            .iter()
            .map(|subscription| Subscription { alias: &subscription.alias, id: subscription.id.to_string() })
            .collect(),
    });
    Ready {
        login: format!("{scheme}://{bound}/login"),
        graph: format!("{scheme}://{bound}/graph"),
        arm: format!("{scheme}://{bound}/arm"),
        ca_file,
        client_id: world.client.id.to_string(),
        client_secret: &world.client.secret,
        partner_tenant_id: world.partner.tenant_id.to_string(),
        customers: customers.collect(),
    }
}

/// What a person at a terminal types next, in another one. The secret opens nothing but this simulator.
fn invitation(ready: &Ready<'_>) -> String {
    let Ready { login, graph, arm, client_id, client_secret, .. } = ready;
    let ca_file = ready
        .ca_file
        .map_or_else(String::new, |ca_file| format!("  export GROUPSYNC_CA_FILE={}\n", ca_file.display()));
    format!(
        "\nListening. In another terminal:\n\n  \
         export GROUPSYNC_LOGIN_URL={login}\n  \
         export GROUPSYNC_GRAPH_URL={graph}\n  \
         export GROUPSYNC_ARM_URL={arm}\n{ca_file}  \
         export AZURE_CLIENT_ID={client_id}\n  \
         export AZURE_CLIENT_SECRET={client_secret}\n  \
         groupsync plan\n\n\
         Ctrl-C ends it."
    )
}
