//! Collecting from the simulator: what is read, what it costs, and that a failure is a gap and never an empty set.

mod costs;
mod gaps;
mod facts;
mod watch;

use std::fs;

use groupsync::collect::cache::Cache;
use groupsync::desired;
use groupsync::desired::state::DesiredState;
use groupsync::model::names::CustomerName;
use groupsync::model::ownership::Mark;
use groupsync::observed::customer::Customer;
use groupsync::simulator::Simulator;
use groupsync::simulator::world::{Group, User, World};

use crate::client::*;

/// The ledger, an adopted group and a source in the partner's tenant.
const LEDGER: u128 = 0xd0;
const ADOPTED: u128 = 0xd7;
const SOURCE: u128 = 0x101;

const PARTNER: &str = r"
apiVersion: groupsync.dev/v1
kind: Partner
metadata: {name: fabrikam}
spec:
  tenantId: 0f1e2d3c-0000-4000-8000-0000000000aa
  staffDomains: [fabrikam.example]
  adminAgents: 0f1e2d3c-0000-4000-8000-0000000000a1
  helpdeskAgents: 0f1e2d3c-0000-4000-8000-0000000000a2
";

const POLICY: &str = "
apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}
";

const GROUPS: &str = "
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Listed}
spec:
  members: {ada@fabrikam.example: 0f1e2d3c-0000-4000-8000-000000000201}
---
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Live}
spec:
  entraGroup: 0f1e2d3c-0000-4000-8000-000000000101
";

const CONTOSO: &str = "
apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 0f1e2d3c-0000-4000-8000-0000000000c0
  verifyDomain: contoso.example
  state: enforce
  subscriptions: {prod: 0f1e2d3c-0000-4000-8000-0000000000b1}
  groups:
    Listed: {roles: {Reader: subscriptions/prod}}
";

const ADOPTING: &str = "    Live: {adopt: 0f1e2d3c-0000-4000-8000-0000000000d7}\n";

/// The desired state of the fixture, after `change` to its texts: partner, groups, customer.
fn desired_with(change: impl FnOnce(&mut String, &mut String, &mut String)) -> DesiredState {
    let (mut partner, mut groups, mut contoso) = (PARTNER.to_owned(), GROUPS.to_owned(), CONTOSO.to_owned());
    change(&mut partner, &mut groups, &mut contoso);
    let dir = tempfile::tempdir().unwrap();
    let files = [
        ("partner.yaml", partner.as_str()),
        ("policy.yaml", POLICY),
        ("groups/all.yaml", &groups),
        ("customers/contoso/customer.yaml", &contoso),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.trim_start()).unwrap();
    }
    let read = desired::read(dir.path());
    read.state.unwrap_or_else(|| panic!("{:#?}", read.diagnostics))
}

fn desired() -> DesiredState {
    desired_with(|_, _, _| {})
}

/// The client's world with a ledger and the source of the files.
fn prepared() -> World {
    let mut world = world();
    world.partner.groups.push(Group::security(id(SOURCE), "Live", [id(GRACE)]));
    world.customers[0].groups.push(ours(LEDGER, "ledger", []));
    world
}

fn prepared_with(change: impl FnOnce(&mut World)) -> World {
    let mut world = prepared();
    change(&mut world);
    world
}

/// Reads the customer once with a cache of its own.
async fn collect_contoso(simulator: &Simulator, desired: &DesiredState) -> Customer {
    let client = client(simulator);
    groupsync::collect::customer(&client, desired, contoso_of(desired), &Cache::new()).await
}

fn contoso_of(desired: &DesiredState) -> &desired::state::Customer {
    &desired.customers[&"contoso".parse::<CustomerName>().unwrap()]
}

#[test]
fn the_fixture_speaks_of_one_partner() {
    assert_eq!(Mark::of(partner()).ledger(), "groupsync-0f1e2d3c-ledger");
    assert_eq!(User::member(id(ADA), "x").id.to_string(), "0f1e2d3c-0000-4000-8000-000000000201");
}
