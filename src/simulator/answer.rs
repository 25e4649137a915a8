//! One answer before it is turned into HTTP.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;

/// Status, headers and body of an answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Content,
    /// Whether the connection breaks in the middle of the body.
    pub(super) broken: bool,
}

/// What an answer carries.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Nothing,
    Json(Value),
    Text { media_type: &'static str, text: String },
}

impl Answer {
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Content::Json(body), broken: false }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Content::Nothing, broken: false }
    }

    pub(super) fn text(status: u16, media_type: &'static str, text: &str) -> Self {
        let body = Content::Text { media_type, text: text.to_owned() };
        Self { status, headers: Vec::new(), body, broken: false }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The body as it travels, and its media type.
    fn bytes(&self) -> (Bytes, Option<&'static str>) {
        match &self.body {
            Content::Nothing => (Bytes::new(), None),
            Content::Json(value) => (Bytes::from(value.to_string()), Some("application/json; charset=utf-8")),
            Content::Text { media_type, text } => (Bytes::from(text.clone()), Some(media_type)),
        }
    }

    /// Breaks the answer off in its middle: either the message ends there, or the connection does.
    pub(super) fn cut(mut self, cleanly: bool) -> Self {
        let (bytes, media_type) = self.bytes();
        let half = String::from_utf8_lossy(&bytes[..bytes.len() / 2]).into_owned();
        let media_type = media_type.unwrap_or("application/json");
        // A body too small to be cut can only be lost with its connection.
        self.broken = !cleanly || bytes.len() < 2;
        self.body = Content::Text { media_type, text: half };
        self
    }

    /// The same answer with white space behind it, up to that many bytes.
    pub(super) fn padded(mut self, size: usize) -> Self {
        let (bytes, media_type) = self.bytes();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        text.extend(std::iter::repeat_n(' ', size.saturating_sub(text.len())));
        self.body = Content::Text { media_type: media_type.unwrap_or("application/json"), text };
        self
    }

    /// The same answer under another media type.
    pub(super) fn called(mut self, media_type: &'static str) -> Self {
        let (bytes, _) = self.bytes();
        self.body = Content::Text { media_type, text: String::from_utf8_lossy(&bytes).into_owned() };
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let (bytes, media_type) = self.bytes();
        let body = if self.broken {
            let reset = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "the connection broke");
            Body::from_stream(stream::iter([Ok(bytes), Err(reset)]))
        } else {
            Body::from(bytes)
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(media_type) = media_type {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        for (name, value) in self.headers {
            let value = HeaderValue::from_str(&value);
            // A value that cannot be a header would have been refused by the real service's own stack.
            if let Ok(value) = value {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
