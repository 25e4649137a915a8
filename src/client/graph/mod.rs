//! Microsoft Graph: one method per thing the program asks or does, in one tenant.

mod wire;
pub mod groups;
pub mod members;
pub mod users;
pub mod guests;
pub mod invitations;
pub mod gdap;
pub mod delta;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::client::Client;
use crate::client::error::Service;
use crate::client::http::{Call, Expect};
use crate::client::limiter::{Charge, Priority, graph_charges};
use crate::client::retry::Repeat;
use crate::model::ids::{ObjectId, TenantId};
use crate::model::quota::UNIT;

/// Graph in one tenant.
#[derive(Clone, Copy)]
pub struct Graph<'c> {
    pub(super) client: &'c Client,
    pub(super) tenant: TenantId,
    pub(super) priority: Priority,
}

/// What a request costs in resource units.
#[derive(Clone, Copy)]
struct Units(u32);

impl Graph<'_> {
    /// A GET of `path` (encoded, with its query).
    fn get(&self, route: &'static str, path: &str, units: Units) -> Call {
        self.call(Method::GET, route, path, graph_charges(self.tenant, 1, units.0, 0))
    }

    /// A request that writes, and counts as `writes` writes.
    fn write(&self, method: Method, route: &'static str, path: &str, writes: u32) -> Call {
        let mut call = self.call(method, route, path, graph_charges(self.tenant, 1, UNIT, writes));
        call.expect = Expect::NoContent;
        call
    }

    fn call(&self, method: Method, route: &'static str, path: &str, charges: Vec<Charge>) -> Call {
        Call {
            service: Service::Graph,
            tenant: Some(self.tenant),
            method,
            route,
            url: self.client.inner.endpoints.graph().join(&format!("/v1.0{path}")),
            headers: Vec::new(),
            body: None,
            charges,
            repeat: Repeat::Safe,
            expect: Expect::Json,
            priority: self.priority,
        }
    }

    /// How requests refer to an object. Built from the configured address: those that Graph returns can have another form.
    fn reference(&self, object: ObjectId) -> String {
        self.client.inner.endpoints.graph().join(&format!("/v1.0/directoryObjects/{object}")).into()
    }
}

/// The same request with a JSON body.
fn with_body(mut call: Call, body: &Value) -> Call {
    call.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    call.body = Some(Bytes::from(body.to_string()));
    call
}
