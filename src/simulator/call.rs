//! One request as the services see it: which service, path, query, headers, body, and the base of its links.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use super::answer::Answer;
use super::requests::Service;

/// No request of any of the services is larger.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// A request to one of the services, or to the steering.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) to: To,
    pub(super) method: Method,
    /// Scheme and host, as the client wrote them.
    pub(super) origin: String,
    /// The same and the prefix: what every link in an answer starts with.
    pub(super) base: String,
    /// The path below the base, as it was sent.
    pub(super) raw_path: String,
    /// The same, in decoded segments.
    pub(super) path: Vec<String>,
    pub(super) raw_query: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Marks a request that came over TLS, where neither its path nor its headers say so.
#[derive(Clone, Copy, Debug)]
pub(super) struct OverTls;

/// Who a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// A service.
    Service(Service),
    /// The simulator itself.
    Steering,
}

impl Call {
    /// Reads a request; the error is the answer to one that is for nobody or cannot be read.
    pub(super) async fn read(request: Request<Body>) -> Result<Self, Answer> {
        let (parts, body) = request.into_parts();
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return Err(Answer::text(413, "text/plain", "the body is too large or broke off")),
        };
        Self::from_parts(&parts, body).ok_or_else(|| {
            let help = "this is a simulator: its services stand under /login, /graph and /arm";
            Answer::text(404, "text/plain", help)
        })
    }

    fn from_parts(parts: &Parts, body: Bytes) -> Option<Self> {
        let origin = origin(parts);
        let path = parts.uri.path();
        let (prefix, below) = split_first(path);
        let prefixed = match prefix {
            "login" => Some(Service::Login),
            "graph" => Some(Service::Graph),
            "arm" => Some(Service::Arm),
            _ => None,
        };
        let (to, base, raw_path) = match prefixed {
            None if prefix == "_simulator" => (To::Steering, origin.clone(), below),
            None => (To::Service(by_shape(path)?), origin.clone(), path),
            Some(_) if split_first(below).0 == "_simulator" => {
                (To::Steering, origin.clone(), split_first(below).1)
            }
            Some(service) => (To::Service(service), format!("{origin}/{prefix}"), below),
        };
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        Some(Self {
            to,
            method: parts.method.clone(),
            origin,
            base,
            raw_path: raw_path.to_owned(),
            path: segments(raw_path),
            query: decode_query(&raw_query),
            raw_query,
            headers: parts.headers.clone(),
            body,
        })
    }

    /// The same caller asking for something else of the same service: an item of a `$batch`.
    pub(super) fn item(&self, method: Method, url: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (raw_path, raw_query) = url.split_once('?').unwrap_or((url, ""));
        Self {
            to: self.to,
            method,
            origin: self.origin.clone(),
            base: self.base.clone(),
            raw_path: raw_path.to_owned(),
            path: segments(raw_path),
            query: decode_query(raw_query),
            raw_query: raw_query.to_owned(),
            headers,
            body,
        }
    }

    /// A query option; the `$` of OData options is part of the name, case does not count.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; null if there is none.
    pub(super) fn json(&self) -> Result<Value, serde_json::Error> {
        if self.body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&self.body) }
    }

    /// This request's own address with one query option replaced.
    pub(super) fn link_with(&self, name: &str, value: &str) -> String {
        let kept = self.raw_query.split('&').filter(|pair| {
            let key = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !key.replace("%24", "$").eq_ignore_ascii_case(name)
        });
        let mut pairs: Vec<String> = kept.map(ToOwned::to_owned).collect();
        pairs.push(format!("{name}={value}"));
        format!("{}{}?{}", self.base, self.raw_path, pairs.join("&"))
    }
}

/// The service a path without prefix is for, for clients that keep only the host of an address: the paths of the three
/// services differ in their first segments.
fn by_shape(path: &str) -> Option<Service> {
    let (first, below) = split_first(path);
    match first.to_ascii_lowercase().as_str() {
        "v1.0" | "beta" => Some(Service::Graph),
        // Where Azure itself hands out tokens for managed identities.
        "metadata" if split_first(below).0 == "identity" => Some(Service::Login),
        "msi" => Some(Service::Login),
        "subscriptions" | "providers" | "tenants" | "metadata" => Some(Service::Arm),
        _ => match split_first(below).0 {
            "oauth2" | "v2.0" | "discovery" | ".well-known" => Some(Service::Login),
            _ => None,
        },
    }
}

/// Scheme and host: from an absolute address (in process, HTTP/2), else from the Host header.
fn origin(parts: &Parts) -> String {
    let over_tls = parts.extensions.get::<OverTls>().is_some();
    let scheme = parts.uri.scheme_str().unwrap_or(if over_tls { "https" } else { "http" });
    let host = parts.uri.authority().map(ToString::to_string);
    let host = host.or_else(|| parts.headers.get(header::HOST)?.to_str().ok().map(ToOwned::to_owned));
    format!("{scheme}://{}", host.unwrap_or_else(|| "localhost".to_owned()))
}

/// `/a/b/c` → `a` and `/b/c`.
fn split_first(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.find('/').map_or((path, ""), |end| path.split_at(end))
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

/// Percent-decoding of a path segment, where a plus is a plus.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'%').then(|| std::str::from_utf8(tail.get(..2)?).ok()).flatten();
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn decode_query(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Whether a batch item's address is relative, as it must be.
pub(super) fn is_relative(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_none()) || !url.contains("://")
}
