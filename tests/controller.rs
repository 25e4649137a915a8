//! The loop, in virtual time and once as the real binary: when it looks, what it does then, and what it leaves alone.

mod turns;
mod versions;
mod trouble;
mod dying;
mod binary;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use groupsync::client::Client;
use groupsync::controller::Past;
use groupsync::controller::board::Board;
use groupsync::controller::kept::Kept;
use groupsync::controller::status::CustomerStatus;
use groupsync::controller::{self, Settings};
use groupsync::journal::Journal;
use groupsync::simulator::history::{Act, Actor, Change};
use groupsync::simulator::world::{self, User};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::stage::{self, Stage};

const INTERVAL: Duration = Duration::from_mins(10);

const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles:
    Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7
    Owner: {id: 8e3af657-a8ff-443c-a75c-2fe8c4bcb635, tier: privileged}
";

const ADA: &str = "ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201";
const GRACE: &str = "grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202";
const JOAN: &str = "joan@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203";

/// A partner group of these people.
fn readers(people: &[&str]) -> String {
    let mut text = "apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Readers}
spec:
  members:
"
    .to_owned();
    for person in people {
        writeln!(text, "    {person}").unwrap();
    }
    text
}

/// The tenant of the customer with this number.
fn tenant(number: usize) -> Uuid {
    Uuid::parse_str(&format!("22222222-2222-4000-8000-{number:012x}")).unwrap()
}

fn name(number: usize) -> String {
    format!("customer-{number}")
}

fn customer(number: usize) -> String {
    let (name, tenant) = (name(number), tenant(number));
    format!(
        "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {{name: {name}}}
spec:
  tenantId: {tenant}
  state: enforce
  subscriptions: {{prod: 33333333-3333-4000-8000-{number:012x}}}
  groups:
    Readers: {{roles: {{Reader: subscriptions/prod}}}}
    BreakGlass: {{from: none, roles: {{Owner: subscriptions/prod}}}}
"
    )
}

fn grant(person: &str, from: &str, until: &str) -> String {
    format!(
        "apiVersion: groupsync.dev/v1
kind: Grant
metadata: {{name: inc-1}}
spec:
  group: BreakGlass
  person: {{{person}}}
  notBefore: {from}
  expires: {until}
  reason: a test
"
    )
}

/// Ada and Grace at so many customers.
fn fleet(dir: &Path, customers: usize) {
    stage::write(dir, "partner.yaml", stage::PARTNER);
    stage::write(dir, "policy.yaml", POLICY);
    stage::write(dir, "groups/readers.yaml", &readers(&[ADA, GRACE]));
    for number in 0..customers {
        stage::write(dir, &format!("customers/{}/customer.yaml", name(number)), &customer(number));
    }
}

fn stage_of(customers: usize) -> Stage {
    Stage::new(|dir| fleet(dir, customers), 1, |_| {})
}

/// Runs the loop while `story` goes on, as one process that is asked to end when the story does.
async fn play(stage: &Stage, story: impl AsyncFnOnce(&Board)) {
    play_with(stage, stage.client(), no_past(), story).await;
}

/// Nothing outlives the process.
fn no_past() -> Past {
    Past { journal: Journal::none(), kept: Kept::nowhere() }
}

/// A journal in that folder, as a process that starts now finds it.
fn past(dir: &Path, stage: &Stage) -> Past {
    let path = dir.join("journal.sqlite");
    let journal = Journal::open(&format!("sqlite:{}", path.display()), stage.clock).unwrap();
    Past { journal, kept: Kept::beside(&path) }
}

/// The same with a client of the caller's and what processes before left behind.
async fn play_with(stage: &Stage, client: Client, past: Past, story: impl AsyncFnOnce(&Board)) {
    let board = Board::new(stage.clock.now(), INTERVAL);
    let settings = Settings {
        dir: stage.dir.path().to_owned(),
        interval: INTERVAL,
        grace: Duration::from_secs(20),
        seed: 7,
    };
    let (end, ended) = oneshot::channel::<()>();
    let ending = async {
        ended.await.unwrap();
    };
    let connect = |_: &_| Ok::<_, Infallible>(client);
    let run = controller::run(&settings, &board, stage.clock, past, connect, ending);
    let story = async {
        story(&board).await;
        end.send(()).unwrap();
    };
    let (run, ()) = tokio::join!(run, story);
    run.unwrap();
}

fn status(board: &Board, number: usize) -> Arc<CustomerStatus> {
    board.customer(&name(number).parse().unwrap()).expect("it is on the board")
}

fn all_good(board: &Board) -> bool {
    board.customers().iter().all(|status| status.last_pass.is_some_and(|pass| pass.good))
}

fn tenant_of(stage: &Stage, number: usize) -> world::Customer {
    let world = stage.simulator.world();
    world.customers.into_iter().find(|customer| customer.tenant_id == tenant(number)).unwrap()
}

/// The addresses of who stands in a customer group.
fn members(stage: &Stage, number: usize, key: &str) -> Vec<String> {
    let tenant = tenant_of(stage, number);
    let unique = format!("groupsync-0f1e2d3c-g-{key}");
    let group = tenant.groups.iter().find(|group| group.unique_name.as_deref() == Some(unique.as_str()));
    let ids = group.map(|group| group.members.clone()).unwrap_or_default();
    let address = |id: &Uuid| tenant.users.iter().find(|user| user.id == *id)?.mail.clone();
    let mut found: Vec<String> = ids.iter().filter_map(address).collect();
    found.sort();
    found
}

/// What the program wrote.
fn written(stage: &Stage) -> Vec<Change> {
    stage.simulator.history().into_iter().filter(|change| change.actor == Actor::Application).collect()
}

/// A person's line in a list.
fn somebody(n: usize) -> String {
    format!("p{n:02}@fabrikam.example: 0f1e2d3c-1111-4000-8000-0000000010{n:02x}")
}

fn removals(stage: &Stage) -> Vec<Change> {
    let mut written = written(stage);
    written.retain(|change| matches!(change.act, Act::MemberRemoved { .. }));
    written
}

/// Changes somebody in the partner's tenant.
fn edit_partner(stage: &Stage, address: &str, change: impl FnOnce(&mut User)) {
    stage.simulator.edit(|world| {
        let user = world.partner.users.iter_mut().find(|user| user.mail.as_deref() == Some(address)).unwrap();
        change(user);
    });
}

async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

async fn seconds(seconds: u64) {
    pass(Duration::from_secs(seconds)).await;
}
