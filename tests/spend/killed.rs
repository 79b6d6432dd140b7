//! A program that is killed: the next start knows what was charged, and no half file has the name of a whole one.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use trackyard_tui::spend::{Door, Receipt, SpendState};

use crate::fault_server::{Step, TestClock, mp3_frames};
use crate::spending::{Bench, KEY, door_to, receipts};
use crate::steps::limited;

const PATIENCE: Duration = Duration::from_mins(1);

/// A home whose ledger the program and the test share. The program lives by the real time, so the test begins with it.
struct Scene {
    bench: Bench,
}

impl Scene {
    async fn new() -> Self {
        Self {
            bench: Bench::at(TestClock::starting(Timestamp::now())).await,
        }
    }

    fn home(&self) -> &Path {
        self.bench.home.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trackyard-tui"));
        command
            .args(args)
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.home().join("config"))
            .env("XDG_DATA_HOME", self.home().join("data"))
            .env("XDG_STATE_HOME", self.home().join("state"))
            .env("XDG_MUSIC_DIR", self.home().join("music"))
            .env("TRACKYARD_API_URL", self.bench.server.url())
            .env("TRACKYARD_API_KEY", KEY)
            .env_remove("TRACKYARD_TUI_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    fn folder(&self) -> PathBuf {
        self.home().join("out")
    }

    fn download(&self) -> Child {
        self.start(&["download", "trk_1", "--yes", "--output", &format!("{}/", self.folder().display())])
    }

    /// The next start, once the dead program's request is old enough to be looked up.
    fn next_start(&self) -> Door {
        self.bench.clock.advance(Duration::from_mins(2));
        let ledger = self.home().join("data/trackyard-tui/ledger.db");
        door_to(self.bench.endpoint(), &ledger, self.bench.rules(), Arc::clone(&self.bench.clock))
    }

    /// Settles, and gives the one receipt there is.
    async fn settled(&self) -> Receipt {
        let door = self.next_start();
        door.reconcile().await;
        let mut all = receipts(&door).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Waits until something is so.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

fn files(folder: &Path) -> Vec<(String, u64)> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len())
        })
        .collect()
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
