//! Failures: each has its kind, none tells a secret, and no request is repeated for ever.

use std::time::Duration;

use groupsync::client::error::{Error, Kind};
use groupsync::client::graph::invitations::Invitation;
use groupsync::client::transport;
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::RoleId;
use groupsync::model::invitation::InvitationMail;
use groupsync::model::scope::Scope;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{Assignment, ControllerCondition, InvitePolicy, Lock, LockLevel};
use tokio::time::Instant;

use super::*;

const OUR_GROUPS: &str = "/groups";

async fn with_fault(fault: Fault) -> (Result<usize, Error>, Simulator, Duration) {
    let simulator = simulator(world());
    simulator.add_fault(fault);
    let client = client(&simulator);
    let start = Instant::now();
    let found = graph(&client).our_groups("groupsync-0f1e2d3c-").await.map(|groups| groups.len());
    (found, simulator, start.elapsed())
}

fn on_our_groups(kind: FaultKind) -> Fault {
    Fault::new(kind).route("GET", OUR_GROUPS)
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_waited_out() {
    for fault in [
        on_our_groups(FaultKind::Error).times(2),
        on_our_groups(FaultKind::Html).times(2),
        on_our_groups(FaultKind::Cut).times(2),
        on_our_groups(FaultKind::LostAnswer).times(2),
        on_our_groups(FaultKind::Throttle).times(3),
        on_our_groups(FaultKind::Slow).delay(200.0).times(1),
        on_our_groups(FaultKind::Error).status(409).times(2),
    ] {
        let (found, _, _) = with_fault(fault.clone()).await;
        assert_eq!(found.unwrap(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_ends_with_its_kind_after_a_few_tries() {
    for (kind, expected, most) in [
        (FaultKind::Error, vec![Kind::Unavailable], 5),
        (FaultKind::Html, vec![Kind::Malformed], 5),
        // Half a body, or a connection that breaks before its end.
        (FaultKind::Cut, vec![Kind::Malformed, Kind::Unreachable], 5),
        (FaultKind::Throttle, vec![Kind::Throttled], 8),
        (FaultKind::Forbidden, vec![Kind::AccessDenied], 1),
        (FaultKind::Slow, vec![Kind::Unreachable], 5),
    ] {
        let (found, simulator, took) = with_fault(on_our_groups(kind).delay(1000.0)).await;
        let error = found.unwrap_err();
        assert!(expected.contains(&error.kind()), "{kind:?}: {error}");
        let tries = sent(&simulator, Service::Graph).len();
        assert!(tries <= most, "{kind:?}: {tries} tries");
        assert!(took < Duration::from_mins(15), "{kind:?} took {took:?}");
    }
}

/// Tried: `Retry-After` read as an integer; 2.5 seconds then are as good as unsaid and backoff decides.
#[tokio::test(start_paused = true)]
async fn the_service_decides_how_long_it_is_left_alone() {
    let throttled = |wait: &str| on_our_groups(FaultKind::Throttle).retry_after(wait).times(1);
    for (wait, least) in [("17", 17.0), ("2.5", 2.5), ("Tue, 01 Jan 2030 00:00:40 GMT", 40.0)] {
        let (found, _, took) = with_fault(throttled(wait)).await;
        assert_eq!(found.unwrap(), 1);
        assert!((least..least + 2.0).contains(&took.as_secs_f64()), "{wait}: {took:?}");
    }
    let (found, simulator, took) = with_fault(throttled("86400")).await;
    assert_eq!(found.unwrap_err().kind(), Kind::Throttled, "a day is not waited");
    assert_eq!(sent(&simulator, Service::Graph).len(), 1);
    assert!(took < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_credential_and_a_missing_consent_are_told_apart() {
    let simulator = simulator(world());
    let wrong = client_with(&simulator, "wrong");
    let error = graph(&wrong).group(object(READERS)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::CredentialRefused, "{error}");

    let unknown = client(&simulator);
    let nowhere = TenantId::new(id(0xfff));
    let error = unknown.identity(nowhere).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TenantMissing, "{error}");

    simulator.add_fault(Fault::new(FaultKind::NoConsent).customer("contoso"));
    let error = client(&simulator).identity(contoso()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::ConsentMissing, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_costs_one_new_token_only_if_the_token_is_old() {
    let simulator = simulator(world_with(|contoso| contoso.consent = ["User.Read.All".to_owned()].into()));
    let client = client(&simulator);
    let denied = graph(&client).group(object(READERS)).await.unwrap_err();
    assert_eq!(denied.kind(), Kind::AccessDenied);
    assert_eq!(sent(&simulator, Service::Login).len(), 1);

    simulator.edit_customer(contoso().uuid(), |contoso| {
        contoso.consent.insert("GroupMember.Read.All".to_owned());
    });
    tokio::time::advance(Duration::from_mins(10)).await;
    assert!(graph(&client).group(object(READERS)).await.unwrap().is_some(), "rights given since then count");
    assert_eq!(sent(&simulator, Service::Login).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_forbids_invitations_says_so_and_nobodys_address_is_told() {
    let simulator = simulator(world_with(|contoso| contoso.policies.invitations = InvitePolicy::None));
    let client = client(&simulator);
    let invitation = Invitation {
        address: "ada@fabrikam.example".parse().unwrap(),
        display_name: "Ada".into(),
        mail: InvitationMail::None,
    };
    let error = graph(&client).invite(&invitation).await.unwrap_err();
    assert_eq!(error.kind(), Kind::PolicyDenied);
    assert!(error.request_id().is_some());
    let secret = simulator.world().client.secret;
    for text in [error.to_string(), format!("{error:?}"), format!("{client:?}")] {
        assert!(!text.contains("ada@") && !text.contains(&secret), "{text}");
    }
}

async fn put(simulator: &Simulator, key: &AssignmentKey) -> Kind {
    let client = client(simulator);
    arm(&client).put_role_assignment(key).await.unwrap_err().kind()
}

#[tokio::test(start_paused = true)]
async fn each_refusal_of_a_role_assignment_has_its_kind() {
    let reader: RoleId = "acdd72a7-3385-48ef-bd42-f606fba81ae7".parse().unwrap();
    let scope = Scope::subscription(prod());
    let key = AssignmentKey { scope: scope.clone(), principal: object(READERS), role: reader };

    let nobody = AssignmentKey { principal: object(0xfff), ..key.clone() };
    assert_eq!(put(&simulator(world()), &nobody).await, Kind::PrincipalNotFound);

    let no_role = AssignmentKey { role: RoleId::new(id(0xfff)), ..key.clone() };
    assert_eq!(put(&simulator(world()), &no_role).await, Kind::RoleMissing);

    let elsewhere =
        AssignmentKey { scope: Scope::subscription(SubscriptionId::new(id(0xfff))), ..key.clone() };
    assert_eq!(put(&simulator(world()), &elsewhere).await, Kind::SubscriptionMissing);

    let conditional = world_with(|contoso| {
        contoso.controller_condition = Some(ControllerCondition::default());
    });
    assert_eq!(put(&simulator(conditional), &key).await, Kind::ConditionDenied);

    let taken = world_with(|contoso| {
        contoso.groups.push(Group::security(id(0xd5), "other", []));
        contoso.subscriptions[0].assignments = vec![Assignment {
            name: key.name(super::contoso()).uuid(),
            role: reader.uuid(),
            principal_id: id(0xd5),
            ..Assignment::default()
        }];
    });
    assert_eq!(put(&simulator(taken), &key).await, Kind::NameTaken);

    let full = world_with(|contoso| contoso.subscriptions[0].assignment_limit = 0);
    assert_eq!(put(&simulator(full), &key).await, Kind::QuotaExceeded);

    let locked = world_with(|contoso| {
        let lock = Lock { name: "keep".into(), level: LockLevel::ReadOnly, scope: None };
        contoso.subscriptions[0].locks = vec![lock];
    });
    let locked = simulator(locked);
    assert_eq!(put(&locked, &key).await, Kind::ScopeLocked);
    let client = client(&locked);
    assert_eq!(arm(&client).locks(prod()).await.unwrap(), [scope].into());
    assert_eq!(arm(&client).usage(prod()).await.unwrap().limit, 4000);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_moved_to_another_tenant_is_not_followed() {
    let simulator = simulator(world_with(|contoso| {
        contoso.subscriptions[0].tenant_id = Some(id(0xee));
    }));
    let client = client(&simulator);
    let error = arm(&client).role_assignments(prod()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::WrongTenant | Kind::SubscriptionMissing), "{error}");
}

/// The only test that uses a socket: the adapter has to carry a request out and a whole answer back.
#[tokio::test]
async fn the_network_adapter_carries_requests_and_breaks_off_what_is_too_large() {
    let simulator = simulator(world());
    let (address, serving) =
        groupsync::simulator::serve(&simulator, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    tokio::spawn(serving);
    let client =
        client_over(&simulator, transport::over_network(None).unwrap(), &format!("http://{address}"));
    assert_eq!(graph(&client).our_groups("groupsync-").await.unwrap().len(), 1);

    let flood = axum::Router::new().fallback(async || vec![b' '; transport::MAX_BODY + 1]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, flood).await });
    let network = transport::over_network(None).unwrap();
    let request = http::Request::get(format!("http://{address}/")).body(bytes::Bytes::new()).unwrap();
    let error = tower::ServiceExt::oneshot(network, request).await.unwrap_err();
    assert!(error.is::<transport::TooLarge>(), "{error}");
}
