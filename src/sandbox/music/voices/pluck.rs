//! A plucked string: noise that runs round in a loop as long as the string and loses a little of its highs each time.

use super::{Noise, Note, RATE, frequency};

/// A kind of string. Times are seconds.
#[derive(Debug)]
pub(in super::super) struct Pluck {
    /// Until it is a thousand times weaker, at A3; lower strings sound longer.
    pub(in super::super) decay: f32,
    /// How bright the finger or pick is, 0 to 1.
    pub(in super::super) bright: f32,
    /// Highs lost each time round, 0 to 0.5.
    pub(in super::super) damping: f32,
    pub(in super::super) release: f32,
}

#[derive(Debug)]
pub(super) struct String {
    line: Vec<f32>,
    place: usize,
    /// What is lost each time round.
    keep: f32,
    damping: f32,
    before: f32,
    /// The part of the length that is less than a sample.
    allpass: f32,
    allpass_in: f32,
    allpass_out: f32,
    release: f32,
}

impl String {
    pub(super) fn new(pluck: &Pluck, note: &Note) -> Self {
        let period = RATE / frequency(note.pitch);
        let whole = (period - pluck.damping - 0.2).floor().max(2.0);
        let part = period - pluck.damping - whole;
        let mut noise = Noise::of(note);
        // Noise of a softer pluck is darker.
        let open = (pluck.bright * (0.5 + 0.6 * note.loudness.min(1.0))).clamp(0.02, 0.98);
        let mut smooth = [0.0f32; 2];
        let mut line: Vec<f32> = (0..whole as usize)
            .map(|_| {
                smooth[0] += open * (noise.next() - smooth[0]);
                smooth[1] += open * (smooth[0] - smooth[1]);
                smooth[1]
            })
            .collect();
        // Plucked at a fifth of its length, the string has no fifth partial.
        let fifth = line.len() / 5;
        let plucked: Vec<f32> = (0..line.len()).map(|at| line[at] - 0.8 * line[(at + fifth) % line.len()]).collect();
        let mean = plucked.iter().sum::<f32>() / plucked.len() as f32;
        let power = plucked.iter().map(|sample| (sample - mean).powi(2)).sum::<f32>() / plucked.len() as f32;
        let scale = 1.3 / power.sqrt().max(1e-6);
        for (sample, plucked) in line.iter_mut().zip(&plucked) {
            *sample = (plucked - mean) * scale;
        }
        let lasts = pluck.decay * (220.0 / frequency(note.pitch)).powf(0.4);
        Self {
            line,
            place: 0,
            keep: 10f32.powf(-3.0 * period / RATE / lasts),
            damping: pluck.damping,
            before: 0.0,
            allpass: (1.0 - part) / (1.0 + part),
            allpass_in: 0.0,
            allpass_out: 0.0,
            release: pluck.release,
        }
    }

    pub(super) fn play(&mut self, note: &Note, at: i64, left: &mut [f32], right: &mut [f32]) -> bool {
        let after = |at: i64| {
            let seconds = (at - note.held) as f32 / RATE;
            (1.0 - seconds.max(0.0) / self.release).max(0.0).powi(2)
        };
        let end = at + left.len() as i64;
        let (mut gain, last) = (after(at) * note.loudness, after(end) * note.loudness);
        let slope = (last - gain) / left.len() as f32;
        let mut loudest = 0.0f32;
        for (number, (left, right)) in left.iter_mut().zip(right).enumerate() {
            let read = self.line[self.place];
            let damped = self.keep * (read + self.damping * (self.before - read));
            self.before = read;
            let passed = self.allpass * (damped - self.allpass_out) + self.allpass_in;
            (self.allpass_in, self.allpass_out) = (damped, passed);
            self.line[self.place] = passed;
            self.place += 1;
            if self.place == self.line.len() {
                self.place = 0;
            }
            // The first samples rise, so that the pluck is no click.
            let rise = ((at + number as i64) as f32 / 40.0).min(1.0);
            *left += read * gain * rise;
            *right += read * gain * rise;
            loudest = loudest.max(read.abs());
            gain += slope;
        }
        last > 0.0 && (loudest > 1e-4 || at == 0)
    }
}
