//! The one way out: a boxed service from request to answer, over the network or into a router.

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

/// A transport over the network: rustls, no redirects (they would carry the token elsewhere).
///
/// `extra_roots` is a PEM bundle of certificate authorities to trust besides the machine's own, or alone where the machine
/// has none.
pub fn over_network(extra_roots: Option<&[u8]>) -> Result<Transport, reqwest::Error> {
    let builder = || {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .user_agent(concat!("groupsync/", env!("CARGO_PKG_VERSION")))
    };
    let client = match extra_roots {
        None => builder().build()?,
        Some(pem) => {
            let roots = reqwest::Certificate::from_pem_bundle(pem)?;
            let merged = builder().tls_certs_merge(roots.iter().cloned()).build();
            merged.or_else(|_| builder().tls_certs_only(roots).build())?
        }
    };
    Ok(BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let client = client.clone();
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
