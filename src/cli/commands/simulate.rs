//! `groupsync simulate`: the simulator over plain HTTP.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, anyhow};
use serde::Serialize;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::world::world as derive;
use crate::cli::{example, files};
use crate::clock::Clock;
use crate::simulator::world::World;
use crate::simulator::{Simulator, serve};

/// What a program needs to connect: printed as one line once the simulator answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    login: String,
    graph: String,
    arm: String,
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
    let text = fs::read_to_string(path).with_context(named).map_err(Failure::usage)?;
    World::from_json(&text).map_err(|error| {
        Failure::usage(anyhow!(error).context(named())).hint("`groupsync schema world` describes the format")
    })
}

/// Serves until interrupted.
pub async fn run(
    world: World,
    listen: SocketAddr,
    seed: u64,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let simulator = Simulator::new(world.clone(), seed);
    let (bound, serving) =
        serve(&simulator, listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    printer.data(&(serde_json::to_string(&ready(&world, bound))? + "\n"))?;
    if printer.is_watched() {
        printer.note(&invitation(&world, bound));
    }
    tokio::select! {
        served = serving => served?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(Exit::Done)
}

fn ready(world: &World, bound: SocketAddr) -> Ready<'_> {
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
        login: format!("http://{bound}/login"),
        graph: format!("http://{bound}/graph"),
        arm: format!("http://{bound}/arm"),
        client_id: world.client.id.to_string(),
        client_secret: &world.client.secret,
        partner_tenant_id: world.partner.tenant_id.to_string(),
        customers: customers.collect(),
    }
}

/// What a person at a terminal types next, in another one. The secret opens nothing but this simulator.
fn invitation(world: &World, bound: SocketAddr) -> String {
    format!(
        "\nListening. In another terminal:\n\n  \
         export GROUPSYNC_LOGIN_URL=http://{bound}/login\n  \
         export GROUPSYNC_GRAPH_URL=http://{bound}/graph\n  \
         export GROUPSYNC_ARM_URL=http://{bound}/arm\n  \
         export AZURE_CLIENT_ID={}\n  \
         export AZURE_CLIENT_SECRET={}\n  \
         groupsync plan\n\n\
         Ctrl-C ends it.",
        world.client.id, world.client.secret
    )
}
