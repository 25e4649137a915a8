//! Scopes as the files write them: by the customer's own aliases, so that no text can name somebody else's subscription.

use serde::Deserialize;

use crate::model::names::{Alias, is_name};

/// `subscriptions/<alias or *>[/resourceGroups/<name>[/providers/<type>/<name>…]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ScopePath {
    /// One subscription, or none for `*`: each of the customer's.
    pub(crate) alias: Option<Alias>,
    /// What lies below the subscription: empty, or starting with `resourceGroups/`.
    pub(crate) below: String,
}

/// Azure's longest resource id is shorter.
const LONGEST: usize = 1000;

impl TryFrom<String> for ScopePath {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        parse(&text)
            .map_err(|why| format!("`{}` is not a scope: {why}", text.chars().take(80).collect::<String>()))
    }
}

fn parse(text: &str) -> Result<ScopePath, &'static str> {
    if text.len() > LONGEST {
        return Err("it is too long");
    }
    if text == "*" {
        return Err("write `subscriptions/*` for all subscriptions of the customer");
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("managementgroups") {
        return Err("a management group cannot be named; roles are given in subscriptions and below");
    }
    if text.starts_with('/') {
        return Err("write it without the leading slash, by the subscription's alias: `subscriptions/prod`");
    }
    let mut segments = text.split('/');
    if segments.next() != Some("subscriptions") {
        return Err(
            "it starts with `subscriptions/` and an alias from the customer's `subscriptions`, or `*`",
        );
    }
    let alias = match segments.next() {
        Some("*") => None,
        Some(alias) if is_name(alias) => alias.parse().ok(),
        _ => return Err("after `subscriptions/` comes an alias from the customer's `subscriptions`, or `*`"),
    };
    let rest: Vec<_> = segments.collect();
    if !rest.iter().all(|segment| is_resource_name(segment)) {
        return Err("between slashes stand letters, digits, `-`, `_`, `.` and parentheses");
    }
    match rest.as_slice() {
        [] | ["resourceGroups", _] => {}
        ["resourceGroups", _, "providers", namespace, pairs @ ..] => {
            if !namespace.contains('.') || pairs.is_empty() || pairs.len() % 2 != 0 {
                return Err(
                    "after `providers/` come a type such as `Microsoft.Storage/storageAccounts` and a name",
                );
            }
        }
        [word, ..] if word.eq_ignore_ascii_case("resourceGroups") && *word != "resourceGroups" => {
            return Err("write `resourceGroups` with a capital G");
        }
        ["resourceGroups"] => return Err("after `resourceGroups/` comes a name"),
        ["resourceGroups", ..] => return Err("after the resource group comes `providers/`, or nothing"),
        _ => return Err("after the alias comes `resourceGroups/` and a name, or nothing"),
    }
    Ok(ScopePath { alias, below: rest.join("/") })
}

fn is_resource_name(segment: &str) -> bool {
    !segment.is_empty()
        && segment.len() <= 260
        && !segment.ends_with('.')
        && segment.chars().all(|c| c.is_alphanumeric() || "-_.()".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_names_a_subscription_by_alias_and_what_lies_in_it() {
        let scope = parse("subscriptions/prod/resourceGroups/rg-app").unwrap();
        assert_eq!((scope.alias, scope.below.as_str()), ("prod".parse().ok(), "resourceGroups/rg-app"));
        let whole = parse("subscriptions/*").unwrap();
        assert_eq!((whole.alias, whole.below.as_str()), (None, ""));
        let site = "subscriptions/p/resourceGroups/r/providers/Microsoft.Web/sites/x/slots/y";
        assert!(parse(site).is_ok());
    }

    #[test]
    fn nothing_else_is_a_scope() {
        for text in [
            "/",
            "",
            "*",
            "subscriptions",
            "subscriptions/",
            "/subscriptions/prod",
            "Subscriptions/prod",
            "subscriptions/prod/",
            "subscriptions/prod/..",
            "subscriptions/prod/resourceGroups",
            "subscriptions/prod/resourceGroups/..",
            "subscriptions/prod/resourceGroups/a%2fb",
            "subscriptions/prod/resourceGroups/rg/providers/Microsoft.Web/sites",
            "subscriptions/prod/providers/Microsoft.Web/sites/x",
            "providers/Microsoft.Management/managementGroups/root",
            "subscriptions/../subscriptions/prod",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
