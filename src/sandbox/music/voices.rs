//! Voices: each note is a wave table with an envelope, or noise. Where a note is in its course follows from the time alone, so that
//! it can be played from any sample on.

use std::f32::consts::TAU;
use std::sync::OnceLock;

use super::super::mp3::SAMPLE_RATE;
use super::score::Note;

const TABLE: usize = 1024;
/// Envelopes are worked out once in so many samples and run straight between.
const CONTROL: i64 = 32;
const RATE: f32 = SAMPLE_RATE as f32;

/// What plays a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timbre {
    Piano,
    Plucked,
    Electric,
    Bowed,
    Blown,
    Brass,
    Organ,
    Bells,
    Synth,
    Pad,
    Choir,
    VoiceAh,
    VoiceOh,
    Bass,
    SynthBass,
    Kick,
    Snare,
    Hat,
    Crash,
    Boom,
}

/// How loud a note is over time.
struct Envelope {
    attack: f32,
    /// Seconds in which it falls to a third while held; 0: it stays.
    decay: f32,
    release: f32,
}

impl Timbre {
    /// The timbre of a contract's instrument; drums and bass have parts of their own.
    pub(super) fn named(instrument: &str) -> Option<Self> {
        Some(match instrument {
            "piano" => Self::Piano,
            "acoustic guitar" | "guitar" | "ukulele" | "harp" => Self::Plucked,
            "electric guitar" => Self::Electric,
            "strings" | "violin" | "cello" => Self::Bowed,
            "flute" | "saxophone" => Self::Blown,
            "brass" | "trumpet" => Self::Brass,
            "organ" => Self::Organ,
            "bells" => Self::Bells,
            "synthesizer" => Self::Synth,
            "choir" => Self::Choir,
            _ => return None,
        })
    }

    /// Whether it rather plays a tune than chords.
    pub(super) fn sings(self) -> bool {
        matches!(self, Self::Blown | Self::Brass | Self::Bells | Self::Bowed)
    }

    fn envelope(self) -> Envelope {
        let (attack, decay, release) = match self {
            Self::Piano => (0.003, 0.7, 0.18),
            Self::Plucked => (0.002, 0.45, 0.15),
            Self::Electric => (0.004, 1.4, 0.08),
            Self::Bowed => (0.12, 0.0, 0.25),
            Self::Blown => (0.05, 0.0, 0.1),
            Self::Brass => (0.04, 2.5, 0.1),
            Self::Organ => (0.012, 0.0, 0.06),
            Self::Bells => (0.001, 0.6, 0.9),
            Self::Synth => (0.006, 0.9, 0.12),
            Self::Pad => (0.25, 0.0, 0.5),
            Self::Choir => (0.15, 0.0, 0.3),
            Self::VoiceAh | Self::VoiceOh => (0.06, 0.0, 0.12),
            Self::Bass => (0.004, 0.5, 0.06),
            Self::SynthBass => (0.003, 0.8, 0.05),
            Self::Kick => (0.001, 0.09, 0.3),
            Self::Snare => (0.001, 0.06, 0.2),
            Self::Hat => (0.001, 0.025, 0.07),
            Self::Crash => (0.001, 0.45, 0.3),
            Self::Boom => (0.002, 0.45, 0.4),
        };
        Envelope { attack, decay, release }
    }

    /// Seconds that a note goes on after it was let go.
    pub(super) fn release_seconds(self) -> f64 {
        f64::from(self.envelope().release)
    }

    /// Strength of the first partials.
    fn partials(self) -> &'static [f32] {
        match self {
            Self::Piano => &[1.0, 0.55, 0.32, 0.2, 0.12, 0.08, 0.05, 0.03],
            Self::Plucked => &[1.0, 0.7, 0.45, 0.15, 0.25, 0.12, 0.08, 0.05],
            Self::Electric => &[1.0, 0.6, 0.55, 0.4, 0.3, 0.24, 0.2, 0.14, 0.1, 0.08],
            Self::Bowed | Self::Pad => &[1.0, 0.5, 0.36, 0.26, 0.18, 0.13, 0.09, 0.06],
            Self::Blown => &[1.0, 0.22, 0.12, 0.06, 0.03],
            Self::Brass => &[0.8, 1.0, 0.75, 0.55, 0.4, 0.28, 0.18, 0.1],
            Self::Organ => &[1.0, 0.8, 0.5, 0.4, 0.0, 0.25, 0.0, 0.3],
            Self::Bells => &[1.0, 0.1, 0.5, 0.05, 0.35, 0.02, 0.2],
            Self::Synth => &[1.0, 0.5, 0.34, 0.25, 0.2, 0.16, 0.14, 0.12, 0.1, 0.09],
            Self::Choir | Self::VoiceAh => &[1.0, 0.75, 0.8, 0.5, 0.22, 0.12, 0.16, 0.1],
            Self::VoiceOh => &[1.0, 0.95, 0.4, 0.15, 0.08, 0.1, 0.04],
            Self::Bass => &[1.0, 0.4, 0.18, 0.08],
            Self::SynthBass => &[1.0, 0.55, 0.4, 0.28, 0.18, 0.1],
            Self::Kick | Self::Boom | Self::Snare | Self::Hat | Self::Crash => &[1.0],
        }
    }

    /// Depth of a slow vibrato, as a part of the frequency.
    fn vibrato(self) -> f32 {
        match self {
            Self::VoiceAh | Self::VoiceOh => 0.006,
            Self::Bowed | Self::Choir => 0.0025,
            Self::Blown => 0.003,
            _ => 0.0,
        }
    }

    fn table(self) -> &'static [f32] {
        static TABLES: OnceLock<Vec<Vec<f32>>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| ALL.iter().map(|timbre| wave(timbre.partials())).collect());
        ALL.iter()
            .position(|timbre| *timbre == self)
            .map_or(&tables[0], |index| &tables[index])
    }
}

const ALL: [Timbre; 20] = [
    Timbre::Piano,
    Timbre::Plucked,
    Timbre::Electric,
    Timbre::Bowed,
    Timbre::Blown,
    Timbre::Brass,
    Timbre::Organ,
    Timbre::Bells,
    Timbre::Synth,
    Timbre::Pad,
    Timbre::Choir,
    Timbre::VoiceAh,
    Timbre::VoiceOh,
    Timbre::Bass,
    Timbre::SynthBass,
    Timbre::Kick,
    Timbre::Snare,
    Timbre::Hat,
    Timbre::Crash,
    Timbre::Boom,
];

fn wave(partials: &[f32]) -> Vec<f32> {
    let power = partials.iter().map(|strength| strength * strength).sum::<f32>().sqrt();
    let mut table: Vec<f32> = (0..TABLE)
        .map(|index| {
            let phase = index as f32 / TABLE as f32;
            partials
                .iter()
                .enumerate()
                .map(|(number, strength)| strength * (TAU * phase * (number + 1) as f32).sin())
                .sum::<f32>()
                / power
        })
        .collect();
    // One more, so that reading between the last and the first needs no wrap.
    table.push(table[0]);
    table
}

/// Adds what a note sounds like from a sample on.
pub(super) fn play(note: &Note, from: i64, out: &mut [f32]) {
    match note.timbre {
        Timbre::Kick | Timbre::Boom => drum(note, from, out),
        Timbre::Snare | Timbre::Hat | Timbre::Crash => noise(note, from, out),
        _ => tone(note, from, out),
    }
}

/// Left and right share of a place.
fn sides(note: &Note) -> (f32, f32) {
    let angle = (note.pan.clamp(-1.0, 1.0) + 1.0) * TAU / 8.0;
    (angle.cos() * note.loudness, angle.sin() * note.loudness)
}

/// Calls `make(samples since the start, samples in this piece)` with the envelope at both ends of each piece.
fn pieces(note: &Note, from: i64, frames: i64, mut make: impl FnMut(i64, usize, usize, f32, f32)) {
    let envelope = note.timbre.envelope();
    let mut at = (from - note.start).max(0);
    let end = note.length.min(from + frames - note.start);
    while at < end {
        // Pieces end at the same samples wherever one begins, so that it sounds the same from wherever it is played.
        let next = ((at / CONTROL + 1) * CONTROL).min(end);
        let base = at / CONTROL * CONTROL;
        let (left, right) = (level(&envelope, note, base), level(&envelope, note, base + CONTROL));
        let slope = (right - left) / CONTROL as f32;
        let first = left + slope * (at - base) as f32;
        make(at, (at + note.start - from) as usize, (next - at) as usize, first, slope);
        at = next;
    }
}

fn level(envelope: &Envelope, note: &Note, at: i64) -> f32 {
    let seconds = at as f32 / RATE;
    let held = note.held as f32 / RATE;
    let attack = (seconds / envelope.attack).min(1.0);
    let decay = if envelope.decay > 0.0 {
        (-(seconds - envelope.attack).max(0.0) * 1.1 / envelope.decay).exp()
    } else {
        1.0
    };
    let release = if seconds > held {
        (1.0 - (seconds - held) / envelope.release).max(0.0).powi(2)
    } else {
        1.0
    };
    attack * decay * release
}

fn tone(note: &Note, from: i64, out: &mut [f32]) {
    let table = note.timbre.table();
    let (left, right) = sides(note);
    let vibrato = note.timbre.vibrato();
    let cycles_per_sample = f64::from(note.frequency) / f64::from(SAMPLE_RATE);
    pieces(note, from, (out.len() / 2) as i64, |at, place, count, mut gain, slope| {
        let mut cycles = at as f64 * cycles_per_sample;
        if vibrato > 0.0 {
            // A vibrato of 5.2 Hz moves the phase to and fro.
            let swing = (at as f32 / RATE * 5.2 * TAU).sin();
            cycles += f64::from(vibrato * note.frequency / (5.2 * TAU) * swing);
        }
        let mut phase = (cycles.fract() * TABLE as f64) as f32;
        let step = (cycles_per_sample * TABLE as f64) as f32;
        for frame in out[place * 2..(place + count) * 2].chunks_exact_mut(2) {
            let index = phase as usize & (TABLE - 1);
            let between = phase - phase.floor();
            let value = (table[index] + (table[index + 1] - table[index]) * between) * gain;
            frame[0] += value * left;
            frame[1] += value * right;
            gain += slope;
            phase += step;
            if phase >= TABLE as f32 {
                phase -= TABLE as f32;
            }
        }
    });
}

/// A skin: a deep tone that falls while it fades.
fn drum(note: &Note, from: i64, out: &mut [f32]) {
    let (base, fall) = if note.timbre == Timbre::Boom {
        (note.frequency, 0.25)
    } else {
        (48.0, 0.05)
    };
    let (left, right) = sides(note);
    pieces(note, from, (out.len() / 2) as i64, |at, place, count, mut gain, slope| {
        for (number, frame) in out[place * 2..(place + count) * 2].chunks_exact_mut(2).enumerate() {
            let seconds = (at + number as i64) as f32 / RATE;
            // The integral of base · (1 + 2·e^(−t/fall)).
            let cycles = base * (seconds + 2.0 * fall * (1.0 - (-seconds / fall).exp()));
            let value = (TAU * cycles).sin() * gain;
            frame[0] += value * left;
            frame[1] += value * right;
            gain += slope;
        }
    });
}

/// Wires and metal: noise, which is a function of the time too.
fn noise(note: &Note, from: i64, out: &mut [f32]) {
    let (left, right) = sides(note);
    let metal = note.timbre != Timbre::Snare;
    pieces(note, from, (out.len() / 2) as i64, |at, place, count, mut gain, slope| {
        for (number, frame) in out[place * 2..(place + count) * 2].chunks_exact_mut(2).enumerate() {
            let time = at + number as i64;
            let now = white(time);
            // Metal lacks the lows: the difference of two neighbours has few of them.
            let value = if metal {
                (now - white(time - 1)) * 0.7
            } else {
                now * 0.8 + (TAU * 190.0 * time as f32 / RATE).sin() * 0.5
            } * gain;
            frame[0] += value * left;
            frame[1] += value * right;
            gain += slope;
        }
    });
}

fn white(time: i64) -> f32 {
    let mut bits = (time as u32).wrapping_mul(0x9E37_79B9);
    bits = (bits ^ bits >> 15).wrapping_mul(0x85EB_CA6B);
    bits ^= bits >> 13;
    (bits >> 8) as f32 / (1u32 << 23) as f32 - 1.0
}
