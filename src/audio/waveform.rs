//! The waveform of a preview, as far as it was decoded.

use std::time::Duration;

/// How many columns a second of music has.
pub const COLUMNS_PER_SECOND: usize = 20;

/// Loudness over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waveform {
    /// RMS level of each 1/20 s of music, 0.0 to 1.0.
    pub levels: Vec<f32>,
    /// The whole preview was decoded.
    pub complete: bool,
}

impl Waveform {
    /// Where the loudest three seconds begin; `None` while less than that is known.
    pub fn peak(&self) -> Option<Duration> {
        let window = 3 * COLUMNS_PER_SECOND;
        let energy = |part: &[f32]| part.iter().map(|level| f64::from(*level).powi(2)).sum::<f64>();
        let (start, _) = self
            .levels
            .windows(window)
            .map(energy)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        Some(Duration::from_secs_f64(start as f64 / COLUMNS_PER_SECOND as f64))
    }
}

/// Measures levels as frames go by.
pub(super) struct Meter {
    levels: Vec<f32>,
    column: usize,
    sum: f64,
    count: usize,
}

impl Meter {
    /// For so many frames a second.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            levels: Vec::new(),
            column: (rate as usize / COLUMNS_PER_SECOND).max(1),
            sum: 0.0,
            count: 0,
        }
    }

    pub(super) fn push(&mut self, left: f32, right: f32) {
        self.sum += f64::from(left * left + right * right) / 2.0;
        self.count += 1;
        if self.count == self.column {
            self.levels.push((self.sum / self.count as f64).sqrt().min(1.0) as f32);
            self.sum = 0.0;
            self.count = 0;
        }
    }

    /// How many columns are measured.
    pub(super) fn columns(&self) -> usize {
        self.levels.len()
    }

    pub(super) fn waveform(&self, complete: bool) -> Waveform {
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
    fn the_peak_is_where_the_loudest_passage_begins() {
        let mut levels = vec![0.1; 400];
        levels[200..260].fill(0.9);
        assert_eq!(Waveform { levels, complete: true }.peak(), Some(Duration::from_secs(10)));
        assert_eq!(
            Waveform {
                levels: vec![0.5; 59],
                complete: false
            }
            .peak(),
            None
        );
    }

    #[test]
    fn a_level_is_the_rms_of_its_twentieth_of_a_second() {
        let mut meter = Meter::new(2000);
        for step in 0..200 {
            let value = if step < 100 { 0.5 } else { 0.0 };
            meter.push(value, value);
        }
        assert_eq!(meter.waveform(true).levels, [0.5, 0.0]);
    }
}
