//! Groups of a world.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::user::a_year_before;

/// A group of one tenant; by default an assigned security group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Group {
    /// Object id.
    pub id: Uuid,
    /// Shown name; not unique.
    pub display_name: String,
    /// Free text.
    pub description: Option<String>,
    /// The alternate key; unique, set once.
    pub unique_name: Option<String>,
    /// Mail nickname; derived from the display name by default.
    pub mail_nickname: Option<String>,
    /// Object ids of direct members.
    pub members: BTreeSet<Uuid>,
    /// Object ids of owners.
    pub owners: BTreeSet<Uuid>,
    /// `Unified`, `DynamicMembership`.
    pub group_types: Vec<String>,
    /// The rule of a dynamic group.
    pub membership_rule: Option<String>,
    /// `On` or `Paused` for a dynamic group.
    pub membership_rule_processing_state: Option<String>,
    /// Whether it has a mailbox or is a distribution list.
    pub mail_enabled: bool,
    /// Whether it can hold Azure roles.
    pub security_enabled: bool,
    /// Whether it is mastered on premises.
    pub on_premises_sync_enabled: Option<bool>,
    /// Whether it can hold directory roles.
    pub is_assignable_to_role: Option<bool>,
    /// Whether it stands in a restricted management unit.
    pub is_management_restricted: Option<bool>,
    /// `Private`, `Public` or `HiddenMembership`.
    pub visibility: Option<String>,
    /// `SMTP:` and `smtp:` entries of a group with a mailbox.
    pub proxy_addresses: Vec<String>,
    /// One year before the world's clock by default.
    pub created_date_time: Option<Timestamp>,
    /// When it was deleted; only among the deleted items.
    pub deleted_date_time: Option<Timestamp>,
    /// Whether the application made it, so that it counts towards the application's quota.
    pub made_by_application: bool,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            display_name: String::new(),
            description: None,
            unique_name: None,
            mail_nickname: None,
            members: BTreeSet::new(),
            owners: BTreeSet::new(),
            group_types: Vec::new(),
            membership_rule: None,
            membership_rule_processing_state: None,
            mail_enabled: false,
            security_enabled: true,
            on_premises_sync_enabled: None,
            is_assignable_to_role: None,
            is_management_restricted: None,
            visibility: None,
            proxy_addresses: Vec::new(),
            created_date_time: None,
            deleted_date_time: None,
            made_by_application: false,
        }
    }
}

impl Group {
    /// An assigned security group.
    pub fn security(id: Uuid, display_name: &str, members: impl IntoIterator<Item = Uuid>) -> Self {
        let members = members.into_iter().collect();
        Self { id, display_name: display_name.to_owned(), members, ..Self::default() }
    }

    /// Whether a rule decides about the members.
    pub fn is_dynamic(&self) -> bool {
        self.membership_rule.is_some() || self.has_type("DynamicMembership")
    }

    /// Whether the group is of that type.
    pub fn has_type(&self, wanted: &str) -> bool {
        self.group_types.iter().any(|kind| kind.eq_ignore_ascii_case(wanted))
    }

    /// Its main address.
    pub fn mail(&self) -> Option<&str> {
        self.proxy_addresses.iter().find_map(|entry| entry.strip_prefix("SMTP:"))
    }

    /// Fills in what the world left out.
    pub(crate) fn complete(&mut self, clock: Timestamp) {
        if self.mail_nickname.is_none() {
            let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            self.mail_nickname = Some(self.display_name.chars().filter(plain).take(64).collect());
        }
        self.created_date_time.get_or_insert_with(|| a_year_before(clock));
    }
}
