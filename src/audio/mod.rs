//! Previews: fetched, decoded, drawn as a waveform and played, on threads of their own.
//!
//! The interface sends [`Command`]s and gets [`Event`]s; it never touches bytes, decoder or device. A preview's way:
//! [`fetch`] brings its bytes into a growing [`buffer`], [`decode`] makes samples of them as they arrive ([`pcm`]), a
//! [`voice`] reads those samples whenever the [`output`] wants some, and the [`player`] thread holds it all together.

mod buffer;
mod decode;
mod fetch;
mod output;
mod pcm;
mod player;
mod previews;
mod voice;
mod waveform;

use std::time::Duration;

pub use output::{Capture, OutputChoice};
pub use player::{Options, Player};
pub use waveform::{COLUMNS_PER_SECOND, Waveform};

/// Names one playing of one track; events that carry an older ticket are stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What the player is told. Sending one never waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Play this preview from `start`, instead of what plays now. From zero, leading silence and encoder priming are skipped.
    Play {
        /// Its events will carry this.
        ticket: Ticket,
        /// The preview's URL as the server wrote it.
        url: String,
        /// Where to start, in time of the preview.
        start: Duration,
    },
    /// Pause; the device is let go after a while.
    Pause,
    /// Go on after a pause, or from the start after the end.
    Resume,
    /// Fade out and stop.
    Stop,
    /// Jump to a place in the preview.
    Seek(Duration),
    /// Loudness, 0.0 to 1.0 (0 when muted).
    Volume(f32),
    /// Play again at the end (of the loop, if there is one).
    Repeat(bool),
    /// Loop in and out.
    Loop(Option<Duration>, Option<Duration>),
    /// Fetch these previews ahead, the most likely next one first; replaces the last such wish.
    Prefetch(Vec<String>),
}

/// What the player tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The first sound was handed to the device.
    Started(Ticket),
    /// Waiting for bytes in the middle of the track.
    Buffering(Ticket),
    /// Sound runs again after a wait.
    Resumed(Ticket),
    /// Where it is: about twenty times a second while it plays, and after a seek.
    Position(Ticket, Duration),
    /// Length of the whole preview: an estimate while bytes arrive, the truth at the end.
    Length(Ticket, Duration),
    /// The waveform has grown.
    Waveform(Ticket, std::sync::Arc<Waveform>),
    /// Played to the end.
    Ended(Ticket),
    /// It cannot be played (any further); the text says why, cleaned.
    Failed(Ticket, String),
    /// The device was opened, was let go, or is not to be had.
    Device(DeviceEvent),
}

/// News of the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceEvent {
    /// Open.
    Opened,
    /// Let go, since nothing plays.
    Released,
    /// None that works; the player goes on silently. The text says why, cleaned.
    Silent(String),
}
