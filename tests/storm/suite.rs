//! A slice of the storm in the suite: seeds in which nothing may break, a seed that gives the same bytes twice, and defects
//! that must not go unnoticed.

use std::sync::Mutex;

use groupsync::defects::Defect;

use super::campaign::{self, Plan};
use super::trace::Detail;

/// How many seeds the suite runs.
const SLICE: u64 = 200;

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

/// The first seed that shows each of the defects; `--defect all` finds them. A change of the program may move one: then so many
/// seeds are tried before it counts as unnoticed.
const BOUND: u64 = 60;
const FIRST: [(Defect, u64); 40] = [
    (Defect::TruncatedPage, 0),
    (Defect::BrokenPageEndsList, 99),
    (Defect::BlindRepeat, 61),
    (Defect::EnvelopeTrusted, 2),
    (Defect::WallClock, 1),
    (Defect::GapIsEmptiness, 0),
    (Defect::NullIsGone, 29),
    (Defect::DisabledStays, 7),
    (Defect::OtherMailsProve, 0),
    (Defect::ExpiredGrantRefused, 0),
    (Defect::EndsWaitForSource, 24),
    (Defect::GroupByNickname, 1),
    (Defect::LedgerIgnored, 127),
    (Defect::EveryRowIsOurs, 0),
    (Defect::EverybodyIsStaff, 0),
    (Defect::UseIgnored, 2),
    (Defect::NoRestForGuests, 0),
    (Defect::AdoptedDeleted, 0),
    (Defect::OwnersIgnored, 65),
    (Defect::ObstaclesIgnored, 33),
    (Defect::ProtectionIgnored, 9),
    (Defect::ConditionsIgnored, 0),
    (Defect::DomainUnverified, 26),
    (Defect::UnreadAgentsPass, 0),
    (Defect::GdapForgotten, 5),
    (Defect::GuardForgetsGroups, 34),
    (Defect::GuardForgetsGroupLimit, 17),
    (Defect::GuardForgetsFleet, 47),
    (Defect::GuardForgetsSource, 33),
    (Defect::HoldsTrimmed, 9),
    (Defect::WithdrawalsHeld, 17),
    (Defect::BrokenJournalIgnored, 108),
    (Defect::OverrideForAnything, 17),
    (Defect::DigestOverTooLittle, 1),
    (Defect::RemoveBeforeAdd, 9),
    (Defect::LedgerLast, 0),
    (Defect::SuspendIgnored, 1),
    (Defect::OffboardsEarly, 15),
    (Defect::StopIgnored, 5),
    (Defect::NeverLooksAgain, 10),
];

#[test]
fn planted_defects_are_found() {
    assert_eq!(FIRST.map(|(defect, _)| defect), Defect::ALL, "each has its seed");
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
            // That nothing breaks in the slice without a defect is another test's.
            let shows = |seed| breaks(seed, Some(*defect)) && (seed < SLICE || !breaks(seed, None));
            if !seeds.any(shows) {
                unnoticed.lock().unwrap().push((defect, defect.words()));
            }
        }
    };
    std::thread::scope(|scope| (0..campaign::cores()).for_each(|_| drop(scope.spawn(search))));
    assert_eq!(unnoticed.into_inner().unwrap(), Vec::new());
}
