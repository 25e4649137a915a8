//! Proves a proposal before it is written: a plan of the files with it does nothing but take over.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::state::{
    Customer, DeclaredSubscription, DesiredState, Listed, Mapping, PartnerGroup, PersonRef, RoleAtScope,
    Source,
};
use crate::model::address::Address;
use crate::model::ids::ObjectId;
use crate::model::names::{Alias, GroupName};
use crate::model::ownership::Mark;
use crate::model::role::Role;
use crate::observed;
use crate::observed::question::Question;
use crate::observed::surroundings::Surroundings;
use crate::plan::adoption::value::{Found, From, Held, Loose, NewSubscription, Proposal, Reason};
use crate::plan::directory::Directory;
use crate::plan::draft::{Draft, Inputs, draft};
use crate::plan::operation::{Action, LedgerEntry, Operation, OperationId};
use crate::plan::value::CustomerPlan;

/// What a plan of the files with some proposals would come to.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// What speaks against the proposals.
    pub(super) reasons: Vec<Reason>,
    /// What the plan does besides taking over, today as well.
    pub(super) remaining: Vec<Action>,
    /// What must be read before any of this counts.
    pub(super) questions: BTreeSet<Question>,
}

/// Everything a trial follows from.
#[derive(Clone, Copy)]
pub(super) struct Court<'a> {
    pub(super) inputs: Inputs<'a>,
    /// What the files plan as they are.
    pub(super) today: &'a CustomerPlan,
    pub(super) around: &'a Surroundings,
    pub(super) subscriptions: &'a BTreeMap<Alias, NewSubscription>,
}

/// Plans as if the proposals stood in the files, and the roles in their mappings.
pub(super) fn plan_with(court: Court<'_>, proposals: &[(&Found, Proposal)], roles: &[&Loose]) -> Trial {
    let inputs = court.inputs;
    let desired = files_with(court, proposals, roles);
    let customer = &desired.customers[&inputs.customer.name];
    let mut partner = inputs.partner.clone();
    for person in inputs.observed.facts.staff.values().flatten().flatten() {
        partner.people.entry(person.id).or_insert_with(|| Ok(Some(person.clone())));
    }
    let observed = tenant_with(court);
    let directory = Directory::new(&desired, &partner);
    let Draft { plan, questions } = draft(Inputs {
        desired: &desired,
        customer,
        partner: &partner,
        observed: &observed,
        directory: &directory,
        ..inputs
    });
    let groups: BTreeSet<ObjectId> = proposals.iter().map(|(found, _)| found.group).collect();
    judge(court, &plan, questions, &groups)
}

/// What in the plan is more than taking over, and what of that comes from the proposals.
fn judge(
    court: Court<'_>,
    plan: &CustomerPlan,
    questions: BTreeSet<Question>,
    groups: &BTreeSet<ObjectId>,
) -> Trial {
    let today = court.today;
    let ledger = Mark::of(court.inputs.desired.partner.tenant).ledger();
    let known: BTreeSet<&OperationId> = today.operations.iter().map(|operation| &operation.id).collect();
    let mut trial = Trial { questions, ..Trial::default() };
    for operation in plan.operations.iter().filter(|operation| !takes_over(operation, &ledger)) {
        if known.contains(&operation.id) && !touches(operation, groups) {
            trial.remaining.push(operation.action.clone());
        } else {
            trial.reasons.push(Reason::Would(operation.action.clone()));
        }
    }
    let gaps = |plan: &CustomerPlan| -> BTreeSet<(String, String)> {
        plan.gaps.iter().map(|gap| (gap.of.clone(), gap.text.clone())).collect()
    };
    let new_gaps: BTreeSet<String> =
        gaps(plan).difference(&gaps(today)).map(|(of, text)| format!("{of}: {text}")).collect();
    let refused = plan.refused.iter().filter(|refusal| !today.refused.contains(refusal));
    // The same limit may strike with other numbers.
    let held = plan.held.iter().filter(|hold| !today.held.iter().any(|known| known.code == hold.code));
    let texts = refused.map(|refusal| refusal.text.clone()).chain(held.map(|hold| hold.text.clone()));
    trial.reasons.extend(new_gaps.into_iter().chain(texts).map(Reason::Text));
    trial
}

/// Whether an operation only notes that a group was taken over.
fn takes_over(operation: &Operation, ledger: &str) -> bool {
    match &operation.action {
        Action::AddToLedger { entry: LedgerEntry::Adopted { .. }, .. } => true,
        Action::CreateGroup { unique_name, .. } => unique_name == ledger,
        _ => false,
    }
}

fn touches(operation: &Operation, groups: &BTreeSet<ObjectId>) -> bool {
    let group = match &operation.action {
        Action::AddMembers { group, .. }
        | Action::RemoveMembers { group, .. }
        | Action::CreateRoleAssignment { group, .. } => group.id,
        Action::UpdateGroup { group, .. } | Action::DeleteGroup { group, .. } => Some(*group),
        Action::DeleteRoleAssignment { key, .. } => Some(key.principal),
        Action::RemoveFromLedger { object, .. } => Some(*object),
        Action::InviteGuest { .. }
        | Action::AddToLedger { .. }
        | Action::CreateGroup { .. }
        | Action::DeleteGuest { .. } => None,
    };
    group.is_some_and(|group| groups.contains(&group))
}

/// As much of the files as a plan of this customer looks at, with the proposals in them.
fn files_with(court: Court<'_>, proposals: &[(&Found, Proposal)], roles: &[&Loose]) -> DesiredState {
    let Inputs { desired, customer, .. } = court.inputs;
    let mut customer = customer.clone();
    for (alias, found) in court.subscriptions {
        let origin = customer.origin.clone();
        customer.subscriptions.insert(alias.clone(), DeclaredSubscription { id: found.id, origin });
    }
    let mut groups: BTreeMap<GroupName, PartnerGroup> = BTreeMap::new();
    for (found, proposal) in proposals {
        if let From::New(name) = &proposal.from {
            groups.insert(name.clone(), partner_group(&customer, name, found));
        }
        customer.mappings.insert(proposal.key.clone(), mapping(&customer, found, proposal));
    }
    for loose in roles {
        let (Some(mapping), Ok(role)) = (customer.mappings.get_mut(&loose.key), &loose.held.verdict) else {
            continue;
        };
        let (scope, written) = (loose.held.scope.clone(), loose.held.written.clone());
        let origin = mapping.origin.clone();
        mapping.roles.push(RoleAtScope { scope, role: role.clone(), written, origin });
    }
    let used = customer.mappings.values().filter_map(|mapping| mapping.from.as_ref());
    groups.extend(used.filter_map(|name| Some((name.clone(), desired.groups.get(name)?.clone()))));
    DesiredState {
        partner: desired.partner.clone(),
        policy: desired.policy.clone(),
        groups,
        customers: [(customer.name.clone(), customer)].into(),
        overrides: Vec::new(),
        stop: None,
    }
}

fn partner_group(customer: &Customer, name: &GroupName, found: &Found) -> PartnerGroup {
    let origin = &customer.origin;
    let listed = |(id, address): (&_, &Address)| {
        let person = PersonRef { id: *id, address: address.clone(), origin: origin.clone() };
        (*id, Listed { person, expires: None })
    };
    PartnerGroup {
        name: name.clone(),
        owner: None,
        source: Source::Listed(found.staff.iter().map(listed).collect()),
        origin: origin.clone(),
    }
}

fn mapping(customer: &Customer, found: &Found, proposal: &Proposal) -> Mapping {
    let origin = &customer.origin;
    let role = |(held, role): (&Held, &Role)| RoleAtScope {
        scope: held.scope.clone(),
        role: role.clone(),
        written: held.written.clone(),
        origin: origin.clone(),
    };
    Mapping {
        key: proposal.key.clone(),
        was: None,
        display_name: proposal.display_name.clone().unwrap_or_else(|| proposal.key.to_string()),
        from: proposal.from.group().cloned(),
        adopt: proposal.adopt,
        reassert: false,
        roles: found.nameable().map(role).collect(),
        origin: origin.clone(),
    }
}

/// The tenant as a pass would read it if the files adopted the groups around.
fn tenant_with(court: Court<'_>) -> observed::customer::Customer {
    let mut observed = court.inputs.observed.clone();
    for (id, group) in &court.around.groups {
        observed.adopted.entry(*id).or_insert_with(|| group.clone());
    }
    for (id, members) in &court.around.members {
        observed.members.entry(*id).or_insert_with(|| members.clone());
    }
    observed
}
