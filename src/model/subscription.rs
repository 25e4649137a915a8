//! Azure subscriptions.

use crate::model::ids::{SubscriptionId, TenantId};

/// A subscription as Azure lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Which one.
    pub id: SubscriptionId,
    /// The tenant it belongs to; a list can show subscriptions of other tenants.
    pub tenant: TenantId,
    /// The customer's name for it.
    pub display_name: String,
    /// Its life.
    pub state: SubscriptionState,
}

/// What can be done in a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionState {
    /// `Enabled`, `Warned` or `PastDue`: everything works.
    Active,
    /// `Disabled`: rows can be read and deleted, none created.
    Disabled,
    /// `Deleted`, or a word this version does not know: nothing is written.
    Gone(String),
}

/// How full a subscription is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssignmentUsage {
    /// Most role assignments it can hold.
    pub limit: u64,
    /// How many it holds.
    pub current: u64,
}
