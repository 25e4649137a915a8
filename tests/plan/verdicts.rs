//! Every hold and every refusal in the words a reviewer reads: what, why, measured, limit, what to do. A code without words
//! here does not compile or turns a test red.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use groupsync::desired::state::{Counts, IdleAction, Limit, Override, State, StrayStaff, Threshold};
use groupsync::model::group::Obstacle;
use groupsync::model::member::Member;
use groupsync::model::person::Standing;
use groupsync::model::role::Tier;
use groupsync::model::scope::Scope;
use groupsync::model::subscription::AssignmentUsage;
use groupsync::observed::customer::Existence;
use groupsync::observed::unread::{Unread, UnreadCode};
use groupsync::plan::memory::MadeGroup;
use groupsync::plan::operation::{Action, Operation};
use groupsync::plan::value::CustomerPlan;
use groupsync::plan::verdict::{FindingCode, HoldCode, RefusalCode};
use jiff::SignedDuration;

use super::fixture::*;
use super::guard::ten;

/// All variants of an enumeration. One that is missing does not compile.
macro_rules! every {
    ($name:ident: $type:ident { $($code:ident),+ $(,)? }) => {
        fn $name() -> BTreeSet<$type> {
            let _complete = |code: $type| match code { $($type::$code => ()),+ };
            BTreeSet::from([$($type::$code),+])
        }
    };
}

every!(holds: HoldCode {
    GroupMembers, CustomerMembers, CustomerAssignments, CustomerGuests, CustomerGroups, CustomerInvitations,
    FleetMembers, FleetAssignments, FleetGuests, FleetGroups, FleetInvitations, FleetLeavers,
    OffboardingsPerDay, SourceShrink, TenantsPerPerson, ObjectsPerTenant, AssignmentsPerSubscription,
    Contested, StrayStaff,
});

every!(refusals: RefusalCode {
    RoleNotInPolicy, PrivilegedRole, ScopeOutsideCustomer, RoleNotAssignable, ControllerCondition, NotStaff,
    DelegatedAdmin, Protected, ForeignCondition, Locked, Unmanageable,
});

const NONE: Limit = Limit { percent: 0, floor: 0 };

fn unread() -> Unread {
    Unread { code: UnreadCode::AccessDenied, text: "Graph answered 403 to GET /groups/{id}/owners".into() }
}

/// What each kind of limit counts, once, and nothing that another counts.
pub(super) fn one_of_each() -> [(&'static str, Scene, CountOf); 5] {
    let mut members = ten();
    members.list("Team").remove(&person_id(9));
    let mut assignments = Scene::converged();
    assignments.mapping("Team").roles.clear();
    let mut guests = ten();
    guests.list("Team").remove(&person_id(9));
    let plan = guests.plan();
    guests.apply(&plan);
    guests.now = at("2031-01-01T00:00:00Z");
    guests.desired.policy.idle_guests.action = IdleAction::DeleteInvitedByUs;
    let mut groups = Scene::converged();
    groups.declare_empty("Other", READER, Tier::Standard);
    groups.mapping("Other").roles.clear();
    let plan = groups.plan();
    groups.apply(&plan);
    groups.customer().mappings.remove(&name("Other"));
    let mut invitations = Scene::converged();
    invitations.list("Team").insert(person_id(9), listed(9));
    [
        ("members", members, |counts| &mut counts.members),
        ("assignments", assignments, |counts| &mut counts.assignments),
        ("guests", guests, |counts| &mut counts.guests),
        ("groups", groups, |counts| &mut counts.groups),
        // The one limit that is a plain number stands beside the others.
        ("invitations", invitations, |counts| &mut counts.members),
    ]
}

/// Where a kind's limit stands.
pub(super) type CountOf = fn(&mut Counts) -> &mut Limit;

/// Scenes in which each rule holds something.
fn held() -> Vec<(&'static str, Scene)> {
    let mut told = Vec::new();
    let mut scene = ten();
    for n in 2..=6 {
        scene.list("Team").remove(&person_id(n));
    }
    scene.desired.policy.limits.source_shrink = Limit { percent: 100, floor: 0 };
    told.push(("five of nine leave a group", scene.clone()));
    for (what, scene, limit) in one_of_each() {
        for fleet in [false, true] {
            let mut scene = scene.clone();
            let limits = &mut scene.desired.policy.limits;
            let counts = if fleet { &mut limits.fleet } else { &mut limits.customer };
            if what == "invitations" {
                counts.invitations = 0;
            } else {
                *limit(counts) = NONE;
            }
            told.push((what, scene.clone()));
        }
    }
    let mut scene = ten();
    for n in 1..=4 {
        scene.person(n).standing = Standing::Disabled;
    }
    told.push(("four people have left", scene.clone()));
    let mut scene = Scene::converged();
    scene.customer().state = State::Offboard;
    scene.desired.policy.limits.offboardings_per_day = 0;
    told.push(("a customer is left", scene.clone()));
    let mut scene = ten();
    for n in 7..=9 {
        scene.list("Team").remove(&person_id(n));
    }
    told.push(("a source shrinks", scene.clone()));
    let mut scene = Scene::new();
    scene.list("Team").retain(|id, _| *id == person_id(1));
    scene.desired.policy.tenants_per_person.refuse = 0;
    told.push(("somebody is in many tenants", scene.clone()));
    let mut scene = Scene::new();
    scene.desired.policy.objects_per_tenant = Some(Threshold { warn: 1, refuse: 2 });
    told.push(("a tenant fills", scene.clone()));
    let mut scene = Scene::new();
    scene.tenant.facts.usage.insert(subscription(), Ok(AssignmentUsage { limit: 4000, current: 4000 }));
    told.push(("a subscription is full", scene.clone()));
    told.extend(contested());
    told
}

/// Whatever somebody else claims, in all its words.
fn contested() -> Vec<(&'static str, Scene)> {
    let mut told = Vec::new();
    let mut foreign = guest(8);
    foreign.mail = Some(name("someone@contoso.example"));
    foreign.user_principal_name = Some("someone@contoso.example".into());
    foreign.creation_type = None;
    foreign.external_user_state = None;
    let foreign = || Member::User(Box::new(foreign.clone()));

    let mut scene = Scene::converged();
    scene.list("Team").insert(person_id(4), listed(4));
    scene.owners.insert(scene.group("Team"), BTreeSet::from([own_principal(), object(66)]));
    told.push(("another owner", scene.clone()));
    let group = scene.group("Team");
    scene.tenant.facts.owners.insert(group, Err(unread()));
    told.push(("owners that cannot be read", scene.clone()));

    let mut scene = Scene::converged();
    scene.rows().clear();
    let group = scene.group("Team");
    scene.members(group).insert(guest_id(8), foreign());
    told.push(("a foreign member before the first role", scene.clone()));

    let mut scene = Scene::converged();
    let ours = scene.rows().iter().find(|row| row.is_ours(tenant())).unwrap().name;
    scene.rows().retain(|row| !row.is_ours(tenant()));
    scene.memory.assignments.insert(ours, scene.now - SignedDuration::from_hours(1));
    told.push(("a role that somebody took", scene.clone()));
    scene.mapping("Team").origin.file = "templates/managed.yaml".into();
    told.push(("a role of a template that somebody took", scene.clone()));

    let mut scene = Scene::converged();
    let group = scene.group("Team");
    let made = scene.tenant.groups.as_mut().unwrap().remove(&group).unwrap();
    scene.tenant.members.remove(&group);
    scene.rows().clear();
    let at = scene.now - SignedDuration::from_hours(1);
    scene.memory.groups.insert(made.unique_name.unwrap(), MadeGroup { id: group, at });
    told.push(("a group that somebody deleted", scene.clone()));
    scene.tenant.facts.deleted_groups.insert(group, Ok(Existence::Present));
    told.push(("a group that can be restored", scene.clone()));

    let mut scene = Scene::converged();
    scene.declare("Other", &[4]);
    let plan = scene.plan();
    scene.apply(&plan);
    let group = scene.group("Other");
    scene.customer().mappings.remove(&name("Other"));
    scene.owners.insert(group, BTreeSet::from([object(66)]));
    told.push(("a group to delete with another owner", scene.clone()));
    scene.owners.clear();
    scene.members(group).insert(guest_id(8), foreign());
    told.push(("a group to delete in which the customer put somebody", scene.clone()));

    let (_, mut scene, _) = one_of_each().into_iter().find(|(what, ..)| *what == "guests").unwrap();
    scene.owners.insert(scene.ledger(), BTreeSet::from([object(66)]));
    told.push(("a ledger with another owner", scene.clone()));

    let mut scene = Scene::converged();
    scene.customer().drift.stray_staff = StrayStaff::Hold;
    let group = scene.group("Team");
    scene.members(group).insert(guest_id(9), Member::User(Box::new(guest(9))));
    told.push(("staff whom nobody declared", scene.clone()));
    told
}

fn refused() -> Vec<(&'static str, CustomerPlan)> {
    let mut told = Vec::new();
    let mut scene = Scene::new();
    scene.mapping("Team").roles[0].role.id = name("b24988ac-6180-42a0-ab88-20f7382dd24c");
    told.push(("a role outside Policy", scene.plan()));
    let mut scene = Scene::new();
    scene.declare_empty("BreakGlass", OWNER, Tier::Privileged);
    scene.mapping("BreakGlass").from = Some(name("Team"));
    told.push(("a privileged role for good", scene.plan()));
    let mut scene = Scene::new();
    scene.declare_empty("BreakGlass", OWNER, Tier::Privileged);
    let plan = scene.plan();
    scene.apply(&plan);
    scene.mapping("BreakGlass").from = Some(name("Team"));
    told.push(("people for good in a group with a privileged role", scene.plan()));
    let mut scene = Scene::new();
    scene.customer().subscriptions.clear();
    told.push(("a scope outside the customer", scene.plan()));
    let role = name(READER);
    for (what, answer) in [
        ("a role that cannot be read", Err(unread())),
        ("a role that this tenant lacks", Ok(None)),
        ("a role for elsewhere", {
            let mut elsewhere = definition(role);
            elsewhere.assignable_scopes = vec![Scope::canonical("/subscriptions/0/resourceGroups/x")];
            Ok(Some(elsewhere))
        }),
    ] {
        let mut scene = Scene::new();
        scene.tenant.facts.roles.insert(role, answer);
        told.push((what, scene.plan()));
    }
    let mut scene = Scene::new();
    let mut own = scene.rows()[0].clone();
    own.key.principal = own_principal();
    own.condition = Some(format!("(… GuidEquals {{{OWNER}}})"));
    scene.rows().push(own);
    told.push(("a role that the customer does not let us give", scene.plan()));
    let mut scene = Scene::new();
    scene.delegated.insert(person_id(1), object(70));
    scene.partner.admin_agents = Ok(BTreeSet::from([person_id(2)]));
    scene.partner.helpdesk_agents = Ok(BTreeSet::from([person_id(3)]));
    told.push(("delegated admins", scene.plan()));
    told.extend(refused_by_what_is_there());
    told
}

fn refused_by_what_is_there() -> Vec<(&'static str, CustomerPlan)> {
    let mut told = Vec::new();
    let mut scene = Scene::converged();
    scene.desired.policy.protected.insert(guest_id(1));
    scene.list("Team").remove(&person_id(1));
    told.push(("a protected person", scene.plan()));
    let mut scene = Scene::converged();
    let group = scene.group("Team");
    scene.desired.policy.protected.insert(group);
    told.push(("a protected group", scene.plan()));
    scene.customer().mappings.clear();
    told.push(("a protected group that nobody declares", scene.plan()));
    let mut scene = Scene::converged();
    scene.mapping("Team").roles.clear();
    scene.rows().iter_mut().find(|row| row.is_ours(tenant())).unwrap().condition = Some("@Resource…".into());
    told.push(("a condition of somebody else", scene.plan()));
    let mut scene = Scene::converged();
    scene.mapping("Team").roles.clear();
    let locks = BTreeSet::from([Scope::subscription(subscription())]);
    scene.tenant.facts.locks.insert(subscription(), Ok(locks));
    told.push(("a lock", scene.plan()));
    for obstacle in [
        Obstacle::Dynamic,
        Obstacle::Synchronised,
        Obstacle::MailEnabled,
        Obstacle::Unified,
        Obstacle::RoleAssignable,
        Obstacle::Restricted,
        Obstacle::NotSecurity,
    ] {
        let mut scene = Scene::converged();
        let group = scene.group("Team");
        scene.tenant.groups.as_mut().unwrap().get_mut(&group).unwrap().obstacle = Some(obstacle);
        told.push(("a group whose members are not ours to manage", scene.plan()));
        if obstacle == Obstacle::Dynamic {
            scene.customer().mappings.clear();
            told.push(("the same, undeclared", scene.plan()));
        }
    }
    let mut scene = Scene::converged();
    let group = scene.group("Team");
    let own = scene.tenant.groups.as_ref().unwrap()[&group].clone();
    scene.tenant.adopted.insert(group, Ok(Some(own)));
    scene.mapping("Team").adopt = Some(group);
    told.push(("a group of our own, adopted", scene.plan()));
    told
}

#[test]
fn every_hold_says_what_and_why_how_much_is_allowed_and_what_to_do() {
    let mut seen = BTreeSet::new();
    let mut shown = String::new();
    for (what, scene) in held() {
        let plan = scene.plan();
        assert!(!plan.held.is_empty(), "{what}: nothing is held");
        writeln!(shown, "{what}").unwrap();
        for hold in &plan.held {
            seen.insert(hold.code);
            let code = serde_json::to_string(&hold.code).unwrap();
            writeln!(
                shown,
                "  {code} {} > {}\n    {}\n    hint: {}",
                hold.measured, hold.limit, hold.text, hold.hint
            )
            .unwrap();
            assert!(!hold.hint.is_empty() && !hold.operations.is_empty(), "{what}: {hold:?}");
            let is_limit = !matches!(hold.code, HoldCode::Contested | HoldCode::StrayStaff);
            let says = |number: usize| {
                hold.text.split(|c: char| !c.is_ascii_digit()).any(|n| n == number.to_string())
            };
            assert!(
                !is_limit || (hold.measured > hold.limit && says(hold.measured) && says(hold.limit)),
                "{hold:?}"
            );
        }
    }
    let missing: Vec<_> = holds().difference(&seen).copied().collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    insta::assert_snapshot!(shown);
}

#[test]
fn every_refusal_says_what_and_why_and_what_to_do() {
    let mut seen = BTreeSet::new();
    let mut shown = String::new();
    for (what, plan) in refused() {
        assert!(!plan.refused.is_empty(), "{what}: nothing is refused");
        writeln!(shown, "{what}").unwrap();
        for refusal in &plan.refused {
            seen.insert(refusal.code);
            let code = serde_json::to_string(&refusal.code).unwrap();
            writeln!(shown, "  {code}\n    {}\n    hint: {}", refusal.text, refusal.hint).unwrap();
            assert!(!refusal.hint.is_empty(), "{what}: {refusal:?}");
            let runs = plan.runnable().any(|operation| refusal.operations.contains(&operation.id));
            assert!(!runs, "{what}: what is refused is not carried out");
        }
    }
    // Nobody outside the staff domains gets as far as the guard; its own test hands it one.
    seen.insert(RefusalCode::NotStaff);
    let missing: Vec<_> = refusals().difference(&seen).copied().collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    insta::assert_snapshot!(shown);
}

/// What an `Override` never lifts: what a service ends at, what is contested, what the files keep.
const FOR_GOOD: [HoldCode; 5] = [
    HoldCode::TenantsPerPerson,
    HoldCode::ObjectsPerTenant,
    HoldCode::AssignmentsPerSubscription,
    HoldCode::Contested,
    HoldCode::StrayStaff,
];

/// Lets an `Override` name the plan as it is.
fn release(scene: &mut Scene) {
    let digest = scene.plan().digest.to_string();
    scene.desired.overrides.push(Override {
        name: name("reorganisation"),
        customer: name("contoso"),
        digest,
        expires: scene.now.saturating_add(SignedDuration::from_hours(24)).unwrap(),
        reason: "reorganisation".into(),
        origin: origin(70),
    });
}

/// Tried in turn in `HoldCode::is_releasable`: each of the five moved to the others → "somebody is in many tenants: what stays
/// held is as it was" and so on; `SourceShrink` moved to the five → "a source shrinks: an Override is offered where it helps".
#[test]
pub(super) fn an_override_lifts_the_limits_on_change_and_nothing_else() {
    let mut seen = BTreeSet::new();
    for (what, mut scene) in held() {
        let before = scene.plan();
        release(&mut scene);
        let after = scene.plan();
        assert_eq!(after.digest, before.digest, "{what}: an override does not change what it names");
        let stays: Vec<_> =
            before.held.iter().filter(|hold| FOR_GOOD.contains(&hold.code)).cloned().collect();
        assert_eq!(after.held, stays, "{what}: what stays held is as it was");
        for operation in after.runnable() {
            let kept = stays.iter().any(|hold| hold.operations.contains(&operation.id));
            assert!(!kept, "{what}: {} is held and carried out", operation.id);
        }
        for hold in &before.held {
            seen.insert(hold.code);
            let offers = (hold.hint.contains("Override"), hold.code.is_releasable());
            let helps = !FOR_GOOD.contains(&hold.code);
            assert_eq!(offers, (helps, helps), "{what}: an Override is offered where it helps");
        }
        let said = after.findings.iter().find(|finding| finding.code == FindingCode::Released).unwrap();
        assert_eq!(said.text.contains("which no override lifts"), !stays.is_empty(), "{}", said.text);
    }
    assert_eq!(seen, holds(), "every code is tried");
}

/// Tried: all holds dropped in `release` → "left: [] right: [Contested]".
#[test]
pub(super) fn an_override_of_a_limit_leaves_a_contested_group_held() {
    let mut scene = Scene::converged();
    scene.list("Team").insert(person_id(4), listed(4));
    scene.owners.insert(scene.group("Team"), BTreeSet::from([own_principal(), object(66)]));
    scene.desired.policy.limits.customer.invitations = 0;
    let codes = |plan: &CustomerPlan| plan.held.iter().map(|hold| hold.code).collect::<Vec<_>>();
    assert_eq!(codes(&scene.plan()), [HoldCode::CustomerInvitations, HoldCode::Contested]);
    release(&mut scene);
    let plan = scene.plan();
    assert_eq!(codes(&plan), [HoldCode::Contested]);
    let joins = |operation: &Operation| matches!(operation.action, Action::AddMembers { .. });
    assert!(!plan.runnable().any(joins), "nobody gets into a group that somebody else owns");
    assert!(plan.operations.iter().any(joins), "and somebody would");
}

/// Nobody is told to release what no Override releases.
///
/// Tried: `releasable` in `name_another` without its filter → "somebody is in many tenants: …".
#[test]
fn an_override_for_another_plan_is_named_only_where_the_right_one_would_help() {
    for (what, mut scene) in held() {
        let helps = scene.plan().held.iter().any(|hold| !FOR_GOOD.contains(&hold.code));
        release(&mut scene);
        scene.desired.overrides[0].digest = format!("sha256:{}", "0".repeat(64));
        let plan = scene.plan();
        let named = plan.findings.iter().any(|finding| finding.code == FindingCode::OverrideOfAnotherPlan);
        assert_eq!(named, helps, "{what}: {:?}", plan.findings);
    }
}
