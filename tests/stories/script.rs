//! The text of a story: prose, and commands with the block that belongs to each.

/// A story in the order of its text.
pub(super) struct Script {
    parts: Vec<Part>,
}

enum Part {
    /// Lines for the reader.
    Prose(String),
    /// A command.
    Step(Step),
}

/// A line `> …` and the indented lines under it: what the command takes, or what it says.
pub(super) struct Step {
    /// Where in the file, from 1.
    pub(super) line: usize,
    /// The words after `> `.
    pub(super) command: String,
    /// The indented lines, without the indentation.
    pub(super) block: Vec<String>,
}

/// What a block is indented by.
const INDENT: &str = "    ";

impl Script {
    /// Reads a story. It starts with a title, `# …`, and says what it is about before its first command.
    pub(super) fn parse(text: &str) -> Self {
        assert!(text.starts_with("# "), "a story starts with a title: `# …`");
        let lines: Vec<&str> = text.lines().collect();
        let mut parts = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let Some(command) = lines[at].strip_prefix("> ") else {
                assert!(!lines[at].starts_with(INDENT), "line {}: a block without a command", at + 1);
                parts.push(Part::Prose(lines[at].to_owned()));
                at += 1;
                continue;
            };
            let line = at + 1;
            at += 1;
            let length = block_length(&lines[at..]);
            let block = lines[at..at + length].iter();
            let block = block.map(|line| line.strip_prefix(INDENT).unwrap_or_default().to_owned()).collect();
            at += length;
            parts.push(Part::Step(Step { line, command: command.to_owned(), block }));
        }
        Self { parts }
    }

    /// The commands in order.
    pub(super) fn steps(&mut self) -> impl Iterator<Item = &mut Step> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Step(step) => Some(step),
            Part::Prose(_) => None,
        })
    }

    /// The story as text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Prose(line) => text.push_str(line),
                Part::Step(step) => {
                    text.push_str("> ");
                    text.push_str(&step.command);
                    for line in &step.block {
                        text.push('\n');
                        text.push_str(if line.is_empty() { "" } else { INDENT });
                        text.push_str(line);
                    }
                }
            }
            text.push('\n');
        }
        text
    }
}

/// How many of the next lines belong to one block: indented ones, with empty ones between them.
fn block_length(lines: &[&str]) -> usize {
    let inside = lines.iter().take_while(|line| line.is_empty() || line.starts_with(INDENT)).count();
    lines[..inside].iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1)
}

/// The words of a command; quotes keep several together.
pub(super) fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in command.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Applies a change to a text: of the lines in `change`, those after `- ` go, those after `+ ` come, all others say where.
/// Only the text of a line counts, not its indentation; new lines are indented as their neighbours.
pub(super) fn edit(text: &str, change: &[String]) -> Result<String, String> {
    let old: Vec<&str> =
        change.iter().filter(|line| !line.starts_with('+')).map(|line| after_sign(line)).collect();
    let lines: Vec<&str> = text.lines().collect();
    let is_here = |at: &usize| old.iter().zip(&lines[*at..]).all(|(old, line)| old.trim() == line.trim());
    let places: Vec<usize> = (0..=lines.len().saturating_sub(old.len())).filter(is_here).collect();
    let [at] = places[..] else {
        return Err(format!("these lines stand in {} places of the file, not in one", places.len()));
    };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shift = indent(lines[at]).cast_signed() - indent(old[0]).cast_signed();
    let mut edited: Vec<String> = lines[..at].iter().map(ToString::to_string).collect();
    let mut kept = lines[at..].iter();
    for line in change {
        match line.chars().next() {
            Some('+') => {
                let new = after_sign(line);
                let width = usize::try_from(indent(new).cast_signed() + shift).unwrap_or(0);
                edited.push(format!("{:width$}{}", "", new.trim_start()));
            }
            Some('-') => drop(kept.next()),
            _ => edited.extend(kept.next().map(ToString::to_string)),
        }
    }
    edited.extend(kept.map(ToString::to_string));
    Ok(edited.join("\n") + "\n")
}

fn after_sign(line: &str) -> &str {
    line.get(2..).unwrap_or_default()
}

#[test]
fn a_story_is_written_as_it_was_read() {
    let text = "# Title\n\nSomebody wants something.\n\n> plan\n    one\n\n      two\n\nprose\n> apply\n> show x\n    y\n";
    let mut script = Script::parse(text);
    assert_eq!(script.text(), text);
    let blocks: Vec<_> = script.steps().map(|step| (step.command.as_str(), step.block.clone())).collect();
    assert_eq!(
        blocks,
        [
            ("plan", vec!["one".to_owned(), String::new(), "  two".to_owned()]),
            ("apply", Vec::new()),
            ("show x", vec!["y".to_owned()]),
        ]
    );
}

#[test]
fn an_edit_keeps_the_indentation_of_the_file() {
    let change = ["  a:".to_owned(), "-   b: 1".to_owned(), "+   b: 2".to_owned(), "+     c: 3".to_owned()];
    assert_eq!(
        edit("x:\n    a:\n      b: 1\n    d:\n", &change).unwrap(),
        "x:\n    a:\n      b: 2\n        c: 3\n    d:\n"
    );
    assert_eq!(
        edit("a\na\n", &["- a".to_owned()]).unwrap_err(),
        "these lines stand in 2 places of the file, not in one"
    );
}
