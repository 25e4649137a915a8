//! A plan without people, for places that more eyes see than should: names and addresses become pseudonyms, the same one for
//! the same person throughout a report. Ids, groups, roles, scopes and digests stay as they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::desired::state::{DesiredState, Source};
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId};
use crate::plan::because::Because;
use crate::plan::operation::{Action, LedgerEntry};
use crate::plan::outcome::CustomerOutcome;
use crate::plan::value::{CustomerPlan, Plan};
use crate::plan::verdict::{Finding, FindingCode, Gap};

/// Whether people are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// They are.
    Named,
    /// Pseudonyms stand for them.
    Hidden,
}

/// So many digits of an id name a person, unless two people share them.
const DIGITS: usize = 4;

/// Between words that the planner puts around somebody's label.
const AROUND: [(&str, &str); 4] = [
    ("what uses ", ""),
    ("the guests of ", ""),
    ("", " would be removed ("),
    ("the ledger does not prove that ", " is ours"),
];

/// Who is called what, in one report.
#[derive(Debug)]
pub struct Pseudonyms {
    /// Addresses in lower case, guests' mangled ones among them.
    addresses: BTreeMap<String, String>,
    people: BTreeMap<PersonId, String>,
    /// Everybody else, in order of appearance.
    others: BTreeMap<String, String>,
    /// Names that are no addresses, of the customer at hand: they are looked for in sentences.
    names: BTreeMap<String, String>,
    /// The same, the longest first: one name may be part of another. Put in order when they are first looked for.
    longest_first: Vec<(String, String)>,
    /// What became of sentences with those names: a few reasons stand behind thousands of members.
    said: HashMap<String, String>,
}

impl Pseudonyms {
    /// Pseudonyms for everybody the files or the plan name: the last digits of their object id, `person 0201`.
    pub fn of(plan: &Plan, desired: &DesiredState) -> Self {
        let mut found: BTreeMap<Address, PersonId> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for group in desired.groups.values() {
            if let Source::Listed(members) = &group.source {
                found
                    .extend(members.values().map(|listed| (listed.person.address.clone(), listed.person.id)));
            }
        }
        let grants = desired.customers.values().flat_map(|customer| customer.grants.values());
        found.extend(grants.map(|grant| (grant.person.address.clone(), grant.person.id)));
        for operation in plan.customers.iter().flat_map(|customer| &customer.operations) {
            match &operation.action {
                Action::InviteGuest { person, address, .. }
                | Action::AddToLedger { entry: LedgerEntry::Invited { person, address, .. }, .. } => {
                    found.insert(address.clone(), *person);
                }
                Action::AddMembers { members, .. } => {
                    for member in members {
                        if !found.contains_key(&member.address) {
                            found.insert(member.address.clone(), member.person);
                        }
                    }
                }
                Action::RemoveMembers { members, .. } => ids.extend(members.iter().filter_map(|m| m.person)),
                Action::DeleteGuest { person, .. } => ids.extend(*person),
                _ => {}
            }
        }
        ids.extend(found.values().copied());
        let people = short(&ids);
        let mut addresses = BTreeMap::new();
        for (address, person) in &found {
            addresses.insert(address.mangled(), people[person].clone());
            addresses.insert(address.to_string(), people[person].clone());
        }
        Self {
            addresses,
            people,
            others: BTreeMap::new(),
            names: BTreeMap::new(),
            longest_first: Vec::new(),
            said: HashMap::new(),
        }
    }

    /// The plan with pseudonyms in place of people. Its digests still are those of the plan itself.
    pub fn plan(&mut self, mut plan: Plan) -> Plan {
        for customer in &mut plan.customers {
            self.customer(customer);
        }
        plan
    }

    /// A plan and what became of it with pseudonyms in place of people. A sentence of an outcome may name whomever its
    /// customer's plan names.
    pub fn outcomes(
        &mut self,
        mut plan: Plan,
        mut outcomes: Vec<CustomerOutcome>,
    ) -> (Plan, Vec<CustomerOutcome>) {
        let mut told: BTreeMap<_, _> = outcomes.iter_mut().map(|o| (o.name.clone(), o)).collect();
        for customer in &mut plan.customers {
            self.customer(customer);
            if let Some(outcome) = told.remove(&customer.name) {
                self.outcome(outcome);
            }
        }
        self.forget_names();
        for outcome in told.into_values() {
            self.outcome(outcome);
        }
        (plan, outcomes)
    }

    fn outcome(&mut self, customer: &mut CustomerOutcome) {
        if let Some(text) = &mut customer.ended_early {
            *text = self.sentence(text);
        }
        for text in customer.outcomes.iter_mut().filter_map(|outcome| outcome.text.as_mut()) {
            *text = self.sentence(text);
        }
    }

    fn customer(&mut self, plan: &mut CustomerPlan) {
        self.forget_names();
        let groups: BTreeSet<ObjectId> = plan.operations.iter().filter_map(|o| group_of(&o.action)).collect();
        for operation in &mut plan.operations {
            self.action(&mut operation.action, &groups);
        }
        for Finding { code, of, .. } in &mut plan.findings {
            if is_about_a_person(*code) {
                *of = self.label(of, None);
            }
        }
        for Gap { of, .. } in &mut plan.gaps {
            self.around(of);
        }
        for text in plan.refused.iter().map(|r| &r.text).chain(plan.held.iter().map(|h| &h.text)) {
            self.around(text);
        }
        // Only now is everybody known whom a sentence may name.
        for operation in &mut plan.operations {
            operation.because.iter_mut().for_each(|because| self.because(because));
            match &mut operation.action {
                Action::AddMembers { members, .. } => {
                    for member in members {
                        self.because(&mut member.because);
                    }
                }
                Action::RemoveMembers { members, .. } => {
                    for member in members {
                        self.because(&mut member.because);
                    }
                }
                _ => {}
            }
        }
        for hold in &mut plan.held {
            hold.text = self.sentence(&hold.text);
            hold.hint = self.sentence(&hold.hint);
        }
        for refusal in &mut plan.refused {
            refusal.text = self.sentence(&refusal.text);
            refusal.hint = self.sentence(&refusal.hint);
        }
        for Gap { of, freezes, text, .. } in &mut plan.gaps {
            *of = self.sentence(of);
            *freezes = self.sentence(freezes);
            *text = self.sentence(text);
        }
        for Finding { of, text, hint, .. } in &mut plan.findings {
            *of = self.sentence(of);
            *text = self.sentence(text);
            *hint = hint.as_ref().map(|hint| self.sentence(hint));
        }
    }

    fn action(&mut self, action: &mut Action, groups: &BTreeSet<ObjectId>) {
        match action {
            Action::InviteGuest { person, address, display_name, .. } => {
                *display_name = self.label(display_name, Some(*person));
                *address = self.address(address);
            }
            Action::AddToLedger { entry: LedgerEntry::Invited { address, .. }, .. } => {
                *address = self.address(address);
            }
            Action::RemoveFromLedger { object, label, .. } if !groups.contains(object) => {
                *label = self.label(label, None);
            }
            Action::AddMembers { members, .. } => {
                for member in members {
                    member.address = self.address(&member.address);
                }
            }
            Action::RemoveMembers { members, .. } => {
                for member in members.iter_mut().filter(|member| member.label != "a nested group") {
                    member.label = self.label(&member.label, member.person);
                }
            }
            Action::DeleteGuest { person, label, .. } => *label = self.label(label, *person),
            Action::AddToLedger { .. }
            | Action::RemoveFromLedger { .. }
            | Action::CreateGroup { .. }
            | Action::UpdateGroup { .. }
            | Action::DeleteGroup { .. }
            | Action::CreateRoleAssignment { .. }
            | Action::DeleteRoleAssignment { .. } => {}
        }
    }

    fn because(&mut self, because: &mut Because) {
        if because.text.contains('@') || !self.names.is_empty() {
            because.text = self.sentence(&because.text);
        }
    }

    fn address(&mut self, address: &Address) -> Address {
        Address::pseudonym(&self.someone(address.as_str()))
    }

    /// The pseudonym for a label, which sentences may name from now on.
    pub(super) fn label(&mut self, label: &str, person: Option<PersonId>) -> String {
        let shown = match person.and_then(|person| self.people.get(&person)) {
            Some(known) => known.clone(),
            None => self.someone(label),
        };
        if label.contains('@') {
            self.addresses.entry(label.to_lowercase()).or_insert_with(|| shown.clone());
        }
        if !label.trim().is_empty() {
            self.names.insert(label.to_owned(), shown.clone());
            self.longest_first.clear();
            self.said.clear();
        }
        shown
    }

    fn forget_names(&mut self) {
        self.names.clear();
        self.longest_first.clear();
        self.said.clear();
    }

    /// Learns the label that stands between words of the planner.
    fn around(&mut self, text: &str) {
        for (before, after) in AROUND {
            let inner = text.split_once(before).filter(|_| text.contains(before)).map(|(_, rest)| rest);
            let Some(inner) = inner else { continue };
            let label = if after.is_empty() { Some(inner) } else { inner.split_once(after).map(|(l, _)| l) };
            if let Some(label) = label.filter(|label| !label.is_empty()) {
                self.label(label, None);
            }
        }
    }

    /// The pseudonym for an address or a name.
    fn someone(&mut self, text: &str) -> String {
        let key = text.to_lowercase();
        let mangled = key.split_once("#ext#").map_or(key.as_str(), |(mangled, _)| mangled);
        if is_pseudonym(text) || uuid::Uuid::try_parse(text).is_ok() {
            return text.to_owned();
        }
        if let Some(known) = self.addresses.get(mangled) {
            return known.clone();
        }
        let next = self.others.len() + 1;
        self.others.entry(key).or_insert_with(|| format!("someone {next}")).clone()
    }

    /// A sentence without the names that are known here, and without anything that looks like an address.
    pub fn sentence(&mut self, text: &str) -> String {
        if let Some(shown) = self.said.get(text) {
            return shown.clone();
        }
        let mut shown = text.to_owned();
        if self.longest_first.is_empty() {
            self.longest_first = self.names.clone().into_iter().collect();
            self.longest_first.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
        for (name, pseudonym) in &self.longest_first {
            // Nearly always it does not stand there, and a plan asks this of every name in every reason.
            if shown.contains(name.as_str()) {
                shown = replace(&shown, name, pseudonym);
            }
        }
        while let Some((before, address, after)) = first_address(&shown) {
            let pseudonym = self.someone(address);
            shown = format!("{before}{pseudonym}{after}");
        }
        self.said.insert(text.to_owned(), shown.clone());
        shown
    }
}

/// Ids by their last digits, as many as tell them apart.
fn short(ids: &BTreeSet<PersonId>) -> BTreeMap<PersonId, String> {
    let tail = |id: &PersonId, digits: usize| {
        let text = id.uuid().simple().to_string();
        text[text.len() - digits..].to_owned()
    };
    let mut shared: BTreeMap<String, usize> = BTreeMap::new();
    let lengths = [DIGITS, 2 * DIGITS, 3 * DIGITS];
    for id in ids {
        for digits in lengths {
            *shared.entry(tail(id, digits)).or_default() += 1;
        }
    }
    let digits = |id: &PersonId| lengths.into_iter().find(|d| shared[&tail(id, *d)] == 1).unwrap_or(32);
    ids.iter().map(|id| (*id, format!("person {}", tail(id, digits(id))))).collect()
}

fn group_of(action: &Action) -> Option<ObjectId> {
    match action {
        Action::AddMembers { group, .. }
        | Action::RemoveMembers { group, .. }
        | Action::CreateRoleAssignment { group, .. } => group.id,
        Action::DeleteRoleAssignment { key, .. } => Some(key.principal),
        Action::AddToLedger { entry: LedgerEntry::Adopted { group, .. }, .. }
        | Action::UpdateGroup { group, .. }
        | Action::DeleteGroup { group, .. } => Some(*group),
        _ => None,
    }
}

fn is_about_a_person(code: FindingCode) -> bool {
    matches!(
        code,
        FindingCode::UnclaimedGuest
            | FindingCode::ForeignMember
            | FindingCode::DelegatedAdminInside
            | FindingCode::IdleGuest
            | FindingCode::GuestKept
            | FindingCode::ManyTenants
            | FindingCode::NeverAccepted
            | FindingCode::NotAPerson
    )
}

fn is_pseudonym(text: &str) -> bool {
    let number = text.strip_prefix("person ").or_else(|| text.strip_prefix("someone "));
    number.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Replaces a name wherever it stands as a word of its own.
fn replace(text: &str, name: &str, by: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let end = at + name.len();
        let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let is_word = ends(rest[..at].chars().next_back()) && ends(rest[end..].chars().next());
        shown.push_str(&rest[..at]);
        shown.push_str(if is_word { by } else { name });
        rest = &rest[end..];
    }
    shown + rest
}

/// What looks like an address: whatever stands around an `@` without a gap, and what stands before and after it.
fn first_address(text: &str) -> Option<(&str, &str, &str)> {
    let gap = |c: char| c.is_whitespace() || "()<>[]{}\",;:|`".contains(c);
    let at = text.match_indices('@').map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        before.is_some_and(|c| !gap(c)) && text[at + 1..].chars().next().is_some_and(|c| !gap(c))
    })?;
    let start = text[..at].char_indices().rev().find(|(_, c)| gap(*c)).map_or(0, |(i, c)| i + c.len_utf8());
    let end = text[at..].find(gap).map_or(text.len(), |length| at + length);
    let address = text[start..end].trim_end_matches('.').trim_start_matches('\'');
    let start = end - text[start..end].trim_start_matches('\'').len();
    Some((&text[..start], address, &text[start + address.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_wherever_it_stands() {
        assert_eq!(first_address("see (a.b@c.example)."), Some(("see (", "a.b@c.example", ").")));
        assert_eq!(first_address("x_y.example#EXT#@z.example"), Some(("", "x_y.example#EXT#@z.example", "")));
        assert_eq!(first_address("at a@b.example."), Some(("at ", "a@b.example", ".")));
        assert_eq!(first_address("@ and a @ b"), None);
    }

    #[test]
    fn a_name_is_replaced_only_as_a_word() {
        assert_eq!(replace("Al is in Alps, says Al", "Al", "person 1"), "person 1 is in Alps, says person 1");
    }
}
