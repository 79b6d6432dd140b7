//! A voice: a buzz with vibrato, shaped by the resonances of a mouth that says syllables.

use std::f32::consts::TAU;

use super::tables::{TABLE, Wave};
use super::{Filter, Noise, Note, RATE, frequency};

/// Seconds until a sung note is over after it was let go.
pub(super) const RELEASE: f32 = 0.14;

/// Who sings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Register {
    Low,
    High,
}

/// Resonances in Hz and how strong they are: ah, eh, ee, oh, oo.
const VOWELS: [[(f32, f32); 4]; 5] = [
    [(760.0, 1.0), (1180.0, 0.55), (2700.0, 0.22), (3500.0, 0.12)],
    [(560.0, 1.0), (1750.0, 0.4), (2500.0, 0.26), (3500.0, 0.12)],
    [(320.0, 1.0), (2200.0, 0.32), (2900.0, 0.26), (3600.0, 0.12)],
    [(480.0, 1.0), (860.0, 0.5), (2600.0, 0.12), (3400.0, 0.07)],
    [(350.0, 1.0), (760.0, 0.3), (2500.0, 0.08), (3400.0, 0.04)],
];
/// A closed mouth: m, n, l.
const HUM: [(f32, f32); 4] = [(260.0, 0.8), (1050.0, 0.1), (2200.0, 0.05), (3300.0, 0.02)];
/// How wide the resonances are, in Hz.
const WIDTHS: [f32; 4] = [90.0, 110.0, 150.0, 200.0];

#[derive(Debug)]
pub(super) struct Singer {
    hertz: f32,
    /// How much shorter the throat is than a grown man's.
    throat: f32,
    table: &'static [f32],
    phase: f32,
    mouth: [Filter; 4],
    hiss: Filter,
    noise: Noise,
}

impl Singer {
    pub(super) fn new(register: Register, note: &Note) -> Self {
        let hertz = frequency(note.pitch);
        Self {
            hertz,
            throat: if register == Register::High { 1.16 } else { 1.0 },
            table: Wave::Saw.table(hertz),
            phase: 0.0,
            mouth: [Filter::default(); 4],
            hiss: Filter::default(),
            noise: Noise::of(note),
        }
    }

    pub(super) fn play(&mut self, note: &Note, at: i64, left: &mut [f32], right: &mut [f32]) -> bool {
        let (now, then) = (at as f32 / RATE, (at + left.len() as i64) as f32 / RATE);
        let held = note.held as f32 / RATE;
        let vowel = &VOWELS[usize::from(note.shade) % VOWELS.len()];
        // A third of the syllables begin with closed lips, a third with a hiss, a third with the vowel.
        let consonant = note.shade / 5 % 3;
        let open = if consonant == 1 {
            ((now - 0.03) / 0.07).clamp(0.0, 1.0)
        } else {
            1.0
        };
        for ((filter, width), (hum, sung)) in self.mouth.iter_mut().zip(WIDTHS).zip(HUM.iter().zip(vowel)) {
            let hertz = (hum.0 + (sung.0 - hum.0) * open) * self.throat;
            // The lowest resonance follows a high note, as singers do to be heard.
            let hertz = hertz.max(if hum.0 < 300.0 { self.hertz * 1.02 } else { 0.0 });
            filter.tune(hertz, width / hertz);
        }
        self.hiss.tune(5200.0, 0.7);
        let strengths: [f32; 4] = std::array::from_fn(|at| HUM[at].1 + (vowel[at].1 - HUM[at].1) * open);
        let level = |seconds: f32| {
            let rise = ((seconds - if consonant == 2 { 0.045 } else { 0.0 }) / 0.045).clamp(0.0, 1.0);
            let fall = (1.0 - (seconds - held).max(0.0) / RELEASE).max(0.0);
            // A long note swells a little.
            rise * fall * fall * (0.85 + 0.15 * (seconds / 0.6).min(1.0))
        };
        let mut gain = level(now) * note.loudness;
        let end = level(then) * note.loudness;
        let slope = (end - gain) / left.len() as f32;
        // It slides up into the note, then trembles.
        let slide = -70.0 * (-now / 0.05).exp();
        let tremble = 28.0 * ((now - 0.22) / 0.35).clamp(0.0, 1.0) * (TAU * 5.6 * now).sin();
        let drift = 6.0 * (TAU * 1.3 * now + note.pitch).sin();
        let step = self.hertz * ((slide + tremble + drift) / 1200.0).exp2() * TABLE as f32 / RATE;
        let hiss = if consonant == 2 {
            (1.0 - now / 0.07).clamp(0.0, 1.0) * 0.16 * note.loudness
        } else {
            0.0
        };
        for (left, right) in left.iter_mut().zip(right) {
            let index = self.phase as usize & (TABLE - 1);
            let noise = self.noise.next();
            let buzz = self.table[index] + 0.03 * noise;
            self.phase += step;
            if self.phase >= TABLE as f32 {
                self.phase -= TABLE as f32;
            }
            let mut sung = 0.12 * buzz;
            for (filter, strength) in self.mouth.iter_mut().zip(strengths) {
                sung += filter.next(buzz).1 * strength;
            }
            let value = sung * 1.5 * gain + self.hiss.next(noise).1 * hiss;
            *left += value;
            *right += value;
            gain += slope;
        }
        then < held + RELEASE
    }
}
