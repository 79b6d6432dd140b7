//! What the server tells us, cleaned where it becomes a type of ours.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::lenient;
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

impl Track {
    /// Reads one entry of a page. `None` when it is no object or has no usable id.
    pub fn from_json(value: &Value) -> Option<Self> {
        let fields = value.as_object()?;
        let field = |name: &str| fields.get(name).unwrap_or(&Value::Null);
        let id = match field("id") {
            Value::String(id) => TrackId::new(id).ok()?,
            Value::Number(id) => TrackId::new(&id.to_string()).ok()?,
            _ => return None,
        };
        Some(Self {
            id,
            title: lenient::text(field("title")).unwrap_or_else(|| Clean::new("Untitled")),
            artist: lenient::text(field("artist")).unwrap_or_default(),
            duration_seconds: lenient::positive(field("duration_seconds")),
            bpm: lenient::positive(field("bpm")),
            key: lenient::text(field("key")),
            genre: lenient::text(field("genre")),
            subgenres: lenient::texts(field("subgenres")),
            moods: lenient::texts(field("moods")),
            has_vocals: lenient::boolean(field("has_vocals")),
            energy: lenient::text(field("energy_level")).map(|word| Energy::from(&*word)),
            instruments: lenient::texts(field("instruments")),
            preview_url: field("preview_url")
                .as_str()
                .filter(|url| !url.is_empty() && url.len() <= MAX_URL_BYTES)
                .map(str::to_owned),
        })
    }
}

/// The longest preview URL that is kept, in bytes.
const MAX_URL_BYTES: usize = 8192;

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

impl SearchPage {
    /// Reads a page and the balance that came with it. `Err` says what is wrong with the whole of it.
    pub(super) fn from_json(value: &Value) -> Result<(Self, Option<i64>), Clean> {
        let tracks = value.get("tracks").ok_or_else(|| Clean::new("it has no list of tracks"))?;
        let entries = match tracks {
            Value::Array(entries) => entries.as_slice(),
            Value::Null => &[],
            _ => return Err(Clean::new("its tracks are no list")),
        };
        let tracks: Vec<Track> = entries.iter().filter_map(Track::from_json).collect();
        let page = Self {
            skipped: entries.len() - tracks.len(),
            received: entries.len(),
            tracks,
        };
        Ok((page, value.get("credits_remaining").and_then(lenient::integer)))
    }
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
    pub raw: Value,
}

impl Account {
    /// Reads the account. `Err` says what is wrong with the whole of it.
    pub(super) fn from_json(value: &Value) -> Result<(Self, Option<i64>), Clean> {
        let fields = value.as_object().ok_or_else(|| Clean::new("it is no object"))?;
        let field = |name: &str| fields.get(name).unwrap_or(&Value::Null);
        if field("tier").is_null() && field("credits_remaining").is_null() {
            return Err(Clean::new("it names neither tier nor credits"));
        }
        let rate = field("rate_limit");
        let credits_remaining = lenient::integer(field("credits_remaining"));
        let account = Self {
            tier: lenient::text(field("tier")),
            credits_remaining,
            monthly_allowance: lenient::integer(field("monthly_allowance")),
            rate_limit: RateLimit {
                requests_per_minute: rate.get("requests_per_minute").and_then(lenient::count),
                requests_per_day: rate.get("requests_per_day").and_then(lenient::count),
            },
            created_at: lenient::text(field("created_at")),
            last_used_at: lenient::text(field("last_used_at")),
            raw: value.clone(),
        };
        Ok((account, credits_remaining))
    }
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
    pub raw: Value,
}

impl UsageRecord {
    fn from_json(value: &Value) -> Option<Self> {
        let fields = value.as_object()?;
        let field = |name: &str| fields.get(name).unwrap_or(&Value::Null);
        Some(Self {
            timestamp: field("timestamp").as_str().and_then(|text| text.trim().parse().ok()),
            endpoint: lenient::text(field("endpoint"))?,
            status_code: lenient::count(field("status_code")).and_then(|status| u16::try_from(status).ok()),
            credits_consumed: lenient::integer(field("credits_consumed")),
            response_time_ms: lenient::number(field("response_time_ms")).filter(|millis| *millis >= 0.0),
        })
    }
}

impl UsagePage {
    /// Reads a page of the history. `Err` says what is wrong with the whole of it.
    pub(super) fn from_json(value: &Value) -> Result<Self, Clean> {
        let entries = match value.get("usage") {
            Some(Value::Array(entries)) => entries.as_slice(),
            Some(Value::Null) => &[],
            _ => return Err(Clean::new("it has no list of calls")),
        };
        Ok(Self {
            records: entries.iter().filter_map(UsageRecord::from_json).collect(),
            received: entries.len(),
            total_count: value.get("total_count").and_then(lenient::count),
            raw: value.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_documented_track_comes_back_field_by_field() {
        let written = json!({"id":"trk_abc123","title":"Rain","artist":"Ada","duration_seconds":167,"bpm":84,"key":"A minor","genre":"Hip Hop",
            "subgenres":["Lo-Fi"],"moods":["Chill"],"has_vocals":false,"energy_level":"low","instruments":["piano"],"preview_url":"https://cdn/x.mp3"});
        let track = Track::from_json(&written).unwrap();
        let again = serde_json::to_value(&track).unwrap();
        for (name, value) in written.as_object().unwrap() {
            match value.as_f64() {
                Some(number) => assert_eq!(again[name].as_f64(), Some(number), "{name}"),
                None => assert_eq!(&again[name], value, "{name}"),
            }
        }
    }

    #[test]
    fn nulls_strings_and_missing_lists_are_absent_and_no_error() {
        let track = Track::from_json(
            &json!({"id":"x","title":null,"bpm":"120","duration_seconds":"long","moods":"Calm","instruments":[null,"piano",7],
            "has_vocals":"no","energy_level":"volcanic","preview_url":null,"future":{}}),
        )
        .unwrap();
        assert_eq!(&*track.title, "Untitled");
        assert_eq!((track.bpm, track.duration_seconds), (Some(120.0), None));
        assert_eq!(track.moods, vec![Clean::new("Calm")]);
        assert_eq!(track.instruments, vec![Clean::new("piano"), Clean::new("7")]);
        assert_eq!(track.has_vocals, Some(false));
        assert_eq!(track.energy, Some(Energy::Other(Clean::new("volcanic"))));
        assert_eq!(track.preview_url, None);
    }

    #[test]
    fn one_bad_track_is_left_out_and_counted() {
        let (page, credits) = SearchPage::from_json(
            &json!({"tracks":[{"id":"a"},{"title":"no id"},"text",{"id":"b c"},{"id":"d"}],"credits_remaining":44.0}),
        )
        .unwrap();
        assert_eq!(page.tracks.iter().map(|track| track.id.as_str()).collect::<Vec<_>>(), ["a", "d"]);
        assert_eq!((page.skipped, page.received, credits), (3, 5, Some(44)));
    }

    #[test]
    fn what_is_no_page_is_refused_with_a_reason() {
        for wrong in [json!([]), json!({}), json!({"tracks":"none"}), json!("text")] {
            assert!(SearchPage::from_json(&wrong).is_err(), "{wrong}");
        }
        assert!(Account::from_json(&json!({"hello":1})).is_err());
        assert!(UsagePage::from_json(&json!({"tracks":[]})).is_err());
    }

    #[test]
    fn titles_cannot_carry_escape_codes() {
        let track = Track::from_json(&json!({"id":"x","title":"\u{1b}[2JRain\u{202e}\nfall"})).unwrap();
        assert_eq!(&*track.title, "[2JRain fall");
    }

    #[test]
    fn the_vendors_examples_of_me_and_usage_are_read() {
        let (me, credits) = Account::from_json(&json!({"tier":"free","credits_remaining":487,"monthly_allowance":500,"rate_limit":{"requests_per_minute":10,"requests_per_day":1000}})).unwrap();
        assert_eq!(
            (me.tier.as_deref(), credits, me.monthly_allowance),
            (Some("free"), Some(487), Some(500))
        );
        assert_eq!(
            me.rate_limit,
            RateLimit {
                requests_per_minute: Some(10),
                requests_per_day: Some(1000)
            }
        );
        let usage = UsagePage::from_json(&json!({"usage":[{"timestamp":"2026-02-20T14:22:15Z","endpoint":"/search","status_code":200,"credits_consumed":1,"response_time_ms":142},null],"total_count":127})).unwrap();
        assert_eq!((usage.records.len(), usage.received, usage.total_count), (1, 2, Some(127)));
        assert_eq!(usage.records[0].timestamp.unwrap().to_string(), "2026-02-20T14:22:15Z");
    }
}
