//! The comment on a pull request: what stands first, what is never left out, how long it gets, and what names can do in it.

use groupsync::desired::state::{DesiredState, Limit, State};
use groupsync::model::role::Tier;
use groupsync::plan::value::Plan;
use groupsync::report::markdown;
use groupsync::report::review::Review;
use groupsync::report::review::loss::Loss;
use groupsync::report::review::words::counted;
use groupsync::report::tally::Fate;
use proptest::prelude::*;

use crate::plan::fixture::{OWNER, Scene};
use crate::report::hostile::{NAMES, fleet};
use crate::report::{first, second};

/// The most characters a page may have.
pub(super) const LONGEST: usize = 60_000;

fn page(scene: &Scene) -> String {
    markdown::plan(&scene.sweep(), &scene.desired, Some("plan.html"))
}

/// The same plan at `customers` customers.
fn everywhere(scene: &mut Scene, customers: usize) -> Plan {
    let mut plan = scene.sweep();
    let (planned, declared) = (plan.customers.remove(0), scene.customer().clone());
    for n in 0..customers {
        let mut planned = planned.clone();
        planned.name = format!("customer-{n:04}").parse().unwrap();
        let mut declared = declared.clone();
        declared.name = planned.name.clone();
        scene.desired.customers.insert(declared.name.clone(), declared);
        plan.customers.push(planned);
    }
    plan
}

#[test]
fn a_first_plan_says_who_gets_what() {
    let mut scene = first();
    scene.declare_empty("Rescue", OWNER, Tier::Privileged);
    scene.grant("inc-2", "Rescue", 2, "2030-01-01T00:00:00Z", "2030-01-01T04:00:00Z");
    insta::assert_snapshot!(page(&scene));
}

#[test]
fn what_goes_is_named_and_leavers_stand_first() {
    insta::assert_snapshot!(page(&second()));
}

#[test]
fn what_is_held_stands_before_everything_that_happens() {
    let mut scene = second();
    scene.desired.policy.limits.customer.members = Limit { percent: 0, floor: 0 };
    insta::assert_snapshot!(page(&scene));
}

#[test]
fn an_observed_customer_is_only_listed() {
    let mut scene = second();
    scene.customer().state = State::Observe;
    insta::assert_snapshot!(page(&scene));
}

#[test]
fn a_converged_fleet_is_three_lines() {
    insta::assert_snapshot!(page(&Scene::converged()));
}

#[test]
fn equal_changes_of_a_fleet_are_one_line() {
    let mut scene = Scene::converged();
    scene.declare("NOC_EU", &[4, 5, 6, 7, 8, 9]);
    scene.desired.policy.tenants_per_person.warn = 0;
    let plan = everywhere(&mut scene, 2_914);
    let page = markdown::plan(&plan, &scene.desired, Some("plan.html"));
    insta::assert_snapshot!(page);
}

/// What a reviewer of a change for 3,000 customers has to see within two minutes: what is unlike the rest stands first and
/// singly, what is equal stands together, and the digest is the last line.
#[test]
fn a_change_of_three_thousand_customers_is_read_from_the_top() {
    let mut scene = Scene::converged();
    scene.declare("NOC_EU", &[4, 5, 6, 7, 8, 9]);
    scene.desired.policy.tenants_per_person.warn = 0;
    let mut plan = everywhere(&mut scene, 2_914);
    let mut add = |mut other: Scene, names: std::ops::Range<usize>| {
        let (planned, declared) = (other.sweep().customers.remove(0), other.customer().clone());
        for n in names {
            let (mut planned, mut declared) = (planned.clone(), declared.clone());
            planned.name = format!("unlike-{n:02}").parse().unwrap();
            declared.name = planned.name.clone();
            scene.desired.customers.insert(declared.name.clone(), declared);
            plan.customers.push(planned);
        }
    };
    let mut rescue = first();
    rescue.declare_empty("Rescue", OWNER, Tier::Privileged);
    rescue.grant("inc-2", "Rescue", 2, "2030-01-01T00:00:00Z", "2030-01-01T04:00:00Z");
    add(rescue, 0..1);
    add(second(), 1..2);
    let mut observed = second();
    observed.customer().state = State::Observe;
    add(observed, 2..3);
    add(Scene::converged(), 3..86);
    let page = markdown::plan(&plan, &scene.desired, Some("plan.html"));
    assert!(page.len() <= LONGEST, "{} bytes", page.len());
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("`{words}` is missing in {page}"));
    let order = [
        "at 2,916 of 3,000 customers",
        "#### Privileged roles",
        "#### Access that has ended",
        "#### What goes",
        "#### People in many tenants",
        "in 2,914 customers",
        "the same 6 people",
    ];
    assert!(order.map(place).is_sorted(), "{:?} in {page}", order.map(place));
    assert!(place("Owner") < place("#### What goes"), "{page}");
    assert!(page.trim_end().ends_with(&format!("`{}`", plan.digest)));
    assert_harmless(&page);
    insta::assert_snapshot!(page);
}

/// Tried: `names(…, 5)` for the customers of a removal → "5 is missing".
#[test]
fn every_removal_is_named_with_its_customer_as_long_as_all_fit() {
    let mut scene = Scene::converged();
    scene.list("Team").remove(&crate::plan::fixture::person_id(2));
    let plan = everywhere(&mut scene, 400);
    let page = markdown::plan(&plan, &scene.desired, Some("plan.html"));
    for n in 0..400 {
        assert!(page.contains(&format!("`customer-{n:04}`")), "{n} is missing");
    }
    assert!(!page.contains("first 100"));
}

/// Tried: leaving out `first_removals`, then `Removals::All` whatever the size → "### groupsync plan: 0 to add, …", both times:
/// no warning above the summary.
#[test]
fn removals_that_do_not_fit_are_announced_above_everything_else() {
    let mut scene = Scene::converged();
    scene.list("Team").remove(&crate::plan::fixture::person_id(2));
    let plan = everywhere(&mut scene, 3_000);
    let page = markdown::plan(&plan, &scene.desired, Some("plan.html"));
    let top = page.split("| Customers changed").next().unwrap();
    assert!(
        top.contains("**3,000 removals.** Here are the first 100; all of them are in `plan.html`."),
        "{top}"
    );
    assert_eq!(top.matches("| `customer-").count(), 100, "{top}");
    insta::assert_snapshot!(&page[page.find("| Customers changed").unwrap()..]);
}

/// Everything outside code spans is ours: no mention, link, reference, tag or invisible character of anybody else.
pub(super) fn assert_harmless(page: &str) {
    assert!(page.chars().count() <= LONGEST, "{} characters", page.chars().count());
    assert!(!page.chars().any(|c| c != '\n' && groupsync::model::hidden::is_hidden(c)));
    for line in page.lines() {
        let pieces: Vec<&str> = line.split('`').collect();
        assert_eq!(pieces.len() % 2, 1, "an open code span: {line}");
        for code in pieces.iter().skip(1).step_by(2) {
            assert!(!code.starts_with(['=', '+', '-', '@']) || !line.starts_with('|'), "a formula: {line}");
            assert!(!code.contains('|'), "a cell ends: {line}");
        }
        let mut ours = pieces.iter().step_by(2).copied().collect::<Vec<_>>().join("x");
        for tag in ["<details>", "</details>", "<summary>", "</summary>", "<br>"] {
            ours = ours.replace(tag, "");
        }
        let ours = ours.trim_start_matches(['#', '>', ' ']);
        for bad in ["@", "#", "<", ">", "://", "www.", "](", "${", "\\", "&", "_", "evil.example"] {
            assert!(!ours.contains(bad), "{bad} in {line}");
        }
    }
}

/// Tried: `push_str(word)` for every word of a sentence → "assertion failed: `!page.chars().any(…)`"; `escape(word)` without
/// a code span → "a cell ends: - …".
#[test]
fn no_name_can_do_anything_in_a_comment() {
    let names = NAMES.map(str::to_owned);
    for seed in 0..60 {
        let (plan, desired) = fleet(seed, 12, 12, &names);
        assert_harmless(&markdown::plan(&plan, &desired, Some("plan.html")));
    }
}

/// Tried: `span` without `LONGEST_NAME` → "168801 bytes".
#[test]
fn a_page_of_a_huge_fleet_with_long_hostile_names_still_fits() {
    let long = ["`", "|", "<", "\u{202e}", "é", "𐍈", "x@y.example ", "a "].map(|text| text.repeat(400));
    for (seed, customers, size) in [(1, 3_000, 4), (2, 300, 60), (3, 40, 400), (4, 1, 3_000)] {
        let (plan, desired) = fleet(seed, customers, size, &long);
        let file = "p`".repeat(200);
        let page = markdown::plan(&plan, &desired, Some(&file));
        assert!(page.len() <= LONGEST, "{} bytes", page.len());
        assert!(page.trim_end().ends_with(&format!("`{}`", plan.digest)));
        assert_harmless(&page);
    }
}

/// Whatever else there is to say, either every removal stands on the page or their exact number stands above everything, with the
/// first hundred and the name of the file that has all: never a few of them and a remark below.
#[test]
fn removals_are_all_there_or_counted_above_everything_else() {
    let long: Vec<String> = NAMES.iter().map(|name| name.repeat(12)).collect();
    let (mut whole, mut first) = (0, 0);
    for seed in 0..60 {
        let names = if seed % 2 == 0 { long.clone() } else { NAMES.map(str::to_owned).to_vec() };
        let customers = 4 + 3 * usize::try_from(seed).unwrap();
        let (plan, desired) = fleet(seed, customers, 12, &names);
        let page = markdown::plan(&plan, &desired, Some("plan.html"));
        let losses = Review::of(&plan, &desired).losses;
        let goes = losses.iter().filter(|loss| matches!(loss.fate, Fate::Runs | Fate::Held));
        let all: usize = goes.map(Loss::count).sum();
        let title = "#### What goes\n";
        if let Some(at) = page.find(title) {
            whole += 1;
            let section = page[at + title.len()..].split("\n#### ").next().unwrap();
            let section = section.split("\n<details>").next().unwrap().split("\nPlanned").next().unwrap();
            assert!(!section.contains("\n… and "), "seed {seed}: removals are cut off: {section}");
        } else if all > 0 {
            first += 1;
            let top = page.split("\n| | |\n").next().unwrap();
            let said = format!("> **{}", counted(all, "removal"));
            assert!(top.contains(&said) && top.contains("are in `plan.html`."), "seed {seed}: {all}: {top}");
            assert_eq!(top.matches("\n| `").count(), all.min(100), "seed {seed}: {top}");
        }
        assert_harmless(&page);
    }
    assert!(whole > 5 && first > 5, "{whole} pages with all removals, {first} with the first");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_page_fits_and_is_harmless(
        seed in any::<u64>(),
        customers in 0_usize..60,
        size in 0_usize..60,
        names in proptest::collection::vec(".{0,80}", 1..8),
    ) {
        let (plan, desired): (Plan, DesiredState) = fleet(seed, customers, size, &names);
        let page = markdown::plan(&plan, &desired, None);
        assert_harmless(&page);
        prop_assert_eq!(page, markdown::plan(&plan, &desired, None), "same input, same bytes");
    }
}
