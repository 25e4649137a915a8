//! What changed between a plan as it was reviewed and as it would be today, line by line.

use similar::{ChangeTag, TextDiff};

use crate::model::names::CustomerName;
use crate::report::escape::escape;
use crate::report::paint::{ADD, DIM, REMOVE, paint};

/// So many lines around a change are shown, to say where it is.
const CONTEXT: usize = 2;
/// So many lines are shown; the rest is counted. Whoever has to read more reads the new plan.
const SHOWN: usize = 60;

/// A customer of a saved plan that was left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which.
    pub name: CustomerName,
    /// Why, as the end of a sentence that begins with its name.
    pub why: String,
    /// What changed since the review.
    pub lines: Vec<Line>,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// It was so when the plan was saved.
    Before(String),
    /// It is so now.
    Now(String),
    /// It says where a change is.
    Around(String),
    /// Something in between is the same.
    Gap,
    /// So many more lines differ.
    More(usize),
}

/// The lines that went and came, with a little of what surrounds them; none if there is no difference.
pub fn lines(before: &[String], after: &[String]) -> Vec<Line> {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut lines = Vec::new();
    for (place, hunk) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if place > 0 {
            lines.push(Line::Gap);
        }
        for change in hunk.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = change.value().to_owned();
            lines.push(match change.tag() {
                ChangeTag::Delete => Line::Before(line),
                ChangeTag::Insert => Line::Now(line),
                ChangeTag::Equal => Line::Around(line),
            });
        }
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(Line::More(more));
    }
    lines
}

impl Skipped {
    /// The customer, why it was skipped, and what changed, for a terminal.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("{}: skipped, {}", self.name, self.why)];
        lines.extend(self.lines.iter().map(|line| match line {
            Line::Before(text) => format!("  {} {}", paint(REMOVE, "-"), escape(text)),
            Line::Now(text) => format!("  {} {}", paint(ADD, "+"), escape(text)),
            Line::Around(text) => format!("    {}", paint(DIM, escape(text))),
            Line::Gap => format!("  {}", paint(DIM, "…")),
            Line::More(count) => format!("  {}", paint(DIM, format!("and {count} more lines"))),
        }));
        lines.join("\n")
    }
}
