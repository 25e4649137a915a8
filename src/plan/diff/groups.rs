//! The groups of the mappings: made, named, filled; and the ledger beside them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use crate::desired::state::Mapping;
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::member::User;
use crate::observed::customer::Existence;
use crate::observed::question::Question;
use crate::plan::because::{Because, Rule};
use crate::plan::diff::admission::{Admission, Admissions};
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::identity::Identities;
use crate::plan::diff::members::{Cause, MemberDifference, compare, unclaimed};
use crate::plan::diff::operations::{operation, reason, removal};
use crate::plan::diff::roster::Roster;
use crate::plan::memory::is_settling;
use crate::plan::operation::{
    Action, GroupRef, Joining, Leaving, LedgerEntry, Nature, Operation, OperationId, Phase,
};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{GapCode, Hold, HoldCode, Refusal, RefusalCode};

/// A mapping with everything the later parts need to know about it.
pub(super) struct Managed<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) group: GroupRef,
    pub(super) roster: Roster<'a>,
    pub(super) difference: MemberDifference,
    /// Whether anything may be written for it.
    pub(super) manageable: bool,
    /// Whether it may be given more: not an adopted group that no ledger would ever let us release.
    pub(super) recorded: bool,
}

/// Compares every mapping with its group. Groups whose members must not be managed are refused whole.
pub(super) fn survey<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
) -> Vec<Managed<'a>> {
    let customer = sheet.inputs.customer;
    let mut all = Vec::new();
    for mapping in customer.mappings.values() {
        let roster = Roster::of(sheet, mapping);
        let holding = estate.mapped.get(&mapping.key).copied();
        if mapping.adopt.is_some() && holding.is_none() {
            // Unreadable or gone: the estate has noted the gap.
            continue;
        }
        let unique_name = match mapping.adopt {
            Some(id) => id.to_string(),
            None => estate.mark.group(mapping.identity()),
        };
        let group = GroupRef {
            id: holding.map(|holding| holding.group.id),
            unique_name,
            display_name: holding
                .filter(|holding| holding.adopted)
                .map_or_else(|| mapping.display_name.clone(), |holding| holding.group.display_name.clone()),
        };
        let manageable = holding.is_none_or(|holding| is_manageable(sheet, mapping, holding));
        let difference = match holding.filter(|_| manageable) {
            Some(holding) => {
                let difference = compare(sheet, estate, identities, holding, Some(&roster));
                measure(sheet, mapping, holding, &difference);
                difference
            }
            None => MemberDifference::default(),
        };
        all.push(Managed { mapping, group, roster, difference, manageable, recorded: true });
    }
    all
}

fn is_manageable(sheet: &mut Sheet<'_>, mapping: &Mapping, holding: Holding<'_>) -> bool {
    let group = holding.group;
    let protected = &sheet.inputs.desired.policy.protected;
    let why = if protected.contains(&group.id) && !defect!(ProtectionIgnored) {
        Some((RefusalCode::Protected, "protected by Policy"))
    } else {
        let obstacle = group.obstacle.filter(|_| !defect!(ObstaclesIgnored));
        obstacle.map(|obstacle| (RefusalCode::Unmanageable, obstacle.words()))
    };
    let Some((code, words)) = why else { return true };
    let text = format!("the group of {} ({}) is {words}: nothing in it is changed", mapping.key, group.id);
    let hint = match code {
        RefusalCode::Protected => format!("take {} out of `protected` in the Policy", group.id),
        _ => "use another group: a plain security group with assigned members".to_owned(),
    };
    sheet.refused.push(Refusal { code, operations: BTreeSet::new(), measured: 0, limit: 0, text, hint });
    false
}

fn measure(sheet: &mut Sheet<'_>, mapping: &Mapping, holding: Holding<'_>, difference: &MemberDifference) {
    if let Some(source) = &mapping.from {
        let removals = difference
            .leaving
            .get(&Cause::Left)
            .map_or(0, |leaving| leaving.iter().filter(|leaving| leaving.person.is_some()).count());
        let now = holding.members.map_or(0, BTreeMap::len) - difference.foreign.len();
        let entry = sheet.measure.sources.entry(source.clone()).or_default();
        entry.0 += now;
        entry.1 += removals;
    }
}

/// Plans what the mappings' groups need, and what enters the tenant because of it.
pub(super) fn plan<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    managed: &mut [Managed<'a>],
    admissions: &mut Admissions,
) {
    mark_moves(managed);
    let ledger = GroupRef {
        id: estate.ledger.map(|group| group.id),
        unique_name: estate.mark.ledger(),
        display_name: estate.mark.ledger(),
    };
    let can_record = estate.has_ledger_to_write_to(&sheet.inputs);
    let mut entries = Vec::new();
    let mut created = false;
    let mut invitations: BTreeMap<PersonId, Operation> = BTreeMap::new();
    let mut claims = Claims::new();
    for entry in managed.iter_mut().filter(|entry| entry.manageable) {
        let holding = estate.mapped.get(&entry.mapping.key).copied();
        let mut changes = Vec::new();
        match holding {
            None => {
                let Some(create) = create(sheet, entry) else {
                    entry.manageable = false;
                    continue;
                };
                created = true;
                changes.push(create);
            }
            Some(holding) if holding.adopted => {
                let known = estate.entries.is_some() || (estate.ledger.is_none() && can_record);
                if known && !estate.has_entry(holding.group.id) {
                    entries.push(adopt(&ledger, holding.group.id, entry));
                }
                entry.recorded = known;
            }
            Some(holding) => changes.extend(rename(holding, entry.mapping)),
        }
        let readable = holding.is_none_or(|holding| holding.members.is_some());
        if readable
            && entry.recorded
            && let Some(add) =
                join(sheet, estate, identities, admissions, entry, &mut invitations, &mut claims)
        {
            changes.push(add);
        }
        for (cause, leaving) in std::mem::take(&mut entry.difference.leaving) {
            changes.push(removal(&entry.group, cause, leaving));
        }
        hold_stray(sheet, &changes);
        if let Some(holding) = holding.filter(|holding| !holding.adopted) {
            contest(sheet, holding, &changes);
        }
        sheet.operations.extend(changes);
    }
    entries.extend(enter_invited(&ledger, &invitations));
    entries.extend(enter_claimed(&ledger, claims));
    if !keep_ledger(sheet, estate, &ledger, created || !entries.is_empty()) {
        entries.clear();
    }
    sheet.operations.extend(invitations.into_values());
    sheet.operations.extend(entries);
}

/// How to have something made again that the customer removed.
pub(super) fn reasserting(mapping: &Mapping) -> String {
    // A template speaks for many customers, and cannot say this for one.
    if mapping.origin.file.starts_with("templates/") {
        format!(
            "written at this customer instead of in {}, with `reassert: true`, it is made again",
            mapping.origin
        )
    } else {
        format!("`reassert: true` on the mapping ({}) makes it again", mapping.origin)
    }
}

/// People who leave one group and get into another here: they go only once the new membership stands.
fn mark_moves(managed: &mut [Managed<'_>]) {
    let mut arriving: BTreeMap<PersonId, Vec<&str>> = BTreeMap::new();
    for entry in managed.iter() {
        let new = entry.roster.wanted.keys().filter(|person| !entry.difference.present.contains(person));
        for person in new {
            arriving.entry(*person).or_default().push(entry.mapping.key.as_str());
        }
    }
    for entry in managed {
        let Some(left) = entry.difference.leaving.remove(&Cause::Left) else { continue };
        let goal = |leaving: &Leaving| leaving.person.and_then(|person| arriving.get(&person));
        let (mut moved, left): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|leaving| goal(leaving).is_some());
        for leaving in &mut moved {
            let goals = goal(leaving).map(|keys| keys.join(", ")).unwrap_or_default();
            leaving.because.text = format!("{}, moves to {goals}", leaving.because.text);
        }
        for (cause, leaving) in [(Cause::Moved, moved), (Cause::Left, left)] {
            if !leaving.is_empty() {
                entry.difference.leaving.insert(cause, leaving);
            }
        }
    }
}

/// Makes the group; not where we made it moments ago.
fn create(sheet: &mut Sheet<'_>, entry: &Managed<'_>) -> Option<Operation> {
    let mapping = entry.mapping;
    let made = sheet.inputs.memory.groups.get(&entry.group.unique_name);
    if let Some(made) = made
        && is_settling(made.at, sheet.inputs.now)
    {
        sheet.settling(format!("the group of {}", mapping.key), made.at);
        return None;
    }
    let because =
        Because { rule: Rule::Declared, origin: Some(mapping.origin.clone()), text: "declared".to_owned() };
    let action = Action::CreateGroup {
        unique_name: entry.group.unique_name.clone(),
        display_name: mapping.display_name.clone(),
    };
    let create = operation(action, Phase::Admit, Nature::Change, vec![because]);
    if let Some(made) = made
        && !mapping.reassert
    {
        let answer = sheet.inputs.observed.facts.deleted_groups.get(&made.id);
        let restorable =
            matches!(sheet.ask(answer, Question::DeletedGroup(made.id)), Some(Ok(Existence::Present)));
        let restore = if restorable {
            format!(
                "ask the customer to restore it from the deleted items ({}): members and roles come back; ",
                made.id
            )
        } else {
            "ask the customer, whose audit log in Entra says who did it; ".to_owned()
        };
        sheet.held.push(Hold {
            code: HoldCode::Contested,
            operations: BTreeSet::from([create.id.clone()]),
            measured: 0,
            limit: 0,
            text: format!("we made the group of {} and somebody else deleted it", mapping.key),
            hint: format!("{restore}{}", reasserting(mapping)),
        });
    }
    Some(create)
}

fn rename(holding: Holding<'_>, mapping: &Mapping) -> Option<Operation> {
    let (from, to) = (&holding.group.display_name, &mapping.display_name);
    if from == to {
        return None;
    }
    let text = format!("declared as {to}");
    let because = Because { rule: Rule::Declared, origin: Some(mapping.origin.clone()), text };
    let action = Action::UpdateGroup { group: holding.group.id, from: from.clone(), to: to.clone() };
    Some(operation(action, Phase::Admit, Nature::Change, vec![because]))
}

fn adopt(ledger: &GroupRef, group: ObjectId, entry: &Managed<'_>) -> Operation {
    let text = format!("{} adopts the group", entry.mapping.key);
    let because = Because { rule: Rule::Declared, origin: Some(entry.mapping.origin.clone()), text };
    let display_name = entry.group.display_name.clone();
    let action =
        Action::AddToLedger { ledger: ledger.clone(), entry: LedgerEntry::Adopted { group, display_name } };
    operation(action, Phase::Admit, Nature::Change, vec![because])
}

fn join<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    admissions: &mut Admissions,
    entry: &Managed<'a>,
    invitations: &mut BTreeMap<PersonId, Operation>,
    claims: &mut Claims,
) -> Option<Operation> {
    let members = estate.mapped.get(&entry.mapping.key).and_then(|holding| holding.members);
    let mut joining = Vec::new();
    for (person, wanted) in &entry.roster.wanted {
        if entry.difference.present.contains(person) {
            continue;
        }
        let guest = match admissions.decide(sheet, estate, identities, *person, wanted) {
            Admission::No => continue,
            // In by a guest that only the look-up could tell hers.
            Admission::Guest(guest) if members.is_some_and(|members| members.contains_key(&guest)) => {
                continue;
            }
            Admission::Guest(guest) => {
                let is_ours = is_ours_to_claim(sheet, estate, *person, guest);
                if is_ours && estate.can_be_entered(&sheet.inputs) {
                    // In by the entry that the pass before did not come to write.
                    claims.insert(*person, (guest, wanted.address.clone(), wanted.because()));
                    None
                } else if is_ours && !estate.has_inside(guest) {
                    // Not before there is a ledger for that entry: of whoever stands in a group no later plan asks for it. Who
                    // does so already moves on as usual.
                    continue;
                } else {
                    unclaimed(sheet, estate, guest, wanted.address.as_str());
                    Some(guest)
                }
            }
            Admission::Invite => {
                let action = Action::InviteGuest {
                    person: *person,
                    address: wanted.address.clone(),
                    display_name: wanted.display_name.to_owned(),
                    mail: sheet.inputs.desired.policy.invitation_mail,
                    again: None,
                };
                invitations.entry(*person).or_insert_with(|| {
                    operation(action, Phase::Admit, Nature::Change, vec![wanted.because()])
                });
                None
            }
        };
        joining.push(Joining {
            person: *person,
            address: wanted.address.clone(),
            guest,
            until: wanted.until,
            because: wanted.because(),
        });
    }
    if joining.is_empty() {
        return None;
    }
    let because = joining.iter().map(|joining| joining.because.clone()).collect();
    let action = Action::AddMembers { group: entry.group.clone(), members: joining };
    Some(operation(action, Phase::Admit, Nature::Change, because))
}

/// Every guest we invite goes into the ledger before any other group.
fn enter_invited(ledger: &GroupRef, invitations: &BTreeMap<PersonId, Operation>) -> Vec<Operation> {
    let mut entries = Vec::new();
    for (person, invite) in invitations {
        let Action::InviteGuest { address, .. } = &invite.action else { continue };
        let action = Action::AddToLedger {
            ledger: ledger.clone(),
            entry: LedgerEntry::Invited { person: *person, address: address.clone(), guest: None },
        };
        let mut entry = operation(action, Phase::Admit, Nature::Change, invite.because.clone());
        entry.needs.insert(invite.id.clone());
        entries.push(entry);
    }
    entries
}

/// Guests that an earlier pass invited and did not enter into the ledger: each with its address and why it is wanted.
type Claims = BTreeMap<PersonId, (ObjectId, Address, Because)>;

/// Graph tells the time in whole seconds, and its clock is not ours.
const CLOCKS_AGREE_WITHIN: SignedDuration = SignedDuration::from_secs(2);

/// So long after it was begun an invitation may have been sent: it waits for its turn in the quota. A guest that is younger
/// was made by somebody else.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// Whether memory says that our invitation made a guest that no ledger is known to hold: the very guest it answered with or,
/// where its answer was not heard, one that is younger than the invitation.
fn is_ours_to_claim(sheet: &Sheet<'_>, estate: &Estate<'_>, person: PersonId, guest: ObjectId) -> bool {
    let Some(begun) = sheet.inputs.memory.invitations.get(&person) else { return false };
    if estate.has_entry(guest) {
        return false;
    }
    if let Some(made) = begun.guest {
        return made == guest;
    }
    let found = sheet.inputs.observed.facts.candidates.get(&person);
    let user = found.and_then(|found| found.as_ref().ok()).and_then(|found| found.live.get(&guest));
    let by_then = |user: &User| {
        let age = user.created.map(|created| created.duration_since(begun.at));
        age.is_some_and(|age| (-CLOCKS_AGREE_WITHIN..ANSWERED_WITHIN).contains(&age))
    };
    user.is_some_and(|user| user.is_addressed(&begun.address) && by_then(user))
}

/// What an invitation cut off still lacks.
fn enter_claimed(ledger: &GroupRef, claims: Claims) -> Vec<Operation> {
    let enter = |(person, (guest, address, because)): (PersonId, (ObjectId, Address, Because))| {
        let entry = LedgerEntry::Invited { person, address, guest: Some(guest) };
        let action = Action::AddToLedger { ledger: ledger.clone(), entry };
        operation(action, Phase::Admit, Nature::Change, vec![because])
    };
    claims.into_iter().map(enter).collect()
}

/// Makes the ledger before anything else of ours; recreates a lost one only when told to. Returns whether there is one to
/// write to, or will be.
fn keep_ledger(sheet: &mut Sheet<'_>, estate: &Estate<'_>, ledger: &GroupRef, needed: bool) -> bool {
    let lost = estate.lost_its_ledger();
    let reassert = sheet.inputs.customer.reassert_ledger;
    if let Some(made) = estate.settling_ledger(sheet.inputs.now) {
        sheet.settling("the ledger".to_owned(), made);
        return false;
    }
    if lost && !reassert {
        let text = "groups of ours exist and the ledger does not: who was invited by us cannot be told";
        sheet.doubt(
            GapCode::LedgerMissing,
            estate.mark.ledger(),
            "invitations and guest deletions here",
            format!("{text}; after checking, `reassertLedger: true` on the customer recreates it"),
        );
        return false;
    }
    if estate.ledger.is_none() && (needed || lost) {
        let text = "the ledger records what is ours to delete or to release";
        let because = Because {
            rule: Rule::Declared,
            origin: Some(sheet.inputs.customer.origin.clone()),
            text: text.to_owned(),
        };
        let action = Action::CreateGroup {
            unique_name: ledger.unique_name.clone(),
            display_name: ledger.display_name.clone(),
        };
        sheet.operations.push(operation(action, Phase::Admit, Nature::Change, vec![because]));
    }
    true
}

fn hold_stray(sheet: &mut Sheet<'_>, changes: &[Operation]) {
    for change in changes.iter().filter(|change| change.id.0.ends_with("/stray")) {
        let Action::RemoveMembers { group, members } = &change.action else { continue };
        let labels: Vec<&str> = members.iter().map(|leaving| leaving.label.as_str()).collect();
        sheet.held.push(Hold {
            code: HoldCode::StrayStaff,
            operations: BTreeSet::from([change.id.clone()]),
            measured: members.len(),
            limit: 0,
            text: format!(
                "staff whom nobody declared stand in {}: {}",
                group.display_name,
                labels.join(", ")
            ),
            hint: "declare them, or set drift.strayStaff to remove".to_owned(),
        });
    }
}

/// Holds the changes to a group that somebody else may control.
fn contest(sheet: &mut Sheet<'_>, holding: Holding<'_>, changes: &[Operation]) {
    let operations: BTreeSet<OperationId> = changes
        .iter()
        .filter(|change| !change.nature.is_withdrawal())
        .map(|change| change.id.clone())
        .collect();
    if operations.is_empty() {
        return;
    }
    if let Some(Claim { text, hint }) = other_owner(sheet, holding.group.id) {
        sheet.held.push(Hold { code: HoldCode::Contested, operations, measured: 0, limit: 0, text, hint });
    }
}

/// What somebody else has to do with a group of ours, and what to do about it.
pub(super) struct Claim {
    pub(super) text: String,
    pub(super) hint: String,
}

/// Whether somebody but us owns a group. Unreadable owners count as others.
pub(super) fn other_owner(sheet: &mut Sheet<'_>, group: ObjectId) -> Option<Claim> {
    let answer = sheet.inputs.observed.facts.owners.get(&group);
    match sheet.ask(answer, Question::Owners(group))? {
        Err(unread) => {
            sheet.gap(unread, format!("the owners of group {group}"), "changes to this group");
            let text = format!("whether somebody else owns group {group} could not be read");
            let hint = "let our application read the owners of this group: until then nothing is changed";
            Some(Claim { text, hint: hint.to_owned() })
        }
        Ok(owners) => {
            let own = sheet.inputs.observed.identity.as_ref().ok();
            let other = owners.iter().find(|owner| Some(*owner) != own && !defect!(OwnersIgnored))?;
            let text = format!("group {group} is ours and has the owner {other}");
            let hint = "ask the customer to remove the owner: whoever owns the group decides who is in it";
            Some(Claim { text, hint: hint.to_owned() })
        }
    }
}

/// The reason of everything that no file asks for any more.
pub(super) fn not_declared(what: &str) -> Because {
    reason(Rule::NotDeclared, format!("no file declares {what} any more"))
}
