//! What became of a plan, for a terminal, a program, a pull request and a browser.

use std::slice::from_ref;

use groupsync::desired::state::DesiredState;
use groupsync::plan::forecast::Cost;
use groupsync::plan::outcome::{CustomerOutcome, Outcome, Status};
use groupsync::plan::value::Plan;
use groupsync::report::difference::{self, Skipped};
use groupsync::report::json::saved;
use groupsync::report::redact::{People, Pseudonyms};
use groupsync::report::upshot::Run;
use groupsync::report::{html, json, markdown, outcome};

use crate::plan::fixture::{Scene, at, person_id};
use crate::report::hostile::{NAMES, fleet};
use crate::report::markdown::{LONGEST, assert_harmless};
use crate::report::{first, second};

const STATUSES: [Status; 6] = [
    Status::Done,
    Status::AlreadySo,
    Status::Pending,
    Status::Deferred(jiff::Timestamp::constant(1_893_456_600, 0)),
    Status::Refused,
    Status::Failed,
];

/// Outcomes of a whole plan: all done but what `status` says of the place in the customer's plan.
fn outcomes(
    plan: &Plan,
    status: impl Fn(usize) -> Status,
    text: impl Fn(usize) -> String,
) -> Vec<CustomerOutcome> {
    let of = |(place, operation): (usize, &groupsync::plan::operation::Operation)| Outcome {
        operation: operation.id.clone(),
        kind: operation.action.kind(),
        status: status(place),
        text: (!matches!(status(place), Status::Done)).then(|| text(place)),
        request_id: Some("6f9f1b52".to_owned()),
    };
    let customers = plan.customers.iter();
    customers
        .map(|customer| CustomerOutcome {
            name: customer.name.clone(),
            outcomes: customer.runnable().enumerate().map(of).collect(),
            ended_early: None,
        })
        .collect()
}

fn mixed(plan: &Plan) -> Vec<CustomerOutcome> {
    let mut mixed =
        outcomes(plan, |n| STATUSES[n % 6], |_| "Graph answered 503 to POST /invitations".to_owned());
    mixed[0].ended_early = Some("interrupted; the call in flight was finished".to_owned());
    mixed
}

fn shown(run: &Run<'_>, desired: &DesiredState) -> [String; 4] {
    [
        anstream::adapter::strip_str(&outcome::text(run.plan, run.outcomes, run.now)).to_string(),
        json::outcome::document(run),
        markdown::outcome::page(run, desired, Some("outcome.html")),
        html::outcome::page(run, desired).concat(),
    ]
}

#[test]
fn a_run_that_went_well_says_what_came_and_what_went() {
    let scene = second();
    let plan = scene.sweep();
    let outcomes = outcomes(&plan, |_| Status::Done, |_| String::new());
    let run = Run {
        plan: &plan,
        outcomes: &outcomes,
        skipped: &[],
        cost: Cost::default(),
        now: at("2030-01-01T00:01:00Z"),
    };
    insta::assert_snapshot!(markdown::outcome::page(&run, &scene.desired, None));
}

#[test]
fn what_failed_stands_before_what_was_done() {
    let scene = first();
    let plan = scene.sweep();
    let outcomes = mixed(&plan);
    let run = Run {
        plan: &plan,
        outcomes: &outcomes,
        skipped: &[],
        cost: Cost::default(),
        now: at("2030-01-01T00:01:00Z"),
    };
    insta::assert_snapshot!(markdown::outcome::page(&run, &scene.desired, None));
    insta::assert_snapshot!(without_style(&html::outcome::page(&run, &scene.desired).concat()));
}

/// Holds, refusals and customers that were left alone, with nothing written at all.
#[test]
fn what_was_left_alone_says_why_and_what_to_do() {
    let mut scene = second();
    scene.desired.policy.limits.customer.members = groupsync::desired::state::Limit { percent: 0, floor: 0 };
    let plan = scene.sweep();
    let skipped = [skipped(&second(), &first())];
    let run = Run {
        plan: &plan,
        outcomes: &[],
        skipped: &skipped,
        cost: Cost::default(),
        now: at("2030-01-01T00:01:00Z"),
    };
    insta::assert_snapshot!(markdown::outcome::page(&run, &scene.desired, Some("outcome.html")));
}

#[test]
fn a_run_with_nothing_to_do_is_a_few_lines() {
    let scene = Scene::converged();
    let plan = scene.sweep();
    let run = Run {
        plan: &plan,
        outcomes: &[],
        skipped: &[],
        cost: Cost::default(),
        now: at("2030-01-01T00:01:00Z"),
    };
    insta::assert_snapshot!(markdown::outcome::page(&run, &scene.desired, None));
}

fn without_style(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    head.to_owned() + rest.split_once("</style>").unwrap().1
}

/// The customer of both scenes, as if the first had been reviewed and the second were today's.
fn skipped(then: &Scene, now: &Scene) -> Skipped {
    let customers = |scene: &Scene| saved::customers(&scene.sweep(), &scene.desired.partner);
    let (then, now) = (customers(then), customers(now));
    let (name, before) = then.first_key_value().unwrap();
    let lines = difference::lines(&before.changes(), &now[name].changes());
    Skipped { name: name.clone(), why: "this is not what was planned at 2030-01-01T00:00:00Z".into(), lines }
}

/// Reasons of services, names of customers and lines of a difference are all somebody else's.
#[test]
fn no_name_can_do_anything_in_a_comment_about_a_run() {
    let names = NAMES.map(str::to_owned);
    for seed in 0..40 {
        let (plan, desired) = fleet(seed, 8, 12, &names);
        let mut outcomes =
            outcomes(&plan, |n| STATUSES[n % 6], |n| format!("{} is in the way", NAMES[n % NAMES.len()]));
        for (customer, name) in outcomes.iter_mut().zip(NAMES) {
            customer.ended_early = (!customer.outcomes.is_empty()).then(|| name.to_owned());
        }
        let hostile = NAMES.map(str::to_owned);
        let skipped = Skipped {
            name: plan.customers[0].name.clone(),
            why: "this is not what was planned".to_owned(),
            lines: difference::lines(&hostile, &[]),
        };
        let run = Run {
            plan: &plan,
            outcomes: &outcomes,
            skipped: from_ref(&skipped),
            cost: Cost::default(),
            now: at("2030-01-01T00:01:00Z"),
        };
        assert_harmless(&markdown::outcome::page(&run, &desired, Some("outcome.html")));
        let page = html::outcome::page(&run, &desired).concat();
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        assert!(!page.chars().any(|c| c != '\n' && groupsync::model::hidden::is_hidden(c)), "{page}");
    }
}

/// Whatever failed, however much, at however many customers.
#[test]
fn a_page_about_a_huge_run_fits() {
    let long = ["`", "|", "<", "\u{202e}", "é", "x@y.example ", "a "].map(|text| text.repeat(400));
    for (seed, customers, size) in [(1, 500, 4), (2, 20, 200), (3, 1, 600)] {
        let (plan, desired) = fleet(seed, customers, size, &long);
        for status in STATUSES {
            let outcomes = outcomes(&plan, |_| status, |n| format!("{n} {}", long[n % 7]));
            let skipped = Skipped {
                name: plan.customers[0].name.clone(),
                why: "it is no longer in the files".to_owned(),
                lines: difference::lines(&vec!["x".repeat(900); 200], &[]),
            };
            let skipped = vec![skipped; 400];
            let run = Run {
                plan: &plan,
                outcomes: &outcomes,
                skipped: &skipped,
                cost: Cost::default(),
                now: at("2030-01-01T00:01:00Z"),
            };
            let page = markdown::outcome::page(&run, &desired, Some("outcome.html"));
            assert!(page.len() <= LONGEST, "{} bytes", page.len());
            assert!(page.trim_end().ends_with(&format!("`{}`", plan.digest)));
        }
    }
}

/// Everybody has the pseudonym that she had in the plan.
#[test]
fn a_run_can_be_told_without_people() {
    let scene = second();
    let plan = scene.sweep();
    let outcomes =
        outcomes(&plan, |n| STATUSES[n % 6], |_| "p2@fabrikam.example was in the way of Person 4".to_owned());
    let (hidden, told) = Pseudonyms::of(&plan, &scene.desired).outcomes(plan.clone(), outcomes);
    let run = Run {
        plan: &hidden,
        outcomes: &told,
        skipped: &[],
        cost: Cost::default(),
        now: at("2030-01-01T00:01:00Z"),
    };
    for output in shown(&run, &scene.desired) {
        for leak in ["fabrikam.example", "else.example", "Person ", "#EXT#"] {
            assert!(!output.contains(leak), "{leak} in {output}");
        }
    }
    assert_eq!(hidden.digest, plan.digest);
}

/// A plan saved without people differs from today's only where the plans differ, and a difference shown without people names
/// nobody, whichever of the two was told without them.
#[test]
fn a_difference_calls_people_the_same_on_both_sides() {
    let scene = second();
    let plan = scene.sweep();
    let mut later = second();
    later.list("Night").remove(&person_id(8));
    let today = later.sweep();
    let hide = |scene: &Scene, plan: &Plan| Pseudonyms::of(plan, &scene.desired).plan(plan.clone());
    let read = |plan: &Plan, people| {
        let text = saved::write(plan, &scene.desired.partner, people);
        saved::read(&text, &scene.desired.partner).unwrap()
    };
    let hidden = read(&hide(&scene, &plan), People::Hidden);
    assert_eq!(hidden.people, People::Hidden);
    let named = read(&plan, People::Named);
    assert_eq!(named.people, People::Named);

    let today_hidden = saved::customers(&hide(&later, &today), &scene.desired.partner);
    let (name, now) = today_hidden.first_key_value().unwrap();
    let lines = difference::lines(
        &saved::uncounted(hidden.customers[name].changes()),
        &saved::uncounted(now.changes()),
    );
    let mut then = named.customers[name].clone();
    then.redact(&mut Pseudonyms::of(&today, &later.desired));
    for lines in [lines, difference::lines(&then.changes(), &now.changes())] {
        let skipped = Skipped { name: name.clone(), why: String::new(), lines };
        let text = anstream::adapter::strip_str(&skipped.text()).to_string();
        assert!(!text.contains("fabrikam.example") && !text.contains("Person"), "{text}");
        let changed = |line: &&str| line.starts_with("  - ") || line.starts_with("  + ");
        let changed: Vec<&str> = text.lines().filter(changed).collect();
        assert_eq!(changed.len(), 12, "only one person left: {text}");
        for n in 1..8 {
            assert!(!changed.join("\n").contains(&format!("person {n:04}")), "{text}");
        }
    }
}
