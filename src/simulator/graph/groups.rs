//! Reading groups: the list, by id, by unique name.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::entity::{check_selection, render, render_mixed};
use super::objects::show_mixed;
use super::paging;
use super::query::{self, GROUP_FILTERS, Query};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::{Refusal, no_such, unsupported_query};
use crate::simulator::world::Group;

/// The most objects an `$expand` shows.
const MOST_EXPANDED: usize = 20;

/// `GET /groups`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &GROUP_FILTERS, "Group")?;
    check_selection(desk, query::selected(desk).0.as_deref(), &Group::default())?;
    let expanded = expansion(desk)?;
    let found = query.choose(desk.directory().list_groups(desk.now));
    paging::list(desk, "groups", found, &query, |group, names| {
        let mut shown = render(group, names);
        expand(desk, group, expanded.as_deref(), &mut shown);
        Value::Object(shown)
    })
}

/// `GET /groups/$count`
pub(super) fn count(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &GROUP_FILTERS, "Group")?;
    paging::count(desk, query.choose(desk.directory().list_groups(desk.now)).len())
}

/// `GET /groups/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let group = desk.directory().read_group(id, desk.now).ok_or_else(|| no_such(&id.to_string()))?;
    show(desk, group, 200)
}

/// `GET /groups(uniqueName='…')`
pub(super) fn get_named(desk: &mut Desk<'_>) -> Outcome {
    let name = unique_name(desk);
    let group = desk.directory().read_group_named(&name, desk.now).ok_or_else(|| no_such(&name))?;
    show(desk, group, 200)
}

/// `GET /groups/{id}/memberOf`
pub(super) fn member_of(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    let directory = desk.directory();
    directory.read_group(id, desk.now).ok_or_else(|| no_such(&id.to_string()))?;
    let (names, context) = query::selected(desk);
    let parents: Vec<&Group> =
        directory.list_member_of(id, desk.now).iter().filter_map(|id| directory.groups.get(id)).collect();
    let total = parents.len();
    let size = paging::size(desk, 100, 999)?;
    let (page, next) = paging::cut(desk, parents, size, |group| group.id.to_string())?;
    let value = page.into_iter().map(|group| render_mixed(group, names.as_deref(), true)).collect();
    Ok(paging::answer(desk, &format!("directoryObjects{context}"), total, value, next))
}

/// The alternate key of the path; a doubled quote is a quote.
pub(super) fn unique_name(desk: &Desk<'_>) -> String {
    desk.param(0).replace("''", "'")
}

/// The answer that shows one group.
pub(super) fn show(desk: &Desk<'_>, group: &Group, status: u16) -> Outcome {
    let (names, context) = query::selected(desk);
    check_selection(desk, names.as_deref(), group)?;
    let expanded = expansion(desk)?;
    let mut body = render(group, names.as_deref());
    expand(desk, group, expanded.as_deref(), &mut body);
    let context = format!("{}/$metadata#groups{context}/$entity", desk.root());
    body.insert("@odata.context".to_owned(), Value::String(context));
    Ok(Answer::json(status, Value::Object(body)))
}

/// The relation an `$expand` names, its own options aside.
fn expansion(desk: &Desk<'_>) -> Result<Option<String>, Refusal> {
    let Some(text) = desk.call.option("$expand") else { return Ok(None) };
    let name = text.split('(').next().unwrap_or_default();
    if ["members", "owners"].contains(&name) {
        return Ok(Some(name.to_owned()));
    }
    Err(unsupported_query("Unsupported Query."))
}

/// Shows an expanded relation: twenty objects at most, no link to the rest, service principals included.
fn expand(desk: &Desk<'_>, group: &Group, relation: Option<&str>, shown: &mut Map<String, Value>) {
    let ids: Vec<Uuid> = match relation {
        Some("members") => desk.directory().list_members(group.id, desk.now).into_iter().collect(),
        Some("owners") => group.owners.iter().copied().collect(),
        _ => return,
    };
    let objects = ids.into_iter().take(MOST_EXPANDED).map(|id| show_mixed(desk, id, None)).collect();
    shown.insert(relation.unwrap_or_default().to_owned(), Value::Array(objects));
}
