//! What the controller answers over HTTP: whether it lives, what it measures, and, to whoever shows the token, how every
//! customer stands, for programs and for people.
//!
//! `/metrics`, `/livez` and `/readyz` are open and name nobody. Everything else is off without a token, and then asks for it:
//! programs send it with each request, people once in a form. They get a cookie rather than the browser's own dialogue, because a
//! browser sends what it was told in that dialogue with requests that other pages make it send, and never forgets it.

pub mod token;
mod access;
mod answer;
pub mod health;
mod choice;
mod api;
mod page;

use std::io;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::controller::board::Board;
use crate::controller::http::token::TokenFile;
use crate::controller::measure;
use crate::journal::Journal;
use crate::model::ids::TenantId;
use crate::telemetry::metrics::Metrics;

/// Larger than anything that is sent here: a token in a form.
const LARGEST_BODY: usize = 8 * 1024;

/// Everything that answers follow from.
pub struct Server {
    /// What the loop knows.
    pub board: Board,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
    /// The partner's tenant, whose mark our groups carry, once the files have said it.
    pub partner: Arc<OnceLock<TenantId>>,
    /// The journal, whose health is measured.
    pub journal: Journal,
    /// What opens everything with names; none: nothing does.
    pub token: Option<TokenFile>,
}

/// Answers until `shutdown` is done, and then what was begun.
pub async fn serve(
    server: Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(server)).with_graceful_shutdown(shutdown).await
}

/// All routes.
pub fn router(server: Server) -> Router {
    measure::listen(&server.board, &server.metrics);
    let server = Arc::new(server);
    let named = Router::new()
        .route("/", get(page::fleet::show))
        .route("/customers/{name}", get(page::customer::show))
        .route("/reconcile/{name}", post(api::reconcile))
        .route("/api/v1/customers", get(api::customers))
        .route("/api/v1/customers/{name}", get(api::customer))
        .route("/logout", post(access::logout))
        .layer(from_fn_with_state(Arc::clone(&server), access::guard));
    Router::new()
        .route("/login", post(access::login))
        .merge(named)
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .fallback(answer::nothing_here)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(map_response(answer::harden))
        .with_state(server)
}
