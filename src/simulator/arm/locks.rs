//! Locks: reading them, and being stopped by them.

use serde_json::json;
use uuid::Uuid;

use super::assignments::held_or_denied;
use super::{Desk, Outcome, authority, scope};
use crate::simulator::estate::Held;
use crate::simulator::refusal::Refusal;
use crate::simulator::world::{Lock, LockLevel};

/// `GET {scope}/providers/Microsoft.Authorization/locks`
pub(super) fn list(desk: &Desk<'_>, at: &str) -> Outcome {
    let held = held_or_denied(desk, at)?;
    authority::require(desk, held, at, "Microsoft.Authorization/locks/read", None)?;
    let mut found: Vec<&Lock> =
        held.facts.locks.iter().filter(|lock| scope::covers(at, &own_scope(lock, held))).collect();
    found.sort_by_key(|lock| lock_id(lock, held));
    desk.page(
        found,
        |lock| lock_id(lock, held),
        |lock| {
            json!({
                "id": lock_id(lock, held),
                "name": lock.name,
                "type": "Microsoft.Authorization/locks",
                "properties": {"level": lock.level, "notes": null},
            })
        },
    )
}

/// A read-only lock stops every write.
pub(super) fn check_write(held: &Held, at: &str, name: Uuid) -> Result<(), Refusal> {
    check(held, at, name, "write", |lock| lock.level == LockLevel::ReadOnly)
}

/// Every lock stops deletions, those of role assignments included.
pub(super) fn check_delete(held: &Held, at: &str, name: Uuid) -> Result<(), Refusal> {
    check(held, at, name, "delete", |_| true)
}

fn check(
    held: &Held,
    at: &str,
    name: Uuid,
    operation: &str,
    stops: fn(&Lock) -> bool,
) -> Result<(), Refusal> {
    let above = |lock: &&Lock| stops(lock) && scope::covers(&own_scope(lock, held), at);
    let scopes: Vec<String> =
        held.facts.locks.iter().filter(above).map(|lock| format!("'{}'", own_scope(lock, held))).collect();
    if scopes.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        409,
        "ScopeLocked",
        format!(
            "The scope '{at}/providers/Microsoft.Authorization/roleAssignments/{name}' cannot perform {operation} \
             operation because following scope(s) are locked: {}. Please remove the lock and try again.",
            scopes.join(",")
        ),
    ))
}

fn own_scope(lock: &Lock, held: &Held) -> String {
    lock.scope.as_deref().map_or_else(|| scope::of_subscription(held.facts.id), scope::tidy)
}

fn lock_id(lock: &Lock, held: &Held) -> String {
    format!("{}/providers/Microsoft.Authorization/locks/{}", own_scope(lock, held), lock.name)
}
