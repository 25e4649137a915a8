//! Groups in a customer tenant.

use serde::{Deserialize, Serialize};

use crate::model::ids::ObjectId;

/// A group as Graph shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which one.
    pub id: ObjectId,
    /// Its name on the screen. The customer may change it; it identifies nothing.
    pub display_name: String,
    /// Its alternate key, settable once: what proves a group ours.
    pub unique_name: Option<String>,
    /// What finds it: `uniqueName` cannot be filtered on, this can.
    pub mail_nickname: Option<String>,
    /// When it was made, if Graph says.
    pub created: Option<jiff::Timestamp>,
    /// What about it forbids managing its members, if anything.
    pub obstacle: Option<Obstacle>,
}

/// Why a group's members must not or cannot be managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Obstacle {
    /// A rule decides its members.
    Dynamic,
    /// An on-premises directory decides its members.
    Synchronised,
    /// A distribution list or mail-enabled security group.
    MailEnabled,
    /// A Microsoft 365 group.
    Unified,
    /// It can hold directory roles.
    RoleAssignable,
    /// It sits in a restricted management unit.
    Restricted,
    /// It cannot hold Azure roles.
    NotSecurity,
}

impl Obstacle {
    /// The obstacle in words, to follow "the group is".
    pub fn words(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic: a rule decides its members",
            Self::Synchronised => "synchronised from an on-premises directory",
            Self::MailEnabled => "mail-enabled",
            Self::Unified => "a Microsoft 365 group",
            Self::RoleAssignable => "role-assignable",
            Self::Restricted => "in a restricted management unit",
            Self::NotSecurity => "not a security group",
        }
    }
}
