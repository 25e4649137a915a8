//! Everything that leaves the client, as it leaves.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use groupsync::cli::embedded;
use groupsync::client::transport::Transport;
use groupsync::simulator::Simulator;
use serde_json::Value;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

/// A request as it was sent.
pub(crate) type Sent = http::Request<Bytes>;

/// Keeps a copy of every request.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Recorder {
    /// The way to a simulator, past this recorder.
    pub(crate) fn transport(&self, simulator: &Simulator) -> Transport {
        let (inner, sent) = (embedded::transport(simulator.router()), Arc::clone(&self.sent));
        BoxCloneSyncService::new(tower::service_fn(move |request: Sent| {
            sent.lock().unwrap().push(request.clone());
            inner.clone().oneshot(request)
        }))
    }

    /// Every request so far whose path begins like that.
    pub(crate) fn below(&self, path: &str) -> Vec<Sent> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|request| request.uri().path().starts_with(path)).cloned().collect()
    }

    /// The hosts that were spoken to.
    pub(crate) fn hosts(&self) -> std::collections::BTreeSet<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter_map(|request| request.uri().host().map(ToOwned::to_owned)).collect()
    }
}

/// A header as text.
pub(crate) fn header<'a>(request: &'a Sent, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The tenant that the token of a request is for.
pub(crate) fn tenant(request: &Sent) -> String {
    let claims = header(request, "authorization").split('.').nth(1).expect("a token has three parts");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["tid"].as_str().unwrap().to_owned()
}
