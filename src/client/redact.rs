//! Makes a service's words fit for logs and reports: no addresses, links, tokens or control characters.

/// The longest text kept.
const MAX: usize = 240;

/// A run longer than this could be a token.
const MAX_WORD: usize = 80;

/// The text without what must not be passed on: words with `@` (addresses, guests' names), links, long runs.
pub(super) fn redact(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(MAX));
    // Entra appends ids and a time of its own after the message.
    let text = text.split(" Trace ID:").next().unwrap_or_default();
    let printable = |c: char| !c.is_control() && !is_directional(c);
    for word in text.split_whitespace() {
        let word: String = word.chars().filter(|&c| printable(c)).collect();
        let word = if word.contains('@') {
            "<address>"
        } else if word.contains("://") {
            "<link>"
        } else if word.len() > MAX_WORD && !word.starts_with("'/") && !word.starts_with('/') {
            "<withheld>"
        } else {
            &word
        };
        if clean.len() + word.len() > MAX {
            clean.push('…');
            break;
        }
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    }
    let end = clean.trim_end_matches(['.', ' ']).len();
    clean.truncate(end);
    clean
}

/// Characters that reorder or hide text.
fn is_directional(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_words_lose_addresses_links_and_tokens() {
        let token = "e".repeat(300);
        let said = format!(
            "AADSTS1: <script>\u{202e} for 'jo@fabrikam.example' see https://x.example/redeem?rd=1 {token}. Trace ID: 1"
        );
        assert_eq!(redact(&said), "AADSTS1: <script> for <address> see <link> <withheld>");
        assert!(redact(&"long words ".repeat(100)).len() < 250);
    }
}
