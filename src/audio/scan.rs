//! The thread that decodes a preview ahead of playing, for its waveform, its true length and what it is like.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::Ticket;
use super::analysis::{Analysis, Listener};
use super::buffer::{Growing, Interrupt};
use super::decode::{Decoder, Halt};
use super::player::Message;
use super::source::time_of;
use super::waveform::{COLUMNS_PER_SECOND, Waveform};
use crate::clip::Features;

/// How often a growing waveform is told.
const EVERY: Duration = Duration::from_millis(200);
/// How much music is looked at, at most. Small files can claim to last for weeks.
const MAX_COLUMNS: usize = 2 * 60 * 60 * COLUMNS_PER_SECOND;
/// From this much music on, the bytes so far say how long the whole will be.
const ENOUGH_TO_GUESS: Duration = Duration::from_millis(500);

/// What the thread needs.
pub(super) struct Scan {
    pub(super) url: String,
    /// What plays it, and is told how the waveform grows; `None` when it is listened to before it plays.
    pub(super) ticket: Option<Ticket>,
    pub(super) bytes: Arc<Growing>,
    pub(super) interrupt: Arc<Interrupt>,
    pub(super) messages: Sender<Message>,
}

/// What was found.
pub(super) struct Scanned {
    pub(super) url: String,
    pub(super) ticket: Option<Ticket>,
    /// The analysis, where the bytes came whole: what was cut short is another piece of music.
    pub(super) analysis: Option<Arc<Analysis>>,
    /// That they came whole is beyond doubt.
    pub(super) proven: bool,
    pub(super) features: Arc<Features>,
}

impl Scan {
    /// Works until the end of the preview, or until it is interrupted.
    pub(super) fn run(self) {
        match self.listen() {
            Ok(Some(scanned)) => drop(self.messages.send(Message::Scanned(scanned))),
            Err(Halt::Interrupted) => {}
            // What cannot be decoded is told by the thread that plays.
            Ok(None) | Err(Halt::Unplayable(_)) => drop(self.messages.send(Message::Unscannable { url: self.url })),
        }
    }

    fn listen(&self) -> Result<Option<Scanned>, Halt> {
        let mut decoder = Decoder::open(&self.bytes, &self.interrupt)?;
        let rate = decoder.rate();
        let mut listener = Listener::new(rate);
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
            listener.add(&samples);
            packet_bytes += size as u64;
            if declared.is_none() && !guessed && time_of(listener.frames(), rate) >= ENOUGH_TO_GUESS {
                if let Some(total) = self.bytes.expected() {
                    let frames = u128::from(total) * u128::from(listener.frames()) / u128::from(packet_bytes.max(1));
                    self.tell_length(time_of(u64::try_from(frames).unwrap_or(u64::MAX), rate));
                }
                guessed = true;
            }
            if listener.columns() > columns && told.elapsed() >= EVERY {
                told = Instant::now();
                columns = listener.columns();
                self.tell(Arc::new(listener.waveform(false)));
            }
            if columns >= MAX_COLUMNS {
                return Ok(None);
            }
        }
        if declared != Some(listener.frames()) {
            self.tell_length(time_of(listener.frames(), rate));
        }
        let whole = self.bytes.is_complete();
        let (analysis, features) = listener.finish(self.bytes.len() as u64);
        // A preview that was cut short is all there is to see, but not worth keeping.
        self.tell(Arc::clone(&analysis.waveform));
        Ok(Some(Scanned {
            url: self.url.clone(),
            ticket: self.ticket,
            analysis: whole.then(|| Arc::new(analysis)),
            proven: self.bytes.is_proven(),
            features: Arc::new(features),
        }))
    }

    fn tell(&self, waveform: Arc<Waveform>) {
        if let Some(ticket) = self.ticket {
            let _ = self.messages.send(Message::Waveform { ticket, waveform });
        }
    }

    fn tell_length(&self, length: Duration) {
        if let Some(ticket) = self.ticket {
            let _ = self.messages.send(Message::Length { ticket, length });
        }
    }
}
