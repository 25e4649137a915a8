//! A report without people: nobody's name or address is in any output, and the digests are those of the plan.

use groupsync::plan::operation::Action;
use groupsync::plan::value::Plan;
use groupsync::report::redact::{People, Pseudonyms};
use groupsync::report::{html, json, markdown, text};

use crate::plan::fixture::{Scene, person_id};
use crate::report::second;

/// Everything that can be made of a plan.
fn outputs(plan: &Plan, scene: &Scene) -> Vec<String> {
    let text = text::plan(plan, &scene.desired);
    vec![
        anstream::adapter::strip_str(&text).to_string(),
        json::plan::document(plan, &scene.desired.partner),
        json::saved::write(plan, &scene.desired.partner, People::Hidden),
        markdown::plan(plan, &scene.desired, None),
        html::plan(plan, &scene.desired).collect(),
    ]
}

/// Joins, leaves, strangers, people whose label is a bare name, held and in doubt.
fn scenes() -> Vec<Scene> {
    let mut held = second();
    held.desired.policy.limits.customer.members.floor = 0;
    held.desired.policy.limits.customer.members.percent = 0;
    let mut nameless = second();
    let team = nameless.group("Team");
    for member in nameless.members(team).values_mut() {
        if let groupsync::model::member::Member::User(user) = member {
            user.mail = None;
        }
    }
    let mut gap = second();
    gap.partner.people.insert(person_id(4), Ok(None));
    vec![second(), held, nameless, gap]
}

/// Tried: leaving `label` of a leaving member, then `address` of a joining one, as it is → "fabrikam.example in contoso …",
/// both times.
#[test]
fn no_output_names_anybody() {
    for scene in scenes() {
        let plan = scene.sweep();
        let named = outputs(&plan, &scene).join("\n");
        assert!(named.contains("@fabrikam.example"), "there is something to hide");
        let redacted = Pseudonyms::of(&plan, &scene.desired).plan(plan.clone());
        assert_eq!(redacted.digest, plan.digest);
        for output in outputs(&redacted, &scene) {
            for leak in ["fabrikam.example", "else.example", "Person ", "#EXT#"] {
                assert!(!output.contains(leak), "{leak} in {output}");
            }
            assert!(output.contains(plan.digest.as_str()));
        }
    }
}

#[test]
fn a_redacted_plan_still_tells_people_apart() {
    let scene = second();
    let plan = scene.sweep();
    let redacted = Pseudonyms::of(&plan, &scene.desired).plan(plan);
    insta::assert_snapshot!(anstream::adapter::strip_str(&text::plan(&redacted, &scene.desired)).to_string());
}

/// Texts in which somebody is called by a name that stands nowhere else, as services and customers give them.
#[test]
fn a_bare_name_in_a_sentence_is_hidden_where_the_planner_put_it() {
    let scene = second();
    let mut plan = scene.sweep();
    let customer = &mut plan.customers[0];
    let gap = groupsync::plan::verdict::Gap {
        code: groupsync::plan::verdict::GapCode::Unavailable,
        lost: None,
        of: "what uses Ada Lovelace".into(),
        freezes: "the deletion of this guest".into(),
        text: "the uses of Ada Lovelace: jo_x.example#EXT#@y.example was not found".into(),
    };
    customer.gaps.push(gap);
    for operation in &mut customer.operations {
        if let Action::InviteGuest { display_name, .. } = &mut operation.action {
            *display_name = "Grace Hopper".to_owned();
        }
        for because in &mut operation.because {
            because.text.push_str(" for Grace Hopper");
        }
    }
    let redacted = Pseudonyms::of(&plan, &scene.desired).plan(plan);
    for output in outputs(&redacted, &scene) {
        for leak in ["Ada", "Grace", "x.example", "y.example"] {
            assert!(!output.contains(leak), "{leak} in {output}");
        }
    }
}
