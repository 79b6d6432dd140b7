//! The device: opened when something plays, let go some time after, and taken up again when it was lost.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::super::output::{NO_ANSWER, Opening};
use super::super::source::Shared;
use super::super::track::Track;
use super::super::{DeviceEvent, Event};
use super::{Engine, Phase};
use crate::text::Clean;

/// An open device costs the processor something for ever; this long after the last sound it is let go.
const RELEASE_AFTER: Duration = Duration::from_secs(2);
/// A device that was open this long is one to rely on.
const STEADY: Duration = Duration::from_secs(1);
/// After a device was lost again at once, it is tried this much later, and twice as late each time, up to the longest.
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// Who moves, seeks or goes on listens just now: then a device is tried before its turn, unless it was tried this short a time ago.
const TRIED_JUST_NOW: Duration = Duration::from_secs(1);
/// A device that takes no sound for so long, beyond what it holds, hangs.
const HANGS: Duration = Duration::from_secs(2);
/// It is looked at more often than this while it plays. What passes beyond that between two looks, this program was stopped.
const LOOK: Duration = Duration::from_millis(250);
/// How long a voice may take to ramp down at the end of everything, beyond what the device holds.
const LAST_RAMP: Duration = Duration::from_millis(60);
/// How often that is looked at.
const RAMP_WATCH: Duration = Duration::from_millis(2);

/// How the device has fared.
pub(super) struct Health {
    /// When it is tried again.
    reopen_at: Option<Instant>,
    /// How much later after the next failure.
    backoff: Duration,
    /// When it was tried last.
    tried_at: Option<Instant>,
    /// When one that is on its way is said not to answer.
    answer_by: Option<Instant>,
    opened_at: Option<Instant>,
    /// How often it was lost without having been steady in between.
    losses: u32,
    /// The reason for silence that was told last.
    silence: Option<String>,
    /// How often it ran dry while something played.
    underruns: u32,
    standstill: Standstill,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            reopen_at: None,
            backoff: FIRST_BACKOFF,
            tried_at: None,
            answer_by: None,
            opened_at: None,
            losses: 0,
            silence: None,
            underruns: 0,
            standstill: Standstill::default(),
        }
    }
}

impl Health {
    /// When it has to be looked after, while something plays.
    pub(super) fn due(&self) -> Option<Instant> {
        self.reopen_at.into_iter().chain(self.answer_by).min()
    }

    /// Its time is over. If it was steady, what was before is forgotten; that it hung for this long at the end does not count.
    fn ended(&mut self, hung: Duration) {
        if self.opened_at.take().is_some_and(|at| at.elapsed() >= STEADY + hung) {
            (self.losses, self.backoff) = (0, FIRST_BACKOFF);
        }
    }
}

/// How long a device has taken no sound although there was some. A server that hangs says nothing of it.
#[derive(Default)]
struct Standstill {
    /// Frames that it had taken at the last look.
    taken: u64,
    looked_at: Option<Instant>,
    still: Duration,
}

impl Standstill {
    /// Looks at how many frames it has taken by now; `None` where it is given none.
    fn look(&mut self, now: Instant, taken: Option<u64>) -> Duration {
        let before = self.looked_at.replace(now);
        match taken {
            Some(taken) if taken == self.taken => {
                let passed = before.map_or(Duration::ZERO, |before| now.saturating_duration_since(before));
                self.still += passed.min(LOOK);
            }
            _ => self.still = Duration::ZERO,
        }
        self.taken = taken.unwrap_or(0);
        self.still
    }
}

/// Frames that the device has taken of what plays; `None` where it has nothing to take.
fn taken(track: &Track) -> Option<u64> {
    let gives = |shared: &&Shared| {
        let waits = shared.starved.load(Ordering::Relaxed) || shared.over.load(Ordering::Acquire);
        !waits && track.phase == Phase::Playing
    };
    track.voice().filter(gives).map(Shared::played)
}

impl Engine {
    pub(super) fn release_soon(&mut self) {
        if self.output.is_open() {
            self.release_at = Some(Instant::now() + RELEASE_AFTER);
        }
    }

    pub(super) fn release(&mut self) {
        self.release_at = None;
        (self.health.reopen_at, self.health.answer_by) = (None, None);
        self.health.ended(Duration::ZERO);
        self.lose_voice();
        if self.output.release() {
            self.tell(Event::Device(DeviceEvent::Released));
        }
    }

    pub(super) fn open_output(&mut self) {
        self.release_at = None;
        match self.output.open() {
            Opening::Already => self.try_sooner(),
            Opening::Opened => self.opened(),
            Opening::Awaited { due } => self.await_device(due),
            Opening::Silent { why, retry } => self.silent(&why, retry),
        }
    }

    fn opened(&mut self) {
        let now = Some(Instant::now());
        let health = &mut self.health;
        (health.reopen_at, health.answer_by, health.silence) = (None, None, None);
        (health.tried_at, health.opened_at) = (now, now);
        health.standstill = Standstill::default();
        self.tell(Event::Device(DeviceEvent::Opened));
    }

    /// The device is on its way; what plays waits for it or is silent.
    fn await_device(&mut self, due: Instant) {
        let health = &mut self.health;
        (health.reopen_at, health.tried_at) = (None, Some(Instant::now()));
        // Where another reason was told, that one stays until there is an answer.
        health.answer_by = health.silence.is_none().then_some(due);
    }

    fn silent(&mut self, why: &str, retry: bool) {
        let now = Instant::now();
        let health = &mut self.health;
        health.reopen_at = retry.then(|| now + health.backoff);
        (health.tried_at, health.answer_by) = (Some(now), None);
        if retry {
            health.backoff = (health.backoff * 2).min(LONGEST_BACKOFF);
        }
        if health.silence.as_deref() != Some(why) {
            health.silence = Some(why.to_owned());
            // It becomes a part of other sentences, and some systems end theirs with a full stop.
            let why = Clean::new(why.trim_end_matches('.'));
            self.tell(Event::Device(DeviceEvent::Silent(why.as_str().to_owned())));
        }
    }

    /// The device ran dry. When that happens too often, it is opened anew with a larger buffer.
    pub(super) fn ran_dry(&mut self) {
        // What runs dry in a pause is heard by nobody.
        if !self.is_playing() {
            return;
        }
        self.health.underruns += 1;
        self.tell(Event::Device(DeviceEvent::RanDry(self.health.underruns)));
        if let Some(frames) = self.output.ran_dry(Instant::now()) {
            self.lose_voice();
            self.health.ended(Duration::ZERO);
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
        self.health.ended(Duration::ZERO);
        self.health.losses += 1;
        self.lose_voice();
        self.output.abandon();
        if !self.is_playing() {
            self.release_at = None;
            return self.tell(Event::Device(DeviceEvent::Released));
        }
        if self.health.losses > 1 {
            self.output.go_silent();
            self.silent(why, true);
        } else {
            self.open_output();
        }
        self.play_on();
    }

    /// Does for the device what is due, and sees whether it still takes sound.
    pub(super) fn look_after_device(&mut self, now: Instant) {
        if !self.is_playing() {
            return;
        }
        if self.health.answer_by.is_some_and(|at| now >= at) {
            // It is not tried again before it has answered.
            self.silent(NO_ANSWER, false);
        }
        if self.health.reopen_at.is_some_and(|at| now >= at) {
            self.try_again();
        }
        let taken = self.track.as_ref().filter(|_| self.output.sounds()).and_then(taken);
        let held = self.output.held().unwrap_or_default();
        let still = self.health.standstill.look(now, taken);
        if still >= HANGS + held {
            self.device_hangs(still);
        }
    }

    /// The device takes nothing any more, and nobody says why: go on silently, and try it later.
    fn device_hangs(&mut self, still: Duration) {
        tracing::info!(?still, "the audio device takes no sound");
        self.health.ended(still);
        self.lose_voice();
        self.output.abandon();
        self.output.go_silent();
        self.silent(NO_ANSWER, true);
        self.play_on();
    }

    /// Somebody listens just now: a device that is to be tried later is tried at once.
    pub(super) fn try_sooner(&mut self) {
        let just_now = self.health.tried_at.is_some_and(|at| at.elapsed() < TRIED_JUST_NOW);
        if self.health.reopen_at.is_some() && !just_now && self.is_playing() {
            self.try_again();
        }
    }

    fn try_again(&mut self) {
        match self.output.retry() {
            Opening::Opened => self.arrived(),
            Opening::Awaited { due } => self.await_device(due),
            Opening::Silent { why, retry } => self.silent(&why, retry),
            Opening::Already => {}
        }
    }

    /// What came of a device that was on its way.
    pub(super) fn answered(&mut self, opening: u64) {
        match self.output.answered(opening) {
            Some(Ok(())) => self.arrived(),
            Some(Err(why)) => self.silent(&why, true),
            None => {}
        }
    }

    /// The device is open in place of silence.
    fn arrived(&mut self) {
        self.lose_voice();
        self.opened();
        // In a pause, or at the end, going on asks for a voice.
        if self.is_playing() {
            self.play_on();
        }
    }

    fn lose_voice(&mut self) {
        if let Some(track) = &mut self.track {
            track.lose_voice();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// How long it stands still after looks that are so many milliseconds apart, at what it has taken by then.
    fn after(looks: &[(u64, Option<u64>)]) -> Duration {
        let (mut now, mut standstill) = (Instant::now(), Standstill::default());
        let mut still = Duration::ZERO;
        for (passed, taken) in looks {
            now += Duration::from_millis(*passed);
            still = standstill.look(now, *taken);
        }
        still
    }

    #[test]
    fn a_device_stands_still_only_as_long_as_it_takes_nothing_of_what_there_is() {
        let stands = [(100, Some(4_410)); 31];
        assert_eq!(after(&stands), Duration::from_secs(3));
        let moves: Vec<(u64, Option<u64>)> = (0..100).map(|look| (100, Some(look * 4_410))).collect();
        assert_eq!(after(&moves), Duration::ZERO);
        // Once in two seconds, as one with a very large buffer does.
        let slowly: Vec<(u64, Option<u64>)> = (1..100).map(|look| (100, Some(look / 20 * 88_200))).collect();
        assert!(after(&slowly) < Duration::from_secs(2));
        // Paused or gathering more of the preview, it is given nothing.
        assert_eq!(after(&[(100, None); 100]), Duration::ZERO);
        let gathers = [vec![(100, Some(7)); 15], vec![(100, None); 50], vec![(100, Some(7)); 15]].concat();
        assert!(after(&gathers) < Duration::from_millis(1_500));
        // This program was stopped for a minute.
        assert!(after(&[(100, Some(7)), (100, Some(7)), (60_000, Some(7))]) <= LOOK * 2);
    }

    #[test]
    fn only_a_steady_device_makes_what_was_before_forgotten() {
        let health = |open_for: Option<Duration>| Health {
            backoff: LONGEST_BACKOFF,
            losses: 3,
            opened_at: open_for.and_then(|open_for| Instant::now().checked_sub(open_for)),
            ..Health::default()
        };
        for (open_for, hung, left) in [
            (None, 0, (3, LONGEST_BACKOFF)),
            (Some(STEADY / 2), 0, (3, LONGEST_BACKOFF)),
            (Some(STEADY * 2), 0, (0, FIRST_BACKOFF)),
            (Some(STEADY * 2), 2, (3, LONGEST_BACKOFF)),
            (Some(STEADY * 4), 2, (0, FIRST_BACKOFF)),
        ] {
            let mut health = health(open_for);
            health.ended(Duration::from_secs(hung));
            assert_eq!((health.losses, health.backoff), left, "open for {open_for:?}, hung for {hung} s");
            assert_eq!(health.opened_at, None);
        }
    }
}
