//! Everything that can go wrong with a call, and whether it was charged.

use std::fmt;
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
    /// The request may have reached the server, and no answer came back, or the rest of a download did not: reset, timeout, cut short.
    Lost(Clean),
    /// The server answered with another status than 200: an error, or a redirect, which is never followed.
    Refused(Box<Problem>),
    /// Status 200 with a body that is not what was asked for.
    Unreadable {
        /// What was wrong with it.
        reason: Clean,
        /// It says of itself that it is Trackyard's: by one of its headers, or by being JSON. Anything else may come from something in
        /// between, or from another server altogether.
        from_trackyard: bool,
        /// What its headers said.
        limits: Limits,
    },
}

impl Error {
    /// Whether a paid request that ended like this cost a credit.
    ///
    /// Trackyard charges successful responses only, so an error status that is Trackyard's own is free; one that a proxy made up may hide a success.
    pub fn charge(&self) -> Charge {
        match self {
            Self::Lost(_) | Self::Unreadable { from_trackyard: false, .. } => Charge::Unknown,
            Self::Refused(problem) if problem.status >= 500 && !problem.from_trackyard => Charge::Unknown,
            // Success of a kind that Trackyard does not document: something in between may have swallowed the answer.
            Self::Refused(problem) if (200..300).contains(&problem.status) => Charge::Unknown,
            Self::NotSent(_) | Self::Refused(_) => Charge::Free,
            Self::Unreadable { .. } => Charge::Charged,
        }
    }

    /// What the response said about limits and credits, if there was one.
    pub fn limits(&self) -> Option<Limits> {
        match self {
            Self::NotSent(_) | Self::Lost(_) => None,
            Self::Refused(problem) => Some(problem.limits),
            Self::Unreadable { limits, .. } => Some(*limits),
        }
    }

    /// The status of an answer other than success.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// The account has no credits left (402).
    pub fn out_of_credits(&self) -> bool {
        self.status() == Some(402)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    /// What happened and what to do next. Whether it was charged is for the caller to add, since only paid calls can be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(reason) => write!(f, "the server cannot be reached ({reason}): check the connection and --api-url"),
            Self::Lost(reason) => write!(f, "no whole answer came back ({reason})"),
            Self::Refused(problem) => problem.fmt(f),
            Self::Unreadable { reason, .. } => write!(
                f,
                "the answer cannot be read ({reason}): is this a Trackyard server? Check --api-url"
            ),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.message.as_ref().or(self.code.as_ref());
        match self.status {
            300..=399 => f.write_str("the server redirects, which is not followed so that the key stays where it belongs: give the right --api-url")?,
            400 => f.write_str("the server refused the request")?,
            401 => f.write_str("the API key is missing, wrong, expired or revoked: see app.trackyard.com/api-keys")?,
            402 => f.write_str(
                "no credits left. In Trackyard's words: wait for the monthly reset (free credits are “one-time” on one page and “renew on the 1st” on another), upgrade at app.trackyard.com/billing, or buy top-ups (coming soon)",
            )?,
            403 => f.write_str("your plan does not include this: see app.trackyard.com/billing")?,
            404 if self.from_trackyard => f.write_str("there is no such track, or it was removed")?,
            404 => f.write_str("not found: this does not look like a Trackyard server, check --api-url")?,
            429 => f.write_str("too many requests for now")?,
            status if status >= 500 && self.from_trackyard => write!(f, "Trackyard has a problem of its own ({status}): try again in a little while")?,
            status if status >= 500 => write!(f, "something between here and Trackyard failed ({status})")?,
            status => write!(f, "the server answered with status {status}")?,
        }
        if let Some(said) = said {
            write!(f, " — “{said}”")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request_id {id}, for support)")?;
        }
        Ok(())
    }
}
