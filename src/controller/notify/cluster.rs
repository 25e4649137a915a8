//! The cluster's API server, as a pod finds it: address from the environment, authority, token and namespace from the service
//! account's folder. Events are all that is asked of it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use tower::ServiceExt as _;
use url::Url;

use crate::bounded::{self, SMALL};
use crate::client::transport::{self, Transport, TransportError};
use crate::clock::Clock;
use crate::controller::notify::event::{Pod, Send, Step};

/// Where the kubelet puts a service account's token, authority and namespace.
pub const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// An API server that needs longer has other worries.
const ANSWER: Duration = Duration::from_secs(10);

/// Where the API server is and who we are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `KUBERNETES_SERVICE_HOST`.
    pub host: String,
    /// `KUBERNETES_SERVICE_PORT`.
    pub port: String,
    /// [`FOLDER`].
    pub folder: PathBuf,
    /// The pod's name.
    pub pod: String,
    /// The pod's id.
    pub uid: String,
}

/// The way to the API server.
#[derive(Clone)]
pub struct Cluster {
    base: Url,
    token: PathBuf,
    pod: Pod,
    transport: Transport,
}

/// Why there is no way to the API server.
#[derive(Debug, thiserror::Error)]
pub enum NoCluster {
    /// Not an address.
    #[error("`{0}` is not the address of an API server")]
    Address(String),
    /// The service account's folder.
    #[error("{0} of the service account cannot be read")]
    Account(&'static str, #[source] io::Error),
    /// Its authority.
    #[error("the cluster's certificate authority cannot be used")]
    Authority(#[source] TransportError),
}

/// Why an Event was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// The token cannot be read.
    #[error("the service account's token cannot be read: {0}")]
    Token(io::ErrorKind),
    /// No answer.
    #[error("the API server did not answer")]
    Silent,
    /// Another answer than yes.
    #[error("the API server answered {0}")]
    Refused(u16),
}

impl Cluster {
    /// The way there.
    pub fn new(place: &Place) -> Result<Self, NoCluster> {
        let read = |what| {
            bounded::read(&place.folder.join(what), SMALL).map_err(|error| NoCluster::Account(what, error))
        };
        let authority = read("ca.crt")?;
        let transport = transport::to_cluster(&authority).map_err(NoCluster::Authority)?;
        Self::over(transport, place)
    }

    /// The same over another transport.
    pub fn over(transport: Transport, place: &Place) -> Result<Self, NoCluster> {
        let host = if place.host.contains(':') { format!("[{}]", place.host) } else { place.host.clone() };
        let text = format!("https://{host}:{}/", place.port);
        let base = Url::parse(&text).map_err(|_| NoCluster::Address(text))?;
        let namespace = bounded::read_text(&place.folder.join("namespace"), SMALL)
            .map_err(|error| NoCluster::Account("namespace", error))?;
        let pod =
            Pod { namespace: namespace.trim().to_owned(), name: place.pod.clone(), uid: place.uid.clone() };
        Ok(Self { base, token: place.folder.join("token"), pod, transport })
    }

    /// Which pod this is.
    pub fn pod(&self) -> &Pod {
        &self.pod
    }

    /// Takes a step, once.
    pub async fn send(&self, step: &Step, clock: &Clock) -> Result<(), Untold> {
        // The kubelet renews it under way.
        let token = bounded::read_text(&self.token, SMALL).map_err(|error| Untold::Token(error.kind()))?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .map_err(|_| Untold::Token(io::ErrorKind::InvalidData))?;
        bearer.set_sensitive(true);
        let (method, kind, body) = match &step.send {
            Send::Create(body) => (Method::POST, "application/json", body),
            Send::Patch(body) => (Method::PATCH, "application/merge-patch+json", body),
        };
        let mut request = http::Request::new(Bytes::from(body.to_string()));
        *request.uri_mut() = self.address(step).as_str().parse().map_err(|_| Untold::Silent)?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.method_mut() = method;
        let sending = self.transport.clone().oneshot(request);
        match clock.within(ANSWER, sending).await {
            None | Some(Err(_)) => Err(Untold::Silent),
            Some(Ok(answer)) if answer.status().is_success() => Ok(()),
            // The Event is there: the answer to an earlier attempt got lost.
            Some(Ok(answer)) if answer.status() == StatusCode::CONFLICT => Ok(()),
            Some(Ok(answer)) => Err(Untold::Refused(answer.status().as_u16())),
        }
    }

    fn address(&self, step: &Step) -> Url {
        let mut address = self.base.clone();
        let mut path = address.path_segments_mut().expect("https has a path");
        path.pop_if_empty().extend([
            "apis",
            "events.k8s.io",
            "v1",
            "namespaces",
            &self.pod.namespace,
            "events",
        ]);
        if let Send::Patch(_) = step.send {
            path.push(&step.name);
        }
        drop(path);
        address
    }
}

impl Untold {
    /// Whether what was to be changed is not there.
    pub fn is_gone(&self) -> bool {
        *self == Self::Refused(404)
    }
}
