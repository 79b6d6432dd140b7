//! One identity, one request: in one program and between programs.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trackyard_tui::api::Charge;
use trackyard_tui::spend::{Door, FailureReason, IsKept, Progress, SpendState, Target};

use crate::fault_server::{Step, mp3_frames};
use crate::spending::{Bench, PATIENCE, buy, dies, enter, held_back, mortal, search, states, track_request};
use crate::steps::{fault, limited};

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
    assert_eq!((&first.page, first.limits), (&second.page, second.limits));
    assert_ne!(first.shared, second.shared, "one credit is in the books once");
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (1, 1));
    assert_eq!(states(&door).await.len(), 1);
}

#[tokio::test]
async fn what_one_request_cost_is_told_to_be_booked_once() {
    let bench = Bench::impatient().await;
    let door = bench.door();
    bench.server.script([Step::Hang { charged: true }]);
    // Each has boarded once it has been polled.
    let (mut first, mut second) = (Box::pin(search(&door, "rain")), Box::pin(search(&door, "rain")));
    assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
    let (first, second) = tokio::join!(first, second);
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert_eq!(
        (first.charge, second.charge),
        (Charge::Unknown, Charge::Unknown),
        "both are told the truth"
    );
    assert_ne!(first.shared, second.shared);

    let ask = || buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false);
    let (mut first, mut second) = (Box::pin(ask()), Box::pin(ask()));
    assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
    let (first, second) = tokio::join!(first, second);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.path, second.path);
    assert_eq!(first.credits_spent + second.credits_spent, 1);
    assert_eq!(bench.server.hits().len(), 2);

    bench.server.script([Step::Hang { charged: true }]);
    let ask = || buy(&door, track_request("trk_2", None), Target::Folder(bench.music()), false);
    let (mut first, mut second) = (Box::pin(ask()), Box::pin(ask()));
    assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
    let (first, second) = tokio::join!(first, second);
    let (first, second) = (first.unwrap_err(), second.unwrap_err());
    assert_eq!((first.charge, second.charge), (Charge::Unknown, Charge::Unknown));
    assert_ne!(first.shared, second.shared);
}

#[tokio::test]
async fn whoever_asks_alone_books_what_failed() {
    let bench = Bench::impatient().await;
    let door = bench.door();
    bench.server.script([Step::Hang { charged: true }]);
    let alone = search(&door, "rain").await.unwrap_err();
    assert_eq!((alone.charge, alone.shared), (Charge::Unknown, false));
    bench.server.script([Step::Hang { charged: true }]);
    let alone = buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false)
        .await
        .unwrap_err();
    assert_eq!((alone.charge, alone.shared), (Charge::Unknown, false));
}

#[tokio::test]
async fn whoever_is_left_books_it() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    let first = held_back(&bench, &door).await;
    let mut second = Box::pin(search(&door, "rain"));
    assert!(futures_util::poll!(&mut second).is_pending());
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    bench.clock.advance(Duration::from_secs(31));
    assert!(!second.await.unwrap().shared);
}

#[tokio::test]
async fn one_who_cancels_does_not_take_it_from_the_other() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    let first = held_back(&bench, &door).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let second = door.search(enter("rain"), cancel, |_| {}).await.unwrap_err();
    assert_eq!((second.charge, second.reason), (Charge::Free, FailureReason::Cancelled));
    bench.clock.advance(Duration::from_secs(31));
    assert!(!first.await.unwrap().unwrap().shared, "who cancelled was told of no cost");
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
    tokio::time::timeout(PATIENCE, async {
        while states(door).await != wanted {
            tokio::time::sleep(Duration::from_millis(5)).await;
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
    let second = tokio::time::timeout(PATIENCE, buy(&two, request, target, false)).await;
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

#[tokio::test]
async fn what_is_cancelled_before_it_begins_leaves_no_receipt() {
    let bench = Bench::new().await;
    let door = bench.door();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let failure = door.search(enter("rain"), cancel, |_| {}).await.unwrap_err();
    assert_eq!((failure.charge, failure.reason), (Charge::Free, FailureReason::Cancelled));
    assert_eq!((bench.server.hits().len(), states(&door).await), (0, vec![]));
}

#[tokio::test]
async fn what_is_cancelled_while_its_row_is_written_does_not_leave() {
    let bench = Bench::new().await;
    let door = bench.door();
    // Somebody else writes, so the row has to wait.
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    ledger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let cancel = CancellationToken::new();
    let mut asked = Box::pin(door.search(enter("rain"), cancel.clone(), |_| {}));
    assert!(futures_util::poll!(&mut asked).is_pending());
    tokio::task::yield_now().await;
    cancel.cancel();
    assert!(futures_util::poll!(&mut asked).is_pending());
    ledger.execute_batch("COMMIT").unwrap();
    let failure = asked.await.unwrap_err();
    assert_eq!((failure.charge, failure.reason), (Charge::Free, FailureReason::Cancelled));
    assert_eq!((bench.server.hits().len(), states(&door).await), (0, vec![SpendState::Free]));
    let places: i64 = ledger.query_row("SELECT count(*) FROM requests", (), |row| row.get(0)).unwrap();
    assert_eq!(places, 0, "its place in the minute is free again");
}

#[tokio::test]
async fn a_fault_can_be_cancelled_for_nothing_before_it_is_tried_again() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    bench.server.script([fault()]);
    let cancel = CancellationToken::new();
    let asked = tokio::spawn({
        let (door, cancel) = (door.clone(), cancel.clone());
        async move { door.search(enter("rain"), cancel, |_| {}).await }
    });
    bench.clock.wait_for_sleeps(1).await;
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    let sent: Option<i64> = ledger.query_row("SELECT sent_ms FROM spends", (), |row| row.get(0)).unwrap();
    assert_eq!(sent, None, "a program that dies now has spent nothing");
    cancel.cancel();
    let failure = tokio::time::timeout(PATIENCE, asked).await.expect("it stops").unwrap();
    assert_eq!(failure.unwrap_err().reason, FailureReason::Cancelled);
    assert_eq!((bench.server.hits().len(), states(&door).await), (1, vec![SpendState::Free]));
}

#[tokio::test]
async fn a_row_that_somebody_else_ended_sends_nothing_and_stays_as_it_is() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    let asked = held_back(&bench, &door).await;
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    ledger.execute("UPDATE spends SET state = 'unknown'", ()).unwrap();
    bench.clock.advance(Duration::from_secs(31));
    let failure = asked.await.unwrap().unwrap_err();
    assert_eq!((failure.charge, failure.reason), (Charge::Free, FailureReason::RowGone));
    assert_eq!((bench.server.hits().len(), states(&door).await), (1, vec![SpendState::Unknown]));
}

#[tokio::test]
async fn who_waits_for_another_program_is_told_when_its_outcome_is_not_known() {
    let bench = Bench::impatient().await;
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([Step::Hang { charged: true }]);
    let first = tokio::spawn(async move { (search(&one, "rain").await, one) });
    bench.server.wait_for_hits(1).await;
    bench.clock.stand_still();
    let second = tokio::spawn(async move { search(&two, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    let (first, _one) = first.await.unwrap();
    assert_eq!(first.unwrap_err().charge, Charge::Unknown);
    bench.clock.advance(Duration::from_secs(1));
    let failure = second.await.unwrap().unwrap_err();
    assert_eq!(
        (failure.charge, failure.reason),
        (Charge::Unknown, FailureReason::Elsewhere(SpendState::Unknown))
    );
    assert_eq!((bench.server.hits_of("/search"), bench.server.charged()), (1, 1));
}

#[tokio::test]
async fn who_waits_for_a_program_that_dies_is_told_what_it_may_have_cost() {
    // Sent: it may have been charged, so nothing is sent in its stead.
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    let runtime = mortal();
    bench.server.script([Step::Hang { charged: true }]);
    runtime.spawn(async move { search(&one, "rain").await });
    bench.server.wait_for_hits(1).await;
    bench.clock.stand_still();
    let second = tokio::spawn(async move { search(&two, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    dies(runtime).await;
    bench.clock.advance(Duration::from_secs(1));
    let failure = second.await.unwrap().unwrap_err();
    assert_eq!(
        (failure.charge, failure.reason),
        (Charge::Unknown, FailureReason::Elsewhere(SpendState::Unknown))
    );
    assert_eq!((bench.server.hits_of("/search"), bench.server.charged()), (1, 1));

    // Not sent: the way is free.
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let (one, two) = (bench.door(), bench.door());
    let runtime = mortal();
    bench.server.script([limited("30")]);
    runtime.spawn(async move { search(&one, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    let second = tokio::spawn(async move { search(&two, "rain").await });
    bench.clock.wait_for_sleeps(2).await;
    dies(runtime).await;
    bench.clock.advance(Duration::from_secs(31));
    assert!(second.await.unwrap().is_ok());
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (2, 1));
}

#[tokio::test]
async fn the_file_of_a_program_that_dies_is_not_waited_for() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    let runtime = mortal();
    let head = "Content-Type: audio/mpeg\r\nContent-Length: 100000\r\n".to_owned();
    bench.server.script([Step::Stall(head, mp3_frames(3))]);
    let folder = bench.music();
    let target = Target::Folder(folder.clone());
    runtime.spawn(async move { buy(&one, track_request("trk_1", None), target, false).await });
    wait_for_states(&two, &[SpendState::Charged]).await;
    bench.clock.stand_still();
    let second = tokio::spawn(async move { buy(&two, track_request("trk_1", None), Target::Folder(folder), false).await });
    bench.clock.wait_for_sleeps(1).await;
    dies(runtime).await;
    bench.clock.advance(Duration::from_secs(1));
    let failure = tokio::time::timeout(PATIENCE, second).await.expect("it waits for nothing");
    assert_eq!(failure.unwrap().unwrap_err().reason, FailureReason::Elsewhere(SpendState::Charged));
    assert_eq!((bench.server.hits_of("/download-track"), bench.server.charged()), (1, 1));
}

#[tokio::test]
async fn a_request_whose_task_breaks_off_may_have_been_charged() {
    let bench = Bench::new().await;
    let door = bench.door().with_search_store(
        Arc::new(|_, _, _| Box::pin(std::future::ready(()))),
        Arc::new(|_, _| Box::pin(async { panic!("the library is broken") })),
    );
    let failure = search(&door, "rain").await.unwrap_err();
    assert_eq!((failure.charge, failure.reason), (Charge::Unknown, FailureReason::BrokenOff));
    // It keeps nobody from asking again.
    let failure = search(&door, "rain").await.unwrap_err();
    assert_eq!(failure.reason, FailureReason::BrokenOff);
}

#[tokio::test]
async fn what_was_sent_is_joined_although_nobody_waits_for_it_any_more() {
    for dropped in [false, true] {
        let bench = Bench::new().await;
        let door = bench.door();
        bench.server.script([Step::HoldThenServe]);
        let cancel = CancellationToken::new();
        let mut first = Box::pin(door.search(enter("rain"), cancel.clone(), |_| {}));
        tokio::select! {
            answer = &mut first => panic!("it is held: {answer:?}"),
            () = bench.server.wait_for_hits(1) => {}
        }
        if dropped {
            drop(first);
        } else {
            cancel.cancel();
            assert!(futures_util::poll!(&mut first).is_pending(), "it was sent, so it is waited for");
        }
        let mut second = Box::pin(search(&door, "rain"));
        assert!(futures_util::poll!(&mut second).is_pending());
        bench.server.release();
        assert!(second.await.is_ok());
        assert_eq!((bench.server.hits().len(), bench.server.charged()), (1, 1));
    }
}

#[tokio::test]
async fn one_that_is_being_stopped_takes_no_other_off_the_board() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    bench.server.script([limited("30")]);
    let cancel = CancellationToken::new();
    let mut first = Box::pin(door.search(enter("rain"), cancel.clone(), |_| {}));
    tokio::select! {
        answer = &mut first => panic!("it did not wait: {answer:?}"),
        () = bench.clock.wait_for_sleeps(1) => {}
    }
    cancel.cancel();
    assert!(futures_util::poll!(&mut first).is_pending());
    // The first one's task has not ended yet.
    let mut second = Box::pin(search(&door, "rain"));
    assert!(futures_util::poll!(&mut second).is_pending());
    assert_eq!(first.await.unwrap_err().reason, FailureReason::Cancelled);
    let mut third = Box::pin(search(&door, "rain"));
    assert!(futures_util::poll!(&mut third).is_pending());
    bench.clock.advance(Duration::from_secs(31));
    let (second, third) = tokio::join!(second, third);
    assert_eq!(second.unwrap().page, third.unwrap().page);
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (2, 1));
}

#[tokio::test]
async fn that_it_was_sent_is_told() {
    let bench = Bench::new().await;
    bench.server.script([Step::HoldThenServe]);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let door = bench.door();
    let mut asked = Box::pin(door.search(enter("rain"), CancellationToken::new(), |progress| tell.send(progress).unwrap()));
    tokio::select! {
        answer = &mut asked => panic!("it is held: {answer:?}"),
        progress = told.recv() => assert_eq!(progress, Some(Progress::Sent)),
    }
    bench.server.release();
    assert!(asked.await.is_ok());
}

#[tokio::test]
async fn what_comes_back_to_nobody_is_not_sent_again() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([limited("30")]);
    let mut asked = Box::pin(search(&door, "rain"));
    tokio::select! {
        answer = &mut asked => panic!("it did not wait: {answer:?}"),
        () = bench.server.wait_for_hits(1) => {}
    }
    drop(asked);
    wait_for_states(&door, &[SpendState::Free]).await;
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (1, 0));
}

#[tokio::test]
async fn a_row_that_another_program_took_for_lost_is_ended_by_its_answer_and_a_settled_one_is_not() {
    let ledger = |bench: &Bench, state: &str| {
        let db = rusqlite::Connection::open(bench.ledger_path()).unwrap();
        db.execute("UPDATE spends SET state = ?1", [state]).unwrap();
    };
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::HoldThenServe]);
    let asked = tokio::spawn({
        let door = door.clone();
        async move { search(&door, "rain").await }
    });
    bench.server.wait_for_hits(1).await;
    ledger(&bench, "unknown");
    bench.server.release();
    assert!(asked.await.unwrap().is_ok());
    assert_eq!(states(&door).await, [SpendState::Charged]);

    let bench = Bench::impatient().await;
    let door = bench.door();
    bench.server.script([Step::Hang { charged: true }]);
    let asked = tokio::spawn({
        let door = door.clone();
        async move { search(&door, "rain").await }
    });
    bench.server.wait_for_hits(1).await;
    ledger(&bench, "charged");
    assert!(asked.await.unwrap().is_err());
    assert_eq!(states(&door).await, [SpendState::Charged], "the history knew better");
}

#[tokio::test]
async fn a_program_that_died_keeps_nobody_from_asking() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let one = bench.door();
    let runtime = mortal();
    bench.server.script([limited("30")]);
    runtime.spawn(async move { search(&one, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    dies(runtime).await;
    bench.clock.advance(Duration::from_secs(31));
    let two = bench.door();
    let answer = tokio::time::timeout(PATIENCE, search(&two, "rain")).await;
    assert!(answer.expect("it waits for nothing").is_ok());
}

#[tokio::test]
async fn a_program_that_lives_keeps_its_row_whoever_looks_for_lost_ones() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([limited("30")]);
    let first = tokio::spawn(async move { search(&one, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    assert_eq!(two.reconcile().await, []);
    assert_eq!(states(&two).await, [SpendState::Pending]);
    bench.clock.advance(Duration::from_secs(31));
    assert!(first.await.unwrap().is_ok());
    assert_eq!(states(&two).await, [SpendState::Charged]);
}
