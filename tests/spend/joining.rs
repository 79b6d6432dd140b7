//! One identity, one request: in one program and between programs.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trackyard_tui::api::Charge;
use trackyard_tui::spend::{Door, FailureReason, IsKept, SpendState, Target};

use crate::fault_server::{Step, mp3_frames};
use crate::spending::{Bench, buy, enter, search, states, track_request};
use crate::steps::limited;

#[tokio::test]
async fn two_asks_of_one_identity_are_one_request() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::HoldThenServe]);
    let first = tokio::spawn({
        let door = door.clone();
        async move { search(&door, "rain").await }
    });
    bench.server.wait_for_hits(1).await;
    let mut second = Box::pin(door.search(enter("  RAIN "), CancellationToken::new(), |_| {}));
    // It has joined once it has been polled.
    assert!(futures_util::poll!(&mut second).is_pending());
    bench.server.release();
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap());
    assert_eq!(first, second);
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (1, 1));
    assert_eq!(states(&door).await.len(), 1);
}

#[tokio::test]
async fn one_who_cancels_does_not_take_it_from_the_other() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    bench.server.script([limited("30")]);
    let first = tokio::spawn({
        let door = door.clone();
        async move { search(&door, "rain").await }
    });
    bench.clock.wait_for_sleeps(1).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let second = door.search(enter("rain"), cancel, |_| {}).await;
    assert_eq!(second.unwrap_err().reason, FailureReason::Cancelled);
    bench.clock.advance(Duration::from_secs(31));
    assert!(first.await.unwrap().is_ok());
    assert_eq!(bench.server.charged(), 1);
}

#[tokio::test]
async fn a_request_that_is_on_its_way_survives_those_who_wait_for_it() {
    for cancelled in [true, false] {
        let bench = Bench::new().await;
        let (stored, mut store) = tokio::sync::mpsc::unbounded_channel();
        let door = bench.door().with_search_store(
            Arc::new(move |_, request, page| {
                let stored = stored.clone();
                Box::pin(async move { stored.send((request, page)).unwrap() })
            }),
            nothing_kept(),
        );
        bench.server.script([Step::HoldThenServe]);
        let cancel = CancellationToken::new();
        let task = tokio::spawn({
            let (door, cancel) = (door.clone(), cancel.clone());
            async move { door.search(enter("rain"), cancel, |_| {}).await }
        });
        bench.server.wait_for_hits(1).await;
        if cancelled {
            cancel.cancel();
        } else {
            task.abort();
        }
        bench.server.release();
        let (request, page) = store.recv().await.unwrap();
        assert_eq!((request.query(), page.tracks.len()), ("rain", 1));
        if cancelled {
            assert!(task.await.unwrap().is_ok(), "what was paid for is handed out");
        }
        wait_for_states(&door, &[SpendState::Charged]).await;
    }
}

fn nothing_kept() -> IsKept {
    Arc::new(|_, _| Box::pin(std::future::ready(false)))
}

/// The row is ended after the answer was stored.
async fn wait_for_states(door: &Door, wanted: &[SpendState]) {
    tokio::time::timeout(Duration::from_secs(20), async {
        while states(door).await != wanted {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_store_that_panics_does_not_lose_the_answer() {
    let bench = Bench::new().await;
    let door = bench.door().with_search_store(
        Arc::new(|_, _, _| Box::pin(async { panic!("the store is broken") })),
        nothing_kept(),
    );
    assert!(search(&door, "rain").await.is_ok());
    assert_eq!(states(&door).await, [SpendState::Charged]);
}

#[tokio::test]
async fn another_program_that_asks_for_the_same_waits_and_sends_nothing() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([Step::HoldThenServe]);
    let first = tokio::spawn(async move { search(&one, "rain").await });
    bench.server.wait_for_hits(1).await;
    bench.clock.stand_still();
    let second = tokio::spawn({
        let two = two.clone();
        async move { search(&two, "rain").await }
    });
    // It looks into the ledger now and then.
    bench.clock.wait_for_sleeps(1).await;
    bench.server.release();
    assert!(first.await.unwrap().is_ok());
    bench.clock.advance(Duration::from_secs(1));
    let failure = second.await.unwrap().unwrap_err();
    assert_eq!(failure.reason, FailureReason::Elsewhere(SpendState::Charged));
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (1, 1));
    assert_eq!(states(&two).await, [SpendState::Charged]);
}

#[tokio::test]
async fn the_file_another_program_buys_meanwhile_is_handed_out() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([Step::HoldThenServe]);
    let folder = bench.music();
    let first = tokio::spawn({
        let target = Target::Folder(folder.clone());
        async move { buy(&one, track_request("trk_1", None), target, false).await }
    });
    bench.server.wait_for_hits(1).await;
    bench.clock.stand_still();
    let second = tokio::spawn(async move { buy(&two, track_request("trk_1", None), Target::Folder(folder), false).await });
    bench.clock.wait_for_sleeps(1).await;
    bench.server.release();
    let first = first.await.unwrap().unwrap();
    bench.clock.advance(Duration::from_secs(1));
    let second = second.await.unwrap().unwrap();
    assert_eq!((first.credits_spent, second.credits_spent), (1, 0));
    assert_eq!(first.path, second.path);
    assert_eq!(bench.server.charged(), 1);
}

#[tokio::test]
async fn while_the_file_of_another_program_is_on_its_way_it_is_not_bought_again() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    let head = "Content-Type: audio/mpeg\r\nContent-Length: 100000\r\n".to_owned();
    bench.server.script([Step::Stall(head, mp3_frames(3))]);
    let target = || Target::Folder(bench.music());
    let first = tokio::spawn({
        let target = target();
        async move { buy(&one, track_request("trk_1", None), target, false).await }
    });
    // The answer has begun, so it is charged; its bytes are still to come.
    wait_for_states(&two, &[SpendState::Charged]).await;
    bench.clock.stand_still();
    let mut second = Box::pin(buy(&two, track_request("trk_1", None), target(), false));
    tokio::select! {
        bought = &mut second => panic!("it did not wait: {bought:?}"),
        () = bench.clock.wait_for_sleeps(1) => {}
    }
    assert_eq!((bench.server.hits_of("/download-track"), bench.server.charged()), (1, 1));
    first.abort();
}

#[tokio::test]
async fn a_lost_download_found_charged_keeps_no_other_program_waiting() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    let order = || (track_request("trk_1", None), Target::Folder(bench.music()));
    let (request, target) = order();
    buy(&one, request, target, false).await.unwrap_err();
    assert!(one.reconcile().await[0].charged);
    // The program that lost it is still there, but no file comes of it.
    let (request, target) = order();
    let second = tokio::time::timeout(Duration::from_secs(20), buy(&two, request, target, false)).await;
    assert_eq!(second.expect("it waits for nothing").unwrap().credits_spent, 1);
    assert_eq!(bench.server.charged(), 2);
}

#[tokio::test]
async fn another_program_whose_request_came_to_nothing_leaves_the_way_free() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    bench.clock.stand_still();
    bench.server.script([limited("30")]);
    let cancel = CancellationToken::new();
    let first = tokio::spawn({
        let cancel = cancel.clone();
        async move { one.search(enter("rain"), cancel, |_| {}).await }
    });
    bench.clock.wait_for_sleeps(1).await;
    let second = tokio::spawn(async move { search(&two, "rain").await });
    bench.clock.wait_for_sleeps(2).await;
    cancel.cancel();
    assert!(first.await.unwrap().is_err());
    bench.clock.advance(Duration::from_secs(31));
    assert!(second.await.unwrap().is_ok());
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (2, 1));
}

#[tokio::test]
async fn what_was_answered_since_somebody_looked_is_not_paid_for_again() {
    let bench = Bench::new().await;
    let door = bench.door().with_search_store(
        Arc::new(|_, _, _| Box::pin(std::future::ready(()))),
        Arc::new(|_, _| Box::pin(std::future::ready(true))),
    );
    let failure = search(&door, "rain").await.unwrap_err();
    assert_eq!(failure.reason, FailureReason::Elsewhere(SpendState::Charged));
    assert_eq!(failure.charge, Charge::Free);
    assert_eq!((bench.server.hits_of("/search"), states(&door).await), (0, vec![SpendState::Free]));
}
