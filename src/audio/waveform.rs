//! The waveform of a preview, as far as it was decoded.

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
    pub fn peak(&self) -> Option<std::time::Duration> {
        let window = 3 * COLUMNS_PER_SECOND;
        let energy = |part: &[f32]| part.iter().map(|level| f64::from(*level).powi(2)).sum::<f64>();
        let (start, _) = self
            .levels
            .windows(window)
            .map(energy)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
        Some(std::time::Duration::from_secs_f64(start as f64 / COLUMNS_PER_SECOND as f64))
    }
}
