//! The tour: a line that leads a newcomer once from words to a file.

use super::{DownloadPhase, Popup, State};

/// One thing to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TourStep {
    /// Describe music.
    #[default]
    Search,
    /// Move, and hear.
    Hear,
    /// Narrow the rows.
    Filter,
    /// Keep one.
    Shortlist,
    /// Fit it to the picture.
    Fit,
    /// Buy it.
    Buy,
}

impl TourStep {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [Self::Search, Self::Hear, Self::Filter, Self::Shortlist, Self::Fit, Self::Buy];

    /// Which one it is, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The one that comes after it.
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.number()).copied()
    }

    /// Whether it can be seen that the user has done it.
    pub fn done(self, state: &State) -> bool {
        match self {
            Self::Search => state.results.request.is_some() && !state.results.rows.is_empty(),
            // The first row plays by itself; the second one is the user's own doing.
            Self::Hear => state.results.selected > 0,
            Self::Filter => state.filters.active != crate::api::Filters::default(),
            Self::Shortlist => !state.marks.shortlisted.is_empty(),
            Self::Fit => state.popups.iter().any(|popup| matches!(popup, Popup::Clip(_))),
            Self::Buy => state
                .downloads
                .iter()
                .any(|download| matches!(download.phase, DownloadPhase::Done(_))),
        }
    }
}
