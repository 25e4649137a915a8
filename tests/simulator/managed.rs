//! Tokens for managed identities: who gets one where, and what it is good for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use groupsync::simulator::world::{Client, Federated, IdentityKind, ManagedIdentity, World};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::{CONTOSO, PARTNER, Reply, Wire, world};
use crate::proofs::AUDIENCE;

const USER: Uuid = uuid!("0f1e2d3c-1111-4000-8000-00000000e001");
const USER_OBJECT: Uuid = uuid!("0f1e2d3c-1111-4000-8000-00000000e002");
const SYSTEM: Uuid = uuid!("0f1e2d3c-1111-4000-8000-00000000e003");
const SYSTEM_OBJECT: Uuid = uuid!("0f1e2d3c-1111-4000-8000-00000000e004");

/// A partner with one identity of each kind, both named as credentials of the application.
fn azure() -> World {
    let issuer = format!("https://login.microsoftonline.com/{PARTNER}/v2.0");
    let trust = |object: Uuid| Federated {
        issuer: issuer.clone(),
        subject: object.to_string(),
        ..Federated::default()
    };
    let client = Client { federated: vec![trust(USER_OBJECT), trust(SYSTEM_OBJECT)], ..Client::default() };
    let identity = |client_id, object_id, kind| ManagedIdentity {
        client_id,
        object_id,
        kind,
        ..ManagedIdentity::default()
    };
    let managed_identities = vec![
        identity(USER, USER_OBJECT, IdentityKind::UserAssigned),
        identity(SYSTEM, SYSTEM_OBJECT, IdentityKind::SystemAssigned),
    ];
    World { client, managed_identities, ..world() }
}

async fn ask(wire: &Wire, path: &str, header: (&str, &str)) -> Reply {
    wire.send("GET", &format!("http://simulator.invalid{path}"), &[header], String::new()).await.unwrap()
}

async fn instance(wire: &Wire, query: &str) -> Reply {
    let path = format!("/metadata/identity/oauth2/token?api-version=2019-08-01&{query}");
    ask(wire, &path, ("metadata", "true")).await
}

fn claims(reply: &Reply) -> Value {
    let body = reply.json();
    let token = body["access_token"].as_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_machine_hands_out_tokens_to_who_asks_as_azure_wants_it() {
    let wire = Wire::new(azure());
    let reply = instance(&wire, &format!("resource=https://graph.microsoft.com&client_id={USER}")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let body = reply.json();
    let end: i64 = body["expires_on"].as_str().expect("a text").parse().unwrap();
    assert_eq!(end, wire.simulator.now().as_second() + 24 * 3600 - 1);
    assert_eq!(body["resource"], "https://graph.microsoft.com");
    let claims_of_user = claims(&reply);
    assert_eq!((&claims_of_user["tid"], &claims_of_user["oid"]), (&json!(PARTNER), &json!(USER_OBJECT)));
    assert!(claims_of_user["roles"].as_array().unwrap().contains(&json!("User.Read.All")));

    let unnamed = instance(&wire, "resource=https://graph.microsoft.com").await;
    assert_eq!(claims(&unnamed)["oid"], json!(SYSTEM_OBJECT), "the machine's own");
    for (query, code) in [
        (format!("resource=https://graph.microsoft.com&client_id={CONTOSO}"), "invalid_request"),
        (format!("resource=https://graph.microsoft.com/.default&client_id={USER}"), "invalid_resource"),
        (format!("client_id={USER}"), "invalid_resource"),
        (format!("resource=https://graph.microsoft.us&client_id={USER}"), "invalid_resource"),
    ] {
        let reply = instance(&wire, &query).await;
        assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(code)), "{query}");
    }
    let path = "/metadata/identity/oauth2/token?api-version=2019-08-01&resource=https://graph.microsoft.com";
    assert_eq!(ask(&wire, path, ("accept", "*/*")).await.status, 400, "without its header");
    let path = "/metadata/identity/oauth2/token?resource=https://graph.microsoft.com";
    assert_eq!(ask(&wire, path, ("metadata", "true")).await.status, 400, "without a version");

    let path = "/msi/token?api-version=2019-08-01&resource=https://graph.microsoft.com";
    let header = wire.simulator.world().identity_header;
    assert_eq!(ask(&wire, path, ("x-identity-header", &header)).await.status, 200);
    assert_eq!(ask(&wire, path, ("x-identity-header", "guessed")).await.status, 401);
    assert_eq!(ask(&wire, path, ("metadata", "true")).await.status, 401);
}

/// Trap: graph 23
#[tokio::test(start_paused = true)]
async fn an_identitys_token_opens_the_partners_tenant_and_no_customers() {
    let wire = Wire::new(azure());
    let token = async |resource: &str, client: Uuid| {
        let reply = instance(&wire, &format!("resource={resource}&client_id={client}")).await;
        reply.json()["access_token"].as_str().unwrap().to_owned()
    };
    let get = async |url: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let url = format!("http://simulator.invalid{url}");
        wire.send("GET", &url, &[("authorization", &bearer)], String::new()).await.unwrap()
    };
    let graph = token("https://graph.microsoft.com", USER).await;
    assert_eq!(get("/graph/v1.0/users", &graph).await.rows().len(), 2, "the partner's own two");
    let arm = token("https://management.azure.com", USER).await;
    let at_contoso = format!("/arm/subscriptions/{}?api-version=2022-12-01", super::PROD);
    assert_eq!(get(&at_contoso, &arm).await.error(), (401, "InvalidAuthenticationTokenTenant".to_owned()));
    assert_eq!(get("/graph/v1.0/users", &arm).await.status, 401, "another service's token");

    // What opens a customer's tenant is the application, proven by the identity.
    let exchange = async |assertion: &str| {
        let id = wire.simulator.world().client.id.to_string();
        let form = [
            ("client_id", id.as_str()),
            ("client_assertion", assertion),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("scope", "https://graph.microsoft.com/.default"),
            ("grant_type", "client_credentials"),
        ];
        let reply = wire.ask_token(&CONTOSO.to_string(), &form).await;
        if reply.status == 200 { 200 } else { reply.json()["error_codes"][0].as_u64().unwrap() }
    };
    assert_eq!(exchange(&token(AUDIENCE, USER).await).await, 200);
    assert_eq!(exchange(&token(AUDIENCE, SYSTEM).await).await, 700_236, "only an identity of its own");
    assert_eq!(exchange(&graph).await, 700_211, "a token for another service");
    let forged = token(AUDIENCE, USER).await + "x";
    assert_ne!(exchange(&forged).await, 200);
}
