//! Rate limits, an empty account and budgets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trackyard_tui::api::Charge;
use trackyard_tui::spend::{FailureReason, FreeFailure, Progress, Rules, SpendState};

use crate::spending::{Bench, enter, search, states};
use crate::steps::{api_error, bad_gateway, json, limited};

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
