//! Properties of the schedule, over random histories.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;

const INTERVAL: Duration = Duration::from_mins(10);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_893_456_000 + second).unwrap()
}

fn trigger() -> impl Strategy<Value = Trigger> {
    proptest::sample::select(Trigger::ALL.to_vec())
}

fn ended() -> impl Strategy<Value = Ended> {
    use Ended::{Badly, Interrupted, Overdue, Well, WithoutAccess};
    proptest::sample::select(vec![Well, Badly, Overdue, WithoutAccess, Interrupted])
}

proptest! {
    /// Nobody is forgotten: whatever happened, a customer without a pass under way is looked at again within the longest wait.
    #[test]
    fn a_customer_always_has_a_next_turn_and_it_is_not_far(
        history in proptest::collection::vec((trigger(), ended(), 0_i64..4_000, 0.0..1.0_f64), 1..30),
    ) {
        let mut now = 0;
        let mut slot = Slot::new(at(0), Trigger::Interval);
        for (trigger, ended, pass, die) in history {
            slot.wish(trigger, at(now + 10));
            let began = at(now);
            slot.begin(began);
            prop_assert_eq!(slot.next(), None);
            now += pass;
            slot.end(ended, (began, at(now)), INTERVAL, die);
            let next = slot.next().unwrap();
            prop_assert!(next.at <= at(now) + SignedDuration::from_mins(76), "{next:?} after {ended:?}");
            now = now.max((next.at.as_second() - at(0).as_second()).max(0));
        }
    }

    /// What is wished for is never later than wished for, and what was to come earlier still comes.
    #[test]
    fn a_wish_never_puts_a_look_off(first in 0_i64..5_000, wish in 0_i64..5_000, trigger in trigger()) {
        let mut slot = Slot::new(at(first), Trigger::Interval);
        slot.wish(trigger, at(wish));
        prop_assert_eq!(slot.next().unwrap().at, at(first.min(wish)));
    }

    /// A wish during a pass is kept for its end, and so is an end of access that comes meanwhile.
    #[test]
    fn what_comes_up_during_a_pass_is_done_right_after_it(trigger in trigger(), ended in ended(), pass in 1_i64..1_000) {
        let mut slot = Slot::new(at(0), Trigger::Interval);
        slot.begin(at(0));
        slot.wish(trigger, at(1));
        slot.end(ended, (at(0), at(pass)), INTERVAL, 0.5);
        prop_assert_eq!(slot.next().unwrap().at, at(pass));

        let mut slot = Slot::new(at(0), Trigger::Interval);
        slot.set_edge(Some(at(5)));
        slot.begin(at(0));
        prop_assert!(!slot.edge_passed(at(4)) && slot.edge_passed(at(5)));
        slot.end(ended, (at(0), at(6)), INTERVAL, 0.5);
        let next = slot.next().unwrap();
        prop_assert_eq!((next.at, next.trigger), (at(5), Trigger::Edge));
    }

    #[test]
    fn waits_grow_with_failures_and_end_at_the_longest(failures in 1_u32..100, die in 0.0..1.0_f64) {
        let wait = back_off(failures, Ended::Badly, INTERVAL, die);
        prop_assert!(wait <= INTERVAL.mul_f64(1.25) && wait >= Duration::from_secs(45), "{wait:?}");
        prop_assert!(back_off(failures + 1, Ended::Badly, INTERVAL, die) >= wait);
        prop_assert!(back_off(failures, Ended::Overdue, INTERVAL, die) <= Duration::from_secs(150));
        let without = back_off(failures, Ended::WithoutAccess, INTERVAL, die);
        prop_assert!((Duration::from_mins(45)..=Duration::from_mins(75)).contains(&without), "{without:?}");
    }

    /// However often it is asked, a ramp lets no more begin than its burst and its pace.
    #[test]
    fn a_ramp_is_never_steeper_than_its_pace(asks in proptest::collection::vec((0_i64..5, 0_usize..2_000), 1..50)) {
        let pace = Ramp::ORDINARY;
        let mut ramp = Ramp::new(pace, at(0));
        let (mut now, mut begun) = (0, 0);
        for (later, wanted) in asks {
            now += later;
            begun += ramp.take(wanted, at(now));
            let most = pace.burst as usize + pace.per_second as usize * usize::try_from(now).unwrap();
            prop_assert!(begun <= most, "{begun} after {now} s");
        }
    }

    #[test]
    fn ordinary_turns_scatter_around_the_interval(began in 0_i64..10_000, die in 0.0..1.0_f64) {
        let mut slot = Slot::new(at(began), Trigger::Interval);
        slot.begin(at(began));
        slot.end(Ended::Well, (at(began), at(began + 1)), INTERVAL, die);
        let wait = slot.next().unwrap().at.duration_since(at(began)).as_secs();
        prop_assert!((540..=665).contains(&wait), "{wait}");
    }
}

#[test]
fn an_edge_in_a_back_off_is_kept_to_the_second() {
    let mut slot = Slot::new(at(0), Trigger::Interval);
    slot.begin(at(0));
    slot.end(Ended::WithoutAccess, (at(0), at(1)), INTERVAL, 0.5);
    slot.set_edge(Some(at(100)));
    assert_eq!(slot.next(), Some(Turn { at: at(100), trigger: Trigger::Edge }));
    assert_eq!(slot.begin(at(100)), Trigger::Edge);
}

#[test]
fn only_what_makes_a_plan_stale_interrupts_and_only_what_is_less_urgent() {
    let interrupts = |running: Trigger, by: Trigger| {
        let mut slot = Slot::new(at(0), running);
        slot.begin(at(0));
        slot.wish(by, at(0))
    };
    assert!(interrupts(Trigger::Files, Trigger::Partner));
    assert!(interrupts(Trigger::Partner, Trigger::Edge));
    assert!(!interrupts(Trigger::Edge, Trigger::Partner));
    assert!(interrupts(Trigger::Partner, Trigger::Partner), "one is for who joined, the other for who left");
    assert!(
        interrupts(Trigger::Interval, Trigger::Files),
        "what is being carried out may no longer be wanted"
    );
    assert!(!interrupts(Trigger::Files, Trigger::Interval) && !interrupts(Trigger::Files, Trigger::Request));
}

#[test]
fn a_pass_for_the_partner_gives_way_to_the_next_but_not_for_ever() {
    let mut slot = Slot::new(at(0), Trigger::Partner);
    slot.begin(at(0));
    assert!(slot.wish(Trigger::Partner, at(15)));
    slot.end(Ended::GaveWay, (at(0), at(15)), INTERVAL, 0.5);
    slot.begin(at(15));
    assert!(!slot.wish(Trigger::Partner, at(30)), "this one is read and planned");
    slot.planned();
    assert!(slot.wish(Trigger::Partner, at(35)), "who leaves does not wait for its roll-out");
    assert!(slot.wish(Trigger::Edge, at(30)), "what ends now goes before it all the same");
    slot.end(Ended::Well, (at(15), at(40)), INTERVAL, 0.5);
    assert_eq!(
        slot.due(at(40)).map(|turn| turn.trigger),
        Some(Trigger::Edge),
        "and the other one comes next"
    );
}

#[test]
fn a_wish_keeps_its_urgency_where_an_ordinary_look_is_due_already() {
    let mut slot = Slot::new(at(0), Trigger::Interval);
    slot.wish(Trigger::Partner, at(10));
    assert_eq!(slot.due(at(10)).map(|turn| turn.trigger), Some(Trigger::Partner));
    slot.set_edge(Some(at(12)));
    assert_eq!(slot.due(at(11)).map(|turn| turn.trigger), Some(Trigger::Partner));
    assert_eq!(slot.begin(at(12)), Trigger::Edge);
}

#[test]
fn what_is_to_be_looked_at_again_is_whatever_passes_come_before() {
    let mut slot = Slot::new(at(0), Trigger::Interval);
    slot.begin(at(0));
    slot.come_back([at(60), at(360)]);
    slot.end(Ended::Well, (at(0), at(1)), INTERVAL, 0.5);
    slot.wish(Trigger::Request, at(10));
    assert_eq!(slot.begin(at(10)), Trigger::Request);
    slot.end(Ended::Badly, (at(10), at(11)), INTERVAL, 0.5);
    assert_eq!(slot.next().map(|turn| turn.at), Some(at(60)));
    assert_eq!(slot.begin(at(61)), Trigger::Deferred);
    slot.end(Ended::WithoutAccess, (at(61), at(62)), INTERVAL, 0.5);
    assert_eq!(slot.next(), Some(Turn { at: at(360), trigger: Trigger::Deferred }));
}

#[test]
fn only_a_pass_for_the_partner_that_was_never_planned_is_spared_the_next_time() {
    for (trigger, ended) in [(Trigger::Files, Ended::GaveWay), (Trigger::Partner, Ended::Interrupted)] {
        let mut slot = Slot::new(at(0), trigger);
        slot.begin(at(0));
        slot.wish(Trigger::Partner, at(10));
        slot.end(ended, (at(0), at(10)), INTERVAL, 0.5);
        assert_eq!(slot.begin(at(10)), Trigger::Partner);
        assert!(
            slot.wish(Trigger::Partner, at(25)),
            "a roll-out that gave way says nothing of the next pass"
        );
    }
}
