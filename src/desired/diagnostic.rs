//! One problem in the desired-state files, with everything a person needs to mend it.

use std::ops::Range;

use crate::model::origin::Origin;

/// A problem, or a remark, about one place in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code such as `GS012`.
    pub code: &'static str,
    /// File, line and column. A problem of a whole file has line 0, one of the whole directory an empty file, too.
    pub origin: Origin,
    /// The text of the line, or the part of a very long one around the place; empty where there is none.
    pub source_line: String,
    /// The characters of that text meant, counted from 0.
    pub span: Range<usize>,
    /// What is wrong: a lower-case fragment without full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Another place that belongs to it, with a label such as `first defined here`.
    pub related: Option<(Origin, String)>,
}

impl Diagnostic {
    /// Where it is, in a word: `groups/a.yaml:7`, a whole file, or the whole directory.
    pub fn place(&self) -> String {
        match (self.origin.file.as_str(), self.origin.line) {
            ("", _) => "the whole directory".to_owned(),
            (file, 0) => file.to_owned(),
            (file, line) => format!("{file}:{line}"),
        }
    }
}

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The tree cannot be used.
    Error,
    /// Usable, but probably not what was meant.
    Warning,
    /// Something a reader should know, such as a check that did not run.
    Note,
}
