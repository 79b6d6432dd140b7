//! Rate limits, an empty account and budgets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trackyard_tui::api::Charge;
use trackyard_tui::spend::{FailureReason, FreeFailure, Progress, Rules, SpendState, Target};

use crate::fault_server::Step;
use crate::spending::{Bench, buy, enter, receipts, search, states, track_request};
use crate::steps::{api_error, bad_gateway, fault, json, limited};

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

#[tokio::test]
async fn a_wait_as_long_as_is_allowed_is_waited_for() {
    let bench = Bench::new().await;
    bench.server.script([limited("300")]);
    assert!(search(&bench.door(), "rain").await.is_ok());
    assert_eq!(bench.clock.slept(), [bench.rules().max_wait]);
}

#[tokio::test]
async fn a_rate_limit_holds_back_other_programs_too() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([limited("30")]);
    let first = tokio::spawn(async move { search(&one, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    let mut second = Box::pin(search(&two, "snow"));
    tokio::select! {
        answer = &mut second => panic!("it did not wait: {answer:?}"),
        () = bench.clock.wait_for_sleeps(2) => {}
    }
    assert_eq!(bench.server.hits().len(), 1);
    bench.clock.advance(Duration::from_secs(31));
    assert!(first.await.unwrap().is_ok() && second.await.is_ok());
}

#[tokio::test]
async fn what_a_refusal_says_about_limits_counts() {
    let bench = Bench::new().await;
    let door = bench.door();
    let headers = "X-RateLimit-Limit: 5\r\nX-RateLimit-Remaining: 0\r\n";
    bench.server.script([json(400, headers, r#"{"error":"bad"}"#)]);
    search(&door, "rain").await.unwrap_err();
    assert!(search(&door, "snow").await.is_ok());
    assert_eq!(bench.clock.slept(), [Duration::from_mins(1)]);
}

#[tokio::test]
async fn a_402_that_names_a_balance_is_over_only_when_it_has_risen() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_credits(3);
    bench.server.script([json(402, "", r#"{"error":"insufficient_credits"}"#)]);
    search(&door, "rain").await.unwrap_err();
    door.me(Duration::ZERO).await.unwrap();
    assert_eq!(search(&door, "rain").await.unwrap_err().reason, FailureReason::OutOfCredits);
    assert_eq!(bench.server.hits_of("/search"), 1);
    bench.server.set_credits(4);
    door.me(Duration::ZERO).await.unwrap();
    assert!(search(&door, "rain").await.is_ok());
}

#[tokio::test]
async fn what_a_download_says_about_limits_counts_and_its_receipt_has_the_balance() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_headers("X-RateLimit-Limit: 5\r\nX-RateLimit-Remaining: 0\r\n");
    buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false)
        .await
        .unwrap();
    assert_eq!(receipts(&door).await[0].balance, Some(49));
    assert!(search(&door, "rain").await.is_ok());
    assert_eq!(bench.clock.slept(), [Duration::from_mins(1)]);
}

#[tokio::test]
async fn the_limits_of_the_account_count() {
    for (limits, waits) in [
        (r#""rate_limit":{"requests_per_minute":2},"#, true),
        (r#""rate_limit":{"requests_per_day":50},"#, false),
    ] {
        let bench = Bench::new().await;
        let door = bench.door();
        bench.server.set_account(limits);
        bench.server.set_headers("X-RateLimit-Remaining-Daily: 5\r\n");
        door.me(Duration::ZERO).await.unwrap();
        search(&door, "a").await.unwrap();
        search(&door, "b").await.unwrap();
        assert_eq!(!bench.clock.slept().is_empty(), waits, "{limits}");
        // Five are the last tenth of fifty, and not of a limit that nobody has named.
        bench.clock.advance(Duration::from_mins(2));
        assert_eq!(door.usage(1, 0, Duration::ZERO).await.is_err(), !waits, "{limits}");
    }
}

#[tokio::test]
async fn a_free_call_waits_for_as_long_as_it_may() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_headers("X-RateLimit-Limit: 2\r\n");
    search(&door, "a").await.unwrap();
    let held = door.me(Duration::from_millis(59_999)).await.unwrap_err();
    assert_eq!(held, FreeFailure::HeldBack(Duration::from_mins(1)));
    assert!(door.me(Duration::from_mins(1)).await.is_ok());
    assert_eq!(bench.clock.slept(), [Duration::from_mins(1)]);
}

#[tokio::test]
async fn a_limit_that_was_named_once_counts_until_another_is_named() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_headers("X-RateLimit-Limit: 2\r\nX-RateLimit-Limit-Daily: 50\r\n");
    search(&door, "a").await.unwrap();
    bench.server.set_headers("");
    search(&door, "b").await.unwrap();
    assert!(bench.clock.slept().is_empty());
    search(&door, "c").await.unwrap();
    assert_eq!(bench.clock.slept(), [Duration::from_mins(1)]);
    bench.server.set_headers("X-RateLimit-Remaining-Daily: 5\r\n");
    search(&door, "d").await.unwrap();
    bench.clock.advance(Duration::from_mins(2));
    assert!(door.me(Duration::ZERO).await.is_err(), "five are the last tenth of fifty");
}

#[tokio::test]
async fn what_was_left_counts_until_something_newer_is_told() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_headers("X-RateLimit-Remaining: 2\r\n");
    search(&door, "a").await.unwrap();
    // An answer that says nothing changes nothing; of two that left in one moment, the last to come counts.
    bench.server.set_headers("");
    bench.clock.advance(Duration::from_millis(1));
    door.me(Duration::ZERO).await.unwrap();
    bench.clock.advance(Duration::from_millis(1));
    search(&door, "b").await.unwrap();
    assert!(bench.clock.slept().is_empty());
    search(&door, "c").await.unwrap();
    assert_eq!(bench.clock.slept().len(), 1);

    let bench = Bench::new().await;
    let door = bench.door();
    for left in [5, 0] {
        bench.server.set_headers(&format!("X-RateLimit-Remaining: {left}\r\n"));
        search(&door, &format!("{left} left")).await.unwrap();
    }
    search(&door, "one more").await.unwrap();
    assert_eq!(bench.clock.slept(), [Duration::from_mins(1)]);
}

#[tokio::test]
async fn an_answer_is_as_new_as_the_request_that_brought_it() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let door = bench.door();
    bench.server.script([fault()]);
    bench.server.set_headers("X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 9\r\n");
    let mut asked = Box::pin(search(&door, "rain"));
    tokio::select! {
        answer = &mut asked => panic!("it did not wait: {answer:?}"),
        () = bench.clock.wait_for_sleeps(1) => {}
    }
    bench.clock.advance(Duration::from_millis(100));
    door.me(Duration::ZERO).await.unwrap();
    // It leaves once more, after that, so what it brings is newer.
    bench.server.set_headers("X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 0\r\n");
    bench.clock.advance(Duration::from_secs(2));
    asked.await.unwrap();
    let mut next = Box::pin(search(&door, "snow"));
    tokio::select! {
        answer = &mut next => panic!("it did not wait: {answer:?}"),
        () = bench.clock.wait_for_sleeps(2) => {}
    }
    bench.clock.advance(Duration::from_mins(1));
    next.await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_overtaken_is_older_news() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::HoldThenServe]);
    bench.server.set_headers("X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 0\r\n");
    let mut slow = Box::pin(search(&door, "rain"));
    tokio::select! {
        answer = &mut slow => panic!("it is held: {answer:?}"),
        () = bench.server.wait_for_hits(1) => {}
    }
    bench.clock.advance(Duration::from_millis(1));
    search(&door, "snow").await.unwrap();
    bench.server.set_headers("X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 9\r\n");
    bench.server.release();
    slow.await.unwrap();
    search(&door, "hail").await.unwrap();
    assert_eq!(
        bench.clock.slept(),
        [Duration::from_millis(59_999)],
        "the answer that came last left first"
    );
}

#[tokio::test]
async fn a_balance_below_zero_is_empty_however_it_moves() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_credits(-5);
    bench.server.script([json(402, "", r#"{"error":"insufficient_credits"}"#)]);
    search(&door, "rain").await.unwrap_err();
    for credits in [-3, -9, 0] {
        bench.server.set_credits(credits);
        door.me(Duration::ZERO).await.unwrap();
        let failure = search(&door, "rain").await.unwrap_err();
        assert_eq!(failure.reason, FailureReason::OutOfCredits, "{credits}");
    }
    assert_eq!(bench.server.hits_of("/search"), 1);
}

#[tokio::test]
async fn a_402_without_a_balance_is_empty_too_and_looked_at_again_after_ten_minutes_exactly() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.keep_the_balance_quiet(true);
    bench.server.script([json(402, "", r#"{"error":"insufficient_credits"}"#)]);
    search(&door, "rain").await.unwrap_err();
    bench.server.set_credits(0);
    let empty = |failure| assert_eq!(failure, FailureReason::OutOfCredits);
    empty(search(&door, "rain").await.unwrap_err().reason);
    bench.clock.advance(Duration::from_millis(599_999));
    empty(search(&door, "rain").await.unwrap_err().reason);
    assert_eq!(bench.server.hits_of("/me"), 0);
    bench.clock.advance(Duration::from_millis(1));
    empty(search(&door, "rain").await.unwrap_err().reason);
    assert_eq!(bench.server.hits_of("/me"), 1);
    // A clock that was set back shuts nobody out.
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    ledger.execute("UPDATE accounts SET looked_ms = looked_ms + 86400000", ()).unwrap();
    empty(search(&door, "rain").await.unwrap_err().reason);
    assert_eq!((bench.server.hits_of("/me"), bench.server.hits_of("/search")), (2, 1));
}

#[tokio::test]
async fn a_budget_of_the_month_counts_from_its_first_moment_and_no_longer() {
    let bench = Bench::new().await;
    let door = bench.door_with(budget(&bench, None, Some(1)));
    search(&door, "in february").await.unwrap();
    assert!(search(&door, "once more").await.is_err());
    // From the noon of the 20th to the first moment of March.
    bench.clock.advance(Duration::from_hours(8 * 24 + 12));
    search(&door, "in march").await.unwrap();
    let failure = search(&door, "once more").await.unwrap_err();
    assert!(matches!(failure.reason, FailureReason::Budget(_)), "{failure}");
    assert_eq!(bench.server.charged(), 2);
}

#[tokio::test]
async fn a_rate_limit_that_a_free_call_meets_holds_back_all() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script_free([limited("30")]);
    assert!(door.me(Duration::ZERO).await.is_err());
    assert!(search(&door, "rain").await.is_ok());
    assert_eq!(bench.clock.slept(), [Duration::from_secs(30)]);
}

#[tokio::test]
async fn the_waits_of_a_free_call_add_up() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_headers("X-RateLimit-Limit: 2\r\n");
    search(&door, "a").await.unwrap();
    bench.clock.stand_still();
    bench.clock.advance(Duration::from_secs(10));
    let mut asked = Box::pin(door.me(Duration::from_mins(1)));
    tokio::select! {
        answer = &mut asked => panic!("it did not wait: {answer:?}"),
        () = bench.clock.wait_for_sleeps(1) => {}
    }
    // Meanwhile another program takes the place.
    bench.clock.advance(Duration::from_secs(50));
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    ledger
        .execute("INSERT INTO requests SELECT origin, key, at_ms + 60000 FROM requests LIMIT 1", ())
        .unwrap();
    tokio::select! {
        answer = &mut asked => assert!(matches!(answer, Err(FreeFailure::HeldBack(_))), "{answer:?}"),
        () = bench.clock.wait_for_sleeps(2) => panic!("it waits for longer than it may"),
    }
}

#[tokio::test]
async fn what_was_told_by_a_clock_that_was_ahead_gives_way() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.set_headers("X-RateLimit-Remaining: 9\r\n");
    search(&door, "a").await.unwrap();
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    ledger
        .execute("UPDATE accounts SET minute_sent_ms = minute_sent_ms + 3600000", ())
        .unwrap();
    bench.server.set_headers("X-RateLimit-Remaining: 0\r\n");
    search(&door, "b").await.unwrap();
    search(&door, "c").await.unwrap();
    assert_eq!(bench.clock.slept(), [Duration::from_mins(1)]);
}

#[tokio::test]
async fn what_is_owned_needs_no_budget_and_no_credits() {
    let bench = Bench::new().await;
    let door = bench.door_with(budget(&bench, Some(1), None));
    let ask = || buy(&door, track_request("trk_1", None), Target::Folder(bench.music()), false);
    assert_eq!(ask().await.unwrap().credits_spent, 1);
    assert_eq!(ask().await.unwrap().credits_spent, 0);
    assert_eq!(states(&door).await, [SpendState::Charged], "nothing was begun");
}
