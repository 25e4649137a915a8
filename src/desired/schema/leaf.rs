//! The smallest values of the files: times, durations, texts, percentages, digests; and how an editor knows the model's own.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::desired::schema::scope::ScopePath;
use crate::model::address::{Address, Domain};
use crate::model::cloud::Cloud;
use crate::model::ids::{ClientId, ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use crate::model::invitation::InvitationMail;
use crate::model::names::{
    Alias, CustomerName, GrantName, GroupName, MappingKey, OverrideName, PartnerName, RoleName, TemplateName,
    is_name,
};
use crate::model::role::Tier;

/// A time: RFC 3339 with `Z`, such as `2030-01-01T09:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Time(pub(crate) Timestamp);

impl TryFrom<String> for Time {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let shape = text.len() >= 20
            && text.ends_with('Z')
            && text.bytes().zip(b"0000-00-00T00:00:00").all(|(b, shape)| match shape {
                b'0' => b.is_ascii_digit(),
                sign => b == *sign,
            })
            && text[19..text.len() - 1].bytes().enumerate().all(|(at, b)| match at {
                0 => b == b'.',
                _ => b.is_ascii_digit(),
            });
        let time = if shape { text.parse().ok() } else { None };
        time.map(Self)
            .ok_or_else(|| format!("`{text}` is not a time of the form 2030-01-01T09:00:00Z (UTC, with Z)"))
    }
}

/// A duration: a whole number of minutes, hours or days, such as `30m`, `12h` or `90d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Duration(pub(crate) SignedDuration);

impl TryFrom<String> for Duration {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let seconds = match text.as_bytes().last() {
            Some(b'm') => 60,
            Some(b'h') => 3_600,
            Some(b'd') => 86_400,
            _ => 0,
        };
        // At most six digits: 999,999 days, far from any overflow.
        let digits =
            text.get(..text.len().saturating_sub(1)).filter(|d| (1..=6).contains(&d.len())).unwrap_or("");
        match digits.parse::<u32>() {
            Ok(count) if count > 0 && seconds > 0 && !digits.starts_with('+') => {
                Ok(Self(SignedDuration::from_secs(i64::from(count) * seconds)))
            }
            _ => Err(format!("`{text}` is not a duration of the form 30m, 12h or 90d")),
        }
    }
}

/// Free text on one or more lines: 1 to 500 characters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Text(pub(crate) String);

impl TryFrom<String> for Text {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let trimmed = text.trim();
        match trimmed.chars().count() {
            1..=500 => Ok(Self(trimmed.to_owned())),
            0 => Err("the text is empty".to_owned()),
            length => Err(format!("the text is {length} characters long, 500 are allowed")),
        }
    }
}

/// The display name of a group: one line of 1 to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct DisplayName(pub(crate) String);

/// Graph's limit for `displayName`. Counted in UTF-16 units, the stricter reading.
pub(crate) const LONGEST_DISPLAY_NAME: usize = 256;

impl TryFrom<String> for DisplayName {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let length = text.encode_utf16().count();
        if text.trim() != text || text.is_empty() || text.contains('\n') {
            Err(format!("`{}` is not a display name: one line without blanks around it", text.trim()))
        } else if length > LONGEST_DISPLAY_NAME {
            Err(format!("the display name is {length} characters long, {LONGEST_DISPLAY_NAME} are allowed"))
        } else {
            Ok(Self(text))
        }
    }
}

/// A name in a template, in which `{customer}` stands for the customer's `nameInGroups`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pattern(pub(crate) String);

impl TryFrom<String> for Pattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let rest = text.replace(super::access::CUSTOMER, "");
        if rest.contains(['{', '}']) {
            Err(format!("`{text}` holds a placeholder that does not exist; the only one is `{{customer}}`"))
        } else if text.is_empty() || !(rest.is_empty() || is_name(&rest)) {
            Err(format!("`{text}` is not a name: 1 to 100 of A-Z a-z 0-9 space _ . - and {{customer}}"))
        } else {
            Ok(Self(text))
        }
    }
}

/// A share of what is managed: 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct Percent(pub(crate) u32);

impl TryFrom<u32> for Percent {
    type Error = String;
    fn try_from(percent: u32) -> Result<Self, String> {
        if percent <= 100 {
            Ok(Self(percent))
        } else {
            Err(format!("{percent} is not a percentage from 0 to 100"))
        }
    }
}

/// A count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "u32")]
pub(crate) struct Count(pub(crate) usize);

impl From<u32> for Count {
    fn from(count: u32) -> Self {
        Self(count as usize)
    }
}

/// The digest of a customer's plan, as the plan shows it: `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Digest(pub(crate) String);

impl TryFrom<String> for Digest {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        match lower.strip_prefix("sha256:") {
            Some(hex) if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(Self(lower)),
            _ => Err(format!("`{text}` is not a digest of the form sha256:… with 64 hexadecimal digits")),
        }
    }
}

/// A partner group to take members from, or `none`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum MembersFrom {
    None,
    Group(GroupName),
}

impl TryFrom<String> for MembersFrom {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        text.parse().map(Self::Group).map_err(|error: crate::model::names::NameError| error.to_string())
    }
}

macro_rules! leaves {
    ($($type:ty, $name:literal, $schema:tt;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
    (ids: $($type:ty)*) => {leaves! {$(
        $type, "Id", {
            "description": "An id as the Entra or Azure portal shows it.",
            "type": "string",
            "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
        };
    )*}};
    (names: $($type:ty)*) => {leaves! {$(
        $type, "Name", {
            "description": "1 to 100 of A-Z a-z 0-9 space _ . -",
            "type": "string",
            "pattern": "^[A-Za-z0-9 _.-]{1,100}$"
        };
    )*}};
}

leaves! { ids: ClientId ObjectId PersonId RoleId SubscriptionId TenantId }
leaves! { names: Alias CustomerName GrantName GroupName MappingKey OverrideName PartnerName RoleName TemplateName MembersFrom }
leaves! {
    Address, "Address", { "description": "name@domain, in plain ASCII.", "type": "string", "format": "email" };
    Domain, "Domain", { "description": "A domain such as fabrikam.example.", "type": "string", "format": "hostname" };
    Cloud, "Cloud", { "description": "A Microsoft cloud.", "enum": ["global", "usgov", "usgovdod", "china"] };
    InvitationMail, "InvitationMail", {
        "description": "none: no mail. microsoft: Microsoft's own.",
        "enum": ["none", "microsoft"]
    };
    Tier, "Tier", {
        "description": "standard: nothing special. elevated: ranked higher in a review. privileged: only for mappings whose memberships all end.",
        "enum": ["standard", "elevated", "privileged"]
    };
    Time, "Time", {
        "description": "RFC 3339 with Z.",
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
        "examples": ["2030-01-01T09:00:00Z"]
    };
    Duration, "Duration", {
        "description": "A whole number of minutes, hours or days.",
        "type": "string",
        "pattern": "^[0-9]{1,6}[mhd]$",
        "examples": ["30m", "12h", "90d"]
    };
    Text, "Text", { "description": "1 to 500 characters.", "type": "string", "minLength": 1, "maxLength": 500 };
    DisplayName, "DisplayName", { "description": "One line.", "type": "string", "minLength": 1, "maxLength": 256 };
    Pattern, "Pattern", {
        "description": "A name in which {customer} stands for the customer's nameInGroups.",
        "type": "string",
        "pattern": r"^([A-Za-z0-9 _.-]|\{customer\})+$"
    };
    Percent, "Percent", { "type": "integer", "minimum": 0, "maximum": 100 };
    Count, "Count", { "type": "integer", "minimum": 0 };
    Digest, "Digest", {
        "description": "The digest of a customer's plan, as the plan shows it.",
        "type": "string",
        "pattern": "^sha256:[0-9A-Fa-f]{64}$"
    };
    ScopePath, "Scope", {
        "description": "subscriptions/<alias or *>[/resourceGroups/<name>[/providers/<type>/<name>…]]",
        "type": "string",
        "pattern": "^subscriptions/[^/]+(/resourceGroups/[^/]+(/providers/.+)?)?$",
        "examples": ["subscriptions/*", "subscriptions/prod/resourceGroups/rg-app"]
    };
}
