//! Puts a role back into a mapping of a customer's file and leaves everything else as it was, comments included.

use crate::report::adoption::splice::{block_end, depth, insert, is_whole, opens, says_something};
use crate::report::adoption::yaml::scalar;

/// Why a line stands there that a reviewer did not write.
const BECAUSE: &str = "# Given by groupsync, as the assignment's name proves, and in no file any more.";
const NOT_LINES: &str = "this part of the file is not written as a block of lines";

/// The text with a role at a place added to the mapping whose key stands on `line` (from 1), or why that cannot be done line by
/// line.
pub(super) fn keep(text: &str, line: u32, role: &str, place: &str) -> Result<String, &'static str> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let at = line.saturating_sub(1) as usize;
    let (_, value) = lines.get(at).and_then(|line| line.split_once(':')).ok_or(NOT_LINES)?;
    let value = without_comment(value.trim());
    if !value.is_empty() {
        // A mapping between braces.
        lines[at] = if value == "{}" {
            lines[at].replacen("{}", &format!("{{roles: {{{}}}}}", entry(role, place)), 1)
        } else {
            return Err(NOT_LINES);
        };
        return Ok(lines.join("\n"));
    }
    let indent = depth(&lines[at]);
    let end = block_end(&lines, at + 1, lines.len(), indent);
    let inner = first_depth(&lines, at + 1, end).unwrap_or(indent + 2);
    let roles = (at + 1..end).find(|&n| depth(&lines[n]) == inner && has_key(&lines[n], "roles"));
    let Some(roles) = roles else {
        let pad = " ".repeat(inner);
        let new = vec![
            format!("{pad}roles:"),
            format!("{pad}  {BECAUSE}"),
            format!("{pad}  {}", entry(role, place)),
        ];
        insert(&mut lines, end, new);
        return Ok(lines.join("\n"));
    };
    match opens(lines[roles].trim_start(), "roles") {
        Some("") => in_block(&mut lines, (roles, end), inner, role, place)?,
        Some(map) if map.starts_with('{') && is_whole(map) => {
            lines[roles] = in_braces(&lines[roles], role, place)?;
        }
        _ => return Err(NOT_LINES),
    }
    Ok(lines.join("\n"))
}

/// Adds to a map of lines below `roles:`.
fn in_block(
    lines: &mut Vec<String>,
    (roles, end): (usize, usize),
    inner: usize,
    role: &str,
    place: &str,
) -> Result<(), &'static str> {
    let end = block_end(lines, roles + 1, end, inner);
    let at = first_depth(lines, roles + 1, end).unwrap_or(inner + 2);
    let name = scalar(role);
    let there = (roles + 1..end).find(|&n| depth(&lines[n]) == at && has_key(&lines[n], &name));
    let pad = " ".repeat(at);
    let Some(there) = there else {
        insert(lines, end, vec![format!("{pad}{BECAUSE}"), format!("{pad}{}", entry(role, place))]);
        return Ok(());
    };
    if opens(lines[there].trim_start(), &name) != Some("") {
        let (key, value) = lines[there].split_once(':').ok_or(NOT_LINES)?;
        lines[there] = format!("{key}: {}", beside(value.trim(), place)?);
        return Ok(());
    }
    let end = block_end(lines, there + 1, end, at);
    let items = first_depth(lines, there + 1, end).ok_or(NOT_LINES)?;
    let pad = " ".repeat(items);
    insert(lines, end, vec![format!("{pad}{BECAUSE}"), format!("{pad}- {}", scalar(place))]);
    Ok(())
}

/// Adds to a map between braces on one line.
fn in_braces(line: &str, role: &str, place: &str) -> Result<String, &'static str> {
    let (before, rest) = line.split_once('{').ok_or(NOT_LINES)?;
    let (inside, behind) = rest.split_once('}').ok_or(NOT_LINES)?;
    let mut entries: Vec<String> = split(inside).into_iter().map(|each| each.trim().to_owned()).collect();
    entries.retain(|each| !each.is_empty());
    let same = entries.iter().position(|each| has_key(each, role));
    match same {
        Some(at) => {
            let (key, value) = entries[at].split_once(':').ok_or(NOT_LINES)?;
            entries[at] = format!("{key}: {}", beside(value.trim(), place)?);
        }
        None => entries.push(entry(role, place)),
    }
    Ok(format!("{before}{{{}}}{behind}", entries.join(", ")))
}

/// A place, or a list of them, with one more; a comment behind it stays.
fn beside(value: &str, place: &str) -> Result<String, &'static str> {
    let places = without_comment(value);
    let behind = &value[places.len()..];
    let place = scalar(place);
    let inside = match places.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(Some(inside)) if !inside.contains(['[', ']', '{', '}', '"', '\'']) => inside.trim(),
        None if !places.is_empty()
            && !places.contains(['[', ']', '{', '}', ',', '"', '\'', '|', '>', '&', '!']) =>
        {
            places
        }
        _ => return Err(NOT_LINES),
    };
    let comma = if inside.is_empty() || inside.ends_with(',') { "" } else { "," };
    let space = if inside.is_empty() { "" } else { " " };
    Ok(format!("[{inside}{comma}{space}{place}]{behind}"))
}

fn entry(role: &str, place: &str) -> String {
    format!("{}: {}", scalar(role), scalar(place))
}

fn has_key(line: &str, key: &str) -> bool {
    opens(line.trim_start(), key).is_some()
}

fn first_depth(lines: &[String], from: usize, to: usize) -> Option<usize> {
    (from..to).find(|&n| says_something(&lines[n])).map(|n| depth(&lines[n]))
}

fn without_comment(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    value.split_once(" #").map_or(value, |(before, _)| before).trim_end()
}

/// The entries of a map between braces: commas inside of brackets part none.
fn split(inside: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut depth) = (0, 0_u32);
    for (at, c) in inside.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inside[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mapping `A` of a file with this below its key, and a role kept in it.
    fn with(below: &str) -> Result<String, &'static str> {
        let text = format!("spec:\n  groups:\n    A:{below}\n    B: {{from: none}}\n");
        let kept = keep(&text, 3, "Reader", "subscriptions/new")?;
        let kept = kept.strip_prefix("spec:\n  groups:\n    A:").expect("the head stays");
        Ok(kept.strip_suffix("\n    B: {from: none}\n").expect("the next mapping stays").to_owned())
    }

    #[test]
    fn a_role_comes_to_where_its_mapping_has_roles() {
        let because = |pad: &str| format!("{pad}{BECAUSE}\n");
        for (before, after) in [
            (" {}", " {roles: {Reader: subscriptions/new}}".to_owned()),
            (
                "\n      from: X   # who",
                format!(
                    "\n      from: X   # who\n      roles:\n{}        Reader: subscriptions/new",
                    because("        ")
                ),
            ),
            ("\n      roles: {}   # why", "\n      roles: {Reader: subscriptions/new}   # why".to_owned()),
            (
                "\n      roles: {Owner: [s/a, s/b]}",
                "\n      roles: {Owner: [s/a, s/b], Reader: subscriptions/new}".to_owned(),
            ),
            (
                "\n      roles: {Reader: s/a, Owner: s/b}",
                "\n      roles: {Reader: [s/a, subscriptions/new], Owner: s/b}".to_owned(),
            ),
            (
                "\n      roles:\n        Owner: s/a\n      from: X",
                format!(
                    "\n      roles:\n        Owner: s/a\n{}        Reader: subscriptions/new\n      from: X",
                    because("        ")
                ),
            ),
            (
                "\n      roles:\n        Reader: s/a   # why",
                "\n      roles:\n        Reader: [s/a, subscriptions/new]   # why".to_owned(),
            ),
            (
                "\n      roles:\n        Reader: [s/a, s/b]",
                "\n      roles:\n        Reader: [s/a, s/b, subscriptions/new]".to_owned(),
            ),
            (
                "\n      roles:\n        Reader:\n          - s/a",
                format!(
                    "\n      roles:\n        Reader:\n          - s/a\n{}          - subscriptions/new",
                    because("          ")
                ),
            ),
        ] {
            assert_eq!(with(before), Ok(after), "{before}");
        }
    }

    #[test]
    fn what_is_not_understood_is_left_to_a_person() {
        for below in [
            " {from: none}",
            "\n      roles: {Owner: {x: y}}",
            "\n      roles: {Owner: s/a,\n        Reader: s/b}",
            "\n      roles:\n        Reader: \"s/a\"",
            "\n      roles:\n        Reader:\n        - s/a",
        ] {
            assert_eq!(with(below), Err(NOT_LINES), "{below}");
        }
    }
}
