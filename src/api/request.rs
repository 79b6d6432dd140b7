//! What we ask, checked before anything is sent.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Energy, TrackId};

/// The longest query we send, in characters. The contract names no limit; a description of music needs no more.
pub const MAX_QUERY_CHARS: usize = 1000;

/// Why a request was not even tried. The text says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// The optional filters of a search. Lists are sets: order and repetition mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Filters {
    /// Parent genres; a track matches at least one.
    pub genres: BTreeSet<String>,
    /// Moods; a track matches at least one.
    pub moods: BTreeSet<String>,
    /// Instruments.
    pub instruments: BTreeSet<String>,
    /// `true`: with vocals only; `false`: instrumental only.
    pub has_vocals: Option<bool>,
    /// Slowest tempo, 40 to 200 BPM.
    pub min_bpm: Option<u16>,
    /// Fastest tempo, 40 to 200 BPM.
    pub max_bpm: Option<u16>,
    /// Energy level; never [`Energy::Other`].
    pub energy: Option<Energy>,
}

/// A checked search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchRequest {
    query: String,
    filters: Filters,
    limit: u8,
    offset: u32,
}

impl SearchRequest {
    /// Checks a search.
    ///
    /// # Errors
    /// [`Invalid`] for an empty query, one over [`MAX_QUERY_CHARS`], a limit outside 1–100, BPM outside 40–200 or a
    /// minimum above the maximum, an energy level the contract does not name.
    pub fn new(query: &str, filters: Filters, limit: u8, offset: u32) -> Result<Self, Invalid> {
        let _ = (query, filters, limit, offset);
        todo!("api helper")
    }

    /// The query as it is sent: ends trimmed, control characters gone.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The filters.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// How many tracks are asked for, 1 to 100.
    pub fn limit(&self) -> u8 {
        self.limit
    }

    /// How many tracks to skip.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// The JSON body, with absent filters left out.
    pub fn body(&self) -> serde_json::Value {
        todo!("api helper")
    }
}

/// A length or a point in time, kept in whole milliseconds so that it can be compared and hashed. Sent as JSON number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seconds(u32);

impl Seconds {
    /// From seconds; rounds to milliseconds. `None` if negative, not finite or over 49 days.
    pub fn new(seconds: f64) -> Option<Self> {
        let millis = (seconds * 1000.0).round();
        (seconds.is_finite() && (0.0..f64::from(u32::MAX)).contains(&millis)).then_some(Self(millis as u32))
    }

    /// In seconds.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// In milliseconds.
    pub fn as_millis(self) -> u32 {
        self.0
    }
}

impl Serialize for Seconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1000) {
            serializer.serialize_u32(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

/// A part of a track: the server picks the best-sounding segment of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Clip {
    duration: Seconds,
    hit_point: Option<Seconds>,
}

impl Clip {
    /// Checks a clip.
    ///
    /// # Errors
    /// [`Invalid`] for a duration outside 10–300 s, or a hit point that is negative or not before the end.
    pub fn new(duration_seconds: f64, hit_point_seconds: Option<f64>) -> Result<Self, Invalid> {
        let _ = (duration_seconds, hit_point_seconds);
        todo!("api helper")
    }

    /// Its length.
    pub fn duration(self) -> Seconds {
        self.duration
    }

    /// Where the track's dominant energy peak shall land, ±1 s.
    pub fn hit_point(self) -> Option<Seconds> {
        self.hit_point
    }
}

/// A checked download.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DownloadRequest {
    /// Which track.
    pub track_id: TrackId,
    /// Which part; `None`: the full track.
    pub clip: Option<Clip>,
}

impl DownloadRequest {
    /// The JSON body, with absent fields left out.
    pub fn body(&self) -> serde_json::Value {
        todo!("api helper")
    }
}
