//! Names that people give things in the desired-state files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: 1 to 100 of A-Z a-z 0-9 space _ . -")]
pub struct NameError(pub String);

/// Whether `text` is 1 to 100 of `A-Z a-z 0-9 space _ . -`.
pub fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'.' | b'-'))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// 1 to 100 of `A-Z a-z 0-9 space _ . -`, case kept and compared.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                if is_name(text) { Ok(Self(text.to_owned())) } else { Err(NameError(text.to_owned())) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

names! {
    /// The partner.
    PartnerName;
    /// A customer; its folder in the desired state has the same name.
    CustomerName;
    /// A partner group: the source of a membership.
    GroupName;
    /// The key of a mapping at one customer; the identity of its customer group derives from it.
    MappingKey;
    /// A role as the files call it.
    RoleName;
    /// A subscription as one customer's file calls it.
    Alias;
    /// A template of mappings.
    TemplateName;
    /// A time-bound membership.
    GrantName;
    /// A release of held plans.
    OverrideName;
}

/// The lower-case form of a name in which each run of anything but `a-z 0-9` is one `-`, trimmed, at most 40 characters.
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(40);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_short_lower_case_and_trimmed() {
        assert_eq!(slug("Contoso_BackupOperators"), "contoso-backupoperators");
        assert_eq!(slug("__A  b..c__"), "a-b-c");
        assert_eq!(slug(&"x".repeat(60)).len(), 40);
    }
}
