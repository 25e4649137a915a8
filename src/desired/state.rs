//! What the files ask for, resolved: templates expanded, aliases replaced by ids, defaults filled in, every value with the
//! place it came from.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::address::{Address, Domain};
use crate::model::cloud::Cloud;
use crate::model::ids::{ClientId, ObjectId, PersonId, RoleId, SubscriptionId, TenantId};
use crate::model::invitation::InvitationMail;
use crate::model::names::{
    Alias, CustomerName, GrantName, GroupName, MappingKey, OverrideName, PartnerName, RoleName, TemplateName,
};
use crate::model::origin::Origin;
use crate::model::role::Role;
use crate::model::scope::Scope;

/// A whole desired-state directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredState {
    /// The partner.
    pub partner: Partner,
    /// The rules for everything.
    pub policy: Policy,
    /// The partner groups.
    pub groups: BTreeMap<GroupName, PartnerGroup>,
    /// The customers.
    pub customers: BTreeMap<CustomerName, Customer>,
    /// Releases of held plans, one entry per customer and digest.
    pub overrides: Vec<Override>,
    /// The kill switch: the text of a file `STOP` at the root.
    pub stop: Option<String>,
}

impl DesiredState {
    /// Everybody whom the files name by id, as often as they do: members of listed groups and holders of grants.
    pub fn people_named(&self) -> impl Iterator<Item = &PersonRef> {
        let listed = self.groups.values().flat_map(|group| group.source.listed());
        let grants = self.customers.values().flat_map(|customer| customer.grants.values());
        listed.chain(grants.map(|grant| &grant.person))
    }
}

/// The partner and its tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Its name.
    pub name: PartnerName,
    /// Its tenant; only ever read.
    pub tenant: TenantId,
    /// Verified domains of the partner tenant; nobody with an address elsewhere is invited.
    pub staff_domains: BTreeSet<Domain>,
    /// The group `AdminAgents`.
    pub admin_agents: ObjectId,
    /// The group `HelpdeskAgents`.
    pub helpdesk_agents: ObjectId,
    /// Which cloud.
    pub cloud: Cloud,
    /// How delegated administration is known.
    pub gdap: Gdap,
    /// The application that acts, if the files name it.
    pub client_id: Option<ClientId>,
    /// Where the document starts.
    pub origin: Origin,
}

/// How groupsync learns who holds delegated administration through GDAP.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Gdap {
    /// From Graph, in the partner tenant.
    #[default]
    Read,
    /// The partner says there is none; every plan repeats it.
    Off,
    /// These groups of the partner tenant hold it, at every customer.
    Groups(BTreeSet<ObjectId>),
}

/// A partner group: the source of memberships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerGroup {
    /// Its name.
    pub name: GroupName,
    /// The team that answers for it.
    pub owner: Option<String>,
    /// Who is in it.
    pub source: Source,
    /// Where the document starts.
    pub origin: Origin,
}

/// Where the members of a partner group come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The file lists them: the list is the group.
    Listed(BTreeMap<PersonId, Listed>),
    /// A group of the partner tenant, read live.
    Entra(EntraGroup),
}

impl Source {
    /// The people that the files list; none for a group that is read live.
    pub fn listed(&self) -> impl Iterator<Item = &PersonRef> {
        let members = match self {
            Self::Listed(members) => Some(members.values()),
            Self::Entra(_) => None,
        };
        members.into_iter().flatten().map(|listed| &listed.person)
    }
}

/// A person in a listed partner group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Who, by both names.
    pub person: PersonRef,
    /// From when on she no longer is in it.
    pub expires: Option<Timestamp>,
}

/// A person as files name her: the object id decides, the address is cross-checked against it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonRef {
    /// The object id in the partner tenant.
    pub id: PersonId,
    /// The address written beside it.
    pub address: Address,
    /// Where.
    pub origin: Origin,
}

/// A live source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraGroup {
    /// Which group of the partner tenant.
    pub id: ObjectId,
    /// What it must be called there.
    pub display_name: String,
    /// What to do about groups nested in it.
    pub nested: Nested,
    /// Fewer members than this is a gap, not a group that shrank.
    pub min_members: usize,
    /// Where the group is named.
    pub origin: Origin,
}

/// What to do about groups nested in a live source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Nested {
    /// Their members count as members.
    #[default]
    Flatten,
    /// A nested group makes the source unreadable.
    Refuse,
}

/// A customer in effect: its own file, its templates, its grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its name, equal to its folder.
    pub name: CustomerName,
    /// Its tenant: the identity of a customer.
    pub tenant: TenantId,
    /// A domain that must resolve to that tenant.
    pub verify_domain: Option<Domain>,
    /// What may be done there.
    pub state: State,
    /// What `{customer}` stands for in group names.
    pub name_in_groups: String,
    /// Its subscriptions.
    pub subscriptions: BTreeMap<Alias, DeclaredSubscription>,
    /// Templates it takes part in, as written.
    pub templates: Vec<TemplateName>,
    /// Its drift rules, Policy's filled in.
    pub drift: Drift,
    /// Custom roles of that tenant by name; tier always as a standard role's unless its permissions say otherwise.
    pub roles: BTreeMap<RoleName, RoleId>,
    /// The application of the customer's own that acts there, instead of the partner's.
    pub customer_app: Option<ClientId>,
    /// How it is left. Always there for [`State::Offboard`].
    pub offboard: Option<Offboard>,
    /// Recreate a ledger that is missing although groups of ours exist.
    pub reassert_ledger: bool,
    /// Whether a missing Owner row of `AdminAgents` is reported.
    pub admin_agents_owner: AdminAgentsOwner,
    /// Its mappings, templates expanded.
    pub mappings: BTreeMap<MappingKey, Mapping>,
    /// Its grants, past ones included.
    pub grants: BTreeMap<GrantName, Grant>,
    /// Where the document starts.
    pub origin: Origin,
    /// Where its state is set, or where the document starts.
    pub state_origin: Origin,
}

impl Customer {
    /// A scope as this customer's files write it, `subscriptions/prod/…`; as Azure does where they name no such subscription.
    pub fn written(&self, scope: &Scope) -> String {
        let named = scope.subscription_id().and_then(|id| {
            let (alias, _) = self.subscriptions.iter().find(|(_, declared)| declared.id == id)?;
            let rest = scope.as_str().strip_prefix(Scope::subscription(id).as_str())?;
            Some(format!("subscriptions/{alias}{}", rest.replacen("/resourcegroups/", "/resourceGroups/", 1)))
        });
        named.unwrap_or_else(|| scope.to_string())
    }
}

/// What may be done at a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Differences are listed, nothing is written.
    #[default]
    Observe,
    /// Everything.
    Enforce,
    /// Withdrawals only.
    Suspend,
    /// Everything of ours goes, from `offboard.notBefore` on; as enforce until then.
    Offboard,
    /// Nothing is written and missing consent is expected.
    Offboarded,
}

/// How a customer is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offboard {
    /// From when on; at once where the file says nothing.
    pub not_before: Option<Timestamp>,
    /// What becomes of the guests we invited and nothing else uses.
    pub guests: OffboardGuests,
    /// Why.
    pub reason: Option<String>,
    /// Under which ticket.
    pub ticket: Option<String>,
    /// Where.
    pub origin: Origin,
}

/// What becomes of guests when a customer is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OffboardGuests {
    /// Those we invited go, unless something else uses them.
    #[default]
    Delete,
    /// All stay.
    Keep,
}

/// Whether a missing Owner row of `AdminAgents` is a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AdminAgentsOwner {
    /// It is, with the command that the customer runs.
    #[default]
    Report,
    /// It is not.
    Ignore,
}

/// A subscription of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredSubscription {
    /// Which one.
    pub id: SubscriptionId,
    /// Where.
    pub origin: Origin,
}

/// A partner group at one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its key at this customer.
    pub key: MappingKey,
    /// The key under which its group was created, after a rename. Never changes again.
    pub was: Option<MappingKey>,
    /// The display name of its group.
    pub display_name: String,
    /// The partner group it carries; none if only grants fill it.
    pub from: Option<GroupName>,
    /// A group that existed before, taken over on purpose.
    pub adopt: Option<ObjectId>,
    /// Restore what the customer removed.
    pub reassert: bool,
    /// The roles its group holds.
    pub roles: Vec<RoleAtScope>,
    /// Where the mapping starts.
    pub origin: Origin,
}

impl Mapping {
    /// The key its group's unique name derives from: that of its creation.
    pub fn identity(&self) -> &MappingKey {
        self.was.as_ref().unwrap_or(&self.key)
    }
}

/// A role at one scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleAtScope {
    /// Where, resolved.
    pub scope: Scope,
    /// What.
    pub role: Role,
    /// Where, as written: `subscriptions/prod/resourceGroups/rg-app`, with `*` replaced by the alias.
    pub written: String,
    /// Where it is said.
    pub origin: Origin,
}

/// A membership with a start and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name.
    pub name: GrantName,
    /// The mapping it gives.
    pub mapping: MappingKey,
    /// To whom.
    pub person: PersonRef,
    /// From when on.
    pub not_before: Timestamp,
    /// Until just before.
    pub expires: Timestamp,
    /// Why.
    pub reason: String,
    /// Under which ticket.
    pub ticket: Option<String>,
    /// What else ends with it.
    pub on_expiry: OnExpiry,
    /// Where the document starts.
    pub origin: Origin,
}

impl Grant {
    /// Whether it gives access at `now`: in `[not_before, expires)`.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.not_before <= now && now < self.expires
    }
}

/// What ends with a grant besides the membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnExpiry {
    /// Nothing.
    #[default]
    RemoveMembership,
    /// The guest, if we invited it and nothing else uses it.
    DeleteGuest,
}

/// The rules for everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The only roles that exist for these files.
    pub roles: BTreeMap<RoleName, Role>,
    /// How much may change at once.
    pub limits: Limits,
    /// The longest a grant may last.
    pub grant_max_duration: SignedDuration,
    /// In how many tenants one person may be.
    pub tenants_per_person: Threshold,
    /// How many objects we may keep in one tenant; none where the principal holds an admin role.
    pub objects_per_tenant: Option<Threshold>,
    /// What happens to what nobody declared.
    pub drift: Drift,
    /// Whether Microsoft mails the invited.
    pub invitation_mail: InvitationMail,
    /// What happens to guests of ours in none of our groups.
    pub idle_guests: IdleGuests,
    /// A guest of ours who has not accepted for this long is reported.
    pub pending_after: SignedDuration,
    /// What else becomes of her invitation.
    pub pending_action: PendingAction,
    /// Objects never removed or altered, whatever the difference says.
    pub protected: BTreeSet<ObjectId>,
    /// Where the document starts.
    pub origin: Origin,
}

/// A number to warn at and one to refuse at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Threshold {
    /// A finding from here on.
    pub warn: usize,
    /// Held above this.
    pub refuse: usize,
}

/// Guests in the ledger, in none of our groups, created and last changed at least `after` ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdleGuests {
    /// How long ago.
    pub after: SignedDuration,
    /// What becomes of them.
    pub action: IdleAction,
}

/// What becomes of idle guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum IdleAction {
    /// A finding.
    #[default]
    Report,
    /// Deleted, with every proof that any deletion needs.
    DeleteInvitedByUs,
}

/// What becomes of an invitation that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PendingAction {
    /// A finding.
    #[default]
    Report,
    /// Microsoft mails it once more, where a journal knows that this was not done before.
    MailOnce,
}

/// What happens to what nobody declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Drift {
    /// The customer's own people in our groups: report or remove.
    pub foreign_members: ForeignMembers,
    /// Staff nobody declared: remove or hold.
    pub stray_staff: StrayStaff,
    /// Assignments on our groups that we did not make: report or remove.
    pub extra_assignments: ExtraAssignments,
    /// Assignments that are gone: restore or report.
    pub missing_assignments: MissingAssignments,
}

/// Foreign members of our groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ForeignMembers {
    /// A finding.
    #[default]
    Report,
    /// Removed.
    Remove,
}

/// Staff nobody declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum StrayStaff {
    /// Removed.
    #[default]
    Remove,
    /// The removal is held.
    Hold,
}

/// Assignments on our groups that we did not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ExtraAssignments {
    /// A finding.
    #[default]
    Report,
    /// Removed.
    Remove,
}

/// Assignments that are declared and not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MissingAssignments {
    /// Made, unless contested.
    #[default]
    Restore,
    /// A finding.
    Report,
}

/// How much may change at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Removals from one group.
    pub group_members: Limit,
    /// At one customer.
    pub customer: Counts,
    /// Over all customers.
    pub fleet: Counts,
    /// Leavers over all customers, in people.
    pub fleet_leavers: Limit,
    /// Customers whose offboarding may start on one day.
    pub offboardings_per_day: usize,
    /// Removals one partner group may cause everywhere.
    pub source_shrink: Limit,
}

/// Limits by kind of removal, and on invitations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Memberships removed.
    pub members: Limit,
    /// Role assignments deleted.
    pub assignments: Limit,
    /// Guests deleted.
    pub guests: Limit,
    /// Groups deleted.
    pub groups: Limit,
    /// Invitations sent.
    pub invitations: usize,
}

/// Allowed: the larger of `floor` and `percent` of what we manage there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// Percent of what is managed now, 0 to 100.
    pub percent: u32,
    /// Allowed in any case.
    pub floor: usize,
}

impl Limit {
    /// How many of `managed` may go.
    pub fn allowed(self, managed: usize) -> usize {
        self.floor.max(managed * self.percent as usize / 100)
    }
}

/// A release of one customer's held plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Its name.
    pub name: OverrideName,
    /// Whose plan.
    pub customer: CustomerName,
    /// The plan's digest, as `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Until just before when it counts.
    pub expires: Timestamp,
    /// Why.
    pub reason: String,
    /// Where the document starts.
    pub origin: Origin,
}
