//! A failure becomes a recorded gap where it happened, and nothing else is lost with it.

use groupsync::collect;
use groupsync::model::ids::PersonId;
use groupsync::model::names::GroupName;
use groupsync::observed::partner::Partner;
use groupsync::observed::unread::{Reading, UnreadCode};
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::SubscriptionState;

use super::*;

const MEMBERS: &str = "/groups/{id}/members";
const ROWS: &str = "/{scope}/providers/Microsoft.Authorization/roleAssignments";

fn code<T>(reading: &Reading<T>) -> Option<UnreadCode> {
    reading.as_ref().err().map(|unread| unread.code)
}

/// Trap: graph 20
///
/// Tried: `unwrap_or_default` instead of the gap; our groups are then an empty map, and everything is created again.
#[tokio::test(start_paused = true)]
async fn every_way_of_failing_leaves_a_gap_and_not_an_empty_set() {
    let cases = [
        (FaultKind::Forbidden, vec![UnreadCode::AccessDenied]),
        (FaultKind::Html, vec![UnreadCode::Malformed]),
        // Half a body, or a connection that breaks before its end.
        (FaultKind::Cut, vec![UnreadCode::Malformed, UnreadCode::Unavailable]),
        (FaultKind::Error, vec![UnreadCode::Unavailable]),
        (FaultKind::ShortPage, vec![UnreadCode::Unavailable]),
        (FaultKind::Throttle, vec![UnreadCode::Throttled]),
        (FaultKind::Slow, vec![UnreadCode::Unavailable]),
    ];
    for (kind, expected) in cases {
        let on = |service| Fault::new(kind).service(service).customer("contoso").delay(1000.0);

        let directory = simulator(prepared());
        directory.add_fault(on(Service::Graph));
        let observed = collect_contoso(&directory, &desired()).await;
        let found = code(&observed.groups);
        assert!(found.is_some_and(|code| expected.contains(&code)), "{kind:?}: our groups: {found:?}");
        assert!(observed.members.is_empty());
        assert!(observed.subscriptions.is_ok(), "{kind:?}: Azure was read all the same");

        let azure = simulator(prepared());
        azure.add_fault(on(Service::Arm));
        let observed = collect_contoso(&azure, &desired()).await;
        let found = code(&observed.subscriptions);
        assert!(found.is_some_and(|code| expected.contains(&code)), "{kind:?}: the subscriptions: {found:?}");
        assert!(observed.assignments.is_empty());
        assert_eq!(observed.groups.unwrap().len(), 2, "{kind:?}: the directory was read all the same");
    }
}

#[tokio::test(start_paused = true)]
async fn one_group_or_subscription_that_cannot_be_read_is_one_gap() {
    let simulator = simulator(prepared_with(|world| {
        world.customers[0].users = guests(0x300..0x304);
        world.customers[0].groups[0].members = (0x300..0x304).map(id).collect();
    }));
    simulator.add_fault(Fault::new(FaultKind::ShortPage).route("GET", MEMBERS).after(1));
    simulator.add_fault(Fault::new(FaultKind::Forbidden).route("GET", ROWS));
    let observed = collect_contoso(&simulator, &desired()).await;
    let failed: Vec<_> = observed.members.values().filter_map(code).collect();
    assert_eq!(failed, [UnreadCode::Unavailable]);
    assert_eq!(observed.members.len(), 2);
    assert!(observed.subscriptions.is_ok());
    assert_eq!(code(&observed.assignments[&prod()]), Some(UnreadCode::AccessDenied));
}

#[tokio::test(start_paused = true)]
async fn without_consent_or_with_a_wrong_secret_nothing_is_read_and_everything_says_why() {
    let simulator = simulator(prepared());
    simulator.add_fault(Fault::new(FaultKind::NoConsent).customer("contoso"));
    let desired = desired_with(|_, _, contoso| contoso.push_str(ADOPTING));
    let observed = collect_contoso(&simulator, &desired).await;
    let missing = Some(UnreadCode::ConsentMissing);
    assert_eq!(code(&observed.identity), missing);
    assert_eq!(code(&observed.groups), missing);
    assert_eq!(code(&observed.subscriptions), missing);
    assert_eq!(code(&observed.adopted[&object(ADOPTED)]), missing);
    assert_eq!(code(&observed.members[&object(ADOPTED)]), missing);
    assert_eq!(sent(&simulator, Service::Graph).len() + sent(&simulator, Service::Arm).len(), 0);

    let wrong = client_with(&simulator, "wrong");
    let partner = collect::partner(&wrong, &desired).await;
    let refused = Some(UnreadCode::CredentialRefused);
    assert_eq!(code(&partner.admin_agents), refused);
    assert_eq!(code(&partner.people[&PersonId::new(id(ADA))]), refused);
    assert_eq!(code(&partner.sources[&"Live".parse::<GroupName>().unwrap()]), refused);
}

/// Trap: graph 22
#[tokio::test(start_paused = true)]
async fn a_tenant_that_grants_too_little_is_a_gap_although_it_issues_tokens() {
    let simulator =
        simulator(prepared_with(|world| world.customers[0].consent = ["User.Invite.All".to_owned()].into()));
    let observed = collect_contoso(&simulator, &desired()).await;
    assert!(observed.identity.is_ok());
    assert_eq!(code(&observed.groups), Some(UnreadCode::AccessDenied));
}

#[tokio::test(start_paused = true)]
async fn the_domain_of_a_customer_is_checked_and_a_customers_own_application_needs_a_credential() {
    let simulator = simulator(prepared());
    let observed = collect_contoso(&simulator, &desired()).await;
    assert_eq!(observed.verified, Some(Ok(contoso())));
    assert_eq!(observed.identity.unwrap().uuid(), simulator.service_principal(contoso().uuid()));

    let elsewhere = desired_with(|_, _, contoso| {
        *contoso = contoso.replace("contoso.example", "nobody.example");
    });
    let observed = collect_contoso(&simulator, &elsewhere).await;
    assert_eq!(code(&observed.verified.unwrap()), Some(UnreadCode::NotFound));

    let own_app = desired_with(|_, _, contoso| {
        contoso.push_str("  auth: {customerApp: {clientId: 0f1e2d3c-0000-4000-8000-000000000abc}}\n");
    });
    let observed = collect_contoso(&simulator, &own_app).await;
    assert_eq!(code(&observed.identity), Some(UnreadCode::CredentialRefused));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_disabled_or_gone_is_shown_as_it_is() {
    for (state, readable) in [(SubscriptionState::Disabled, true), (SubscriptionState::Deleted, false)] {
        let simulator = simulator(prepared_with(|world| world.customers[0].subscriptions[0].state = state));
        let observed = collect_contoso(&simulator, &desired()).await;
        assert!(observed.subscriptions.is_ok(), "{state:?}");
        assert_eq!(observed.assignments.contains_key(&prod()), readable, "{state:?}");
    }
}

async fn partner_of(world: World, desired: &DesiredState) -> Partner {
    let simulator = simulator(world);
    collect::partner(&client(&simulator), desired).await
}

fn live(partner: &Partner) -> &Reading<groupsync::observed::partner::Source> {
    &partner.sources[&"Live".parse::<GroupName>().unwrap()]
}

/// Trap: graph 20
#[tokio::test(start_paused = true)]
async fn a_source_that_is_not_what_the_files_say_is_a_gap() {
    let renamed = prepared_with(|world| world.partner.groups[2].display_name = "Something else".into());
    assert_eq!(code(live(&partner_of(renamed, &desired()).await)), Some(UnreadCode::Mismatch));

    let gone = prepared_with(|world| drop(world.partner.groups.remove(2)));
    assert_eq!(code(live(&partner_of(gone, &desired()).await)), Some(UnreadCode::NotFound));

    let emptied = prepared_with(|world| world.partner.groups[2].members.clear());
    assert_eq!(code(live(&partner_of(emptied, &desired()).await)), Some(UnreadCode::Mismatch));

    let nested = || {
        prepared_with(|world| {
            world.partner.groups.push(Group::security(id(0x102), "inner", [id(ADA)]));
            world.partner.groups[2].members.insert(id(0x102));
        })
    };
    let partner = partner_of(nested(), &desired()).await;
    let source = live(&partner).as_ref().unwrap();
    assert_eq!((source.members.len(), source.nested.len()), (2, 1));
    let refusing = desired_with(|_, groups, _| {
        let short = "entraGroup: 0f1e2d3c-0000-4000-8000-000000000101";
        let long = "entraGroup: {objectId: 0f1e2d3c-0000-4000-8000-000000000101, nested: refuse}";
        *groups = groups.replace(short, long);
    });
    assert_eq!(code(live(&partner_of(nested(), &refusing).await)), Some(UnreadCode::Mismatch));
}

/// Trap: graph 21
#[tokio::test(start_paused = true)]
async fn what_graph_withholds_is_not_taken_for_empty() {
    let blind = prepared_with(|world| world.partner.consent.retain(|granted| granted != "User.Read.All"));
    let partner = partner_of(blind, &desired()).await;
    assert_eq!(code(&partner.people[&PersonId::new(id(ADA))]), Some(UnreadCode::AccessDenied));
    let grace = &live(&partner).as_ref().unwrap().members[&PersonId::new(id(GRACE))];
    assert_eq!(grace.standing, groupsync::model::person::Standing::Unknown);
    assert!(grace.addresses.is_empty() && grace.user_type.is_none());
}

/// Trap: graph 33
/// Trap: arm 42
#[tokio::test(start_paused = true)]
async fn the_agents_are_read_nested_ones_included_or_not_at_all() {
    let nested = prepared_with(|world| {
        world.partner.groups.push(Group::security(id(0x103), "Azure Managers", [id(ADA)]));
        world.partner.groups[0].members.insert(id(0x103));
    });
    let partner = partner_of(nested, &desired()).await;
    assert_eq!(partner.admin_agents, Ok([PersonId::new(id(ADA))].into()));
    assert_eq!(partner.helpdesk_agents, Ok([].into()));

    let gone = prepared_with(|world| drop(world.partner.groups.remove(1)));
    let partner = partner_of(gone, &desired()).await;
    assert_eq!(code(&partner.helpdesk_agents), Some(UnreadCode::NotFound));
}
