//! The device: opened when something plays, let go some time after, and taken up again when it was lost.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::super::output::Opening;
use super::super::{DeviceEvent, Event};
use super::Engine;
use crate::text::Clean;

/// An open device costs the processor something for ever; this long after the last sound it is let go.
const RELEASE_AFTER: Duration = Duration::from_secs(2);
/// A device that was open this long is one to rely on.
const STEADY: Duration = Duration::from_secs(1);
/// After a device was lost again at once, it is tried this much later, and twice as late each time, up to the longest.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// How long a voice may take to ramp down at the end of everything, beyond what the device holds.
const LAST_RAMP: Duration = Duration::from_millis(60);
/// How often that is looked at.
const RAMP_WATCH: Duration = Duration::from_millis(2);

impl Engine {
    pub(super) fn release_soon(&mut self) {
        if self.output.is_open() {
            self.release_at = Some(Instant::now() + RELEASE_AFTER);
        }
    }

    pub(super) fn release(&mut self) {
        self.release_at = None;
        self.reopen_at = None;
        if let Some(track) = &mut self.track {
            track.lose_voice();
        }
        if self.output.release() {
            self.tell(Event::Device(DeviceEvent::Released));
        }
    }

    pub(super) fn open_output(&mut self) {
        self.release_at = None;
        match self.output.open() {
            Opening::Already => {}
            Opening::Opened => self.opened(),
            Opening::Silent { why, retry } => self.silent(&why, retry),
        }
    }

    fn opened(&mut self) {
        (self.reopen_at, self.silence, self.opened_at) = (None, None, Some(Instant::now()));
        self.tell(Event::Device(DeviceEvent::Opened));
    }

    fn silent(&mut self, why: &str, retry: bool) {
        self.reopen_at = retry.then(|| Instant::now() + self.backoff);
        self.backoff = (self.backoff * 2).min(LONGEST_BACKOFF);
        if self.silence.as_deref() != Some(why) {
            self.silence = Some(why.to_owned());
            // It becomes a part of other sentences, and some systems end theirs with a full stop.
            let why = Clean::new(why.trim_end_matches('.'));
            self.tell(Event::Device(DeviceEvent::Silent(why.as_str().to_owned())));
        }
    }

    /// The device ran dry. When that happens too often, it is opened anew with a larger buffer.
    pub(super) fn ran_dry(&mut self) {
        // What runs dry in a pause is heard by nobody.
        if self.is_playing()
            && let Some(frames) = self.output.ran_dry(Instant::now())
        {
            if let Some(track) = &mut self.track {
                track.lose_voice();
            }
            // Not waited for: a card can hang.
            self.output.release();
            self.open_output();
            self.play_on();
            tracing::info!(frames, "the audio device has a larger buffer from now on");
            self.tell(Event::Device(DeviceEvent::Widened(frames)));
        }
    }

    /// The device is gone: open it again at once; when that does not last, go on silently and try later.
    pub(super) fn device_lost(&mut self, why: &str) {
        tracing::info!(why, "the audio device is lost");
        if self.opened_at.is_some_and(|at| at.elapsed() >= STEADY) {
            (self.losses, self.backoff) = (0, FIRST_BACKOFF);
        }
        self.losses += 1;
        if let Some(track) = &mut self.track {
            track.lose_voice();
        }
        self.output.abandon();
        if !self.is_playing() {
            self.release_at = None;
            return self.tell(Event::Device(DeviceEvent::Released));
        }
        if self.losses > 1 {
            self.output.go_silent();
            self.silent(why, true);
        } else {
            self.open_output();
        }
        self.play_on();
    }

    pub(super) fn try_again(&mut self, now: Instant) {
        match self.output.retry() {
            Ok(()) => {
                if let Some(track) = &mut self.track {
                    track.lose_voice();
                }
                self.opened();
                self.play_on();
            }
            Err(why) => {
                tracing::debug!(why, "still no audio device");
                self.reopen_at = Some(now + self.backoff);
                self.backoff = (self.backoff * 2).min(LONGEST_BACKOFF);
            }
        }
    }

    /// A voice for the new output, where the old one was.
    fn play_on(&mut self) {
        if let Some(track) = self.track.as_mut().filter(|track| track.awaited.is_none()) {
            let place = track.place();
            track.reposition(place);
        }
    }

    /// Waits until what played has ramped down and the device has sounded that: cut off before, it would click.
    pub(super) fn fade_out(&self) {
        let (Some(going), Some(held)) = (&self.going, self.output.held()) else {
            return;
        };
        let end = Instant::now() + LAST_RAMP + held;
        while !going.over.load(Ordering::Acquire) {
            if Instant::now() >= end {
                return;
            }
            thread::sleep(RAMP_WATCH);
        }
        thread::sleep(held);
    }
}
