//! Makes a text that somebody else chose safe to show: a customer's names reach terminals, logs and reviews.

use std::borrow::Cow;
use std::fmt::Write;

use crate::model::hidden::is_hidden;

/// The longest text shown whole, in characters. Graph's own limit for a display name is 256.
const LONGEST: usize = 256;

/// The text with everything invisible or able to rearrange its surroundings written out as `\u{…}`: control characters
/// (line feeds and the escape that starts a terminal's commands among them), bidirectional controls, zero-width and other
/// formatting characters. A backslash is doubled, so that the result says unmistakably what was there. Cut after 256 characters.
pub fn escape(text: &str) -> Cow<'_, str> {
    shown(text, LONGEST)
}

/// The same for one of our own sentences, in which names may stand: it is not cut in the middle.
pub fn sentence(text: &str) -> Cow<'_, str> {
    shown(text, 8 * LONGEST)
}

fn shown(text: &str, longest: usize) -> Cow<'_, str> {
    // Nearly every name is like this, and a large plan has millions of them.
    if text.len() <= longest && text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'\\') {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|c| c == '\\' || is_hidden(c)) && text.chars().count() <= longest {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for (index, c) in text.chars().enumerate() {
        if index == longest {
            shown.push('…');
            break;
        }
        if c == '\\' {
            shown.push_str("\\\\");
        } else if is_hidden(c) {
            // Writing to a String cannot fail.
            let _infallible = write!(shown, "\\u{{{:x}}}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether a spreadsheet takes a cell for a formula that begins so.
pub fn is_formula(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_of_any_language_stay_as_they_are() {
        for name in ["Ada Lovelace", "Łukasz Żółć", "山田 太郎", "O'Neil (ext) #1", "محمد"] {
            assert!(matches!(escape(name), Cow::Borrowed(shown) if shown == name), "{name}");
        }
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(escape("a\u{1b}[2J\u{7}b\r\nc"), r"a\u{1b}[2J\u{7}b\u{d}\u{a}c");
        assert_eq!(escape("\u{9b}31m"), r"\u{9b}31m", "the one-character form of the escape sequence");
    }

    #[test]
    fn a_name_cannot_turn_the_line_around_or_hide_letters() {
        assert_eq!(escape("ad\u{202e}nimda\u{2066}"), r"ad\u{202e}nimda\u{2066}");
        assert_eq!(escape("ro\u{200b}ot\u{feff}\u{2028}"), r"ro\u{200b}ot\u{feff}\u{2028}");
        assert_eq!(escape("x\u{e0041}"), r"x\u{e0041}");
    }

    #[test]
    fn a_name_cannot_imitate_the_escape_itself() {
        assert_eq!(escape(r"\u{202e}"), r"\\u{202e}");
    }

    #[test]
    fn a_name_cannot_flood_the_screen() {
        assert_eq!(escape(&"x".repeat(5000)).chars().count(), LONGEST + 1);
    }
}
