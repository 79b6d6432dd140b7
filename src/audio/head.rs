//! The beginning of a preview, decoded before anybody plays it: what is fetched ahead starts at once.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::buffer::{Growing, Interrupt};
use super::decode::{Decoder, Halt};
use super::player::Message;
use super::source::{CHANNELS, SILENCE, frames_in};

/// How much is decoded ahead: what a voice must have before it is heard.
pub(super) const PREFILL: Duration = Duration::from_millis(60);
/// How much silence is skipped at most at the head.
const MAX_LEAD: Duration = Duration::from_secs(10);

/// A decoder that has just given its first music.
pub(super) struct Head {
    pub(super) decoder: Decoder,
    /// What the decoder looks at; whoever takes the head takes it over.
    pub(super) interrupt: Arc<Interrupt>,
    /// The music so far, interleaved stereo.
    pub(super) samples: Vec<f32>,
    /// The preview frame that it begins with: where the music does.
    pub(super) first: u64,
}

/// What the thread needs that makes one.
pub(super) struct Making {
    /// The entry of the shelf that it is for.
    pub(super) id: u64,
    pub(super) bytes: Arc<Growing>,
    pub(super) interrupt: Arc<Interrupt>,
    pub(super) messages: Sender<Message>,
}

impl Making {
    /// Works until there is enough, or until it is interrupted.
    pub(super) fn run(self) {
        match self.make() {
            Ok(head) => {
                let _ = self.messages.send(Message::Head {
                    id: self.id,
                    head: Box::new(head),
                });
            }
            // Why it cannot be played is told to who plays it.
            Err(halt) => tracing::debug!(?halt, "nothing to start with"),
        }
    }

    fn make(&self) -> Result<Head, Halt> {
        let mut decoder = Decoder::open(&self.bytes, &self.interrupt)?;
        let enough = frames_in(PREFILL, decoder.rate()) as usize * CHANNELS;
        let (mut samples, mut more) = (Vec::new(), Vec::new());
        let first = match begin(&mut decoder, &mut samples)? {
            Some(first) => first,
            None => {
                decoder.seek(0)?;
                0
            }
        };
        while samples.len() < enough && decoder.next(&mut more)?.is_some() {
            samples.append(&mut more);
        }
        Ok(Head {
            decoder,
            interrupt: Arc::clone(&self.interrupt),
            samples,
            first,
        })
    }
}

/// Decodes up to the first music: skips silence at the head. Gives the preview frame that `samples` begin with; `None` when
/// there was nothing but silence.
pub(super) fn begin(decoder: &mut Decoder, samples: &mut Vec<f32>) -> Result<Option<u64>, Halt> {
    let most = frames_in(MAX_LEAD, decoder.rate());
    while let Some((first, _)) = decoder.next(samples)? {
        let quiet = if first < most { leading_silence(samples) } else { 0 };
        samples.drain(..quiet * CHANNELS);
        if !samples.is_empty() {
            return Ok(Some(first + quiet as u64));
        }
    }
    Ok(None)
}

/// How many frames at the beginning are silent.
fn leading_silence(samples: &[f32]) -> usize {
    let loud = samples.iter().position(|sample| sample.abs() >= SILENCE);
    loud.unwrap_or(samples.len()) / CHANNELS
}
