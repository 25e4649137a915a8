//! Follows one person's access at one customer from the files to Azure, and says where it ends.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::state::{Customer, DesiredState, Grant, Mapping, PartnerGroup, Source};
use crate::model::assignment::AssignmentKey;
use crate::model::ids::{ObjectId, PersonId};
use crate::model::names::MappingKey;
use crate::observed;
use crate::plan::diff::estate::{Estate, Holding};
use crate::plan::diff::identity::{Identities, Who};
use crate::plan::diff::roster::Roster;
use crate::plan::draft::Inputs;
use crate::plan::explanation::{
    Explanation, Fate, Planned, RoleHeld, Route, RouteKind, Subject, Verdict, Way, When,
};
use crate::plan::guard::fleet::may_be_held;
use crate::plan::operation::{Action, LedgerEntry, Operation, OperationId};
use crate::plan::sheet::Sheet;
use crate::plan::value::CustomerPlan;

/// One customer, read and planned, ready to be asked about anybody.
pub struct Examination<'a> {
    inputs: Inputs<'a>,
    plan: &'a CustomerPlan,
    estate: Option<Estate<'a>>,
    identities: Option<Identities<'a>>,
    rosters: BTreeMap<&'a MappingKey, Roster<'a>>,
    runs: BTreeSet<&'a OperationId>,
    /// What limits over all customers may hold, which one customer's plan does not show.
    open: BTreeSet<OperationId>,
}

impl<'a> Examination<'a> {
    /// Looks at what was read the way the plan did. The plan is judged [`alone`](crate::plan::assemble::alone).
    pub fn new(inputs: Inputs<'a>, plan: &'a CustomerPlan) -> Self {
        // What the sheet gathers besides is in the plan already.
        let mut sheet = Sheet::new(inputs);
        let is_read = inputs.observed.identity.is_ok();
        let estate = if is_read { Estate::survey(&mut sheet) } else { None };
        let identities = estate.as_ref().map(|estate| Identities::of(&mut sheet, estate));
        let rosters = inputs
            .customer
            .mappings
            .values()
            .map(|mapping| (&mapping.key, Roster::of(&mut sheet, mapping)))
            .collect();
        let runs = plan.runnable().map(|operation| &operation.id).collect();
        Self { inputs, plan, estate, identities, rosters, runs, open: may_be_held(plan) }
    }

    /// Everybody who stands in a group of ours or should, once.
    pub fn subjects(&self) -> BTreeSet<Subject> {
        let mut subjects: BTreeSet<Subject> = BTreeSet::new();
        let mut known: BTreeSet<PersonId> = BTreeSet::new();
        for (person, wanted) in self.rosters.values().flat_map(|roster| &roster.wanted) {
            if known.insert(*person) {
                subjects.insert(Subject { person: Some(*person), address: Some(wanted.address.clone()) });
            }
        }
        let (Some(estate), Some(identities)) = (&self.estate, &self.identities) else { return subjects };
        let domains = &self.inputs.desired.partner.staff_domains;
        let members = estate.holdings().filter_map(|holding| holding.members).flat_map(BTreeMap::values);
        for user in members.filter_map(crate::model::member::Member::user) {
            match identities.who(user.id) {
                Who::Person(person, read) if known.insert(*person) => {
                    let address =
                        read.and_then(|read| read.staff_address(domains)).or(user.mail.as_ref()).cloned();
                    subjects.insert(Subject { person: Some(*person), address });
                }
                Who::Person(..) => {}
                Who::Staff(_) | Who::Unread | Who::Foreign | Who::Undecided => {
                    subjects.insert(Subject { person: None, address: user.mail.clone() });
                }
            }
        }
        subjects
    }

    /// The subject with what the partner tenant adds: the id behind an address, or the address of an id.
    pub fn known(&self, subject: &Subject) -> Subject {
        let Inputs { desired, partner, .. } = self.inputs;
        let everybody = || {
            let sourced = partner.sources.values().flatten().flat_map(|source| source.members.values());
            sourced.chain(partner.people.values().flatten().flatten())
        };
        let mut known = subject.clone();
        if let (None, Some(address)) = (known.person, &known.address) {
            known.person =
                everybody().find(|person| person.addresses.contains(address)).map(|person| person.id);
        }
        if let (Some(id), None) = (known.person, &known.address) {
            let person = everybody().find(|person| person.id == id);
            known.address =
                person.and_then(|person| person.staff_address(&desired.partner.staff_domains)).cloned();
        }
        known
    }

    /// One person.
    pub fn explain(&self, subject: &Subject) -> Explanation {
        let Inputs { desired, customer, partner, now, .. } = self.inputs;
        let read = subject.person.and_then(|id| partner.person(id)?.ok()?);
        let guests = self.guests(subject);
        let ways = customer
            .mappings
            .values()
            .map(|mapping| self.way(mapping, subject, &guests))
            .filter(is_a_way)
            .collect::<Vec<_>>();
        let undeclared = self
            .estate
            .iter()
            .flat_map(|estate| estate.undeclared.iter().chain(&estate.released))
            .filter(|holding| stands(**holding, &guests) == Some(true))
            .map(|holding| holding.group.display_name.clone())
            .collect();
        let mut explanation = Explanation {
            subject: subject.clone(),
            display_name: read.map(|person| person.display_name.clone()),
            standing: read.map(|person| person.standing),
            customer: customer.name.clone(),
            state: customer.state,
            unmapped: unmapped(desired, customer, Some(partner), subject, now),
            planned: self.planned(subject, &guests, &ways),
            guests,
            ways,
            undeclared,
            gaps: Vec::new(),
            findings: Vec::new(),
            live: true,
        };
        let names = names(&explanation);
        let about = |texts: [&str; 2]| names.iter().any(|name| texts.iter().any(|text| text.contains(name)));
        let gaps =
            self.plan.gaps.iter().filter(|gap| gap.code.is_failed_read() || about([&gap.of, &gap.text]));
        let findings = self.plan.findings.iter().filter(|finding| about([&finding.of, &finding.text]));
        explanation.gaps = gaps.cloned().collect();
        explanation.findings = findings.cloned().collect();
        explanation
    }

    /// Users who stand for her: proven, or called by her address.
    fn guests(&self, subject: &Subject) -> BTreeSet<ObjectId> {
        let (Some(estate), Some(identities)) = (&self.estate, &self.identities) else {
            return BTreeSet::new();
        };
        let proven = subject.person.into_iter().flat_map(|person| identities.guests(person));
        let addressed = estate.users().into_iter().filter(|user| {
            let is_another =
                matches!(identities.who(user.id), Who::Person(person, _) if Some(*person) != subject.person);
            !is_another && subject.address.as_ref().is_some_and(|address| user.is_addressed(address))
        });
        proven.chain(addressed.map(|user| user.id)).collect()
    }

    fn way(&self, mapping: &Mapping, subject: &Subject, guests: &BTreeSet<ObjectId>) -> Way {
        let Inputs { desired, customer, partner, now, .. } = self.inputs;
        let holding = self.estate.as_ref().and_then(|estate| estate.mapped.get(&mapping.key));
        let stands = match (&self.estate, holding) {
            (None, _) => None,
            // An adopted group that was not read is not a group that is missing.
            (Some(_), None) => mapping.adopt.is_none().then_some(false),
            (Some(_), Some(holding)) => stands(*holding, guests),
        };
        let roster = &self.rosters[&mapping.key];
        Way {
            mapping: mapping.key.clone(),
            origin: mapping.origin.clone(),
            group: mapping.display_name.clone(),
            called: holding
                .map(|holding| holding.group.display_name.clone())
                .filter(|name| *name != mapping.display_name),
            routes: routes(desired, customer, Some(partner), mapping, subject, now),
            verdict: verdict(roster, subject),
            stands,
            roles: self.roles(mapping, holding.map(|holding| holding.group.id)),
        }
    }

    fn roles(&self, mapping: &Mapping, group: Option<ObjectId>) -> Vec<RoleHeld> {
        let held = |at: &crate::desired::state::RoleAtScope| {
            let subscription = at.scope.subscription_id()?;
            let rows = self.inputs.observed.assignments.get(&subscription)?.as_ref().ok()?;
            let Some(principal) = group else { return self.estate.as_ref().map(|_| false) };
            let key = AssignmentKey { scope: at.scope.clone(), principal, role: at.role.id };
            Some(rows.iter().any(|row| row.key == key))
        };
        mapping.roles.iter().map(|at| RoleHeld { in_force: held(at), ..declared(at) }).collect()
    }

    fn planned(&self, subject: &Subject, guests: &BTreeSet<ObjectId>, ways: &[Way]) -> Vec<Planned> {
        let operations =
            self.plan.operations.iter().filter_map(|operation| about(operation, subject, guests, ways));
        operations.map(|operation| Planned { fate: self.fate(&operation), operation }).collect()
    }

    fn fate(&self, operation: &Operation) -> Fate {
        if self.runs.contains(&operation.id) {
            return if self.open.contains(&operation.id) { Fate::Open } else { Fate::Runs };
        }
        let strikes = |struck: &BTreeSet<OperationId>| {
            struck.contains(&operation.id) || operation.needs.iter().any(|need| struck.contains(need))
        };
        if let Some(refusal) = self.plan.refused.iter().find(|refusal| strikes(&refusal.operations)) {
            return Fate::Refused { text: refusal.text.clone(), hint: refusal.hint.clone() };
        }
        match self.plan.held.iter().find(|hold| strikes(&hold.operations)) {
            Some(hold) => Fate::Held { text: hold.text.clone(), hint: hold.hint.clone() },
            None => Fate::Listed,
        }
    }
}

/// What the files alone say about a person at a customer.
pub fn offline(
    desired: &DesiredState,
    customer: &Customer,
    subject: &Subject,
    now: Timestamp,
) -> Explanation {
    let way = |mapping: &Mapping| Way {
        mapping: mapping.key.clone(),
        origin: mapping.origin.clone(),
        group: mapping.display_name.clone(),
        called: None,
        routes: routes(desired, customer, None, mapping, subject, now),
        verdict: Verdict::NotAsked,
        stands: None,
        roles: mapping.roles.iter().map(declared).collect(),
    };
    Explanation {
        subject: subject.clone(),
        display_name: None,
        standing: None,
        customer: customer.name.clone(),
        state: customer.state,
        guests: BTreeSet::new(),
        ways: customer.mappings.values().map(way).filter(is_a_way).collect(),
        undeclared: Vec::new(),
        unmapped: unmapped(desired, customer, None, subject, now),
        planned: Vec::new(),
        gaps: Vec::new(),
        findings: Vec::new(),
        live: false,
    }
}

/// Everybody whom the files alone put into a group of the customer.
pub fn subjects_offline(desired: &DesiredState, customer: &Customer) -> BTreeSet<Subject> {
    let sources = customer.mappings.values().filter_map(|mapping| desired.groups.get(mapping.from.as_ref()?));
    let granted = customer.grants.values().map(|grant| &grant.person);
    let named = sources.flat_map(|group| group.source.listed()).chain(granted);
    named.map(|p| Subject { person: Some(p.id), address: Some(p.address.clone()) }).collect()
}

fn is_a_way(way: &Way) -> bool {
    !way.routes.is_empty()
        || way.stands == Some(true)
        || !matches!(way.verdict, Verdict::NotNamed | Verdict::NotAsked)
}

fn declared(at: &crate::desired::state::RoleAtScope) -> RoleHeld {
    RoleHeld { role: at.role.clone(), written: at.written.clone(), origin: at.origin.clone(), in_force: None }
}

fn stands(holding: Holding<'_>, guests: &BTreeSet<ObjectId>) -> Option<bool> {
    Some(holding.members?.keys().any(|member| guests.contains(member)))
}

fn verdict(roster: &Roster<'_>, subject: &Subject) -> Verdict {
    let Some(person) = subject.person else { return Verdict::NotNamed };
    if let Some(because) = roster.leavers.get(&person) {
        Verdict::Leaver(because.clone())
    } else if let Some(wanted) = roster.wanted.get(&person) {
        Verdict::Wanted { until: wanted.until, because: wanted.because() }
    } else if let Some(because) = roster.ended.get(&person) {
        Verdict::Ended(because.clone())
    } else if roster.frozen || roster.undecided.contains(&person) {
        Verdict::Undecided
    } else {
        Verdict::NotNamed
    }
}

/// Everything that puts her into the group of a mapping, at whatever time.
fn routes(
    desired: &DesiredState,
    customer: &Customer,
    partner: Option<&observed::partner::Partner>,
    mapping: &Mapping,
    subject: &Subject,
    now: Timestamp,
) -> Vec<Route> {
    let Some(person) = subject.person else { return Vec::new() };
    let source = mapping.from.as_ref().and_then(|name| desired.groups.get(name));
    let mut routes: Vec<Route> =
        source.and_then(|group| route_by_group(group, partner, person, now)).into_iter().collect();
    let grants = customer.grants.values();
    routes.extend(
        grants.filter(|g| g.mapping == mapping.key && g.person.id == person).map(|g| by_grant(g, now)),
    );
    routes
}

fn route_by_group(
    group: &PartnerGroup,
    partner: Option<&observed::partner::Partner>,
    person: PersonId,
    now: Timestamp,
) -> Option<Route> {
    let route = |kind, origin: &_, until: Option<Timestamp>| Route {
        kind,
        name: group.name.to_string(),
        origin: Clone::clone(origin),
        from: None,
        until,
        when: if until.is_some_and(|end| end <= now) { When::Over } else { When::Running },
        note: None,
    };
    match &group.source {
        Source::Listed(members) => {
            let listed = members.get(&person)?;
            Some(route(RouteKind::Listed, &listed.person.origin, listed.expires))
        }
        Source::Entra(source) => match partner.map(|partner| partner.sources.get(&group.name)) {
            Some(Some(Ok(read))) => {
                read.members.contains_key(&person).then(|| route(RouteKind::Live, &source.origin, None))
            }
            None | Some(None | Some(Err(_))) => Some(route(RouteKind::PerhapsLive, &source.origin, None)),
        },
    }
}

fn by_grant(grant: &Grant, now: Timestamp) -> Route {
    let ticket = grant.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
    Route {
        kind: RouteKind::Grant,
        name: grant.name.to_string(),
        origin: grant.origin.clone(),
        from: Some(grant.not_before),
        until: Some(grant.expires),
        when: match () {
            () if grant.expires <= now => When::Over,
            () if grant.is_running(now) => When::Running,
            () => When::Ahead,
        },
        note: Some(format!("{}{ticket}", grant.reason)),
    }
}

/// Partner groups that name her and that no mapping of the customer carries.
fn unmapped(
    desired: &DesiredState,
    customer: &Customer,
    partner: Option<&observed::partner::Partner>,
    subject: &Subject,
    now: Timestamp,
) -> Vec<crate::model::names::GroupName> {
    let Some(person) = subject.person else { return Vec::new() };
    let mapped: BTreeSet<_> =
        customer.mappings.values().filter_map(|mapping| mapping.from.as_ref()).collect();
    let others = desired.groups.values().filter(|group| !mapped.contains(&group.name));
    let names_her = |group: &&PartnerGroup| {
        route_by_group(group, partner, person, now)
            .is_some_and(|route| route.kind != RouteKind::PerhapsLive && route.when == When::Running)
    };
    others.filter(names_her).map(|group| group.name.clone()).collect()
}

/// What texts call her.
fn names(explanation: &Explanation) -> BTreeSet<String> {
    let subject = &explanation.subject;
    let address = subject.address.iter().map(ToString::to_string);
    let ids = subject.person.iter().map(ToString::to_string);
    let groups = explanation.ways.iter().map(|way| way.group.clone());
    address.chain(ids).chain(explanation.guests.iter().map(ToString::to_string)).chain(groups).collect()
}

/// The operation, if it concerns her, without the other members.
fn about(
    operation: &Operation,
    subject: &Subject,
    guests: &BTreeSet<ObjectId>,
    ways: &[Way],
) -> Option<Operation> {
    let is_her = |person: &PersonId| subject.person == Some(*person);
    let group_is_hers = |name: &str| ways.iter().any(|way| way.group == name && way.stands != Some(false));
    let mut operation = operation.clone();
    let concerns = match &mut operation.action {
        Action::InviteGuest { person, .. }
        | Action::AddToLedger { entry: LedgerEntry::Invited { person, .. }, .. } => is_her(person),
        Action::AddMembers { members, .. } => {
            members.retain(|joining| is_her(&joining.person));
            !members.is_empty()
        }
        Action::RemoveMembers { members, .. } => {
            members.retain(|leaving| {
                guests.contains(&leaving.object) || leaving.person.as_ref().is_some_and(is_her)
            });
            !members.is_empty()
        }
        Action::DeleteGuest { guest, person, .. } => {
            guests.contains(guest) || person.as_ref().is_some_and(is_her)
        }
        Action::RemoveFromLedger { object, .. } => guests.contains(object),
        Action::CreateRoleAssignment { group, .. } => group_is_hers(&group.display_name),
        Action::DeleteRoleAssignment { group, .. } => group_is_hers(group),
        Action::DeleteGroup { display_name, .. } => group_is_hers(display_name),
        Action::CreateGroup { .. } | Action::UpdateGroup { .. } | Action::AddToLedger { .. } => false,
    };
    concerns.then_some(operation)
}
