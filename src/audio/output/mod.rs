//! Where voices go: a device, a capture in the program itself, or silence against a clock.

#[cfg(feature = "audio")]
mod buffers;
#[cfg(feature = "audio")]
mod capture;
#[cfg(feature = "audio")]
mod card;
#[cfg(feature = "audio")]
mod device;
#[cfg(all(feature = "audio", target_os = "linux"))]
mod server;
#[cfg(all(feature = "audio", not(target_os = "linux")))]
#[path = "no_server.rs"]
mod server;
// What takes the server's place on other systems shall compile on this one, too.
#[cfg(all(test, feature = "audio", target_os = "linux"))]
#[allow(dead_code, reason = "nothing asks it here")]
mod no_server;
mod silent;

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

#[cfg(feature = "audio")]
pub use capture::CaptureHandle;

use super::player::Message;
use super::source::Voice;

/// What the player plays through.
#[derive(Debug, Clone, Default)]
pub enum OutputChoice {
    /// A device of the machine.
    Device {
        /// Its name, or a part of it; `None` is the system's default.
        name: Option<String>,
    },
    /// Silence by choice: places advance, nothing sounds.
    #[default]
    None,
    /// Into memory, through the real mixer; for tests.
    #[cfg(feature = "audio")]
    Capture(CaptureHandle),
}

/// What a capture's buffer is remembered by.
#[cfg(feature = "audio")]
const CAPTURE: &str = "capture";

/// How long a device that is being let go is waited for before one is opened again.
#[cfg(feature = "audio")]
const GOING: Duration = Duration::from_millis(100);

/// The output, open or not.
pub(super) struct Output {
    choice: OutputChoice,
    open: Option<Open>,
    /// How often it was opened; what a closed one still reports is stale.
    opening: u64,
    /// The device that was let go last, on its way.
    #[cfg(feature = "audio")]
    going: Option<std::thread::JoinHandle<()>>,
    /// How large the devices' buffers have to be.
    #[cfg(feature = "audio")]
    buffers: buffers::Buffers,
    messages: Sender<Message>,
}

enum Open {
    Silent(silent::Clock),
    #[cfg(feature = "audio")]
    Device(device::Device),
    #[cfg(feature = "audio")]
    Capture(capture::Pump),
}

/// What opening came to.
pub(super) enum Opening {
    /// It was open.
    Already,
    /// It sounds from now on.
    Opened,
    /// It is silent from now on: why, and whether trying again makes sense.
    Silent { why: String, retry: bool },
}

impl Output {
    /// `memory` is the file that remembers what size of buffer works on which device.
    #[cfg_attr(not(feature = "audio"), allow(unused_variables, reason = "without a device there is no buffer"))]
    pub(super) fn new(choice: OutputChoice, memory: Option<PathBuf>, messages: Sender<Message>) -> Self {
        Self {
            choice,
            open: None,
            opening: 0,
            #[cfg(feature = "audio")]
            going: None,
            #[cfg(feature = "audio")]
            buffers: buffers::Buffers::load(memory),
            messages,
        }
    }

    /// Opens what was chosen, or silence in its place.
    pub(super) fn open(&mut self) -> Opening {
        if self.open.is_some() {
            return Opening::Already;
        }
        match self.try_open() {
            Ok(open) => {
                self.open = Some(open);
                Opening::Opened
            }
            Err((why, retry)) => {
                self.open = Some(Open::Silent(silent::Clock::new()));
                Opening::Silent { why, retry }
            }
        }
    }

    #[cfg(feature = "audio")]
    fn try_open(&mut self) -> Result<Open, (String, bool)> {
        self.opening += 1;
        match &self.choice {
            OutputChoice::None => Err(("sound is switched off".into(), false)),
            OutputChoice::Capture(handle) => handle
                .pump(self.opening, self.messages.clone())
                .map(Open::Capture)
                .map_err(|why| (why, true)),
            OutputChoice::Device { name } => {
                // Some devices can be open only once.
                wait_for(self.going.take());
                let opened = device::open(name.as_deref(), &self.buffers, self.opening, &self.messages);
                opened.map(Open::Device).map_err(|why| (why, true))
            }
        }
    }

    #[cfg(not(feature = "audio"))]
    fn try_open(&mut self) -> Result<Open, (String, bool)> {
        self.opening += 1;
        tracing::debug!(choice = ?self.choice, messages = ?self.messages, "built without audio");
        Err(("this program was built without sound".into(), false))
    }

    /// Silence instead of what was chosen, until [`Self::retry`] works.
    pub(super) fn go_silent(&mut self) {
        self.open = Some(Open::Silent(silent::Clock::new()));
    }

    /// Replaces silence by what was chosen, if that opens now. If so, the voices are gone.
    pub(super) fn retry(&mut self) -> Result<(), String> {
        self.open = Some(self.try_open().map_err(|(why, _)| why)?);
        Ok(())
    }

    /// True when it is the opening that a report is about, and still sounds.
    pub(super) fn is_current(&self, opening: u64) -> bool {
        self.is_open() && !self.is_silent() && self.opening == opening
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// True when voices are heard by nobody.
    fn is_silent(&self) -> bool {
        matches!(self.open, Some(Open::Silent(_)))
    }

    /// Plays a voice until it ends; drops it when not open.
    pub(super) fn add(&mut self, voice: Voice) {
        match &mut self.open {
            None => {}
            Some(Open::Silent(clock)) => clock.add(voice),
            #[cfg(feature = "audio")]
            Some(Open::Device(device)) => device.add(voice),
            #[cfg(feature = "audio")]
            Some(Open::Capture(pump)) => pump.add(voice),
        }
    }

    /// Lets time pass where no device does.
    pub(super) fn advance(&mut self, now: Instant) {
        if let Some(Open::Silent(clock)) = &mut self.open {
            clock.advance(now);
        }
    }

    /// How much sound it has taken that is not heard yet; `None` when nobody hears any.
    #[cfg(feature = "audio")]
    pub(super) fn held(&self) -> Option<Duration> {
        match &self.open {
            Some(Open::Device(device)) => Some(device.held),
            Some(Open::Capture(_)) => Some(capture::HELD),
            Some(Open::Silent(_)) | None => None,
        }
    }

    /// Without a device nobody hears anything.
    #[cfg(not(feature = "audio"))]
    pub(super) fn held(&self) -> Option<Duration> {
        None
    }

    /// Lets go at the end of everything, and gives the device a moment to be closed.
    pub(super) fn close(&mut self) {
        self.release();
        #[cfg(feature = "audio")]
        wait_for(self.going.take());
    }

    /// Lets go, with all voices, and does not wait for the device: a sound server that hangs would hold up everything. True when it was
    /// one that sounds.
    pub(super) fn release(&mut self) -> bool {
        let sounded = !self.is_silent() && self.is_open();
        #[cfg(feature = "audio")]
        if let Some(Open::Device(device)) = self.open.take() {
            self.going = drop_aside(device);
        }
        self.open = None;
        sounded
    }

    /// Lets go of a device that is lost, and never waits for it.
    pub(super) fn abandon(&mut self) {
        #[cfg(feature = "audio")]
        if let Some(Open::Device(device)) = self.open.take() {
            drop_aside(device);
        }
        self.open = None;
    }

    /// The open device ran dry. If that happens too often, gives the frames that its buffer has from the next opening on.
    #[cfg(feature = "audio")]
    pub(super) fn ran_dry(&mut self, now: Instant) -> Option<u32> {
        let device = match &self.open {
            Some(Open::Device(device)) => &device.id,
            _ => CAPTURE,
        };
        self.buffers.ran_dry(device, now)
    }

    /// Without a device there is no buffer.
    #[cfg(not(feature = "audio"))]
    pub(super) fn ran_dry(&mut self, _now: Instant) -> Option<u32> {
        None
    }
}

/// Waits for a device that is being let go, as long as that usually takes.
#[cfg(feature = "audio")]
fn wait_for(going: Option<std::thread::JoinHandle<()>>) {
    let end = Instant::now() + GOING;
    while going.as_ref().is_some_and(|going| !going.is_finished()) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Closes a device on a thread of its own, which nobody has to wait for.
#[cfg(feature = "audio")]
fn drop_aside(device: device::Device) -> Option<std::thread::JoinHandle<()>> {
    let thread = std::thread::Builder::new()
        .name("closing-device".into())
        .spawn(move || drop(device));
    thread
        .inspect_err(|error| tracing::warn!(%error, "no thread to let a device go"))
        .ok()
}
