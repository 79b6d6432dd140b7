//! The clip panel: a length, a hit point, and which part of the track that will probably be.

use std::sync::Arc;

use tui_input::Input;

use super::Ownership;
use crate::api::{Clip, DownloadRequest, Track};
use crate::clip::{Fades, Features, Segment};

/// Lengths on offer, in seconds.
pub const PRESETS: [f64; 4] = [15.0, 30.0, 60.0, 90.0];

/// How rehearsed and cut clips end. Which fades the vendor makes is not documented.
pub const FADE_OUT_SECONDS: f64 = 0.5;

/// Which value of the panel the keys change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClipField {
    /// The length.
    #[default]
    Length,
    /// The hit point.
    HitPoint,
}

/// What is being typed.
#[derive(Debug, Clone)]
pub enum ClipEntry {
    /// A value of the field with the focus.
    Value(Input),
    /// The path of a file whose length is wanted.
    File(Input),
}

/// The panel.
#[derive(Debug, Clone)]
pub struct ClipPanel {
    /// The track.
    pub track: Arc<Track>,
    /// Length of the clip in seconds, within [`crate::api::CLIP_SECONDS`].
    pub seconds: f64,
    /// The file that the length was read from.
    pub length_of: Option<String>,
    /// Where in the clip the energy peak shall land, in seconds, before its end.
    pub hit_point: Option<f64>,
    /// Which value the keys change.
    pub field: ClipField,
    /// What is being typed, if anything is.
    pub typing: Option<ClipEntry>,
    /// What went wrong last.
    pub problem: Option<String>,
    /// The part it will probably be; `None` until the preview was listened to.
    pub estimate: Option<Segment>,
    /// Whether the full track is owned, so that clips of it cost nothing.
    pub full: Ownership,
    /// The hit point was wanted at this moment of the preview, in seconds, before it was known which part it is about.
    pub tapped: Option<f64>,
    /// A clip is being cut.
    pub cutting: bool,
}

impl ClipPanel {
    /// For a track, half a minute long.
    pub fn new(track: Arc<Track>) -> Self {
        Self {
            track,
            seconds: 30.0,
            length_of: None,
            hit_point: None,
            field: ClipField::default(),
            typing: None,
            problem: None,
            estimate: None,
            full: Ownership::Checking,
            tapped: None,
            cutting: false,
        }
    }

    /// The clip as it is asked for.
    pub fn clip(&self) -> Option<Clip> {
        Clip::new(self.seconds, self.hit_point).ok()
    }

    /// The full track as a download, to see whether it is owned.
    pub fn full_request(&self) -> DownloadRequest {
        DownloadRequest {
            track_id: self.track.id.clone(),
            clip: None,
        }
    }

    /// Why nobody can tell whether the full track is owned, in a sentence; `None` where that is known, or still looked up.
    pub fn unknown_ownership(&self) -> Option<String> {
        match &self.full {
            Ownership::Unknown(why) => Some(format!("Whether you own the full track cannot be told: {why}")),
            Ownership::Checking | Ownership::New | Ownership::Owned(_) => None,
        }
    }

    /// How the part that can be heard begins and ends: faded where the clip does, hard where only the preview does.
    pub fn rehearsal_fades(&self, heard_seconds: f64) -> Fades {
        let fades = Fades::out_over(FADE_OUT_SECONDS);
        let whole = |inside: bool, seconds: f64| if inside { seconds } else { 0.0 };
        self.estimate.map_or(fades, |segment| Fades {
            rise: whole(segment.start >= 0.0, fades.rise),
            fall: whole(segment.end() <= heard_seconds + 0.1, fades.fall),
        })
    }
}

/// What was rehearsed of a clip before it was bought, to measure the delivered one by.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsed {
    /// The clip.
    pub clip: Clip,
    /// The part that was expected, in preview time.
    pub estimate: Segment,
    /// The preview.
    pub preview: Arc<Features>,
}
