//! Whom each user in our groups stands for.

use std::collections::BTreeMap;

use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::member::User;
use crate::model::person::Person;
use crate::observed::question::Question;
use crate::plan::diff::estate::Estate;
use crate::plan::directory::{Likeness, likeness, staff_address_of};
use crate::plan::sheet::Sheet;
use crate::plan::verdict::GapCode;

/// Whom a user of the customer tenant stands for.
#[derive(Debug, Clone)]
pub(in crate::plan) enum Who<'a> {
    /// This partner person; what was read of her, if she was.
    Person(PersonId, Option<&'a Person>),
    /// Somebody of staff, but nobody whom the files name; with what is known of her besides.
    Staff(Option<&'static str>),
    /// Somebody of staff whom no file names, and of whom the partner tenant could not be asked.
    Unread,
    /// The customer's own people, or somebody else's.
    Foreign,
    /// Not to be told yet, or at all: the user is left alone, and a gap or a question says why.
    Undecided,
}

/// The users in our groups and in the ledger, told apart once per customer.
pub(in crate::plan) struct Identities<'a> {
    /// By user.
    who: Vec<(ObjectId, Who<'a>)>,
    /// By person: every user that is proven to be hers.
    guests: Vec<(PersonId, ObjectId)>,
}

impl<'a> Identities<'a> {
    /// Tells everybody apart. Only about members of groups, not about mere ledger entries, is the partner tenant asked.
    pub(in crate::plan) fn of(sheet: &mut Sheet<'a>, estate: &Estate<'a>) -> Self {
        let users = estate.users();
        let mut identities =
            Self { who: Vec::with_capacity(users.len()), guests: Vec::with_capacity(users.len()) };
        let paired: BTreeMap<ObjectId, PersonId> =
            sheet.inputs.memory.pairs.iter().map(|(person, guest)| (*guest, *person)).collect();
        for user in users {
            let who = identify(sheet, estate, user, paired.get(&user.id).copied());
            if let Who::Person(person, read) = who
                && (paired.contains_key(&user.id) || read.is_none_or(|read| proves(sheet, user, read)))
            {
                identities.guests.push((person, user.id));
            }
            identities.who.push((user.id, who));
        }
        identities.guests.sort_unstable();
        identities
    }

    /// Whom the user stands for.
    pub(in crate::plan) fn who(&self, user: ObjectId) -> &Who<'a> {
        let place = self.who.binary_search_by_key(&user, |(id, _)| *id);
        place.map_or(&Who::Undecided, |place| &self.who[place].1)
    }

    /// The guests of a person among the users seen.
    pub(in crate::plan) fn guests(&self, person: PersonId) -> impl Iterator<Item = ObjectId> {
        let first = self.guests.partition_point(|(id, _)| *id < person);
        self.guests[first..].iter().take_while(move |(id, _)| *id == person).map(|(_, guest)| *guest)
    }
}

/// Whether a user is proven to be a person's guest.
fn proves(sheet: &Sheet<'_>, user: &User, person: &Person) -> bool {
    likeness(user, person, &sheet.inputs.desired.partner.staff_domains) == Likeness::Match
}

/// What it means that somebody cannot be told.
const FREEZES: &str = "this member: neither counted as anybody's nor removed";

fn identify<'a>(
    sheet: &mut Sheet<'a>,
    estate: &Estate<'a>,
    user: &User,
    paired: Option<PersonId>,
) -> Who<'a> {
    let directory = sheet.inputs.directory;
    let domains = &sheet.inputs.desired.partner.staff_domains;
    let people = directory.people_at(user);
    if let Some(person) = paired {
        if people.clone().any(|found| found == person) {
            return Who::Person(person, directory.person(person));
        }
        if people.clone().next().is_none() {
            return remembered(sheet, estate, user, person);
        }
        return contradicted(sheet, user, person);
    }
    let mut matches = 0;
    let mut matching = None;
    let mut called = None;
    let mut strange = None;
    for id in people {
        match directory.person(id).map(|person| (person, likeness(user, person, domains))) {
            // Named in the files and not readable: her roster entry says that nothing is decided about her.
            None => {
                matches += 1;
                matching = Some(Who::Person(id, None));
            }
            Some((person, Likeness::Match)) => {
                matches += 1;
                matching = Some(Who::Person(id, Some(person)));
            }
            // The files call her by an address that her account does not have: her roster entry says what that freezes.
            Some((person, Likeness::Unproven)) if user.is_external() => {
                called = Some(Who::Person(id, Some(person)));
            }
            Some((_, Likeness::Internal | Likeness::Unproven)) => {}
            Some((_, found)) => strange = Some(found),
        }
    }
    match (matches, matching.or(called), strange) {
        (0 | 1, Some(person), _) => return person,
        (0, None, Some(found)) => return stranger(sheet, user, found),
        (0, None, None) => {}
        _ => {
            let text = format!("guest {} has addresses of {matches} people", user.id);
            sheet.doubt(GapCode::GuestConflict, format!("guest {}", user.id), FREEZES, text);
            return Who::Undecided;
        }
    }
    if user.user_principal_name.is_none() {
        let text = format!(
            "Graph withheld the user principal name of member {}: is User.Read.All consented?",
            user.id
        );
        sheet.doubt(GapCode::Withheld, format!("member {}", user.id), FREEZES, text);
        return Who::Undecided;
    }
    let in_ledger = estate.has_entry(user.id);
    if !user.is_external() && !in_ledger {
        return if defect!(EverybodyIsStaff) { Who::Staff(None) } else { Who::Foreign };
    }
    match staff_address_of(user, domains) {
        Some(address) if is_member(estate, user) => ask_partner(sheet, user, &address),
        Some(_) => Who::Staff(None),
        None if in_ledger => Who::Staff(None),
        None => Who::Foreign,
    }
}

/// Whether the user stands in a group of ours, the ledger not counted.
fn is_member(estate: &Estate<'_>, user: &User) -> bool {
    estate.holdings().filter_map(|holding| holding.members).any(|members| members.contains_key(&user.id))
}

/// A guest whom memory pairs with a person that neither files nor sources name any more. Whether she left the partner or only
/// a group is not for memory to say.
fn remembered<'a>(sheet: &mut Sheet<'a>, estate: &Estate<'a>, user: &User, person: PersonId) -> Who<'a> {
    // Named, and perhaps not readable: then her roster entry says what is known and what has ended.
    let is_named = sheet.inputs.partner.person(person).is_some();
    let address = staff_address_of(user, &sheet.inputs.desired.partner.staff_domains);
    let Some(address) = address.filter(|_| !is_named && is_member(estate, user)) else {
        return Who::Person(person, sheet.inputs.directory.person(person));
    };
    match ask_partner(sheet, user, &address) {
        Who::Person(found, _) if found != person => contradicted(sheet, user, person),
        Who::Staff(_) => Who::Person(person, None),
        who => who,
    }
}

fn contradicted<'a>(sheet: &mut Sheet<'_>, user: &User, person: PersonId) -> Who<'a> {
    let of = format!("guest {}", user.id);
    let text =
        format!("guest {} was paired with person {person} and now has another person's address", user.id);
    sheet.doubt(GapCode::GuestConflict, of, FREEZES, text);
    Who::Undecided
}

/// A guest with a person's address that is not hers: it goes, and she is not let in beside it.
fn stranger<'a>(sheet: &mut Sheet<'a>, user: &User, found: Likeness) -> Who<'a> {
    if found == Likeness::ForeignIdentity && user.issuers.is_empty() {
        let of = format!("guest {}", user.id);
        let text = "has accepted, and Graph does not say with which identity";
        sheet.doubt(GapCode::Withheld, of, "this member: neither added nor removed", text);
        return Who::Undecided;
    }
    Who::Staff(Some(match found {
        Likeness::Predates => "older than the account that has its address now",
        _ => "accepted with another identity than the partner's directory",
    }))
}

/// Asks the partner tenant who has an address that no file names: a leaver goes first, the living go by the limits.
fn ask_partner<'a>(sheet: &mut Sheet<'a>, user: &User, address: &Address) -> Who<'a> {
    let answer = sheet.inputs.observed.facts.staff.get(address);
    match sheet.ask(answer, Question::Staff(address.clone())) {
        None => Who::Undecided,
        Some(Err(unread)) => {
            sheet.gap(
                unread,
                address.to_string(),
                "whether this member has left the partner or only the group",
            );
            Who::Unread
        }
        Some(Ok(Some(person))) if proves(sheet, user, person) => Who::Person(person.id, Some(person)),
        Some(Ok(Some(_))) => Who::Staff(None),
        Some(Ok(None)) => Who::Staff(Some("nobody in the partner tenant has this address")),
    }
}
