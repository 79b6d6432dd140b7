//! What the server tells us, cleaned where it becomes a type of ours.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::text::Clean;

/// A track's id, sent back to the server exactly as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TrackId(String);

/// The string cannot be a track id: empty, over 200 bytes, or with white space or a control character in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a track id has 1 to 200 visible characters and no spaces, such as trk_abc123")]
pub struct InvalidTrackId;

impl TrackId {
    /// Takes an id as the server or the user wrote it.
    ///
    /// # Errors
    /// [`InvalidTrackId`] when it is empty, over 200 bytes, or has anything but visible ASCII in it.
    pub fn new(raw: &str) -> Result<Self, InvalidTrackId> {
        if raw.is_empty() || raw.len() > 200 || !raw.chars().all(|c| c.is_ascii_graphic()) {
            return Err(InvalidTrackId);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The id itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How much drive a track has: the contract's three levels, and room for one it does not name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Energy {
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
    /// A level the contract does not name.
    Other(Clean),
}

impl Energy {
    /// The word as the API writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for Energy {
    fn from(word: &str) -> Self {
        match word.trim().to_lowercase().as_str() {
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            _ => Self::Other(Clean::new(word)),
        }
    }
}

impl Serialize for Energy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One track of the catalogue. Only the id is sure to be there. Serialises with the API's field names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Track {
    /// Its id.
    pub id: TrackId,
    /// Its title; "Untitled" where the server sent none.
    pub title: Clean,
    /// Who made it; may be empty.
    pub artist: Clean,
    /// Length of the full track in seconds, finite and above 0.
    pub duration_seconds: Option<f64>,
    /// Tempo in beats per minute, finite and above 0.
    pub bpm: Option<f64>,
    /// Musical key, such as `A minor`.
    pub key: Option<Clean>,
    /// Parent genre.
    pub genre: Option<Clean>,
    /// Finer genres.
    pub subgenres: Vec<Clean>,
    /// Moods.
    pub moods: Vec<Clean>,
    /// Whether somebody sings.
    pub has_vocals: Option<bool>,
    /// Its energy.
    #[serde(rename = "energy_level")]
    pub energy: Option<Energy>,
    /// Instruments.
    pub instruments: Vec<Clean>,
    /// Where its preview is, exactly as the server wrote it; not checked here (the preview fetcher follows only http and https).
    pub preview_url: Option<String>,
}

/// One page of search results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchPage {
    /// The tracks that could be read, in the server's order.
    pub tracks: Vec<Track>,
    /// How many entries had to be left out because they have no usable id or are not objects.
    pub skipped: usize,
    /// How many entries the server sent, skipped ones included: fewer than asked for means this is the last page.
    pub received: usize,
}

/// The answer of `/me`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// `free`, `starter`, `pro`, or whatever else the server says.
    pub tier: Option<Clean>,
    /// Credits left.
    pub credits_remaining: Option<i64>,
    /// Credits a month.
    pub monthly_allowance: Option<i64>,
    /// Limits of the key.
    pub rate_limit: RateLimit,
    /// When the key was made.
    pub created_at: Option<Clean>,
    /// When it was last used.
    pub last_used_at: Option<Clean>,
    /// The whole document as the server sent it, for `me --json`.
    pub raw: serde_json::Value,
}

/// Limits as `/me` tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimit {
    /// Requests a minute.
    pub requests_per_minute: Option<u64>,
    /// Requests a day.
    pub requests_per_day: Option<u64>,
}

/// One call as `/usage` remembers it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsageRecord {
    /// When, by the server's clock.
    pub timestamp: Option<Timestamp>,
    /// Which call, such as `/search`.
    pub endpoint: Clean,
    /// The HTTP status it was answered with.
    pub status_code: Option<u16>,
    /// What it cost.
    pub credits_consumed: Option<i64>,
    /// How long the server took, in milliseconds.
    pub response_time_ms: Option<f64>,
}

/// One page of `/usage`, newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UsagePage {
    /// The records that could be read.
    pub records: Vec<UsageRecord>,
    /// How many entries the server sent on this page, unreadable ones included.
    pub received: usize,
    /// How many records there are in all.
    pub total_count: Option<u64>,
    /// The whole document as the server sent it, for `usage --json`.
    pub raw: serde_json::Value,
}
