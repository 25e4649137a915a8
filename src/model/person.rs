//! People of the partner.

use std::collections::BTreeSet;

use crate::model::address::{Address, Domain};
use crate::model::ids::PersonId;

/// A user of the partner tenant, as read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// The name people know them by.
    pub display_name: String,
    /// Their primary address, where an invitation goes if it lies in a staff domain.
    pub mail: Option<Address>,
    /// Every address of theirs: mail, user principal name, proxy addresses.
    pub addresses: BTreeSet<Address>,
    /// When the account was made, if Graph says. A guest older than it belongs to somebody else.
    pub created: Option<jiff::Timestamp>,
    /// `Member`, `Guest`, or another word. `None` when Graph withheld it: nothing may be concluded.
    pub user_type: Option<String>,
    /// Whether they work here.
    pub standing: Standing,
}

/// Whether a person still works for the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The account is enabled.
    Active,
    /// The account was read as disabled.
    Disabled,
    /// The account was found among the deleted items.
    Deleted,
    /// Graph withheld `accountEnabled`: nothing may be concluded.
    Unknown,
}

impl Person {
    /// The addresses that lie exactly in one of `domains`.
    pub fn staff_addresses(&self, domains: &BTreeSet<Domain>) -> impl Iterator<Item = &Address> {
        self.addresses.iter().filter(|address| address.is_in(domains))
    }

    /// The address to invite: the primary one if it lies in one of `domains`, else the first that does.
    pub fn staff_address(&self, domains: &BTreeSet<Domain>) -> Option<&Address> {
        let is_staff = |mail: &&Address| mail.is_in(domains) && self.addresses.contains(*mail);
        self.mail.as_ref().filter(is_staff).or_else(|| self.staff_addresses(domains).next())
    }

    /// Whether the account is disabled or deleted: a leaver.
    pub fn has_left(&self) -> bool {
        match self.standing {
            Standing::Active => false,
            Standing::Disabled => !defect!(DisabledStays),
            Standing::Deleted => true,
            Standing::Unknown => defect!(NullIsGone),
        }
    }
}
