//! The traps of Microsoft Graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use groupsync::cli::embedded;
use groupsync::client::error::Kind;
use groupsync::client::halt::Halt;
use groupsync::client::limiter::Priority;
use groupsync::client::transport::Transport;
use groupsync::execute::Deferral;
use groupsync::model::address::Address;
use groupsync::model::ids::{ObjectId, TenantId};
use groupsync::plan::outcome::Status;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{Customer, Group, Level, User, World};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use crate::client::canned::{Canned, Said};
use crate::client::{
    READERS, client_over, contoso, graph, guests, id, members, object, partner, simulator, world_with,
};
use crate::stage::{self, Stage};

/// One request, items of a batch included.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Value,
    in_batch: bool,
}

type Log = Arc<Mutex<Vec<Sent>>>;

/// Writes down everything that is sent to Graph.
fn recording(transport: Transport) -> (Transport, Log) {
    let log = Log::default();
    let writer = Arc::clone(&log);
    let service = tower::service_fn(move |request: http::Request<Bytes>| {
        let (transport, log) = (transport.clone(), Arc::clone(&writer));
        async move {
            note(&log, &request);
            transport.oneshot(request).await
        }
    });
    (BoxCloneSyncService::new(service), log)
}

fn note(log: &Log, request: &http::Request<Bytes>) {
    let text = request.uri().to_string();
    let Some(path) = text.strip_prefix(&format!("{}/graph/v1.0", embedded::BASE)) else { return };
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let headers = request.headers().iter();
    let headers = headers.map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned())).collect();
    let mut log = log.lock().unwrap();
    for item in body["requests"].as_array().into_iter().flatten() {
        let headers = item["headers"].as_object().into_iter().flatten();
        log.push(Sent {
            method: item["method"].as_str().unwrap().to_owned(),
            path: item["url"].as_str().unwrap().to_owned(),
            headers: headers.map(|(n, v)| (n.to_ascii_lowercase(), v.to_string())).collect(),
            body: item["body"].clone(),
            in_batch: true,
        });
        assert!(item.get("dependsOn").is_none());
    }
    log.push(Sent {
        method: request.method().to_string(),
        path: path.to_owned(),
        headers,
        body,
        in_batch: false,
    });
}

const PEOPLE: u128 = 45;

/// A partner group of 45 people at one customer.
fn team() -> Stage {
    team_with(|_| {})
}

fn team_with(edit: impl FnOnce(&mut World)) -> Stage {
    Stage::new(
        |dir| {
            stage::write(
                dir,
                "partner.yaml",
                "apiVersion: groupsync.dev/v1\nkind: Partner\nmetadata: {name: fabrikam}\nspec:\n  tenantId: 0f1e2d3c-1111-4000-8000-0000000000aa\n  staffDomains: [fabrikam.example]\n  adminAgents: 0f1e2d3c-1111-4000-8000-0000000000a1\n  helpdeskAgents: 0f1e2d3c-1111-4000-8000-0000000000a2\n",
            );
            stage::write(
                dir,
                "policy.yaml",
                "apiVersion: groupsync.dev/v1\nkind: Policy\nmetadata: {name: policy}\nspec:\n  roles:\n    Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7\n",
            );
            let people = (0..PEOPLE)
                .map(|n| format!("    p{n}@fabrikam.example: 0f1e2d3c-1111-4000-8000-{:012x}\n", 0x201 + n));
            let people: String = people.collect();
            stage::write(
                dir,
                "groups/team.yaml",
                &format!(
                    "apiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {{name: Team}}\nspec:\n  members:\n{people}"
                ),
            );
            stage::write(dir, "customers/contoso/customer.yaml", CUSTOMER);
        },
        1,
        edit,
    )
}

const CUSTOMER: &str = "apiVersion: groupsync.dev/v1\nkind: Customer\nmetadata: {name: contoso}\nspec:\n  tenantId: 22222222-2222-4000-8000-000000000001\n  state: enforce\n  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}\n  groups:\n    Team: {roles: {Reader: subscriptions/prod}}\n";

/// The customer's file once it is left.
fn left() -> String {
    CUSTOMER.replace("state: enforce", "state: offboard\n  offboard: {reason: over}")
}

/// How many people of the partner are guests there.
fn invited(customer: &Customer) -> usize {
    let ours = |user: &&User| user.mail.as_ref().is_some_and(|mail| mail.ends_with("@fabrikam.example"));
    customer.users.iter().filter(ours).count()
}

/// Everything sent to Graph while a customer comes and goes again.
async fn a_whole_life() -> Vec<Sent> {
    let stage = team();
    let (transport, log) = recording(embedded::transport(stage.simulator.router()));
    let client = stage.client_over(transport);
    for (text, wait) in [(CUSTOMER.to_owned(), Deferral::Leave), (left(), Deferral::Wait)] {
        stage.write("customers/contoso/customer.yaml", &text);
        let report = stage.apply_with(&client, &stage.desired(), &Halt::never(), wait).await;
        let outcomes = report.outcomes.iter().flat_map(|c| &c.outcomes);
        assert!(outcomes.clone().count() > 3);
        for outcome in outcomes {
            assert!(matches!(outcome.status, Status::Done | Status::AlreadySo), "{outcome:?}");
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
    let left = &stage.simulator.world().customers[0];
    assert!(left.groups.is_empty() && invited(left) == 0, "{left:?}");
    let sent = log.lock().unwrap().clone();
    for (method, what) in [
        ("POST", "/invitations"),
        ("PATCH", "/groups(uniqueName="),
        ("PATCH", "/groups/"),
        ("DELETE", "/users/"),
        ("GET", "/users?$filter="),
    ] {
        assert!(
            sent.iter().any(|s| s.method == method && s.path.starts_with(what)),
            "{method} {what} is part of a life"
        );
    }
    sent
}

/// Trap: graph 1, 9, 11, 18, 29, 31, 47, 48
#[tokio::test(start_paused = true)]
async fn nothing_that_a_whole_life_sends_falls_into_a_trap_of_spelling() {
    let mut binds = 0;
    for sent in a_whole_life().await {
        let context = format!("{sent:?}");
        let path = sent.path.split('?').next().unwrap();
        let is_member = path.contains("/members/");
        assert!(
            !(sent.method == "DELETE" && is_member) || path.ends_with("/$ref"),
            "deletes a person: {context}"
        );
        assert!(!(sent.method == "PATCH" && sent.in_batch), "twenty times twenty at once: {context}");
        assert!(sent.body.get("dependsOn").is_none(), "{context}");
        let cast = path.contains("microsoft.graph.") && !path.contains("/deletedItems/");
        let advanced = ["$count", "$search", "$orderby", "endsWith", "%20ne%20", "not("]
            .iter()
            .any(|w| sent.path.contains(w));
        assert!(
            !cast && !advanced && !sent.headers.contains_key("consistencylevel"),
            "an index that lags: {context}"
        );
        let only_where_there_is_mail = [
            "allowExternalSenders",
            "hideFromAddressLists",
            "autoSubscribeNewMembers",
            "isSubscribedByMail",
            "unseenCount",
        ];
        assert!(!only_where_there_is_mail.iter().any(|property| sent.path.contains(property)), "{context}");
        if path.starts_with("/groups(uniqueName=") && sent.method == "PATCH" {
            assert_eq!(
                sent.body["owners@odata.bind"].as_array().map(Vec::len),
                Some(1),
                "nobody's group: {context}"
            );
            assert!(
                sent.body.get("members@odata.bind").is_none()
                    && sent.body.get("isAssignableToRole").is_none(),
                "{context}"
            );
        }
        if path == "/invitations" {
            assert_eq!(sent.body["sendInvitationMessage"], json!(false), "{context}");
            assert!(
                sent.body.get("invitedUserMessageInfo").is_none()
                    && sent.body.get("resetRedemption").is_none(),
                "{context}"
            );
        }
        let references =
            ["owners@odata.bind", "members@odata.bind"].iter().filter_map(|name| sent.body[*name].as_array());
        let references = references.flatten().chain(sent.body.get("@odata.id"));
        for reference in references {
            binds += 1;
            let configured = format!("{}/graph/v1.0/directoryObjects/", embedded::BASE);
            assert!(reference.as_str().is_some_and(|r| r.starts_with(&configured)), "{context}");
        }
        if let Some(members) = sent.body["members@odata.bind"].as_array() {
            let different: BTreeSet<String> =
                members.iter().map(|m| m.to_string().to_ascii_lowercase()).collect();
            assert!(members.len() <= 20 && different.len() == members.len(), "{context}");
        }
    }
    assert!(binds > 90, "{binds}");
}

/// What nobody writes to cannot be broken: the owners of a group that exists, our own service principal,
/// whether somebody may sign in.
///
/// Trap: graph 8, 44, 46
///
/// Tried: `owners@odata.bind` beside `members@odata.bind` in the update of a group -> "writes where it has no business: …".
#[tokio::test(start_paused = true)]
async fn a_whole_life_writes_to_groups_their_members_and_guests_and_to_nothing_else() {
    for sent in a_whole_life().await {
        let path = sent.path.split('?').next().unwrap();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let body: Vec<&str> = sent.body.as_object().into_iter().flatten().map(|(n, _)| n.as_str()).collect();
        let known = match (sent.method.as_str(), &segments[..]) {
            ("GET", _)
            | (
                "POST",
                ["$batch" | "invitations"]
                | ["directoryObjects", "getByIds"]
                | ["groups", _, "members", "$ref"],
            )
            | ("DELETE", ["users" | "groups", _] | ["groups", _, "members", _, "$ref"]) => true,
            ("PATCH", ["groups", _]) => body == ["members@odata.bind"],
            ("PATCH", [named]) => named.starts_with("groups(uniqueName="),
            _ => false,
        };
        assert!(known, "writes where it has no business: {sent:?}");
    }
}

/// Trap: graph 46
#[tokio::test(start_paused = true)]
async fn a_member_that_another_synchronisation_made_is_used_and_left_as_she_is() {
    let mut synchronised = User::guest(id(0x900), "p3@fabrikam.example");
    synchronised.user_type = Some("Member".into());
    synchronised.creation_type = Some("Invitation".into());
    synchronised.account_enabled = false;
    let stage = team_with(|world| world.customers[0].users.push(synchronised));
    let find = || {
        let world = stage.simulator.world();
        world.customers[0].users.iter().find(|user| user.id == id(0x900)).cloned()
    };
    let before = find();
    stage.apply().await;
    let world = stage.simulator.world();
    assert_eq!(invited(&world.customers[0]) as u128, PEOPLE, "she is not invited beside herself");
    let holding = world.customers[0].groups.iter().filter(|group| group.members.contains(&id(0x900)));
    assert_eq!(holding.count(), 1, "in the team, and not in the ledger");
    stage.write("customers/contoso/customer.yaml", &left());
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_hours(1)).await;
        stage.apply().await;
    }
    assert_eq!(invited(&stage.simulator.world().customers[0]), 1, "everybody we invited is gone");
    assert_eq!(find(), before);
}

/// Trap: graph 7, 49
#[test]
fn the_same_id_or_address_in_another_case_is_the_same() {
    let upper: ObjectId = "0B0B0B0B-0000-4000-8000-00000000000A".parse().unwrap();
    assert_eq!(BTreeSet::from([upper, "0b0b0b0b-0000-4000-8000-00000000000a".parse().unwrap()]).len(), 1);
    let addresses = ["Jo.Field@Fabrikam.Example", "jo.field@fabrikam.example"];
    assert_eq!(addresses.map(|a| a.parse::<Address>().unwrap()).iter().collect::<BTreeSet<_>>().len(), 1);
}

/// Trap: graph 49
#[tokio::test(start_paused = true)]
async fn a_batch_is_matched_whatever_the_case_and_order_of_its_answers() {
    let ids = [object(READERS), object(READERS + 1)];
    let answer = |n: usize| json!({"id": n.to_string(), "status": 200, "headers": {"Content-Type": "x"}, "body": {"id": ids[n].to_string().to_uppercase()}});
    let canned = Canned::saying([Said::new(200, json!({"responses": [answer(1), answer(0)]}).to_string())]);
    let client = canned.client();
    let found = graph(&client).groups_exist(&ids).await;
    assert!(found.values().all(|exists| *exists.as_ref().unwrap()));
}

/// How many writes each group sees at this moment, and the most any group ever saw.
#[derive(Default)]
struct Crowd {
    now: BTreeMap<String, usize>,
    most: usize,
}

impl Crowd {
    fn enter(&mut self, group: &str) {
        let now = self.now.entry(group.to_owned()).or_default();
        *now += 1;
        self.most = self.most.max(*now);
    }

    fn leave(&mut self, group: &str) {
        *self.now.get_mut(group).unwrap() -= 1;
    }
}

/// Counts the writes to each group; each takes a second.
fn crowding(transport: Transport) -> (Transport, Arc<Mutex<Crowd>>) {
    let crowd: Arc<Mutex<Crowd>> = Arc::default();
    let counter = Arc::clone(&crowd);
    let service = tower::service_fn(move |request: http::Request<Bytes>| {
        let (transport, crowd) = (transport.clone(), Arc::clone(&counter));
        async move {
            let path = request.uri().path().to_owned();
            let group = path.split("/groups/").nth(1).and_then(|rest| rest.split('/').next());
            let Some(group) = group.filter(|_| request.method() != http::Method::GET) else {
                return transport.oneshot(request).await;
            };
            crowd.lock().unwrap().enter(group);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let answer = transport.oneshot(request).await;
            crowd.lock().unwrap().leave(group);
            answer
        }
    });
    (BoxCloneSyncService::new(service), crowd)
}

/// Trap: graph 26
#[tokio::test(start_paused = true)]
async fn one_group_has_one_writer_even_where_there_is_no_batch() {
    let simulator = simulator(world_with(|contoso| {
        contoso.users = guests(0x300..0x314);
        contoso.groups[0].members = (0x300..0x314).map(id).collect();
    }));
    simulator.add_fault(Fault::new(FaultKind::Error).status(501).route("POST", "/$batch"));
    let (transport, crowd) = crowding(embedded::transport(simulator.router()));
    let client = client_over(&simulator, transport, embedded::BASE);
    let all: BTreeSet<ObjectId> = (0x300..0x314).map(object).collect();
    let removed = graph(&client).remove_members(object(READERS), &all).await;
    assert!(removed.values().all(Result::is_ok), "{removed:?}");
    assert!(members(&simulator, READERS).is_empty());
    assert_eq!(crowd.lock().unwrap().most, 1);
}

/// Trap: graph 24
///
/// Tried: the scope not read: "Application/ReadWrite/app/- true false: went on after 0 s".
#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_whole_application_stops_it_everywhere_and_that_of_writes_leaves_reads() {
    let answer = || Said::new(200, json!({"id": id(READERS), "displayName": "x"}).to_string());
    let done = || Said::new(204, "");
    let refused =
        |scope: &str| Said::new(429, "").with("retry-after", "30").with("x-ms-throttle-scope", scope);
    for (scope, read_elsewhere, write_elsewhere, read_here) in [
        ("Application/ReadWrite/app/-", 29, 29, 29),
        ("Application/Write/app/-", 0, 29, 0),
        ("Tenant_Application/Write/app/tenant", 0, 0, 0),
        ("Tenant_Application/ReadWrite/app/tenant", 0, 0, 29),
    ] {
        for (elsewhere, writes, least) in
            [(true, false, read_elsewhere), (true, true, write_elsewhere), (false, false, read_here)]
        {
            let canned = Canned::saying([refused(scope), if writes { done() } else { answer() }, done()]);
            let client = canned.client();
            let refused = async {
                let renamed = graph(&client).rename_group(object(READERS), "x").await;
                assert!(renamed.is_ok() || renamed.is_err_and(|e| e.kind() == Kind::Malformed));
            };
            let start = tokio::time::Instant::now();
            let other = async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let tenant = if elsewhere { TenantId::new(id(0xc1)) } else { contoso() };
                let other = client.graph(tenant, Priority::Change);
                if writes {
                    other.rename_group(object(READERS), "x").await.unwrap();
                } else {
                    other.group(object(READERS)).await.unwrap();
                }
                start.elapsed().as_secs()
            };
            let ((), at) = futures_util::future::join(refused, other).await;
            let went_on = at - 1;
            assert!(
                (least..least + 2).contains(&went_on),
                "{scope} {elsewhere} {writes}: went on after {went_on} s"
            );
        }
    }
}

/// Trap: graph 5
#[tokio::test(start_paused = true)]
async fn a_run_right_after_another_doubles_nothing_and_takes_nobody_out() {
    let stage = team();
    stage.simulator.edit(|world| (world.lag.min_seconds, world.lag.max_seconds) = (100.0, 120.0));
    for _ in 0..3 {
        stage.apply().await;
    }
    tokio::time::sleep(Duration::from_mins(15)).await;
    stage.apply().await;
    let world = stage.simulator.world();
    let contoso = &world.customers[0];
    assert_eq!(invited(contoso) as u128, PEOPLE);
    assert!(contoso.groups.iter().all(|group| group.members.len() as u128 == PEOPLE), "{:?}", contoso.groups);
    assert_eq!(contoso.groups.len(), 2);
    let history = stage.simulator.history();
    let gone = history
        .iter()
        .filter(|c| format!("{:?}", c.act).contains("Removed") || format!("{:?}", c.act).contains("Deleted"));
    assert_eq!(gone.count(), 0);
}

/// Trap: graph 32
#[tokio::test(start_paused = true)]
async fn inviting_needs_the_permission_to_invite_and_no_broader_one() {
    assert!(Level::Sync.permissions().contains("User.Invite.All"));
    for level in [Level::Sync, Level::Manage, Level::Lifecycle] {
        assert!(!level.permissions().contains("User.ReadWrite.All"), "{level:?}");
    }
}

/// Trap: graph 40
///
/// Tried: only `active` counted as access: "left: [false], right: [true]".
#[tokio::test(start_paused = true)]
async fn a_relationship_of_a_new_kind_or_state_is_read_and_counts_as_access() {
    let relationship = json!({
        "@odata.type": "#microsoft.graph.resellerDelegatedAdminRelationship",
        "id": "aaaaaaaa-0000-4000-8000-000000000001-bbbbbbbb-0000-4000-8000-000000000001",
        "customer": {"tenantId": contoso().to_string()},
        "indirectProviderTenantId": contoso().to_string(), "isPartnerConsentPending": false,
        "status": "unknownFutureValue",
    });
    let canned = Canned::saying([Said::new(200, json!({"value": [relationship]}).to_string())]);
    let client = canned.client();
    let read = client.graph(partner(), Priority::Change).relationships().await.unwrap();
    assert_eq!(read.iter().map(|r| r.gives_access).collect::<Vec<_>>(), [true]);
    let pending = json!({"id": "x", "accessContainer": {"accessContainerId": object(1).to_string(), "accessContainerType": "securityGroup"}, "status": "pending"});
    let canned = Canned::saying([Said::new(200, json!({"value": [pending]}).to_string())]);
    let client = canned.client();
    let read = client.graph(partner(), Priority::Change).access_assignments("x").await.unwrap();
    assert!(read[0].gives_access, "what is on its way counts");
}

/// Trap: graph 50
///
/// Tried: the ledger's check by our own clock: "7: … the guest was there before our invitation".
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_hours_off_changes_nothing() {
    for hours in [-7, 7] {
        let mut stage = team();
        let wrong = stage.clock.now().saturating_add(jiff::SignedDuration::from_hours(hours)).unwrap();
        stage.clock = groupsync::clock::Clock::starting_at(wrong);
        let report = stage.apply().await;
        for outcome in report.outcomes.iter().flat_map(|c| &c.outcomes) {
            assert!(matches!(outcome.status, Status::Done | Status::AlreadySo), "{hours}: {outcome:?}");
        }
        let world = stage.simulator.world();
        assert!(world.customers[0].groups.iter().all(|g| g.members.len() as u128 == PEOPLE));
    }
}

/// Trap: graph 28
#[tokio::test(start_paused = true)]
async fn a_group_of_the_same_name_on_the_screen_is_nobody_of_ours() {
    let stage = team();
    let theirs = uuid::Uuid::from_u128(7);
    stage.simulator.edit(|world| world.customers[0].groups.push(Group::security(theirs, "Team", [])));
    stage.apply().await;
    let world = stage.simulator.world();
    let group = world.customers[0].groups.iter().find(|g| g.id == theirs).unwrap();
    assert!(group.members.is_empty() && group.unique_name.is_none());
    assert!(!world.customers[0].subscriptions[0].assignments.iter().any(|a| a.principal_id == theirs));
    assert_eq!(world.customers[0].groups.len(), 3);
}

/// Trap: graph 42
#[tokio::test(start_paused = true)]
async fn relationships_that_cannot_be_read_are_no_end_of_a_relationship() {
    let stage = team();
    stage.apply().await;
    let before = stage.simulator.history().len();
    let gdap = "/tenantRelationships/delegatedAdminRelationships";
    stage.simulator.add_fault(Fault::new(FaultKind::Error).route("GET", gdap));
    tokio::time::sleep(Duration::from_hours(1)).await;
    stage.apply().await;
    assert_eq!(stage.simulator.history().len(), before, "nobody goes, and nobody comes");
}
