//! Makes what others wrote harmless in Markdown: no mention, no reference, no link, no markup, and no formula where a table
//! is copied into a spreadsheet.
//!
//! Everything doubtful goes into a code span, which no renderer looks into. What could end the span or the table's cell is
//! written out as `\u{…}`, like everything invisible.

use std::fmt::Write;

use crate::report::escape::{escape, is_formula};
use crate::report::review::words::Piece;

/// The longest name, in bytes as written. The artefact has all of it.
const LONGEST_NAME: usize = 100;
/// The longest sentence that somebody else wrote.
const LONGEST_PROSE: usize = 300;

/// A sentence.
pub(super) fn words(words: &[Piece<'_>]) -> String {
    let mut text = String::new();
    for piece in words {
        match piece {
            Piece::Plain(plain) => text.push_str(plain),
            Piece::Name(name_of) => text.push_str(&name(name_of)),
            Piece::Prose(sentence) => text.push_str(&prose(sentence)),
        }
    }
    text
}

/// A name, as a code span. It may begin a cell.
pub(super) fn name(text: &str) -> String {
    let escaped = escape(text);
    match escaped.chars().next() {
        None => "(no name)".to_owned(),
        Some(first) if is_formula(first) => {
            span(&format!("\\u{{{:x}}}{}", u32::from(first), &escaped[first.len_utf8()..]))
        }
        Some(_) => span(&escaped),
    }
}

/// A line of a difference, as a code span.
pub(super) fn line(text: &str) -> String {
    bounded_span(&escape(text), LONGEST_PROSE)
}

fn span(escaped: &str) -> String {
    bounded_span(escaped, LONGEST_NAME)
}

fn bounded_span(escaped: &str, longest: usize) -> String {
    let last = escaped.chars().count().saturating_sub(1);
    let mut span = String::from("`");
    for (place, c) in escaped.chars().enumerate() {
        if span.len() > longest {
            span.push('…');
            break;
        }
        if matches!(c, '`' | '|') || (c == ' ' && (place == 0 || place == last)) {
            // Writing to a String cannot fail.
            let _infallible = write!(span, "\\u{{{:x}}}", u32::from(c));
        } else {
            span.push(c);
        }
    }
    span.push('`');
    span
}

/// A sentence in which names may stand: every word that is more than letters becomes a code span.
pub(super) fn prose(text: &str) -> String {
    let mut shown = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if shown.len() > LONGEST_PROSE {
            shown.push_str(" …");
            break;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        let inner = word.trim_start_matches('(');
        let core = inner.trim_end_matches([')', ',', ';', ':', '.', '?', '%']);
        let (head, tail) = (&word[..word.len() - inner.len()], &inner[core.len()..]);
        if core.is_empty() && word.len() < 4 || is_plain(core) && !(shown.is_empty() && is_list_mark(word)) {
            shown.push_str(word);
        } else if head.len() + tail.len() < 6 && !core.is_empty() {
            let _infallible = write!(shown, "{head}{}{tail}", span(&escape(core)));
        } else {
            shown.push_str(&span(&escape(word)));
        }
    }
    shown
}

/// Whether no renderer sees anything in a word but the word.
fn is_plain(word: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.chars().all(char::is_alphanumeric);
    let parts = || word.split(['-', '\'', '’', '/']);
    // Some hosts link what looks like a commit or a ticket.
    let is_commit = word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let is_ticket = parts().count() > 1 && word.contains(|c: char| c.is_ascii_digit());
    parts().all(letters) && word.len() < LONGEST_NAME && !is_commit && !is_ticket
}

/// Whether a word begins a list where it begins a line.
fn is_list_mark(word: &str) -> bool {
    word.ends_with(['.', ')']) && word.trim_end_matches(['.', ')']).bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_code_span() {
        assert_eq!(name("Contoso_Readers"), "`Contoso_Readers`");
        assert_eq!(name("a`b|c"), r"`a\u{60}b\u{7c}c`");
        assert_eq!(name(" a "), r"`\u{20}a\u{20}`");
        assert_eq!(name("=cmd"), r"`\u{3d}cmd`");
        assert_eq!(name("a\nb"), r"`a\u{a}b`");
        assert!(name(&"`".repeat(500)).len() < 130);
    }

    #[test]
    fn a_sentence_keeps_its_words_and_locks_up_the_rest() {
        assert_eq!(prose("no longer listed in NOC_EU"), "no longer listed in `NOC_EU`");
        assert_eq!(prose("12 of 40 (25 %, at least 5)"), "12 of 40 (25 %, at least 5)");
        assert_eq!(
            prose("see (https://evil.example), @admin: #1"),
            "see (`https://evil.example`), `@admin`: `#1`"
        );
        assert_eq!(
            prose("<b>x</b> **y** www.evil.example GH-1"),
            "`<b>x</b>` `**y**` `www.evil.example` `GH-1`"
        );
        assert_eq!(prose("a )](x :smile: é.x"), "a `)](x` `:smile`: `é.x`");
    }
}
