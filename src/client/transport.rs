//! The one way out: a boxed service from request to answer, over the network or into a router.

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tower::BoxError;
use tower::util::BoxCloneSyncService;

/// Carries a request to a service and its whole answer back.
pub type Transport = BoxCloneSyncService<http::Request<Bytes>, http::Response<Bytes>, BoxError>;

/// The largest answer that is read. Azure itself drops answers over 8 MB.
pub const MAX_BODY: usize = 16 * 1024 * 1024;

/// How long a connection may stay silent. Azure gives its providers 60 seconds and answers 504 after that.
const SILENCE: Duration = Duration::from_secs(90);

/// An answer larger than [`MAX_BODY`]. Asking again would fetch it again.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the answer is larger than 16 MiB")]
pub struct TooLarge;

/// Why there is no transport.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// A bundle of authorities without any.
    #[error("there is no certificate in PEM form in it")]
    NoAuthority,
    /// A bundle of authorities that cannot be read.
    #[error("its certificates cannot be read")]
    BadAuthority(#[source] reqwest::Error),
    /// The machine's own authorities are missing, or its proxy settings cannot be read.
    #[error("TLS cannot be set up")]
    Unready(#[source] reqwest::Error),
}

/// A transport over the network: rustls, no redirects (they would carry the token elsewhere).
///
/// `extra_roots` is a PEM bundle of certificate authorities to trust besides the machine's own, or alone where the machine
/// has none.
pub fn over_network(extra_roots: Option<&[u8]>) -> Result<Transport, TransportError> {
    match extra_roots {
        None => build(reqwest::ClientBuilder::build),
        Some(pem) => {
            let roots = reqwest::Certificate::from_pem_bundle(pem).map_err(TransportError::BadAuthority)?;
            if roots.is_empty() {
                return Err(TransportError::NoAuthority);
            }
            build(|builder| builder.tls_certs_merge(roots.iter().cloned()).build())
                .or_else(|_| build(|builder| builder.tls_certs_only(roots.iter().cloned()).build()))
        }
    }
}

/// A transport that trusts no authority at all: for machines without any, where all services answer on the machine itself.
pub fn on_this_machine() -> Result<Transport, TransportError> {
    build(|builder| builder.tls_certs_only([]).build())
}

/// A transport to a cluster's API server: it trusts the cluster's own authority alone, and asks no proxy.
pub fn to_cluster(authority: &[u8]) -> Result<Transport, TransportError> {
    let roots = reqwest::Certificate::from_pem_bundle(authority).map_err(TransportError::BadAuthority)?;
    if roots.is_empty() {
        return Err(TransportError::NoAuthority);
    }
    build(|builder| builder.no_proxy().tls_certs_only(roots.iter().cloned()).build())
}

fn build(
    finish: impl Fn(reqwest::ClientBuilder) -> reqwest::Result<reqwest::Client>,
) -> Result<Transport, TransportError> {
    let builder = || {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .user_agent(concat!("groupsync/", env!("CARGO_PKG_VERSION")))
    };
    let outside = finish(builder()).map_err(TransportError::Unready)?;
    // The machine's own token endpoint is on no network: a proxy would get to see the tokens.
    let inside = finish(builder().no_proxy()).map_err(TransportError::Unready)?;
    Ok(BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let link_local = request
            .uri()
            .host()
            .and_then(|host| host.parse::<Ipv4Addr>().ok())
            .is_some_and(|address| address.is_link_local());
        let client = if link_local { inside.clone() } else { outside.clone() };
        async move { exchange(&client, request).await }
    })))
}

async fn exchange(
    client: &reqwest::Client,
    request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, BoxError> {
    let request = reqwest::Request::try_from(request)?;
    let mut answer = client.execute(request).await.map_err(reqwest::Error::without_url)?;
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(TooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = http::Response::new(body.freeze());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}
