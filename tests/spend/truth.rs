//! The ledger says what the server charged.

use std::time::Duration;

use trackyard_tui::spend::SpendState;

use crate::fault_server::{FaultServer, Step, TestClock};
use crate::spending::{Bench, KEY, receipts, search, states};
use crate::steps::{bad_gateway, fault, json, limited};

#[tokio::test]
async fn a_search_costs_one_credit_and_its_receipt_says_so() {
    let bench = Bench::new().await;
    let door = bench.door();
    let answer = search(&door, "rain").await.unwrap();
    assert_eq!(answer.page.tracks.len(), 1);
    let all = receipts(&door).await;
    assert_eq!((all.len(), all[0].state, all[0].balance), (1, SpendState::Charged, Some(49)));
    assert_eq!((all[0].endpoint.as_str(), all[0].query.as_deref()), ("/search", Some("rain")));
    assert_eq!((bench.server.charged(), bench.server.hits().len()), (1, 1));
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
    assert!(!format!("{failure} {failure:?} {door:?}").contains(KEY));
    for entry in std::fs::read_dir(bench.home.path()).unwrap().flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes()));
        }
    }
}

#[tokio::test]
async fn the_bench_itself_counts_as_it_should() {
    let server = FaultServer::start(TestClock::new()).await;
    server.somebody_else("/search");
    assert_eq!(server.charged(), 0);
}
