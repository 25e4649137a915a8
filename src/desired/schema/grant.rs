//! Grant and Override as files.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::desired::given::{Entries, Given};
use crate::desired::schema::leaf::{Digest, Text, Time};
use crate::desired::state::OnExpiry;
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::model::names::{CustomerName, MappingKey};

/// A membership with a start and an end, at the customer whose folder it lies in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GrantSpec {
    /// The mapping it gives: a key of the customer's groups, templates expanded.
    pub(crate) group: Given<MappingKey>,
    /// To whom: exactly one address: object id.
    pub(crate) person: Given<Entries<Address, PersonId>>,
    /// From when on. Default: expires minus Policy's `grantMaxDuration`.
    pub(crate) not_before: Option<Given<Time>>,
    /// Until just before.
    pub(crate) expires: Given<Time>,
    /// Why.
    pub(crate) reason: Given<Text>,
    /// Under which ticket.
    pub(crate) ticket: Option<Given<Text>>,
    /// removeMembership (default), or deleteGuest: the guest goes too, if we invited it and nothing else uses it.
    pub(crate) on_expiry: Option<Given<OnExpiry>>,
}

/// Releases held plans: one customer's in its folder, many at once in the root's `overrides`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OverrideSpec {
    /// The digest of the customer's plan. Only in a customer's folder.
    pub(crate) digest: Option<Given<Digest>>,
    /// Digests by customer. Only in the root's `overrides`.
    pub(crate) digests: Option<Given<Entries<CustomerName, Digest>>>,
    /// Until just before when it counts; at most 7 days ahead.
    pub(crate) expires: Given<Time>,
    /// Why.
    pub(crate) reason: Given<Text>,
}
