//! Graph's JSON, and how it becomes model types.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::address::Address;
use crate::model::group::{Group, Obstacle};
use crate::model::ids::{ObjectId, PersonId};
use crate::model::member::{Member, User};
use crate::model::person::{Person, Standing};

/// What is asked of a group. All of it is there by default in every cloud; properties of Microsoft 365 are not, and
/// asking for them fails in tenants without it.
pub(super) const GROUP: &str = "id,displayName,uniqueName,mailNickname,mailEnabled,securityEnabled,groupTypes,\
                                membershipRule,onPremisesSyncEnabled,isAssignableToRole,isManagementRestricted,\
                                createdDateTime";

/// What is asked of a user of a customer tenant.
pub(super) const USER: &str = "id,displayName,userPrincipalName,mail,otherMails,proxyAddresses,creationType,\
                               externalUserState,externalUserStateChangeDateTime,createdDateTime,identities";

/// What is asked of a person in the partner tenant.
pub(super) const PERSON: &str = "id,displayName,userPrincipalName,mail,proxyAddresses,userType,accountEnabled,\
                                 createdDateTime";

/// An object of which only the id matters.
#[derive(Deserialize)]
pub(super) struct Reference {
    pub(super) id: ObjectId,
}

/// An object of which only id and name matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) id: ObjectId,
    pub(super) display_name: Option<String>,
}

/// Something that somebody is a member of.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Membership {
    pub(super) id: ObjectId,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    pub(super) display_name: Option<String>,
}

impl Membership {
    /// Whether it is a group. Directory roles and administrative units are listed as well.
    pub(super) fn is_group(&self) -> bool {
        self.kind.as_deref() == Some("#microsoft.graph.group")
    }
}

/// What an object in a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    User,
    Group,
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawGroup {
    id: ObjectId,
    display_name: Option<String>,
    unique_name: Option<String>,
    mail_nickname: Option<String>,
    mail_enabled: Option<bool>,
    security_enabled: Option<bool>,
    group_types: Option<Vec<String>>,
    membership_rule: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    is_assignable_to_role: Option<bool>,
    is_management_restricted: Option<bool>,
    created_date_time: Option<Timestamp>,
}

impl From<RawGroup> for Group {
    fn from(raw: RawGroup) -> Self {
        let obstacle = raw.obstacle();
        Self {
            id: raw.id,
            display_name: raw.display_name.unwrap_or_default(),
            unique_name: raw.unique_name,
            mail_nickname: raw.mail_nickname,
            created: raw.created_date_time,
            obstacle,
        }
    }
}

impl RawGroup {
    fn obstacle(&self) -> Option<Obstacle> {
        let is = |kind: &str| self.group_types.iter().flatten().any(|t| t == kind);
        if self.is_assignable_to_role == Some(true) {
            Some(Obstacle::RoleAssignable)
        } else if self.is_management_restricted == Some(true) {
            Some(Obstacle::Restricted)
        } else if is("DynamicMembership") || self.membership_rule.is_some() {
            Some(Obstacle::Dynamic)
        } else if self.on_premises_sync_enabled == Some(true) {
            Some(Obstacle::Synchronised)
        } else if is("Unified") {
            Some(Obstacle::Unified)
        } else if self.mail_enabled == Some(true) {
            Some(Obstacle::MailEnabled)
        } else if self.security_enabled != Some(true) {
            Some(Obstacle::NotSecurity)
        } else {
            None
        }
    }
}

/// A directory object of any type with everything that is asked of users; what the application may not see is null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawUser {
    id: ObjectId,
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    display_name: Option<String>,
    user_principal_name: Option<String>,
    mail: Option<String>,
    other_mails: Option<Vec<String>>,
    proxy_addresses: Option<Vec<String>>,
    creation_type: Option<String>,
    external_user_state: Option<String>,
    external_user_state_change_date_time: Option<Timestamp>,
    created_date_time: Option<Timestamp>,
    identities: Option<Vec<RawIdentity>>,
    user_type: Option<String>,
    account_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct RawIdentity {
    issuer: Option<String>,
}

impl RawUser {
    pub(super) fn sort(&self) -> Sort {
        match self.kind.as_deref() {
            Some("#microsoft.graph.user") => Sort::User,
            Some("#microsoft.graph.group") => Sort::Group,
            _ => Sort::Other,
        }
    }

    pub(super) fn id(&self) -> ObjectId {
        self.id
    }

    fn proxies(&self) -> BTreeSet<Address> {
        let mail = |text: &String| {
            let (scheme, address) = text.split_once(':')?;
            if scheme.eq_ignore_ascii_case("smtp") { address.parse().ok() } else { None }
        };
        self.proxy_addresses.iter().flatten().filter_map(mail).collect()
    }

    pub(super) fn into_member(self) -> Member {
        match self.sort() {
            Sort::User => Member::User(Box::new(self.into_user())),
            Sort::Group => Member::Group(self.id),
            Sort::Other => Member::Other { id: self.id, kind: self.kind.unwrap_or_default() },
        }
    }

    pub(super) fn into_user(self) -> User {
        User {
            proxy_addresses: self.proxies(),
            id: self.id,
            display_name: self.display_name.unwrap_or_default(),
            user_principal_name: self.user_principal_name,
            mail: self.mail.and_then(|mail| mail.parse().ok()),
            other_mails: self.other_mails.iter().flatten().filter_map(|mail| mail.parse().ok()).collect(),
            creation_type: self.creation_type,
            external_user_state: self.external_user_state,
            issuers: self.identities.into_iter().flatten().filter_map(|identity| identity.issuer).collect(),
            created: self.created_date_time,
            state_changed: self.external_user_state_change_date_time,
        }
    }

    /// The user as a person of the partner.
    pub(super) fn into_person(self) -> Person {
        let standing = match self.account_enabled {
            Some(true) => Standing::Active,
            Some(false) => Standing::Disabled,
            None => Standing::Unknown,
        };
        self.into_person_with(standing)
    }

    /// The user, found among the deleted items, as a person of the partner.
    pub(super) fn into_deleted_person(mut self) -> Person {
        // Entra puts the id without dashes before the name of a deleted user.
        let prefix = self.id.uuid().simple().to_string();
        self.user_principal_name = self.user_principal_name.map(|name| {
            name.get(..32)
                .filter(|head| head.eq_ignore_ascii_case(&prefix))
                .map_or_else(|| name.clone(), |_| name[32..].to_owned())
        });
        self.into_person_with(Standing::Deleted)
    }

    fn into_person_with(self, standing: Standing) -> Person {
        let mut addresses = self.proxies();
        let others = [&self.mail, &self.user_principal_name];
        addresses.extend(others.into_iter().flatten().filter_map(|text| text.parse::<Address>().ok()));
        Person {
            id: PersonId::new(self.id.uuid()),
            display_name: self.display_name.unwrap_or_default(),
            mail: self.mail.and_then(|mail| mail.parse().ok()),
            addresses,
            created: self.created_date_time,
            user_type: self.user_type,
            standing,
        }
    }
}
