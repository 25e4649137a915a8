//! The attribute condition on our own right to assign roles, as Azure takes it.

use std::collections::BTreeSet;

use crate::model::ids::RoleId;

/// The longest condition that Azure takes.
pub const LONGEST: usize = 8192;

/// Lets a principal give and take exactly these roles, to and from groups only. What it lists is allowed, so that no role that
/// Azure invents later comes in by itself.
pub fn condition(roles: &BTreeSet<RoleId>) -> String {
    let list = roles.iter().map(RoleId::to_string).collect::<Vec<_>>().join(", ");
    // Without its half, deleting would be free: of anybody's assignments.
    let half = |action: &str, source: &str| {
        let attribute = format!("{source}[Microsoft.Authorization/roleAssignments:");
        format!(
            "((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/{action}'}})) OR \
             ({attribute}RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{list}}} AND \
             {attribute}PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {{'Group'}}))"
        )
    };
    format!("{} AND {}\n", half("write", "@Request"), half("delete", "@Resource"))
}
