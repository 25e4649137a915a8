//! A slice of the storm in the suite: seeds in which nothing may break, a seed that gives the same bytes twice, and defects
//! that must not go unnoticed.

use std::sync::Mutex;

use groupsync::defects::Defect;

use super::campaign::{self, Plan};
use super::trace::Detail;

/// How many seeds the suite runs.
const SLICE: u64 = 16;

#[test]
fn nothing_breaks_in_the_storm() {
    let (mut broken, mut requests, mut run) = (Vec::new(), 0, 0);
    campaign::many(0..SLICE, None, campaign::cores(), |verdict| {
        broken.extend(verdict.violation.map(|violation| (verdict.seed, violation)));
        requests += verdict.requests;
        run += 1;
        true
    });
    broken.sort_by_key(|(seed, _)| *seed);
    if let Some((seed, violation)) = broken.first() {
        let steps: Vec<_> = campaign::shrink(*seed, violation.of).iter().map(ToString::to_string).collect();
        let steps = steps.join(",");
        panic!("{broken:#?}\nreplay: cargo run --example storm -- --seed {seed} --steps {steps} --trace");
    }
    assert_eq!(run, SLICE, "every seed was run");
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

/// The first seed that shows each of the defects that are found within minutes; `--defect all` finds them. A change of the
/// program may move one: then so many seeds are tried before it counts as unnoticed.
const BOUND: u64 = 60;
const FIRST: [(Defect, u64); 9] = [
    (Defect::TruncatedPage, 0),
    (Defect::EnvelopeTrusted, 1),
    (Defect::WallClock, 0),
    (Defect::DisabledStays, 8),
    (Defect::ExpiredGrantRefused, 0),
    (Defect::EveryRowIsOurs, 0),
    (Defect::EverybodyIsStaff, 0),
    (Defect::NoRestForGuests, 0),
    (Defect::AdoptedDeleted, 4),
];

#[test]
fn planted_defects_are_found() {
    let next = Mutex::new(FIRST.iter());
    let unnoticed = Mutex::new(Vec::new());
    let search = || {
        loop {
            // The lock is given back before the search: the other threads look for the other defects meanwhile.
            let Some((defect, first)) = next.lock().unwrap().next() else { return };
            let mut seeds = std::iter::once(*first).chain(0..BOUND);
            let breaks = |seed, defect| {
                let plan = Plan { seed, steps: None, defect };
                campaign::run(&plan, Detail::Nothing).violation.is_some()
            };
            let shows = |seed| breaks(seed, Some(*defect)) && !breaks(seed, None);
            if !seeds.any(shows) {
                unnoticed.lock().unwrap().push((defect, defect.words()));
            }
        }
    };
    std::thread::scope(|scope| (0..campaign::cores()).for_each(|_| drop(scope.spawn(search))));
    assert_eq!(unnoticed.into_inner().unwrap(), Vec::new());
}
