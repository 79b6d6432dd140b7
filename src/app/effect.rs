//! What `update` wants to happen outside of the state; [`tasks`](crate::tasks) does it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::api::{ApiKey, DownloadRequest, SearchRequest, Track, TrackId};
use crate::audio::{self, Analysis};
use crate::clip;
use crate::config::{KeepIn, ThemeName};
use crate::library::{Entry, ProjectChange, Wanted};
use crate::spend::Permit;
use crate::state::{BatchId, DownloadId, Rehearsed};

/// Something to be done.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Answer from the library, or ask Trackyard.
    Search {
        /// News of it carry this.
        generation: u64,
        /// The right to spend one credit on it.
        permit: Permit<SearchRequest>,
    },
    /// Show the answer that is here; never asks anybody.
    Kept {
        /// News of it carry this.
        generation: u64,
        /// What was asked.
        request: SearchRequest,
    },
    /// Give up a search, if it has not been sent.
    CancelSearch(u64),
    /// Look for tracks seen before; a newer look takes the place of one that still runs.
    Match {
        /// The matches carry this.
        generation: u64,
        /// What is looked for.
        wanted: Wanted,
    },
    /// Say what Enter would cost.
    Price(SearchRequest),
    /// Buy a download.
    Download {
        /// News of it carry this.
        id: DownloadId,
        /// The right to spend one credit on it.
        permit: Permit<DownloadRequest>,
        /// The track.
        track: Arc<Track>,
        /// The folder it goes to.
        folder: PathBuf,
    },
    /// Give up a download, if it has not been sent.
    CancelDownload(DownloadId),
    /// Ask for each of these, one after the other: answer from the library, or ask Trackyard.
    AskBatch {
        /// News of it carry this.
        id: BatchId,
        /// The right to spend one credit on each.
        permits: Vec<Permit<SearchRequest>>,
    },
    /// Send nothing more of a batch.
    CancelBatch(BatchId),
    /// Look whether this is owned already.
    LookUpOwned(DownloadRequest),
    /// Read the account, free.
    Account,
    /// Read the history of calls, free.
    Usage,
    /// Read the receipts.
    Receipts,
    /// Do something with the receipts' files.
    ReceiptFiles(ReceiptWork),
    /// Read a file of briefs, free.
    LoadBriefs(PathBuf),
    /// Open a project, or the one used last.
    OpenProject(Option<String>),
    /// Keep a change to a project.
    ChangeProject {
        /// Its name.
        project: String,
        /// The change.
        change: ProjectChange,
    },
    /// Write a shortlist as JSON, CSV and M3U.
    ExportShortlist {
        /// The project, which names the files.
        project: String,
        /// The tracks.
        entries: Vec<Entry>,
        /// The folder they go to.
        folder: PathBuf,
    },
    /// Look for tracks like this one among those seen before.
    Alike(Arc<Track>),
    /// Cut a clip from a file that is owned, free.
    Cut(clip::Order),
    /// Read how long a video or a voice recording is.
    MediaLength(PathBuf),
    /// Measure a delivered clip, and keep what was measured with its receipt.
    Measure {
        /// The download.
        id: DownloadId,
        /// Its file.
        path: PathBuf,
        /// SHA-256 of it as it came, in hex.
        sha256: String,
        /// What was rehearsed.
        rehearsed: Rehearsed,
    },
    /// Tell the player.
    Audio(audio::Command),
    /// Keep what the preview of this track was found to be.
    KeepAnalysis(TrackId, Arc<Analysis>),
    /// Look up what previews of these tracks were found to be.
    LookUpAnalyses(Vec<TrackId>),
    /// Remember that this was heard.
    MarkHeard(TrackId),
    /// Remember the volume, 0 to 100 %.
    RememberVolume(u8),
    /// Remember that the tour was taken or put away.
    RememberTour,
    /// Tell that long work has ended, if the configuration asks for it.
    Notify(String),
    /// Put this on the clipboard.
    Copy(String),
    /// Put the path of this track's file on the clipboard, if it is owned.
    CopyPath(TrackId),
    /// Keep this key and talk to the server with it.
    UseKey {
        /// The key.
        key: ApiKey,
        /// Where it is kept.
        keep: KeepIn,
    },
    /// Start the embedded sandbox and talk to it.
    StartSandbox,
    /// Draw with this theme from now on.
    Theme(ThemeName),
    /// Draw for a background that is light, or dark, or not known.
    Background(Option<bool>),
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back and stop until `fg`.
    Suspend,
}

/// What can be done with the receipts and their files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptWork {
    /// Look whether the files are there and unchanged.
    Check,
    /// Write the receipts into this folder as comma-separated values.
    Export(PathBuf),
    /// Write a licence note beside the files.
    CreditsNote,
}
