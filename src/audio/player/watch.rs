//! What is noticed while a track plays: its first sound, that it waits and goes on, where it is, its end.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::super::Event;
use super::{Engine, PATIENCE, Phase};

/// How often the place is told.
const POSITION_EVERY: Duration = Duration::from_millis(100);
/// How much music is gathered before what ran dry goes on; each time twice as much, up to the most.
const GATHER: Duration = Duration::from_secs(2);
const GATHER_MOST: Duration = Duration::from_secs(8);

impl Engine {
    /// Looks at the track, and tells what is new.
    pub(super) fn watch_track(&mut self, now: Instant) {
        let Some(track) = self.track.as_mut().filter(|track| track.phase == Phase::Playing) else {
            return;
        };
        let ticket = track.ticket;
        let Some(shared) = track.voice() else {
            let late = track.awaited.is_some_and(|since| now.duration_since(since) >= PATIENCE);
            if late && track.started && !track.buffering {
                track.buffering = true;
                self.tell(Event::Buffering(ticket));
            }
            return;
        };
        let (over, sounded, starved) = (
            shared.over.load(Ordering::Acquire),
            track.has_sounded(),
            shared.starved.load(Ordering::Relaxed),
        );
        if sounded && !track.started {
            track.started = true;
            self.next_position = now;
            return self.tell_then_watch(Event::Started(ticket), now);
        }
        if over {
            return self.finish();
        }
        if track.started && starved != track.buffering && (starved || sounded) {
            track.buffering = starved;
            if starved {
                track.stalls += 1;
                track.hold(track.ahead().is_some_and(|ahead| ahead < gather(track.stalls)));
            }
            return self.tell(if starved {
                Event::Buffering(ticket)
            } else {
                Event::Resumed(ticket)
            });
        }
        if starved && track.ahead().is_none_or(|ahead| ahead >= gather(track.stalls)) {
            track.hold(false);
        }
        if track.started && now >= self.next_position {
            // Also while it starves: what is due in the past would be looked at without a pause.
            self.next_position = now + POSITION_EVERY;
            if !starved {
                let place = track.place();
                self.tell(Event::Position(ticket, place));
            }
        }
    }

    fn tell_then_watch(&mut self, event: Event, now: Instant) {
        self.tell(event);
        self.watch_track(now);
    }

    /// The last sample was played.
    fn finish(&mut self) {
        let Some(track) = &mut self.track else { return };
        let (ticket, seconds) = (track.ticket, track.place().as_secs());
        match track.bytes.broken() {
            Some(why) if seconds == 0 => self.fail(&why),
            Some(_) => self.fail(&format!("the preview stopped after {seconds} s")),
            None => {
                track.set_phase(Phase::Ended);
                track.lose_voice();
                self.release_soon();
                self.tell(Event::Ended(ticket));
            }
        }
    }
}

/// How much music is gathered after it ran dry so many times.
fn gather(stalls: u32) -> Duration {
    GATHER.saturating_mul(1 << stalls.saturating_sub(1).min(4)).min(GATHER_MOST)
}
