//! Characters that a reader cannot see, or that change how the text around them is shown.

/// Whether a character has no shape of its own: `Cc` (line feeds included), `Cf`, the line and paragraph separators, the
/// blank letters that imitate emptiness, variation selectors, tags, private use and non-characters. Files may not hold
/// them, and what comes from a tenant is never shown with them.
pub fn is_hidden(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00..=0x1f
            | 0x7f..=0x9f
            | 0xad
            | 0x34f
            | 0x600..=0x605
            | 0x61c
            | 0x6dd
            | 0x70f
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x2800
            | 0x3164
            | 0xe000..=0xf8ff
            | 0xfdd0..=0xfdef
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0xfffe..=0xffff
            | 0x1_bca0..=0x1_bca3
            | 0x1_d173..=0x1_d17a
            | 0xe_0000..=0x10_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reorders_or_hides_text_is_known_and_letters_of_any_language_pass() {
        for c in ['\u{202e}', '\u{200b}', '\u{feff}', '\u{7}', '\u{85}', '\u{e0041}', '\n', '\u{2069}'] {
            assert!(is_hidden(c), "{c:?}");
        }
        assert!(!"Åsa Müller 北京 é — “x” محمد".chars().any(is_hidden));
    }
}
