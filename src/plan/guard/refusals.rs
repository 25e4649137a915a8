//! Refusals: what must not be done, whatever the files say.

use std::collections::BTreeSet;

use crate::desired::state::{Mapping, RoleAtScope, Source};
use crate::model::assignment::AssignmentKey;
use crate::model::ids::{RoleId, SubscriptionId};
use crate::model::ownership::Mark;
use crate::model::role::{Role, RoleDefinition, Tier, built_in};
use crate::model::scope::Scope;
use crate::observed::question::Question;
use crate::plan::diff::count;
use crate::plan::operation::{Action, GroupRef, Operation};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{Refusal, RefusalCode};

/// Why one operation is refused.
struct Objection {
    code: RefusalCode,
    text: String,
    hint: String,
}

/// Judges each operation for itself. An operation about which a question is open is not in the draft yet.
pub(super) fn refuse(sheet: &mut Sheet<'_>) {
    let operations = std::mem::take(&mut sheet.operations);
    let mut kept = Vec::with_capacity(operations.len());
    for operation in operations {
        let open = sheet.questions.len();
        for objection in objections(sheet, &operation) {
            sheet.refused.push(Refusal {
                code: objection.code,
                operations: BTreeSet::from([operation.id.clone()]),
                measured: 0,
                limit: 0,
                text: objection.text,
                hint: objection.hint,
            });
        }
        if sheet.questions.len() == open {
            kept.push(operation);
        }
    }
    sheet.operations = kept;
}

fn objections(sheet: &mut Sheet<'_>, operation: &Operation) -> Vec<Objection> {
    match &operation.action {
        Action::CreateRoleAssignment { group, role, scope, written } => {
            assignment(sheet, group, role, scope, written)
        }
        Action::DeleteRoleAssignment { row, key, .. } => row_removal(sheet, row, &key.scope),
        Action::AddMembers { group, members } => {
            let domains = &sheet.inputs.desired.partner.staff_domains;
            let outsider = members.iter().find(|joining| !joining.address.is_in(domains));
            let mut objections: Vec<Objection> =
                outsider.map(|joining| not_staff(joining.address.as_str())).into_iter().collect();
            objections.extend(standing_privilege(sheet, group));
            objections
        }
        Action::InviteGuest { address, .. } => {
            let staff = address.is_in(&sheet.inputs.desired.partner.staff_domains);
            (!staff).then(|| not_staff(address.as_str())).into_iter().collect()
        }
        Action::AddToLedger { .. }
        | Action::RemoveFromLedger { .. }
        | Action::CreateGroup { .. }
        | Action::UpdateGroup { .. }
        | Action::DeleteGroup { .. }
        | Action::RemoveMembers { .. }
        | Action::DeleteGuest { .. } => Vec::new(),
    }
}

fn not_staff(address: &str) -> Objection {
    Objection {
        code: RefusalCode::NotStaff,
        text: format!("{address} is not in a staff domain: nobody else is let into a customer tenant"),
        hint: "add the domain to staffDomains if the partner owns it".into(),
    }
}

fn assignment(
    sheet: &mut Sheet<'_>,
    group: &GroupRef,
    role: &Role,
    scope: &Scope,
    written: &str,
) -> Vec<Objection> {
    let words = format!("{} on {written} for {}", role.name, group.display_name);
    let mut objections = Vec::new();
    let customer = sheet.inputs.customer;
    let policy = sheet.inputs.desired.policy.roles.values().any(|known| known.id == role.id);
    if !policy && !customer.roles.values().any(|id| *id == role.id) {
        objections.push(Objection {
            code: RefusalCode::RoleNotInPolicy,
            text: format!(
                "{words}: the role {} is neither in Policy nor among the customer's roles",
                role.id
            ),
            hint: "add the role to `roles` of the Policy, or of the customer if it is a custom role there"
                .into(),
        });
    }
    let Some(subscription) = scope
        .subscription_id()
        .filter(|id| customer.subscriptions.values().any(|declared| declared.id == *id))
    else {
        objections.push(Objection {
            code: RefusalCode::ScopeOutsideCustomer,
            text: format!("{words}: {scope} is in no subscription of this customer"),
            hint: "name the subscription under `subscriptions` of the customer".into(),
        });
        return objections;
    };
    let grants_access = match sheet
        .ask(sheet.inputs.observed.facts.roles.get(&role.id), Question::Role(role.id))
    {
        None => return objections,
        Some(Err(unread)) => {
            objections.push(Objection {
                code: RefusalCode::RoleNotAssignable,
                text: format!("{words}: what the role permits could not be read: {}", unread.text),
                hint: "check that our principal may read role definitions there".into(),
            });
            return objections;
        }
        Some(Ok(None)) => {
            objections.push(Objection {
                code: RefusalCode::RoleNotAssignable,
                text: format!("{words}: this tenant has no role {}", role.id),
                hint: "built-in roles have the same id everywhere; a custom role has its own in each tenant"
                    .into(),
            });
            return objections;
        }
        Some(Ok(Some(definition))) => {
            if !definition.assignable_at(scope) {
                objections.push(Objection {
                    code: RefusalCode::RoleNotAssignable,
                    text: format!("{words}: the role may not be assigned at {scope}"),
                    hint: "widen the role's assignable scopes in the customer's tenant, or give it elsewhere"
                        .into(),
                });
            }
            definition.can_grant_access()
        }
    };
    if (role.tier == Tier::Privileged || grants_access) && !memberships_end(sheet, group) {
        objections.push(Objection {
            code: RefusalCode::PrivilegedRole,
            text: format!("{words}: the role is privileged, and not every membership of the mapping ends"),
            hint: "use `from: none` with grants, or listed members that all have `expires`".into(),
        });
    }
    if let Some(allowed) = allowed_roles(sheet, subscription)
        && !allowed.contains(&role.id)
    {
        objections.push(Objection {
            code: RefusalCode::ControllerCondition,
            text: format!(
                "{words}: the customer allows us only {} there",
                count(allowed.len(), "other role")
            ),
            hint: format!("ask the customer to add {} to the condition on our own role assignment", role.id),
        });
    }
    objections
}

/// Nobody joins a group for ever that already holds a privileged role, or one that can grant roles: a role is judged again
/// whenever people come to it, not only when it is given. Of a custom role that cannot be read the worst is assumed, of a
/// built-in one what its id says: what it permits is the same everywhere, and a service that fails should keep nobody out.
fn standing_privilege(sheet: &mut Sheet<'_>, group: &GroupRef) -> Option<Objection> {
    let mapping = mapping_of(sheet, group)?;
    if memberships_end(sheet, group) {
        return None;
    }
    for held in &mapping.roles {
        let custom = sheet.inputs.customer.roles.values().any(|id| *id == held.role.id);
        // What its tier says already needs no look at what it permits.
        let grants = if held.role.tier == Tier::Privileged {
            true
        } else if custom {
            let answer = sheet.inputs.observed.facts.roles.get(&held.role.id);
            match sheet.ask(answer, Question::Role(held.role.id)) {
                Some(Ok(definition)) => definition.as_ref().is_some_and(RoleDefinition::can_grant_access),
                Some(Err(_)) => true,
                None => false,
            }
        } else {
            may_stand(sheet, group, held) && built_in_grants(sheet, held.role.id)
        };
        if grants {
            return Some(Objection {
                code: RefusalCode::PrivilegedRole,
                text: format!(
                    "{} holds {} on {}, which is privileged, and not every membership of the mapping ends",
                    group.display_name, held.role.name, held.written
                ),
                hint: "use `from: none` with grants, or listed members that all have `expires`".into(),
            });
        }
    }
    None
}

/// Whether a built-in role can grant roles, by its id where that says it.
fn built_in_grants(sheet: &mut Sheet<'_>, role: RoleId) -> bool {
    if let Some(known) = built_in(role) {
        return known.grants;
    }
    match sheet.ask(sheet.inputs.observed.facts.roles.get(&role), Question::Role(role)) {
        Some(Ok(definition)) => definition.as_ref().is_some_and(RoleDefinition::can_grant_access),
        Some(Err(unread)) => {
            let of = format!("what role {role} permits");
            sheet.gap(unread, of, "whether it can grant roles: who joins is judged by its tier in Policy");
            false
        }
        None => false,
    }
}

/// Whether a group may hold a role already: what was not read counts as there.
fn may_stand(sheet: &Sheet<'_>, group: &GroupRef, role: &RoleAtScope) -> bool {
    let Some(principal) = group.id else { return false };
    let rows = role.scope.subscription_id().and_then(|id| sheet.inputs.observed.assignments.get(&id));
    let Some(Ok(rows)) = rows else { return true };
    let key = AssignmentKey { scope: role.scope.clone(), principal, role: role.role.id };
    rows.iter().any(|row| row.key == key)
}

/// The mapping that a group carries.
fn mapping_of<'a>(sheet: &Sheet<'a>, group: &GroupRef) -> Option<&'a Mapping> {
    let mark = Mark::of(sheet.inputs.desired.partner.tenant);
    let is_group = |mapping: &&Mapping| match mapping.adopt {
        Some(id) => id.to_string() == group.unique_name,
        None => mark.group(mapping.identity()) == group.unique_name,
    };
    sheet.inputs.customer.mappings.values().find(is_group)
}

/// Whether nobody stays in the mapping's group for ever.
fn memberships_end(sheet: &Sheet<'_>, group: &GroupRef) -> bool {
    let Some(mapping) = mapping_of(sheet, group) else { return false };
    let Some(name) = &mapping.from else { return true };
    match sheet.inputs.desired.groups.get(name).map(|group| &group.source) {
        Some(Source::Listed(members)) => members.values().all(|listed| listed.expires.is_some()),
        Some(Source::Entra(_)) | None => false,
    }
}

/// The roles that the condition on our own assignment lets us give in a subscription; none where no condition says so.
/// The text of such a condition lists them behind `GuidEquals`.
fn allowed_roles(sheet: &Sheet<'_>, subscription: SubscriptionId) -> Option<BTreeSet<RoleId>> {
    let own = sheet.inputs.observed.identity.as_ref().ok()?;
    let rows = sheet.inputs.observed.assignments.get(&subscription)?.as_ref().ok()?;
    let mut allowed = BTreeSet::new();
    let mut conditioned = false;
    for row in rows.iter().filter(|row| row.key.principal == *own) {
        let condition = row.condition.as_ref()?;
        for list in condition.split("GuidEquals").skip(1) {
            let (Some(open), Some(close)) = (list.find('{'), list.find('}')) else { continue };
            conditioned = true;
            let inner = list.get(open + 1..close).unwrap_or_default();
            allowed.extend(inner.split(',').filter_map(|id| id.trim().parse::<RoleId>().ok()));
        }
    }
    conditioned.then_some(allowed)
}

fn row_removal(sheet: &mut Sheet<'_>, row: &str, scope: &Scope) -> Vec<Objection> {
    let mut objections = Vec::new();
    let observed = sheet.inputs.observed;
    let Some(subscription) = scope.subscription_id() else { return objections };
    let rows = observed.assignments.get(&subscription).and_then(|rows| rows.as_ref().ok());
    let found = rows.into_iter().flatten().find(|candidate| candidate.id.eq_ignore_ascii_case(row));
    if found.is_some_and(|row| row.condition.is_some() && !defect!(ConditionsIgnored)) {
        objections.push(Objection {
            code: RefusalCode::ForeignCondition,
            text: format!("{row} carries a condition that somebody else wrote"),
            hint: "ask the customer to remove the condition, or the assignment".into(),
        });
    }
    let locks = sheet.ask(observed.facts.locks.get(&subscription), Question::Locks(subscription));
    if let Some(Ok(locks)) = locks
        && let Some(lock) = locks.iter().find(|lock| lock.contains(scope))
    {
        objections.push(Objection {
            code: RefusalCode::Locked,
            text: format!("{row} cannot be deleted: {lock} is locked"),
            hint: "ask the customer to lift the lock".into(),
        });
    }
    objections
}

#[cfg(test)]
mod tests;
