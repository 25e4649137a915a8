//! Problems in the files as SARIF 2.1.0, which code hosts show beside the change.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::desired::code;
use crate::desired::diagnostic::{Diagnostic, Severity};
use crate::model::origin::Origin;
use crate::report::diagnostics::path;
use crate::report::json::printed;

/// Where the codes are explained.
const REFERENCE: &str = "desired-state/README.md";

/// The problems as one run. Paths start with `dir`, as the reader typed it: run it at the root of the repository.
pub fn document(diagnostics: &[Diagnostic], dir: &Path) -> String {
    let rules: Vec<Value> = code::ALL
        .iter()
        .map(|code| {
            json!({
                "id": code.id,
                "shortDescription": { "text": code.summary },
                "help": { "text": format!("{}: {}. See {REFERENCE}.", code.id, code.summary) },
                "defaultConfiguration": { "level": level(code.severity) },
            })
        })
        .collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, dir)).collect();
    printed(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "groupsync",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            // Columns are counted in characters, not in the UTF-16 units that are SARIF's default.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(diagnostic: &Diagnostic, dir: &Path) -> Value {
    let text = match &diagnostic.hint {
        Some(hint) => format!("{}\nhint: {hint}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let width = diagnostic.span.len().max(1);
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": level(diagnostic.severity),
        "message": { "text": text },
        "locations": [location(&diagnostic.origin, width, dir)],
    });
    if let Some((origin, label)) = &diagnostic.related {
        let mut related = location(origin, 1, dir);
        related["message"] = json!({ "text": label });
        result["relatedLocations"] = json!([related]);
    }
    result
}

/// A place. What concerns the whole directory is put at the file that says whose it is.
fn location(origin: &Origin, width: usize, dir: &Path) -> Value {
    let file = if origin.file.is_empty() {
        path(&Origin { file: "partner.yaml".to_owned(), line: 0, column: 0 }, dir)
    } else {
        path(origin, dir)
    };
    let mut place = json!({ "artifactLocation": { "uri": uri(&file) } });
    if origin.line > 0 {
        let column = origin.column.max(1);
        place["region"] = json!({
            "startLine": origin.line,
            "startColumn": column,
            "endColumn": column as usize + width,
        });
    }
    json!({ "physicalLocation": place })
}

/// A path as a relative reference: what has a meaning in a URI is written out.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            other => {
                // Writing to a String cannot fail.
                let _infallible = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}
