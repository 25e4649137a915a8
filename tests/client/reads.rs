//! Reading: lists whole or not at all, people behind addresses, tokens once.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use groupsync::client::limiter::Priority;
use groupsync::model::address::Address;
use groupsync::model::ids::PersonId;
use groupsync::model::member::Member;
use groupsync::model::person::Standing;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{Group, OtherObject, User};

use super::*;

fn addresses(list: &[&str]) -> BTreeSet<Address> {
    list.iter().map(|a| a.parse().unwrap()).collect()
}

/// Trap: graph 19
///
/// Tried: `rest_of_list` without its loop, which ends at the first page: "left: 0, right: 25", the first being empty.
#[tokio::test(start_paused = true)]
async fn every_page_of_a_list_is_read_and_empty_pages_do_not_end_it() {
    let mut world = world_with(|contoso| {
        contoso.users = guests(0x300..0x319);
        contoso.groups[0].members = (0x300..0x319).map(id).collect();
    });
    world.page_size = Some(7);
    let simulator = simulator(world);
    let client = client(&simulator);
    let members = graph(&client).members(object(READERS)).await.unwrap();
    assert_eq!(members.len(), 25);
    assert!(sent(&simulator, Service::Graph).len() >= 4);
}

/// Trap: graph 20
#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_half_way_is_an_error_and_not_a_shorter_list() {
    let simulator = simulator(world_with(|contoso| {
        contoso.users = guests(0x300..0x304);
        contoso.groups[0].members = (0x300..0x304).map(id).collect();
    }));
    simulator.add_fault(Fault::new(FaultKind::ShortPage).route("GET", "/groups/{id}/members"));
    let client = client(&simulator);
    assert!(graph(&client).members(object(READERS)).await.is_err());
}

/// Trap: graph 17
#[tokio::test(start_paused = true)]
async fn members_are_told_apart_by_their_type() {
    let simulator = simulator(world_with(|contoso| {
        contoso.users = guests(0x300..0x301);
        contoso.groups.push(Group::security(id(0xd2), "nested", []));
        contoso.objects = vec![OtherObject { id: id(0xd3), ..OtherObject::default() }];
        contoso.groups[0].members = [id(0x300), id(0xd2), id(0xd3)].into();
    }));
    let client = client(&simulator);
    let members = graph(&client).members(object(READERS)).await.unwrap();
    let guest = members[&object(0x300)].user().unwrap();
    assert!(guest.is_external() && guest.has_accepted());
    assert!(guest.is_addressed(&"p768@fabrikam.example".parse().unwrap()));
    assert!(matches!(members[&object(0xd2)], Member::Group(_)));
    assert!(matches!(&members[&object(0xd3)], Member::Other { kind, .. } if kind.contains("device")));
}

/// Trap: graph 14, 36
#[tokio::test(start_paused = true)]
async fn a_guest_is_found_by_each_of_her_addresses_and_among_the_deleted() {
    let simulator = simulator(world_with(|contoso| {
        let bare = |n| User { mail: None, ..User::guest(id(n), "x") };
        contoso.users = vec![
            User::guest(id(0x301), "mail@fabrikam.example"),
            User {
                user_principal_name: Some("mangled_fabrikam.example#EXT#@contoso.onmicrosoft.com".into()),
                ..bare(0x302)
            },
            User { other_mails: vec!["other@fabrikam.example".into()], ..bare(0x303) },
            User { proxy_addresses: vec!["smtp:proxy@fabrikam.example".into()], ..bare(0x304) },
        ];
        contoso.deleted = vec![User::guest(id(0x305), "deleted@fabrikam.example")];
    }));
    let client = client(&simulator);
    let sets: Vec<_> = ["mail", "mangled", "other", "proxy", "deleted", "nobody"]
        .map(|name| addresses(&[&format!("{name}@fabrikam.example")]))
        .into();
    let found = graph(&client).guests(&sets.iter().collect::<Vec<_>>()).await;
    let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
    for (at, n) in [0x301, 0x302, 0x303, 0x304].into_iter().enumerate() {
        assert_eq!(found[at].live.keys().collect::<Vec<_>>(), [&object(n)], "person {at}");
    }
    assert_eq!(found[4].deleted.keys().collect::<Vec<_>>(), [&object(0x305)]);
    assert!(found[4].live.is_empty() && found[5].live.is_empty() && found[5].deleted.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_person_is_read_alive_deleted_or_nowhere() {
    let mut world = world();
    world.partner.users[1].account_enabled = false;
    world.partner.deleted = vec![User::member(id(0x203), "linus@fabrikam.example")];
    let simulator = simulator(world);
    let client = client(&simulator);
    let graph = client.graph(partner(), Priority::Change);
    let ids = [ADA, GRACE, 0x203, 0x204].map(|n| PersonId::new(id(n)));
    let people = graph.people(&ids.into()).await;
    let standing = |n: usize| people[&ids[n]].as_ref().unwrap().as_ref().map(|person| person.standing);
    assert_eq!(standing(0), Some(Standing::Active));
    assert_eq!(standing(1), Some(Standing::Disabled));
    assert_eq!(standing(2), Some(Standing::Deleted));
    assert_eq!(standing(3), None);

    let asked = addresses(&["ada@fabrikam.example", "linus@fabrikam.example", "nobody@fabrikam.example"]);
    let staff = graph.staff(&asked).await;
    let found = |name: &str| staff[&format!("{name}@fabrikam.example").parse().unwrap()].clone().unwrap();
    assert_eq!(found("ada").live.len(), 1);
    assert_eq!(found("linus").deleted.len(), 1);
    assert!(found("linus").live.is_empty());
    assert!(found("nobody").live.is_empty() && found("nobody").deleted.is_empty());
}

/// Tried: the lock on the slot dropped during the request: "left: 20, right: 1" tokens.
#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_for_all_and_renewed_before_it_ends() {
    let simulator = simulator(world());
    simulator.add_fault(Fault::new(FaultKind::Slow).service(Service::Login).delay(1.0).times(20));
    let client = client(&simulator);
    let contoso = graph(&client);
    join_all((0..20).map(|_| contoso.group(object(READERS)))).await;
    assert_eq!(sent(&simulator, Service::Login).len(), 1);
    simulator.clear_faults();

    tokio::time::advance(Duration::from_mins(50)).await;
    graph(&client).group(object(READERS)).await.unwrap();
    assert_eq!(sent(&simulator, Service::Login).len(), 1, "ten minutes before its end it is good");
    tokio::time::advance(Duration::from_mins(6)).await;
    graph(&client).group(object(READERS)).await.unwrap();
    assert_eq!(sent(&simulator, Service::Login).len(), 2, "four minutes before its end it is renewed");

    let identity = client.identity(super::contoso()).await.unwrap();
    assert_eq!(identity.object_id.uuid(), simulator.service_principal(super::contoso().uuid()));
    assert!(identity.roles.contains("User.Invite.All"));
}

#[tokio::test(start_paused = true)]
async fn a_domain_leads_to_its_tenant() {
    let simulator = simulator(world());
    let client = client(&simulator);
    assert_eq!(client.tenant_of(&"contoso.example".parse().unwrap()).await.unwrap(), Some(contoso()));
    assert_eq!(client.tenant_of(&"nobody.example".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_source_is_flattened_and_walked_where_graph_cannot() {
    let mut world = world();
    world.partner.groups.push(Group::security(id(0x101), "Contoso_Readers", [id(ADA), id(0x102)]));
    world.partner.groups.push(Group::security(id(0x102), "inner", [id(GRACE), id(0x101)]));
    let simulator = simulator(world);
    let client = client(&simulator);
    let graph = client.graph(partner(), Priority::Change);
    let flat = graph.source(object(0x101)).await.unwrap().unwrap();
    assert_eq!(flat.group.display_name, "Contoso_Readers");
    assert_eq!(flat.members.people.len(), 2);
    assert!(flat.members.nested.contains(&object(0x102)));

    let missing = Fault::new(FaultKind::Error).status(501).route("GET", "/groups/{id}/transitiveMembers");
    simulator.add_fault(missing);
    let walked = graph.source(object(0x101)).await.unwrap().unwrap();
    assert_eq!(walked.members.people, flat.members.people);
    assert_eq!(graph.source(object(0x1ff)).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn without_batch_every_request_goes_alone() {
    let simulator = simulator(world());
    simulator.add_fault(Fault::new(FaultKind::Error).status(405).route("POST", "/$batch"));
    let client = client(&simulator);
    let ids: Vec<_> = (0..5).map(|n| object(READERS + n)).collect();
    let found = graph(&client).groups_exist(&ids).await;
    assert_eq!(found.values().filter(|exists| *exists.as_ref().unwrap()).count(), 1);
    assert_eq!(sent(&simulator, Service::Graph).len(), 6);
}
