//! The embedded simulator's router as a transport: no socket, no thread, and tokio's paused clock works.

use bytes::Bytes;
use http::header::HOST;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt as _};

use crate::client::transport::{MAX_BODY, TooLarge, Transport};

/// The base address under which an embedded simulator answers; `.invalid` never resolves, so nothing can leave.
pub const BASE: &str = "http://simulator.invalid";

/// A transport into `router`.
pub fn transport(router: axum::Router) -> Transport {
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let router = router.clone();
        async move { exchange(router, request).await }
    }))
}

async fn exchange(
    router: axum::Router,
    mut request: http::Request<Bytes>,
) -> Result<http::Response<Bytes>, BoxError> {
    // What a connection over HTTP/1.1 would carry.
    if let Some(authority) = request.uri().authority() {
        let host = http::HeaderValue::from_str(authority.as_str())?;
        request.headers_mut().insert(HOST, host);
    }
    let response = router.oneshot(request.map(axum::body::Body::from)).await?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { TooLarge.into() } else { error })?;
    Ok(http::Response::from_parts(parts, body.to_bytes()))
}
