//! Every accepted write, in order, so that tests can state what must never have happened.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// One accepted write.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// When, on the simulator's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The tenant it was done in.
    pub tenant: Uuid,
    /// What was done.
    pub act: Act,
}

/// Who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Actor {
    /// The application, through login, Graph and ARM.
    Application,
    /// Someone in the tenant itself, behind the application's back.
    Customer,
}

/// What a write did, with the object ids it concerned.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "each variant says in its name what happened and in its fields to what")]
pub enum Act {
    GroupCreated { group: Uuid, display_name: String },
    GroupUpdated { group: Uuid },
    GroupDeleted { group: Uuid },
    GroupRestored { group: Uuid },
    GroupPurged { group: Uuid },
    MemberAdded { group: Uuid, member: Uuid },
    MemberRemoved { group: Uuid, member: Uuid },
    OwnerAdded { group: Uuid, owner: Uuid },
    OwnerRemoved { group: Uuid, owner: Uuid },
    GuestInvited { user: Uuid, address: String },
    GuestInvitedAgain { user: Uuid, address: String },
    InvitationMailed { user: Uuid, address: String },
    UserCreated { user: Uuid },
    UserUpdated { user: Uuid },
    UserDeleted { user: Uuid },
    UserRestored { user: Uuid },
    UserPurged { user: Uuid },
    AssignmentCreated { subscription: Uuid, name: Uuid, scope: String, principal: Uuid, role: Uuid },
    AssignmentUpdated { subscription: Uuid, name: Uuid, scope: String, principal: Uuid, role: Uuid },
    AssignmentDeleted { subscription: Uuid, name: Uuid, scope: String, principal: Uuid, role: Uuid },
    RelationshipChanged { relationship: String },
    SubscriptionChanged { subscription: Uuid },
    TenantChanged {},
}
