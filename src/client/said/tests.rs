//! A case for every class of failure that the services are known to report, in the words they use.

use super::*;

const GROUP: &str = "0a0a0a0a-0000-4000-8000-000000000001";

fn graph(status: u16, code: &str, message: &str) -> Kind {
    let body =
        serde_json::json!({"error": {"code": code, "message": message, "innerError": {"request-id": "r"}}});
    Said::read(&body).kind(Service::Graph, status)
}

fn arm(status: u16, code: &str, message: &str) -> Kind {
    let body = serde_json::json!({"error": {"code": code, "message": message}});
    Said::read(&body).kind(Service::Arm, status)
}

fn login(number: u64) -> Kind {
    let body = serde_json::json!({"error": "invalid_request", "error_codes": [number], "error_description": "AADSTS"});
    Said::read(&body).kind(Service::Login, 400)
}

#[test]
fn every_failure_graph_reports_has_its_kind() {
    let bad = "Request_BadRequest";
    let cases = [
        (401, "InvalidAuthenticationToken", "Access token has expired.", Kind::Unauthenticated),
        (429, "TooManyRequests", "Please retry again later.", Kind::Throttled),
        (400, "Request_ThrottledTemporarily", "", Kind::Throttled),
        (503, "", "", Kind::Unavailable),
        (504, "GatewayTimeout", "", Kind::Unavailable),
        (424, "FailedDependency", "", Kind::Unavailable),
        (409, "Directory_ConcurrencyViolation", "", Kind::Concurrent),
        (
            400,
            "",
            "Error due to concurrent requests being made to the tenant. Please wait briefly and retry.",
            Kind::Concurrent,
        ),
        (
            400,
            bad,
            "One or more added object references already exist for the following modified properties: 'members'.",
            Kind::AlreadySo,
        ),
        (
            400,
            bad,
            "One or more removed object references do not exist for the following modified properties: 'members'.",
            Kind::AlreadySo,
        ),
        (400, bad, "A group with that name may already exist.", Kind::Rejected),
        (
            400,
            bad,
            "The source resource object or one of the objects being referenced do not exist.",
            Kind::NotYetVisible,
        ),
        (
            404,
            "Request_ResourceNotFound",
            "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
            Kind::NotFound,
        ),
        (404, "", "", Kind::NotFound),
        (
            400,
            bad,
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
            Kind::Unmanageable,
        ),
        (
            400,
            bad,
            "Cannot Update a mail-enabled security groups and or distribution list.",
            Kind::Unmanageable,
        ),
        (
            403,
            "Forbidden",
            "Guest invitations not allowed for your company. Contact your company administrator for more details.",
            Kind::PolicyDenied,
        ),
        (
            400,
            "BadRequest",
            "This invitation is blocked by cross-tenant access settings.",
            Kind::PolicyDenied,
        ),
        (403, "Directory_QuotaExceeded", "", Kind::QuotaExceeded),
        (
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
            Kind::AccessDenied,
        ),
        (400, "Request_UnsupportedQuery", "Unsupported Query.", Kind::Forbidden),
        (
            400,
            bad,
            "A conflicting object with one or more of the specified property values is present in the directory.",
            Kind::NameTaken,
        ),
        (400, "syncStateNotFound", "", Kind::CursorExpired),
        (410, "resyncRequired", "", Kind::CursorExpired),
        (412, "", "", Kind::Changed),
        (405, "Request_BadRequest", "", Kind::Unsupported),
        (501, "", "", Kind::Unsupported),
        (400, bad, "Something nobody has seen yet.", Kind::Rejected),
    ];
    for (status, code, message, kind) in cases {
        assert_eq!(graph(status, code, message), kind, "{status} {code}: {message}");
    }
}

#[test]
fn every_failure_azure_reports_has_its_kind() {
    let abac = "The client has an authorization with ABAC condition that is not fulfilled to perform action";
    let cases = [
        (400, "PrincipalNotFound", "", Kind::PrincipalNotFound),
        (400, "RoleAssignmentUpdateNotPermitted", "", Kind::NameTaken),
        (400, "RoleAssignmentLimitExceeded", "", Kind::QuotaExceeded),
        (400, "RoleDefinitionDoesNotExist", "", Kind::RoleMissing),
        (404, "RoleDefinitionDoesNotExist", "", Kind::RoleMissing),
        (400, "UnmatchedPrincipalType", "", Kind::Rejected),
        (401, "ExpiredAuthenticationToken", "", Kind::Unauthenticated),
        (401, "InvalidAuthenticationTokenTenant", "", Kind::WrongTenant),
        (403, "AuthorizationFailed", "", Kind::AccessDenied),
        (403, "AuthorizationFailed", abac, Kind::ConditionDenied),
        (403, "LinkedAuthorizationFailed", "", Kind::AccessDenied),
        (404, "SubscriptionNotFound", "", Kind::SubscriptionMissing),
        (404, "ResourceGroupNotFound", "", Kind::NotFound),
        (404, "RoleAssignmentNotFound", "", Kind::NotFound),
        (409, "RoleAssignmentExists", "", Kind::AssignmentExists),
        (409, "ScopeLocked", "", Kind::ScopeLocked),
        (412, "CannotDeleteLastRbacAdminAssignment", "", Kind::LastAdministrator),
        (429, "ResourceRequestsThrottled", "", Kind::Throttled),
        (503, "ServerTimeout", "", Kind::Unavailable),
        (409, "SomethingNew", "", Kind::Rejected),
    ];
    for (status, code, message, kind) in cases {
        assert_eq!(arm(status, code, message), kind, "{status} {code}");
    }
}

#[test]
fn every_failure_to_sign_in_has_its_kind() {
    let cases = [
        (7_000_215, Kind::CredentialRefused),
        (7_000_222, Kind::CredentialRefused),
        (700_027, Kind::CredentialRefused),
        (700_016, Kind::ConsentMissing),
        (7_000_112, Kind::ConsentMissing),
        (900_023, Kind::TenantMissing),
        (90_002, Kind::TenantMissing),
        (53_003, Kind::SignInBlocked),
        (1, Kind::Rejected),
    ];
    for (number, kind) in cases {
        assert_eq!(login(number), kind, "AADSTS{number}");
    }
}

#[test]
fn the_odd_shapes_of_error_bodies_are_all_read() {
    let graph = br#"{"error":{"code":"","message":{"lang":"en","value":"no"},"innererror":{"code":"throttledRequest"}}}"#;
    assert_eq!(Said::parse(graph).kind(Service::Graph, 400), Kind::Throttled);
    let old = br#"{"odata.error":{"code":"Request_ResourceNotFound","message":{"value":"gone"}}}"#;
    assert_eq!(Said::parse(old).code, "Request_ResourceNotFound");
    let bare = br#"{"code":"RoleAssignmentExists","message":"m"}"#;
    assert_eq!(Said::parse(bare).kind(Service::Arm, 409), Kind::AssignmentExists);
    assert_eq!(Said::parse(b"<html>").kind(Service::Arm, 429), Kind::Throttled);
    assert_eq!(Said::parse(b"").kind(Service::Graph, 503), Kind::Unavailable);
    assert_eq!(Said::parse(b"[1]").kind(Service::Graph, 400), Kind::Rejected);
}

#[test]
fn a_message_tells_the_missing_group_from_the_missing_member() {
    let text = format!(
        "Resource '{GROUP}' does not exist or one of its queried reference-property objects are not present."
    );
    let said =
        Said::read(&serde_json::json!({"error": {"code": "Request_ResourceNotFound", "message": text}}));
    assert_eq!(said.about(), GROUP.parse().ok());
}
