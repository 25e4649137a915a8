//! Whether it lives, whether it is ready, and what it measures: open to everybody, and nobody is named.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;

use crate::controller::board::{JournalHealth, Overview};
use crate::controller::http::Server;
use crate::controller::http::answer::{sentence, with_type};
use crate::controller::measure;
use crate::telemetry::metrics::CONTENT_TYPE;

/// The loop turns every few seconds, whatever Microsoft does. One that has not for so long hangs.
const HANGS: SignedDuration = SignedDuration::from_mins(2);

/// Whether the loop still turns. What Microsoft does is not asked: a restart would not mend it.
pub(super) async fn live(State(server): State<Arc<Server>>) -> Response {
    let silent = server.clock.now().duration_since(server.board.overview().last_turn);
    if silent <= HANGS {
        return sentence(StatusCode::OK, "ok");
    }
    let text = format!("the loop last turned {} seconds ago", silent.as_secs());
    sentence(StatusCode::SERVICE_UNAVAILABLE, &text)
}

/// Whether there are files to keep the fleet in step with, and a journal that takes records.
pub(super) async fn ready(State(server): State<Arc<Server>>) -> Response {
    match unready(&server.board.overview()) {
        None => sentence(StatusCode::OK, "ok"),
        Some(reason) => sentence(StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

/// Why it is not ready, if so.
pub fn unready(overview: &Overview) -> Option<&'static str> {
    if overview.ending {
        Some("it is about to end")
    } else if overview.revision.is_none() {
        Some("no version of the files was accepted yet")
    } else if matches!(overview.journal, JournalHealth::Trouble(_)) {
        Some("the journal cannot be used")
    } else {
        None
    }
}

/// Everything that is measured.
pub(super) async fn metrics(State(server): State<Arc<Server>>) -> Response {
    // A large fleet's are megabytes; the loop has the other threads.
    let text = tokio::task::spawn_blocking(move || {
        measure::refresh(&server.board, &server.journal, &server.metrics);
        server.metrics.text()
    });
    match text.await {
        Ok(text) => with_type(StatusCode::OK, CONTENT_TYPE, text),
        Err(_) => sentence(StatusCode::SERVICE_UNAVAILABLE, "it is about to end"),
    }
}
