//! The player pane.

use std::sync::Arc;
use std::time::Duration;

use super::Moment;
use crate::api::Track;
use crate::audio::Waveform;
use crate::clip::Features;

/// What the player is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nothing was played yet.
    #[default]
    Idle,
    /// The first bytes are on their way.
    Loading,
    /// Sound (or, in silent mode, time) is running.
    Playing,
    /// Waiting for more bytes.
    Buffering,
    /// Paused by the user.
    Paused,
    /// Played to the end.
    Ended,
    /// The preview cannot be played; the text says why.
    Failed(String),
}

/// Whether there is a device to hear it on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Device {
    /// Not tried yet, or let go because nothing plays.
    #[default]
    Idle,
    /// Open.
    Open,
    /// None, or none that works: everything runs, silently.
    Silent(String),
}

/// The pane.
#[derive(Debug, Clone)]
pub struct PlayerState {
    /// What was played last.
    pub track: Option<Arc<Track>>,
    /// Events that carry another ticket belong to an earlier track.
    pub ticket: u64,
    /// What it does.
    pub phase: Phase,
    /// Where in the preview.
    pub position: Duration,
    /// Length of the preview, once it is known.
    pub length: Option<Duration>,
    /// The waveform as far as the bytes have come.
    pub waveform: Arc<Waveform>,
    /// What the whole preview is like, once that was asked for.
    pub features: Option<Arc<Features>>,
    /// 0 to 100 %.
    pub volume: u8,
    /// Muted.
    pub muted: bool,
    /// Play what the cursor reaches.
    pub auto_audition: bool,
    /// Play it again at the end.
    pub repeat: bool,
    /// Loop in.
    pub loop_in: Option<Duration>,
    /// Loop out.
    pub loop_out: Option<Duration>,
    /// The device.
    pub device: Device,
    /// The cursor rests here soon: what it is on then plays.
    pub audition_at: Option<Moment>,
    /// When the cursor moved last.
    pub moved_at: Option<Moment>,
    /// The cursor moves up the list, so the rows above are the likely next ones.
    pub upwards: bool,
}

impl Default for PlayerState {
    fn default() -> Self {
        Self {
            track: None,
            ticket: 0,
            phase: Phase::Idle,
            position: Duration::ZERO,
            length: None,
            waveform: Arc::default(),
            features: None,
            volume: 80,
            muted: false,
            auto_audition: true,
            repeat: false,
            loop_in: None,
            loop_out: None,
            device: Device::Idle,
            audition_at: None,
            moved_at: None,
            upwards: false,
        }
    }
}
