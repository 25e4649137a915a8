//! Turns: by the interval, by a grant's ends, by a change at the partner, on demand.

use groupsync::controller::board::Asked;
use groupsync::controller::status::{Condition, Trigger};
use jiff::{SignedDuration, Timestamp};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_new_fleet_converges_and_then_costs_a_look_an_interval() {
    let stage = stage_of(3);
    play(&stage, async |board| {
        seconds(120).await;
        assert!(all_good(board), "{:#?}", board.customers());
        for number in 0..3 {
            assert_eq!(
                members(&stage, number, "readers"),
                ["ada@fabrikam.example", "grace@fabrikam.example"]
            );
            assert_eq!(status(board, number).condition(), Condition::Good);
        }
        // The second look at what was written is over.
        pass(INTERVAL * 2).await;
        stage.simulator.clear_requests();
        let (before, began) = (written(&stage).len(), status(board, 0).last_pass);
        pass(INTERVAL * 3).await;
        assert_eq!(written(&stage).len(), before, "nothing is to be done");
        assert_ne!(status(board, 0).last_pass, began, "it was looked at");
        let about = |record: &&groupsync::simulator::requests::RequestRecord| {
            record.customer.as_deref() == Some("customer-0") && !record.batch_item
        };
        let asked = stage.simulator.requests().iter().filter(about).count();
        // Two for the directory, one for the subscriptions, one for the only one of them; a token now and then.
        assert!((8..=20).contains(&asked), "{asked} requests in three intervals");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_grant_begins_and_ends_to_the_second() {
    let stage = stage_of(2);
    let start = stage.clock.now();
    let at = |minutes: i64| start.saturating_add(SignedDuration::from_mins(minutes)).unwrap();
    let text = grant(JOAN, &at(7).to_string(), &at(23).to_string());
    stage.write("customers/customer-1/grants/inc-1.yaml", &text);
    let world = groupsync::cli::world::world(&stage.desired(), start);
    stage.simulator.edit(|w| w.partner.users = world.partner.users);
    play(&stage, async |board| {
        seconds(7 * 60 - 1).await;
        assert_eq!(members(&stage, 1, "breakglass"), Vec::<String>::new());
        seconds(30).await;
        assert_eq!(members(&stage, 1, "breakglass"), ["joan@fabrikam.example"]);
        assert_eq!(status(board, 1).grants.len(), 1, "it is shown while it runs");
        assert_eq!(status(board, 0).grants, []);
        seconds(16 * 60).await;
        assert_eq!(members(&stage, 1, "breakglass"), Vec::<String>::new());
        assert_eq!(status(board, 1).grants, []);
        let ended = removals(&stage).first().map(|change| change.at).expect("she was taken out");
        let late = ended.duration_since(at(23));
        assert!(late >= SignedDuration::ZERO && late <= SignedDuration::from_secs(2), "{late:#}");
    })
    .await;
}

/// Between two passes nothing but the process itself remembers what it wrote.
#[tokio::test(start_paused = true)]
async fn a_guest_rests_after_our_last_write_though_no_journal_remembers_it() {
    let stage = stage_of(1);
    let start = stage.clock.now();
    let at = |minutes: i64| start.saturating_add(SignedDuration::from_mins(minutes)).unwrap();
    let text = grant(JOAN, &at(7).to_string(), &at(23).to_string()) + "  onExpiry: deleteGuest\n";
    stage.write("customers/customer-0/grants/inc-1.yaml", &text);
    let world = groupsync::cli::world::world(&stage.desired(), start);
    stage.simulator.edit(|w| w.partner.users = world.partner.users);
    let deleted = || {
        let mut written = written(&stage).into_iter();
        written.find(|change| matches!(change.act, Act::UserDeleted { .. })).map(|change| change.at)
    };
    play(&stage, async |board| {
        seconds(24 * 60).await;
        assert_eq!(members(&stage, 0, "breakglass"), Vec::<String>::new());
        board.request(&name(0).parse().unwrap());
        seconds(120).await;
        assert_eq!(deleted(), None, "too early");
        seconds(30 * 60).await;
        let rested = deleted().expect("she is gone").duration_since(at(23));
        assert!(rested >= SignedDuration::from_mins(10), "{rested:#}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_leaver_is_out_of_every_tenant_within_seconds_of_the_feed() {
    let stage = stage_of(40);
    play(&stage, async |board| {
        seconds(120).await;
        assert!(all_good(board));
        edit_partner(&stage, "ada@fabrikam.example", |user| user.account_enabled = false);
        let left = stage.clock.now();
        seconds(45).await;
        for number in 0..40 {
            assert_eq!(members(&stage, number, "readers"), ["grace@fabrikam.example"], "customer {number}");
        }
        let last = removals(&stage).iter().map(|change| change.at).max().unwrap();
        assert!(last.duration_since(left) <= SignedDuration::from_secs(20), "{last}");
        assert!(board.customers().iter().all(|status| status.overdue.is_empty()));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_a_look_gets_one_at_once() {
    let stage = stage_of(2);
    play(&stage, async |board| {
        pass(INTERVAL * 2).await;
        let name = name(1).parse().unwrap();
        assert_eq!(board.request(&name), Asked::Accepted);
        let asked = stage.clock.now();
        seconds(5).await;
        let pass = status(board, 1).last_pass.unwrap();
        assert_eq!(pass.trigger, Trigger::Request);
        assert!(pass.began >= asked, "{pass:?}");
        assert_eq!(board.request(&"nobody".parse().unwrap()), Asked::Unknown);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_customers_own_edit_is_repaired_within_the_interval() {
    let stage = stage_of(1);
    play(&stage, async |_| {
        pass(INTERVAL * 2).await;
        stage.simulator.edit(|world| {
            let group = world.customers[0].groups.iter_mut();
            let readers =
                |g: &&mut world::Group| g.unique_name.as_deref() == Some("groupsync-0f1e2d3c-g-readers");
            group.into_iter().find(readers).unwrap().members.clear();
        });
        assert_eq!(members(&stage, 0, "readers"), Vec::<String>::new());
        pass(INTERVAL + Duration::from_mins(2)).await;
        assert_eq!(members(&stage, 0, "readers").len(), 2);
    })
    .await;
}

/// A process that ends and one that begins are no reason to look at everybody in the same second.
#[tokio::test(start_paused = true)]
async fn a_large_fleet_begins_one_after_another() {
    let stage = stage_of(400);
    play(&stage, async |board| {
        seconds(60).await;
        let began = |status: &Arc<CustomerStatus>| status.last_pass.map(|pass| pass.began);
        let began: Vec<Timestamp> = board.customers().iter().filter_map(began).collect();
        assert_eq!(began.len(), 400);
        let spread = began.iter().max().unwrap().duration_since(*began.iter().min().unwrap());
        assert!((2..=15).contains(&spread.as_secs()), "{spread:#}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_leaver_overtakes_a_roll_out_that_uses_up_the_budget() {
    let stage = stage_of(10);
    let kept = tempfile::tempdir().unwrap();
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |_| seconds(120).await).await;
    // So slow that what follows takes many minutes.
    let slow = stage.client().with_pace(0.01);
    let people: Vec<String> = (0..60).map(somebody).collect();
    let mut everybody: Vec<&str> = vec![ADA, GRACE];
    everybody.extend(people.iter().map(String::as_str));
    stage.write("groups/readers.yaml", &readers(&everybody));
    let world = groupsync::cli::world::world(&stage.desired(), stage.clock.now());
    stage.simulator.edit(|w| w.partner.users = world.partner.users);
    play_with(&stage, slow, past(kept.path(), &stage), async |_| {
        pass(Duration::from_mins(2)).await;
        let invited = written(&stage).iter().filter(|c| matches!(c.act, Act::GuestInvited { .. })).count();
        assert!(invited < 600, "the roll-out is still under way: {invited}");
        edit_partner(&stage, "grace@fabrikam.example", |user| user.account_enabled = false);
        let left = stage.clock.now();
        seconds(120).await;
        for number in 0..10 {
            let inside = members(&stage, number, "readers").contains(&"grace@fabrikam.example".to_owned());
            assert!(!inside, "customer {number}: still inside two minutes later");
        }
        let last = removals(&stage).iter().map(|change| change.at).max().unwrap();
        assert!(last.duration_since(left) <= SignedDuration::from_secs(90), "{last} is late after {left}");
    })
    .await;
}
