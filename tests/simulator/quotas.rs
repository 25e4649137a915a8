//! Quotas: what is too much, what the refusal says, and that the real client stays below.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use groupsync::client::limiter::Priority;
use groupsync::model::ids::{ObjectId, SubscriptionId, TenantId};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{Cloud, Group, Quotas, User, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ADA, CONTOSO, NORTHWIND, PROD, Reply, TEAM, Wire, assignments, world, world_with};

/// A caller with one token, who asks the same again and again.
struct Caller<'w> {
    wire: &'w Wire,
    base: &'static str,
    token: String,
}

impl<'w> Caller<'w> {
    async fn of_graph(wire: &'w Wire) -> Self {
        let token = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
        Self { wire, base: super::GRAPH, token }
    }

    async fn of_arm(wire: &'w Wire, resource: &str) -> Self {
        let token = format!("Bearer {}", wire.token(resource).await);
        Self { wire, base: "http://simulator.invalid/arm", token }
    }

    async fn send(&self, method: &str, path: &str, body: &str) -> Reply {
        let url = format!("{}{path}", self.base);
        self.wire.send(method, &url, &[("authorization", &self.token)], body.to_owned()).await.unwrap()
    }

    async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "").await
    }

    /// Asks so often, and expects to be served each time; the last answer.
    async fn get_times(&self, times: usize, path: &str) -> Reply {
        let mut last = None;
        for nth in 0..times {
            let reply = self.get(path).await;
            assert_eq!(reply.status, 200, "number {nth}: {reply:?}");
            last = Some(reply);
        }
        last.expect("asked at least once")
    }
}

fn members() -> String {
    format!("/groups/{TEAM}/transitiveMembers")
}

#[tokio::test(start_paused = true)]
async fn a_tenants_units_go_by_its_size_and_come_back_when_the_window_has_passed() {
    for (users, allowed) in [(3, 3_500), (50, 5_000), (501, 8_000)] {
        let wire = Wire::new(world_with(|contoso| {
            let more = users - contoso.users.len();
            let user =
                |n: usize| User::member(Uuid::from_u128(n as u128 + 1), &format!("u{n}@contoso.example"));
            contoso.users.extend((0..more).map(user));
        }));
        let caller = Caller::of_graph(&wire).await;
        let last = caller.get_times(allowed / 5, &members()).await;
        assert_eq!(last.header("x-ms-throttle-limit-percentage"), "1.00");
        assert_eq!(last.header("x-ms-resource-unit"), "5");
        let refused = caller.get(&members()).await;
        assert_eq!(refused.error(), (429, "TooManyRequests".to_owned()), "{users} users");
        let app = wire.simulator.world().client.id;
        let scope = format!("Tenant_Application/ReadWrite/{app}/{CONTOSO}");
        assert_eq!(refused.header("x-ms-throttle-scope"), scope);
        assert_eq!(refused.header("x-ms-throttle-information"), "ResourceUnitLimitExceeded");
        assert_eq!(refused.header("retry-after"), "10");
        wire.simulator.advance(Duration::from_secs(10));
        assert_eq!(caller.get(&members()).await.status, 200);
        assert_eq!(caller.get(&members()).await.header("x-ms-throttle-limit-percentage"), "", "far from it");
    }
}

#[tokio::test(start_paused = true)]
async fn one_tenants_quota_is_not_anothers() {
    let wire = Wire::new(world());
    let caller = Caller::of_graph(&wire).await;
    caller.get_times(700, &members()).await;
    assert_eq!(caller.get(&members()).await.status, 429);
    let wire = wire.at(NORTHWIND);
    assert_eq!(Caller::of_graph(&wire).await.get("/groups").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn who_asks_again_too_early_waits_longer() {
    let wire = Wire::new(world());
    let caller = Caller::of_graph(&wire).await;
    caller.get_times(350, &members()).await;
    wire.simulator.advance(Duration::from_secs(4));
    caller.get_times(350, &members()).await;
    assert_eq!(caller.get(&members()).await.header("retry-after"), "6");
    for _ in 0..400 {
        caller.get(&members()).await;
    }
    wire.simulator.advance(Duration::from_secs(6));
    assert_eq!(caller.get(&members()).await.header("retry-after"), "4", "what was refused has counted");
}

#[tokio::test(start_paused = true)]
async fn writes_have_a_window_of_their_own_and_reads_go_on() {
    let wire = Wire::new(world());
    let caller = Caller::of_graph(&wire).await;
    let path = format!("/groups/{TEAM}");
    let many = json!({"members@odata.bind": vec![super::reference(ADA); 20]}).to_string();
    for _ in 0..428 {
        assert_eq!(caller.send("PATCH", &path, &many).await.status, 400, "7 writes, done or not");
    }
    for _ in 0..4 {
        assert_eq!(caller.send("PATCH", &path, r#"{"description": "x"}"#).await.status, 204);
    }
    let refused = caller.send("PATCH", &path, r#"{"description": "x"}"#).await;
    assert!(refused.header("x-ms-throttle-scope").starts_with("Tenant_Application/Write/"), "{refused:?}");
    assert_eq!(refused.header("x-ms-throttle-information"), "WriteLimitExceeded");
    assert_eq!(refused.header("retry-after"), "150");
    assert_eq!(refused.header("x-ms-throttle-limit-percentage"), "1.00");
    assert_eq!(caller.get(&path).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn every_item_of_a_batch_counts_and_is_refused_by_itself() {
    let wire = Wire::new(world());
    let caller = Caller::of_graph(&wire).await;
    caller.get_times(690, &members()).await;
    let requests: Vec<Value> =
        (0..20).map(|n| json!({"id": n.to_string(), "method": "GET", "url": members()})).collect();
    let reply = caller.send("POST", "/$batch", &json!({"requests": requests}).to_string()).await;
    let responses = reply.json()["responses"].as_array().unwrap().clone();
    let refused: Vec<&Value> = responses.iter().filter(|item| item["status"] == 429).collect();
    assert_eq!((reply.status, refused.len()), (200, 10));
    assert!(refused.iter().all(|item| item["headers"]["Retry-After"] == "10"), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bucket_of_reads_empties_and_refills() {
    let wire = Wire::new(world());
    let caller = Caller::of_arm(&wire, "https://management.azure.com").await;
    let path = format!("/subscriptions/{PROD}?api-version=2022-12-01");
    let first = caller.get(&path).await;
    assert_eq!(first.header("x-ms-ratelimit-remaining-subscription-reads"), "249");
    let last = caller.get_times(249, &path).await;
    assert_eq!(last.header("x-ms-ratelimit-remaining-subscription-reads"), "0");
    let refused = caller.get(&path).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    let all = caller.get("/subscriptions?api-version=2022-12-01").await;
    assert_eq!(all.header("x-ms-ratelimit-remaining-tenant-reads"), "249", "the tenant's bucket is another");
    wire.simulator.advance(Duration::from_secs(2));
    caller.get_times(50, &path).await;
    assert_eq!(caller.get(&path).await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn the_authorization_provider_has_a_limit_of_its_own() {
    let wire = Wire::new(world());
    let caller = Caller::of_arm(&wire, "https://management.azure.com").await;
    let path = assignments(&format!("/subscriptions/{PROD}"));
    caller.get_times(120, &path).await;
    wire.simulator.advance(Duration::from_secs(55));
    let refused = caller.get(&path).await;
    assert_eq!(refused.error(), (429, "ResourceRequestsThrottled".to_owned()));
    assert!(refused.message().contains("limit of '120' for time interval '00:01:00'"), "{refused:?}");
    assert!(refused.message().contains("try again after '5' seconds"), "{refused:?}");
    assert_eq!(refused.header("retry-after"), "5");
    wire.simulator.advance(Duration::from_secs(5));
    assert_eq!(caller.get(&path).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_national_clouds_count_by_the_hour() {
    let wire = Wire::new(World { cloud: Cloud::UsGov, ..world() });
    let caller = Caller::of_arm(&wire, "https://management.usgovcloudapi.net").await;
    let path = format!("/subscriptions/{PROD}?api-version=2022-12-01");
    let first = caller.get(&path).await;
    assert_eq!(first.header("x-ms-ratelimit-remaining-subscription-reads"), "11999");
    wire.simulator.advance(Duration::from_mins(50));
    let later = caller.get(&path).await;
    assert_eq!(later.header("x-ms-ratelimit-remaining-subscription-reads"), "11998", "nothing refills");
}

#[tokio::test(start_paused = true)]
async fn a_world_can_do_without_quotas() {
    let wire = Wire::new(World { quotas: Quotas::Off, ..world() });
    let caller = Caller::of_graph(&wire).await;
    let last = caller.get_times(800, &members()).await;
    assert_eq!(last.header("x-ms-throttle-limit-percentage"), "");
    wire.simulator.edit(|world| world.quotas = Quotas::Real);
    caller.get_times(700, &members()).await;
    assert_eq!(caller.get(&members()).await.status, 429);
}

/// What a busy fleet asks of the services at a pace: reads and Azure in one tenant, writes in another; how often each
/// was refused as too much.
async fn refusals_at(pace: f64) -> [usize; 3] {
    let people: Vec<Uuid> = (1..=20).map(Uuid::from_u128).collect();
    let groups: Vec<Uuid> = (1_001..=1_600).map(Uuid::from_u128).collect();
    let mut world = world();
    let northwind = world.customer_mut("northwind").unwrap();
    northwind.users = people.iter().map(|id| User::guest(*id, &format!("p{id}@fabrikam.example"))).collect();
    northwind.groups = groups.iter().map(|id| Group::security(*id, &id.to_string(), [])).collect();
    let wire = Wire::new(world);
    let simulator = &wire.simulator;
    let client = crate::client::client(simulator).with_pace(pace);
    let (contoso, northwind) = (TenantId::new(CONTOSO), TenantId::new(NORTHWIND));
    let people: BTreeSet<ObjectId> = people.into_iter().map(ObjectId::new).collect();
    let reads = async {
        let (graph, team) = (client.graph(contoso, Priority::Change), ObjectId::new(TEAM));
        stream::iter(0..1_100).for_each_concurrent(40, async |_| drop(graph.flattened(team).await)).await;
    };
    let writes = async {
        let graph = client.graph(northwind, Priority::Change);
        let add = async |group| drop(graph.add_members(ObjectId::new(group), &people).await);
        stream::iter(groups).for_each_concurrent(10, add).await;
    };
    let azure = async {
        let (arm, prod) = (client.arm(contoso, Priority::Change), SubscriptionId::new(PROD));
        stream::iter(0..170).for_each_concurrent(10, async |_| drop(arm.role_assignments(prod).await)).await;
    };
    tokio::join!(reads, writes, azure);
    let requests = simulator.requests();
    let refused = |service: Service, method: &str| {
        let too_much =
            requests.iter().filter(|r| r.status == 429 && r.service == service && r.method == method);
        too_much.count()
    };
    [refused(Service::Graph, "GET"), refused(Service::Graph, "PATCH"), refused(Service::Arm, "GET")]
}

/// Tried: `Budget::Authorization` at (40, 1.5) → "at its own pace nothing is refused: [0, 0, 2]".
///
/// Trap: arm 26
#[tokio::test(start_paused = true)]
async fn a_busy_fleet_is_never_refused_at_the_clients_own_pace_and_is_at_one_and_a_half_times() {
    let refused = refusals_at(1.0).await;
    assert_eq!(refused, [0; 3], "at its own pace nothing is refused: {refused:?}");
    let refused = refusals_at(1.5).await;
    assert!(refused.iter().all(|&count| count > 0), "at 1.5 times the pace every quota refuses: {refused:?}");
}
