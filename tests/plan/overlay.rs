//! Our own writes over a reading that does not show them yet: no difference, unless access has ended.

use std::collections::BTreeSet;

use groupsync::model::ids::ObjectId;
use groupsync::model::person::Standing;
use groupsync::plan::operation::{Action, Kind};
use groupsync::plan::overlay::{Recent, Wrote};
use groupsync::plan::value::CustomerPlan;
use jiff::SignedDuration;

use super::fixture::*;
use super::rules::ids;

/// What is planned once a plan is carried out and every replica still shows what was there before, so long afterwards.
fn planned_after(scene: &Scene, plan: &CustomerPlan, age: SignedDuration) -> CustomerPlan {
    let mut recent = Recent::default();
    for operation in &plan.operations {
        let (group, reached) = reached(&operation.action);
        recent.note(tenant(), Wrote::by(operation, &reached, group), scene.now);
    }
    let mut stale = scene.clone();
    recent.lay_over(tenant(), &mut stale.tenant, scene.now + age);
    stale.plan()
}

/// The group that an operation writes to, and the objects that it reaches there.
fn reached(action: &Action) -> (Option<ObjectId>, BTreeSet<ObjectId>) {
    match action {
        Action::AddMembers { group, members } => {
            (group.id, members.iter().filter_map(|member| member.guest).collect())
        }
        Action::RemoveMembers { group, members } => (group.id, members.iter().map(|m| m.object).collect()),
        Action::UpdateGroup { group, .. } => (None, BTreeSet::from([*group])),
        Action::CreateRoleAssignment { group, .. } => (None, group.id.into_iter().collect()),
        Action::DeleteRoleAssignment { key, .. } => (None, BTreeSet::from([key.principal])),
        other => panic!("the scene asks for no {:?}", other.kind()),
    }
}

#[test]
fn what_replicas_do_not_show_yet_is_not_done_twice_for_some_minutes() {
    let mut scene = Scene::converged();
    scene.declare("Other", &[4]);
    let plan = scene.plan();
    scene.apply(&plan);
    scene.list("Team").insert(person_id(4), listed(4));
    scene.list("Team").remove(&person_id(3));
    scene.mapping("Team").display_name = "Team of Contoso".to_owned();
    scene.mapping("Other").roles.clear();
    let team = scene.group("Team");
    scene.rows().retain(|row| row.key.principal != team);
    let plan = scene.plan();
    let kinds: BTreeSet<Kind> = plan.operations.iter().map(|operation| operation.action.kind()).collect();
    assert_eq!(kinds.len(), 5, "{:?}", ids(&plan));
    let at_once = planned_after(&scene, &plan, SignedDuration::ZERO);
    assert!(at_once.operations.is_empty(), "{:?}", ids(&at_once));
    let later = planned_after(&scene, &plan, SignedDuration::from_mins(3));
    let later: BTreeSet<Kind> = later.operations.iter().map(|operation| operation.action.kind()).collect();
    assert_eq!(later, BTreeSet::from([Kind::CreateRoleAssignment, Kind::DeleteRoleAssignment]));
    assert_eq!(planned_after(&scene, &plan, SignedDuration::from_mins(5)).operations, plan.operations);
}

#[test]
fn that_access_has_ended_is_believed_only_once_it_is_seen() {
    let mut scene = Scene::converged();
    scene.person(1).standing = Standing::Disabled;
    let plan = scene.plan();
    assert_eq!(plan.operations.len(), 1, "{:?}", ids(&plan));
    assert_eq!(planned_after(&scene, &plan, SignedDuration::ZERO).operations, plan.operations);
}

/// She got in, and out again before every replica shows that she was ever in.
#[test]
fn a_withdrawal_makes_what_was_given_before_it_forgotten() {
    let mut scene = Scene::converged();
    scene.declare("Other", &[4]);
    let plan = scene.plan();
    scene.apply(&plan);
    let team = scene.group("Team");
    let mut recent = Recent::default();
    recent.note(tenant(), [Wrote::In { group: team, member: guest_id(4) }], scene.now);
    let mut shown = scene.clone();
    recent.lay_over(tenant(), &mut shown.tenant, scene.now);
    assert!(shown.members(team).contains_key(&guest_id(4)), "what other groups show can be laid over");
    shown.person(4).standing = Standing::Disabled;
    let plan = shown.plan();
    for operation in &plan.operations {
        let (group, reached) = reached(&operation.action);
        recent.note(tenant(), Wrote::by(operation, &reached, group), scene.now);
    }
    let mut afterwards = scene.clone();
    recent.lay_over(tenant(), &mut afterwards.tenant, scene.now);
    assert!(!afterwards.members(team).contains_key(&guest_id(4)));
}

#[test]
fn what_we_gave_again_hides_what_we_took_before() {
    let mut recent = Recent::default();
    let mut scene = Scene::converged();
    let team = scene.group("Team");
    recent.note(tenant(), [Wrote::Out { group: team, member: guest_id(1) }], scene.now);
    recent.note(tenant(), [Wrote::In { group: team, member: guest_id(1) }], scene.now);
    let shown = scene.members(team).clone();
    recent.lay_over(tenant(), &mut scene.tenant, scene.now);
    assert_eq!(scene.members(team), &shown);
}
