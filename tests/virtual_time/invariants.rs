//! What must always hold, each as a function of one step, judged by the simulator's true world and its record of every
//! write. Each says which one-line change was made to see it fail.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::desired::state::{ForeignMembers, State};
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::{ObjectId, PersonId, RoleId, TenantId};
use groupsync::model::scope::Scope;
use groupsync::plan::outcome::Status;
use groupsync::plan::verdict::HoldCode;
use groupsync::simulator::history::Act;

use super::quiet;
use super::step::{Step, Write, count, withdraws};
use super::truth::memberships;

/// All invariants that can be judged from one step.
pub(crate) fn hold(step: &Step) {
    nobody_wanted_loses_anything(step);
    only_what_is_ours_is_removed(step);
    limits_hold_whole_plans(step);
    those_who_left_are_out(step);
    one_customer_is_one_failure_domain(step);
    writes_come_in_order(step);
    no_delegated_admin_comes_in(step);
    our_own_branch_stays(step);
    silence_is_not_success(step);
    nothing_private_is_said(step);
}

/// Invariant 1. A gap is never emptiness: whatever could not be read, nobody who is truly wanted is taken out of a group, and no
/// declared group, role or guest in use goes.
fn nobody_wanted_loses_anything(step: &Step) {
    step.each_write(|write| {
        let Some(customer) = write.customer else { return };
        let tenant = write.change.tenant;
        // What was wanted at the beginning and still is: time may have ended something in between.
        let wanted = |mapping| -> BTreeSet<_> {
            let then = write.before.wanted(customer, mapping);
            write.at.wanted(customer, mapping).intersection(&then).copied().collect()
        };
        match &write.change.act {
            Act::MemberRemoved { .. } => {
                let Some((group, _, Some(person))) = write.removal() else { return };
                let Some(mapping) = write.before.mapping(customer, group) else { return };
                assert!(
                    !wanted(mapping).contains(&person),
                    "{person} was taken out of {}",
                    group.display_name
                );
            }
            Act::GroupDeleted { group } => {
                let group = write.group().unwrap_or_else(|| panic!("{group} was deleted unseen"));
                let declared = write.before.mapping(customer, group).is_some();
                assert!(!declared || write.at.is_offboarding(customer), "{} was deleted", group.display_name);
            }
            Act::AssignmentDeleted { scope, principal, role, .. } => {
                let groups = &write.before.tenant(tenant).expect("a write has a tenant").groups;
                let Some(group) = groups.iter().find(|g| g.id == *principal) else { return };
                let Some(mapping) = write.before.mapping(customer, group) else { return };
                let declared = mapping
                    .roles
                    .iter()
                    .any(|r| r.role.id.uuid() == *role && r.scope == Scope::canonical(scope));
                assert!(!declared || write.at.is_offboarding(customer), "a declared role was taken away");
            }
            Act::UserDeleted { user } => {
                let Some(person) = write.before.person(tenant, *user) else { return };
                let wanted = customer.mappings.values().any(|m| wanted(m).contains(&person));
                assert!(!wanted, "the guest of {person} was deleted");
            }
            _ => {}
        }
    });
}

/// Invariant 2. Only what is ours is removed: members that are staff out of groups that are ours, groups with our mark, assignments
/// whose name proves them ours, guests that stand in the ledger.
fn only_what_is_ours_is_removed(step: &Step) {
    step.each_write(|write| {
        let tenant = write.change.tenant;
        match &write.change.act {
            Act::MemberRemoved { member, .. } => {
                let group = write.group().expect("a member is removed from a group that exists");
                assert!(write.before.is_ours(tenant, group), "{} is not ours", group.display_name);
                let foreign = !write.before.is_staff(tenant, *member)
                    && write.before.ledger(tenant).is_none_or(|l| l.id != group.id);
                let removes =
                    write.customer.is_some_and(|c| c.drift.foreign_members == ForeignMembers::Remove);
                assert!(!foreign || removes, "a foreign member of {} was removed", group.display_name);
            }
            Act::GroupDeleted { .. } => {
                let group = write.group().expect("a deleted group existed");
                assert!(write.before.is_marked(group), "{} does not carry our mark", group.display_name);
            }
            Act::AssignmentDeleted { name, scope, principal, role, .. } => {
                let key = AssignmentKey {
                    scope: Scope::canonical(scope),
                    principal: ObjectId::new(*principal),
                    role: RoleId::new(*role),
                };
                assert_eq!(
                    key.name(TenantId::new(tenant)).uuid(),
                    *name,
                    "the assignment was not made by us"
                );
            }
            Act::UserDeleted { user } => {
                let ledger = write.before.ledger(tenant);
                assert!(
                    ledger.is_some_and(|l| l.members.contains(user)),
                    "a guest outside the ledger was deleted"
                );
            }
            _ => {}
        }
    });
}

/// Invariant 3. The guard sees the whole plan before the first write: where a limit of the customer or the fleet is exceeded, not
/// one of its changes is carried out.
fn limits_hold_whole_plans(step: &Step) {
    let limits = &step.desired.policy.limits;
    let is_removal = |w: &Write<'_>| {
        let ledger = w.before.ledger(w.change.tenant).map(|l| l.id);
        matches!(w.removal(), Some((group, ..)) if Some(group.id) != ledger) && !w.is_withdrawal()
    };
    let removed = count(step, is_removal);
    let mut fleet = (0, 0);
    for customer in step.desired.customers.values() {
        let tenant = customer.tenant.uuid();
        let managed: usize = memberships(step.beginning(), tenant).values().map(BTreeSet::len).sum();
        let count = removed.get(&tenant).copied().unwrap_or_default();
        fleet = (fleet.0 + count, fleet.1 + managed);
        let allowed = limits.customer.members.allowed(managed);
        assert!(count <= allowed, "{count} members removed at {}, {allowed} allowed", customer.name);
    }
    let allowed = limits.fleet.members.allowed(fleet.1);
    assert!(fleet.0 <= allowed, "{} members removed everywhere, {allowed} allowed", fleet.0);
    let changed = count(step, |w| !w.is_withdrawal());
    for plan in step.plan.iter().flat_map(|p| &p.customers) {
        let whole = |code| {
            use HoldCode as H;
            matches!(
                code,
                H::GroupMembers
                    | H::CustomerMembers
                    | H::CustomerAssignments
                    | H::CustomerGuests
                    | H::CustomerGroups
            )
        };
        if plan.held.iter().any(|h| whole(h.code)) {
            let written = changed.get(&plan.tenant.uuid()).copied().unwrap_or_default();
            assert_eq!(written, 0, "{} is held, and changes were written", plan.name);
        }
    }
}

/// Invariant 4. Nothing protects those who left: after a pass that nothing disturbed, no leaver and nobody whose access had ended
/// when it began stands in a group of ours.
fn those_who_left_are_out(step: &Step) {
    if !step.is_whole() || step.struck.partner {
        return;
    }
    let (beginning, end) = (step.beginning(), step.end());
    for customer in step.desired.customers.values().filter(|c| withdraws(c.state)) {
        if !step.is_undisturbed(customer.name.as_str()) {
            continue;
        }
        let plan = step.plan_of(&customer.name).expect("a whole pass has a plan");
        let paged = plan.held.iter().any(|h| h.code == HoldCode::FleetLeavers);
        let tenant = customer.tenant.uuid();
        for group in end.tenant(tenant).map(|t| t.groups.as_slice()).unwrap_or_default() {
            let Some(mapping) = end.mapping(customer, group) else { continue };
            for person in group.members.iter().filter_map(|m| end.person(tenant, *m)) {
                assert!(
                    paged || !beginning.has_left(person),
                    "{person} has left and is in {}",
                    group.display_name
                );
                let ended = beginning.has_ended(customer, mapping, person)
                    && end.has_ended(customer, mapping, person);
                assert!(!ended, "the access of {person} to {} has ended", group.display_name);
            }
        }
    }
}

/// Invariant 8. One customer is one failure domain: where only others were struck, everything that was planned is done.
fn one_customer_is_one_failure_domain(step: &Step) {
    let (Some(plan), Some(outcomes)) = (&step.plan, &step.outcomes) else { return };
    let names = |names: Vec<_>| names.into_iter().collect::<BTreeSet<_>>();
    let planned = names(plan.customers.iter().map(|c| c.name.clone()).collect());
    assert_eq!(planned, names(step.desired.customers.keys().cloned().collect()), "every customer has a plan");
    for outcome in outcomes.iter().filter(|o| step.is_undisturbed(o.name.as_str())) {
        let plan = step.plan_of(&outcome.name).expect("an outcome has a plan");
        assert_eq!(outcome.outcomes.len(), plan.runnable().count(), "every operation has an outcome");
        for outcome in &outcome.outcomes {
            assert!(
                outcome.status != Status::Failed,
                "{} failed for no reason: {:?}",
                outcome.operation,
                outcome.text
            );
        }
    }
}

/// Invariant 9. Order: withdrawals, then what comes in, then roles, then what goes, then deletions, each after all that refers to
/// it.
fn writes_come_in_order(step: &Step) {
    let mut reached = BTreeMap::new();
    step.each_write(|write| {
        let tenant = write.change.tenant;
        let ledger = write.before.ledger(tenant).map(|l| l.id);
        match &write.change.act {
            Act::GroupDeleted { group } => {
                let id = *group;
                let group = write.group().expect("a deleted group existed");
                let tenant = write.before.tenant(tenant).expect("a write has a tenant");
                let held =
                    tenant.subscriptions.iter().flat_map(|s| &s.assignments).any(|a| a.principal_id == id);
                assert!(!held, "{} was deleted while it held a role", group.display_name);
                let others = tenant.groups.iter().any(|g| g.id != id && write.before.is_marked(g));
                assert!(ledger != Some(id) || !others, "the ledger was deleted before other groups of ours");
            }
            Act::UserDeleted { user } => {
                let groups = &write.before.tenant(tenant).expect("a write has a tenant").groups;
                let inside = groups.iter().any(|g| Some(g.id) != ledger && g.members.contains(user));
                assert!(!inside, "a guest was deleted while she stood in a group");
            }
            _ => {}
        }
        let rank = match &write.change.act {
            _ if write.customer.is_some_and(|c| write.at.is_offboarding(c)) => return,
            Act::MemberRemoved { group, .. } if Some(*group) == ledger => 5,
            Act::MemberRemoved { .. } if write.is_withdrawal() => 0,
            Act::GuestInvited { .. } | Act::GroupCreated { .. } | Act::MemberAdded { .. } => 1,
            Act::AssignmentCreated { .. } => 2,
            Act::MemberRemoved { .. } | Act::AssignmentDeleted { .. } => 3,
            Act::GroupDeleted { .. } | Act::UserDeleted { .. } => 5,
            _ => return,
        };
        let reached = reached.entry(tenant).or_insert(rank);
        assert!(*reached <= rank, "{:?} came after something of phase {reached}", write.change.act);
        *reached = rank;
    });
}

/// Invariant 10. Never a delegated admin as guest; and if it cannot be told who is one, nobody comes in.
fn no_delegated_admin_comes_in(step: &Step) {
    step.each_write(|write| {
        let tenant = write.change.tenant;
        let person = match &write.change.act {
            Act::GuestInvited { address, .. } | Act::GuestInvitedAgain { address, .. } => {
                let partner = &step.before.partner.users;
                partner.iter().find(|u| u.mail.as_ref() == Some(address)).map(|u| u.id)
            }
            Act::MemberAdded { group, member } => {
                if write.before.ledger(tenant).is_some_and(|l| l.id == *group) {
                    return;
                }
                write.before.person(tenant, *member).map(PersonId::uuid)
            }
            _ => return,
        };
        let person = person.expect("only people of the partner come in");
        let person = PersonId::new(person);
        assert!(!write.before.is_delegated_admin(person), "{person} is a delegated admin");
        assert!(!write.before.has_left(person), "{person} has left");
        assert!(!step.struck.admins, "{person} came in although the delegated admins could not be read");
    });
}

/// Invariant 11. Our own branch stays, and what isn't made by us: nothing is written in the partner tenant, at customers in
/// `observe`, or to groups that must not be managed.
fn our_own_branch_stays(step: &Step) {
    step.each_write(|write| {
        assert_ne!(write.change.tenant, step.before.partner.tenant_id, "the partner tenant was written to");
        let customer = write.customer.expect("only customers of the files are written to");
        assert!(withdraws(customer.state), "{} is in {:?} and was written to", customer.name, customer.state);
        assert!(customer.state != State::Suspend || write.is_withdrawal(), "{} is suspended", customer.name);
        if let Some(group) = write.group() {
            let hands_off =
                group.is_dynamic() || group.mail_enabled || group.is_assignable_to_role == Some(true);
            assert!(!hands_off, "{} must not be managed", group.display_name);
        }
    });
    for (before, after) in step.before.customers.iter().zip(&step.after.customers) {
        for (before, after) in before.subscriptions.iter().zip(&after.subscriptions) {
            for row in before.assignments.iter().filter(|row| row.principal_type != "Group") {
                assert!(after.assignments.contains(row), "the row of {} is gone", row.principal_id);
            }
        }
    }
}

/// Invariant 12. Silence never looks like success: where a plan has no gap, no hold, no refusal, and everything planned is done,
/// things truly are as the files say.
fn silence_is_not_success(step: &Step) {
    for customer in step.desired.customers.values() {
        if customer.state == State::Enforce && step.went_well(&customer.name) {
            quiet::is_converged(step, customer.name.as_str());
        }
    }
}

/// Invariant 13. Secrets and people stay private: no secret, token or redeem link in anything that is handed on.
fn nothing_private_is_said(step: &Step) {
    let said = format!("{:?}{:?}", step.plan, step.outcomes);
    let secret = &step.before.client.secret;
    for private in [secret.as_str(), "redeem?", "eyJ", "Bearer"] {
        assert!(!said.contains(private), "`{private}` was said");
    }
}
