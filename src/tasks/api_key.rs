//! The API key: finding it, and keeping one that was given.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::OpenError;
use crate::api::ApiKey;
use crate::app::Message;
use crate::config::{self, KeepIn, KeyPlace, Keyring, KeyringError, Settings};
use crate::state::Severity;

/// Stands for the key where none is given and none is needed.
const NO_KEY: &str = "offline";
/// A keyring that answers within this time is not spoken of.
const UNNOTICED: Duration = Duration::from_secs(1);

/// What is said of a keyring that takes its time.
pub const WAITING: &str = "waiting for the keyring, a minute at most: it may ask for its password in a window of its own";

/// A key that was found.
pub(super) struct Held {
    /// The key.
    pub(super) key: ApiKey,
    /// Where it was found; `None` where none was needed.
    pub(super) place: Option<KeyPlace>,
    /// What there is to tell about it.
    pub(super) notice: Option<String>,
}

/// Does this, and calls `tell` if it takes its time.
pub async fn patiently<T>(work: impl Future<Output = T>, tell: impl FnOnce()) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(UNNOTICED) => tell(),
    }
    work.await
}

/// Finds the key: in the environment, else in the keyring if it is to be asked, else in the file.
pub(super) async fn find(settings: &Settings) -> Result<Held, OpenError> {
    let mut notice = None;
    if settings.asks_keyring() {
        let origin = settings.endpoint.origin();
        match (ask(&origin).await, settings.key.is_some()) {
            (Ok(Some(key)), _) => {
                return Ok(Held {
                    key,
                    place: Some(KeyPlace::Keyring),
                    notice,
                });
            }
            (Ok(None), true) => {}
            (Ok(None), false) => return Err(OpenError::NoneKept(origin)),
            // A key that is meant and is none is refused, here as anywhere.
            (Err(error @ KeyringError::NotAKey(_)), _) => return Err(error.into()),
            (Err(error), true) => notice = Some(format!("{error}. Until then the key of the configuration file is used")),
            (Err(error), false) => return Err(error.into()),
        }
    }
    let key = match &settings.key {
        Some(key) => key.clone(),
        // Nothing is sent, so there is nobody to show a key to.
        None if settings.offline => ApiKey::new(NO_KEY).map_err(|error| OpenError::Other(error.to_string()))?,
        None => return Err(OpenError::NoKey),
    };
    Ok(Held {
        key,
        place: settings.key_place,
        notice,
    })
}

async fn ask(origin: &str) -> Result<Option<ApiKey>, KeyringError> {
    Keyring::of_this_system()?.look_up(origin).await
}

/// Keeps a key that was given, and tells what has become of it.
pub(super) async fn keep(settings: Arc<Settings>, key: ApiKey, place: KeepIn, messages: UnboundedSender<Message>) {
    let path = settings.paths.config.clone();
    let kept = match place {
        KeepIn::File => in_file(path, key).await,
        KeepIn::Keyring => {
            let tell = || drop(messages.send(Message::Notice(Severity::Info, format!("Still {WAITING}."))));
            patiently(in_keyring(&settings.endpoint.origin(), path, &key), tell).await
        }
    };
    let _ = messages.send(match kept {
        Ok(text) => Message::Notice(Severity::Success, text),
        Err(text) => Message::Notice(Severity::Error, text),
    });
}

async fn in_file(path: PathBuf, key: ApiKey) -> Result<String, String> {
    let shown = path.display().to_string();
    on_disk(move || config::keep_key(&path, &key))
        .await
        .map(|()| format!("The key is kept in {shown}, for you alone."))
        .map_err(|why| format!("The key holds for this session only: {why}"))
}

async fn in_keyring(origin: &str, path: PathBuf, key: &ApiKey) -> Result<String, String> {
    let stored = match Keyring::of_this_system() {
        Ok(keyring) => keyring.store(origin, key).await,
        Err(error) => Err(error),
    };
    stored.map_err(|why| format!("The key holds for this session only: {why}"))?;
    let shown = path.display().to_string();
    on_disk(move || config::turn_keyring_on(&path))
        .await
        .map(|()| format!("The key is kept in the keyring, and {shown} says so."))
        .map_err(|why| format!("The key is kept in the keyring, but is not asked for there: {why}. Add keyring = true to it"))
}

/// Does what waits for the disk.
async fn on_disk(work: impl FnOnce() -> Result<(), String> + Send + 'static) -> Result<(), String> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(error.to_string()))
}
