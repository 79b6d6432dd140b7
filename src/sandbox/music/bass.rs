//! Bass lines. They stand on the roots of the chords, and lead from one to the next.

use super::arrangement::{Bar, Section};
use super::harmony::{Chord, above};
use super::sheet::{Human, Sheet};
use super::style::Bass;
use super::voices::Note;

/// The lowest tone, E1.
const LOWEST: f32 = 28.0;

/// Where in the bar (beats), how long, which tone (0 root, 1 third, 2 fifth, 3 seventh or octave, 7 the octave), how loud.
type Step = (f64, f64, usize, f32);

#[rustfmt::skip]
fn line(bass: Bass, full: bool) -> &'static [Step] {
    match bass {
        Bass::Long => &[(0.0, 3.9, 0, 0.8)],
        Bass::Two => if full { &[(0.0, 0.9, 0, 0.9), (1.0, 0.5, 7, 0.4), (2.0, 0.9, 2, 0.8), (3.0, 0.5, 7, 0.4)] } else { &[(0.0, 1.8, 0, 0.9), (2.0, 1.8, 2, 0.7)] },
        Bass::Eighths => &[(0.0, 0.45, 0, 1.0), (0.5, 0.45, 0, 0.7), (1.0, 0.45, 0, 0.85), (1.5, 0.45, 0, 0.7), (2.0, 0.45, 0, 0.95), (2.5, 0.45, 0, 0.7), (3.0, 0.45, 0, 0.85), (3.5, 0.45, 2, 0.75)],
        Bass::Kick => &[(0.0, 1.4, 0, 1.0), (1.75, 0.5, 0, 0.8), (2.5, 1.0, 7, 0.75), (3.5, 0.4, 2, 0.6)],
        Bass::Walking => &[(0.0, 0.9, 0, 0.95), (1.0, 0.9, 1, 0.8), (2.0, 0.9, 2, 0.9), (3.0, 0.9, 9, 0.8)],
        Bass::Pump => if full { &[(0.5, 0.4, 0, 1.0), (0.75, 0.2, 0, 0.6), (1.5, 0.4, 0, 1.0), (2.5, 0.4, 7, 0.9), (2.75, 0.2, 0, 0.6), (3.5, 0.4, 0, 1.0)] } else { &[(0.5, 0.4, 0, 1.0), (1.5, 0.4, 0, 1.0), (2.5, 0.4, 0, 1.0), (3.5, 0.4, 2, 0.9)] },
        Bass::Octaves => &[(0.0, 0.4, 0, 1.0), (0.5, 0.35, 7, 0.8), (1.0, 0.4, 0, 0.9), (1.5, 0.35, 7, 0.8), (2.0, 0.4, 0, 1.0), (2.5, 0.35, 7, 0.8), (3.0, 0.4, 2, 0.9), (3.5, 0.35, 7, 0.8)],
        Bass::Sixteenths => &[
            (0.0, 0.2, 0, 0.9), (0.25, 0.2, 0, 0.6), (0.5, 0.2, 0, 0.8), (0.75, 0.2, 7, 0.7), (1.0, 0.2, 0, 0.9), (1.25, 0.2, 0, 0.6), (1.5, 0.2, 0, 0.8), (1.75, 0.2, 0, 0.6),
            (2.0, 0.2, 0, 0.9), (2.25, 0.2, 0, 0.6), (2.5, 0.2, 7, 0.8), (2.75, 0.2, 0, 0.6), (3.0, 0.2, 0, 0.9), (3.25, 0.2, 7, 0.7), (3.5, 0.2, 0, 0.8), (3.75, 0.2, 2, 0.7),
        ],
        Bass::Funk => &[(0.0, 0.4, 0, 1.0), (0.75, 0.2, 0, 0.7), (1.25, 0.2, 7, 0.8), (1.75, 0.3, 3, 0.7), (2.5, 0.2, 0, 0.9), (2.75, 0.2, 2, 0.6), (3.25, 0.2, 3, 0.7), (3.5, 0.3, 7, 0.8)],
        Bass::Tumbao => &[(0.0, 0.9, 0, 0.7), (1.5, 1.2, 2, 0.95), (3.0, 0.9, 7, 0.9)],
        Bass::Riddim => &[(0.0, 0.6, 0, 1.0), (0.75, 0.4, 0, 0.7), (1.5, 0.4, 2, 0.8), (2.5, 0.4, 7, 0.85), (3.0, 0.4, 2, 0.8), (3.5, 0.3, 1, 0.6)],
    }
}

/// Whether there is a bass in a bar.
fn plays(bar: Bar, first: bool) -> bool {
    match bar.section {
        Section::Intro => !first && bar.phrase > 0,
        Section::Break => bar.of_phrase == 0,
        Section::Build => bar.of_phrase < 3,
        _ => true,
    }
}

/// The whole line. `first`: it waits until the verse.
pub(super) fn notes(sheet: &Sheet, first: bool) -> Vec<Note> {
    let mut human = Human::new(sheet, "bass");
    let mut notes = Vec::new();
    for (index, bar) in sheet.bars() {
        if !plays(bar, first) {
            continue;
        }
        let chord = sheet.harmony.at(index);
        let root = above(chord.tones[0], LOWEST);
        let loudness = 0.5 + 0.5 * bar.intensity;
        let line = match bar.section {
            Section::End | Section::Break => line(Bass::Long, false),
            Section::Outro if bar.of_phrase > 1 => line(Bass::Long, false),
            _ => line(sheet.style.bass, bar.full()),
        };
        for (beat, beats, tone, strength) in line {
            let next = sheet.harmony.at(index + 1);
            let pitch = pitch(chord, next, root, *tone);
            notes.push(human.play(sheet.note(index, *beat, *beats, pitch, strength * loudness)));
        }
    }
    notes
}

fn pitch(chord: &Chord, next: &Chord, root: f32, tone: usize) -> f32 {
    let tone_above = |number: usize| {
        let class = chord.tones[number.min(chord.tones.len() - 1)];
        above(class, root)
    };
    match tone {
        0 => root,
        7 => root + 12.0,
        // A step below or above the root that comes, whichever is on the way.
        9 => {
            let to = above(next.tones[0], LOWEST);
            if to > root { to - 1.0 } else { to + 2.0 }
        }
        number => tone_above(number),
    }
}
