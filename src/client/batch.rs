//! Up to twenty Graph requests in one: matched by id, judged one by one, repeated only where they failed.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::Client;
use crate::client::endpoints::Resource;
use crate::client::error::{Error, Kind, Service};
use crate::client::http::{Answer, BATCH, Call, Expect};
use crate::client::limiter::{Budget, Charge, Priority};
use crate::client::retry::{Attempts, Next, Repeat, TokenAge, retry_after};
use crate::client::said::request_id;
use crate::model::ids::TenantId;
use crate::model::quota::AT_ONCE;

/// How many single reads run at once where there is no `$batch`.
const SINGLES: usize = 4;

#[derive(Serialize)]
struct Envelope<'a> {
    requests: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    method: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

#[derive(Deserialize)]
struct Responses {
    responses: Vec<Response>,
}

#[derive(Deserialize)]
struct Response {
    id: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    body: Option<Value>,
}

impl Client {
    /// Sends requests to Graph in one tenant, in as few as possible; the results stand in the order of `calls`.
    pub(super) async fn batch(
        &self,
        tenant: TenantId,
        priority: Priority,
        calls: &[Call],
    ) -> Vec<Result<Answer, Error>> {
        let mut results = Vec::with_capacity(calls.len());
        for chunk in calls.chunks(AT_ONCE) {
            if chunk.len() == 1 || self.inner.without_batch.load(Ordering::Relaxed) {
                results.append(&mut self.singly(chunk).await);
            } else {
                results.append(&mut Box::pin(self.chunk(tenant, priority, chunk)).await);
            }
        }
        results
    }

    async fn singly(&self, calls: &[Call]) -> Vec<Result<Answer, Error>> {
        // Two writes to one object at once are refused; reads are in nobody's way.
        let at_once = if calls.iter().all(|call| call.method == Method::GET) { SINGLES } else { 1 };
        stream::iter(calls).map(|call| self.send(call)).buffered(at_once).collect().await
    }

    async fn chunk(
        &self,
        tenant: TenantId,
        priority: Priority,
        calls: &[Call],
    ) -> Vec<Result<Answer, Error>> {
        let mut results: Vec<Option<Result<Answer, Error>>> = vec![None; calls.len()];
        let mut attempts: Vec<Attempts> = calls.iter().map(|_| Attempts::default()).collect();
        let mut said: Vec<Option<Error>> = vec![None; calls.len()];
        let writes = calls.iter().any(Call::writes);
        let mut pending: Vec<usize> = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            match self.refuse_what_must_not_leave(call) {
                Ok(()) => pending.push(at),
                Err(error) => results[at] = Some(Err(error)),
            }
        }
        while !pending.is_empty() {
            let call = self.envelope(tenant, priority, calls, &pending);
            let sent = Box::pin(self.send_unless_halted(&call, writes)).await;
            let answered = match sent.and_then(|answer| call.decode::<Responses>(&answer)) {
                Ok(answered) => answered,
                Err(error) if has_no_batch(&error) => {
                    self.inner.without_batch.store(true, Ordering::Relaxed);
                    let alone: Vec<Call> = pending.iter().map(|&at| calls[at].clone()).collect();
                    for (at, result) in pending.drain(..).zip(self.singly(&alone).await) {
                        results[at] = Some(result);
                    }
                    break;
                }
                Err(error) => {
                    for at in pending.drain(..) {
                        // What was said of one of them before tells more than that the rest was not sent again.
                        let said = said[at].take().zip(error.halted());
                        results[at] = Some(Err(match said {
                            Some((said, halted)) => said.not_sent_again(halted),
                            None => error.clone(),
                        }));
                    }
                    break;
                }
            };
            let mut by_id: BTreeMap<String, Response> =
                answered.responses.into_iter().map(|r| (r.id.to_ascii_lowercase(), r)).collect();
            let mut wait = Duration::ZERO;
            let mut renew = false;
            let mut again = Vec::new();
            for at in pending {
                let error = match self.judge_item(&calls[at], by_id.remove(&at.to_string())) {
                    Ok(answer) => {
                        results[at] = Some(Ok(answer));
                        continue;
                    }
                    Err(error) => error,
                };
                said[at] = Some(error.clone());
                match attempts[at].after(&error, calls[at].repeat, TokenAge::Fresh, self.jitter()) {
                    Next::Stop => results[at] = Some(Err(error)),
                    Next::Wait(longer) => {
                        wait = wait.max(longer);
                        again.push(at);
                    }
                    Next::NewToken => {
                        renew = true;
                        again.push(at);
                    }
                }
            }
            if renew && let Ok(token) = self.token(tenant, Resource::Graph).await {
                self.inner.tokens.forget(tenant, Resource::Graph, &token).await;
            }
            if !again.is_empty() {
                tokio::select! {
                    () = self.inner.clock.sleep(wait) => {}
                    () = self.thrown(), if writes => {}
                }
            }
            pending = again;
        }
        results
            .into_iter()
            .map(|result| result.expect("every item was answered, refused or failed"))
            .collect()
    }

    fn judge_item(&self, call: &Call, response: Option<Response>) -> Result<Answer, Error> {
        let missing = || call.failure(Kind::Unavailable, None, "the batch's answer leaves this request out");
        let measure = |status| {
            self.inner.metrics.requests.item(call.method.as_str(), call.route, status);
        };
        let response = response.ok_or_else(missing).inspect_err(|_| measure(None))?;
        measure(Some(response.status));
        let status = StatusCode::from_u16(response.status).map_err(|_| missing())?;
        let headers: HeaderMap = response
            .headers
            .iter()
            .filter_map(|(name, value)| {
                let name = HeaderName::try_from(name.as_str()).ok()?;
                Some((name, HeaderValue::from_str(value.as_str()?).ok()?))
            })
            .collect();
        let body = match &response.body {
            None | Some(Value::Null) => Bytes::new(),
            Some(body) => Bytes::from(serde_json::to_vec(body).expect("JSON that was read can be written")),
        };
        self.heed_quota(call, status, &headers);
        let wait = retry_after(&headers, self.inner.clock.now());
        if let (Err(error), false) = (call.judge(status, &headers, &body, wait), defect!(EnvelopeTrusted)) {
            self.heed_throttling(call, &headers, &error);
            return Err(error);
        }
        Ok(Answer { status, request_id: request_id(&headers), body })
    }

    fn envelope(&self, tenant: TenantId, priority: Priority, calls: &[Call], pending: &[usize]) -> Call {
        let root = self.inner.endpoints.graph().join("/v1.0");
        let mut charges: BTreeMap<Budget, u32> = BTreeMap::new();
        let mut repeat = Repeat::Safe;
        let mut requests = Vec::with_capacity(pending.len());
        for &at in pending {
            let call = &calls[at];
            for charge in &call.charges {
                *charges.entry(charge.budget).or_default() += charge.cost;
            }
            if call.repeat == Repeat::AfterLookup {
                repeat = Repeat::AfterLookup;
            }
            let url = call.url.as_str();
            requests.push(Item {
                id: at.to_string(),
                method: call.method.as_str(),
                url: url.strip_prefix(root.as_str()).unwrap_or(url),
                headers: call
                    .headers
                    .iter()
                    .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
                    .collect(),
                body: call.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()),
            });
        }
        let body = serde_json::to_vec(&Envelope { requests }).expect("a batch is plain JSON");
        Call {
            service: Service::Graph,
            tenant: Some(tenant),
            method: Method::POST,
            route: BATCH,
            url: self.inner.endpoints.graph().join("/v1.0/$batch"),
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            body: Some(Bytes::from(body)),
            // In the order of the budgets: the tenant's before everybody's.
            charges: charges.into_iter().map(|(budget, cost)| Charge { budget, cost }).collect(),
            repeat,
            expect: Expect::Json,
            priority,
        }
    }
}

/// Whether Graph said that there is no `$batch` here.
fn has_no_batch(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405 | 501))
}
