//! What keeps an operation from being carried out, and what a reader should know besides.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::plan::operation::OperationId;

/// Operations that wait for a human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Which rule holds them.
    pub code: HoldCode,
    /// The operations it holds.
    pub operations: BTreeSet<OperationId>,
    /// What was counted.
    pub measured: usize,
    /// How much is allowed.
    pub limit: usize,
    /// What and why, with the numbers.
    pub text: String,
    /// What to do.
    pub hint: String,
}

/// The rules that hold operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldCode {
    /// Too many removals from one group.
    GroupMembers,
    /// Too many memberships removed at one customer.
    CustomerMembers,
    /// Too many assignments deleted at one customer.
    CustomerAssignments,
    /// Too many guests deleted at one customer.
    CustomerGuests,
    /// Too many groups deleted at one customer.
    CustomerGroups,
    /// Too many invitations at one customer.
    CustomerInvitations,
    /// Too many memberships removed over all customers.
    FleetMembers,
    /// Too many assignments deleted over all customers.
    FleetAssignments,
    /// Too many guests deleted over all customers.
    FleetGuests,
    /// Too many groups deleted over all customers.
    FleetGroups,
    /// Too many invitations over all customers.
    FleetInvitations,
    /// Too many leavers at once.
    FleetLeavers,
    /// Too many offboardings start at once.
    OffboardingsPerDay,
    /// A partner group would shrink too much everywhere.
    SourceShrink,
    /// A person in more tenants than allowed.
    TenantsPerPerson,
    /// More objects in the tenant than allowed.
    ObjectsPerTenant,
    /// More role assignments than the subscription can hold.
    AssignmentsPerSubscription,
    /// Somebody else claims a group or removed what we made.
    Contested,
    /// The policy holds removals of undeclared staff.
    StrayStaff,
}

impl HoldCode {
    /// Whether an `Override` document releases it: the limits on how much may change at once, which say that somebody
    /// should look first. What the services themselves end at does not pass because somebody looked, and what is contested
    /// or nobody declared is settled with the customer or in the files.
    pub fn is_releasable(self) -> bool {
        match self {
            Self::GroupMembers
            | Self::CustomerMembers
            | Self::CustomerAssignments
            | Self::CustomerGuests
            | Self::CustomerGroups
            | Self::CustomerInvitations
            | Self::FleetMembers
            | Self::FleetAssignments
            | Self::FleetGuests
            | Self::FleetGroups
            | Self::FleetInvitations
            | Self::FleetLeavers
            | Self::OffboardingsPerDay
            | Self::SourceShrink => true,
            Self::TenantsPerPerson
            | Self::ObjectsPerTenant
            | Self::AssignmentsPerSubscription
            | Self::Contested
            | Self::StrayStaff => false,
        }
    }
}

/// An operation that must not be carried out, and what depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which rule refuses.
    pub code: RefusalCode,
    /// The operations it strikes; empty where it kept one from being planned.
    pub operations: BTreeSet<OperationId>,
    /// What was counted; 0 where nothing is.
    pub measured: usize,
    /// How much is allowed; 0 where nothing is.
    pub limit: usize,
    /// What and why.
    pub text: String,
    /// What to do.
    pub hint: String,
}

/// The rules that refuse operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefusalCode {
    /// A role that Policy does not know.
    RoleNotInPolicy,
    /// A role that can grant roles, or is marked so, for a mapping whose memberships don't all end.
    PrivilegedRole,
    /// A scope outside the customer.
    ScopeOutsideCustomer,
    /// A role that may not be assigned at that scope or does not exist in that tenant.
    RoleNotAssignable,
    /// A role our own principal's condition does not allow.
    ControllerCondition,
    /// A person outside the staff domains.
    NotStaff,
    /// A delegated admin must never be a guest.
    DelegatedAdmin,
    /// An object that Policy protects, or our own principal.
    Protected,
    /// A row with a condition that somebody else wrote.
    ForeignCondition,
    /// A locked scope.
    Locked,
    /// A group whose members must not be managed.
    Unmanageable,
}

/// Something that could not be read, and what that freezes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Why.
    pub code: GapCode,
    /// Of what.
    pub of: String,
    /// What is not decided because of it, in words.
    pub freezes: String,
    /// What was asked for and what came back.
    pub text: String,
    /// The right of ours whose loss this is, where it is one.
    pub lost: Option<Right>,
}

/// A right in a customer's tenant that everything there depends on, and that only the customer can give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Right {
    /// To be known there at all.
    Consent,
    /// To sign in.
    SignIn,
    /// To read groups, members and users.
    Directory,
    /// To see subscriptions and their role assignments.
    Azure,
}

impl Right {
    /// What brings it back.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Consent => "an administrator of the customer consents to our application again",
            Self::SignIn => {
                "an administrator of the customer lets our application through the rules for signing in"
            }
            Self::Directory => {
                "our application needs GroupMember.Read.All and User.Read.All: an administrator of the customer consents to them again"
            }
            Self::Azure => {
                "our application needs Role Based Access Control Administrator on the subscriptions: their owner assigns it again"
            }
        }
    }
}

/// The reasons for gaps: those of a failed read, and those of a read that proves too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GapCode {
    /// The credential itself is refused.
    CredentialRefused,
    /// Our application has no consent there.
    ConsentMissing,
    /// No such tenant.
    TenantMissing,
    /// We may not read this.
    AccessDenied,
    /// The object asked for does not exist.
    NotFound,
    /// Too many requests for too long.
    Throttled,
    /// The service failed or did not answer.
    Unavailable,
    /// An answer that is not what the service promises.
    Malformed,
    /// A field that Graph withholds when a permission is missing.
    Withheld,
    /// Not who or what the files say.
    Mismatch,
    /// A person whose guest cannot be told: two candidates, or one that proves nothing.
    GuestConflict,
    /// Groups of ours without a ledger.
    LedgerMissing,
    /// A subscription that the files name and the tenant does not show, or shows in another tenant.
    SubscriptionMissing,
}

impl GapCode {
    /// Whether the reading itself failed, so that the absence of anything proves nothing.
    pub fn is_failed_read(self) -> bool {
        match self {
            Self::CredentialRefused
            | Self::ConsentMissing
            | Self::TenantMissing
            | Self::AccessDenied
            | Self::Throttled
            | Self::Unavailable
            | Self::Malformed
            | Self::Withheld => true,
            Self::NotFound
            | Self::Mismatch
            | Self::GuestConflict
            | Self::LedgerMissing
            | Self::SubscriptionMissing => false,
        }
    }
}

/// Something a reader should know that no operation answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The kind.
    pub code: FindingCode,
    /// About what.
    pub of: String,
    /// In words.
    pub text: String,
    /// What to do, where there is something.
    pub hint: Option<String>,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FindingCode {
    /// A group that carries our mark and does not prove it by its unique name.
    NotProvenOurs,
    /// Our row, to which somebody else added a condition.
    ForeignCondition,
    /// A declared person's guest that is not in the ledger.
    UnclaimedGuest,
    /// A member of a group of ours that is not staff.
    ForeignMember,
    /// An assignment on a group of ours that we did not make.
    ExtraAssignment,
    /// A role that can grant roles, on a group whose members we keep, and not given by us.
    ExtraPrivilegedRole,
    /// An assignment whose name is ours, on a group that is ours no more.
    StrayAssignment,
    /// A declared assignment that exists under a name that is not ours.
    SatisfiedByOther,
    /// A declared assignment that is missing and only reported.
    MissingAssignment,
    /// A subscription that no file names.
    UndeclaredSubscription,
    /// A subscription where rows can be deleted but none made.
    SubscriptionDisabled,
    /// The Owner row of `AdminAgents` is missing.
    AdminAgentsOwnerMissing,
    /// A delegated admin who already is in a group of ours.
    DelegatedAdminInside,
    /// The partner says there is no GDAP.
    GdapNotRead,
    /// A guest of ours in none of our groups for long.
    IdleGuest,
    /// A guest kept because something else uses it, or because the files say so.
    GuestKept,
    /// A person in many tenants.
    ManyTenants,
    /// Many objects in the tenant.
    ManyObjects,
    /// A grant that has not begun, with what it will give.
    GrantAhead,
    /// An offboarding that lies ahead, with what it will remove.
    OffboardingAhead,
    /// What an offboarding leaves, because it never was ours.
    Remains,
    /// A customer marked `offboarded` where something of ours is left.
    LeftBehind,
    /// A guest of ours who has not accepted for long.
    NeverAccepted,
    /// A partner group holds something other than people.
    NotAPerson,
    /// Held changes that an `Override` released.
    Released,
    /// An `Override` that ends too far ahead to release anything yet.
    OverrideTooLong,
    /// Something we made moments ago that is not visible yet: it is not made again.
    Settling,
    /// An `Override` for a held customer that names another plan.
    OverrideOfAnotherPlan,
    /// An `Override` that named this held plan, and has ended.
    OverrideEnded,
}
