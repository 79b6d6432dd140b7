//! Reading JSON that is not quite what the contract says: a value that is missing, `null` or of another type is absent, not an error.

use serde_json::Value;

use crate::text::Clean;

/// A number, also one that was written as a string. Never NaN or infinite.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A number above 0.
pub(super) fn positive(value: &Value) -> Option<f64> {
    number(value).filter(|number| *number > 0.0)
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
