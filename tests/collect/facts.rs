//! Every question gets an answer or the reason why there is none.

use std::collections::BTreeSet;

use groupsync::collect;
use groupsync::model::ids::{PersonId, RoleId};
use groupsync::observed::customer::{Existence, Facts};
use groupsync::observed::question::Question;
use groupsync::observed::unread::UnreadCode;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{AccessAssignment, CustomRole, Lock, LockLevel, OwnedObject, Relationship};

use super::*;

const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const CUSTOM: u128 = 0xf01;

fn person(n: u128) -> PersonId {
    PersonId::new(id(n))
}

fn every_question() -> BTreeSet<Question> {
    let ada = "ada@fabrikam.example".parse().unwrap();
    [
        Question::Candidates { person: person(ADA), addresses: [ada].into() },
        Question::Staff("grace@fabrikam.example".parse().unwrap()),
        Question::Owners(object(READERS)),
        Question::GuestUse(object(0x300)),
        Question::Principal(object(READERS)),
        Question::Principal(object(0xfff)),
        Question::Role(READER.parse().unwrap()),
        Question::Role(RoleId::new(id(CUSTOM))),
        Question::Role(RoleId::new(id(0xf02))),
        Question::Locks(prod()),
        Question::Usage(prod()),
        Question::DelegatedAdmins,
    ]
    .into()
}

fn inhabited() -> World {
    prepared_with(|world| {
        let delegated = Group::security(id(0x104), "GDAP", [id(GRACE)]);
        world.partner.groups.push(delegated);
        world.partner.gdap = vec![Relationship {
            id: format!("{}-{}", id(1), id(2)),
            customer: contoso().uuid(),
            access_assignments: vec![AccessAssignment {
                id: id(3),
                group: id(0x104),
                ..AccessAssignment::default()
            }],
            ..Relationship::default()
        }];
        let contoso = &mut world.customers[0];
        contoso.users = guests(0x300..0x301);
        contoso.users.push(User::guest(id(0x301), "ada@fabrikam.example"));
        contoso.users[0].owned_objects = vec![OwnedObject { id: id(0x400), ..OwnedObject::default() }];
        contoso.groups[0].members = [id(0x300)].into();
        contoso.groups[0].owners = [id(0x301)].into();
        contoso.role_definitions = vec![CustomRole {
            id: id(CUSTOM),
            role_name: "Custom".into(),
            assignable_scopes: vec![format!("/subscriptions/{}", prod())],
            actions: vec!["*/read".into()],
            ..CustomRole::default()
        }];
        let lock = Lock { name: "keep".into(), level: LockLevel::CanNotDelete, scope: None };
        contoso.subscriptions[0].locks = vec![lock];
    })
}

async fn ask(simulator: &Simulator, desired: &DesiredState, cache: &Cache) -> Facts {
    let client = client(simulator);
    let customer = contoso_of(desired);
    let mut observed = collect::customer(&client, desired, customer, cache).await;
    let questions = every_question();
    collect::answers(&client, desired, customer, &questions, cache, &mut observed).await;
    observed.facts
}

#[tokio::test(start_paused = true)]
async fn every_question_is_answered() {
    let simulator = simulator(inhabited());
    let facts = ask(&simulator, &desired(), &Cache::new()).await;
    let found = facts.candidates[&person(ADA)].as_ref().unwrap();
    assert_eq!(found.live.keys().collect::<Vec<_>>(), [&object(0x301)]);
    let grace = facts.staff[&"grace@fabrikam.example".parse().unwrap()].as_ref().unwrap();
    assert_eq!(grace.as_ref().unwrap().id, person(GRACE));
    assert_eq!(facts.owners[&object(READERS)], Ok([object(0x301)].into()));
    let used = facts.guest_use[&object(0x300)].as_ref().unwrap();
    assert_eq!(
        (&used.member_of, used.app_roles),
        (&[(object(READERS), "g-contoso-readers".to_owned())].into(), 0)
    );
    assert_eq!(used.owns, [object(0x400)].into());
    assert_eq!(facts.principals[&object(READERS)], Ok(Existence::Present));
    assert_eq!(facts.principals[&object(0xfff)], Ok(Existence::Absent));
    let reader = facts.roles[&READER.parse().unwrap()].clone().unwrap().unwrap();
    assert!(!reader.custom && !reader.can_grant_access());
    assert!(facts.roles[&RoleId::new(id(CUSTOM))].clone().unwrap().unwrap().custom);
    assert_eq!(facts.roles[&RoleId::new(id(0xf02))], Ok(None));
    assert_eq!(facts.locks[&prod()].as_ref().unwrap().len(), 1);
    assert_eq!(facts.usage[&prod()].as_ref().unwrap().limit, 4000);
    assert_eq!(facts.delegated_admins, Some(Ok([(person(GRACE), object(0x104))].into())));
}

/// Tried: errors filtered out in `readings`; the first question asked about then has no entry at all.
#[tokio::test(start_paused = true)]
async fn a_question_that_cannot_be_answered_says_why() {
    let simulator = simulator(inhabited());
    for service in [Service::Graph, Service::Arm] {
        simulator.add_fault(Fault::new(FaultKind::Forbidden).service(service));
    }
    let facts = ask(&simulator, &desired(), &Cache::new()).await;
    let denied = |code: Option<UnreadCode>| assert_eq!(code, Some(UnreadCode::AccessDenied));
    denied(facts.candidates[&person(ADA)].as_ref().err().map(|u| u.code));
    denied(facts.staff[&"grace@fabrikam.example".parse().unwrap()].as_ref().err().map(|u| u.code));
    denied(facts.owners[&object(READERS)].as_ref().err().map(|u| u.code));
    denied(facts.guest_use[&object(0x300)].as_ref().err().map(|u| u.code));
    denied(facts.principals[&object(0xfff)].as_ref().err().map(|u| u.code));
    denied(facts.roles[&READER.parse().unwrap()].as_ref().err().map(|u| u.code));
    denied(facts.locks[&prod()].as_ref().err().map(|u| u.code));
    denied(facts.usage[&prod()].as_ref().err().map(|u| u.code));
    denied(facts.delegated_admins.unwrap().err().map(|u| u.code));
}

#[tokio::test(start_paused = true)]
async fn the_use_of_a_guest_that_is_half_readable_is_not_readable() {
    let simulator = simulator(inhabited());
    simulator.add_fault(Fault::new(FaultKind::Error).route("GET", "/users/{id}/ownedObjects"));
    let facts = ask(&simulator, &desired(), &Cache::new()).await;
    assert!(facts.guest_use[&object(0x300)].is_err());
}

#[tokio::test(start_paused = true)]
async fn delegated_administration_is_known_as_the_files_say() {
    let simulator = simulator(inhabited());
    let off = desired_with(|partner, _, _| partner.push_str("  gdap: off\n"));
    let facts = ask(&simulator, &off, &Cache::new()).await;
    assert_eq!(facts.delegated_admins, Some(Ok([].into())));

    let named =
        desired_with(|partner, _, _| partner.push_str("  gdap: [0f1e2d3c-0000-4000-8000-000000000101]\n"));
    let facts = ask(&simulator, &named, &Cache::new()).await;
    assert_eq!(facts.delegated_admins, Some(Ok([(person(GRACE), object(SOURCE))].into())));

    let ended = simulator_with_status("terminated");
    assert_eq!(ask(&ended, &desired(), &Cache::new()).await.delegated_admins, Some(Ok([].into())));
    let unknown = simulator_with_status("somethingNew");
    let facts = ask(&unknown, &desired(), &Cache::new()).await;
    assert_eq!(facts.delegated_admins.unwrap().unwrap().len(), 1, "what is not understood counts");
}

fn simulator_with_status(status: &str) -> Simulator {
    let mut world = inhabited();
    status.clone_into(&mut world.partner.gdap[0].status);
    simulator(world)
}

#[tokio::test(start_paused = true)]
async fn what_every_customer_asks_is_read_once_per_sweep() {
    let simulator = simulator(inhabited());
    let cache = Cache::new();
    let first = ask(&simulator, &desired(), &cache).await;
    simulator.clear_requests();
    let second = ask(&simulator, &desired(), &cache).await;
    assert_eq!(first, second);
    let records = simulator.requests();
    let again = |route: &str| records.iter().filter(|r| r.route.contains(route)).count();
    assert_eq!(again("delegatedAdminRelationships"), 0);
    assert_eq!(again("transitiveMembers"), 0);
    assert_eq!(again("openid-configuration"), 0);
    assert_eq!(again("roleDefinitions"), 0);
    let of_partner = records.iter().filter(|r| r.customer.as_deref() == Some("partner"));
    assert_eq!(of_partner.filter(|r| r.service == Service::Graph).count(), 0);
}
