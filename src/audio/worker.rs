//! The thread that decodes what plays: it keeps the ring of the current voice full, and takes orders.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use rtrb::{Producer, RingBuffer};

use super::Ticket;
use super::buffer::{Growing, Interrupt};
use super::decode::{Decoder, Halt};
use super::head::{Head, PREFILL, begin};
use super::leveller::Trim;
use super::player::Message;
use super::source::{CHANNELS, Shared, Voice, Volume, frames_in, time_of};
use crate::clip::Fades;

/// How much music the ring holds, in seconds: what a change of the loop has to throw away at most.
const RING: f32 = 0.4;
/// How long the thread sleeps when the ring is full.
const NAP: Duration = Duration::from_millis(80);
/// A shorter loop is none.
const MIN_LOOP: Duration = Duration::from_millis(50);

/// What the player tells the thread. It stops when the sender is gone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    /// Make a new voice that begins at this place; zero means where the music begins. Raise the interrupt to `number` first.
    From { number: u64, place: Duration },
    /// Whether anybody empties the ring.
    Paused(bool),
    /// Where to go at the end.
    Wrap(Wrap),
}

/// Repeat and loop.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Wrap {
    pub(super) repeat: bool,
    pub(super) start: Option<Duration>,
    pub(super) end: Option<Duration>,
    /// How a loop begins and ends.
    pub(super) fades: Option<Fades>,
}

impl Wrap {
    /// The loop without what makes no sense.
    pub(super) fn sane(self) -> Self {
        let start = self.start.unwrap_or_default();
        match self.end {
            Some(end) if end < start + MIN_LOOP => Self {
                start: None,
                end: None,
                fades: None,
                ..self
            },
            _ => self,
        }
    }

    /// It plays again: asked to, or since both ends of a loop are set.
    pub(super) fn again(self) -> bool {
        self.repeat || (self.start.is_some() && self.end.is_some())
    }
}

/// What the thread needs.
pub(super) struct Worker {
    pub(super) ticket: Ticket,
    pub(super) bytes: Arc<Growing>,
    pub(super) interrupt: Arc<Interrupt>,
    pub(super) orders: Receiver<Order>,
    pub(super) messages: Sender<Message>,
    pub(super) volume: Volume,
    pub(super) trim: Trim,
    pub(super) wrap: Wrap,
    pub(super) paused: bool,
    /// What was decoded before it was played.
    pub(super) head: Option<Head>,
}

/// The decoder and what it knows, from one place to the next.
#[derive(Default)]
struct Music {
    decoder: Option<Decoder>,
    /// The preview frame that the music begins with, once it is known.
    lead: Option<u64>,
    /// The first samples, decoded ahead: the decoder stands behind them.
    begun: Option<Vec<f32>>,
}

/// The sender of the orders is gone.
struct Gone;

/// A voice being filled.
struct Feed {
    ring: Producer<f32>,
    shared: Arc<Shared>,
    /// Not handed over yet.
    voice: Option<Voice>,
    number: u64,
    /// Frames since the last jump back: a loop without any would never end.
    since_wrap: u64,
}

impl Worker {
    /// Works until the orders end.
    pub(super) fn run(mut self) {
        let mut music = self.head.take().map_or_else(Music::default, |head| Music {
            decoder: Some(head.decoder),
            lead: Some(head.first),
            begun: Some(head.samples),
        });
        let mut next = self.wait();
        while let Ok((number, place)) = next {
            self.interrupt.serve(number);
            next = match self.play(&mut music, number, place) {
                Ok(order) => Ok(order),
                Err(Stop::Gone) => Err(Gone),
                Err(Stop::Halt(halt)) => {
                    music.decoder = None;
                    if let Halt::Unplayable(why) = halt {
                        let _ = self.messages.send(Message::Unplayable { ticket: self.ticket, why });
                    }
                    // After an interrupt the order that caused it is on its way.
                    self.wait()
                }
            };
        }
    }

    /// Takes orders until one says where to begin.
    fn wait(&mut self) -> Result<(u64, Duration), Gone> {
        loop {
            let order = self.orders.recv().map_err(|_| Gone)?;
            if let Some(from) = self.obey(order) {
                return Ok(from);
            }
        }
    }

    fn obey(&mut self, order: Order) -> Option<(u64, Duration)> {
        match order {
            Order::From { number, place } => return Some((number, place)),
            Order::Paused(paused) => self.paused = paused,
            Order::Wrap(wrap) => self.wrap = wrap.sane(),
        }
        None
    }

    /// Plays from a place until another one is wanted.
    fn play(&mut self, music: &mut Music, number: u64, place: Duration) -> Result<(u64, Duration), Stop> {
        let Music { decoder, lead, begun } = music;
        // Whatever comes of this, the decoder does not stand behind them any more.
        let mut begun = begun.take().filter(|_| place.is_zero());
        let fresh = decoder.is_none();
        let decoder = match decoder {
            Some(decoder) => decoder,
            None => decoder.insert(Decoder::open(&self.bytes, &self.interrupt)?),
        };
        let rate = decoder.rate();
        let wanted = if place.is_zero() {
            lead.unwrap_or(0)
        } else {
            frames_in(place, rate)
        };
        if begun.is_none() && (!fresh || wanted > 0) {
            decoder.seek(wanted)?;
        }
        let (ring, consumer) = RingBuffer::new((RING * rate as f32) as usize * CHANNELS);
        let shared = Arc::new(Shared::default());
        shared.paused.store(self.paused, Ordering::Relaxed);
        let voice = Voice::new(consumer, Arc::clone(&shared), (self.volume.clone(), self.trim.clone()), rate);
        let mut feed = Feed {
            ring,
            shared,
            voice: Some(voice),
            number,
            since_wrap: 0,
        };
        let mut samples = Vec::new();
        let mut marked = false;
        loop {
            let next = match begun.take() {
                Some(ready) => {
                    samples = ready;
                    Some(wanted)
                }
                None if place.is_zero() && lead.is_none() => {
                    // Nothing but silence: then that is the music.
                    let first = begin(decoder, &mut samples)?;
                    *lead = Some(first.unwrap_or(0));
                    if first.is_none() {
                        decoder.seek(0)?;
                        continue;
                    }
                    first
                }
                None => decoder.next(&mut samples)?.map(|(first, _)| first),
            };
            let first = match next {
                Some(first) => first,
                // Where the bytes are cut off is not where the music ends.
                None if self.may_wrap(&feed) && self.bytes.broken().is_none() => {
                    self.wrap_around(decoder, &mut feed, lead.unwrap_or(0))?;
                    continue;
                }
                None => break,
            };
            if !marked {
                feed.shared.mark(first);
                marked = true;
            }
            let past = self.past_the_loop(&mut samples, first, rate);
            self.fade(&mut samples, first, rate);
            if let Some(order) = self.push(&mut feed, &samples)? {
                return Ok(order);
            }
            if past {
                if !self.may_wrap(&feed) {
                    break;
                }
                self.wrap_around(decoder, &mut feed, lead.unwrap_or(0))?;
            }
        }
        if !marked {
            feed.shared.mark(wanted);
        }
        feed.shared.finished.store(true, Ordering::Release);
        self.hand_over(&mut feed);
        self.wait().map_err(|Gone| Stop::Gone)
    }

    fn may_wrap(&self, feed: &Feed) -> bool {
        self.wrap.again() && feed.since_wrap > 0
    }

    fn wrap_around(&self, decoder: &mut Decoder, feed: &mut Feed, lead: u64) -> Result<(), Stop> {
        let target = self.wrap.start.map_or(lead, |start| frames_in(start, decoder.rate()));
        decoder.seek(target)?;
        feed.shared.mark(target);
        feed.since_wrap = 0;
        Ok(())
    }

    /// Cuts what lies beyond the loop's end. True when it is reached.
    fn past_the_loop(&self, samples: &mut Vec<f32>, first: u64, rate: u32) -> bool {
        let Some(end) = self.wrap.end.map(|end| frames_in(end, rate)) else {
            return false;
        };
        let room = end.saturating_sub(first) as usize;
        // Whoever seeks behind the loop hears what is there.
        if room == 0 || room * CHANNELS > samples.len() {
            return false;
        }
        samples.truncate(room * CHANNELS);
        true
    }

    /// Lowers the ends of a loop that has fades.
    fn fade(&self, samples: &mut [f32], first: u64, rate: u32) {
        let (Some(fades), Some(start), Some(end)) = (self.wrap.fades, self.wrap.start, self.wrap.end) else {
            return;
        };
        let (start, length) = (start.as_secs_f64(), end.saturating_sub(start).as_secs_f64());
        for (number, frame) in samples.chunks_exact_mut(CHANNELS).enumerate() {
            let at = (first + number as u64) as f64 / f64::from(rate) - start;
            let factor = fades.factor(at, length) as f32;
            frame.iter_mut().for_each(|sample| *sample *= factor);
        }
    }

    /// Puts samples into the ring, waiting for room. Gives the order that came in between.
    fn push(&mut self, feed: &mut Feed, mut samples: &[f32]) -> Result<Option<(u64, Duration)>, Stop> {
        loop {
            while let Ok(order) = self.orders.try_recv() {
                if let Some(from) = self.obey(order) {
                    return Ok(Some(from));
                }
            }
            if self.interrupt.stopped() {
                return Err(Stop::Gone);
            }
            // Whole frames only: both ends count in frames.
            let room = feed.ring.slots().min(samples.len()) / CHANNELS * CHANNELS;
            let (now, later) = samples.split_at(room);
            // The count goes first: the consumer must never have played more than was pushed.
            feed.shared.add_pushed((room / CHANNELS) as u64);
            feed.since_wrap += (room / CHANNELS) as u64;
            let _ = feed.ring.push_entire_slice(now);
            if feed
                .voice
                .as_ref()
                .is_some_and(|voice| feed.ring.buffer().capacity() - feed.ring.slots() >= prefill(voice))
            {
                self.hand_over(feed);
            }
            samples = later;
            if samples.is_empty() {
                return Ok(None);
            }
            let order = if self.paused || feed.ring.is_abandoned() {
                self.orders.recv().map_err(|_| Stop::Gone)?
            } else {
                match self.orders.recv_timeout(NAP) {
                    Ok(order) => order,
                    Err(RecvTimeoutError::Timeout) => continue,
                    Err(RecvTimeoutError::Disconnected) => return Err(Stop::Gone),
                }
            };
            if let Some(from) = self.obey(order) {
                return Ok(Some(from));
            }
        }
    }

    fn hand_over(&self, feed: &mut Feed) {
        if let Some(voice) = feed.voice.take() {
            let _ = self.messages.send(Message::Voice {
                ticket: self.ticket,
                number: feed.number,
                voice,
            });
        }
    }
}

/// Why a playing ends.
enum Stop {
    Gone,
    Halt(Halt),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

fn prefill(voice: &Voice) -> usize {
    frames_in(PREFILL, voice.rate()) as usize * CHANNELS
}

/// The place in the preview that a voice is heard at.
pub(super) fn place(shared: &Shared, rate: u32) -> Duration {
    time_of(shared.frame(), rate)
}
