//! What the fields of a track tell: tempo, key, moods, energy, instruments, genre and vocals.

use std::collections::HashSet;

use super::Told;
use crate::api::{Energy, Track};
use crate::text::Clean;

/// A tempo further off than this share is another one.
const TEMPO_REACH: f64 = 0.12;
/// What half and double tempo are worth beside the same one.
const OCTAVE: f64 = 0.7;

/// How near the tempo is, half and double time counting for less.
pub(super) fn tempo(one: &Track, other: &Track) -> Told {
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

/// How near the keys are on the circle of fifths.
pub(super) fn key(one: &Track, other: &Track) -> Told {
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

/// How near the levels of energy are.
pub(super) fn energy(one: &Track, other: &Track) -> Told {
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
pub(super) fn shared(one: &[Clean], other: &[Clean], before: &str) -> Told {
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

/// The genre, and the finer ones.
pub(super) fn genre(one: &Track, other: &Track) -> Told {
    let name = other.genre.as_ref()?;
    let same = one.genre.as_ref()?.to_lowercase() == name.to_lowercase();
    let finer = shared(&one.subgenres, &other.subgenres, "").filter(|(value, _)| *value > 0.0);
    Some(match (same, finer) {
        (_, Some((_, words))) => (1.0, words),
        (true, None) => (0.8, name.to_lowercase()),
        (false, None) => (0.0, String::new()),
    })
}

/// Whether somebody sings in both, or in neither.
pub(super) fn vocals(one: &Track, other: &Track) -> Told {
    let (one, other) = (one.has_vocals?, other.has_vocals?);
    Some((f64::from(u8::from(one == other)), String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
