//! A service that says what a test tells it to say: bodies and headers that no honest service sends, word for word.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use tower::util::BoxCloneSyncService;

use super::*;

/// One answer: status, headers, body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Said {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What the service was asked, `METHOD path`, tokens left out.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// Says one thing after another, the last for ever, to every request that is not for a token.
#[derive(Clone)]
pub(crate) struct Canned {
    said: Arc<Mutex<VecDeque<Said>>>,
    pub(crate) asked: Asked,
    pub(crate) tokens: Arc<Mutex<usize>>,
}

impl Canned {
    pub(crate) fn saying(said: impl IntoIterator<Item = Said>) -> Self {
        Self {
            said: Arc::new(Mutex::new(said.into_iter().collect())),
            asked: Asked::default(),
            tokens: Arc::default(),
        }
    }

    /// A client whose three services are this one.
    pub(crate) fn client(&self) -> Client {
        let simulator = simulator(World::default());
        let service = self.clone();
        let transport = tower::service_fn(move |request: http::Request<Bytes>| {
            let answer = service.answer(request.method(), request.uri());
            async move { Ok(answer) }
        });
        client_over(&simulator, BoxCloneSyncService::new(transport), embedded::BASE)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn tokens(&self) -> usize {
        *self.tokens.lock().unwrap()
    }

    fn answer(&self, method: &Method, uri: &http::Uri) -> http::Response<Bytes> {
        if uri.path().starts_with("/login/") {
            *self.tokens.lock().unwrap() += 1;
            let claims = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"oid":"{}","roles":[]}}"#, id(0x5e)));
            let token =
                format!(r#"{{"access_token":"e30.{claims}.sig","token_type":"Bearer","expires_in":3599}}"#);
            return http::Response::new(Bytes::from(token));
        }
        self.asked.lock().unwrap().push(format!("{method} {}", uri.path()));
        let mut said = self.said.lock().unwrap();
        let next = if said.len() > 1 { said.pop_front() } else { said.front().cloned() };
        let next = next.expect("a canned service has something to say");
        let mut response = http::Response::new(Bytes::from(next.body));
        *response.status_mut() = StatusCode::from_u16(next.status).unwrap();
        for (name, value) in next.headers {
            response.headers_mut().append(name, HeaderValue::from_str(&value).unwrap());
        }
        response
    }
}
