//! The strict pass over a file: YAML events become a tree in which every key and value knows its place, and whatever hides
//! things from a reviewer is refused.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span};

use crate::desired::code::{self, Code};
use crate::desired::problems::{Problem, Problems};
use crate::desired::source::Spot;
use crate::model::hidden::is_hidden;

/// The deepest nesting. The language needs eight.
const LEVELS: usize = 32;

/// A value and its place.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it is. For a map, a list or nothing that stands under a key, where the key is: that is what a reader looks for.
    pub(super) spot: Spot,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// Something refused, and reported, where it stood.
    Refused,
}

#[derive(Debug)]
pub(super) struct Key {
    pub(super) spot: Spot,
    pub(super) text: String,
}

/// The documents of a file.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) roots: Vec<Node>,
    /// Whether part of the file could not be understood.
    pub(super) is_partial: bool,
}

/// Parses a file. Each problem is reported and the rest goes on: with the next document after a syntax error, with the
/// next key after anything else.
pub(super) fn parse(file: u32, text: &str, problems: &Problems<'_>) -> Parsed {
    if !has_only_visible_text(file, text, problems) {
        return Parsed { roots: Vec::new(), is_partial: true };
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.disallow_directives = true;
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    options.flow_nesting_limit = 2 * LEVELS;
    options.block_nesting_limit = 2 * LEVELS;
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder { file, text, problems, stack: Vec::new(), parsed: Parsed::default() };
    loop {
        let lost = match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => builder.event(event, span) == Next::SkipDocument,
            Some(Err(error)) => {
                builder.syntax(&error);
                true
            }
        };
        if lost {
            builder.stack.clear();
            builder.parsed.is_partial = true;
            if !parser.proceed_next_document().unwrap_or(false) {
                break;
            }
        }
    }
    builder.parsed
}

/// Reports every hidden character; false if they break the counting of lines or the text as a whole.
fn has_only_visible_text(file: u32, text: &str, problems: &Problems<'_>) -> bool {
    let mut sound = true;
    for (line, content) in (1..).zip(text.split('\n')) {
        let content = content.strip_suffix('\r').unwrap_or(content);
        if content.is_ascii() && !content.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
            continue;
        }
        for (column, c) in (1..).zip(content.chars()) {
            if c == '\t' || !is_hidden(c) {
                continue;
            }
            let spot = Spot { file, line, column, width: 1 };
            if c == '\u{feff}' {
                let message = "the file holds a byte order mark";
                problems.add(
                    Problem::new(code::BYTE_ORDER_MARK, spot, message).hint("save it as UTF-8 without BOM"),
                );
            } else {
                let message = format!("the invisible character U+{:04X} is not allowed", u32::from(c));
                let hint = "remove it: it can make a review show something else than what is read";
                problems.add(Problem::new(code::HIDDEN_CHARACTER, spot, message).hint(hint));
                sound &= !c.is_control();
            }
        }
    }
    sound
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Event,
    SkipDocument,
}

struct Builder<'a> {
    file: u32,
    text: &'a str,
    problems: &'a Problems<'a>,
    stack: Vec<Frame>,
    parsed: Parsed,
}

enum Frame {
    List {
        spot: Spot,
        items: Vec<Node>,
    },
    Map {
        spot: Spot,
        entries: Vec<(Key, Node)>,
        seen: HashMap<String, Spot>,
        key: Option<PendingKey>,
    },
    /// The inside of a list or map that stands where a key belongs.
    Ignored {
        levels: usize,
    },
}

struct PendingKey {
    key: Key,
    /// Whether its value is kept: not for a key that was refused.
    is_kept: bool,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Next {
        if let Some(Frame::Ignored { levels }) = self.stack.last_mut() {
            match event {
                Event::SequenceStart(..) | Event::MappingStart(..) => *levels += 1,
                Event::SequenceEnd | Event::MappingEnd => *levels -= 1,
                _ => {}
            }
            if matches!(self.stack.last(), Some(Frame::Ignored { levels: 0 })) {
                self.stack.pop();
                self.pending_key(Key { spot: self.spot_of(&span), text: String::new() }, false);
            }
            return Next::Event;
        }
        let spot = self.spot_of(&span);
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let message = "aliases are not allowed";
                let hint = "write the value out; a text that starts with `*` needs quotes";
                self.problems.add(Problem::new(code::ALIAS, spot, message).hint(hint));
                if self.expects_key() {
                    self.pending_key(Key { spot, text: String::new() }, false);
                } else {
                    self.complete(Node { spot, value: Value::Refused });
                }
            }
            Event::Anchor(..) => {
                self.refuse(
                    code::ALIAS,
                    spot,
                    "anchors are not allowed",
                    "write the value out where it is used",
                );
            }
            Event::Scalar(text, style, _, tag) => {
                self.tag(&span, spot, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                // The parser says `~` for a value that is not there.
                let text =
                    if plain && span.is_empty() { String::new() } else { self.visible(&span, spot, &text) };
                if self.expects_key() {
                    self.key(spot, text);
                } else {
                    self.complete(Node { spot, value: Value::Scalar { text, plain } });
                }
            }
            Event::SequenceStart(_, _, tag) | Event::MappingStart(_, _, tag) if self.expects_key() => {
                self.tag(&span, spot, tag.is_some());
                self.refuse(code::KEY_NOT_TEXT, spot, "a key must be text", "write the key as plain text");
                self.stack.push(Frame::Ignored { levels: 1 });
            }
            Event::SequenceStart(_, _, tag) => {
                self.tag(&span, spot, tag.is_some());
                let spot = self.start(spot);
                self.stack.push(Frame::List { spot, items: Vec::new() });
            }
            Event::MappingStart(_, _, tag) => {
                self.tag(&span, spot, tag.is_some());
                let spot = self.start(spot);
                self.stack.push(Frame::Map { spot, entries: Vec::new(), seen: HashMap::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(Frame::List { spot, items }) => self.complete(Node { spot, value: Value::List(items) }),
                Some(Frame::Map { spot, entries, .. }) => {
                    self.complete(Node { spot, value: Value::Map(entries) });
                }
                Some(Frame::Ignored { .. }) | None => {}
            },
            _ => {}
        }
        if self.stack.len() > LEVELS {
            self.too_deep(spot);
            return Next::SkipDocument;
        }
        Next::Event
    }

    fn syntax(&self, error: &ScanError) {
        let at = error.marker();
        let spot = self.spot(at.line(), at.col(), 1);
        if error.kind() == &ErrorKind::RecursionLimitExceeded {
            self.too_deep(spot);
        } else if at
            .byte_offset()
            .and_then(|at| self.text.get(at..))
            .is_some_and(|rest| rest.starts_with('*'))
        {
            let hint = "for all subscriptions write `subscriptions/*`; any other text with it needs quotes";
            self.refuse(code::ALIAS, spot, "a bare `*` is an alias, and aliases are not allowed", hint);
        } else {
            let hint = "check the indentation, the colons and the quotes of this line and the one before it";
            self.refuse(code::SYNTAX, spot, &error.info(), hint);
        }
    }

    fn too_deep(&self, spot: Spot) {
        let message = format!("more than {LEVELS} levels of nesting");
        self.refuse(code::TOO_DEEP, spot, &message, "nothing in this language is nested so deep");
    }

    fn refuse(&self, code: Code, spot: Spot, message: &str, hint: &str) {
        self.problems.add(Problem::new(code, spot, message).hint(hint));
    }

    fn tag(&self, span: &Span, spot: Spot, is_tagged: bool) {
        if is_tagged {
            let spot = span.tag_span().map_or(spot, |tag| self.spot_of(&tag));
            self.refuse(
                code::TAG,
                spot,
                "tags are not allowed",
                "remove it; a text that starts with `!` needs quotes",
            );
        }
    }

    /// The text without hidden characters. Those written as escapes are reported here, the others were seen in the file.
    fn visible(&self, span: &Span, spot: Spot, text: &str) -> String {
        if text.is_ascii() && !text.bytes().any(|b| b.is_ascii_control()) {
            return text.to_owned();
        }
        let raw = span.slice(self.text).unwrap_or_default();
        let is_new = |c: &char| is_hidden(*c) && *c != '\n' && !raw.contains(*c);
        if let Some(c) = text.chars().find(is_new) {
            let message = format!("the invisible character U+{:04X} is not allowed", u32::from(c));
            self.refuse(code::HIDDEN_CHARACTER, spot, &message, "remove the escape");
        }
        text.chars().filter(|c| !is_hidden(*c) || *c == '\n').collect()
    }

    fn expects_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame::Map { key: None, .. }))
    }

    fn key(&mut self, spot: Spot, text: String) {
        let Some(Frame::Map { seen, .. }) = self.stack.last_mut() else { return };
        let first = seen.get(&text).copied();
        seen.entry(text.clone()).or_insert(spot);
        let is_kept = if let Some(first) = first {
            let message = format!("duplicate key `{text}`");
            self.problems.add(
                Problem::new(code::DUPLICATE_KEY, spot, message)
                    .hint("keep one of the two")
                    .related(first, "first defined here"),
            );
            false
        } else if text == "<<" {
            self.refuse(code::ALIAS, spot, "merge keys are not allowed", "write the keys out");
            false
        } else {
            true
        };
        self.pending_key(Key { spot, text }, is_kept);
    }

    fn pending_key(&mut self, pending: Key, is_kept: bool) {
        if let Some(Frame::Map { key, .. }) = self.stack.last_mut() {
            *key = Some(PendingKey { key: pending, is_kept });
        }
    }

    /// Where a list or map that starts now is best pointed at.
    fn start(&self, spot: Spot) -> Spot {
        match self.stack.last() {
            Some(Frame::Map { key: Some(pending), .. }) => pending.key.spot,
            _ => spot,
        }
    }

    /// Puts a finished value where it belongs.
    fn complete(&mut self, mut node: Node) {
        match self.stack.last_mut() {
            None => self.parsed.roots.push(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { entries, key, .. }) => {
                let Some(pending) = key.take() else { return };
                if matches!(&node.value, Value::Scalar { text, plain: true } if text.is_empty()) {
                    node.spot = pending.key.spot;
                }
                if pending.is_kept {
                    entries.push((pending.key, node));
                }
            }
            Some(Frame::Ignored { .. }) => {}
        }
    }

    fn spot(&self, line: usize, column: usize, width: usize) -> Spot {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Spot { file: self.file, line: small(line.max(1)), column: small(column + 1), width: small(width) }
    }

    /// The place of an event, up to the end of its first line.
    fn spot_of(&self, span: &Span) -> Spot {
        let (start, end) = (span.start, span.end);
        let width = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 1 };
        self.spot(start.line(), start.col(), width)
    }
}
