//! A batch of passes that dies takes nothing with it but its own passes.

use bytes::Bytes;
use groupsync::cli::embedded;
use groupsync::client::transport::Transport;
use groupsync::controller::status::Trigger;
use tokio::sync::watch;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;

use super::*;

/// What becomes of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// All pass.
    Pass,
    /// Those of customer 1 wait at the door.
    Begin,
    /// All wait.
    Wait,
    /// Whoever carries those of customer 1 dies.
    Die,
}

/// Customer 1 is known by its subscription.
fn treacherous(transport: Transport, act: &watch::Sender<Act>) -> Transport {
    let act = act.subscribe();
    let door = "/subscriptions/33333333-3333-4000-8000-000000000001/".to_owned();
    BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Bytes>| {
        let (transport, mut act, is_one) =
            (transport.clone(), act.clone(), request.uri().path().contains(&door));
        async move {
            if is_one {
                act.wait_for(|act| matches!(act, Act::Die | Act::Pass)).await.expect("the test goes on");
                assert_ne!(*act.borrow(), Act::Die, "a test lets this pass die");
            } else if *act.borrow() == Act::Wait {
                act.wait_for(|act| *act == Act::Pass).await.expect("the test goes on");
            }
            transport.oneshot(request).await
        }
    }))
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_dies_ends_no_pass_that_began_after_its_own_had_ended() {
    let stage = stage_of(2);
    let (act, _) = watch::channel(Act::Pass);
    let client = stage.client_over(treacherous(embedded::transport(stage.simulator.router()), &act));
    play_with(&stage, client, no_past(), async |board| {
        // The second look at what was written is over.
        seconds(9 * 60).await;
        assert!(all_good(board), "{:#?}", board.customers());
        act.send(Act::Begin).unwrap();
        let asked = stage.clock.now();
        for number in 0..2 {
            board.request(&name(number).parse().unwrap());
        }
        seconds(9).await;
        assert!(status(board, 0).last_pass.is_some_and(|pass| pass.good && pass.began >= asked));
        assert!(status(board, 1).running.is_some(), "the other one still waits in the same batch");
        act.send(Act::Wait).unwrap();
        board.request(&name(0).parse().unwrap());
        seconds(1).await;
        assert!(status(board, 0).running.is_some_and(|running| running.trigger == Trigger::Request));
        act.send(Act::Die).unwrap();
        seconds(2).await;
        assert_eq!((status(board, 1).running, status(board, 1).failures), (None, 1), "its pass died");
        assert!(status(board, 0).running.is_some(), "the pass that was asked for is still under way");
        act.send(Act::Pass).unwrap();
        seconds(20).await;
        let pass = status(board, 0).last_pass.unwrap();
        assert!(pass.good && pass.trigger == Trigger::Request, "{pass:?}");
        seconds(120).await;
        assert!(all_good(board), "and the one that died is looked at again: {:#?}", status(board, 1));
    })
    .await;
}
