//! Struck metal and wood: a few resonances that die away, each in its own time.

use std::f32::consts::TAU;

use super::{Note, RATE, frequency};

const MOST: usize = 5;

/// A kind of bar or bell.
#[derive(Debug)]
pub(in super::super) struct Struck {
    /// Frequency as a multiple of the note, strength, seconds until a third is left.
    pub(in super::super) modes: &'static [(f32, f32, f32)],
    /// How long it may sound after it was let go.
    pub(in super::super) seconds: f32,
}

#[derive(Debug)]
pub(super) struct Bar {
    /// Each: 2·r·cos ω, r², the last two samples.
    modes: [(f32, f32, f32, f32); MOST],
    seconds: f32,
}

impl Bar {
    pub(super) fn new(struck: &Struck, note: &Note) -> Self {
        let hertz = frequency(note.pitch);
        let mut modes = [(0.0, 0.0, 0.0, 0.0); MOST];
        for (mode, (ratio, strength, decay)) in modes.iter_mut().zip(struck.modes) {
            let turn = TAU * hertz * ratio / RATE;
            if turn > TAU * 0.45 {
                continue;
            }
            // High bars die sooner.
            let radius = (-1.1 / (decay * RATE * (440.0 / hertz).powf(0.3))).exp();
            // As if it had swung before: the next sample is r·sin(ω), rising from nothing.
            *mode = (2.0 * radius * turn.cos(), radius * radius, 0.0, -turn.sin() * strength / radius);
        }
        Self {
            modes,
            seconds: struck.seconds,
        }
    }

    pub(super) fn play(&mut self, note: &Note, at: i64, left: &mut [f32], right: &mut [f32]) -> bool {
        let after = |at: i64| (1.0 - ((at - note.held) as f32 / RATE).max(0.0) / self.seconds).max(0.0);
        let mut gain = after(at) * note.loudness;
        let end = after(at + left.len() as i64) * note.loudness;
        let slope = (end - gain) / left.len() as f32;
        for (left, right) in left.iter_mut().zip(right) {
            let mut sum = 0.0;
            for (turn, shrink, last, before) in &mut self.modes {
                let next = *turn * *last - *shrink * *before;
                (*before, *last) = (*last, next);
                sum += next;
            }
            *left += sum * gain;
            *right += sum * gain;
            gain += slope;
        }
        end > 0.0
    }
}
