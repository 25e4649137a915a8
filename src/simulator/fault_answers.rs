//! The answers that faults put in place of a service's own.

use serde_json::{Value, json};

use super::answer::{Answer, Content};
use super::call::Call;
use super::faults::{Envelope, Fault, FaultKind};
use super::pages::elsewhere;
use super::refusal::{Refusal, denied};
use super::requests::Service;
use super::state::State;
use super::{arm, graph, login};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Service unavailable</title></head>\
<body><h1>Our services aren't available right now</h1></body></html>";

/// More than any client should read.
const HUGE: usize = 17 * 1024 * 1024;

/// Headers as no service should send them, and as proxies and bugs have made them.
const ABSURD: [(&str, &str); 7] = [
    ("retry-after", "-99999999999999999999"),
    ("date", "yesterday"),
    ("x-ms-resource-unit", "-1e999"),
    ("x-ms-throttle-limit-percentage", "NaN"),
    ("x-ms-throttle-scope", "///"),
    ("x-ms-ratelimit-remaining-tenant-writes", "many"),
    ("x-ms-ratelimit-remaining-tenant-reads", "-5"),
];

/// The answer given instead of carrying the request out; nothing if the fault only spoils the real answer.
pub(super) fn instead(state: &mut State, call: &Call, service: Service, fault: &Fault) -> Option<Answer> {
    let refusal = match fault.fault {
        FaultKind::Throttle => throttled(service),
        FaultKind::Error => said(fault),
        FaultKind::Html => {
            let page = Answer::text(fault.status.unwrap_or(200), "text/html; charset=utf-8", PAGE);
            return Some(match &fault.retry_after {
                Some(value) => page.with("retry-after", value.clone()),
                None => page,
            });
        }
        FaultKind::Redirect => {
            let away = elsewhere(&format!("{}{}?{}", call.base, call.raw_path, call.raw_query));
            return Some(Answer::empty(fault.status.unwrap_or(307)).with("location", away));
        }
        FaultKind::Forbidden => forbidden(service),
        FaultKind::SignInRefused => {
            return Some(login::refuse(state, call, fault.aadsts.unwrap_or(53_003)));
        }
        FaultKind::NoConsent => return Some(login::no_consent(state, call)),
        FaultKind::Cut
        | FaultKind::LostAnswer
        | FaultKind::Liar
        | FaultKind::PartialBatch
        | FaultKind::ShortPage
        | FaultKind::DeltaGone
        | FaultKind::Slow
        | FaultKind::Lag
        | FaultKind::Skew
        | FaultKind::ForeignLink
        | FaultKind::SameLink
        | FaultKind::Huge
        | FaultKind::Mistyped
        | FaultKind::OtherCase
        | FaultKind::AbsurdHeaders => return None,
    };
    let mut answer = match service {
        Service::Login => login::refuse_plainly(state, &refusal),
        Service::Graph => graph::refuse(state, call, &refusal),
        Service::Arm => arm::refuse(state, call, &refusal),
    };
    if let Some(envelope) = fault.envelope {
        answer.body = wrapped(answer.body, envelope);
    }
    Some(match &fault.retry_after {
        Some(value) => answer.with("retry-after", value.clone()),
        None => answer,
    })
}

/// What a fault does to an answer that the service gave.
pub(super) fn spoil(answer: Answer, fault: &Fault, ends_cleanly: bool) -> Answer {
    match fault.fault {
        FaultKind::LostAnswer => Answer::empty(fault.status.unwrap_or(504)),
        FaultKind::Cut => answer.cut(ends_cleanly),
        FaultKind::Huge => answer.padded(HUGE),
        FaultKind::OtherCase => arm::in_other_case(answer),
        FaultKind::Mistyped => answer.called("text/plain; charset=utf-8"),
        FaultKind::AbsurdHeaders => {
            ABSURD.into_iter().fold(answer, |answer, (name, value)| answer.with(name, value))
        }
        _ => answer,
    }
}

/// The refusal of an `error`, in its own words if it has any.
fn said(fault: &Fault) -> Refusal {
    let mut refusal = failed(fault.status.unwrap_or(503));
    if let Some(code) = &fault.code {
        refusal.code.clone_from(code);
    }
    if let Some(message) = &fault.message {
        refusal.message.clone_from(message);
    }
    refusal
}

/// An error body in another shape. The login service has only its one.
fn wrapped(body: Content, envelope: Envelope) -> Content {
    if envelope == Envelope::Nothing {
        return Content::Nothing;
    }
    let Content::Json(Value::Object(mut body)) = body else { return body };
    let Some(Value::Object(mut error)) = body.remove("error") else { return Content::Json(body.into()) };
    match envelope {
        Envelope::LowerCase => {
            let inner = error.remove("innerError").unwrap_or_else(|| json!({}));
            error.insert("innererror".to_owned(), inner);
        }
        Envelope::LocalizedMessage => {
            let message = error.remove("message");
            error.insert("message".to_owned(), json!({"lang": "en-US", "value": message}));
        }
        Envelope::NoCode => {
            error.insert("code".to_owned(), json!(""));
        }
        Envelope::Nested => {
            let own = json!({"code": "429", "message": "Please retry after", "status": "429", "innerError": {"code": "429"}});
            error.insert("innerError".to_owned(), own);
            error.insert("details".to_owned(), json!({"target": null}));
        }
        Envelope::Legacy => return Content::Json(json!({"odata.error": error})),
        Envelope::Nothing => {}
    }
    body.insert("error".to_owned(), Value::Object(error));
    Content::Json(Value::Object(body))
}

/// What a throttled request is told.
pub(super) fn throttled(service: Service) -> Refusal {
    match service {
        Service::Graph => Refusal::new(429, "TooManyRequests", "Please retry again later.")
            .with("x-ms-throttle-scope", "Tenant_Application/ReadWrite")
            .with("x-ms-throttle-information", "ResourceUnitLimitExceeded"),
        Service::Arm => Refusal::new(
            429,
            "ResourceRequestsThrottled",
            "Number of requests for Microsoft.Authorization exceeded the limit of '120' for time interval '00:01:00'.",
        ),
        Service::Login => {
            Refusal::new(429, "temporarily_unavailable", "The service is temporarily unavailable.")
        }
    }
}

/// What a server error says.
pub(super) fn failed(status: u16) -> Refusal {
    let (code, message) = match status {
        409 => (
            "Directory_ConcurrencyViolation",
            "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.",
        ),
        410 => ("resyncRequired", "The state of the query is no longer available."),
        500 => ("InternalServerError", "An internal server error occurred."),
        502 => ("BadGateway", "The gateway received an invalid answer."),
        504 => ("GatewayTimeout", "The gateway did not receive an answer in time."),
        _ => ("ServiceUnavailable", "The service is temporarily unavailable."),
    };
    Refusal::new(status, code, message)
}

fn forbidden(service: Service) -> Refusal {
    match service {
        Service::Graph => denied(),
        Service::Arm => Refusal::new(
            403,
            "AuthorizationFailed",
            "The client does not have authorization to perform the action over the scope, or the scope is invalid. \
             If access was recently granted, please refresh your credentials.",
        ),
        Service::Login => {
            Refusal::new(400, "access_denied", "Access was blocked by Conditional Access policies.")
        }
    }
}
