//! Members of groups: read, read flattened, added, removed.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::groups::present;
use super::wire::{PERSON, RawGroup, RawUser, Sort, USER};
use super::{Graph, Units, with_body};
use crate::client::error::{Error, Kind};
use crate::client::http::{Answer, Call};
use crate::client::receipt::Receipt;
use crate::client::retry::Repeat;
use crate::model::group::Group;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::member::Member;
use crate::model::person::Person;
use crate::model::quota::{AT_ONCE, FLATTENED_UNITS, MEMBERS_UNITS, writes_to_add};

/// The direct members of one group.
pub type Members = BTreeMap<ObjectId, Member>;

/// Groups and members read together.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The direct members of each group asked for.
    pub members: BTreeMap<ObjectId, Result<Members, Error>>,
    /// Each group asked for; none where there is no such group.
    pub groups: BTreeMap<ObjectId, Result<Option<Group>, Error>>,
}

/// What stands in a group, directly or nested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flattened {
    /// The users.
    pub people: BTreeMap<PersonId, Person>,
    /// Groups nested in it.
    pub nested: BTreeSet<ObjectId>,
    /// Everything else.
    pub others: BTreeSet<ObjectId>,
}

/// A group of the partner with all that stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The group.
    pub group: Group,
    /// What stands in it.
    pub members: Flattened,
}

impl Graph<'_> {
    /// The direct members of some groups and the properties of others, in as few requests as possible.
    pub async fn contents(&self, members_of: &BTreeSet<ObjectId>, groups: &BTreeSet<ObjectId>) -> Contents {
        let members_call = |id: &ObjectId| {
            let path = format!("/groups/{id}/members?$select={USER}&$top=999");
            self.get("/groups/{id}/members", &path, Units(MEMBERS_UNITS))
        };
        let mut calls: Vec<Call> = members_of.iter().map(members_call).collect();
        calls.extend(groups.iter().map(|&id| self.group_call(id)));
        let mut answers = self.client.batch(self.tenant, self.priority, &calls).await.into_iter();

        let mut contents = Contents { members: BTreeMap::new(), groups: BTreeMap::new() };
        for ((&id, call), answer) in members_of.iter().zip(&calls).zip(&mut answers) {
            let members = match answer {
                Ok(answer) => self.client.rest_of_list::<RawUser>(call, &answer).await.map(into_members),
                Err(error) => Err(error),
            };
            contents.members.insert(id, members);
        }
        for ((&id, call), answer) in groups.iter().zip(&calls[members_of.len()..]).zip(answers) {
            let group = present(answer.and_then(|answer| call.decode::<RawGroup>(&answer)));
            contents.groups.insert(id, group.map(|found| found.map(Group::from)));
        }
        contents
    }

    /// The direct members of one group.
    pub async fn members(&self, group: ObjectId) -> Result<Members, Error> {
        let contents = self.contents(&BTreeSet::from([group]), &BTreeSet::new()).await;
        contents.members.into_values().next().expect("one group was asked for")
    }

    /// A group with all that stands in it, directly or nested; none if there is no such group.
    pub async fn source(&self, group: ObjectId) -> Result<Option<Source>, Error> {
        let Some(found) = self.group(group).await? else { return Ok(None) };
        let members = self.flattened(group).await?;
        Ok(Some(Source { group: found, members }))
    }

    /// What stands in a group, directly or nested. Where Graph cannot flatten, the groups are walked.
    pub async fn flattened(&self, group: ObjectId) -> Result<Flattened, Error> {
        let path = format!("/groups/{group}/transitiveMembers?$select={PERSON}&$top=999");
        let call = self.get("/groups/{id}/transitiveMembers", &path, Units(FLATTENED_UNITS));
        match self.client.list::<RawUser>(&call).await {
            Ok(list) => {
                let mut flattened = Flattened::default();
                for object in list {
                    flattened.add(object);
                }
                Ok(flattened)
            }
            // Not found can also mean that the group is gone: the walk's first step says so. A refusal for want of rights would
            // meet the walk too.
            Err(error) if matches!(error.status(), Some(400 | 404 | 405 | 501)) => self.walk(group).await,
            Err(error) => Err(error),
        }
    }

    async fn walk(&self, group: ObjectId) -> Result<Flattened, Error> {
        let mut flattened = Flattened::default();
        let mut visited = BTreeSet::from([group]);
        let mut level = vec![group];
        while !level.is_empty() {
            let call = |id: &ObjectId| {
                let path = format!("/groups/{id}/members?$select={PERSON}&$top=999");
                self.get("/groups/{id}/members", &path, Units(MEMBERS_UNITS))
            };
            let calls: Vec<Call> = level.iter().map(call).collect();
            let mut below = BTreeSet::new();
            for list in self.lists::<RawUser>(&calls).await {
                for object in list? {
                    if object.sort() == Sort::Group && visited.insert(object.id()) {
                        below.insert(object.id());
                    }
                    flattened.add(object);
                }
            }
            level = below.into_iter().collect();
        }
        Ok(flattened)
    }

    /// Adds members to a group; what became of each. A refusal that could be about any of them is sorted out one by
    /// one, because Graph adds all of a request or none.
    pub async fn add_members(
        &self,
        group: ObjectId,
        members: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, Result<Receipt, Error>> {
        let mut results = BTreeMap::new();
        let members: Vec<ObjectId> = members.iter().copied().collect();
        for chunk in members.chunks(AT_ONCE) {
            results.append(&mut self.add_chunk(group, chunk).await);
        }
        results
    }

    /// Adds members to a group one by one, which says of each whether it was a member already.
    pub async fn add_members_singly(
        &self,
        group: ObjectId,
        members: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, Result<Receipt, Error>> {
        let members: Vec<ObjectId> = members.iter().copied().collect();
        self.add_singly(group, &members).await
    }

    async fn add_chunk(
        &self,
        group: ObjectId,
        members: &[ObjectId],
    ) -> BTreeMap<ObjectId, Result<Receipt, Error>> {
        if members.len() == 1 {
            return self.add_singly(group, members).await;
        }
        let references: Vec<String> = members.iter().map(|&member| self.reference(member)).collect();
        let writes = writes_to_add(members.len());
        let mut call = self.write(Method::PATCH, "/groups/{id}", &format!("/groups/{group}"), writes);
        call.repeat = Repeat::AfterLookup;
        let call = with_body(call, &json!({ "members@odata.bind": references }));
        let each = |result: &Result<Receipt, Error>| members.iter().map(|&m| (m, result.clone())).collect();
        let error = match self.client.send(&call).await {
            Ok(answer) => return each(&Ok(Receipt::done(answer.request_id))),
            Err(error) => error,
        };
        if error.may_have_happened() {
            let Ok(present) = self.members(group).await else { return each(&Err(error)) };
            let (there, missing): (Vec<_>, Vec<_>) = members.iter().partition(|&m| present.contains_key(m));
            let mut results = self.add_singly(group, &missing).await;
            // The first request may still show, whatever kept the second one from being sent.
            for result in results.values_mut() {
                if matches!(result, Err(second) if second.did_nothing()) {
                    *result = Err(error.clone());
                }
            }
            results.extend(there.into_iter().map(|member| (member, Ok(Receipt::done(None)))));
            return results;
        }
        match error.kind() {
            Kind::AlreadySo | Kind::NotFound | Kind::NotYetVisible | Kind::Rejected => {
                self.add_singly(group, members).await
            }
            _ => each(&Err(error)),
        }
    }

    async fn add_singly(
        &self,
        group: ObjectId,
        members: &[ObjectId],
    ) -> BTreeMap<ObjectId, Result<Receipt, Error>> {
        let call = |&member: &ObjectId| {
            let path = format!("/groups/{group}/members/$ref");
            let call = self.write(Method::POST, "/groups/{id}/members/$ref", &path, 1);
            with_body(call, &json!({ "@odata.id": self.reference(member) }))
        };
        let calls: Vec<Call> = members.iter().map(call).collect();
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let result = |answer: Result<Answer, Error>| match answer {
            Ok(answer) => Ok(Receipt::done(answer.request_id)),
            Err(error) if error.kind() == Kind::AlreadySo => Ok(Receipt::already_so(error.request_id())),
            Err(error) => Err(error),
        };
        members.iter().copied().zip(answers.into_iter().map(result)).collect()
    }

    /// Removes members from a group; what became of each.
    pub async fn remove_members(
        &self,
        group: ObjectId,
        members: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, Result<Receipt, Error>> {
        let calls: Vec<Call> = members.iter().map(|&member| self.removal(group, member)).collect();
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let mut group_exists = None;
        let mut results = BTreeMap::new();
        for (&member, answer) in members.iter().zip(answers) {
            let result = match answer {
                Ok(answer) => Ok(Receipt::done(answer.request_id)),
                Err(error) if error.kind() == Kind::AlreadySo => Ok(Receipt::already_so(error.request_id())),
                Err(error) if error.kind() == Kind::NotFound && error.about() != Some(group.uuid()) => {
                    // The service does not say which of the two is missing. A membership is gone only if the group
                    // is still there to be read.
                    if group_exists.is_none() {
                        group_exists = Some(matches!(self.group(group).await, Ok(Some(_))));
                    }
                    match group_exists {
                        Some(true) => Ok(Receipt::already_so(error.request_id())),
                        _ => Err(error),
                    }
                }
                Err(error) => Err(error),
            };
            results.insert(member, result);
        }
        results
    }

    /// The one place where the address of a membership to be removed is built. Without `/$ref` it would be the
    /// address of the person.
    fn removal(&self, group: ObjectId, member: ObjectId) -> Call {
        let path = format!("/groups/{group}/members/{member}/$ref");
        self.write(Method::DELETE, "/groups/{id}/members/{id}/$ref", &path, 1)
    }

    /// Whole lists, their first pages read together.
    pub(super) async fn lists<T: DeserializeOwned>(&self, calls: &[Call]) -> Vec<Result<Vec<T>, Error>> {
        let answers = self.client.batch(self.tenant, self.priority, calls).await;
        let mut lists = Vec::with_capacity(calls.len());
        for (call, answer) in calls.iter().zip(answers) {
            lists.push(match answer {
                Ok(answer) => self.client.rest_of_list(call, &answer).await,
                Err(error) => Err(error),
            });
        }
        lists
    }
}

impl Flattened {
    fn add(&mut self, object: RawUser) {
        match object.sort() {
            Sort::User => {
                let person = object.into_person();
                self.people.insert(person.id, person);
            }
            Sort::Group => drop(self.nested.insert(object.id())),
            Sort::Other => drop(self.others.insert(object.id())),
        }
    }
}

fn into_members(list: Vec<RawUser>) -> Members {
    list.into_iter().map(RawUser::into_member).map(|member| (member.id(), member)).collect()
}
