//! Explanations as a JSON document.

use serde_json::{Value, json};

use crate::model::origin::Origin;
use crate::model::person::Standing;
use crate::plan::because::Because;
use crate::plan::explanation::{Access, Explanation, Fate, RouteKind, Verdict, Way, When};
use crate::report::explanation::Commits;
use crate::report::json::printed;
use crate::report::words;

/// Explanations, version 1. What is planned with the fate `open` is carried out unless a limit over all customers holds it,
/// which was not judged. Times are RFC 3339; `inForce` and `stands` are null where that was not read.
pub fn document(explanations: &[Explanation], commits: &Commits) -> String {
    let explanations: Vec<Value> = explanations.iter().map(|e| explanation(e, commits)).collect();
    printed(&json!({ "version": 1, "explanations": explanations }))
}

fn explanation(e: &Explanation, commits: &Commits) -> Value {
    let planned: Vec<Value> = e
        .planned
        .iter()
        .map(|planned| {
            let (fate, text, hint) = match &planned.fate {
                Fate::Runs => ("runs", None, None),
                Fate::Open => ("open", None, None),
                Fate::Listed => ("listed", None, None),
                Fate::Held { text, hint } => ("held", Some(text), Some(hint)),
                Fate::Refused { text, hint } => ("refused", Some(text), Some(hint)),
            };
            let operation = &planned.operation;
            json!({
                "operation": operation.id.to_string(),
                "kind": operation.action.kind().as_str(),
                "fate": fate,
                "text": text,
                "hint": hint,
            })
        })
        .collect();
    json!({
        "customer": e.customer,
        "state": e.state,
        "person": e.subject.person,
        "address": e.subject.address,
        "displayName": e.display_name,
        "account": e.standing.map(|standing| match standing {
            Standing::Active => "enabled",
            Standing::Disabled => "disabled",
            Standing::Deleted => "deleted",
            Standing::Unknown => "withheld",
        }),
        "guests": e.guests,
        "access": access(e.access()),
        "ways": e.ways.iter().map(|w| way(w, commits)).collect::<Vec<_>>(),
        "undeclaredGroups": e.undeclared,
        "unmappedPartnerGroups": e.unmapped,
        "planned": planned,
        "gaps": e.gaps.iter().map(|gap| json!({
            "code": words::code(gap.code), "of": gap.of, "freezes": gap.freezes, "text": gap.text,
        })).collect::<Vec<_>>(),
        "findings": e.findings.iter().map(|finding| json!({
            "code": words::code(finding.code), "of": finding.of, "text": finding.text, "hint": finding.hint,
        })).collect::<Vec<_>>(),
        "live": e.live,
    })
}

fn access(access: Access) -> &'static str {
    match access {
        Access::Yes => "yes",
        Access::No => "no",
        Access::Unknown => "unknown",
    }
}

fn way(way: &Way, commits: &Commits) -> Value {
    let routes: Vec<Value> = way
        .routes
        .iter()
        .map(|route| {
            json!({
                "kind": match route.kind {
                    RouteKind::Listed => "listed",
                    RouteKind::Live => "live",
                    RouteKind::PerhapsLive => "perhapsLive",
                    RouteKind::Grant => "grant",
                },
                "name": route.name,
                "at": place(&route.origin, commits),
                "from": route.from.map(|time| time.to_string()),
                "until": route.until.map(|time| time.to_string()),
                "when": match route.when {
                    When::Ahead => "ahead",
                    When::Running => "running",
                    When::Over => "over",
                },
                "note": route.note,
            })
        })
        .collect();
    let roles: Vec<Value> = way
        .roles
        .iter()
        .map(|role| {
            json!({
                "role": role.role.name,
                "roleId": role.role.id,
                "scope": role.written,
                "at": place(&role.origin, commits),
                "inForce": role.in_force,
            })
        })
        .collect();
    let (verdict, until, because) = match &way.verdict {
        Verdict::Wanted { until, because } => ("wanted", until.map(|time| time.to_string()), Some(because)),
        Verdict::Ended(because) => ("ended", None, Some(because)),
        Verdict::Leaver(because) => ("leaver", None, Some(because)),
        Verdict::Undecided => ("undecided", None, None),
        Verdict::NotNamed => ("notNamed", None, None),
        Verdict::NotAsked => ("notAsked", None, None),
    };
    json!({
        "mapping": way.mapping,
        "at": place(&way.origin, commits),
        "group": way.group,
        "called": way.called,
        "routes": routes,
        "verdict": verdict,
        "until": until,
        "because": because.map(|because| reason(because, commits)),
        "stands": way.stands,
        "roles": roles,
        "access": access(way.access()),
    })
}

fn reason(because: &Because, commits: &Commits) -> Value {
    json!({
        "rule": because.rule,
        "text": because.text,
        "at": because.origin.as_ref().map(|origin| place(origin, commits)),
    })
}

fn place(origin: &Origin, commits: &Commits) -> Value {
    let commit = commits.get(&(origin.file.clone(), origin.line));
    json!({ "file": origin.file, "line": origin.line, "column": origin.column, "commit": commit })
}
