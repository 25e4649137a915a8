//! What an import found, for programs.

use serde_json::{Value, json};

use crate::plan::adoption::value::{Adoption, Class, Found, From, Held, Loose, Proof};
use crate::report::adoption::files::Changes;
use crate::report::adoption::why;
use crate::report::json::printed;
use crate::report::words::{action, code};

/// The version of the document.
const VERSION: u32 = 1;

/// Everything that was found, and the files with what is written of it.
pub fn document(adoptions: &[Adoption], changes: &Changes) -> String {
    let files: Vec<Value> = changes
        .files
        .iter()
        .map(|(path, change)| {
            let kind = if change.is_new { "new" } else { "changed" };
            json!({"path": path, "customer": change.customer, "change": kind, "text": change.text})
        })
        .collect();
    let customers: Vec<Value> = adoptions.iter().map(|adoption| customer(adoption, changes)).collect();
    let whole = json!({"version": VERSION, "customers": customers, "files": files});
    printed(&whole)
}

fn customer(adoption: &Adoption, changes: &Changes) -> Value {
    let of = |class| -> Vec<Value> {
        adoption.groups.iter().filter(|found| found.class == class).map(group).collect()
    };
    let subscriptions: Vec<Value> = adoption
        .subscriptions
        .iter()
        .map(|(alias, found)| json!({"alias": alias, "id": found.id, "displayName": found.display_name}))
        .collect();
    let roles: Vec<Value> = adoption
        .roles
        .iter()
        .map(|loose| {
            let why_not = changes.why_not(adoption, loose);
            let why_not: Vec<String> = why_not.iter().map(why).collect();
            let Loose { key, held, .. } = loose;
            json!({"mapping": key, "role": held.name, "id": held.id, "scope": held.written,
                   "isWritten": why_not.is_empty(), "whyNot": why_not})
        })
        .collect();
    let direct: Vec<Value> = adoption
        .direct
        .iter()
        .map(|each| {
            let (address, guest) = (&each.address, &each.guest);
            json!({"address": address, "guest": guest, "role": each.role, "scope": each.written})
        })
        .collect();
    let roleless: Vec<Value> = adoption
        .roleless
        .iter()
        .map(|group| json!({"id": group.group, "displayName": group.display_name, "people": group.people}))
        .collect();
    let foreign = &adoption.foreign;
    let groups: Vec<Value> =
        foreign.groups.iter().map(|(id, name)| json!({"id": id, "displayName": name})).collect();
    let gaps: Vec<Value> = adoption
        .gaps
        .iter()
        .map(|gap| json!({"code": code(gap.code), "of": gap.of, "freezes": gap.freezes, "text": gap.text}))
        .collect();
    json!({
        "name": adoption.name,
        "tenantId": adoption.tenant,
        "skipped": adoption.skipped,
        "byHand": changes.by_hand.get(&adoption.name),
        "subscriptions": subscriptions,
        "ours": {"groups": of(Class::Ours), "roles": roles},
        "probable": {"groups": of(Class::Probable), "direct": direct},
        "foreign": {
            "groups": groups,
            "people": foreign.people,
            "others": foreign.others,
            "roleAssignmentsAbove": foreign.above,
            "subscriptionsOfOthers": foreign.subscriptions,
        },
        "roleless": roleless,
        "remaining": adoption.remaining.iter().map(action).collect::<Vec<_>>(),
        "gaps": gaps,
    })
}

fn group(found: &Found) -> Value {
    let proof = match found.proof {
        Proof::UniqueName => "uniqueName",
        Proof::Ledger => "ledger",
        Proof::AssignmentName => "assignmentName",
        Proof::Staff => "staff",
    };
    let staff: Vec<Value> =
        found.staff.iter().map(|(id, address)| json!({"address": address, "objectId": id})).collect();
    let proposal = found.proposal.as_ref().map(|proposal| {
        let (from, is_new) = match &proposal.from {
            From::Nobody => (None, false),
            From::Existing(name) => (Some(name), false),
            From::New(name) => (Some(name), true),
        };
        json!({"key": proposal.key, "from": from, "newPartnerGroup": is_new, "adopt": proposal.adopt,
               "as": proposal.display_name})
    });
    json!({
        "id": found.group,
        "displayName": found.display_name,
        "proof": proof,
        "staff": staff,
        "otherMembers": found.others,
        "roles": found.roles.iter().map(role).collect::<Vec<_>>(),
        "proposal": proposal,
        "whyNot": found.why_not.iter().map(why).collect::<Vec<_>>(),
    })
}

fn role(held: &Held) -> Value {
    let (declared, why_not) = match &held.verdict {
        Ok(role) => (Some(&role.name), None),
        Err(why) => (None, Some(why)),
    };
    json!({"id": held.id, "name": held.name, "scope": held.written, "declaredAs": declared, "whyNot": why_not})
}
