//! What a request may say: every wrong type or value is refused by name.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::catalogue::Energy;
use super::errors::Refusal;

/// A search, checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SearchRequest {
    pub query: String,
    pub limit: usize,
    pub offset: usize,
    pub filters: Filters,
}

/// What a track must have. Words are lower case; an empty list asks for nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filters {
    pub genres: Vec<String>,
    pub moods: Vec<String>,
    pub instruments: Vec<String>,
    pub has_vocals: Option<bool>,
    pub min_bpm: Option<f64>,
    pub max_bpm: Option<f64>,
    pub energy: Option<Energy>,
}

/// A download, checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DownloadRequest {
    pub track_id: String,
    /// 10 to 300 seconds; `None` is the full track.
    pub duration_seconds: Option<f64>,
    /// From 0 to the duration, the duration excluded.
    pub hit_point_seconds: Option<f64>,
}

/// Turns a body into an object, or says why it is none.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(bad("The body must be a JSON object")),
        Err(error) => Err(bad(format!("The body is not JSON: {error}"))),
    }
}

impl SearchRequest {
    pub fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let query = required_text(fields, "query")?;
        let limit = integer(fields, "limit")?.unwrap_or(20);
        if !(1..=100).contains(&limit) {
            return Err(bad("limit must be between 1 and 100"));
        }
        let offset = integer(fields, "offset")?.unwrap_or(0);
        if offset < 0 {
            return Err(bad("offset must not be negative"));
        }
        let filters = match fields.get("filters") {
            None => Filters::default(),
            Some(Value::Object(fields)) => Filters::read(fields)?,
            Some(_) => return Err(bad("filters must be an object")),
        };
        Ok(Self {
            query,
            limit: limit as usize,
            offset: offset as usize,
            filters,
        })
    }
}

impl Filters {
    fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let has_vocals = match fields.get("has_vocals") {
            None => None,
            Some(Value::Bool(wanted)) => Some(*wanted),
            Some(_) => return Err(bad("filters.has_vocals must be true or false")),
        };
        let energy = match fields.get("energy_level") {
            None => None,
            Some(level) => {
                let level = level.as_str().map(str::to_lowercase);
                Some(
                    level
                        .as_deref()
                        .and_then(Energy::from_word)
                        .ok_or_else(|| bad("filters.energy_level must be low, medium or high"))?,
                )
            }
        };
        let (min_bpm, max_bpm) = (bpm(fields, "min_bpm")?, bpm(fields, "max_bpm")?);
        if let (Some(min), Some(max)) = (min_bpm, max_bpm)
            && min > max
        {
            return Err(bad("filters.min_bpm must not be greater than filters.max_bpm"));
        }
        Ok(Self {
            genres: words(fields, "genres")?,
            moods: words(fields, "moods")?,
            instruments: words(fields, "instruments")?,
            has_vocals,
            min_bpm,
            max_bpm,
            energy,
        })
    }
}

impl DownloadRequest {
    pub fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let track_id = required_text(fields, "track_id")?;
        let duration_seconds = number(fields, "duration_seconds")?;
        let hit_point_seconds = number(fields, "hit_point_seconds")?;
        if duration_seconds.is_some_and(|seconds| !(10.0..=300.0).contains(&seconds)) {
            return Err(bad("duration_seconds must be between 10 and 300"));
        }
        match (hit_point_seconds, duration_seconds) {
            (Some(_), None) => return Err(bad("hit_point_seconds requires duration_seconds")),
            (Some(hit), Some(duration)) if !(0.0..duration).contains(&hit) => {
                return Err(bad("hit_point_seconds must be at least 0 and less than duration_seconds"));
            }
            _ => {}
        }
        Ok(Self {
            track_id,
            duration_seconds,
            hit_point_seconds,
        })
    }
}

/// `limit` and `offset` of a query string.
pub(super) fn page(query: Option<&str>) -> Result<(usize, usize), Refusal> {
    let (mut limit, mut offset) = (50, 0);
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let number = || {
            value
                .parse::<u32>()
                .map(|number| number as usize)
                .map_err(|_| bad(format!("{name} must be a whole number")))
        };
        match name.as_ref() {
            "limit" => limit = number()?,
            "offset" => offset = number()?,
            _ => {}
        }
    }
    if !(1..=100).contains(&limit) {
        return Err(bad("limit must be between 1 and 100"));
    }
    Ok((limit, offset))
}

fn bad(what: impl Into<String>) -> Refusal {
    Refusal::Bad(what.into())
}

fn required_text(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match fields.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(Value::String(_)) => Err(bad(format!("{name} must not be empty"))),
        Some(_) => Err(bad(format!("{name} must be a string"))),
        None => Err(bad(format!("{name} is required"))),
    }
}

fn integer(fields: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    fields
        .get(name)
        .map(|value| value.as_i64().ok_or_else(|| bad(format!("{name} must be a whole number"))))
        .transpose()
}

fn number(fields: &Map<String, Value>, name: &str) -> Result<Option<f64>, Refusal> {
    fields
        .get(name)
        .map(|value| value.as_f64().ok_or_else(|| bad(format!("{name} must be a number"))))
        .transpose()
}

fn bpm(fields: &Map<String, Value>, name: &str) -> Result<Option<f64>, Refusal> {
    let bpm = number(fields, name)?;
    if bpm.is_some_and(|bpm| !(40.0..=200.0).contains(&bpm)) {
        return Err(bad(format!("filters.{name} must be between 40 and 200")));
    }
    Ok(bpm)
}

fn words(fields: &Map<String, Value>, name: &str) -> Result<Vec<String>, Refusal> {
    let wrong = || bad(format!("filters.{name} must be a list of strings"));
    let Some(list) = fields.get(name) else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(wrong)?;
    list.iter()
        .map(|word| word.as_str().map(|word| word.trim().to_lowercase()).ok_or_else(wrong))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn search(body: &Value) -> Result<SearchRequest, Refusal> {
        SearchRequest::read(&object(body.to_string().as_bytes())?)
    }

    fn download(body: &Value) -> Result<DownloadRequest, Refusal> {
        DownloadRequest::read(&object(body.to_string().as_bytes())?)
    }

    #[test]
    fn a_plain_search_takes_the_defaults() {
        let request = search(&json!({"query": "rain"})).unwrap();
        assert_eq!((request.limit, request.offset, request.filters), (20, 0, Filters::default()));
    }

    #[test]
    fn wrong_searches_are_refused() {
        for body in [
            json!({}),
            json!({"query": ""}),
            json!({"query": "  "}),
            json!({"query": 7}),
            json!({"query": "x", "limit": 0}),
            json!({"query": "x", "limit": 101}),
            json!({"query": "x", "limit": "20"}),
            json!({"query": "x", "limit": 2.5}),
            json!({"query": "x", "offset": -1}),
            json!({"query": "x", "filters": []}),
            json!({"query": "x", "filters": {"min_bpm": 39}}),
            json!({"query": "x", "filters": {"max_bpm": 201}}),
            json!({"query": "x", "filters": {"min_bpm": 120, "max_bpm": 100}}),
            json!({"query": "x", "filters": {"energy_level": "huge"}}),
            json!({"query": "x", "filters": {"energy_level": 3}}),
            json!({"query": "x", "filters": {"genres": "Rock"}}),
            json!({"query": "x", "filters": {"moods": [1]}}),
            json!({"query": "x", "filters": {"has_vocals": "no"}}),
            json!(["query"]),
        ] {
            assert!(matches!(search(&body), Err(Refusal::Bad(_))), "{body}");
        }
    }

    #[test]
    fn wrong_downloads_are_refused() {
        for body in [
            json!({}),
            json!({"track_id": 5}),
            json!({"track_id": "t", "duration_seconds": 9}),
            json!({"track_id": "t", "duration_seconds": 301}),
            json!({"track_id": "t", "duration_seconds": "30"}),
            json!({"track_id": "t", "hit_point_seconds": 3}),
            json!({"track_id": "t", "duration_seconds": 30, "hit_point_seconds": -1}),
            json!({"track_id": "t", "duration_seconds": 30, "hit_point_seconds": 30}),
        ] {
            assert!(matches!(download(&body), Err(Refusal::Bad(_))), "{body}");
        }
        let request = download(&json!({"track_id": "t", "duration_seconds": 10, "hit_point_seconds": 0})).unwrap();
        assert_eq!(request.hit_point_seconds, Some(0.0));
    }

    #[test]
    fn pages_of_the_history() {
        assert_eq!(page(None), Ok((50, 0)));
        assert_eq!(page(Some("offset=7&limit=100")), Ok((100, 7)));
        for query in ["limit=0", "limit=101", "limit=x", "offset=-1"] {
            assert!(page(Some(query)).is_err(), "{query}");
        }
    }
}
