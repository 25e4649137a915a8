//! Problems in the files, each with its line underlined, as text for a terminal, as JSON, or as a code
//! host wants them.

pub mod sarif;
pub mod github;

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Origin as Elsewhere, Renderer, Snippet};
use schemars::JsonSchema;
use serde::Serialize;

use crate::desired::diagnostic::{Diagnostic, Severity};
use crate::model::hidden::is_hidden;
use crate::model::origin::Origin;
use crate::report::escape::escape;
use crate::report::json::printed;
use crate::report::words;

/// The problems one after another, coloured, with the count at the end. Paths start with `dir`, as the reader typed it.
pub fn text(diagnostics: &[Diagnostic], dir: &Path) -> String {
    let mut shown: String = diagnostics.iter().map(|diagnostic| one(diagnostic, dir) + "\n\n").collect();
    shown.push_str(&count(diagnostics));
    shown.push('\n');
    shown
}

/// How many there are of each severity: `2 errors, 1 warning`; `no problems` if there is none but notes.
pub fn count(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let words = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| words::count(number, noun))
        .collect::<Vec<_>>();
    if words.is_empty() { "no problems".to_owned() } else { words.join(", ") }
}

fn one(diagnostic: &Diagnostic, dir: &Path) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = spelt(&diagnostic.message);
    let title = level.primary_title(message).id(diagnostic.code);
    let path = path(&diagnostic.origin, dir);
    let (source, span) = visible(&diagnostic.source_line, &diagnostic.span);
    let (line, column) = (diagnostic.origin.line as usize, diagnostic.origin.column as usize);
    let mut group = if !source.is_empty() {
        let snippet = Snippet::source(source).line_start(line).annotation(AnnotationKind::Primary.span(span));
        if column == diagnostic.span.start + 1 {
            title.element(snippet.path(path))
        } else {
            // A part of a long line: its columns are not those of the file.
            title.element(Elsewhere::path(path).line(line).char_column(column)).element(snippet)
        }
    } else if path.is_empty() {
        Group::with_title(title)
    } else if line == 0 {
        title.element(Elsewhere::path(path))
    } else {
        title.element(Elsewhere::path(path).line(line).char_column(column))
    };
    if let Some((origin, label)) = &diagnostic.related {
        let place = format!("{}:{}:{}", self::path(origin, dir), origin.line, origin.column);
        group = group.element(Level::NOTE.message(format!("{}: {place}", spelt(label))));
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.with_name("hint").message(spelt(hint)));
    }
    Renderer::styled().render(&[group])
}

/// The path of a place as the reader can open it; empty for the whole directory, whose message names it.
fn path(origin: &Origin, dir: &Path) -> String {
    if origin.file.is_empty() {
        return String::new();
    }
    escape(&dir.join(&origin.file).display().to_string()).into_owned()
}

/// A message with hidden characters written out: it may repeat what a file or a path says.
fn spelt(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// A line of a file with one visible sign for each hidden character, so that columns stay, and the bytes that are meant.
fn visible(line: &str, meant: &Range<usize>) -> (String, Range<usize>) {
    let shown: String = line
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            c if is_hidden(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect();
    let byte = |at: usize| shown.char_indices().nth(at).map_or(shown.len(), |(byte, _)| byte);
    let span = byte(meant.start)..byte(meant.end);
    (shown, span)
}

/// All problems as JSON.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    printed(&Document {
        version: 1,
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        diagnostics: diagnostics.iter().map(Entry::of).collect(),
    })
}

/// The problems in a desired-state directory.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: u32,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    severity: &'static str,
    code: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    /// Characters of `sourceLine` meant, from 0: start and end.
    span: [usize; 2],
    source_line: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    related: Option<Related<'a>>,
}

/// Relative to the directory. An empty file is the directory itself, line 0 a whole file.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize, JsonSchema)]
struct Related<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    label: &'a str,
}

impl<'a> Place<'a> {
    fn of(origin: &'a Origin) -> Self {
        Self { file: &origin.file, line: origin.line, column: origin.column }
    }
}

impl<'a> Entry<'a> {
    fn of(diagnostic: &'a Diagnostic) -> Self {
        let Diagnostic { severity, code, origin, source_line, span, message, hint, related } = diagnostic;
        Self {
            severity: match severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            code,
            place: Place::of(origin),
            span: [span.start, span.end],
            source_line,
            message,
            hint: hint.as_deref(),
            related: related.as_ref().map(|(origin, label)| Related { place: Place::of(origin), label }),
        }
    }
}
