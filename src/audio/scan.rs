//! The thread that decodes a preview ahead of playing, for its waveform and its true length.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::Ticket;
use super::buffer::{Growing, Interrupt};
use super::decode::{Decoder, Halt};
use super::player::Message;
use super::source::time_of;
use super::waveform::{COLUMNS_PER_SECOND, Gauge, Waveform};

/// How often a growing waveform is told.
const EVERY: Duration = Duration::from_millis(200);
/// How much music is looked at, at most. Small files can claim to last for weeks.
const MAX_COLUMNS: usize = 2 * 60 * 60 * COLUMNS_PER_SECOND;
/// From this much music on, the bytes so far say how long the whole will be.
const ENOUGH_TO_GUESS: Duration = Duration::from_millis(500);

/// What the thread needs.
pub(super) struct Scan {
    pub(super) ticket: Ticket,
    pub(super) bytes: Arc<Growing>,
    pub(super) interrupt: Arc<Interrupt>,
    pub(super) messages: Sender<Message>,
}

impl Scan {
    /// Works until the end of the preview, or until it is interrupted.
    pub(super) fn run(self) {
        // What cannot be decoded is told by the thread that plays.
        if let Err(Halt::Unplayable(why)) = self.measure() {
            tracing::debug!(why, "no waveform");
        }
    }

    fn measure(&self) -> Result<(), Halt> {
        let mut decoder = Decoder::open(&self.bytes, &self.interrupt)?;
        let rate = decoder.rate();
        let mut gauge = Gauge::new(rate);
        let declared = decoder.declared_frames();
        if let Some(frames) = declared {
            self.tell_length(time_of(frames, rate));
        }
        let mut guessed = false;
        let mut samples = Vec::new();
        let mut packet_bytes = 0;
        let mut told = Instant::now();
        let mut columns = 0;
        while let Some((_, size)) = decoder.next(&mut samples)? {
            if self.interrupt.raised() {
                return Err(Halt::Interrupted);
            }
            gauge.add(&samples);
            packet_bytes += size as u64;
            if declared.is_none() && !guessed && time_of(gauge.frames(), rate) >= ENOUGH_TO_GUESS {
                if let Some(total) = self.bytes.expected() {
                    let frames = u128::from(total) * u128::from(gauge.frames()) / u128::from(packet_bytes.max(1));
                    self.tell_length(time_of(u64::try_from(frames).unwrap_or(u64::MAX), rate));
                }
                guessed = true;
            }
            if gauge.columns() > columns && told.elapsed() >= EVERY {
                told = Instant::now();
                columns = gauge.columns();
                self.tell(gauge.waveform(false));
            }
            if columns >= MAX_COLUMNS {
                return Ok(());
            }
        }
        if declared != Some(gauge.frames()) {
            self.tell_length(time_of(gauge.frames(), rate));
        }
        // A preview that was cut short is all there is to see, but not worth keeping.
        self.tell(gauge.waveform(true));
        Ok(())
    }

    fn tell(&self, waveform: Waveform) {
        let _ = self.messages.send(Message::Waveform {
            ticket: self.ticket,
            waveform: Arc::new(waveform),
        });
    }

    fn tell_length(&self, length: Duration) {
        let _ = self.messages.send(Message::Length {
            ticket: self.ticket,
            length,
        });
    }
}
