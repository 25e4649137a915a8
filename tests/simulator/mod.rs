//! The simulator by itself: plain HTTP requests against its router, on a paused clock.

mod login;
mod assertions;
mod managed;
mod discovery;
mod groups;
mod members;
mod users;
mod invitations;
mod capacity;
mod gdap;
mod queries;
mod permissions;
mod batch;
mod subscriptions;
mod assignments;
mod lag;
mod delta;
mod faults;
mod steering;
mod edits;
mod quotas;
mod azure;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use groupsync::simulator::Simulator;
use groupsync::simulator::world::{Customer, Group, Lag, OtherObject, Partner, Subscription, User, World};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::{Uuid, uuid};

pub(crate) const PARTNER: Uuid = uuid!("0f1e2d3c-1111-4000-8000-0000000000aa");
pub(crate) const ADMIN_AGENTS: Uuid = uuid!("0f1e2d3c-1111-4000-8000-0000000000a1");
pub(crate) const CONTOSO: Uuid = uuid!("22222222-2222-4000-8000-000000000001");
pub(crate) const NORTHWIND: Uuid = uuid!("33333333-3333-4000-8000-000000000001");
pub(crate) const PROD: Uuid = uuid!("22222222-2222-4000-8000-0000000000b1");
pub(crate) const NORTH: Uuid = uuid!("33333333-3333-4000-8000-0000000000b1");
pub(crate) const READER: Uuid = uuid!("acdd72a7-3385-48ef-bd42-f606fba81ae7");
pub(crate) const CONTRIBUTOR: Uuid = uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c");
pub(crate) const OWNER: Uuid = uuid!("8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
/// An employee of Contoso.
pub(crate) const CAROL: Uuid = uuid!("22222222-2222-4000-8000-00000000c001");
/// A guest at Contoso, from the partner.
pub(crate) const ADA: Uuid = uuid!("22222222-2222-4000-8000-00000000a001");
/// A guest at Contoso, in no group.
pub(crate) const GRACE: Uuid = uuid!("22222222-2222-4000-8000-00000000a002");
/// A security group of Contoso with Ada in it.
pub(crate) const TEAM: Uuid = uuid!("22222222-2222-4000-8000-0000000000d1");
/// A device of Contoso.
pub(crate) const LAPTOP: Uuid = uuid!("22222222-2222-4000-8000-0000000000e1");

/// A partner and two customers.
pub(crate) fn world() -> World {
    let staff = |n: u128, mail: &str| User::member(Uuid::from_u128(PARTNER.as_u128() + n), mail);
    let subscription =
        |alias: &str, id| Subscription { alias: alias.to_owned(), id, ..Subscription::default() };
    let laptop = OtherObject {
        id: LAPTOP,
        r#type: "device".to_owned(),
        display_name: "laptop".to_owned(),
        ..OtherObject::default()
    };
    World {
        partner: Partner {
            tenant_id: PARTNER,
            domain: "fabrikam.example".to_owned(),
            users: vec![staff(1, "ada@fabrikam.example"), staff(2, "grace@fabrikam.example")],
            groups: vec![Group::security(ADMIN_AGENTS, "AdminAgents", [])],
            ..Partner::default()
        },
        customers: vec![
            Customer {
                name: "contoso".to_owned(),
                tenant_id: CONTOSO,
                domain: "contoso.example".to_owned(),
                users: vec![
                    User::member(CAROL, "carol@contoso.example"),
                    User::guest(ADA, "ada@fabrikam.example"),
                    User::guest(GRACE, "grace@fabrikam.example"),
                ],
                groups: vec![Group::security(TEAM, "Team", [ADA])],
                objects: vec![laptop],
                subscriptions: vec![subscription("prod", PROD)],
                ..Customer::default()
            },
            Customer {
                name: "northwind".to_owned(),
                tenant_id: NORTHWIND,
                domain: "northwind.example".to_owned(),
                subscriptions: vec![subscription("north", NORTH)],
                ..Customer::default()
            },
        ],
        ..World::default()
    }
}

/// The same with Contoso changed.
pub(crate) fn world_with(change: impl FnOnce(&mut Customer)) -> World {
    let mut world = world();
    change(world.customer_mut("contoso").unwrap());
    world
}

/// The same with replica lag.
pub(crate) fn lagging(min_seconds: f64, max_seconds: f64) -> World {
    World { lag: Lag { min_seconds, max_seconds }, ..world() }
}

/// A client without any cleverness: what it is told to send, it sends.
pub(crate) struct Wire {
    pub(crate) simulator: Simulator,
    tenant: Uuid,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Status and error code.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().map(ToOwned::to_owned);
        (self.status, code.unwrap_or_else(|| panic!("no error: {self:?}")))
    }

    /// The error's text.
    #[track_caller]
    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    /// The ids of a list.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.rows().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// The rows of a list.
    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<Value> {
        self.json()["value"].as_array().unwrap_or_else(|| panic!("no list: {self:?}")).clone()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Wire {
    pub(crate) fn new(world: World) -> Self {
        Self { simulator: Simulator::new(world, 1), tenant: CONTOSO }
    }

    /// Speaks to another tenant from here on.
    pub(crate) fn at(mut self, tenant: Uuid) -> Self {
        self.tenant = tenant;
        self
    }

    /// Sends anything; the error is a connection that broke.
    pub(crate) async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Reply, String> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect(url);
        let response = self.simulator.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, text })
    }

    /// Asks for a token.
    pub(crate) async fn ask_token(&self, tenant: &str, form: &[(&str, &str)]) -> Reply {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let url = format!("http://simulator.invalid/login/{tenant}/oauth2/v2.0/token");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", &url, &headers, form).await.unwrap()
    }

    /// A token for a resource in the tenant spoken to.
    pub(crate) async fn token(&self, resource: &str) -> String {
        let client = self.simulator.world().client;
        let reply = self
            .ask_token(
                &self.tenant.to_string(),
                &[
                    ("client_id", &client.id.to_string()),
                    ("client_secret", &client.secret),
                    ("scope", &format!("{resource}/.default")),
                    ("grant_type", "client_credentials"),
                ],
            )
            .await;
        reply.json()["access_token"].as_str().unwrap_or_else(|| panic!("no token: {reply:?}")).to_owned()
    }

    /// Sends to Graph with a fresh token.
    pub(crate) async fn try_graph(&self, method: &str, path: &str, body: Value) -> Result<Reply, String> {
        let token = format!("Bearer {}", self.token("https://graph.microsoft.com").await);
        let mut headers = vec![("authorization", token.as_str()), ("client-request-id", "from-the-test")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        if path.contains("uniqueName=") && method == "PATCH" {
            headers.push(("prefer", "create-if-missing"));
        }
        self.send(method, &format!("{GRAPH}{path}"), &headers, body).await
    }

    pub(crate) async fn graph(&self, method: &str, path: &str, body: Value) -> Reply {
        self.try_graph(method, path, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.graph("GET", path, Value::Null).await
    }

    /// A GET with one OData filter.
    pub(crate) async fn find(&self, path: &str, filter: &str) -> Reply {
        self.get(&format!("{path}?{}", query("$filter", filter))).await
    }

    /// A GET that can do with an answer from the index.
    pub(crate) async fn advanced(&self, path: &str) -> Reply {
        let token = format!("Bearer {}", self.token("https://graph.microsoft.com").await);
        let headers = [("authorization", token.as_str()), ("consistencylevel", "eventual")];
        self.send("GET", &format!("{GRAPH}{path}"), &headers, String::new()).await.unwrap()
    }

    /// Follows the links of a list to its end.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let reply = self.get(&path).await;
            rows.extend(reply.rows());
            let link = reply.json()["@odata.nextLink"].as_str().map(ToOwned::to_owned);
            next = link.map(|link| link.strip_prefix(GRAPH).expect("links stay on the host").to_owned());
        }
        rows
    }

    /// Sends to ARM with a fresh token.
    pub(crate) async fn arm(&self, method: &str, path: &str, body: Value) -> Reply {
        let token = format!("Bearer {}", self.token("https://management.azure.com").await);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let url = format!("http://simulator.invalid/arm{path}");
        self.send(method, &url, &[("authorization", &token)], body).await.unwrap()
    }

    /// Creates a group with the application as owner and returns its id.
    pub(crate) async fn create_group(&self, name: &str) -> Uuid {
        let reply =
            self.graph("PATCH", &format!("/groups(uniqueName='{name}')"), self.group_body(name)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["id"].as_str().unwrap().parse().unwrap()
    }

    /// The body that creates such a group.
    pub(crate) fn group_body(&self, name: &str) -> Value {
        json!({
            "displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true,
            "owners@odata.bind": [reference(self.simulator.service_principal(self.tenant))],
        })
    }

    /// Invites an address and returns the guest's id.
    pub(crate) async fn invite(&self, address: &str) -> Uuid {
        let reply = self.graph("POST", "/invitations", invitation(address)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["invitedUser"]["id"].as_str().unwrap().parse().unwrap()
    }
}

pub(crate) const GRAPH: &str = "http://simulator.invalid/graph/v1.0";

/// The address of an object in a `$ref` body.
pub(crate) fn reference(id: Uuid) -> String {
    format!("{GRAPH}/directoryObjects/{id}")
}

/// One encoded query option.
pub(crate) fn query(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

pub(crate) fn invitation(address: &str) -> Value {
    json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://portal.azure.com"})
}

/// The path of a role assignment.
pub(crate) fn assignment(scope: &str, name: Uuid) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01")
}

/// The path of a list of role assignments.
pub(crate) fn assignments(scope: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01")
}

/// The body of an assignment to a group.
pub(crate) fn role_for(principal: Uuid, role: Uuid) -> Value {
    let role = format!("/subscriptions/{PROD}/providers/Microsoft.Authorization/roleDefinitions/{role}");
    json!({"properties": {"roleDefinitionId": role, "principalId": principal, "principalType": "Group"}})
}
