//! Every refusal of Azure, in its words and some others, and what the client makes of it.

use groupsync::client::error::Kind;
use groupsync::client::receipt::Effect;
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::scope::Scope;
use groupsync::simulator::faults::{Envelope, Fault, FaultKind};
use groupsync::simulator::requests::Service;

use super::*;

/// How often a request that fails like this is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sent {
    /// Once: asking again would be answered the same.
    Once,
    /// Once more, with another token if this one is old.
    OnceMore,
    /// Until it passes, within bounds.
    AgainAndAgain,
}

/// Status, code, text, kind, and how often it is sent.
type Row = (u16, &'static str, &'static str, Kind, Sent);

const CONDITION: &str = "The client 'c' with object id 'o' has an authorization with ABAC condition that is not \
                         fulfilled to perform action 'a' over scope 's'.";

const TABLE: [Row; 41] = [
    (400, "PrincipalNotFound", "", Kind::PrincipalNotFound, Sent::Once),
    (400, "UnmatchedPrincipalType", "has type 'X' , which is different", Kind::Rejected, Sent::Once),
    (400, "PrincipalTypeNotSupported", "", Kind::Rejected, Sent::Once),
    (400, "RoleAssignmentUpdateNotPermitted", "", Kind::NameTaken, Sent::Once),
    (400, "InvalidRoleDefinitionId", "", Kind::Rejected, Sent::Once),
    (400, "BadRequestFormat", "", Kind::Rejected, Sent::Once),
    (400, "RoleDefinitionDoesNotExist", "", Kind::RoleMissing, Sent::Once),
    (404, "RoleDefinitionDoesNotExist", "", Kind::RoleMissing, Sent::Once),
    (400, "InvalidRoleAssignmentId", "", Kind::Rejected, Sent::Once),
    (400, "RoleAssignmentLimitExceeded", "", Kind::QuotaExceeded, Sent::Once),
    (400, "MissingSubscription", "", Kind::Rejected, Sent::Once),
    (401, "ExpiredAuthenticationToken", "", Kind::Unauthenticated, Sent::OnceMore),
    (401, "InvalidAuthenticationToken", "", Kind::Unauthenticated, Sent::OnceMore),
    (401, "AuthenticationFailed", "", Kind::Unauthenticated, Sent::OnceMore),
    (401, "InvalidAuthenticationTokenTenant", "", Kind::WrongTenant, Sent::Once),
    (403, "AuthorizationFailed", "", Kind::AccessDenied, Sent::OnceMore),
    (403, "AuthorizationFailed", CONDITION, Kind::ConditionDenied, Sent::Once),
    (403, "LinkedAuthorizationFailed", "", Kind::AccessDenied, Sent::OnceMore),
    (403, "DenyAssignmentAuthorizationFailed", "", Kind::AccessDenied, Sent::OnceMore),
    (404, "SubscriptionNotFound", "", Kind::SubscriptionMissing, Sent::Once),
    (404, "ResourceGroupNotFound", "", Kind::NotFound, Sent::Once),
    (404, "ResourceNotFound", "", Kind::NotFound, Sent::Once),
    (404, "RoleAssignmentNotFound", "", Kind::NotFound, Sent::Once),
    (409, "ScopeLocked", "", Kind::ScopeLocked, Sent::Once),
    (409, "ReadOnlyDisabledSubscription", "", Kind::Rejected, Sent::Once),
    (409, "SomethingOfTomorrow", "", Kind::Rejected, Sent::Once),
    (412, "CannotDeleteLastRbacAdminAssignment", "", Kind::LastAdministrator, Sent::Once),
    (422, "SomethingOfResourceGraph", "", Kind::Rejected, Sent::Once),
    (429, "ResourceRequestsThrottled", "", Kind::Throttled, Sent::AgainAndAgain),
    (429, "TooManyRequests", "", Kind::Throttled, Sent::AgainAndAgain),
    (429, "OperationNotAllowed", "", Kind::Throttled, Sent::AgainAndAgain),
    (429, "RateLimiting", "", Kind::Throttled, Sent::AgainAndAgain),
    (500, "InternalServerError", "", Kind::Unavailable, Sent::AgainAndAgain),
    (502, "BadGateway", "", Kind::Unavailable, Sent::AgainAndAgain),
    (503, "ServiceUnavailable", "", Kind::Unavailable, Sent::AgainAndAgain),
    (503, "ServerTimeout", "", Kind::Unavailable, Sent::AgainAndAgain),
    (504, "GatewayTimeout", "", Kind::Unavailable, Sent::AgainAndAgain),
    (500, "", "", Kind::Unavailable, Sent::AgainAndAgain),
    (403, "", "", Kind::AccessDenied, Sent::OnceMore),
    (404, "", "", Kind::NotFound, Sent::Once),
    (400, "", "", Kind::Rejected, Sent::Once),
];

const ASSIGNMENT: &str = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";

fn key() -> AssignmentKey {
    let role = "acdd72a7-3385-48ef-bd42-f606fba81ae7".parse().unwrap();
    AssignmentKey { scope: Scope::subscription(prod()), principal: object(READERS), role }
}

/// The kind of a PUT's failure and how often it was sent, by a client whose token is old.
async fn failure(fault: Fault) -> (Kind, usize) {
    let simulator = simulator(world());
    let client = client(&simulator);
    arm(&client).subscriptions().await.unwrap();
    tokio::time::advance(std::time::Duration::from_mins(10)).await;
    simulator.add_fault(fault.service(Service::Arm).route("PUT", ASSIGNMENT));
    let error = arm(&client).put_role_assignment(&key()).await.unwrap_err();
    let puts = simulator.requests().iter().filter(|r| r.method == "PUT").count();
    (error.kind(), puts)
}

/// Trap: arm 28
///
/// Tried: `"RoleAssignmentLimitExceeded"` taken out of the table → "400 `RoleAssignmentLimitExceeded`".
#[tokio::test(start_paused = true)]
async fn every_refusal_is_sorted_by_its_status_and_code() {
    for (status, code, message, kind, sent) in TABLE {
        let message = if message.is_empty() { "Auf Deutsch gesagt: nein." } else { message };
        let fault = Fault {
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
            ..Fault::new(FaultKind::Error).status(status)
        };
        let (found, puts) = failure(fault).await;
        assert_eq!(found, kind, "{status} {code}");
        let as_often = match sent {
            Sent::Once => puts == 1,
            Sent::OnceMore => puts == 2,
            Sent::AgainAndAgain => (4..=15).contains(&puts),
        };
        assert!(as_often, "{status} {code} was sent {puts} times, and should be {sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_triple_elsewhere_is_no_failure() {
    let simulator = simulator(world());
    simulator.add_fault(Fault {
        code: Some("RoleAssignmentExists".into()),
        ..Fault::new(FaultKind::Error).status(409).service(Service::Arm)
    });
    let client = client(&simulator);
    assert_eq!(arm(&client).put_role_assignment(&key()).await.unwrap().effect, Effect::AlreadySo);
}

#[tokio::test(start_paused = true)]
async fn refusals_without_a_body_or_with_a_page_go_by_their_status() {
    for (status, kind) in [(429, Kind::Throttled), (503, Kind::Unavailable), (403, Kind::AccessDenied)] {
        let bare = Fault { envelope: Some(Envelope::Nothing), ..Fault::new(FaultKind::Error).status(status) };
        assert_eq!(failure(bare).await.0, kind);
        assert_eq!(failure(Fault::new(FaultKind::Html).status(status)).await.0, kind);
    }
}
