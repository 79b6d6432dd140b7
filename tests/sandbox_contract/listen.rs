//! Ears for the tests: decoding, loudness, onsets, pitch classes.

use super::mp3::Decoded;

/// Bytes of an MP3 frame of 128 kbit/s at 48 kHz, and the seconds it lasts.
pub const FRAME_BYTES: usize = 384;
pub const FRAME_SECONDS: f64 = 1152.0 / 48_000.0;

/// What was heard.
pub struct Sound {
    pub rate: f64,
    /// Both channels, in turn.
    pub stereo: Vec<f32>,
    /// Their mean.
    pub mono: Vec<f32>,
}

impl Sound {
    /// Decodes an MP3; every packet must be sound.
    pub fn of(mp3: &[u8]) -> Self {
        let sound = Decoded::of(mp3.to_vec());
        assert!(sound.whole && sound.channels == 2);
        let (stereo, rate) = (sound.samples, sound.rate);
        let mono = stereo.chunks_exact(2).map(|frame| f32::midpoint(frame[0], frame[1])).collect();
        Self {
            rate: f64::from(rate),
            stereo,
            mono,
        }
    }

    pub fn seconds(&self) -> f64 {
        self.mono.len() as f64 / self.rate
    }

    pub fn rms(&self) -> f64 {
        power(&self.mono).sqrt()
    }

    /// Loudness between two moments in seconds.
    pub fn rms_between(&self, from: f64, to: f64) -> f64 {
        let place = |seconds: f64| ((seconds * self.rate).max(0.0) as usize).min(self.mono.len());
        power(&self.mono[place(from)..place(to)]).sqrt()
    }

    /// Loudness between two frequencies in Hz, by filters of first order.
    pub fn rms_of_band(&self, low: f64, high: f64) -> f64 {
        let share = |hertz: f64| 1.0 - (-std::f64::consts::TAU * hertz / self.rate).exp();
        let (mut below_low, mut below_high, mut sum) = (0.0, 0.0, 0.0);
        for sample in &self.mono {
            below_low += share(low) * (f64::from(*sample) - below_low);
            below_high += share(high) * (f64::from(*sample) - below_high);
            sum += (below_high - below_low) * (below_high - below_low);
        }
        (sum / self.mono.len() as f64).sqrt()
    }

    pub fn loudest_sample(&self) -> f32 {
        self.stereo.iter().fold(0.0, |loudest, sample| sample.abs().max(loudest))
    }

    /// The middle of the loudest half second, in seconds: the dominant energy peak.
    pub fn peak_seconds(&self) -> f64 {
        let (window, hop) = ((self.rate / 2.0) as usize, (self.rate / 20.0) as usize);
        let starts = (0..self.mono.len().saturating_sub(window)).step_by(hop);
        let loudest = starts.max_by(|a, b| power(&self.mono[*a..*a + window]).total_cmp(&power(&self.mono[*b..*b + window])));
        (loudest.unwrap() + window / 2) as f64 / self.rate
    }

    /// The tempo near `bpm` (within a fifth, so that octaves do not matter) whose beats the onsets follow best.
    pub fn tempo_near(&self, bpm: f64) -> f64 {
        const HERTZ: f64 = 200.0;
        let step = (self.rate / HERTZ) as usize;
        let levels: Vec<f64> = self.mono.chunks_exact(step).map(|block| (power(block) + 1e-7).ln()).collect();
        let rises: Vec<f64> = levels.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).collect();
        let mean = rises.iter().sum::<f64>() / rises.len() as f64;
        let onsets: Vec<f64> = rises.iter().map(|rise| rise - mean).collect();
        let alike = |lag: f64| {
            let lag = lag.round() as usize;
            onsets.iter().zip(&onsets[lag..]).map(|(a, b)| a * b).sum::<f64>() / (onsets.len() - lag) as f64
        };
        // Eight beats on, a tempo that is a little off has lost the onsets.
        let fit = |bpm: f64| {
            [1, 2, 4, 8]
                .iter()
                .map(|beats| alike(f64::from(*beats) * 60.0 / bpm * HERTZ))
                .sum::<f64>()
        };
        let candidates = (0..=160).map(|step| bpm * (0.82 + 0.36 * f64::from(step) / 160.0));
        candidates.max_by(|a, b| fit(*a).total_cmp(&fit(*b))).unwrap()
    }

    /// How much of each of the twelve pitch classes there is from C3 to B5; C first.
    pub fn pitch_classes(&self) -> [f64; 12] {
        let mut classes = [0.0; 12];
        let window = (self.rate / 2.0) as usize;
        for note in 48..84 {
            let hertz = 440.0 * 2.0f64.powf((f64::from(note) - 69.0) / 12.0);
            let turn = 2.0 * (std::f64::consts::TAU * hertz / self.rate).cos();
            for block in self.mono.chunks_exact(window) {
                let (mut before, mut last) = (0.0f64, 0.0f64);
                for (at, sample) in block.iter().enumerate() {
                    let hann = 0.5 - 0.5 * (std::f64::consts::TAU * at as f64 / window as f64).cos();
                    (before, last) = (last, f64::from(*sample) * hann + turn * last - before);
                }
                classes[note as usize % 12] += before * before + last * last - turn * before * last;
            }
        }
        classes
    }
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64
}

/// Whether the bytes are whole frames of 48 kHz, 128 kbit/s and nothing else.
pub fn is_frames(mp3: &[u8]) -> bool {
    // FF FB: MPEG 1, layer III, no checksum. 0x94: 128 kbit/s, 48 kHz, no padding.
    mp3.len().is_multiple_of(FRAME_BYTES)
        && mp3
            .chunks(FRAME_BYTES)
            .all(|frame| frame[0] == 0xFF && frame[1] == 0xFB && frame[2] == 0x94)
}
