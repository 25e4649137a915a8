//! The marks by which groupsync recognises its own objects in a customer tenant.

use crate::model::ids::TenantId;
use crate::model::names::{MappingKey, slug};

/// The mark of one partner: everything it makes in a customer tenant carries it, so that two partners at one customer
/// never touch each other's objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

impl Mark {
    /// The mark of the partner with this tenant: `groupsync-` and the first eight hexadecimal digits of its id.
    pub fn of(partner: TenantId) -> Self {
        let id = partner.to_string();
        Self(format!("groupsync-{}", &id[..8]))
    }

    /// What the `mailNickname` of every group of ours starts with.
    pub fn prefix(&self) -> String {
        format!("{}-", self.0)
    }

    /// `uniqueName` and `mailNickname` of the group of a mapping.
    pub fn group(&self, key: &MappingKey) -> String {
        format!("{}-g-{}", self.0, slug(key.as_str()))
    }

    /// `uniqueName` and `mailNickname` of the ledger: the group that holds the guests we invited and the groups we adopted.
    pub fn ledger(&self) -> String {
        format!("{}-ledger", self.0)
    }
}
