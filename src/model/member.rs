//! What stands in a group of a customer tenant, and the guests among it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::address::Address;
use crate::model::ids::ObjectId;

/// An object that is a member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A user, guest or not.
    User(Box<User>),
    /// A group nested in it.
    Group(ObjectId),
    /// A device, contact, service principal or something this version does not know. Never ours.
    Other {
        /// Which object.
        id: ObjectId,
        /// Graph's word for its type.
        kind: String,
    },
}

impl Member {
    /// The object's id.
    pub fn id(&self) -> ObjectId {
        match self {
            Self::User(user) => user.id,
            Self::Group(id) | Self::Other { id, .. } => *id,
        }
    }

    /// The user, if it is one.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Group(_) | Self::Other { .. } => None,
        }
    }
}

/// A user of a customer tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Which object.
    pub id: ObjectId,
    /// The name on the screen, the customer's to choose. Escape it wherever it is shown.
    pub display_name: String,
    /// `userPrincipalName`; none when Graph withheld it.
    pub user_principal_name: Option<String>,
    /// `mail`, if it is an address.
    pub mail: Option<Address>,
    /// `otherMails`. The user can set these: they find a candidate, they prove nothing.
    pub other_mails: BTreeSet<Address>,
    /// `proxyAddresses` without their `smtp:`.
    pub proxy_addresses: BTreeSet<Address>,
    /// `creationType`, `Invitation` for a guest.
    pub creation_type: Option<String>,
    /// `externalUserState`: `PendingAcceptance` or `Accepted` for a guest.
    pub external_user_state: Option<String>,
    /// Who vouches for the sign-in: `identities[].issuer`.
    pub issuers: BTreeSet<String>,
    /// When the object was made.
    pub created: Option<jiff::Timestamp>,
    /// When the state of the invitation last changed.
    pub state_changed: Option<jiff::Timestamp>,
}

impl User {
    /// Whether the object stands for somebody of another organisation. `userType` alone says nothing: internal guests
    /// and external members both exist.
    pub fn is_external(&self) -> bool {
        self.external_user_state.is_some()
            || self.creation_type.as_deref() == Some("Invitation")
            || self.mangled().is_some()
    }

    /// What people call it by: its mail, or its name, or its id where Graph withholds both.
    pub fn label(&self) -> Cow<'_, str> {
        match &self.mail {
            Some(mail) => mail.as_str().into(),
            None if self.display_name.is_empty() => self.id.to_string().into(),
            None => self.display_name.as_str().into(),
        }
    }

    /// Whether the invitation was accepted.
    pub fn has_accepted(&self) -> bool {
        self.external_user_state.as_deref() == Some("Accepted")
    }

    /// The part of the user principal name before `#EXT#`, in lower case.
    pub fn mangled(&self) -> Option<Cow<'_, str>> {
        let name = self.user_principal_name.as_ref()?;
        let is_mark = |at: &usize| {
            name.as_bytes().get(*at..at + 5).is_some_and(|part| part.eq_ignore_ascii_case(b"#EXT#"))
        };
        let mark = name.match_indices('#').map(|(at, _)| at).find(is_mark)?;
        let local = &name[..mark];
        // Entra writes most of them in lower case, and this is asked for every member of every group.
        let is_lower = !local.bytes().any(|byte| byte.is_ascii_uppercase());
        Some(if is_lower { local.into() } else { local.to_ascii_lowercase().into() })
    }

    /// Whether `mail` or the mangled user principal name equals `address`.
    pub fn is_addressed(&self, address: &Address) -> bool {
        self.mail.as_ref() == Some(address) || self.mangled().is_some_and(|name| address.mangles_to(&name))
    }
}

/// What a guest is used for besides membership in our own groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuestUse {
    /// Groups, directory roles and administrative units it is a member of, each with its name on the screen where Graph shows
    /// one. Escape it wherever it is shown.
    pub member_of: BTreeMap<ObjectId, String>,
    /// Objects it owns.
    pub owns: BTreeSet<ObjectId>,
    /// Application role assignments.
    pub app_roles: u32,
}

impl GuestUse {
    /// Something it is a member of besides `ours`, in words.
    pub fn membership_besides(&self, ours: &BTreeSet<ObjectId>) -> Option<String> {
        let (id, name) = self.member_of.iter().find(|(id, _)| !ours.contains(id))?;
        Some(if name.is_empty() {
            format!("it is a member of {id}")
        } else {
            format!("it is a member of {name} ({id})")
        })
    }
}
