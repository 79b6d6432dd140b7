//! A voice: what an output plays. It only takes samples from a ring; it never waits, decodes or touches the network.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rtrb::Consumer;

use super::leveller::{Leveller, Trim};

/// -60 dBFS: what is quieter is silence.
pub(super) const SILENCE: f32 = 0.001;
/// Every voice has two channels, interleaved.
pub(super) const CHANNELS: usize = 2;
/// How long a full ramp takes, in seconds: long enough not to click, short enough not to be noticed.
pub(super) const RAMP: f32 = 0.008;
/// How much of a second must be there again before a voice that ran dry goes on, so that it does not stutter.
const REFILL: f32 = 0.2;

/// What a voice, its decoder and the player share.
#[derive(Default)]
pub(super) struct Shared {
    /// Frames given to the output.
    played: AtomicU64,
    /// Frames put into the ring.
    pushed: AtomicU64,
    /// From which ring frame on the music is from which preview frame. Not touched by the audio callback.
    marks: Mutex<VecDeque<(u64, u64)>>,
    /// Ramp to silence and hold.
    pub(super) paused: AtomicBool,
    /// Ramp to silence and go.
    pub(super) leaving: AtomicBool,
    /// Nothing more will be put into the ring.
    pub(super) finished: AtomicBool,
    /// Ran dry and waits.
    pub(super) starved: AtomicBool,
    /// Having run dry, it waits for more than usual.
    pub(super) held: AtomicBool,
    /// The last sample was given out.
    pub(super) over: AtomicBool,
}

impl Shared {
    /// From the next frame that is pushed on, the music comes from this frame of the preview.
    pub(super) fn mark(&self, preview_frame: u64) {
        let at = self.pushed.load(Ordering::Relaxed);
        self.marks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back((at, preview_frame));
    }

    pub(super) fn add_pushed(&self, frames: u64) {
        self.pushed.fetch_add(frames, Ordering::Release);
    }

    /// Frames given to the output so far.
    pub(super) fn played(&self) -> u64 {
        self.played.load(Ordering::Relaxed)
    }

    /// The preview frame that is heard now.
    pub(super) fn frame(&self) -> u64 {
        let played = self.played.load(Ordering::Relaxed);
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        while marks.get(1).is_some_and(|&(at, _)| at <= played) {
            marks.pop_front();
        }
        marks.front().map_or(0, |&(at, frame)| frame + played.saturating_sub(at))
    }

    /// The preview frame that will be pushed next, and whether the music jumps (a loop) between the one that is heard and that one.
    pub(super) fn ahead(&self) -> (u64, bool) {
        let pushed = self.pushed.load(Ordering::Acquire);
        let played = self.played.load(Ordering::Relaxed);
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let head = marks.back().map_or(0, |&(at, frame)| frame + pushed.saturating_sub(at));
        (head, marks.iter().skip(1).any(|&(at, _)| at > played))
    }
}

/// The loudness that all voices follow, 0.0 to 1.0 of full amplitude.
#[derive(Clone)]
pub(super) struct Volume(Arc<AtomicU32>);

impl Volume {
    pub(super) fn new(level: f32) -> Self {
        Self(Arc::new(AtomicU32::new(level.to_bits())))
    }

    pub(super) fn set(&self, level: f32) {
        if level.is_finite() {
            self.0.store(level.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
        }
    }

    fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// Interleaved stereo samples for an output.
pub(super) struct Voice {
    ring: Consumer<f32>,
    shared: Arc<Shared>,
    volume: Volume,
    leveller: Leveller,
    rate: u32,
    /// Follows the volume, or zero, by at most `step` a frame.
    gain: f32,
    step: f32,
    /// What was given out last, fading: it bridges the way to silence when the ring is empty.
    tail: [f32; CHANNELS],
    tail_gain: f32,
    right: Option<f32>,
}

impl Voice {
    pub(super) fn new(ring: Consumer<f32>, shared: Arc<Shared>, (volume, trim): (Volume, Trim), rate: u32) -> Self {
        let step = 1.0 / (RAMP * rate as f32);
        Self {
            ring,
            shared,
            volume,
            leveller: Leveller::new(trim, rate),
            rate,
            gain: 0.0,
            step,
            tail: [0.0; CHANNELS],
            tail_gain: 0.0,
            right: None,
        }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Frames a second.
    pub(super) fn rate(&self) -> u32 {
        self.rate
    }

    /// Whether its ring holds as much as it can.
    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.ring.slots() + CHANNELS > self.ring.buffer().capacity()
    }

    fn frame(&mut self) -> Option<[f32; CHANNELS]> {
        let leaving = self.shared.leaving.load(Ordering::Relaxed);
        let holding = leaving || self.shared.paused.load(Ordering::Relaxed);
        let target = if holding { 0.0 } else { self.volume.get() };
        self.gain += (target - self.gain).clamp(-self.step, self.step);
        if holding && self.gain <= 0.0 {
            self.tail_gain = 0.0;
            return if leaving { self.end() } else { Some([0.0; CHANNELS]) };
        }
        // Read before the ring: what was pushed before this was set is seen below.
        let finished = self.shared.finished.load(Ordering::Acquire);
        if self.shared.starved.load(Ordering::Relaxed) {
            let held = self.shared.held.load(Ordering::Relaxed);
            if !finished && (held || self.ring.slots() < (REFILL * self.rate as f32) as usize * CHANNELS) {
                return Some(self.fade());
            }
            self.shared.starved.store(false, Ordering::Relaxed);
            self.gain = 0.0;
        }
        if self.ring.slots() < CHANNELS {
            if finished && self.tail_gain <= 0.0 {
                return self.end();
            }
            self.shared.starved.store(!finished, Ordering::Relaxed);
            return Some(self.fade());
        }
        let gain = self.leveller.next(&mut self.ring) * self.gain;
        let mut frame = [0.0; CHANNELS];
        for sample in &mut frame {
            *sample = self.ring.pop().unwrap_or_default() * gain;
        }
        self.shared.played.fetch_add(1, Ordering::Relaxed);
        self.tail = frame;
        self.tail_gain = 1.0;
        Some(frame)
    }

    /// From the last sample to silence without a click.
    fn fade(&mut self) -> [f32; CHANNELS] {
        self.tail_gain = (self.tail_gain - self.step).max(0.0);
        self.tail.map(|sample| sample * self.tail_gain)
    }

    fn end(&self) -> Option<[f32; CHANNELS]> {
        self.shared.over.store(true, Ordering::Release);
        None
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
        const { std::num::NonZero::new(CHANNELS as u16).unwrap() }
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        std::num::NonZero::new(self.rate).unwrap_or(const { std::num::NonZero::new(44_100).unwrap() })
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

/// Frames as time.
pub(super) fn time_of(frame: u64, rate: u32) -> Duration {
    let rate = u64::from(rate.max(1));
    Duration::from_secs(frame / rate) + Duration::from_nanos(frame % rate * 1_000_000_000 / rate)
}

/// Time as frames.
pub(super) fn frames_in(time: Duration, rate: u32) -> u64 {
    u64::try_from(time.as_nanos() * u128::from(rate) / 1_000_000_000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8_000;

    fn voice(samples: usize) -> (rtrb::Producer<f32>, Voice, Arc<Shared>) {
        let (mut producer, consumer) = rtrb::RingBuffer::new(RATE as usize);
        for _ in 0..samples {
            producer.push(0.5).unwrap();
        }
        let shared = Arc::new(Shared::default());
        shared.mark(100);
        shared.add_pushed(samples as u64 / 2);
        (
            producer,
            Voice::new(consumer, Arc::clone(&shared), (Volume::new(1.0), Trim::new(0.0)), RATE),
            shared,
        )
    }

    fn largest_step(out: &[f32]) -> f32 {
        out.chunks(2)
            .map(|frame| frame[0])
            .collect::<Vec<_>>()
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    }

    #[test]
    fn it_ramps_in_runs_dry_softly_and_waits() {
        let (mut producer, mut voice, shared) = voice(400);
        let out: Vec<f32> = voice.by_ref().take(800).collect();
        assert!(largest_step(&out) <= 0.5 / (RAMP * RATE as f32) + 1e-6, "{}", largest_step(&out));
        assert!(out[799].abs() < 1e-6 && shared.starved.load(Ordering::Relaxed));
        assert_eq!(shared.frame(), 300, "silence does not count as music");
        producer.push(0.5).unwrap();
        producer.push(0.5).unwrap();
        assert_eq!(voice.next(), Some(0.0), "a single frame is not enough to go on");
        shared.finished.store(true, Ordering::Release);
        assert_eq!(voice.by_ref().skip(1).count() % 2, 0);
        assert!(shared.over.load(Ordering::Relaxed));
        assert_eq!(shared.frame(), 301);
    }

    #[test]
    fn held_after_running_dry_it_waits_for_more() {
        let (mut producer, mut voice, shared) = voice(2);
        voice.by_ref().take(400).count();
        assert!(shared.starved.load(Ordering::Relaxed));
        shared.held.store(true, Ordering::Relaxed);
        for _ in 0..RATE / 2 {
            producer.push(0.5).unwrap();
        }
        assert!(voice.by_ref().take(400).all(|sample| sample == 0.0));
        shared.held.store(false, Ordering::Relaxed);
        assert!(voice.by_ref().take(400).any(|sample| sample > 0.4));
    }

    #[test]
    fn pausing_holds_the_place_and_leaving_ends() {
        let (_producer, mut voice, shared) = voice(4_000);
        voice.by_ref().take(400).count();
        shared.paused.store(true, Ordering::Relaxed);
        let out: Vec<f32> = voice.by_ref().take(400).collect();
        let held = shared.frame();
        assert!(out[399].abs() < 1e-6 && largest_step(&out) < 0.01);
        voice.by_ref().take(400).count();
        assert_eq!(shared.frame(), held);
        shared.paused.store(false, Ordering::Relaxed);
        voice.by_ref().take(400).count();
        assert!(shared.frame() > held);
        shared.leaving.store(true, Ordering::Relaxed);
        assert!(voice.count() <= 2 * (RAMP * RATE as f32) as usize + 2);
        assert!(shared.over.load(Ordering::Relaxed));
    }

    #[test]
    fn a_jump_in_the_music_shows_in_the_place() {
        let (_producer, mut voice, shared) = voice(400);
        shared.mark(10);
        assert_eq!(shared.ahead(), (10, true));
        voice.by_ref().take(398).count();
        assert_eq!(shared.frame(), 299);
        voice.by_ref().take(2).count();
        assert_eq!((shared.frame(), shared.ahead()), (10, (10, false)));
    }
}
