//! The difference between what the files ask for and what was read, as operations, gaps, findings and questions.

mod operations;
pub(in crate::plan) mod estate;
pub(in crate::plan) mod roster;
pub(in crate::plan) mod identity;
pub(in crate::plan) mod admission;
mod members;
mod groups;
mod undeclared;
mod assignments;
mod guests;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::state::{Offboard, OffboardGuests, State};
use crate::observed::unread::UnreadCode;
use crate::plan::diff::admission::Admissions;
use crate::plan::diff::estate::Estate;
use crate::plan::diff::groups::not_declared;
use crate::plan::diff::identity::Identities;
use crate::plan::diff::operations::operation;
use crate::plan::diff::undeclared::Leave;
use crate::plan::draft::Inputs;
use crate::plan::operation::{Action, Kind, Nature, Phase};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, GapCode, Right};

/// Compares one customer's tenant with the files.
pub(in crate::plan) fn diff(inputs: Inputs<'_>) -> Sheet<'_> {
    let mut sheet = Sheet::new(inputs);
    if let Err(unread) = &inputs.observed.identity {
        let expected = inputs.customer.state == State::Offboarded
            && matches!(unread.code, UnreadCode::ConsentMissing | UnreadCode::TenantMissing);
        if !expected {
            sheet.gap_in(unread, Right::SignIn, "this tenant", "everything here");
        }
        sheet.measure.unseen = inputs.customer.mappings.keys().cloned().collect();
        sheet.measure.unread_rows =
            inputs.customer.subscriptions.values().map(|declared| declared.id).collect();
        return sheet;
    }
    match inputs.customer.state {
        State::Offboarded => look_back(&mut sheet),
        State::Offboard if left(inputs) => leave(&mut sheet),
        State::Observe | State::Enforce | State::Suspend | State::Offboard => keep(&mut sheet),
    }
    verify_domain(&mut sheet);
    sheet
}

/// Whether the customer's offboarding has begun.
fn left(inputs: Inputs<'_>) -> bool {
    inputs.customer.offboard.as_ref().is_none_or(|block| {
        block.not_before.is_none_or(|start| start <= inputs.now || defect!(OffboardsEarly))
    })
}

/// Keeps the tenant equal to the files.
fn keep(sheet: &mut Sheet<'_>) {
    let Some(estate) = Estate::survey(sheet) else {
        assignments::plan(sheet, None, &[], None);
        return;
    };
    let identities = Identities::of(sheet, &estate);
    let mut managed = groups::survey(sheet, &estate, &identities);
    let mut admissions = Admissions::default();
    groups::plan(sheet, &estate, &identities, &mut managed, &mut admissions);
    for holding in &estate.undeclared {
        let because = not_declared("this group");
        undeclared::leave(
            sheet,
            &estate,
            &identities,
            *holding,
            Leave { because: &because, nature: Nature::Change },
        );
    }
    for holding in &estate.released {
        let because = not_declared("the adoption of this group");
        undeclared::leave(
            sheet,
            &estate,
            &identities,
            *holding,
            Leave { because: &because, nature: Nature::Change },
        );
    }
    assignments::plan(sheet, Some(&estate), &managed, None);
    guests::plan(sheet, &estate, &identities, &managed);
    sheet.measure.groups = estate.holdings().filter(|holding| !holding.adopted).count();
    announce_offboarding(sheet, &estate);
    announce_grants(sheet);
}

/// Takes everything of ours out of the tenant, the ledger last.
fn leave(sheet: &mut Sheet<'_>) {
    let because = guests::offboarding(sheet);
    let how = Leave { because: &because, nature: Nature::Ended };
    let estate = Estate::survey(sheet);
    assignments::plan(sheet, estate.as_ref(), &[], Some(how));
    let Some(estate) = estate else { return };
    if estate.lost_its_ledger() {
        let text = "groups of ours exist and the ledger does not: no guest is deleted; those in our groups are listed";
        sheet.doubt(GapCode::LedgerMissing, estate.mark.ledger(), "the deletion of our guests", text);
    }
    let identities = Identities::of(sheet, &estate);
    let mut settled = true;
    for holding in estate.holdings() {
        settled &= undeclared::leave(sheet, &estate, &identities, holding, how);
    }
    let guests = sheet.inputs.customer.offboard.as_ref().map_or(OffboardGuests::Delete, |block| block.guests);
    settled &= guests::plan_offboarding(sheet, &estate, &identities, guests, how);
    sheet.measure.groups = estate.holdings().filter(|holding| !holding.adopted).count();
    sheet.measure.starts_offboarding = !sheet.inputs.memory.offboarding
        && sheet.operations.iter().any(|operation| {
            matches!(operation.action.kind(), Kind::RemoveMembers | Kind::DeleteRoleAssignment)
        });
    if let (Some(ledger), true) = (estate.ledger, settled) {
        let action = Action::DeleteGroup { group: ledger.id, display_name: ledger.display_name.clone() };
        let mut last = operation(action, Phase::Delete, Nature::Ended, vec![because.clone()]);
        // The ledger proves what is ours: it goes after everything it proves.
        last.needs = sheet.operations.iter().map(|operation| operation.id.clone()).collect();
        sheet.operations.push(last);
        remind(sheet);
    }
}

/// Says, where the last of what is ours goes, what else the partner has here: nobody looks back once the file is gone.
fn remind(sheet: &mut Sheet<'_>) {
    let owned = assignments::owned_by_agents(sheet);
    let owned = if owned.is_empty() {
        String::new()
    } else {
        format!("AdminAgents is Owner of {} until the customer deletes that row; ", owned.join(", "))
    };
    let text = format!(
        "not groupsync's, and left to the partner: {owned}the partner relationship, GDAP and Lighthouse are not looked at"
    );
    let hint = "end the relationship and its GDAP roles in Partner Center, Lighthouse delegations in the customer's Azure";
    sheet.find(FindingCode::Remains, sheet.inputs.customer.name.to_string(), text, Some(hint.to_owned()));
}

/// Lists the grants that have not begun: whoever reviews one today sees what it gives, though nothing is to be done yet.
fn announce_grants(sheet: &mut Sheet<'_>) {
    let customer = sheet.inputs.customer;
    let now = sheet.inputs.now;
    let leaves = customer.offboard.as_ref().and_then(|block| block.not_before);
    let comes = |start: Timestamp| match customer.state {
        State::Enforce => true,
        State::Offboard => leaves.is_some_and(|leaves| start < leaves),
        State::Observe | State::Suspend | State::Offboarded => false,
    };
    let ahead = customer.grants.values().filter(|grant| now < grant.not_before && comes(grant.not_before));
    for grant in ahead {
        let Some(mapping) = customer.mappings.get(&grant.mapping) else { continue };
        let roles: Vec<String> =
            mapping.roles.iter().map(|role| format!("{} on {}", role.role.name, role.written)).collect();
        let gives = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
        let ticket = grant.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
        let text = format!(
            "{} gets into {} from {} until {}, which gives {gives}; grant {}: {}{ticket}",
            grant.person.address,
            mapping.display_name,
            grant.not_before,
            grant.expires,
            grant.name,
            grant.reason
        );
        sheet.find(FindingCode::GrantAhead, mapping.display_name.clone(), text, None);
    }
}

/// Lists what an offboarding that lies ahead will take.
fn announce_offboarding(sheet: &mut Sheet<'_>, estate: &Estate<'_>) {
    let Some(Offboard { not_before: Some(start), guests, .. }) = &sheet.inputs.customer.offboard else {
        return;
    };
    if sheet.inputs.customer.state != State::Offboard {
        return;
    }
    let delete = if *guests == OffboardGuests::Delete {
        "those guests of ours that nothing else uses go"
    } else {
        "guests stay"
    };
    let text = format!(
        "from {start} on, everything of ours goes: {}, {}, {}; {delete}",
        count(estate.holdings().count(), "group"),
        count(sheet.measure.members, "membership"),
        count(sheet.measure.assignments, "role assignment"),
    );
    sheet.find(FindingCode::OffboardingAhead, sheet.inputs.customer.name.to_string(), text, None);
}

/// A number with its noun.
pub(in crate::plan) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Whether anything of ours is left at a customer that the files call left.
fn look_back(sheet: &mut Sheet<'_>) {
    let Some(estate) = Estate::survey(sheet) else { return };
    let groups: BTreeSet<String> = estate
        .holdings()
        .map(|holding| holding.group)
        .chain(estate.ledger)
        .map(|group| format!("{:?} ({})", group.display_name, group.id))
        .collect();
    if !groups.is_empty() {
        let list = groups.into_iter().collect::<Vec<_>>().join(", ");
        let hint = "set the state back to offboard to remove it".to_owned();
        sheet.find(
            FindingCode::LeftBehind,
            sheet.inputs.customer.name.to_string(),
            format!("still here: {list}"),
            Some(hint),
        );
    }
}

/// Freezes every change if the customer's domain does not lead to the tenant the files name. In another tenant not even a
/// grant's end would be about the right people; leavers have left everywhere.
fn verify_domain(sheet: &mut Sheet<'_>) {
    let customer = sheet.inputs.customer;
    let Some(domain) = &customer.verify_domain else { return };
    let of = format!("domain {domain}");
    match &sheet.inputs.observed.verified {
        None => {}
        Some(_) if defect!(DomainUnverified) => {}
        Some(Ok(tenant)) if *tenant == customer.tenant => {}
        Some(Ok(tenant)) => {
            let text = format!(
                "{}: {domain} belongs to tenant {tenant}, not to {}: are two ids swapped?",
                customer.origin, customer.tenant
            );
            sheet.doubt(GapCode::Mismatch, of, "everything here but leavers", text);
            sheet.operations.retain(|operation| operation.nature == Nature::Leaver);
        }
        Some(Err(unread)) => {
            sheet.gap(unread, of, "everything here but withdrawals");
            sheet.operations.retain(|operation| operation.nature.is_withdrawal());
        }
    }
}
