//! Which documents belong where. Who may approve a file is decided by its path, so what it may say must be, too.

use std::fmt;

use crate::desired::schema::Kind;

/// What a file may hold, by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Directly in the root: Partner and Policy.
    Root,
    /// Below `groups/`: partner groups.
    Groups,
    /// Below `templates/`: access templates.
    Templates,
    /// Directly in `customers/<name>/`: the customer.
    Customer(String),
    /// In `customers/<name>/grants/`: the customer's grants.
    Grants(String),
    /// In `customers/<name>/overrides/`: releases of the customer's plans.
    CustomerOverrides(String),
    /// Below `overrides/`: releases of many plans.
    Overrides,
    /// Nothing belongs here.
    Nowhere,
}

impl Place {
    pub(super) fn of(path: &str) -> Self {
        let parts: Vec<_> = path.split('/').collect();
        match parts.as_slice() {
            [_] => Self::Root,
            ["groups", ..] => Self::Groups,
            ["templates", ..] => Self::Templates,
            ["overrides", ..] => Self::Overrides,
            ["customers", customer, _] => Self::Customer((*customer).to_owned()),
            ["customers", customer, "grants", ..] => Self::Grants((*customer).to_owned()),
            ["customers", customer, "overrides", ..] => Self::CustomerOverrides((*customer).to_owned()),
            _ => Self::Nowhere,
        }
    }

    /// The kinds that belong here.
    pub(super) fn kinds(&self) -> &'static [Kind] {
        match self {
            Self::Root => &[Kind::Partner, Kind::Policy],
            Self::Groups => &[Kind::PartnerGroup],
            Self::Templates => &[Kind::AccessTemplate],
            Self::Customer(_) => &[Kind::Customer],
            Self::Grants(_) => &[Kind::Grant],
            Self::CustomerOverrides(_) | Self::Overrides => &[Kind::Override],
            Self::Nowhere => &[],
        }
    }

    /// The customer whose folder this is, or is in.
    pub(super) fn customer(&self) -> Option<&str> {
        match self {
            Self::Customer(name) | Self::Grants(name) | Self::CustomerOverrides(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the root of the directory"),
            Self::Groups => f.write_str("groups/"),
            Self::Templates => f.write_str("templates/"),
            Self::Customer(name) => write!(f, "customers/{name}/"),
            Self::Grants(name) => write!(f, "customers/{name}/grants/"),
            Self::CustomerOverrides(name) => write!(f, "customers/{name}/overrides/"),
            Self::Overrides => f.write_str("overrides/"),
            Self::Nowhere => f.write_str("this folder"),
        }
    }
}

/// Where a kind of document belongs.
pub(super) fn home(kind: Kind) -> &'static str {
    match kind {
        Kind::Partner => "partner.yaml at the root of the directory",
        Kind::Policy => "policy.yaml at the root of the directory",
        Kind::PartnerGroup => "a file in groups/",
        Kind::AccessTemplate => "a file in templates/",
        Kind::Customer => "customers/<name>/customer.yaml",
        Kind::Grant => "a file in customers/<name>/grants/",
        Kind::Override => "a file in customers/<name>/overrides/ or in overrides/",
    }
}
