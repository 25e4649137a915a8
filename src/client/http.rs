//! The one way a request is sent: retry around { token, limiter, request }.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::Instant;
use tower::ServiceExt as _;
use tracing::Instrument as _;
use url::Url;
use uuid::Uuid;

use crate::client::Client;
use crate::client::bucket::PausedTooLong;
use crate::client::endpoints::Resource;
use crate::client::error::{Error, Failure, Kind, Service};
use crate::client::limiter::{Charge, Priority};
use crate::client::redact::redact;
use crate::client::retry::{Attempts, Next, Repeat, TokenAge, retry_after, server_date};
use crate::client::said::{Said, request_id};
use crate::client::token::cache::Token;
use crate::client::transport::TooLarge;
use crate::model::ids::TenantId;

/// How long one attempt may take in all; a connection that is silent for 90 seconds ends before.
const ATTEMPT: Duration = Duration::from_mins(2);

/// The route of a request that holds others.
pub(super) const BATCH: &str = "/$batch";

/// A request, before it has a token. Not to be printed: a token request's body holds the secret.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) service: Service,
    /// Whose directory it is about; none for discovery.
    pub(super) tenant: Option<TenantId>,
    pub(super) method: Method,
    /// The template of the address, for spans and messages: no ids, no people.
    pub(super) route: &'static str,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<Bytes>,
    pub(super) charges: Vec<Charge>,
    pub(super) repeat: Repeat,
    pub(super) expect: Expect,
    pub(super) priority: Priority,
}

/// What a success looks like. Anything else under a status of success (a proxy's page, half an answer) is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// A JSON body.
    Json,
    /// 204.
    NoContent,
    /// Either.
    JsonOrNoContent,
}

/// A success.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    pub(super) request_id: Option<String>,
}

impl Call {
    /// A failure of this request.
    pub(super) fn failure(&self, kind: Kind, status: Option<u16>, message: &str) -> Error {
        Error::new(Failure {
            kind,
            service: self.service,
            method: self.method.clone(),
            route: self.route,
            status,
            code: None,
            number: None,
            message: message.to_owned(),
            request_id: None,
            about: None,
            retry_after: None,
        })
    }

    /// The body of a success as `T`.
    pub(super) fn decode<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Error> {
        serde_json::from_slice(&answer.body).map_err(|error| self.not_as_promised(&error))
    }

    /// The failure of a body that is JSON, but not of the promised shape.
    pub(super) fn not_as_promised(&self, error: &serde_json::Error) -> Error {
        self.failure(Kind::Malformed, Some(200), &redact(&format!("not as promised: {error}")))
    }

    /// Judges an answer, whether of a request of its own or of an item of a batch.
    pub(super) fn judge(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Bytes,
        retry_after: Option<Duration>,
    ) -> Result<(), Error> {
        if status.is_success() {
            let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
            let as_promised = match self.expect {
                Expect::NoContent => status == StatusCode::NO_CONTENT,
                Expect::Json => status != StatusCode::NO_CONTENT && is_json(),
                Expect::JsonOrNoContent => status == StatusCode::NO_CONTENT || is_json(),
            };
            if as_promised {
                return Ok(());
            }
            return Err(self.failure(
                Kind::Malformed,
                Some(status.as_u16()),
                "the answer is not JSON or cut off",
            ));
        }
        let said = Said::parse(body);
        let kind = match said.kind(self.service, status.as_u16()) {
            // Without its words it may be anybody on the way who says so, and what exists would be taken for gone.
            Kind::NotFound if said.is_silent() => Kind::Malformed,
            kind => kind,
        };
        Err(Error::new(Failure {
            kind,
            service: self.service,
            method: self.method.clone(),
            route: self.route,
            status: Some(status.as_u16()),
            code: Some(redact(&said.code)).filter(|code| !code.is_empty()),
            number: said.number(),
            message: redact(&said.message),
            request_id: said.request_id(headers),
            about: said.about(),
            retry_after,
        }))
    }

    /// Whether it changes anything where it goes; of a batch its items say so.
    pub(super) fn writes(&self) -> bool {
        self.method != Method::GET && self.route != BATCH && self.service != Service::Login
    }

    fn resource(&self) -> Option<(TenantId, Resource)> {
        match self.service {
            Service::Login => None,
            Service::Graph => Some((self.tenant?, Resource::Graph)),
            Service::Arm => Some((self.tenant?, Resource::Arm)),
        }
    }
}

impl Client {
    /// Sends a request until it succeeds, fails for good, or patience ends. Boxed, because fetching a token is a
    /// request itself.
    pub(super) fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Answer, Error>> {
        self.send_unless_halted(call, call.writes()).boxed()
    }

    /// The same, with the word of whoever knows what is in it on whether it writes: then the kill switch ends it between two
    /// attempts, and with it every wait. What the service said before that stays the answer: it may have been done.
    pub(super) async fn send_unless_halted(&self, call: &Call, writes: bool) -> Result<Answer, Error> {
        self.refuse_what_must_not_leave(call)?;
        let mut attempts = Attempts::default();
        let mut last: Option<Error> = None;
        let halted = |last: &Option<Error>| {
            let reason = self.halt.as_ref().filter(|_| writes)?.reason()?;
            Some(match last {
                Some(error) => error.clone().not_sent_again(&reason),
                None => call.failure(Kind::Halted, None, &reason),
            })
        };
        loop {
            if let Some(error) = halted(&last) {
                return Err(error);
            }
            attempts.sent += 1;
            let span = tracing::trace_span!(
                "request",
                service = call.service.name(),
                method = call.method.as_str(),
                route = call.route,
                attempt = attempts.sent,
            );
            let token = match call.resource() {
                Some((tenant, resource)) => match self.token(tenant, resource).await {
                    Ok(token) => Some(token),
                    Err(error) => return Err(after(last, error)),
                },
                None => None,
            };
            let drawn = tokio::select! {
                biased;
                () = self.thrown(), if writes => Ok(()),
                drawn = self.draw(call) => drawn,
            };
            if let Err(paused) = drawn {
                let wait = format!("paused by the service for another {} s", paused.0.as_secs());
                return Err(after(last, call.failure(Kind::Throttled, None, &wait)));
            }
            if let Some(error) = halted(&last) {
                return Err(error);
            }
            let error = match self.attempt(call, token.as_ref()).instrument(span).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let age = token.as_ref().map_or(TokenAge::Fresh, |token| token.age(self.inner.clock.now()));
            match attempts.after(&error, call.repeat, age, self.jitter()) {
                Next::Stop => return Err(error),
                Next::Wait(wait) => tokio::select! {
                    () = self.inner.clock.sleep(wait) => {}
                    () = self.thrown(), if writes => {}
                },
                Next::NewToken => {
                    if let (Some((tenant, resource)), Some(token)) = (call.resource(), &token) {
                        self.inner.tokens.forget(tenant, resource, token).await;
                    }
                }
            }
            last = Some(error);
        }
    }

    /// Returns once this clone may write nothing more.
    pub(super) async fn thrown(&self) {
        match &self.halt {
            Some(halt) => halt.thrown().await,
            None => std::future::pending().await,
        }
    }

    async fn draw(&self, call: &Call) -> Result<(), PausedTooLong> {
        let began = Instant::now();
        let drawn = self.inner.limiter.draw(&call.charges, call.priority).await;
        if !call.charges.is_empty() {
            let (service, priority) = (call.service.name(), call.priority.name());
            self.inner.metrics.requests.waited(service, priority, began.elapsed());
        }
        drawn
    }

    pub(super) async fn attempt(&self, call: &Call, token: Option<&Arc<Token>>) -> Result<Answer, Error> {
        let request = self.request(call, token)?;
        let mut measured =
            self.inner.metrics.requests.begin(call.service.name(), call.method.as_str(), call.route);
        let sending = self.inner.transport.clone().oneshot(request);
        let response = match self.inner.clock.within(ATTEMPT, sending).await {
            None => return Err(call.failure(Kind::Unreachable, None, "no answer within two minutes")),
            Some(Err(error)) if error.is::<TooLarge>() => {
                return Err(call.failure(Kind::Rejected, None, "the answer is larger than 16 MiB"));
            }
            Some(Err(error)) => return Err(call.failure(Kind::Unreachable, None, &deepest(error.as_ref()))),
            Some(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers());
        measured.answered(status.as_u16());
        drop(measured);
        // What a batch costs stands in its items.
        if call.route != BATCH {
            self.heed_quota(call, status, headers);
        }
        match (call.service, server_date(headers)) {
            (Service::Login, _) => self.heed_date(headers),
            (Service::Graph, Some(time)) => self.note_time_at_graph(time),
            _ => {}
        }
        let wait = retry_after(headers, self.inner.clock.now());
        let judged = call.judge(status, headers, response.body(), wait);
        if let Err(error) = judged {
            tracing::trace!(status = status.as_u16(), kind = ?error.kind(), "refused or failed");
            self.heed_throttling(call, headers, &error);
            return Err(error);
        }
        tracing::trace!(status = status.as_u16(), "answered");
        let request_id = request_id(headers);
        Ok(Answer { status, request_id, body: response.into_body() })
    }

    fn request(&self, call: &Call, token: Option<&Arc<Token>>) -> Result<http::Request<Bytes>, Error> {
        let mut request = http::Request::new(call.body.clone().unwrap_or_default());
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = call
            .url
            .as_str()
            .parse()
            .map_err(|_| call.failure(Kind::Forbidden, None, "the address cannot be sent"))?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let id = match call.service {
            Service::Arm => {
                // Azure translates messages; some of them are all that tells a condition from a missing role.
                headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US"));
                "x-ms-client-request-id"
            }
            Service::Login | Service::Graph => "client-request-id",
        };
        let fresh = HeaderValue::try_from(self.fresh_id().to_string()).expect("an id fits a header");
        headers.insert(id, fresh);
        for (name, value) in &call.headers {
            headers.insert(name, value.clone());
        }
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token.header.clone());
        }
        Ok(request)
    }

    /// The last gate: what a mistake anywhere above must not send.
    pub(super) fn refuse_what_must_not_leave(&self, call: &Call) -> Result<(), Error> {
        if call.service == Service::Graph
            && call.method == Method::DELETE
            && deletes_the_member_itself(call.url.path())
        {
            let text = "without /$ref this deletes the member, not the membership";
            return Err(call.failure(Kind::Forbidden, None, text));
        }
        if call.writes() && call.tenant.is_some() && call.tenant.as_ref() == self.inner.read_only.get() {
            return Err(call.failure(Kind::Forbidden, None, "the partner's tenant is only ever read"));
        }
        Ok(())
    }

    pub(super) fn fresh_id(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.rng().fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// What to tell of a request that was sent before and could not be sent again: whoever hears that it did nothing looks no further.
fn after(last: Option<Error>, error: Error) -> Error {
    match last {
        Some(said) if said.may_have_happened() => said.not_sent_again(&error.summary()),
        _ => error,
    }
}

/// Whether a DELETE of this path would delete a directory object through a group's member list.
fn deletes_the_member_itself(path: &str) -> bool {
    let segments: Vec<_> = path.split('/').filter(|s| !s.is_empty()).map(str::to_ascii_lowercase).collect();
    let group = segments.iter().position(|s| s == "groups" || s.starts_with("groups("));
    group.is_some_and(|at| segments[at..].iter().any(|s| s == "members"))
        && segments.last().is_some_and(|last| last != "$ref" && last != "%24ref")
}

/// The innermost cause of a failed exchange: "connection refused" says more than "error sending request".
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    redact(&deepest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::endpoints::Endpoints;
    use crate::client::token::Credential;
    use crate::clock::Clock;
    use crate::model::cloud::Cloud;

    const ID: &str = "0a0a0a0a-0000-4000-8000-000000000001";

    #[test]
    fn only_a_ref_may_be_deleted_below_a_groups_members() {
        assert!(deletes_the_member_itself("/graph/v1.0/groups/1/members/2"));
        assert!(deletes_the_member_itself("/v1.0/Groups/1/Members/2/"));
        assert!(deletes_the_member_itself("/v1.0/groups(uniqueName='x')/members/2"));
        assert!(!deletes_the_member_itself("/v1.0/groups/1/members/2/$ref"));
        assert!(!deletes_the_member_itself("/v1.0/groups/1"));
        assert!(!deletes_the_member_itself("/v1.0/users/1"));
    }

    #[tokio::test]
    async fn a_request_that_would_delete_a_person_does_not_leave() {
        let transport = tower::service_fn(async |_: http::Request<Bytes>| -> Result<_, tower::BoxError> {
            panic!("nothing must be sent")
        });
        let client = Client::new(
            tower::util::BoxCloneSyncService::new(transport),
            Endpoints::of(Cloud::Global),
            Credential::client_secret(ID.parse().unwrap(), "secret".to_owned().into()),
            Clock::starting_at(jiff::Timestamp::UNIX_EPOCH),
            0,
        );
        let call = Call {
            service: Service::Graph,
            tenant: ID.parse().ok(),
            method: Method::DELETE,
            route: "/groups/{id}/members/{id}",
            url: client.inner.endpoints.graph().join(&format!("/v1.0/groups/{ID}/members/{ID}")),
            headers: Vec::new(),
            body: None,
            charges: Vec::new(),
            repeat: Repeat::Safe,
            expect: Expect::NoContent,
            priority: Priority::Withdrawal,
        };
        assert_eq!(client.send(&call).await.unwrap_err().kind(), Kind::Forbidden);
        let tenant = ID.parse().unwrap();
        for result in client.batch(tenant, Priority::Withdrawal, &[call.clone(), call]).await {
            assert_eq!(result.unwrap_err().kind(), Kind::Forbidden);
        }
    }
}
