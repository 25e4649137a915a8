//! Who should stand in the group of one mapping now, whose access has ended, and about whom nothing can be said.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{EntraGroup, Grant, Listed, Mapping, PersonRef, Source};
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::model::names::GroupName;
use crate::model::origin::Origin;
use crate::model::person::{Person, Standing};
use crate::plan::because::{Because, Rule};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::{FindingCode, GapCode};

/// What the files and the partner tenant say about one mapping.
#[derive(Debug, Default)]
pub(in crate::plan) struct Roster {
    /// Everybody who should be in.
    pub(in crate::plan) wanted: BTreeMap<PersonId, Wanted>,
    /// Everybody whose access by this mapping is over.
    pub(in crate::plan) ended: BTreeMap<PersonId, Because>,
    /// Everybody named whose partner account is disabled or deleted.
    pub(in crate::plan) leavers: BTreeMap<PersonId, Because>,
    /// Everybody about whom nothing can be said: neither added nor removed.
    pub(in crate::plan) undecided: BTreeSet<PersonId>,
    /// The source could not be read: nobody is removed for being absent from it.
    pub(in crate::plan) frozen: bool,
    /// Only grants fill it.
    pub(in crate::plan) grants_only: bool,
    /// Why somebody who is not wanted goes, if she was once wanted.
    pub(in crate::plan) left: String,
}

/// A person who should be in.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Wanted {
    pub(in crate::plan) address: Address,
    pub(in crate::plan) display_name: String,
    pub(in crate::plan) until: Option<Timestamp>,
    pub(in crate::plan) because: Because,
}

impl Roster {
    /// The roster of a mapping.
    pub(in crate::plan) fn of(sheet: &mut Sheet<'_>, mapping: &Mapping) -> Self {
        let mut roster = Self { grants_only: mapping.from.is_none(), ..Self::default() };
        let inputs = sheet.inputs;
        if let Some(group) = mapping.from.as_ref().and_then(|name| inputs.desired.groups.get(name)) {
            match &group.source {
                Source::Listed(members) => roster.listed(sheet, &group.name, members),
                Source::Entra(source) => roster.sourced(sheet, &group.name, source),
            }
        }
        for grant in inputs.customer.grants.values().filter(|grant| grant.mapping == mapping.key) {
            roster.granted(sheet, grant);
        }
        roster.ended.retain(|person, _| !roster.wanted.contains_key(person));
        roster
    }

    fn listed(&mut self, sheet: &mut Sheet<'_>, name: &GroupName, members: &BTreeMap<PersonId, Listed>) {
        self.left = format!("no longer listed in {name}");
        for (id, listed) in members {
            let origin = &listed.person.origin;
            if let Some(end) = listed.expires.filter(|end| *end <= sheet.inputs.now) {
                let text = format!("listed in {name} only until {end}");
                self.ended.insert(*id, because(Rule::GrantEnded, origin, text));
                continue;
            }
            let reason = because(Rule::Declared, origin, format!("listed in {name}"));
            self.admit(sheet, &listed.person, listed.expires, reason);
        }
    }

    fn granted(&mut self, sheet: &mut Sheet<'_>, grant: &Grant) {
        let person = &grant.person;
        if grant.expires <= sheet.inputs.now {
            let text = format!("grant {} ended at {}", grant.name, grant.expires);
            self.ended.insert(person.id, because(Rule::GrantEnded, &grant.origin, text));
        } else if grant.is_running(sheet.inputs.now) {
            let ticket = grant.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
            let text = format!("grant {}{ticket}: {}", grant.name, grant.reason);
            self.admit(sheet, person, Some(grant.expires), because(Rule::GrantStarted, &grant.origin, text));
        }
    }

    /// Wants a person whom the files name, if the partner tenant confirms who she is.
    fn admit(&mut self, sheet: &mut Sheet<'_>, named: &PersonRef, until: Option<Timestamp>, reason: Because) {
        let who = named.address.to_string();
        let freezes = "this person: neither added nor removed";
        match sheet.inputs.partner.person(named.id) {
            Some(Ok(Some(person))) => {
                if person.has_left() {
                    self.leavers.insert(named.id, leaver(person, Some(&named.origin)));
                    return;
                }
                match doubt_about(person, Some(&named.address), sheet) {
                    None => self.want(person, named.address.clone(), until, reason),
                    Some((code, text)) => {
                        self.undecided.insert(named.id);
                        sheet.doubt(code, who, freezes, format!("{}: {text}", named.origin));
                    }
                }
            }
            Some(Ok(None)) => {
                self.undecided.insert(named.id);
                let text =
                    format!("{}: nobody in the partner tenant has the object id {}", named.origin, named.id);
                sheet.doubt(GapCode::NotFound, who, freezes, text);
            }
            Some(Err(unread)) => {
                self.undecided.insert(named.id);
                sheet.gap(&unread, who, freezes);
            }
            None => {
                self.undecided.insert(named.id);
                sheet.doubt(GapCode::Unavailable, who, freezes, "this person was not read");
            }
        }
    }

    fn sourced(&mut self, sheet: &mut Sheet<'_>, name: &GroupName, group: &EntraGroup) {
        self.left = format!("no longer in the partner's group {name}");
        let source = match sheet.inputs.partner.sources.get(name) {
            Some(Ok(source)) => source,
            Some(Err(unread)) => {
                self.frozen = true;
                sheet.gap(
                    unread,
                    format!("partner group {name}"),
                    "who joined or left it, at every customer that has it",
                );
                return;
            }
            None => {
                self.frozen = true;
                sheet.doubt(
                    GapCode::Unavailable,
                    format!("partner group {name}"),
                    "who joined or left it",
                    "it was not read",
                );
                return;
            }
        };
        for id in &source.others {
            let text = format!("holds {id}, which is not a person: it is not replicated");
            sheet.find(FindingCode::NotAPerson, format!("partner group {name}"), text, None);
        }
        for person in source.members.values() {
            let domains = &sheet.inputs.desired.partner.staff_domains;
            let who = person
                .staff_address(domains)
                .map_or_else(|| person.id.to_string(), |address| address.to_string());
            if person.has_left() {
                self.leavers.insert(person.id, leaver(person, Some(&group.origin)));
                continue;
            }
            match (doubt_about(person, None, sheet), person.staff_address(domains)) {
                (None, Some(address)) => {
                    let text = format!("in the partner's group {name}");
                    self.want(person, address, None, because(Rule::Declared, &group.origin, text));
                }
                (Some((code, text)), _) => {
                    self.undecided.insert(person.id);
                    sheet.doubt(code, who, "this person: neither added nor removed", text);
                }
                (None, None) => {
                    self.undecided.insert(person.id);
                    let text = "this person has no address in a staff domain";
                    sheet.doubt(GapCode::Mismatch, who, "this person: neither added nor removed", text);
                }
            }
        }
    }

    fn want(&mut self, person: &Person, address: Address, until: Option<Timestamp>, reason: Because) {
        let wanted = Wanted { address, display_name: person.display_name.clone(), until, because: reason };
        match self.wanted.get_mut(&person.id) {
            // The later end counts, and no end is the latest.
            Some(known) if known.until.is_none() || (until.is_some() && known.until >= until) => {}
            Some(known) => *known = wanted,
            None => {
                self.wanted.insert(person.id, wanted);
            }
        }
    }
}

/// What speaks against taking a living person for the one meant, if anything does.
fn doubt_about(person: &Person, written: Option<&Address>, sheet: &Sheet<'_>) -> Option<(GapCode, String)> {
    let domains = &sheet.inputs.desired.partner.staff_domains;
    if person.standing == Standing::Unknown {
        return Some((
            GapCode::Withheld,
            "Graph withheld whether the account is enabled: is User.Read.All consented?".into(),
        ));
    }
    match person.user_type.as_deref() {
        Some("Member") => {}
        Some(other) => {
            return Some((
                GapCode::Mismatch,
                format!("the account is a {other} of the partner tenant, not a Member"),
            ));
        }
        None => {
            return Some((
                GapCode::Withheld,
                "Graph withheld the user type: is User.Read.All consented?".into(),
            ));
        }
    }
    if let Some(written) = written {
        if !written.is_in(domains) {
            return Some((GapCode::Mismatch, format!("{written} is not in a staff domain")));
        }
        if !person.addresses.contains(written) {
            return Some((
                GapCode::Mismatch,
                format!("the account with that object id does not have the address {written}"),
            ));
        }
    }
    None
}

/// The reason that carries a leaver out.
pub(in crate::plan) fn leaver(person: &Person, origin: Option<&Origin>) -> Because {
    let how = if person.standing == Standing::Deleted { "deleted" } else { "disabled" };
    let text = format!("the partner account is {how}");
    Because { rule: Rule::Leaver, origin: origin.cloned(), text }
}

fn because(rule: Rule, origin: &Origin, text: String) -> Because {
    Because { rule, origin: Some(origin.clone()), text }
}
