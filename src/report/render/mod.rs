//! A customer in effect: what its file, its templates, Policy and the defaults come to, every value with its file and line.

mod sheet;

use std::fmt::Write;

use serde_json::{Value, json};

use crate::desired::provenance::Provenance;
use crate::desired::state::{Customer, DesiredState};
use crate::model::origin::Origin;
use crate::report::escape::escape;
use crate::report::json::printed;
use crate::report::paint::{DIM, NAME, paint};

/// A value and where it comes from.
struct Node {
    from: From,
    body: Body,
}

enum Body {
    Leaf(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Where a value comes from.
enum From {
    /// A file says so.
    File(Origin),
    /// Nothing says otherwise.
    Default,
    /// It follows from what stands around it.
    Derived,
}

/// The widest text before the places; what is wider pushes its own place to the right.
const WIDEST: usize = 76;

/// The customer as indented text, like the files, each value followed by its place.
pub fn text(desired: &DesiredState, customer: &Customer, provenance: &Provenance) -> String {
    let mut lines = Vec::new();
    let sheet = sheet::sheet(desired, customer, provenance);
    write_lines(&sheet, 0, &mut lines);
    let width = lines.iter().map(|line| line.text.chars().count()).max().unwrap_or(0).min(WIDEST);
    let mut shown = String::new();
    for line in lines {
        let gap = width.saturating_sub(line.text.chars().count());
        let text = match line.text.strip_suffix(':') {
            Some(name) => format!("{}:", paint(NAME, name)),
            None => line.text,
        };
        let place = line.place.map(|place| format!("{:gap$}  {}", "", paint(DIM, format!("# {place}"))));
        // Writing to a String cannot fail.
        let _infallible = writeln!(shown, "{text}{}", place.unwrap_or_default());
    }
    shown
}

/// The customer as JSON: everything is `{"value", "at": {"file", "line", "column"}}`, a default `{"value", "default": true}`.
pub fn json(desired: &DesiredState, customer: &Customer, provenance: &Provenance) -> String {
    printed(&json!({ "version": 1, "customer": value(&sheet::sheet(desired, customer, provenance)) }))
}

struct Line {
    text: String,
    place: Option<String>,
}

fn write_lines(node: &Node, depth: usize, lines: &mut Vec<Line>) {
    let indent = "  ".repeat(depth);
    match &node.body {
        Body::Leaf(_) => {}
        Body::List(items) => {
            for item in items {
                write_line(format!("{indent}-"), item, depth, lines);
            }
        }
        Body::Map(entries) => {
            for (key, entry) in entries {
                write_line(format!("{indent}{}:", escape(key)), entry, depth, lines);
            }
        }
    }
}

fn write_line(head: String, node: &Node, depth: usize, lines: &mut Vec<Line>) {
    let place = match &node.from {
        From::File(origin) => Some(origin.to_string()),
        From::Default => Some("default".to_owned()),
        From::Derived => None,
    };
    let (text, has_more) = match &node.body {
        Body::Leaf(Value::String(text)) => (format!("{head} {}", escape(text)), false),
        Body::Leaf(value) => (format!("{head} {value}"), false),
        Body::List(items) if items.is_empty() => (format!("{head} []"), false),
        Body::Map(entries) if entries.is_empty() => (format!("{head} {{}}"), false),
        Body::List(_) | Body::Map(_) => (head, true),
    };
    lines.push(Line { text, place });
    if has_more {
        write_lines(node, depth + 1, lines);
    }
}

fn value(node: &Node) -> Value {
    let shown = match &node.body {
        Body::Leaf(leaf) => leaf.clone(),
        Body::List(items) => items.iter().map(value).collect(),
        Body::Map(entries) => entries.iter().map(|(key, entry)| (key.clone(), value(entry))).collect(),
    };
    match &node.from {
        From::File(at) => json!({ "value": shown, "at": at }),
        From::Default => json!({ "value": shown, "default": true }),
        From::Derived => json!({ "value": shown }),
    }
}
