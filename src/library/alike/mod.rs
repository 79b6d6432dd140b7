//! Tracks like one: by tempo, key, mood, energy, instruments and genre, and by what was heard of their previews, each with the reason in
//! a few words.
//!
//! `traits` compares what the fields of two tracks tell, `sound` what listening to their previews has told.

mod sound;
mod traits;

use std::sync::Arc;

use rusqlite::{Connection, params};

use super::analyses::VERSION;
use super::{Library, LibraryError, is_interruption, track_of};
use crate::api::Track;
use sound::{COLUMNS, Sound};

/// How much each trait counts; together they make 1.
const TEMPO: f64 = 0.19;
const KEY: f64 = 0.13;
const MOODS: f64 = 0.17;
const ENERGY: f64 = 0.08;
const INSTRUMENTS: f64 = 0.12;
const GENRE: f64 = 0.11;
const VOCALS: f64 = 0.05;
const SHAPE: f64 = 0.08;
const PEAK: f64 = 0.03;
const DENSITY: f64 = 0.04;
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
    /// Why, in a few words: the strongest reasons first, then what was heard of the previews.
    pub why: Vec<String>,
}

impl Library {
    /// The tracks seen so far that are most like this one, at most `limit`, the likest first. What their previews were found to be counts
    /// where that is kept of both.
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
    let own = Sound::of(connection, origin, &track.id)?;
    let mut found: Vec<Alike> = Vec::new();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT json, {COLUMNS} FROM tracks
         LEFT JOIN analyses ON analyses.origin = tracks.origin AND analyses.id = tracks.id AND analyses.version = ?3
         WHERE tracks.origin = ?1 AND tracks.id <> ?2"
    ))?;
    let mut rows = statement.query(params![origin, track.id.as_str(), VERSION])?;
    while let Some(row) = rows.next()? {
        let json = row.get_ref(0)?.as_str().unwrap_or_default();
        let Some(other) = track_of(json) else {
            continue;
        };
        // Where there is nothing to compare it with, it is not looked at.
        let sounds = own.and_then(|own| Sound::read(row, 1).map(|sound| (own, sound)));
        let (likeness, why) = compare(track, &other, sounds.as_ref());
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

/// How alike two tracks are, 0 to 1, and why; `sounds` is what was heard of the one and of the other, if both were heard.
fn compare(one: &Track, other: &Track, sounds: Option<&(Sound, Sound)>) -> (f64, Vec<String>) {
    let read = [
        (TEMPO, traits::tempo(one, other)),
        (KEY, traits::key(one, other)),
        (MOODS, traits::shared(&one.moods, &other.moods, "both ")),
        (ENERGY, traits::energy(one, other)),
        (INSTRUMENTS, traits::shared(&one.instruments, &other.instruments, "")),
        (GENRE, traits::genre(one, other)),
        (VOCALS, traits::vocals(one, other)),
    ];
    let heard = [
        (SHAPE, sounds.map(|(one, other)| sound::shape(one, other))),
        (PEAK, sounds.and_then(|(one, other)| sound::peak(one, other))),
        (DENSITY, sounds.and_then(|(one, other)| sound::density(one, other))),
    ];
    let likeness = read
        .iter()
        .chain(&heard)
        .map(|(weight, told)| weight * told.as_ref().map_or(UNKNOWN, |(value, _)| *value))
        .sum();
    let heard = reasons(heard);
    let mut why = reasons(read);
    // What was heard cannot be read in any column beside it: there is always room for one such reason.
    why.truncate(MOST_REASONS - heard.len().min(1));
    why.extend(heard);
    why.truncate(MOST_REASONS);
    (likeness, why)
}

/// What is worth saying about these traits, the strongest first.
fn reasons(traits: impl IntoIterator<Item = (f64, Told)>) -> Vec<String> {
    let mut reasons: Vec<(f64, String)> = traits
        .into_iter()
        .filter_map(|(weight, told)| told.map(|(value, words)| (weight * value, value, words)))
        .filter(|(_, value, words)| *value >= REASON && !words.is_empty())
        .map(|(counts, _, words)| (counts, words))
        .collect();
    reasons.sort_by(|a, b| b.0.total_cmp(&a.0));
    reasons.into_iter().map(|(_, words)| words).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::library::analyses::packed;

    fn track(id: &str, bpm: f64, key: &str, mood: &str, instrument: &str, energy: &str) -> Track {
        Track::from_json(
            &json!({"id": id, "title": id, "bpm": bpm, "key": key, "moods": [mood], "instruments": [instrument],
            "genre": "Jazz", "energy_level": energy, "has_vocals": false}),
        )
        .unwrap()
    }

    /// Half a minute that rises, and the same backwards.
    fn rising_and_falling() -> (Sound, Sound) {
        let mut levels: Vec<f32> = (1_u16..=600).map(|column| f32::from(column) / 600.0).collect();
        let rising = Sound::new(&packed(&levels), (0, 0), Some(29_750), Some(9.0)).unwrap();
        levels.reverse();
        (rising, Sound::new(&packed(&levels), (0, 0), Some(250), Some(16.0)).unwrap())
    }

    #[test]
    fn the_weights_make_one() {
        let read = TEMPO + KEY + MOODS + ENERGY + INSTRUMENTS + GENRE + VOCALS;
        assert!((read + SHAPE + PEAK + DENSITY - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_nearer_track_is_the_liker_one_and_says_why() {
        let one = track("one", 84.0, "A minor", "Calm", "piano", "low");
        let twin = track("twin", 84.0, "A minor", "Calm", "piano", "low");
        let near = track("near", 88.0, "E minor", "Calm", "guitar", "low");
        let half = track("half", 42.0, "A minor", "Calm", "piano", "low");
        let far = track("far", 140.0, "Eb major", "Angry", "drums", "high");
        let likeness = |other: &Track| compare(&one, other, None).0;
        let why = |other: &Track| compare(&one, other, None).1;
        assert!(
            likeness(&twin) > likeness(&half) && likeness(&half) > likeness(&far),
            "half time is related"
        );
        assert!(likeness(&twin) > likeness(&near) && likeness(&near) > likeness(&far) + 0.2);
        assert!((likeness(&twin) - 0.89).abs() < 0.02, "nobody knows yet how they sound");
        assert!(
            why(&twin).contains(&"also 84 BPM".to_owned()) && why(&twin).contains(&"both calm".to_owned()),
            "{:?}",
            why(&twin)
        );
        assert!(why(&near).contains(&"a fifth away, E minor".to_owned()));
        assert!(why(&half).contains(&"42 BPM, half time".to_owned()));
        assert!(why(&far).len() <= 1, "the genre is all they share: {:?}", why(&far));
    }

    #[test]
    fn what_is_not_told_is_neither_held_against_nor_counted_for() {
        let one = track("one", 84.0, "A minor", "Calm", "piano", "low");
        let bare = Track::from_json(&json!({"id": "bare", "title": "bare"})).unwrap();
        let (likeness, why) = compare(&one, &bare, None);
        assert!((0.3..0.5).contains(&likeness) && why.is_empty(), "{likeness} {why:?}");
        assert!(compare(&bare, &bare, None).1.is_empty());
    }

    #[test]
    fn a_track_that_was_not_heard_comes_between_one_that_sounds_alike_and_one_that_does_not() {
        let (one, twin) = (
            track("one", 84.0, "A minor", "Calm", "piano", "low"),
            track("twin", 84.0, "A minor", "Calm", "piano", "low"),
        );
        let (rising, falling) = rising_and_falling();
        let (alike, why) = compare(&one, &twin, Some(&(rising, rising)));
        let (unheard, _) = compare(&one, &twin, None);
        let (unlike, said) = compare(&one, &twin, Some(&(rising, falling)));
        assert!((alike - 0.978).abs() < 1e-6, "{alike}");
        assert!(
            (alike - unheard - (1.0 - UNKNOWN) * 0.15).abs() < 1e-6 && (unheard - unlike - UNKNOWN * 0.15).abs() < 1e-6,
            "{alike} {unheard} {unlike}"
        );
        assert_eq!(why, ["also 84 BPM", "both calm", "same key", "builds up too"]);
        assert_eq!(said, ["also 84 BPM", "both calm", "same key", "piano"]);
    }

    #[test]
    fn where_there_is_little_to_read_more_is_said_of_what_was_heard() {
        let bare = Track::from_json(&json!({"id": "bare", "title": "bare"})).unwrap();
        let (rising, _) = rising_and_falling();
        let (_, why) = compare(&bare, &bare, Some(&(rising, rising)));
        assert_eq!(why, ["builds up too", "as dense", "peaks late too"]);
    }
}
