//! Tracks like one: by tempo, key, mood, energy, instruments and genre, each with the reason in a few words.
//!
//! `traits` compares what the fields of two tracks tell.

mod traits;

use std::sync::Arc;

use rusqlite::Connection;

use super::{Library, LibraryError, is_interruption, track_of};
use crate::api::Track;

/// How much each trait counts.
const TEMPO: f64 = 0.22;
const KEY: f64 = 0.16;
const MOODS: f64 = 0.2;
const ENERGY: f64 = 0.1;
const INSTRUMENTS: f64 = 0.14;
const GENRE: f64 = 0.13;
const VOCALS: f64 = 0.05;
/// What a trait is worth that one of the two does not tell.
const UNKNOWN: f64 = 0.4;
/// A trait from here on is a reason.
const REASON: f64 = 0.6;
/// Reasons named at most.
const MOST_REASONS: usize = 4;

/// How much alike a trait is, and what to say about it; `None` when one of the two does not tell.
type Told = Option<(f64, String)>;

/// A track that is like another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// The track.
    pub track: Arc<Track>,
    /// How alike, 0 to 1.
    pub likeness: f64,
    /// Why, in a few words: the strongest reasons first.
    pub why: Vec<String>,
}

impl Library {
    /// The tracks seen so far that are most like this one, at most `limit`, the likest first.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn alike(&self, track: Arc<Track>, limit: usize) -> Result<Vec<Alike>, LibraryError> {
        let origin = self.origin.clone();
        // A search as one types interrupts whatever runs there: then this one begins again.
        let job = move |connection: &mut Connection| loop {
            match likest(connection, &origin, &track, limit) {
                Err(error) if is_interruption(&error) => {}
                other => return other,
            }
        };
        self.reading().run(job).await
    }
}

/// Looks at every track.
fn likest(connection: &Connection, origin: &str, track: &Track, limit: usize) -> rusqlite::Result<Vec<Alike>> {
    let mut found: Vec<Alike> = Vec::new();
    let mut statement = connection.prepare_cached("SELECT json FROM tracks WHERE origin = ?1 AND id <> ?2")?;
    let mut rows = statement.query((origin, track.id.as_str()))?;
    while let Some(row) = rows.next()? {
        let json = row.get_ref(0)?.as_str().unwrap_or_default();
        let Some(other) = track_of(json) else {
            continue;
        };
        let (likeness, why) = compare(track, &other);
        found.push(Alike {
            track: Arc::new(other),
            likeness,
            why,
        });
        if found.len() >= 2 * limit.max(500) {
            keep_best(&mut found, limit);
        }
    }
    keep_best(&mut found, limit);
    Ok(found)
}

fn keep_best(found: &mut Vec<Alike>, limit: usize) {
    found.sort_by(|a, b| {
        b.likeness
            .total_cmp(&a.likeness)
            .then_with(|| a.track.id.as_str().cmp(b.track.id.as_str()))
    });
    found.truncate(limit);
}

/// How alike two tracks are, 0 to 1, and why.
fn compare(one: &Track, other: &Track) -> (f64, Vec<String>) {
    let traits = [
        (TEMPO, traits::tempo(one, other)),
        (KEY, traits::key(one, other)),
        (MOODS, traits::shared(&one.moods, &other.moods, "both ")),
        (ENERGY, traits::energy(one, other)),
        (INSTRUMENTS, traits::shared(&one.instruments, &other.instruments, "")),
        (GENRE, traits::genre(one, other)),
        (VOCALS, traits::vocals(one, other)),
    ];
    let likeness = traits
        .iter()
        .map(|(weight, told)| weight * told.as_ref().map_or(UNKNOWN, |(value, _)| *value))
        .sum();
    let mut reasons: Vec<(f64, String)> = traits
        .into_iter()
        .filter_map(|(weight, told)| told.map(|(value, words)| (weight * value, value, words)))
        .filter(|(_, value, words)| *value >= REASON && !words.is_empty())
        .map(|(counts, _, words)| (counts, words))
        .collect();
    reasons.sort_by(|a, b| b.0.total_cmp(&a.0));
    (likeness, reasons.into_iter().take(MOST_REASONS).map(|(_, words)| words).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn track(id: &str, bpm: f64, key: &str, mood: &str, instrument: &str, energy: &str) -> Track {
        Track::from_json(
            &json!({"id": id, "title": id, "bpm": bpm, "key": key, "moods": [mood], "instruments": [instrument],
            "genre": "Jazz", "energy_level": energy, "has_vocals": false}),
        )
        .unwrap()
    }

    #[test]
    fn the_nearer_track_is_the_liker_one_and_says_why() {
        let one = track("one", 84.0, "A minor", "Calm", "piano", "low");
        let twin = track("twin", 84.0, "A minor", "Calm", "piano", "low");
        let near = track("near", 88.0, "E minor", "Calm", "guitar", "low");
        let half = track("half", 42.0, "A minor", "Calm", "piano", "low");
        let far = track("far", 140.0, "Eb major", "Angry", "drums", "high");
        let likeness = |other: &Track| compare(&one, other).0;
        assert!(
            likeness(&twin) > likeness(&half) && likeness(&half) > likeness(&far),
            "half time is related"
        );
        assert!(likeness(&twin) > likeness(&near) && likeness(&near) > likeness(&far) + 0.2);
        assert!((likeness(&twin) - 0.97).abs() < 0.04);
        let why = compare(&one, &twin).1;
        assert!(
            why.contains(&"also 84 BPM".to_owned()) && why.contains(&"both calm".to_owned()),
            "{why:?}"
        );
        assert!(compare(&one, &near).1.contains(&"a fifth away, E minor".to_owned()));
        assert!(compare(&one, &half).1.contains(&"42 BPM, half time".to_owned()));
        assert!(
            compare(&one, &far).1.len() <= 1,
            "the genre is all they share: {:?}",
            compare(&one, &far).1
        );
    }

    #[test]
    fn what_is_not_told_is_neither_held_against_nor_counted_for() {
        let one = track("one", 84.0, "A minor", "Calm", "piano", "low");
        let bare = Track::from_json(&json!({"id": "bare", "title": "bare"})).unwrap();
        let (likeness, why) = compare(&one, &bare);
        assert!((0.3..0.5).contains(&likeness) && why.is_empty(), "{likeness} {why:?}");
        assert!(compare(&bare, &bare).1.is_empty());
    }
}
