//! What is ours and no longer declared: groups to delete, adopted groups to release.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::group::Obstacle;
use crate::model::ids::AssignmentName;
use crate::model::subscription::SubscriptionState;
use crate::plan::because::{Because, Rule};
use crate::plan::diff::count;
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::groups::{Claim, other_owner};
use crate::plan::diff::identity::{Identities, Who};
use crate::plan::diff::members::{Cause, MemberDifference, compare, unclaimed};
use crate::plan::diff::operations::{operation, removal};
use crate::plan::diff::roster::{Roster, leaver};
use crate::plan::memory::is_settling;
use crate::plan::operation::{Action, GroupRef, Leaving, Nature, Operation, OperationId, Phase};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, Gap, Hold, HoldCode, Refusal, RefusalCode};

/// How the groups are left.
#[derive(Clone, Copy)]
pub(super) struct Leave<'b> {
    /// Why.
    pub(super) because: &'b Because,
    /// As a change, under all limits, or as access that has ended.
    pub(super) nature: Nature,
}

/// Empties and deletes a group of ours, or releases an adopted one. Role assignments are planned apart; the deletion
/// waits for them in the order of the plan. Returns whether nothing of ours will be left of it: false while something
/// about the group is unknown, or if it must not be touched.
pub(super) fn leave<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    holding: Holding<'a>,
    how: Leave<'_>,
) -> bool {
    let group = holding.group;
    let protected = sheet.inputs.desired.policy.protected.contains(&group.id);
    if let Some(words) =
        if protected { Some("protected by Policy") } else { group.obstacle.map(Obstacle::words) }
    {
        let text = format!(
            "group {} ({:?}) is no longer declared and is {words}: left alone",
            group.id, group.display_name
        );
        let code = if protected { RefusalCode::Protected } else { RefusalCode::Unmanageable };
        let hint = "remove it by hand, or declare it again".to_owned();
        sheet.refused.push(Refusal { code, operations: BTreeSet::new(), measured: 0, limit: 0, text, hint });
        return false;
    }
    let reference = GroupRef {
        id: Some(group.id),
        unique_name: if holding.adopted {
            group.id.to_string()
        } else {
            group.unique_name.clone().unwrap_or_default()
        },
        display_name: group.display_name.clone(),
    };
    let own = (how.nature == Nature::Ended).then(|| own_roster(sheet, estate, holding));
    let has_begun = sheet.inputs.memory.offboarding;
    let nobody = own.as_ref().map(|own| Roster {
        ended: own.ended.clone(),
        // Once the offboarding goes on, it takes leavers like everybody else: no limit on leavers holds what it ends.
        leavers: if has_begun { BTreeMap::new() } else { own.leavers.clone() },
        grants_only: true,
        ..Roster::default()
    });
    let MemberDifference { mut leaving, foreign, undecided, .. } =
        compare(sheet, estate, identities, holding, nobody.as_ref());
    if holding.adopted {
        // Foreign members of an adopted group stay, as they were there before us.
        leaving.remove(&Cause::Foreign);
    }
    if let Some(own) = own {
        let all = leaving.remove(&Cause::Ended).unwrap_or_default();
        let (ended, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|member| has_ended_by_itself(&own, member));
        let mut offboarded = Vec::with_capacity(others.len());
        for member in others {
            match identities.who(member.object) {
                // Named by nothing any more, and a leaver all the same: she does not wait for the offboarding's turn.
                Who::Person(person, Some(read)) if read.has_left() && !has_begun => {
                    sheet.measure.leavers.insert(*person);
                    let left = Leaving { because: leaver(read, None), ..member };
                    leaving.entry(Cause::Leaver).or_default().push(left);
                }
                _ => offboarded.push(Leaving { because: how.because.clone(), ..member }),
            }
        }
        for member in ended.iter().chain(&offboarded) {
            unclaimed(sheet, estate, member.object, &member.label);
        }
        let causes = [(Cause::Ended, ended), (Cause::Offboarded, offboarded)];
        leaving.extend(causes.into_iter().filter(|(_, members)| !members.is_empty()));
    }
    let mut operations: Vec<Operation> =
        leaving.into_iter().map(|(cause, members)| removal(&reference, cause, members)).collect();
    let emptied: BTreeSet<OperationId> = operations.iter().map(|removal| removal.id.clone()).collect();
    // While it is not known who stands in it or which roles it holds, the group stays.
    let known = undecided.is_empty()
        && holding.members.is_some()
        && roles_are_known(sheet)
        && !holds_an_unseen_role(sheet, &group.display_name);
    if known && let Some(mut last) = farewell(estate, holding, how) {
        last.needs = emptied;
        if !holding.adopted {
            spare_customers_people(sheet, holding, &last, foreign.len());
        }
        if how.nature == Nature::Change {
            contest(sheet, estate, holding, &operations, &last);
        }
        operations.push(last);
    }
    sheet.operations.extend(operations);
    known
}

/// A group that somebody else owns is not deleted, and what a ledger under another owner says is not released.
fn contest(
    sheet: &mut Sheet<'_>,
    estate: &Estate<'_>,
    holding: Holding<'_>,
    before: &[Operation],
    last: &Operation,
) {
    let proof = if holding.adopted { estate.ledger.map(|ledger| ledger.id) } else { Some(holding.group.id) };
    let Some(Claim { text, hint }) = proof.and_then(|group| other_owner(sheet, group)) else { return };
    let changes = before.iter().chain([last]).filter(|operation| !operation.nature.is_withdrawal());
    sheet.held.push(Hold {
        code: HoldCode::Contested,
        operations: changes.map(|operation| operation.id.clone()).collect(),
        measured: 0,
        limit: 0,
        text,
        hint,
    });
}

/// Who would stand in the group if the customer were not being left. Until the offboarding goes on, what could not be read of that
/// is a gap: whoever is known to have left does not wait for an offboarding that is held.
fn own_roster<'a>(sheet: &mut Sheet<'a>, estate: &Estate<'a>, holding: Holding<'a>) -> Roster<'a> {
    let key =
        estate.mapped.iter().find(|(_, mapped)| mapped.group.id == holding.group.id).map(|(key, _)| *key);
    let mapping = key.and_then(|key| sheet.inputs.customer.mappings.get(key));
    let mut own = Sheet::new(sheet.inputs);
    let roster = mapping.map(|mapping| Roster::of(&mut own, mapping)).unwrap_or_default();
    if !sheet.inputs.memory.offboarding {
        let unread = own.gaps.into_iter().filter(|gap| gap.code.is_failed_read());
        let freezes = "whether these people have left: only the offboarding takes them";
        sheet.gaps.extend(unread.map(|gap| Gap { freezes: freezes.to_owned(), ..gap }));
    }
    roster
}

/// Whether a member would go even if the customer were not being left. Nothing may hold that back, a held offboarding
/// neither.
fn has_ended_by_itself(own: &Roster<'_>, member: &Leaving) -> bool {
    let supported = |person| own.wanted.contains_key(&person) || own.undecided.contains(&person);
    member.because.rule == Rule::GrantEnded || (own.grants_only && !member.person.is_some_and(supported))
}

/// Whether every role that a group here could hold was read.
fn roles_are_known(sheet: &Sheet<'_>) -> bool {
    let observed = sheet.inputs.observed;
    let Ok(subscriptions) = &observed.subscriptions else { return false };
    let here = subscriptions.values().filter(|found| found.tenant == sheet.inputs.customer.tenant);
    here.filter(|found| !matches!(found.state, SubscriptionState::Gone(_)))
        .all(|found| matches!(observed.assignments.get(&found.id), Some(Ok(_))))
}

/// Whether a role that we gave moments ago is not shown yet: it may be this group's, and would outlive it. Which group a role
/// is for cannot be told from what is remembered, so it counts for each.
fn holds_an_unseen_role(sheet: &mut Sheet<'_>, name: &str) -> bool {
    let inputs = sheet.inputs;
    let shown: BTreeSet<AssignmentName> =
        inputs.observed.assignments.values().flatten().flatten().map(|row| row.name).collect();
    let given = inputs.memory.assignments.iter();
    let mut unseen =
        given.filter(|(name, at)| is_settling(**at, inputs.now) && !shown.contains(name)).map(|(_, at)| *at);
    let Some(at) = unseen.next() else { return false };
    let text = format!("stays until the role that was given {at} is visible and can be taken away before it");
    sheet.find(FindingCode::Settling, name, text, None);
    true
}

/// The last operation on a group: it is deleted, or only its ledger entry if it was adopted.
fn farewell(estate: &Estate<'_>, holding: Holding<'_>, how: Leave<'_>) -> Option<Operation> {
    let (id, display_name) = (holding.group.id, holding.group.display_name.clone());
    let action = if holding.adopted && !defect!(AdoptedDeleted) {
        let ledger = estate.ledger?;
        if !estate.has_entry(id) {
            return None;
        }
        Action::RemoveFromLedger { ledger: ledger.id, object: id, label: display_name }
    } else {
        Action::DeleteGroup { group: id, display_name }
    };
    Some(operation(action, Phase::Delete, how.nature, vec![how.because.clone()]))
}

/// A group of ours in which the customer put its own people is not deleted under them.
fn spare_customers_people(sheet: &mut Sheet<'_>, holding: Holding<'_>, deletion: &Operation, foreign: usize) {
    let group = holding.group;
    let rows = sheet.inputs.observed.assignments.values().filter_map(|rows| rows.as_ref().ok()).flatten();
    let tenant = sheet.inputs.customer.tenant;
    let extra: BTreeSet<&str> = rows
        .filter(|row| row.key.principal == group.id && !row.is_ours(tenant))
        .map(|row| row.id.as_str())
        .collect();
    if foreign == 0 && extra.is_empty() {
        return;
    }
    sheet.held.push(Hold {
        code: HoldCode::Contested,
        operations: BTreeSet::from([deletion.id.clone()]),
        measured: foreign + extra.len(),
        limit: 0,
        text: format!(
            "the customer uses group {} ({:?}): {} who are not staff, {} that we did not give",
            group.id,
            group.display_name,
            count(foreign, "member"),
            count(extra.len(), "role")
        ),
        hint: "ask the customer to move its people to a group of its own".to_owned(),
    });
}
