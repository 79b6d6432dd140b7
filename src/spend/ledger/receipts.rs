//! Rows as people and programs read them.

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{OptionalExtension, Row};

use super::paths::Kept;
use super::{Ledger, LedgerError, SpendId};
use crate::api::{Clip, DownloadRequest, TrackId};
use crate::clip::Fit;
use crate::spend::Identity;

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

impl SpendState {
    /// The word for it, in the database and in output for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Charged => "charged",
            Self::Free => "free",
            Self::Unknown => "unknown",
        }
    }
}

impl FromSql for SpendState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "pending" => Ok(Self::Pending),
            "charged" => Ok(Self::Charged),
            "free" => Ok(Self::Free),
            "unknown" => Ok(Self::Unknown),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// One row of the ledger, for people and programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// When the request was written down, about to leave, by this machine's clock.
    pub at: Timestamp,
    /// `/search` or `/download-track`.
    pub endpoint: String,
    /// The query of a search.
    pub query: Option<String>,
    /// The track of a download.
    pub track_id: Option<TrackId>,
    /// Title and artist of the track, if they were known.
    pub title: Option<String>,
    /// The project it was for.
    pub project: Option<String>,
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
    /// What its clip was measured to be.
    pub fit: Option<Fit>,
    /// What to tell the user about it, such as "charged, incomplete: 12 of 40 bytes".
    pub note: Option<String>,
}

const COLUMNS: &str = "made_ms, endpoint, query, track_id, title, project, clip_ms, hit_ms, state, path, sha256, file_sha256, bytes, seconds, balance, note, part,
    (SELECT fit FROM fits WHERE fits.sha256 = spends.sha256) AS fit";

impl Receipt {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let clip_ms: Option<u32> = row.get("clip_ms")?;
        let hit_ms: Option<u32> = row.get("hit_ms")?;
        let seconds = |millis: u32| f64::from(millis) / 1000.0;
        let text = |name: &str| row.get::<_, Option<String>>(name);
        let state = row.get("state")?;
        let path = |name: &str| row.get::<_, Option<Kept>>(name).map(|path| path.map(|path| path.0));
        let part = path("part")?;
        let note = match (text("note")?, state, part) {
            (note, SpendState::Unknown | SpendState::Charged, Some(part)) if part.exists() => {
                let before = note.map(|note| format!("{note}; ")).unwrap_or_default();
                Some(format!("{before}the file is not whole, what came is in {}", part.display()))
            }
            (note, ..) => note,
        };
        Ok(Self {
            at: Timestamp::from_millisecond(row.get("made_ms")?).unwrap_or_default(),
            endpoint: row.get("endpoint")?,
            query: text("query")?,
            track_id: text("track_id")?.and_then(|id| TrackId::new(&id).ok()),
            title: text("title")?,
            project: text("project")?,
            clip: clip_ms.and_then(|length| Clip::new(seconds(length), hit_ms.map(seconds)).ok()),
            state,
            path: path("path")?,
            sha256: text("sha256")?,
            file_sha256: text("file_sha256")?,
            bytes: row.get::<_, Option<i64>>("bytes")?.map(|bytes| bytes as u64),
            duration_seconds: row.get("seconds")?,
            balance: row.get("balance")?,
            fit: text("fit")?.and_then(|json| serde_json::from_str(&json).ok()),
            note,
        })
    }

    /// Whether its file is still there, as long as it was.
    fn still_there(&self) -> bool {
        let length = self
            .path
            .as_ref()
            .and_then(|path| std::fs::metadata(path).ok())
            .map(|file| file.len());
        length.is_some() && length == self.bytes
    }
}

impl Ledger {
    /// The newest receipts of this server and key first, at most `limit`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn receipts(&self, limit: usize) -> Result<Vec<Receipt>, LedgerError> {
        self.write(move |page| {
            let mut rows = page.db.prepare(&format!(
                "SELECT {COLUMNS} FROM spends WHERE origin = ?1 AND key = ?2 ORDER BY id DESC LIMIT ?3"
            ))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            rows.query_map((page.origin, page.key, limit), Receipt::from_row)?.collect()
        })
        .await
    }

    /// The newest charged download of exactly this track and clip whose file is still on disk with its length. It counts whichever key paid for it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn owned(&self, request: &DownloadRequest) -> Result<Option<Receipt>, LedgerError> {
        let identity = Identity::of_download(&self.book.origin, request);
        let found: Vec<Receipt> = self
            .write(move |page| {
                let mut rows = page.db.prepare(&format!(
                    "SELECT {COLUMNS} FROM spends WHERE identity = ?1 AND origin = ?2 AND state = 'charged' AND path IS NOT NULL
                     AND sha256 IS NOT NULL ORDER BY id DESC LIMIT 100"
                ))?;
                let found = rows.query_map((identity.as_str(), page.origin), Receipt::from_row)?;
                found
                    .filter(|receipt| receipt.as_ref().map_or(true, Receipt::still_there))
                    .take(1)
                    .collect()
            })
            .await?;
        Ok(found.into_iter().next())
    }

    /// Tracks that were bought from this server, in full or as a clip, whatever became of their files.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn bought_tracks(&self) -> Result<Vec<TrackId>, LedgerError> {
        self.write(|page| {
            let mut rows = page
                .db
                .prepare("SELECT DISTINCT track_id FROM spends WHERE origin = ?1 AND state = 'charged' AND track_id IS NOT NULL")?;
            let found: Vec<String> = rows.query_map([page.origin], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(found.iter().filter_map(|id| TrackId::new(id).ok()).collect())
        })
        .await
    }

    pub(in crate::spend) async fn receipt(&self, row: SpendId) -> Result<Option<Receipt>, LedgerError> {
        self.write(move |page| {
            page.db
                .query_row(&format!("SELECT {COLUMNS} FROM spends WHERE id = ?1"), [row.0], Receipt::from_row)
                .optional()
        })
        .await
    }
}
