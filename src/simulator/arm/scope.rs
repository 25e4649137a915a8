//! Scopes: how ARM writes them, and which one covers which.

use uuid::Uuid;

/// The scope of a subscription.
pub(in crate::simulator) fn of_subscription(id: Uuid) -> String {
    format!("/subscriptions/{id}")
}

/// One leading slash, none trailing, none doubled; the root stays a slash.
pub(in crate::simulator) fn tidy(scope: &str) -> String {
    let parts: Vec<&str> = scope.split('/').filter(|part| !part.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

/// The same for comparing: every name in a scope compares without case.
pub(super) fn canonical(scope: &str) -> String {
    tidy(scope).to_lowercase()
}

/// Whether something made at the upper scope counts at the lower one, too.
pub(super) fn covers(upper: &str, lower: &str) -> bool {
    let (upper, lower) = (canonical(upper), canonical(lower));
    upper == "/"
        || upper == lower
        || upper.starts_with("/providers/microsoft.management/managementgroups/")
        || lower.strip_prefix(&upper).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether two texts name one scope.
pub(super) fn same(left: &str, right: &str) -> bool {
    canonical(left) == canonical(right)
}

/// The subscription a scope lies in.
pub(super) fn subscription(scope: &str) -> Option<Uuid> {
    subscription_text(scope)?.parse().ok()
}

/// The same as it is written, even if it is no id.
pub(super) fn subscription_text(scope: &str) -> Option<&str> {
    let mut parts = scope.split('/').filter(|part| !part.is_empty());
    let first = parts.next()?;
    if first.eq_ignore_ascii_case("subscriptions") { parts.next() } else { None }
}

/// Whether a scope below a subscription is one that can exist: the subscription, a resource group, or a resource with
/// its provider and pairs of type and name.
pub(super) fn is_well_formed(scope: &str) -> bool {
    let parts: Vec<&str> = scope.split('/').filter(|part| !part.is_empty()).skip(2).collect();
    let rest = match parts[..] {
        [first, _, ref rest @ ..] if first.eq_ignore_ascii_case("resourceGroups") => rest,
        _ => &parts[..],
    };
    let odd = |part: &&str| *part == ".." || part.contains(['/', '?', '#', '"', '\'']);
    let resource = |rest: &[&str]| {
        rest[0].eq_ignore_ascii_case("providers") && rest.len() >= 4 && rest.len().is_multiple_of(2)
    };
    !parts.iter().any(odd) && (rest.is_empty() || resource(rest))
}

/// The resource group a scope lies in.
pub(super) fn resource_group(scope: &str) -> Option<&str> {
    let mut parts = scope.split('/').filter(|part| !part.is_empty()).skip(2);
    let third = parts.next()?;
    if third.eq_ignore_ascii_case("resourceGroups") { parts.next() } else { None }
}
