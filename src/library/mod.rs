//! What was seen before: searches and their tracks, and what was heard, in SQLite, apart for each API origin. Its callers know no SQL.

use std::path::Path;

use crate::api::{SearchPage, SearchRequest, Track, TrackId};
use crate::spend::Identity;

/// An answer that was paid for earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct CachedSearch {
    /// The tracks, cut to the limit that was asked for.
    pub page: SearchPage,
    /// How old the answer is, in seconds.
    pub age_seconds: u64,
    /// The page was full, so there may be more.
    pub may_have_more: bool,
}

/// Why the library could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the library {path}: {reason}")]
pub struct LibraryError {
    /// The file.
    pub path: String,
    /// What went wrong.
    pub reason: String,
}

/// The library. Cheap to clone; its one database thread does the work, so no call blocks the caller's thread.
#[derive(Debug, Clone)]
pub struct Library {}

impl Library {
    /// Opens or makes the library at `path` for one API origin. A damaged file is moved aside as `NAME.damaged-TIME`; the second value says so.
    ///
    /// # Errors
    /// [`LibraryError`] when the folder cannot be written at all.
    pub fn open(path: &Path, origin: &str) -> Result<(Self, Option<String>), LibraryError> {
        let _ = (path, origin);
        todo!("api helper")
    }

    /// Stores an answer and its tracks.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn store_search(&self, identity: Identity, request: SearchRequest, page: SearchPage) -> Result<(), LibraryError> {
        let _ = (identity, request, page);
        todo!("api helper")
    }

    /// The stored answer of this identity, if its page was at least as large as the one asked for (or was the last one).
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn cached(&self, identity: Identity, request: SearchRequest) -> Result<Option<CachedSearch>, LibraryError> {
        let _ = (identity, request);
        todo!("api helper")
    }

    /// A track seen before.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn track(&self, id: TrackId) -> Result<Option<Track>, LibraryError> {
        let _ = id;
        todo!("api helper")
    }

    /// Every distinct genre, mood and instrument of the tracks seen so far.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn vocabulary(&self) -> Result<crate::state::Vocabulary, LibraryError> {
        todo!("api helper")
    }

    /// Remembers that a track was heard.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn mark_heard(&self, id: TrackId) -> Result<(), LibraryError> {
        let _ = id;
        todo!("api helper")
    }

    /// Every track heard so far.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn heard(&self) -> Result<Vec<TrackId>, LibraryError> {
        todo!("api helper")
    }

    /// Queries asked so far, the newest last, at most `limit`, without repetitions.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn queries(&self, limit: usize) -> Result<Vec<String>, LibraryError> {
        let _ = limit;
        todo!("api helper")
    }
}
