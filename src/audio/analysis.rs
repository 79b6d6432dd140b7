//! What a whole preview was found to be, and how that is found: in one pass over its samples, away from what plays.

use std::sync::Arc;
use std::time::Duration;

use ebur128::{EbuR128, Mode};

use super::source::{CHANNELS, SILENCE, time_of};
use super::waveform::{Gauge, Waveform};
use crate::clip::{Extractor, Features, peak};

/// What a whole preview was found to be. Times are preview time.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Its energy over time, and its integrated loudness.
    pub waveform: Arc<Waveform>,
    /// Its length.
    pub length: Duration,
    /// The true peak (EBU R128: between the samples too) in dBTP, at most a few above 0; `None` in digital silence.
    pub true_peak: Option<f32>,
    /// How long it is silent (below -60 dBFS) at the head; all of it, when there is nothing but silence.
    pub head: Duration,
    /// How long it is silent at the tail.
    pub tail: Duration,
    /// The dominant energy peak: the middle of the loudest half second; `None` in silence, or when it is shorter than that.
    pub peak: Option<Duration>,
    /// How many bytes the preview has. One of another size is another one.
    pub bytes: u64,
}

/// Listens to a preview from its first sample on.
pub(super) struct Listener {
    rate: u32,
    gauge: Gauge,
    features: Extractor,
    /// `None` where the rate is beyond what the standard is for.
    meter: Option<EbuR128>,
    /// The first and the last frame that are not silent.
    loud: Option<(u64, u64)>,
}

impl Listener {
    /// For interleaved stereo of so many frames a second.
    pub(super) fn new(rate: u32) -> Self {
        Self {
            rate,
            gauge: Gauge::new(rate),
            features: Extractor::new(rate),
            meter: EbuR128::new(CHANNELS as u32, rate, Mode::I | Mode::TRUE_PEAK).ok(),
            loud: None,
        }
    }

    pub(super) fn add(&mut self, samples: &[f32]) {
        let before = self.gauge.frames();
        self.gauge.add(samples);
        self.features.add(samples);
        if let Some(meter) = &mut self.meter {
            // Whole frames of a few samples: nothing that it could refuse.
            let _ = meter.add_frames_f32(samples);
        }
        let is_loud = |frame: &[f32]| frame.iter().any(|sample| sample.abs() >= SILENCE);
        let mut frames = samples.chunks_exact(CHANNELS);
        if let Some(first) = frames.position(is_loud) {
            let last = frames.rposition(is_loud).map_or(first, |after| first + 1 + after);
            let from = self.loud.map_or(before + first as u64, |(from, _)| from);
            self.loud = Some((from, before + last as u64));
        }
    }

    /// Frames so far.
    pub(super) fn frames(&self) -> u64 {
        self.gauge.frames()
    }

    /// Columns of the waveform so far.
    pub(super) fn columns(&self) -> usize {
        self.gauge.columns()
    }

    /// What was heard so far, with the loudness so far.
    pub(super) fn waveform(&mut self, complete: bool) -> Waveform {
        Waveform {
            loudness: self.loudness(),
            ..self.gauge.waveform(complete)
        }
    }

    fn loudness(&self) -> Option<f32> {
        let loudness = self.meter.as_ref()?.loudness_global().ok()?;
        loudness.is_finite().then_some(loudness as f32)
    }

    /// What all of it is, of a preview with so many bytes.
    pub(super) fn finish(mut self, bytes: u64) -> (Analysis, Features) {
        let frames = self.frames();
        let time = |frames| time_of(frames, self.rate);
        let (head, tail) = self.loud.map_or((frames, 0), |(first, last)| (first, frames - 1 - last));
        let (length, head, tail) = (time(frames), time(head), time(tail));
        let peak_of = |side| self.meter.as_ref().and_then(|meter| meter.true_peak(side).ok()).unwrap_or(0.0);
        let loudest = (0..CHANNELS as u32).map(peak_of).fold(0.0, f64::max);
        let waveform = Arc::new(self.waveform(true));
        let features = self.features.finish();
        let analysis = Analysis {
            waveform,
            length,
            true_peak: (loudest > 0.0).then(|| (20.0 * loudest.log10()) as f32),
            head,
            tail,
            peak: peak(&features).map(Duration::from_secs_f64),
            bytes,
        };
        (analysis, features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    fn heard(samples: &[f32]) -> Analysis {
        let mut listener = Listener::new(RATE);
        for part in samples.chunks(1_152 * 2) {
            listener.add(part);
        }
        listener.finish(samples.len() as u64).0
    }

    /// A tone on both sides at so many dBFS of its top.
    fn tone(decibels: f64, seconds: f64) -> Vec<f32> {
        let level = 10.0_f64.powf(decibels / 20.0);
        (0..(seconds * f64::from(RATE)) as usize)
            .flat_map(|at| [(level * (at as f64 * 997.0 * std::f64::consts::TAU / f64::from(RATE)).sin()) as f32; 2])
            .collect()
    }

    #[test]
    fn the_standards_test_tones_read_as_the_standard_says() {
        // EBU Tech 3341, cases 1, 2 and 3: each within 0.1 LU.
        let third = [tone(-36.0, 10.0), tone(-23.0, 60.0), tone(-36.0, 10.0)].concat();
        for (sound, loudness) in [(tone(-23.0, 20.0), -23.0), (tone(-33.0, 20.0), -33.0), (third, -23.0)] {
            let read = heard(&sound).waveform.loudness.unwrap();
            assert!((read - loudness).abs() <= 0.1, "{read} instead of {loudness}");
        }
    }

    #[test]
    fn the_peak_between_the_samples_is_seen() {
        // A quarter of the rate, an eighth of a turn late: no sample is higher than 0.707 of what lies between them.
        let sound: Vec<f32> = (0..RATE)
            .flat_map(|at| [((f64::from(at) * 0.5 + 0.25) * std::f64::consts::PI).sin() as f32; 2])
            .collect();
        let loudest = sound.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!(loudest < 0.71);
        let peak = heard(&sound).true_peak.unwrap();
        assert!((-0.5..=0.2).contains(&peak), "{peak} dBTP");
    }

    #[test]
    fn silence_at_head_and_tail_is_measured_and_the_loudest_moment_found() {
        let silence = |seconds: f64| vec![0.0002; (seconds * f64::from(RATE)) as usize * 2];
        let sound = [silence(1.25), tone(-20.0, 2.0), tone(-6.0, 1.0), tone(-20.0, 2.0), silence(0.5)].concat();
        let analysis = heard(&sound);
        let close = |duration: Duration, seconds: f64| (duration.as_secs_f64() - seconds).abs() < 0.001;
        assert!(close(analysis.head, 1.25) && close(analysis.tail, 0.5), "{analysis:?}");
        assert!(close(analysis.length, 6.75));
        let peak = analysis.peak.unwrap().as_secs_f64();
        assert!((3.25..=4.25).contains(&peak), "{peak}");
        assert!((analysis.true_peak.unwrap() + 6.0).abs() < 0.1);
    }

    #[test]
    fn silence_has_no_loudness_and_no_peak() {
        let analysis = heard(&vec![0.0; RATE as usize * 4]);
        assert_eq!((analysis.waveform.loudness, analysis.true_peak, analysis.peak), (None, None, None));
        assert_eq!((analysis.head, analysis.tail), (Duration::from_secs(2), Duration::ZERO));
        let nothing = heard(&[]);
        assert_eq!((nothing.length, nothing.head, nothing.peak), (Duration::ZERO, Duration::ZERO, None));
    }
}
