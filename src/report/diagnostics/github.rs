//! Problems in the files as workflow commands, which GitHub shows as annotations at the changed lines.

use std::path::Path;

use crate::desired::diagnostic::{Diagnostic, Severity};
use crate::report::diagnostics::{count, path, spelt};

/// One command per problem, and the count for the log.
pub fn commands(diagnostics: &[Diagnostic], dir: &Path) -> String {
    let mut lines: Vec<String> = diagnostics.iter().map(|diagnostic| command(diagnostic, dir)).collect();
    lines.push(count(diagnostics));
    lines.join("\n") + "\n"
}

fn command(diagnostic: &Diagnostic, dir: &Path) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let origin = &diagnostic.origin;
    let mut properties = Vec::new();
    let file = path(origin, dir);
    if !file.is_empty() {
        properties.push(format!("file={}", property(file.trim_start_matches("./"))));
    }
    if origin.line > 0 {
        properties.push(format!("line={}", origin.line));
        properties.push(format!("col={}", origin.column));
        properties.push(format!("endColumn={}", origin.column as usize + diagnostic.span.len().max(1)));
    }
    properties.push(format!("title={}", property(diagnostic.code)));
    let message = match &diagnostic.hint {
        Some(hint) => format!("{}\nhint: {}", spelt(&diagnostic.message), spelt(hint)),
        None => spelt(&diagnostic.message),
    };
    format!("::{level} {}::{}", properties.join(","), data(&message))
}

/// A message: a line of its own would be another command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same within a property, where colons and commas mean something.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_or_path_becomes_a_command() {
        assert_eq!(data("a\n::set-output name=x::1"), "a%0A::set-output name=x::1");
        assert_eq!(property("a,b:c\r"), "a%2Cb%3Ac%0D");
    }
}
