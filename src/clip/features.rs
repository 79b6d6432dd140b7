//! What is listened for in music: loudness over time, in bands, and which pitch classes sound.

use symphonia::core::dsp::complex::Complex;
use symphonia::core::dsp::fft::Fft;

/// Loudness is kept this often a second.
pub const FRAMES_PER_SECOND: usize = 50;
/// Pitch classes are kept this often a second.
pub const CHROMA_PER_SECOND: usize = 4;
/// Bands in which loudness is kept apart.
pub const BANDS: usize = 3;

/// The sample rate that bands and pitch classes are looked at, nearly.
const WORKING_RATE: f64 = 11_025.0;
/// Where one band ends and the next begins, in hertz.
const EDGES: [f64; BANDS - 1] = [200.0, 2000.0];
/// Samples in a look at the pitch classes: a third of a second.
const LOOK: usize = 4096;
/// Pitches outside of this tell nothing of the harmony, in hertz.
const PITCHES: std::ops::Range<f64> = 100.0..2100.0;
/// More music than this is not looked at, in seconds. Small files can claim to last for weeks.
const MOST_SECONDS: usize = 2 * 60 * 60;
/// Silence, in nepers of power: nothing is quieter.
const FLOOR: f32 = 1e-7;

/// What was heard in a piece of music.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Features {
    /// Mean power of each 1/50 s, both channels, 0 to 1.
    pub power: Vec<f32>,
    /// The logarithm of the power in each band, low to high, of each 1/50 s.
    pub bands: Vec<[f32; BANDS]>,
    /// How much of each pitch class (C first) sounds in each 1/4 s; they add up to 1, or are all zero in silence.
    pub chroma: Vec<[f32; 12]>,
}

impl Features {
    /// Its length in seconds, to 1/50 s.
    pub fn seconds(&self) -> f64 {
        self.power.len() as f64 / FRAMES_PER_SECOND as f64
    }

    /// Mean power between two moments in seconds; 0 outside of the music.
    pub fn power_between(&self, from: f64, to: f64) -> f64 {
        let part = &self.power[self.frame(from)..self.frame(to).max(self.frame(from))];
        part.iter().map(|power| f64::from(*power)).sum::<f64>() / part.len().max(1) as f64
    }

    /// The frame of a moment in seconds, inside of the music or at its end.
    pub fn frame(&self, seconds: f64) -> usize {
        ((seconds * FRAMES_PER_SECOND as f64).round().max(0.0) as usize).min(self.power.len())
    }
}

/// Gathers [`Features`] from sound as it is decoded.
pub struct Extractor {
    rate: f64,
    /// Samples that make one of the working rate.
    step: usize,
    in_step: usize,
    sum: f32,
    /// Samples since the start, and in the frame that is open.
    samples: u64,
    in_frame: u32,
    power: f64,
    band_samples: u32,
    band_power: [f64; BANDS],
    filters: [Lowpass; BANDS - 1],
    recent: Vec<f32>,
    working: u64,
    looks: Looks,
    found: Features,
}

impl Extractor {
    /// For interleaved stereo of so many samples a second.
    pub fn new(rate: u32) -> Self {
        let rate = f64::from(rate.max(1));
        let step = ((rate / WORKING_RATE).round() as usize).max(1);
        let working_rate = rate / step as f64;
        Self {
            rate,
            step,
            in_step: 0,
            sum: 0.0,
            samples: 0,
            in_frame: 0,
            power: 0.0,
            band_samples: 0,
            band_power: [0.0; BANDS],
            filters: EDGES.map(|edge| Lowpass::new(edge, working_rate)),
            recent: Vec::with_capacity(2 * LOOK),
            working: 0,
            looks: Looks::new(working_rate),
            found: Features::default(),
        }
    }

    /// Takes interleaved stereo samples.
    pub fn add(&mut self, samples: &[f32]) {
        if self.found.power.len() >= MOST_SECONDS * FRAMES_PER_SECOND {
            return;
        }
        for frame in samples.chunks_exact(2) {
            let (left, right) = (frame[0], frame[1]);
            self.power += f64::from(left.mul_add(left, right * right)) / 2.0;
            self.in_frame += 1;
            self.samples += 1;
            self.sum += f32::midpoint(left, right);
            self.in_step += 1;
            if self.in_step == self.step {
                let sample = self.sum / self.step as f32;
                (self.sum, self.in_step) = (0.0, 0);
                self.take_working(sample);
            }
            if self.samples as f64 * FRAMES_PER_SECOND as f64 >= (self.found.power.len() + 1) as f64 * self.rate {
                self.close_frame();
            }
        }
    }

    fn take_working(&mut self, sample: f32) {
        let low = self.filters[0].next(sample);
        let below = self.filters[1].next(sample);
        for (power, part) in self.band_power.iter_mut().zip([low, below - low, sample - below]) {
            *power += f64::from(part * part);
        }
        self.band_samples += 1;
        self.working += 1;
        self.recent.push(sample);
        if self.recent.len() == 2 * LOOK {
            self.recent.drain(..LOOK);
        }
        let wanted = self.looks.rate / CHROMA_PER_SECOND as f64 * (self.found.chroma.len() + 1) as f64;
        if self.working as f64 >= wanted {
            let from = self.recent.len().saturating_sub(LOOK);
            self.found.chroma.push(self.looks.pitch_classes(&self.recent[from..]));
        }
    }

    fn close_frame(&mut self) {
        self.found.power.push((self.power / f64::from(self.in_frame.max(1))) as f32);
        let samples = f64::from(self.band_samples.max(1));
        self.found
            .bands
            .push(self.band_power.map(|power| ((power / samples) as f32 + FLOOR).ln()));
        (self.power, self.in_frame, self.band_samples, self.band_power) = (0.0, 0, 0, [0.0; BANDS]);
    }

    /// What was heard in all.
    pub fn finish(mut self) -> Features {
        // A frame that is hardly begun says nothing.
        if f64::from(self.in_frame) * FRAMES_PER_SECOND as f64 > self.rate / 2.0 {
            self.close_frame();
        }
        self.found
    }
}

/// A filter of first order.
struct Lowpass {
    share: f32,
    level: f32,
}

impl Lowpass {
    fn new(hertz: f64, rate: f64) -> Self {
        Self {
            share: (1.0 - (-std::f64::consts::TAU * hertz / rate).exp()) as f32,
            level: 0.0,
        }
    }

    fn next(&mut self, sample: f32) -> f32 {
        self.level += self.share * (sample - self.level);
        self.level
    }
}

/// Looks at the pitch classes of a third of a second.
struct Looks {
    rate: f64,
    fft: Fft,
    window: Vec<f32>,
    /// The pitch class of each bin; `None` outside of the pitches that count.
    classes: Vec<Option<usize>>,
    buffer: Vec<Complex<f32>>,
}

impl Looks {
    fn new(rate: f64) -> Self {
        let class = |bin: usize| {
            let hertz = bin as f64 * rate / LOOK as f64;
            PITCHES
                .contains(&hertz)
                .then(|| (12.0 * (hertz / 440.0).log2() + 69.0).round() as usize % 12)
        };
        let hann = |at: usize| 0.5 - 0.5 * (std::f64::consts::TAU * at as f64 / LOOK as f64).cos();
        Self {
            rate,
            fft: Fft::new(LOOK),
            window: (0..LOOK).map(|at| hann(at) as f32).collect(),
            classes: (0..LOOK / 2).map(class).collect(),
            buffer: vec![Complex::default(); LOOK],
        }
    }

    fn pitch_classes(&mut self, samples: &[f32]) -> [f32; 12] {
        self.buffer.fill(Complex::default());
        for ((place, sample), weight) in self.buffer.iter_mut().zip(samples).zip(&self.window) {
            place.re = sample * weight;
        }
        self.fft.fft_inplace(&mut self.buffer);
        let mut chroma = [0.0; 12];
        for (bin, class) in self.buffer.iter().zip(&self.classes) {
            if let Some(class) = class {
                chroma[*class] += bin.norm_sqr().sqrt();
            }
        }
        let total: f32 = chroma.iter().sum();
        if total > LOOK as f32 * 1e-5 {
            chroma.map(|part| part / total)
        } else {
            [0.0; 12]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(rate: u32, seconds: f64, sound: impl Fn(f64) -> f64) -> Features {
        let mut extractor = Extractor::new(rate);
        let samples: Vec<f32> = (0..(seconds * f64::from(rate)) as usize)
            .flat_map(|at| [sound(at as f64 / f64::from(rate)) as f32; 2])
            .collect();
        for part in samples.chunks(1152 * 2) {
            extractor.add(part);
        }
        extractor.finish()
    }

    #[test]
    fn time_is_kept_at_every_rate() {
        for rate in [8_000, 22_050, 44_100, 48_000, 96_000] {
            let features = heard(
                rate,
                10.0,
                |t| if t < 4.0 { 0.0 } else { (t * 440.0 * std::f64::consts::TAU).sin() },
            );
            assert_eq!(features.power.len(), 500, "{rate}");
            assert_eq!(features.bands.len(), 500);
            assert!((39..=40).contains(&features.chroma.len()), "{rate}: {}", features.chroma.len());
            assert!(features.power[198] < 1e-6 && (features.power[202] - 0.5).abs() < 0.05, "{rate}");
            let a = features.chroma[30];
            assert!(a[9] > 0.5, "{rate}: {a:?}");
            assert!(features.chroma[5].iter().all(|part| *part < 1e-6), "silence has no pitch");
        }
    }

    #[test]
    fn bands_tell_low_from_high() {
        let low = heard(44_100, 1.0, |t| (t * 60.0 * std::f64::consts::TAU).sin() * 0.5).bands[25];
        let high = heard(44_100, 1.0, |t| (t * 4000.0 * std::f64::consts::TAU).sin() * 0.5).bands[25];
        assert!(low[0] > low[1] && low[0] > low[2] + 3.0, "{low:?}");
        assert!(high[2] > high[0] + 3.0, "{high:?}");
    }
}
