//! What `c` has put on the clipboard, so that pressing it again gives the next thing.

use crate::api::TrackId;

/// What can be copied of a track, in the order in which `c` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyWhat {
    /// Its id.
    Id,
    /// The line that names it in credits.
    CreditLine,
    /// The path of its file, if it is owned.
    Path,
}

/// What was copied last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Of which track.
    pub track: TrackId,
    /// What of it.
    pub what: CopyWhat,
}
