//! The journal against the world: every write that the world took from us was announced before, everything that the journal
//! calls done was done, and nothing begins where it cannot be relied on.

use std::collections::BTreeMap;

use groupsync::journal::event::{Did, Event, Intent};
use groupsync::journal::record::{Record, Writer};
use groupsync::journal::target::Target;
use groupsync::model::ids::ObjectId;
use groupsync::plan::operation::GroupRef;
use groupsync::simulator::history::{Act, Actor};
use uuid::Uuid;

use super::books::Condition;
use super::step::{Step, Write};
use super::verdict::ensure;

/// Nothing but what ends access is written as long as the journal is not what it was.
pub(crate) fn no_change_begins_without_a_journal(step: &Step, write: &Write<'_>) -> Result<(), String> {
    let both = step.second.is_some() || step.journal != Condition::Broken;
    ensure!(both || write.is_withdrawal(), "{:?} although the journal is broken", write.change.act);
    Ok(())
}

/// Section 6 and invariant 6. Nothing is done without an owner, and nothing is called done that was not.
pub(crate) fn records_tell_what_happened(step: &Step) -> Result<(), String> {
    if step.journal == Condition::None {
        return Ok(());
    }
    let intents: BTreeMap<(Writer, u64), (&Record, &Intent)> = step
        .records
        .iter()
        .filter_map(|record| match record.event() {
            Event::Intent(intent) => Some(((record.writer, intent.id), (record, &**intent))),
            _ => None,
        })
        .collect();
    for change in step.history.iter().filter(|change| change.actor == Actor::Application) {
        let announced = intents.values().any(|(record, intent)| {
            record.body.at <= change.at.max(step.shown(change.at))
                && intent.tenant.uuid() == change.tenant
                && is_about(&intent.target, &change.act)
        });
        ensure!(announced, "no record announces {change:?}");
    }
    let mut ended = Vec::new();
    for record in &step.records {
        let Event::Ended(end) = record.event() else { continue };
        ended.push((record.writer, end.intent));
        let Some((_, intent)) = intents.get(&(record.writer, end.intent)) else {
            return Err(format!("{} has an outcome, and no record announces it", end.operation));
        };
        if step.struck.liars {
            continue;
        }
        for effect in end.effects.iter().filter(|effect| effect.did == Did::Done) {
            let object = effect.object.uuid();
            let happened = step.history.iter().any(|change| {
                change.tenant == intent.tenant.uuid() && did(&intent.target, &change.act, object)
            });
            let said = &end.operation;
            ensure!(
                happened || was_so(step, intent, object),
                "{said} is called done for {object}, and the world knows nothing of it"
            );
        }
    }
    if step.lived {
        let open = intents.iter().find(|(key, _)| !ended.contains(key));
        ensure!(open.is_none(), "nothing says what became of {:?}", open.map(|(_, (_, i))| &i.operation));
    }
    Ok(())
}

/// Whether it was so already: the same name once more is no change that a history would show, and what an earlier pass did
/// and replicas did not show yet cannot be told from what this one did.
fn was_so(step: &Step, intent: &Intent, object: Uuid) -> bool {
    let Some(before) = step.beginning().tenant(intent.tenant.uuid()) else { return false };
    let group = |id: Uuid| before.groups.iter().find(|group| group.id == id);
    let stands_in = |id: Uuid| group(id).is_some_and(|group| group.members.contains(&object));
    match &intent.target {
        Target::UpdateGroup { group: id, display_name } => {
            group(id.uuid()).is_some_and(|group| group.display_name == *display_name)
        }
        Target::CreateGroup { .. } => step.is_stale() && group(object).is_some(),
        Target::AddMembers { group, .. } | Target::AddToLedger { ledger: group, .. } => {
            let stood = |group: Uuid| stands_in(group) && !is_removed(step, group, object);
            step.is_stale() && group.id.is_some_and(|group| stood(group.uuid()))
        }
        Target::RemoveMembers { group, .. } => {
            step.is_stale() && group.id.is_some_and(|group| !stands_in(group.uuid()))
        }
        Target::RemoveFromLedger { ledger, .. } => step.is_stale() && !stands_in(ledger.uuid()),
        Target::DeleteGroup { .. } => step.is_stale() && group(object).is_none(),
        Target::DeleteGuest { .. } => step.is_stale() && before.users.iter().all(|user| user.id != object),
        _ => false,
    }
}

/// Whether somebody took that object out of that group during the step.
fn is_removed(step: &Step, from: Uuid, object: Uuid) -> bool {
    step.history.iter().any(|change| match change.act {
        Act::MemberRemoved { group, member } => group == from && member == object,
        _ => false,
    })
}

/// Whether a write to that object is what an intent with this target is for.
fn did(target: &Target, act: &Act, object: Uuid) -> bool {
    let is_object = match act {
        Act::GroupCreated { group, .. } | Act::GroupUpdated { group } | Act::GroupDeleted { group } => *group,
        Act::MemberAdded { member, .. } | Act::MemberRemoved { member, .. } => *member,
        Act::GuestInvited { user, .. } | Act::GuestInvitedAgain { user, .. } | Act::UserDeleted { user } => {
            *user
        }
        Act::AssignmentCreated { principal, .. }
        | Act::AssignmentUpdated { principal, .. }
        | Act::AssignmentDeleted { principal, .. } => *principal,
        _ => return false,
    };
    is_object == object && is_about(target, act)
}

/// Whether an intent with this target announces that write.
fn is_about(target: &Target, act: &Act) -> bool {
    let is = |known: &GroupRef, group: Uuid| known.id.is_none_or(|id| id.uuid() == group);
    match (target, act) {
        (
            Target::InviteGuest { address, .. },
            Act::GuestInvited { address: to, .. }
            | Act::GuestInvitedAgain { address: to, .. }
            | Act::InvitationMailed { address: to, .. },
        ) => address.as_str() == to,
        (Target::CreateGroup { display_name, .. }, Act::GroupCreated { display_name: shown, .. }) => {
            display_name == shown
        }
        (Target::CreateGroup { .. }, Act::OwnerAdded { .. } | Act::GroupUpdated { .. }) => true,
        (Target::UpdateGroup { group, .. }, Act::GroupUpdated { group: of })
        | (Target::DeleteGroup { group, .. }, Act::GroupDeleted { group: of }) => group.uuid() == *of,
        (Target::AddToLedger { ledger, object, .. }, Act::MemberAdded { group, member }) => {
            is(ledger, *group) && object.is_none_or(|object| object.uuid() == *member)
        }
        (Target::AddMembers { group, members }, Act::MemberAdded { group: of, member }) => {
            let names = |known: Option<Uuid>| known.is_none_or(|known| known == *member);
            is(group, *of) && members.iter().any(|joins| names(joins.guest.map(ObjectId::uuid)))
        }
        (Target::RemoveMembers { group, members }, Act::MemberRemoved { group: of, member }) => {
            is(group, *of) && members.iter().any(|leaves| leaves.object.uuid() == *member)
        }
        (Target::RemoveFromLedger { ledger, object }, Act::MemberRemoved { group, member }) => {
            ledger.uuid() == *group && object.uuid() == *member
        }
        (
            Target::CreateRoleAssignment { role, group, .. },
            Act::AssignmentCreated { role: given, principal, .. }
            | Act::AssignmentUpdated { role: given, principal, .. },
        ) => role.uuid() == *given && is(group, *principal),
        (Target::DeleteRoleAssignment { name, .. }, Act::AssignmentDeleted { name: of, .. }) => {
            name.uuid() == *of
        }
        (Target::DeleteGuest { guest, .. }, Act::UserDeleted { user }) => guest.uuid() == *user,
        _ => false,
    }
}
