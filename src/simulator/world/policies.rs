//! What a tenant allows, and how much it may hold.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a tenant allows.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the tenant's settings")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policies {
    /// Who may invite guests.
    pub invitations: InvitePolicy,
    /// Mail domains that may not be invited.
    pub blocked_domains: BTreeSet<String>,
    /// The only mail domains that may be invited, if there are any.
    pub allowed_domains: BTreeSet<String>,
    /// Whether cross-tenant access settings stop invitations between this tenant and the other side: at a customer those
    /// of the partner's people, at the partner those of its own people to anywhere.
    pub blocks_cross_tenant: bool,
    /// Whether invitations are redeemed without a prompt. Mail is left out only where both sides say so.
    pub redeems_automatically: bool,
    /// Whether guests may be members of Microsoft 365 groups.
    pub guests_join_microsoft365_groups: bool,
    /// What becomes of a deleted security group: the documentation has said both.
    pub group_deletion: GroupDeletion,
    /// Whether whoever creates a group becomes its owner unasked; naming oneself as owner is then one time too many.
    pub creator_becomes_owner: bool,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            invitations: InvitePolicy::default(),
            blocked_domains: BTreeSet::new(),
            allowed_domains: BTreeSet::new(),
            blocks_cross_tenant: false,
            redeems_automatically: false,
            guests_join_microsoft365_groups: true,
            group_deletion: GroupDeletion::default(),
            creator_becomes_owner: false,
        }
    }
}

/// The values of `allowInvitesFrom` in Graph's authorization policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum InvitePolicy {
    /// Nobody.
    None,
    /// Administrators and holders of the Guest Inviter role; an application needs `User.Invite.All`.
    AdminsAndGuestInviters,
    /// The above, and every member.
    AdminsGuestInvitersAndAllMembers,
    /// Everyone.
    #[default]
    Everyone,
}

/// What becomes of a deleted security group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GroupDeletion {
    /// It can be restored for thirty days, like a Microsoft 365 group.
    #[default]
    Soft,
    /// It is gone.
    Permanent,
}

/// How much a tenant may hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Capacity {
    /// Objects in all, those that can still be restored included. A tenant without a verified domain has 50,000.
    pub objects: usize,
    /// Objects made by an application that holds no administrator's role: restorable ones count whole, those removed for
    /// good a quarter, for thirty days. Null: no limit.
    pub created_objects: Option<usize>,
    /// Groups that can hold directory roles.
    pub role_assignable_groups: usize,
    /// When objects that the application had made were removed for good.
    pub purged: Vec<Timestamp>,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { objects: 300_000, created_objects: Some(250), role_assignable_groups: 500, purged: Vec::new() }
    }
}
