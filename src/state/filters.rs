//! The filters pane: what narrows the rows now and goes along with the next ask.

use crate::api::{Energy, Filters, Track};

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

    /// Whether it takes any number of words, which a list offers.
    pub fn is_list(self) -> bool {
        match self {
            Self::Genres | Self::Moods | Self::Instruments => true,
            Self::Energy | Self::Vocals | Self::MinBpm | Self::MaxBpm => false,
        }
    }

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

/// One thing that is set, as it is shown and taken away: a chip.
#[derive(Debug, Clone, PartialEq)]
pub enum Chip {
    /// A genre.
    Genre(String),
    /// A mood.
    Mood(String),
    /// A level of energy.
    Energy(Energy),
    /// With vocals or without.
    Vocals(bool),
    /// A tempo in BPM, from and to.
    Tempo(Option<u16>, Option<u16>),
    /// An instrument.
    Instrument(String),
}

impl Chip {
    /// All chips of filters, in the order in which they are shown.
    pub fn all(filters: &Filters) -> Vec<Self> {
        let mut chips: Vec<Self> = filters.genres.iter().cloned().map(Self::Genre).collect();
        chips.extend(filters.moods.iter().cloned().map(Self::Mood));
        chips.extend(filters.energy.clone().map(Self::Energy));
        chips.extend(filters.has_vocals.map(Self::Vocals));
        if filters.min_bpm.is_some() || filters.max_bpm.is_some() {
            chips.push(Self::Tempo(filters.min_bpm, filters.max_bpm));
        }
        chips.extend(filters.instruments.iter().cloned().map(Self::Instrument));
        chips
    }

    /// Its words.
    pub fn words(&self) -> String {
        match self {
            Self::Genre(word) | Self::Mood(word) | Self::Instrument(word) => word.clone(),
            Self::Energy(energy) => format!("{} energy", energy.as_str()),
            Self::Vocals(true) => "with vocals".to_owned(),
            Self::Vocals(false) => "instrumental".to_owned(),
            Self::Tempo(Some(min), Some(max)) => format!("{min}–{max} bpm"),
            Self::Tempo(Some(min), None) => format!("over {min} bpm"),
            Self::Tempo(None, Some(max)) => format!("under {max} bpm"),
            Self::Tempo(None, None) => "any bpm".to_owned(),
        }
    }

    /// Takes it away, and nothing else.
    pub fn take_from(&self, filters: &mut Filters) {
        match self {
            Self::Genre(word) => drop(filters.genres.take(word)),
            Self::Mood(word) => drop(filters.moods.take(word)),
            Self::Instrument(word) => drop(filters.instruments.take(word)),
            Self::Energy(_) => filters.energy = None,
            Self::Vocals(_) => filters.has_vocals = None,
            Self::Tempo(..) => (filters.min_bpm, filters.max_bpm) = (None, None),
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

impl FilterPane {
    /// Whether the filter with the cursor is set.
    pub fn row_is_set(&self) -> bool {
        let active = &self.active;
        match self.row {
            FilterRow::Genres => !active.genres.is_empty(),
            FilterRow::Moods => !active.moods.is_empty(),
            FilterRow::Instruments => !active.instruments.is_empty(),
            FilterRow::Energy => active.energy.is_some(),
            FilterRow::Vocals => active.has_vocals.is_some(),
            FilterRow::MinBpm => active.min_bpm.is_some(),
            FilterRow::MaxBpm => active.max_bpm.is_some(),
        }
    }
}
