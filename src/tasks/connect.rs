//! Finding the server, and what earlier sessions left behind.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::api_key::{WAITING, patiently};
use super::session::{OpenError, Session, Start};
use super::{AtWork, Connection};
use crate::app::{Memory, Message};
use crate::audio::{Command, Player};
use crate::config::{self, Keyring, Settings};
use crate::state::Severity;

/// Queries that `↑` can bring back.
const QUERIES: usize = 200;

/// What a connection is taken into use with.
pub(super) struct Surroundings {
    pub(super) settings: Arc<Settings>,
    pub(super) session: watch::Sender<Connection>,
    pub(super) messages: UnboundedSender<Message>,
    pub(super) player: Arc<Player>,
    pub(super) at_work: AtWork,
}

/// Connects, and tells what was found.
pub(super) async fn connect(start: Start, around: Surroundings) {
    let (settings, messages, session) = (around.settings.clone(), around.messages.clone(), around.session.clone());
    let say = |message| drop(messages.send(message));
    let asks_keyring = matches!(start, Start::Configured) && settings.asks_keyring();
    let tell = || {
        if asks_keyring {
            say(Message::Notice(Severity::Info, format!("Still {WAITING}.")));
        }
    };
    let opened = patiently(Session::open(&start, &settings), tell).await;
    match opened {
        Ok(opened) => take_over(opened, around).await,
        Err(error) => {
            say(told(&error));
            session.send_replace(Connection::Failed(error.to_string()));
        }
    }
}

/// Takes a connection into use, and tells what was found.
pub(super) async fn take_over(opened: Session, around: Surroundings) {
    let Surroundings {
        settings,
        session,
        messages,
        player,
        at_work,
    } = around;
    let say = |message| drop(messages.send(message));
    let opened = Arc::new(opened);
    // Before there is anything of this server that could be played.
    player.send(Command::KeepIn(opened.previews.clone()));
    // It ends with its runner, which may be over before what follows is.
    drop(player);
    session.send_replace(Connection::Open(opened.clone()));
    say(Message::Remembered(Box::new(remember(&opened, &settings).await)));
    if let Ok(project) = opened.library.open_project(None).await {
        say(Message::Project(Ok(Box::new(project))));
    }
    say(Message::SpentThisWeek(opened.spent_this_week().await));
    if let Some(place) = opened.key_place {
        say(Message::KeyFrom(place));
    }
    say(Message::Connected(opened.server.clone()));
    for notice in &opened.notices {
        say(Message::Notice(Severity::Error, notice.clone()));
    }
    // What earlier sessions left open is looked up beside whatever else is done.
    drop(at_work);
    if !settings.offline {
        super::settle(&opened, &messages).await;
    }
}

/// What is told of a connection that did not come about: without a key there is a choice.
fn told(error: &OpenError) -> Message {
    let problem = match error {
        OpenError::Other(text) => return Message::Notice(Severity::Error, text.clone()),
        OpenError::NoKey => None,
        OpenError::NoneKept(origin) => Some(format!("the keyring has no key for {origin}")),
        OpenError::Keyring(why) => Some(why.to_string()),
    };
    let no_keyring = Keyring::of_this_system().err().map(|why| why.to_string());
    Message::NoKey { no_keyring, problem }
}

async fn remember(session: &Session, settings: &Settings) -> Memory {
    let library = &session.library;
    let state_folder = settings.paths.state.clone();
    let remembered = tokio::task::spawn_blocking(move || (config::load_volume(&state_folder), config::tour_taken(&state_folder)))
        .await
        .ok();
    // Each of these is a convenience: one that cannot be read is empty.
    Memory {
        queries: library.queries(QUERIES).await.unwrap_or_default(),
        heard: library.heard().await.unwrap_or_default(),
        owned: session.door.ledger().bought_tracks().await.unwrap_or_default(),
        vocabulary: library.vocabulary().await.unwrap_or_default(),
        volume: remembered.and_then(|(volume, _)| volume),
        // Not knowing must not lead somebody through it again and again.
        tour_taken: remembered.is_none_or(|(_, taken)| taken),
    }
}
