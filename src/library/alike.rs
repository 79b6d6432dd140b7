//! Tracks like one: by tempo, key, mood, energy, instruments and genre, each with the reason in a few words.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::Connection;

use super::{Library, LibraryError, is_interruption};
use crate::api::{Energy, Track};
use crate::text::Clean;

/// How much each trait counts.
const TEMPO: f64 = 0.22;
const KEY: f64 = 0.16;
const MOODS: f64 = 0.2;
const ENERGY: f64 = 0.1;
const INSTRUMENTS: f64 = 0.14;
const GENRE: f64 = 0.13;
const VOCALS: f64 = 0.05;
/// A tempo further off than this share is another one.
const TEMPO_REACH: f64 = 0.12;
/// What half and double tempo are worth beside the same one.
const OCTAVE: f64 = 0.7;
/// What a trait is worth that one of the two does not tell.
const UNKNOWN: f64 = 0.4;
/// A trait from here on is a reason.
const REASON: f64 = 0.6;
/// Reasons named at most.
const MOST_REASONS: usize = 4;

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
        // What was stored is read as warily as what comes from the network.
        let Some(other) = serde_json::from_str(json).ok().and_then(|json| Track::from_json(&json)) else {
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
        (TEMPO, tempo(one, other)),
        (KEY, key(one, other)),
        (MOODS, shared(&one.moods, &other.moods, "both ")),
        (ENERGY, energy(one, other)),
        (INSTRUMENTS, shared(&one.instruments, &other.instruments, "")),
        (GENRE, genre(one, other)),
        (VOCALS, vocals(one, other)),
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

/// How much alike a trait is, and what to say about it; `None` when one of the two does not tell.
type Told = Option<(f64, String)>;

fn tempo(one: &Track, other: &Track) -> Told {
    let (one, other) = (one.bpm.filter(|bpm| *bpm > 0.0)?, other.bpm.filter(|bpm| *bpm > 0.0)?);
    let near = |factor: f64| (1.0 - (other * factor / one - 1.0).abs() / TEMPO_REACH).max(0.0);
    let same = near(1.0);
    let octave = near(2.0).max(near(0.5)) * OCTAVE;
    Some(if octave > same {
        (
            octave,
            format!("{other:.0} BPM, {} time", if other < one { "half" } else { "double" }),
        )
    } else {
        let words = if (other - one).abs() < 0.5 {
            format!("also {other:.0} BPM")
        } else {
            format!("{other:.0} BPM")
        };
        (same, words)
    })
}

/// The place of a key on the circle of fifths, C major and A minor at 0; and whether it is minor.
fn on_circle(key: &str) -> Option<(i32, bool)> {
    let (note, mode) = match key.trim().split_once(char::is_whitespace) {
        Some((note, mode)) => (note, mode.trim().to_lowercase()),
        None => match key.trim().strip_suffix('m') {
            Some(note) => (note, "minor".to_owned()),
            None => (key.trim(), "major".to_owned()),
        },
    };
    let minor = match mode.as_str() {
        "minor" | "min" | "m" => true,
        "major" | "maj" | "" => false,
        _ => return None,
    };
    let mut letters = note.chars();
    let natural: i32 = match letters.next()?.to_ascii_uppercase() {
        'F' => -1,
        'C' => 0,
        'G' => 1,
        'D' => 2,
        'A' => 3,
        'E' => 4,
        'B' => 5,
        _ => return None,
    };
    let sharps = letters.try_fold(0, |sharps, sign| match sign {
        '#' | '♯' => Some(sharps + 7),
        'b' | '♭' => Some(sharps - 7),
        _ => None,
    })?;
    // A minor key stands where its relative major does.
    Some(((natural + sharps - if minor { 3 } else { 0 }).rem_euclid(12), minor))
}

fn key(one: &Track, other: &Track) -> Told {
    let name = other.key.as_ref()?;
    let ((a, a_minor), (b, b_minor)) = (on_circle(one.key.as_ref()?)?, on_circle(name)?);
    let apart = (a - b).rem_euclid(12).min((b - a).rem_euclid(12));
    let value = (1.0 - f64::from(apart) / 4.0 - if a_minor == b_minor { 0.0 } else { 0.1 }).max(0.0);
    let words = match (apart, a_minor == b_minor) {
        (0, true) => "same key".to_owned(),
        (0, false) => format!("relative key, {name}"),
        (1, _) => format!("a fifth away, {name}"),
        _ => String::new(),
    };
    Some((value, words))
}

fn energy(one: &Track, other: &Track) -> Told {
    let rank = |energy: &Energy| match energy {
        Energy::Low => Some(0_i32),
        Energy::Medium => Some(1),
        Energy::High => Some(2),
        Energy::Other(_) => None,
    };
    let apart = (rank(one.energy.as_ref()?)? - rank(other.energy.as_ref()?)?).abs();
    let words = if apart == 0 {
        format!("{} energy", other.energy.as_ref()?.as_str())
    } else {
        String::new()
    };
    Some((1.0 - f64::from(apart) / 2.0, words))
}

/// The share of words that both have, against the shorter list: few words well met are as good as many.
fn shared(one: &[Clean], other: &[Clean], before: &str) -> Told {
    let words: HashSet<String> = one.iter().map(|word| word.to_lowercase()).collect();
    let both: Vec<String> = other
        .iter()
        .map(|word| word.to_lowercase())
        .filter(|word| words.contains(word))
        .collect();
    let least = one.len().min(other.len());
    (least > 0).then(|| {
        let said = both.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
        (
            both.len() as f64 / least as f64,
            if both.is_empty() { said } else { format!("{before}{said}") },
        )
    })
}

fn genre(one: &Track, other: &Track) -> Told {
    let name = other.genre.as_ref()?;
    let same = one.genre.as_ref()?.to_lowercase() == name.to_lowercase();
    let finer = shared(&one.subgenres, &other.subgenres, "").filter(|(value, _)| *value > 0.0);
    Some(match (same, finer) {
        (_, Some((_, words))) => (1.0, words),
        (true, None) => (0.8, name.to_lowercase()),
        (false, None) => (0.0, String::new()),
    })
}

fn vocals(one: &Track, other: &Track) -> Told {
    let (one, other) = (one.has_vocals?, other.has_vocals?);
    Some((f64::from(u8::from(one == other)), String::new()))
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
    fn keys_have_their_place_on_the_circle_however_they_are_written() {
        for (key, place) in [
            ("C major", (0, false)),
            ("A minor", (0, true)),
            ("Am", (0, true)),
            ("G", (1, false)),
            ("Bb major", (10, false)),
            ("F# minor", (3, true)),
            ("Gb major", (6, false)),
            ("F#", (6, false)),
            ("D♭ maj", (7, false)),
        ] {
            assert_eq!(on_circle(key), Some(place), "{key}");
        }
        for nonsense in ["", "H major", "C dorian", "Cx minor", "12"] {
            assert_eq!(on_circle(nonsense), None, "{nonsense}");
        }
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
