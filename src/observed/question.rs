//! What a plan needs to know beyond the standing reads before it can decide.

use std::collections::BTreeSet;

use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId, RoleId, SubscriptionId};

/// A fact about one customer that is read only because a plan would otherwise write without knowing it. The answers
/// land in [`Facts`](crate::observed::customer::Facts).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Which objects could be this person's guest: by `mail`, mangled user principal name, `otherMails` and
    /// `proxyAddresses`, and among the deleted items.
    Candidates {
        /// Who.
        person: PersonId,
        /// By which addresses.
        addresses: BTreeSet<Address>,
    },
    /// Who stands behind this address in the partner tenant, deleted people included.
    Staff(Address),
    /// Who owns this group.
    Owners(ObjectId),
    /// What this guest is used for.
    GuestUse(ObjectId),
    /// Whether this directory object exists.
    Principal(ObjectId),
    /// What this role permits and where it may be assigned.
    Role(RoleId),
    /// Which scopes of this subscription are locked.
    Locks(SubscriptionId),
    /// How full this subscription is.
    Usage(SubscriptionId),
    /// Whether this group of ours lies among the deleted items, where it can be restored.
    DeletedGroup(ObjectId),
    /// Who holds delegated administration at this customer through GDAP.
    DelegatedAdmins,
}
