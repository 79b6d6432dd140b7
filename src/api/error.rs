//! Everything that can go wrong with a call, and whether it was charged.

use std::time::Duration;

use jiff::Timestamp;

use super::Limits;
use crate::text::Clean;

/// Whether a paid request that failed cost a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Certainly not charged.
    Free,
    /// Certainly charged.
    Charged,
    /// It may have been charged: only `/usage` can tell.
    Unknown,
}

/// When to try again, as the server put it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    In(Duration),
    /// A date, by the server's clock.
    At(Timestamp),
}

/// An answer other than success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// `error` or `code` of the body: a short machine word.
    pub code: Option<Clean>,
    /// `message` of the body, or what could be made of a body that is not Trackyard's JSON.
    pub message: Option<Clean>,
    /// `request_id`, to be quoted to support.
    pub request_id: Option<Clean>,
    /// The `Retry-After` header, if it could be read. Missing or nonsense: `None`.
    pub retry_after: Option<RetryAfter>,
    /// The body was JSON of one of Trackyard's shapes, so the answer came from Trackyard itself and not from a proxy.
    pub from_trackyard: bool,
    /// What its headers said.
    pub limits: Limits,
}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Nothing left this machine: refused, no such host, no route, TLS. Free, may be tried again.
    NotSent(Clean),
    /// The request may have reached the server, and no whole answer came back: reset, timeout, cut short.
    Lost(Clean),
    /// The server answered with an error status (or a redirect, which is never followed).
    Refused(Box<Problem>),
    /// Status 200 with a body that is not what was asked for.
    Unreadable {
        /// What was wrong with it.
        reason: Clean,
        /// What its headers said.
        limits: Limits,
    },
}
