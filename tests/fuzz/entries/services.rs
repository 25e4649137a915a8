//! What services answer: bodies, links and headers of Graph and Resource Manager, through the real client on virtual time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use groupsync::client::Client;
use groupsync::client::arm::Arm;
use groupsync::client::endpoints::Endpoints;
use groupsync::client::graph::Graph;
use groupsync::client::graph::delta::Stream;
use groupsync::client::graph::groups::NewGroup;
use groupsync::client::graph::invitations::Invitation;
use groupsync::client::limiter::Priority;
use groupsync::client::retry;
use groupsync::client::token::Credential;
use groupsync::clock::Clock;
use groupsync::model::assignment::{AssignmentKey, RoleAssignment};
use groupsync::model::cloud::Cloud;
use groupsync::model::ids::{ClientId, ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use groupsync::model::invitation::InvitationMail;
use groupsync::model::scope::Scope;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use secrecy::SecretString;
use tower::util::BoxCloneSyncService;
use uuid::Uuid;

/// Between two answers of one input.
const NEXT: &[u8] = b"\n---\n";
/// The end of every token: whatever says it has shown a token.
const SECRET: &str = "nobody-may-see-this";
/// More requests than anything asked here can need: pages in circles and repeats end before.
const ENOUGH: usize = 3_000;

const STATUS: [u16; 16] = [200, 200, 201, 204, 400, 401, 403, 404, 405, 409, 410, 412, 429, 500, 503, 302];

const HEADERS: [(&str, &str); 16] = [
    ("x-nothing", ""),
    ("content-type", "application/json"),
    ("content-type", "text/html"),
    ("retry-after", "1"),
    ("retry-after", "120"),
    ("retry-after", "Tue, 01 Jan 2030 00:00:30 GMT"),
    ("retry-after", "-7e300"),
    ("x-ms-throttle-scope", "Application/Write/x/-"),
    ("x-ms-throttle-scope", "Tenant/ReadWrite/-/x"),
    ("x-ms-resource-unit", "1e99"),
    ("x-ms-throttle-limit-percentage", "1.5"),
    ("x-ms-ratelimit-remaining-subscription-writes", "0"),
    ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("location", "https://evil.example/"),
    ("request-id", "\u{9}x"),
    ("content-length", "99999999"),
];

#[derive(Clone)]
struct Answer {
    status: u16,
    header: (&'static str, &'static str),
    body: Bytes,
}

/// Each answer begins with two characters: one for the status, one for a header.
fn answers(data: &[u8]) -> VecDeque<Answer> {
    let mut rest = data;
    let mut answers = VecDeque::new();
    loop {
        let end = rest.windows(NEXT.len()).position(|window| window == NEXT);
        let (one, after) = end.map_or((rest, None), |end| (&rest[..end], Some(&rest[end + NEXT.len()..])));
        let pick = |at: usize| usize::from(one.get(at).copied().unwrap_or(b'a').wrapping_sub(b'a')) % 16;
        let body = Bytes::copy_from_slice(one.get(2..).unwrap_or_default());
        answers.push_back(Answer { status: STATUS[pick(0)], header: HEADERS[pick(1)], body });
        match after {
            Some(after) if answers.len() < 50 => rest = after,
            _ => return answers,
        }
    }
}

/// Lets a client talk to a service that gives these answers, the last one for ever, and looks at what it asked.
fn play<F: AsyncFnOnce(&Client)>(answers: VecDeque<Answer>, work: F) {
    let asked = Arc::new(AtomicUsize::new(0));
    let answers = Arc::new(Mutex::new(answers));
    let count = Arc::clone(&asked);
    let service = tower::service_fn(move |request: Request<Bytes>| {
        let answer = answer(&answers, &count, &request);
        async move { Ok(answer) }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let endpoints = Endpoints::of(Cloud::Global)
            .with_login("http://simulator.invalid/login")
            .and_then(|e| e.with_graph("http://simulator.invalid/graph"))
            .and_then(|e| e.with_arm("http://simulator.invalid/arm"))
            .expect("bases");
        let credential =
            Credential::client_secret(ClientId::new(id(1)), SecretString::from(format!("secret-{SECRET}")));
        let clock = Clock::starting_at("2030-01-01T00:00:00Z".parse::<Timestamp>().expect("a time"));
        let client = Client::new(BoxCloneSyncService::new(service), endpoints, credential, clock, 7);
        let began = clock.now();
        work(&client).await;
        let took = clock.now().duration_since(began);
        assert!(took < jiff::SignedDuration::from_hours(48), "it waited {took:#}");
    });
}

fn answer(
    answers: &Mutex<VecDeque<Answer>>,
    asked: &AtomicUsize,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let uri = request.uri();
    assert_eq!(uri.host(), Some("simulator.invalid"), "a token goes nowhere else: {uri}");
    let path = uri.path();
    if path.starts_with("/login/") {
        // {"oid":"…","roles":[]}
        let claims = "eyJvaWQiOiIwZjFlMmQzYy0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwNWUiLCJyb2xlcyI6W119";
        let token =
            format!(r#"{{"access_token":"e30.{claims}.{SECRET}","token_type":"Bearer","expires_in":3599}}"#);
        return Response::new(Bytes::from(token));
    }
    assert!(path.starts_with("/graph/") || path.starts_with("/arm/"), "{uri}");
    let number = asked.fetch_add(1, Ordering::Relaxed);
    assert!(number < ENOUGH, "it never stops asking: {} {uri}", request.method());
    let mut answers = answers.lock().expect("nobody panicked");
    let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
    let next = next.expect("there is always one more answer");
    let mut response = Response::new(next.body);
    *response.status_mut() = StatusCode::from_u16(next.status).expect("a status of the list");
    if let Ok(value) = HeaderValue::from_str(next.header.1) {
        response.headers_mut().append(next.header.0, value);
    }
    response
}

/// Whatever came of it can be shown, and shows no token.
fn look(said: &impl std::fmt::Debug) {
    assert!(!format!("{said:?}").contains(SECRET), "a token was shown");
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0f1e_2d3c_0000_4000_8000_0000_0000_0000 + n)
}

fn object(n: u128) -> ObjectId {
    ObjectId::new(id(n))
}

/// The first byte chooses what is asked of Graph, the rest is what it answers.
pub fn graph(data: &[u8]) {
    let Some((&which, rest)) = data.split_first() else { return };
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    play(answers(rest), async |client: &Client| {
        ask_graph(which, &client.graph(TenantId::new(id(2)), Priority::Change)).await;
    });
}

async fn ask_graph(which: u8, graph: &Graph<'_>) {
    let (one, two) = (object(0xd1), object(0xd2));
    let both = BTreeSet::from([one, two]);
    let people = BTreeSet::from([PersonId::new(id(0x201)), PersonId::new(id(0x202))]);
    let ada = "ada@fabrikam.example".parse().expect("an address");
    let addresses = BTreeSet::from([ada]);
    match which.wrapping_sub(b'a') % 24 {
        0 => look(&graph.our_groups("groupsync-0f1e2d3c-").await),
        1 => look(&graph.group(one).await),
        2 => look(&graph.group_named("groupsync-0f1e2d3c-ledger").await),
        3 => look(&graph.owners(&[one, two]).await),
        4 => look(&graph.groups_exist(&[one, two]).await),
        5 => look(&graph.deleted_groups_exist(&[one, two]).await),
        6 => {
            let group = NewGroup { unique_name: "groupsync-0f1e2d3c-g-x".into(), display_name: "X".into() };
            look(&graph.upsert_group(&group).await);
        }
        7 => look(&graph.rename_group(one, "Y").await),
        8 => look(&graph.delete_group(one).await),
        9 => look(&graph.guests(&[&addresses, &addresses]).await),
        10 => look(&graph.user(one).await),
        11 => look(&graph.users(&both).await),
        12 => look(&graph.guest_use(&both).await),
        13 => look(&graph.delete_guest(one).await),
        14 => {
            let address = addresses.first().expect("one address").clone();
            let invitation = Invitation { address, display_name: "Ada".into(), mail: InvitationMail::None };
            look(&graph.invite(&invitation).await);
        }
        15 => look(&graph.members(one).await),
        16 => look(&graph.source(one).await),
        17 => look(&graph.flattened(one).await),
        18 => look(&graph.add_members(one, &both).await),
        19 => look(&graph.remove_members(one, &both).await),
        20 => look(&graph.people(&people).await),
        21 => look(&graph.staff(&addresses).await),
        22 => {
            let mut stream = Stream::groups(&both).remove(0);
            look(&graph.news(&mut stream).await);
            look(&graph.news(&mut stream).await);
        }
        _ => {
            look(&graph.relationships().await);
            look(&graph.access_assignments("x/../y").await);
        }
    }
}

/// The first byte chooses what is asked of Resource Manager, the rest is what it answers.
pub fn arm(data: &[u8]) {
    let Some((&which, rest)) = data.split_first() else { return };
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    play(answers(rest), async |client: &Client| {
        ask_arm(which, &client.arm(TenantId::new(id(2)), Priority::Change)).await;
    });
}

async fn ask_arm(which: u8, arm: &Arm<'_>) {
    let subscription = SubscriptionId::new(id(0xb1));
    let scope = Scope::subscription(subscription);
    let key = AssignmentKey { scope: scope.clone(), principal: object(0xd1), role: RoleId::new(id(0xe1)) };
    match which.wrapping_sub(b'a') % 7 {
        0 => look(&arm.subscriptions().await),
        1 => {
            let rows = arm.role_assignments(subscription).await;
            for row in rows.iter().flatten() {
                // Whose a row is follows from its parts alone, whatever they are.
                let _ours = row.is_ours(TenantId::new(id(2)));
            }
            look(&rows);
        }
        2 => look(&arm.role_definition(Some(subscription), key.role).await),
        3 => look(&arm.locks(subscription).await),
        4 => look(&arm.usage(subscription).await),
        5 => look(&arm.put_role_assignment(&key).await),
        _ => {
            let name = key.name(TenantId::new(id(2)));
            let row = RoleAssignment {
                id: format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
                name,
                key,
                principal_type: "Group".into(),
                condition: None,
                created: None,
            };
            look(&arm.delete_role_assignment(&row).await);
        }
    }
}

/// Any text as the link to the next page, of a list, of a change feed and of Resource Manager.
pub fn links(data: &[u8]) {
    let link = String::from_utf8_lossy(data);
    let page = |name: &str| {
        let body = serde_json::json!({"value": [], name: link}).to_string();
        Answer { status: 200, header: HEADERS[0], body: Bytes::from(body) }
    };
    let tenant = TenantId::new(id(2));
    let last = Answer { status: 200, header: HEADERS[0], body: Bytes::from_static(b"{\"value\":[]}") };
    play(VecDeque::from([page("@odata.nextLink"), last.clone()]), async |client: &Client| {
        look(&client.graph(tenant, Priority::Change).our_groups("groupsync-").await);
    });
    play(VecDeque::from([page("@odata.deltaLink"), last.clone()]), async |client: &Client| {
        let mut stream = Stream::people();
        look(&client.graph(tenant, Priority::Change).news(&mut stream).await);
        look(&client.graph(tenant, Priority::Change).news(&mut stream).await);
    });
    play(VecDeque::from([page("nextLink"), last]), async |client: &Client| {
        look(&client.arm(tenant, Priority::Change).subscriptions().await);
    });
}

/// Any lines as `Retry-After`; a line that begins with `Date:` is the service's own clock.
pub fn retry_after(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|&byte| byte == b'\n') {
        let (name, value) = match line.strip_prefix(b"Date:") {
            Some(clock) => ("date", clock),
            None => ("retry-after", line),
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    for now in ["2030-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-30T22:00:00Z"] {
        let now: Timestamp = now.parse().expect("a time");
        if let Some(wait) = retry::retry_after(&headers, now) {
            assert!(!wait.is_zero() && wait <= Duration::from_hours(1), "{wait:?}");
        }
    }
}
