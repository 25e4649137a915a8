//! Who stands in a group: people of ours, each proven by her guest, or what keeps the group out of the files.

use std::collections::BTreeMap;

use crate::desired::state::Gdap;
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::model::member::Member;
use crate::model::person::{Person, Standing};
use crate::observed::question::Question;
use crate::plan::adoption::value::Reason;
use crate::plan::diff::admission::delegated_admin;
use crate::plan::diff::estate::Members;
use crate::plan::diff::identity::{Identities, Who};
use crate::plan::sheet::Sheet;

/// The members of a group, told apart by the rules by which a plan does it.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// People of ours.
    pub(super) staff: BTreeMap<PersonId, Address>,
    /// Everybody and everything else.
    pub(super) others: usize,
    /// Members of whom a plan would not say that they are declared, whatever the files say.
    pub(super) doubts: Vec<Reason>,
}

impl Crowd {
    /// Whether anybody in it is, or may be, one of ours.
    pub(super) fn has_ours(&self) -> bool {
        !self.staff.is_empty() || !self.doubts.is_empty()
    }
}

pub(super) fn tell_apart<'a>(
    sheet: &mut Sheet<'a>,
    identities: &Identities<'a>,
    members: &'a Members,
) -> Crowd {
    let mut crowd = Crowd::default();
    for (id, member) in members {
        let Member::User(user) = member else {
            crowd.others += 1;
            continue;
        };
        let label = user.mail.as_ref().map_or_else(|| id.to_string(), ToString::to_string);
        let doubt = match identities.who(*id).clone() {
            Who::Foreign => {
                crowd.others += 1;
                continue;
            }
            Who::Person(person, Some(read)) if identities.guests(person).any(|guest| guest == *id) => {
                match declarable(sheet, read) {
                    Ok(address) if crowd.staff.insert(person, address.clone()).is_none() => continue,
                    Ok(_) => format!("{label} has several guests in it"),
                    Err(why) => format!("{label} {why}"),
                }
            }
            Who::Person(_, Some(_)) => {
                format!("{label} has the address of one of ours and is not proven hers")
            }
            Who::Person(_, None) | Who::Unread => format!("{label} could not be looked up at the partner"),
            Who::Staff(Some(why)) => format!("{label} is in it: {why}"),
            Who::Staff(None) => format!("{label} has an address of ours and is nobody's guest that we know"),
            Who::Undecided => format!("whose guest {label} is cannot be told"),
        };
        crowd.doubts.push(Reason::Text(doubt));
    }
    crowd
}

/// The address by which the files can list a person, or why they must not.
fn declarable(sheet: &mut Sheet<'_>, person: &Person) -> Result<Address, String> {
    match person.standing {
        Standing::Active => {}
        Standing::Disabled | Standing::Deleted => {
            return Err("has left the partner and goes first".to_owned());
        }
        Standing::Unknown => return Err("cannot be read whole at the partner".to_owned()),
    }
    if person.user_type.as_deref() != Some("Member") {
        return Err("is not a Member of the partner's tenant".to_owned());
    }
    if let Some(why) = delegated_admin(sheet, person.id) {
        return Err(format!("{why}: a delegated admin must not be a guest"));
    }
    if !admins_are_known(sheet) {
        return Err("may be a delegated admin: not everybody who is could be read".to_owned());
    }
    let named = sheet.inputs.desired.people_named().find(|named| named.id == person.id);
    let address = match named {
        // A person is everywhere the same pair.
        Some(named) if person.addresses.contains(&named.address) => Some(named.address.clone()),
        Some(_) => None,
        None => person.staff_address(&sheet.inputs.desired.partner.staff_domains).cloned(),
    };
    let address = address.ok_or("has no address that the files could call her by")?;
    let taken = sheet.inputs.desired.people_named().find(|named| named.address == address);
    match taken {
        Some(other) if other.id != person.id => Err(format!("shares {address} with somebody in the files")),
        _ => Ok(address),
    }
}

/// Whether everybody who holds delegated administration at this customer is known.
fn admins_are_known(sheet: &mut Sheet<'_>) -> bool {
    let (partner, facts) = (sheet.inputs.partner, &sheet.inputs.observed.facts);
    let mut known = true;
    for (name, list) in [("AdminAgents", &partner.admin_agents), ("HelpdeskAgents", &partner.helpdesk_agents)]
    {
        if let Err(unread) = list {
            sheet.gap(unread, name, "every group here with people of ours");
            known = false;
        }
    }
    if sheet.inputs.desired.partner.gdap == Gdap::Off {
        return known;
    }
    match sheet.ask(facts.delegated_admins.as_ref(), Question::DelegatedAdmins) {
        Some(Ok(_)) => known,
        // The question is asked: the answer decides.
        None => false,
        Some(Err(unread)) => {
            let what = "the groups with GDAP roles at this customer";
            sheet.gap(unread, what, "every group here with people of ours");
            false
        }
    }
}
