//! What the door sends, what it never sends again, and what it tells the ledger, over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[allow(dead_code)]
#[path = "common/fault_server.rs"]
mod fault_server;
#[allow(dead_code)]
#[path = "common/spending.rs"]
mod spending;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fault_server::{FaultServer, Step, TestClock};
use spending::{Bench, buy, door_to, enter, receipts, search, states, track_request};
use tokio_util::sync::CancellationToken;
use trackyard_tui::api::{Charge, Endpoint, Error};
use trackyard_tui::spend::{Door, FailureReason, FreeFailure, IsKept, Progress, Rules, SpendFailure, SpendState, Target};

fn json(status: u16, headers: &str, body: &str) -> Step {
    Step::Answer(status, format!("Content-Type: application/json\r\n{headers}"), body.to_owned())
}

fn limited(retry_after: &str) -> Step {
    json(
        429,
        &format!("Retry-After: {retry_after}\r\n"),
        r#"{"error":"rate_limited","message":"slow down"}"#,
    )
}

fn fault() -> Step {
    json(500, "", r#"{"error":"internal","request_id":"req_7"}"#)
}

fn bad_gateway() -> Step {
    Step::Answer(502, "Content-Type: text/html\r\n".into(), "<html>bad gateway</html>".into())
}

fn api_error(failure: &SpendFailure) -> &Error {
    match &failure.reason {
        FailureReason::Api(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_search_costs_one_credit_and_its_receipt_says_so() {
    let bench = Bench::new().await;
    let door = bench.door();
    let answer = search(&door, "rain").await.unwrap();
    assert_eq!(answer.value.tracks.len(), 1);
    let all = receipts(&door).await;
    assert_eq!((all.len(), all[0].state, all[0].balance), (1, SpendState::Charged, Some(49)));
    assert_eq!((all[0].endpoint.as_str(), all[0].query.as_deref()), ("/search", Some("rain")));
    assert_eq!((bench.server.charged(), bench.server.hits().len()), (1, 1));
}

#[tokio::test]
async fn what_never_left_is_tried_three_times_and_is_free() {
    let bench = Bench::new().await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    drop(closed);
    let door = door_to(
        Endpoint::new(&url).unwrap(),
        &bench.ledger_path(),
        bench.rules(),
        Arc::clone(&bench.clock),
    );
    let failure = search(&door, "rain").await.unwrap_err();
    assert!(matches!(api_error(&failure), Error::NotSent(_)), "{failure:?}");
    assert_eq!(failure.charge, Charge::Free);
    let pauses = bench.clock.slept();
    assert_eq!(pauses.len(), 2, "three tries");
    assert!(pauses.iter().sum::<Duration>() < Duration::from_secs(10));
    assert_eq!(states(&door).await, [SpendState::Free]);
    // The places in the minute were given back: nothing but the pauses was waited for.
    let again = search(&door, "rain").await.unwrap_err();
    assert_eq!(again.charge, Charge::Free);
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_long_as_it_says() {
    for (retry_after, seconds) in [("7", 7), ("-5", 60), ("soon", 60)] {
        let bench = Bench::new().await;
        let door = bench.door();
        bench.server.script([limited(retry_after)]);
        let seen = Mutex::new(Vec::new());
        let answer = door
            .search(enter("rain"), CancellationToken::new(), |progress| {
                seen.lock().unwrap().push(progress);
            })
            .await;
        assert!(answer.is_ok(), "{answer:?}");
        assert_eq!(bench.clock.slept(), [Duration::from_secs(seconds)], "{retry_after}");
        assert_eq!((bench.server.hits().len(), bench.server.charged()), (2, 1));
        assert_eq!(states(&door).await, [SpendState::Charged]);
    }
}

#[tokio::test]
async fn a_rate_limit_is_told_while_it_is_waited_for_and_can_be_cancelled_for_nothing() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    bench.server.script([limited("30")]);
    let cancel = CancellationToken::new();
    let waiting = Arc::new(tokio::sync::Notify::new());
    let task = tokio::spawn({
        let (door, cancel, waiting) = (door.clone(), cancel.clone(), Arc::clone(&waiting));
        async move {
            door.search(enter("rain"), cancel, move |progress| {
                if progress == Progress::Waiting(Duration::from_secs(30)) {
                    waiting.notify_one();
                }
            })
            .await
        }
    });
    waiting.notified().await;
    cancel.cancel();
    let failure = task.await.unwrap().unwrap_err();
    assert_eq!((failure.charge, &failure.reason), (Charge::Free, &FailureReason::Cancelled));
    assert_eq!(states(&door).await, [SpendState::Free]);
    assert_eq!(bench.server.hits().len(), 1);
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_three_times_and_no_longer_than_allowed() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([limited("1"), limited("1"), limited("1"), limited("1")]);
    let failure = search(&door, "rain").await.unwrap_err();
    assert_eq!((api_error(&failure).status(), failure.charge), (Some(429), Charge::Free));
    assert_eq!(bench.server.hits().len(), 4);

    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([limited("200"), limited("200")]);
    let failure = search(&door, "rain").await.unwrap_err();
    assert_eq!(
        failure.reason,
        FailureReason::MaxWait {
            needed: Duration::from_secs(200)
        }
    );
    assert_eq!(bench.server.hits().len(), 2);
    assert_eq!(states(&door).await, [SpendState::Free]);

    let bench = Bench::new().await;
    bench.server.script([limited("99999999999")]);
    let failure = search(&bench.door(), "rain").await.unwrap_err();
    assert!(matches!(failure.reason, FailureReason::MaxWait { .. }));
    assert!(bench.clock.slept().is_empty());
}

#[tokio::test]
async fn a_fault_of_trackyards_own_is_free_and_tried_twice_more() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([fault(), fault()]);
    assert!(search(&door, "rain").await.is_ok());
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (3, 1));

    bench.server.script([fault(), fault(), fault()]);
    let failure = search(&door, "snow").await.unwrap_err();
    assert_eq!(failure.charge, Charge::Free);
    assert!(failure.to_string().contains("req_7"), "{failure}");
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (6, 1));
    assert_eq!(states(&door).await, [SpendState::Free, SpendState::Charged]);
}

#[tokio::test]
async fn what_may_have_been_charged_is_never_sent_again_by_itself() {
    let steps = [
        bad_gateway(),
        Step::ResetBeforeReading,
        Step::ResetAfterReading { charged: true },
        Step::Hang { charged: true },
    ];
    for step in steps {
        let bench = Bench::new().await;
        let door = bench.door();
        bench.server.script([step.clone()]);
        let failure = search(&door, "rain").await.unwrap_err();
        assert_eq!(failure.charge, Charge::Unknown, "{step:?}");
        assert_eq!(states(&door).await, [SpendState::Unknown], "{step:?}");
        assert!(bench.server.hits().len() <= 1, "{step:?}");
        assert!(bench.clock.slept().is_empty(), "{step:?}");
        assert!(failure.to_string().contains("may have cost 1 credit"), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_was_charged() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([
        Step::ChargedAnswer(200, String::new(), "{\"tracks\":".into()),
        json(404, "", r#"{"error":"x"}"#),
    ]);
    let failure = search(&door, "rain").await.unwrap_err();
    assert_eq!(failure.charge, Charge::Charged);
    assert!(failure.to_string().contains("1 credit was charged"), "{failure}");
    assert_eq!(states(&door).await, [SpendState::Charged]);
    assert_eq!(failure.limits().unwrap().credits_remaining, Some(49));
    let failure = search(&door, "snow").await.unwrap_err();
    assert_eq!(failure.charge, Charge::Free);
}

#[tokio::test]
async fn out_of_credits_nothing_paid_is_sent_until_the_balance_is_seen_to_rise() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_credits(0);
    bench.server.script([json(402, "", r#"{"error":"insufficient_credits"}"#)]);
    let failure = search(&door, "rain").await.unwrap_err();
    assert!(failure.out_of_credits() && failure.charge == Charge::Free);

    // Also in another program, and nothing is asked at all.
    let other = bench.door();
    let failure = search(&other, "rain").await.unwrap_err();
    assert_eq!(failure.reason, FailureReason::OutOfCredits);
    assert!(failure.out_of_credits());
    assert_eq!(bench.server.hits().len(), 1);

    // After ten minutes the balance is looked at, but it has not risen.
    bench.clock.advance(Duration::from_mins(11));
    assert!(search(&door, "rain").await.unwrap_err().out_of_credits());
    assert_eq!((bench.server.hits_of("/me"), bench.server.hits_of("/search")), (1, 1));
    assert!(search(&door, "rain").await.unwrap_err().out_of_credits());
    assert_eq!(bench.server.hits_of("/me"), 1);

    // The user looks, and it has.
    bench.server.set_credits(50);
    door.me(Duration::ZERO).await.unwrap();
    assert!(search(&door, "rain").await.is_ok());
}

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

fn budget(bench: &Bench, session: Option<u64>, month: Option<u64>) -> Rules {
    Rules {
        budget: session,
        monthly_budget: month,
        ..bench.rules()
    }
}

#[tokio::test]
async fn a_budget_that_is_used_up_refuses_every_permit() {
    let bench = Bench::new().await;
    let door = bench.door_with(budget(&bench, Some(2), None));
    bench.server.script([json(400, "", r#"{"error":"bad"}"#)]);
    search(&door, "zero").await.unwrap_err();
    search(&door, "one").await.unwrap();
    bench.server.script([bad_gateway()]);
    search(&door, "two").await.unwrap_err();
    let failure = search(&door, "three").await.unwrap_err();
    assert!(
        matches!(&failure.reason, FailureReason::Budget(text) if text.contains("2 of 2")),
        "{failure}"
    );
    assert_eq!(bench.server.hits().len(), 3, "free ones do not count, unknown ones do");
    // Another session has a budget of its own, but the month is one.
    let other = bench.door_with(budget(&bench, Some(2), Some(3)));
    search(&other, "four").await.unwrap();
    let failure = search(&other, "five").await.unwrap_err();
    assert!(failure.to_string().contains("month"), "{failure}");
    bench.clock.advance(Duration::from_hours(24 * 31));
    search(&other, "six").await.unwrap();
}

#[tokio::test]
async fn a_budget_is_reserved_before_the_request_leaves() {
    let bench = Bench::new().await;
    let door = bench.door_with(budget(&bench, Some(2), None));
    let asks = ["a", "b", "c", "d", "e", "f"].map(|text| {
        let door = door.clone();
        tokio::spawn(async move { search(&door, text).await.is_ok() })
    });
    let mut done = 0;
    for ask in asks {
        done += usize::from(ask.await.unwrap());
    }
    assert_eq!((done, bench.server.charged(), bench.server.hits().len()), (2, 2, 2));
}

#[tokio::test]
async fn a_ledger_that_is_gone_refuses_every_paid_request() {
    let bench = Bench::new().await;
    let door = bench.door();
    search(&door, "rain").await.unwrap();
    std::fs::remove_file(bench.ledger_path()).unwrap();
    let failure = search(&door, "snow").await.unwrap_err();
    assert!(matches!(failure.reason, FailureReason::Ledger(_)), "{failure:?}");
    assert_eq!(bench.server.hits().len(), 1);
    assert!(!bench.ledger_path().exists(), "never replaced");
    // What is free goes on.
    assert!(door.me(Duration::ZERO).await.is_ok());
}

#[tokio::test]
async fn requests_of_one_key_share_the_minute_across_programs() {
    let bench = Bench::new().await;
    bench.server.set_headers("X-RateLimit-Limit: 3\r\n");
    let (one, two) = (bench.door(), bench.door());
    search(&one, "a").await.unwrap();
    bench.clock.advance(Duration::from_secs(10));
    search(&two, "b").await.unwrap();
    // One is left, and it is not for free calls.
    assert_eq!(
        two.me(Duration::ZERO).await.unwrap_err(),
        FreeFailure::HeldBack(Duration::from_secs(50))
    );
    assert_eq!(bench.server.hits_of("/me"), 0);
    search(&one, "c").await.unwrap();
    assert!(bench.clock.slept().is_empty(), "nothing had to wait so far");
    let waits = Mutex::new(Vec::new());
    two.search(enter("d"), CancellationToken::new(), |progress| {
        waits.lock().unwrap().push(progress);
    })
    .await
    .unwrap();
    assert_eq!(bench.clock.slept(), [Duration::from_secs(50)]);
    assert_eq!(bench.server.charged(), 4);
}

#[tokio::test]
async fn the_last_tenth_of_the_day_is_not_for_free_calls() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench
        .server
        .set_headers("X-RateLimit-Limit-Daily: 50\r\nX-RateLimit-Remaining-Daily: 5\r\n");
    search(&door, "a").await.unwrap();
    assert!(matches!(
        door.usage(50, 0, Duration::from_mins(5)).await,
        Err(FreeFailure::HeldBack(_))
    ));
    assert_eq!(bench.server.hits_of("/usage"), 0);
    assert!(search(&door, "b").await.is_ok());
}

async fn settle(bench: &Bench, door: &Door) -> Vec<(String, bool)> {
    let _ = bench;
    door.reconcile()
        .await
        .into_iter()
        .map(|settled| (settled.what, settled.charged))
        .collect()
}

#[tokio::test]
async fn what_was_lost_is_found_in_the_usage_history() {
    let bench = Bench::new().await;
    let door = bench.door();
    search(&door, "before").await.unwrap();
    bench.clock.advance(Duration::from_mins(2));
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(settle(&bench, &door).await, [("rain".to_owned(), true)]);
    assert_eq!(states(&door).await, [SpendState::Charged, SpendState::Charged]);
    assert_eq!(bench.clock.slept(), [Duration::from_secs(3)]);
    // It is settled: nothing is asked any more.
    let hits = bench.server.hits().len();
    assert_eq!(settle(&bench, &door).await, []);
    assert_eq!(bench.server.hits().len(), hits);
}

#[tokio::test]
async fn what_is_not_in_the_history_at_the_second_look_was_free() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: false }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(settle(&bench, &door).await, [("rain".to_owned(), false)]);
    assert_eq!(states(&door).await, [SpendState::Free]);
    assert_eq!(bench.clock.slept(), [Duration::from_secs(3), Duration::from_secs(7)]);
    assert_eq!(bench.server.hits_of("/usage"), 2);
}

#[tokio::test]
async fn with_another_client_about_it_stays_unknown() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    bench.server.somebody_else("/search");
    assert_eq!(settle(&bench, &door).await, []);
    assert_eq!(states(&door).await, [SpendState::Unknown]);
}

#[tokio::test]
async fn a_program_that_died_is_settled_by_the_next() {
    let bench = Bench::new().await;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    bench.server.script([Step::Hang { charged: true }]);
    let dying = bench.door();
    runtime.spawn(async move { search(&dying, "rain").await });
    bench.server.wait_for_hits(1).await;
    // All its tasks end where they are, and its lock goes.
    tokio::task::spawn_blocking(move || drop(runtime)).await.unwrap();
    let door = bench.door();
    assert_eq!(states(&door).await, [SpendState::Pending]);
    assert_eq!(settle(&bench, &door).await, [("rain".to_owned(), true)]);
    assert_eq!(states(&door).await, [SpendState::Charged]);
}

#[tokio::test]
async fn whatever_the_server_does_the_ledger_knows_what_it_charged() {
    let bench = Bench::new().await;
    let door = bench.door();
    let mut permits = 0;
    // Every pair of what can happen, one after the other.
    let steps = [
        Step::Serve,
        limited("1"),
        fault(),
        bad_gateway(),
        Step::ResetAfterReading { charged: true },
        Step::ResetAfterReading { charged: false },
        Step::ChargedAnswer(200, String::new(), "nonsense".into()),
        Step::ChargedAnswer(502, String::new(), "<html>".into()),
        json(400, "", r#"{"error":"bad"}"#),
    ];
    for first in &steps {
        for second in &steps {
            bench.server.script([first.clone(), second.clone()]);
            for _ in 0..2 {
                permits += 1;
                let _ = search(&door, &format!("query {permits}")).await;
                // Far enough apart to be told apart afterwards.
                bench.clock.advance(Duration::from_mins(2));
            }
        }
    }
    assert!(bench.server.charged() <= permits);
    let count = |states: &[SpendState], wanted| states.iter().filter(|state| **state == wanted).count();
    let before = states(&door).await;
    assert!(count(&before, SpendState::Charged) <= bench.server.charged());
    assert!(bench.server.charged() <= count(&before, SpendState::Charged) + count(&before, SpendState::Unknown));
    while !door.reconcile().await.is_empty() {}
    let after = states(&door).await;
    assert_eq!(count(&after, SpendState::Unknown), 0, "all of them can be told apart");
    assert_eq!(count(&after, SpendState::Charged), bench.server.charged());
}

#[tokio::test]
async fn the_key_is_in_no_file_and_no_message() {
    let bench = Bench::new().await;
    let door = bench.door();
    search(&door, "rain").await.unwrap();
    bench.server.script([bad_gateway()]);
    let failure = search(&door, "snow").await.unwrap_err();
    assert!(!format!("{failure} {failure:?} {door:?}").contains(spending::KEY));
    for entry in std::fs::read_dir(bench.home.path()).unwrap().flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(spending::KEY.len()).any(|part| part == spending::KEY.as_bytes()));
        }
    }
}

#[tokio::test]
async fn the_bench_itself_counts_as_it_should() {
    let server = FaultServer::start(TestClock::new()).await;
    server.somebody_else("/search");
    assert_eq!(server.charged(), 0);
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
