//! What a request to ARM is about: its path, its route, its version.

use axum::http::Method;

use super::{metadata, no_route, scope};
use crate::simulator::call::Call;
use crate::simulator::quota::Aim;
use crate::simulator::refusal::Refusal;

/// What a path asks for. Names in it compare without case.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// What the cloud says about itself.
    Metadata,
    Subscriptions,
    Subscription(String),
    /// The resource groups of a subscription, or the one of that name.
    ResourceGroups {
        subscription: String,
        name: Option<String>,
    },
    Tenants,
    /// Something of `Microsoft.Authorization` at a scope: its type in lower case, and its name.
    Authorization {
        scope: String,
        kind: String,
        name: Option<String>,
    },
    Unknown,
}

impl Place {
    /// Reads what a path asks for.
    pub(super) fn of(call: &Call) -> Self {
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let provider = |pair: &[&str]| {
            pair[0].eq_ignore_ascii_case("providers")
                && pair[1].eq_ignore_ascii_case("Microsoft.Authorization")
        };
        if let Some(start) = path.windows(2).rposition(provider) {
            let scope = scope::tidy(&path[..start].join("/"));
            return match path[start + 2..] {
                [kind] => Self::Authorization { scope, kind: kind.to_lowercase(), name: None },
                [kind, name] => {
                    Self::Authorization { scope, kind: kind.to_lowercase(), name: Some(name.to_owned()) }
                }
                _ => Self::Unknown,
            };
        }
        let is = |segment: &str, word: &str| segment.eq_ignore_ascii_case(word);
        match path[..] {
            [first, second] if is(first, "metadata") && is(second, "endpoints") => Self::Metadata,
            [first] if is(first, "subscriptions") => Self::Subscriptions,
            [first] if is(first, "tenants") => Self::Tenants,
            [first, id] if is(first, "subscriptions") => Self::Subscription(id.to_owned()),
            [first, id, third] if is(first, "subscriptions") && is(third, "resourceGroups") => {
                Self::ResourceGroups { subscription: id.to_owned(), name: None }
            }
            [first, id, third, name] if is(first, "subscriptions") && is(third, "resourceGroups") => {
                Self::ResourceGroups { subscription: id.to_owned(), name: Some(name.to_owned()) }
            }
            _ => Self::Unknown,
        }
    }

    /// The subscription that the path names, as it is written there.
    pub(super) fn subscription(&self) -> Option<&str> {
        match self {
            Self::Subscription(id) | Self::ResourceGroups { subscription: id, .. } => Some(id),
            Self::Authorization { scope, .. } => scope::subscription_text(scope),
            Self::Metadata | Self::Subscriptions | Self::Tenants | Self::Unknown => None,
        }
    }

    /// The versions in which this can be asked for.
    fn versions(&self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Metadata => &metadata::VERSIONS,
            Self::Authorization { kind, .. } => match kind.as_str() {
                "roleassignments" => &ASSIGNMENTS,
                "roledefinitions" | "permissions" => &DEFINITIONS,
                "denyassignments" => {
                    &["2018-07-01-preview", "2022-04-01", "2024-07-01-preview", "2026-09-01"]
                }
                "locks" => &["2015-01-01", "2016-09-01", "2017-04-01", "2020-05-01"],
                "roleassignmentsusagemetrics" => &["2019-08-01-preview"],
                kind if is_privileged_identity(kind) => {
                    &["2020-10-01", "2020-10-01-preview", "2024-09-01-preview"]
                }
                _ => return None,
            },
            Self::Unknown => return None,
            _ => &SUBSCRIPTIONS,
        })
    }
}

const ASSIGNMENTS: [&str; 10] = [
    "2015-07-01",
    "2018-01-01-preview",
    "2018-09-01-preview",
    "2020-03-01-preview",
    "2020-04-01-preview",
    "2020-08-01-preview",
    "2020-10-01-preview",
    "2021-04-01-preview",
    "2022-04-01",
    "2026-08-01",
];

const DEFINITIONS: [&str; 6] =
    ["2015-07-01", "2018-01-01-preview", "2018-07-01", "2022-04-01", "2022-05-01-preview", "2026-08-01"];

const SUBSCRIPTIONS: [&str; 16] = [
    "2015-01-01",
    "2016-06-01",
    "2018-05-01",
    "2018-06-01",
    "2019-06-01",
    "2019-10-01",
    "2019-11-01",
    "2020-01-01",
    "2020-06-01",
    "2021-01-01",
    "2021-04-01",
    "2022-09-01",
    "2022-12-01",
    "2024-03-01",
    "2024-11-01",
    "2025-04-01",
];

/// Whether a type belongs to Privileged Identity Management.
pub(super) fn is_privileged_identity(kind: &str) -> bool {
    ["roleassignmentschedule", "roleeligibilityschedule", "rolemanagementpolic", "eligiblechildresources"]
        .iter()
        .any(|start| kind.starts_with(start))
}

/// The template of the route a request takes, and whether it is a list.
pub(in crate::simulator) fn route(call: &Call) -> (&'static str, bool) {
    let reads = call.method == Method::GET;
    match Place::of(call) {
        Place::Metadata => ("/metadata/endpoints", false),
        Place::Subscriptions => ("/subscriptions", reads),
        Place::Subscription(_) => ("/subscriptions/{subscriptionId}", false),
        Place::ResourceGroups { name: None, .. } => ("/subscriptions/{subscriptionId}/resourceGroups", reads),
        Place::ResourceGroups { .. } => ("/subscriptions/{subscriptionId}/resourceGroups/{name}", false),
        Place::Tenants => ("/tenants", reads),
        Place::Authorization { kind, name, .. } => match (kind.as_str(), name.is_some()) {
            ("roleassignments", false) => {
                ("/{scope}/providers/Microsoft.Authorization/roleAssignments", reads)
            }
            ("roleassignments", true) => {
                ("/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", false)
            }
            ("roledefinitions", false) => {
                ("/{scope}/providers/Microsoft.Authorization/roleDefinitions", reads)
            }
            ("roledefinitions", true) => {
                ("/{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}", false)
            }
            ("denyassignments", false) => {
                ("/{scope}/providers/Microsoft.Authorization/denyAssignments", reads)
            }
            ("denyassignments", true) => {
                ("/{scope}/providers/Microsoft.Authorization/denyAssignments/{name}", false)
            }
            ("permissions", false) => ("/{scope}/providers/Microsoft.Authorization/permissions", reads),
            ("locks", false) => ("/{scope}/providers/Microsoft.Authorization/locks", reads),
            ("roleassignmentsusagemetrics", false) => {
                ("/{scope}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics", false)
            }
            (kind, _) if is_privileged_identity(kind) => {
                ("/{scope}/providers/Microsoft.Authorization/{schedules}", false)
            }
            _ => ("unknown", false),
        },
        Place::Unknown => ("unknown", false),
    }
}

/// What a request asks for, as far as quotas care.
pub(in crate::simulator) fn aim(call: &Call) -> Aim {
    let place = Place::of(call);
    Aim {
        subscription: place.subscription().and_then(|id| id.parse().ok()),
        authorization: matches!(place, Place::Authorization { .. }),
    }
}

/// Refuses a version that is missing, or that this was never in.
pub(super) fn check_version(call: &Call, place: &Place) -> Result<(), Refusal> {
    let Some(version) = call.option("api-version") else {
        return Err(Refusal::new(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ));
    };
    let known = place.versions().ok_or_else(no_route)?;
    if known.contains(&version) {
        return Ok(());
    }
    let message =
        format!("The api-version '{version}' is invalid. The supported versions are '{}'.", known.join(","));
    Err(Refusal::new(400, "InvalidApiVersionParameter", message))
}
