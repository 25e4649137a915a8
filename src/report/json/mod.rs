//! A plan and its outcome as JSON, version 1: what other programs may rely on, apart from the types of this one.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::hidden::is_hidden;

pub mod plan;
mod change;
mod forecast;
pub mod saved;
pub mod outcome;

/// The version of both documents. It changes when a reader of the old one would be misled; a new key does not change it.
const VERSION: u32 = 1;

fn schema<T: JsonSchema>() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    printed(&settings.into_generator().into_root_schema_for::<T>())
}

/// Indented JSON, in which characters without a shape of their own are written as escapes: the same document to a program,
/// harmless in a terminal.
pub fn printed<T: Serialize>(document: &T) -> String {
    visible(serde_json::to_string_pretty(document).expect("string keys and plain values only"))
}

/// The same on one line.
pub fn line<T: Serialize>(document: &T) -> String {
    visible(serde_json::to_string(document).expect("string keys and plain values only"))
}

fn visible(mut text: String) -> String {
    if !text.chars().any(|c| c != '\n' && is_hidden(c)) {
        text.push('\n');
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _infallible = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown.push('\n');
    shown
}
