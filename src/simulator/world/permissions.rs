//! The application permissions a tenant's administrator granted, singly or as a named level.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// What the application needs in the partner tenant.
pub const PARTNER_PERMISSIONS: [&str; 3] =
    ["DelegatedAdminRelationship.Read.All", "GroupMember.Read.All", "User.Read.All"];

/// A named set of permissions at a customer; each level contains what the one before can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// No consent: the application does not exist in the tenant.
    None,
    /// Reads groups, members and users.
    Observe,
    /// Also invites, and creates groups it owns.
    Sync,
    /// Also writes any group.
    Manage,
    /// Also deletes and restores users.
    Lifecycle,
}

impl Level {
    /// The permissions of this level.
    pub fn permissions(self) -> BTreeSet<String> {
        let names: &[&str] = match self {
            Self::None => &[],
            Self::Observe => &["GroupMember.Read.All", "User.Read.All"],
            Self::Sync => &["GroupMember.Read.All", "User.Read.All", "User.Invite.All", "Group.Create"],
            Self::Manage => {
                &["GroupMember.Read.All", "User.Read.All", "User.Invite.All", "Group.ReadWrite.All"]
            }
            Self::Lifecycle => &[
                "GroupMember.Read.All",
                "User.Read.All",
                "User.Invite.All",
                "Group.ReadWrite.All",
                "User.DeleteRestore.All",
            ],
        };
        names.iter().map(ToString::to_string).collect()
    }
}

/// The two ways to write a consent.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Written {
    /// A level's name.
    Level(Level),
    /// The permissions one by one.
    List(BTreeSet<String>),
}

pub(super) fn read_customer<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeSet<String>, D::Error> {
    Ok(match Written::deserialize(input)? {
        Written::Level(level) => level.permissions(),
        Written::List(list) => list,
    })
}
