//! Posts news to a webhook. Its address is a secret: it comes from a file, which may change, and stands in no message.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use tower::ServiceExt as _;
use url::{Host, Url};

use crate::bounded::{self, SMALL};
use crate::client::retry::retry_after;
use crate::client::transport::Transport;
use crate::clock::Clock;
use crate::controller::notify::message;
use crate::controller::notify::news::News;

/// Who needs longer to take a message is asked again later.
const ANSWER: Duration = Duration::from_secs(15);

/// A webhook.
#[derive(Clone)]
pub struct Webhook {
    file: PathBuf,
    transport: Transport,
    page: Option<Url>,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// The file cannot be read.
    #[error("the file with the webhook's address cannot be read: {0}")]
    File(std::io::ErrorKind),
    /// It holds no address.
    #[error("the file with the webhook's address holds none")]
    NoAddress,
    /// Whoever listens on the way would see the address and the news.
    #[error("the webhook's address is not https")]
    InTheClear,
    /// No answer.
    #[error("the webhook did not answer")]
    Silent,
    /// Another answer than yes.
    #[error("the webhook answered {status}")]
    Refused {
        /// The status.
        status: u16,
        /// How long it wants to be left alone.
        wait: Option<Duration>,
    },
}

impl Webhook {
    /// A webhook whose address stands in `file`. `page` is the address of the status page as people reach it.
    pub fn new(file: PathBuf, transport: Transport, page: Option<Url>) -> Self {
        Self { file, transport, page }
    }

    /// Whether news could be posted, as far as can be told without doing so.
    pub fn check(&self) -> Result<(), Unsent> {
        self.address().map(drop)
    }

    /// Posts the news once.
    pub async fn post(&self, news: &[News], clock: &Clock) -> Result<(), Unsent> {
        let address = self.address()?;
        let body = message::body(news, self.page.as_ref()).to_string();
        let mut request = http::Request::new(Bytes::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = address.as_str().parse().map_err(|_| Unsent::NoAddress)?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let sending = self.transport.clone().oneshot(request);
        // What went wrong is not passed on: it may quote the address.
        let Some(Ok(answer)) = clock.within(ANSWER, sending).await else {
            return Err(Unsent::Silent);
        };
        if answer.status().is_success() {
            return Ok(());
        }
        let wait = retry_after(answer.headers(), clock.now());
        Err(Unsent::Refused { status: answer.status().as_u16(), wait })
    }

    fn address(&self) -> Result<Url, Unsent> {
        let text = bounded::read_text(&self.file, SMALL).map_err(|error| Unsent::File(error.kind()))?;
        let address = Url::parse(text.trim()).map_err(|_| Unsent::NoAddress)?;
        match address.scheme() {
            "https" if address.has_host() => Ok(address),
            "http" if is_loopback(&address) => Ok(address),
            "http" => Err(Unsent::InTheClear),
            _ => Err(Unsent::NoAddress),
        }
    }
}

impl Unsent {
    /// How long the receiver wants to be left alone.
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Refused { wait, .. } => *wait,
            _ => None,
        }
    }
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}
