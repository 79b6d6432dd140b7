//! Reading JSON that is not quite what the contract says: a value that is missing, `null` or of another type is absent, not an error.

use std::borrow::Cow;

use serde_json::Value;

use crate::text::Clean;

/// Reads a document. A byte that is no UTF-8, a byte order mark or half an emoji costs its own character, not a page that was paid for.
pub(super) fn document(body: &[u8]) -> serde_json::Result<Value> {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).or_else(|error| match without_halves(text) {
        Cow::Owned(mended) => serde_json::from_str(&mended),
        Cow::Borrowed(_) => Err(error),
    })
}

/// The text with every `\uD8xx` escape that lacks its other half replaced: what is left of an emoji that a server cut in two.
fn without_halves(text: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        let start = at + found;
        let next = match half_of_pair(&text[start..]) {
            // An escape is at least two characters; the second may itself be a backslash.
            None => start + 1 + text[start + 1..].chars().next().map_or(0, char::len_utf8),
            Some(Half::First) if half_of_pair(&text[start + 6..]) == Some(Half::Second) => start + 12,
            Some(_) => {
                mended.push_str(&text[kept..start]);
                mended.push_str("\\ufffd");
                kept = start + 6;
                kept
            }
        };
        at = next;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    mended.push_str(&text[kept..]);
    Cow::Owned(mended)
}

#[derive(PartialEq)]
enum Half {
    First,
    Second,
}

/// Whether the text starts with the escape of a surrogate.
fn half_of_pair(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u32::from_str_radix(digits, 16).ok()? {
        0xD800..=0xDBFF => Some(Half::First),
        0xDC00..=0xDFFF => Some(Half::Second),
        _ => None,
    }
}

/// A number, also one that was written as a string. Never NaN or infinite.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A number above 0 and below a million, more than any tempo, and more seconds than any track has.
pub(super) fn positive(value: &Value) -> Option<f64> {
    number(value).filter(|number| *number > 0.0 && *number < 1e6)
}

/// A whole number; fractions are cut off.
pub(super) fn integer(value: &Value) -> Option<i64> {
    number(value).filter(|number| number.abs() < 1e15).map(|number| number as i64)
}

/// A whole number that is not negative.
pub(super) fn count(value: &Value) -> Option<u64> {
    integer(value).and_then(|number| u64::try_from(number).ok())
}

/// `true` or `false`, also as 0, 1 or a word.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Text, cleaned; empty text is absent. A number is taken as its digits.
pub(super) fn text(value: &Value) -> Option<Clean> {
    let clean = match value {
        Value::String(text) => Clean::new(text),
        Value::Number(number) => Clean::new(&number.to_string()),
        _ => return None,
    };
    (!clean.is_empty()).then_some(clean)
}

/// The most entries a list keeps.
const MAX_LIST: usize = 100;

/// A list of texts; a single text is a list of one, and what is no text is left out.
pub(super) fn texts(value: &Value) -> Vec<Clean> {
    match value {
        Value::Array(items) => items.iter().take(MAX_LIST).filter_map(text).collect(),
        other => text(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn one_bad_character_does_not_cost_the_page() {
        for (body, title) in [
            (&br#"{"t":"cut \ud83d"}"#[..], "cut \u{fffd}"),
            (br#"{"t":"\udc00 back \ud83d\ud83d\ude00"}"#, "\u{fffd} back \u{fffd}\u{1f600}"),
            (br#"{"t":"\\ud83d \ud83d"}"#, "\\ud83d \u{fffd}"),
            (b"{\"t\":\"caf\xe9\"}", "caf\u{fffd}"),
            (b"\xef\xbb\xbf{\"t\":\"mark\"}", "mark"),
        ] {
            assert_eq!(document(body).unwrap(), json!({"t": title}), "{}", String::from_utf8_lossy(body));
        }
        assert!(document(br#"{"t":"\ud83d"#).is_err(), "what is cut short stays an error");
    }

    #[test]
    fn numbers_are_sane_or_absent() {
        for absent in [
            json!(0),
            json!(-3),
            json!(1e300),
            json!("NaN"),
            json!("inf"),
            json!("fast"),
            json!([120]),
            json!(null),
        ] {
            assert_eq!(positive(&absent), None, "{absent}");
        }
        assert_eq!(positive(&json!(" 120.5 ")), Some(120.5));
        assert_eq!(
            (integer(&json!(44.9)), integer(&json!("-2")), integer(&json!(1e300))),
            (Some(44), Some(-2), None)
        );
        assert_eq!((count(&json!(-1)), count(&json!("7"))), (None, Some(7)));
    }

    #[test]
    fn lists_are_bounded_and_may_be_a_single_text() {
        assert_eq!(texts(&json!("Calm")), [Clean::new("Calm")]);
        assert_eq!(texts(&json!([null, "", {"a": 1}, "Calm"])), [Clean::new("Calm")]);
        assert!(texts(&json!({"a": "b"})).is_empty());
        assert_eq!(texts(&Value::from(vec!["x"; 5000])).len(), MAX_LIST);
    }

    proptest! {
        #[test]
        fn good_documents_are_read_as_they_are(text in any::<String>()) {
            let body = json!({"t": text}).to_string();
            prop_assert_eq!(document(body.as_bytes()).unwrap(), json!({"t": text}));
        }

        #[test]
        fn any_mixture_of_halves_is_mended(pieces in prop::collection::vec(prop::sample::select(vec![r"\ud83d", r"\ude00", r"\\", r"\n", "u", "é", r"\u00e9"]), 0..20)) {
            let body = format!("\"{}\"", pieces.concat());
            prop_assert!(document(body.as_bytes()).is_ok(), "{}", body);
        }
    }
}
