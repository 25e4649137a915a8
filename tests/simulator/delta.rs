//! Delta queries: what changed among users and groups since a position held as a link.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{Customer, Group, User, World};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ADA, CAROL, CONTOSO, GRACE, GRAPH, LAPTOP, Reply, TEAM, Wire, lagging, query, world, world_with,
};

const DAY: Duration = Duration::from_hours(24);
const GROUPS: &str = "/groups/delta?$select=displayName,members";
const USERS: &str = "/users/delta?$select=displayName,accountEnabled";

fn link(reply: &Reply, name: &str) -> Option<String> {
    let link = reply.json()[name].as_str()?.to_owned();
    Some(link.strip_prefix(GRAPH).expect("links stay on the host").to_owned())
}

/// All pages of a round with the link to the next round.
async fn round(wire: &Wire, path: &str) -> (Vec<Value>, String) {
    let mut rows = Vec::new();
    let mut reply = wire.get(path).await;
    loop {
        assert_eq!(reply.status, 200, "{reply:?}");
        rows.extend(reply.rows());
        match link(&reply, "@odata.nextLink") {
            Some(next) => reply = wire.get(&next).await,
            None => return (rows, link(&reply, "@odata.deltaLink").expect("a round ends with a delta link")),
        }
    }
}

async fn latest(wire: &Wire, path: &str) -> String {
    let (rows, link) = round(wire, &format!("{path}&$deltatoken=latest")).await;
    assert_eq!(rows, [] as [Value; 0], "from now on means no data");
    link
}

fn edit(wire: &Wire, change: impl FnOnce(&mut Customer)) {
    wire.simulator.edit_customer(CONTOSO, change).unwrap();
}

/// What somebody knows who merges every page as sets: who is in each group.
#[derive(Debug, Default, PartialEq)]
struct Known {
    users: BTreeMap<Uuid, bool>,
    groups: BTreeMap<Uuid, BTreeSet<Uuid>>,
}

impl Known {
    fn merge(&mut self, rows: &[Value]) {
        let id = |value: &Value| value["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        for row in rows {
            let gone = row.get("@removed").is_some();
            if let Some(enabled) = row["accountEnabled"].as_bool() {
                self.users.insert(id(row), enabled);
            } else if gone {
                self.users.remove(&id(row));
                self.groups.remove(&id(row));
            } else {
                let members = self.groups.entry(id(row)).or_default();
                for member in row["members@delta"].as_array().into_iter().flatten() {
                    match member.get("@removed") {
                        Some(_) => members.remove(&id(member)),
                        None => members.insert(id(member)),
                    };
                }
            }
        }
    }

    fn of(world: &World) -> Self {
        let contoso = world.customer("contoso").unwrap();
        Self {
            users: contoso.users.iter().map(|user| (user.id, user.account_enabled)).collect(),
            groups: contoso.groups.iter().map(|group| (group.id, group.members.clone())).collect(),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_round_tells_everything_and_the_next_only_what_changed() {
    let wire = Wire::new(world());
    let (rows, link) = round(&wire, GROUPS).await;
    let member = json!({"@odata.type": "#microsoft.graph.user", "id": ADA});
    assert_eq!(rows, [json!({"id": TEAM, "displayName": "Team", "members@delta": [member]})]);

    let (rows, link) = round(&wire, &link).await;
    assert_eq!(rows, [] as [Value; 0]);

    edit(&wire, |contoso| contoso.group_mut(TEAM).unwrap().members = [GRACE, LAPTOP].into());
    let (rows, link) = round(&wire, &link).await;
    let expected: BTreeSet<String> = [
        json!({"@odata.type": "#microsoft.graph.user", "id": ADA, "@removed": {"reason": "deleted"}}),
        json!({"@odata.type": "#microsoft.graph.user", "id": GRACE}),
        json!({"@odata.type": "#microsoft.graph.device", "id": LAPTOP}),
    ]
    .iter()
    .map(Value::to_string)
    .collect();
    assert_eq!(rows.len(), 1);
    let told: BTreeSet<String> =
        rows[0]["members@delta"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert_eq!(told, expected);
    assert_eq!(round(&wire, &link).await.0, [] as [Value; 0]);
}

/// Trap: graph 38
#[tokio::test(start_paused = true)]
async fn a_deletion_is_called_changed_while_it_can_be_undone_and_deleted_afterwards() {
    let wire = Wire::new(world());
    let users = latest(&wire, USERS).await;
    let groups = latest(&wire, GROUPS).await;
    edit(&wire, |contoso| contoso.users.retain(|user| user.id != ADA));
    let (rows, users) = round(&wire, &users).await;
    assert_eq!(rows, [json!({"id": ADA, "@removed": {"reason": "changed"}})]);
    let (rows, groups) = round(&wire, &groups).await;
    let left = json!({"@odata.type": "#microsoft.graph.user", "id": ADA, "@removed": {"reason": "deleted"}});
    assert_eq!(rows[0]["members@delta"], json!([left]), "inside a group the word is another");

    edit(&wire, |contoso| {
        let ada = contoso.deleted.pop().unwrap();
        contoso.users.push(User { deleted_date_time: None, ..ada });
    });
    let (rows, users) = round(&wire, &users).await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].get("@removed").is_none() && rows[0]["accountEnabled"] == true, "{rows:?}");
    let (rows, _) = round(&wire, &groups).await;
    assert!(rows[0]["members@delta"][0].get("@removed").is_none(), "{rows:?}");

    edit(&wire, |contoso| contoso.users.retain(|user| user.id != GRACE));
    edit(&wire, |contoso| contoso.deleted.clear());
    let (rows, _) = round(&wire, &users).await;
    assert_eq!(rows, [json!({"id": GRACE, "@removed": {"reason": "deleted"}})]);

    let groups = latest(&wire, GROUPS).await;
    edit(&wire, |contoso| contoso.groups.clear());
    let (rows, _) = round(&wire, &groups).await;
    assert_eq!(rows, [json!({"id": TEAM, "@removed": {"reason": "changed"}})]);
}

/// Trap: graph 39
#[tokio::test(start_paused = true)]
async fn only_direct_members_are_told() {
    let inner = Uuid::from_u128(0xd2);
    let wire = Wire::new(world_with(|contoso| {
        contoso.groups.push(Group::security(inner, "Inner", [CAROL]));
        contoso.group_mut(TEAM).unwrap().members = [inner].into();
    }));
    let only_team = format!("{GROUPS}&{}", query("$filter", &format!("id eq '{TEAM}'")));
    let (rows, link) = round(&wire, &only_team).await;
    assert_eq!(rows.len(), 1, "nobody asked for the other group");
    assert_eq!(rows[0]["members@delta"], json!([{"@odata.type": "#microsoft.graph.group", "id": inner}]));
    edit(&wire, |contoso| contoso.group_mut(inner).unwrap().members.clear());
    assert_eq!(round(&wire, &link).await.0, [] as [Value; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_minimal_answer_tells_only_what_changed() {
    let wire = Wire::new(world());
    let link = latest(&wire, USERS).await;
    edit(&wire, |contoso| contoso.user_mut(CAROL).unwrap().account_enabled = false);
    let whole = wire.get(&link).await.rows();
    assert_eq!(
        whole,
        [json!({"id": CAROL, "displayName": "carol@contoso.example", "accountEnabled": false})]
    );
    let token = format!("Bearer {}", wire.token("https://graph.microsoft.com").await);
    let headers = [("authorization", token.as_str()), ("prefer", "return=minimal")];
    let minimal = wire.send("GET", &format!("{GRAPH}{link}"), &headers, String::new()).await.unwrap();
    assert_eq!(minimal.rows(), [json!({"id": CAROL, "accountEnabled": false})]);
    assert_eq!(minimal.header("x-ms-resource-unit"), "", "delta queries do not say what they cost");
}

#[tokio::test(start_paused = true)]
async fn what_delta_queries_cannot_do_is_refused() {
    let wire = Wire::new(world());
    for option in ["$top=5", "$orderby=id", "$expand=members", "$filter=displayName%20eq%20'x'"] {
        let reply = wire.get(&format!("/users/delta?{option}")).await;
        assert_eq!(reply.error(), (400, "Request_UnsupportedQuery".to_owned()), "{option}");
    }
    assert_eq!(wire.get("/users/delta?$select=members").await.error().0, 400);
    let ids = |count: u128| {
        let parts: Vec<String> = (0..count).map(|n| format!("id eq '{}'", Uuid::from_u128(n))).collect();
        format!("/groups/delta?{}", query("$filter", &parts.join(" or ")))
    };
    assert_eq!(wire.get(&ids(50)).await.status, 200);
    assert_eq!(wire.get(&ids(51)).await.error().0, 400);
    assert_eq!(
        wire.get("/users/delta()?$deltatoken=latest").await.status,
        200,
        "as generated clients write it"
    );
}

#[tokio::test(start_paused = true)]
async fn each_collection_needs_its_own_permission() {
    for (granted, groups, users) in [("GroupMember.Read.All", 200, 403), ("User.Read.All", 403, 200)] {
        let wire = Wire::new(world_with(|contoso| contoso.consent = [granted.to_owned()].into()));
        assert_eq!(wire.get("/groups/delta").await.status, groups, "{granted}");
        assert_eq!(wire.get("/users/delta").await.status, users, "{granted}");
    }
}

/// Trap: graph 38
#[tokio::test(start_paused = true)]
async fn a_position_is_good_for_seven_days() {
    let wire = Wire::new(world());
    let link = latest(&wire, USERS).await;
    edit(&wire, |contoso| contoso.user_mut(CAROL).unwrap().account_enabled = false);
    wire.simulator.advance(7 * DAY);
    assert_eq!(wire.get(&link).await.rows().len(), 1);
    wire.simulator.advance(Duration::from_secs(1));
    assert_eq!(wire.get(&link).await.error(), (400, "syncStateNotFound".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_position_belongs_to_one_tenant_and_one_collection() {
    let wire = Wire::new(world());
    let link = latest(&wire, USERS).await;
    assert_eq!(wire.get(&link.replace("users", "groups")).await.error().1, "syncStateNotFound");
    assert_eq!(wire.get("/users/delta?$deltatoken=nonsense").await.error().1, "syncStateNotFound");
    let elsewhere = wire.at(super::NORTHWIND);
    assert_eq!(elsewhere.get(&link).await.error().1, "syncStateNotFound");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_position_says_where_to_begin_anew() {
    let wire = Wire::new(world());
    let link = latest(&wire, GROUPS).await;
    wire.simulator.add_fault(Fault::new(FaultKind::DeltaGone).times(1));
    assert_eq!(wire.get(GROUPS).await.status, 200, "who begins has no position to lose");
    let reply = wire.get(&link).await;
    assert_eq!(reply.error(), (410, "resyncRequired".to_owned()));
    let anew = reply.header("location").strip_prefix(GRAPH).unwrap().to_owned();
    let (rows, _) = round(&wire, &anew).await;
    assert_eq!(rows, round(&wire, GROUPS).await.0);

    wire.simulator.add_fault(Fault::new(FaultKind::DeltaGone).status(404));
    assert_eq!(wire.get(&link).await.error(), (404, "syncStateNotFound".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_round_can_break_in_its_middle() {
    let wire = Wire::new(world());
    wire.simulator.add_fault(Fault::new(FaultKind::ShortPage).times(1));
    let reply = wire.get(USERS).await;
    assert_eq!(reply.rows().len(), 1);
    let next = link(&reply, "@odata.nextLink").unwrap();
    assert_eq!(wire.get(&next).await.status, 500);
}

/// Trap: graph 38
#[tokio::test(start_paused = true)]
async fn small_pages_come_shuffled_replayed_sliced_and_now_and_then_empty() {
    let many: Vec<User> =
        (0..40).map(|n| User::guest(Uuid::from_u128(0xf00 + n), &format!("g{n}@fabrikam.example"))).collect();
    let members: BTreeSet<Uuid> = many.iter().map(|user| user.id).collect();
    let mut world = world_with(|contoso| {
        contoso.users.extend(many);
        contoso.group_mut(TEAM).unwrap().members.clone_from(&members);
    });
    world.page_size = Some(3);
    let wire = Wire::new(world);
    let (mut pages, mut empty, mut told) = (0, 0, Vec::new());
    let mut path = GROUPS.to_owned();
    loop {
        let reply = wire.get(&path).await;
        pages += 1;
        let rows = reply.rows();
        empty += usize::from(rows.is_empty());
        for row in &rows {
            told.extend(row["members@delta"].as_array().into_iter().flatten().map(|m| m["id"].to_string()));
        }
        match link(&reply, "@odata.nextLink") {
            Some(next) => path = next,
            None => break,
        }
    }
    assert!(pages >= 14 && empty > 0, "{pages} pages, {empty} empty");
    assert!(told.len() > 40, "some are told twice");
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), 40, "all are told");
    assert!(!told.is_sorted(), "in no order");
}

/// Whoever merges what is told as sets ends with the truth, however late, sliced and shuffled it comes.
/// Tried: in `Feed::between` only the count of a position looked at → what arrives late is never told: "seed 0".
#[tokio::test(start_paused = true)]
async fn whoever_merges_every_round_ends_with_the_truth() {
    for seed in 0..20 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut start = lagging(0.0, 30.0);
        start.page_size = Some(2);
        let wire = Wire::new(start);
        let mut known = Known::default();
        let (mut users, mut groups) = (USERS.to_owned(), GROUPS.to_owned());
        for step in 0..12 {
            if step < 10 {
                edit(&wire, |contoso| meddle(contoso, &mut random));
                wire.simulator.advance(Duration::from_secs(random.u64(0..20)));
            } else {
                wire.simulator.advance(Duration::from_secs(31));
            }
            for path in [&mut users, &mut groups] {
                let (rows, next) = round(&wire, path).await;
                known.merge(&rows);
                *path = next;
            }
        }
        assert_eq!(known, Known::of(&wire.simulator.world()), "seed {seed}");
    }
}

fn meddle(contoso: &mut Customer, random: &mut fastrand::Rng) {
    let user = |n: u128| Uuid::from_u128(0xf00 + n);
    match random.u8(0..6) {
        0 => {
            let id = user(random.u128(0..5));
            if !contoso.users.iter().chain(&contoso.deleted).any(|user| user.id == id) {
                contoso.users.push(User::guest(id, &format!("{id}@fabrikam.example")));
            }
        }
        1 if contoso.users.len() > 1 => drop(contoso.users.remove(random.usize(0..contoso.users.len()))),
        2 => contoso.users.extend(contoso.deleted.pop().map(|user| User { deleted_date_time: None, ..user })),
        3 => {
            if let Some(user) = random.choice(&mut contoso.users) {
                user.account_enabled = !user.account_enabled;
            }
        }
        4 => {
            let ids: Vec<Uuid> = contoso.users.iter().map(|user| user.id).collect();
            let member = random.choice(&ids).copied();
            if let (Some(group), Some(member)) = (random.choice(&mut contoso.groups), member)
                && !group.members.remove(&member)
            {
                group.members.insert(member);
            }
        }
        _ => {
            let id = Uuid::from_u128(0xe00 + random.u128(0..3));
            if contoso.groups.iter().any(|group| group.id == id) {
                contoso.groups.retain(|group| group.id != id);
            } else {
                contoso.groups.push(Group::security(id, "New", []));
            }
        }
    }
}
