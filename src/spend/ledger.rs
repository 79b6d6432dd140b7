//! The ledger: a database of its own in which a row stands before a paid request leaves.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::Identity;
use crate::api::{DownloadRequest, TrackId};

/// What is known about one spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendState {
    /// Written down, about to be sent or in flight.
    Pending,
    /// It cost a credit.
    Charged,
    /// It cost nothing.
    Free,
    /// It may have cost a credit.
    Unknown,
}

/// One row of the ledger, for people and programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// When the request was about to leave, by this machine's clock.
    pub at: Timestamp,
    /// `/search` or `/download-track`.
    pub endpoint: String,
    /// The query of a search.
    pub query: Option<String>,
    /// The track of a download.
    pub track_id: Option<TrackId>,
    /// Title and artist of the track, if they were known.
    pub title: Option<String>,
    /// The clip of a download.
    pub clip: Option<crate::api::Clip>,
    /// What became of it.
    pub state: SpendState,
    /// Where the file is.
    pub path: Option<PathBuf>,
    /// SHA-256 of the body as it came, in hex.
    pub sha256: Option<String>,
    /// SHA-256 of the file after tags were added, in hex.
    pub file_sha256: Option<String>,
    /// Bytes of the file.
    pub bytes: Option<u64>,
    /// Credits left afterwards, as the server said.
    pub balance: Option<i64>,
    /// What to tell the user about it, such as "charged, incomplete: 12 of 40 bytes".
    pub note: Option<String>,
}

/// Why the ledger cannot be used; every paid request is refused then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the spending ledger {path} cannot be used ({reason}), so nothing paid is sent; searching what was seen before goes on")]
pub struct LedgerError {
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The ledger database. Cheap to clone; every call waits for the disk, so call it from a task.
#[derive(Debug, Clone)]
pub struct Ledger {}

impl Ledger {
    /// Opens or makes the ledger at `path`, for one API origin and one key.
    ///
    /// # Errors
    /// [`LedgerError`]; a damaged file is left where it is.
    pub fn open(path: &Path, origin: &str, key_fingerprint: &str) -> Result<Self, LedgerError> {
        let _ = (path, origin, key_fingerprint);
        todo!("spend helper")
    }

    /// The newest receipts first, at most `limit`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn receipts(&self, limit: usize) -> Result<Vec<Receipt>, LedgerError> {
        let _ = limit;
        todo!("spend helper")
    }

    /// The newest charged download of exactly this track and clip whose file is still on disk with its length.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn owned(&self, request: &DownloadRequest) -> Result<Option<Receipt>, LedgerError> {
        let _ = request;
        todo!("spend helper")
    }

    /// Tracks that were bought, in full or as a clip, whatever became of their files.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn bought_tracks(&self) -> Result<Vec<TrackId>, LedgerError> {
        let _ = Identity::as_str;
        todo!("spend helper")
    }
}
