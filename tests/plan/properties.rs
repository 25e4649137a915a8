//! What holds for every plan, over random scenes.

use fastrand::Rng;
use groupsync::model::person::Standing;
use groupsync::plan::operation::Action;

use super::fixture::*;
use super::rules::ids;

/// A random, partly replicated scene: mappings, people, grants, drift.
fn random(seed: u64) -> Scene {
    let mut rng = Rng::with_seed(seed);
    let mut scene = Scene::new();
    let people = |rng: &mut Rng| (1..=9).filter(|_| rng.bool()).collect::<Vec<u64>>();
    for key in ["A", "B", "C"] {
        if rng.bool() {
            let people = people(&mut rng);
            scene.declare(key, &people);
        }
    }
    if rng.bool() {
        let plan = scene.plan();
        let prefix = rng.usize(0..=plan.operations.len());
        let operations: Vec<_> = plan.runnable().take(prefix).cloned().collect();
        for operation in &operations {
            scene.carry_out(operation);
        }
    }
    for key in ["A", "B", "Team"] {
        if scene.desired.groups.contains_key(&name(key)) && rng.bool() {
            let n = rng.u64(1..=9);
            if scene.list(key).remove(&person_id(n)).is_none() {
                scene.list(key).insert(person_id(n), listed(n));
            }
        }
    }
    if rng.bool() {
        let n = rng.u64(1..=9);
        scene.person(n).standing = Standing::Disabled;
    }
    if rng.bool() {
        scene.grant("g", "Team", rng.u64(1..=9), "2029-12-31T20:00:00Z", "2030-01-01T02:00:00Z");
    }
    if rng.bool() {
        scene.now = at("2030-01-01T03:00:00Z");
    }
    scene
}

#[test]
fn the_plan_of_an_applied_plan_is_empty() {
    for seed in 0..150 {
        let mut scene = random(seed);
        let plan = scene.plan();
        if !plan.held.is_empty() {
            continue;
        }
        scene.apply(&plan);
        assert_eq!(ids(&scene.plan()), Vec::<String>::new(), "seed {seed}: after {:?}", ids(&plan));
    }
}

#[test]
fn any_prefix_of_a_plan_then_a_new_plan_converges() {
    for seed in 0..60 {
        let scene = random(seed);
        let plan = scene.plan();
        if !plan.held.is_empty() {
            continue;
        }
        for prefix in 0..=plan.operations.len() {
            let mut cut = scene.clone();
            plan.runnable().take(prefix).for_each(|operation| cut.carry_out(operation));
            let rest = cut.plan();
            cut.apply(&rest);
            let left = cut.plan();
            assert!(
                left.operations.is_empty() || !left.held.is_empty(),
                "seed {seed}, prefix {prefix}: {:?}",
                ids(&left)
            );
        }
    }
}

#[test]
fn every_operation_stands_after_all_that_it_needs() {
    for seed in 0..150 {
        let plan = random(seed).plan();
        for (at, operation) in plan.operations.iter().enumerate() {
            for need in &operation.needs {
                let place = plan.operations.iter().position(|other| other.id == *need);
                assert!(place.is_some_and(|place| place < at), "seed {seed}: {} before {need}", operation.id);
            }
        }
    }
}

#[test]
fn no_plan_removes_more_than_the_limits_allow_unless_it_is_held() {
    for seed in 0..150 {
        let scene = random(seed);
        let plan = scene.plan();
        let removed: usize = plan
            .runnable()
            .filter(|operation| !operation.nature.is_withdrawal())
            .map(|operation| {
                if let Action::RemoveMembers { members, .. } = &operation.action { members.len() } else { 0 }
            })
            .sum();
        let allowed = scene.desired.policy.limits.customer.members.allowed(plan.measure.members);
        assert!(removed <= allowed, "seed {seed}: {removed} > {allowed}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for seed in 0..50 {
        let (once, again) = (random(seed).plan(), random(seed).plan());
        assert_eq!(once, again, "seed {seed}");
    }
}
