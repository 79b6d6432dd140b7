//! What became of a lost request, as the usage history tells it.

use std::time::Duration;

use trackyard_tui::spend::{Door, SpendState};

use crate::fault_server::{Step, Telling};
use crate::spending::{Bench, dies, mortal, search, states};

async fn settle(door: &Door) -> Vec<(String, bool)> {
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
    assert_eq!(settle(&door).await, [("rain".to_owned(), true)]);
    assert_eq!(states(&door).await, [SpendState::Charged, SpendState::Charged]);
    assert_eq!(bench.clock.slept(), [Duration::from_secs(3)]);
    // It is settled: nothing is asked any more.
    let hits = bench.server.hits().len();
    assert_eq!(settle(&door).await, []);
    assert_eq!(bench.server.hits().len(), hits);
}

#[tokio::test]
async fn what_is_not_in_the_history_at_the_second_look_was_free() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: false }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(settle(&door).await, [("rain".to_owned(), false)]);
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
    assert_eq!(settle(&door).await, []);
    assert_eq!(states(&door).await, [SpendState::Unknown]);
}

#[tokio::test]
async fn a_program_that_died_is_settled_by_the_next() {
    let bench = Bench::new().await;
    let runtime = mortal();
    bench.server.script([Step::Hang { charged: true }]);
    let dying = bench.door();
    runtime.spawn(async move { search(&dying, "rain").await });
    bench.server.wait_for_hits(1).await;
    dies(runtime).await;
    let door = bench.door();
    assert_eq!(states(&door).await, [SpendState::Pending]);
    assert_eq!(settle(&door).await, [("rain".to_owned(), true)]);
    assert_eq!(states(&door).await, [SpendState::Charged]);
}

#[tokio::test]
async fn what_a_session_began_itself_is_told_from_what_an_earlier_one_left() {
    let bench = Bench::new().await;
    let earlier = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&earlier, "rain").await.unwrap_err();
    drop(earlier);
    bench.clock.advance(Duration::from_mins(2));
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "snow").await.unwrap_err();
    let mut settled: Vec<(String, bool)> = door.reconcile().await.into_iter().map(|spend| (spend.what, spend.own)).collect();
    settled.sort();
    assert_eq!(settled, [("rain".to_owned(), false), ("snow".to_owned(), true)]);
}

#[tokio::test]
async fn years_of_history_are_not_read_to_find_one_call() {
    let bench = Bench::new().await;
    bench.server.age(20_000);
    let door = bench.door();
    search(&door, "before").await.unwrap();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(settle(&door).await, [("rain".to_owned(), true)]);
    assert_eq!(bench.server.hits_of("/usage"), 1);
}

#[tokio::test]
async fn a_command_looks_once_and_leaves_what_is_not_due() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(door.reconcile_due().await, []);
    assert_eq!((bench.server.hits_of("/usage"), bench.clock.slept()), (0, vec![]));
    bench.clock.advance(Duration::from_secs(3));
    let settled = door.reconcile_due().await;
    assert!(settled.len() == 1 && settled[0].charged);

    // Not there at first: it may still be written down.
    bench.server.script([Step::ResetAfterReading { charged: false }]);
    search(&door, "snow").await.unwrap_err();
    bench.clock.advance(Duration::from_secs(4));
    assert_eq!(door.reconcile_due().await, []);
    bench.clock.advance(Duration::from_secs(6));
    let settled = door.reconcile_due().await;
    assert!(settled.len() == 1 && !settled[0].charged);
}

#[tokio::test]
async fn a_server_clock_that_is_minutes_off_does_not_hide_the_charge() {
    // The server of these tests is hours ahead; here it also says so only in answers that were charged.
    let bench = Bench::impatient().await;
    let door = bench.door();
    let patient = bench.patient_door();
    bench.clock.advance(Duration::from_mins(7));
    search(&patient, "before").await.unwrap();
    bench.clock.advance(Duration::from_mins(7));
    bench.server.script([Step::Hang { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(settle(&patient).await, [("rain".to_owned(), true)]);
    assert_eq!(bench.server.charged(), 2);
}

#[tokio::test]
async fn a_record_that_may_be_of_a_request_in_flight_is_nobodys() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench
        .server
        .script([Step::ResetAfterReading { charged: false }, Step::Hang { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    let flying = tokio::spawn({
        let door = door.clone();
        async move { search(&door, "snow").await }
    });
    bench.server.wait_for_hits(2).await;
    assert_eq!(settle(&door).await, []);
    assert_eq!(states(&door).await, [SpendState::Pending, SpendState::Unknown]);
    flying.abort();
}

#[tokio::test]
async fn two_programs_that_look_at_once_tell_the_news_once() {
    let bench = Bench::new().await;
    let (one, two) = (bench.door(), bench.door());
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&one, "rain").await.unwrap_err();
    let (first, second) = tokio::join!(one.reconcile(), two.reconcile());
    assert_eq!(first.len() + second.len(), 1);
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    let record: Option<i64> = ledger.query_row("SELECT usage_ms FROM spends", (), |row| row.get(0)).unwrap();
    assert!(record.is_some(), "its record explains nothing else any more");
}

#[tokio::test]
async fn the_clock_of_an_answer_that_is_not_trackyards_tells_nothing() {
    let bench = Bench::new().await;
    let door = bench.door();
    search(&door, "before").await.unwrap();
    bench.server.script([crate::steps::bad_gateway()]);
    search(&door, "rain").await.unwrap_err();
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    let (answered, clock): (Option<i64>, Option<i64>) = ledger
        .query_row("SELECT answered_ms, clock_ms FROM spends ORDER BY id DESC", (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(answered, None);
    assert!(clock.is_some(), "the server's clock is noted with the row");
}

#[tokio::test]
async fn a_record_on_a_later_page_is_found_though_calls_push_it_on() {
    let bench = Bench::new().await;
    bench.server.age(10);
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    // It is the last one of the first page, and the first one of the second after the next call.
    for _ in 0..99 {
        bench.server.somebody_else("/me");
    }
    bench.server.push_on();
    assert_eq!(settle(&door).await, [("rain".to_owned(), true)]);
    assert_eq!(bench.clock.slept(), [Duration::from_secs(3)], "it is told at the first look");

    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    for _ in 0..150 {
        bench.server.somebody_else("/me");
    }
    assert_eq!(settle(&door).await, [("rain".to_owned(), true)]);
    assert_eq!(bench.server.hits_of("/usage"), 2, "and no page more than there are");
}

#[tokio::test]
async fn a_history_that_is_read_in_part_proves_nothing() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.script([Step::ResetAfterReading { charged: true }]);
    search(&door, "rain").await.unwrap_err();
    for _ in 0..1100 {
        bench.server.somebody_else("/me");
    }
    assert_eq!(settle(&door).await, []);
    assert_eq!(states(&door).await, [SpendState::Unknown]);
}

#[tokio::test]
async fn the_youngest_says_when_to_look_and_old_ones_need_one_look() {
    let bench = Bench::new().await;
    let door = bench.door();
    let lost = || Step::ResetAfterReading { charged: false };
    bench.server.script([lost(), lost()]);
    search(&door, "rain").await.unwrap_err();
    bench.clock.advance(Duration::from_mins(1));
    search(&door, "snow").await.unwrap_err();
    assert_eq!(settle(&door).await.len(), 2);
    assert_eq!(bench.clock.slept(), [Duration::from_secs(3), Duration::from_secs(7)]);

    bench.server.script([lost()]);
    search(&door, "hail").await.unwrap_err();
    bench.clock.advance(Duration::from_mins(1));
    let before = bench.server.hits_of("/usage");
    assert_eq!(settle(&door).await, [("hail".to_owned(), false)]);
    assert_eq!(bench.server.hits_of("/usage"), before + 1);
}

#[tokio::test]
async fn a_request_whose_program_died_has_a_minute_to_be_answered() {
    for (seconds, looks) in [(30, 2), (60, 1)] {
        let bench = Bench::new().await;
        let runtime = mortal();
        bench.server.script([Step::Hang { charged: false }]);
        let dying = bench.door();
        runtime.spawn(async move { search(&dying, "rain").await });
        bench.server.wait_for_hits(1).await;
        dies(runtime).await;
        bench.clock.advance(Duration::from_secs(seconds));
        let door = bench.door();
        assert_eq!(settle(&door).await, [("rain".to_owned(), false)]);
        assert_eq!(bench.server.hits_of("/usage"), looks, "{seconds} s");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_may_be_the_one_that_is_looked_for() {
    let bench = Bench::new().await;
    let door = bench.door();
    bench.server.tell_history(Telling::Unreadable);
    bench.server.script([Step::ResetAfterReading { charged: false }]);
    search(&door, "rain").await.unwrap_err();
    assert_eq!(settle(&door).await, []);
    assert_eq!(states(&door).await, [SpendState::Unknown]);
}

#[tokio::test]
async fn a_history_that_is_counted_wrongly_or_not_at_all_is_read_to_its_end() {
    for telling in [Telling::Uncounted, Telling::Overcounted] {
        let bench = Bench::new().await;
        let door = bench.door();
        bench.server.tell_history(telling);
        bench.server.script([Step::ResetAfterReading { charged: true }]);
        search(&door, "rain").await.unwrap_err();
        for _ in 0..150 {
            bench.server.somebody_else("/me");
        }
        assert_eq!(settle(&door).await, [("rain".to_owned(), true)], "{telling:?}");
    }
}
