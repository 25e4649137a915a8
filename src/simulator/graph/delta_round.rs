//! One round of a delta query: what it tells, in which order, and how each object is shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::delta::Token;
use super::desk::Desk;
use super::entity::{Entity, GROUP_DEFAULTS, USER_DEFAULTS, selection};
use crate::simulator::directory::{About, Directory, Position};

/// What a delta query is about.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Collection {
    Users,
    Groups,
}

impl Collection {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
        }
    }
}

/// One thing a round tells: an object, or one member of a group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item {
    object: Uuid,
    member: Option<Uuid>,
}

/// Everything between two positions, or everything there is.
pub(super) struct Round<'a> {
    /// In the order of the pages, each with its place.
    pub(super) entries: Vec<(String, Item)>,
    /// What the objects were at the beginning of the round; nothing where they were not there.
    before: BTreeMap<Uuid, Option<&'a dyn Entity>>,
    initial: bool,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        desk: &'a Desk<'_>,
        collection: Collection,
        token: &Token,
        since: Option<Position>,
        until: Position,
    ) -> Self {
        let directory = desk.directory();
        let mut before = BTreeMap::new();
        let items = match since {
            None => initial(desk, collection, until),
            Some(since) => changed(directory, collection, since, until, &mut before),
        };
        let names_members =
            selection(token.select.as_deref()).is_none_or(|names| names.contains(&"members".into()));
        let wanted = |item: &Item| {
            token.ids.as_ref().is_none_or(|ids| ids.contains(&item.object))
                && (item.member.is_none() || names_members)
        };
        let mut entries = Vec::new();
        for item in items.into_iter().filter(wanted) {
            for turn in 0..appearances(desk, item, until) {
                entries.push((place(desk, item, until, turn), item));
            }
        }
        entries.sort();
        Self { entries, before, initial: since.is_none() }
    }

    /// The objects of one page. What follows directly on the same group stands in one object.
    pub(super) fn render(&self, desk: &Desk<'_>, token: &Token, part: &[(String, Item)]) -> Vec<Value> {
        let minimal =
            !self.initial && desk.call.header("prefer").is_some_and(|wish| wish.contains("return=minimal"));
        let names = selection(token.select.as_deref());
        let mut shown: Vec<(Uuid, Map<String, Value>)> = Vec::new();
        for (_, item) in part {
            let directory = desk.directory();
            let group = directory.groups.contains_key(&item.object);
            if shown.last().is_none_or(|(last, _)| *last != item.object) {
                shown.push((item.object, Map::from_iter([("id".to_owned(), json!(item.object))])));
            }
            let Some((_, object)) = shown.last_mut() else { continue };
            match item.member {
                Some(member) if group => {
                    // Without `return=minimal` an object is always shown with all that was selected.
                    if !minimal {
                        self.properties(desk, item.object, names.as_deref(), false, object);
                    }
                    let list = object.entry("members@delta").or_insert_with(|| json!([]));
                    if let Value::Array(list) = list {
                        list.push(show_member(directory, item.object, member));
                    }
                }
                _ => self.properties(desk, item.object, names.as_deref(), minimal, object),
            }
        }
        shown.into_iter().map(|(_, object)| Value::Object(object)).collect()
    }

    /// Puts what is to be shown of an object into its JSON; of one that is gone, how it went.
    fn properties(
        &self,
        desk: &Desk<'_>,
        id: Uuid,
        names: Option<&[String]>,
        minimal: bool,
        into: &mut Map<String, Value>,
    ) {
        let directory = desk.directory();
        let user = directory.users.get(&id).map(|user| user as &dyn Entity);
        let Some(entity) = user.or_else(|| directory.groups.get(&id).map(|group| group as &dyn Entity))
        else {
            let restorable =
                directory.deleted.contains_key(&id) || directory.deleted_groups.contains_key(&id);
            let reason = if restorable { "changed" } else { "deleted" };
            into.insert("@removed".to_owned(), json!({"reason": reason}));
            return;
        };
        let defaults: &[&str] = if user.is_some() { &USER_DEFAULTS } else { &GROUP_DEFAULTS };
        let names: Vec<&str> = match names {
            Some(names) => names.iter().map(String::as_str).collect(),
            None => defaults.to_vec(),
        };
        let before = self.before.get(&id).copied().flatten().filter(|_| minimal);
        for name in names {
            let Some(now) = entity.property(name).map(|property| property.to_json()) else { continue };
            let then = before.and_then(|before| before.property(name)).map(|property| property.to_json());
            if then.as_ref() != Some(&now) {
                into.insert(name.to_owned(), now);
            }
        }
    }
}

/// Everything there is, but what has not arrived yet: later rounds tell it.
fn initial(desk: &Desk<'_>, collection: Collection, until: Position) -> BTreeSet<Item> {
    let directory = desk.directory();
    let mut items = BTreeSet::new();
    match collection {
        Collection::Users => items.extend(directory.users.keys().map(|&id| whole(id))),
        Collection::Groups => {
            for group in directory.groups.values() {
                items.insert(whole(group.id));
                items.extend(
                    group.members.iter().map(|&member| Item { object: group.id, member: Some(member) }),
                );
            }
        }
    }
    for entry in directory.feed.late(until) {
        match entry.about {
            About::User(id, None) | About::Group(id, None) => items.remove(&whole(id)),
            About::Member { group, member } => items.remove(&Item { object: group, member: Some(member) }),
            About::User(_, Some(_)) | About::Group(_, Some(_)) => false,
        };
    }
    // A first round may tell of deleted objects too.
    let deleted: Vec<Uuid> = match collection {
        Collection::Users => directory.deleted.keys().copied().collect(),
        Collection::Groups => directory.deleted_groups.keys().copied().collect(),
    };
    let told = |id: &Uuid| desk.state.dice.roll("deleted in delta", &[*id], 0).bool();
    items.extend(deleted.into_iter().filter(told).map(whole));
    items
}

fn changed<'a>(
    directory: &'a Directory,
    collection: Collection,
    since: Position,
    until: Position,
    before: &mut BTreeMap<Uuid, Option<&'a dyn Entity>>,
) -> BTreeSet<Item> {
    let mut items = BTreeSet::new();
    for entry in directory.feed.between(since, until) {
        match (&entry.about, collection) {
            (About::User(id, old), Collection::Users) => {
                before.entry(*id).or_insert(old.as_deref().map(|old| old as &dyn Entity));
                items.insert(whole(*id));
            }
            (About::Group(id, old), Collection::Groups) => {
                before.entry(*id).or_insert(old.as_deref().map(|old| old as &dyn Entity));
                items.insert(whole(*id));
            }
            (About::Member { group, member }, Collection::Groups) => {
                items.insert(Item { object: *group, member: Some(*member) });
            }
            _ => {}
        }
    }
    items
}

fn whole(object: Uuid) -> Item {
    Item { object, member: None }
}

/// A membership as it is now: whoever left the group, or was deleted, is removed.
fn show_member(directory: &Directory, group: Uuid, member: Uuid) -> Value {
    let other = directory.objects.get(&member).map(|object| object.r#type.as_str());
    let kind = if directory.groups.contains_key(&member) || directory.deleted_groups.contains_key(&member) {
        "group"
    } else {
        other.unwrap_or("user")
    };
    let mut shown = json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": member});
    let is_member = directory.groups.get(&group).is_some_and(|group| group.members.contains(&member));
    if !is_member && let Value::Object(shown) = &mut shown {
        shown.insert("@removed".to_owned(), json!({"reason": "deleted"}));
    }
    shown
}

/// How often a thing is told in one round. Where pages are forced to be small, now and then twice.
fn appearances(desk: &Desk<'_>, item: Item, until: Position) -> u64 {
    let replayed =
        desk.state.page_size.is_some() && throw(desk, "delta replay", item, until.count).u8(0..4) == 0;
    if replayed { 2 } else { 1 }
}

/// Where a thing stands in its round. The service promises no order: where pages are forced to be small there is none.
fn place(desk: &Desk<'_>, item: Item, until: Position, turn: u64) -> String {
    let member = item.member.map(|member| member.to_string()).unwrap_or_default();
    let shuffled = match desk.state.page_size {
        Some(_) => throw(desk, "delta order", item, until.count << 1 | turn).u64(..),
        None => 0,
    };
    format!("{shuffled:016x}/{}/{member}/{turn}", item.object)
}

fn throw(desk: &Desk<'_>, purpose: &str, item: Item, nth: u64) -> fastrand::Rng {
    desk.state.dice.roll(purpose, &[item.object, item.member.unwrap_or_default()], nth)
}
