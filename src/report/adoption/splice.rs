//! Puts lines into a customer's file where they belong and leaves every other line as it was, comments included.

/// Lines for one section of the specification, without their indentation.
pub(super) struct Section<'a> {
    /// Its key.
    pub(super) name: &'a str,
    /// Entries, indented from nothing.
    pub(super) lines: &'a [String],
    /// The entries that the section has already, for where it is written on one line.
    pub(super) before: Option<&'a [String]>,
}

/// The text with the section's lines added to the document that starts at `line` (from 1), or why that cannot be done line by
/// line.
pub(super) fn add(text: &str, line: u32, section: &Section<'_>) -> Result<String, &'static str> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let first = (line.saturating_sub(1) as usize).min(lines.len());
    let ends = |line: &str| line.starts_with("---") || line.starts_with("...");
    let last = lines[first..].iter().skip(1).position(|l| ends(l)).map_or(lines.len(), |n| first + 1 + n);
    let spec = (first..last)
        .find(|&at| opens(&lines[at], "spec") == Some(""))
        .ok_or("its spec is not written as a block of lines")?;
    let end = block_end(&lines, spec + 1, last, 0);
    let indent = (spec + 1..end)
        .find(|&at| says_something(&lines[at]))
        .map(|at| depth(&lines[at]))
        .filter(|depth| *depth > 0)
        .ok_or("its spec is empty")?;
    let at = (spec + 1..end)
        .find(|&at| depth(&lines[at]) == indent && opens(lines[at].trim_start(), section.name).is_some());
    let Some(at) = at else {
        let pad = " ".repeat(indent);
        let mut new = vec![format!("{pad}{}:", section.name)];
        new.extend(section.lines.iter().map(|line| format!("{pad}  {line}")));
        insert(&mut lines, end, new);
        return Ok(lines.join("\n"));
    };
    if opens(lines[at].trim_start(), section.name) == Some("") {
        let below = block_end(&lines, at + 1, end, indent);
        let inner = (at + 1..below).find(|&at| says_something(&lines[at])).map(|at| depth(&lines[at]));
        let pad = " ".repeat(inner.unwrap_or(indent + 2));
        insert(&mut lines, below, section.lines.iter().map(|line| format!("{pad}{line}")).collect());
        return Ok(lines.join("\n"));
    }
    let whole = opens(lines[at].trim_start(), section.name).is_some_and(is_whole);
    let (Some(before), true) = (section.before, whole) else {
        return Err("this part of it is not written as a block of lines");
    };
    let pad = " ".repeat(indent);
    lines[at] = format!("{pad}{}:", section.name);
    let new = before.iter().chain(section.lines).map(|line| format!("{pad}  {line}")).collect();
    insert(&mut lines, at + 1, new);
    Ok(lines.join("\n"))
}

pub(super) fn insert(lines: &mut Vec<String>, at: usize, new: Vec<String>) {
    // A file that does not end its last line gets that end now.
    let at = if at == lines.len() && lines.last().is_some_and(String::is_empty) { at - 1 } else { at };
    let is_last = at == lines.len();
    lines.splice(at..at, new);
    if is_last {
        lines.push(String::new());
    }
}

/// Where the block of lines below a key at `indent` ends: after its last line that says something.
pub(super) fn block_end(lines: &[String], from: usize, to: usize, indent: usize) -> usize {
    let mut end = from;
    for (at, line) in lines.iter().enumerate().take(to).skip(from) {
        if says_something(line) {
            if depth(line) <= indent {
                break;
            }
            end = at + 1;
        }
    }
    end
}

pub(super) fn says_something(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

pub(super) fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// What stands behind a key on its line, comments aside; none where the line has another key.
pub(super) fn opens<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(key)?.strip_prefix(':')?;
    if !rest.is_empty() && !rest.starts_with([' ', '\r']) {
        return None;
    }
    let rest = rest.trim();
    Some(if rest.starts_with('#') { "" } else { rest })
}

/// Whether a map in braces begins and ends here, with at most a comment behind it.
pub(super) fn is_whole(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('{') else { return false };
    let Some((inside, behind)) = rest.split_once('}') else { return false };
    !inside.contains(['{', '"', '\'', '#']) && (behind.trim().is_empty() || behind.trim().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# head\nkind: Customer\nspec:\n  tenantId: x\n  subscriptions: {prod: p}   # ours\n  groups:\n    \
                        A:\n      from: none   # why\n    # the last\n\n  state: observe\n";

    fn with(text: &str, name: &str, before: Option<&[String]>) -> Result<String, &'static str> {
        let lines = ["B:".to_owned(), "  from: none".to_owned()];
        add(text, 2, &Section { name, lines: &lines, before })
    }

    #[test]
    fn a_mapping_comes_after_the_last_one_and_nothing_else_changes() {
        let wanted = FILE.replace("# why\n", "# why\n    B:\n      from: none\n");
        assert_eq!(with(FILE, "groups", None).as_deref(), Ok(wanted.as_str()));
    }

    #[test]
    fn a_section_that_is_missing_comes_last() {
        let text = FILE.replace("groups:", "other:");
        let wanted = format!("{text}  groups:\n    B:\n      from: none\n");
        assert_eq!(with(&text, "groups", None).as_deref(), Ok(wanted.as_str()));
        let unended = text.trim_end();
        assert_eq!(with(unended, "groups", None).as_deref(), Ok(wanted.as_str()), "the last line has no end");
    }

    #[test]
    fn one_line_becomes_several_where_its_entries_are_known() {
        let before = ["prod: p".to_owned()];
        let wanted = FILE.replace(
            "subscriptions: {prod: p}   # ours\n",
            "subscriptions:\n    prod: p\n    B:\n      from: none\n",
        );
        assert_eq!(with(FILE, "subscriptions", Some(&before)).as_deref(), Ok(wanted.as_str()));
        assert!(with(FILE, "subscriptions", None).is_err());
        assert!(with("kind: Customer\nspec: {tenantId: x}\n", "groups", None).is_err());
    }

    #[test]
    fn another_document_of_the_file_is_left_alone() {
        let two = format!("{FILE}---\nkind: Other\nspec:\n  groups: {{}}\n");
        let wanted = two.replace("# why\n", "# why\n    B:\n      from: none\n");
        assert_eq!(with(&two, "groups", None).as_deref(), Ok(wanted.as_str()));
    }
}
