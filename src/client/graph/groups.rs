//! Groups: found by our mark, read, made by upsert, renamed, deleted.

use std::collections::{BTreeMap, BTreeSet};

use http::header::HeaderName;
use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::json;

use super::wire::{GROUP, RawGroup, Reference};
use super::{Graph, Units, with_body};
use crate::client::endpoints::{encode, quoted};
use crate::client::error::{Error, Kind};
use crate::client::http::{Call, Expect};
use crate::client::receipt::Receipt;
use crate::client::retry::{Repeat, backoff};
use crate::model::group::Group;
use crate::model::ids::ObjectId;

/// A security group to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// `uniqueName` and `mailNickname`; made again under the same name, it is the same group.
    pub unique_name: String,
    /// Its name on the screen.
    pub display_name: String,
}

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upserted {
    /// The group is new.
    Created {
        /// As the service made it.
        group: Group,
        /// What to note about the request.
        receipt: Receipt,
    },
    /// A group of that name existed after all, and the request has updated it.
    Existed,
}

/// How often an upsert whose answer got lost is sent.
const UPSERTS: u32 = 3;

impl Graph<'_> {
    /// All groups whose `mailNickname` starts with `prefix`: ours, declared or not.
    pub async fn our_groups(&self, prefix: &str) -> Result<BTreeMap<ObjectId, Group>, Error> {
        let filter = encode(&format!("startsWith(mailNickname,{})", quoted(prefix)));
        let path = format!("/groups?$filter={filter}&$select={GROUP}&$top=999");
        let groups: Vec<RawGroup> = self.client.list(&self.get("/groups", &path, Units(1))).await?;
        Ok(groups.into_iter().map(Group::from).map(|group| (group.id, group)).collect())
    }

    /// A group; none if there is no such group.
    pub async fn group(&self, id: ObjectId) -> Result<Option<Group>, Error> {
        self.group_of(&self.group_call(id)).await
    }

    /// The group with this `uniqueName`; none if there is no such group.
    pub async fn group_named(&self, unique_name: &str) -> Result<Option<Group>, Error> {
        let path = format!("/groups(uniqueName={})?$select={GROUP}", encode(&quoted(unique_name)));
        self.group_of(&self.get("/groups(uniqueName='{name}')", &path, Units(1))).await
    }

    async fn group_of(&self, call: &Call) -> Result<Option<Group>, Error> {
        present(self.client.send(call).await.and_then(|answer| call.decode::<RawGroup>(&answer)))
            .map(|found| found.map(Group::from))
    }

    pub(super) fn group_call(&self, id: ObjectId) -> Call {
        self.get("/groups/{id}", &format!("/groups/{id}?$select={GROUP}"), Units(1))
    }

    /// The owners of each group. Graph leaves service principals out of some answers, ourselves too.
    pub async fn owners(&self, groups: &[ObjectId]) -> BTreeMap<ObjectId, Result<BTreeSet<ObjectId>, Error>> {
        let call = |id: &ObjectId| {
            self.get("/groups/{id}/owners", &format!("/groups/{id}/owners?$select=id&$top=999"), Units(1))
        };
        let calls: Vec<Call> = groups.iter().map(call).collect();
        let lists = self.lists::<Reference>(&calls).await;
        let ids = |list: Vec<Reference>| list.into_iter().map(|owner| owner.id).collect();
        groups.iter().copied().zip(lists.into_iter().map(|list| list.map(ids))).collect()
    }

    /// Whether each id is that of a group: false only where Graph says there is none.
    pub async fn groups_exist(&self, ids: &[ObjectId]) -> BTreeMap<ObjectId, Result<bool, Error>> {
        self.exist(ids, "/groups/{id}", "/groups").await
    }

    /// Whether each of these groups lies among the deleted items.
    pub async fn deleted_groups_exist(&self, ids: &[ObjectId]) -> BTreeMap<ObjectId, Result<bool, Error>> {
        self.exist(ids, "/directory/deletedItems/{id}", "/directory/deletedItems").await
    }

    async fn exist(
        &self,
        ids: &[ObjectId],
        route: &'static str,
        below: &str,
    ) -> BTreeMap<ObjectId, Result<bool, Error>> {
        let call = |id: &ObjectId| self.get(route, &format!("{below}/{id}?$select=id"), Units(1));
        let calls: Vec<Call> = ids.iter().map(call).collect();
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let exists = |(call, answer): (&Call, Result<_, Error>)| {
            present(answer.and_then(|answer| call.decode::<Reference>(&answer))).map(|found| found.is_some())
        };
        ids.iter().copied().zip(calls.iter().zip(answers).map(exists)).collect()
    }

    /// Makes a security group with ourselves as owner, by upsert: sent again, it makes no second group. To be sent only
    /// after a complete read without it.
    pub async fn upsert_group(&self, group: &NewGroup) -> Result<Upserted, Error> {
        let owner = self.client.identity(self.tenant).await?.object_id;
        let body = json!({
            "displayName": group.display_name,
            "description": "Kept by groupsync: members and roles follow the partner's reviewed files.",
            "mailEnabled": false,
            "mailNickname": group.unique_name,
            "securityEnabled": true,
            "uniqueName": group.unique_name,
            // Without an owner an application that may only create groups could never change this one again.
            "owners@odata.bind": [self.reference(owner)],
        });
        let path = format!("/groups(uniqueName={})", encode(&quoted(&group.unique_name)));
        let mut call = self.write(Method::PATCH, "/groups(uniqueName='{name}')", &path, 1);
        call.headers.push((HeaderName::from_static("prefer"), HeaderValue::from_static("create-if-missing")));
        call.repeat = Repeat::AfterLookup;
        call.expect = Expect::JsonOrNoContent;
        let call = with_body(call, &body);

        let begun = self.client.made_from_now_on();
        let mut sent = 0;
        // Whoever hears of a failure must hear most of all that the group may have been made.
        let mut unheard = None;
        loop {
            sent += 1;
            let lost = match self.client.send(&call).await {
                Ok(answer) if answer.status == StatusCode::CREATED || answer.status == StatusCode::OK => {
                    let group = Group::from(call.decode::<RawGroup>(&answer)?);
                    return Ok(Upserted::Created { group, receipt: Receipt::done(answer.request_id) });
                }
                Ok(_) if sent == 1 => return Ok(Upserted::Existed),
                Err(error) if sent == 1 && error.kind() == Kind::AlreadySo => return Ok(Upserted::Existed),
                // An earlier attempt, whose answer got lost, has made it.
                Ok(_) => call.failure(Kind::NotYetVisible, None, "the group exists but cannot be read yet"),
                Err(error) if error.kind() == Kind::AlreadySo => error.with_kind(Kind::NotYetVisible),
                Err(error) if sent > 1 && error.kind() == Kind::NotYetVisible => error,
                Err(error) if error.may_have_happened() => error,
                Err(error) if error.did_nothing() => return Err(unheard.unwrap_or(error)),
                Err(error) => return self.refused_or_made(group, begun, error).await,
            };
            self.client.inner.clock.sleep(backoff(sent + 1, self.client.jitter())).await;
            if let Some(group) = self.group_named(&group.unique_name).await? {
                return Ok(Upserted::Created { group, receipt: Receipt::done(None) });
            }
            if sent >= UPSERTS {
                return Err(lost);
            }
            unheard = Some(lost);
        }
    }

    /// What became of a group whose creation was refused: the refusal, unless the group was made all the same.
    async fn refused_or_made(
        &self,
        group: &NewGroup,
        begun: Timestamp,
        error: Error,
    ) -> Result<Upserted, Error> {
        self.client.inner.clock.sleep(backoff(2, self.client.jitter())).await;
        match self.group_named(&group.unique_name).await {
            Ok(Some(group)) if group.created.is_some_and(|created| created >= begun) => {
                Ok(Upserted::Created { group, receipt: Receipt::done(None) })
            }
            _ => Err(error),
        }
    }

    /// Changes a group's name on the screen.
    pub async fn rename_group(&self, group: ObjectId, display_name: &str) -> Result<Receipt, Error> {
        let call = self.write(Method::PATCH, "/groups/{id}", &format!("/groups/{group}"), 1);
        let answer = self.client.send(&with_body(call, &json!({ "displayName": display_name }))).await?;
        Ok(Receipt::done(answer.request_id))
    }

    /// Deletes a group.
    pub async fn delete_group(&self, group: ObjectId) -> Result<Receipt, Error> {
        let call = self.write(Method::DELETE, "/groups/{id}", &format!("/groups/{group}"), 1);
        gone(self.client.send(&call).await)
    }
}

/// What was found, or nothing if the service says that it does not exist.
pub(super) fn present<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A deletion: what does not exist needs none.
pub(super) fn gone(result: Result<crate::client::http::Answer, Error>) -> Result<Receipt, Error> {
    match result {
        Ok(answer) => Ok(Receipt::done(answer.request_id)),
        Err(error) if error.kind() == Kind::NotFound => Ok(Receipt::already_so(error.request_id())),
        Err(error) => Err(error),
    }
}
