//! Roles given and taken.

use crate::client::arm::Arm;
use crate::client::error::Kind;
use crate::client::limiter::Priority;
use crate::execute::fate::Fate;
use crate::execute::pass::Pass;
use crate::execute::patience::{AZURE, GivenUp};
use crate::model::assignment::{AssignmentKey, RoleAssignment};
use crate::model::ids::{AssignmentName, RoleId};
use crate::model::scope::Scope;
use crate::plan::operation::GroupRef;

impl Pass<'_> {
    /// Gives a group a role at a scope. Azure learns of new groups minutes after the directory does, so it is asked again
    /// for a while, once per group.
    pub(super) async fn assign(&mut self, group: &GroupRef, role: RoleId, scope: &Scope) -> Fate {
        let principal = match self.resolve(group) {
            Ok(principal) => principal,
            Err(fate) => return fate,
        };
        let key = AssignmentKey { scope: scope.clone(), principal, role };
        let waited_in_vain = self.unknown_to_azure.contains(&principal);
        let arm = self.arm(Priority::Change);
        let assigned = AZURE
            .call(
                self.context.clock,
                self.context.halt,
                |error| error.kind() == Kind::PrincipalNotFound && !waited_in_vain,
                async || arm.put_role_assignment(&key).await,
            )
            .await;
        if let Err(GivenUp::Failed(error)) = &assigned
            && error.kind() == Kind::PrincipalNotFound
        {
            self.unknown_to_azure.insert(principal);
            let text = format!("Azure does not know the group yet; the next run tries again: {error}");
            return Fate::of(assigned).saying(text);
        }
        Fate::of(assigned)
    }

    /// Takes a role away from a group.
    pub(super) async fn unassign(
        &mut self,
        row: &str,
        name: AssignmentName,
        key: &AssignmentKey,
        priority: Priority,
    ) -> Fate {
        let assignment = RoleAssignment {
            id: row.to_owned(),
            name,
            key: key.clone(),
            principal_type: "Group".to_owned(),
            condition: None,
            created: None,
        };
        let deleted = self.arm(priority).delete_role_assignment(&assignment).await;
        Fate::of(deleted.map_err(GivenUp::Failed))
    }

    /// Resource Manager in the customer's tenant.
    pub(super) fn arm(&self, priority: Priority) -> Arm<'_> {
        self.client.arm(self.plan.tenant, priority)
    }
}
