//! Query options: what works, what needs the advanced headers, what is ignored without a word.

use groupsync::simulator::world::{Group, OtherObject, User};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ADA, CAROL, GRACE, LAPTOP, TEAM, Wire, query, world, world_with};

fn fruits() -> Wire {
    Wire::new(world_with(|contoso| {
        let group = |n: u128, name: &str| Group {
            description: Some(format!("about {name}")),
            ..Group::security(Uuid::from_u128(n), name, [])
        };
        contoso.groups = vec![group(1, "Cherry"), group(2, "apple"), group(3, "Banana split")];
    }))
}

/// Trap: graph 18
///
/// Tried: `is_advanced` always true -> "no error: Reply { status: 200, …" in place of the first refusal.
#[tokio::test(start_paused = true)]
async fn the_sheet_of_operators_is_kept_per_property() {
    let wire = fruits();
    let plain = [
        "displayName eq 'cherry'",
        "displayName in ('cherry','x')",
        "startsWith(displayName,'ch')",
        "mailNickname ge 'c'",
        "mailNickname le 'z'",
        "securityEnabled eq true",
        "mailEnabled eq false",
        "isAssignableToRole eq true",
        "membershipRule eq 'x'",
        "groupTypes/any(t:t eq 'Unified')",
        "createdDateTime ge 2020-01-01T00:00:00Z",
    ];
    let advanced = [
        "description eq 'x'",
        "startsWith(description,'about')",
        "displayName ne 'x'",
        "not(displayName eq 'x')",
        "endsWith(displayName,'y')",
        "displayName eq null",
        "mailEnabled ne true",
        "NOT startsWith(displayName,'x')",
    ];
    let never = ["uniqueName eq 'x'", "contains(displayName,'x')", "colour eq 'red'", "mailEnabled gt true"];
    for filter in plain {
        assert_eq!(wire.find("/groups", filter).await.status, 200, "{filter}");
    }
    for filter in advanced {
        let path = format!("/groups?{}", query("$filter", filter));
        let refused = wire.get(&path).await;
        assert_eq!(refused.error(), (400, "Request_UnsupportedQuery".to_owned()), "{filter}");
        let half = wire.advanced(&path).await;
        assert_eq!(half.status, 400, "the header alone does not do: {filter}");
        assert_eq!(wire.advanced(&format!("{path}&$count=true")).await.status, 200, "{filter}");
    }
    for filter in never {
        let path = format!("/groups?$count=true&{}", query("$filter", filter));
        assert_eq!(wire.advanced(&path).await.error().0, 400, "{filter}");
    }
}

/// Trap: graph 16
#[tokio::test(start_paused = true)]
async fn the_end_of_an_address_is_not_its_domain() {
    let stranger = Uuid::from_u128(9);
    let wire = Wire::new(world_with(|contoso| {
        contoso.users.push(User::guest(stranger, "eve@notfabrikam.example"));
    }));
    let find = async |end: &str| {
        let filter = format!("endsWith(mail,'{end}')");
        wire.advanced(&format!("/users?$count=true&{}", query("$filter", &filter))).await.ids()
    };
    assert!(find("fabrikam.example").await.contains(&stranger));
    assert_eq!(find("@fabrikam.example").await, [ADA, GRACE]);
}

#[tokio::test(start_paused = true)]
async fn lists_are_sorted_alone_and_with_a_filter_only_from_the_index() {
    let wire = fruits();
    let names = |rows: Vec<Value>| {
        let name = |row: &Value| row["displayName"].as_str().unwrap().to_owned();
        rows.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(wire.all("/groups?$orderby=displayName&$top=2").await),
        ["apple", "Banana split", "Cherry"]
    );
    assert_eq!(
        names(wire.all("/groups?$orderby=displayName%20desc").await),
        ["Cherry", "Banana split", "apple"]
    );
    let both = "/groups?$orderby=displayName&$filter=securityEnabled%20eq%20true";
    assert_eq!(wire.get(both).await.error().1, "Request_UnsupportedQuery");
    assert_eq!(wire.advanced(&format!("{both}&$count=true")).await.rows().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn searching_and_counting_need_the_header() {
    let wire = fruits();
    let search = format!("/groups?{}", query("$search", "\"displayName:spl\""));
    let refused = wire.get(&search).await;
    assert_eq!(refused.error().1, "Request_UnsupportedQuery");
    assert!(refused.message().contains("ConsistencyLevel: eventual"));
    assert_eq!(wire.advanced(&search).await.ids(), [Uuid::from_u128(3)]);
    assert_eq!(wire.get("/groups/$count").await.status, 400);
    assert_eq!(wire.advanced("/groups/$count").await.text, "3");
    assert_eq!(wire.advanced("/users/$count").await.text, "3");
    let counted = wire.get("/groups?$count=true").await.json();
    assert_eq!(counted.get("@odata.count"), None, "without the header the wish is ignored in silence");
}

/// Trap: graph 19
///
/// Tried: `is_eventual` true wherever there is a `$skiptoken` ->
/// "the header must be sent again … left: 200 right: 400".
#[tokio::test(start_paused = true)]
async fn a_link_does_not_carry_the_header_and_the_count_comes_once() {
    let wire = fruits();
    let filter = query("$filter", "displayName ne 'x'");
    let first = wire.advanced(&format!("/groups?$top=2&$count=true&{filter}")).await.json();
    assert_eq!(first["@odata.count"], 3);
    let link = first["@odata.nextLink"].as_str().unwrap().strip_prefix(super::GRAPH).unwrap().to_owned();
    assert_eq!(wire.get(&link).await.status, 400, "the header must be sent again");
    let second = wire.advanced(&link).await.json();
    assert_eq!((second["value"].as_array().unwrap().len(), second.get("@odata.count")), (1, None));
}

/// Trap: graph 17
#[tokio::test(start_paused = true)]
async fn casts_and_filters_of_members_come_from_the_index_only() {
    let wire = Wire::new(world_with(|contoso| {
        contoso.groups[0].members.extend([CAROL, LAPTOP]);
    }));
    let members = format!("/groups/{TEAM}/members");
    let cast = format!("{members}/microsoft.graph.user?$count=true");
    assert_eq!(wire.get(&cast).await.error().1, "Request_UnsupportedQuery");
    assert_eq!(wire.advanced(&cast).await.ids(), [ADA, CAROL]);
    let devices = format!("{members}/microsoft.graph.device?$count=true");
    assert_eq!(wire.advanced(&devices).await.ids(), [LAPTOP]);
    let filter = format!("{members}?$count=true&{}", query("$filter", "startsWith(displayName,'carol')"));
    assert_eq!(wire.get(&filter).await.status, 400);
    assert_eq!(wire.advanced(&filter).await.ids(), [CAROL]);
    let ignored = wire.get(&format!("{members}?$count=true")).await;
    assert_eq!(ignored.ids().len(), 3);
    assert_eq!(wire.advanced(&format!("{members}/$count")).await.text, "3");
    let nested = format!("/groups/{TEAM}/transitiveMembers/microsoft.graph.user?$count=true");
    assert_eq!(wire.advanced(&nested).await.ids(), [ADA, CAROL]);
}

#[tokio::test(start_paused = true)]
async fn an_expansion_stops_at_twenty_and_shows_service_principals() {
    let app = OtherObject {
        id: Uuid::from_u128(1000),
        r#type: "servicePrincipal".to_owned(),
        ..OtherObject::default()
    };
    let wire = Wire::new(world_with(|contoso| {
        contoso.groups[0].members.insert(app.id);
        for n in 2000..2030 {
            contoso.users.push(User::member(Uuid::from_u128(n), &format!("u{n}@contoso.example")));
            contoso.groups[0].members.insert(Uuid::from_u128(n));
        }
        contoso.objects.push(app);
    }));
    let shown = wire.get(&format!("/groups/{TEAM}?$expand=members")).await.json();
    assert_eq!(shown["members"].as_array().unwrap().len(), 20);
    assert_eq!(shown["members"][0]["@odata.type"], "#microsoft.graph.servicePrincipal");
    assert_eq!(shown.get("members@odata.nextLink"), None);
    assert_eq!(wire.all(&format!("/groups/{TEAM}/members")).await.len(), 31);
    assert_eq!(wire.get("/groups?$expand=colour").await.status, 400);
}

/// Trap: graph 47
#[tokio::test(start_paused = true)]
async fn mailbox_properties_are_404_in_tenants_without_microsoft_365() {
    let path = format!("/groups/{TEAM}?$select=id,hideFromAddressLists");
    assert_eq!(Wire::new(world()).get(&path).await.error().0, 404);
    assert_eq!(Wire::new(world()).get("/groups?$select=allowExternalSenders").await.error().0, 404);
    let wire = Wire::new(world_with(|contoso| contoso.microsoft365 = true));
    assert_eq!(wire.get(&path).await.json()["id"], json!(TEAM));
}

/// Trap: graph 49
#[tokio::test(start_paused = true)]
async fn ids_and_addresses_compare_without_case() {
    let wire = Wire::new(world());
    let shouted = ADA.to_string().to_uppercase();
    assert_eq!(wire.get(&format!("/users/{shouted}")).await.json()["id"], json!(ADA));
    assert_eq!(wire.find("/users", "mail eq 'ADA@FABRIKAM.example'").await.ids(), [ADA]);
    let removal = format!("/groups/{}/members/{shouted}/$ref", TEAM.to_string().to_uppercase());
    assert_eq!(wire.graph("DELETE", &removal, Value::Null).await.status, 204);
}
