//! What the records add up to: a fold, one record after another, so that memory follows from them and from nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::journal::event::{Did, Ended, Event, HeldBy, Intent};
use crate::journal::record::{Record, Writer};
use crate::journal::target::Target;
use crate::model::assignment::AssignmentKey;
use crate::model::ids::{AssignmentName, ObjectId, PersonId, TenantId};
use crate::model::names::CustomerName;
use crate::plan::digest::Digest;
use crate::plan::memory::{
    BegunInvitation, DAY, MadeGroup, Memory, Revision, SETTLES_IN, Standing, TenantMemory, is_of_the_day,
};
use crate::plan::outcome::Status;
use crate::plan::window::{Expense, ExpenseKind, Expenses};

/// So long after its outcome an intent is kept: looks at what was written may correct the outcome.
const CORRECTED_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// How many intents lie around before the old ones are cleared away.
const MANY: usize = 4096;

/// What the records add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    tenants: BTreeMap<TenantId, Arc<TenantMemory>>,
    /// What was set about in the last day or two.
    spent: Expenses,
    /// When what is older was last cleared away.
    swept: Option<Timestamp>,
    accepted: Option<Arc<Revision>>,
    open: BTreeMap<(Writer, u64), Open>,
    held: BTreeMap<TenantId, (Digest, Vec<HeldBy>)>,
    /// How many of them make it worth looking through them all.
    crowded: usize,
    /// When the last record was written.
    pub(super) latest: Option<Timestamp>,
}

/// An intent whose outcome is still to come, or may be corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Open {
    at: Timestamp,
    ended: bool,
    intent: Intent,
    /// What was remembered before, and is again if it turns out not to have happened.
    before: Before,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Before {
    groups: BTreeMap<String, MadeGroup>,
    assignments: BTreeMap<AssignmentName, Timestamp>,
    invitations: BTreeMap<PersonId, BegunInvitation>,
    pairs: BTreeMap<PersonId, ObjectId>,
}

impl State {
    /// What the next plan may know.
    pub(super) fn memory(&self) -> Memory {
        Memory {
            tenants: self.tenants.clone(),
            accepted: self.accepted.clone(),
            recent: Arc::default(),
            unavailable: None,
        }
    }

    /// Whether an event says anything that the records don't: a controller comes to the same conclusion once an hour.
    pub(super) fn is_news(&self, event: &Event) -> bool {
        match event {
            Event::Held { tenant, plan, holds, .. } => match self.held.get(tenant) {
                Some((before, known)) => known != holds || (before != plan && !holds.is_empty()),
                None => !holds.is_empty(),
            },
            Event::Accepted(revision) => self.accepted.as_deref() != Some(revision),
            Event::OffboardingStarted { tenant, .. } => {
                self.tenants.get(tenant).is_none_or(|memory| !memory.offboarding)
            }
            _ => true,
        }
    }

    /// Takes in the next record.
    pub(super) fn fold(&mut self, record: &Record) {
        let at = record.body.at;
        self.latest = self.latest.max(Some(at));
        match &record.body.event {
            Event::Accepted(revision) => self.accept(revision),
            Event::Reserved { customer, takes, .. } => self.spend(at, customer, takes),
            Event::OffboardingStarted { tenant, .. } => self.tenant(*tenant).offboarding = true,
            Event::Intent(intent) => {
                let before = self.begin(at, intent);
                let open = Open { at, ended: false, intent: Intent::clone(intent), before };
                self.open.insert((record.writer, intent.id), open);
            }
            Event::Ended(ended) => {
                let key = (record.writer, ended.intent);
                if let Some(mut open) = self.open.remove(&key) {
                    self.end(at, &mut open, ended);
                    open.at = at;
                    open.ended = true;
                    self.open.insert(key, open);
                }
                self.clear(at);
            }
            Event::Held { tenant, plan, holds, .. } => {
                self.held.insert(*tenant, (plan.clone(), holds.clone()));
            }
            Event::Opened { .. } | Event::TailCutOff { .. } | Event::Lost { .. } => {}
        }
    }

    /// What was set about, for the limits of a day.
    pub(super) fn spent(&self) -> &Expenses {
        &self.spent
    }

    fn spend(
        &mut self,
        at: Timestamp,
        customer: &CustomerName,
        takes: &BTreeMap<ExpenseKind, BTreeSet<String>>,
    ) {
        let since = self.swept.map(|swept| at.duration_since(swept));
        // A jump may be that of a clock, and what it makes look old may be of this day.
        if since.is_some_and(|since| (DAY..DAY * 2).contains(&since)) {
            self.spent.retain(|_, spent| is_of_the_day(*spent, at));
        }
        if since.is_none_or(|since| since >= DAY) {
            self.swept = Some(at);
        }
        for (kind, what) in takes.iter().flat_map(|(kind, all)| all.iter().map(move |what| (kind, what))) {
            let expense = Expense { kind: *kind, customer: customer.clone(), what: what.clone() };
            let since = self.spent.entry(expense).or_insert(at);
            if !is_of_the_day(*since, at) {
                *since = at;
            }
        }
    }

    fn tenant(&mut self, tenant: TenantId) -> &mut TenantMemory {
        Arc::make_mut(self.tenants.entry(tenant).or_default())
    }

    fn accept(&mut self, revision: &Revision) {
        for customer in revision.customers.values().filter(|c| c.standing == Standing::Active) {
            if self.tenants.get(&customer.tenant).is_some_and(|known| known.offboarding) {
                self.tenant(customer.tenant).offboarding = false;
            }
        }
        self.accepted = Some(Arc::new(revision.clone()));
    }

    /// What an intent alone means. Whether a deletion cut off happened is not known: then what it was about is no longer
    /// remembered as ours, so that nobody else is held to have deleted it.
    fn begin(&mut self, at: Timestamp, intent: &Intent) -> Before {
        let mut before = Before::default();
        let memory = self.tenant(intent.tenant);
        match &intent.target {
            Target::InviteGuest { person, again: true, .. } => {
                memory.resent.insert(*person, at);
            }
            Target::InviteGuest { person, address, .. } => {
                memory.resent.remove(person);
                let begun = BegunInvitation { address: address.clone(), at, guest: None };
                memory.invitations.insert(*person, begun);
            }
            Target::DeleteGroup { group, .. } => {
                let of_group =
                    |(name, made): (&String, &MadeGroup)| (made.id == *group).then(|| name.clone());
                let names: Vec<String> = memory.groups.iter().filter_map(of_group).collect();
                for name in names {
                    before.groups.extend(memory.groups.remove_entry(&name));
                }
            }
            Target::DeleteRoleAssignment { name, .. } => {
                before.assignments.extend(memory.assignments.remove_entry(name));
            }
            _ => {}
        }
        before
    }

    fn end(&mut self, at: Timestamp, open: &mut Open, ended: &Ended) {
        let succeeded = matches!(ended.status, Status::Done | Status::AlreadySo | Status::Pending);
        let tenant = open.intent.tenant;
        let memory = self.tenant(tenant);
        let did = |object: ObjectId| ended.effects.iter().find(|effect| effect.object == object);
        match &open.intent.target {
            // It changes nothing of what is remembered.
            Target::InviteGuest { again: true, .. } | Target::UpdateGroup { .. } => {}
            Target::InviteGuest { person, .. } => match ended.effects.first() {
                Some(effect) => {
                    memory.pairs.insert(*person, effect.object);
                    memory.written.insert(effect.object, at);
                    if let Some(begun) = memory.invitations.get_mut(person) {
                        begun.guest = Some(effect.object);
                    }
                }
                // Whoever turns up later may be the guest it made.
                None if ended.uncertain => {}
                // It made nobody: whoever turns up later was invited by somebody else.
                None => drop(memory.invitations.remove(person)),
            },
            Target::AddToLedger { person, .. } => {
                if let (Some(person), Status::Failed) = (person, ended.status)
                    && let Some(begun) = open.before.invitations.remove(person)
                {
                    // The ledger does not show the entry after all.
                    memory.invitations.insert(*person, begun);
                } else if let (Some(person), Some(effect)) = (person, ended.effects.first()) {
                    open.before.invitations.extend(memory.invitations.remove_entry(person));
                    memory.pairs.insert(*person, effect.object);
                    memory.written.insert(effect.object, at);
                } else if let (Some(person), Status::Refused) = (person, ended.status) {
                    // It is somebody else's guest.
                    memory.invitations.remove(person);
                    memory.pairs.remove(person);
                }
            }
            Target::CreateGroup { unique_name, .. } => {
                if let Some(effect) = ended.effects.iter().find(|effect| effect.did == Did::Done) {
                    memory.groups.insert(unique_name.clone(), MadeGroup { id: effect.object, at });
                }
            }
            Target::AddMembers { members, .. } => {
                for joins in members {
                    let Some(guest) = joins.guest.or_else(|| memory.pairs.get(&joins.person).copied()) else {
                        continue;
                    };
                    if did(guest).is_some() {
                        memory.pairs.insert(joins.person, guest);
                        memory.written.insert(guest, at);
                    }
                }
            }
            Target::RemoveMembers { .. } | Target::RemoveFromLedger { .. } => {
                // So already may be by our own request, whose answer got lost.
                for effect in &ended.effects {
                    memory.written.insert(effect.object, at);
                }
            }
            Target::CreateRoleAssignment { role, scope, .. } => {
                if let Some(effect) = ended.effects.iter().find(|effect| effect.did == Did::Done) {
                    let key = AssignmentKey { scope: scope.clone(), principal: effect.object, role: *role };
                    memory.assignments.insert(key.name(tenant), at);
                }
            }
            Target::DeleteGroup { .. } | Target::DeleteRoleAssignment { .. } => {
                if succeeded {
                    memory.groups.retain(|name, _| !open.before.groups.contains_key(name));
                    memory.assignments.retain(|name, _| !open.before.assignments.contains_key(name));
                } else {
                    memory.groups.extend(open.before.groups.clone());
                    memory.assignments.extend(open.before.assignments.clone());
                }
            }
            Target::DeleteGuest { guest, .. } => {
                if succeeded {
                    open.before.pairs.extend(memory.pairs.extract_if(.., |_, paired| paired == guest));
                    memory.written.remove(guest);
                    let hers = |_: &PersonId, begun: &mut BegunInvitation| begun.guest == Some(*guest);
                    open.before.invitations.extend(memory.invitations.extract_if(.., hers));
                } else {
                    // The guest is still there after all.
                    memory.pairs.append(&mut open.before.pairs);
                    memory.invitations.append(&mut open.before.invitations);
                }
            }
        }
        memory.written.retain(|_, written| at.duration_since(*written) < SETTLES_IN);
    }

    fn clear(&mut self, now: Timestamp) {
        if self.open.len() < self.crowded.max(MANY) {
            return;
        }
        self.open
            .retain(|_, open| now.duration_since(open.at) < if open.ended { CORRECTED_WITHIN } else { DAY });
        // Where all of them have to stay, the next look is worth it only once they are many more.
        self.crowded = 2 * self.open.len();
    }
}
