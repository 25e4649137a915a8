//! What may be given: judged write by write, by what the files and the partner's tenant truly ask for.

use std::collections::BTreeMap;

use groupsync::model::ids::PersonId;
use groupsync::model::ownership::Mark;
use groupsync::model::role::Tier;
use groupsync::model::scope::Scope;
use groupsync::simulator::history::Act;
use uuid::Uuid;

use super::step::{Step, Write};
use super::taken::every_membership_ends;
use super::verdict::ensure;

/// Invariants 1 and 2, the other way round: every membership, guest, group and role that we make was asked for.
pub(crate) fn only_what_was_asked_for_is_given(step: &Step, write: &Write<'_>) -> Result<(), String> {
    let Some(customer) = write.customer else { return Ok(()) };
    let tenant = write.change.tenant;
    let is_wanted = |person: PersonId| {
        let mut mappings = customer.mappings.values();
        mappings.any(|m| {
            write.before.wanted(customer, m).contains(&person)
                || write.at.wanted(customer, m).contains(&person)
        })
    };
    // What one of two controllers made and the other deleted, or one before a commit and after it, is not known well enough to
    // be judged.
    let two = step.second.is_some() || step.earlier.is_some();
    let is_gone = |group: Uuid| two && step.end().group(tenant, group).is_none();
    match &write.change.act {
        Act::MemberAdded { group, .. } if is_gone(*group) => {}
        Act::AssignmentCreated { principal, .. } | Act::AssignmentUpdated { principal, .. }
            if is_gone(*principal) => {}
        Act::MemberAdded { member, .. } if write.is_about_ledger() => {
            let adopted = customer.mappings.values().any(|m| m.adopt.is_some_and(|id| id.uuid() == *member));
            let person = write.before.person(tenant, *member);
            ensure!(adopted || person.is_some(), "{member} was written into the ledger");
        }
        Act::MemberAdded { group, member } => {
            let Some(group) = write.group() else { return Err(format!("{group} is an unknown group")) };
            ensure!(write.before.is_ours(tenant, group), "{member} came into {}", group.display_name);
            let Some(mapping) = write.before.mapping(customer, group) else {
                return Err(format!("{member} came into {}, which no file declares", group.display_name));
            };
            let Some(person) = write.before.person(tenant, *member) else {
                return Err(format!("{member}, who is nobody of the partner's, came into {}", mapping.key));
            };
            let wanted = write.before.wanted(customer, mapping).contains(&person)
                || write.at.wanted(customer, mapping).contains(&person);
            ensure!(wanted, "nobody asked for {person} in {}", mapping.key);
        }
        Act::GuestInvited { address, .. } | Act::GuestInvitedAgain { address, .. } => {
            let person = person_at(step, address).ok_or_else(|| format!("{address} was invited"))?;
            ensure!(is_wanted(person), "nobody asked for {address} at {}", customer.name);
        }
        Act::GroupCreated { group, .. } => {
            let mark = Mark::of(write.before.desired.partner.tenant);
            let Some(made) = step.end().group(tenant, *group) else { return Ok(()) };
            let declared = write.before.mapping(customer, made).is_some();
            let named = declared || made.unique_name == Some(mark.ledger());
            ensure!(named && !write.at.is_offboarding(customer), "{} was made", made.display_name);
        }
        Act::AssignmentCreated { scope, principal, role, name, subscription }
        | Act::AssignmentUpdated { scope, principal, role, name, subscription } => {
            let there = write.before.tenant(tenant).into_iter().flat_map(|t| &t.subscriptions);
            let mut there = there.filter(|s| s.id == *subscription).flat_map(|s| &s.assignments);
            let narrowed = there.any(|row| row.name == *name && row.condition.is_some());
            ensure!(!narrowed, "a row with somebody else's condition was written over");
            let group = write.before.group(tenant, *principal);
            let mapping = group.and_then(|group| write.before.mapping(customer, group));
            let Some(mapping) = mapping else { return Err(format!("{principal} was given a role")) };
            let at = Scope::canonical(scope);
            let declared = mapping.roles.iter().find(|r| r.role.id.uuid() == *role && r.scope == at);
            let Some(declared) = declared else { return Err(format!("{} got role {role}", mapping.key)) };
            let privileged = declared.role.tier == Tier::Privileged;
            let ends = every_membership_ends(write, mapping);
            ensure!(!privileged || ends, "{} got {} for good", mapping.key, declared.role.name);
            ensure!(!write.at.is_offboarding(customer), "{} got a role while it is left", mapping.key);
        }
        _ => {}
    }
    Ok(())
}

/// The person of the partner with that address.
fn person_at(step: &Step, address: &str) -> Option<PersonId> {
    let mut partner = step.before.partner.users.iter();
    partner.find(|u| u.mail.as_deref() == Some(address)).map(|u| PersonId::new(u.id))
}

/// Invariant 10. Never a delegated admin as guest; and if it cannot be told who is one, nobody comes in.
pub(crate) fn no_delegated_admin_comes_in(step: &Step, write: &Write<'_>) -> Result<(), String> {
    let tenant = write.change.tenant;
    let person = match &write.change.act {
        Act::GuestInvited { address, .. } | Act::GuestInvitedAgain { address, .. } => {
            person_at(step, address)
        }
        Act::MemberAdded { member, .. } if !write.is_about_ledger() => write.before.person(tenant, *member),
        _ => return Ok(()),
    };
    let Some(person) = person else { return Ok(()) };
    ensure!(!write.before.is_delegated_admin(tenant, person), "{person} is a delegated admin");
    ensure!(!write.before.has_left(person), "{person} has left");
    // Another fault of the partner's may strike first, and let a list through.
    let unread = step.struck.members && !step.struck.partner;
    ensure!(!unread, "{person} came in although the delegated admins could not be read");
    Ok(())
}

/// Section 6. A guest that this pass invited stands in the ledger before she enters any other group, and nobody is invited
/// twice by one process that could know it.
#[derive(Default)]
pub(crate) struct Guests {
    invited: BTreeMap<(Uuid, String), Uuid>,
}

impl Guests {
    pub(crate) fn judge(&mut self, step: &Step, write: &Write<'_>) -> Result<(), String> {
        if !step.is_one_pass() {
            // Each of two controllers looks before it invites; neither knows of the other.
            return Ok(());
        }
        let tenant = write.change.tenant;
        match &write.change.act {
            Act::GuestInvited { user, address } | Act::GuestInvitedAgain { user, address } => {
                let before = self.invited.insert((tenant, address.clone()), *user);
                // After a lost answer comes a look, which shows nothing where replicas lag; then the service gives the same
                // guest again.
                let unseen = before == Some(*user) && step.lags;
                ensure!(before.is_none() || unseen, "{address} was invited twice in one pass");
            }
            Act::MemberAdded { member, .. } if !write.is_about_ledger() => {
                let invited = self.invited.iter().any(|((at, _), user)| *at == tenant && user == member);
                let recorded = write.before.ledger(tenant).is_some_and(|l| l.members.contains(member));
                // A service that calls an entry written which is not there is found out by the look that follows.
                ensure!(
                    !invited || recorded || step.struck.liars,
                    "{member} entered a group before the ledger"
                );
            }
            _ => {}
        }
        Ok(())
    }
}

/// Invariant 9. Order: withdrawals, then what comes in, then roles, then what goes, then deletions.
#[derive(Default)]
pub(crate) struct Order {
    reached: BTreeMap<Uuid, u8>,
}

impl Order {
    pub(crate) fn judge(&mut self, step: &Step, write: &Write<'_>) -> Result<(), String> {
        // What a service only said it did is done when a look shows that it was not, after what came next.
        let is_repeated = step.struck.liars;
        let leaves = write.customer.is_some_and(|c| write.at.is_offboarding(c));
        if !step.is_one_pass() || leaves || is_repeated {
            return Ok(());
        }
        let rank = match &write.change.act {
            Act::MemberRemoved { .. } if write.is_about_ledger() => 5,
            Act::MemberRemoved { .. } if write.is_withdrawal() => 0,
            Act::GuestInvited { .. } | Act::GroupCreated { .. } | Act::MemberAdded { .. } => 1,
            // A row written over by itself gives nothing: a look came too early to see it, and it was asked for again.
            Act::AssignmentCreated { .. } => 2,
            Act::MemberRemoved { .. } | Act::AssignmentDeleted { .. } => 3,
            Act::GroupDeleted { .. } | Act::UserDeleted { .. } => 5,
            _ => return Ok(()),
        };
        let reached = self.reached.entry(write.change.tenant).or_insert(rank);
        ensure!(*reached <= rank, "{:?} came after something of phase {reached}", write.change.act);
        *reached = rank;
        Ok(())
    }
}
