//! Sentences and names in HTML. The markup is escaped by maud; here is what else a name could do: hide characters, turn the
//! line around, or become a formula in a spreadsheet that a table is copied into.

use std::borrow::Cow;

use maud::{Markup, html};

use crate::report::escape::{escape, is_formula};
use crate::report::review::words::Piece;

/// A sentence.
pub(super) fn words(words: &[Piece<'_>]) -> Markup {
    html! {
        @for piece in words {
            @match piece {
                Piece::Plain(text) => (text),
                Piece::Name(text) => (name(text)),
                Piece::Prose(text) => (escape(text)),
            }
        }
    }
}

/// A name, which has its own direction.
pub(super) fn name(text: &str) -> Markup {
    let shown = match text.chars().next() {
        None => return html! { span.dim { "(no name)" } },
        Some(first) if is_formula(first) => {
            let rest = escape(&text[first.len_utf8()..]);
            Cow::Owned(format!("\\u{{{:x}}}{rest}", u32::from(first)))
        }
        Some(_) => escape(text),
    };
    // On a phone no line holds it: it breaks like any text, so that what follows stays with it.
    html! { bdi class=[(shown.len() > 36).then_some("wraps")] { (shown) } }
}
