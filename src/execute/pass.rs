//! One customer's plan on its way: what is done, what was made, and what that means for the operations to come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tracing::Instrument as _;

use crate::client::Client;
use crate::client::limiter::Priority;
use crate::execute::Context;
use crate::execute::account::Account;
use crate::execute::fate::Fate;
use crate::journal::event::Ended;
use crate::model::ids::{ObjectId, PersonId};
use crate::plan::operation::{Action, GroupRef, Operation, OperationId, Phase};
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::CustomerPlan;

/// A part of every customer's plan, carried out everywhere before the next part begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wave {
    /// The first phase: ended access and leavers out.
    Withdrawals,
    /// All later phases.
    Rest,
}

impl Wave {
    fn has(self, operation: &Operation) -> bool {
        (operation.phase == Phase::Withdraw) == (self == Self::Withdrawals)
    }
}

/// The state of one customer's pass.
pub(super) struct Pass<'a> {
    pub(super) client: &'a Client,
    pub(super) plan: &'a CustomerPlan,
    pub(super) context: &'a Context<'a>,
    /// Guests invited in this pass.
    pub(super) guests: BTreeMap<PersonId, ObjectId>,
    /// Groups created in this pass, by unique name.
    pub(super) groups: BTreeMap<String, ObjectId>,
    /// When each of them was invited: an object older than that is not of our making.
    pub(super) invited_since: BTreeMap<ObjectId, Timestamp>,
    /// Entries written into a ledger in this pass, by ledger, each with its operation.
    pub(super) entered: BTreeMap<ObjectId, BTreeMap<ObjectId, OperationId>>,
    /// Guests written into the ledger in this pass: only these may enter another group.
    pub(super) recorded: BTreeSet<ObjectId>,
    /// Our last write to each guest in this pass.
    pub(super) touched: BTreeMap<ObjectId, Timestamp>,
    /// Groups that Azure did not come to know although we waited for it.
    pub(super) unknown_to_azure: BTreeSet<ObjectId>,
    /// Mail domains that this tenant turned out not to let in, each with the reason.
    pub(super) blocked: BTreeMap<String, String>,
    /// People who could not be invited because of that.
    pub(super) unwelcome: BTreeSet<PersonId>,
    /// Why nothing more is done, once that is so.
    pub(super) ended: Option<String>,
    /// Operations of which at least one request was sent.
    pub(super) begun: BTreeSet<OperationId>,
    /// Withdrawals that were looked at again.
    pub(super) looked_at: BTreeSet<OperationId>,
    /// Those of them that nobody saw to have happened: what needs them waits.
    pub(super) unsure: BTreeSet<OperationId>,
    /// What was written down about operations that were begun.
    pub(super) accounts: BTreeMap<OperationId, Account>,
    /// What is still to be written down.
    pub(super) unwritten: Vec<Ended>,
    statuses: BTreeMap<OperationId, Status>,
    outcomes: Vec<Outcome>,
}

impl<'a> Pass<'a> {
    pub(super) fn new(client: &'a Client, plan: &'a CustomerPlan, context: &'a Context<'a>) -> Self {
        Self {
            client,
            plan,
            context,
            guests: BTreeMap::new(),
            groups: BTreeMap::new(),
            invited_since: BTreeMap::new(),
            entered: BTreeMap::new(),
            recorded: BTreeSet::new(),
            touched: context.memory.of(plan.tenant).written.clone(),
            unknown_to_azure: BTreeSet::new(),
            blocked: BTreeMap::new(),
            unwelcome: BTreeSet::new(),
            ended: None,
            begun: BTreeSet::new(),
            looked_at: BTreeSet::new(),
            unsure: BTreeSet::new(),
            accounts: BTreeMap::new(),
            unwritten: Vec::new(),
            statuses: BTreeMap::new(),
            outcomes: Vec::new(),
        }
    }

    /// Whether a wave has anything to carry out.
    pub(super) fn has(&self, wave: Wave) -> bool {
        self.plan.runnable().any(|operation| wave.has(operation))
    }

    /// Carries out every operation of a wave in turn, and looks again at what must not be taken on trust: at the end, and before
    /// a group goes that proves what was to go before it. Entries for the ledger that stand together are written together.
    pub(super) async fn run(&mut self, wave: Wave) {
        let operations: Vec<&Operation> =
            self.plan.runnable().filter(|operation| wave.has(operation)).collect();
        let mut rest = operations.as_slice();
        while let Some(first) = rest.first() {
            let together = rest.iter().take_while(|next| belong_together(first, next)).count().max(1);
            let (now, later) = rest.split_at(together);
            let before = &operations[..operations.len() - rest.len()];
            if before.iter().any(|other| first.rests_on(other) && !self.looked_at.contains(&other.id)) {
                self.verify_withdrawals(before).await;
            }
            self.carry_out(now).await;
            rest = later;
        }
        self.verify_withdrawals(&operations).await;
        self.verify_ledger().await;
        self.write_down().await;
    }

    /// What became of everything.
    pub(super) fn finish(self) -> CustomerOutcome {
        let wrote = self.wrote();
        if !wrote.is_empty() {
            (self.context.wrote)(self.plan.tenant, wrote);
        }
        CustomerOutcome { name: self.plan.name.clone(), outcomes: self.outcomes, ended_early: self.ended }
    }

    async fn carry_out(&mut self, operations: &[&'a Operation]) {
        if self.ended.is_none() {
            self.ended = self.context.halt.reason();
        }
        let mut ready = Vec::with_capacity(operations.len());
        for &operation in operations {
            match self.obstacle(operation) {
                Some(fate) => self.record(operation, fate),
                None => ready.push(operation),
            }
        }
        let ready = self.announce(ready).await;
        let Some(&first) = ready.first() else { return };
        self.begun.extend(ready.iter().map(|operation| operation.id.clone()));
        let kind = first.action.kind().as_str();
        let span = tracing::info_span!("operation", id = %first.id, kind);
        self.act(first, &ready).instrument(span).await;
        self.write_down().await;
    }

    /// Carries out an operation, or those that are written together with it.
    async fn act(&mut self, operation: &'a Operation, together: &[&'a Operation]) {
        let priority = priority(operation);
        let fate = match &operation.action {
            Action::AddToLedger { .. } => return self.record_in_ledger(together).await,
            Action::InviteGuest { person, address, display_name, mail, again: None } => {
                self.invite(*person, address, display_name, *mail).await
            }
            Action::InviteGuest { address, display_name, mail, again: Some(guest), .. } => {
                self.mail_again(*guest, address, display_name, *mail).await
            }
            Action::CreateGroup { unique_name, display_name } => {
                self.create_group(unique_name, display_name).await
            }
            Action::UpdateGroup { group, to, .. } => self.rename_group(*group, to).await,
            Action::AddMembers { group, members } => self.add_members(group, members).await,
            Action::CreateRoleAssignment { group, role, scope, .. } => {
                self.assign(group, role.id, scope).await
            }
            Action::RemoveMembers { group, members } => self.remove_members(group, members, priority).await,
            Action::RemoveFromLedger { ledger, object, .. } => {
                self.remove_from_ledger(*ledger, *object, priority).await
            }
            Action::DeleteRoleAssignment { row, name, key, .. } => {
                self.unassign(row, *name, key, priority).await
            }
            Action::DeleteGuest { guest, leaving, .. } => self.delete_guest(*guest, leaving, priority).await,
            Action::DeleteGroup { group, .. } => self.delete_group(*group, priority).await,
        };
        self.record(operation, fate);
    }

    /// Why an operation cannot even begin.
    fn obstacle(&self, operation: &Operation) -> Option<Fate> {
        if let Some(reason) = &self.ended {
            return Some(Fate::not_done(reason));
        }
        operation.needs.iter().find_map(|need| match self.statuses.get(need) {
            Some(_) if self.unsure.contains(need) => {
                Some(Fate::not_done(&format!("{need} was not seen to have happened")))
            }
            Some(Status::Done | Status::AlreadySo | Status::Pending) => None,
            Some(Status::Deferred(until)) => Some(Fate::deferred(*until, format!("waits for {need}"))),
            Some(Status::Refused) => Some(Fate::refused(format!("{need} was refused"))),
            Some(Status::Failed) | None => Some(Fate::not_done(&format!("{need} was not done"))),
        })
    }

    /// Notes what became of an operation.
    pub(super) fn record(&mut self, operation: &Operation, fate: Fate) {
        self.account(&operation.id, &fate);
        let Fate { status, text, mut requests, .. } = fate;
        let request_id = requests.pop();
        let kind = operation.action.kind();
        let outcome = Outcome { operation: operation.id.clone(), kind, status, text, request_id };
        (self.context.notice)(&self.plan.name, &outcome);
        self.statuses.insert(operation.id.clone(), status);
        self.outcomes.push(outcome);
    }

    /// Says something else of an operation than its answer did, and that for these objects it is not so.
    pub(super) fn correct(
        &mut self,
        operation: &OperationId,
        status: Status,
        text: &str,
        untrue: &BTreeSet<ObjectId>,
    ) {
        let Some(outcome) = self.outcomes.iter_mut().find(|outcome| outcome.operation == *operation) else {
            return;
        };
        outcome.status = status;
        outcome.text = Some(text.to_owned());
        (self.context.notice)(&self.plan.name, outcome);
        self.statuses.insert(operation.clone(), status);
        self.correct_account(operation, status, text, untrue);
    }

    /// What became of an operation so far.
    pub(super) fn outcome(&self, operation: &OperationId) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.operation == *operation)
    }

    /// The id of a group that exists or that this pass created.
    pub(super) fn resolve(&self, group: &GroupRef) -> Result<ObjectId, Fate> {
        let made = || self.groups.get(&group.unique_name).copied();
        group
            .id
            .or_else(made)
            .ok_or_else(|| Fate::not_done(&format!("{} does not exist", group.display_name)))
    }

    /// Whether this pass made the object, so that replicas may not know it yet.
    pub(super) fn is_fresh(&self, object: ObjectId) -> bool {
        self.guests.values().chain(self.groups.values()).any(|made| *made == object)
    }

    /// Notes our own write to a guest, from now.
    pub(super) fn touch(&mut self, guest: ObjectId) {
        self.touched.insert(guest, self.context.clock.now());
    }
}

/// Withdrawals go before everything else in every queue.
fn priority(operation: &Operation) -> Priority {
    if operation.nature.is_withdrawal() { Priority::Withdrawal } else { Priority::Change }
}

/// Whether two operations are entries for the same ledger.
fn belong_together(one: &Operation, other: &Operation) -> bool {
    match (&one.action, &other.action) {
        (Action::AddToLedger { ledger: a, .. }, Action::AddToLedger { ledger: b, .. }) => a == b,
        _ => false,
    }
}
