//! Granular delegated admin relationships (GDAP) of a partner.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A granular delegated admin relationship with one customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Relationship {
    /// Usually two GUIDs joined by a dash.
    pub id: String,
    /// What the partner calls it; unique among its relationships.
    pub display_name: Option<String>,
    /// The tenant it is about.
    pub customer: Uuid,
    /// `active`, or any other state of the service.
    pub status: String,
    /// The role template ids it covers.
    pub roles: Vec<Uuid>,
    /// How long it lasts.
    pub duration: String,
    /// By how much it extends itself at its end; `P0D` for not at all.
    pub auto_extend_duration: String,
    /// When it ends by itself; never by default.
    pub end_date_time: Option<Timestamp>,
    /// The provider's tenant if it came through an indirect reseller, which gives it another type.
    pub indirect_provider: Option<Uuid>,
    /// How often it was changed: its etag.
    pub version: u32,
    /// When a change under way is done.
    pub settles: Option<Timestamp>,
    /// Which partner groups hold which of these roles.
    pub access_assignments: Vec<AccessAssignment>,
}

impl Default for Relationship {
    fn default() -> Self {
        Self {
            id: String::new(),
            display_name: None,
            customer: Uuid::nil(),
            status: "active".to_owned(),
            roles: Vec::new(),
            duration: "P730D".to_owned(),
            auto_extend_duration: "P180D".to_owned(),
            end_date_time: None,
            indirect_provider: None,
            version: 0,
            settles: None,
            access_assignments: Vec::new(),
        }
    }
}

impl Relationship {
    /// What it is called, one way or the other.
    pub fn name(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| format!("Relationship with {}", self.customer))
    }

    /// Brings whatever was under way to where it is by now.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        let done = |settles: &mut Option<Timestamp>| settles.take_if(|then| *then <= now).is_some();
        if done(&mut self.settles) && self.status == "terminationRequested" {
            self.change_to("terminated");
        }
        if self.status == "active" && self.end_date_time.is_some_and(|end| end <= now) {
            self.change_to("expired");
        }
        for assignment in &mut self.access_assignments {
            if done(&mut assignment.settles) {
                let reached = if assignment.status == "deleting" { "deleted" } else { "active" };
                reached.clone_into(&mut assignment.status);
                assignment.version += 1;
            }
        }
    }

    fn change_to(&mut self, status: &str) {
        status.clone_into(&mut self.status);
        self.version += 1;
    }
}

/// One partner group's part in a relationship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AccessAssignment {
    /// Its id.
    pub id: Uuid,
    /// The security group of the partner tenant.
    pub group: Uuid,
    /// `pending`, `active`, `deleting`, `deleted` or `error`.
    pub status: String,
    /// The role template ids it gives.
    pub roles: Vec<Uuid>,
    /// How often it was changed: its etag.
    pub version: u32,
    /// When a change under way is done.
    pub settles: Option<Timestamp>,
}

impl Default for AccessAssignment {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            group: Uuid::nil(),
            status: "active".to_owned(),
            roles: Vec::new(),
            version: 0,
            settles: None,
        }
    }
}
