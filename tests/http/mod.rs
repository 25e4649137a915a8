//! What the controller answers over HTTP: who gets in, what nobody sees without the token, and that names do no harm.

pub(crate) mod fleet;
mod access;
mod pages;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use groupsync::clock::Clock;
use groupsync::controller::board::Board;
use groupsync::controller::http::token::TokenFile;
use groupsync::controller::http::{Server, router};
use groupsync::journal::Journal;
use groupsync::model::ids::TenantId;
use groupsync::telemetry::metrics::{Detail, Metrics};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tempfile::NamedTempFile;
use tower::ServiceExt as _;

pub(crate) const TOKEN: &str = "a-token-for-tests-0123456789";

/// A controller's HTTP side, with the file its token is in.
pub(crate) struct House {
    pub(crate) board: Board,
    pub(crate) file: NamedTempFile,
    router: Router,
}

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl House {
    pub(crate) fn of(board: Board, clock: Clock) -> Self {
        let mut file = NamedTempFile::new().unwrap();
        writeln!(file, "{TOKEN}").unwrap();
        let token = TokenFile::open(file.path()).unwrap();
        let router = router(server(&board, clock, Some(token)));
        Self { board, file, router }
    }

    /// With a fleet of forty customers, one in each condition among them.
    pub(crate) fn new() -> Self {
        let clock = Clock::starting_at(fleet::now());
        Self::of(fleet::board(40), clock)
    }

    /// The same without a token.
    pub(crate) fn closed() -> Self {
        let board = fleet::board(3);
        let router = router(server(&board, Clock::starting_at(fleet::now()), None));
        Self { board, file: NamedTempFile::new().unwrap(), router }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("UTF-8");
        Answered { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answered {
        self.send(request(Method::GET, path, headers, "")).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        self.send(request(Method::POST, path, headers, body)).await
    }

    /// As a program with the token.
    pub(crate) async fn read(&self, path: &str) -> Answered {
        self.get(path, &[("authorization", &format!("Bearer {TOKEN}"))]).await
    }
}

fn server(board: &Board, clock: Clock, token: Option<TokenFile>) -> Server {
    Server {
        board: board.clone(),
        metrics: Metrics::new(Detail::Fleet),
        clock,
        partner: Arc::new("0f1e2d3c-1111-4000-8000-0000000000aa".parse::<TenantId>().unwrap().into()),
        journal: Journal::none(),
        token,
    }
}

pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !body.is_empty() {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
