//! Previews: fetched, decoded, drawn as a waveform and played, on threads of their own.
//!
//! The interface sends [`Command`]s and gets [`Event`]s; it never touches bytes, decoder or device.
//!
//! Where a preview's bytes go: [`fetch`] (or [`file`]) → [`buffer`] (kept by [`cache`]) → [`decode`], run by [`worker`] for the sound and by
//! [`scan`] for the waveform and the [`analysis`] → a ring → [`source`], with the gain of [`leveller`] → [`output`]. [`player`] is the
//! thread that commands all of them.
//!
//! Every time is preview time: zero is the first sample of the file after the encoder's priming, whether or not it was
//! skipped for being silent.

mod analysis;
pub(crate) mod atoms;
mod buffer;
mod cache;
mod decode;
mod edit;
mod fetch;
mod file;
mod head;
mod kept;
mod leveller;
mod output;
mod pages;
mod player;
mod scan;
mod sniff;
mod source;
mod track;
mod waveform;
mod whole;
mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;

pub use analysis::Analysis;
pub use fetch::Limits;
pub use kept::{Amount, Kept};
pub use leveller::evened;
#[cfg(feature = "audio")]
pub use output::CaptureHandle;
pub use output::OutputChoice;
pub use waveform::{COLUMNS_PER_SECOND, Waveform};
pub use whole::decode_whole;

use crate::clip::{Fades, Features};
use cache::Shelf;
use output::Output;
use player::{Engine, Message};

/// Names one playing of one track; events that carry an older ticket are stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What the player is told. Sending one never waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Play this preview from `start`, instead of what plays now.
    Play {
        /// Its events will carry this.
        ticket: Ticket,
        /// The preview's URL as the server wrote it.
        url: String,
        /// Where to start, in preview time; zero is where the music begins: silence at the head, up to 10 s, is skipped.
        start: Duration,
    },
    /// Play this file, instead of what plays now.
    PlayFile {
        /// Its events will carry this.
        ticket: Ticket,
        /// The file: MP3, AAC, M4A, Ogg Vorbis, FLAC or WAV, at most 256 MB.
        path: PathBuf,
        /// Where to start, as for a preview.
        start: Duration,
    },
    /// Pause; the device is let go after a while.
    Pause,
    /// Go on after a pause, or from the start after the end.
    Resume,
    /// Fade out and stop.
    Stop,
    /// Jump to a place in the preview; zero is where the music begins. After the end it plays on from there.
    Seek(Duration),
    /// Loudness, 0.0 to 1.0 of full amplitude (0 when muted); 0.8 at first.
    Volume(f32),
    /// Bring every preview to the same loudness, or leave it as it is; off at first. One that was listened to has the right gain from its
    /// first sound; until then the gain follows an estimate, gliding.
    Even(bool),
    /// What is known of previews from earlier, by URL, so that nobody has to listen again.
    Known(Vec<(String, Arc<Analysis>)>),
    /// Play again at the end (of the loop, if there is one).
    Repeat(bool),
    /// Loop in and out. With both set, it goes round until one is cleared; with one, [`Command::Repeat`] makes it go round. Another
    /// track has no loop; playing the same one again keeps it.
    Loop(Option<Duration>, Option<Duration>),
    /// Play this part of the preview in a loop, as a clip of it would sound. Any later [`Command::Loop`] ends that.
    Rehearse(Part),
    /// Tell what the whole preview is like: [`Event::Examined`], once it is here.
    Examine,
    /// Fetch these previews ahead, the most likely next one first; replaces the last such wish.
    Prefetch(Vec<String>),
    /// Keep what is fetched from now on here; `None`: where [`Options::kept`] says.
    KeepIn(Option<Kept>),
}

/// A part of a preview, with fades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Where it begins, in preview time.
    pub from: Duration,
    /// Where it ends.
    pub to: Duration,
    /// How it begins and ends.
    pub fades: Fades,
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
    /// Where it is: about ten times a second while it plays, and after a seek.
    Position(Ticket, Duration),
    /// Length of the whole preview, once it is known.
    Length(Ticket, Duration),
    /// The waveform has grown.
    Waveform(Ticket, Arc<Waveform>),
    /// What the whole preview with this URL was found to be. It need not be the one that plays: what was fetched ahead is listened to when
    /// there is nothing better to do. Told once for each, unless nothing shows that it came whole.
    Analysed(String, Arc<Analysis>),
    /// What the whole preview is like.
    Examined(Ticket, Arc<Features>),
    /// Played to the end.
    Ended(Ticket),
    /// It cannot be played, or not on; the text says why in a short sentence, cleaned. Playing it again tries again.
    Failed(Ticket, String, Fault),
    /// The device was opened, was let go, or is not to be had.
    Device(DeviceEvent),
}

/// What keeps a preview from being played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not come, or not all of it: the server, the network or the disk.
    Delivery,
    /// What came makes no music, or the system has no thread to make it.
    Music,
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
    /// It ran dry while it played, which is heard as a gap: so often since the player was started.
    RanDry(u32),
    /// It ran dry again and again, so it was opened anew with a buffer of so many frames; that is remembered.
    Widened(u32),
}

/// How a [`Player`] works.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What it plays through; opened when something plays, let go two seconds after.
    pub output: OutputChoice,
    /// What fetching may cost.
    pub limits: Limits,
    /// Previews on the disk; `None` keeps none there.
    pub kept: Option<Kept>,
    /// No server is asked: only what is kept can be played.
    pub offline: bool,
    /// The file that remembers how large a buffer each device needs.
    pub buffers: Option<PathBuf>,
}

/// The player. Dropping it fades out, stops its threads and waits for them, a second at most.
#[derive(Debug)]
pub struct Player {
    messages: mpsc::Sender<Message>,
    done: Mutex<mpsc::Receiver<()>>,
}

/// How long dropping a player waits for a device that takes its time.
const GOODBYE: Duration = Duration::from_secs(1);

impl Player {
    /// Starts the player's thread. Nothing is opened and nothing asked for before the first [`Command`].
    ///
    /// `events` is called on that thread, and must not wait. `runtime` does the fetching.
    pub fn start(options: Options, events: impl Fn(Event) + Send + Sync + 'static, runtime: Handle) -> Self {
        let (messages, inbox) = mpsc::channel();
        let (ended, done) = mpsc::channel();
        let player = Self {
            messages: messages.clone(),
            done: Mutex::new(done),
        };
        let thread = thread::Builder::new().name("preview-player".into()).spawn(move || {
            let shelf = Shelf::new(
                fetch::Source::new(options.limits, options.kept, options.offline),
                runtime,
                messages.clone(),
            );
            let output = Output::new(options.output, options.buffers, messages.clone());
            Engine::new((messages, inbox), Box::new(events), output, shelf).run();
            drop(ended);
        });
        if let Err(error) = thread {
            tracing::error!(%error, "no thread for the player: nothing will sound");
        }
        player
    }

    /// Tells the player what to do. Never waits.
    pub fn send(&self, command: Command) {
        // Nobody is there when its thread could not be started.
        let _ = self.messages.send(Message::Command(command));
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Shutdown);
        let done = self.done.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = done.recv_timeout(GOODBYE);
    }
}
