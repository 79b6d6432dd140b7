//! The player pane.

use std::sync::Arc;
use std::time::Duration;

use super::Moment;
use crate::api::Track;
use crate::audio::{Analysis, Waveform};
use crate::clip::Features;

/// The place is told at least this often while it plays, in milliseconds.
const TELLING_MS: u64 = 120;

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
    /// It has sounded since it was asked for.
    pub started: bool,
    /// Where in the preview, at the moment when that was told.
    pub position: Duration,
    /// When it was told.
    pub position_at: Moment,
    /// Where it was sent last, as long as the player has not answered that: places told until then are from before.
    pub seeking: Option<Duration>,
    /// It began at its start for want of knowing its peak, and goes to the peak if that is known soon.
    pub peak_wanted: bool,
    /// Length of the preview, once it is known.
    pub length: Option<Duration>,
    /// The waveform as far as the bytes have come.
    pub waveform: Arc<Waveform>,
    /// What the whole preview was found to be, once somebody has listened to all of it.
    pub analysis: Option<Arc<Analysis>>,
    /// What the whole preview is like, once that was asked for.
    pub features: Option<Arc<Features>>,
    /// 0 to 100 %.
    pub volume: u8,
    /// Muted.
    pub muted: bool,
    /// All previews are brought to the same loudness.
    pub even: bool,
    /// What the cursor reaches begins at its peak.
    pub start_at_peak: bool,
    /// Play what the cursor reaches.
    pub auto_audition: bool,
    /// Play it again at the end.
    pub repeat: bool,
    /// Loop in.
    pub loop_in: Option<Duration>,
    /// Loop out.
    pub loop_out: Option<Duration>,
    /// The hit point, as a moment of the preview.
    pub hit: Option<Duration>,
    /// The device.
    pub device: Device,
    /// How often the device ran dry in this session, each time a gap in the sound.
    pub underruns: u32,
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
            started: false,
            position: Duration::ZERO,
            position_at: Moment(0),
            seeking: None,
            peak_wanted: false,
            length: None,
            waveform: Arc::default(),
            analysis: None,
            features: None,
            volume: 80,
            muted: false,
            even: false,
            start_at_peak: false,
            auto_audition: true,
            repeat: false,
            loop_in: None,
            loop_out: None,
            hit: None,
            device: Device::Idle,
            underruns: 0,
            audition_at: None,
            moved_at: None,
            upwards: false,
        }
    }
}

impl PlayerState {
    /// The dominant energy peak, as far as the preview was listened to.
    pub fn peak(&self) -> Option<Duration> {
        self.analysis
            .as_ref()
            .map_or_else(|| self.waveform.peak(), |analysis| analysis.peak)
    }

    /// It goes on after a pause. That it waits for bytes, the player tells again.
    pub fn go_on(&mut self) {
        self.phase = if self.started { Phase::Playing } else { Phase::Loading };
    }

    /// It is being sent there: shown at once, before the player has done it.
    pub fn sought(&mut self, to: Duration, now: Moment) {
        self.position = to;
        self.position_at = now;
        self.seeking = Some(to);
    }

    /// Its place is told. What was told before it was sent somewhere, or paused, is old news.
    pub fn told(&mut self, place: Duration, now: Moment) {
        let answers = self.seeking == Some(place);
        if answers || (self.seeking.is_none() && self.phase != Phase::Paused) {
            self.position = place;
            self.position_at = now;
            self.seeking = None;
        }
    }

    /// Where in the preview it is now, at `now`: it goes on between one telling and the next.
    pub fn here(&self, now: Moment) -> Duration {
        let since = if self.phase == Phase::Playing {
            // It is told ten times a second; what is older belongs to a stall.
            Duration::from_millis(now.since(self.position_at).min(TELLING_MS))
        } else {
            Duration::ZERO
        };
        self.length.map_or(self.position + since, |length| {
            (self.position + since).min(length.max(self.position))
        })
    }
}
