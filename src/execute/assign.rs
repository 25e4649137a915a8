//! Roles given and taken.

use crate::client::arm::Arm;
use crate::client::error::{Error, Kind};
use crate::client::limiter::Priority;
use crate::execute::fate::Fate;
use crate::execute::look::unless_so;
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
        let assigned = match assigned {
            Err(GivenUp::Failed(error)) => {
                let held = async || Ok(self.rows(&key, Priority::Change).await?.next().is_some());
                unless_so(Err(error), held).await.map_err(GivenUp::Failed)
            }
            other => other,
        };
        Fate::of(assigned).on(principal)
    }

    /// Takes a role away from a group.
    pub(super) async fn unassign(
        &mut self,
        row: &str,
        name: AssignmentName,
        key: &AssignmentKey,
        priority: Priority,
    ) -> Fate {
        let assignment = row_of(row, name, key);
        let deleted = self.arm(priority).delete_role_assignment(&assignment).await;
        let gone = async || Ok(!self.rows(key, priority).await?.any(|row| row.name == name));
        Fate::of(unless_so(deleted, gone).await.map_err(GivenUp::Failed)).on(key.principal)
    }

    /// The rows that give just this, read now.
    pub(super) async fn rows(
        &self,
        key: &AssignmentKey,
        priority: Priority,
    ) -> Result<impl Iterator<Item = RoleAssignment>, Error> {
        let rows = match key.scope.subscription_id() {
            Some(subscription) => self.arm(priority).role_assignments(subscription).await?,
            None => Vec::new(),
        };
        Ok(rows.into_iter().filter(move |row| row.key == *key))
    }

    /// Resource Manager in the customer's tenant.
    pub(super) fn arm(&self, priority: Priority) -> Arm<'_> {
        self.client.arm(self.plan.tenant, priority)
    }
}

/// A row as a deletion needs it.
pub(super) fn row_of(row: &str, name: AssignmentName, key: &AssignmentKey) -> RoleAssignment {
    RoleAssignment {
        id: row.to_owned(),
        name,
        key: key.clone(),
        principal_type: "Group".to_owned(),
        condition: None,
        created: None,
    }
}
