//! What the journal is told: every operation before its first call, and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::execute::fate::Fate;
use crate::execute::pass::Pass;
use crate::journal::Need;
use crate::journal::event::{Did, EffectOn, Ended, Intent, without_addresses};
use crate::model::ids::ObjectId;
use crate::plan::operation::{Action, Operation, OperationId};
use crate::plan::outcome::Status;
use crate::plan::overlay::Wrote;

/// What was written down about an operation that was begun.
pub(super) struct Account {
    intent: u64,
    effects: BTreeMap<ObjectId, Did>,
    requests: Vec<String>,
    uncertain: bool,
}

impl<'a> Pass<'a> {
    /// Writes down what is about to be done. Gives what may be: a change that cannot be recorded must not begin; what ends
    /// access does not wait for a record.
    pub(super) async fn announce(&mut self, operations: Vec<&'a Operation>) -> Vec<&'a Operation> {
        let need = if operations.iter().all(|operation| operation.nature.is_withdrawal()) {
            Need::Later
        } else {
            Need::First
        };
        let unavailable = match &self.context.memory.unavailable {
            Some(text) if need == Need::First && !defect!(BrokenJournalIgnored) => Err(text.clone()),
            _ => {
                let intents = operations.iter().map(|operation| Intent::of(self.plan, operation)).collect();
                self.context.journal.intend(intents, need).await.map_err(|error| error.to_string())
            }
        };
        match unavailable {
            Ok(intents) => {
                for (operation, intent) in operations.iter().zip(intents) {
                    let account =
                        Account { intent, effects: BTreeMap::new(), requests: Vec::new(), uncertain: false };
                    self.accounts.insert(operation.id.clone(), account);
                }
                operations
            }
            Err(text) => {
                let reason =
                    format!("the journal cannot record it, and no change begins without a record: {text}");
                for operation in operations {
                    self.record(operation, Fate::not_done(&reason));
                }
                Vec::new()
            }
        }
    }

    /// Notes what became of an operation that was announced.
    pub(super) fn account(&mut self, operation: &OperationId, fate: &Fate) {
        let Some(account) = self.accounts.get_mut(operation) else { return };
        account.effects.clone_from(&fate.effects);
        account.requests.extend(fate.requests.iter().cloned());
        account.uncertain = fate.uncertain;
        let ended = self.ended(operation, fate.status, fate.text.as_deref());
        self.unwritten.extend(ended);
    }

    /// Notes what another look showed. What it called done although an answer had said otherwise is done for every object;
    /// for those in `untrue` nothing is, whatever the answers said.
    pub(super) fn correct_account(
        &mut self,
        operation: &OperationId,
        status: Status,
        text: &str,
        untrue: &BTreeSet<ObjectId>,
    ) {
        let objects = self.plan.operations.iter().find(|o| o.id == *operation).map(objects);
        if let Some(account) = self.accounts.get_mut(operation) {
            if status == Status::Done {
                for object in objects.unwrap_or_default() {
                    account.effects.entry(object).or_insert(Did::Done);
                }
            }
            account.effects.retain(|object, _| !untrue.contains(object));
        }
        let ended = self.ended(operation, status, Some(text));
        self.unwritten.extend(ended);
    }

    /// What is so now because of this pass, by the last word about every operation.
    pub(super) fn wrote(&self) -> Vec<Wrote> {
        let by = |operation: &Operation| {
            let account = self.accounts.get(&operation.id)?;
            let done = matches!(self.outcome(&operation.id)?.status, Status::Done | Status::AlreadySo);
            let group = match &operation.action {
                Action::AddToLedger { ledger: group, .. }
                | Action::AddMembers { group, .. }
                | Action::RemoveMembers { group, .. } => self.resolve(group).ok(),
                Action::RemoveFromLedger { ledger, .. } => Some(*ledger),
                _ => None,
            };
            let reached = account.effects.keys().copied().collect();
            done.then(|| Wrote::by(operation, &reached, group))
        };
        self.plan.operations.iter().filter_map(by).flatten().collect()
    }

    /// Writes down what is noted.
    pub(super) async fn write_down(&mut self) {
        for ended in std::mem::take(&mut self.unwritten) {
            self.context.journal.end(ended).await;
        }
    }

    fn ended(&self, operation: &OperationId, status: Status, text: Option<&str>) -> Option<Ended> {
        let account = self.accounts.get(operation)?;
        let effects = account.effects.iter().map(|(object, did)| EffectOn { object: *object, did: *did });
        Some(Ended {
            intent: account.intent,
            customer: self.plan.name.clone(),
            tenant: self.plan.tenant,
            operation: operation.clone(),
            status,
            effects: effects.collect(),
            requests: account.requests.clone(),
            uncertain: account.uncertain,
            text: text.map(without_addresses),
        })
    }
}

/// What a withdrawal takes away.
fn objects(operation: &Operation) -> Vec<ObjectId> {
    match &operation.action {
        Action::RemoveMembers { members, .. } => members.iter().map(|leaving| leaving.object).collect(),
        Action::RemoveFromLedger { object, .. } => vec![*object],
        Action::DeleteGroup { group, .. } => vec![*group],
        Action::DeleteGuest { guest, .. } => vec![*guest],
        Action::DeleteRoleAssignment { key, .. } => vec![key.principal],
        _ => Vec::new(),
    }
}
