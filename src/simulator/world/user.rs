//! People and other directory objects of a world.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A user of one tenant, member or guest. What is left out is filled in when the simulator starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct User {
    /// Object id.
    pub id: Uuid,
    /// Shown name; the address by default.
    pub display_name: Option<String>,
    /// Mail address.
    pub mail: Option<String>,
    /// The mail address by default; the mangled one for a guest.
    pub user_principal_name: Option<String>,
    /// Further addresses; a guest's own address by default.
    pub other_mails: Vec<String>,
    /// `SMTP:` and `smtp:` entries; a guest's own address by default.
    pub proxy_addresses: Vec<String>,
    /// `Member` or `Guest`.
    pub user_type: Option<String>,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// `PendingAcceptance`, `Accepted`, or nothing for an internal user.
    pub external_user_state: Option<String>,
    /// `Invitation` for a guest.
    pub creation_type: Option<String>,
    /// One year before the world's clock by default.
    pub created_date_time: Option<Timestamp>,
    /// When it was deleted; only among the deleted items.
    pub deleted_date_time: Option<Timestamp>,
    /// How the user signs in.
    pub identities: Vec<Identity>,
    /// Role template ids of directory roles held.
    pub directory_roles: Vec<Uuid>,
    /// Applications assigned to the user.
    pub app_role_assignments: Vec<AppRoleAssignment>,
    /// Objects owned besides groups.
    pub owned_objects: Vec<OwnedObject>,
    /// The groups a restore brings the user back into; only among the deleted items.
    pub was_member_of: BTreeSet<Uuid>,
    /// Whether the application made it, so that it counts towards the application's quota.
    pub made_by_application: bool,
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            display_name: None,
            mail: None,
            user_principal_name: None,
            other_mails: Vec::new(),
            proxy_addresses: Vec::new(),
            user_type: None,
            account_enabled: true,
            external_user_state: None,
            creation_type: None,
            created_date_time: None,
            deleted_date_time: None,
            identities: Vec::new(),
            directory_roles: Vec::new(),
            app_role_assignments: Vec::new(),
            owned_objects: Vec::new(),
            was_member_of: BTreeSet::new(),
            made_by_application: false,
        }
    }
}

impl User {
    /// An enabled member with that address.
    pub fn member(id: Uuid, mail: &str) -> Self {
        Self { id, mail: Some(mail.to_owned()), ..Self::default() }
    }

    /// A guest who accepted the invitation sent to that address.
    pub fn guest(id: Uuid, mail: &str) -> Self {
        let user_type = Some("Guest".to_owned());
        Self { id, mail: Some(mail.to_owned()), user_type, ..Self::default() }
    }

    /// Whether the user's home is another directory. The user type says nothing about it.
    pub fn is_external(&self) -> bool {
        self.external_user_state.is_some()
            || self.creation_type.as_deref() == Some("Invitation")
            || self.user_principal_name.as_deref().is_some_and(|name| name.contains("#EXT#"))
    }

    /// Fills in what the world left out.
    pub(crate) fn complete(&mut self, initial_domain: &str, clock: Timestamp) {
        let guest_by_type = self.user_type.as_deref() == Some("Guest") && self.user_principal_name.is_none();
        if self.is_external() || guest_by_type {
            self.complete_guest(initial_domain);
        }
        if self.user_principal_name.is_none() {
            self.user_principal_name.clone_from(&self.mail);
        }
        if self.display_name.is_none() {
            self.display_name = self.mail.clone().or_else(|| self.user_principal_name.clone());
        }
        self.user_type.get_or_insert_with(|| "Member".to_owned());
        self.created_date_time.get_or_insert_with(|| a_year_before(clock));
    }

    fn complete_guest(&mut self, initial_domain: &str) {
        self.creation_type.get_or_insert_with(|| "Invitation".to_owned());
        self.external_user_state.get_or_insert_with(|| "Accepted".to_owned());
        self.user_type.get_or_insert_with(|| "Guest".to_owned());
        let Some(mail) = self.mail.clone() else { return };
        if self.user_principal_name.is_none() {
            self.user_principal_name = Some(mangled_name(&mail, initial_domain));
        }
        if self.other_mails.is_empty() {
            self.other_mails.push(mail.clone());
        }
        if self.proxy_addresses.is_empty() {
            self.proxy_addresses.push(format!("SMTP:{mail}"));
        }
        if self.identities.is_empty() {
            let name = self.user_principal_name.clone().unwrap_or_default();
            let accepted = self.external_user_state.as_deref() == Some("Accepted");
            self.identities = Identity::of_guest(&name, initial_domain, accepted);
        }
    }
}

/// One way to sign in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Identity {
    /// `userPrincipalName`, `federated`, …
    pub sign_in_type: Option<String>,
    /// The tenant's domain before redemption, `ExternalAzureAD` after it, and others.
    pub issuer: Option<String>,
    /// The name at the issuer.
    pub issuer_assigned_id: Option<String>,
}

impl Identity {
    /// The identities of a guest before and after redemption.
    pub(crate) fn of_guest(user_principal_name: &str, initial_domain: &str, accepted: bool) -> Vec<Self> {
        let local = Self {
            sign_in_type: Some("userPrincipalName".to_owned()),
            issuer: Some(initial_domain.to_owned()),
            issuer_assigned_id: Some(user_principal_name.to_owned()),
        };
        let home = Self {
            sign_in_type: Some("federated".to_owned()),
            issuer: Some("ExternalAzureAD".to_owned()),
            issuer_assigned_id: None,
        };
        if accepted { vec![home, local] } else { vec![local] }
    }
}

/// An application assigned to a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AppRoleAssignment {
    /// Its id.
    pub id: String,
    /// The application role, or the nil GUID for plain access.
    pub app_role_id: Uuid,
    /// The application's name.
    pub resource_display_name: String,
}

/// Something a user owns that is not a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OwnedObject {
    /// Its object id.
    pub id: Uuid,
    /// Its type as in `#microsoft.graph.<type>`.
    pub r#type: String,
    /// Its name.
    pub display_name: String,
}

impl Default for OwnedObject {
    fn default() -> Self {
        Self { id: Uuid::nil(), r#type: "application".to_owned(), display_name: String::new() }
    }
}

/// A directory object that is neither a user nor a group: a device, a contact, a service principal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OtherObject {
    /// Its object id.
    pub id: Uuid,
    /// Its type as in `#microsoft.graph.<type>`: `device`, `orgContact`, `servicePrincipal`.
    pub r#type: String,
    /// Its name.
    pub display_name: String,
    /// `SMTP:` and `smtp:` entries of a contact.
    pub proxy_addresses: Vec<String>,
}

impl Default for OtherObject {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            r#type: "device".to_owned(),
            display_name: String::new(),
            proxy_addresses: Vec::new(),
        }
    }
}

/// The user principal name Entra gives to a guest: `jo@a.example` becomes `jo_a.example#EXT#@<initial domain>`.
pub fn mangled_name(mail: &str, initial_domain: &str) -> String {
    format!("{}#EXT#@{initial_domain}", mail.replace('@', "_"))
}

/// The default creation time, so that everyone is older than anything a test does.
pub(crate) fn a_year_before(clock: Timestamp) -> Timestamp {
    clock.to_zoned(TimeZone::UTC).checked_sub(1.year()).map_or(clock, |then| then.timestamp())
}
