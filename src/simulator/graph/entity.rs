//! Directory objects as Graph shows them: their properties by name, and the JSON of a selection.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::desk::Desk;
use crate::simulator::filter::Property;
use crate::simulator::refusal::{Refusal, bad_request};
use crate::simulator::world::{Group, OtherObject, User};

/// Something with properties.
pub(super) trait Entity {
    /// The type's name after `#microsoft.graph.`.
    fn kind(&self) -> &str;
    /// The property of that name; nothing if the type has none.
    fn property(&self, name: &str) -> Option<Property<'_>>;
    /// What is shown when nothing was selected.
    fn defaults(&self) -> &'static [&'static str];
}

/// Default properties of a user.
pub(super) const USER_DEFAULTS: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// Default properties of a group.
pub(super) const GROUP_DEFAULTS: [&str; 23] = [
    "id",
    "deletedDateTime",
    "classification",
    "createdDateTime",
    "description",
    "displayName",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "isManagementRestricted",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesSyncEnabled",
    "proxyAddresses",
    "renewedDateTime",
    "securityEnabled",
    "securityIdentifier",
    "uniqueName",
    "visibility",
    "onPremisesProvisioningErrors",
];

/// Properties that make a GET of a group fail where Microsoft 365 is not used.
const MAILBOX_ONLY: [&str; 6] = [
    "allowExternalSenders",
    "autoSubscribeNewMembers",
    "hideFromAddressLists",
    "hideFromOutlookClients",
    "isSubscribedByMail",
    "unseenCount",
];

impl Entity for User {
    fn kind(&self) -> &'static str {
        "user"
    }

    fn property(&self, name: &str) -> Option<Property<'_>> {
        Some(match name {
            "id" => Property::Text(Cow::Owned(self.id.to_string())),
            "displayName" => Property::optional(self.display_name.as_ref()),
            "mail" => Property::optional(self.mail.as_ref()),
            "userPrincipalName" => Property::optional(self.user_principal_name.as_ref()),
            "otherMails" => Property::Texts(&self.other_mails),
            "proxyAddresses" => Property::Texts(&self.proxy_addresses),
            "userType" => Property::optional(self.user_type.as_ref()),
            "accountEnabled" => Property::Bool(self.account_enabled),
            "externalUserState" => Property::optional(self.external_user_state.as_ref()),
            "externalUserStateChangeDateTime" if self.external_user_state.is_some() => {
                time(self.created_date_time)
            }
            "creationType" => Property::optional(self.creation_type.as_ref()),
            "createdDateTime" => time(self.created_date_time),
            "deletedDateTime" => time(self.deleted_date_time),
            "identities" => Property::Json(json!(self.identities)),
            "businessPhones" => Property::Texts(&[]),
            // The service hides whoever was invited from address lists.
            "showInAddressList" if self.creation_type.as_deref() == Some("Invitation") => {
                Property::Bool(false)
            }
            "showInAddressList"
            | "externalUserStateChangeDateTime"
            | "givenName"
            | "jobTitle"
            | "mobilePhone"
            | "officeLocation"
            | "preferredLanguage"
            | "surname"
            | "companyName"
            | "department"
            | "usageLocation"
            | "mailNickname"
            | "onPremisesSyncEnabled" => Property::Null,
            _ => return None,
        })
    }

    fn defaults(&self) -> &'static [&'static str] {
        &USER_DEFAULTS
    }
}

impl Entity for Group {
    fn kind(&self) -> &'static str {
        "group"
    }

    fn property(&self, name: &str) -> Option<Property<'_>> {
        let flag = |flag: Option<bool>| flag.map_or(Property::Null, Property::Bool);
        Some(match name {
            "id" => Property::Text(Cow::Owned(self.id.to_string())),
            "displayName" => Property::text(&self.display_name),
            "description" => Property::optional(self.description.as_ref()),
            "uniqueName" => Property::optional(self.unique_name.as_ref()),
            "mailNickname" => Property::optional(self.mail_nickname.as_ref()),
            "mailEnabled" => Property::Bool(self.mail_enabled),
            "securityEnabled" => Property::Bool(self.security_enabled),
            "groupTypes" => Property::Texts(&self.group_types),
            "membershipRule" => Property::optional(self.membership_rule.as_ref()),
            "membershipRuleProcessingState" => {
                Property::optional(self.membership_rule_processing_state.as_ref())
            }
            "onPremisesSyncEnabled" => flag(self.on_premises_sync_enabled),
            "isAssignableToRole" => flag(self.is_assignable_to_role),
            "isManagementRestricted" => flag(self.is_management_restricted),
            "createdDateTime" | "renewedDateTime" => time(self.created_date_time),
            "securityIdentifier" => Property::Text(Cow::Owned(security_identifier(self))),
            "proxyAddresses" => Property::Texts(&self.proxy_addresses),
            "mail" => self.mail().map_or(Property::Null, Property::text),
            "visibility" => Property::optional(self.visibility.as_ref()),
            "deletedDateTime" => time(self.deleted_date_time),
            "onPremisesProvisioningErrors" => Property::Texts(&[]),
            "classification" | "expirationDateTime" => Property::Null,
            _ => return None,
        })
    }

    fn defaults(&self) -> &'static [&'static str] {
        &GROUP_DEFAULTS
    }
}

impl Entity for OtherObject {
    fn kind(&self) -> &str {
        &self.r#type
    }

    fn property(&self, name: &str) -> Option<Property<'_>> {
        match name {
            "id" => Some(Property::Text(Cow::Owned(self.id.to_string()))),
            "displayName" => Some(Property::text(&self.display_name)),
            _ => None,
        }
    }

    fn defaults(&self) -> &'static [&'static str] {
        &["id", "displayName"]
    }
}

/// The names of a `$select`, in the order given; nothing if there is none.
pub(super) fn selection(option: Option<&str>) -> Option<Vec<String>> {
    let names = option?.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    Some(names.collect())
}

/// Refuses to select what the type does not have.
pub(super) fn check_selection(
    desk: &Desk<'_>,
    names: Option<&[String]>,
    example: &dyn Entity,
) -> Result<(), Refusal> {
    for name in names.unwrap_or_default() {
        if example.kind() == "group" && MAILBOX_ONLY.contains(&name.as_str()) {
            if desk.directory().microsoft365 {
                continue;
            }
            return Err(Refusal::new(
                404,
                "MailboxNotEnabledForRESTAPI",
                "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
            ));
        }
        if example.property(name).is_none() {
            let kind = example.kind();
            return Err(bad_request(format!(
                "Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            )));
        }
    }
    Ok(())
}

/// The JSON of one object in a collection of its own type.
pub(super) fn render(entity: &dyn Entity, names: Option<&[String]>) -> Map<String, Value> {
    let mut object = Map::new();
    let mut add = |name: &str| {
        if let Some(property) = entity.property(name) {
            object.insert(name.to_owned(), property.to_json());
        }
    };
    match names {
        Some(names) => names.iter().for_each(|name| add(name)),
        None => entity.defaults().iter().for_each(|name| add(name)),
    }
    object.entry("id").or_insert_with(|| entity.property("id").map_or(Value::Null, |id| id.to_json()));
    object
}

/// The JSON of one object among others: with its type, and without its contents if the caller may not read that type.
pub(super) fn render_mixed(entity: &dyn Entity, names: Option<&[String]>, readable: bool) -> Value {
    let kind = Value::String(format!("#microsoft.graph.{}", entity.kind()));
    let mut object = Map::from_iter([("@odata.type".to_owned(), kind)]);
    for (name, value) in render(entity, names) {
        let shown = if readable || name == "id" { value } else { Value::Null };
        object.insert(name, shown);
    }
    Value::Object(object)
}

fn time(time: Option<jiff::Timestamp>) -> Property<'static> {
    let text = |time: jiff::Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    time.map_or(Property::Null, |time| Property::Text(Cow::Owned(text(time))))
}

/// A security identifier made from the object id, as Entra does.
fn security_identifier(group: &Group) -> String {
    let (a, b, c, d) = group.id.as_fields();
    let part = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes"));
    let second = u32::from(b) | u32::from(c) << 16;
    format!("S-1-12-1-{a}-{second}-{}-{}", part(&d[..4]), part(&d[4..]))
}
