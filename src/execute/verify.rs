//! An answer is a claim. Withdrawals and entries of the ledger are looked at again within the pass, and what does not show is
//! done another way: a membership by a request of its own, a row by the id under which it is listed now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::client::error::{Error, Kind};
use crate::client::graph::members::Members;
use crate::client::limiter::Priority;
use crate::client::receipt::{Effect, Receipt};
use crate::execute::fate::Fate;
use crate::execute::pass::Pass;
use crate::execute::patience::GivenUp;
use crate::model::assignment::RoleAssignment;
use crate::model::ids::{ObjectId, SubscriptionId};
use crate::plan::forecast::FIRST_LOOK;
use crate::plan::operation::{Action, Operation, OperationId};
use crate::plan::outcome::Status;

/// When there is another look, counted from the first request's end: replicas agree within seconds, seldom later.
const LOOKS: [Duration; 3] = [FIRST_LOOK, Duration::from_secs(8), Duration::from_secs(20)];

/// A withdrawal that has not been seen to have happened.
struct Claim<'a> {
    operation: &'a Operation,
    last: Last,
    /// Whether the last look could not see.
    unread: bool,
    /// What the last look that showed anything still showed of it.
    left: BTreeSet<ObjectId>,
}

/// What the service last said of a claim.
enum Last {
    /// Its first word: nothing was done another way, because no look but the last showed anything.
    Claimed,
    /// Its word when it was done another way.
    Again(Result<Effect, GivenUp>),
}

/// What a look shows.
struct Shown {
    members: BTreeMap<ObjectId, Result<Members, Error>>,
    groups: BTreeMap<ObjectId, Result<bool, Error>>,
    guests: BTreeMap<ObjectId, Result<bool, Error>>,
    rows: BTreeMap<SubscriptionId, Result<Vec<RoleAssignment>, Error>>,
}

/// What is left of something that was withdrawn.
enum Left {
    Members(ObjectId, Vec<ObjectId>),
    Row(RoleAssignment),
    Guest(ObjectId),
    Group(ObjectId),
}

impl<'a> Pass<'a> {
    /// Looks at every withdrawal among `operations` that was not looked at before until it shows, three times at most.
    pub(super) async fn verify_withdrawals(&mut self, operations: &[&'a Operation]) {
        let tried = |operation: &&&'a Operation| {
            let status = self.outcome(&operation.id).map(|outcome| outcome.status);
            operation.nature.is_withdrawal()
                && self.begun.contains(&operation.id)
                && !self.looked_at.contains(&operation.id)
                && matches!(status, Some(Status::Done | Status::AlreadySo | Status::Failed))
        };
        let mut open: Vec<Claim<'a>> = operations
            .iter()
            .filter(tried)
            .map(|&operation| Claim { operation, last: Last::Claimed, unread: false, left: BTreeSet::new() })
            .collect();
        self.looked_at.extend(open.iter().map(|claim| claim.operation.id.clone()));
        let begun = self.context.clock.now();
        for (turn, after) in LOOKS.into_iter().enumerate() {
            if open.is_empty() || !self.wait_until(begun, after).await {
                return;
            }
            let shown = self.look(&open).await;
            let mut still = Vec::new();
            for mut claim in open {
                let left = self.left(claim.operation, &shown);
                claim.unread = left.is_err();
                match left {
                    Ok(None) => {
                        self.bear_out(&claim);
                        continue;
                    }
                    // The last look only judges.
                    Ok(Some(left)) if turn + 1 == LOOKS.len() => claim.left = left.objects(),
                    Ok(Some(left)) => {
                        claim.left = left.objects();
                        claim.last = Last::Again(self.withdraw_again(claim.operation, left).await);
                    }
                    Err(()) => {}
                }
                still.push(claim);
            }
            open = still;
        }
        for claim in open {
            self.doubt(&claim);
        }
    }

    /// Looks whether the ledger shows what was entered in this pass, and enters one by one what it does not: a guest missing
    /// there would never be deleted, and no later plan would ask for the entry again.
    pub(super) async fn verify_ledger(&mut self) {
        let begun = self.context.clock.now();
        let mut verdicts: BTreeMap<OperationId, (Status, &str)> = BTreeMap::new();
        let nothing = BTreeSet::new();
        for after in LOOKS {
            if self.entered.is_empty() || !self.wait_until(begun, after).await {
                return;
            }
            for (ledger, mut entries) in std::mem::take(&mut self.entered) {
                let graph = self.graph(Priority::Change);
                let Ok(members) = graph.members(ledger).await else {
                    verdicts.extend(entries.values().map(|id| (id.clone(), (Status::Pending, UNREAD))));
                    self.entered.insert(ledger, entries);
                    continue;
                };
                entries.retain(|object, _| !members.contains_key(object));
                let missing: BTreeSet<ObjectId> = entries.keys().copied().collect();
                for (object, added) in graph.add_members_singly(ledger, &missing).await {
                    match added {
                        // A replica that lags; the entry is there.
                        Ok(Receipt { effect: Effect::AlreadySo, .. }) => drop(entries.remove(&object)),
                        Ok(Receipt { effect: Effect::Done, .. }) => {
                            self.correct(&entries[&object], Status::Done, REPEATED, &nothing);
                            verdicts.insert(entries[&object].clone(), (Status::Failed, UNTRUE));
                        }
                        Err(_) => {
                            verdicts.insert(entries[&object].clone(), (Status::Pending, UNSEEN));
                        }
                    }
                }
                if !entries.is_empty() {
                    self.entered.insert(ledger, entries);
                }
            }
        }
        for (object, operation) in std::mem::take(&mut self.entered).into_values().flatten() {
            if let Some((status, text)) = verdicts.remove(&operation) {
                let untrue =
                    if status == Status::Failed { BTreeSet::from([object]) } else { BTreeSet::new() };
                self.correct(&operation, status, text, &untrue);
            }
        }
    }

    /// Waits until `after` has passed since `begun`; false if nothing more may be written.
    async fn wait_until(&self, begun: Timestamp, after: Duration) -> bool {
        let due = begun.saturating_add(after).unwrap_or(begun);
        tokio::select! {
            () = self.context.clock.sleep_until(due) => {}
            () = self.context.halt.thrown() => {}
        }
        self.context.halt.reason().is_none()
    }

    async fn look(&self, claims: &[Claim<'_>]) -> Shown {
        let (mut members_of, mut groups, mut guests) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut subscriptions = BTreeSet::new();
        for claim in claims {
            match &claim.operation.action {
                Action::RemoveMembers { group, .. } => members_of.extend(group.id),
                Action::RemoveFromLedger { ledger, .. } => drop(members_of.insert(*ledger)),
                Action::DeleteGroup { group, .. } => drop(groups.insert(*group)),
                Action::DeleteGuest { guest, .. } => drop(guests.insert(*guest)),
                Action::DeleteRoleAssignment { key, .. } => subscriptions.extend(key.scope.subscription_id()),
                _ => {}
            }
        }
        let graph = self.graph(Priority::Withdrawal);
        let contents = graph.contents(&members_of, &groups).await;
        let exists =
            |(id, read): (ObjectId, Result<Option<_>, Error>)| (id, read.map(|found| found.is_some()));
        let groups = contents.groups.into_iter().map(exists).collect();
        let users = graph.users(&guests).await;
        let guests = users.into_iter().map(|(id, read)| (id, read.map(|found| found.is_some()))).collect();
        let mut rows = BTreeMap::new();
        for subscription in subscriptions {
            let read = self.arm(Priority::Withdrawal).role_assignments(subscription).await;
            rows.insert(subscription, read);
        }
        Shown { members: contents.members, groups, guests, rows }
    }

    /// What is left of what `operation` withdrew; an error where that could not be read.
    fn left(&self, operation: &Operation, shown: &Shown) -> Result<Option<Left>, ()> {
        let still = |there: Option<&Result<bool, Error>>| match there {
            Some(Ok(there)) => Ok(*there),
            Some(Err(_)) | None => Err(()),
        };
        let members = |group: ObjectId, objects: &mut dyn Iterator<Item = ObjectId>| {
            if self.deleted(group) {
                return Ok(None);
            }
            let Some(Ok(present)) = shown.members.get(&group) else { return Err(()) };
            let rest: Vec<ObjectId> = objects.filter(|object| present.contains_key(object)).collect();
            Ok((!rest.is_empty()).then_some(Left::Members(group, rest)))
        };
        match &operation.action {
            Action::RemoveMembers { group, members: leaving } => {
                members(group.id.ok_or(())?, &mut leaving.iter().map(|leaving| leaving.object))
            }
            Action::RemoveFromLedger { ledger, object, .. } => members(*ledger, &mut [*object].into_iter()),
            Action::DeleteGroup { group, .. } => {
                Ok(still(shown.groups.get(group))?.then_some(Left::Group(*group)))
            }
            Action::DeleteGuest { guest, .. } => {
                Ok(still(shown.guests.get(guest))?.then_some(Left::Guest(*guest)))
            }
            Action::DeleteRoleAssignment { key, name, .. } => {
                let subscription = key.scope.subscription_id().ok_or(())?;
                let Some(Ok(rows)) = shown.rows.get(&subscription) else { return Err(()) };
                Ok(rows.iter().find(|row| row.name == *name && row.key == *key).cloned().map(Left::Row))
            }
            _ => Ok(None),
        }
    }

    /// Whether this plan has deleted the group: nobody is a member of what does not exist.
    fn deleted(&self, group: ObjectId) -> bool {
        self.plan.operations.iter().any(|operation| {
            let succeeded = self
                .outcome(&operation.id)
                .is_some_and(|outcome| matches!(outcome.status, Status::Done | Status::AlreadySo));
            matches!(operation.action, Action::DeleteGroup { group: gone, .. } if gone == group) && succeeded
        })
    }

    /// Withdraws what is left, not the way it was done before. Says whether the service had anything left to do.
    async fn withdraw_again(&mut self, operation: &Operation, left: Left) -> Result<Effect, GivenUp> {
        if let Some(reason) = self.context.halt.reason() {
            return Err(GivenUp::NotBegun(reason));
        }
        let fate = match left {
            Left::Members(group, objects) => {
                let mut effect = Effect::AlreadySo;
                for object in objects {
                    let mut removed = self.remove(group, &[object], Priority::Withdrawal).await;
                    let receipt = removed.remove(&object).expect("the member asked for has a result")?;
                    if receipt.effect == Effect::Done {
                        effect = Effect::Done;
                    }
                }
                return Ok(effect);
            }
            Left::Row(row) => {
                let deleted = self.arm(Priority::Withdrawal).delete_role_assignment(&row).await;
                return deleted.map(|receipt| receipt.effect).map_err(GivenUp::Failed);
            }
            Left::Group(group) => self.delete_group(group, Priority::Withdrawal).await,
            Left::Guest(guest) => match &operation.action {
                Action::DeleteGuest { leaving, .. } => {
                    self.delete_guest(guest, leaving, Priority::Withdrawal).await
                }
                _ => return Ok(Effect::AlreadySo),
            },
        };
        effect_of(fate)
    }

    /// The look bears the service out, or shows more than it said.
    fn bear_out(&mut self, claim: &Claim<'_>) {
        let Some(outcome) = self.outcome(&claim.operation.id) else { return };
        let text = match (outcome.status, &claim.last) {
            (Status::Done | Status::AlreadySo, Last::Again(Ok(Effect::Done))) => REPEATED.to_owned(),
            (Status::Failed, _) => {
                let said = outcome.text.clone().unwrap_or_default();
                format!("done, as another look shows, although the service said: {said}")
            }
            _ => return,
        };
        self.correct(&claim.operation.id, Status::Done, &text, &BTreeSet::new());
    }

    /// The last look still shows what was withdrawn, or could not see.
    fn doubt(&mut self, claim: &Claim<'_>) {
        let Some(outcome) = self.outcome(&claim.operation.id) else { return };
        let failed = outcome.status == Status::Failed;
        let (status, text) = match &claim.last {
            Last::Again(again) if !claim.unread => match again {
                Ok(Effect::AlreadySo) => (Status::Pending, UNSEEN.to_owned()),
                Ok(Effect::Done) => (Status::Failed, UNTRUE.to_owned()),
                // Replicas that do not know the group yet do not show who left it either.
                Err(GivenUp::Failed(error))
                    if !failed && matches!(error.kind(), Kind::NotFound | Kind::NotYetVisible) =>
                {
                    (Status::Pending, UNSEEN.to_owned())
                }
                Err(given_up) => {
                    let fate = Fate::of(Err(given_up.clone()));
                    (fate.status, format!("still there; {}", fate.text.unwrap_or_default()))
                }
            },
            // What failed has its reason already.
            _ if failed => return,
            _ => {
                self.unsure.insert(claim.operation.id.clone());
                let text = if claim.unread { UNREAD } else { UNSEEN };
                (Status::Pending, text.to_owned())
            }
        };
        // What replicas merely may not show yet is taken as the service says.
        let untrue = if status == Status::Pending { BTreeSet::new() } else { claim.left.clone() };
        self.correct(&claim.operation.id, status, &text, &untrue);
    }
}

impl Left {
    /// The objects of which it is left.
    fn objects(&self) -> BTreeSet<ObjectId> {
        match self {
            Self::Members(_, members) => members.iter().copied().collect(),
            Self::Row(row) => BTreeSet::from([row.key.principal]),
            Self::Guest(object) | Self::Group(object) => BTreeSet::from([*object]),
        }
    }
}

const REPEATED: &str = "the service had said so without doing it; done when repeated another way";

const UNSEEN: &str = "done by the service's word; not visible yet";

const UNREAD: &str = "done by the service's word; it could not be read again";

const UNTRUE: &str = "the service says that it is done, again and again, and still shows that it is not";

fn effect_of(fate: Fate) -> Result<Effect, GivenUp> {
    let text = fate.text.unwrap_or_default();
    match fate.status {
        Status::Done => Ok(Effect::Done),
        Status::AlreadySo => Ok(Effect::AlreadySo),
        Status::Refused => Err(GivenUp::Refused(text)),
        Status::Pending | Status::Deferred(_) | Status::Failed => Err(GivenUp::NotBegun(text)),
    }
}
