//! The filters pane: what narrows the rows now and goes along with the next ask.

use crate::api::{Filters, Track};

/// Slowest tempo the API takes, in BPM.
pub const BPM_MIN: u16 = 40;
/// Fastest tempo the API takes, in BPM.
pub const BPM_MAX: u16 = 200;

/// One row of the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterRow {
    /// Parent genres.
    #[default]
    Genres,
    /// Moods.
    Moods,
    /// Energy level.
    Energy,
    /// Vocals.
    Vocals,
    /// Slowest tempo.
    MinBpm,
    /// Fastest tempo.
    MaxBpm,
    /// Instruments.
    Instruments,
}

impl FilterRow {
    /// All rows from top to bottom.
    pub const ALL: [Self; 7] = [
        Self::Genres,
        Self::Moods,
        Self::Energy,
        Self::Vocals,
        Self::MinBpm,
        Self::MaxBpm,
        Self::Instruments,
    ];

    /// Its name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Genres => "Genres",
            Self::Moods => "Moods",
            Self::Energy => "Energy",
            Self::Vocals => "Vocals",
            Self::MinBpm => "From BPM",
            Self::MaxBpm => "To BPM",
            Self::Instruments => "Instruments",
        }
    }
}

/// Words that can be chosen. Open: every response adds the ones it brings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vocabulary {
    /// Parent genres.
    pub genres: Vec<String>,
    /// Moods.
    pub moods: Vec<String>,
    /// Instruments.
    pub instruments: Vec<String>,
}

impl Vocabulary {
    /// Adds the words of a track that are not known yet; the lists stay sorted, letter case aside.
    pub fn learn(&mut self, track: &Track) {
        if let Some(genre) = &track.genre {
            Self::add(&mut self.genres, genre);
        }
        for mood in &track.moods {
            Self::add(&mut self.moods, mood);
        }
        for instrument in &track.instruments {
            Self::add(&mut self.instruments, instrument);
        }
    }

    /// Adds one word to a sorted list unless it is there in any letter case.
    pub fn add(list: &mut Vec<String>, word: &str) {
        let key = word.to_lowercase();
        if word.is_empty() {
            return;
        }
        if let Err(place) = list.binary_search_by_key(&key, |known| known.to_lowercase()) {
            list.insert(place, word.to_owned());
        }
    }
}

/// The pane.
#[derive(Debug, Clone, Default)]
pub struct FilterPane {
    /// What is set.
    pub active: Filters,
    /// The row with the cursor.
    pub row: FilterRow,
    /// What the pickers offer.
    pub vocabulary: Vocabulary,
}
