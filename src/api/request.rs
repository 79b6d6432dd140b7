//! What we ask, checked before anything is sent.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Energy, TrackId};
use crate::text::is_hidden;

/// The longest query we send, in characters. The contract names no limit; a description of music needs no more.
pub const MAX_QUERY_CHARS: usize = 1000;

/// The most tracks that a search can ask for, which cost what one costs.
pub const PAGE_LIMIT: u8 = 100;

/// Slowest tempo the API takes, in BPM.
pub const BPM_MIN: u16 = 40;
/// Fastest tempo the API takes, in BPM.
pub const BPM_MAX: u16 = 200;

/// The shortest and the longest clip, in seconds.
pub const CLIP_SECONDS: RangeInclusive<f64> = 10.0..=300.0;

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
    /// Slowest tempo in BPM, [`BPM_MIN`] to [`BPM_MAX`].
    pub min_bpm: Option<u16>,
    /// Fastest tempo in BPM, [`BPM_MIN`] to [`BPM_MAX`].
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
    /// [`Invalid`] for an empty query, one over [`MAX_QUERY_CHARS`], a limit outside 1–100, BPM outside [`BPM_MIN`]–[`BPM_MAX`] or a
    /// minimum above the maximum, an energy level the contract does not name.
    pub fn new(query: &str, filters: Filters, limit: u8, offset: u32) -> Result<Self, Invalid> {
        let query: String = query
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .filter(|c| !is_hidden(*c))
            .collect();
        let query = query.trim().to_owned();
        if query.is_empty() {
            return Err(Invalid("describe the music you are looking for: the query is empty".into()));
        }
        let chars = query.chars().count();
        if chars > MAX_QUERY_CHARS {
            return Err(Invalid(format!(
                "the query has {chars} characters, and {MAX_QUERY_CHARS} are the most that are sent: shorten it"
            )));
        }
        if !(1..=PAGE_LIMIT).contains(&limit) {
            return Err(Invalid(format!("the limit is {limit}: ask for 1 to {PAGE_LIMIT} tracks")));
        }
        filters.check()?;
        Ok(Self {
            query,
            filters,
            limit,
            offset,
        })
    }

    /// The same search from another place on.
    #[must_use]
    pub fn with_offset(&self, offset: u32) -> Self {
        Self { offset, ..self.clone() }
    }

    /// The query as it is sent: ends trimmed, control characters gone, and whatever a terminal would hide or obey.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The filters.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// The same, for as many tracks as one credit brings.
    #[must_use]
    pub fn with_full_page(&self) -> Self {
        Self {
            limit: PAGE_LIMIT,
            ..self.clone()
        }
    }

    /// How many tracks are asked for, 1 to [`PAGE_LIMIT`].
    pub fn limit(&self) -> u8 {
        self.limit
    }

    /// How many tracks to skip.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// The JSON body, with absent filters left out.
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("query".into(), self.query.as_str().into());
        body.insert("limit".into(), self.limit.into());
        body.insert("offset".into(), self.offset.into());
        let filters = self.filters.json();
        if !filters.is_empty() {
            body.insert("filters".into(), filters.into());
        }
        Value::Object(body)
    }
}

impl Filters {
    /// Nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self) -> Result<(), Invalid> {
        for (name, bpm) in [("lowest", self.min_bpm), ("highest", self.max_bpm)] {
            if let Some(bpm) = bpm.filter(|bpm| !(BPM_MIN..=BPM_MAX).contains(bpm)) {
                return Err(Invalid(format!("the {name} BPM is {bpm}: it can be {BPM_MIN} to {BPM_MAX}")));
            }
        }
        if let (Some(min), Some(max)) = (self.min_bpm, self.max_bpm)
            && min > max
        {
            return Err(Invalid(format!("the lowest BPM ({min}) is above the highest ({max}): swap them")));
        }
        if let Some(Energy::Other(word)) = &self.energy {
            return Err(Invalid(format!("the energy “{word}” is not known: use low, medium or high")));
        }
        Ok(())
    }

    fn json(&self) -> Map<String, Value> {
        let mut json = Map::new();
        for (name, list) in [("genres", &self.genres), ("moods", &self.moods), ("instruments", &self.instruments)] {
            if !list.is_empty() {
                json.insert(name.into(), list.iter().cloned().collect::<Vec<_>>().into());
            }
        }
        if let Some(has_vocals) = self.has_vocals {
            json.insert("has_vocals".into(), has_vocals.into());
        }
        for (name, bpm) in [("min_bpm", self.min_bpm), ("max_bpm", self.max_bpm)] {
            if let Some(bpm) = bpm {
                json.insert(name.into(), bpm.into());
            }
        }
        if let Some(energy) = &self.energy {
            json.insert("energy_level".into(), energy.as_str().into());
        }
        json
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

impl Seconds {
    /// A whole number of seconds is sent as an integer.
    fn json(self) -> Value {
        if self.0.is_multiple_of(1000) {
            (self.0 / 1000).into()
        } else {
            self.as_f64().into()
        }
    }
}

impl Serialize for Seconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
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
    /// [`Invalid`] for a duration outside [`CLIP_SECONDS`], or a hit point that is negative or not before the end.
    pub fn new(duration_seconds: f64, hit_point_seconds: Option<f64>) -> Result<Self, Invalid> {
        let duration = Seconds::new(duration_seconds)
            .filter(|_| CLIP_SECONDS.contains(&duration_seconds))
            .ok_or_else(|| {
                let (shortest, longest) = CLIP_SECONDS.into_inner();
                Invalid(format!(
                    "the duration is {duration_seconds} s: a clip is {shortest} to {longest} s long"
                ))
            })?;
        let hit_point = match hit_point_seconds {
            None => None,
            Some(seconds) => Some(Seconds::new(seconds).filter(|hit| *hit < duration).ok_or_else(|| {
                Invalid(format!(
                    "the hit point is at {seconds} s: it has to lie between 0 and the end of the clip ({duration_seconds} s)"
                ))
            })?),
        };
        Ok(Self { duration, hit_point })
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
    pub fn body(&self) -> Value {
        let mut body = Map::new();
        body.insert("track_id".into(), self.track_id.as_str().into());
        if let Some(clip) = self.clip {
            body.insert("duration_seconds".into(), clip.duration.json());
            if let Some(hit_point) = clip.hit_point {
                body.insert("hit_point_seconds".into(), hit_point.json());
            }
        }
        Value::Object(body)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn search(query: &str, filters: Filters) -> Result<SearchRequest, Invalid> {
        SearchRequest::new(query, filters, 100, 0)
    }

    #[test]
    fn absent_filters_are_left_out_and_present_ones_are_exact() {
        assert_eq!(
            search(" calm piano ", Filters::default()).unwrap().body(),
            json!({"query":"calm piano","limit":100,"offset":0})
        );
        let filters = Filters {
            genres: ["Jazz".into()].into(),
            has_vocals: Some(false),
            min_bpm: Some(70),
            max_bpm: Some(95),
            energy: Some(Energy::Low),
            ..Filters::default()
        };
        assert_eq!(
            search("x", filters).unwrap().body()["filters"],
            json!({"genres":["Jazz"],"has_vocals":false,"min_bpm":70,"max_bpm":95,"energy_level":"low"})
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_what_to_change() {
        let refused = |filters: Filters| search("x", filters).unwrap_err().0;
        assert_eq!(search("\u{0} calm\npiano \u{7}", Filters::default()).unwrap().query(), "calm piano");
        assert_eq!(
            search("rain\u{202e}\u{200b}y\u{2028} day", Filters::default()).unwrap().query(),
            "rainy day"
        );
        assert!(search("  \n \u{0}", Filters::default()).unwrap_err().0.contains("empty"));
        assert!(
            search(&"x".repeat(10_000), Filters::default())
                .unwrap_err()
                .0
                .contains("10000 characters")
        );
        assert!(
            refused(Filters {
                min_bpm: Some(39),
                ..Filters::default()
            })
            .contains("40 to 200")
        );
        assert!(
            refused(Filters {
                max_bpm: Some(201),
                ..Filters::default()
            })
            .contains("40 to 200")
        );
        assert!(
            refused(Filters {
                min_bpm: Some(140),
                max_bpm: Some(120),
                ..Filters::default()
            })
            .contains("(140) is above the highest (120)")
        );
        assert!(
            refused(Filters {
                energy: Some("huge".into()),
                ..Filters::default()
            })
            .contains("“huge”")
        );
        assert!(SearchRequest::new("x", Filters::default(), 0, 0).is_err() && SearchRequest::new("x", Filters::default(), 101, 0).is_err());
    }

    #[test]
    fn clips_are_10_to_300_seconds_with_the_hit_inside() {
        assert!(Clip::new(9.9, None).is_err() && Clip::new(301.0, None).is_err() && Clip::new(f64::NAN, None).is_err());
        assert!(Clip::new(30.0, Some(30.0)).is_err() && Clip::new(30.0, Some(-1.0)).is_err());
        let request = DownloadRequest {
            track_id: TrackId::new("trk_1").unwrap(),
            clip: Some(Clip::new(30.0, Some(12.5)).unwrap()),
        };
        assert_eq!(
            request.body(),
            json!({"track_id":"trk_1","duration_seconds":30,"hit_point_seconds":12.5})
        );
    }
}
