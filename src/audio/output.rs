//! Where the sound goes: a device, a test's ear, or nowhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

#[cfg(feature = "audio")]
mod device;

use super::voice::Voice;

/// Which output is wanted.
#[derive(Debug, Clone)]
pub enum OutputChoice {
    /// The device of this name, or the system's own choice.
    Device {
        /// Its name.
        name: Option<String>,
    },
    /// None: everything runs, silently.
    None,
    /// What would sound is kept for a test.
    Capture(Capture),
}

/// What a test hears: left samples, in the rate of what plays, at the pace of the clock.
#[derive(Debug, Clone, Default)]
pub struct Capture {
    heard: Arc<Mutex<Vec<f32>>>,
}

impl Capture {
    /// Everything heard so far.
    pub fn heard(&self) -> Vec<f32> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hear(&self, samples: &[f32]) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(samples);
    }
}

/// An open output.
pub(super) enum Output {
    /// The device pulls samples on a thread of its own.
    #[cfg(feature = "audio")]
    Device(device::Device),
    /// The player thread pulls them, at the pace of the clock.
    Clocked(Clocked),
}

impl Output {
    /// Opens what is wanted. `Err` says why it cannot be had; [`Output::silent`] takes its place then.
    pub(super) fn open(choice: &OutputChoice) -> Result<Self, String> {
        match choice {
            #[cfg(feature = "audio")]
            OutputChoice::Device { name } => device::Device::open(name.as_deref()).map(Self::Device),
            #[cfg(not(feature = "audio"))]
            OutputChoice::Device { .. } => Err("this build has no sound".into()),
            OutputChoice::None => Err("sound is switched off".into()),
            OutputChoice::Capture(capture) => Ok(Self::Clocked(Clocked::new(Some(capture.clone())))),
        }
    }

    /// Runs at the pace of the clock, and nobody hears it.
    pub(super) fn silent() -> Self {
        Self::Clocked(Clocked::new(None))
    }

    /// Adds a voice to what sounds.
    pub(super) fn play(&mut self, voice: Voice) {
        match self {
            #[cfg(feature = "audio")]
            Self::Device(device) => device.play(voice),
            Self::Clocked(clocked) => clocked.voices.push(voice),
        }
    }

    /// Lets an output that has no thread of its own catch up with the clock.
    pub(super) fn pump(&mut self) {
        if let Self::Clocked(clocked) = self {
            clocked.pump();
        }
    }

    /// Whether the device is gone.
    pub(super) fn lost(&self) -> bool {
        match self {
            #[cfg(feature = "audio")]
            Self::Device(device) => device.lost(),
            Self::Clocked(_) => false,
        }
    }

    /// Whether [`Output::pump`] has to be called for anything to happen.
    pub(super) fn is_clocked(&self) -> bool {
        matches!(self, Self::Clocked(_))
    }
}

/// Pulls samples at the pace of the clock.
pub(super) struct Clocked {
    voices: Vec<Voice>,
    pulled: Instant,
    capture: Option<Capture>,
}

impl Clocked {
    /// The most that is caught up at once, in seconds: a machine that slept does not rush through the track.
    const MOST: f64 = 0.25;

    fn new(capture: Option<Capture>) -> Self {
        Self {
            voices: Vec::new(),
            pulled: Instant::now(),
            capture,
        }
    }

    fn pump(&mut self) {
        let elapsed = self.pulled.elapsed().as_secs_f64().min(Self::MOST);
        self.pulled = Instant::now();
        let rate = self.voices.last().map_or(0, Voice::rate);
        let frames = (elapsed * f64::from(rate)) as usize;
        let mut mixed = vec![0.0f32; frames];
        self.voices.retain_mut(|voice| {
            for slot in &mut mixed {
                match (voice.next(), voice.next()) {
                    (Some(left), Some(_)) => *slot += left,
                    _ => return false,
                }
            }
            true
        });
        if let Some(capture) = &self.capture {
            capture.hear(&mixed);
        }
    }
}
