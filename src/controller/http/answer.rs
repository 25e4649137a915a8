//! Answers, and what every answer carries so that a browser keeps out of trouble.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::Markup;
use serde::Serialize;

use crate::report::html;
use crate::report::json::printed;

/// The style of all pages: that of a plan, and what only these have.
pub(super) static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", html::STYLE, include_str!("page/style.css")));

/// Nothing from anywhere, no script at all, the one style by its digest, forms to ourselves only.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a policy is plain ASCII")
});

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds to every answer what keeps it from being kept, guessed at, framed or read by others.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: browsers then hide the origin of our own forms from us, too.
        (REFERRER_POLICY, "same-origin"),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A sentence.
pub(super) fn sentence(status: StatusCode, text: &str) -> Response {
    with_type(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

/// A JSON document; characters that could rearrange a terminal are written as escapes.
pub(super) fn json<T: Serialize>(status: StatusCode, document: &T) -> Response {
    with_type(status, "application/json", printed(document))
}

/// A page.
pub(super) fn page(status: StatusCode, page: Markup) -> Response {
    with_type(status, "text/html; charset=utf-8", page.into_string())
}

/// Any text.
pub(super) fn with_type(status: StatusCode, of: &'static str, body: String) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static(of))], Body::from(body)).into_response()
}

/// The browser goes on there.
pub(super) fn see_other(place: &str) -> Response {
    // Places are our own paths; what is not one leads home.
    let place = place.parse::<Uri>().map_or_else(|_| "/".to_owned(), |place| place.to_string());
    axum::response::Redirect::to(&place).into_response()
}

/// There is no such address.
pub(super) async fn nothing_here() -> Response {
    sentence(
        StatusCode::NOT_FOUND,
        "there is nothing here: try /, /metrics, /livez, /readyz or /api/v1/customers",
    )
}
