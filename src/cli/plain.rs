//! `--plain`: the program in lines of text.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::args::Screen;
use super::failure::Failure;
use super::{runtime, tui};
use crate::app::Message;
use crate::config::Settings;
use crate::input::Action;
use crate::plain::{self, Ended, From, Plain};
use crate::tasks::Runner;
use crate::term::{self, QuietStderr};

pub(super) fn run(screen: &Screen, settings: impl FnOnce() -> Result<Settings, Failure>) -> Result<(), Failure> {
    let settings = settings()?;
    let from = if io::stdin().is_terminal() { From::Terminal } else { From::Pipe };
    let ended = runtime()?.block_on(talk(screen, settings, from));
    match (from, ended) {
        // Whoever types has heard what went wrong.
        (From::Terminal, _) => Ok(()),
        (From::Pipe, Ended { unsure: true, .. }) => Err(Failure::of_lines(true)),
        (From::Pipe, Ended { failed: true, .. }) => Err(Failure::of_lines(false)),
        (From::Pipe, _) => Ok(()),
    }
}

async fn talk(screen: &Screen, settings: Settings, from: From) -> Ended {
    let log = term::start_log(&settings.paths.log());
    // What audio libraries print is no line of ours.
    let _silence = log.as_ref().ok().and_then(|log| QuietStderr::into_log(log).ok());
    term::install_panic_hook();
    let (messages, inbox) = mpsc::unbounded_channel();
    let state = tui::first_state(screen, &settings, plain::SIZE);
    let player = tui::player(screen, &settings, &messages);
    let runner = Runner::new(messages.clone(), Arc::new(settings), player);
    runner.connect(tui::start(screen));
    tokio::spawn(leave_when_asked(messages));
    let at_work = runner.at_work();
    let out = io::stdout();
    let plain = Plain::new(state, from, out.is_terminal(), out, inbox, at_work, |effect| runner.perform(effect));
    plain.run(plain::from_stdin()).await
}

/// ^C is the same wish as on the screen; being terminated ends at once. It listens from the call on.
fn leave_when_asked(messages: mpsc::UnboundedSender<Message>) -> impl Future<Output = ()> + Send + 'static {
    // One for all the time: a termination that comes together with a ^C is not missed while that is taken in.
    let (ended, interrupted) = (term::ended(), term::interrupted());
    async move {
        tokio::pin!(ended, interrupted);
        loop {
            tokio::select! {
                () = &mut ended => {
                    let _ = messages.send(Message::Terminate);
                    return;
                }
                () = &mut interrupted => {
                    // Before anything is said to it, so that the next one is heard.
                    interrupted.set(term::interrupted());
                    if messages.send(Message::Act(Action::Interrupt)).is_err() {
                        return;
                    }
                }
            }
        }
    }
}
