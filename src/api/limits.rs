//! What a response's headers say about limits and credits.

use jiff::Timestamp;
use reqwest::header::HeaderMap;

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
        let _ = headers;
        todo!("api helper")
    }
}
