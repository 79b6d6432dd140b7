//! The screen.

use std::io;
use std::sync::Arc;

use crossterm::event::EventStream;
use futures_util::StreamExt;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::args::Screen;
use super::failure::Failure;
use super::{player_options, runtime};
use crate::app::{Message, Outcome, Tui};
use crate::audio::Player;
use crate::config::Settings;
use crate::state::{Server, Severity, State};
use crate::tasks::{self, Runner, Start};
use crate::term::{self, Guard, QuietStderr};
use crate::ui::Colors;

const NO_TERMINAL: &str = "the screen needs a terminal. Without one, run `trackyard-tui sandbox` in one shell and, with the two variables it prints, \
`trackyard-tui search 'calm piano' --json` in another; see `trackyard-tui --help`";

pub(super) fn run(screen: &Screen, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    if !term::is_terminal() {
        return Err(Failure::usage(NO_TERMINAL));
    }
    let settings = settings()?;
    runtime()?
        .block_on(show(screen, settings))
        .map_err(|error| Failure::other(format!("the terminal cannot be used: {error}")))
}

async fn show(screen: &Screen, settings: Settings) -> io::Result<()> {
    let log = term::start_log(&settings.paths.log());
    term::install_panic_hook();
    let mut guard = Guard::take(settings.mouse)?;
    // Without a log, what libraries print to standard error would be lost or on the screen: lost is better.
    let quiet = || log.as_ref().ok().and_then(|log| QuietStderr::into_log(log).ok());
    let mut silence = quiet();

    let (messages, inbox) = mpsc::unbounded_channel();
    let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let size = terminal.size()?;
    let server = Server {
        host: settings.endpoint.host(),
        is_vendor: settings.endpoint.is_vendor() && !screen.sandbox,
        is_sandbox: screen.sandbox,
        has_key: settings.key.is_some() || screen.sandbox,
    };
    let mut state = State::new(
        server,
        settings.look.keys.keymap.clone(),
        settings.download_folder.clone(),
        (size.width, size.height),
    );
    state.player.auto_audition = settings.auto_audition;
    state.offline = settings.offline;
    let colors = Colors::from_environment(|name| std::env::var(name).ok());
    let mut tui = Tui::new(terminal, state, settings.look.theme, colors, inbox);
    // The first frame comes before anything that could take time.
    tui.draw()?;

    if let Some(text) = settings.look.keys.silent_notice() {
        let _ = messages.send(Message::Notice(Severity::Error, text));
    }
    let _watch = tasks::watch(&settings.paths.config, messages.clone());
    let to_loop = messages.clone();
    let player = Player::start(
        player_options(&settings, screen.no_audio, screen.audio_device.as_deref()),
        move |event| drop(to_loop.send(Message::Audio(event))),
        tokio::runtime::Handle::current(),
    );
    let runner = Runner::new(messages.clone(), Arc::new(settings), player);
    runner.connect(if screen.sandbox {
        Start::Sandbox(screen.tier.clone())
    } else {
        Start::Configured
    });
    tokio::spawn(async move {
        term::terminated().await;
        let _ = messages.send(Message::Terminate);
    });

    let (to_events, mut events) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut stream = EventStream::new();
        while let Some(event) = stream.next().await {
            if to_events.send(event).is_err() {
                break;
            }
        }
    });
    while tui.run(&mut events, |effect| runner.perform(effect)).await? == Outcome::Suspend {
        drop(silence);
        guard = term::suspend(guard)?;
        silence = quiet();
        tui.returned()?;
    }
    drop(silence);
    drop(guard);
    Ok(())
}
