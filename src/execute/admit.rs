//! What comes in: guests, groups, entries of the ledger, members.

use std::collections::{BTreeMap, BTreeSet};

use crate::client::error::Kind;
use crate::client::graph::Graph;
use crate::client::graph::groups::{NewGroup, Upserted};
use crate::client::graph::invitations::Invitation;
use crate::client::limiter::Priority;
use crate::client::receipt::{Effect, Receipt};
use crate::execute::fate::{ALREADY_SO, Fate};
use crate::execute::look::{Membership, unless_so};
use crate::execute::pass::Pass;
use crate::execute::patience::{DIRECTORY, GivenUp};
use crate::model::address::Address;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::invitation::InvitationMail;
use crate::model::quota::AT_ONCE;
use crate::plan::operation::{Action, GroupRef, Joining, LedgerEntry, Operation};

impl Pass<'_> {
    /// Makes a guest of a person. The plan rests on a complete look-up that found none.
    pub(super) async fn invite(
        &mut self,
        person: PersonId,
        address: &Address,
        display_name: &str,
        mail: InvitationMail,
    ) -> Fate {
        if let Some(reason) = self.blocked.get(address.domain()) {
            self.unwelcome.insert(person);
            return Fate::refused(reason.clone());
        }
        let invitation = Invitation { address: address.clone(), display_name: display_name.to_owned(), mail };
        match self.graph(Priority::Change).invite(&invitation).await {
            Ok(invited) => {
                self.guests.insert(person, invited.guest);
                self.invited_since.insert(invited.guest, invited.since);
                self.touch(invited.guest);
                Fate::of(Ok(invited.receipt)).on(invited.guest)
            }
            Err(error) if error.kind() == Kind::PolicyDenied => {
                // The next one would meet the same rule.
                let (domain, said) = (address.domain(), error.summary());
                let reason = format!("this tenant's own rules block invitations of {domain}: {said}");
                self.blocked.insert(domain.to_owned(), reason.clone());
                self.unwelcome.insert(person);
                Fate::of(Err(GivenUp::Failed(error))).saying(reason)
            }
            Err(error) => Fate::of(Err(GivenUp::Failed(error))),
        }
    }

    /// Has the invitation of a guest mailed once more. Without her guest it makes another one: then nobody put it into the
    /// ledger, and the next plan says so.
    pub(super) async fn mail_again(
        &mut self,
        guest: ObjectId,
        address: &Address,
        display_name: &str,
        mail: InvitationMail,
    ) -> Fate {
        let invitation = Invitation { address: address.clone(), display_name: display_name.to_owned(), mail };
        match self.graph(Priority::Change).invite(&invitation).await {
            Ok(invited) if invited.guest == guest => Fate::of(Ok(invited.receipt)).on(guest),
            Ok(invited) => {
                let other = invited.guest;
                let text = format!("guest {guest} was gone, and the invitation made another one, {other}");
                Fate::of(Ok(invited.receipt)).on(other).saying(text)
            }
            Err(error) => Fate::of(Err(GivenUp::Failed(error))),
        }
    }

    /// Makes a group. If it existed after all, the plan rested on an incomplete picture and ends here.
    pub(super) async fn create_group(&mut self, unique_name: &str, display_name: &str) -> Fate {
        let group = NewGroup { unique_name: unique_name.to_owned(), display_name: display_name.to_owned() };
        match self.graph(Priority::Change).upsert_group(&group).await {
            Ok(Upserted::Created { group, receipt }) => {
                self.groups.insert(unique_name.to_owned(), group.id);
                Fate::of(Ok(receipt)).on(group.id)
            }
            Ok(Upserted::Existed) => {
                let text = "the group existed although a complete read did not show it";
                self.ended = Some(format!("{unique_name} existed although a complete read did not show it"));
                Fate::of(Ok(Receipt { effect: Effect::AlreadySo, request_id: None })).saying(text)
            }
            Err(error) => Fate::of(Err(GivenUp::Failed(error))),
        }
    }

    /// Changes a group's name on the screen.
    pub(super) async fn rename_group(&mut self, group: ObjectId, to: &str) -> Fate {
        let graph = self.graph(Priority::Change);
        let renamed = graph.rename_group(group, to).await;
        let renamed =
            unless_so(renamed, async || Ok(graph.group(group).await?.is_some_and(|g| g.display_name == to)));
        Fate::of(renamed.await.map_err(GivenUp::Failed)).on(group)
    }

    /// Writes entries into the ledger, as many as fit into one request at once.
    pub(super) async fn record_in_ledger(&mut self, operations: &[&Operation]) {
        let mut entries: Vec<(&Operation, ObjectId)> = Vec::with_capacity(operations.len());
        let mut into = None;
        for operation in operations {
            let Action::AddToLedger { ledger, entry } = &operation.action else { continue };
            let object = match entry {
                LedgerEntry::Invited { person, guest, .. } => guest
                    .or_else(|| self.guests.get(person).copied())
                    .ok_or_else(|| Fate::not_done("the guest was not invited")),
                LedgerEntry::Adopted { group, .. } => Ok(*group),
            };
            match self.resolve(ledger).and_then(|ledger| object.map(|object| (ledger, object))) {
                Ok((ledger, object)) => {
                    into = Some(ledger);
                    entries.push((operation, object));
                }
                Err(fate) => self.record(operation, fate),
            }
        }
        let Some(ledger) = into else { return };
        let older = self.older_than_their_invitation(ledger, &entries).await;
        let (entries, strangers): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(_, object)| !older.contains_key(object));
        for (operation, object) in strangers {
            self.record(operation, older[&object].clone());
        }
        let objects: BTreeSet<ObjectId> = entries.iter().map(|(_, object)| *object).collect();
        let mut added = self.add(ledger, &objects).await;
        for (operation, object) in entries {
            let result = added.remove(&object).expect("every entry asked for has a result");
            let fate = Fate::of(result).on(object);
            if fate.succeeded() {
                self.recorded.insert(object);
                if let Action::AddToLedger {
                    entry: LedgerEntry::Invited { person, guest: Some(guest), .. },
                    ..
                } = &operation.action
                {
                    self.guests.insert(*person, *guest);
                }
                self.entered.entry(ledger).or_default().insert(object, operation.id.clone());
            }
            self.record(operation, fate);
        }
    }

    /// The guests among these that our invitation did not make: somebody of the tenant invited the same person between our
    /// look-up and our invitation, and the service answers a second invitation with the first one's guest. In the ledger
    /// such a guest would be ours to delete.
    async fn older_than_their_invitation(
        &self,
        ledger: ObjectId,
        entries: &[(&Operation, ObjectId)],
    ) -> BTreeMap<ObjectId, Fate> {
        let invited: BTreeSet<ObjectId> = entries
            .iter()
            .map(|(_, o)| *o)
            .filter(|object| self.invited_since.contains_key(object))
            .collect();
        let mut strangers = BTreeMap::new();
        for (guest, read) in self.graph(Priority::Change).users(&invited).await {
            let since = self.invited_since[&guest];
            let fate = match read {
                // What replicas do not show yet is new.
                Ok(None) => continue,
                Ok(Some(user)) if user.created.is_some_and(|created| created >= since) => continue,
                Ok(Some(_)) => Fate::refused(
                    "the guest was there before our invitation: it is not ours, and the next run judges it like any other"
                        .to_owned(),
                ),
                Err(error) => Fate::of(Err(GivenUp::Failed(error))),
            };
            strangers.insert(guest, fate);
        }
        if !strangers.is_empty()
            && let Ok(members) = self.graph(Priority::Change).members(ledger).await
        {
            // An earlier run invited them, and replicas had not shown them to this one's look-up.
            strangers.retain(|guest, _| !members.contains_key(guest));
        }
        strangers
    }

    /// Puts guests into a group: those whose guest exists, and those invited in this pass once the ledger holds them. Who
    /// is missing is said; nobody keeps the others out.
    pub(super) async fn add_members(&mut self, group: &GroupRef, members: &[Joining]) -> Fate {
        let group = match self.resolve(group) {
            Ok(group) => group,
            Err(fate) => return fate,
        };
        let guest_of = |joining: &Joining| {
            let may_enter = |guest: &&ObjectId| self.recorded.contains(*guest) || defect!(LedgerLast);
            let invited = self.guests.get(&joining.person).filter(may_enter);
            joining.guest.or(invited.copied())
        };
        let guests: Vec<(&Joining, Option<ObjectId>)> = members.iter().map(|j| (j, guest_of(j))).collect();
        let mut added = self.add(group, &guests.iter().filter_map(|(_, guest)| *guest).collect()).await;
        let parts = guests.into_iter().map(|(joining, guest)| {
            let result = match guest {
                Some(guest) => added.remove(&guest).unwrap_or(Ok(ALREADY_SO)),
                None if self.unwelcome.contains(&joining.person) => {
                    Err(GivenUp::Refused("the invitation was refused".to_owned()))
                }
                None if self.guests.contains_key(&joining.person) => {
                    Err(GivenUp::NotBegun("the guest is not in the ledger".to_owned()))
                }
                None => Err(GivenUp::NotBegun("there is no guest that the ledger holds".to_owned())),
            };
            (joining.address.to_string(), guest, result)
        });
        Fate::of_parts(parts.collect())
    }

    /// Adds objects to a group, and says what became of each.
    async fn add(
        &mut self,
        group: ObjectId,
        objects: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, Result<Receipt, GivenUp>> {
        let mut results = BTreeMap::new();
        let objects: Vec<ObjectId> = objects.iter().copied().collect();
        // The kill switch is looked at between two requests, so they are kept apart here.
        for chunk in objects.chunks(AT_ONCE) {
            let mut waiting: BTreeSet<ObjectId> = chunk.iter().copied().collect();
            let graph = self.graph(Priority::Change);
            let fresh = |object: &ObjectId| self.is_fresh(group) || self.is_fresh(*object);
            let added = DIRECTORY
                .call(
                    self.context.clock,
                    self.context.halt,
                    |_| true,
                    async || {
                        let mut unseen = None;
                        for (object, result) in graph.add_members(group, &waiting).await {
                            match result {
                                Err(error) if may_be_unseen(error.kind(), fresh(&object)) => {
                                    unseen = Some(error);
                                }
                                result => {
                                    waiting.remove(&object);
                                    results.insert(object, result.map_err(GivenUp::Failed));
                                }
                            }
                        }
                        unseen.map_or(Ok(()), Err)
                    },
                )
                .await;
            if let Err(given_up) = added {
                results.extend(waiting.into_iter().map(|object| (object, Err(given_up.clone()))));
            }
        }
        self.believe_the_members(group, Membership::Wanted, &mut results, Priority::Change).await;
        let done = results.iter().filter(|(_, result)| matches!(result, Ok(r) if r.effect == Effect::Done));
        let touched: Vec<ObjectId> = done.map(|(object, _)| *object).collect();
        for object in touched {
            self.touch(object);
        }
        results
    }

    /// Graph in the customer's tenant.
    pub(super) fn graph(&self, priority: Priority) -> Graph<'_> {
        self.client.graph(self.plan.tenant, priority)
    }
}

/// Whether a refusal can mean that replicas do not show yet what this pass made.
fn may_be_unseen(kind: Kind, fresh: bool) -> bool {
    kind == Kind::NotYetVisible || (fresh && kind == Kind::NotFound)
}
