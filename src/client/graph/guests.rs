//! Guests in a customer tenant: found by address, looked at, deleted.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::de::IgnoredAny;

use super::groups::{gone, present};
use super::users::DELETED_USERS;
use super::wire::{Membership, Named, RawUser, Reference, USER};
use super::{Graph, Units};
use crate::client::endpoints::quoted;
use crate::client::error::Error;
use crate::client::http::Call;
use crate::client::receipt::Receipt;
use crate::model::address::Address;
use crate::model::ids::ObjectId;
use crate::model::member::{GuestUse, User};

/// Users found by addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Live ones.
    pub live: BTreeMap<ObjectId, User>,
    /// Those among the deleted items.
    pub deleted: BTreeMap<ObjectId, User>,
}

impl Graph<'_> {
    /// For each set of addresses, the users that could stand behind it: by mail, other mails, proxy addresses and the
    /// user principal name of a guest, and among the deleted items.
    pub async fn guests(&self, sets: &[&BTreeSet<Address>]) -> Vec<Result<Found, Error>> {
        const FORMS: usize = 6;
        let mut calls = Vec::new();
        for address in sets.iter().copied().flatten() {
            let mail = quoted(address.as_str());
            let proxy = |scheme: &str| {
                format!("proxyAddresses/any(x:x eq {})", quoted(&format!("{scheme}:{address}")))
            };
            let name = quoted(&format!("{}#EXT#@", address.mangled()));
            let live = [
                format!("mail eq {mail}"),
                format!("otherMails/any(x:x eq {mail})"),
                proxy("SMTP"),
                proxy("smtp"),
                format!("startsWith(userPrincipalName,{name})"),
            ];
            calls.extend(live.iter().map(|filter| self.search("/users", filter, USER)));
            calls.push(self.search(DELETED_USERS, &format!("mail eq {mail}"), USER));
        }
        let mut lists = self.lists::<RawUser>(&calls).await.into_iter();
        let gather = |addresses: &&BTreeSet<Address>| {
            let mine: Vec<_> = lists.by_ref().take(addresses.len() * FORMS).collect();
            let mut found = Found::default();
            for (at, list) in mine.into_iter().enumerate() {
                let users = if at % FORMS == FORMS - 1 { &mut found.deleted } else { &mut found.live };
                users.extend(list?.into_iter().map(RawUser::into_user).map(|user| (user.id, user)));
            }
            Ok(found)
        };
        sets.iter().map(gather).collect()
    }

    /// A user of the tenant; none if there is no such user.
    pub async fn user(&self, id: ObjectId) -> Result<Option<User>, Error> {
        let call = self.get("/users/{id}", &format!("/users/{id}?$select={USER}"), Units(1));
        let user = self.client.send(&call).await.and_then(|answer| call.decode::<RawUser>(&answer));
        present(user).map(|found| found.map(RawUser::into_user))
    }

    /// Each of these users of the tenant; none where there is no such user.
    pub async fn users(&self, ids: &BTreeSet<ObjectId>) -> BTreeMap<ObjectId, Result<Option<User>, Error>> {
        let call = |id: &ObjectId| self.get("/users/{id}", &format!("/users/{id}?$select={USER}"), Units(1));
        let calls: Vec<Call> = ids.iter().map(call).collect();
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let read = |(call, answer): (&Call, Result<_, Error>)| {
            present(answer.and_then(|answer| call.decode::<RawUser>(&answer)))
                .map(|found| found.map(RawUser::into_user))
        };
        ids.iter().copied().zip(calls.iter().zip(answers).map(read)).collect()
    }

    /// The groups that each user is a direct member of, with their names on the screen.
    pub async fn memberships(
        &self,
        users: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, Result<BTreeMap<ObjectId, String>, Error>> {
        let call = |id: &ObjectId| {
            let path = format!("/users/{id}/memberOf?$select=id,displayName&$top=999");
            self.get("/users/{id}/memberOf", &path, Units(1))
        };
        let calls: Vec<Call> = users.iter().map(call).collect();
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let mut memberships = BTreeMap::new();
        for (&user, (call, answer)) in users.iter().zip(calls.iter().zip(answers)) {
            let list = match answer {
                Ok(answer) => self.client.rest_of_list::<Membership>(call, &answer).await,
                Err(error) => Err(error),
            };
            let groups = list.map(|list| {
                let groups = list.into_iter().filter(Membership::is_group);
                groups.map(|group| (group.id, group.display_name.unwrap_or_default())).collect()
            });
            memberships.insert(user, groups);
        }
        memberships
    }

    /// What each guest is a member of, owns and was assigned. An error means: count it as in use.
    pub async fn guest_use(
        &self,
        guests: &BTreeSet<ObjectId>,
    ) -> BTreeMap<ObjectId, Result<GuestUse, Error>> {
        let mut calls: Vec<Call> = Vec::new();
        for id in guests {
            let path = |what: &str| format!("/users/{id}/{what}?$select=id&$top=999");
            let member_of = format!("/users/{id}/memberOf?$select=id,displayName&$top=999");
            calls.push(self.get("/users/{id}/memberOf", &member_of, Units(1)));
            calls.push(self.get("/users/{id}/ownedObjects", &path("ownedObjects"), Units(1)));
            calls.push(self.get("/users/{id}/appRoleAssignments", &path("appRoleAssignments"), Units(1)));
        }
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let mut answers = calls.iter().zip(answers);
        let mut uses = BTreeMap::new();
        for &guest in guests {
            let mut next = || answers.next().expect("three requests were sent for each guest");
            let (member_of, owned, app_roles) = (next(), next(), next());
            uses.insert(guest, self.one_use(member_of, owned, app_roles).await);
        }
        uses
    }

    async fn one_use(
        &self,
        member_of: Answered<'_>,
        owned: Answered<'_>,
        app_roles: Answered<'_>,
    ) -> Result<GuestUse, Error> {
        let ids = |list: Vec<Reference>| list.into_iter().map(|object| object.id).collect();
        let named = |list: Vec<Named>| {
            list.into_iter().map(|object| (object.id, object.display_name.unwrap_or_default())).collect()
        };
        let member_of = self.client.rest_of_list(member_of.0, &member_of.1?).await.map(named)?;
        let owns = self.client.rest_of_list(owned.0, &owned.1?).await.map(ids)?;
        let app_roles: Vec<IgnoredAny> = self.client.rest_of_list(app_roles.0, &app_roles.1?).await?;
        let app_roles = u32::try_from(app_roles.len()).unwrap_or(u32::MAX);
        Ok(GuestUse { member_of, owns, app_roles })
    }

    /// Deletes a guest.
    pub async fn delete_guest(&self, guest: ObjectId) -> Result<Receipt, Error> {
        let call = self.write(Method::DELETE, "/users/{id}", &format!("/users/{guest}"), 1);
        gone(self.client.send(&call).await)
    }
}

type Answered<'a> = (&'a Call, Result<crate::client::http::Answer, Error>);
