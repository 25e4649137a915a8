//! Each limit at its edge: what it counts, over which window, whom it holds, and what does not count.

use groupsync::desired::state::{ExtraAssignments, Limit, Override, State, Threshold};
use groupsync::model::assignment::{AssignmentKey, RoleAssignment};
use groupsync::model::person::Standing;
use groupsync::model::scope::Scope;
use groupsync::model::subscription::AssignmentUsage;
use groupsync::observed::unread::{Unread, UnreadCode};
use groupsync::plan::assemble::{assemble, assemble_beside};
use groupsync::plan::memory::{Beside, Spent};
use groupsync::plan::operation::Action;
use groupsync::plan::value::CustomerPlan;
use groupsync::plan::verdict::{FindingCode, HoldCode};
use groupsync::plan::window::{Expense, ExpenseKind, Expenses, beside};
use jiff::SignedDuration;

use super::fixture::*;
use super::guard::ten;
use super::rules::ids;
use super::verdicts::one_of_each;

fn codes(plan: &CustomerPlan) -> Vec<HoldCode> {
    plan.held.iter().map(|hold| hold.code).collect()
}

const CUSTOMER: [HoldCode; 5] = [
    HoldCode::CustomerMembers,
    HoldCode::CustomerAssignments,
    HoldCode::CustomerGuests,
    HoldCode::CustomerGroups,
    HoldCode::CustomerInvitations,
];
const FLEET: [HoldCode; 5] = [
    HoldCode::FleetMembers,
    HoldCode::FleetAssignments,
    HoldCode::FleetGuests,
    HoldCode::FleetGroups,
    HoldCode::FleetInvitations,
];

// Tried: `>` as `>=` in `limits::by_customer`: "left: [CustomerMembers], right: []"; in `fleet::by_kind`: "left: [FleetMembers],
// right: []"; withdrawals counted by `Tally`: an offboarding was held, "left: [CustomerGroups], right: []".
#[test]
pub(super) fn each_limit_counts_its_own_kind_up_to_itself_and_holds_beyond() {
    for (place, (what, scene, limit)) in one_of_each().into_iter().enumerate() {
        for (fleet, expected) in [(false, CUSTOMER[place]), (true, FLEET[place])] {
            // By the floor, and by the share of what there is: nothing at all, and all of it.
            for (allowed, holds) in [
                (Limit { percent: 0, floor: 1 }, false),
                (Limit { percent: 100, floor: 0 }, false),
                (Limit { percent: 0, floor: 0 }, true),
                (Limit { percent: 1, floor: 0 }, true),
            ] {
                let mut scene = scene.clone();
                let limits = &mut scene.desired.policy.limits;
                let counts = if fleet { &mut limits.fleet } else { &mut limits.customer };
                if what == "invitations" {
                    counts.invitations = usize::from(!holds);
                } else {
                    *limit(counts) = allowed;
                }
                let plan = scene.plan();
                let expected = if holds { vec![expected] } else { vec![] };
                assert_eq!(codes(&plan), expected, "{what}, {allowed:?}: {:?}", plan.held);
                let run = plan.runnable().filter(|operation| !operation.nature.is_withdrawal()).count();
                assert_eq!(run > 0, !holds, "{what}: all or nothing");
            }
        }
    }
}

// Tried: `+ other(&beside.spent)` taken out of `fleet::by_kind`: "members: left: [], right: [FleetMembers]".
#[test]
fn what_a_day_has_spent_counts_for_each_limit_of_the_fleet() {
    type Spend = fn(&mut Spent) -> &mut usize;
    let spends: [Spend; 5] = [
        |s| &mut s.members,
        |s| &mut s.assignments,
        |s| &mut s.guests,
        |s| &mut s.groups,
        |s| &mut s.invitations,
    ];
    for ((what, mut scene, limit), (spend, code)) in
        one_of_each().into_iter().zip(spends.into_iter().zip(FLEET))
    {
        let fleet = &mut scene.desired.policy.limits.fleet;
        if what == "invitations" {
            fleet.invitations = 10;
        } else {
            *limit(fleet) = Limit { percent: 0, floor: 10 };
        }
        let plan = scene.plan();
        assert_eq!(codes(&plan), [], "{what}");
        for (spent, expected) in [(9, vec![]), (10, vec![code])] {
            let mut beside = Beside::default();
            *spend(&mut beside.spent) = spent;
            let judged = assemble_beside(&scene.desired, vec![plan.clone()], &beside, scene.now);
            assert_eq!(codes(&judged.customers[0]), expected, "{what}");
        }
        if what != "invitations" {
            // A share is one of everything we manage, the customers that are not in this plan included.
            *limit(&mut scene.desired.policy.limits.fleet) = Limit { percent: 1, floor: 0 };
            for (managed, expected) in [(0, vec![code]), (200, vec![])] {
                let mut beside = Beside::default();
                *spend(&mut beside.managed) = managed;
                let judged = assemble_beside(&scene.desired, vec![plan.clone()], &beside, scene.now);
                assert_eq!(codes(&judged.customers[0]), expected, "{what}");
            }
        }
    }
}

#[test]
fn a_day_is_the_last_twenty_four_hours_and_not_a_minute_more() {
    let now = at("2030-01-02T12:00:00Z");
    let expense = |kind, what: &str| Expense { kind, customer: name("contoso"), what: what.to_owned() };
    let spent = Expenses::from([
        (expense(ExpenseKind::Member, "a day ago"), at("2030-01-01T12:00:00Z")),
        (expense(ExpenseKind::Member, "a second less"), at("2030-01-01T12:00:01Z")),
        (expense(ExpenseKind::Guest, "just now"), at("2030-01-02T11:59:59Z")),
        (expense(ExpenseKind::Offboarding, "just now"), at("2030-01-02T11:59:59Z")),
    ]);
    let counted = beside(&spent, &[], Vec::new(), now).spent;
    assert_eq!(counted, Spent { members: 1, guests: 1, offboardings: 1, ..Spent::default() });
}

#[test]
fn offboardings_of_a_day_count_with_those_that_start_now() {
    let mut scene = Scene::converged();
    scene.customer().state = State::Offboard;
    scene.desired.policy.limits.offboardings_per_day = 2;
    let plan = scene.plan();
    assert_eq!(codes(&plan), []);
    for (offboardings, expected) in [(1, vec![]), (2, vec![HoldCode::OffboardingsPerDay])] {
        let beside = Beside { spent: Spent { offboardings, ..Spent::default() }, ..Beside::default() };
        let judged = assemble_beside(&scene.desired, vec![plan.clone()], &beside, scene.now);
        assert_eq!(codes(&judged.customers[0]), expected);
    }
    // Once begun, it goes on the next day whatever the limit has become.
    scene.memory.offboarding = true;
    scene.desired.policy.limits.offboardings_per_day = 0;
    assert_eq!(codes(&scene.plan()), []);
}

// Tried, one by one: `>` as `>=` in `limits::by_person`, `by_tenant` and `by_subscription`: "one of one: left: [TenantsPerPerson],
// right: []", "all of them: …" and "the last one: …"; in their warnings: "one less is not worth a word".
#[test]
pub(super) fn what_the_services_end_at_is_full_only_when_one_more_would_come() {
    let warned = |plan: &CustomerPlan, code| plan.findings.iter().any(|finding| finding.code == code);
    let people = |warn, refuse| {
        let mut scene = Scene::converged();
        scene.list("Team").insert(person_id(9), listed(9));
        scene.desired.policy.tenants_per_person = Threshold { warn, refuse };
        scene.plan()
    };
    assert_eq!(codes(&people(1, 1)), [], "one of one");
    assert_eq!(codes(&people(0, 0)), [HoldCode::TenantsPerPerson]);
    assert!(warned(&people(0, 1), FindingCode::ManyTenants));
    assert!(!warned(&people(1, 2), FindingCode::ManyTenants), "one less is not worth a word");

    // A group, the ledger and its guests are there, and one guest comes.
    let mut scene = Scene::converged();
    let kept = scene.tenant.groups.as_ref().unwrap().len() + scene.list("Team").len() + 1;
    scene.list("Team").insert(person_id(9), listed(9));
    let mut objects = |warn, refuse| {
        scene.desired.policy.objects_per_tenant = Some(Threshold { warn, refuse });
        scene.plan()
    };
    assert_eq!(codes(&objects(kept, kept)), [], "all of them");
    assert_eq!(codes(&objects(kept - 1, kept - 1)), [HoldCode::ObjectsPerTenant]);
    assert!(warned(&objects(kept - 1, kept), FindingCode::ManyObjects));
    assert!(!warned(&objects(kept, kept), FindingCode::ManyObjects), "one less is not worth a word");
    scene.list("Team").remove(&person_id(9));
    scene.desired.policy.objects_per_tenant = Some(Threshold { warn: 0, refuse: 0 });
    assert_eq!(codes(&scene.plan()), [], "nothing comes");

    let filled = |current| {
        let mut scene = Scene::new();
        scene.tenant.facts.usage.insert(subscription(), Ok(AssignmentUsage { limit: 4000, current }));
        scene.plan()
    };
    assert_eq!(codes(&filled(3999)), [], "the last one");
    assert_eq!(codes(&filled(4000)), [HoldCode::AssignmentsPerSubscription]);
}

/// The same plan at another customer.
fn elsewhere(plan: &CustomerPlan, customer: &str) -> CustomerPlan {
    CustomerPlan { name: name(customer), ..plan.clone() }
}

// Tried: `!release(…) &&` taken out of `fleet::judge`: "a released customer does not count: [FleetMembers]".
#[test]
pub(super) fn a_limit_of_the_fleet_holds_every_customer_it_touches_and_no_other() {
    let mut scene = ten();
    scene.list("Team").remove(&person_id(9));
    scene.desired.policy.limits.fleet.members = Limit { percent: 0, floor: 1 };
    scene.desired.policy.limits.source_shrink = Limit { percent: 100, floor: 0 };
    let loses = scene.plan();
    let gains = {
        let mut scene = Scene::converged();
        scene.list("Team").insert(person_id(4), listed(4));
        elsewhere(&scene.plan(), "tailspin")
    };
    let fleet = || vec![loses.clone(), elsewhere(&loses, "northwind"), gains.clone()];
    let plan = assemble(&scene.desired, fleet(), scene.now);
    let [contoso, northwind, tailspin] = plan.customers.as_slice() else { panic!("three customers") };
    assert_eq!(
        (codes(contoso), codes(northwind)),
        (vec![HoldCode::FleetMembers], vec![HoldCode::FleetMembers])
    );
    assert_eq!((contoso.held[0].measured, contoso.held[0].limit), (2, 1), "counted over both");
    assert_eq!(codes(tailspin), [], "it loses nobody");
    assert!(tailspin.runnable().next().is_some());

    scene.desired.overrides.push(Override {
        name: name("meant"),
        customer: name("northwind"),
        digest: loses.digest.to_string(),
        expires: scene.now + SignedDuration::from_hours(1),
        reason: "meant".into(),
        origin: origin(70),
    });
    let plan = assemble(&scene.desired, fleet(), scene.now);
    assert_eq!(codes(&plan.customers[0]), [], "a released customer does not count");
    assert!(plan.customers[1].findings.iter().any(|finding| finding.code == FindingCode::Released));

    // What nothing is written for does not count either.
    scene.desired.overrides.clear();
    let mut watched = fleet();
    watched[1].state = State::Observe;
    let plan = assemble(&scene.desired, watched, scene.now);
    assert_eq!(codes(&plan.customers[0]), [], "an observed customer does not count");
}

// Tried: `<=` as `<` in `fleet::by_source`: "one of one"; in `fleet::by_leavers`: "one person in two places is one".
#[test]
pub(super) fn a_source_and_leavers_are_counted_once_over_all_customers() {
    let mut scene = ten();
    scene.list("Team").remove(&person_id(9));
    scene.desired.policy.limits.source_shrink = Limit { percent: 0, floor: 1 };
    let plan = scene.plan();
    assert_eq!(codes(&plan), [], "one of one");
    let both = assemble(&scene.desired, vec![plan.clone(), elsewhere(&plan, "northwind")], scene.now);
    for customer in &both.customers {
        assert_eq!(codes(customer), [HoldCode::SourceShrink]);
        assert_eq!((customer.held[0].measured, customer.held[0].limit), (2, 1));
    }

    let mut scene = ten();
    scene.person(1).standing = Standing::Disabled;
    scene.desired.policy.limits.fleet_leavers = Limit { percent: 0, floor: 1 };
    let plan = scene.plan();
    let both = assemble(&scene.desired, vec![plan.clone(), elsewhere(&plan, "northwind")], scene.now);
    assert_eq!(
        both.customers.iter().map(codes).collect::<Vec<_>>(),
        [[], []],
        "one person in two places is one"
    );
    scene.person(2).standing = Standing::Deleted;
    let plan = scene.plan();
    assert_eq!(codes(&plan), [HoldCode::FleetLeavers]);
    assert_eq!(plan.runnable().count(), 0, "neither leavers nor changes");
}

/// A row on our group that we did not make, which Policy says is to go.
fn extra(scene: &mut Scene) -> RoleAssignment {
    scene.customer().drift.extra_assignments = ExtraAssignments::Remove;
    let principal = scene.group("Team");
    let role = name("b24988ac-6180-42a0-ab88-20f7382dd24c");
    row(AssignmentKey { scope: Scope::subscription(subscription()), principal, role }, Some(id(8, 2)))
}

// Tried, one by one in `assignments::extra`: `declared`, `can_grant_access`, `principal_type` and `condition` not looked at:
// "inherited from the root: left: 1, right: 0" and the same with the other names below.
#[test]
pub(super) fn a_row_that_is_not_ours_goes_only_where_everything_says_that_it_may() {
    type Change = fn(&mut RoleAssignment);
    let deletes = |change: Change, answer: Option<Unread>| {
        let mut scene = Scene::converged();
        let mut row = extra(&mut scene);
        change(&mut row);
        if let Some(unread) = answer {
            scene.tenant.facts.roles.insert(row.key.role, Err(unread));
        }
        scene.rows().push(row);
        let plan = scene.plan();
        let deletes = |o: &&groupsync::plan::operation::Operation| {
            matches!(o.action, Action::DeleteRoleAssignment { .. })
        };
        plan.operations.iter().filter(deletes).count()
    };
    assert_eq!(deletes(|_| (), None), 1, "Policy asks for it");
    let kept: [(&str, Change); 9] = [
        ("inherited from the root", |row| row.key.scope = Scope::canonical("/")),
        ("inherited from a management group", |row| {
            row.key.scope = Scope::canonical("/providers/Microsoft.Management/managementGroups/m");
        }),
        ("in a subscription that no file names", |row| {
            row.key.scope = Scope::canonical("/subscriptions/0f1e2d3c-1111-4000-8000-0000000000ff");
        }),
        ("somebody else's principal", |row| row.key.principal = object(5)),
        ("a user", |row| row.principal_type = "User".into()),
        ("a kind of tomorrow", |row| row.principal_type = "Quantum".into()),
        ("a group of the partner's", |row| row.principal_type = "ForeignGroup".into()),
        ("a role that can grant roles", |row| row.key.role = name(OWNER)),
        ("narrowed by somebody", |row| row.condition = Some("@Resource…".into())),
    ];
    for (what, change) in kept {
        assert_eq!(deletes(change, None), 0, "{what}");
    }
    let text = "Azure answered 403".to_owned();
    let unread = Unread { code: UnreadCode::AccessDenied, text };
    assert_eq!(deletes(|_| (), Some(unread)), 0, "a role whose permissions cannot be read");
}

// Tried: what cannot be read taken for gone in `assignments::is_orphan`: "whether it is gone could not be read: left:
// [\"deleteRoleAssignment/…\"]".
#[test]
fn a_row_of_ours_whose_group_is_not_surely_gone_stays() {
    let orphan = |scene: &mut Scene| {
        let key = AssignmentKey {
            scope: Scope::subscription(subscription()),
            principal: object(99),
            role: name(READER),
        };
        scene.rows().push(row(key, None));
    };
    let mut scene = Scene::converged();
    orphan(&mut scene);
    assert_eq!(scene.plan().operations.len(), 1, "gone, and not fresh");
    let unread = Unread { code: UnreadCode::Unavailable, text: "Graph answered 503".into() };
    scene.tenant.facts.principals.insert(object(99), Err(unread));
    let plan = scene.plan();
    assert_eq!(ids(&plan), Vec::<String>::new(), "whether it is gone could not be read");
    let gap = plan.gaps.first().expect("and that is told");
    assert_eq!(gap.of, format!("group {}, which holds a role of ours", object(99)));
    scene.tenant.facts.principals.clear();
    scene.rows().last_mut().unwrap().created = None;
    assert_eq!(ids(&scene.plan()), Vec::<String>::new(), "how old it is is not known");
    scene.rows().last_mut().unwrap().created = Some(at("2029-06-01T00:00:00Z"));
    scene.rows().last_mut().unwrap().principal_type = "User".into();
    assert_eq!(ids(&scene.plan()), Vec::<String>::new(), "not a group");
}

/// A condition on a row of ours narrows it: it is named, and neither replaced nor deleted with the role.
#[test]
pub(super) fn a_condition_that_somebody_wrote_on_our_row_stays_as_it_is() {
    let mut scene = Scene::converged();
    scene.rows().iter_mut().find(|row| row.is_ours(tenant())).unwrap().condition = Some("@Resource…".into());
    let plan = scene.plan();
    assert!(plan.operations.is_empty(), "{:?}", ids(&plan));
    assert!(plan.findings.iter().any(|finding| finding.code == FindingCode::ForeignCondition));
    scene.mapping("Team").roles.clear();
    let plan = scene.plan();
    assert_eq!(plan.runnable().count(), 0, "{:?}", ids(&plan));
    assert_eq!(plan.refused.len(), 1);
}
