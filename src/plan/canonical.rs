//! What the digest of a customer covers: everything that will be written, and nothing else.

use serde_json::{Value, json};

use crate::plan::digest::Digest;
use crate::plan::operation::{Action, GroupRef, LedgerEntry, Operation};
use crate::plan::verdict::{Refusal, RefusalCode};

/// The digest over operations and refusals. Held operations are among the operations; times, costs, reasons and places in
/// files are left out, so that the same change reviewed today and applied tomorrow has the same digest.
pub(super) fn digest(tenant: &str, operations: &[Operation], refused: &[Refusal]) -> Digest {
    let operations: Vec<Value> = operations.iter().map(written).collect();
    let mut refused: Vec<(RefusalCode, Vec<&str>, &str)> = refused
        .iter()
        .map(|refusal| {
            (refusal.code, refusal.operations.iter().map(|id| id.0.as_str()).collect(), refusal.text.as_str())
        })
        .collect();
    refused.sort();
    Digest::of(&json!({ "tenant": tenant, "operations": operations, "refused": refused }))
}

fn group(group: &GroupRef) -> Value {
    match group.id {
        Some(id) => json!(id),
        None => json!(group.unique_name),
    }
}

/// One operation as it will be written.
fn written(operation: &Operation) -> Value {
    let details = match &operation.action {
        Action::InviteGuest { person, address, display_name, mail, again: None } => {
            json!({ "person": person, "address": address, "displayName": display_name, "mail": mail })
        }
        Action::InviteGuest { person, address, mail, again: Some(guest), .. } => {
            json!({ "person": person, "address": address, "mail": mail, "again": guest })
        }
        Action::AddToLedger { ledger, entry } => match entry {
            LedgerEntry::Invited { person, address, guest: None } => {
                json!({ "ledger": group(ledger), "person": person, "address": address })
            }
            LedgerEntry::Invited { guest: Some(guest), .. } => {
                json!({ "ledger": group(ledger), "guest": guest })
            }
            LedgerEntry::Adopted { group: adopted, .. } => {
                json!({ "ledger": group(ledger), "group": adopted })
            }
        },
        Action::RemoveFromLedger { ledger, object, .. } => json!({ "ledger": ledger, "object": object }),
        Action::CreateGroup { unique_name, display_name } => {
            json!({ "uniqueName": unique_name, "displayName": display_name })
        }
        Action::UpdateGroup { group, to, .. } => json!({ "group": group, "displayName": to }),
        Action::DeleteGroup { group, .. } => json!({ "group": group }),
        Action::AddMembers { group: into, members } => {
            let members: Vec<Value> = members
                .iter()
                .filter(|_| !defect!(DigestOverTooLittle))
                .map(|joining| json!([joining.person, joining.address, joining.guest]))
                .collect();
            json!({ "group": group(into), "members": members })
        }
        Action::RemoveMembers { group: from, members } => {
            let members: Vec<_> = members.iter().map(|leaving| leaving.object).collect();
            json!({ "group": group(from), "members": members })
        }
        Action::CreateRoleAssignment { group: to, role, scope, .. } => {
            json!({ "group": group(to), "role": role.id, "scope": scope })
        }
        Action::DeleteRoleAssignment { row, .. } => json!({ "row": row.to_ascii_lowercase() }),
        Action::DeleteGuest { guest, .. } => json!({ "guest": guest }),
    };
    json!({ "id": operation.id, "kind": operation.action.kind(), "details": details })
}
