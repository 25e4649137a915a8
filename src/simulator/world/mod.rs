//! A world: every tenant, person, group and subscription the simulator starts with, as people write it in JSON.

mod client;
mod permissions;
mod user;
mod group;
mod policies;
mod gdap;
mod azure;
mod check;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use azure::{
    Assignment, ControllerCondition, CustomRole, DenyAssignment, Lock, LockLevel, Subscription,
    SubscriptionState,
};
pub use client::{Client, Cloud, Federated, IdentityKind, ManagedIdentity, SignIn, SigningKey};
pub use gdap::{AccessAssignment, Relationship};
pub use group::Group;
pub use permissions::{Level, PARTNER_PERMISSIONS};
pub use policies::{Capacity, GroupDeletion, InvitePolicy, Policies};
pub use user::{AppRoleAssignment, Identity, OtherObject, OwnedObject, User, mangled_name};

/// Everything the simulator knows at its start; a snapshot has the same shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct World {
    /// The version of this format: 1.
    pub version: u32,
    /// What the simulator's clock shows at its start.
    pub clock: Timestamp,
    /// How long a write stays unseen by readers.
    pub lag: Lag,
    /// How many tenants one person may belong to, her own among them.
    pub tenants_per_person: usize,
    /// Forces pages of at most this size (and now and then an empty one); the services' own defaults without it.
    pub page_size: Option<usize>,
    /// Whether too many requests are refused.
    pub quotas: Quotas,
    /// Which cloud it stands for.
    pub cloud: Cloud,
    /// The partner's application registration.
    pub client: Client,
    /// Identities that Azure gives to the partner's machines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub managed_identities: Vec<ManagedIdentity>,
    /// What App Service wants to see in `X-IDENTITY-HEADER`.
    pub identity_header: String,
    /// The partner's own tenant.
    pub partner: Partner,
    /// The customers' tenants.
    pub customers: Vec<Customer>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            version: 1,
            clock: "2030-01-01T00:00:00Z".parse().expect("a literal timestamp parses"),
            lag: Lag::default(),
            tenants_per_person: 500,
            page_size: None,
            quotas: Quotas::default(),
            cloud: Cloud::default(),
            client: Client::default(),
            managed_identities: Vec::new(),
            identity_header: "simulated-identity-header".to_owned(),
            partner: Partner::default(),
            customers: Vec::new(),
        }
    }
}

impl World {
    /// The customer of that name.
    pub fn customer(&self, name: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.name == name)
    }

    /// The customer of that name, to be changed.
    pub fn customer_mut(&mut self, name: &str) -> Option<&mut Customer> {
        self.customers.iter_mut().find(|customer| customer.name == name)
    }
}

/// Bounds of the replica lag in seconds; every (object, index) pair draws its own delay between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Lag {
    /// No write is seen earlier.
    pub min_seconds: f64,
    /// Every write is seen by then.
    pub max_seconds: f64,
}

/// Whether the services keep their published quotas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Quotas {
    /// Exactly, on the simulator's clock.
    #[default]
    Real,
    /// Nothing is ever too much.
    Off,
}

/// The partner's tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Partner {
    /// Its tenant id.
    pub tenant_id: Uuid,
    /// Its verified domain.
    pub domain: String,
    /// What the application may do there; without any entry the application does not exist there.
    pub consent: BTreeSet<String>,
    /// Its people.
    pub users: Vec<User>,
    /// Its groups; the one called `AdminAgents` is Owner of every subscription.
    pub groups: Vec<Group>,
    /// Its users among the deleted items.
    pub deleted: Vec<User>,
    /// Its groups among the deleted items.
    pub deleted_groups: Vec<Group>,
    /// Directory objects that are neither users nor groups.
    pub objects: Vec<OtherObject>,
    /// What it allows in its tenant, and of what its customers want from it.
    pub policies: Policies,
    /// Its granular delegated admin relationships.
    pub gdap: Vec<Relationship>,
}

impl Default for Partner {
    fn default() -> Self {
        Self {
            tenant_id: Uuid::nil(),
            domain: String::new(),
            consent: PARTNER_PERMISSIONS.iter().map(ToString::to_string).collect(),
            users: Vec::new(),
            groups: Vec::new(),
            deleted: Vec::new(),
            deleted_groups: Vec::new(),
            objects: Vec::new(),
            policies: Policies::default(),
            gdap: Vec::new(),
        }
    }
}

/// One customer's tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Customer {
    /// The name used by faults, request counts and tests.
    pub name: String,
    /// Its tenant id.
    pub tenant_id: Uuid,
    /// Its verified domain.
    pub domain: String,
    /// The domain it was created with, the suffix of guests' user principal names; `<label>.onmicrosoft.com` by default.
    pub initial_domain: Option<String>,
    /// What the application may do there: a list of permissions, or the name of a [`Level`]. Empty or `none`: no consent.
    #[serde(deserialize_with = "permissions::read_customer")]
    #[schemars(with = "permissions::Written")]
    pub consent: BTreeSet<String>,
    /// The application that acts here in place of the partner's; `consent` is its consent then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<Client>,
    /// Whether that application may sign in.
    #[serde(skip_serializing_if = "SignIn::is_allowed")]
    pub sign_in: SignIn,
    /// Its users, guests included.
    pub users: Vec<User>,
    /// Its groups.
    pub groups: Vec<Group>,
    /// Its users among the deleted items.
    pub deleted: Vec<User>,
    /// Its groups among the deleted items.
    pub deleted_groups: Vec<Group>,
    /// Directory objects that are neither users nor groups.
    pub objects: Vec<OtherObject>,
    /// What it allows in its tenant.
    pub policies: Policies,
    /// How much it may hold.
    pub capacity: Capacity,
    /// Whether it uses Microsoft 365; without it, properties of mailboxes make a read of a group fail.
    pub microsoft365: bool,
    /// Role template ids of the directory roles the application's own service principal holds.
    pub application_roles: BTreeSet<Uuid>,
    /// The domain that the partner's contract names: the one of the start by default, whatever became of it.
    pub contract_domain: Option<String>,
    /// Its custom roles.
    pub role_definitions: Vec<CustomRole>,
    /// The condition on the application's own role assignment; without it none.
    pub controller_condition: Option<ControllerCondition>,
    /// Its Azure subscriptions.
    pub subscriptions: Vec<Subscription>,
}

impl Default for Customer {
    fn default() -> Self {
        Self {
            name: String::new(),
            tenant_id: Uuid::nil(),
            domain: String::new(),
            initial_domain: None,
            consent: Level::Lifecycle.permissions(),
            app: None,
            sign_in: SignIn::default(),
            users: Vec::new(),
            groups: Vec::new(),
            deleted: Vec::new(),
            deleted_groups: Vec::new(),
            objects: Vec::new(),
            policies: Policies::default(),
            capacity: Capacity::default(),
            microsoft365: false,
            application_roles: BTreeSet::new(),
            contract_domain: None,
            role_definitions: Vec::new(),
            controller_condition: None,
            subscriptions: Vec::new(),
        }
    }
}

impl Customer {
    /// The user of that id.
    pub fn user_mut(&mut self, id: Uuid) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// The group of that id.
    pub fn group_mut(&mut self, id: Uuid) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    /// The subscription of that id.
    pub fn subscription_mut(&mut self, id: Uuid) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| subscription.id == id)
    }
}
