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
use super::source::{CHANNELS, RAMP, Shared, Voice, Volume, frames_in, time_of};
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
    /// The frame that was pushed last.
    last: [f32; CHANNELS],
    seam: Option<Seam>,
}

/// The music has jumped: from the frame before, it comes to what is there now in a ramp, since any step clicks.
struct Seam {
    before: [f32; CHANNELS],
    /// Frames of the ramp that are over.
    done: usize,
}

impl Seam {
    /// Bridges the beginning of what comes behind the jump. True when the ramp is over.
    fn bridge(&mut self, samples: &mut [f32], rate: u32) -> bool {
        let length = (RAMP * rate as f32).max(1.0);
        for frame in samples.chunks_exact_mut(CHANNELS) {
            let here = (self.done as f32 / length).min(1.0);
            for (sample, before) in frame.iter_mut().zip(self.before) {
                *sample = *sample * here + before * (1.0 - here);
            }
            self.done += 1;
            if here >= 1.0 {
                return true;
            }
        }
        false
    }
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
            last: [0.0; CHANNELS],
            seam: None,
        };
        // The preview frame behind what was pushed.
        let mut reached = wanted;
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
                    self.wrap_around(decoder, &mut feed, lead.unwrap_or(0), reached)?;
                    continue;
                }
                None => break,
            };
            if !marked {
                feed.shared.mark(first);
                marked = true;
            }
            let end = self.wrap.end;
            let past = self.past_the_loop(&mut samples, first, rate);
            self.fade(&mut samples, first, rate);
            feed.seam.take_if(|seam| seam.bridge(&mut samples, rate));
            reached = first + (samples.len() / CHANNELS) as u64;
            if let Some(order) = self.push(&mut feed, &samples)? {
                return Ok(order);
            }
            if past && self.wrap.end != end {
                // The loop was changed while there was no room: what was cut off belongs to the music again.
                decoder.seek(reached)?;
            } else if past {
                if !self.may_wrap(&feed) {
                    break;
                }
                self.wrap_around(decoder, &mut feed, lead.unwrap_or(0), reached)?;
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

    /// Goes on at the start of the loop, `reached` being its end.
    fn wrap_around(&self, decoder: &mut Decoder, feed: &mut Feed, lead: u64, reached: u64) -> Result<(), Stop> {
        let rate = decoder.rate();
        let start = self.wrap.start.map(|start| frames_in(start, rate));
        // A loop that begins where the music ends is none.
        let start = start.filter(|start| reached.saturating_sub(*start) >= frames_in(MIN_LOOP, rate));
        let target = start.unwrap_or(lead);
        decoder.seek(target)?;
        feed.shared.mark(target);
        feed.since_wrap = 0;
        feed.seam = Some(Seam {
            before: feed.last,
            done: 0,
        });
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
            if let Some(last) = now.last_chunk() {
                feed.last = *last;
            }
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Instant;

    use super::super::buffer::End;
    use super::*;

    const RATE: u32 = 44_100;

    /// Three seconds of silence as a WAV file, of which all is here.
    fn silence() -> Arc<Growing> {
        let size = RATE * 2 * 3;
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        file[4..8].copy_from_slice(&(36 + size).to_le_bytes());
        file.extend(RATE.to_le_bytes());
        file.extend((RATE * 2).to_le_bytes());
        file.extend(b"\x02\0\x10\0data");
        file.extend(size.to_le_bytes());
        file.resize(44 + size as usize, 0);
        let bytes = Arc::new(Growing::default());
        bytes.push(&file);
        bytes.finish(End::Complete);
        bytes
    }

    #[test]
    fn a_loop_that_is_taken_away_while_its_end_is_in_hand_ends_nothing() {
        let (messages, inbox) = mpsc::channel();
        let (orders, received) = mpsc::channel();
        let wrap = Wrap {
            repeat: true,
            start: Some(Duration::ZERO),
            end: Some(Duration::from_secs(1)),
            fades: None,
        };
        let worker = Worker {
            ticket: Ticket(1),
            bytes: silence(),
            interrupt: Arc::default(),
            orders: received,
            messages,
            volume: Volume::new(1.0),
            trim: Trim::new(0.0),
            wrap,
            paused: false,
            head: None,
        };
        worker.interrupt.want(1);
        let thread = thread::spawn(move || worker.run());
        orders
            .send(Order::From {
                number: 1,
                place: Duration::from_millis(1),
            })
            .unwrap();
        let Ok(Message::Voice { mut voice, .. }) = inbox.recv() else {
            panic!()
        };
        let full = |voice: &Voice| {
            let late = Instant::now() + Duration::from_secs(30);
            while !voice.is_full() {
                assert!(Instant::now() < late, "the ring is not filled");
                thread::yield_now();
            }
        };
        // Until what is left before the end of the loop is less than a packet more than the ring holds.
        let mut frames = 0;
        while frames < (RATE as usize * 6 / 10) - 300 {
            full(&voice);
            voice.by_ref().take(CHANNELS * 100).for_each(drop);
            frames += 100;
        }
        full(&voice);
        orders.send(Order::Wrap(Wrap::default())).unwrap();
        let late = Instant::now() + Duration::from_secs(30);
        while !voice.shared().over.load(Ordering::Acquire) {
            voice.by_ref().take(CHANNELS * 100).for_each(drop);
            assert!(Instant::now() < late, "it does not end");
            thread::yield_now();
        }
        let end = voice.shared().frame();
        assert_eq!(end, u64::from(RATE) * 3);
        drop(orders);
        thread.join().unwrap();
    }
}
