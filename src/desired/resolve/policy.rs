//! Policy with its defaults.

use jiff::SignedDuration;

use crate::desired::documents::Doc;
use crate::desired::given::{Form, Given, Optional};
use crate::desired::problems::Problems;
use crate::desired::resolve::catalog::GRANT_MAX_DURATION;
use crate::desired::schema::PolicyName;
use crate::desired::schema::leaf::Count;
use crate::desired::schema::policy::{
    CustomerLimitsSpec, DriftSpec, FleetLimitsSpec, LimitSpec, LimitsSpec, PolicySpec, RoleSpec,
    ThresholdSpec,
};
use crate::desired::state::{Counts, Drift, IdleAction, IdleGuests, Limit, Limits, Policy, Threshold};
use crate::model::ids::RoleId;
use crate::model::names::RoleName;
use crate::model::role::{Role, Tier};

/// How long a guest is in none of our groups before it counts as idle.
const IDLE_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long an invitation waits before somebody should ask.
const PENDING_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Policy in effect.
pub(super) fn policy(doc: &Doc<PolicyName, PolicySpec>, problems: &Problems<'_>) -> Option<Policy> {
    let spec = doc.spec.get()?;
    let roles = spec.roles.get()?;
    let idle = spec.idle_guests.value();
    let pending = spec.pending_invitations.value();
    Some(Policy {
        roles: roles.iter().filter_map(|(name, _, given)| Some((name.clone(), role(name, given)?))).collect(),
        limits: limits(spec.limits.value()),
        grant_max_duration: spec.grant_max_duration.value().map_or(GRANT_MAX_DURATION, |d| d.0),
        tenants_per_person: threshold(spec.tenants_per_person.value(), Threshold { warn: 400, refuse: 490 }),
        objects_per_tenant: match spec.objects_per_tenant.value() {
            Some(Form::Short(_)) => None,
            Some(Form::Long(long)) => Some(threshold(Some(long), OBJECTS_PER_TENANT)),
            None => Some(OBJECTS_PER_TENANT),
        },
        drift: drift(spec.drift.as_ref(), Drift::default()),
        invitation_mail: spec.invitations.value().and_then(|i| i.mail.value()).copied().unwrap_or_default(),
        idle_guests: IdleGuests {
            after: idle.and_then(|i| i.after.value()).map_or(IDLE_AFTER, |d| d.0),
            action: idle.and_then(|i| i.action.value()).copied().unwrap_or(IdleAction::Report),
        },
        pending_after: pending.and_then(|p| p.after.value()).map_or(PENDING_AFTER, |d| d.0),
        pending_action: pending.and_then(|p| p.action.value()).copied().unwrap_or_default(),
        protected: spec.protected.value().into_iter().flatten().filter_map(|id| id.get().copied()).collect(),
        origin: problems.sources().origin(doc.start),
    })
}

/// Entra lets a principal without an admin role own 250 objects in a tenant.
const OBJECTS_PER_TENANT: Threshold = Threshold { warn: 200, refuse: 240 };

/// A role of Policy, unless it is malformed.
pub(super) fn role(name: &RoleName, given: &Given<Form<RoleId, RoleSpec>>) -> Option<Role> {
    let (id, tier) = match given.get()? {
        Form::Short(id) => (*id, Tier::Standard),
        Form::Long(long) => (*long.id.get()?, long.tier.value().copied().unwrap_or(Tier::Standard)),
    };
    Some(Role { name: name.clone(), id, tier })
}

/// `above`, with what `given` says otherwise.
pub(super) fn drift(given: Option<&Given<DriftSpec>>, above: Drift) -> Drift {
    let Some(spec) = given.and_then(Given::get) else { return above };
    Drift {
        foreign_members: spec.foreign_members.value().copied().unwrap_or(above.foreign_members),
        stray_staff: spec.stray_staff.value().copied().unwrap_or(above.stray_staff),
        extra_assignments: spec.extra_assignments.value().copied().unwrap_or(above.extra_assignments),
        missing_assignments: spec.missing_assignments.value().copied().unwrap_or(above.missing_assignments),
    }
}

fn limits(spec: Option<&LimitsSpec>) -> Limits {
    let group = spec.and_then(|s| s.group.value());
    let fleet = spec.and_then(|s| s.fleet.value());
    let source = spec.and_then(|s| s.source.value());
    Limits {
        group_members: limit(group.and_then(|g| g.members.value()), 50, 3),
        customer: customer_limits(spec.and_then(|s| s.customer.value())),
        fleet: fleet_limits(fleet),
        fleet_leavers: limit(fleet.and_then(|f| f.leavers.value()), 5, 3),
        offboardings_per_day: count(fleet.and_then(|f| f.offboardings_per_day.value()), 1),
        source_shrink: limit(source.and_then(|s| s.shrink.value()), 30, 2),
    }
}

fn customer_limits(spec: Option<&CustomerLimitsSpec>) -> Counts {
    Counts {
        members: limit(spec.and_then(|s| s.members.value()), 25, 5),
        assignments: limit(spec.and_then(|s| s.assignments.value()), 20, 5),
        guests: limit(spec.and_then(|s| s.guests.value()), 25, 5),
        groups: limit(spec.and_then(|s| s.groups.value()), 25, 1),
        invitations: count(spec.and_then(|s| s.invitations.value()), 200),
    }
}

fn fleet_limits(spec: Option<&FleetLimitsSpec>) -> Counts {
    Counts {
        members: limit(spec.and_then(|s| s.members.value()), 2, 20),
        assignments: limit(spec.and_then(|s| s.assignments.value()), 2, 20),
        guests: limit(spec.and_then(|s| s.guests.value()), 2, 20),
        groups: limit(spec.and_then(|s| s.groups.value()), 2, 4),
        invitations: count(spec.and_then(|s| s.invitations.value()), 5000),
    }
}

fn limit(spec: Option<&LimitSpec>, percent: u32, floor: usize) -> Limit {
    Limit {
        percent: spec.and_then(|s| s.percent.value()).map_or(percent, |p| p.0),
        floor: count(spec.and_then(|s| s.floor.value()), floor),
    }
}

fn count(given: Option<&Count>, default: usize) -> usize {
    given.map_or(default, |count| count.0)
}

fn threshold(spec: Option<&ThresholdSpec>, default: Threshold) -> Threshold {
    Threshold {
        warn: count(spec.and_then(|s| s.warn.value()), default.warn),
        refuse: count(spec.and_then(|s| s.refuse.value()), default.refuse),
    }
}
