//! What the tests of the whole program share: a home of its own, the sandbox as its server, and a real terminal.

// Each test binary uses its own part of this.
#![allow(dead_code)]

mod environment;
pub mod mp3;
pub mod terminal;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use trackyard_tui::sandbox::{Options, Sandbox, Tier};

pub use environment::needed_environment;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_trackyard-tui");

/// Runs a program that reads this from a pipe, to its end.
pub fn fed(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that has left does not read on.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// A server, and a home folder that nobody else uses.
pub struct House {
    pub sandbox: Sandbox,
    pub home: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl House {
    /// A sandbox without rate limits, so that tests need not wait for them, and with this many credits.
    pub fn with_credits(credits: i64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let options = Options {
            tier: Tier::Free,
            credits: Some(credits),
            ..Options::default()
        };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        sandbox.set_limits(Some(1000), Some(10_000));
        Self {
            sandbox,
            home: tempfile::tempdir().unwrap(),
            runtime,
        }
    }

    pub fn new() -> Self {
        Self::with_credits(50)
    }

    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// Where downloads go.
    pub fn music(&self) -> PathBuf {
        self.path().join("Music/Trackyard")
    }

    /// Environment of a program that lives here and talks to the sandbox.
    pub fn environment(&self) -> Vec<(String, String)> {
        let home = self.path().display().to_string();
        [
            ("HOME", home.clone()),
            ("XDG_CONFIG_HOME", format!("{home}/.config")),
            ("XDG_DATA_HOME", format!("{home}/.local/share")),
            ("XDG_STATE_HOME", format!("{home}/.local/state")),
            ("XDG_CACHE_HOME", format!("{home}/.cache")),
            ("XDG_MUSIC_DIR", format!("{home}/Music")),
            ("TRACKYARD_API_URL", self.sandbox.api_url().to_owned()),
            ("TRACKYARD_API_KEY", self.sandbox.key().to_owned()),
            ("TRACKYARD_TUI_CONFIG", String::new()),
            ("TRACKYARD_LOG", "trace".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// A command that lives here, without a terminal; its input is empty.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .env_clear()
            .envs(needed_environment())
            .envs(self.environment())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, without a terminal.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// The same with other values of some variables; an empty one is unset.
    pub fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        for (name, value) in variables {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        Ran(command.output().unwrap())
    }

    /// Requests that could have cost something.
    pub fn paid_requests(&self) -> usize {
        self.sandbox.requests().iter().filter(|seen| seen.method == "POST").count()
    }

    /// Says yes to the question on the screen, until it has cost something. It is deaf at first, on purpose; a person presses again.
    #[track_caller]
    pub fn say_yes(&self, terminal: &mut terminal::Terminal) {
        terminal.wait_for("y confirms");
        let before = self.sandbox.charged();
        let end = Instant::now() + terminal::PATIENCE;
        while self.sandbox.charged() == before {
            assert!(Instant::now() < end, "nothing was bought; the screen is\n{}", terminal.screen());
            terminal.type_keys("y");
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }

    /// Every file below the home folder.
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(self.path(), &mut found);
        found.sort();
        found
    }
}

/// A command that has ended.
pub struct Ran(Output);

impl Ran {
    pub fn exit(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// The one JSON document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout()).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout(), self.stderr()))
    }

    /// Asserts the exit code, showing what was said otherwise.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.exit(), code, "stdout: {}\nstderr: {}", self.stdout(), self.stderr());
        self
    }
}

/// Length of an MP3 in seconds, by a decoder that is not ours, and its loudest sample.
pub fn decoded(path: &Path) -> (f64, f32) {
    let sound = mp3::Decoded::of(std::fs::read(path).unwrap());
    let loudest = sound.samples.iter().fold(0.0f32, |loudest, sample| loudest.max(sample.abs()));
    (sound.seconds(), loudest)
}
