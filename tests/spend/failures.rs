//! What is sent again, what never is, and what it is called.

use std::time::Duration;

use trackyard_tui::api::{Charge, Endpoint, Error};
use trackyard_tui::spend::{FailureReason, Ledger, SpendState};

use crate::fault_server::Step;
use crate::spending::{Bench, search, states};
use crate::steps::{api_error, bad_gateway, fault, json};

#[tokio::test]
async fn what_never_left_is_tried_three_times_and_is_free() {
    let bench = Bench::new().await;
    // Taken, so that nobody else gets the port, and not listening.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    let door = bench.door_to(Endpoint::new(&url).unwrap(), &bench.ledger_path(), bench.rules());
    let failure = search(&door, "rain").await.unwrap_err();
    assert!(matches!(api_error(&failure), Error::NotSent(_)), "{failure:?}");
    assert_eq!(failure.charge, Charge::Free);
    let pauses = bench.clock.slept();
    assert_eq!(pauses.len(), 2, "three tries");
    assert!(pauses.iter().sum::<Duration>() < Duration::from_secs(10));
    assert_eq!(states(&door).await, [SpendState::Free]);
    // The places in the minute were given back: nothing but the pauses was waited for, although three a minute are the limit.
    let ledger = rusqlite::Connection::open(bench.ledger_path()).unwrap();
    ledger.execute("UPDATE accounts SET minute_limit = 3", ()).unwrap();
    let again = search(&door, "rain").await.unwrap_err();
    assert_eq!(again.charge, Charge::Free);
    assert_eq!(bench.clock.slept().len(), 4);
    assert!(bench.clock.slept().iter().sum::<Duration>() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_never_left_is_not_tried_for_longer_than_ten_seconds() {
    let bench = Bench::new().await;
    bench.clock.stand_still();
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    let door = bench.door_to(Endpoint::new(&url).unwrap(), &bench.ledger_path(), bench.rules());
    let asked = tokio::spawn(async move { search(&door, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    // The way to the server took so long.
    bench.clock.advance(Duration::from_secs(10));
    assert!(matches!(api_error(&asked.await.unwrap().unwrap_err()), Error::NotSent(_)));
    assert_eq!(bench.clock.slept().len(), 1, "two tries");
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
async fn every_fault_of_trackyards_own_is_free() {
    let bench = Bench::new().await;
    let door = bench.door();
    for status in 500..=599 {
        let own = json(status, "", r#"{"error":"internal","message":"sorry","request_id":"req_9"}"#);
        bench.server.script([own.clone(), own.clone(), own]);
        let failure = search(&door, &format!("rain {status}")).await.unwrap_err();
        assert_eq!((status, failure.charge), (status, Charge::Free));
    }
    assert_eq!((bench.server.hits().len(), bench.server.charged()), (300, 0));
}

#[tokio::test]
async fn answers_that_are_neither_success_nor_error_are_told_and_never_followed() {
    let bench = Bench::new().await;
    let door = bench.door();
    for (status, charge) in [
        (201, Charge::Unknown),
        (202, Charge::Unknown),
        (204, Charge::Unknown),
        (206, Charge::Unknown),
        (301, Charge::Free),
        (302, Charge::Free),
        (307, Charge::Free),
        (600, Charge::Unknown),
        (999, Charge::Unknown),
    ] {
        let before = bench.server.hits().len();
        let elsewhere = format!("Location: {}/search\r\n", bench.server.url());
        bench.server.script([Step::Answer(status, elsewhere, String::new())]);
        let failure = search(&door, &format!("rain {status}")).await.unwrap_err();
        assert_eq!((status, failure.charge), (status, charge), "{failure}");
        assert_eq!(bench.server.hits().len(), before + 1);
    }
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
        let bench = match step {
            Step::Hang { .. } => Bench::impatient().await,
            _ => Bench::new().await,
        };
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
async fn a_refusal_costs_nothing_and_is_not_sent_again() {
    // 402 and 429 have tests of their own.
    for status in (400..=499).filter(|status| ![402, 429].contains(status)) {
        let bench = Bench::new().await;
        let door = bench.door();
        bench
            .server
            .script([json(status, "", r#"{"error":"bad_request","message":"no \u001b[31mgood"}"#)]);
        let failure = search(&door, "rain").await.unwrap_err();
        assert_eq!((status, failure.charge), (status, Charge::Free));
        assert!(failure.to_string().ends_with("nothing was charged"), "{failure}");
        assert!(!failure.to_string().contains('\u{1b}'), "{failure:?}");
        assert_eq!((bench.server.hits().len(), bench.server.charged()), (1, 0));
        assert_eq!(states(&door).await, [SpendState::Free]);
    }
}

#[tokio::test]
async fn pages_of_proxies_say_nothing_about_the_charge() {
    for (status, page) in [
        (500, "<html>Internal Server Error</html>"),
        (502, "<html>Bad Gateway</html>"),
        (503, ""),
        (504, r#"{"message":"Endpoint request timed out"}"#),
        (504, r#"{"error":{"code":504,"message":"upstream timeout"}}"#),
        (521, "error code: 521"),
    ] {
        for charged in [true, false] {
            let bench = Bench::new().await;
            let door = bench.door();
            bench.server.script([if charged {
                Step::ChargedAnswer(status, String::new(), page.into())
            } else {
                Step::Answer(status, String::new(), page.into())
            }]);
            let failure = search(&door, "rain").await.unwrap_err();
            assert_eq!((status, failure.charge), (status, Charge::Unknown));
            assert!(failure.to_string().contains("it may have cost 1 credit"), "{failure}");
            assert_eq!((bench.server.hits().len(), states(&door).await), (1, vec![SpendState::Unknown]));
            // The history knows.
            let settled = door.reconcile().await;
            assert_eq!((status, settled.len(), settled[0].charged), (status, 1, charged));
            let state = if charged { SpendState::Charged } else { SpendState::Free };
            assert_eq!(states(&door).await, [state]);
            assert_eq!(bench.server.hits_of("/search"), 1);
        }
    }
}

#[tokio::test]
async fn a_success_that_is_no_page_of_tracks_was_charged_and_is_not_asked_again() {
    for body in [
        "",
        "<html>hello</html>",
        "[]",
        r#"{"tracks":7}"#,
        r#"{"tracks":"none"}"#,
        "null",
        "{\"tracks\":[{\"id\"",
    ] {
        let bench = Bench::new().await;
        let door = bench.door();
        bench.server.script([Step::ChargedAnswer(200, String::new(), body.into())]);
        let failure = search(&door, "rain").await.unwrap_err();
        assert_eq!((body, failure.charge), (body, Charge::Charged));
        assert_eq!((bench.server.hits().len(), states(&door).await), (1, vec![SpendState::Charged]));
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_a_while_and_its_charge_looked_up() {
    for charged in [true, false] {
        let bench = Bench::impatient().await;
        let door = bench.door();
        bench.server.script([Step::Hang { charged }]);
        let failure = search(&door, "rain").await.unwrap_err();
        assert_eq!(failure.charge, Charge::Unknown);
        let settled = bench.patient_door().reconcile().await;
        assert_eq!((settled.len(), settled[0].charged), (1, charged));
        assert_eq!(bench.server.hits_of("/search"), 1);
    }
}

#[tokio::test]
async fn a_file_that_is_no_sound_ledger_is_refused_and_stays_as_it_is() {
    let bench = Bench::new().await;
    let endpoint = bench.endpoint();
    let open = |path: &std::path::Path| Ledger::open(path, &endpoint.origin(), "key");
    let file = |name: &str| bench.home.path().join(name);
    let sql = |name: &str, statements: &str| {
        rusqlite::Connection::open(file(name)).unwrap().execute_batch(statements).unwrap();
    };
    sql("foreign.db", "CREATE TABLE mine (x)");
    for name in ["newer.db", "unknown.db", "damaged.db"] {
        drop(open(&file(name)).unwrap());
    }
    sql("newer.db", "PRAGMA user_version = 2");
    sql("unknown.db", "PRAGMA user_version = 0");
    sql(
        "damaged.db",
        "PRAGMA ignore_check_constraints = ON;
         INSERT INTO spends (origin, key, identity, endpoint, state, owner, made_ms) VALUES ('', '', '', '', 'stolen', '', 0)",
    );
    for (name, why) in [
        ("foreign.db", "it is not a ledger of trackyard-tui"),
        ("newer.db", "a newer trackyard-tui made it"),
        ("unknown.db", "its version is unknown"),
        ("damaged.db", "it is damaged"),
    ] {
        let before = std::fs::read(file(name)).unwrap();
        let refused = open(&file(name)).err().unwrap_or_else(|| panic!("{name} is taken"));
        assert!(refused.reason.contains(why), "{name}: {refused}");
        assert!(std::fs::read(file(name)).unwrap() == before, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_what_was_bought() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new().await;
    search(&bench.door(), "rain").await.unwrap();
    let mode = std::fs::metadata(bench.ledger_path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
