//! What people write and what is saved between two runs: desired state, scopes in it, plan files.

use std::path::Path;
use std::sync::OnceLock;

use groupsync::desired::diagnostic::Severity;
use groupsync::desired::source::{Source, Sources};
use groupsync::desired::state::{DesiredState, Partner};
use groupsync::desired::{self, Read};
use groupsync::model::scope::Scope;
use groupsync::plan::digest::Digest;
use groupsync::report::diagnostics::{self, github, sarif};
use groupsync::report::json::saved::{self, SavedError};

use super::is_harmless;

/// A tree that is right: what is tried takes the place of one of its files, or stands beside them.
const TREE: [(&str, &str); 6] = [
    ("partner.yaml", include_str!("../../stories/base/partner.yaml")),
    ("policy.yaml", include_str!("../../stories/base/policy.yaml")),
    ("groups/contoso.yaml", include_str!("../../stories/base/groups/contoso.yaml")),
    ("groups/northwind.yaml", include_str!("../../stories/base/groups/northwind.yaml")),
    ("templates/managed-azure.yaml", include_str!("../../stories/base/templates/managed-azure.yaml")),
    ("customers/contoso/customer.yaml", include_str!("../../stories/base/customers/contoso/customer.yaml")),
];

fn read(path: &str, text: &str) -> Read {
    let others = TREE.iter().filter(|(other, _)| *other != path);
    let mut files: Vec<Source> =
        others.map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() }).collect();
    files.push(Source { path: path.to_owned(), text: text.to_owned() });
    desired::read_texts(Sources::new(files))
}

/// The tree without anything hostile in it.
fn honest() -> &'static DesiredState {
    static STATE: OnceLock<DesiredState> = OnceLock::new();
    STATE.get_or_init(|| {
        let (path, text) = TREE[0];
        read(path, text).state.expect("the tree is right")
    })
}

/// The first line is a path in the tree, the rest what stands there.
pub fn yaml(data: &[u8]) {
    // The reader of the directory refuses what is not UTF-8 before anything looks at it.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((path, text)) = text.split_once('\n') else { return };
    if path.is_empty() || path.len() > 200 || path.contains('\0') {
        return;
    }
    let found = read(path, text);
    let wrong = found.diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert!(found.state.is_none() == wrong, "files are right or wrong: {:?}", found.diagnostics);
    for problem in &found.diagnostics {
        assert!(!problem.message.is_empty(), "a problem says what it is: {problem:?}");
        let lines =
            found.sources.iter().find(|s| s.path == problem.origin.file).map(|s| s.text.split('\n').count());
        let lines = u32::try_from(lines.unwrap_or(0)).unwrap_or(u32::MAX);
        assert!(problem.origin.line <= lines + 1, "a problem is in the file: {problem:?}");
    }
    let dir = Path::new("desired-state");
    let shown = anstream::adapter::strip_str(&diagnostics::text(&found.diagnostics, dir)).to_string();
    assert!(is_harmless(&shown, true), "{shown:?}");
    assert!(is_harmless(&github::commands(&found.diagnostics, dir), true));
    for document in [sarif::document(&found.diagnostics, dir), diagnostics::json(&found.diagnostics)] {
        assert!(serde_json::from_str::<serde_json::Value>(&document).is_ok(), "{document}");
        assert!(is_harmless(&document, true), "{document:?}");
    }
}

/// Any text as the scope of a role: what comes of it lies in a subscription of that customer, and is plain.
pub fn scopes(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let canonical = Scope::canonical(text);
    assert_eq!(Scope::canonical(canonical.as_str()), canonical, "a canonical form is its own");
    let quoted = serde_json::to_string(text).expect("a text is JSON");
    let (path, honest) = TREE[5];
    let hostile = honest.replace("subscriptions/prod/resourceGroups/rg-app", &quoted);
    let found = read(path, &hostile);
    let Some(state) = found.state else {
        assert!(!found.diagnostics.is_empty(), "a refusal says why: {text:?}");
        return;
    };
    assert!(desired::is_scope(text), "{text:?}");
    for customer in state.customers.values() {
        let declared: Vec<Scope> =
            customer.subscriptions.values().map(|s| Scope::subscription(s.id)).collect();
        for role in customer.mappings.values().flat_map(|mapping| &mapping.roles) {
            let scope = &role.scope;
            assert!(declared.iter().any(|subscription| subscription.contains(scope)), "{text:?}: {scope}");
            let is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
            assert!(scope.as_str().split('/').skip(1).all(is_plain), "{text:?}: {scope}");
            assert!(!scope.as_str().contains(['%', '?', '#', '\\', ' ']), "{text:?}: {scope}");
        }
    }
}

/// A file as a saved plan, as it is and with a seal that fits: without one nothing behind the seal would ever be reached.
pub fn plan_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let partner = &honest().partner;
    let unsealed = text.split(",\n  \"seal\": \"").next().unwrap_or(text);
    let sealed = format!("{unsealed},\n  \"seal\": \"{}\"\n}}\n", Digest::of_text(unsealed));
    judge_plan(text, partner);
    judge_plan(&sealed, partner);
}

fn judge_plan(text: &str, partner: &Partner) {
    match saved::read(text, partner) {
        Ok(plan) => {
            let (sealed, _) = text.rsplit_once(",\n  \"seal\": \"").expect("only what is sealed is a plan");
            assert!(text.contains(&Digest::of_text(sealed).to_string()), "only its own seal counts");
            for customer in plan.customers.values() {
                assert!(!customer.changes().is_empty());
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty() && !matches!(error, SavedError::Version(1)), "{said}");
        }
    }
}
