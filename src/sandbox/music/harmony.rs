//! Keys, chords and how they follow each other, by mood; and where a player puts the tones of a chord.

use super::super::catalogue::{Key, Track};
use super::super::seed::Seed;
use super::arrangement::{Arrangement, Section};
use super::style::{Colour, Style};

const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];

type Progression = [usize; 4];

/// Chords of a phrase as degrees of the scale, a bar each. Each row is a mood's.
const BRIGHT_MAJOR: [Progression; 5] = [[0, 4, 5, 3], [0, 3, 4, 4], [0, 3, 0, 4], [3, 4, 0, 5], [0, 1, 3, 4]];
const WARM_MAJOR: [Progression; 5] = [[0, 5, 1, 4], [3, 2, 1, 0], [0, 2, 3, 3], [5, 3, 0, 4], [1, 4, 0, 5]];
const STILL_MAJOR: [Progression; 4] = [[0, 0, 3, 3], [3, 3, 0, 0], [0, 2, 3, 0], [0, 5, 3, 3]];
const GRAND_MAJOR: [Progression; 4] = [[5, 3, 0, 4], [0, 4, 5, 3], [3, 0, 4, 5], [0, 3, 5, 4]];
const DARK_MINOR: [Progression; 5] = [[0, 0, 5, 4], [0, 5, 0, 6], [0, 3, 0, 4], [0, 5, 3, 4], [0, 0, 3, 5]];
const SAD_MINOR: [Progression; 5] = [[0, 5, 2, 6], [0, 3, 5, 4], [5, 6, 0, 0], [0, 2, 6, 3], [0, 6, 5, 4]];
const STILL_MINOR: [Progression; 4] = [[0, 0, 5, 5], [0, 0, 3, 3], [5, 5, 0, 0], [0, 2, 5, 5]];
const GRAND_MINOR: [Progression; 4] = [[0, 5, 2, 6], [5, 6, 0, 2], [0, 6, 5, 6], [0, 3, 5, 6]];
/// Two five one.
const JAZZ: [Progression; 3] = [[1, 4, 0, 5], [0, 5, 1, 4], [2, 5, 1, 4]];
/// Twelve bars.
const BLUES: [Progression; 3] = [[0, 0, 0, 0], [3, 3, 0, 0], [4, 3, 0, 4]];

/// A chord in a bar.
#[derive(Debug, Clone)]
pub(super) struct Chord {
    /// Its tones in semitones above C, the root first.
    pub(super) tones: Vec<i32>,
}

/// A key with the chords of every bar.
pub(super) struct Harmony {
    key: Key,
    chords: Vec<Chord>,
}

impl Harmony {
    pub(super) fn of(track: &Track, style: &Style, arrangement: &Arrangement) -> Self {
        let mut seed = Seed::of(&format!("{} harmony", track.id));
        let pool = pool(track, style);
        let verse = *seed.pick(pool);
        let mut chorus = *seed.pick(pool);
        if chorus == verse {
            chorus = *seed.pick(pool);
        }
        let mut harmony = Self {
            key: track.key,
            chords: Vec::new(),
        };
        for (number, bar) in arrangement.bars().iter().enumerate() {
            let degree = if bar.section == Section::End {
                0
            } else if style.colour == Colour::Blues {
                BLUES[number / 4 % 3][bar.of_phrase]
            } else if bar.section == Section::Build && bar.of_phrase == 3 {
                // What wants to go home.
                4
            } else if bar.full() {
                chorus[bar.of_phrase]
            } else {
                verse[bar.of_phrase]
            };
            let chord = harmony.chord(degree, style.colour);
            harmony.chords.push(chord);
        }
        harmony
    }

    fn scale(&self) -> &'static [i32; 7] {
        if self.key.minor { &MINOR } else { &MAJOR }
    }

    /// A degree of the scale in semitones above C; degrees over 6 are in the octaves above.
    pub(super) fn step(&self, degree: i32) -> i32 {
        i32::from(self.key.tonic) + self.scale()[degree.rem_euclid(7) as usize] + 12 * degree.div_euclid(7)
    }

    fn chord(&self, degree: usize, colour: Colour) -> Chord {
        let root = degree as i32;
        let steps: &[i32] = match colour {
            Colour::Triads => &[0, 2, 4],
            Colour::Sevenths => &[0, 2, 4, 6],
            Colour::Ninths => &[0, 2, 6, 8],
            Colour::Open => &[0, 4, 8],
            Colour::Power => &[0, 4],
            Colour::Blues => &[],
        };
        let mut tones: Vec<i32> = steps.iter().map(|step| self.step(root + step)).collect();
        if colour == Colour::Blues {
            // Dominant sevenths everywhere, or minor ones.
            let third = if self.key.minor { 3 } else { 4 };
            tones = [0, third, 7, 10].iter().map(|tone| self.step(root) + tone).collect();
        }
        Chord { tones }
    }

    /// The chord of a bar.
    pub(super) fn at(&self, bar: usize) -> &Chord {
        &self.chords[bar.min(self.chords.len() - 1)]
    }

    /// The pitch of a degree nearest to a pitch.
    pub(super) fn near(&self, degree: i32, pitch: f32) -> f32 {
        nearest(self.step(degree), pitch)
    }
}

/// The pitch of a class (semitones above C) that is nearest to another pitch.
pub(super) fn nearest(class: i32, pitch: f32) -> f32 {
    let class = class.rem_euclid(12) as f32;
    class + 12.0 * ((pitch - class) / 12.0).round()
}

/// The lowest pitch of a class at or above another pitch.
pub(super) fn above(class: i32, pitch: f32) -> f32 {
    let class = class.rem_euclid(12) as f32;
    class + 12.0 * ((pitch - class) / 12.0).ceil()
}

fn pool(track: &Track, style: &Style) -> &'static [Progression] {
    if style.colour == Colour::Sevenths && matches!(track.genre, "Jazz" | "Easy Listening") {
        return &JAZZ;
    }
    let mood = |names: &[&str]| track.moods.iter().any(|mood| names.contains(mood));
    if mood(&["Epic", "Cinematic", "Dramatic"]) {
        if track.key.minor { &GRAND_MINOR } else { &GRAND_MAJOR }
    } else if mood(&["Ambient", "Calm", "Dreamy"]) {
        if track.key.minor { &STILL_MINOR } else { &STILL_MAJOR }
    } else if track.key.minor {
        if mood(&["Dark", "Angry", "Suspenseful", "Eccentric", "Energetic"]) {
            &DARK_MINOR
        } else {
            &SAD_MINOR
        }
    } else if mood(&["Romantic", "Chill", "Melancholic", "Contemplative", "Hopeful"]) {
        &WARM_MAJOR
    } else {
        &BRIGHT_MAJOR
    }
}

/// Puts the tones of chords so that each hand moves as little as it can.
#[derive(Debug)]
pub(super) struct Hands {
    centre: f32,
    last: Vec<f32>,
}

impl Hands {
    /// Hands that stay near a pitch.
    pub(super) fn near(centre: f32) -> Self {
        Self { centre, last: Vec::new() }
    }

    /// The pitches of a chord, low to high.
    pub(super) fn put(&mut self, chord: &Chord) -> Vec<f32> {
        let mut best: Option<(f32, Vec<f32>)> = None;
        for turn in 0..chord.tones.len() {
            let mut low = self.centre - 7.0;
            let pitches: Vec<f32> = (0..chord.tones.len())
                .map(|number| {
                    let pitch = above(chord.tones[(turn + number) % chord.tones.len()], low);
                    low = pitch + 1.0;
                    pitch
                })
                .collect();
            let middle = pitches.iter().sum::<f32>() / pitches.len() as f32;
            let moved: f32 = pitches.iter().zip(&self.last).map(|(a, b)| (a - b).abs()).sum();
            let cost = moved + (middle - self.centre).abs();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, pitches));
            }
        }
        self.last = best.map(|(_, pitches)| pitches).unwrap_or_default();
        self.last.clone()
    }
}
