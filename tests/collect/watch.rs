//! Watching the partner: feeds say where to look, what is read directly decides, and what it costs.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use groupsync::client::Client;
use groupsync::client::transport::Transport;
use groupsync::collect::cache::Cache;
use groupsync::collect::watch::{Changes, Watch};
use groupsync::collect::{self};
use groupsync::desired::state::DesiredState;
use groupsync::model::ids::{ObjectId, PersonId};
use groupsync::model::person::Standing;
use groupsync::observed::unread::UnreadCode;
use groupsync::plan::memory::Memory;
use groupsync::plan::operation::Operation;
use groupsync::plan::value::Plan;
use groupsync::reconcile::{self, Pass, Selection};
use groupsync::simulator::Simulator;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{Group, Lag, Partner, User};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;
use uuid::Uuid;

use crate::stage::{self, Stage};

const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}
";

const GROUPS: &str = "apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Listed}
spec:
  members:
    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
---
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Live}
spec:
  entraGroup: 0f1e2d3c-1111-4000-8000-000000000101
---
apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Other}
spec:
  entraGroup: 0f1e2d3c-1111-4000-8000-000000000102
";

const CUSTOMER: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: NAME}
spec:
  tenantId: TENANT
  state: enforce
  groups:
";

const ADA: u128 = 0x201;
const GRACE: u128 = 0x202;
const LIVE: u128 = 0x101;
const OTHER: u128 = 0x102;
const INNER: u128 = 0x103;
const ADMIN_AGENTS: u128 = 0xa1;
const DELEGATED: u128 = 0xa3;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0f1e_2d3c_1111_4000_8000_0000_0000_0000 + n)
}

fn person(n: u128) -> PersonId {
    PersonId::new(id(n))
}

fn files(dir: &Path) {
    let partner = format!("{}  gdap: [0f1e2d3c-1111-4000-8000-0000000000a3]\n", stage::PARTNER);
    stage::write(dir, "partner.yaml", &partner);
    stage::write(dir, "policy.yaml", POLICY);
    stage::write(dir, "groups/all.yaml", GROUPS);
    for (name, tenant, groups) in [
        ("contoso", "22222222-2222-4000-8000-000000000001", "    Listed: {}\n    Live: {}\n"),
        ("northwind", "33333333-3333-4000-8000-000000000001", "    Other: {}\n"),
    ] {
        let text = CUSTOMER.replace("NAME", name).replace("TENANT", tenant) + groups;
        stage::write(dir, &format!("customers/{name}/customer.yaml"), &text);
    }
}

/// A watch at work, with everything a controller would hold.
struct Tower {
    stage: Stage,
    client: Client,
    desired: DesiredState,
    cache: Cache,
    watch: Watch,
}

impl Tower {
    /// On a stage whose customers are as the files say, everything read for the first time and long settled.
    async fn settled() -> Self {
        let mut tower = Self::on(Stage::new(files, 1, |_| {}));
        tower.stage.apply().await;
        tower.round().await;
        tower.quieten().await;
        tower
    }

    fn on(stage: Stage) -> Self {
        let (client, desired) = (stage.client(), stage.desired());
        Self { stage, client, desired, cache: Cache::new(), watch: Watch::new() }
    }

    async fn poll(&mut self) -> Changes {
        self.watch.poll(&self.client, &self.desired, &self.cache).await
    }

    /// Polls, reads what is named, and says which customers are concerned.
    async fn round(&mut self) -> (Changes, Vec<String>) {
        let changes = self.poll().await;
        let read = self.watch.read(&self.client, &self.desired, &self.cache, &changes).await;
        (changes, read.iter().map(ToString::to_string).collect())
    }

    /// Lets the time pass in which things that changed are read once more.
    async fn quieten(&mut self) {
        for _ in 0..2 {
            tokio::time::advance(Duration::from_mins(16)).await;
            self.round().await;
        }
        self.stage.simulator.clear_requests();
    }

    /// The groups with delegated roles are read when a plan needs them, here for Joan, and followed from then on.
    async fn wants_joan(&mut self) {
        let text = GROUPS.replace("000000000202", "000000000203").replace("grace@", "joan@");
        self.stage.write("groups/all.yaml", &text);
        self.edit(|partner| partner.users.push(User::member(id(0x203), "joan@fabrikam.example")));
        self.desired = self.stage.desired();
        self.round().await;
        self.plan().await;
        self.quieten().await;
    }

    fn edit(&self, change: impl FnOnce(&mut Partner)) {
        self.stage.simulator.edit(|world| change(&mut world.partner));
    }

    /// What was sent since this was last asked, `METHOD route`, without the items of batches.
    fn sent(&self) -> Vec<String> {
        let records = self.stage.simulator.requests();
        self.stage.simulator.clear_requests();
        let own = records.iter().filter(|record| !record.batch_item && !record.route.contains("oauth2"));
        own.map(|record| format!("{} {}", record.method, record.route)).collect()
    }

    async fn plan(&self) -> Plan {
        let memory = Memory::default();
        let pass = Pass { client: &self.client, desired: &self.desired, memory: &memory, progress: &|_| {} };
        let partner = self.watch.partner().expect("the partner was read");
        reconcile::plan_for(&pass, &Selection::All, partner, &self.cache, self.stage.clock.now()).await
    }

    /// What a whole read would give now.
    async fn whole(&self) -> groupsync::observed::partner::Partner {
        collect::partner(&self.client, &self.desired).await
    }

    async fn assert_as_a_whole_read(&self) {
        assert_eq!(self.watch.partner(), Some(&self.whole().await));
    }
}

fn user(partner: &mut Partner, n: u128) -> &mut User {
    partner.users.iter_mut().find(|user| user.id == id(n)).unwrap()
}

fn group(partner: &mut Partner, n: u128) -> &mut Group {
    partner.groups.iter_mut().find(|group| group.id == id(n)).unwrap()
}

fn join(partner: &mut Partner, into: u128, who: u128) {
    group(partner, into).members.insert(id(who));
}

const PEOPLE_FEED: &str = "GET /users/delta";
const GROUPS_FEED: &str = "GET /groups/delta";

#[tokio::test(start_paused = true)]
async fn a_quiet_poll_costs_one_request_for_the_people_and_one_for_fifty_groups() {
    let mut tower = Tower::settled().await;
    let (changes, concerned) = tower.round().await;
    assert_eq!(changes, Changes::default());
    assert!(concerned.is_empty());
    assert_eq!(tower.sent(), [PEOPLE_FEED, GROUPS_FEED]);
}

#[tokio::test(start_paused = true)]
async fn a_leaver_costs_the_poll_and_one_look_at_her_and_concerns_only_her_customers() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| user(partner, ADA).account_enabled = false);
    let (changes, concerned) = tower.round().await;
    assert_eq!(changes.people, BTreeSet::from([person(ADA)]));
    assert_eq!(concerned, ["contoso"]);
    assert_eq!(tower.sent(), [PEOPLE_FEED, GROUPS_FEED, "GET /users/{id}"]);
    assert_eq!(removals(&tower.plan().await), 1);
    tower.assert_as_a_whole_read().await;
}

#[tokio::test(start_paused = true)]
async fn somebody_deleted_is_looked_for_among_the_deleted_and_her_groups_are_read_again() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| {
        let member = *group(partner, LIVE).members.first().unwrap();
        partner.users.retain(|user| user.id != member && user.id != id(GRACE));
    });
    let (_, concerned) = tower.round().await;
    assert_eq!(concerned, ["contoso"]);
    let sent = tower.sent();
    let again = ["POST /$batch", "POST /$batch", "GET /groups/{id}", "GET /groups/{id}/transitiveMembers"];
    assert_eq!(sent[2..], again, "{sent:?}");
    let grace = tower.watch.partner().unwrap().people[&person(GRACE)].clone().unwrap().unwrap();
    assert_eq!(grace.standing, Standing::Deleted);
    tower.assert_as_a_whole_read().await;
}

#[tokio::test(start_paused = true)]
async fn people_nobody_named_cost_nothing_but_the_poll() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| partner.users.push(User::member(id(0x999), "new@fabrikam.example")));
    let (changes, concerned) = tower.round().await;
    assert_eq!(changes.people, BTreeSet::from([person(0x999)]));
    assert!(concerned.is_empty());
    assert_eq!(tower.sent(), [PEOPLE_FEED, GROUPS_FEED]);
}

/// Trap: graph 39
///
/// Tried: `follow` without `known.nested` → "the inner group is followed: left: {}".
#[tokio::test(start_paused = true)]
async fn a_change_in_a_nested_group_is_one_of_the_group_it_stands_in() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| {
        partner.groups.push(Group::security(id(INNER), "Inner", []));
        group(partner, OTHER).members.insert(id(INNER));
    });
    tower.round().await;
    tower.quieten().await;
    tower.edit(|partner| join(partner, INNER, GRACE));
    let (changes, concerned) = tower.round().await;
    assert_eq!(changes.groups, BTreeSet::from([ObjectId::new(id(INNER))]), "the inner group is followed");
    assert_eq!(concerned, ["northwind"]);
    tower.assert_as_a_whole_read().await;
    assert!(
        tower
            .watch
            .partner()
            .unwrap()
            .sources
            .values()
            .flatten()
            .any(|s| s.members.contains_key(&person(GRACE)))
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_becomes_a_delegated_administrator_is_noticed() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| join(partner, ADMIN_AGENTS, ADA));
    let (_, concerned) = tower.round().await;
    assert_eq!(concerned, ["contoso"]);
    tower.assert_as_a_whole_read().await;

    tower.wants_joan().await;
    tower.edit(|partner| join(partner, DELEGATED, 0x203));
    let (_, concerned) = tower.round().await;
    assert_eq!(concerned, ["contoso", "northwind"], "at which customers it counts is not asked");
    let invited = |plan: &Plan| operations(plan).any(|o| o.id.0.contains("inviteGuest"));
    assert!(!invited(&tower.plan().await), "she is not invited with what the cache held before");
}

#[tokio::test(start_paused = true)]
async fn what_is_new_in_the_files_is_read_without_a_word_from_any_feed() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| partner.users.push(User::member(id(0x203), "joan@fabrikam.example")));
    tower.round().await;
    tower.quieten().await;
    let joan = "202\n    joan@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203\n---";
    let with_joan = GROUPS.replacen("202\n---", joan, 1);
    tower.stage.write("groups/all.yaml", &with_joan);
    tower.desired = tower.stage.desired();
    assert_eq!(tower.round().await.1, ["contoso"]);
    tower.assert_as_a_whole_read().await;
    let other = "{objectId: 0f1e2d3c-1111-4000-8000-000000000102, minMembers: 100}";
    let judged_anew = with_joan.replace("0f1e2d3c-1111-4000-8000-000000000102", other);
    tower.stage.write("groups/all.yaml", &judged_anew);
    tower.desired = tower.stage.desired();
    assert_eq!(tower.round().await.1, ["northwind"]);
    tower.assert_as_a_whole_read().await;
    assert_eq!(tower.round().await.0, Changes::default(), "and then it is quiet again");
}

/// Trap: graph 38
#[tokio::test(start_paused = true)]
async fn a_feed_that_lost_its_place_begins_anew_and_everything_is_read() {
    for status in [410, 404] {
        let mut tower = Tower::settled().await;
        tower.stage.simulator.add_fault(Fault::new(FaultKind::DeltaGone).status(status).times(1));
        tower.edit(|partner| user(partner, ADA).account_enabled = false);
        let (changes, concerned) = tower.round().await;
        assert_eq!((changes.everything, changes.resynced), (true, 1), "{status}");
        assert_eq!(concerned, ["contoso"], "whom it makes a difference for");
        assert_eq!(removals(&tower.plan().await), 1, "what happened meanwhile is found");
        tower.quieten().await;
        assert_eq!(tower.round().await.0, Changes::default(), "and then it is quiet again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delegate_who_comes_while_everything_is_read_anew_concerns_everybody() {
    let mut tower = Tower::settled().await;
    tower.wants_joan().await;
    tower.stage.simulator.add_fault(Fault::new(FaultKind::DeltaGone).status(410).times(1));
    assert_eq!(
        tower.round().await.1,
        Vec::<String>::new(),
        "to read everything anew concerns nobody by itself"
    );
    tower.quieten().await;
    tower.plan().await;
    tower.stage.simulator.add_fault(Fault::new(FaultKind::DeltaGone).status(410).times(1));
    tower.edit(|partner| join(partner, DELEGATED, 0x203));
    let (changes, concerned) = tower.round().await;
    assert!(changes.everything);
    assert_eq!(concerned, ["contoso", "northwind"]);
}

/// Trap: graph 38
#[tokio::test(start_paused = true)]
async fn a_watch_that_slept_for_more_than_a_week_begins_anew() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| user(partner, ADA).account_enabled = false);
    tokio::time::advance(Duration::from_hours(24 * 8)).await;
    let (changes, _) = tower.round().await;
    assert_eq!((changes.everything, changes.resynced), (true, 2), "people and groups");
    assert_eq!(removals(&tower.plan().await), 1);
}

/// Tried: `NotOffered` never given: "404 left: (1, true) right: (0, true)", a feed that cannot be read for ever.
#[tokio::test(start_paused = true)]
async fn where_there_is_no_feed_everything_is_read_once_a_minute() {
    for status in [404, 405, 501] {
        let mut tower = Tower::on(Tower::settled().await.stage);
        let gone = Fault::new(FaultKind::Error).route("GET", "/users/delta").status(status);
        tower.stage.simulator.add_fault(gone);
        let (changes, _) = tower.round().await;
        assert_eq!((changes.unread.len(), changes.everything), (0, true), "{status}");
        tower.edit(|partner| user(partner, ADA).account_enabled = false);
        assert!(!tower.round().await.0.everything, "not at every poll");
        tokio::time::advance(Duration::from_mins(1)).await;
        let (changes, concerned) = tower.round().await;
        assert!(changes.everything, "{status}");
        assert_eq!(concerned, ["contoso"]);
        assert_eq!(removals(&tower.plan().await), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_cannot_be_read_says_so_and_goes_on_where_it_was() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| user(partner, ADA).account_enabled = false);
    for kind in
        [FaultKind::Forbidden, FaultKind::Html, FaultKind::Error, FaultKind::ShortPage, FaultKind::Cut]
    {
        tower.stage.simulator.add_fault(Fault::new(kind).route("GET", "/users/delta"));
        let (changes, concerned) = tower.round().await;
        assert_eq!(changes.unread.len(), 1, "{kind:?}");
        assert!(changes.is_quiet() && concerned.is_empty(), "{kind:?}");
        tower.stage.simulator.clear_faults();
    }
    assert_eq!(tower.round().await.1, ["contoso"]);
}

/// Tried: `Known::unread` without an entry → the gaps stay until somebody changes something there:
/// "left: [Some(AccessDenied), Some(AccessDenied)] right: [None, None]".
#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_again_is_a_gap_until_it_can() {
    let mut tower = Tower::settled().await;
    tower.edit(|partner| {
        user(partner, ADA).account_enabled = false;
        group(partner, LIVE).members.clear();
        group(partner, LIVE).members.insert(id(GRACE));
    });
    for route in ["/users/{id}", "/groups/{id}/transitiveMembers"] {
        tower.stage.simulator.add_fault(Fault::new(FaultKind::Forbidden).route("GET", route));
    }
    tower.round().await;
    let code = |tower: &Tower| {
        let partner = tower.watch.partner().unwrap();
        let source = partner.sources.iter().find(|(name, _)| name.as_str() == "Live").unwrap().1;
        [
            partner.people[&person(ADA)].as_ref().err().map(|unread| unread.code),
            source.as_ref().err().map(|unread| unread.code),
        ]
    };
    assert_eq!(
        code(&tower),
        [Some(UnreadCode::AccessDenied); 2],
        "what was known before is not the truth now"
    );
    assert_eq!(removals(&tower.plan().await), 0, "nothing goes on a guess");
    tower.stage.simulator.clear_faults();
    tower.round().await;
    assert_eq!(code(&tower), [None; 2]);
    tower.assert_as_a_whole_read().await;
}

/// A feed that names somebody as deleted or disabled who is alive takes nothing from her, and one that says nothing is
/// made up for by the next whole read.
///
/// Tried: whoever is named taken for disabled after the look at her → "[{"@removed":{"reason":"changed"},…}]" concerns
/// contoso.
#[tokio::test(start_paused = true)]
async fn a_feed_that_lies_costs_a_look_and_nobodys_access() {
    let mut tower = Tower::settled().await;
    let lies = Arc::new(Mutex::new(None));
    tower.client = tower.stage.client_over(lying(&tower.stage.simulator, &lies));
    for lie in [
        json!([{"id": id(ADA), "@removed": {"reason": "changed"}}]),
        json!([{"id": id(ADA), "@removed": {"reason": "deleted"}}]),
        json!([{"id": id(ADA), "accountEnabled": false}, {"id": id(ADA), "userType": "Guest"}]),
    ] {
        *lies.lock().unwrap() = Some(lie.clone());
        let (changes, concerned) = tower.round().await;
        assert_eq!(changes.people, BTreeSet::from([person(ADA)]), "{lie}");
        assert!(concerned.is_empty(), "{lie}");
        assert_eq!(removals(&tower.plan().await), 0, "a lie takes nobody's access");
    }
    *lies.lock().unwrap() = Some(json!([]));
    tower.quieten().await;
    tower.edit(|partner| user(partner, ADA).account_enabled = false);
    let (changes, _) = tower.round().await;
    assert!(changes.is_quiet(), "nobody says a word");
    assert_eq!(removals(&tower.plan().await), 0);
    let everything = Changes { everything: true, ..Changes::default() };
    tower.watch.read(&tower.client, &tower.desired, &tower.cache, &everything).await;
    assert_eq!(removals(&tower.plan().await), 1, "the whole read finds her");
}

/// Whatever happens in the partner's tenant, reading only what the feeds name gives in the end what a whole read gives;
/// without lag at once.
///
/// Tried: nothing read once more → under lag a look that came too early is never made up for: "seed 6: the watch knows
/// what a whole read would".
#[tokio::test(start_paused = true)]
async fn partial_reads_amount_to_a_whole_one_after_any_history() {
    for seed in 0..24 {
        let mut random = fastrand::Rng::with_seed(seed);
        let lagging = seed % 2 == 0;
        let stage = Stage::new(files, seed, |world| {
            world.page_size = Some(2);
            if lagging {
                world.lag = Lag { min_seconds: 0.0, max_seconds: 240.0 };
            }
        });
        let mut tower = Tower::on(stage);
        tower.round().await;
        for _ in 0..6 {
            for _ in 0..random.u8(0..4) {
                tower.edit(|partner| meddle(partner, &mut random));
            }
            tokio::time::advance(Duration::from_secs(random.u64(1..60))).await;
            if random.u8(0..6) == 0 {
                tower.stage.simulator.add_fault(Fault::new(FaultKind::DeltaGone).times(1));
            }
            tower.round().await;
            if !lagging {
                // Groups nested by this very change are followed from the next poll on.
                tower.round().await;
                assert_eq!(tower.watch.partner(), Some(&tower.whole().await), "seed {seed}: at once");
            }
        }
        for _ in 0..4 {
            tokio::time::advance(Duration::from_mins(6)).await;
            tower.round().await;
        }
        let whole = tower.whole().await;
        assert_eq!(
            tower.watch.partner(),
            Some(&whole),
            "seed {seed}: the watch knows what a whole read would"
        );
    }
}

/// Something that happens in a partner's tenant.
fn meddle(partner: &mut Partner, random: &mut fastrand::Rng) {
    let groups = [LIVE, OTHER, INNER, ADMIN_AGENTS, 0xa2];
    let group_id = id(*random.choice(&groups).unwrap());
    let people: Vec<Uuid> = partner.users.iter().map(|user| user.id).collect();
    let someone = random.choice(&people).copied().unwrap_or_default();
    match random.u8(0..9) {
        0 => {
            let new = id(0x300 + random.u128(0..4));
            if !partner.users.iter().chain(&partner.deleted).any(|user| user.id == new) {
                partner.users.push(User::member(new, &format!("{new}@fabrikam.example")));
            }
        }
        1 => partner.users.retain(|user| user.id != someone),
        2 => partner.users.extend(partner.deleted.pop().map(|u| User { deleted_date_time: None, ..u })),
        3 => drop(partner.deleted.pop()),
        4 => {
            if let Some(user) = partner.users.iter_mut().find(|user| user.id == someone) {
                user.account_enabled = !user.account_enabled;
            }
        }
        5 => {
            if let Some(user) = partner.users.iter_mut().find(|user| user.id == someone) {
                user.mail = Some(format!("m{}@fabrikam.example", random.u16(..)));
            }
        }
        6 | 7 => {
            if !partner.groups.iter().any(|group| group.id == group_id) {
                partner.groups.push(Group::security(group_id, "Inner", []));
            }
            let member = if random.bool() && group_id != id(INNER) { id(INNER) } else { someone };
            let known = partner.groups.iter().any(|group| group.id == member) || people.contains(&member);
            let group = partner.groups.iter_mut().find(|group| group.id == group_id);
            if let Some(group) = group.filter(|_| known)
                && !group.members.remove(&member)
            {
                group.members.insert(member);
            }
        }
        _ => {
            let live = partner.groups.iter_mut().find(|group| group.id == id(LIVE)).unwrap();
            if random.bool() { "Live" } else { "Renamed" }.clone_into(&mut live.display_name);
        }
    }
}

fn operations(plan: &Plan) -> impl Iterator<Item = &Operation> {
    plan.customers.iter().flat_map(|customer| &customer.operations)
}

fn removals(plan: &Plan) -> usize {
    operations(plan).filter(|operation| operation.id.0.starts_with("removeMembers")).count()
}

/// A transport whose feed of people tells what it is given instead of the truth.
fn lying(simulator: &Simulator, lies: &Arc<Mutex<Option<Value>>>) -> Transport {
    let (honest, lies) = (groupsync::cli::embedded::transport(simulator.router()), Arc::clone(lies));
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let (honest, lie) = (honest.clone(), lies.lock().unwrap().clone());
        async move {
            let lie = lie.filter(|_| request.uri().path().ends_with("/users/delta"));
            let mut answer = honest.oneshot(request).await?;
            if let Some(lie) = lie {
                let mut page: Value = serde_json::from_slice(answer.body())?;
                page["value"] = lie;
                *answer.body_mut() = Bytes::from(page.to_string());
            }
            Ok(answer)
        }
    }))
}
