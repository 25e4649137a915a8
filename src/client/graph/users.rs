//! People of the partner: by id or by address, the deleted ones included.

use std::collections::{BTreeMap, BTreeSet};

use super::groups::present;
use super::wire::{PERSON, RawUser};
use super::{Graph, Units};
use crate::client::endpoints::{encode, quoted};
use crate::client::error::Error;
use crate::client::http::Call;
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::model::person::Person;

/// People found by an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staff {
    /// Those with an account.
    pub live: BTreeMap<PersonId, Person>,
    /// Those among the deleted items.
    pub deleted: BTreeMap<PersonId, Person>,
}

impl Graph<'_> {
    /// Each person; among the deleted items if she has no account, none if she is not even there.
    pub async fn people(
        &self,
        ids: &BTreeSet<PersonId>,
    ) -> BTreeMap<PersonId, Result<Option<Person>, Error>> {
        let call =
            |id: &PersonId| self.get("/users/{id}", &format!("/users/{id}?$select={PERSON}"), Units(1));
        let mut people = self.each(ids, call, RawUser::into_person).await;
        let missing: BTreeSet<PersonId> =
            people.iter().filter(|(_, found)| matches!(found, Ok(None))).map(|(&id, _)| id).collect();
        let call = |id: &PersonId| {
            let path = format!("/directory/deletedItems/{id}?$select={PERSON}");
            self.get("/directory/deletedItems/{id}", &path, Units(1))
        };
        people.extend(self.each(&missing, call, RawUser::into_deleted_person).await);
        people
    }

    async fn each(
        &self,
        ids: &BTreeSet<PersonId>,
        call: impl Fn(&PersonId) -> Call,
        read: fn(RawUser) -> Person,
    ) -> BTreeMap<PersonId, Result<Option<Person>, Error>> {
        let calls: Vec<Call> = ids.iter().map(call).collect();
        let answers = self.client.batch(self.tenant, self.priority, &calls).await;
        let person = |(call, answer): (&Call, Result<_, Error>)| {
            present(answer.and_then(|answer| call.decode::<RawUser>(&answer))).map(|found| found.map(read))
        };
        ids.iter().copied().zip(calls.iter().zip(answers).map(person)).collect()
    }

    /// Who stands behind each address: by mail, user principal name and proxy addresses.
    pub async fn staff(&self, addresses: &BTreeSet<Address>) -> BTreeMap<Address, Result<Staff, Error>> {
        let mut calls = Vec::new();
        for address in addresses {
            let mail = quoted(address.as_str());
            let proxy = |scheme: &str| {
                format!("proxyAddresses/any(x:x eq {})", quoted(&format!("{scheme}:{address}")))
            };
            let live = [
                format!("mail eq {mail}"),
                format!("userPrincipalName eq {mail}"),
                proxy("SMTP"),
                proxy("smtp"),
            ];
            calls.extend(live.iter().map(|filter| self.search("/users", filter, PERSON)));
            let deleted = [format!("mail eq {mail}"), proxy("SMTP"), proxy("smtp")];
            calls.extend(deleted.iter().map(|filter| self.search(DELETED_USERS, filter, PERSON)));
        }
        let mut lists = self.lists::<RawUser>(&calls).await.into_iter();
        let mut staff = BTreeMap::new();
        for address in addresses {
            let found: Vec<_> = lists.by_ref().take(7).collect();
            staff.insert(address.clone(), gather(found));
        }
        staff
    }

    /// Users by a filter that Graph answers from its directory, not from an index that lags.
    pub(super) fn search(&self, route: &'static str, filter: &str, select: &str) -> Call {
        let path = format!("{route}?$filter={}&$select={select}", encode(filter));
        self.get(route, &path, Units(1))
    }
}

/// Deleted users; the type is part of the path, since a filter needs it.
pub(super) const DELETED_USERS: &str = "/directory/deletedItems/microsoft.graph.user";

fn gather(lists: Vec<Result<Vec<RawUser>, Error>>) -> Result<Staff, Error> {
    let mut staff = Staff::default();
    for (at, list) in lists.into_iter().enumerate() {
        for user in list? {
            let (people, person) = if at < 4 {
                (&mut staff.live, user.into_person())
            } else {
                (&mut staff.deleted, user.into_deleted_person())
            };
            people.insert(person.id, person);
        }
    }
    Ok(staff)
}
