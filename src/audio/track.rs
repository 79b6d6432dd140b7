//! The preview that plays, as the player's thread sees it: its decoder, its scan, its current voice, its place.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::buffer::{Growing, Interrupt};
use super::head::Head;
use super::leveller::Trim;
use super::player::Message;
use super::scan::Scan;
use super::source::{Shared, Voice, Volume, frames_in};
use super::worker::{Order, Worker, Wrap, place};
use super::{Analysis, Ticket};
use crate::clip::Features;

/// More music than most decoders have in hand while they wait for room in the ring; of a longer packet the worker itself notices that its end has gone.
const IN_HAND: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Playing,
    Paused,
    Ended,
}

pub(super) struct Track {
    pub(super) ticket: Ticket,
    pub(super) url: String,
    pub(super) bytes: Arc<Growing>,
    pub(super) phase: Phase,
    /// Its first sound was told.
    pub(super) started: bool,
    /// Its waiting was told.
    pub(super) buffering: bool,
    /// How often it had to wait.
    pub(super) stalls: u32,
    /// The length of the whole, once it is known or guessed.
    pub(super) length: Option<Duration>,
    /// Since when a voice is on its way.
    pub(super) awaited: Option<Instant>,
    /// What it was found to be, once that is known.
    pub(super) analysis: Option<Arc<Analysis>>,
    /// Its loudness in LUFS as far as it was listened to, while nobody knows that of the whole.
    pub(super) estimate: Option<f32>,
    /// Its features are wanted, when all of it was listened to.
    pub(super) wants_features: bool,
    pub(super) features: Option<Arc<Features>>,
    /// Its scan has come to its end.
    pub(super) scan_over: bool,
    /// What its loudness is evened by.
    pub(super) trim: Trim,
    /// Where its decoder goes at the end, as far as it was told.
    wrap: Wrap,
    orders: Sender<Order>,
    interrupt: Arc<Interrupt>,
    scan: Option<Arc<Interrupt>>,
    voice: Option<(Arc<Shared>, u32)>,
    /// Frames of the voice that the output took while it was handed over, heard by nobody yet.
    primed: u64,
    /// The voice before, ramping down or gone.
    going: Option<Arc<Shared>>,
    /// The voice that counts; older ones are stale.
    number: u64,
    /// The place while there is no voice.
    held: Duration,
}

impl Track {
    /// Starts the decoder's thread.
    pub(super) fn start(
        (ticket, url, bytes): (Ticket, String, Arc<Growing>),
        head: Option<Head>,
        from: Duration,
        wrap: Wrap,
        (volume, trim): (&Volume, Trim),
        messages: &Sender<Message>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (orders, received) = mpsc::channel();
        // What was decoded ahead looks at an interrupt already.
        let interrupt = head.as_ref().map_or_else(Arc::default, |head| Arc::clone(&head.interrupt));
        let worker = Worker {
            ticket,
            bytes: Arc::clone(&bytes),
            interrupt: Arc::clone(&interrupt),
            orders: received,
            messages: messages.clone(),
            volume: volume.clone(),
            trim: trim.clone(),
            wrap: wrap.sane(),
            paused: false,
            head,
        };
        let thread = thread::Builder::new().name("preview-decode".into()).spawn(move || worker.run())?;
        let mut track = Self {
            ticket,
            url,
            bytes,
            phase: Phase::Playing,
            started: false,
            buffering: false,
            stalls: 0,
            length: None,
            awaited: None,
            analysis: None,
            estimate: None,
            wants_features: false,
            features: None,
            scan_over: false,
            trim,
            wrap: wrap.sane(),
            orders,
            interrupt,
            scan: None,
            voice: None,
            primed: 0,
            going: None,
            number: 0,
            held: Duration::ZERO,
        };
        track.reposition(from);
        Ok((track, thread))
    }

    /// Starts the scan's thread, once.
    pub(super) fn scan(&mut self, messages: &Sender<Message>) -> Option<JoinHandle<()>> {
        if self.scan.is_some() {
            return None;
        }
        let interrupt = self.scan.insert(Arc::default());
        let scan = Scan {
            url: self.url.clone(),
            ticket: Some(self.ticket),
            bytes: Arc::clone(&self.bytes),
            interrupt: Arc::clone(interrupt),
            messages: messages.clone(),
        };
        thread::Builder::new().name("preview-scan".into()).spawn(move || scan.run()).ok()
    }

    /// Lets the current voice ramp down and asks for one that begins at this place.
    pub(super) fn reposition(&mut self, to: Duration) {
        self.let_go();
        self.number += 1;
        self.held = to;
        self.awaited = Some(Instant::now());
        self.interrupt.want(self.number);
        self.bytes.wake();
        let _ = self.orders.send(Order::From {
            number: self.number,
            place: to,
        });
    }

    /// Takes a voice, unless it is stale.
    pub(super) fn accept(&mut self, number: u64, voice: &Voice) -> bool {
        if number != self.number {
            return false;
        }
        let shared = Arc::clone(voice.shared());
        shared.paused.store(self.phase == Phase::Paused, Ordering::Relaxed);
        self.voice = Some((shared, voice.rate()));
        self.awaited = None;
        true
    }

    /// The voice is with the output now. To convert its rate, a mixer takes some frames before any device has asked for one.
    pub(super) fn handed_over(&mut self) {
        self.primed = self.voice().map_or(0, Shared::played);
    }

    /// Whether a device took anything of the voice, or all there was of it.
    pub(super) fn has_sounded(&self) -> bool {
        self.voice().is_some_and(|shared| {
            // Before the frames: when it is over, all of them were counted.
            let over = shared.over.load(Ordering::Acquire);
            let played = shared.played();
            played > self.primed || (over && played > 0)
        })
    }

    /// The output is gone, and the voice with it.
    pub(super) fn lose_voice(&mut self) {
        self.held = self.place();
        self.voice = None;
    }

    pub(super) fn voice(&self) -> Option<&Shared> {
        self.voice.as_ref().map(|(shared, _)| &**shared)
    }

    /// Where it is, in preview time.
    pub(super) fn place(&self) -> Duration {
        self.voice.as_ref().map_or(self.held, |(shared, rate)| place(shared, *rate))
    }

    /// How much music is here beyond what is heard, as far as that can be told: all the rest, once the bytes have ended.
    pub(super) fn ahead(&self) -> Option<Duration> {
        if self.bytes.has_ended() {
            return Some(Duration::MAX);
        }
        let (total, length) = (self.bytes.expected().filter(|total| *total > 0)?, self.length?);
        let here = length.mul_f64(self.bytes.len() as f64 / total as f64);
        Some(here.saturating_sub(self.place()))
    }

    /// Whether a voice that ran dry waits for more than usual.
    pub(super) fn hold(&self, hold: bool) {
        if let Some(shared) = self.voice() {
            shared.held.store(hold, Ordering::Relaxed);
        }
    }

    pub(super) fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        if let Some(shared) = self.voice() {
            shared.paused.store(phase == Phase::Paused, Ordering::Relaxed);
        }
        let _ = self.orders.send(Order::Paused(phase != Phase::Playing));
    }

    /// Changes repeat and loop. What was decoded ahead by the old ones is thrown away.
    pub(super) fn set_wrap(&mut self, wrap: Wrap) {
        let wrap = wrap.sane();
        let old = std::mem::replace(&mut self.wrap, wrap);
        let _ = self.orders.send(Order::Wrap(wrap));
        let Some((shared, rate)) = self.voice.as_ref().filter(|_| self.phase != Phase::Ended) else {
            return;
        };
        let (head, jumps) = shared.ahead();
        let here = self.place();
        let end = wrap.end.filter(|_| wrap.again());
        // What the decoder has in hand may have been cut at the old end already, without a sign of it in the ring.
        let near = |old_end| here < old_end && frames_in(old_end, *rate) <= head + frames_in(IN_HAND, *rate);
        let cut = old.end != wrap.end && old.end.is_some_and(near);
        if end.is_some_and(|end| here >= end) {
            self.reposition(wrap.start.unwrap_or_default());
        } else if jumps
            || cut
            || old.fades != wrap.fades
            || shared.finished.load(Ordering::Relaxed)
            || wrap.end.is_some_and(|end| frames_in(end, *rate) < head)
        {
            self.reposition(here);
        }
    }

    /// Ramps down and stops the threads. Gives the voice that ramps down.
    pub(super) fn leave(mut self) -> Option<Arc<Shared>> {
        self.let_go();
        self.interrupt.want(Interrupt::STOP);
        if let Some(listening) = &self.scan {
            listening.want(Interrupt::STOP);
        }
        self.bytes.wake();
        self.going
    }

    fn let_go(&mut self) {
        if let Some((shared, _)) = self.voice.take() {
            shared.leaving.store(true, Ordering::Relaxed);
            self.going = Some(shared);
        }
    }
}

#[cfg(test)]
#[cfg(feature = "audio")]
mod tests {
    use std::num::NonZero;

    use rodio::mixer::mixer;
    use rtrb::RingBuffer;

    use super::*;
    use crate::clip::Fades;

    /// A track whose voice has so many frames to give, of two seconds that are thought to be there.
    fn voiced(wrap: Wrap) -> (Track, JoinHandle<()>, mpsc::Receiver<Message>) {
        let (messages, inbox) = mpsc::channel();
        let sound = (&Volume::new(1.0), Trim::new(0.0));
        let of = (Ticket(1), "a".to_owned(), Arc::default());
        let (mut track, thread) = Track::start(of, None, Duration::ZERO, wrap, sound, &messages).unwrap();
        let shared = Arc::new(Shared::default());
        shared.mark(0);
        shared.add_pushed(44_100);
        let (_, taken) = RingBuffer::new(8);
        let voice = Voice::new(taken, shared, (Volume::new(1.0), Trim::new(0.0)), 44_100);
        assert!(track.accept(track.number, &voice));
        (track, thread, inbox)
    }

    #[test]
    fn what_was_cut_or_lowered_by_an_old_loop_is_decoded_anew() {
        let second = |seconds| Some(Duration::from_secs_f64(seconds));
        let old = |end, fades| Wrap {
            repeat: false,
            start: second(0.0),
            end: second(end),
            fades,
        };
        let fades = Some(Fades { rise: 0.3, fall: 0.3 });
        // The ring ends at one second.
        for (wrap, anew) in [(old(1.1, None), true), (old(5.0, None), false), (old(5.0, fades), true)] {
            let (mut track, thread, _inbox) = voiced(wrap);
            let before = track.number;
            track.set_wrap(Wrap::default());
            assert_eq!(track.number > before, anew, "{wrap:?}");
            track.leave();
            thread.join().unwrap();
        }
    }

    #[test]
    fn what_a_mixer_takes_to_convert_the_rate_is_not_heard_yet() {
        let (messages, _inbox) = mpsc::channel();
        let sound = (&Volume::new(1.0), Trim::new(0.0));
        let of = (Ticket(1), "a".to_owned(), Arc::default());
        let (mut track, thread) = Track::start(of, None, Duration::ZERO, Wrap::default(), sound, &messages).unwrap();
        let (mut ring, taken) = RingBuffer::new(8_000);
        for _ in 0..4_000 {
            ring.push(0.5).unwrap();
        }
        let shared = Arc::new(Shared::default());
        shared.add_pushed(2_000);
        let voice = Voice::new(taken, Arc::clone(&shared), (Volume::new(1.0), Trim::new(0.0)), 44_100);
        assert!(track.accept(1, &voice));
        let (input, mut output) = mixer(NonZero::new(2).unwrap(), NonZero::new(48_000).unwrap());
        input.add(voice);
        track.handed_over();
        assert!(shared.played() > 0 && !track.has_sounded(), "{} frames were taken", shared.played());
        assert_eq!(output.by_ref().take(200).count(), 200);
        assert!(track.has_sounded());
        track.leave();
        thread.join().unwrap();
    }
}
