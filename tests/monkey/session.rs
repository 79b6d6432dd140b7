//! The server, the home folder, and sessions of the program in them.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use trackyard_tui::app::{Effect, Message, Outcome, Tui};
use trackyard_tui::audio::{Limits, Options as PlayerOptions, OutputChoice, Player};
use trackyard_tui::config::{Overrides, Settings, ThemeName};
use trackyard_tui::input::Keymap;
use trackyard_tui::sandbox::{Options, Sandbox};
use trackyard_tui::state::{Server, State};
use trackyard_tui::tasks::{Runner, Session, Start};
use trackyard_tui::ui::Colors;

use crate::dice::Dice;
use crate::mischief;
use crate::screen::Watched;

/// Events of one session at most.
const SESSION: usize = 700;
/// How long the monkey looks at what it has done, at most, in milliseconds.
const LOOK: usize = 6;
/// Long enough for a confirmation to listen.
const ARMED: Duration = Duration::from_millis(350);
/// A question that is not on the screen by then was not asked: there may be no track to buy.
const ASKED: Duration = Duration::from_secs(3);
/// A question that is on the screen is answered by then.
const ANSWERED: Duration = Duration::from_mins(1);

pub struct Zoo {
    pub sandbox: Sandbox,
    home: TempDir,
    permits: Arc<AtomicU64>,
    downloads: Arc<AtomicU64>,
    server_runtime: Runtime,
}

impl Zoo {
    pub fn new() -> Self {
        let server_runtime = runtime();
        let options = Options {
            credits: Some(100_000),
            ..Options::default()
        };
        let sandbox = server_runtime.block_on(Sandbox::start(options)).unwrap();
        sandbox.set_limits(Some(100_000), Some(1_000_000));
        Self {
            sandbox,
            home: tempfile::tempdir().unwrap(),
            permits: Arc::default(),
            downloads: Arc::default(),
            server_runtime,
        }
    }

    /// Paid requests that were permitted so far.
    pub fn permits(&self) -> u64 {
        self.permits.load(Ordering::SeqCst)
    }

    pub fn downloads(&self) -> u64 {
        self.downloads.load(Ordering::SeqCst)
    }

    pub fn ledger(&self) -> PathBuf {
        self.settings().paths.ledger()
    }

    fn settings(&self) -> Settings {
        let home = self.home.path().to_owned();
        Settings::load(&Overrides::default(), &|name: &str| match name {
            "HOME" => Some(home.clone().into()),
            "XDG_MUSIC_DIR" => Some(home.join("Music").into()),
            "TRACKYARD_API_URL" => Some(self.sandbox.api_url().into()),
            "TRACKYARD_API_KEY" => Some(self.sandbox.key().into()),
            _ => None,
        })
        .unwrap()
    }

    /// One session of at most `left` events; says how many it took.
    pub fn session(&mut self, dice: &mut Dice, left: usize) -> usize {
        let settings = self.settings();
        let runtime = runtime();
        let taken = runtime.block_on(self.sit_down(dice, left.min(SESSION), settings));
        // What was on its way when the program ended is cut off, as by a kill.
        runtime.shutdown_timeout(Duration::from_secs(20));
        taken
    }

    async fn sit_down(&self, dice: &mut Dice, most: usize, settings: Settings) -> usize {
        let (messages, inbox) = mpsc::unbounded_channel();
        let screen = Watched::new(self.sandbox.key());
        let server = Server {
            host: settings.endpoint.host(),
            is_vendor: false,
            is_sandbox: false,
            has_key: true,
        };
        let mut state = State::new(server, Arc::new(Keymap::standard()), settings.download_folder.clone(), (140, 42));
        state.player.auto_audition = true;
        let mut tui = Tui::new(
            Terminal::new(screen.clone()).unwrap(),
            state,
            ThemeName::Dark,
            Colors::default(),
            inbox,
        );
        let to_loop = messages.clone();
        let player = Player::start(
            PlayerOptions {
                output: OutputChoice::None,
                limits: Limits::default(),
                ..PlayerOptions::default()
            },
            move |event| drop(to_loop.send(Message::Audio(event))),
            tokio::runtime::Handle::current(),
        );
        let runner = Runner::new(messages, Arc::new(settings), player);
        runner.connect(Start::Configured);
        let (to_events, mut events) = mpsc::unbounded_channel();
        let perform = |effect: Effect| {
            match &effect {
                Effect::Search { .. } => drop(self.permits.fetch_add(1, Ordering::SeqCst)),
                Effect::AskBatch { permits, .. } => drop(self.permits.fetch_add(permits.len() as u64, Ordering::SeqCst)),
                Effect::Download { .. } => {
                    self.permits.fetch_add(1, Ordering::SeqCst);
                    self.downloads.fetch_add(1, Ordering::SeqCst);
                }
                // The clipboard is the terminal's, and there is none here.
                Effect::Copy(_) => return,
                _ => {}
            }
            runner.perform(effect);
        };
        let looping = async {
            while tui.run(&mut events, perform).await.unwrap() == Outcome::Suspend {
                tui.returned().unwrap();
            }
        };
        let taken = Cell::new(0);
        let monkey = async {
            while taken.get() < most {
                if dice.one_in(25) {
                    mischief::faults(dice, self.sandbox.faults());
                }
                for event in mischief::events(dice) {
                    if let Event::Resize(columns, rows) = event {
                        screen.resize(columns, rows);
                    }
                    taken.set(taken.get() + 1);
                    let _ = to_events.send(Ok(event));
                }
                // Now and then it buys as a person does: by chance alone it might never.
                if dice.one_in(60) {
                    screen.resize(140, 42);
                    for event in mischief::question() {
                        let _ = to_events.send(Ok(event));
                    }
                    self.say_yes(&screen, &to_events).await;
                }
                // Sometimes it watches for long enough that a confirmation listens.
                let look = if dice.one_in(40) {
                    ARMED
                } else {
                    Duration::from_millis(dice.below(LOOK) as u64)
                };
                tokio::time::sleep(look).await;
            }
            // Twice, for a paid request may be on its way.
            let leave = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
            loop {
                let _ = to_events.send(Ok(Event::Key(leave)));
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = looping => {}
            () = monkey => {}
        }
        taken.get()
    }

    /// Says yes to the question of the download, if it comes, until it is heard: it is deaf at first, and again once more is known.
    async fn say_yes(&self, screen: &Watched, to_events: &mpsc::UnboundedSender<std::io::Result<Event>>) {
        let (before, begun) = (self.downloads(), Instant::now());
        while self.downloads() == before {
            let asked = screen.shows("y confirms");
            let most = if asked { ANSWERED } else { ASKED };
            if begun.elapsed() > most {
                return;
            }
            if asked {
                let _ = to_events.send(Ok(mischief::yes()));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What the next start finds out.
    pub fn settle(&self) {
        self.sandbox.faults().clear();
        let settings = self.settings();
        self.server_runtime.block_on(async {
            let session = Session::open(&Start::Configured, &settings).await.unwrap();
            session.door.reconcile().await;
        });
    }

    pub fn no_half_file_has_a_whole_name(&self) {
        for file in files(&self.settings().download_folder) {
            if file.extension().is_some_and(|ending| ending == "mp3") && !file.file_name().unwrap().to_str().unwrap().starts_with('.') {
                let bytes = std::fs::read(&file).unwrap();
                assert!(bytes.len() > 10_000, "{} has {} bytes", file.display(), bytes.len());
                assert!(bytes.starts_with(b"ID3") || bytes.starts_with(&[0xFF]), "{}", file.display());
            }
        }
    }

    pub fn the_key_is_in_no_file(&self) {
        let key = self.sandbox.key().as_bytes();
        for file in files(self.home.path()) {
            // A database tidies up after itself while one looks.
            let Ok(bytes) = std::fs::read(&file) else { continue };
            assert!(
                !bytes.windows(key.len()).any(|part| part == key),
                "the key is in {}",
                file.display()
            );
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
