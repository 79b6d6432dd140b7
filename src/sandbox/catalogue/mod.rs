//! The tracks: the same at every start, made from the words in `assets/sandbox/`.

mod generate;

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

/// How many tracks there are.
const TRACKS: usize = 2_450;

/// How much drive a track has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Energy {
    Low,
    Medium,
    High,
}

impl Energy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High]
            .into_iter()
            .find(|energy| energy.as_str() == word)
    }
}

/// A key such as A minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// Semitones above C.
    pub tonic: u8,
    pub minor: bool,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
        let mode = if self.minor { "minor" } else { "major" };
        write!(f, "{} {mode}", NAMES[usize::from(self.tonic) % 12])
    }
}

/// How the drums of a track play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Groove {
    None,
    Brush,
    HipHop,
    Shuffle,
    Rock,
    Epic,
    House,
    Funk,
    Swing,
    Latin,
    Reggae,
}

/// A track.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub id: String,
    pub title: String,
    pub artist: String,
    /// Length in seconds.
    pub seconds: u16,
    pub bpm: u16,
    pub key: Key,
    pub genre: &'static str,
    pub subgenres: Vec<&'static str>,
    pub moods: Vec<&'static str>,
    pub has_vocals: bool,
    pub energy: Energy,
    pub instruments: Vec<&'static str>,
    pub groove: Groove,
}

/// All tracks.
#[derive(Debug)]
pub(super) struct Catalogue {
    tracks: Vec<Track>,
    by_id: HashMap<String, usize>,
}

impl Catalogue {
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    pub fn track(&self, id: &str) -> Option<&Track> {
        self.by_id.get(id).map(|index| &self.tracks[*index])
    }
}

/// The catalogue, made when it is first asked for.
pub(super) fn all() -> &'static Catalogue {
    static ALL: OnceLock<Catalogue> = OnceLock::new();
    ALL.get_or_init(|| {
        let tracks = generate::tracks(TRACKS);
        let by_id = tracks.iter().enumerate().map(|(index, track)| (track.id.clone(), index)).collect();
        Catalogue { tracks, by_id }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_more_than_two_thousand_different_tracks_of_every_kind() {
        let tracks = all().tracks();
        assert!(tracks.len() > 2000);
        let distinct = |field: &dyn Fn(&Track) -> String| tracks.iter().map(field).collect::<HashSet<_>>().len();
        assert_eq!(distinct(&|track| track.id.clone()), tracks.len());
        assert_eq!(distinct(&|track| format!("{} {}", track.title, track.artist)), tracks.len());
        assert_eq!(distinct(&|track| track.genre.to_owned()), 35);
        assert!(distinct(&|track| track.key.to_string()) >= 20);
        for energy in [Energy::Low, Energy::Medium, Energy::High] {
            assert!(tracks.iter().filter(|track| track.energy == energy).count() > 300);
        }
        assert!(
            tracks
                .iter()
                .all(|track| (40..=200).contains(&track.bpm) && (90..=260).contains(&track.seconds) && !track.instruments.is_empty())
        );
    }

    #[test]
    fn the_catalogue_is_the_same_at_every_start() {
        assert_eq!(generate::tracks(50), generate::tracks(50));
    }
}
