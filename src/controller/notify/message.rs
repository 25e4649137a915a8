//! News as a message: a text that chats show, and the same for programs. Bounded, whatever the fleet; no name in it but
//! customers', and those where no renderer looks for markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use url::Url;

use crate::controller::notify::news::{News, Turn};
use crate::controller::notify::trouble::{About, Topic, Trouble};

/// So many lines, one for each turn, topic and code.
const LINES: usize = 15;

/// So many customers in a line.
const NAMES: usize = 6;

/// So many of the news for programs. All in all a message stays below the 28 KB that Teams takes.
const EVENTS: usize = 40;

/// The body of a message. `page` is where people find out more.
pub fn body(news: &[News], page: Option<&Url>) -> Value {
    let events: Vec<Value> = news.iter().take(EVENTS).map(event).collect();
    json!({
        "version": 1,
        "text": text(news, page),
        "events": events,
        "omitted": news.len() - events.len(),
        "page": page.map(Url::as_str),
    })
}

fn event(news: &News) -> Value {
    let customer = match &news.trouble.about {
        About::Fleet => None,
        About::Customer(name) => Some(name.as_str()),
    };
    json!({
        "turn": news.turn,
        "topic": news.trouble.topic,
        "code": news.trouble.code,
        "customer": customer,
        "count": news.extent.count,
        "since": news.extent.since.map(|since| since.to_string()),
    })
}

/// The text: plain where it matters, with code spans, which Slack, Teams and others neither link nor expand.
pub fn text(news: &[News], page: Option<&Url>) -> String {
    let mut lines: BTreeMap<(Turn, Topic, &str), Vec<&News>> = BTreeMap::new();
    for one in news {
        lines.entry((one.turn, one.trouble.topic, &one.trouble.code)).or_default().push(one);
    }
    let began = news.iter().filter(|one| one.turn == Turn::Began).count();
    let mut text = match (began, news.len() - began) {
        (began, 0) => format!("groupsync: {began} new"),
        (0, over) => format!("groupsync: {over} over"),
        (began, over) => format!("groupsync: {began} new, {over} over"),
    };
    for ((turn, topic, code), about) in lines.iter().take(LINES) {
        let recovered = if *turn == Turn::Over { "recovered from " } else { "" };
        // Writing to a String cannot fail.
        let _infallible = write!(text, "\n• {recovered}{} `{code}`", topic.as_str());
        let names: Vec<String> = about.iter().take(NAMES).filter_map(|one| place(one)).collect();
        if !names.is_empty() {
            let _infallible = write!(text, ": {}", names.join(", "));
        }
        if about.len() > NAMES {
            let _infallible = write!(text, " and {} more", about.len() - NAMES);
        }
    }
    if lines.len() > LINES {
        let _infallible = write!(text, "\n• and {} other kinds", lines.len() - LINES);
    }
    if let Some(page) = page {
        let _infallible = write!(text, "\nWhat to do: {page}");
    }
    text
}

/// One of the news in a line, for people who look at one object at a time.
pub fn line(news: &News) -> String {
    let recovered = if news.turn == Turn::Over { "recovered from " } else { "" };
    let Trouble { topic, code, about } = &news.trouble;
    let place = match about {
        About::Fleet => "everywhere".to_owned(),
        About::Customer(name) => name.to_string(),
    };
    let count = if news.extent.count > 0 { format!(", {}", news.extent.count) } else { String::new() };
    format!("{place}: {recovered}{} ({code}{count})", topic.as_str())
}

/// A customer's name may look like a host's or hold a star: in a code span nobody takes it for one. A name cannot end the span,
/// see [`CustomerName`](crate::model::names::CustomerName).
fn place(news: &News) -> Option<String> {
    let About::Customer(name) = &news.trouble.about else { return None };
    let count = news.extent.count;
    Some(if count > 0 && news.turn == Turn::Began {
        format!("`{name}` ({count})")
    } else {
        format!("`{name}`")
    })
}
