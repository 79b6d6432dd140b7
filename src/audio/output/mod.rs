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

/// What is said of a sound system that opens nothing, or takes no more sound.
pub(super) const NO_ANSWER: &str = "the sound system does not answer";

/// How long an opening is waited for: as long as it usually takes, and some. One that takes longer is taken when it comes.
const USUAL: Duration = Duration::from_millis(200);

/// How long a device that is being let go is waited for before one is opened again.
#[cfg(feature = "audio")]
const GOING: Duration = Duration::from_millis(100);

/// The output, open or not.
pub(super) struct Output {
    choice: OutputChoice,
    open: Option<Open>,
    /// How often it was opened; what a closed one still reports is stale.
    opening: u64,
    /// The device that is on its way, at most one: a sound system that hangs would get another thread stuck in it each time.
    #[cfg(feature = "audio")]
    awaited: Option<device::Awaited>,
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
    /// A device is on its way, and silence is in its place until it comes: [`Message::Answered`]. By `due` it should have come.
    Awaited { due: Instant },
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
            awaited: None,
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
        match self.try_open(USUAL) {
            Ok(Some(open)) => {
                self.open = Some(open);
                Opening::Opened
            }
            Ok(None) => {
                let due = self.due();
                self.open = Some(Open::Silent(silent::Clock::standing_until(due)));
                Opening::Awaited { due }
            }
            Err((why, retry)) => {
                self.open = Some(Open::Silent(silent::Clock::new()));
                Opening::Silent { why, retry }
            }
        }
    }

    /// Opens what was chosen, if it is open within that time; none while it is on its way. The error says whether trying again makes sense.
    #[cfg(feature = "audio")]
    fn try_open(&mut self, within: Duration) -> Result<Option<Open>, (String, bool)> {
        match &self.choice {
            OutputChoice::None => Err(("sound is switched off".into(), false)),
            OutputChoice::Capture(handle) => {
                self.opening += 1;
                let pump = handle.pump(self.opening, self.messages.clone());
                pump.map(|pump| Some(Open::Capture(pump))).map_err(|why| (why, true))
            }
            OutputChoice::Device { .. } if self.awaited.is_some() => Ok(None),
            OutputChoice::Device { name } => {
                // Some devices can be open only once.
                wait_for(self.going.take());
                self.opening += 1;
                let awaited = device::open(name.as_deref(), &self.buffers, self.opening, &self.messages);
                let awaited = awaited.map_err(|why| (why, true))?;
                let Some(answer) = awaited.answer(within) else {
                    self.awaited = Some(awaited);
                    return Ok(None);
                };
                answer.map(|device| Some(Open::Device(device))).map_err(|why| (why, true))
            }
        }
    }

    #[cfg(not(feature = "audio"))]
    fn try_open(&mut self, within: Duration) -> Result<Option<Open>, (String, bool)> {
        self.opening += 1;
        tracing::debug!(choice = ?self.choice, messages = ?self.messages, ?within, "built without audio");
        Err(("this program was built without sound".into(), false))
    }

    /// When the device that is on its way should have come.
    #[cfg(feature = "audio")]
    fn due(&self) -> Instant {
        self.awaited.as_ref().map_or_else(Instant::now, |awaited| awaited.due)
    }

    /// Without a device none is on its way.
    #[cfg(not(feature = "audio"))]
    fn due(&self) -> Instant {
        Instant::now()
    }

    /// An opening that was waited for has come to its end: whether it sounds from now on (then the voices are gone), or why not. None when
    /// that is wanted no more.
    #[cfg(feature = "audio")]
    pub(super) fn answered(&mut self, opening: u64) -> Option<Result<(), String>> {
        let awaited = self.awaited.take_if(|awaited| awaited.opening == opening)?;
        let wanted = self.is_silent();
        match awaited.answer(Duration::ZERO)? {
            Ok(device) if wanted => {
                self.open = Some(Open::Device(device));
                Some(Ok(()))
            }
            Ok(device) => {
                self.going = drop_aside(device);
                None
            }
            Err(why) => {
                let Some(Open::Silent(clock)) = &mut self.open else { return None };
                clock.run();
                Some(Err(why))
            }
        }
    }

    /// Without a device none is on its way.
    #[cfg(not(feature = "audio"))]
    pub(super) fn answered(&mut self, _opening: u64) -> Option<Result<(), String>> {
        None
    }

    /// Silence instead of what was chosen, until [`Self::retry`] works.
    pub(super) fn go_silent(&mut self) {
        self.open = Some(Open::Silent(silent::Clock::new()));
    }

    /// Tries to replace silence by what was chosen, and waits for nothing. Once it sounds, the voices are gone.
    pub(super) fn retry(&mut self) -> Opening {
        match self.try_open(Duration::ZERO) {
            Ok(Some(open)) => {
                self.open = Some(open);
                Opening::Opened
            }
            Ok(None) => Opening::Awaited { due: self.due() },
            Err((why, retry)) => Opening::Silent { why, retry },
        }
    }

    /// True when it is the opening that a report is about, and still sounds.
    pub(super) fn is_current(&self, opening: u64) -> bool {
        self.sounds() && self.opening == opening
    }

    /// True when voices go to what was chosen.
    pub(super) fn sounds(&self) -> bool {
        self.is_open() && !self.is_silent()
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
        let sounded = self.sounds();
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
