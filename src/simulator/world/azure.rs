//! Subscriptions of a world, with their role assignments, locks and the customer's custom roles.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An Azure subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Subscription {
    /// What the customer calls it; its display name.
    pub alias: String,
    /// Its id.
    pub id: Uuid,
    /// Whether it can be written.
    pub state: SubscriptionState,
    /// The tenant it belongs to; the customer's own by default. Another one: it was moved away.
    pub tenant_id: Option<Uuid>,
    /// Tenants that also see it in their lists, through a Lighthouse delegation.
    pub managed_by_tenants: Vec<Uuid>,
    /// The names of its resource groups; without the list, every resource group exists.
    pub resource_groups: Option<Vec<String>>,
    /// How many role assignments it can hold.
    pub assignment_limit: usize,
    /// Whether the rows every managed subscription has (the application's own administrator role, the partner's
    /// `AdminAgents` as Owner) are added at the start. False in a snapshot, which lists them.
    pub default_rows: bool,
    /// Its role assignments, inherited ones included.
    pub assignments: Vec<Assignment>,
    /// Its locks.
    pub locks: Vec<Lock>,
    /// What nobody, or nobody but some, may do in it, whatever their roles.
    pub deny_assignments: Vec<DenyAssignment>,
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            alias: String::new(),
            id: Uuid::nil(),
            state: SubscriptionState::Enabled,
            tenant_id: None,
            managed_by_tenants: Vec::new(),
            resource_groups: None,
            assignment_limit: 4000,
            default_rows: true,
            assignments: Vec::new(),
            locks: Vec::new(),
            deny_assignments: Vec::new(),
        }
    }
}

/// The states ARM knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SubscriptionState {
    /// Everything works.
    #[default]
    Enabled,
    /// Everything works, for now.
    Warned,
    /// Everything works, for now.
    PastDue,
    /// Reads and deletions only.
    Disabled,
    /// Gone.
    Deleted,
}

/// One role assignment as it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assignment {
    /// The GUID chosen by whoever made it.
    pub name: Uuid,
    /// The scope it was made at; the subscription by default.
    pub scope: Option<String>,
    /// The role's GUID.
    pub role: Uuid,
    /// Object id of the principal.
    pub principal_id: Uuid,
    /// `Group`, `User`, `ServicePrincipal`, `ForeignGroup`, `Device`.
    pub principal_type: String,
    /// Free text.
    pub description: Option<String>,
    /// An ABAC condition.
    pub condition: Option<String>,
    /// `2.0` when there is a condition.
    pub condition_version: Option<String>,
    /// One year before the world's clock by default.
    pub created_on: Option<Timestamp>,
    /// When it was last written.
    pub updated_on: Option<Timestamp>,
    /// Object id of whoever made it.
    pub created_by: Option<Uuid>,
    /// Object id of whoever wrote it last; whoever made it by default.
    pub updated_by: Option<Uuid>,
}

impl Default for Assignment {
    fn default() -> Self {
        Self {
            name: Uuid::nil(),
            scope: None,
            role: Uuid::nil(),
            principal_id: Uuid::nil(),
            principal_type: "Group".to_owned(),
            description: None,
            condition: None,
            condition_version: None,
            created_on: None,
            updated_on: None,
            created_by: None,
            updated_by: None,
        }
    }
}

/// A lock on a subscription or something in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Lock {
    /// Its name.
    pub name: String,
    /// What it forbids.
    pub level: LockLevel,
    /// Where it was set; the subscription by default.
    pub scope: Option<String>,
}

/// What a lock forbids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LockLevel {
    /// Deletions.
    #[default]
    CanNotDelete,
    /// Every write.
    ReadOnly,
}

/// A deny assignment, as managed applications and deployment stacks make them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DenyAssignment {
    /// Its GUID.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where it was made; the subscription by default.
    pub scope: Option<String>,
    /// Whether it stops at that scope.
    pub not_below: bool,
    /// What it forbids.
    pub actions: Vec<String>,
    /// What it leaves alone all the same.
    pub not_actions: Vec<String>,
    /// Whom it is for; the nil id is everyone.
    pub principals: Vec<Uuid>,
    /// Whom it spares.
    pub except: Vec<Uuid>,
}

/// A customer's own role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CustomRole {
    /// Its GUID.
    pub id: Uuid,
    /// Its name.
    pub role_name: String,
    /// Free text.
    pub description: String,
    /// Where it may be assigned; every subscription of the customer by default.
    pub assignable_scopes: Vec<String>,
    /// What it allows.
    pub actions: Vec<String>,
    /// What it takes back from `actions`.
    pub not_actions: Vec<String>,
    /// What it allows inside resources.
    pub data_actions: Vec<String>,
    /// What it takes back from `data_actions`.
    pub not_data_actions: Vec<String>,
}

/// The ABAC condition that limits what the application may assign and take away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ControllerCondition {
    /// The GUIDs of the roles it may handle.
    pub roles: Vec<Uuid>,
    /// The principal types it may handle.
    pub principal_types: Vec<String>,
    /// The only principals it may handle; without the list, all of these types.
    pub principals: Vec<Uuid>,
}

impl Default for ControllerCondition {
    fn default() -> Self {
        Self { roles: Vec::new(), principal_types: vec!["Group".to_owned()], principals: Vec::new() }
    }
}

impl ControllerCondition {
    /// Whether an assignment of that role to that type of principal is inside the condition.
    pub fn allows(&self, role: Uuid, principal_type: Option<&str>) -> bool {
        let typed = principal_type
            .is_some_and(|given| self.principal_types.iter().any(|kind| kind.eq_ignore_ascii_case(given)));
        typed && self.roles.contains(&role)
    }

    /// The condition as the portal writes it: one half for writing, one for deleting.
    pub fn text(&self) -> String {
        let half = |action: &str, source: &str| {
            let roles = self.roles.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ");
            let types =
                self.principal_types.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>().join(", ");
            let attribute = format!("{source}[Microsoft.Authorization/roleAssignments:");
            let ids = self.principals.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ");
            let pinned = if ids.is_empty() {
                String::new()
            } else {
                format!(" AND {attribute}PrincipalId] ForAnyOfAnyValues:GuidEquals {{{ids}}}")
            };
            format!(
                "((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/{action}'}})) OR \
                 ({attribute}RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{roles}}} AND \
                 {attribute}PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{{types}}}{pinned}))"
            )
        };
        format!("{} AND {}", half("write", "@Request"), half("delete", "@Resource"))
    }
}
