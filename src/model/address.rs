//! Mail addresses and domains, compared without regard to case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an address or a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not `local@domain` in plain ASCII.
    #[error("{}", is_no(.0, "mail address of the form name@domain"))]
    Address(String),
    /// Not labels of `a-z 0-9 -` joined by dots. Letters outside ASCII are refused: they can imitate a staff domain.
    #[error("{}", is_no(.0, "domain name of the form fabrikam.example"))]
    Domain(String),
}

/// Says so, and names a letter that only looks like one of those allowed: the eye does not find it.
fn is_no(text: &str, what: &str) -> String {
    let said = format!("`{text}` is not a {what}");
    match text.chars().find(|c| c.is_alphanumeric() && !c.is_ascii()) {
        Some(c) => format!("{said}: its `{c}` is U+{:04X}, and letters are a to z here", u32::from(c)),
        None => said,
    }
}

/// A DNS domain in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

impl Domain {
    /// The domain in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(AddressError::Domain(text.to_owned()))
        }
    }
}

/// A mail address in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

impl Address {
    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands for an address in a report that shows none. No address, and in no domain.
    pub fn pseudonym(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Everything after the `@`, exactly: `fabrikam.example` is not the domain of `x@notfabrikam.example`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether the domain is exactly one of `domains`.
    pub fn is_in(&self, domains: &std::collections::BTreeSet<Domain>) -> bool {
        domains.iter().any(|domain| domain.as_str() == self.domain())
    }

    /// The part of a guest's user principal name before `#EXT#`: the address with `@` as `_`.
    pub fn mangled(&self) -> String {
        self.0.replace('@', "_")
    }

    /// Whether that is its mangled form.
    pub fn mangles_to(&self, name: &str) -> bool {
        let mangle = |byte| if byte == b'@' { b'_' } else { byte };
        name.len() == self.0.len() && self.0.bytes().map(mangle).eq(name.bytes())
    }
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::Address(text.to_owned());
        let (local, domain) = text.split_once('@').ok_or_else(malformed)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        if local.is_empty() || local.len() > 64 || !local.bytes().all(plain) {
            return Err(malformed());
        }
        domain.parse::<Domain>().map_err(|_| malformed())?;
        Ok(Self(text.to_ascii_lowercase()))
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = AddressError;
            fn try_from(text: String) -> Result<Self, AddressError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}
text! { Domain Address }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_alike_domain_is_another_domain() {
        let address: Address = "Jo@NotFabrikam.example".parse().unwrap();
        assert_eq!(address.as_str(), "jo@notfabrikam.example");
        assert_eq!(address.domain(), "notfabrikam.example");
        assert!("jo@fаbrikam.example".parse::<Address>().is_err(), "a Cyrillic letter is refused");
        assert!("jo@@fabrikam.example".parse::<Address>().is_err());
    }
}
