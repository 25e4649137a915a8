//! Whose guest a user of the customer tenant is: the match between partner people and guests.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::desired::state::DesiredState;
use crate::model::address::{Address, Domain};
use crate::model::ids::PersonId;
use crate::model::member::User;
use crate::model::person::Person;
use crate::observed::partner::Partner;

/// How a user of the customer tenant relates to a partner person with one of its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Her guest.
    Match,
    /// Made before her account: it belonged to somebody who had the address before her.
    Predates,
    /// Accepted by another identity than the partner's directory: somebody else signs in with it.
    ForeignIdentity,
    /// Not an external user: the customer's own account, which happens to have the address.
    Internal,
    /// Only found by an address that anybody can set.
    Unproven,
}

/// Compares a user with a person. `mail` and the mangled user principal name prove; other mails and proxy addresses
/// only find, since the user can set them.
pub fn likeness(user: &User, person: &Person, domains: &BTreeSet<Domain>) -> Likeness {
    let is_addressed = |address: &Address| {
        user.is_addressed(address) || (defect!(OtherMailsProve) && user.other_mails.contains(address))
    };
    if !person.staff_addresses(domains).any(is_addressed) {
        return Likeness::Unproven;
    }
    if !user.is_external() {
        return Likeness::Internal;
    }
    if let (Some(guest), Some(account)) = (user.created, person.created)
        && guest < account
    {
        return Likeness::Predates;
    }
    if user.has_accepted() && !user.issuers.iter().any(|issuer| issuer == "ExternalAzureAD") {
        return Likeness::ForeignIdentity;
    }
    Likeness::Match
}

/// An address of the user that lies exactly in a staff domain: its mail, or the one its user principal name was made from.
pub fn staff_address_of(user: &User, domains: &BTreeSet<Domain>) -> Option<Address> {
    if let Some(mail) = user.mail.as_ref().filter(|mail| mail.is_in(domains)) {
        return Some(mail.clone());
    }
    let mangled = user.mangled()?;
    domains.iter().find_map(|domain| {
        let local = mangled.strip_suffix(domain.as_str())?.strip_suffix('_')?;
        format!("{local}@{domain}").parse().ok()
    })
}

/// Partner people by address: their own, and the one by which the files call them, which an account may not have: because it
/// could not be read, or because it got another one since.
/// Built once per sweep.
#[derive(Debug)]
pub struct Directory<'a> {
    by_address: HashMap<&'a str, Vec<PersonId>>,
    by_mangled: HashMap<String, Vec<PersonId>>,
    people: BTreeMap<PersonId, &'a Person>,
}

impl<'a> Directory<'a> {
    /// Indexes everybody the files or a source name.
    pub fn new(desired: &'a DesiredState, partner: &'a Partner) -> Self {
        let mut directory =
            Self { by_address: HashMap::new(), by_mangled: HashMap::new(), people: BTreeMap::new() };
        let sourced = partner
            .sources
            .values()
            .filter_map(|source| source.as_ref().ok())
            .flat_map(|s| s.members.values());
        let named = partner.people.values().filter_map(|reading| reading.as_ref().ok()?.as_ref());
        for person in sourced.chain(named) {
            if directory.people.insert(person.id, person).is_none() {
                for address in person.staff_addresses(&desired.partner.staff_domains) {
                    directory.index(address, person.id);
                }
            }
        }
        for named in desired.people_named() {
            // Even where her account no longer has it: whoever carries it stands for her until a human has looked.
            directory.index(&named.address, named.id);
        }
        directory
    }

    fn index(&mut self, address: &'a Address, person: PersonId) {
        for people in [
            self.by_address.entry(address.as_str()).or_default(),
            self.by_mangled.entry(address.mangled()).or_default(),
        ] {
            if !people.contains(&person) {
                people.push(person);
            }
        }
    }

    /// Everybody who has an address of this user, or whom the files call by one.
    pub fn people_at(&self, user: &User) -> impl Iterator<Item = PersonId> + Clone {
        let by_address = user.mail.as_ref().and_then(|mail| self.by_address.get(mail.as_str()));
        let by_name = user.mangled().and_then(|mangled| self.by_mangled.get(&*mangled));
        let by_address = by_address.map_or(&[][..], Vec::as_slice);
        let by_name = by_name.into_iter().flatten().filter(|id| !by_address.contains(id));
        let claimed = user.other_mails.iter().filter(|_| defect!(OtherMailsProve));
        let by_claim = claimed.filter_map(|mail| self.by_address.get(mail.as_str())).flatten();
        let by_claim = by_claim.filter(|id| !by_address.contains(id));
        by_address.iter().chain(by_name).chain(by_claim).copied()
    }

    /// The person, if she was read.
    pub fn person(&self, id: PersonId) -> Option<&'a Person> {
        self.people.get(&id).copied()
    }
}
