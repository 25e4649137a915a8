//! Tokens and discovery.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use groupsync::simulator::world::Level;
use serde_json::{Value, json};

use super::{ADA, CONTOSO, NORTHWIND, PARTNER, Wire, world, world_with};

fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn code(reply: &super::Reply) -> (u16, u64) {
    (reply.status, reply.json()["error_codes"][0].as_u64().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_token_carries_tenant_audience_and_the_granted_permissions() {
    let wire = Wire::new(world());
    let claims = claims(&wire.token("https://graph.microsoft.com").await);
    assert_eq!(claims["aud"], "https://graph.microsoft.com");
    assert_eq!(claims["tid"], json!(CONTOSO));
    assert_eq!(claims["oid"], json!(wire.simulator.service_principal(CONTOSO)));
    assert_eq!(
        claims["roles"],
        json!([
            "Group.ReadWrite.All",
            "GroupMember.Read.All",
            "User.DeleteRestore.All",
            "User.Invite.All",
            "User.Read.All"
        ])
    );
    let start = claims["iat"].as_i64().unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - start, 3599);
    assert_eq!(start, wire.simulator.now().as_second());
}

#[tokio::test(start_paused = true)]
async fn a_token_for_arm_carries_no_permissions_of_graph() {
    let wire = Wire::new(world());
    let claims = claims(&wire.token("https://management.azure.com").await);
    assert_eq!(claims.get("roles"), None);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_do_not_fit_are_refused_by_number() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::None.permissions()));
    let client = wire.simulator.world().client.id.to_string();
    let (contoso, northwind) = (CONTOSO.to_string(), NORTHWIND.to_string());
    let scope = "https://graph.microsoft.com/.default";
    let nobody = ADA.to_string();
    for (tenant, id, secret, scope, expected) in [
        (northwind.as_str(), client.as_str(), "simulated-secret", scope, None),
        (&northwind, &client, "wrong", scope, Some((401, 7_000_215))),
        (&contoso, &client, "simulated-secret", scope, Some((400, 700_016))),
        (&northwind, &nobody, "simulated-secret", scope, Some((400, 700_016))),
        (&nobody, &client, "simulated-secret", scope, Some((400, 90_002))),
        ("nonsense", &client, "simulated-secret", scope, Some((400, 900_023))),
        (
            &northwind,
            &client,
            "simulated-secret",
            "https://graph.microsoft.com/User.Read",
            Some((400, 1_002_012)),
        ),
        (&northwind, &client, "simulated-secret", "https://vault.azure.net/.default", Some((400, 500_011))),
        (
            &northwind,
            &client,
            "simulated-secret",
            "https://graph.microsoft.com/.default https://management.azure.com/.default",
            Some((400, 70_011)),
        ),
    ] {
        let form = [
            ("client_id", id),
            ("client_secret", secret),
            ("scope", scope),
            ("grant_type", "client_credentials"),
        ];
        let reply = wire.ask_token(tenant, &form).await;
        match expected {
            None => assert_eq!(reply.status, 200, "{reply:?}"),
            Some(expected) => assert_eq!(code(&reply), expected, "{tenant} {id} {secret} {scope}"),
        }
    }
    let without = [("client_id", client.as_str()), ("scope", scope), ("grant_type", "client_credentials")];
    assert_eq!(code(&wire.ask_token(&northwind, &without).await), (401, 7_000_218));
    let other_grant = [("client_id", client.as_str()), ("scope", scope), ("grant_type", "password")];
    assert_eq!(code(&wire.ask_token(&northwind, &other_grant).await), (400, 70_003));
}

#[tokio::test(start_paused = true)]
async fn the_secret_may_come_as_basic_authorization() {
    let wire = Wire::new(world());
    let client = wire.simulator.world().client;
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", client.id, client.secret)));
    let url = format!("http://simulator.invalid/login/{CONTOSO}/oauth2/v2.0/token");
    let form = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials";
    let reply = wire.send("POST", &url, &[("authorization", &basic)], form.to_owned()).await.unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test(start_paused = true)]
async fn discovery_names_the_tenant_behind_a_domain() {
    let wire = Wire::new(world());
    let discover = async |name: &str| {
        let url = format!("http://simulator.invalid/login/{name}/v2.0/.well-known/openid-configuration");
        wire.send("GET", &url, &[], String::new()).await.unwrap()
    };
    for name in ["contoso.example", "contoso.onmicrosoft.com", &CONTOSO.to_string()] {
        let body = discover(name).await.json();
        assert_eq!(body["issuer"], format!("http://simulator.invalid/login/{CONTOSO}/v2.0"));
        assert_eq!(
            body["token_endpoint"],
            format!("http://simulator.invalid/login/{CONTOSO}/oauth2/v2.0/token")
        );
    }
    let unknown = discover("nobody.example").await;
    assert_eq!((unknown.status, unknown.json()["error"].as_str()), (400, Some("invalid_tenant")));
}

#[tokio::test(start_paused = true)]
async fn a_service_takes_only_its_own_unaltered_and_unexpired_tokens() {
    let wire = Wire::new(world());
    let graph = wire.token("https://graph.microsoft.com").await;
    let arm = wire.token("https://management.core.windows.net/").await;
    let groups = "http://simulator.invalid/graph/v1.0/groups";
    let subscriptions = "http://simulator.invalid/arm/subscriptions?api-version=2022-12-01";
    let ask = async |url: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        wire.send("GET", url, &[("authorization", &bearer)], String::new()).await.unwrap().status
    };
    assert_eq!(ask(groups, &graph).await, 200);
    assert_eq!(ask(subscriptions, &arm).await, 200);
    assert_eq!(ask(groups, &arm).await, 401);
    assert_eq!(ask(subscriptions, &graph).await, 401);
    assert_eq!(ask(groups, &format!("{graph}x")).await, 401);
    assert_eq!(wire.send("GET", groups, &[], String::new()).await.unwrap().error().0, 401);
    wire.simulator.advance(Duration::from_secs(3598));
    assert_eq!(ask(groups, &graph).await, 200);
    wire.simulator.advance(Duration::from_secs(1));
    assert_eq!(ask(groups, &graph).await, 401);
    let bearer = format!("Bearer {arm}");
    let expired =
        wire.send("GET", subscriptions, &[("authorization", &bearer)], String::new()).await.unwrap();
    assert_eq!(expired.error(), (401, "ExpiredAuthenticationToken".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_simulators_own_addresses_are_audiences_too() {
    let wire = Wire::new(world());
    let token = wire.token("http://simulator.invalid/graph").await;
    let bearer = format!("Bearer {token}");
    let url = "http://simulator.invalid/graph/v1.0/groups";
    let reply = wire.send("GET", url, &[("authorization", &bearer)], String::new()).await.unwrap();
    assert_eq!(reply.status, 200);
}

#[tokio::test(start_paused = true)]
async fn consent_given_later_shows_only_in_new_tokens() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::Observe.permissions()));
    let old = wire.token("https://graph.microsoft.com").await;
    wire.simulator.edit_customer(CONTOSO, |contoso| contoso.consent = Level::Lifecycle.permissions());
    let delete = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let url = format!("http://simulator.invalid/graph/v1.0/users/{ADA}");
        wire.send("DELETE", &url, &[("authorization", &bearer)], String::new()).await.unwrap().status
    };
    assert_eq!(delete(&old).await, 403);
    assert_eq!(delete(&wire.token("https://graph.microsoft.com").await).await, 204);
}

#[tokio::test(start_paused = true)]
async fn the_partner_tenant_gives_reading_permissions_only() {
    let wire = Wire::new(world()).at(PARTNER);
    assert_eq!(wire.get("/users").await.status, 200);
    assert_eq!(wire.graph("POST", "/invitations", super::invitation("x@y.example")).await.status, 403);
}
