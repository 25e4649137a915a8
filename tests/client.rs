//! The client against the simulator: what it sends, what it makes of the answers, what it never does.

mod reads;
mod writes;
mod failures;
mod halts;
mod budgets;
pub(crate) mod canned;
mod classifier;
mod strange;
mod credentials;
mod azure;

use std::collections::BTreeSet;

use groupsync::cli::embedded;
use groupsync::client::Client;
use groupsync::client::arm::Arm;
use groupsync::client::endpoints::Endpoints;
use groupsync::client::graph::Graph;
use groupsync::client::limiter::Priority;
use groupsync::client::token::Credential;
use groupsync::client::transport::Transport;
use groupsync::clock::Clock;
use groupsync::model::cloud::Cloud;
use groupsync::model::ids::{ClientId, ObjectId, SubscriptionId, TenantId};
use groupsync::simulator::Simulator;
use groupsync::simulator::requests::{RequestRecord, Service};
use groupsync::simulator::world::{Customer, Group, Partner, Subscription, User, World};
use secrecy::SecretString;
use uuid::Uuid;

/// An id of the fixture: readable, and never nil.
pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0f1e_2d3c_0000_4000_8000_0000_0000_0000 + n)
}

pub(crate) fn object(n: u128) -> ObjectId {
    ObjectId::new(id(n))
}

pub(crate) fn partner() -> TenantId {
    TenantId::new(id(0xaa))
}

pub(crate) fn contoso() -> TenantId {
    TenantId::new(id(0xc0))
}

pub(crate) fn prod() -> SubscriptionId {
    SubscriptionId::new(id(0xb1))
}

/// The group every test may fill; its name carries the partner's mark.
pub(crate) const READERS: u128 = 0xd1;
pub(crate) const ADA: u128 = 0x201;
pub(crate) const GRACE: u128 = 0x202;

/// A partner with two people and a customer with one group of ours and one subscription.
pub(crate) fn world() -> World {
    let mail = |name: &str| format!("{name}@fabrikam.example");
    World {
        partner: Partner {
            tenant_id: partner().uuid(),
            domain: "fabrikam.example".into(),
            users: vec![User::member(id(ADA), &mail("ada")), User::member(id(GRACE), &mail("grace"))],
            groups: vec![
                Group::security(id(0xa1), "AdminAgents", []),
                Group::security(id(0xa2), "HelpdeskAgents", []),
            ],
            ..Partner::default()
        },
        customers: vec![Customer {
            name: "contoso".into(),
            tenant_id: contoso().uuid(),
            domain: "contoso.example".into(),
            groups: vec![ours(READERS, "g-contoso-readers", [])],
            subscriptions: vec![Subscription {
                alias: "prod".into(),
                id: prod().uuid(),
                ..Subscription::default()
            }],
            ..Customer::default()
        }],
        ..World::default()
    }
}

/// A group with the partner's mark.
pub(crate) fn ours(n: u128, name: &str, members: impl IntoIterator<Item = Uuid>) -> Group {
    let unique_name = format!("groupsync-0f1e2d3c-{name}");
    Group {
        mail_nickname: Some(unique_name.clone()),
        unique_name: Some(unique_name),
        ..Group::security(id(n), name, members)
    }
}

/// A customer's world after a change to it.
pub(crate) fn world_with(change: impl FnOnce(&mut Customer)) -> World {
    let mut world = world();
    change(&mut world.customers[0]);
    world
}

pub(crate) fn simulator(world: World) -> Simulator {
    Simulator::new(world, 7)
}

pub(crate) fn client(simulator: &Simulator) -> Client {
    let secret = simulator.world().client.secret;
    client_with(simulator, &secret)
}

pub(crate) fn client_with(simulator: &Simulator, secret: &str) -> Client {
    connect(simulator, embedded::transport(simulator.router()), embedded::BASE, secret)
}

pub(crate) fn client_over(simulator: &Simulator, transport: Transport, base: &str) -> Client {
    connect(simulator, transport, base, &simulator.world().client.secret)
}

/// A client that proves who it is in that way.
pub(crate) fn client_proving(simulator: &Simulator, credential: Credential) -> Client {
    let clock = Clock::starting_at(simulator.now());
    Client::new(embedded::transport(simulator.router()), endpoints(embedded::BASE), credential, clock, 1)
}

fn connect(simulator: &Simulator, transport: Transport, base: &str, secret: &str) -> Client {
    let client_id = ClientId::new(simulator.world().client.id);
    let credential = Credential::client_secret(client_id, SecretString::from(secret.to_owned()));
    Client::new(transport, endpoints(base), credential, Clock::starting_at(simulator.now()), 1)
}

fn endpoints(base: &str) -> Endpoints {
    endpoints_of(Cloud::Global, base)
}

fn endpoints_of(cloud: Cloud, base: &str) -> Endpoints {
    let base = |service: &str| format!("{base}/{service}");
    Endpoints::of(cloud)
        .with_login(&base("login"))
        .and_then(|e| e.with_graph(&base("graph")))
        .and_then(|e| e.with_arm(&base("arm")))
        .unwrap()
}

pub(crate) fn graph(client: &Client) -> Graph<'_> {
    client.graph(contoso(), Priority::Change)
}

pub(crate) fn arm(client: &Client) -> Arm<'_> {
    client.arm(contoso(), Priority::Change)
}

/// The requests of a service that were more than an item of a batch, as `METHOD route`.
pub(crate) fn sent(simulator: &Simulator, service: Service) -> Vec<String> {
    let own = |r: &RequestRecord| r.service == service && !r.batch_item;
    simulator.requests().iter().filter(|r| own(r)).map(|r| format!("{} {}", r.method, r.route)).collect()
}

/// The members that a group of the customer truly has.
pub(crate) fn members(simulator: &Simulator, group: u128) -> BTreeSet<Uuid> {
    let world = simulator.world();
    world.customers[0]
        .groups
        .iter()
        .find(|g| g.id == id(group))
        .map(|g| g.members.clone())
        .unwrap_or_default()
}

/// Guests of the fixture, one per number.
pub(crate) fn guests(numbers: std::ops::Range<u128>) -> Vec<User> {
    numbers.map(|n| User::guest(id(n), &format!("p{n}@fabrikam.example"))).collect()
}
