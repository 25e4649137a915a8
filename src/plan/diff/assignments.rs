//! Role assignments: those that are declared and missing, and those of ours that nobody declares.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use crate::desired::state::{AdminAgentsOwner, ExtraAssignments, MissingAssignments, RoleAtScope};
use crate::model::assignment::{AssignmentKey, RoleAssignment};
use crate::model::ids::{ObjectId, RoleId, SubscriptionId};
use crate::model::role::{OWNER, Tier, granting};
use crate::model::subscription::{Subscription, SubscriptionState};
use crate::observed::customer::Existence;
use crate::observed::question::Question;
use crate::plan::because::{Because, Rule};
use crate::plan::diff::count;
use crate::plan::diff::estate::Estate;
use crate::plan::diff::groups::{Claim, Managed, not_declared, other_owner, reasserting};
use crate::plan::diff::operations::{operation, reason};
use crate::plan::diff::undeclared::Leave;
use crate::plan::memory::is_settling;
use crate::plan::operation::{Action, GroupRef, Nature, Phase};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, Gap, GapCode, Hold, HoldCode, Right};

/// A principal unknown to Graph may be a fresh one that has not spread yet; a row older than this names a dead one.
const ORPHAN_AGE: SignedDuration = SignedDuration::from_mins(30);

/// The rows of one subscription of this tenant, completely read.
type Rows<'a> = BTreeMap<SubscriptionId, &'a [RoleAssignment]>;

/// Plans the role assignments of every mapping, and the end of those that nobody declares. `leaving` is set when the
/// customer is being left: then nothing is declared.
pub(super) fn plan<'a>(
    sheet: &mut Sheet<'a>,
    estate: Option<&Estate<'a>>,
    managed: &[Managed<'a>],
    leaving: Option<Leave<'_>>,
) {
    let Some((subscriptions, rows)) = read(sheet) else { return };
    let mut wanted: BTreeSet<AssignmentKey> = BTreeSet::new();
    if leaving.is_none() {
        for entry in managed {
            for role in &entry.mapping.roles {
                if let Some(id) = entry.group.id {
                    let scope = role.scope.clone();
                    wanted.insert(AssignmentKey { scope, principal: id, role: role.role.id });
                }
            }
        }
        for entry in managed.iter().filter(|entry| entry.manageable && entry.recorded) {
            for role in &entry.mapping.roles {
                want(sheet, estate, entry, role, subscriptions, &rows);
            }
        }
        report_admin_agents(sheet, &rows);
    }
    let Some(estate) = estate else { return };
    let ours: BTreeMap<ObjectId, (String, bool)> = estate
        .holdings()
        .map(|holding| (holding.group.id, (holding.group.display_name.clone(), holding.adopted)))
        .collect();
    let mut seen = BTreeSet::new();
    for row in rows.values().copied().flatten() {
        if !seen.insert(row.id.to_ascii_lowercase()) {
            continue;
        }
        let name = match ours.get(&row.key.principal) {
            Some((name, _)) => name.clone(),
            None => match principal_of(sheet, row) {
                Some(Existence::Absent) => row.key.principal.to_string(),
                Some(Existence::Present) => {
                    // One that the files or the ledger name is ours all the same, and was not read.
                    if is_nobodys(sheet, estate, row.key.principal) {
                        stray(sheet, row);
                    }
                    continue;
                }
                None => continue,
            },
        };
        if sheet.inputs.desired.policy.protected.contains(&row.key.principal) {
            continue;
        }
        if row.is_ours(sheet.inputs.customer.tenant) {
            sheet.measure.assignments += 1;
            if wanted.contains(&row.key) {
                note_condition(sheet, row, &name);
            } else {
                let (because, nature) = match leaving {
                    Some(how) => (how.because.clone(), how.nature),
                    None => (not_declared("this role assignment"), Nature::Change),
                };
                delete(sheet, row, name, because, nature);
            }
        } else if let (Some((name, adopted)), false) =
            (ours.get(&row.key.principal), wanted.contains(&row.key))
        {
            extra(sheet, row, name, *adopted);
        }
    }
}

/// The subscriptions of this tenant and their rows; what the files say and the tenant doesn't show is a gap.
fn read<'a>(sheet: &mut Sheet<'a>) -> Option<(&'a BTreeMap<SubscriptionId, Subscription>, Rows<'a>)> {
    let (customer, observed) = (sheet.inputs.customer, sheet.inputs.observed);
    let unread = |id: &SubscriptionId| !matches!(observed.assignments.get(id), Some(Ok(_)));
    let declared = customer.subscriptions.values().map(|declared| declared.id);
    sheet.measure.unread_rows = declared.filter(unread).collect();
    let subscriptions = match &observed.subscriptions {
        Ok(subscriptions) => subscriptions,
        Err(unread) => {
            sheet.gap_in(unread, Right::Azure, "the subscriptions", "every role assignment here");
            return None;
        }
    };
    // One that is missing may have been moved or closed; that all of them are is unlikely.
    let sees_none = !customer.subscriptions.is_empty()
        && !customer.subscriptions.values().any(|declared| subscriptions.contains_key(&declared.id))
        && !subscriptions.values().any(|found| found.tenant == customer.tenant);
    for (alias, declared) in &customer.subscriptions {
        let of = format!("subscription {alias} ({})", declared.id);
        let freezes = "role assignments in this subscription";
        match subscriptions.get(&declared.id) {
            None => {
                let text = format!(
                    "{}: this tenant shows no such subscription to us: it was moved or closed, or our role there was taken away",
                    declared.origin
                );
                let lost = sees_none.then_some(Right::Azure);
                sheet.gaps.insert(Gap {
                    code: GapCode::SubscriptionMissing,
                    of,
                    freezes: freezes.to_owned(),
                    text,
                    lost,
                });
            }
            Some(found) if found.tenant != customer.tenant => {
                let text =
                    format!("{}: the subscription belongs to tenant {}", declared.origin, found.tenant);
                sheet.doubt(GapCode::SubscriptionMissing, of, freezes, text);
            }
            Some(found) => match &found.state {
                SubscriptionState::Active => {}
                SubscriptionState::Disabled => {
                    let text = "disabled: role assignments can be removed here, not made";
                    sheet.find(FindingCode::SubscriptionDisabled, of, text, None);
                }
                SubscriptionState::Gone(state) => {
                    let text = format!("{}: the subscription is {state}", declared.origin);
                    sheet.doubt(GapCode::SubscriptionMissing, of, freezes, text);
                }
            },
        }
    }
    let declared: BTreeSet<SubscriptionId> = customer.subscriptions.values().map(|s| s.id).collect();
    let mut rows = Rows::new();
    for (id, subscription) in subscriptions.iter().filter(|(_, s)| s.tenant == customer.tenant) {
        if !declared.contains(id) {
            let name = &subscription.display_name;
            let text = "in no file, so `subscriptions/*` doesn't cover it";
            let hint = "name it under `subscriptions` of the customer if it should be managed".to_owned();
            let of = format!("subscription {name:?} ({id})");
            sheet.find(FindingCode::UndeclaredSubscription, of, text, Some(hint));
        }
        match observed.assignments.get(id) {
            Some(Ok(read)) => {
                rows.insert(*id, read.as_slice());
            }
            Some(Err(unread)) => {
                let of = format!("the role assignments of subscription {id}");
                sheet.gap_in(unread, Right::Azure, of, "role assignments in this subscription");
            }
            None => {}
        }
    }
    Some((subscriptions, rows))
}

fn want<'a>(
    sheet: &mut Sheet<'a>,
    estate: Option<&Estate<'a>>,
    entry: &Managed<'a>,
    role: &RoleAtScope,
    subscriptions: &BTreeMap<SubscriptionId, Subscription>,
    rows: &Rows<'_>,
) {
    let Some(subscription) = role.scope.subscription_id() else { return };
    let Some(read) = rows.get(&subscription) else { return };
    let active = subscriptions.get(&subscription).is_some_and(|s| s.state == SubscriptionState::Active);
    let tenant = sheet.inputs.customer.tenant;
    let words = format!("{} on {} for {}", role.role.name, role.written, entry.group.display_name);
    if let Some(principal) = entry.group.id {
        let key = AssignmentKey { scope: role.scope.clone(), principal, role: role.role.id };
        if let Some(row) = read.iter().find(|row| row.key == key) {
            if !row.is_ours(tenant) && !read.iter().any(|row| row.key == key && row.is_ours(tenant)) {
                let text = format!(
                    "somebody else's role assignment {} gives this: it satisfies the files and is never removed",
                    row.name
                );
                sheet.find(FindingCode::SatisfiedByOther, words, text, None);
            }
            return;
        }
        if let Some(made) = sheet.inputs.memory.assignments.get(&key.name(tenant)) {
            if is_settling(*made, sheet.inputs.now) {
                sheet.settling(words, *made);
                return;
            }
            if !entry.mapping.reassert {
                removed_by_other(sheet, entry, role, &words);
                return;
            }
        }
    }
    if !active {
        return;
    }
    let create = create(entry, role);
    // The first role of a group that holds somebody else's people would hand it to them.
    if let (Some(estate), Some(id)) = (estate, entry.group.id)
        && entry.mapping.adopt.is_none()
    {
        let has_role = rows.values().copied().flatten().any(|row| row.key.principal == id);
        let members_known =
            estate.mapped.get(&entry.mapping.key).is_some_and(|holding| holding.members.is_some());
        let everybody_known = members_known && entry.difference.undecided.is_empty();
        if !has_role && !everybody_known {
            // Who would get the role is not known; a gap says so.
            return;
        }
        let contested = if !has_role && !entry.difference.foreign.is_empty() {
            let members = count(entry.difference.foreign.len(), "member");
            Some(Claim {
                text: format!("group {id} has no role yet and holds {members} who are not staff"),
                hint: "ask the customer who put them there, and to take them out".to_owned(),
            })
        } else if estate.mapped.contains_key(&entry.mapping.key) {
            other_owner(sheet, id)
        } else {
            None
        };
        if let Some(Claim { text, hint }) = contested {
            sheet.held.push(Hold {
                code: HoldCode::Contested,
                operations: BTreeSet::from([create.id.clone()]),
                measured: entry.difference.foreign.len(),
                limit: 0,
                text,
                hint,
            });
        }
    }
    sheet.operations.push(create);
}

fn create(entry: &Managed<'_>, role: &RoleAtScope) -> crate::plan::operation::Operation {
    let because =
        Because { rule: Rule::Declared, origin: Some(role.origin.clone()), text: "declared".to_owned() };
    let action = Action::CreateRoleAssignment {
        group: GroupRef::clone(&entry.group),
        role: role.role.clone(),
        scope: role.scope.clone(),
        written: role.written.clone(),
    };
    operation(action, Phase::Assign, Nature::Change, vec![because])
}

/// What we made and somebody else removed is not fought over.
fn removed_by_other(sheet: &mut Sheet<'_>, entry: &Managed<'_>, role: &RoleAtScope, words: &str) {
    let hint = format!(
        "ask the customer, whose activity log in Azure says who did it; {}",
        reasserting(entry.mapping)
    );
    if sheet.inputs.customer.drift.missing_assignments == MissingAssignments::Report {
        sheet.find(
            FindingCode::MissingAssignment,
            words,
            format!("we made {words} and somebody else removed it"),
            Some(hint),
        );
        return;
    }
    let create = create(entry, role);
    sheet.held.push(Hold {
        code: HoldCode::Contested,
        operations: BTreeSet::from([create.id.clone()]),
        measured: 0,
        limit: 0,
        text: format!("we made {words} and somebody else removed it"),
        hint,
    });
    sheet.operations.push(create);
}

/// Whether the group of a row that is ours by name exists: it is absent from the complete list of our groups and asked for by
/// id. None for every other row, if that could not be read, and if the row is fresh.
fn principal_of(sheet: &mut Sheet<'_>, row: &RoleAssignment) -> Option<Existence> {
    let old = row.created.is_some_and(|created| sheet.inputs.now.duration_since(created) > ORPHAN_AGE);
    if row.principal_type != "Group" || !row.is_ours(sheet.inputs.customer.tenant) || !old {
        return None;
    }
    let answer = sheet.inputs.observed.facts.principals.get(&row.key.principal);
    match sheet.ask(answer, Question::Principal(row.key.principal))? {
        Ok(existence) => Some(*existence),
        Err(unread) => {
            let of = format!("group {}, which holds a role of ours", row.key.principal);
            sheet.gap_in(unread, Right::Directory, of, "the role assignments of a group that may be gone");
            None
        }
    }
}

/// Whether neither the files nor the ledger, which was read, name a group as one that was taken over.
fn is_nobodys(sheet: &Sheet<'_>, estate: &Estate<'_>, group: ObjectId) -> bool {
    let adopted = sheet.inputs.customer.mappings.values().any(|mapping| mapping.adopt == Some(group));
    estate.entries.is_some() && !adopted && !estate.has_entry(group)
}

/// A role that we seem to have given to a group that is not ours, or no more. That the group exists leaves it to somebody to
/// decide whether it is still wanted: another system may name its rows as we do.
fn stray(sheet: &mut Sheet<'_>, row: &RoleAssignment) {
    let role = role_name(sheet, row.key.role);
    let (principal, scope) = (row.key.principal, sheet.inputs.customer.written(&row.key.scope));
    let text = format!(
        "{role} on {scope} was given by us to group {principal}, which is not ours: it stays (role assignment {})",
        row.name
    );
    let hint = "adopt the group again to have groupsync take the role away, or delete the row by hand";
    sheet.find(FindingCode::StrayAssignment, principal.to_string(), text, Some(hint.to_owned()));
}

fn note_condition(sheet: &mut Sheet<'_>, row: &RoleAssignment, name: &str) {
    if row.condition.is_some() {
        let scope = sheet.inputs.customer.written(&row.key.scope);
        let text = format!("somebody added a condition to our role assignment {} on {scope}", row.name);
        sheet.find(FindingCode::ForeignCondition, name, text, None);
    }
}

fn delete(sheet: &mut Sheet<'_>, row: &RoleAssignment, group: String, because: Because, nature: Nature) {
    let role = role_name(sheet, row.key.role);
    let action = Action::DeleteRoleAssignment {
        row: row.id.clone(),
        name: row.name,
        key: row.key.clone(),
        group,
        role,
    };
    let phase = if nature.is_withdrawal() { Phase::Withdraw } else { Phase::Remove };
    sheet.operations.push(operation(action, phase, nature, vec![because]));
}

/// A row on a group whose members we keep, which nobody of ours gave. A group that was taken over has its own from before; what
/// is said of those is only whether our people can grant roles with them.
fn extra(sheet: &mut Sheet<'_>, row: &RoleAssignment, group: &str, adopted: bool) {
    let role = role_name(sheet, row.key.role);
    // Rows at management groups, at the root and in subscriptions that no file names are another scope's business; and
    // taking away a role that can grant roles may lock somebody out.
    let removes = sheet.inputs.customer.drift.extra_assignments == ExtraAssignments::Remove && !adopted;
    let declared = row.key.scope.subscription_id().is_some_and(|id| {
        sheet.inputs.customer.subscriptions.values().any(|subscription| subscription.id == id)
    });
    let grants = if removes && declared {
        let answer = sheet.inputs.observed.facts.roles.get(&row.key.role);
        match sheet.ask(answer, Question::Role(row.key.role)) {
            Some(Ok(Some(role))) => Some(role.can_grant_access()),
            _ => None,
        }
    } else {
        None
    };
    if grants == Some(false) && row.principal_type == "Group" && row.condition.is_none() {
        let because = reason(Rule::Drift, "not given by us");
        delete(sheet, row, group.to_owned(), because, Nature::Change);
        return;
    }
    let scope = sheet.inputs.customer.written(&row.key.scope);
    let mut policy = sheet.inputs.desired.policy.roles.values();
    let is_privileged = grants == Some(true)
        || granting(row.key.role).is_some()
        || policy.any(|role| role.id == row.key.role && role.tier == Tier::Privileged);
    if is_privileged {
        let text = format!(
            "whoever is in {group} has {role} on {scope}, too, which was not given by us (role assignment {})",
            row.name
        );
        let hint = if grants == Some(true) || granting(row.key.role).is_some() {
            "ask the customer to take it from the group; a role that can grant roles is never removed as drift"
        } else {
            "ask the customer to take it from the group"
        };
        sheet.find(FindingCode::ExtraPrivilegedRole, group, text, Some(hint.to_owned()));
    } else if !adopted {
        let hint = match (removes, declared) {
            (false, _) => "ask the customer, or set drift.extraAssignments to remove",
            (true, false) => "ask the customer: it lies outside the subscriptions that the files name",
            (true, true) => "ask the customer: what it permits was not read, or it carries a condition",
        };
        let text = format!("{role} on {scope} was not given by us (role assignment {})", row.name);
        sheet.find(FindingCode::ExtraAssignment, group, text, Some(hint.to_owned()));
    }
}

fn role_name(sheet: &Sheet<'_>, id: RoleId) -> String {
    let policy = sheet
        .inputs
        .desired
        .policy
        .roles
        .values()
        .find(|role| role.id == id)
        .map(|role| role.name.to_string());
    let custom = || {
        sheet.inputs.customer.roles.iter().find(|(_, role)| **role == id).map(|(name, _)| name.to_string())
    };
    policy.or_else(custom).or_else(|| granting(id).map(str::to_owned)).unwrap_or_else(|| id.to_string())
}

/// The subscriptions of the files that the partner's `AdminAgents` own, as far as they were read.
pub(super) fn owned_by_agents(sheet: &Sheet<'_>) -> Vec<String> {
    let (customer, agents) = (sheet.inputs.customer, sheet.inputs.desired.partner.admin_agents);
    let owned = customer.subscriptions.iter().filter(|(_, declared)| {
        let rows = sheet.inputs.observed.assignments.get(&declared.id);
        matches!(rows, Some(Ok(rows)) if rows.iter().any(|row| owns(row, agents)))
    });
    owned.map(|(alias, _)| format!("subscription {alias}")).collect()
}

/// Whether a row makes the partner's `AdminAgents` Owner.
fn owns(row: &RoleAssignment, agents: ObjectId) -> bool {
    row.key.principal == agents
        && row.principal_type == "ForeignGroup"
        && granting(row.key.role) == Some(OWNER)
}

fn report_admin_agents(sheet: &mut Sheet<'_>, rows: &Rows<'_>) {
    let customer = sheet.inputs.customer;
    if customer.admin_agents_owner == AdminAgentsOwner::Ignore {
        return;
    }
    let agents = sheet.inputs.desired.partner.admin_agents;
    for (alias, declared) in &customer.subscriptions {
        let Some(read) = rows.get(&declared.id) else { continue };
        if !read.iter().any(|row| owns(row, agents)) {
            let scope = format!("/subscriptions/{}", declared.id);
            let text = format!(
                "AdminAgents is not Owner of subscription {alias}: the partner could not step in there"
            );
            let hint = format!(
                "the customer runs: az role assignment create --role Owner --assignee-object-id {agents} --assignee-principal-type ForeignGroup --scope {scope}; or set adminAgentsOwner to ignore"
            );
            sheet.find(
                FindingCode::AdminAgentsOwnerMissing,
                format!("subscription {alias}"),
                text,
                Some(hint),
            );
        }
    }
}
