//! Partner and `PartnerGroup` as files.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::desired::given::{Entries, Form, Given, List};
use crate::desired::schema::leaf::{Count, DisplayName, Text, Time};
use crate::desired::state::Nested;
use crate::model::address::{Address, Domain};
use crate::model::cloud::Cloud;
use crate::model::ids::{ClientId, ObjectId, PersonId, TenantId};

/// The partner and its tenant, which is only ever read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PartnerSpec {
    /// The partner's tenant.
    pub(crate) tenant_id: Given<TenantId>,
    /// Verified domains of the partner tenant. Nobody with an address elsewhere is invited.
    pub(crate) staff_domains: Given<List<Domain>>,
    /// The object id of the group `AdminAgents`. Its members, nested ones too, never become guests.
    pub(crate) admin_agents: Given<ObjectId>,
    /// The object id of the group `HelpdeskAgents`. Its members, nested ones too, never become guests.
    pub(crate) helpdesk_agents: Given<ObjectId>,
    /// Which Microsoft cloud. Default: global.
    pub(crate) cloud: Option<Given<Cloud>>,
    /// How holders of delegated administration are known. read (default): from Graph. off: the partner says there are none.
    /// A list: the groups of the partner tenant that hold it.
    pub(crate) gdap: Option<Given<Form<GdapWord, List<ObjectId>>>>,
    /// The application that acts. Default: from the environment; if both are set they must agree.
    pub(crate) client_id: Option<Given<ClientId>>,
}

/// The short form of `gdap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) enum GdapWord {
    /// From Graph, in the partner tenant.
    Read,
    /// The partner says there is none; every plan repeats it.
    Off,
}

/// A source of memberships: exactly one of `members` and `entraGroup`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GroupSpec {
    /// The team that answers for it.
    pub(crate) owner: Option<Given<Text>>,
    /// The people, as address: object id. This list is the group.
    pub(crate) members: Option<Given<Entries<Address, Form<PersonId, MemberSpec>>>>,
    /// A group of the partner tenant whose members are read live: its object id, or a map with more.
    pub(crate) entra_group: Option<Given<Form<ObjectId, EntraGroupSpec>>>,
}

/// A listed person, in the long form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct MemberSpec {
    /// The person's object id in the partner tenant.
    pub(crate) object_id: Given<PersonId>,
    /// From when on the person no longer is in the group. Default: never.
    pub(crate) expires: Option<Given<Time>>,
}

/// A group that is read live, in the long form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct EntraGroupSpec {
    /// The group's object id in the partner tenant.
    pub(crate) object_id: Given<ObjectId>,
    /// What the group must be called there. Default: `metadata.name`.
    pub(crate) display_name: Option<Given<DisplayName>>,
    /// flatten (default): members of nested groups count. refuse: a nested group makes the source unreadable.
    pub(crate) nested: Option<Given<Nested>>,
    /// Fewer members than this is a gap, not a group that shrank. Default: 1.
    pub(crate) min_members: Option<Given<Count>>,
}
