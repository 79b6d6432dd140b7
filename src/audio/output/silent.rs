//! Silence against a clock: voices advance in real time, nobody hears them.

use std::time::{Duration, Instant};

use crate::audio::source::{CHANNELS, Voice, frames_in};

/// What passes at most at once: after a stall the music does not leap.
const MAX_STEP: Duration = Duration::from_millis(250);

/// Voices, and when they were last moved on.
pub(super) struct Clock {
    voices: Vec<Voice>,
    last: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            voices: Vec::new(),
            last: Instant::now(),
        }
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
        self.voices.retain_mut(|voice| {
            let samples = frames_in(passed, voice.rate()) as usize * CHANNELS;
            voice.by_ref().take(samples).count() == samples
        });
    }
}
