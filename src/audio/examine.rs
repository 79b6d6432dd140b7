//! The thread that listens to a whole preview for what it is like: beats, harmony, energy in bands. It works when asked to.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::Ticket;
use super::buffer::{Growing, Interrupt};
use super::decode::{Decoder, Halt};
use super::player::Message;
use crate::clip::{Extractor, Features};

/// What the thread needs.
pub(super) struct Examination {
    pub(super) ticket: Ticket,
    pub(super) bytes: Arc<Growing>,
    pub(super) interrupt: Arc<Interrupt>,
    pub(super) messages: Sender<Message>,
}

impl Examination {
    /// Works until the end of the preview, or until it is interrupted.
    pub(super) fn run(self) {
        match self.listen() {
            Ok(features) => {
                let _ = self.messages.send(Message::Examined {
                    ticket: self.ticket,
                    features: Arc::new(features),
                });
            }
            // What cannot be decoded is told by the thread that plays.
            Err(halt) => tracing::debug!(?halt, "no examination"),
        }
    }

    fn listen(&self) -> Result<Features, Halt> {
        let mut decoder = Decoder::open(&self.bytes, &self.interrupt)?;
        let mut extractor = Extractor::new(decoder.rate());
        let mut samples = Vec::new();
        while decoder.next(&mut samples)?.is_some() {
            if self.interrupt.raised() {
                return Err(Halt::Interrupted);
            }
            extractor.add(&samples);
        }
        Ok(extractor.finish())
    }
}
