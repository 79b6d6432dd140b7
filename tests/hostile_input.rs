//! Whatever comes in: what parses it gives a value or says why not, and what it gives holds its promises. Counterexamples that were found
//! are kept beside this file and tried first.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use trackyard_tui::api::{Limits, Track};
use trackyard_tui::batch::{Format, parse};
use trackyard_tui::config::look;
use trackyard_tui::text::{csv_cell, parse_seconds};

const FIELDS: [&str; 16] = [
    "id",
    "title",
    "artist",
    "artists",
    "genre",
    "subgenres",
    "moods",
    "instruments",
    "bpm",
    "key",
    "duration_seconds",
    "energy_level",
    "has_vocals",
    "preview_url",
    "album",
    "unknown",
];
const HEADERS: [&str; 6] = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-limit-daily",
    "x-ratelimit-remaining-daily",
    "x-credits-remaining",
    "date",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["low", "trk_1", "\u{1b}[31m", "-0", "1e400", "NaN", "\u{202e}x", "Jazz"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(prop::sample::select(FIELDS.to_vec()).prop_map(str::to_owned), inner, 0..5)
                .prop_map(Value::from_iter),
        ]
    })
}

fn any_track() -> impl Strategy<Value = Value> {
    prop::collection::vec(prop::option::of(any_json()), FIELDS.len()).prop_map(|values| {
        let mut track: serde_json::Map<String, Value> = FIELDS
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?)))
            .collect();
        // Most of what has no usable id is not looked at any further.
        if track.get("id").is_none_or(|id| !id.is_string()) {
            track.insert("id".into(), json!("trk_1"));
        }
        track.into()
    })
}

/// Every text in a document.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_track_of_anything_holds_no_control_character_and_no_senseless_number_and_is_kept_as_it_is(value in any_track()) {
        let Some(track) = Track::from_json(&value) else { return Ok(()) };
        let kept = serde_json::to_value(&track).unwrap();
        // An address is kept as it was sent, for the preview fetcher alone, which is wary of it; all else may be drawn.
        let mut drawn = kept.clone();
        let address = drawn.as_object_mut().unwrap().remove("preview_url").unwrap_or_default();
        prop_assert!(address.is_null() || address == value["preview_url"]);
        let mut all = Vec::new();
        texts(&drawn, &mut all);
        for text in all {
            prop_assert!(!text.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{text:?}");
        }
        for number in [track.bpm, track.duration_seconds].into_iter().flatten() {
            prop_assert!(number.is_finite() && number > 0.0, "{number}");
        }
        // The library keeps it so, and reads it as warily.
        prop_assert_eq!(Track::from_json(&kept), Some(track));
    }

    #[test]
    fn headers_of_anything_give_sane_numbers_or_none(values in prop::collection::vec((0..HEADERS.len(), prop_oneof![
        "[0-9eE.+-]{0,12}",
        ".{0,20}",
        "(Fri|Mon), [0-9]{2} Feb [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
    ]), 0..12)) {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.append(HeaderName::from_static(HEADERS[name]), value);
            }
        }
        let limits = Limits::from_headers(&headers);
        let counts = [limits.minute_limit, limits.minute_remaining, limits.day_limit, limits.day_remaining];
        prop_assert!(counts.into_iter().flatten().all(|count| count <= 1_000_000_000_000_000));
        prop_assert!(limits.credits_remaining.is_none_or(|credits| credits.unsigned_abs() <= 1_000_000_000_000_000));
    }

    #[test]
    fn a_file_of_anything_gives_briefs_and_bad_rows_each_with_a_line_of_its_own(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "(query,moods,min_bpm,vocals\n)?([a-z \",{}:\\\\\n]{0,40}\n){0,8}".prop_map(String::into_bytes),
        ],
        format in prop::sample::select(vec![Format::Text, Format::Csv, Format::JsonLines]),
    ) {
        let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        match parse(&bytes, format) {
            Ok(briefs) => {
                let numbers: Vec<usize> = briefs.good.iter().map(|brief| brief.line).chain(briefs.bad.iter().map(|bad| bad.line)).collect();
                prop_assert!(numbers.iter().all(|line| (1..=lines).contains(line)), "{numbers:?} of {lines}");
                prop_assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
                prop_assert!(briefs.good.iter().all(|brief| !brief.request.query().trim().is_empty()));
                prop_assert!(briefs.bad.iter().all(|bad| !bad.message.is_empty()));
            }
            Err(why) => prop_assert!(!why.is_empty()),
        }
    }

    #[test]
    fn what_is_written_as_csv_is_read_as_the_same_brief(query in "[^\\p{C}=+@-][^\\p{C}]{0,60}") {
        let file = format!("query\n{}\n", csv_cell(&query));
        let briefs = parse(file.as_bytes(), Format::Csv).unwrap();
        let alone = parse(query.as_bytes(), Format::Text).unwrap();
        // A line of text that starts with # is a remark, and none in a cell.
        if !query.trim_start().starts_with('#') {
            prop_assert_eq!(
                briefs.good.first().map(|brief| brief.request.query().to_owned()),
                alone.good.first().map(|brief| brief.request.query().to_owned())
            );
        }
    }

    #[test]
    fn a_configuration_of_anything_is_read_or_says_which_file_is_wrong(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "([a-z_]{1,12} = (\"[a-z-]{0,8}\"|[0-9.-]{1,6}|true|\\[\"j\"\\])\n|\\[keys\\]\n|\\[keys.results\\]\n){0,8}".prop_map(String::into_bytes),
        ],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, bytes).unwrap();
        if let Err(error) = look(&path) {
            prop_assert!(error.to_string().contains("config.toml"), "{error}");
        }
    }

    #[test]
    fn a_time_of_anything_is_a_sane_number_or_none(text in prop_oneof![".{0,12}", "[0-9:.-]{0,10}"]) {
        if let Some(seconds) = parse_seconds(&text) {
            prop_assert!(seconds.is_finite() && seconds >= 0.0, "{seconds}");
        }
    }
}
