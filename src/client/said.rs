//! What a service said about a failure, read leniently, and the one table that sorts it.

use http::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use crate::client::error::{Kind, Service};

/// The parts of an error body that matter. Its shape varies by service, version and mood: every part may be missing.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) code: String,
    pub(super) message: String,
    /// Those of the errors inside, outermost first.
    inner_codes: Vec<String>,
    request_id: Option<String>,
    /// Entra's `AADSTS` numbers.
    numbers: Vec<u64>,
}

impl Said {
    /// Reads an error body; HTML, text and nothing at all say nothing.
    pub(super) fn parse(body: &[u8]) -> Self {
        serde_json::from_slice(body).map(|value| Self::read(&value)).unwrap_or_default()
    }

    /// Reads an error body that is JSON already.
    pub(super) fn read(body: &Value) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            // Some old endpoints localise: {"lang": …, "value": …}.
            Value::Object(object) => {
                object.get("value").and_then(Value::as_str).unwrap_or_default().to_owned()
            }
            _ => String::new(),
        };
        if let Some(error) = body["error"].as_str() {
            return Self {
                code: error.to_owned(),
                message: text(&body["error_description"]),
                numbers: body["error_codes"]
                    .as_array()
                    .map(|codes| codes.iter().filter_map(Value::as_u64).collect())
                    .unwrap_or_default(),
                request_id: body["trace_id"].as_str().map(str::to_owned),
                ..Self::default()
            };
        }
        let error =
            [&body["error"], &body["odata.error"]].into_iter().find(|e| e.is_object()).unwrap_or(body);
        let inside = |error: &'_ Value| -> Value {
            let names = ["innerError", "innererror", "InnerError"];
            names.iter().map(|name| &error[name]).find(|e| e.is_object()).cloned().unwrap_or_default()
        };
        let inner = inside(error);
        let mut inner_codes = Vec::new();
        let mut level = inner.clone();
        // Errors nest; deeper than this nobody has seen.
        for _ in 0..4 {
            inner_codes.extend(level["code"].as_str().map(str::to_owned));
            level = inside(&level);
        }
        Self {
            code: text(&error["code"]),
            message: text(&error["message"]),
            inner_codes,
            request_id: inner["request-id"].as_str().map(str::to_owned),
            numbers: Vec::new(),
        }
    }

    /// The login service's number for the failure.
    pub(super) fn number(&self) -> Option<u32> {
        self.numbers.first().and_then(|&number| u32::try_from(number).ok())
    }

    /// Whether the body says nothing: a proxy's page, or no body at all.
    pub(super) fn is_silent(&self) -> bool {
        self.code.is_empty() && self.message.is_empty() && self.inner_codes.is_empty()
    }

    /// The service's id of the request, from the headers or the body.
    pub(super) fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = request_id(headers).or_else(|| self.request_id.clone())?;
        id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-').then_some(id)
    }

    /// The object that the message names.
    pub(super) fn about(&self) -> Option<Uuid> {
        let after = self.message.split_once("esource '")?.1;
        Uuid::try_parse(after.split('\'').next()?).ok()
    }

    /// Sorts the failure. Status first, then code, and text only where Graph has one code for everything.
    pub(super) fn kind(&self, service: Service, status: u16) -> Kind {
        match service {
            Service::Login => self.login_kind(status),
            Service::Graph => self.graph_kind(status),
            Service::Arm => self.arm_kind(status),
        }
    }

    fn login_kind(&self, status: u16) -> Kind {
        if status == 429 {
            return Kind::Throttled;
        }
        if status >= 500 || status == 408 || self.code == "temporarily_unavailable" {
            return Kind::Unavailable;
        }
        for number in &self.numbers {
            match number {
                // Wrong or expired secret, unknown certificate, assertion out of its time or from elsewhere.
                7_000_215
                | 7_000_222
                | 700_027
                | 1_000_502
                | 700_021
                | 700_023
                | 700_024
                | 50_013
                | 50_027
                | 70_021
                | 700_211..=700_213
                | 700_236 => {
                    return Kind::CredentialRefused;
                }
                // Not in that tenant, disabled there, no consent.
                700_016 | 7_000_112 | 65_001 => return Kind::ConsentMissing,
                // Malformed or unknown tenant, or one that is gone.
                900_023 | 90_002 | 5_000_224 => return Kind::TenantMissing,
                // Conditional access; a delegated user who is a guest there.
                53_003 | 50_020 | 50_177 => return Kind::SignInBlocked,
                _ => {}
            }
        }
        match self.code.as_str() {
            "invalid_client" => Kind::CredentialRefused,
            "unauthorized_client" => Kind::ConsentMissing,
            "invalid_tenant" => Kind::TenantMissing,
            _ => Kind::Rejected,
        }
    }

    fn graph_kind(&self, status: u16) -> Kind {
        let code = |text: &str| self.code.eq_ignore_ascii_case(text);
        let inner = |text: &str| self.inner_codes.iter().any(|code| code.eq_ignore_ascii_case(text));
        let says = |text: &str| contains(&self.message, text);
        match status {
            401 => return Kind::Unauthenticated,
            429 => return Kind::Throttled,
            _ if code("TooManyRequests")
                || code("Request_ThrottledTemporarily")
                || inner("throttledRequest")
                || inner("activityLimitReached") =>
            {
                return Kind::Throttled;
            }
            408 | 424 | 500 | 502..=504 | 509 => return Kind::Unavailable,
            405 | 501 => return Kind::Unsupported,
            410 => return Kind::CursorExpired,
            412 => return Kind::Changed,
            _ => {}
        }
        let relation = says("'members'") || says("'owners'") || says("'sponsors'");
        if code("Directory_ConcurrencyViolation") || says("concurrent requests being made to the tenant") {
            Kind::Concurrent
        } else if says("removed object references do not exist") || (says("already exist") && relation) {
            Kind::AlreadySo
        } else if says("source resource object or one of the objects") {
            Kind::NotYetVisible
        } else if says("does not exist or one of its queried") {
            Kind::NotFound
        } else if says("on-premises mastered")
            || says("mail-enabled security groups")
            || says("dynamic membership")
            || says("dynamic group")
        {
            Kind::Unmanageable
        } else if says("guest invitations not allowed")
            || says("blocked by cross-tenant")
            || says("guests users are not allowed to join")
            || (says("invit") && says("domain"))
        {
            Kind::PolicyDenied
        } else if code("Directory_QuotaExceeded") {
            Kind::QuotaExceeded
        } else if code("syncStateNotFound") || code("resyncRequired") {
            Kind::CursorExpired
        } else if code("Request_UnsupportedQuery") {
            Kind::Forbidden
        } else if says("conflicting object with one or more of the specified property values") {
            Kind::NameTaken
        } else {
            match status {
                403 => Kind::AccessDenied,
                404 => Kind::NotFound,
                _ => Kind::Rejected,
            }
        }
    }

    fn arm_kind(&self, status: u16) -> Kind {
        match status {
            429 => return Kind::Throttled,
            408 | 500 | 502..=504 => return Kind::Unavailable,
            _ => {}
        }
        match self.code.as_str() {
            "ResourceRequestsThrottled" | "TooManyRequests" => Kind::Throttled,
            "ServerTimeout"
            | "ServiceUnavailable"
            | "GatewayTimeout"
            | "BadGateway"
            | "InternalServerError" => Kind::Unavailable,
            "PrincipalNotFound" => Kind::PrincipalNotFound,
            "RoleAssignmentExists" => Kind::AssignmentExists,
            "RoleAssignmentUpdateNotPermitted" => Kind::NameTaken,
            "RoleAssignmentLimitExceeded" => Kind::QuotaExceeded,
            "CannotDeleteLastRbacAdminAssignment" => Kind::LastAdministrator,
            "RoleDefinitionDoesNotExist" => Kind::RoleMissing,
            "SubscriptionNotFound" => Kind::SubscriptionMissing,
            "ScopeLocked" => Kind::ScopeLocked,
            "InvalidAuthenticationTokenTenant" => Kind::WrongTenant,
            "AuthorizationFailed" if contains(&self.message, "ABAC condition") => Kind::ConditionDenied,
            _ => match status {
                401 => Kind::Unauthenticated,
                403 => Kind::AccessDenied,
                404 => Kind::NotFound,
                405 | 501 => Kind::Unsupported,
                412 => Kind::Changed,
                _ => Kind::Rejected,
            },
        }
    }
}

/// The service's id of a request, for its support.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("request-id").or_else(|| headers.get("x-ms-request-id"))?;
    Some(id.to_str().ok()?.to_owned())
}

/// Whether `text` contains `part`, without regard to ASCII case. `part` is in lower case or compared as if it were.
fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

#[cfg(test)]
mod tests;
