//! The members of one group: who gets in, who gets out, and why.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::state::{ForeignMembers, StrayStaff};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::member::Member;
use crate::model::person::Person;
use crate::plan::because::{Because, Rule};
use crate::plan::diff::admission::delegated_admin;
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::groups::not_declared;
use crate::plan::diff::identity::{Identities, Who};
use crate::plan::diff::operations::reason;
use crate::plan::diff::roster::{Roster, leaver};
use crate::plan::operation::Leaving;
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, Refusal, RefusalCode};

/// Why a member goes. Each cause becomes an operation of its own, because each meets other limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// Her partner account is disabled or deleted.
    Leaver,
    /// Her access has ended by itself.
    Ended,
    /// The customer is being left, and her access with it.
    Offboarded,
    /// She is alive, not in this group any more, and gets into another one here.
    Moved,
    /// She is alive and not in the group any more.
    Left,
    /// Staff whom nobody declared and we did not invite.
    Stray,
    /// Not staff, and the policy removes such members.
    Foreign,
}

/// What follows for one group from its members and its roster.
#[derive(Default)]
pub(super) struct MemberDifference {
    /// Everybody wanted who stands in it.
    pub(super) present: BTreeSet<PersonId>,
    /// Who goes, by cause.
    pub(super) leaving: BTreeMap<Cause, Vec<Leaving>>,
    /// Members that are not staff and stay.
    pub(super) foreign: BTreeSet<ObjectId>,
    /// Members of whom nothing can be said, or not yet.
    pub(super) undecided: BTreeSet<ObjectId>,
}

/// Compares the members of a group with the roster of its mapping; with no roster, nobody is wanted.
pub(super) fn compare<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    holding: Holding<'a>,
    roster: Option<&Roster<'_>>,
) -> MemberDifference {
    let mut difference = MemberDifference::default();
    for (id, member) in holding.members.into_iter().flatten() {
        match member {
            Member::User(user) => {
                let label = user.label();
                let who = identities.who(*id).clone();
                let cause = match &who {
                    Who::Unread if roster.is_some_and(|roster| roster.grants_only) => {
                        judge(sheet, roster, None, None, estate.has_entry(*id), None)
                    }
                    Who::Undecided | Who::Unread => {
                        difference.undecided.insert(*id);
                        continue;
                    }
                    Who::Foreign => {
                        foreign(sheet, holding, &mut difference, *id, &label);
                        continue;
                    }
                    Who::Person(person, read) => {
                        sheet.measure.people.insert(*person);
                        inside(sheet, *person, &label);
                        if roster.is_some_and(|roster| roster.wanted.contains_key(person)) {
                            difference.present.insert(*person);
                            unclaimed(sheet, estate, *id, &label);
                            sheet.measure.members += 1;
                            continue;
                        }
                        judge(sheet, roster, Some(*person), *read, estate.has_entry(*id), None)
                    }
                    Who::Staff(stray) => judge(sheet, roster, None, None, estate.has_entry(*id), *stray),
                };
                sheet.measure.members += 1;
                let Some((cause, because)) = cause else { continue };
                let person = if let Who::Person(person, _) = who { Some(person) } else { None };
                if let (Cause::Leaver, Some(person)) = (cause, person) {
                    sheet.measure.leavers.insert(person);
                }
                leave(
                    sheet,
                    &mut difference,
                    cause,
                    Leaving { object: *id, person, label: label.into(), because },
                );
            }
            Member::Group(_) => foreign(sheet, holding, &mut difference, *id, "a nested group"),
            Member::Other { kind, .. } => {
                difference.foreign.insert(*id);
                let text = format!("{kind} {id} is a member of {}", holding.group.display_name);
                sheet.find(FindingCode::ForeignMember, id.to_string(), text, None);
            }
        }
    }
    difference
}

/// Whether and why a member of staff who is not wanted goes.
fn judge(
    sheet: &Sheet<'_>,
    roster: Option<&Roster<'_>>,
    person: Option<PersonId>,
    read: Option<&Person>,
    in_ledger: bool,
    stray: Option<&str>,
) -> Option<(Cause, Because)> {
    let Some(roster) = roster else {
        if let Some(person) = read.filter(|person| person.has_left()) {
            return Some((Cause::Leaver, leaver(person, None)));
        }
        return Some((Cause::Left, not_declared("this group")));
    };
    if let Some(person) = person {
        if roster.undecided.contains(&person) {
            return None;
        }
        // What has ended by itself waits for no limit on leavers.
        if let Some(because) = roster.ended.get(&person) {
            return Some((Cause::Ended, because.clone()));
        }
        if let Some(because) = roster.leavers.get(&person) {
            return Some((Cause::Leaver, because.clone()));
        }
    }
    if let Some(read) = read.filter(|read| read.has_left() && !roster.grants_only) {
        return Some((Cause::Leaver, leaver(read, None)));
    }
    if roster.grants_only {
        return Some((Cause::Ended, reason(Rule::NotDeclared, "no running grant supports it")));
    }
    if roster.frozen {
        return None;
    }
    if in_ledger && person.is_some() {
        return Some((Cause::Left, reason(Rule::LeftGroup, roster.left.clone())));
    }
    let cause =
        if sheet.inputs.customer.drift.stray_staff == StrayStaff::Hold { Cause::Stray } else { Cause::Left };
    Some((cause, reason(Rule::Drift, stray.unwrap_or("staff whom nobody declared here"))))
}

fn leave(sheet: &mut Sheet<'_>, difference: &mut MemberDifference, cause: Cause, leaving: Leaving) {
    if !sheet.inputs.desired.policy.protected.contains(&leaving.object) {
        difference.leaving.entry(cause).or_default().push(leaving);
        return;
    }
    let text =
        format!("{} would be removed ({}) and is protected by Policy", leaving.label, leaving.because.text);
    let hint = format!("take {} out of `protected`, or declare the membership", leaving.object);
    sheet.refused.push(Refusal {
        code: RefusalCode::Protected,
        operations: BTreeSet::new(),
        measured: 0,
        limit: 0,
        text,
        hint,
    });
}

fn foreign(
    sheet: &mut Sheet<'_>,
    holding: Holding<'_>,
    difference: &mut MemberDifference,
    id: ObjectId,
    label: &str,
) {
    if sheet.inputs.customer.drift.foreign_members == ForeignMembers::Remove {
        let because = reason(Rule::Drift, "not staff");
        let leaving = Leaving { object: id, person: None, label: label.into(), because };
        leave(sheet, difference, Cause::Foreign, leaving);
        return;
    }
    difference.foreign.insert(id);
    if !holding.adopted {
        let hint =
            "ask the customer to take the member out, or set drift.foreignMembers to remove".to_owned();
        let text = format!("in {} and not staff (object {id})", holding.group.display_name);
        sheet.find(FindingCode::ForeignMember, label, text, Some(hint));
    }
}

fn inside(sheet: &mut Sheet<'_>, person: PersonId, label: &str) {
    if let Some(why) = delegated_admin(sheet, person) {
        let text = format!("{why} and already is a guest here: delegated access of such a person breaks");
        let hint = "take the person out of the partner group here, or out of the delegated group".to_owned();
        sheet.find(FindingCode::DelegatedAdminInside, label, text, Some(hint));
    }
}

pub(super) fn unclaimed(sheet: &mut Sheet<'_>, estate: &Estate<'_>, guest: ObjectId, label: &str) {
    // Without a ledger it holds nobody; one that could not be read or does not show yet says nothing.
    let none = estate.ledger.is_none() && estate.settling_ledger(sheet.inputs.now).is_none();
    let known = none || estate.entries.is_some();
    if known && !estate.has_entry(guest) {
        let text = format!(
            "guest {guest} was not invited by us as far as the ledger knows: it is used and never deleted"
        );
        sheet.find(FindingCode::UnclaimedGuest, label, text, None);
    }
}
