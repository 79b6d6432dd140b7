//! Downloads of this session.

use std::path::PathBuf;
use std::sync::Arc;

use super::Rehearsed;
use crate::api::Track;

/// Names a download of this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DownloadId(pub u64);

/// How far a download is.
#[derive(Debug, Clone, PartialEq)]
pub enum DownloadPhase {
    /// Not sent yet: can be cancelled for nothing.
    Queued,
    /// Sent; so many bytes are here, of so many if known.
    Receiving {
        /// Bytes here.
        received: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
    /// On disk.
    Done(PathBuf),
    /// Came to nothing; the text says what happened and what it cost.
    Failed(String),
}

/// One download.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    /// Its name.
    pub id: DownloadId,
    /// The track.
    pub track: Arc<Track>,
    /// What was rehearsed of it, if it is a clip.
    pub rehearsed: Option<Rehearsed>,
    /// How far it is.
    pub phase: DownloadPhase,
}

impl Download {
    /// Whether it is still going on.
    pub fn running(&self) -> bool {
        matches!(self.phase, DownloadPhase::Queued | DownloadPhase::Receiving { .. })
    }
}
