//! Limits on the changes of one customer.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::state::Limit;
use crate::model::ids::{PersonId, SubscriptionId};
use crate::observed::question::Question;
use crate::plan::guard::changes;
use crate::plan::operation::{Action, Operation};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, Hold, HoldCode};

/// What the changes of a plan would do, counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) members: usize,
    pub(super) assignments: usize,
    pub(super) guests: usize,
    pub(super) groups: usize,
    pub(super) invitations: usize,
}

impl Tally {
    /// Counts changes; withdrawals know no limit and don't count.
    pub(super) fn of<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> Self {
        let mut tally = Self::default();
        for operation in operations.into_iter().filter(|operation| !operation.nature.is_withdrawal()) {
            match &operation.action {
                Action::RemoveMembers { members, .. } => tally.members += members.len(),
                Action::DeleteRoleAssignment { .. } => tally.assignments += 1,
                Action::DeleteGuest { .. } => tally.guests += 1,
                Action::DeleteGroup { .. } => tally.groups += usize::from(!defect!(GuardForgetsGroups)),
                Action::InviteGuest { .. } => tally.invitations += 1,
                Action::AddToLedger { .. }
                | Action::RemoveFromLedger { .. }
                | Action::CreateGroup { .. }
                | Action::UpdateGroup { .. }
                | Action::AddMembers { .. }
                | Action::CreateRoleAssignment { .. } => {}
            }
        }
        tally
    }
}

/// Holds all changes where a limit of the customer strikes.
pub(super) fn hold(sheet: &mut Sheet<'_>) {
    by_group(sheet);
    by_customer(sheet);
    by_person(sheet);
    by_tenant(sheet);
    by_subscription(sheet);
}

fn strike(sheet: &mut Sheet<'_>, code: HoldCode, measured: usize, limit: usize, text: String, hint: &str) {
    let operations = changes(&sheet.operations);
    sheet.held.push(Hold { code, operations, measured, limit, text, hint: hint.to_owned() });
}

const RELEASE: &str = "if this is meant, release it with an Override document that names this customer's digest, or split the change";

fn by_group(sheet: &mut Sheet<'_>) {
    let limit = sheet.inputs.desired.policy.limits.group_members;
    let mut leaving: BTreeMap<(String, String), usize> = BTreeMap::new();
    for operation in sheet.operations.iter().filter(|operation| !operation.nature.is_withdrawal()) {
        if let Action::RemoveMembers { group, members } = &operation.action {
            let Some(id) = group.id else { continue };
            *leaving.entry((id.to_string(), group.display_name.clone())).or_default() += members.len();
        }
    }
    for ((id, name), measured) in leaving {
        let now = sheet
            .inputs
            .observed
            .members
            .iter()
            .find(|(group, _)| group.to_string() == id)
            .and_then(|(_, members)| members.as_ref().ok())
            .map_or(0, BTreeMap::len);
        let allowed = limit.allowed(now);
        if measured > allowed && !defect!(GuardForgetsGroupLimit) {
            let text = format!(
                "{measured} of {now} members would leave {name}; allowed are {}",
                rule(limit, allowed)
            );
            strike(sheet, HoldCode::GroupMembers, measured, allowed, text, RELEASE);
        }
    }
}

fn by_customer(sheet: &mut Sheet<'_>) {
    let tally = Tally::of(&sheet.operations);
    let limits = sheet.inputs.desired.policy.limits.customer;
    let measure = sheet.measure.clone();
    for (code, measured, limit, managed, what) in [
        (
            HoldCode::CustomerMembers,
            tally.members,
            limits.members,
            measure.members,
            "memberships would be removed",
        ),
        (
            HoldCode::CustomerAssignments,
            tally.assignments,
            limits.assignments,
            measure.assignments,
            "role assignments would be deleted",
        ),
        (HoldCode::CustomerGuests, tally.guests, limits.guests, measure.guests, "guests would be deleted"),
        (HoldCode::CustomerGroups, tally.groups, limits.groups, measure.groups, "groups would be deleted"),
    ] {
        let allowed = limit.allowed(managed);
        if measured > allowed {
            let text = format!("{measured} of {managed} {what}; allowed are {}", rule(limit, allowed));
            strike(sheet, code, measured, allowed, text, RELEASE);
        }
    }
    if tally.invitations > limits.invitations {
        let text = format!(
            "{} people would be invited; allowed are {} at once",
            tally.invitations, limits.invitations
        );
        strike(sheet, HoldCode::CustomerInvitations, tally.invitations, limits.invitations, text, RELEASE);
    }
}

/// A limit in words.
pub(super) fn rule(limit: Limit, allowed: usize) -> String {
    format!("{allowed} ({} %, at least {})", limit.percent, limit.floor)
}

/// Entra lets one person be in 500 tenants.
fn by_person(sheet: &mut Sheet<'_>) {
    let threshold = sheet.inputs.desired.policy.tenants_per_person;
    let mut entering: BTreeMap<PersonId, String> = BTreeMap::new();
    for operation in &sheet.operations {
        if let Action::AddMembers { members, .. } = &operation.action {
            entering.extend(members.iter().map(|joining| (joining.person, joining.address.to_string())));
        }
    }
    for (person, address) in entering {
        let measured = sheet.inputs.census.tenants.get(&person).copied().unwrap_or(0);
        let text = format!("{address} would be in {measured} customer tenants");
        if measured > threshold.warn.min(threshold.refuse) {
            sheet.measure.crowded.insert(person, measured);
        }
        if measured > threshold.refuse {
            let hint =
                "take the person out of some customers: reading everywhere is what Azure Lighthouse is for";
            let text = format!("{text}; allowed are {}, Entra ends at 500", threshold.refuse);
            strike(sheet, HoldCode::TenantsPerPerson, measured, threshold.refuse, text, hint);
        } else if measured > threshold.warn {
            let text = format!("{text}, close to the limit of {}", threshold.refuse);
            sheet.find(FindingCode::ManyTenants, address, text, None);
        }
    }
}

/// A principal without an admin role may keep 250 objects in a tenant.
fn by_tenant(sheet: &mut Sheet<'_>) {
    let Some(threshold) = sheet.inputs.desired.policy.objects_per_tenant else { return };
    let new = sheet
        .operations
        .iter()
        .filter(|operation| {
            matches!(operation.action, Action::CreateGroup { .. } | Action::InviteGuest { again: None, .. })
        })
        .count();
    let now = sheet.measure.guests + sheet.measure.groups + usize::from(sheet.measure.guests > 0);
    let measured = now + new;
    if new > 0 && measured > threshold.refuse {
        let text =
            format!("we would keep {measured} objects in this tenant; allowed are {}", threshold.refuse);
        let hint = "where our principal holds an admin role, set `objectsPerTenant: off` in the Policy; else spread fewer people";
        strike(sheet, HoldCode::ObjectsPerTenant, measured, threshold.refuse, text, hint);
    } else if measured > threshold.warn {
        let text =
            format!("we keep {measured} objects in this tenant, close to the limit of {}", threshold.refuse);
        sheet.find(FindingCode::ManyObjects, sheet.inputs.customer.name.to_string(), text, None);
    }
}

/// A subscription holds a fixed number of role assignments.
fn by_subscription(sheet: &mut Sheet<'_>) {
    let mut new: BTreeMap<SubscriptionId, BTreeSet<_>> = BTreeMap::new();
    for operation in &sheet.operations {
        if let Action::CreateRoleAssignment { scope, .. } = &operation.action
            && let Some(subscription) = scope.subscription_id()
        {
            new.entry(subscription).or_default().insert(operation.id.clone());
        }
    }
    for (subscription, operations) in new {
        let answer = sheet.inputs.observed.facts.usage.get(&subscription);
        let usage = match sheet.ask(answer, Question::Usage(subscription)) {
            None => continue,
            Some(Err(unread)) => {
                let of = format!("how full subscription {subscription} is");
                sheet.gap(unread, of, "the check that the new role assignments fit");
                continue;
            }
            Some(Ok(usage)) => usage,
        };
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let (measured, limit) = (count(usage.current) + operations.len(), count(usage.limit));
        if measured > limit {
            let text = format!(
                "subscription {subscription} would hold {measured} role assignments; it can hold {limit}"
            );
            let hint = "give roles to groups at the subscription instead of at each resource group";
            strike(sheet, HoldCode::AssignmentsPerSubscription, measured, limit, text, hint);
        }
    }
}
