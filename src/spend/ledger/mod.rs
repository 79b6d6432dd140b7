//! The ledger: a database of its own in which a row stands before a paid request leaves.

mod owner;
pub(super) mod rows;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use owner::Owner;
pub(super) use rows::{Begun, Entry, Open, Outcome};

use crate::api::{Clip, DownloadRequest, TrackId};

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
    pub clip: Option<Clip>,
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
    /// Length of the music in seconds.
    pub duration_seconds: Option<f64>,
    /// Credits left afterwards, as the server said.
    pub balance: Option<i64>,
    /// What to tell the user about it, such as "charged, incomplete: 12 of 40 bytes".
    pub note: Option<String>,
}

/// Why the ledger cannot be used; every paid request is refused then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the spending ledger {path} cannot be used ({reason}), so nothing paid is sent; what was seen before can still be searched")]
pub struct LedgerError {
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The ledger database, for one API origin and one key. Cheap to clone; its calls run on the runtime's blocking threads.
#[derive(Debug, Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connection: Mutex<Connection>,
    path: PathBuf,
    origin: String,
    key: String,
    owner: Owner,
}

impl Ledger {
    /// Opens or makes the ledger at `path`, for one API origin and one key.
    ///
    /// # Errors
    /// [`LedgerError`]; a file that is damaged, foreign or of a newer version is left exactly as it is.
    pub fn open(path: &Path, origin: &str, key_fingerprint: &str) -> Result<Self, LedgerError> {
        let failed = |reason: String| LedgerError {
            path: path.display().to_string(),
            reason,
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        let connection = schema::open(path).map_err(failed)?;
        let owner = Owner::register(&folder.join("ledger-owners")).map_err(|error| failed(error.to_string()))?;
        let inner = Inner {
            connection: Mutex::new(connection),
            path: path.to_owned(),
            origin: origin.to_owned(),
            key: key_fingerprint.to_owned(),
            owner,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs a job in a transaction that is on disk when this returns.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>, &Scope<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let inner = self.inner.clone();
        let failed = |reason: String| LedgerError {
            path: self.inner.path.display().to_string(),
            reason,
        };
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let scope = Scope {
                origin: &inner.origin,
                key: &inner.key,
                owner: &inner.owner,
            };
            let value = job(&transaction, &scope)?;
            transaction.commit()?;
            rusqlite::Result::Ok(value)
        });
        match done.await {
            Ok(result) => result.map_err(|error: rusqlite::Error| failed(error.to_string())),
            Err(_) => Err(failed("a job on it failed".into())),
        }
    }

    /// The newest receipts first, at most `limit`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn receipts(&self, limit: usize) -> Result<Vec<Receipt>, LedgerError> {
        self.write(move |transaction, scope| rows::receipts(transaction, scope, limit))
            .await
    }

    /// The newest charged download of exactly this track and clip whose file is still on disk with its length.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn owned(&self, request: &DownloadRequest) -> Result<Option<Receipt>, LedgerError> {
        let identity = super::Identity::of_download(&self.inner.origin, request);
        let bought = self
            .write(move |transaction, scope| rows::bought(transaction, scope, identity.as_str()))
            .await?;
        // Looking at files is for a blocking thread too.
        let kept = tokio::task::spawn_blocking(move || bought.into_iter().find(is_on_disk)).await;
        Ok(kept.unwrap_or_default())
    }

    /// Tracks that were bought, in full or as a clip, whatever became of their files.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn bought_tracks(&self) -> Result<Vec<TrackId>, LedgerError> {
        self.write(rows::bought_tracks).await
    }
}

fn is_on_disk(receipt: &Receipt) -> bool {
    let (Some(path), Some(bytes)) = (&receipt.path, receipt.bytes) else {
        return false;
    };
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == bytes)
}

/// Whose rows a job is about.
pub(super) struct Scope<'a> {
    pub(super) origin: &'a str,
    pub(super) key: &'a str,
    pub(super) owner: &'a Owner,
}
