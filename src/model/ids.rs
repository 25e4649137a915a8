//! Identifiers: one newtype per kind of object, so that a person's id can never stand where a group's belongs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 8-4-4-4-12 hexadecimal digits.
    #[error("`{0}` is not an id of the form 00000000-0000-0000-0000-000000000000")]
    Malformed(String),
    /// All zeros. An empty identifier in a filter or a delete once emptied a whole subscription, so it cannot exist.
    #[error("the id of all zeros names nothing")]
    Nil,
}

fn parse(text: &str) -> Result<Uuid, IdError> {
    if text.len() != 36 {
        return Err(IdError::Malformed(text.to_owned()));
    }
    let id = Uuid::try_parse(text).map_err(|_| IdError::Malformed(text.to_owned()))?;
    if id.is_nil() { Err(IdError::Nil) } else { Ok(id) }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Written and compared in lower case; never all zeros.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an id that is known not to be nil, such as a derived one.
            ///
            /// # Panics
            /// On the nil id.
            pub const fn new(id: Uuid) -> Self {
                assert!(!id.is_nil(), "the nil id names nothing");
                Self(id)
            }

            /// The bare id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    )*};
}

ids! {
    /// An Entra tenant.
    TenantId;
    /// A user of the partner's own tenant.
    PersonId;
    /// Any directory object: a guest, a group or a service principal in a customer tenant, a group in the partner's.
    ObjectId;
    /// An Azure subscription.
    SubscriptionId;
    /// A role definition.
    RoleId;
    /// The name of a role assignment, which Azure lets the caller choose.
    AssignmentName;
    /// An application registration.
    ClientId;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trap: arm 20
    #[test]
    fn an_id_is_case_blind_and_never_empty() {
        let id: TenantId = "ABCDEF00-0000-4000-8000-000000000001".parse().unwrap();
        assert_eq!(id.to_string(), "abcdef00-0000-4000-8000-000000000001");
        assert_eq!("00000000-0000-0000-0000-000000000000".parse::<ObjectId>(), Err(IdError::Nil));
        assert!("".parse::<ObjectId>().is_err());
        assert!("abcdef00000040008000000000000001".parse::<ObjectId>().is_err());
    }
}
