//! Refusals of Graph and ARM, and the envelopes they travel in.

use serde_json::{Value, json};

/// Why a request was refused, before it is put into a service's envelope.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// ARM's envelope.
    pub(super) fn arm(&self) -> Value {
        json!({"error": {"code": self.code, "message": self.message}})
    }

    /// Graph's envelope.
    pub(super) fn graph(&self, date: &str, request_id: &str, client_request_id: &str) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date,
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        }})
    }
}

/// Graph: the request cannot be understood or contradicts the directory.
pub(super) fn bad_request(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "Request_BadRequest", message)
}

/// Graph: an object is missing, or not known everywhere yet.
pub(super) fn no_such(id: &str) -> Refusal {
    Refusal::new(
        404,
        "Request_ResourceNotFound",
        format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
        ),
    )
}

/// Graph: the application lacks a permission.
pub(super) fn denied() -> Refusal {
    Refusal::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

/// Graph: a query this collection does not support, or only with the advanced headers.
pub(super) fn unsupported_query(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "Request_UnsupportedQuery", message)
}
