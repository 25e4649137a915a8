//! Limits: what may go at once from a group, at a customer, over the fleet, because of one source; and over the fleet within a day.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::desired::state::{DesiredState, Limit};
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::{ObjectId, RoleId, TenantId};
use groupsync::model::scope::Scope;
use groupsync::plan::value::CustomerPlan;
use groupsync::plan::verdict::HoldCode;
use groupsync::simulator::history::Act;
use groupsync::simulator::world::{Assignment, Subscription};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::books::Condition;
use super::step::{Step, Write};
use super::truth::Moment;
use super::verdict::ensure;

/// Changes that one pass made, counted where limits look.
#[derive(Default)]
pub(crate) struct Taken {
    kinds: BTreeMap<Uuid, [usize; 4]>,
    groups: BTreeMap<(Uuid, Uuid), usize>,
    sources: BTreeMap<String, BTreeMap<Uuid, usize>>,
    /// The same one by one, for whoever counts over a day: what was taken twice counts once.
    things: BTreeSet<Thing>,
    /// Everything that was written besides withdrawals.
    changes: BTreeMap<Uuid, usize>,
}

/// Something that was taken: its kind, where, what.
type Thing = (usize, Uuid, String);

const KINDS: [&str; 4] = ["members", "assignments", "guests", "groups"];

impl Taken {
    /// Counts a write, unless it is a withdrawal by any version of the files that was in force.
    pub(crate) fn count(&mut self, versions: &[Write<'_>]) {
        let Some(write) = versions.first().filter(|_| !versions.iter().any(Write::is_withdrawal)) else {
            return;
        };
        let tenant = write.change.tenant;
        *self.changes.entry(tenant).or_default() += 1;
        let kinds = self.kinds.entry(tenant).or_default();
        match &write.change.act {
            Act::MemberRemoved { group, .. } if !write.is_about_ledger() => {
                kinds[0] += 1;
                *self.groups.entry((tenant, *group)).or_default() += 1;
                if let Some(source) = left_source(write) {
                    *self.sources.entry(source).or_default().entry(tenant).or_default() += 1;
                }
            }
            Act::AssignmentDeleted { .. } => kinds[1] += 1,
            Act::UserDeleted { .. } => kinds[2] += 1,
            Act::GroupDeleted { .. } => kinds[3] += 1,
            _ => {}
        }
        let thing = match &write.change.act {
            Act::MemberRemoved { group, member } if !write.is_about_ledger() => {
                (0, format!("{group} {member}"))
            }
            Act::AssignmentDeleted { name, .. } => (1, name.to_string()),
            Act::UserDeleted { user } => (2, user.to_string()),
            Act::GroupDeleted { group } => (3, group.to_string()),
            _ => return,
        };
        self.things.insert((thing.0, tenant, thing.1));
    }

    /// Invariant 3. The guard sees the whole plan before the first write: no limit is exceeded, and where one strikes, not one
    /// of the customer's changes is carried out.
    pub(crate) fn judge(&self, step: &Step) -> Result<(), String> {
        let Some(plan) = &step.plan else { return Ok(()) };
        if !step.is_one_pass() {
            return Ok(());
        }
        let limits = &step.desired.policy.limits;
        let mut fleet = [(0, 0); 4];
        let counted: Vec<_> = plan.customers.iter().filter(|plan| !step.is_released(plan)).collect();
        for plan in &counted {
            let tenant = plan.tenant.uuid();
            let managed = managed(step.beginning(), tenant);
            let taken = self.kinds.get(&tenant).copied().unwrap_or_default();
            let customer = limits.customer;
            let allowed = [customer.members, customer.assignments, customer.guests, customer.groups];
            for kind in 0..4 {
                fleet[kind] = (fleet[kind].0 + taken[kind], fleet[kind].1 + managed[kind]);
                within(taken[kind], allowed[kind], managed[kind], || {
                    format!("{} at {}", KINDS[kind], plan.name)
                })?;
            }
            self.judge_groups(step, plan, limits.group_members)?;
            let held = plan.held.iter().any(|hold| is_whole(hold.code));
            let written = self.changes.get(&tenant).copied().unwrap_or_default();
            ensure!(!held || written == 0, "{} is held, and {written} changes were written", plan.name);
        }
        let allowed =
            [limits.fleet.members, limits.fleet.assignments, limits.fleet.guests, limits.fleet.groups];
        for kind in 0..4 {
            within(fleet[kind].0, allowed[kind], fleet[kind].1, || {
                format!("{} over the fleet", KINDS[kind])
            })?;
        }
        let counted: BTreeSet<Uuid> = counted.iter().map(|plan| plan.tenant.uuid()).collect();
        for (source, removed) in &self.sources {
            let removed = removed.iter().filter(|(tenant, _)| counted.contains(tenant)).map(|(_, n)| n).sum();
            let there = standing_from(step, source);
            within(removed, limits.source_shrink, there, || format!("members because of {source}"))?;
        }
        Ok(())
    }

    fn judge_groups(&self, step: &Step, plan: &CustomerPlan, limit: Limit) -> Result<(), String> {
        let tenant = plan.tenant.uuid();
        for ((_, id), taken) in self.groups.range((tenant, Uuid::nil())..=(tenant, Uuid::max())) {
            let Some(group) = step.beginning().group(tenant, *id) else { continue };
            within(*taken, limit, group.members.len(), || format!("members of {}", group.display_name))?;
        }
        Ok(())
    }
}

/// What loops have taken within a day. One process after another knows it from the journal.
#[derive(Default)]
pub(crate) struct Day(BTreeMap<Thing, Timestamp>);

/// A day, less the most that the clocks of two machines are apart.
const DAY: SignedDuration = SignedDuration::from_hours(20);

impl Day {
    /// What was spent is forgotten with the journal.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// The limits of the fleet hold over any day of the loop, however many passes and processes it had.
    pub(crate) fn judge(&mut self, step: &Step, taken: &Taken) -> Result<(), String> {
        if !step.is_loop {
            return Ok(());
        }
        if step.journal == Condition::None {
            self.forget();
        }
        let desired = || std::iter::once(&step.desired).chain(&step.earlier);
        // What a release lets through does not count, and what it let through cannot be told from here.
        let released = |tenant: &Uuid| {
            let named = |d: &DesiredState| {
                let customer = d.customers.values().find(|c| c.tenant.uuid() == *tenant);
                customer.is_none_or(|c| d.overrides.iter().any(|release| release.customer == c.name))
            };
            desired().any(named)
        };
        self.0.retain(|_, at| step.started.duration_since(*at) < DAY);
        let fresh: Vec<_> = taken.things.iter().filter(|(_, tenant, _)| !released(tenant)).cloned().collect();
        let began: BTreeSet<usize> = fresh.iter().map(|(kind, ..)| *kind).collect();
        self.0.extend(fresh.into_iter().map(|thing| (thing, step.ended)));
        for kind in began {
            let limits = desired().map(|d| d.policy.limits.fleet);
            let allowed = limits.map(|l| [l.members, l.assignments, l.guests, l.groups][kind]);
            let tenants = step.after.customers.iter().map(|c| c.tenant_id);
            let most =
                |tenant| managed(step.beginning(), tenant)[kind].max(managed(step.end(), tenant)[kind]);
            let taken = self.0.keys().filter(|(of, ..)| *of == kind).count();
            let there = tenants.map(most).sum::<usize>() + taken;
            let most = allowed.map(|limit| limit.allowed(there)).max().unwrap_or_default();
            ensure!(taken <= most, "{taken} of {there} {} went within a day; {most} may", KINDS[kind]);
        }
        Ok(())
    }
}

fn within(taken: usize, limit: Limit, managed: usize, what: impl Fn() -> String) -> Result<(), String> {
    let allowed = limit.allowed(managed);
    ensure!(taken <= allowed, "{taken} of {managed} {} removed, {allowed} allowed", what());
    Ok(())
}

/// Whether the hold is on all changes of a customer.
fn is_whole(code: HoldCode) -> bool {
    match code {
        HoldCode::GroupMembers
        | HoldCode::CustomerMembers
        | HoldCode::CustomerAssignments
        | HoldCode::CustomerGuests
        | HoldCode::CustomerGroups
        | HoldCode::CustomerInvitations
        | HoldCode::FleetMembers
        | HoldCode::FleetAssignments
        | HoldCode::FleetGuests
        | HoldCode::FleetGroups
        | HoldCode::FleetInvitations
        | HoldCode::FleetLeavers
        | HoldCode::SourceShrink => true,
        HoldCode::OffboardingsPerDay
        | HoldCode::TenantsPerPerson
        | HoldCode::ObjectsPerTenant
        | HoldCode::AssignmentsPerSubscription
        | HoldCode::Contested
        | HoldCode::StrayStaff => false,
    }
}

/// What there is of ours at a customer: members, assignments, guests, groups. Rather too much than too little.
fn managed(moment: Moment<'_>, tenant: Uuid) -> [usize; 4] {
    let Some(truth) = moment.tenant(tenant) else { return [0; 4] };
    let ledger = moment.ledger(tenant);
    let ours =
        || truth.groups.iter().filter(|g| moment.is_ours(tenant, g) && Some(g.id) != ledger.map(|l| l.id));
    let is_row_of_ours = |subscription: &Subscription, row: &Assignment| {
        let scope = row.scope.clone().unwrap_or_else(|| format!("/subscriptions/{}", subscription.id));
        let (principal, role) = (ObjectId::new(row.principal_id), RoleId::new(row.role));
        let key = AssignmentKey { scope: Scope::canonical(&scope), principal, role };
        key.name(TenantId::new(tenant)).uuid() == row.name
    };
    let rows = truth.subscriptions.iter().flat_map(|s| s.assignments.iter().filter(|a| is_row_of_ours(s, a)));
    let guests =
        ledger.map_or(0, |l| l.members.iter().filter(|m| truth.users.iter().any(|u| u.id == **m)).count());
    let members = ours().flat_map(|g| &g.members).filter(|m| moment.is_staff(tenant, **m)).count();
    [members, rows.count(), guests, ours().filter(|g| moment.is_marked(g)).count()]
}

/// The source that a removed member's group is filled from, if she is a person.
fn left_source(write: &Write<'_>) -> Option<String> {
    let (group, _, person) = write.removal()?;
    person?;
    let mapping = write.before.mapping(write.customer?, group)?;
    mapping.from.as_ref().map(ToString::to_string)
}

/// How many stand in the groups of a source, everywhere.
fn standing_from(step: &Step, source: &str) -> usize {
    let moment = step.beginning();
    let standing = step.desired.customers.values().flat_map(|customer| {
        let tenant = customer.tenant.uuid();
        let groups = moment.tenant(tenant).map(|t| t.groups.as_slice()).unwrap_or_default();
        groups
            .iter()
            .filter(move |g| {
                let from = moment.mapping(customer, g).and_then(|mapping| mapping.from.as_ref());
                from.is_some_and(|from| from.as_str() == source)
            })
            .map(|g| g.members.len())
    });
    standing.sum()
}
