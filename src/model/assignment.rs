//! Role assignments and the name that proves one ours.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::ids::{AssignmentName, ObjectId, RoleId, TenantId};
use crate::model::scope::Scope;

/// `UUIDv5` of the URL `urn:groupsync:arm:role-assignment:v1`. Frozen: every assignment ever made derives from it.
const NAMESPACE: Uuid = Uuid::from_u128(0x92f3_b3af_f43a_5720_aa5c_d474_f0c5_3513);

/// What Azure treats as one assignment: this principal has this role at this scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AssignmentKey {
    /// Where.
    pub scope: Scope,
    /// Who.
    pub principal: ObjectId,
    /// What.
    pub role: RoleId,
}

impl AssignmentKey {
    /// The name groupsync gives this assignment in `tenant`: a repeated request meets itself instead of making another,
    /// and whoever reads the row can prove who made it.
    pub fn name(&self, tenant: TenantId) -> AssignmentName {
        let text = format!("{tenant}|{}|{}|{}", self.scope, self.principal, self.role);
        AssignmentName::new(Uuid::new_v5(&NAMESPACE, text.as_bytes()))
    }
}

/// A role assignment as Azure shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleAssignment {
    /// The full resource id as returned. Deleting goes by it, since a recombined id can hit nothing and still succeed.
    pub id: String,
    /// Its name.
    pub name: AssignmentName,
    /// Scope (where it was made), principal and role.
    pub key: AssignmentKey,
    /// `Group`, `User`, `ServicePrincipal`, `ForeignGroup` … The list is open: new values appear with new API versions.
    pub principal_type: String,
    /// The attribute condition on it, if somebody wrote one.
    pub condition: Option<String>,
    /// When it was made, if Azure says.
    pub created: Option<jiff::Timestamp>,
}

impl RoleAssignment {
    /// Whether the name proves that groupsync made this row in `tenant`.
    pub fn is_ours(&self, tenant: TenantId) -> bool {
        self.key.name(tenant) == self.name || defect!(EveryRowIsOurs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_assignment_never_changes() {
        let tenant: TenantId = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let subscription = "/subscriptions/22222222-2222-4222-8222-222222222222";
        let name = |scope: String, role: &str| {
            let principal = "33333333-3333-4333-8333-333333333333".parse().unwrap();
            let key =
                AssignmentKey { scope: Scope::canonical(&scope), principal, role: role.parse().unwrap() };
            key.name(tenant).to_string()
        };
        let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
        let contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";
        assert_eq!(name(subscription.into(), reader), "385f1998-48f7-5b1c-86c2-764aef254c35");
        assert_eq!(
            name(format!("{subscription}/"), &reader.to_uppercase()),
            "385f1998-48f7-5b1c-86c2-764aef254c35"
        );
        assert_eq!(
            name(format!("{subscription}/resourceGroups/Rg-App"), contributor),
            "8fc06e72-84e9-53cd-a9a5-c04132cb43b7"
        );
        assert_eq!(
            NAMESPACE,
            Uuid::new_v5(&Uuid::NAMESPACE_URL, b"urn:groupsync:arm:role-assignment:v1"),
            "the namespace is derived, not invented"
        );
    }
}
