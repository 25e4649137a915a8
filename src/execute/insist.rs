//! Changes that the service called done and that a later plan asks for again are done another way, once.

use std::collections::BTreeSet;

use crate::client::Client;
use crate::client::limiter::Priority;
use crate::client::receipt::Effect;
use crate::execute::Context;
use crate::execute::assign::row_of;
use crate::execute::pass::Pass;
use crate::journal::Condition;
use crate::model::assignment::AssignmentKey;
use crate::model::ids::{ObjectId, PersonId};
use crate::plan::operation::{Action, Operation, OperationId};
use crate::plan::value::CustomerPlan;

/// Does again, one request for each thing, what `again`, the plan of a later look, still asks for of what the operations
/// `done` were to bring about. Says which of these turned out not to have been done. What replicas merely do not show yet
/// answers that it is so already; new guests and groups are left to the next run, which makes no second one.
pub async fn insist(
    client: &Client,
    again: &CustomerPlan,
    pairs: &[(&Operation, &Operation)],
    context: &Context<'_>,
) -> BTreeSet<OperationId> {
    let client = &client.under(context.halt);
    let pass = Pass::new(client, again, context);
    let mut redone = BTreeSet::new();
    // The first intent covers a second try, but where nothing can be written down any more only withdrawals go on.
    let recorded = matches!(context.journal.health().condition, Condition::Off | Condition::Good);
    for (done, again) in pairs {
        if context.halt.reason().is_some() {
            break;
        }
        if !recorded && !done.nature.is_withdrawal() {
            continue;
        }
        if pass.redo(done, again).await == Some(Effect::Done) {
            tracing::warn!(id = %done.id, "had not been done although the service said so");
            redone.insert(done.id.clone());
        }
    }
    redone
}

impl Pass<'_> {
    /// Whether there was anything left to do; nothing if it was not tried or failed, which the next look tells better.
    async fn redo(&self, done: &Operation, again: &Operation) -> Option<Effect> {
        let graph = self.graph(Priority::Change);
        match (&done.action, &again.action) {
            (Action::AddMembers { members: asked, .. }, Action::AddMembers { group, members }) => {
                let asked: BTreeSet<PersonId> = asked.iter().map(|joining| joining.person).collect();
                let missing = members.iter().filter(|joining| asked.contains(&joining.person));
                let guests = missing.filter_map(|joining| joining.guest);
                probe(guests, async |guest| {
                    let added = graph.add_members_singly(group.id?, &BTreeSet::from([guest])).await;
                    strongest(added.into_values().flatten().map(|receipt| receipt.effect))
                })
                .await
            }
            (Action::RemoveMembers { members: asked, .. }, Action::RemoveMembers { group, members }) => {
                let asked: BTreeSet<ObjectId> = asked.iter().map(|leaving| leaving.object).collect();
                let left = members.iter().map(|leaving| leaving.object).filter(|o| asked.contains(o));
                probe(left, async |object| {
                    let removed = graph.remove_members(group.id?, &BTreeSet::from([object])).await;
                    strongest(removed.into_values().flatten().map(|receipt| receipt.effect))
                })
                .await
            }
            (_, Action::RemoveFromLedger { ledger, object, .. }) => {
                let removed = graph.remove_members(*ledger, &BTreeSet::from([*object])).await;
                strongest(removed.into_values().flatten().map(|receipt| receipt.effect))
            }
            (_, Action::UpdateGroup { group, to, .. }) => {
                graph.rename_group(*group, to).await.ok().map(|receipt| receipt.effect)
            }
            (_, Action::DeleteGroup { group, .. }) => {
                graph.delete_group(*group).await.ok().map(|receipt| receipt.effect)
            }
            (_, Action::CreateRoleAssignment { group, role, scope, .. }) => {
                let key = AssignmentKey { scope: scope.clone(), principal: group.id?, role: role.id };
                self.arm(Priority::Change).put_role_assignment(&key).await.ok().map(|receipt| receipt.effect)
            }
            // By the id under which the later look found the row.
            (_, Action::DeleteRoleAssignment { row, name, key, .. }) => {
                let row = row_of(row, *name, key);
                self.arm(Priority::Change)
                    .delete_role_assignment(&row)
                    .await
                    .ok()
                    .map(|receipt| receipt.effect)
            }
            _ => None,
        }
    }
}

/// Does something for one object after another until one turns out to be so already: then replicas lag, and what they do
/// not show of the others is no proof either.
async fn probe(
    objects: impl Iterator<Item = ObjectId>,
    mut act: impl AsyncFnMut(ObjectId) -> Option<Effect>,
) -> Option<Effect> {
    let mut sum = None;
    for object in objects {
        let effect = act(object).await;
        sum = strongest(sum.into_iter().chain(effect));
        if effect == Some(Effect::AlreadySo) {
            break;
        }
    }
    sum
}

fn strongest(effects: impl Iterator<Item = Effect>) -> Option<Effect> {
    effects.reduce(|one, other| if one == Effect::Done { one } else { other })
}
