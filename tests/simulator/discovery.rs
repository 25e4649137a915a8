//! What programs ask before or beside their work: descriptions of the cloud and the login service, and about themselves.

use groupsync::simulator::world::OtherObject;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::{ADA, CAROL, CONTOSO, GRAPH, READER, TEAM, Wire, query, reference, world, world_with};

/// An application of Contoso's own.
const ROBOT: Uuid = uuid!("22222222-2222-4000-8000-00000000f001");

async fn fetch(wire: &Wire, url: &str) -> super::Reply {
    wire.send("GET", &format!("http://simulator.invalid{url}"), &[], String::new()).await.unwrap()
}

/// A customer whose administrator lets applications read the whole directory.
fn readable() -> Wire {
    Wire::new(world_with(|contoso| {
        contoso.consent.insert("Directory.Read.All".to_owned());
    }))
}

#[tokio::test(start_paused = true)]
async fn a_cloud_is_a_list_of_one_or_one_as_the_version_says() {
    let wire = Wire::new(world());
    let list = fetch(&wire, "/arm/metadata/endpoints?api-version=2019-05-01").await.json();
    let one = fetch(&wire, "/arm/metadata/endpoints?api-version=2022-09-01").await.json();
    assert_eq!(list, json!([one]));
    assert_eq!(one["authentication"]["loginEndpoint"], "http://simulator.invalid/login");
    assert_eq!(one["resourceManager"], "http://simulator.invalid/arm");
    let old = fetch(&wire, "/arm/metadata/endpoints?api-version=2015-01-01").await.json();
    assert_eq!(old["graphEndpoint"], "http://simulator.invalid/graph");
    let unknown = fetch(&wire, "/arm/metadata/endpoints?api-version=1999-01-01").await;
    assert_eq!(unknown.error(), (400, "InvalidApiVersionParameter".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_login_service_describes_tenants_keys_and_itself() {
    let wire = Wire::new(world());
    for url in [
        format!("/login/{CONTOSO}/v2.0/.well-known/openid-configuration"),
        format!("/login/{CONTOSO}/.well-known/openid-configuration"),
        "/login/common/v2.0/.well-known/openid-configuration".to_owned(),
    ] {
        let described = fetch(&wire, &url).await.json();
        let keys = described["jwks_uri"].as_str().unwrap().replace("http://simulator.invalid", "");
        assert_eq!(fetch(&wire, &keys).await.json(), json!({"keys": []}), "{url}");
    }
    let ask = |authority: &str| {
        let asked = format!("{authority}/{CONTOSO}/oauth2/v2.0/authorize");
        format!(
            "/login/common/discovery/instance?api-version=1.1&{}",
            query("authorization_endpoint", &asked)
        )
    };
    let own = fetch(&wire, &ask("http://simulator.invalid/login")).await.json();
    assert_eq!(
        own["tenant_discovery_endpoint"],
        format!("http://simulator.invalid/login/{CONTOSO}/v2.0/.well-known/openid-configuration")
    );
    let other = fetch(&wire, &ask("https://login.elsewhere.example")).await;
    assert_eq!((other.status, other.json()["error"].as_str()), (400, Some("invalid_instance")));
}

#[tokio::test(start_paused = true)]
async fn without_a_prefix_the_path_tells_the_services_apart() {
    let wire = Wire::new(world());
    let described = fetch(&wire, &format!("/{CONTOSO}/v2.0/.well-known/openid-configuration")).await.json();
    let tokens = format!("http://simulator.invalid/{CONTOSO}/oauth2/v2.0/token");
    assert_eq!(described["token_endpoint"], tokens);
    assert_eq!(fetch(&wire, "/v1.0/groups").await.error().0, 401);
    assert_eq!(fetch(&wire, "/subscriptions?api-version=2022-12-01").await.error().0, 401);
    assert_eq!(fetch(&wire, "/favicon.ico").await.status, 404);
    let bearer = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let url = "http://simulator.invalid/v1.0/groups?$top=1";
    let reply = wire.send("GET", url, &[("authorization", &bearer)], String::new()).await.unwrap();
    assert_eq!(reply.json()["@odata.context"], "http://simulator.invalid/v1.0/$metadata#groups");
}

#[tokio::test(start_paused = true)]
async fn beta_answers_like_the_first_version_and_links_to_itself() {
    let wire = readable();
    let bearer = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let ask = async |path: &str| {
        let url = format!("http://simulator.invalid/graph/{path}");
        wire.send("GET", &url, &[("authorization", &bearer)], String::new()).await.unwrap()
    };
    let (beta, first) = (ask("beta/groups").await, ask("v1.0/groups").await);
    assert_eq!(beta.json()["value"], first.json()["value"]);
    assert_eq!(beta.json()["@odata.context"], "http://simulator.invalid/graph/beta/$metadata#groups");
    assert_eq!(ask("v2.0/groups").await.error().0, 400);
}

/// Trap: graph 17
#[tokio::test(start_paused = true)]
async fn only_beta_shows_service_principals_among_members() {
    let robot = OtherObject { id: ROBOT, r#type: "servicePrincipal".to_owned(), ..OtherObject::default() };
    let wire = Wire::new(world_with(|contoso| {
        contoso.objects.push(robot);
        contoso.group_mut(TEAM).unwrap().members.insert(ROBOT);
    }));
    assert_eq!(wire.get(&format!("/groups/{TEAM}/members")).await.ids(), [ADA]);
    let bearer = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let url = format!("http://simulator.invalid/graph/beta/groups/{TEAM}/members");
    let beta = wire.send("GET", &url, &[("authorization", &bearer)], String::new()).await.unwrap();
    assert_eq!(beta.ids(), [ADA, ROBOT]);
}

#[tokio::test(start_paused = true)]
async fn an_application_finds_its_own_service_principal() {
    let wire = readable();
    let (client, own) = (wire.simulator.world().client.id, wire.simulator.service_principal(CONTOSO));
    assert_eq!(wire.find("/servicePrincipals", &format!("appId eq '{client}'")).await.ids(), [own]);
    let named =
        wire.find("/servicePrincipals", &format!("servicePrincipalNames/any(n:n eq '{client}')")).await;
    assert_eq!(named.ids(), [own]);
    for path in [format!("/servicePrincipals(appId='{client}')"), format!("/servicePrincipals/{own}")] {
        assert_eq!(wire.get(&path).await.json()["appId"], json!(client), "{path}");
    }
    let by_id = wire.graph("POST", "/directoryObjects/getByIds", json!({"ids": [own]})).await;
    assert_eq!(by_id.rows()[0]["servicePrincipalNames"], json!([client]));
    assert_eq!(wire.get(&format!("/servicePrincipals/{ADA}")).await.error().0, 404);
    assert_eq!(wire.get("/organization").await.ids(), [CONTOSO]);
    assert_eq!(wire.get("/me").await.error(), (400, "BadRequest".to_owned()));
    let unread = Wire::new(world()).get("/servicePrincipals").await;
    assert_eq!(unread.error(), (403, "Authorization_RequestDenied".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_groups_around_an_object_are_found_through_other_groups() {
    let wire = readable();
    let outer = wire.create_group("outer").await;
    let added = json!({"@odata.id": reference(TEAM)});
    assert_eq!(wire.graph("POST", &format!("/groups/{outer}/members/$ref"), added).await.status, 204);
    let ask = async |path: String, body: Value| wire.graph("POST", &path, body).await;
    let asked = json!({"groupIds": [outer, TEAM, READER]});
    let ada = ask(format!("/users/{ADA}/checkMemberGroups"), asked.clone()).await.json();
    assert_eq!(ada["value"], json!([outer, TEAM]));
    let carol = ask(format!("/directoryObjects/{CAROL}/checkMemberGroups"), asked.clone()).await.json();
    assert_eq!(carol["value"], json!([]));
    let team = ask(format!("/groups/{TEAM}/getMemberGroups"), json!({"securityEnabledOnly": true})).await;
    assert_eq!(team.json()["value"], json!([outer]));
    let missing = ask(format!("/users/{READER}/checkMemberGroups"), asked).await;
    assert_eq!(missing.error(), (404, "Request_ResourceNotFound".to_owned()));
    let many = json!({"groupIds": vec![TEAM; 21]});
    assert_eq!(ask(format!("/users/{ADA}/checkMemberGroups"), many).await.error().0, 400);
}

#[tokio::test(start_paused = true)]
async fn what_sdks_say_about_the_type_of_a_body_changes_nothing() {
    let wire = readable();
    let mut body = wire.group_body("typed");
    body["@odata.type"] = json!("#microsoft.graph.group");
    let made = wire.graph("POST", "/groups", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        wire.get(&format!("/groups/{id}")).await.json()["@odata.context"],
        format!("{GRAPH}/$metadata#groups/$entity")
    );
}
