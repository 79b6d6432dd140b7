//! The door: permit in, ledger row, request, outcome into the ledger, answer out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Ledger, Permit};
use crate::api::{self, Account, Answer, Charge, Client, DownloadRequest, SearchPage, SearchRequest, Track, UsagePage};

/// What happens to a paid request while one waits for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Held back by a rate limit for this long; can still be cancelled, for nothing.
    Waiting(Duration),
    /// On its way: from here on it is never cancelled.
    Sent,
    /// So many bytes of the file are here, of so many if the server said.
    Receiving {
        /// Bytes here.
        received: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
}

/// Why a search gave nothing, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchFailure {
    /// Whether a credit is gone.
    pub charge: Charge,
    /// What went wrong.
    pub reason: FailureReason,
}

/// Why a paid request failed.
#[derive(Debug, Clone, PartialEq)]
pub enum FailureReason {
    /// The API said no, or could not be reached.
    Api(api::Error),
    /// The ledger refused.
    Ledger(super::LedgerError),
    /// The budget is used up.
    Budget(String),
    /// Rate limited for longer than the user wants to wait.
    MaxWait {
        /// How long it would have been.
        needed: Duration,
    },
    /// Cancelled before it was sent.
    Cancelled,
    /// The target folder cannot take the file; found before anything was sent.
    Target(String),
    /// The body is not whole or not audio; where it was kept.
    NotWhole {
        /// What is wrong.
        reason: String,
        /// Where the bytes are.
        kept: Option<PathBuf>,
    },
}

/// Why a download gave no file, and what it cost.
pub type DownloadFailure = SearchFailure;

/// Where a download shall go.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Into this folder, under a name made from artist and title (or the server's hint, or the id). Made when missing.
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
    /// Length of the music in seconds, counted from its frames.
    pub duration_seconds: f64,
    /// 0 when the file was owned already.
    pub credits_spent: u8,
    /// As the server said last.
    pub credits_remaining: Option<i64>,
    /// Anything the user should know: the name was taken, tags could not be added.
    pub note: Option<String>,
}

/// The door. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Door {
    client: Client,
    ledger: Ledger,
}

/// Limits the user sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Most credits this session may spend; `None`: no limit.
    pub budget: Option<u64>,
    /// Most time to wait for a rate limit in all.
    pub max_wait: Duration,
}

impl Door {
    /// Opens the door.
    pub fn new(client: Client, ledger: Ledger, rules: Rules) -> Self {
        let _ = rules;
        Self { client, ledger }
    }

    /// The ledger behind it.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The client, whose free calls anybody may use.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a search. `cancel` stops it only before it is sent; `progress` is called from the task.
    ///
    /// # Errors
    /// [`SearchFailure`].
    pub async fn search(
        &self,
        permit: Permit<SearchRequest>,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Answer<SearchPage>, SearchFailure> {
        let _ = (permit, cancel, progress);
        todo!("spend helper")
    }

    /// Buys a download, or returns the file that was bought before unless the permit is fresh. `track` names the file and fills its tags.
    ///
    /// # Errors
    /// [`DownloadFailure`].
    pub async fn download(
        &self,
        permit: Permit<DownloadRequest>,
        track: Option<Arc<Track>>,
        target: Target,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Bought, DownloadFailure> {
        let _ = (permit, track, target, cancel, progress);
        todo!("spend helper")
    }

    /// `GET /me`, free, within the limits.
    ///
    /// # Errors
    /// [`api::Error`].
    pub async fn me(&self) -> Result<Answer<Account>, api::Error> {
        self.client.me().await
    }

    /// `GET /usage`, free, within the limits.
    ///
    /// # Errors
    /// [`api::Error`].
    pub async fn usage(&self, limit: u8, offset: u64) -> Result<Answer<UsagePage>, api::Error> {
        self.client.usage(limit, offset).await
    }
}

/// The name of the file a download becomes: `Artist - Title.mp3`, a clip with its length in brackets.
pub fn file_name(request: &DownloadRequest, track: Option<&Track>) -> String {
    let stem = match track {
        Some(track) if track.artist.is_empty() => track.title.to_string(),
        Some(track) => format!("{} - {}", track.artist, track.title),
        None => request.track_id.to_string(),
    };
    let stem = crate::text::file_stem(&stem);
    match request.clip {
        Some(clip) => format!("{stem} ({} s).mp3", clip.duration().as_f64()),
        None => format!("{stem}.mp3"),
    }
}
