//! Who had what, when and why, as the records say: a fold of its own, since memory keeps only what plans need.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::journal::chain::Chains;
use crate::journal::event::{Did, EffectOn, Ended, Event, Intent, Reason};
use crate::journal::record::Record;
use crate::journal::span::{Key, Span, close, close_open, open, take_back};
use crate::journal::target::Target;
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId, RoleId, TenantId};
use crate::model::names::CustomerName;
use crate::model::scope::Scope;
use crate::plan::digest::Digest;
use crate::plan::operation::GroupRef;
use crate::plan::outcome::Status;

/// Somebody's role somewhere, for a while.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// At which customer.
    pub customer: CustomerName,
    /// Its tenant.
    pub tenant: TenantId,
    /// Who.
    pub person: Option<PersonId>,
    /// Her guest there.
    pub guest: ObjectId,
    /// The address she was invited under, if we invited her.
    pub address: Option<Address>,
    /// Through which group, by its name on the screen.
    pub group: String,
    /// Which role, as the files call it.
    pub role_name: String,
    /// Which role.
    pub role: RoleId,
    /// At which scope.
    pub scope: Scope,
    /// Since when.
    pub since: Since,
    /// Until when; none while it lasts.
    pub until: Option<Timestamp>,
    /// When it is to end, if that was known when it began.
    pub planned_end: Option<Timestamp>,
    /// Why she stood in the group.
    pub because: Vec<Cause>,
    /// Why the group held the role.
    pub role_because: Vec<Cause>,
    /// Why it ended.
    pub ended_because: Vec<Cause>,
}

/// When something began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "known", content = "at", rename_all = "camelCase")]
pub enum Since {
    /// Before the first record.
    Before,
    /// Then or earlier: it was so already.
    AtLatest(Timestamp),
    /// Then.
    At(Timestamp),
}

/// A reason, with the commit of the files it stood in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// The reason.
    #[serde(flatten)]
    pub reason: Reason,
    /// The commit, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The digest of the plan it was carried out with.
    pub plan: Digest,
}

/// Everything the records say about access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// Who had what.
    pub accesses: Vec<Access>,
    /// When the first record was written.
    pub begins: Option<Timestamp>,
    /// Operations that were begun and of which no outcome is recorded.
    pub without_outcome: usize,
    /// Records that were lost while the journal could not be written.
    pub lost: u64,
    /// Records that were cut off or are not as they were written.
    pub untrusted: u64,
}

/// Takes in records, one after another.
#[derive(Debug, Default)]
pub struct Book {
    begins: Option<Timestamp>,
    commit: Option<String>,
    lost: u64,
    intents: BTreeMap<Key, Begun>,
    names: BTreeMap<TenantId, CustomerName>,
    groups: BTreeMap<(TenantId, ObjectId), String>,
    shown: BTreeMap<(TenantId, String), String>,
    people: BTreeMap<(TenantId, ObjectId), PersonId>,
    addresses: BTreeMap<PersonId, Address>,
    members: BTreeMap<(TenantId, String, ObjectId), Vec<Span>>,
    roles: BTreeMap<(TenantId, String, RoleId, Scope), Vec<Span>>,
    role_names: BTreeMap<RoleId, String>,
}

#[derive(Debug)]
struct Begun {
    intent: Intent,
    commit: Option<String>,
    /// What was last said to have become of it.
    ended: Option<(Status, Vec<EffectOn>)>,
}

impl Book {
    /// Takes in the next record.
    pub fn enter(&mut self, record: &Record) {
        let at = record.body.at;
        self.begins.get_or_insert(at);
        match &record.body.event {
            Event::Accepted(revision) => self.commit.clone_from(&revision.commit),
            Event::Lost { records } => self.lost += records,
            Event::Intent(intent) => {
                self.names.insert(intent.tenant, intent.customer.clone());
                if let Target::InviteGuest { person, address, .. } = &intent.target {
                    self.addresses.insert(*person, address.clone());
                }
                let begun = Begun { intent: Intent::clone(intent), commit: self.commit.clone(), ended: None };
                self.intents.insert((record.writer, intent.id), begun);
            }
            Event::Ended(ended) => {
                let key = (record.writer, ended.intent);
                if let Some(mut begun) = self.intents.remove(&key) {
                    if let Some(before) = &begun.ended {
                        self.take_back(key, &begun.intent, before, ended);
                    }
                    self.settle(at, key, &begun, ended);
                    begun.ended = Some((ended.status, ended.effects.clone()));
                    self.intents.insert(key, begun);
                }
            }
            Event::Opened { .. }
            | Event::Reserved { .. }
            | Event::OffboardingStarted { .. }
            | Event::Held { .. }
            | Event::TailCutOff { .. } => {}
        }
    }

    /// Closes the book.
    pub fn close(self, chains: &Chains) -> Register {
        let mut accesses = Vec::new();
        for ((tenant, group, role, scope), given) in &self.roles {
            let members = self.members.range((*tenant, group.clone(), LOWEST)..);
            for ((_, _, guest), memberships) in members.take_while(|((t, g, _), _)| (t, g) == (tenant, group))
            {
                for (held, stood) in given.iter().flat_map(|held| memberships.iter().map(move |s| (held, s)))
                {
                    let until = earlier(held.until, stood.until);
                    let since = held.since.max(stood.since);
                    if until.is_some_and(|until| since.time().is_some_and(|since| until <= since)) {
                        continue;
                    }
                    let ended = if until == stood.until { &stood.ended_because } else { &held.ended_because };
                    let person = self.people.get(&(*tenant, *guest)).copied();
                    accesses.push(Access {
                        customer: self.names[tenant].clone(),
                        tenant: *tenant,
                        person,
                        guest: *guest,
                        address: person.and_then(|person| self.addresses.get(&person).cloned()),
                        group: self.shown.get(&(*tenant, group.clone())).unwrap_or(group).clone(),
                        role_name: self.role_names.get(role).cloned().unwrap_or_else(|| role.to_string()),
                        role: *role,
                        scope: scope.clone(),
                        since,
                        until,
                        planned_end: stood.planned_end,
                        because: stood.because.clone(),
                        role_because: held.because.clone(),
                        ended_because: if until.is_some() { ended.clone() } else { Vec::new() },
                    });
                }
            }
        }
        accesses.sort();
        Register {
            accesses,
            begins: self.begins,
            without_outcome: self.intents.values().filter(|begun| begun.ended.is_none()).count(),
            lost: self.lost,
            untrusted: (chains.cut_off.len() + chains.breaks.len()) as u64 + u64::from(chains.torn.is_some()),
        }
    }

    /// Forgets what an earlier word of the same intent said and a later one does not say any more.
    fn take_back(&mut self, key: Key, intent: &Intent, before: &(Status, Vec<EffectOn>), after: &Ended) {
        let (status, effects) = before;
        let lost = effects.iter().map(|effect| effect.object);
        let lost = lost.filter(|object| after.effects.iter().all(|effect| effect.object != *object));
        let lost: BTreeSet<ObjectId> = lost.collect();
        let undone = succeeded(*status) && !succeeded(after.status);
        let tenant = intent.tenant;
        let of_group = |group: &GroupRef| group.unique_name.clone();
        match &intent.target {
            Target::RemoveMembers { group, .. } | Target::AddMembers { group, .. } => {
                for object in lost {
                    take_back(self.members.entry((tenant, of_group(group), object)).or_default(), key);
                }
            }
            Target::CreateRoleAssignment { group, role, scope, .. } if !lost.is_empty() => {
                let spans = self.roles.entry((tenant, of_group(group), *role, scope.clone()));
                take_back(spans.or_default(), key);
            }
            Target::DeleteRoleAssignment { principal, role, scope, .. } if !lost.is_empty() => {
                let group = self.key_of(tenant, *principal);
                take_back(self.roles.entry((tenant, group, *role, scope.clone())).or_default(), key);
            }
            Target::DeleteGroup { .. } | Target::DeleteGuest { .. } if undone => {
                let here = self.members.iter_mut().filter(|((t, ..), _)| *t == tenant);
                here.for_each(|(_, spans)| take_back(spans, key));
                let here = self.roles.iter_mut().filter(|((t, ..), _)| *t == tenant);
                here.for_each(|(_, spans)| take_back(spans, key));
            }
            _ => {}
        }
    }

    fn settle(&mut self, at: Timestamp, by: Key, begun: &Begun, ended: &Ended) {
        let Begun { intent, commit, .. } = begun;
        let tenant = intent.tenant;
        let because = causes(&intent.because, intent, commit.as_ref());
        let since = |did| if did == Did::Done { Since::At(at) } else { Since::AtLatest(at) };
        match &intent.target {
            Target::InviteGuest { person, .. } => {
                for effect in &ended.effects {
                    self.people.insert((tenant, effect.object), *person);
                }
            }
            Target::CreateGroup { unique_name, display_name } => {
                for effect in &ended.effects {
                    self.groups.insert((tenant, effect.object), unique_name.clone());
                }
                self.shown.insert((tenant, unique_name.clone()), display_name.clone());
            }
            Target::UpdateGroup { group, display_name } => {
                if let (Some(key), false) = (self.groups.get(&(tenant, *group)), ended.effects.is_empty()) {
                    self.shown.insert((tenant, key.clone()), display_name.clone());
                }
            }
            Target::AddMembers { group, members } => {
                let key = self.know(tenant, group);
                for effect in &ended.effects {
                    let known = self.people.get(&(tenant, effect.object)).copied();
                    let is_it = |joins: &&crate::journal::target::Joins| {
                        joins.guest == Some(effect.object)
                            || (joins.guest.is_none() && known == Some(joins.person))
                    };
                    let Some(joins) = members.iter().find(is_it) else { continue };
                    self.people.insert((tenant, effect.object), joins.person);
                    let span = Span {
                        since: since(effect.did),
                        until: None,
                        planned_end: joins.until,
                        because: causes(std::slice::from_ref(&joins.because), intent, commit.as_ref()),
                        ended_because: Vec::new(),
                        begun_by: Some(by),
                        ended_by: None,
                    };
                    open(self.members.entry((tenant, key.clone(), effect.object)).or_default(), span);
                }
            }
            Target::RemoveMembers { group, members } => {
                let key = self.know(tenant, group);
                for effect in &ended.effects {
                    let leaves = members.iter().find(|leaves| leaves.object == effect.object);
                    let because = leaves
                        .map(|leaves| causes(std::slice::from_ref(&leaves.because), intent, commit.as_ref()));
                    if let Some(person) = leaves.and_then(|leaves| leaves.person) {
                        self.people.entry((tenant, effect.object)).or_insert(person);
                    }
                    let spans = self.members.entry((tenant, key.clone(), effect.object)).or_default();
                    close(spans, at, by, &because.unwrap_or_default());
                }
            }
            Target::CreateRoleAssignment { group, role, role_name, scope, .. } => {
                let key = self.know(tenant, group);
                self.role_names.insert(*role, role_name.clone());
                for effect in &ended.effects {
                    self.groups.insert((tenant, effect.object), key.clone());
                    let span = Span {
                        since: since(effect.did),
                        until: None,
                        planned_end: None,
                        because: because.clone(),
                        ended_because: Vec::new(),
                        begun_by: Some(by),
                        ended_by: None,
                    };
                    open(self.roles.entry((tenant, key.clone(), *role, scope.clone())).or_default(), span);
                }
            }
            Target::DeleteRoleAssignment { principal, role, role_name, scope, .. } => {
                if !ended.effects.is_empty() {
                    let key = self.key_of(tenant, *principal);
                    self.role_names.entry(*role).or_insert_with(|| role_name.clone());
                    let spans = self.roles.entry((tenant, key, *role, scope.clone())).or_default();
                    close(spans, at, by, &because);
                }
            }
            Target::DeleteGroup { group, .. } if succeeded(ended.status) => {
                let key = self.key_of(tenant, *group);
                let mine = self.members.iter_mut().filter(|((t, k, _), _)| *t == tenant && *k == key);
                mine.for_each(|(_, spans)| close_open(spans, at, by, &because));
                let mine = self.roles.iter_mut().filter(|((t, k, ..), _)| *t == tenant && *k == key);
                mine.for_each(|(_, spans)| close_open(spans, at, by, &because));
            }
            Target::DeleteGuest { guest, .. } if succeeded(ended.status) => {
                let mine = self.members.iter_mut().filter(|((t, _, g), _)| *t == tenant && g == guest);
                mine.for_each(|(_, spans)| close_open(spans, at, by, &because));
            }
            Target::AddToLedger { .. }
            | Target::RemoveFromLedger { .. }
            | Target::DeleteGroup { .. }
            | Target::DeleteGuest { .. } => {}
        }
    }

    /// The key under which a group is kept: its unique name, which never changes.
    fn know(&mut self, tenant: TenantId, group: &GroupRef) -> String {
        if let Some(id) = group.id {
            self.groups.insert((tenant, id), group.unique_name.clone());
        }
        self.shown.insert((tenant, group.unique_name.clone()), group.display_name.clone());
        group.unique_name.clone()
    }

    fn key_of(&self, tenant: TenantId, group: ObjectId) -> String {
        self.groups.get(&(tenant, group)).cloned().unwrap_or_else(|| group.to_string())
    }
}

impl Access {
    /// Whether it lasted at that time, as far as is known.
    pub fn lasts_at(&self, time: Timestamp) -> bool {
        let begun = match self.since {
            Since::Before => true,
            Since::At(since) | Since::AtLatest(since) => since <= time,
        };
        begun && self.until.is_none_or(|until| time < until)
    }
}

impl Since {
    /// The time, where there is one.
    pub fn time(self) -> Option<Timestamp> {
        match self {
            Self::Before => None,
            Self::At(time) | Self::AtLatest(time) => Some(time),
        }
    }
}

/// Below every id.
const LOWEST: ObjectId = ObjectId::new(uuid::Uuid::from_u128(1));

fn succeeded(status: Status) -> bool {
    matches!(status, Status::Done | Status::AlreadySo | Status::Pending)
}

fn causes(reasons: &[Reason], intent: &Intent, commit: Option<&String>) -> Vec<Cause> {
    let cause = |reason: &Reason| Cause {
        reason: reason.clone(),
        commit: commit.cloned(),
        plan: intent.plan.clone(),
    };
    reasons.iter().map(cause).collect()
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
