//! The built-in roles, the same in every tenant.

use uuid::{Uuid, uuid};

use crate::simulator::world::CustomRole;

/// Owner.
pub(in crate::simulator) const OWNER: Uuid = uuid!("8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
/// User Access Administrator.
pub(super) const USER_ACCESS_ADMINISTRATOR: Uuid = uuid!("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9");
/// Role Based Access Control Administrator.
pub(in crate::simulator) const RBAC_ADMINISTRATOR: Uuid = uuid!("f58310d9-a9f6-439a-9e8d-f62e7b41a168");

/// A built-in role: GUID, name, description, and what it allows.
pub(super) struct BuiltIn {
    pub(super) id: Uuid,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) actions: &'static [&'static str],
    pub(super) not_actions: &'static [&'static str],
    pub(super) data_actions: &'static [&'static str],
}

const fn role(
    id: Uuid,
    name: &'static str,
    description: &'static str,
    actions: &'static [&'static str],
) -> BuiltIn {
    BuiltIn { id, name, description, actions, not_actions: &[], data_actions: &[] }
}

const fn data_role(
    id: Uuid,
    name: &'static str,
    description: &'static str,
    actions: &'static [&'static str],
    data_actions: &'static [&'static str],
) -> BuiltIn {
    BuiltIn { id, name, description, actions, not_actions: &[], data_actions }
}

/// All of them the simulator knows.
pub(super) const ROLES: [BuiltIn; 27] = [
    role(OWNER, "Owner", "Full access to all resources, including the right to assign roles.", &["*"]),
    BuiltIn {
        id: uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c"),
        name: "Contributor",
        description: "Full access to all resources, but no right to assign roles.",
        actions: &["*"],
        not_actions: &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
        ],
        data_actions: &[],
    },
    role(
        uuid!("acdd72a7-3385-48ef-bd42-f606fba81ae7"),
        "Reader",
        "Sees all resources and changes none.",
        &["*/read"],
    ),
    role(
        USER_ACCESS_ADMINISTRATOR,
        "User Access Administrator",
        "Manages who has access to resources.",
        &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
    ),
    role(
        RBAC_ADMINISTRATOR,
        "Role Based Access Control Administrator",
        "Manages access to resources by assigning roles.",
        &[
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ],
    ),
    role(
        uuid!("a8889054-8d42-49c9-bc1c-52486c10e7cd"),
        "Reservations Administrator",
        "Reads and manages all reservations of a tenant, and assigns roles on them.",
        &[
            "Microsoft.Capacity/*/read",
            "Microsoft.Capacity/*/action",
            "Microsoft.Capacity/*/write",
            "Microsoft.Authorization/roleAssignments/read",
            "Microsoft.Authorization/roleDefinitions/read",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
        ],
    ),
    role(
        uuid!("5e467623-bb1f-42f4-a55d-6e525e11384b"),
        "Backup Contributor",
        "Manages backups, but deletes no vaults and gives nobody access.",
        &["Microsoft.RecoveryServices/Vaults/*", "Microsoft.Authorization/*/read", "Microsoft.Support/*"],
    ),
    role(
        uuid!("00c29273-979b-4161-815c-10b084fb9324"),
        "Backup Operator",
        "Manages backups, except for removing them and creating vaults.",
        &[
            "Microsoft.Authorization/*/read",
            "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/backup/action",
            "Microsoft.RecoveryServices/Vaults/backupFabrics/protectionContainers/protectedItems/read",
            "Microsoft.RecoveryServices/Vaults/backupJobs/*",
            "Microsoft.Support/*",
        ],
    ),
    role(
        uuid!("a795c7a0-d4a2-40c1-ae25-d81f01202912"),
        "Backup Reader",
        "Sees backups and changes none.",
        &["Microsoft.Authorization/*/read", "Microsoft.RecoveryServices/Vaults/*/read"],
    ),
    role(
        uuid!("9980e02c-c2be-4d73-94e8-173b1dc7cf3c"),
        "Virtual Machine Contributor",
        "Manages virtual machines, but not the networks and storage they use.",
        &["Microsoft.Authorization/*/read", "Microsoft.Compute/virtualMachines/*", "Microsoft.Support/*"],
    ),
    data_role(
        uuid!("1c0163c0-47e6-4577-8991-ea5c82e286e4"),
        "Virtual Machine Administrator Login",
        "Signs in to virtual machines as administrator.",
        &["Microsoft.Compute/virtualMachines/*/read"],
        &[
            "Microsoft.Compute/virtualMachines/login/action",
            "Microsoft.Compute/virtualMachines/loginAsAdmin/action",
        ],
    ),
    data_role(
        uuid!("fb879df8-f326-4884-b1cf-06f3ad86be52"),
        "Virtual Machine User Login",
        "Signs in to virtual machines as a user.",
        &["Microsoft.Compute/virtualMachines/*/read"],
        &["Microsoft.Compute/virtualMachines/login/action"],
    ),
    role(
        uuid!("4d97b98b-1d4f-4787-a291-c67834d212e7"),
        "Network Contributor",
        "Manages networks.",
        &["Microsoft.Authorization/*/read", "Microsoft.Network/*", "Microsoft.Support/*"],
    ),
    role(
        uuid!("befefa01-2a29-4197-83a8-272ff33ce314"),
        "DNS Zone Contributor",
        "Manages DNS zones and their records.",
        &["Microsoft.Authorization/*/read", "Microsoft.Network/dnsZones/*", "Microsoft.Support/*"],
    ),
    role(
        uuid!("b12aa53e-6015-4669-85d0-8515ebb3ae7f"),
        "Private DNS Zone Contributor",
        "Manages private DNS zones.",
        &["Microsoft.Authorization/*/read", "Microsoft.Network/privateDnsZones/*", "Microsoft.Support/*"],
    ),
    role(
        uuid!("17d1049b-9a84-46fb-8f53-869881c3d3ab"),
        "Storage Account Contributor",
        "Manages storage accounts, their keys included.",
        &["Microsoft.Authorization/*/read", "Microsoft.Storage/storageAccounts/*", "Microsoft.Support/*"],
    ),
    data_role(
        uuid!("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
        "Storage Blob Data Reader",
        "Reads blobs.",
        &["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
        &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
    ),
    data_role(
        uuid!("ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
        "Storage Blob Data Contributor",
        "Reads, writes and deletes blobs.",
        &["Microsoft.Storage/storageAccounts/blobServices/containers/*"],
        &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"],
    ),
    role(
        uuid!("43d0d8ad-25c7-4714-9337-8ba259a9fe05"),
        "Monitoring Reader",
        "Reads all monitoring data.",
        &["*/read", "Microsoft.OperationalInsights/workspaces/search/action", "Microsoft.Support/*"],
    ),
    role(
        uuid!("749f88d5-cbae-40b8-bcfc-e573ddc772fa"),
        "Monitoring Contributor",
        "Reads all monitoring data and changes monitoring settings.",
        &["*/read", "Microsoft.Insights/*", "Microsoft.Support/*"],
    ),
    role(
        uuid!("39bc4728-0917-49c7-9d2c-d95423bc2eb4"),
        "Security Reader",
        "Sees the state of security.",
        &["Microsoft.Authorization/*/read", "Microsoft.Security/*/read"],
    ),
    role(
        uuid!("fb1c8493-542b-48eb-b624-b4c8fea62acd"),
        "Security Admin",
        "Sees the state of security and changes its policies.",
        &[
            "Microsoft.Authorization/*/read",
            "Microsoft.Authorization/policyAssignments/*",
            "Microsoft.Security/*",
        ],
    ),
    role(
        uuid!("73c42c96-874c-492b-b04d-ab87d138a893"),
        "Log Analytics Reader",
        "Reads and searches all monitoring data.",
        &["*/read", "Microsoft.OperationalInsights/workspaces/analytics/query/action", "Microsoft.Support/*"],
    ),
    role(
        uuid!("72fafb9e-0641-4937-9268-a91bfd8191a3"),
        "Cost Management Reader",
        "Sees costs and budgets.",
        &["Microsoft.Consumption/*/read", "Microsoft.CostManagement/*/read", "Microsoft.Support/*"],
    ),
    role(
        uuid!("cfd33db0-3dd1-45e3-aa9d-cdbdf3b6f24e"),
        "Support Request Contributor",
        "Creates and manages support requests.",
        &[
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Support/*",
        ],
    ),
    role(
        uuid!("494ae006-db33-4328-bf46-533a6560a3ca"),
        "Site Recovery Operator",
        "Fails over and back, but manages nothing else of Site Recovery.",
        &["Microsoft.Authorization/*/read", "Microsoft.RecoveryServices/vaults/replicationJobs/*"],
    ),
    role(
        uuid!("91c1777a-f3dc-4fae-b103-61d183457e46"),
        "Managed Services Registration assignment Delete Role",
        "Lets the managing tenant remove its own delegation.",
        &[
            "Microsoft.ManagedServices/registrationAssignments/delete",
            "Microsoft.ManagedServices/registrationAssignments/read",
        ],
    ),
];

/// What a role allows, built in or the customer's own; nothing if the tenant has no such role.
pub(super) fn find(id: Uuid, custom: &[CustomRole]) -> Option<Permissions<'_>> {
    if let Some(role) = ROLES.iter().find(|role| role.id == id) {
        return Some(Permissions::BuiltIn(role));
    }
    custom.iter().find(|role| role.id == id).map(Permissions::Custom)
}

/// A role of either kind.
#[derive(Clone, Copy)]
pub(super) enum Permissions<'a> {
    BuiltIn(&'static BuiltIn),
    Custom(&'a CustomRole),
}

impl Permissions<'_> {
    /// Whether the role allows an action of the control plane.
    pub(super) fn allows(self, action: &str) -> bool {
        match self {
            Self::BuiltIn(role) => allows(role.actions, role.not_actions, action),
            Self::Custom(role) => allows(&role.actions, &role.not_actions, action),
        }
    }
}

/// Whether patterns name an action, and none of the others takes it back.
pub(super) fn allows<T: AsRef<str>>(actions: &[T], not_actions: &[T], action: &str) -> bool {
    let any = |patterns: &[T]| patterns.iter().any(|pattern| matches(pattern.as_ref(), action));
    any(actions) && !any(not_actions)
}

/// Whether a pattern with at most a few stars fits an action.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else { return false };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, action, fits) in [
            ("*", "Microsoft.Authorization/roleAssignments/write", true),
            ("*/read", "Microsoft.Authorization/roleAssignments/read", true),
            ("*/read", "Microsoft.Authorization/roleAssignments/write", false),
            ("Microsoft.Authorization/*/Write", "microsoft.authorization/roleassignments/write", true),
            (
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/write",
                true,
            ),
            (
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete",
                false,
            ),
        ] {
            assert_eq!(matches(pattern, action), fits, "{pattern} against {action}");
        }
    }

    #[test]
    fn contributors_assign_no_roles() {
        let contributor = find(uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c"), &[]).expect("built in");
        assert!(contributor.allows("Microsoft.Compute/virtualMachines/write"));
        assert!(!contributor.allows("Microsoft.Authorization/roleAssignments/write"));
    }
}
