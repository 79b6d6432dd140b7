//! Clips: cutting, the length of a film, measuring what was delivered. All on threads that may wait for the disk.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::Session;
use crate::app::Message;
use crate::clip::{Fit, Order, listen, make, media_seconds};
use crate::state::{DownloadId, Rehearsed};

const ENDING: &str = "the program is ending";

/// Cuts a clip from a file that is owned.
pub(super) async fn cut(order: Order, messages: UnboundedSender<Message>) {
    let made = tokio::task::spawn_blocking(move || make(&order).map_err(|error| error.to_string())).await;
    let made = made.unwrap_or_else(|_| Err(ENDING.to_owned()));
    let _ = messages.send(Message::Cut(made.map(Box::new)));
}

/// Reads how long a film or a voice recording is.
pub(super) async fn media_length(path: PathBuf, messages: UnboundedSender<Message>) {
    let file = super::from_home(&path);
    let length = tokio::task::spawn_blocking(move || media_seconds(&file).map_err(|error| error.to_string())).await;
    let length = length.unwrap_or_else(|_| Err(ENDING.to_owned()));
    let _ = messages.send(Message::MediaLength(path, length));
}

/// Measures a delivered clip, and keeps what was measured with its receipt.
pub(super) async fn measure(
    session: Arc<Session>,
    id: DownloadId,
    (path, sha256): (PathBuf, String),
    rehearsed: Rehearsed,
    messages: UnboundedSender<Message>,
) {
    let measured = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        let delivered = listen(&bytes)?;
        let hit_point = rehearsed.clip.hit_point().map(crate::api::Seconds::as_f64);
        Ok(Fit::of(&delivered, hit_point, Some(&rehearsed.preview), Some(rehearsed.estimate)))
    })
    .await;
    let fit: Result<Fit, String> = measured.unwrap_or_else(|_| Err(ENDING.to_owned()));
    if let Ok(fit) = &fit
        && let Err(error) = session.door.ledger().keep_fit(sha256, *fit).await
    {
        tracing::warn!(%error, "a measurement could not be kept");
    }
    let _ = messages.send(Message::Measured(id, fit));
}
