//! What may be taken away: judged write by write, by what was truly so right before it.

use std::collections::BTreeSet;

use groupsync::desired::state::{ForeignMembers, Mapping, Source, State};
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::{ObjectId, PersonId, RoleId, TenantId};
use groupsync::model::scope::Scope;
use groupsync::simulator::history::Act;
use groupsync::simulator::world::Assignment;
use jiff::SignedDuration;
use uuid::Uuid;

use super::step::{Step, Unshown, Write, is_wrong, withdraws};
use super::verdict::ensure;

/// How long a guest rests after our own last write to it.
const RESTS_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Invariant 1. A gap is never emptiness: whatever could not be read, nobody who is truly wanted is taken out of a group, and
/// no declared group, role or guest in use goes.
pub(crate) fn nobody_wanted_loses_anything(_: &Step, write: &Write<'_>) -> Result<(), String> {
    let Some(customer) = write.customer else { return Ok(()) };
    let tenant = write.change.tenant;
    // What was wanted at the beginning and still is: time may have ended something in between.
    let wanted = |mapping: &Mapping| -> BTreeSet<PersonId> {
        let then = write.before.wanted(customer, mapping);
        write.at.wanted(customer, mapping).intersection(&then).copied().collect()
    };
    match &write.change.act {
        Act::MemberRemoved { .. } => {
            let Some((group, _, Some(person))) = write.removal() else { return Ok(()) };
            let Some(mapping) = write.before.mapping(customer, group) else { return Ok(()) };
            ensure!(!wanted(mapping).contains(&person), "{person} was taken out of {}", group.display_name);
        }
        Act::GroupDeleted { group } => {
            let Some(group) = write.group() else { return Err(format!("{group} was deleted unseen")) };
            let declared = write.before.mapping(customer, group).is_some();
            ensure!(!declared || write.at.is_offboarding(customer), "{} was deleted", group.display_name);
        }
        Act::AssignmentDeleted { scope, principal, role, .. } => {
            let Some(group) = write.before.group(tenant, *principal) else { return Ok(()) };
            let Some(mapping) = write.before.mapping(customer, group) else { return Ok(()) };
            let same = |r: &&groupsync::desired::state::RoleAtScope| {
                r.role.id.uuid() == *role && r.scope == Scope::canonical(scope)
            };
            let declared = mapping.roles.iter().find(same).is_some();
            ensure!(!declared || write.at.is_offboarding(customer), "a declared role was taken away");
        }
        Act::UserDeleted { user } => {
            let Some(person) = write.before.person(tenant, *user) else { return Ok(()) };
            let wanted = customer.mappings.values().any(|m| wanted(m).contains(&person));
            ensure!(!wanted, "the guest of {person} was deleted");
        }
        _ => {}
    }
    Ok(())
}

/// Invariant 2. Only what is ours is removed: members that are staff out of groups that are ours, groups with our mark, rows
/// whose name proves them ours and whose condition is not somebody else's, guests that stand in the ledger.
pub(crate) fn only_what_is_ours_is_removed(_: &Step, write: &Write<'_>) -> Result<(), String> {
    let tenant = write.change.tenant;
    match &write.change.act {
        Act::MemberRemoved { group, member } => {
            let Some(group) = write.before.group(tenant, *group) else {
                return Err(format!("{member} was taken out of an unknown group"));
            };
            ensure!(write.before.is_ours(tenant, group), "{} is not ours", group.display_name);
            let foreign = !write.before.is_staff(tenant, *member) && !write.is_about_ledger();
            let removes = write.customer.is_some_and(|c| c.drift.foreign_members == ForeignMembers::Remove);
            ensure!(!foreign || removes, "a foreign member of {} was removed", group.display_name);
        }
        Act::GroupDeleted { group } => {
            let Some(group) = write.group() else { return Err(format!("{group} was deleted unseen")) };
            ensure!(write.before.is_marked(group), "{} does not carry our mark", group.display_name);
        }
        Act::AssignmentDeleted { subscription, name, scope, principal, role } => {
            let (principal, role) = (ObjectId::new(*principal), RoleId::new(*role));
            let key = AssignmentKey { scope: Scope::canonical(scope), principal, role };
            let ours = key.name(TenantId::new(tenant)).uuid() == *name;
            ensure!(ours, "a role that we did not give was taken away from {principal}");
            let rows = write.before.tenant(tenant).into_iter().flat_map(|t| &t.subscriptions);
            let row = rows.filter(|s| s.id == *subscription).flat_map(|s| &s.assignments);
            let narrowed = row.filter(|r| r.name == *name).any(|r: &Assignment| r.condition.is_some());
            ensure!(!narrowed, "a row with somebody else's condition was deleted");
        }
        Act::UserDeleted { user } => {
            let ledger = write.before.ledger(tenant);
            let recorded = ledger.is_some_and(|l| l.members.contains(user));
            ensure!(recorded, "a guest outside the ledger was deleted");
        }
        _ => {}
    }
    Ok(())
}

/// Invariant 2, for guests: one that is used for anything else stays, and one that we wrote to rests for ten minutes.
pub(crate) fn guests_in_use_stay(step: &Step, write: &Write<'_>) -> Result<(), String> {
    let Act::UserDeleted { user } = write.change.act else { return Ok(()) };
    let tenant = write.change.tenant;
    for moment in [step.beginning(), write.before] {
        let Some(tenant) = moment.tenant(tenant) else { return Ok(()) };
        let foreign =
            tenant.groups.iter().find(|g| g.members.contains(&user) && !moment.is_ours(tenant.tenant_id, g));
        let direct =
            tenant.subscriptions.iter().filter(|s| s.tenant_id.is_none_or(|id| id == tenant.tenant_id));
        let direct = direct.flat_map(|s| &s.assignments).any(|a| a.principal_id == user);
        if foreign.is_none() && !direct {
            return touched_lately(step, write, user);
        }
    }
    Err(format!("guest {user} was deleted although the customer uses it"))
}

fn touched_lately(step: &Step, write: &Write<'_>, user: Uuid) -> Result<(), String> {
    if step.second.is_some() {
        // Neither of two controllers knows what the other one writes.
        return Ok(());
    }
    let touched = step.history.iter().take_while(|change| *change != write.change).filter(|change| {
        change.tenant == write.change.tenant
            && match &change.act {
                Act::MemberAdded { member, .. } | Act::MemberRemoved { member, .. } => *member == user,
                Act::GuestInvited { user: invited, .. } => *invited == user,
                _ => false,
            }
    });
    let last = touched.filter(|c| c.actor == write.change.actor).map(|change| change.at).max();
    let rested = last.is_none_or(|last| write.change.at.duration_since(last) >= RESTS_FOR);
    ensure!(rested, "guest {user} was deleted less than ten minutes after our own last write to it");
    Ok(())
}

/// Invariant 9. Nothing goes before what refers to it: no group that holds a role, no ledger before the groups it proves, no guest
/// who stands in a group. Only what replicas do not show yet, and what nobody could write down or date, is not waited for.
pub(crate) fn nothing_goes_before_what_refers_to_it(step: &Step, write: &Write<'_>) -> Result<(), String> {
    let Some(tenant) = write.before.tenant(write.change.tenant) else { return Ok(()) };
    let ledger = write.before.ledger(write.change.tenant).map(|l| l.id);
    match &write.change.act {
        Act::GroupDeleted { group } => {
            let rows =
                tenant.subscriptions.iter().filter(|s| s.tenant_id.is_none_or(|id| id == tenant.tenant_id));
            let held = rows.flat_map(|s| &s.assignments).any(|a| a.principal_id == *group);
            let unknowable = step.second.is_some() || step.unshown == Unshown::Forgotten;
            ensure!(!held || unknowable, "{group} was deleted while it held a role");
            let others = tenant.groups.iter().any(|g| g.id != *group && write.before.is_marked(g));
            ensure!(ledger != Some(*group) || !others, "the ledger was deleted before other groups of ours");
        }
        Act::UserDeleted { user } => {
            let mut groups =
                tenant.groups.iter().filter(|g| Some(g.id) != ledger && g.members.contains(user));
            // By a clock that is off, what replicas do not show yet was written long ago; and neither of two controllers knows
            // into which group the other one, by other files perhaps, has put somebody meanwhile.
            let undated = step.is_stale() && is_wrong(step.skew);
            let came = |group: Uuid| {
                let before = step.beginning().group(write.change.tenant, group);
                step.second.is_some() && before.is_none_or(|group| !group.members.contains(user))
            };
            let inside = groups.any(|group| !undated && !came(group.id));
            ensure!(!inside, "a guest was deleted while she stood in a group");
        }
        _ => {}
    }
    Ok(())
}

/// Invariant 11. Our own branch stays, and what isn't made by us: nothing is written in the partner tenant, at customers in
/// `observe`, behind the kill switch, in a tenant that may be the wrong one, or to groups that must not be managed.
pub(crate) fn nothing_out_of_bounds_is_written(step: &Step, write: &Write<'_>) -> Result<(), String> {
    ensure!(write.change.tenant != step.before.partner.tenant_id, "the partner tenant was written to");
    ensure!(write.before.desired.stop.is_none(), "the kill switch was there, and something was written");
    let Some(customer) = write.customer else {
        return Err("a tenant that no file names was written to".to_owned());
    };
    let (name, withdrawal) = (&customer.name, write.is_withdrawal());
    ensure!(withdraws(customer.state), "{name} is in {:?} and was written to", customer.state);
    ensure!(customer.state != State::Suspend || withdrawal, "{name} is suspended");
    ensure!(!write.before.is_misdirected(customer) || withdrawal, "{name} may be the wrong tenant");
    if let Some(group) = write.group() {
        let before = step.beginning().group(write.change.tenant, group.id);
        let hands_off = before.is_some_and(|group| write.before.is_off_limits(group));
        ensure!(!hands_off, "{} must not be managed", group.display_name);
        let principal = step.principals.get(&write.change.tenant);
        let others = |owners: &BTreeSet<_>| owners.iter().any(|owner| Some(owner) != principal);
        let contested = before.is_some_and(|group| write.before.is_marked(group) && others(&group.owners));
        let settled = withdrawal || write.is_about_ledger();
        ensure!(!contested || settled, "{} is owned by somebody else, and was changed", group.display_name);
    }
    match &write.change.act {
        Act::UserCreated { .. }
        | Act::UserUpdated { .. }
        | Act::UserRestored { .. }
        | Act::UserPurged { .. }
        | Act::GroupRestored { .. }
        | Act::GroupPurged { .. }
        | Act::OwnerRemoved { .. }
        | Act::RelationshipChanged { .. }
        | Act::SubscriptionChanged { .. }
        | Act::TenantChanged {} => Err(format!("{:?} is none of our acts", write.change.act)),
        _ => Ok(()),
    }
}

/// Whether every membership of a mapping ends by itself, so that it may hold a privileged role.
pub(crate) fn every_membership_ends(write: &Write<'_>, mapping: &Mapping) -> bool {
    let source = mapping.from.as_ref().and_then(|name| write.before.desired.groups.get(name));
    match source.map(|group| &group.source) {
        None => true,
        Some(Source::Listed(members)) => members.values().all(|member| member.expires.is_some()),
        Some(Source::Entra(_)) => false,
    }
}
