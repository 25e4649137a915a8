//! ABAC conditions, as far as they limit which roles may be assigned to which principals or kinds of them.

use uuid::Uuid;

/// What a condition is asked about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// `write` or `delete`.
    pub(super) action: &'a str,
    pub(super) role: Uuid,
    pub(super) principal: Uuid,
    /// As it was sent, not as it is: a condition on the type fails where none was sent.
    pub(super) principal_type: Option<&'a str>,
}

/// Whether a condition lets the subject pass.
///
/// A condition has a half per action: `(!(ActionMatches{'…/write'})) OR (…lists of allowed values…)`. A half that
/// names no list of an attribute does not limit that attribute; `ForAnyOfAllValues:GuidNotEquals` lists what is not
/// allowed.
pub(super) fn passes(condition: &str, subject: Subject<'_>) -> bool {
    let marker = format!("roleassignments/{}'", subject.action);
    let text = condition.to_lowercase();
    let Some(start) = text.find(&marker) else { return true };
    let rest = &text[start + marker.len()..];
    let half = rest.find("actionmatches").map_or(rest, |end| &rest[..end]);
    let allowed = |attribute: &str, value: Option<String>| match list(half, attribute) {
        None => true,
        Some(List { values, excludes }) => value.is_some_and(|value| values.contains(&value) != excludes),
    };
    allowed("roledefinitionid]", Some(subject.role.to_string()))
        && allowed("principalid]", Some(subject.principal.to_string()))
        && allowed("principaltype]", subject.principal_type.map(str::to_lowercase))
}

/// The values that an attribute is compared with.
struct List {
    values: Vec<String>,
    /// Whether they are those that must not be: `GuidNotEquals` and its like.
    excludes: bool,
}

/// The operator and the values in braces that follow an attribute.
fn list(half: &str, attribute: &str) -> Option<List> {
    let rest = &half[half.find(attribute)? + attribute.len()..];
    let (operator, values) = rest.split_once('{')?;
    let values = &values[..values.find('}')?];
    let values = values.split(',').map(|value| value.trim().trim_matches('\'').to_owned()).collect();
    Some(List { values, excludes: operator.contains("notequals") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::world::ControllerCondition;

    #[test]
    fn a_condition_limits_roles_and_principal_types_of_both_actions() {
        let reader = Uuid::from_u128(1);
        let condition = ControllerCondition { roles: vec![reader], ..ControllerCondition::default() }.text();
        for action in ["write", "delete"] {
            let subject =
                |role, principal_type| Subject { action, role, principal: Uuid::nil(), principal_type };
            assert!(passes(&condition, subject(reader, Some("Group"))));
            assert!(!passes(&condition, subject(reader, Some("User"))));
            assert!(!passes(&condition, subject(reader, None)));
            assert!(!passes(&condition, subject(Uuid::from_u128(2), Some("Group"))));
        }
    }
}
