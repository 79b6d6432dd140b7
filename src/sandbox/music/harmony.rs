//! Scales and chords.

use super::super::catalogue::Key;
use super::super::seed::Seed;

const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];

/// Chords of a phrase as degrees of the scale, a bar each.
const MAJOR_PROGRESSIONS: [[usize; 4]; 8] = [
    [0, 4, 5, 3],
    [0, 5, 3, 4],
    [0, 3, 5, 4],
    [5, 3, 0, 4],
    [0, 2, 3, 4],
    [3, 0, 4, 5],
    [0, 3, 0, 4],
    [1, 4, 0, 5],
];
const MINOR_PROGRESSIONS: [[usize; 4]; 8] = [
    [0, 5, 2, 6],
    [0, 3, 4, 0],
    [0, 6, 5, 4],
    [0, 5, 3, 4],
    [0, 2, 6, 3],
    [5, 6, 0, 0],
    [0, 3, 6, 2],
    [0, 0, 5, 6],
];

/// A key with the chords that a track uses.
pub(super) struct Harmony {
    key: Key,
    verse: [usize; 4],
    drop: [usize; 4],
}

impl Harmony {
    pub(super) fn new(key: Key, seed: &mut Seed) -> Self {
        let progressions = if key.minor { &MINOR_PROGRESSIONS } else { &MAJOR_PROGRESSIONS };
        Self {
            key,
            verse: *seed.pick(progressions),
            drop: *seed.pick(progressions),
        }
    }

    /// The degree of the chord in a bar.
    pub(super) fn degree(&self, bar: usize, drop: bool) -> usize {
        if drop { self.drop[bar % 4] } else { self.verse[bar % 4] }
    }

    /// The MIDI pitch of a degree of the scale; degrees over 6 are in the octaves above.
    pub(super) fn pitch(&self, degree: usize, octave: i32) -> f32 {
        let scale = if self.key.minor { &MINOR } else { &MAJOR };
        let step = scale[degree % 7] + 12 * (degree / 7) as i32;
        (12 * (octave + 1) + i32::from(self.key.tonic) + step) as f32
    }

    /// The three or four degrees of a chord.
    pub(super) fn chord(degree: usize, seventh: bool) -> Vec<usize> {
        let mut tones = vec![degree, degree + 2, degree + 4];
        if seventh {
            tones.push(degree + 6);
        }
        tones
    }
}

/// The frequency of a MIDI pitch, in Hz.
pub(super) fn frequency(pitch: f32) -> f32 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}
