//! The screen.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use crossterm::terminal::{Clear, ClearType};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

use super::args::Screen;
use super::failure::Failure;
use super::{player_options, runtime};
use crate::app::{Effect, Message, Outcome, Tui};
use crate::audio::{Command, Player};
use crate::config::Settings;
use crate::state::{Server, Severity, State};
use crate::tasks::{self, Runner, Session, Start};
use crate::term::{self, Background, Guard, Picked, QuietStderr};
use crate::ui::Colors;

const NO_TERMINAL: &str = "the screen needs a terminal. Without one, run `trackyard-tui sandbox` in one shell and, with the two variables it prints, \
`trackyard-tui search 'calm piano' --json` in another; see `trackyard-tui --help`";

pub(super) fn run(screen: &Screen, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    if !term::is_terminal() {
        return Err(Failure::usage(NO_TERMINAL));
    }
    let settings = settings()?;
    runtime()?
        .block_on(show(screen, settings, None))
        .map_err(|error| Failure::other(format!("the terminal cannot be used: {error}")))
}

/// What a batch leaves to the screen.
pub(super) struct Left {
    /// The file of its briefs.
    pub(super) briefs: PathBuf,
    /// Its connection, if it needed one. The screen goes on with that and opens no ledger of its own, which would count the budget of the
    /// session from the start again.
    pub(super) session: Option<Session>,
    /// The credits it has spent.
    pub(super) spent: u64,
    /// The asks of which nobody knows whether they were charged.
    pub(super) unsure: u64,
}

/// Shows the screen; after a batch, the first of its briefs.
pub(super) async fn show(screen: &Screen, settings: Settings, left: Option<Left>) -> io::Result<()> {
    let log = term::start_log(&settings.paths.log());
    term::install_panic_hook();
    // Before there is anything to give back.
    let terminated = term::terminated();
    let mut guard = Guard::take(settings.mouse)?;
    // Without a log, what libraries print to standard error would be lost or on the screen: lost is better.
    let quiet = || log.as_ref().ok().and_then(|log| QuietStderr::into_log(log).ok());
    let mut silence = quiet();

    let (messages, inbox) = mpsc::unbounded_channel();
    let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let size = terminal.size()?;
    let mut state = first_state(screen, &settings, (size.width, size.height));
    if let Some(left) = &left {
        (state.account.spent, state.account.unsure) = (left.spent, left.unsure);
        // The batch has written on this terminal; one without a second screen still shows that.
        crossterm::execute!(io::stdout(), Clear(ClearType::All))?;
    }
    let mut colors = Colors::from_environment(|name| std::env::var(name).ok());
    let unknown = colors.light_background.is_none() && !colors.no_color && !colors.few_colors;
    // Most terminals are dark, and say so before anybody has seen the first frame.
    colors.light_background = colors.light_background.or(unknown.then_some(false));
    let mut tui = Tui::new(terminal, state, settings.look.theme, colors, inbox);
    // The first frame comes before anything that could take time.
    tui.draw()?;

    if let Some(text) = settings.look.keys.unreachable_notice() {
        let _ = messages.send(Message::Notice(Severity::Error, text));
    }
    let _watch = tasks::watch(&settings.paths.config, messages.clone());
    let player = player(screen, &settings, &messages);
    let runner = Runner::new(messages.clone(), Arc::new(settings), player);
    let (briefs, session) = left.map_or((None, None), |left| (Some(left.briefs), left.session));
    match session {
        Some(session) => runner.go_on_with(session),
        None => runner.connect(start(screen)),
    }
    if let Some(file) = briefs {
        runner.perform(Effect::LoadBriefs(file));
    }
    let to_end = messages.clone();
    tokio::spawn(async move {
        terminated.await;
        let _ = to_end.send(Message::Terminate);
    });

    let (to_loop, mut events) = mpsc::unbounded_channel();
    // Asked even where the theme is named: the file may say otherwise later.
    let asked = unknown.then(|| term::ask_background().ok().map(|()| Instant::now())).flatten();
    if unknown && asked.is_none() {
        let _ = messages.send(Message::Background(None));
    }
    tokio::spawn(pass_on(asked, term::events()?, to_loop, messages.clone()));
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

/// A terminal that has not answered by then is taken for one that does not; a later answer counts all the same.
const SILENT_AFTER: Duration = Duration::from_millis(300);

/// Passes on what happens at the terminal, but for its answer about the background.
async fn pass_on(
    asked: Option<Instant>,
    mut events: term::Events,
    to_loop: mpsc::UnboundedSender<io::Result<Event>>,
    messages: mpsc::UnboundedSender<Message>,
) {
    let mut background = Background::new(asked);
    let mut waits = asked.is_some();
    let silent = tokio::time::sleep(SILENT_AFTER);
    tokio::pin!(silent);
    loop {
        let event = tokio::select! {
            event = events.recv() => match event {
                Some(event) => event,
                None => return,
            },
            () = &mut silent, if waits => {
                waits = false;
                let _ = messages.send(Message::Background(None));
                continue;
            }
        };
        let passed = match event.map(|event| background.pick(event, Instant::now())) {
            Ok(Picked::Events(passed)) => passed.into_iter().map(Ok).collect(),
            Ok(Picked::Light(light)) => {
                waits = false;
                let _ = messages.send(Message::Background(Some(light)));
                Vec::new()
            }
            Err(error) => vec![Err(error)],
        };
        for event in passed {
            if to_loop.send(event).is_err() {
                return;
            }
        }
    }
}

/// The state before anything has happened.
pub(super) fn first_state(screen: &Screen, settings: &Settings, size: (u16, u16)) -> State {
    let server = Server {
        host: settings.endpoint.host(),
        is_vendor: settings.endpoint.is_vendor() && !screen.sandbox,
        is_sandbox: screen.sandbox,
        has_key: settings.key.is_some() || settings.asks_keyring() || screen.sandbox,
    };
    let mut state = State::new(server, settings.look.keys.keymap.clone(), settings.download_folder.clone(), size);
    state.player.auto_audition = settings.auto_audition;
    state.player.start_at_peak = settings.start_at_peak;
    state.player.even = settings.even_loudness;
    state.glyphs = settings.look.glyphs;
    state.offline = settings.offline;
    // What the keyring says is told once it has said it.
    let known = settings.key_place.filter(|_| !screen.sandbox && !settings.asks_keyring());
    state.account.key_place = known.map(|place| place.as_str().to_owned());
    state
}

/// The player that was asked for; what it says goes where all messages go.
pub(super) fn player(screen: &Screen, settings: &Settings, messages: &mpsc::UnboundedSender<Message>) -> Player {
    let messages = messages.clone();
    let player = Player::start(
        player_options(settings, screen.no_audio, screen.audio_device.as_deref()),
        move |event| drop(messages.send(Message::Audio(event))),
        tokio::runtime::Handle::current(),
    );
    player.send(Command::Even(settings.even_loudness));
    player
}

/// The server that was asked for.
pub(super) fn start(screen: &Screen) -> Start {
    if screen.sandbox {
        Start::Sandbox(screen.tier.clone())
    } else {
        Start::Configured
    }
}
