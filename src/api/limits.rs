//! What a response's headers say about limits and credits.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::RetryAfter;

/// The five documented headers and the server's clock. Each may be missing; one that is not a sane number counts as missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// `X-RateLimit-Limit`: requests a minute.
    pub minute_limit: Option<u64>,
    /// `X-RateLimit-Remaining`: requests left this minute.
    pub minute_remaining: Option<u64>,
    /// `X-RateLimit-Limit-Daily`: requests a day.
    pub day_limit: Option<u64>,
    /// `X-RateLimit-Remaining-Daily`: requests left today.
    pub day_remaining: Option<u64>,
    /// `X-Credits-Remaining`, or `credits_remaining` of the body, which wins. Shown as it is, also when negative.
    pub credits_remaining: Option<i64>,
    /// The `Date` header: the server's clock when it answered.
    pub server_time: Option<Timestamp>,
}

impl Limits {
    /// Reads the headers of a response.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            minute_limit: count(headers, "x-ratelimit-limit"),
            minute_remaining: count(headers, "x-ratelimit-remaining"),
            day_limit: count(headers, "x-ratelimit-limit-daily"),
            day_remaining: count(headers, "x-ratelimit-remaining-daily"),
            credits_remaining: numbers(headers, "x-credits-remaining").next().map(|credits| credits as i64),
            server_time: texts(headers, "date")
                .find_map(|date| httpdate::parse_http_date(date).ok())
                .and_then(|time| Timestamp::try_from(time).ok()),
        }
    }

    /// Whether any of Trackyard's own five headers was there.
    pub(super) fn are_told(&self) -> bool {
        *self
            != Self {
                server_time: self.server_time,
                ..Self::default()
            }
    }

    /// The same, with the balance of the body where it has one: it wins over the header.
    #[must_use]
    pub(super) fn with_body_credits(self, credits: Option<i64>) -> Self {
        Self {
            credits_remaining: credits.or(self.credits_remaining),
            ..self
        }
    }
}

/// When to try again: `Retry-After` as a number of seconds or as a date. Nonsense is none.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    texts(headers, "retry-after").find_map(read_retry_after)
}

fn read_retry_after(raw: &str) -> Option<RetryAfter> {
    if let Ok(seconds) = raw.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then(|| RetryAfter::In(Duration::from_secs_f64(seconds.min(MAX_RETRY_SECONDS))));
    }
    let date = httpdate::parse_http_date(raw).ok()?;
    Timestamp::try_from(date).ok().map(RetryAfter::At)
}

/// No server means more than a year.
const MAX_RETRY_SECONDS: f64 = 366.0 * 86_400.0;
/// No limit or balance is larger than this; what is, is nonsense.
const MAX_NUMBER: f64 = 1e15;

/// Every value of a header that came as text: a proxy may have added one of its own.
fn texts<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok().map(str::trim))
}

/// Those that are sane numbers.
fn numbers(headers: &HeaderMap, name: &str) -> impl Iterator<Item = f64> {
    texts(headers, name)
        .filter_map(|text| text.parse().ok())
        .filter(|value: &f64| value.is_finite() && value.abs() <= MAX_NUMBER)
}

fn count(headers: &HeaderMap, name: &str) -> Option<u64> {
    numbers(headers, name).find(|value| *value >= 0.0).map(|value| value as u64)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn all_five_headers_and_the_clock_are_read() {
        let limits = Limits::from_headers(&headers(&[
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "3"),
            ("x-ratelimit-limit-daily", "50"),
            ("x-ratelimit-remaining-daily", "42.0"),
            ("x-credits-remaining", "-2"),
            ("date", "Fri, 20 Feb 2026 14:22:15 GMT"),
        ]));
        assert_eq!((limits.minute_limit, limits.minute_remaining), (Some(5), Some(3)));
        assert_eq!(
            (limits.day_limit, limits.day_remaining, limits.credits_remaining),
            (Some(50), Some(42), Some(-2))
        );
        assert_eq!(limits.server_time.unwrap().to_string(), "2026-02-20T14:22:15Z");
    }

    #[test]
    fn missing_and_senseless_headers_count_as_missing() {
        assert_eq!(Limits::from_headers(&HeaderMap::new()), Limits::default());
        for nonsense in ["", "many", "-1", "NaN", "inf", "1e300"] {
            assert_eq!(
                Limits::from_headers(&headers(&[("x-ratelimit-remaining", nonsense)])).minute_remaining,
                None,
                "{nonsense}"
            );
        }
        let none_left = headers(&[("x-ratelimit-remaining", "0"), ("x-credits-remaining", "-1e300")]);
        let limits = Limits::from_headers(&none_left);
        assert_eq!((limits.minute_remaining, limits.credits_remaining), (Some(0), None));
    }

    #[test]
    fn of_several_headers_the_first_that_makes_sense_counts() {
        let limits = Limits::from_headers(&headers(&[
            ("x-ratelimit-remaining", "-1"),
            ("x-ratelimit-remaining", "4"),
            ("x-credits-remaining", "many"),
            ("x-credits-remaining", "7"),
            ("x-credits-remaining", "8"),
        ]));
        assert_eq!((limits.minute_remaining, limits.credits_remaining), (Some(4), Some(7)));
        let both = headers(&[("retry-after", "soon"), ("retry-after", "3")]);
        assert_eq!(retry_after(&both), Some(RetryAfter::In(Duration::from_secs(3))));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        let read = |value| retry_after(&headers(&[("retry-after", value)]));
        assert_eq!(read("0"), Some(RetryAfter::In(Duration::ZERO)));
        assert_eq!(read("23"), Some(RetryAfter::In(Duration::from_secs(23))));
        assert_eq!(read("1.5"), Some(RetryAfter::In(Duration::from_millis(1500))));
        assert_eq!(read("99999999999"), Some(RetryAfter::In(Duration::from_hours(366 * 24))));
        assert!(matches!(read("Fri, 20 Feb 2026 14:22:15 GMT"), Some(RetryAfter::At(_))));
        for nonsense in ["-5", "soon", "NaN", ""] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_wait_of_anything_is_at_most_a_year_or_a_date(raw in "([0-9]{0,25}(\\.[0-9]{0,3})?|-?[0-9a-zA-Z]{0,8}|[A-Z][a-z]{2}, [0-9]{2} Feb 20[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT)") {
            if let Some(RetryAfter::In(wait)) = read_retry_after(&raw) {
                proptest::prop_assert!(wait.as_secs_f64() <= MAX_RETRY_SECONDS);
            }
        }
    }
}
