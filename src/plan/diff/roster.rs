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
pub(in crate::plan) struct Roster<'a> {
    /// Everybody who should be in.
    pub(in crate::plan) wanted: BTreeMap<PersonId, Wanted<'a>>,
    /// Everybody whose access by this mapping is over.
    pub(in crate::plan) ended: BTreeMap<PersonId, Because>,
    /// Everybody named whose partner account is disabled or deleted.
    pub(in crate::plan) leavers: BTreeMap<PersonId, Because>,
    /// Everybody about whom nothing can be said: neither added nor removed.
    pub(in crate::plan) undecided: BTreeSet<PersonId>,
    /// The source could not be read: nobody is removed for being absent from it.
    pub(in crate::plan) frozen: bool,
    /// Somebody in the source has no name that could be read: any guest may be hers.
    pub(in crate::plan) nameless: bool,
    /// Only grants fill it.
    pub(in crate::plan) grants_only: bool,
    /// Why somebody who is not wanted goes, if she was once wanted.
    pub(in crate::plan) left: String,
}

/// A person who should be in. Nothing is copied and no word is made for the many who are in already.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Wanted<'a> {
    pub(in crate::plan) address: &'a Address,
    pub(in crate::plan) display_name: &'a str,
    pub(in crate::plan) until: Option<Timestamp>,
    why: Why<'a>,
}

/// What asks for a person.
#[derive(Debug, Clone, Copy)]
enum Why<'a> {
    /// A partner group lists her there.
    Listed(&'a GroupName, &'a Origin),
    /// She stands in a group of the partner tenant, which is declared there.
    Sourced(&'a GroupName, &'a Origin),
    /// A grant.
    Granted(&'a Grant),
}

impl Wanted<'_> {
    /// Why she should be in.
    pub(in crate::plan) fn because(&self) -> Because {
        match self.why {
            Why::Listed(name, origin) => because(Rule::Declared, origin, format!("listed in {name}")),
            Why::Sourced(name, origin) => {
                because(Rule::Declared, origin, format!("in the partner's group {name}"))
            }
            Why::Granted(grant) => {
                let ticket = grant.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
                let text = format!("grant {}{ticket}: {}", grant.name, grant.reason);
                because(Rule::GrantStarted, &grant.origin, text)
            }
        }
    }
}

impl<'a> Roster<'a> {
    /// The roster of a mapping.
    pub(in crate::plan) fn of(sheet: &mut Sheet<'a>, mapping: &'a Mapping) -> Self {
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
        if roster.frozen && defect!(EndsWaitForSource) {
            roster.ended.clear();
        }
        roster
    }

    fn listed(
        &mut self,
        sheet: &mut Sheet<'a>,
        name: &'a GroupName,
        members: &'a BTreeMap<PersonId, Listed>,
    ) {
        self.left = format!("no longer listed in {name}");
        for (id, listed) in members {
            let origin = &listed.person.origin;
            if let Some(end) = listed.expires.filter(|end| *end <= sheet.inputs.now) {
                let text = format!("listed in {name} only until {end}");
                self.ended.insert(*id, because(Rule::GrantEnded, origin, text));
                continue;
            }
            self.admit(sheet, &listed.person, listed.expires, Why::Listed(name, origin));
        }
    }

    fn granted(&mut self, sheet: &mut Sheet<'a>, grant: &'a Grant) {
        let person = &grant.person;
        if grant.expires <= sheet.inputs.now && defect!(ExpiredGrantRefused) {
            self.undecided.insert(person.id);
        } else if grant.expires <= sheet.inputs.now {
            let text = format!("grant {} ended at {}", grant.name, grant.expires);
            self.ended.insert(person.id, because(Rule::GrantEnded, &grant.origin, text));
        } else if grant.is_running(sheet.inputs.now) {
            self.admit(sheet, person, Some(grant.expires), Why::Granted(grant));
        }
    }

    /// Wants a person whom the files name, if the partner tenant confirms who she is.
    fn admit(&mut self, sheet: &mut Sheet<'a>, named: &'a PersonRef, until: Option<Timestamp>, why: Why<'a>) {
        let who = || named.address.to_string();
        let partner = sheet.inputs.partner;
        let freezes = "this person: neither added nor removed";
        match partner.person(named.id) {
            Some(Ok(Some(person))) => {
                if person.has_left() {
                    self.leavers.insert(named.id, leaver(person, Some(&named.origin)));
                    return;
                }
                match doubt_about(person, Some(&named.address), sheet) {
                    None => self.want(person, &named.address, until, why),
                    Some((code, text)) => {
                        self.undecided.insert(named.id);
                        sheet.doubt(code, who(), freezes, format!("{}: {text}", named.origin));
                    }
                }
            }
            Some(Ok(None)) => {
                self.undecided.insert(named.id);
                let text =
                    format!("{}: nobody in the partner tenant has the object id {}", named.origin, named.id);
                sheet.doubt(GapCode::NotFound, who(), freezes, text);
            }
            Some(Err(unread)) => {
                self.undecided.insert(named.id);
                sheet.gap(&unread, who(), freezes);
            }
            None => {
                self.undecided.insert(named.id);
                sheet.doubt(GapCode::Unavailable, who(), freezes, "this person was not read");
            }
        }
    }

    fn sourced(&mut self, sheet: &mut Sheet<'a>, name: &'a GroupName, group: &'a EntraGroup) {
        self.left = format!("no longer in the partner's group {name}");
        let source = match sheet.inputs.partner.sources.get(name) {
            Some(Ok(source)) => source,
            Some(Err(unread)) => {
                self.frozen = !defect!(GapIsEmptiness);
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
            let address = person.staff_address(domains);
            let who = || address.map_or_else(|| person.id.to_string(), ToString::to_string);
            if person.has_left() {
                self.leavers.insert(person.id, leaver(person, Some(&group.origin)));
                continue;
            }
            match (doubt_about(person, None, sheet), address) {
                (None, Some(address)) => {
                    self.want(person, address, None, Why::Sourced(name, &group.origin));
                }
                (Some((code, text)), address) => {
                    self.undecided.insert(person.id);
                    self.nameless |= code == GapCode::Withheld && address.is_none();
                    sheet.doubt(code, who(), "this person: neither added nor removed", text);
                }
                (None, None) => {
                    self.undecided.insert(person.id);
                    let text = "this person has no address in a staff domain";
                    sheet.doubt(GapCode::Mismatch, who(), "this person: neither added nor removed", text);
                }
            }
        }
    }

    fn want(&mut self, person: &'a Person, address: &'a Address, until: Option<Timestamp>, why: Why<'a>) {
        let wanted = Wanted { address, display_name: &person.display_name, until, why };
        let known = self.wanted.entry(person.id).or_insert(wanted);
        // The later end counts, and no end is the latest.
        if known.until.is_some() && (until.is_none() || known.until < until) {
            *known = wanted;
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
