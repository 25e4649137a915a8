//! The answers that faults put in place of a service's own.

use super::answer::Answer;
use super::call::Call;
use super::faults::{Fault, FaultKind};
use super::refusal::{Refusal, denied};
use super::requests::Service;
use super::state::State;
use super::{arm, graph, login};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Service unavailable</title></head>\
<body><h1>Our services aren't available right now</h1></body></html>";

/// The answer given instead of carrying the request out; nothing if the fault only spoils the real answer.
pub(super) fn instead(state: &mut State, call: &Call, service: Service, fault: &Fault) -> Option<Answer> {
    let refusal = match fault.fault {
        FaultKind::Throttle => throttled(service),
        FaultKind::Error => failed(fault.status.unwrap_or(503)),
        FaultKind::Html => {
            return Some(Answer::text(fault.status.unwrap_or(200), "text/html; charset=utf-8", PAGE));
        }
        FaultKind::Forbidden => forbidden(service),
        FaultKind::NoConsent => return Some(login::no_consent(state, call)),
        FaultKind::Cut
        | FaultKind::LostAnswer
        | FaultKind::Liar
        | FaultKind::PartialBatch
        | FaultKind::ShortPage
        | FaultKind::Slow => return None,
    };
    let answer = match service {
        Service::Login => login::refuse_plainly(state, &refusal),
        Service::Graph => graph::refuse(state, call, &refusal),
        Service::Arm => arm::refuse(state, call, &refusal),
    };
    Some(match &fault.retry_after {
        Some(value) => answer.with("retry-after", value.clone()),
        None => answer,
    })
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
