//! A synthesised tone: one to five oscillators, a filter that opens and closes, an envelope.

use std::f32::consts::TAU;

use super::tables::{TABLE, Wave};
use super::{Filter, Noise, Note, RATE, frequency};

const MOST_OSCILLATORS: usize = 5;
/// How much of an oscillator on one side is heard on the other.
const ACROSS: f32 = 0.4;

/// How a tone is made. Times are seconds.
#[derive(Debug)]
pub(in super::super) struct Patch {
    pub(in super::super) wave: Wave,
    /// How many oscillators; more than one are spread from left to right.
    pub(in super::super) unison: usize,
    /// How far the outer ones are off, in cents.
    pub(in super::super) detune: f32,
    pub(in super::super) attack: f32,
    /// Until it has fallen to a third of the way to `sustain`.
    pub(in super::super) decay: f32,
    /// What it falls to, 0 to 1.
    pub(in super::super) sustain: f32,
    pub(in super::super) release: f32,
    /// Where the filter rests, in Hz above twice the note.
    pub(in super::super) cutoff: f32,
    /// How much further it opens at first, in Hz.
    pub(in super::super) sweep: f32,
    pub(in super::super) sweep_decay: f32,
    /// 1/Q of the filter.
    pub(in super::super) damping: f32,
    /// Depth of the vibrato, in cents.
    pub(in super::super) vibrato: f32,
    /// Share of noise.
    pub(in super::super) breath: f32,
}

impl Patch {
    /// What the others are made of.
    pub(in super::super) const PLAIN: Self = Self {
        wave: Wave::Saw,
        unison: 1,
        detune: 0.0,
        attack: 0.004,
        decay: 1.0,
        sustain: 1.0,
        release: 0.12,
        cutoff: 3000.0,
        sweep: 0.0,
        sweep_decay: 0.2,
        damping: 1.3,
        vibrato: 0.0,
        breath: 0.0,
    };
}

#[derive(Debug)]
pub(super) struct Tone {
    patch: &'static Patch,
    hertz: f32,
    table: &'static [f32],
    phases: [f32; MOST_OSCILLATORS],
    steps: [f32; MOST_OSCILLATORS],
    filters: [Filter; 2],
    noise: Noise,
}

impl Tone {
    pub(super) fn new(patch: &'static Patch, note: &Note) -> Self {
        let hertz = frequency(note.pitch);
        let mut noise = Noise::of(note);
        let middle = (patch.unison as f32 - 1.0) / 2.0;
        let mut tone = Self {
            patch,
            hertz,
            table: patch.wave.table(hertz),
            phases: [0.0; MOST_OSCILLATORS],
            steps: [0.0; MOST_OSCILLATORS],
            filters: [Filter::default(); 2],
            noise,
        };
        for number in 0..patch.unison.min(MOST_OSCILLATORS) {
            let off = if middle > 0.0 { (number as f32 - middle) / middle } else { 0.0 };
            tone.steps[number] = hertz * (off * patch.detune / 1200.0).exp2() * TABLE as f32 / RATE;
            if patch.unison > 1 {
                tone.phases[number] = f32::midpoint(noise.next(), 1.0) * (TABLE - 1) as f32;
            }
        }
        tone
    }

    pub(super) fn play(&mut self, note: &Note, at: i64, left: &mut [f32], right: &mut [f32]) -> bool {
        let patch = self.patch;
        let (now, then) = (at as f32 / RATE, (at + left.len() as i64) as f32 / RATE);
        let held = note.held as f32 / RATE;
        let (mut gain, end) = (level(patch, now, held), level(patch, then, held));
        gain *= note.loudness;
        let slope = (end * note.loudness - gain) / left.len() as f32;
        let opening = (now / patch.attack).min(1.0) * (-(now - patch.attack).max(0.0) / patch.sweep_decay).exp();
        // Who plays louder plays brighter.
        let bright = 0.6 + 0.8 * note.loudness.min(1.0);
        let cutoff = 2.0 * self.hertz + (patch.cutoff + patch.sweep * opening) * bright;
        for filter in &mut self.filters {
            filter.tune(cutoff, patch.damping);
        }
        let mut bend = 1.0;
        if patch.vibrato > 0.0 {
            // It comes in slowly, as a player's does.
            let depth = patch.vibrato * ((now - 0.15) / 0.4).clamp(0.0, 1.0);
            bend = (depth * (TAU * 5.3 * now).sin() / 1200.0).exp2();
        }
        match patch.unison {
            1 => self.play_one(bend, gain, slope, left, right),
            _ => self.play_many(bend, gain, slope, left, right),
        }
        then < held + patch.release && (patch.sustain > 0.0 || then < patch.attack + 7.0 * patch.decay)
    }

    fn play_one(&mut self, bend: f32, mut gain: f32, slope: f32, left: &mut [f32], right: &mut [f32]) {
        let step = self.steps[0] * bend;
        let breath = self.patch.breath;
        let [filter, _] = &mut self.filters;
        for (left, right) in left.iter_mut().zip(right) {
            let mut raw = read(self.table, &mut self.phases[0], step);
            if breath > 0.0 {
                raw += breath * self.noise.next();
            }
            let (low, _) = filter.next(raw);
            *left += low * gain;
            *right += low * gain;
            gain += slope;
        }
    }

    fn play_many(&mut self, bend: f32, mut gain: f32, slope: f32, left: &mut [f32], right: &mut [f32]) {
        let count = self.patch.unison.min(MOST_OSCILLATORS);
        let share = (2.0 / count as f32).sqrt() * 0.93;
        let [filter_left, filter_right] = &mut self.filters;
        for (left, right) in left.iter_mut().zip(right) {
            let (mut one, mut two) = (0.0, 0.0);
            for number in 0..count {
                let value = read(self.table, &mut self.phases[number], self.steps[number] * bend);
                // The first and third to the left, the second and fourth to the right, an odd one to both.
                if count % 2 == 1 && number == count / 2 {
                    one += value * 0.7;
                    two += value * 0.7;
                } else if number % 2 == 0 {
                    one += value;
                    two += value * ACROSS;
                } else {
                    one += value * ACROSS;
                    two += value;
                }
            }
            *left += filter_left.next(one * share).0 * gain;
            *right += filter_right.next(two * share).0 * gain;
            gain += slope;
        }
    }
}

/// The next sample of a table.
#[inline]
fn read(table: &[f32], phase: &mut f32, step: f32) -> f32 {
    let index = *phase as usize & (TABLE - 1);
    let between = *phase - index as f32;
    let value = table[index] + (table[index + 1] - table[index]) * between;
    *phase += step;
    if *phase >= TABLE as f32 {
        *phase -= TABLE as f32;
    }
    value
}

fn level(patch: &Patch, seconds: f32, held: f32) -> f32 {
    let attack = (seconds / patch.attack).min(1.0);
    let decay = if patch.sustain < 1.0 {
        patch.sustain + (1.0 - patch.sustain) * (-(seconds - patch.attack).max(0.0) * 1.1 / patch.decay).exp()
    } else {
        1.0
    };
    let release = if seconds > held {
        (1.0 - (seconds - held) / patch.release).max(0.0).powi(2)
    } else {
        1.0
    };
    attack * decay * release
}
