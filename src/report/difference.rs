//! What changed between a plan as it was reviewed and as it would be today, line by line.

use similar::{ChangeTag, TextDiff};

use crate::report::escape::escape;
use crate::report::paint::{ADD, DIM, REMOVE, paint};

/// So many lines around a change are shown, to say where it is.
const CONTEXT: usize = 2;
/// So many lines are shown; the rest is counted. Whoever has to read more reads the new plan.
const SHOWN: usize = 60;

/// The lines that went and came, with a little of what surrounds them; none if there is no difference.
pub fn lines(before: &[String], after: &[String], indent: &str) -> Vec<String> {
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut lines = Vec::new();
    for (place, hunk) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if place > 0 {
            lines.push(format!("{indent}{}", paint(DIM, "…")));
        }
        for change in hunk.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = escape(change.value());
            lines.push(match change.tag() {
                ChangeTag::Delete => format!("{indent}{} {}", paint(REMOVE, "-"), line),
                ChangeTag::Insert => format!("{indent}{} {}", paint(ADD, "+"), line),
                ChangeTag::Equal => format!("{indent}  {}", paint(DIM, line)),
            });
        }
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("{indent}{}", paint(DIM, format!("and {more} more lines"))));
    }
    lines
}
