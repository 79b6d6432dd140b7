//! Asks that are nearly the same: the same words in another order, and no filter that the wanted one does not have.

use rusqlite::params;
use serde_json::Value;

use super::{Library, LibraryError};
use crate::api::{Energy, Filters, SearchRequest};
use crate::words::folded;

/// An answer that is here to an ask that is nearly the one that is wanted: with the wanted filters its rows narrow to it, free.
#[derive(Debug, Clone, PartialEq)]
pub struct NearlySame {
    /// What was asked.
    pub request: SearchRequest,
    /// How old its answer is, in seconds.
    pub age_seconds: u64,
}

/// Whether `kept` answers nearly what `wanted` asks.
pub fn nearly_same(kept: &SearchRequest, wanted: &SearchRequest) -> bool {
    words_of(kept.query()) == words_of(wanted.query()) && no_wider(&filters(kept), &filters(wanted)) && kept.offset() == wanted.offset()
}

/// The words of a query in an order of their own, each once: the same for asks that are nearly the same.
pub fn words_of(query: &str) -> String {
    let mut words: Vec<String> = folded(query).collect();
    words.sort();
    words.dedup();
    words.join(" ")
}

fn filters(request: &SearchRequest) -> Value {
    request.body().get("filters").cloned().unwrap_or_default()
}

/// Whether every filter of `kept` is one of `wanted` too.
fn no_wider(kept: &Value, wanted: &Value) -> bool {
    kept.as_object()
        .is_none_or(|kept| kept.iter().all(|(name, value)| wanted.get(name) == Some(value)))
}

impl Library {
    /// The newest kept answer to an ask that is nearly the same, but not the same.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn nearly_same(&self, wanted: SearchRequest) -> Result<Option<NearlySame>, LibraryError> {
        self.with(move |connection, origin| {
            let mut found = connection.prepare_cached(
                "SELECT query, body, page_limit, max(0, unixepoch() - at) FROM searches WHERE origin = ?1 AND words = ?2 ORDER BY at DESC LIMIT 50",
            )?;
            let mut rows = found.query(params![origin, words_of(wanted.query())])?;
            while let Some(row) = rows.next()? {
                let (query, body): (String, String) = (row.get(0)?, row.get(1)?);
                let body: Value = serde_json::from_str(&body).unwrap_or_default();
                let request = SearchRequest::new(&query, read_filters(&body["filters"]), row.get(2)?, offset(&body));
                if let Ok(request) = request
                    && nearly_same(&request, &wanted)
                {
                    return Ok(Some(NearlySame {
                        request,
                        age_seconds: row.get::<_, i64>(3)? as u64,
                    }));
                }
            }
            Ok(None)
        })
        .await
    }
}

fn offset(body: &Value) -> u32 {
    body["offset"].as_u64().and_then(|offset| u32::try_from(offset).ok()).unwrap_or(0)
}

fn read_filters(json: &Value) -> Filters {
    let list = |name: &str| {
        let words = json[name].as_array().map(Vec::as_slice).unwrap_or_default();
        words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let bpm = |name: &str| json[name].as_u64().and_then(|bpm| u16::try_from(bpm).ok());
    Filters {
        genres: list("genres"),
        moods: list("moods"),
        instruments: list("instruments"),
        has_vocals: json["has_vocals"].as_bool(),
        min_bpm: bpm("min_bpm"),
        max_bpm: bpm("max_bpm"),
        energy: json["energy_level"].as_str().map(Energy::from),
    }
}
