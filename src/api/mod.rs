//! The Trackyard HTTP contract: what is sent, what comes back, what can go wrong. Knows no screen and no disk.
//!
//! Lenient in what it accepts, exact in what it sends. The two paid calls want an [`Authorised`](crate::spend::Authorised),
//! which only the spend door makes, after the ledger row is on disk.

mod client;
mod disposition;
mod endpoint;
mod error;
mod key;
mod lenient;
mod limits;
mod models;
mod problem;
mod request;

pub use client::{Client, DownloadStart};
pub use endpoint::{Endpoint, VENDOR};
pub use error::{Charge, Error, Problem, RetryAfter};
pub use key::{ApiKey, InvalidKey};
pub use limits::Limits;
pub use models::{Account, Energy, InvalidTrackId, RateLimit, SearchPage, Track, TrackId, UsagePage, UsageRecord};
pub use request::{BPM_MAX, BPM_MIN, CLIP_SECONDS, Clip, DownloadRequest, Filters, Invalid, PAGE_LIMIT, SearchRequest, Seconds};

/// A value from the server, with what the same response said about limits and credits.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// What the headers (and a `credits_remaining` in the body, which wins over its header) said.
    pub limits: Limits,
}
