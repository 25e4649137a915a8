//! Azure scopes in canonical form.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::ids::SubscriptionId;

/// A place in Azure where a role can be assigned: leading slash, no trailing slash, lower case, because Azure compares
/// every name in a resource path without regard to case and returns them in changing case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// The canonical form of a scope as Azure or a person wrote it. The root is `/`.
    pub fn canonical(text: &str) -> Self {
        let mut canonical = String::with_capacity(text.len() + 1);
        let within = text.trim_matches(|c: char| c == '/' || c.is_whitespace());
        for segment in within.split('/').filter(|s| !s.is_empty()) {
            canonical.push('/');
            canonical.push_str(&segment.to_ascii_lowercase());
        }
        if canonical.is_empty() {
            canonical.push('/');
        }
        Self(canonical)
    }

    /// The scope of a whole subscription.
    pub fn subscription(id: SubscriptionId) -> Self {
        Self(format!("/subscriptions/{id}"))
    }

    /// The scope `path` below this one; `path` as in `resourceGroups/rg-app`.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        Self::canonical(&format!("{}/{path}", self.0))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The subscription this scope is or lies in; none for the root and for management groups.
    pub fn subscription_id(&self) -> Option<SubscriptionId> {
        self.0.strip_prefix("/subscriptions/")?.split('/').next()?.parse().ok()
    }

    /// Whether `other` is this scope or lies below it. Whole segments are compared: `…/app` does not contain `…/app2`.
    pub fn contains(&self, other: &Self) -> bool {
        self.0 == "/"
            || other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl From<String> for Scope {
    fn from(text: String) -> Self {
        Self::canonical(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_compare_by_whole_segments_without_case() {
        let group =
            Scope::canonical("subscriptions/22222222-2222-4222-8222-222222222222//resourceGroups/App/");
        assert_eq!(group.as_str(), "/subscriptions/22222222-2222-4222-8222-222222222222/resourcegroups/app");
        let odd = Scope::canonical("\n/a / b \n//");
        assert_eq!(Scope::canonical(odd.as_str()), odd, "a canonical form is its own: {odd:?}");
        assert!(!group.contains(&Scope::canonical(&format!("{group}2"))));
        assert!(group.contains(&group.below("providers/Microsoft.Web/sites/x")));
        assert!(Scope::canonical("/").contains(&group));
        assert_eq!(
            Scope::canonical("/providers/Microsoft.Management/managementGroups/m").subscription_id(),
            None
        );
    }
}
