//! Tunes: a verse's and a hook's, each of four bars that say something, say it again, go on, and come home.

use super::super::catalogue::Energy;
use super::super::seed::Seed;
use super::arrangement::{Bar, Section};
use super::harmony::nearest;
use super::sheet::{Human, Sheet};
use super::voices::Note;

/// Where in the bar (beats), how long, how many steps of the scale from the middle, which syllable.
type Tone = (f64, f64, i32, u8);
type Cell = Vec<Tone>;

/// Rhythms of a bar, by how much is going on: where, how long.
type Rhythm = &'static [(f64, f64)];
#[rustfmt::skip]
const CALM: [Rhythm; 5] = [
    &[(0.0, 2.0), (2.0, 1.8)], &[(0.0, 1.5), (1.5, 0.5), (2.0, 1.9)], &[(0.0, 3.0)], &[(1.0, 1.0), (2.0, 2.0)], &[(0.0, 1.0), (1.0, 1.0), (2.0, 1.5)],
];
#[rustfmt::skip]
const EASY: [Rhythm; 6] = [
    &[(0.0, 1.0), (1.0, 0.5), (1.5, 0.5), (2.0, 1.5)], &[(0.5, 0.5), (1.0, 1.0), (2.5, 0.5), (3.0, 0.9)], &[(0.0, 0.75), (0.75, 0.75), (1.5, 0.5), (2.0, 1.5)],
    &[(0.0, 0.5), (0.5, 0.5), (1.0, 1.0), (2.0, 1.8)], &[(0.0, 1.5), (1.5, 1.0), (2.5, 1.4)], &[(0.0, 0.5), (0.5, 1.0), (1.5, 0.5), (2.0, 1.0), (3.0, 0.9)],
];
#[rustfmt::skip]
const LIVELY: [Rhythm; 6] = [
    &[(0.0, 0.5), (0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 1.0), (3.0, 0.5), (3.5, 0.5)], &[(0.0, 0.75), (0.75, 0.75), (1.5, 1.0), (2.5, 0.5), (3.0, 0.9)],
    &[(0.0, 0.5), (0.75, 0.5), (1.5, 0.5), (2.0, 0.5), (2.75, 0.5), (3.5, 0.4)], &[(0.0, 0.25), (0.25, 0.25), (0.5, 0.5), (1.5, 0.5), (2.0, 0.75), (2.75, 0.75)],
    &[(0.5, 0.5), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.9)], &[(0.0, 1.0), (1.0, 0.5), (1.5, 0.5), (2.0, 0.5), (2.5, 0.5), (3.0, 0.9)],
];

/// A tune of four bars.
#[derive(Debug)]
pub(super) struct Tune {
    bars: [Cell; 4],
    /// The last bar when the phrase is the answer.
    answer: Cell,
}

impl Tune {
    fn write(seed: &mut Seed, rhythms: &[Rhythm]) -> Self {
        let first = cell(seed, rhythms);
        let second = cell(seed, rhythms);
        let mut again = first.clone();
        // Said again, a step higher or with another end.
        if seed.chance(0.5) {
            again.iter_mut().for_each(|tone| tone.2 += 1);
        } else if let Some(last) = again.last_mut() {
            last.2 += *seed.pick(&[-2, 2, 3]);
        }
        let home = |degree: i32, seed: &mut Seed| -> Cell {
            let syllable = syllable(seed);
            vec![(0.0, 0.5, degree + 1, syllable), (0.5, 2.4, degree, syllable)]
        };
        let bars = if seed.chance(0.5) {
            [first, again, second, home(1, seed)]
        } else {
            [first, second, again, home(1, seed)]
        };
        Self {
            bars,
            answer: home(0, seed),
        }
    }

    fn cell(&self, bar: Bar) -> &Cell {
        if bar.of_phrase == 3 && bar.phrase % 2 == 1 {
            &self.answer
        } else {
            &self.bars[bar.of_phrase]
        }
    }
}

fn syllable(seed: &mut Seed) -> u8 {
    seed.below(15) as u8
}

/// A bar of a tune: mostly steps, now and then a leap that is taken back.
fn cell(seed: &mut Seed, rhythms: &[Rhythm]) -> Cell {
    let rhythm = seed.pick(rhythms);
    let mut degree = *seed.pick(&[0, 0, 2, 4]);
    let mut leapt = 0;
    rhythm
        .iter()
        .map(|(beat, beats)| {
            let tone = (*beat, *beats, degree, syllable(seed));
            let step: i32 = if leapt != 0 {
                -leapt
            } else if seed.chance(0.22) {
                *seed.pick(&[-3, 3, 4])
            } else {
                *seed.pick(&[-1, -1, 1, 1, 2, -2, 0])
            };
            leapt = if step.abs() > 2 { step.signum() } else { 0 };
            degree = (degree + step).clamp(-3, 6);
            tone
        })
        .collect()
}

/// Both tunes of a track.
#[derive(Debug)]
pub(super) struct Tunes {
    verse: Tune,
    hook: Tune,
}

impl Tunes {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let mut seed = sheet.seed("tune");
        let (verse, hook): (&[Rhythm], &[Rhythm]) = match sheet.track.energy {
            Energy::Low => (&CALM, &EASY),
            Energy::Medium => (&EASY, &EASY),
            Energy::High => (&EASY, &LIVELY),
        };
        // At high speed eighths are enough.
        let hook = if sheet.track.bpm > 150 { &EASY } else { hook };
        Self {
            verse: Tune::write(&mut seed, verse),
            hook: Tune::write(&mut seed, hook),
        }
    }

    fn tune(&self, bar: Bar) -> &Tune {
        if bar.full() { &self.hook } else { &self.verse }
    }
}

/// Who has the tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// An instrument, all the time.
    Lead,
    /// An instrument that answers a voice.
    Answer,
    Voice,
    /// A second voice, a third above in choruses and drops.
    Above,
}

fn plays(bar: Bar, part: Part) -> bool {
    match (part, bar.section) {
        (_, Section::Intro | Section::End) => false,
        (Part::Above, section) => matches!(section, Section::Chorus | Section::Drop),
        (_, Section::Chorus | Section::Drop) if part != Part::Answer => true,
        // The answer comes where the voice has come home.
        (Part::Answer, Section::Verse | Section::Chorus | Section::Drop | Section::Outro) => bar.of_phrase == 3 || bar.phrase % 4 == 3,
        (Part::Answer, _) | (_, Section::Outro) => bar.phrase == 0 && bar.of_phrase < 2,
        // Every fourth phrase it rests.
        (_, Section::Verse) => bar.phrase % 4 != 3,
        (_, Section::Build) => bar.of_phrase < 3,
        (_, Section::Break) => bar.phrase.is_multiple_of(2),
        _ => true,
    }
}

/// What one of those who have the tune plays, around a pitch.
pub(super) fn notes(sheet: &Sheet, tunes: &Tunes, part: Part, centre: f32) -> Vec<Note> {
    let mut human = Human::new(sheet, &format!("{part:?}"));
    let mut notes: Vec<Note> = Vec::new();
    for (index, bar) in sheet.bars().filter(|(_, bar)| plays(*bar, part)) {
        let cell = tunes.tune(bar).cell(bar);
        // The hook is higher than the verse.
        let lift = if bar.full() { 2 } else { 0 };
        let loudness = 0.55 + 0.45 * bar.intensity;
        for (beat, beats, step, syllable) in cell {
            let answered = part == Part::Answer && bar.of_phrase == 3 && bar.phrase % 4 != 3;
            let (beat, beats) = if answered {
                (beat + 1.5, beats.min(4.0 - (beat + 1.5)))
            } else {
                (*beat, *beats)
            };
            if beats < 0.2 {
                continue;
            }
            let third = if part == Part::Above { 2 } else { 0 };
            let pitch = pitch(sheet, index, beat, step + lift + third, centre);
            let accent = if beat.fract() == 0.0 { 1.0 } else { 0.88 };
            let mut note = human.play(sheet.note(index, beat, beats * 0.94, pitch, loudness * accent));
            note.shade = *syllable;
            notes.push(note);
        }
    }
    notes
}

/// The pitch of a step around a centre. On the strong beats it belongs to the chord.
fn pitch(sheet: &Sheet, bar: usize, beat: f64, step: i32, centre: f32) -> f32 {
    let home = sheet.harmony.near(0, centre);
    let pitch = home + (sheet.harmony.step(step) - sheet.harmony.step(0)) as f32;
    if beat.rem_euclid(2.0) > 0.6 {
        return pitch;
    }
    let chord = sheet.harmony.at(bar);
    let near = chord.tones.iter().map(|tone| nearest(*tone, pitch));
    near.min_by(|a, b| (a - pitch).abs().total_cmp(&(b - pitch).abs())).unwrap_or(pitch)
}
