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
    pub fn staff_addresses<'a>(&'a self, domains: &'a BTreeSet<Domain>) -> impl Iterator<Item = &'a Address> {
        self.addresses.iter().filter(|a| domains.iter().any(|d| d.as_str() == a.domain()))
    }

    /// Whether the account is disabled or deleted: a leaver.
    pub fn has_left(&self) -> bool {
        matches!(self.standing, Standing::Disabled | Standing::Deleted)
    }
}
