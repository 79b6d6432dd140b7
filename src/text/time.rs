//! Times as people type them.

/// Seconds, or minutes and seconds with a colon: `12`, `12.5 s`, `12,5`, `1:07`. Not negative, not infinite.
pub fn parse_seconds(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('s').trim_end().replace(',', ".");
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    match text.split_once(':') {
        Some((minutes, seconds)) => Some(number(minutes)? * 60.0 + number(seconds)?),
        None => number(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_seconds;

    #[test]
    fn seconds_are_read_as_people_write_them() {
        for (text, seconds) in [("12", 12.0), ("12.5 s", 12.5), ("12,5", 12.5), ("1:07", 67.0), (" 0:30 ", 30.0)] {
            assert_eq!(parse_seconds(text), Some(seconds), "{text:?}");
        }
        for text in ["", "-3", "x", "1:x", "inf", "NaN"] {
            assert_eq!(parse_seconds(text), None, "{text:?}");
        }
    }
}
