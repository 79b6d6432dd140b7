//! What was heard of two previews: how loud each is from part to part, where it peaks, and how dense it is.
//!
//! How loud it is on the whole is left out: that is how high somebody has turned it, and `e` evens it. So is silence at the ends: it is cut
//! off before anything is compared, since it belongs to the file and not to the music.

use std::array;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Told;
use crate::api::TrackId;
use crate::audio::COLUMNS_PER_SECOND;
use crate::library::analyses::{VERSION, unpacked};

/// The columns of `analyses` that [`Sound::read`] reads, in its order.
pub(super) const COLUMNS: &str = "energy, head, tail, peak, true_peak, loudness";
/// Milliseconds of a level.
const LEVEL: i64 = 1_000 / COLUMNS_PER_SECOND as i64;
/// Parts that a preview is heard in. Of half a minute each has 3 s: what EBU Tech 3341 takes short-term loudness over.
const PARTS: usize = 10;
/// With fewer levels than this, which is 5 s, there is no shape to speak of.
const LEAST: usize = 5 * COLUMNS_PER_SECOND;
/// What power is raised to, to be as loud as it is heard to be (Stevens, "The Measurement of Loudness", 1955): 10 dB more are twice as
/// loud.
const STEVENS: f64 = 0.3;
/// So many times louder is another loudness, plainly: a good 3 dB, or twice the power.
const STEP: f64 = 1.25;
/// Shapes that differ by this much of the loudness on the whole have nothing to do with each other.
const SHAPE_REACH: f64 = 0.4;
/// Nor have peaks that are this share of the preview apart.
const PEAK_REACH: f64 = 0.5;
/// Nor have densities that are so many dB apart.
const DENSITY_REACH: f64 = 6.0;
/// Peaks this little above the loudness, in dB, are those of dense music; and so much, of music with room in it.
const DENSE: f64 = 10.0;
const OPEN: f64 = 14.0;

/// What was heard of a preview, as far as it is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sound {
    /// How loud each part is heard to be; 1 is as loud as the mean power of all.
    parts: [f64; PARTS],
    /// The middle of its loudest half second as a share of its music, 0 to 1.
    peak: Option<f64>,
    /// How far the true peak is above the integrated loudness, in dB.
    density: Option<f64>,
}

impl Sound {
    /// What is kept of a track's preview.
    pub(super) fn of(connection: &Connection, origin: &str, id: &TrackId) -> rusqlite::Result<Option<Self>> {
        connection
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM analyses WHERE origin = ?1 AND id = ?2 AND version = ?3"
            ))?
            .query_row(params![origin, id.as_str(), VERSION], |row| Ok(Self::read(row, 0)))
            .optional()
            .map(Option::flatten)
    }

    /// Reads [`COLUMNS`], from the column `first` on. `None` where nothing is kept, or what is kept makes no sense: the file may have been
    /// changed.
    pub(super) fn read(row: &Row, first: usize) -> Option<Self> {
        // Of a track that was not heard, nothing more is looked at.
        let levels = row.get_ref(first).ok()?.as_blob().ok()?;
        let millis = |at: usize| row.get::<_, i64>(first + at).ok();
        let decibels = |at: usize| row.get::<_, f64>(first + at).ok();
        let density = decibels(4).zip(decibels(5)).map(|(peak, loudness)| peak - loudness);
        Self::new(levels, (millis(1)?, millis(2)?), millis(3), density)
    }

    /// From levels as they are stored, the silence at head and tail and the place of the peak in milliseconds, and the density in dB.
    /// `None` in silence, and in less than 5 s of music.
    ///
    /// The parts are a piecewise aggregate approximation (Keogh et al., "Dimensionality Reduction for Fast Similarity Search in Large Time
    /// Series Databases", 2001: the mean of each of so many equal parts) of the power, which is then made loudness. It is set against the
    /// mean alone and not, as is usual there, against the variance too: how much the loudness varies is what shall be compared.
    pub(super) fn new(levels: &[u8], (head, tail): (i64, i64), peak: Option<i64>, density: Option<f64>) -> Option<Self> {
        let count = |millis: i64| (millis.max(0) / LEVEL) as usize;
        let levels = unpacked(levels);
        let music = levels.len().saturating_sub(count(head)).saturating_sub(count(tail));
        if music < LEAST {
            return None;
        }
        let mut levels = levels.skip(count(head));
        let powers: [f64; PARTS] = array::from_fn(|part| {
            let length = music * (part + 1) / PARTS - music * part / PARTS;
            let sum: f64 = levels.by_ref().take(length).map(|level| f64::from(level * level)).sum();
            sum / length as f64
        });
        let mean = powers.iter().sum::<f64>() / PARTS as f64;
        let share = |peak: i64| ((peak as f64 - head as f64) / (music as f64 * LEVEL as f64)).clamp(0.0, 1.0);
        (mean > 0.0).then(|| Self {
            parts: powers.map(|power| (power / mean).powf(STEVENS)),
            peak: peak.map(share),
            density: density.filter(|density| density.is_finite()),
        })
    }

    /// No part is louder than another, plainly.
    fn is_even(&self) -> bool {
        let loudest = self.parts.iter().copied().fold(0.0, f64::max);
        let softest = self.parts.iter().copied().fold(f64::INFINITY, f64::min);
        loudest < softest * STEP
    }

    /// How loud the first three parts are together, and the last three.
    fn ends(&self) -> (f64, f64) {
        (self.parts.iter().take(3).sum(), self.parts.iter().rev().take(3).sum())
    }

    fn builds_up(&self) -> bool {
        let (first, last) = self.ends();
        last >= first * STEP
    }

    fn dies_down(&self) -> bool {
        let (first, last) = self.ends();
        first >= last * STEP
    }
}

/// How much the loudness goes the same way: 1 less the root of the mean squared difference of the parts, as a share of [`SHAPE_REACH`]. A
/// distance and no correlation, which would find nothing but chance in two even tracks.
pub(super) fn shape(one: &Sound, other: &Sound) -> (f64, String) {
    let squares = one.parts.iter().zip(&other.parts).map(|(one, other)| (one - other).powi(2));
    let apart = (squares.sum::<f64>() / PARTS as f64).sqrt();
    let both = |is: fn(&Sound) -> bool| is(one) && is(other);
    let words = if both(Sound::is_even) {
        "as even"
    } else if both(Sound::builds_up) {
        "builds up too"
    } else if both(Sound::dies_down) {
        "dies down too"
    } else {
        ""
    };
    ((1.0 - apart / SHAPE_REACH).max(0.0), words.to_owned())
}

/// How near the peaks are. In an even preview its place is chance, so that one does not tell.
pub(super) fn peak(one: &Sound, other: &Sound) -> Told {
    if one.is_even() || other.is_even() {
        return None;
    }
    let (one, other) = (one.peak?, other.peak?);
    let third = |place: f64| (place * 3.0) as usize;
    let words = match (third(one), third(other)) {
        (0, 0) => "peaks early too",
        (1, 1) => "peaks midway too",
        (2.., 2..) => "peaks late too",
        _ => "",
    };
    Some(((1.0 - (one - other).abs() / PEAK_REACH).max(0.0), words.to_owned()))
}

/// How near the densities are. That is the peak to loudness ratio, true peak less integrated loudness (both of EBU R128): low where music
/// is pressed, high where single sounds stand out, and the same at any volume. It is the usual measure of the microdynamics of a whole
/// ("Measuring Micro-Dynamics", AES E-Library 19324); what is called dense and open here is our own choice.
pub(super) fn density(one: &Sound, other: &Sound) -> Told {
    let (one, other) = (one.density?, other.density?);
    let words = if one.max(other) <= DENSE {
        "as dense"
    } else if one.min(other) >= OPEN {
        "as open"
    } else {
        ""
    };
    Some(((1.0 - (one - other).abs() / DENSITY_REACH).max(0.0), words.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::super::REASON;
    use super::*;
    use crate::audio::Waveform;
    use crate::library::analyses::packed;

    /// The level at a place of the preview, 0 to 1.
    type Level = fn(f64) -> f64;

    const BUILDS: Level = |at| 0.05 + 0.9 * at;
    const BUILDS_LESS: Level = |at| 0.15 + 0.7 * at;
    const DIES: Level = |at| 0.95 - 0.9 * at;
    const EVEN: Level = |at| 0.4 + 0.02 * (at * 400.0).sin();
    const EVEN_AND_SOFT: Level = |_| 0.05;
    const ARCH: Level = |at| 0.1 + 0.8 * (at * PI).sin();
    const EARLY: Level = |at| if at < 0.2 { 0.9 } else { 0.2 };
    const LATE: Level = |at| if at > 0.8 { 0.9 } else { 0.2 };

    fn levels(level: Level) -> Vec<f32> {
        (0..600).map(|at| level(f64::from(at) / 600.0) as f32).collect()
    }

    /// Half a minute of this.
    fn sound(level: Level) -> Sound {
        let waveform = Waveform {
            levels: levels(level),
            ..Waveform::default()
        };
        let peak = waveform.peak().map(|peak| peak.as_millis() as i64);
        Sound::new(&packed(&waveform.levels), (0, 0), peak, Some(12.0)).unwrap()
    }

    #[test]
    fn shapes_are_alike_that_go_the_same_way() {
        let cases: [(Level, Level, bool, &str); 9] = [
            (BUILDS, BUILDS, true, "builds up too"),
            (BUILDS, BUILDS_LESS, true, "builds up too"),
            (DIES, DIES, true, "dies down too"),
            (EVEN, EVEN_AND_SOFT, true, "as even"),
            (ARCH, ARCH, true, ""),
            (BUILDS, EVEN, false, ""),
            (BUILDS, DIES, false, ""),
            (ARCH, LATE, false, ""),
            (EARLY, LATE, false, ""),
        ];
        for (number, (one, other, alike, said)) in cases.into_iter().enumerate() {
            let (value, words) = shape(&sound(one), &sound(other));
            assert!((value >= REASON) == alike && (0.0..=1.0).contains(&value), "case {number}: {value}");
            assert_eq!(words, said, "case {number}");
            assert_eq!(
                shape(&sound(other), &sound(one)),
                (value, words),
                "case {number}: both ways the same"
            );
        }
        let (less, even) = (sound(BUILDS_LESS), sound(EVEN));
        assert!(shape(&sound(BUILDS), &less).0 > shape(&even, &less).0);
    }

    #[test]
    fn peaks_are_alike_that_come_at_the_same_place_and_stand_out() {
        type Case = (Level, Level, Option<(bool, &'static str)>);
        let cases: [Case; 7] = [
            (EARLY, DIES, Some((true, "peaks early too"))),
            (ARCH, ARCH, Some((true, "peaks midway too"))),
            (LATE, BUILDS, Some((true, "peaks late too"))),
            (ARCH, LATE, Some((false, ""))),
            (EARLY, LATE, Some((false, ""))),
            (EVEN, LATE, None),
            (EVEN, EVEN, None),
        ];
        for (number, (one, other, told)) in cases.into_iter().enumerate() {
            let found = peak(&sound(one), &sound(other));
            let found = found.as_ref().map(|(value, words)| (*value >= REASON, words.as_str()));
            assert_eq!(found, told, "case {number}");
        }
        let without = Sound { peak: None, ..sound(ARCH) };
        assert_eq!(peak(&without, &sound(ARCH)), None);
    }

    #[test]
    fn densities_are_alike_that_are_a_few_decibels_apart() {
        let dense = |density: Option<f64>| Sound { density, ..sound(EVEN) };
        for (one, other, told) in [
            (Some(7.0), Some(8.5), Some((0.75, "as dense"))),
            (Some(16.5), Some(18.0), Some((0.75, "as open"))),
            (Some(12.0), Some(12.0), Some((1.0, ""))),
            (Some(9.0), Some(12.0), Some((0.5, ""))),
            (Some(8.0), Some(18.0), Some((0.0, ""))),
            (Some(8.0), None, None),
            (None, None, None),
        ] {
            let told = told.map(|(value, words)| (value, words.to_owned()));
            assert_eq!(density(&dense(one), &dense(other)), told, "{one:?} {other:?}");
        }
    }

    #[test]
    fn neither_the_volume_nor_silence_at_the_ends_is_part_of_it() {
        let arch = levels(ARCH);
        let silence = vec![0.0_f32; 100];
        let padded = [silence.clone(), arch.clone(), silence].concat();
        let whole = Sound::new(&packed(&arch), (0, 0), Some(15_000), None).unwrap();
        assert_eq!(Sound::new(&packed(&padded), (5_000, 5_000), Some(20_000), None), Some(whole));
        let soft: Vec<f32> = arch.iter().map(|level| level / 8.0).collect();
        let soft = Sound::new(&packed(&soft), (0, 0), Some(15_000), None).unwrap();
        assert!(shape(&whole, &soft).0 > 0.99);
    }

    #[test]
    fn what_makes_no_sense_tells_nothing() {
        let even = packed(&levels(EVEN));
        assert!(Sound::new(&even, (0, 25_000), None, None).is_some());
        for (levels, silence) in [
            (&packed(&[0.0; 600]), (0, 0)),
            (&even, (30_000, 0)),
            (&even, (0, 25_050)),
            (&even, (i64::MAX, i64::MAX)),
            (&Vec::new(), (0, 0)),
        ] {
            assert_eq!(Sound::new(levels, silence, Some(1_000), None), None, "{silence:?}");
        }
        let odd = Sound::new(&even, (i64::MIN, i64::MIN), Some(i64::MAX), Some(f64::INFINITY)).unwrap();
        assert!(odd.peak.is_some_and(|peak| (0.0..=1.0).contains(&peak)) && odd.density.is_none());
    }
}
