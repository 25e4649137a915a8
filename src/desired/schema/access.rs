//! `AccessTemplate` and Customer as files.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::desired::given::{Entries, Given, List, OneOrMany};
use crate::desired::schema::leaf::{DisplayName, MembersFrom, Pattern, Text, Time};
use crate::desired::schema::policy::DriftSpec;
use crate::desired::schema::scope::ScopePath;
use crate::desired::state::{AdminAgentsOwner, OffboardGuests, State};
use crate::model::address::Domain;
use crate::model::ids::{ClientId, ObjectId, RoleId, SubscriptionId, TenantId};
use crate::model::names::{Alias, CustomerName, MappingKey, RoleName, TemplateName};

/// What stands for a customer's `nameInGroups` in a template.
pub(crate) const CUSTOMER: &str = "{customer}";

/// Roles and where they are held, as role: scope or role: [scopes].
pub(crate) type RolesSpec = Entries<RoleName, OneOrMany<ScopePath>>;

/// Mappings for every customer that lists this template.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TemplateSpec {
    /// The mappings. The key is the partner group, unless `from` names another; `{customer}` stands for `nameInGroups`.
    pub(crate) groups: Given<Entries<Pattern, TemplateMappingSpec>>,
}

/// A mapping of a template.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TemplateMappingSpec {
    /// The partner group whose members it carries, or `none`: only grants fill it. Default: the key.
    pub(crate) from: Option<Given<Pattern>>,
    /// The display name of the customer group. Default: the key.
    #[serde(rename = "as")]
    pub(crate) display_name: Option<Given<DisplayName>>,
    /// The key under which the groups were created, after a rename. Stays as long as the groups do.
    pub(crate) was: Option<Given<Pattern>>,
    /// The roles the groups hold, as role: scope or role: [scopes].
    pub(crate) roles: Option<Given<RolesSpec>>,
}

/// A customer: its tenant, what may be done there, and which groups with which roles it gets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CustomerSpec {
    /// The customer's tenant: its identity.
    pub(crate) tenant_id: Given<TenantId>,
    /// A domain that must resolve to that tenant; catches swapped ids.
    pub(crate) verify_domain: Option<Given<Domain>>,
    /// What may be done there. Default: observe.
    pub(crate) state: Option<Given<State>>,
    /// What `{customer}` stands for in templates. Default: `metadata.name`.
    pub(crate) name_in_groups: Option<Given<CustomerName>>,
    /// The customer's subscriptions, as alias: id.
    pub(crate) subscriptions: Option<Given<Entries<Alias, SubscriptionId>>>,
    /// The templates whose mappings it gets.
    pub(crate) templates: Option<Given<List<TemplateName>>>,
    /// Its own mappings. The key is the partner group, unless `from` names another.
    pub(crate) groups: Option<Given<Entries<MappingKey, MappingSpec>>>,
    /// Custom roles of that tenant, as name: id. Their permissions are read and checked before use.
    pub(crate) roles: Option<Given<Entries<RoleName, RoleId>>>,
    /// What happens there to what nobody declared. What is left out is Policy's.
    pub(crate) drift: Option<Given<DriftSpec>>,
    /// Who acts there. Default: the partner's application.
    pub(crate) auth: Option<Given<AuthSpec>>,
    /// How the customer is left. Required for state offboard.
    pub(crate) offboard: Option<Given<OffboardSpec>>,
    /// Recreate a ledger that is missing although groups of ours exist. Default: false.
    pub(crate) reassert_ledger: Option<Given<bool>>,
    /// Whether a missing Owner assignment of `AdminAgents` is reported. Default: report.
    pub(crate) admin_agents_owner: Option<Given<AdminAgentsOwner>>,
}

/// A mapping of a customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct MappingSpec {
    /// The partner group whose members it carries, or `none`: only grants fill it. Default: the key.
    pub(crate) from: Option<Given<MembersFrom>>,
    /// The display name of the customer group. Default: the key.
    #[serde(rename = "as")]
    pub(crate) display_name: Option<Given<DisplayName>>,
    /// The key under which the group was created, after a rename. Stays as long as the group does.
    pub(crate) was: Option<Given<MappingKey>>,
    /// The object id of a group that existed before and is taken over on purpose.
    pub(crate) adopt: Option<Given<ObjectId>>,
    /// Restore what the customer removed. Default: false.
    pub(crate) reassert: Option<Given<bool>>,
    /// The roles the group holds, as role: scope or role: [scopes].
    pub(crate) roles: Option<Given<RolesSpec>>,
}

/// Who acts at a customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct AuthSpec {
    /// An application of the customer's own.
    pub(crate) customer_app: Given<CustomerAppSpec>,
}

/// An application of the customer's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CustomerAppSpec {
    /// Its application id.
    pub(crate) client_id: Given<ClientId>,
}

/// How a customer is left.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OffboardSpec {
    /// From when on everything of ours goes; enforced until then. Default: at once.
    pub(crate) not_before: Option<Given<Time>>,
    /// delete (default): guests we invited and nothing else uses go. keep: all stay.
    pub(crate) guests: Option<Given<OffboardGuests>>,
    /// Why.
    pub(crate) reason: Option<Given<Text>>,
    /// Under which ticket.
    pub(crate) ticket: Option<Given<Text>>,
}
