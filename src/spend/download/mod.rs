//! A download: the place for the file first, then the row, the request, the bytes, and the file under its name.

mod file;
mod mp3;
mod name;
mod tags;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use file::Incoming;
pub use name::file_name;

use super::door::{Door, Progress, Tell};
use super::ledger::{Entry, Outcome};
use super::{FailureReason, Identity, Permit, SpendFailure, SpendState};
use crate::api::{Charge, DownloadRequest, DownloadStart, Limits, Track};

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Where a download shall go.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Into this folder, under a name made from artist and title, else the server's hint, else the id. Made when missing.
    Folder(PathBuf),
    /// Exactly here, unless the name is taken.
    File(PathBuf),
}

/// A bought (or already owned) file.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of the body as it came, in hex.
    pub sha256: String,
    /// SHA-256 of the file, tags included, in hex.
    pub file_sha256: String,
    /// Length of the music in seconds, counted from its frames.
    pub duration_seconds: f64,
    /// 0 when the file was owned already.
    pub credits_spent: u8,
    /// As the server said last.
    pub credits_remaining: Option<i64>,
    /// What the response said about limits and credits.
    pub limits: Limits,
    /// Anything the user should know: the name was taken, tags could not be added.
    pub note: Option<String>,
}

/// Everything from permit to file.
pub(super) async fn fly(
    door: Door,
    identity: Identity,
    permit: Permit<DownloadRequest>,
    track: Option<Arc<Track>>,
    target: Target,
    cancel: CancellationToken,
    tell: Tell,
) -> Result<Bought, SpendFailure> {
    if !permit.fresh()
        && let Some(owned) = owned(&door, permit.request()).await?
    {
        return Ok(owned);
    }
    let request = permit.into_request();
    let incoming = {
        let (request, track, rescue) = (request.clone(), track.clone(), door.rules().rescue_folder.clone());
        blocking(move || Incoming::prepare(&target, &request, track.as_deref(), rescue)).await
    };
    let incoming = incoming.map_err(|reason| SpendFailure::free(FailureReason::Target(reason)))?;
    let entry = Entry {
        identity: identity.as_str().to_owned(),
        endpoint: "/download-track",
        query: None,
        track_id: Some(request.track_id.clone()),
        title: track.as_ref().map(|track| format!("{} – {}", track.artist, track.title)),
        clip: request.clip,
        session_budget: door.rules().budget,
        month_budget: door.rules().monthly_budget,
    };
    let row = match door.begin(entry).await {
        Ok(row) => row,
        // Another program has just bought it: its file is ours too.
        Err(failure) if failure.reason == FailureReason::Elsewhere => return owned(&door, &request).await?.ok_or(failure),
        Err(failure) => return Err(failure),
    };
    match door
        .send(row, &cancel, &tell, |authorised| door.client().download(authorised, &request))
        .await
    {
        Ok(start) => receive(&door, row, start, incoming, track, tell).await,
        Err(failure) => {
            blocking(move || drop(incoming)).await;
            Err(door.fail(row, failure).await)
        }
    }
}

/// The file that was bought before, if it is still there.
async fn owned(door: &Door, request: &DownloadRequest) -> Result<Option<Bought>, SpendFailure> {
    let receipt = door.ledger().owned(request).await?;
    Ok(receipt.and_then(|receipt| {
        Some(Bought {
            path: receipt.path?,
            bytes: receipt.bytes?,
            sha256: receipt.sha256.unwrap_or_default(),
            file_sha256: receipt.file_sha256?,
            duration_seconds: receipt.duration_seconds.unwrap_or_default(),
            credits_spent: 0,
            credits_remaining: None,
            limits: Limits::default(),
            note: None,
        })
    }))
}

/// Takes in the body of a download that is paid for.
async fn receive(
    door: &Door,
    row: i64,
    mut start: DownloadStart,
    mut incoming: Incoming,
    track: Option<Arc<Track>>,
    tell: Tell,
) -> Result<Bought, SpendFailure> {
    let limits = start.limits;
    let total = start.content_length;
    incoming.hint(start.file_name.as_deref());
    // Charged from here on. Should the program be killed now, the note says where the bytes are.
    let note = format!("charged; receiving into {}", incoming.place().display());
    door.end(
        row,
        SpendState::Charged,
        Outcome {
            balance: limits.credits_remaining,
            note: Some(note),
            ..Outcome::default()
        },
    )
    .await;
    door.observe(limits, false).await;
    tell(Progress::Receiving { received: 0, total });
    let mut told = Instant::now();
    let mut broken = None;
    while let Some(chunk) = start.body.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(error) => {
                broken = Some(error.to_string());
                break;
            }
        };
        let (back, written) = blocking(move || {
            let written = incoming.write(&chunk);
            (incoming, written)
        })
        .await;
        incoming = back;
        if let Err(reason) = written {
            broken = Some(reason);
            break;
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tell(Progress::Receiving {
                received: incoming.received(),
                total,
            });
        }
    }
    let received = incoming.received();
    tell(Progress::Receiving { received, total });
    let content_type = start.content_type.take();
    let finished = blocking(move || incoming.finish(total, broken, content_type.as_deref(), track.as_deref())).await;
    match finished {
        Ok(kept) => {
            let outcome = Outcome {
                balance: limits.credits_remaining,
                path: Some(kept.path.clone()),
                sha256: Some(kept.sha256.clone()),
                file_sha256: Some(kept.file_sha256.clone()),
                bytes: Some(kept.bytes),
                duration: Some(kept.duration_seconds),
                note: kept.note.clone(),
            };
            door.end(row, SpendState::Charged, outcome).await;
            Ok(Bought {
                path: kept.path,
                bytes: kept.bytes,
                sha256: kept.sha256,
                file_sha256: kept.file_sha256,
                duration_seconds: kept.duration_seconds,
                credits_spent: 1,
                credits_remaining: limits.credits_remaining,
                limits,
                note: kept.note,
            })
        }
        Err((reason, kept)) => {
            let failure = SpendFailure {
                charge: Charge::Charged,
                reason: FailureReason::NotWhole {
                    reason,
                    kept: kept.clone(),
                },
            };
            let outcome = Outcome {
                path: kept,
                note: Some(failure.to_string()),
                bytes: Some(received),
                ..Outcome::default()
            };
            door.end(row, SpendState::Charged, outcome).await;
            Err(failure)
        }
    }
}

/// Runs what waits for the disk where it may wait.
async fn blocking<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(job).await {
        Ok(value) => value,
        // Only a panic in the job comes here, and it is passed on as one.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
