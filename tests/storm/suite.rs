//! A slice of the storm in the suite: seeds in which nothing may break, a seed that gives the same bytes twice, and defects
//! that must not go unnoticed.

use groupsync::defects::Defect;

use super::campaign::{self, Plan};
use super::trace::Detail;

/// How many seeds the suite runs.
const SLICE: u64 = 24;

#[test]
fn nothing_breaks_in_the_storm() {
    let (mut broken, mut requests, mut converged) = (Vec::new(), 0, 0);
    campaign::many(0..SLICE, None, campaign::cores(), |verdict| {
        broken.extend(verdict.violation.map(|violation| (verdict.seed, violation)));
        requests += verdict.requests;
        converged += u64::from(verdict.converged);
        true
    });
    broken.sort_by_key(|(seed, _)| *seed);
    if let Some((seed, violation)) = broken.first() {
        let steps: Vec<_> =
            campaign::shrink(*seed, None, violation.of).iter().map(ToString::to_string).collect();
        let steps = steps.join(",");
        panic!("{broken:#?}\nreplay: cargo run --example storm -- --seed {seed} --steps {steps} --trace");
    }
    assert_eq!(converged, SLICE);
    assert!(
        requests > 500 * SLICE,
        "{requests} requests are too few for {SLICE} seeds: nothing happens in them"
    );
}

#[test]
fn a_seed_gives_the_same_bytes_twice() {
    for seed in [3, 4] {
        let [one, other] = [(); 2].map(|()| {
            let plan = Plan { seed, ..Plan::default() };
            campaign::run(&plan, Detail::Everything)
        });
        assert!(one.story.len() > 10, "something was told");
        assert_eq!(one.digest, other.digest, "seed {seed}");
    }
}

/// The defects that are found soonest, each with the number of seeds within which it is found. The others have theirs in
/// `tests/README.md`.
const SOON: [(Defect, u64); 1] = [(Defect::WallClock, 4)];

#[test]
fn a_planted_defect_is_found() {
    for (defect, bound) in SOON {
        let mut found = None;
        campaign::many(0..bound, Some(defect), campaign::cores(), |verdict| {
            found = found.take().or(verdict.violation);
            found.is_none()
        });
        assert!(found.is_some(), "{defect:?} ({}) went unnoticed", defect.words());
    }
}
