//! Pages of Graph's lists: their size, and the answer that carries one.

use serde_json::{Map, Value, json};

use super::desk::{Desk, Outcome};
use super::entity::Entity;
use super::query::{Query, selected};
use crate::simulator::answer::Answer;
use crate::simulator::filter::Property;
use crate::simulator::pages::Pages;
use crate::simulator::refusal::{Refusal, bad_request};

/// The page size of a Graph list: the caller's `$top` up to a maximum, or the default.
pub(super) fn size(desk: &Desk<'_>, default: usize, most: usize) -> Result<usize, Refusal> {
    let asked = match desk.call.option("$top") {
        None => default,
        Some(text) => match text.parse::<usize>() {
            Ok(size) if (1..=most).contains(&size) => size,
            _ => {
                return Err(bad_request(format!(
                    "Invalid page size specified: '{text}'. Must be between 1 and {most} inclusive."
                )));
            }
        },
    };
    Ok(desk.state.page_size.map_or(asked, |forced| forced.clamp(1, asked)))
}

/// The answer that shows one page of a collection of one type.
pub(super) fn list<T: Entity>(
    desk: &Desk<'_>,
    collection: &str,
    found: Vec<&T>,
    query: &Query,
    show: impl Fn(&T, Option<&[String]>) -> Value,
) -> Outcome {
    let (names, context) = selected(desk);
    let (total, size) = (found.len(), size(desk, 100, 999)?);
    // A link goes on after a key, and keys must be in order: where ids are not, places are.
    let places = found.into_iter().enumerate().map(|(place, entity)| {
        let key = if query.keeps_order() { id(entity) } else { format!("{place:09}") };
        (key, entity)
    });
    let (page, next) = cut(desk, places.collect(), size, |(key, _)| key.clone())?;
    let value = page.into_iter().map(|(_, entity)| show(entity, names.as_deref())).collect();
    Ok(answer(desk, &format!("{collection}{context}"), total, value, next))
}

/// `GET …/$count`: a bare number, and only from the index.
pub(super) fn count(desk: &Desk<'_>, total: usize) -> Outcome {
    if !desk.is_eventual() {
        return Err(bad_request("$count is not currently supported."));
    }
    Ok(Answer::text(200, "text/plain", &total.to_string()))
}

fn id(entity: &dyn Entity) -> String {
    match entity.property("id") {
        Some(Property::Text(id)) => id.into_owned(),
        _ => String::new(),
    }
}

/// One page of a Graph list.
pub(super) fn cut<T>(
    desk: &Desk<'_>,
    items: Vec<T>,
    size: usize,
    key: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let pages = Pages {
        call: desk.call,
        option: "$skiptoken",
        size,
        gaps: desk.state.page_size.is_some(),
        fault: desk.fault,
        dice: desk.state.dice,
        nth: desk.nth,
    };
    pages.cut(items, key)
}

/// The answer that carries one page; the whole list's size only on the first, and only if asked for.
pub(super) fn answer(
    desk: &Desk<'_>,
    context: &str,
    total: usize,
    value: Vec<Value>,
    next: Option<String>,
) -> Answer {
    let context = format!("{}/$metadata#{context}", desk.root());
    let mut body = Map::from_iter([("@odata.context".to_owned(), Value::String(context))]);
    if desk.is_advanced() && desk.call.option("$skiptoken").is_none() {
        body.insert("@odata.count".to_owned(), json!(total));
    }
    if let Some(next) = next {
        body.insert("@odata.nextLink".to_owned(), Value::String(next));
    }
    body.insert("value".to_owned(), Value::Array(value));
    Answer::json(200, Value::Object(body))
}
