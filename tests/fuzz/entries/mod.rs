//! What is tried on hostile bytes: each function takes anything and panics where a promise is broken. The fuzz targets and the
//! suite's replay call the same ones.

pub mod files;
pub mod journal;
pub mod services;

use groupsync::model::hidden::is_hidden;

/// A function that takes any bytes.
pub type Entry = fn(&[u8]);

/// Every entry, by the name of its target and its corpus.
pub const ENTRIES: [(&str, Entry); 9] = [
    ("yaml", files::yaml),
    ("scopes", files::scopes),
    ("plan_file", files::plan_file),
    ("journal_file", journal::file),
    ("journal_records", journal::records),
    ("graph", services::graph),
    ("arm", services::arm),
    ("links", services::links),
    ("retry_after", services::retry_after),
];

/// Whether a text holds nothing that moves a cursor, turns a line round or hides in it. Line feeds pass where `lines` says so.
fn is_harmless(text: &str, lines: bool) -> bool {
    !text.chars().any(|c| is_hidden(c) && !(lines && c == '\n'))
}
