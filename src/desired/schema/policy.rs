//! Policy as a file. Every key but `roles` may be left out, at every level.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::desired::given::{Entries, Form, Given, List};
use crate::desired::schema::leaf::{Count, Duration, Percent};
use crate::desired::state::{
    ExtraAssignments, ForeignMembers, IdleAction, MissingAssignments, PendingAction, StrayStaff,
};
use crate::model::ids::{ObjectId, RoleId};
use crate::model::invitation::InvitationMail;
use crate::model::names::RoleName;
use crate::model::role::Tier;

/// The rules for everything: which roles exist, how much may change at once, what happens to what nobody declared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PolicySpec {
    /// The only roles that exist for these files, as name: id, or with a tier.
    pub(crate) roles: Given<Entries<RoleName, Form<RoleId, RoleSpec>>>,
    /// How much may change at once; what goes beyond is held for a human.
    pub(crate) limits: Option<Given<LimitsSpec>>,
    /// The longest a grant may last. Default: 12h.
    pub(crate) grant_max_duration: Option<Given<Duration>>,
    /// In how many tenants one person may be a guest. Default: warn 400, refuse 490; Entra allows 500.
    pub(crate) tenants_per_person: Option<Given<ThresholdSpec>>,
    /// How many objects groupsync may own in one tenant. Default: warn 200, refuse 240; Entra allows 250 without an admin
    /// role. off: the principal holds one.
    pub(crate) objects_per_tenant: Option<Given<Form<OffWord, ThresholdSpec>>>,
    /// What happens to what nobody declared.
    pub(crate) drift: Option<Given<DriftSpec>>,
    /// How guests are invited.
    pub(crate) invitations: Option<Given<InvitationsSpec>>,
    /// What becomes of guests in the ledger that stand in none of our groups.
    pub(crate) idle_guests: Option<Given<IdleGuestsSpec>>,
    /// When a guest of ours who has not accepted is reported.
    pub(crate) pending_invitations: Option<Given<PendingInvitationsSpec>>,
    /// Object ids that are never removed or altered, whatever the difference says.
    pub(crate) protected: Option<Given<List<ObjectId>>>,
}

/// A role, in the long form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RoleSpec {
    /// The role definition's id.
    pub(crate) id: Given<RoleId>,
    /// How carefully it is handled. Default: standard.
    pub(crate) tier: Option<Given<Tier>>,
}

/// The short form of `objectsPerTenant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) enum OffWord {
    /// No limit.
    Off,
}

/// A number to warn at and one to refuse at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ThresholdSpec {
    /// A finding from here on.
    pub(crate) warn: Option<Given<Count>>,
    /// Held above this.
    pub(crate) refuse: Option<Given<Count>>,
}

/// Limits. Allowed is the larger of `floor` and `percent` of what is managed there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct LimitsSpec {
    /// Per customer group.
    pub(crate) group: Option<Given<GroupLimitsSpec>>,
    /// Per customer.
    pub(crate) customer: Option<Given<CustomerLimitsSpec>>,
    /// Over all customers.
    pub(crate) fleet: Option<Given<FleetLimitsSpec>>,
    /// Per partner group, everywhere.
    pub(crate) source: Option<Given<SourceLimitsSpec>>,
}

/// Limits per customer group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct GroupLimitsSpec {
    /// Memberships removed. Default: 50 %, floor 3.
    pub(crate) members: Option<Given<LimitSpec>>,
}

/// Limits per customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CustomerLimitsSpec {
    /// Memberships removed. Default: 25 %, floor 5.
    pub(crate) members: Option<Given<LimitSpec>>,
    /// Role assignments deleted. Default: 20 %, floor 5.
    pub(crate) assignments: Option<Given<LimitSpec>>,
    /// Guests deleted. Default: 25 %, floor 5.
    pub(crate) guests: Option<Given<LimitSpec>>,
    /// Groups deleted. Default: 25 %, floor 1.
    pub(crate) groups: Option<Given<LimitSpec>>,
    /// Invitations sent. Default: 200.
    pub(crate) invitations: Option<Given<Count>>,
}

/// Limits over all customers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct FleetLimitsSpec {
    /// Memberships removed. Default: 2 %, floor 20.
    pub(crate) members: Option<Given<LimitSpec>>,
    /// Role assignments deleted. Default: 2 %, floor 20.
    pub(crate) assignments: Option<Given<LimitSpec>>,
    /// Guests deleted. Default: 2 %, floor 20.
    pub(crate) guests: Option<Given<LimitSpec>>,
    /// Groups deleted. Default: 2 %, floor 4.
    pub(crate) groups: Option<Given<LimitSpec>>,
    /// Invitations sent. Default: 5000.
    pub(crate) invitations: Option<Given<Count>>,
    /// Leavers, in people. Default: 5 %, floor 3.
    pub(crate) leavers: Option<Given<LimitSpec>>,
    /// Customers whose offboarding may start on one day. Default: 1.
    pub(crate) offboardings_per_day: Option<Given<Count>>,
}

/// Limits per partner group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SourceLimitsSpec {
    /// Removals one partner group may cause everywhere. Default: 30 %, floor 2.
    pub(crate) shrink: Option<Given<LimitSpec>>,
}

/// The larger of the two is allowed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct LimitSpec {
    /// A share of what is managed there now.
    pub(crate) percent: Option<Given<Percent>>,
    /// Allowed in any case.
    pub(crate) floor: Option<Given<Count>>,
}

/// What happens to what nobody declared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct DriftSpec {
    /// The customer's own people in our groups. Default: report.
    pub(crate) foreign_members: Option<Given<ForeignMembers>>,
    /// Staff nobody declared. Default: remove.
    pub(crate) stray_staff: Option<Given<StrayStaff>>,
    /// Role assignments on our groups that groupsync did not make. Default: report.
    pub(crate) extra_assignments: Option<Given<ExtraAssignments>>,
    /// Declared role assignments that are gone. Default: restore.
    pub(crate) missing_assignments: Option<Given<MissingAssignments>>,
}

/// How guests are invited.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct InvitationsSpec {
    /// Whether Microsoft mails the invited. Default: none.
    pub(crate) mail: Option<Given<InvitationMail>>,
}

/// What becomes of guests in the ledger that stand in none of our groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct IdleGuestsSpec {
    /// How long ago the guest was created and last changed. Default: 90d.
    pub(crate) after: Option<Given<Duration>>,
    /// What becomes of them. Default: report.
    #[serde(rename = "do")]
    pub(crate) action: Option<Given<IdleAction>>,
}

/// When a guest of ours who has not accepted is reported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PendingInvitationsSpec {
    /// How long ago the invitation was made. Default: 14d.
    pub(crate) after: Option<Given<Duration>>,
    /// What becomes of it besides. Default: report.
    #[serde(rename = "do")]
    pub(crate) action: Option<Given<PendingAction>>,
}
