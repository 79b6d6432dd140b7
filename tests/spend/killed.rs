//! A program that is killed: the next start knows what was charged, and no half file has the name of a whole one.
#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use trackyard_tui::spend::SpendState;

use crate::fault_server::{Step, mp3_frames};
use crate::scene::{Scene, files, until};
use crate::steps::limited;

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_was_sent_it_was_free() {
    let scene = Scene::new().await;
    // Held back by the limit, so nothing is on its way.
    scene.bench.server.script([limited("60")]);
    let child = scene.start(&["search", "rain"]);
    scene.bench.server.wait_for_hits(1).await;
    let log = scene.home().join("data/trackyard-tui/ledger.db");
    until("the row is back", || {
        let db = rusqlite::Connection::open(&log).unwrap();
        db.query_row(
            "SELECT count(*) FROM spends WHERE state = 'pending' AND sent_ms IS NULL",
            (),
            |row| row.get::<_, i64>(0),
        )
        .is_ok_and(|rows| rows == 1)
    });
    kill(child);
    let receipt = scene.settled().await;
    assert_eq!((receipt.state, scene.bench.server.charged()), (SpendState::Free, 0), "{receipt:?}");
    assert_eq!(scene.bench.server.hits_of("/search"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_it_was_sent_the_history_tells() {
    for charged in [true, false] {
        let scene = Scene::new().await;
        scene.bench.server.script([Step::Hang { charged }]);
        let child = scene.start(&["search", "rain"]);
        scene.bench.server.wait_for_hits(1).await;
        kill(child);
        let receipt = scene.settled().await;
        let state = if charged { SpendState::Charged } else { SpendState::Free };
        assert_eq!(receipt.state, state, "{receipt:?}");
        assert_eq!(scene.bench.server.hits_of("/search"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_killed_before_its_answer_is_settled_by_the_history() {
    let scene = Scene::new().await;
    scene.bench.server.script([Step::Hang { charged: true }]);
    let child = scene.download();
    scene.bench.server.wait_for_hits(1).await;
    kill(child);
    let receipt = scene.settled().await;
    assert_eq!((receipt.state, receipt.path), (SpendState::Charged, None));
    assert!(!scene.folder().join("trk_1.mp3").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_byte_of_the_body_what_came_is_kept_and_told() {
    let whole = mp3_frames(500);
    for came in [1, 383, 384, 70_001, whole.len() - 1] {
        let scene = Scene::new().await;
        let headers = format!("Content-Type: audio/mpeg\r\nContent-Length: {}\r\n", whole.len());
        scene.bench.server.script([Step::Stall(headers, whole[..came].to_vec())]);
        let child = scene.download();
        until("the bytes are on disk", || {
            files(&scene.folder()).iter().any(|(_, bytes)| *bytes == came as u64)
        });
        kill(child);
        let receipt = scene.settled().await;
        assert_eq!(receipt.state, SpendState::Charged, "{receipt:?}");
        let left = files(&scene.folder());
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(
            Path::new(&left[0].0).extension().is_none_or(|ending| ending != "mp3") && left[0].1 == came as u64,
            "{left:?}"
        );
        let note = receipt.note.unwrap();
        assert!(note.contains("not whole") && note.contains(&left[0].0), "{note}");
        assert_eq!((receipt.sha256, scene.bench.server.charged()), (None, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_command_tells_what_the_last_one_cost() {
    let scene = Scene::new().await;
    scene.bench.server.script([Step::ResetAfterReading { charged: true }]);
    let lost = scene.command(&["search", "rain"]).status().unwrap();
    assert_eq!(lost.code(), Some(8));
    // The program lives by the real clock: the row is made older instead, and the server's clock goes on by as much.
    scene.bench.clock.advance(Duration::from_secs(11));
    let db = rusqlite::Connection::open(scene.home().join("data/trackyard-tui/ledger.db")).unwrap();
    db.execute(
        "UPDATE spends SET ended_ms = ended_ms - 11000, sent_ms = sent_ms - 11000, made_ms = made_ms - 11000",
        (),
    )
    .unwrap();
    let receipts = scene
        .command(&["receipts", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&receipts.stderr).into_owned();
    assert!(said.contains("rain") && said.contains("was charged 1 credit"), "{said}");
    assert!(String::from_utf8_lossy(&receipts.stdout).contains(r#""state":"charged""#));
}
