//! What makes two asks the same ask.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::api::{DownloadRequest, SearchRequest};
use crate::text::hex;

/// The identity of a paid request: two requests with one identity would buy the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(String);

impl Identity {
    /// The identity of a search: origin, normalised query, filters and offset. The page size is not part of it: a smaller page is served from a larger one.
    pub fn of_search(origin: &str, request: &SearchRequest) -> Self {
        let mut body = request.body();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("limit");
            fields.insert("query".into(), normalise(request.query()).into());
            if let Some(filters) = fields.get_mut("filters").and_then(Value::as_object_mut) {
                filters.values_mut().for_each(fold);
            }
        }
        Self::hash("search", origin, &body)
    }

    /// The identity of a download: origin, track and clip.
    pub fn of_download(origin: &str, request: &DownloadRequest) -> Self {
        Self::hash("download", origin, &request.body())
    }

    fn hash(kind: &str, origin: &str, body: &Value) -> Self {
        let text = format!("{kind}\n{origin}\n{body}");
        Self(hex(&Sha256::digest(text.as_bytes())))
    }

    /// As it stands in the databases: 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Of a filter that is a list of words, whatever its name, neither order nor repetition nor case matters. Any other stays as it is sent.
fn fold(filter: &mut Value) {
    let words = filter.as_array().and_then(|list| {
        let words = list.iter().map(|word| word.as_str().map(normalise));
        words.collect::<Option<BTreeSet<String>>>()
    });
    if let Some(words) = words {
        *filter = words.into_iter().collect();
    }
}

/// Folds spacing, Unicode form and case.
pub fn normalise(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Energy, Filters};

    const ORIGIN: &str = "https://trackyard.com";

    fn search(query: &str, moods: &[&str], limit: u8, offset: u32) -> SearchRequest {
        let filters = Filters {
            moods: moods.iter().map(ToString::to_string).collect(),
            ..Filters::default()
        };
        SearchRequest::new(query, filters, limit, offset).unwrap()
    }

    /// What was bought is kept under it: what is asked today has to find what was bought years ago.
    #[test]
    fn an_identity_is_the_same_for_ever() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let filters = Filters {
            genres: words(&["Jazz"]),
            moods: words(&["dark", "Calm", " DARK"]),
            instruments: words(&["Piano", "double  bass"]),
            has_vocals: Some(false),
            min_bpm: Some(70),
            max_bpm: Some(95),
            energy: Some(Energy::Low),
        };
        let all = SearchRequest::new("Calm  Piano", filters, 50, 100).unwrap();
        for (request, identity) in [
            (
                search("calm piano", &[], 100, 0),
                "3faa9c16e2591a57eaae448decb42a9902cdd3b3cd157b28f7eeb8e73ae01c4a",
            ),
            (all, "a5ba8c51116c3ededc7ed9dbfb4c017406183cacbd15eb7f55345067afba266f"),
        ] {
            assert_eq!(Identity::of_search(ORIGIN, &request).as_str(), identity);
        }
    }

    #[test]
    fn a_list_of_words_is_folded_whatever_filter_it_is_of() {
        for (sent, folded) in [
            (json!(["D  minor", "a MINOR", "d minor"]), json!(["a minor", "d minor"])),
            (json!([2, 1, 2]), json!([2, 1, 2])),
            (json!("A minor"), json!("A minor")),
        ] {
            let mut filter = sent;
            fold(&mut filter);
            assert_eq!(filter, folded);
        }
    }

    #[test]
    fn asks_that_would_buy_the_same_answer_are_the_same() {
        let one = Identity::of_search(ORIGIN, &search("Calm  Piano", &["Dark", "dark", " Calm"], 100, 0));
        for same in [
            search("calm piano", &["calm", "dark"], 100, 0),
            search(" CALM piano ", &["Calm", "DARK"], 10, 0),
        ] {
            assert_eq!(Identity::of_search(ORIGIN, &same), one);
        }
        for other in [
            search("calm pianos", &["calm", "dark"], 100, 0),
            search("calm piano", &["calm"], 100, 0),
            search("calm piano", &["calm", "dark"], 100, 100),
        ] {
            assert_ne!(Identity::of_search(ORIGIN, &other), one);
        }
        assert_ne!(
            Identity::of_search("http://127.0.0.1:1", &search("calm piano", &["calm", "dark"], 100, 0)),
            one,
            "another server is another seller"
        );
    }
}
