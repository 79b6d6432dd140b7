//! The waveform of a preview, as far as it was decoded.

use std::time::Duration;

/// How many columns a second of music has.
pub const COLUMNS_PER_SECOND: usize = 20;

/// How long the passage is that [`Waveform::peak`] looks for, in columns.
const PEAK_COLUMNS: usize = 3 * COLUMNS_PER_SECOND;

/// Loudness over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waveform {
    /// RMS level of each 1/20 s of music, 0.0 to 1.0.
    pub levels: Vec<f32>,
    /// The whole preview was decoded.
    pub complete: bool,
}

impl Waveform {
    /// Where the loudest three seconds begin; the earliest ones where several are equal. `None` with less than three seconds of levels.
    pub fn peak(&self) -> Option<Duration> {
        let energy = |level: &f32| f64::from(*level) * f64::from(*level);
        let mut sum: f64 = self.levels.get(..PEAK_COLUMNS)?.iter().map(energy).sum();
        let mut best = (sum, 0);
        for (start, (gone, new)) in self.levels.iter().zip(&self.levels[PEAK_COLUMNS..]).enumerate() {
            sum += energy(new) - energy(gone);
            // The sum drifts by rounding; a passage must be louder by more than that.
            if sum > best.0 + 1e-9 {
                best = (sum, start + 1);
            }
        }
        Some(Duration::from_secs(best.1 as u64) / COLUMNS_PER_SECOND as u32)
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
            complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_where_the_loudest_three_seconds_begin() {
        let mut levels = vec![0.1; 200];
        assert_eq!(
            Waveform {
                levels: levels[..59].to_vec(),
                complete: true
            }
            .peak(),
            None
        );
        assert_eq!(
            Waveform {
                levels: levels.clone(),
                complete: true
            }
            .peak(),
            Some(Duration::ZERO)
        );
        levels[100..160].fill(0.8);
        assert_eq!(
            Waveform {
                levels: levels.clone(),
                complete: false
            }
            .peak(),
            Some(Duration::from_secs(5))
        );
        levels[140..].fill(0.9);
        assert_eq!(Waveform { levels, complete: false }.peak(), Some(Duration::from_secs(7)));
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
