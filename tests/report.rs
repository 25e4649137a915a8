//! Plans and outcomes in words: what a person sees, what a program gets.

mod everywhere;
pub(crate) mod hostile;
mod html;
mod identity;
mod logs;
mod markdown;
mod outcome;
mod redact;

use groupsync::desired::state::{Limit, State};
use groupsync::model::member::Member;
use groupsync::model::person::Standing;
use groupsync::model::role::Tier;
use groupsync::model::usage::Usage;
use groupsync::plan::forecast::{Cost, Fact, Forecast};
use groupsync::plan::outcome::{CustomerOutcome, Outcome, Status};
use groupsync::plan::value::Plan;
use groupsync::report::upshot::Run;
use groupsync::report::{forecast, json, outcome as told, text};
use jiff::SignedDuration;

use crate::plan::fixture::{READER, Scene, at, guest, guest_id, person_id};

fn shown(plan: &Plan, scene: &Scene) -> String {
    anstream::adapter::strip_str(&text::plan(plan, &scene.desired)).to_string()
}

fn plan_document(scene: &Scene) -> String {
    json::plan::document(&scene.sweep(), &scene.desired.partner)
}

/// A first roll-out with a grant.
pub(crate) fn first() -> Scene {
    let mut scene = Scene::new();
    scene.declare_empty("BreakGlass", READER, Tier::Standard);
    scene.grant("inc-1", "BreakGlass", 1, "2030-01-01T00:00:00Z", "2030-01-01T04:00:00Z");
    scene
}

/// Many join a new group, one has left the team, one has left the company, and a stranger stands in a group of ours.
pub(crate) fn second() -> Scene {
    let mut scene = Scene::converged();
    scene.declare("Night", &[1, 2, 3, 4, 5, 6, 7, 8]);
    scene.list("Team").remove(&person_id(2));
    scene.person(3).standing = Standing::Deleted;
    let team = scene.group("Team");
    let mut stranger = guest(77);
    stranger.mail = Some("eve@else.example".parse().unwrap());
    stranger.user_principal_name = Some("eve_else.example#EXT#@contoso.example".to_owned());
    scene.members(team).insert(guest_id(77), Member::User(Box::new(stranger)));
    scene
}

#[test]
fn a_first_plan_shows_who_gets_what_until_when_and_why() {
    let scene = first();
    insta::assert_snapshot!(shown(&scene.sweep(), &scene));
}

#[test]
fn equal_additions_are_folded_and_removals_are_named() {
    let scene = second();
    insta::assert_snapshot!(shown(&scene.sweep(), &scene));
}

#[test]
fn what_is_held_says_by_how_much_and_what_to_do() {
    let mut scene = second();
    scene.desired.policy.limits.customer.members = Limit { percent: 0, floor: 0 };
    insta::assert_snapshot!(shown(&scene.sweep(), &scene));
}

#[test]
fn at_an_observed_customer_everything_is_only_listed() {
    let mut scene = second();
    scene.customer().state = State::Observe;
    insta::assert_snapshot!(shown(&scene.sweep(), &scene));
}

#[test]
fn a_converged_plan_is_one_sentence() {
    let scene = Scene::converged();
    insta::assert_snapshot!(shown(&scene.sweep(), &scene));
}

#[test]
fn the_json_plan_keeps_its_shape() {
    insta::assert_snapshot!(plan_document(&second()));
}

/// Every removal has its own line, however many there are. Tried: folding removals like additions (`Sign::Add` to `true` in
/// `fold`); five names were missing.
#[test]
fn no_removal_is_ever_folded_away() {
    let mut scene = Scene::converged();
    scene.declare("Night", &[1, 2, 3, 4, 5, 6, 7, 8]);
    let plan = scene.plan();
    scene.apply(&plan);
    scene.list("Night").clear();
    let text = shown(&scene.sweep(), &scene);
    for n in 1..=8 {
        assert!(text.contains(&format!("- p{n}@fabrikam.example")), "{text}");
    }
}

/// Nothing a tenant is called reaches a terminal as anything but letters. Tried: leaving `escape` out of the line for a
/// renamed group; the bare text held the characters themselves.
#[test]
fn a_name_from_a_tenant_never_commands_the_terminal() {
    let mut scene = second();
    let team = scene.group("Team");
    let groups = scene.tenant.groups.as_mut().unwrap();
    groups.get_mut(&team).unwrap().display_name = "\u{202e}maeT\u{1b}[31m Eve".to_owned();
    let plan = scene.sweep();
    for text in [text::plan(&plan, &scene.desired), json::plan::document(&plan, &scene.desired.partner)] {
        let bare = anstream::adapter::strip_str(&text).to_string();
        assert!(bare.contains("202e"), "the name is there, written out: {bare}");
        assert!(!bare.contains(['\u{202e}', '\u{1b}']), "{bare}");
        assert!(!text.contains("\u{1b}[31m Eve"));
    }
}

#[test]
fn an_outcome_names_what_is_not_simply_done_and_when_it_will_be() {
    let scene = first();
    let plan = scene.sweep();
    let statuses = [
        Status::Done,
        Status::AlreadySo,
        Status::Pending,
        Status::Deferred(at("2030-01-01T00:10:00Z")),
        Status::Refused,
        Status::Failed,
    ];
    let outcomes = plan.customers[0].operations.iter().zip(statuses).map(|(operation, status)| Outcome {
        operation: operation.id.clone(),
        kind: operation.action.kind(),
        status,
        text: (status == Status::Failed).then(|| "Graph answered 503 to POST /invitations".to_owned()),
        request_id: Some("6f9f1b52".to_owned()),
    });
    let customers = [CustomerOutcome {
        name: plan.customers[0].name.clone(),
        outcomes: outcomes.collect(),
        ended_early: Some("interrupted: the call in flight was finished".to_owned()),
    }];
    let fact = Fact {
        usage: Usage { graph: 14, units: 17, writes: 9, azure: 3, azure_writes: 2, authorization: 3 },
        time: SignedDuration::from_millis(61_500),
    };
    let cost = Cost { forecast: Forecast::of(&plan, scene.desired.partner.cloud), fact };
    let run = Run { plan: &plan, outcomes: &customers, skipped: &[], cost, now: at("2030-01-01T00:01:00Z") };
    let text = told::text(&plan, &customers, run.now) + &forecast::against(&cost);
    insta::assert_snapshot!(anstream::adapter::strip_str(&text));
    insta::assert_snapshot!(json::outcome::document(&run));
}
