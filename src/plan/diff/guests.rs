//! Guests that go: after a grant that says so, for idleness where the policy says so, and when a customer is left. A guest
//! is only ever deleted with every proof that it is ours and that nothing else uses it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{IdleAction, OffboardGuests, OnExpiry, PendingAction};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::invitation::InvitationMail;
use crate::model::member::{Member, User};
use crate::model::subscription::{Subscription, SubscriptionState};
use crate::observed::question::Question;
use crate::plan::because::{Because, Rule};
use crate::plan::diff::admission::may_enter;
use crate::plan::diff::count;
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::groups::{Claim, Managed, other_owner};
use crate::plan::diff::identity::{Identities, Who};
use crate::plan::diff::operations::{operation, reason};
use crate::plan::diff::roster::Wanted;
use crate::plan::diff::undeclared::Leave;
use crate::plan::directory::staff_address_of;
use crate::plan::operation::{Action, Nature, OperationId, Phase};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, Hold, HoldCode};

/// Plans the deletions that running grants' ends and the policy on idle guests ask for.
pub(super) fn plan<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    managed: &[Managed<'a>],
) {
    let Some(entries) = estate.entries else { return };
    let asked_for: BTreeMap<PersonId, &Wanted<'a>> = managed
        .iter()
        .filter(|entry| entry.manageable)
        .flat_map(|entry| &entry.roster.wanted)
        .map(|(person, wanted)| (*person, wanted))
        .collect();
    let wanted: BTreeSet<PersonId> = managed
        .iter()
        .flat_map(|entry| entry.roster.wanted.keys().chain(&entry.roster.undecided))
        .copied()
        .collect();
    let expired = expired_with_guest(sheet);
    // Whom a source asks for that could not be read, or not with names, is not known: it may be anybody.
    let unread = managed.iter().any(|entry| entry.roster.frozen || entry.roster.nameless);
    for user in entries.values().filter_map(Member::user).chain(others(estate)) {
        sheet.measure.guests += 1;
        let who = identities.who(user.id);
        let person = match who {
            Who::Person(person, _) => Some(*person),
            _ => None,
        };
        let is_inside = memberships(estate, user.id).next().is_some();
        if is_inside {
            let asks = person.and_then(|person| Some((person, *asked_for.get(&person)?)));
            pending(sheet, user, person, asks);
        }
        if matches!(who, Who::Undecided | Who::Unread)
            || person.is_some_and(|person| wanted.contains(&person))
        {
            continue;
        }
        let asks = match person.and_then(|person| expired.get(&person)) {
            Some(because) => Some((because.clone(), Nature::Ended)),
            None if is_inside => None,
            None => idle(sheet, user).map(|because| (because, Nature::Change)),
        };
        match asks {
            Some(_) if unread => {
                let text = "not deleted: a source that could not be read may ask for this guest";
                let hint = "once the source can be read, names included, the next run decides".to_owned();
                sheet.find(FindingCode::GuestKept, user.label(), text, Some(hint));
            }
            Some((because, nature)) => drop(delete(sheet, estate, user, person, because, nature)),
            None => {}
        }
    }
}

/// The users in our groups whom the ledger does not hold, where a defect does not ask it; else none.
fn others<'a>(estate: &Estate<'a>) -> Vec<&'a User> {
    let mut users = if defect!(LedgerIgnored) { estate.users() } else { Vec::new() };
    users.retain(|user| !estate.has_entry(user.id));
    users
}

/// Everybody whose last grant asked for the guest to go with it, and who has no grant ahead.
fn expired_with_guest(sheet: &Sheet<'_>) -> BTreeMap<PersonId, Because> {
    let now = sheet.inputs.now;
    let grants = || sheet.inputs.customer.grants.values();
    let ahead: BTreeSet<PersonId> = grants().filter(|g| now < g.expires).map(|g| g.person.id).collect();
    grants()
        .filter(|grant| grant.on_expiry == OnExpiry::DeleteGuest && !ahead.contains(&grant.person.id))
        .map(|grant| {
            let text = format!("grant {} ended and takes the guest with it", grant.name);
            (grant.person.id, Because { rule: Rule::GrantEnded, origin: Some(grant.origin.clone()), text })
        })
        .collect()
}

/// The groups of ours that a member stands in.
fn memberships(estate: &Estate<'_>, member: ObjectId) -> impl Iterator<Item = ObjectId> {
    let holds =
        move |holding: &Holding<'_>| holding.members.is_some_and(|members| members.contains_key(&member));
    estate.holdings().filter(holds).map(|holding| holding.group.id)
}

/// Names a guest who has not accepted for too long. Where the policy says so and memory knows that it did not happen before,
/// her invitation is mailed once more; who has not accepted after that either should go.
fn pending(
    sheet: &mut Sheet<'_>,
    user: &User,
    person: Option<PersonId>,
    asked_for: Option<(PersonId, &Wanted<'_>)>,
) {
    if user.external_user_state.as_deref() != Some("PendingAcceptance") {
        return;
    }
    sheet.measure.pending_invitations += 1;
    let Some(since) = user.created.max(user.state_changed) else { return };
    let (memory, policy) = (sheet.inputs.memory, &sheet.inputs.desired.policy);
    let mailed_again = person.and_then(|person| memory.resent.get(&person)).copied();
    let waiting = |since: Timestamp| sheet.inputs.now.duration_since(since);
    if waiting(mailed_again.map_or(since, |again| again.max(since))) < policy.pending_after {
        return;
    }
    let days = count(usize::try_from(waiting(since).as_hours() / 24).unwrap_or_default(), "day");
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    let once_more = mailed_again.map(|again| format!(" and once more on {}", day(again))).unwrap_or_default();
    let text = format!(
        "invited on {}, {days} ago{once_more}, and has not accepted: she cannot sign in here",
        day(since)
    );
    let hint = match mailed_again {
        Some(_) => "take her out of the files: a third mail would be no use either",
        None => "she opens the portal of this tenant once, or is taken out of the files",
    };
    let action = asked_for.filter(|(person, _)| {
        // Only with a journal is it known that this does not happen once a pass.
        let is_ours = memory.pairs.get(person) == Some(&user.id);
        policy.pending_action == PendingAction::MailOnce && is_ours && mailed_again.is_none()
    });
    // She is inside already; but who must not be invited is not invited again either.
    let action = action.filter(|(person, wanted)| may_enter(sheet, *person, wanted.address));
    let action = action.map(|(person, wanted)| Action::InviteGuest {
        person,
        address: wanted.address.clone(),
        display_name: wanted.display_name.to_owned(),
        mail: InvitationMail::Microsoft,
        again: Some(user.id),
    });
    let origin = Some(policy.origin.clone());
    sheet.find(FindingCode::NeverAccepted, user.label(), text, Some(hint.to_owned()));
    if let Some(action) = action {
        let because = Because { rule: Rule::Declared, origin, text: format!("has not accepted for {days}") };
        sheet.operations.push(operation(action, Phase::Admit, Nature::Change, vec![because]));
    }
}

/// Why a guest in none of our groups is to be deleted, if the policy asks for that once it has been so for long enough;
/// where the policy wants it only named, it is.
fn idle(sheet: &mut Sheet<'_>, user: &User) -> Option<Because> {
    let rule = sheet.inputs.desired.policy.idle_guests;
    let touched = user.created.max(user.state_changed)?;
    if user.created.is_none() || sheet.inputs.now.duration_since(touched) < rule.after {
        return None;
    }
    let text = format!("in none of our groups and not changed since {touched}");
    match rule.action {
        IdleAction::Report => {
            sheet.find(FindingCode::IdleGuest, user.label(), text, None);
            None
        }
        IdleAction::DeleteInvitedByUs => {
            let origin = Some(sheet.inputs.desired.policy.origin.clone());
            Some(Because { rule: Rule::NotDeclared, origin, text })
        }
    }
}

/// Plans what becomes of the ledger's guests when a customer is left. Returns whether the ledger itself may go: not
/// while anything about a guest is unknown.
pub(super) fn plan_offboarding<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    guests: OffboardGuests,
    how: Leave<'_>,
) -> bool {
    let Some(entries) = estate.entries else { return estate.ledger.is_none() };
    let mut settled = true;
    for user in entries.values().filter_map(Member::user).chain(others(estate)) {
        sheet.measure.guests += 1;
        if guests == OffboardGuests::Keep {
            let text = "stays here, as the files ask";
            sheet.find(
                FindingCode::GuestKept,
                user.label(),
                text,
                Some("the customer may delete the guest".into()),
            );
            continue;
        }
        let person = match identities.who(user.id) {
            Who::Person(person, _) => Some(*person),
            _ => None,
        };
        settled &= delete(sheet, estate, user, person, how.because.clone(), how.nature);
    }
    settled
}

/// Plans one deletion if every proof is there, and says why not if one is missing. Returns whether the guest's fate is
/// known.
fn delete<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    user: &'a User,
    person: Option<PersonId>,
    because: Because,
    nature: Nature,
) -> bool {
    let name = user.label();
    let kept = |sheet: &mut Sheet<'a>, why: String| {
        let hint = Some("the customer may delete the guest once nothing needs it".to_owned());
        sheet.find(FindingCode::GuestKept, name.clone(), format!("not deleted: {why}"), hint);
        true
    };
    let domains = &sheet.inputs.desired.partner.staff_domains;
    if sheet.inputs.desired.policy.protected.contains(&user.id) {
        return kept(sheet, "Policy protects it".into());
    }
    if !user.is_external() || (person.is_none() && staff_address_of(user, domains).is_none()) {
        return kept(sheet, "it is not proven to be a partner person's guest".into());
    }
    let (removals, mut leaving) = removals_of(sheet, user.id);
    if memberships(estate, user.id).any(|group| !leaving.contains(&group)) {
        // Still a member somewhere, by a membership that nothing ends.
        return false;
    }
    leaving.extend(estate.ledger.map(|group| group.id));
    match in_use(sheet, user, &leaving) {
        Use::Unknown => return false,
        Use::Something(why) => return kept(sheet, why),
        Use::Nothing => {}
    }
    let action = Action::DeleteGuest { guest: user.id, person, label: name.to_string(), leaving };
    let mut deletion = operation(action, Phase::Delete, nature, vec![because]);
    deletion.needs = removals;
    let claim = estate.ledger.and_then(|ledger| other_owner(sheet, ledger.id));
    if let Some(Claim { text, hint }) = claim {
        sheet.held.push(Hold {
            code: HoldCode::Contested,
            operations: BTreeSet::from([deletion.id.clone()]),
            measured: 0,
            limit: 0,
            text: format!("{text}: the ledger does not prove that {name} is ours"),
            hint,
        });
    }
    sheet.operations.push(deletion);
    true
}

/// The operations of this plan that take a guest out of groups, and those groups.
fn removals_of(sheet: &Sheet<'_>, guest: ObjectId) -> (BTreeSet<OperationId>, BTreeSet<ObjectId>) {
    let mut found = (BTreeSet::new(), BTreeSet::new());
    for operation in &sheet.operations {
        if let Action::RemoveMembers { group, members } = &operation.action
            && members.iter().any(|leaving| leaving.object == guest)
        {
            found.0.insert(operation.id.clone());
            found.1.extend(group.id);
        }
    }
    found
}

/// What uses a guest besides our groups.
enum Use {
    /// Not to be told: a read is missing. Counts as used.
    Unknown,
    /// Nothing does.
    Nothing,
    /// This does.
    Something(String),
}

fn in_use<'a>(sheet: &mut Sheet<'a>, user: &'a User, ours: &BTreeSet<ObjectId>) -> Use {
    if defect!(UseIgnored) {
        return Use::Nothing;
    }
    let freezes = "the deletion of this guest";
    let observed = sheet.inputs.observed;
    let Ok(subscriptions) = &observed.subscriptions else { return Use::Unknown };
    let tenant = sheet.inputs.customer.tenant;
    let shown = |id| subscriptions.get(id).is_some_and(|found: &Subscription| found.tenant == tenant);
    if !sheet.inputs.customer.subscriptions.values().all(|declared| shown(&declared.id)) {
        // The gap of the missing subscription says so.
        return Use::Unknown;
    }
    let here = subscriptions.iter().filter(|(_, found)| found.tenant == tenant);
    for (id, _) in here.filter(|(_, found)| !matches!(found.state, SubscriptionState::Gone(_))) {
        match observed.assignments.get(id) {
            Some(Ok(rows)) if rows.iter().any(|row| row.key.principal == user.id) => {
                return Use::Something(format!("it has a role of its own in subscription {id}"));
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return Use::Unknown,
        }
    }
    match sheet.ask(observed.facts.guest_use.get(&user.id), Question::GuestUse(user.id)) {
        None => Use::Unknown,
        Some(Err(unread)) => {
            sheet.gap(unread, format!("what uses {}", user.label()), freezes);
            Use::Unknown
        }
        Some(Ok(usage)) => {
            if let Some(membership) = usage.membership_besides(ours) {
                return Use::Something(format!("{membership}, which is not ours"));
            }
            if let Some(object) = usage.owns.first() {
                return Use::Something(format!("it owns {object}"));
            }
            if usage.app_roles > 0 {
                return Use::Something(format!("it has {} application roles", usage.app_roles));
            }
            Use::Nothing
        }
    }
}

/// The reason for everything that goes because the customer is left.
pub(super) fn offboarding(sheet: &Sheet<'_>) -> Because {
    let block = sheet.inputs.customer.offboard.as_ref();
    let why = block.and_then(|block| block.reason.as_ref()).map(|why| format!(": {why}")).unwrap_or_default();
    let ticket = block.and_then(|block| block.ticket.as_ref()).map(|t| format!(" ({t})")).unwrap_or_default();
    let mut because = reason(Rule::Offboarding, format!("offboarding{why}{ticket}"));
    because.origin =
        Some(block.map_or_else(|| sheet.inputs.customer.state_origin.clone(), |block| block.origin.clone()));
    because
}
