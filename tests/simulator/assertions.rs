//! Assertions: what the login service takes, and every forgery it refuses.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{Client, Cloud, SignIn, World};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{CONTOSO, NORTHWIND, Reply, Wire, world};
use crate::proofs::{AUDIENCE, ISSUER, SUBJECT, Signer, part, signer};

const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GRAPH: &str = "https://graph.microsoft.com/.default";

/// A world whose application has one certificate and trusts one service account.
fn trusting() -> World {
    let client = Client {
        secret: String::new(),
        certificates: vec![signer(0).certificate.clone()],
        federated: vec![signer(1).trusted()],
        ..Client::default()
    };
    World { client, ..world() }
}

fn url() -> String {
    format!("http://simulator.invalid/login/{CONTOSO}/oauth2/v2.0/token")
}

async fn present(wire: &Wire, assertion: &str) -> Reply {
    let id = wire.simulator.world().client.id.to_string();
    let form = [
        ("client_id", id.as_str()),
        ("client_assertion", assertion),
        ("client_assertion_type", BEARER),
        ("scope", GRAPH),
        ("grant_type", "client_credentials"),
    ];
    wire.ask_token(&CONTOSO.to_string(), &form).await
}

/// 200, or the number of the refusal.
fn verdict(reply: &Reply) -> u64 {
    if reply.status == 200 { 200 } else { reply.json()["error_codes"][0].as_u64().unwrap() }
}

/// The claims of a good certificate assertion, changed.
fn own_claims(wire: &Wire, change: impl FnOnce(&mut Value)) -> Value {
    let (id, now) = (wire.simulator.world().client.id, wire.simulator.now().as_second());
    let mut claims =
        json!({"aud": url(), "iss": id, "sub": id, "jti": "1", "nbf": now, "iat": now, "exp": now + 600});
    change(&mut claims);
    claims
}

fn header() -> Value {
    json!({"alg": "PS256", "typ": "JWT", "x5t#S256": signer(0).sha256()})
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_taken_in_its_new_and_its_old_form() {
    let wire = Wire::new(trusting());
    let old = json!({"alg": "RS256", "typ": "JWT", "x5t": signer(0).sha1()});
    for header in [header(), old] {
        let reply = present(&wire, &signer(0).sign(&header, &own_claims(&wire, |_| {}))).await;
        assert_eq!(reply.status, 200, "{header}: {reply:?}");
    }
}

/// Tried: the comparison of `aud` left out of `by_certificate` -> "another tenant's address: … left: 200 right: 700023"; the
/// signature not verified there -> "another key: … left: 200 right: 700027".
#[tokio::test(start_paused = true)]
async fn a_forged_certificate_assertion_is_refused_by_number() {
    let wire = Wire::new(trusting());
    let now = wire.simulator.now().as_second();
    let own = |change: &dyn Fn(&mut Value)| own_claims(&wire, change);
    let by = |header: Value, claims: Value| signer(0).sign(&header, &claims);
    let tampered = {
        let good = by(header(), own(&|_| {}));
        let (_, signature) = good.rsplit_once('.').unwrap();
        format!("{}.{}.{signature}", part(&header()), part(&own(&|claims| claims["jti"] = json!("2"))))
    };
    let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&own(&|_| {})));
    let other_print = json!({"alg": "PS256", "x5t#S256": signer(2).sha256()});
    let elsewhere = url().replace(&CONTOSO.to_string(), &NORTHWIND.to_string());
    for (forgery, assertion, expected) in [
        ("another key", signer(2).sign(&header(), &own(&|_| {})), 700_027),
        ("changed after signing", tampered, 700_027),
        ("another certificate", by(other_print, own(&|_| {})), 700_027),
        ("no certificate named", by(json!({"alg": "PS256"}), own(&|_| {})), 700_027),
        ("RSA passed off as PSS", by(json!({"alg": "RS256", "x5t#S256": "x"}), own(&|_| {})), 700_027),
        ("another issuer", by(header(), own(&|c| c["iss"] = json!(CONTOSO))), 700_021),
        ("another subject", by(header(), own(&|c| c["sub"] = json!(CONTOSO))), 700_021),
        ("another tenant's address", by(header(), own(&|c| c["aud"] = json!(elsewhere))), 700_023),
        ("no audience", by(header(), own(&|c| c["aud"] = Value::Null)), 700_023),
        (
            "over",
            by(header(), own(&|c| (c["nbf"], c["exp"]) = (json!(now - 900), json!(now - 301)))),
            700_024,
        ),
        (
            "not begun",
            by(header(), own(&|c| (c["nbf"], c["exp"]) = (json!(now + 301), json!(now + 900)))),
            700_024,
        ),
        ("too long", by(header(), own(&|c| c["exp"] = json!(now + 24 * 3600 + 1))), 700_024),
        ("without an end", by(header(), own(&|c| c["exp"] = Value::Null)), 700_024),
        ("without an id", by(header(), own(&|c| c["jti"] = Value::Null)), 50_027),
        ("unsigned", none, 50_027),
        ("no token at all", "assertion".to_owned(), 50_027),
    ] {
        let reply = present(&wire, &assertion).await;
        assert_eq!(verdict(&reply), expected, "{forgery}: {reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_has_ended_signs_nobody_in() {
    let ended = Signer::new(|params| params.not_after = rcgen::date_time_ymd(2029, 12, 31));
    let mut world = trusting();
    world.client.certificates.push(ended.certificate.clone());
    let wire = Wire::new(world);
    let header = json!({"alg": "PS256", "x5t#S256": ended.sha256()});
    let reply = present(&wire, &ended.sign(&header, &own_claims(&wire, |_| {}))).await;
    assert_eq!(verdict(&reply), 1_000_502, "{reply:?}");
}

/// Tried: the key looked up without its `kid` -> "another kid: … left: 200 right: 50013"; `is_signed` always true ->
/// "another key: … left: 200 right: 50013".
#[tokio::test(start_paused = true)]
async fn a_foreign_token_is_taken_only_from_the_trusted_subject_of_the_trusted_issuer() {
    let wire = Wire::new(trusting());
    let now = wire.simulator.now().as_second();
    let good = json!({"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "nbf": now, "exp": now + 3600});
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let key = json!({"alg": "RS256", "kid": "one"});
    let by = |header: &Value, claims: &Value| signer(1).sign(header, claims);
    assert_eq!(present(&wire, &by(&key, &good)).await.status, 200);
    assert_eq!(
        present(&wire, &signer(1).service_account(now, now + 3600)).await.status,
        200,
        "a list of one"
    );
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "kid": "one"})), part(&good));
    let hmac = {
        let signed = format!("{}.{}", part(&json!({"alg": "HS256", "kid": "one"})), part(&good));
        let secret =
            aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, signer(1).public("one").n.as_bytes());
        let tag = aws_lc_rs::hmac::sign(&secret, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    for (forgery, assertion, expected) in [
        ("another issuer", by(&key, &with("iss", json!("https://oidc.example"))), 700_211),
        ("another subject", by(&key, &with("sub", json!("system:serviceaccount:default:default"))), 700_213),
        ("another audience", by(&key, &with("aud", json!("https://kubernetes.default.svc"))), 700_212),
        ("two audiences", by(&key, &with("aud", json!([AUDIENCE, "x"]))), 700_212),
        (
            "another cloud's audience",
            by(&key, &with("aud", json!("api://AzureADTokenExchangeChina"))),
            700_212,
        ),
        ("another key", signer(2).sign(&key, &good), 50_013),
        ("another kid", by(&json!({"alg": "RS256", "kid": "two"}), &good), 50_013),
        ("no kid", by(&json!({"alg": "RS256"}), &good), 50_013),
        ("over", by(&key, &with("exp", json!(now - 301))), 700_024),
        ("not begun", by(&key, &with("nbf", json!(now + 301))), 700_024),
        ("no subject", by(&key, &with("sub", Value::Null)), 50_027),
        ("unsigned", unsigned("none"), 50_027),
        ("unsigned, said to be signed", unsigned("RS256"), 50_013),
        ("HMAC with the public key", hmac, 50_027),
    ] {
        let reply = present(&wire, &assertion).await;
        assert_eq!(verdict(&reply), expected, "{forgery}: {reply:?}");
    }
    let mut alone = trusting();
    alone.client.federated.clear();
    assert_eq!(verdict(&present(&Wire::new(alone), &by(&key, &good)).await), 70_021);
}

#[tokio::test(start_paused = true)]
async fn an_assertion_needs_its_type_and_a_secret_must_be_current() {
    let wire = Wire::new(trusting());
    let id = wire.simulator.world().client.id.to_string();
    let tenant = CONTOSO.to_string();
    let ask = async |wire: &Wire, name: &str, value: &str| {
        let grant = ("grant_type", "client_credentials");
        let form = [("client_id", id.as_str()), (name, value), ("scope", GRAPH), grant];
        verdict(&wire.ask_token(&tenant, &form).await)
    };
    let good = signer(0).sign(&header(), &own_claims(&wire, |_| {}));
    assert_eq!(ask(&wire, "client_assertion", &good).await, 900_144);
    assert_eq!(ask(&wire, "client_secret", "").await, 7_000_215, "no secret is not the empty secret");

    let end: Timestamp = "2030-01-01T01:00:00Z".parse().unwrap();
    let client = Client { secret_expires: Some(end), ..Client::default() };
    let wire = Wire::new(World { client, ..world() });
    assert_eq!(ask(&wire, "client_secret", "simulated-secret").await, 200);
    wire.simulator.advance(Duration::from_hours(1));
    assert_eq!(ask(&wire, "client_secret", "simulated-secret").await, 7_000_222);
    assert_eq!(ask(&wire, "client_secret", "wrong").await, 7_000_215);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_can_disable_or_block_the_application_and_let_its_own_act() {
    let mut world = world();
    let own = Client { id: super::ADA, secret: "contosos".to_owned(), ..Client::default() };
    world.customers[0].app = Some(own.clone());
    let wire = Wire::new(world);
    let ask = async |id: &str, secret: &str, tenant: &str| {
        let grant = ("grant_type", "client_credentials");
        let form = [("client_id", id), ("client_secret", secret), ("scope", GRAPH), grant];
        verdict(&wire.ask_token(tenant, &form).await)
    };
    let (contoso, northwind) = (CONTOSO.to_string(), NORTHWIND.to_string());
    let (partners, contosos) = (wire.simulator.world().client.id.to_string(), own.id.to_string());
    assert_eq!(ask(&partners, "simulated-secret", &contoso).await, 700_016);
    assert_eq!(ask(&contosos, "contosos", &contoso).await, 200);
    assert_eq!(ask(&contosos, "contosos", &northwind).await, 700_016);

    for (state, number) in [(SignIn::Disabled, 7_000_112), (SignIn::Blocked, 53_003), (SignIn::Allowed, 200)]
    {
        wire.simulator.edit_customer(NORTHWIND, |northwind| northwind.sign_in = state);
        assert_eq!(ask(&partners, "simulated-secret", &northwind).await, number);
    }
    for number in [70_021, 700_016, 700_024, 700_027, 7_000_112, 7_000_222, 5_000_224, 90_099] {
        wire.simulator.add_fault(Fault::new(FaultKind::SignInRefused).aadsts(number).times(1));
        assert_eq!(ask(&partners, "simulated-secret", &northwind).await, u64::from(number));
    }
    wire.simulator.add_fault(Fault::new(FaultKind::SignInRefused).customer("northwind").times(1));
    assert_eq!(ask(&contosos, "contosos", &contoso).await, 200);
    assert_eq!(ask(&partners, "simulated-secret", &northwind).await, 53_003, "its default");
}

#[tokio::test(start_paused = true)]
async fn a_cloud_makes_tokens_for_its_own_services_only() {
    let wire = Wire::new(World { cloud: Cloud::UsGov, ..trusting() });
    let id = wire.simulator.world().client.id.to_string();
    let now = wire.simulator.now().as_second();
    let assertion = |audience: &str| {
        let claims = json!({"iss": ISSUER, "sub": SUBJECT, "aud": audience, "nbf": now, "exp": now + 3600});
        signer(1).sign(&json!({"alg": "RS256", "kid": "one"}), &claims)
    };
    let own = "api://AzureADTokenExchangeUSGov";
    for (audience, scope, expected) in [
        (own, "https://graph.microsoft.us/.default", 200),
        (own, "https://management.usgovcloudapi.net/.default", 200),
        (own, "https://dod-graph.microsoft.us/.default", 500_011),
        (own, GRAPH, 500_011),
        (own, "https://microsoftgraph.chinacloudapi.cn/.default", 500_011),
        (AUDIENCE, "https://graph.microsoft.us/.default", 700_212),
    ] {
        let assertion = assertion(audience);
        let form = [
            ("client_id", id.as_str()),
            ("client_assertion", &assertion),
            ("client_assertion_type", BEARER),
            ("scope", scope),
            ("grant_type", "client_credentials"),
        ];
        assert_eq!(
            verdict(&wire.ask_token(&CONTOSO.to_string(), &form).await),
            expected,
            "{audience} {scope}"
        );
    }
}

#[test]
fn a_world_says_what_is_wrong_with_its_applications() {
    let mut world = trusting();
    assert_eq!(world.problems(), Vec::<String>::new());
    world.client.certificates.push("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into());
    world.client.federated.push(signer(1).trusted());
    world.client.federated[0].keys[0].kty = "EC".into();
    let problems = world.problems().join("\n");
    for said in ["certificate of application", "twice", "not an RSA public key"] {
        assert!(problems.contains(said), "{problems}");
    }
    let text = serde_json::to_string(&trusting()).unwrap();
    assert_eq!(World::from_json(&text).unwrap(), trusting(), "a world survives its own JSON");
}
