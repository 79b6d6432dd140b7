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
