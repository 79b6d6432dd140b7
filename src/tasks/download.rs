//! A download through the door.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::api::{Charge, DownloadRequest, Track};
use crate::app::{DownloadNews, Failed, Message};
use crate::spend::{Permit, Progress, Target};
use crate::state::DownloadId;

/// Buys a download and tells the news of it.
pub(super) async fn download(
    session: Arc<Session>,
    id: DownloadId,
    permit: Permit<DownloadRequest>,
    track: Arc<Track>,
    folder: PathBuf,
    cancel: CancellationToken,
    messages: UnboundedSender<Message>,
) {
    let progress = {
        let messages = messages.clone();
        move |progress: Progress| {
            let news = match progress {
                Progress::Waiting(wait) => DownloadNews::Waiting(wait),
                Progress::Again(_) => DownloadNews::Again,
                Progress::Sent => DownloadNews::Sent,
                Progress::Receiving { received, total } => DownloadNews::Receiving { received, total },
            };
            let _ = messages.send(Message::Download(id, news));
        }
    };
    let mut unknown = false;
    let news = match session
        .door
        .download(permit, Some(track), Target::Folder(folder), cancel, progress)
        .await
    {
        Ok(bought) => DownloadNews::Done(Box::new(bought)),
        Err(failure) => {
            unknown = failure.charge == Charge::Unknown;
            DownloadNews::Failed(Failed::from(&failure))
        }
    };
    let _ = messages.send(Message::Download(id, news));
    if unknown {
        super::settle(&session, &messages).await;
    }
}
