//! The program itself, as a process of its own, in a home that the test looks into.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use trackyard_tui::spend::{Door, Receipt};

use crate::environment::needed_environment;
use crate::fault_server::TestClock;
use crate::spending::{Bench, KEY, PATIENCE, receipts};

/// A home whose ledger the program and the test share. The program lives by the real time, so the test begins with it.
pub struct Scene {
    pub bench: Bench,
}

impl Scene {
    pub async fn new() -> Self {
        Self {
            bench: Bench::at(TestClock::running(Timestamp::now())).await,
        }
    }

    pub fn home(&self) -> &Path {
        self.bench.home.path()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trackyard-tui"));
        command
            .args(args)
            .env_clear()
            .envs(needed_environment())
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", self.home().join("config"))
            .env("XDG_DATA_HOME", self.home().join("data"))
            .env("XDG_STATE_HOME", self.home().join("state"))
            .env("XDG_MUSIC_DIR", self.home().join("music"))
            .env("TRACKYARD_API_URL", self.bench.server.url())
            .env("TRACKYARD_API_KEY", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    pub fn folder(&self) -> PathBuf {
        self.home().join("out")
    }

    pub fn download(&self) -> Child {
        self.start(&["download", "trk_1", "--yes", "--output", &format!("{}/", self.folder().display())])
    }

    /// The next start, once the dead program's request is old enough to be looked up.
    pub fn next_start(&self) -> Door {
        self.bench.clock.advance(Duration::from_mins(2));
        let ledger = self.home().join("data/trackyard-tui/ledger.db");
        self.bench.door_to(self.bench.endpoint(), &ledger, self.bench.rules())
    }

    /// Settles, and gives the one receipt there is.
    pub async fn settled(&self) -> Receipt {
        let door = self.next_start();
        door.reconcile().await;
        let mut all = receipts(&door).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Names and sizes of what is in a folder. A program that works there may take a file away while one looks.
pub fn files(folder: &Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    entries
        .filter_map(|entry| Some((entry.file_name().into_string().unwrap(), entry.metadata().ok()?.len())))
        .collect()
}
