//! Silence against a clock: voices advance in real time, nobody hears them.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::audio::source::{CHANNELS, Voice, frames_in};

/// What passes at most at once: after a stall the music does not leap.
const MAX_STEP: Duration = Duration::from_millis(250);

/// Voices, and when they were last moved on.
pub(super) struct Clock {
    voices: Vec<Voice>,
    last: Instant,
    /// Until then they stand: a device is about to come.
    stands_until: Option<Instant>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            voices: Vec::new(),
            last: Instant::now(),
            stands_until: None,
        }
    }

    /// One that stands at first, so that nothing is missed of what the device that comes will sound.
    pub(super) fn standing_until(end: Instant) -> Self {
        Self {
            stands_until: Some(end),
            ..Self::new()
        }
    }

    /// No device comes: time passes from now on.
    #[cfg(feature = "audio")]
    pub(super) fn run(&mut self) {
        self.stands_until = None;
        self.last = Instant::now();
    }

    pub(super) fn add(&mut self, voice: Voice) {
        if self.voices.is_empty() {
            self.last = Instant::now();
        }
        self.voices.push(voice);
    }

    pub(super) fn advance(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.last).min(MAX_STEP);
        self.last = now;
        if self.stands_until.is_some_and(|end| now < end) {
            // What was left meanwhile need not ramp down: nobody has heard it.
            return self.voices.retain(|voice| !voice.shared().leaving.load(Ordering::Relaxed));
        }
        self.stands_until = None;
        self.voices.retain_mut(|voice| {
            let samples = frames_in(passed, voice.rate()) as usize * CHANNELS;
            voice.by_ref().take(samples).count() == samples
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::audio::leveller::Trim;
    use crate::audio::source::{Shared, Volume};

    const RATE: u32 = 8_000;

    /// A voice of a second, and what tells of it.
    fn voice() -> (Voice, Arc<Shared>) {
        let (mut ring, taken) = rtrb::RingBuffer::new(RATE as usize * CHANNELS);
        for _ in 0..RATE as usize * CHANNELS {
            ring.push(0.5).unwrap();
        }
        let shared = Arc::new(Shared::default());
        (
            Voice::new(taken, Arc::clone(&shared), (Volume::new(1.0), Trim::new(0.0)), RATE),
            shared,
        )
    }

    #[test]
    fn while_a_device_is_about_to_come_the_music_waits_for_it_and_then_goes_on_without() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut clock = Clock::standing_until(at(3_000));
        let ((first, gone), (second, kept)) = (voice(), voice());
        clock.add(first);
        clock.add(second);
        gone.leaving.store(true, Ordering::Relaxed);
        for millis in (1_000..=2_900).step_by(100) {
            clock.advance(at(millis));
        }
        assert_eq!((gone.played(), kept.played()), (0, 0));
        assert_eq!(clock.voices.len(), 1, "what was left does not pile up");
        clock.advance(at(3_000));
        assert_eq!(kept.played(), 800, "a tenth of a second, which passed since the last look");
    }

    #[test]
    fn what_passes_during_a_stall_is_not_leapt_over() {
        let mut clock = Clock::new();
        let (voice, shared) = voice();
        clock.add(voice);
        clock.advance(Instant::now() + Duration::from_mins(1));
        assert_eq!(shared.played(), 2_000);
    }
}
