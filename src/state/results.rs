//! The results pane.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::Moment;
use crate::api::{Energy, Filters, SearchRequest, Track, TrackId};
use crate::text::Clean;

/// How the rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// As the server ranked them.
    #[default]
    BestMatch,
    /// Slowest first.
    Bpm,
    /// Shortest first.
    Length,
    /// By title.
    Title,
    /// Calmest first.
    Energy,
}

impl Sort {
    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::BestMatch => "best match",
            Self::Bpm => "by BPM",
            Self::Length => "by length",
            Self::Title => "by title",
            Self::Energy => "by energy",
        }
    }

    /// The next one in turn.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::BestMatch => Self::Bpm,
            Self::Bpm => Self::Length,
            Self::Length => Self::Title,
            Self::Title => Self::Energy,
            Self::Energy => Self::BestMatch,
        }
    }
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// Nothing was asked yet.
    #[default]
    None,
    /// Trackyard just answered.
    Server,
    /// An answer that was paid for earlier, so many seconds old.
    Cache {
        /// Its age in seconds.
        age_seconds: u64,
    },
    /// Tracks seen before that match what is typed.
    Library,
}

/// A search that is on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Results that carry another generation are not shown.
    pub generation: u64,
    /// What was asked.
    pub request: SearchRequest,
    /// It left the machine: Esc only stops waiting for it.
    pub sent: bool,
    /// Held back by a rate limit until then.
    pub waiting_until: Option<Moment>,
    /// Rows it brings are added to the ones shown (the next page) instead of replacing them.
    pub adds_page: bool,
    /// The user has pressed another key since, so the first row shall not start to play by itself.
    pub touched: bool,
}

/// The pane.
#[derive(Debug, Clone, Default)]
pub struct ResultsState {
    /// All tracks of the answer, in the server's order.
    pub all: Vec<Arc<Track>>,
    /// Indices into `all` of the rows shown: filtered and sorted.
    pub rows: Vec<usize>,
    /// Which row has the cursor.
    pub selected: usize,
    /// The first row on the screen.
    pub offset: usize,
    /// How they are ordered.
    pub sort: Sort,
    /// Where they come from.
    pub source: Source,
    /// The request they answer.
    pub request: Option<SearchRequest>,
    /// Entries of the answer that could not be read.
    pub skipped: usize,
    /// Tracks of the page added last that were not in the list yet, and how many the page had.
    pub new_on_page: Option<(usize, usize)>,
    /// The server may have more: the last page was full.
    pub may_have_more: bool,
    /// Offline: the next page, while it is looked up whether it is kept.
    pub page_wanted: Option<SearchRequest>,
    /// The search on its way; the rows are dimmed while it is there (unless it adds a page).
    pub running: Option<Running>,
    /// Searches that were sent and whose answers nobody waits for any more; they are stored when they come.
    pub unwatched: Vec<u64>,
    /// Why the last search gave nothing, until the next one.
    pub problem: Option<String>,
}

impl ResultsState {
    /// The track of a row.
    pub fn track(&self, row: usize) -> Option<&Arc<Track>> {
        self.rows.get(row).and_then(|&index| self.all.get(index))
    }

    /// The track under the cursor.
    pub fn selected_track(&self) -> Option<&Arc<Track>> {
        self.track(self.selected)
    }

    /// Whether the rows answer an older question than the one on its way.
    pub fn dimmed(&self) -> bool {
        self.running.as_ref().is_some_and(|running| !running.adds_page)
    }

    /// Filters and sorts again. The cursor stays on its track where that is still shown, else on its row.
    pub fn arrange(&mut self, filters: &Filters) {
        let keep = self.selected_track().map(|track| track.id.clone());
        let mut rows: Vec<usize> = (0..self.all.len()).filter(|&index| passes(&self.all[index], filters)).collect();
        let all = &self.all;
        match self.sort {
            Sort::BestMatch => {}
            Sort::Bpm => rows.sort_by(|&a, &b| by_number(all[a].bpm, all[b].bpm)),
            Sort::Length => rows.sort_by(|&a, &b| by_number(all[a].duration_seconds, all[b].duration_seconds)),
            Sort::Title => rows.sort_by_cached_key(|&index| all[index].title.to_lowercase()),
            Sort::Energy => rows.sort_by_key(|&index| energy_rank(all[index].energy.as_ref())),
        }
        self.rows = rows;
        if let Some(row) = keep.and_then(|id| self.row_of(&id)) {
            self.selected = row;
        }
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    /// The row of a track.
    pub fn row_of(&self, id: &TrackId) -> Option<usize> {
        self.rows.iter().position(|&index| self.all[index].id == *id)
    }

    /// Adds tracks that are not there yet and says how many were new.
    pub fn append(&mut self, tracks: Vec<Arc<Track>>) -> usize {
        let known: HashSet<TrackId> = self.all.iter().map(|track| track.id.clone()).collect();
        let before = self.all.len();
        self.all.extend(tracks.into_iter().filter(|track| !known.contains(&track.id)));
        self.all.len() - before
    }
}

fn by_number(a: Option<f64>, b: Option<f64>) -> std::cmp::Ordering {
    // Unknown values come last.
    a.unwrap_or(f64::MAX).total_cmp(&b.unwrap_or(f64::MAX))
}

fn energy_rank(energy: Option<&Energy>) -> u8 {
    match energy {
        Some(Energy::Low) => 0,
        Some(Energy::Medium) => 1,
        Some(Energy::High) => 2,
        Some(Energy::Other(_)) => 3,
        None => 4,
    }
}

/// Whether a track passes the filters, as the contract defines them: at least one of the genres, of the moods and of the instruments,
/// letter case aside. A field the server did not send is not held against a track.
pub fn passes(track: &Track, filters: &Filters) -> bool {
    any(&filters.genres, track.genre.as_slice())
        && any(&filters.moods, &track.moods)
        && any(&filters.instruments, &track.instruments)
        && filters
            .has_vocals
            .is_none_or(|wanted| track.has_vocals.is_none_or(|has| has == wanted))
        && filters.min_bpm.is_none_or(|min| track.bpm.is_none_or(|bpm| bpm >= f64::from(min)))
        && filters.max_bpm.is_none_or(|max| track.bpm.is_none_or(|bpm| bpm <= f64::from(max)))
        && filters
            .energy
            .as_ref()
            .is_none_or(|wanted| track.energy.as_ref().is_none_or(|has| has == wanted))
}

fn any(wanted: &BTreeSet<String>, has: &[Clean]) -> bool {
    wanted.is_empty()
        || has.is_empty()
        || has
            .iter()
            .any(|word| wanted.iter().any(|w| w.to_lowercase() == word.to_lowercase()))
}
