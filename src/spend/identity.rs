//! What makes two asks the same ask.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::api::{DownloadRequest, SearchRequest};

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
            let filters = request.filters();
            let fold = |list: &std::collections::BTreeSet<String>| -> Vec<String> {
                let mut folded: Vec<String> = list.iter().map(|word| normalise(word)).collect();
                folded.sort();
                folded.dedup();
                folded
            };
            if let Some(sent) = fields.get_mut("filters").and_then(|f| f.as_object_mut()) {
                for (name, list) in [
                    ("genres", &filters.genres),
                    ("moods", &filters.moods),
                    ("instruments", &filters.instruments),
                ] {
                    if !list.is_empty() {
                        sent.insert(name.into(), fold(list).into());
                    }
                }
            }
        }
        Self::hash("search", origin, &body)
    }

    /// The identity of a download: origin, track and clip.
    pub fn of_download(origin: &str, request: &DownloadRequest) -> Self {
        Self::hash("download", origin, &request.body())
    }

    fn hash(kind: &str, origin: &str, body: &serde_json::Value) -> Self {
        let text = format!("{kind}\n{origin}\n{body}");
        let digest = Sha256::digest(text.as_bytes());
        Self(digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }

    /// As it stands in the databases: 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
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
    use super::*;
    use crate::api::Filters;

    const ORIGIN: &str = "https://trackyard.com";

    fn search(query: &str, moods: &[&str], limit: u8, offset: u32) -> SearchRequest {
        let filters = Filters {
            moods: moods.iter().map(ToString::to_string).collect(),
            ..Filters::default()
        };
        SearchRequest::new(query, filters, limit, offset).unwrap()
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
