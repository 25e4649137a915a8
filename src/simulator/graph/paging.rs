//! Pages of Graph's lists: their size, and the answer that carries one.

use serde_json::{Map, Value, json};

use super::desk::Desk;
use crate::simulator::answer::Answer;
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
