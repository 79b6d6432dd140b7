//! One playing preview as the output sees it: reads samples that are here, never waits, never clicks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::pcm::Pcm;

/// How long a ramp takes that makes a start, a stop or a jump inaudible as such.
const RAMP_SECONDS: f32 = 0.008;
/// No jump is wanted.
const NONE: u64 = u64::MAX;

/// What the player thread and the output's own thread share about one voice.
#[derive(Debug)]
pub(super) struct Control {
    paused: AtomicBool,
    stopped: AtomicBool,
    repeat: AtomicBool,
    jump: AtomicU64,
    loop_in: AtomicU64,
    loop_out: AtomicU64,
    position: AtomicU64,
    started: AtomicBool,
    starving: AtomicBool,
    ended: AtomicBool,
    volume: Arc<AtomicU32>,
}

impl Control {
    pub(super) fn new(volume: Arc<AtomicU32>) -> Self {
        Self {
            paused: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
            repeat: AtomicBool::new(false),
            jump: AtomicU64::new(NONE),
            loop_in: AtomicU64::new(0),
            loop_out: AtomicU64::new(NONE),
            position: AtomicU64::new(0),
            started: AtomicBool::new(false),
            starving: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            volume,
        }
    }

    pub(super) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Release);
    }

    /// Ramps down and ends.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    pub(super) fn repeat(&self, repeat: bool) {
        self.repeat.store(repeat, Ordering::Release);
    }

    /// Jumps to a frame, with a ramp on both sides.
    pub(super) fn jump(&self, frame: u64) {
        self.position.store(frame, Ordering::Release);
        self.jump.store(frame, Ordering::Release);
    }

    pub(super) fn set_loop(&self, from: Option<u64>, to: Option<u64>) {
        self.loop_in.store(from.unwrap_or(0), Ordering::Release);
        self.loop_out.store(to.unwrap_or(NONE), Ordering::Release);
    }

    /// The frame that sounds next.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// The first frame has been handed out.
    pub(super) fn started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// It would sound if the samples were here.
    pub(super) fn starving(&self) -> bool {
        self.starving.load(Ordering::Acquire)
    }

    /// It has played to the end.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

/// The reading end: an endless-looking stream of stereo samples that ends when it is stopped or has played to its end.
pub(super) struct Voice {
    pcm: Arc<Pcm>,
    control: Arc<Control>,
    rate: u32,
    at: u64,
    gain: f32,
    loudness: f32,
    step: f32,
    /// The right sample of a frame whose left one has been handed out.
    right: Option<f32>,
}

impl Voice {
    /// A voice that starts at the control's position. The rate has to be known by now.
    pub(super) fn new(pcm: Arc<Pcm>, control: Arc<Control>) -> Self {
        let rate = pcm.rate().max(1);
        let at = control.position();
        let loudness = f32::from_bits(control.volume.load(Ordering::Acquire));
        Self {
            pcm,
            control,
            rate,
            at,
            gain: 0.0,
            loudness,
            step: 1.0 / (RAMP_SECONDS * rate as f32),
            right: None,
        }
    }

    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// The next frame; `None` at the end.
    fn frame(&mut self) -> Option<[f32; 2]> {
        let control = &self.control;
        let stopped = control.stopped.load(Ordering::Acquire);
        let jumping = control.jump.load(Ordering::Acquire) != NONE;
        let quiet = stopped || jumping || control.paused.load(Ordering::Acquire);
        self.gain = if quiet {
            (self.gain - self.step).max(0.0)
        } else {
            (self.gain + self.step).min(1.0)
        };
        if quiet && self.gain == 0.0 {
            if stopped {
                return None;
            }
            if jumping {
                self.at = control.jump.swap(NONE, Ordering::AcqRel).min(NONE - 1);
                control.position.store(self.at, Ordering::Release);
            }
            return Some([0.0, 0.0]);
        }
        if !self.wrap() {
            return None;
        }
        let Some([left, right]) = self.pcm.frame(self.at) else {
            // The bytes have not come yet: silence, and a ramp up when they have.
            self.gain = 0.0;
            self.control.starving.store(true, Ordering::Release);
            return Some([0.0, 0.0]);
        };
        let control = &self.control;
        control.starving.store(false, Ordering::Relaxed);
        control.started.store(true, Ordering::Release);
        let wanted = f32::from_bits(control.volume.load(Ordering::Relaxed));
        self.loudness += (wanted - self.loudness).clamp(-self.step, self.step);
        self.at += 1;
        if !jumping {
            control.position.store(self.at, Ordering::Release);
        }
        let scale = self.gain * self.loudness / 32768.0;
        Some([f32::from(left) * scale, f32::from(right) * scale])
    }

    /// At the end of the loop or of the preview: back to its start, or out. `false` when it has ended.
    fn wrap(&mut self) -> bool {
        let control = &self.control;
        let repeat = control.repeat.load(Ordering::Acquire);
        let out = control.loop_out.load(Ordering::Acquire);
        let at_end = self.pcm.ended() && self.at >= self.pcm.frames();
        if repeat && (at_end || self.at >= out) {
            self.at = control.loop_in.load(Ordering::Acquire);
            self.gain = 0.0;
            // A loop that starts behind the end of the preview has nothing to play.
            return !(self.pcm.ended() && self.at >= self.pcm.frames());
        }
        if at_end {
            control.ended.store(true, Ordering::Release);
        }
        !at_end
    }
}

impl Iterator for Voice {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        if let Some(right) = self.right.take() {
            return Some(right);
        }
        let [left, right] = self.frame()?;
        self.right = Some(right);
        Some(left)
    }
}

#[cfg(feature = "audio")]
impl rodio::Source for Voice {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        rodio::nz!(2)
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        rodio::SampleRate::new(self.rate).unwrap_or(rodio::nz!(48_000))
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

/// How long a ramp may take until silence, generously.
pub(super) const FADE: Duration = Duration::from_millis(30);

#[cfg(test)]
mod tests {
    use super::super::pcm::Writer;
    use super::*;

    const RATE: u32 = 48_000;

    fn voice(frames: usize, value: i16) -> (Voice, Arc<Control>) {
        let pcm = Arc::new(Pcm::new());
        let mut writer = Writer::new(pcm.clone());
        writer.set_rate(RATE);
        (0..frames).for_each(|_| drop(writer.push([value, value])));
        writer.end(None);
        let control = Arc::new(Control::new(Arc::new(AtomicU32::new(1.0f32.to_bits()))));
        (Voice::new(pcm, control.clone()), control)
    }

    fn largest_step(samples: &[f32]) -> f32 {
        samples
            .iter()
            .step_by(2)
            .zip(samples.iter().step_by(2).skip(1))
            .map(|(a, b)| (b - a).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn it_starts_stops_and_jumps_without_a_click() {
        let (mut voice, control) = voice(RATE as usize, 16_000);
        let mut heard: Vec<f32> = voice.by_ref().take(4000).collect();
        control.jump(30_000);
        heard.extend(voice.by_ref().take(4000));
        control.pause(true);
        heard.extend(voice.by_ref().take(2000));
        assert_eq!(heard.last(), Some(&0.0));
        control.pause(false);
        heard.extend(voice.by_ref().take(4000));
        control.stop();
        heard.extend(voice);
        assert!(largest_step(&heard) < 0.01, "{}", largest_step(&heard));
        assert!(heard.iter().any(|sample| *sample > 0.48));
    }

    #[test]
    fn it_ends_at_the_end_and_goes_round_when_repeating() {
        let (voice, control) = voice(3000, 1000);
        assert_eq!(voice.count(), 6000);
        assert!(control.ended());
        let (mut voice, control) = super::tests::voice(3000, 1000);
        control.repeat(true);
        control.set_loop(Some(1000), Some(2000));
        assert_eq!(voice.by_ref().take(20_000).count(), 20_000);
        assert!((1000..=2000).contains(&control.position()) && !control.ended());
    }

    #[test]
    fn what_is_not_here_yet_is_silence_and_not_the_end() {
        let pcm = Arc::new(Pcm::new());
        let mut writer = Writer::new(pcm.clone());
        writer.set_rate(RATE);
        let control = Arc::new(Control::new(Arc::new(AtomicU32::new(1.0f32.to_bits()))));
        let mut voice = Voice::new(pcm, control.clone());
        assert_eq!(voice.next(), Some(0.0));
        assert!(control.starving() && !control.started());
        (0..2048).for_each(|_| drop(writer.push([9000, 9000])));
        assert!(voice.by_ref().take(1000).any(|sample| sample > 0.0));
        assert!(!control.starving() && control.started());
    }
}
