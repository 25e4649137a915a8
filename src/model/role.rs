//! Azure roles: what the files may hand out, and what a role definition permits.

use serde::{Deserialize, Serialize};

use crate::model::ids::RoleId;
use crate::model::names::RoleName;
use crate::model::scope::Scope;

/// How carefully a role is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    /// Nothing special.
    Standard,
    /// Ranked higher in a review.
    Elevated,
    /// Only for mappings whose memberships all end.
    Privileged,
}

/// A role that the files may hand out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Role {
    /// What the files call it. For people; never compared with Azure's name.
    pub name: RoleName,
    /// What it is.
    pub id: RoleId,
    /// How carefully it is handled.
    pub tier: Tier,
}

/// Azure's name for the role that may do everything.
pub const OWNER: &str = "Owner";

/// A role that Azure has in every tenant and cloud, under the same id.
#[derive(Debug)]
pub struct BuiltIn {
    /// What Azure calls it.
    pub name: &'static str,
    /// Its id.
    pub id: &'static str,
    /// Whether it can grant roles.
    pub grants: bool,
}

/// Built-in roles that people know by name, and those that were made to grant roles. Of any other only a definition tells
/// ([`RoleDefinition::can_grant_access`]).
pub const BUILT_IN: [BuiltIn; 7] = [
    BuiltIn { name: OWNER, id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", grants: true },
    BuiltIn { name: "Contributor", id: "b24988ac-6180-42a0-ab88-20f7382dd24c", grants: false },
    BuiltIn { name: "Reader", id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", grants: false },
    BuiltIn { name: "Backup Operator", id: "00c29273-979b-4161-815c-10b084fb9324", grants: false },
    BuiltIn { name: "User Access Administrator", id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", grants: true },
    BuiltIn {
        name: "Role Based Access Control Administrator",
        id: "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        grants: true,
    },
    BuiltIn { name: "Reservations Administrator", id: "a8889054-8d42-49c9-bc1c-52486c10e7cd", grants: true },
];

/// The built-in role with that id, if it is one of [`BUILT_IN`].
pub fn built_in(id: RoleId) -> Option<&'static BuiltIn> {
    let id = id.to_string();
    BUILT_IN.iter().find(|role| role.id == id)
}

/// What Azure calls a built-in role that was made to grant roles.
pub fn granting(id: RoleId) -> Option<&'static str> {
    built_in(id).filter(|role| role.grants).map(|role| role.name)
}

/// A role definition as a customer's tenant holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDefinition {
    /// Which role.
    pub id: RoleId,
    /// Azure's name for it.
    pub name: String,
    /// Whether the customer made it (`CustomRole`); built-in roles have the same id in every tenant.
    pub custom: bool,
    /// Where it may be assigned.
    pub assignable_scopes: Vec<Scope>,
    /// What it permits, one block after another.
    pub permissions: Vec<PermissionBlock>,
}

/// One block of a role definition: the actions it lists without those it takes back. Patterns hold `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionBlock {
    /// Patterns of permitted actions.
    pub actions: Vec<String>,
    /// Patterns taken back from them.
    pub not_actions: Vec<String>,
}

impl RoleDefinition {
    /// Whether this role can grant roles: any block that permits writing role assignments. A fixed list of roles is not
    /// enough, since new built-in and custom roles carry the right too.
    pub fn can_grant_access(&self) -> bool {
        const GRANT: &str = "microsoft.authorization/roleassignments/write";
        let any = |patterns: &[String]| patterns.iter().any(|p| matches(&p.to_ascii_lowercase(), GRANT));
        self.permissions.iter().any(|block| any(&block.actions) && !any(&block.not_actions))
    }

    /// Whether this role may be assigned at `scope`.
    pub fn assignable_at(&self, scope: &Scope) -> bool {
        self.assignable_scopes.iter().any(|s| s.contains(scope))
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters. Each piece between two stars is taken where it
/// comes first, since the last star can take whatever follows: a customer writes these patterns, and trying every place for
/// every star would take longer than anybody waits.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let (pieces, end) = tail.rsplit_once('*').unwrap_or(("", tail));
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    for piece in pieces.split('*') {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(actions: &[&str], not_actions: &[&str]) -> RoleDefinition {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        RoleDefinition {
            id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635".parse().unwrap(),
            name: "r".into(),
            custom: true,
            assignable_scopes: vec![Scope::canonical("/")],
            permissions: vec![PermissionBlock { actions: own(actions), not_actions: own(not_actions) }],
        }
    }

    #[test]
    fn a_role_that_can_grant_roles_is_known_by_its_permissions() {
        assert!(role(&["*"], &[]).can_grant_access());
        assert!(role(&["Microsoft.Authorization/*"], &[]).can_grant_access());
        assert!(role(&["microsoft.authorization/roleassignments/WRITE"], &[]).can_grant_access());
        assert!(role(&["*/write"], &[]).can_grant_access());
        assert!(!role(&["*"], &["Microsoft.Authorization/*/Write"]).can_grant_access());
        assert!(!role(&["*/read"], &[]).can_grant_access());
        assert!(role(&["*.Authorization/*Assignments/*te"], &[]).can_grant_access());
        assert!(!role(&["Microsoft.Authorization/roleAssignments/write*write"], &[]).can_grant_access());
        assert!(!role(&["Microsoft.Authorization/roleAssignments"], &[]).can_grant_access());
    }

    #[test]
    fn one_block_that_permits_it_is_enough_and_takes_back_only_its_own() {
        let both = |mut one: RoleDefinition, other: RoleDefinition| {
            one.permissions.extend(other.permissions);
            one
        };
        let reads = || role(&["*/read"], &["Microsoft.Authorization/*"]);
        assert!(both(reads(), role(&["*"], &[])).can_grant_access());
        assert!(both(role(&["*"], &[]), reads()).can_grant_access());
        assert!(!role(&[], &["Microsoft.Authorization/*"]).can_grant_access());
    }

    /// Tried: every place tried for every star → no end within a minute.
    #[test]
    fn a_pattern_of_many_stars_is_judged_at_once() {
        assert!(!role(&[&"*s".repeat(40), &"*e*".repeat(5_000)], &[]).can_grant_access());
        assert!(!role(&[&("*".repeat(40) + "x")], &[]).can_grant_access());
        assert!(role(&[&("*".repeat(60_000) + "write")], &[]).can_grant_access());
    }
}
