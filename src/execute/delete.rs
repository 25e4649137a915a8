//! Guests and groups that are deleted. Before a guest goes, one more complete read must show that nothing else uses it.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::client::error::Error;
use crate::client::limiter::Priority;
use crate::execute::fate::Fate;
use crate::execute::look::unless_so;
use crate::execute::pass::Pass;
use crate::execute::patience::GivenUp;
use crate::execute::{Context, Deferral};
use crate::model::ids::ObjectId;
use crate::model::subscription::SubscriptionState;
use crate::plan::operation::Action;

/// How long replicas are given to agree about a guest we wrote to, before a read of its use proves anything.
const SETTLES_IN: SignedDuration = SignedDuration::from_mins(10);

impl Pass<'_> {
    /// Deletes a group of ours.
    pub(super) async fn delete_group(&mut self, group: ObjectId, priority: Priority) -> Fate {
        let graph = self.graph(priority);
        let deleted = graph.delete_group(group).await;
        let deleted = unless_so(deleted, async || Ok(graph.group(group).await?.is_none())).await;
        Fate::of(deleted.map_err(GivenUp::Failed)).on(group)
    }

    /// Deletes a guest unless something uses it. The groups in `leaving` do not count, but those that this plan took it out of do: if
    /// it stands there again, somebody put it back.
    pub(super) async fn delete_guest(
        &mut self,
        guest: ObjectId,
        leaving: &BTreeSet<ObjectId>,
        priority: Priority,
    ) -> Fate {
        if let Some(fate) = self.let_it_settle(guest).await {
            return fate;
        }
        // She has rested since she was taken out: where she stands again, somebody put her back.
        let left = self.groups_left_by(guest);
        let ours: BTreeSet<ObjectId> = leaving.difference(&left).copied().collect();
        match self.other_use(guest, &ours, priority).await {
            Ok(None) => {}
            Ok(Some(other_use)) => return Fate::refused(format!("the guest is kept: {other_use}")),
            Err(error) => {
                return Fate::refused(format!("the guest is kept: what uses it could not be read: {error}"));
            }
        }
        if let Some(reason) = self.context.halt.reason() {
            return Fate::not_done(&reason);
        }
        let graph = self.graph(priority);
        let deleted = graph.delete_guest(guest).await;
        let deleted = unless_so(deleted, async || Ok(graph.user(guest).await?.is_none())).await;
        Fate::of(deleted.map_err(GivenUp::Failed)).on(guest)
    }

    /// Waits for replicas to agree about the guest, or says that its time has not come.
    async fn let_it_settle(&self, guest: ObjectId) -> Option<Fate> {
        let Context { clock, halt, deferral, .. } = self.context;
        let settled = self.touched.get(&guest)?.saturating_add(SETTLES_IN).ok()?;
        if settled <= clock.now() || defect!(NoRestForGuests) {
            return None;
        }
        match deferral {
            Deferral::Leave => {
                let text = "not sooner than ten minutes after our own last change to the guest: replicas must agree first";
                Some(Fate::deferred(settled, text.to_owned()))
            }
            Deferral::Wait => {
                tokio::select! {
                    () = clock.sleep_until(settled) => None,
                    () = halt.thrown() => halt.reason().map(|reason| Fate::not_done(&reason)),
                }
            }
        }
    }

    /// The groups that this plan takes a guest out of.
    fn groups_left_by(&self, guest: ObjectId) -> BTreeSet<ObjectId> {
        let removals = self.plan.operations.iter().filter_map(|operation| match &operation.action {
            Action::RemoveMembers { group, members } => {
                group.id.filter(|_| members.iter().any(|member| member.object == guest))
            }
            _ => None,
        });
        removals.collect()
    }

    /// What uses the guest besides `ours`, read now; none if nothing does.
    async fn other_use(
        &self,
        guest: ObjectId,
        ours: &BTreeSet<ObjectId>,
        priority: Priority,
    ) -> Result<Option<String>, Error> {
        if defect!(UseIgnored) {
            return Ok(None);
        }
        let used = self.graph(priority).guest_use(&BTreeSet::from([guest])).await;
        let used = used.into_values().next().expect("one guest was asked for")?;
        if let Some(membership) = used.membership_besides(ours) {
            return Ok(Some(membership));
        }
        if let Some(object) = used.owns.first() {
            return Ok(Some(format!("it owns {object}")));
        }
        if used.app_roles > 0 {
            return Ok(Some(format!("{} applications are assigned to it", used.app_roles)));
        }
        let arm = self.arm(priority);
        for (id, subscription) in arm.subscriptions().await? {
            let gone = matches!(subscription.state, SubscriptionState::Gone(_));
            if gone || subscription.tenant != self.plan.tenant {
                continue;
            }
            let rows = arm.role_assignments(id).await?;
            if rows.iter().any(|row| row.key.principal == guest) {
                return Ok(Some(format!("it holds a role in subscription {id}")));
            }
        }
        Ok(None)
    }
}
