//! What is ours and no longer declared: groups to delete, adopted groups to release.

use std::collections::BTreeSet;

use crate::model::group::Obstacle;
use crate::plan::because::Because;
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::identity::Identities;
use crate::plan::diff::members::{Cause, MemberDifference, compare, unclaimed};
use crate::plan::diff::operations::{operation, removal};
use crate::plan::diff::roster::Roster;
use crate::plan::operation::{Action, GroupRef, Nature, Operation, OperationId, Phase};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{Hold, HoldCode, Refusal, RefusalCode};

/// How the groups are left.
#[derive(Clone, Copy)]
pub(super) struct Leave<'b> {
    /// Why.
    pub(super) because: &'b Because,
    /// As a change, under all limits, or as access that has ended.
    pub(super) nature: Nature,
}

/// Empties and deletes a group of ours, or releases an adopted one. Role assignments are planned apart; the deletion
/// waits for them in the order of the plan.
pub(super) fn leave<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    holding: Holding<'a>,
    how: Leave<'_>,
) {
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
        return;
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
    let ending = Roster { grants_only: true, ..Roster::default() };
    let roster = (how.nature == Nature::Ended).then_some(&ending);
    let MemberDifference { mut leaving, foreign, undecided, .. } =
        compare(sheet, estate, identities, holding, roster);
    if how.nature == Nature::Ended {
        for member in leaving.get_mut(&Cause::Ended).into_iter().flatten() {
            member.because = how.because.clone();
            unclaimed(sheet, estate, member.object, &member.label);
        }
    }
    let mut operations: Vec<Operation> =
        leaving.into_iter().map(|(cause, members)| removal(&reference, cause, members)).collect();
    let emptied: BTreeSet<OperationId> = operations.iter().map(|removal| removal.id.clone()).collect();
    // While it is not known who stands in it, the group stays.
    if undecided.is_empty()
        && let Some(mut last) = farewell(estate, holding, how)
    {
        last.needs = emptied;
        if !holding.adopted {
            spare_customers_people(sheet, holding, &last, foreign.len());
        }
        operations.push(last);
    }
    sheet.operations.extend(operations);
}

/// The last operation on a group: it is deleted, or only its ledger entry if it was adopted.
fn farewell(estate: &Estate<'_>, holding: Holding<'_>, how: Leave<'_>) -> Option<Operation> {
    let (id, display_name) = (holding.group.id, holding.group.display_name.clone());
    holding.members?;
    let action = if holding.adopted {
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
            "the customer uses group {} ({:?}): {foreign} members that are not staff, {} roles that we did not give",
            group.id,
            group.display_name,
            extra.len()
        ),
        hint: "ask the customer to move its people to a group of its own".to_owned(),
    });
}
