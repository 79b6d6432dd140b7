//! The waveform of a preview, as far as it was decoded: its energy over time.

use std::time::Duration;

use crate::clip::loudest_moment;

/// How many columns a second of music has.
pub const COLUMNS_PER_SECOND: usize = 20;

/// Energy over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waveform {
    /// RMS level of each 1/20 s of music, 0.0 to 1.0.
    pub levels: Vec<f32>,
    /// Integrated loudness so far (EBU R128) in LUFS; `None` for silence, and for less than 0.4 s.
    pub loudness: Option<f32>,
    /// The whole preview was decoded.
    pub complete: bool,
}

impl Waveform {
    /// The dominant energy peak so far: the middle of the loudest half second. `None` in silence, and in less than that.
    pub fn peak(&self) -> Option<Duration> {
        let power: Vec<f32> = self.levels.iter().map(|level| level * level).collect();
        loudest_moment(&power, COLUMNS_PER_SECOND, |_| true).map(Duration::from_secs_f64)
    }
}

/// Gathers levels from frames as they are decoded.
pub(super) struct Gauge {
    rate: u64,
    frames: u64,
    energy: f64,
    in_column: u32,
    levels: Vec<f32>,
}

impl Gauge {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            rate: u64::from(rate),
            frames: 0,
            energy: 0.0,
            in_column: 0,
            levels: Vec::new(),
        }
    }

    /// Takes interleaved stereo samples.
    pub(super) fn add(&mut self, samples: &[f32]) {
        for frame in samples.chunks_exact(2) {
            self.energy += f64::from(frame[0].mul_add(frame[0], frame[1] * frame[1])) / 2.0;
            self.in_column += 1;
            self.frames += 1;
            // Counted from the start: a column is not a whole number of frames at every rate.
            if self.frames * COLUMNS_PER_SECOND as u64 / self.rate > self.levels.len() as u64 {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.levels
            .push((self.energy / f64::from(self.in_column.max(1))).sqrt().min(1.0) as f32);
        self.energy = 0.0;
        self.in_column = 0;
    }

    /// Frames so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    pub(super) fn columns(&self) -> usize {
        self.levels.len()
    }

    /// The levels so far; the last one counts when the preview is complete.
    pub(super) fn waveform(&mut self, complete: bool) -> Waveform {
        if complete && self.in_column > 0 {
            self.close();
        }
        Waveform {
            levels: self.levels.clone(),
            loudness: None,
            complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_middle_of_the_loudest_half_second() {
        let peak = |levels: &[f32]| {
            let waveform = Waveform {
                levels: levels.to_vec(),
                ..Waveform::default()
            };
            waveform.peak().map(|peak| peak.as_secs_f64())
        };
        let mut levels = vec![0.1; 200];
        assert_eq!(peak(&levels[..9]), None);
        assert_eq!(peak(&[0.0; 200]), None, "silence has none");
        assert_eq!(peak(&levels), Some(0.25), "the earliest of equal ones");
        levels[100..110].fill(0.8);
        assert_eq!(peak(&levels), Some(5.25));
        levels[140..].fill(0.9);
        assert_eq!(peak(&levels), Some(7.25));
    }

    #[test]
    fn twenty_columns_a_second_at_every_rate() {
        for rate in [8_000, 11_025, 44_100, 48_000] {
            let mut gauge = Gauge::new(rate);
            gauge.add(&vec![0.5; rate as usize * 2 * 10]);
            let wave = gauge.waveform(true);
            assert_eq!(wave.levels.len(), 200, "{rate}");
            assert!(wave.levels.iter().all(|level| (level - 0.5).abs() < 1e-4));
        }
    }
}
