//! Reading groups: the list, by id, by unique name.

use serde_json::Value;

use super::desk::{Desk, Outcome};
use super::entity::{check_selection, render, render_mixed};
use super::paging;
use super::query::{self, GROUP_FILTERS};
use crate::simulator::answer::Answer;
use crate::simulator::refusal::no_such;
use crate::simulator::world::Group;

/// `GET /groups`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    let filter = query::filter(desk, &GROUP_FILTERS, "Group")?;
    let (names, context) = query::selected(desk);
    check_selection(names.as_deref(), &Group::default())?;
    let size = paging::size(desk, 100, 999)?;
    let found: Vec<&Group> = desk
        .directory()
        .list_groups(desk.now)
        .into_iter()
        .filter(|group| query::passes(filter.as_ref(), *group))
        .collect();
    let total = found.len();
    let (page, next) = paging::cut(desk, found, size, |group| group.id.to_string())?;
    let value = page.into_iter().map(|group| Value::Object(render(group, names.as_deref()))).collect();
    Ok(paging::answer(desk, &format!("groups{context}"), total, value, next))
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
    check_selection(names.as_deref(), group)?;
    let mut body = render(group, names.as_deref());
    let context = format!("{}/$metadata#groups{context}/$entity", desk.root());
    body.insert("@odata.context".to_owned(), Value::String(context));
    Ok(Answer::json(status, Value::Object(body)))
}
