//! Whether and as which guest a person may enter a customer tenant.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::state::Gdap;
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::person::Person;
use crate::observed::customer::Candidates;
use crate::observed::question::Question;
use crate::plan::diff::estate::Estate;
use crate::plan::diff::identity::Identities;
use crate::plan::diff::roster::Wanted;
use crate::plan::directory::{Likeness, likeness};
use crate::plan::memory::is_settling;
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, GapCode, Refusal, RefusalCode};

/// How a person gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// As this guest.
    Guest(ObjectId),
    /// As a guest still to be invited.
    Invite,
    /// Not now: a gap, a refusal or a question says why.
    No,
}

/// The decisions of one customer, each person's made once.
#[derive(Default)]
pub(super) struct Admissions(BTreeMap<PersonId, Admission>);

impl Admissions {
    /// How a person gets in.
    pub(super) fn decide<'a>(
        &mut self,
        sheet: &mut Sheet<'a>,
        estate: &Estate<'a>,
        identities: &Identities<'a>,
        person: PersonId,
        wanted: &Wanted<'_>,
    ) -> Admission {
        if let Some(decided) = self.0.get(&person) {
            return *decided;
        }
        let decided = if may_enter(sheet, person, wanted.address) {
            find_guest(sheet, estate, identities, person, wanted)
        } else {
            Admission::No
        };
        self.0.insert(person, decided);
        decided
    }
}

/// Why a person counts as a delegated admin at this customer, as far as the lists read so far say.
pub(in crate::plan) fn delegated_admin(sheet: &Sheet<'_>, person: PersonId) -> Option<String> {
    let partner = sheet.inputs.partner;
    if partner.admin_agents.as_ref().is_ok_and(|people| people.contains(&person)) {
        return Some("is in AdminAgents".into());
    }
    if partner.helpdesk_agents.as_ref().is_ok_and(|people| people.contains(&person)) {
        return Some("is in HelpdeskAgents".into());
    }
    let admins = sheet.inputs.observed.facts.delegated_admins.as_ref()?.as_ref().ok()?;
    admins.get(&person).map(|group| format!("is in group {group}, which has GDAP roles at this customer"))
}

/// Whether nothing makes the person a delegated admin at this customer. A list that cannot be read lets nobody in.
pub(super) fn may_enter(sheet: &mut Sheet<'_>, person: PersonId, address: &Address) -> bool {
    let nobody = "everybody who would be added here: a delegated admin must never be a guest";
    let mut readable = true;
    let (partner, facts) = (sheet.inputs.partner, &sheet.inputs.observed.facts);
    for (name, list) in [("AdminAgents", &partner.admin_agents), ("HelpdeskAgents", &partner.helpdesk_agents)]
    {
        if let Err(unread) = list {
            sheet.gap(unread, name, nobody);
            readable = defect!(UnreadAgentsPass);
        }
    }
    if sheet.inputs.desired.partner.gdap == Gdap::Off || defect!(GdapForgotten) {
        let text =
            "the partner says that no delegated administration (GDAP) exists: nobody was checked against it";
        sheet.find(
            FindingCode::GdapNotRead,
            "gdap",
            text,
            Some("set `gdap: read` in the Partner document".into()),
        );
    } else {
        match sheet.ask(facts.delegated_admins.as_ref(), Question::DelegatedAdmins) {
            None => readable = false,
            Some(Err(unread)) => {
                sheet.gap(unread, "the groups with GDAP roles at this customer", nobody);
                readable = defect!(UnreadAgentsPass);
            }
            Some(Ok(_)) => {}
        }
    }
    if let Some(why) = delegated_admin(sheet, person) {
        let text = format!("{address} {why}: as a guest she would lose that access");
        let hint =
            format!("take {address} out of this customer's partner groups, or out of the delegated group");
        if !sheet.refused.iter().any(|refusal| refusal.text == text) {
            sheet.refused.push(Refusal {
                code: RefusalCode::DelegatedAdmin,
                operations: BTreeSet::new(),
                measured: 0,
                limit: 0,
                text,
                hint,
            });
        }
        return false;
    }
    readable
}

fn find_guest<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    identities: &Identities<'a>,
    id: PersonId,
    wanted: &Wanted<'_>,
) -> Admission {
    let freezes = "this person: not added";
    let known: Vec<ObjectId> = identities.guests(id).collect();
    match known.as_slice() {
        [guest] => return Admission::Guest(*guest),
        [] => {}
        several => {
            let list = several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let text = format!("{} has several guests here: {list}", wanted.address);
            sheet.doubt(GapCode::GuestConflict, wanted.address.to_string(), freezes, text);
            return Admission::No;
        }
    }
    let Some(Ok(Some(person))) = sheet.inputs.partner.person(id) else { return Admission::No };
    let mut addresses: BTreeSet<Address> =
        person.staff_addresses(&sheet.inputs.desired.partner.staff_domains).cloned().collect();
    addresses.insert(wanted.address.clone());
    let answer = sheet.inputs.observed.facts.candidates.get(&id);
    match sheet.ask(answer, Question::Candidates { person: id, addresses }) {
        None => Admission::No,
        Some(Err(unread)) => {
            sheet.gap(unread, format!("the guests of {}", wanted.address), freezes);
            Admission::No
        }
        Some(Ok(candidates)) => choose(sheet, estate, person, wanted.address, candidates),
    }
}

/// Takes the one candidate that matches, or none at all; anything else is for a human.
fn choose(
    sheet: &mut Sheet<'_>,
    estate: &Estate<'_>,
    person: &Person,
    address: &Address,
    candidates: &Candidates,
) -> Admission {
    let domains = &sheet.inputs.desired.partner.staff_domains;
    let freezes = "this person: not added";
    let remembered = sheet.inputs.memory.pairs.get(&person.id).copied();
    let mut conflict = |text: String| {
        sheet.doubt(GapCode::GuestConflict, address.to_string(), freezes, text);
        Admission::No
    };
    match candidates.live.len() {
        0 => {}
        1 => {
            let (id, user) = candidates.live.first_key_value().expect("one candidate");
            return match likeness(user, person, domains) {
                Likeness::Match => Admission::Guest(*id),
                Likeness::Unproven if remembered == Some(*id) && user.is_external() => Admission::Guest(*id),
                Likeness::Predates => conflict(format!(
                    "guest {id} has the address {address} and is older than the account: it belonged to somebody else and has to be deleted first"
                )),
                Likeness::ForeignIdentity => conflict(format!(
                    "guest {id} has the address {address} and was accepted with another identity than the partner's directory"
                )),
                Likeness::Internal => {
                    conflict(format!("{address} is the address of the customer's own account {id}"))
                }
                Likeness::Unproven => conflict(format!(
                    "user {id} carries {address} only among other mails or proxy addresses, which proves nothing"
                )),
            };
        }
        _ => {
            let list = candidates.live.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return conflict(format!("several users could be the guest of {address}: {list}"));
        }
    }
    if let Some(id) = candidates.deleted.keys().next() {
        return conflict(format!(
            "guest {id} of {address} is among the deleted items: restore it, or purge it, before she is invited again"
        ));
    }
    if let Some(begun) = sheet.inputs.memory.invitations.get(&person.id)
        && is_settling(begun.at, sheet.inputs.now)
    {
        sheet.settling(format!("the guest of {address}"), begun.at);
        return Admission::No;
    }
    if let Some(at) = remembered.and_then(|guest| sheet.inputs.memory.written.get(&guest))
        && is_settling(*at, sheet.inputs.now)
    {
        sheet.settling(format!("the guest of {address}"), *at);
        return Admission::No;
    }
    if !estate.has_ledger_to_write_to(&sheet.inputs) {
        // The gap `ledgerMissing`, or that the ledger settles, says so once for the customer.
        return Admission::No;
    }
    if estate.ledger.is_some() && estate.entries.is_none() {
        return Admission::No;
    }
    Admission::Invite
}
