//! Something that listens: takes requests, answers as told, and remembers what came when.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use groupsync::client::transport::Transport;
use groupsync::clock::Clock;
use http::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;
use tower::BoxError;

/// What came.
#[derive(Debug, Clone)]
pub(super) struct Came {
    pub(super) at: Timestamp,
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Value,
}

/// What it does with a request: a status, with `Retry-After` or not; or nothing at all.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Status(u16),
    Later(u16, &'static str),
    Break,
    Never,
}

#[derive(Clone)]
pub(super) struct Receiver {
    clock: Clock,
    came: Arc<Mutex<Vec<Came>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, came: Arc::default(), answers: Arc::default() }
    }

    /// How it answers the next requests; after these, with 200.
    pub(super) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// What came since the last time.
    pub(super) fn came(&self) -> Vec<Came> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }

    pub(super) fn transport(&self) -> Transport {
        let receiver = self.clone();
        Transport::new(tower::service_fn(move |request: Request<Bytes>| {
            let receiver = receiver.clone();
            async move { receiver.answer(request).await }
        }))
    }

    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
        let came = Came {
            at: self.clock.now(),
            method: request.method().to_string(),
            uri: request.uri().to_string(),
            headers: request.headers().clone(),
            body: serde_json::from_slice(request.body())?,
        };
        let uri = came.uri.clone();
        self.came.lock().unwrap().push(came);
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(200));
        let (status, wait) = match answer {
            Answer::Status(status) => (status, None),
            Answer::Later(status, wait) => (status, Some(wait)),
            Answer::Break => return Err(format!("connection to {uri} broke").into()),
            Answer::Never => {
                self.clock.sleep(Duration::from_hours(1)).await;
                (200, None)
            }
        };
        let mut response = Response::builder().status(status);
        if let Some(wait) = wait {
            response = response.header("retry-after", wait);
        }
        Ok(response.body(Bytes::new())?)
    }
}
