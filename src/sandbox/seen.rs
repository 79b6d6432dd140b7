//! The log of every request, for tests that ask what really went over the wire.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Method, Uri, header};
use serde_json::Value;

/// How many requests are kept.
const KEPT: usize = 10_000;

/// Which of the two servers was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The API.
    Api,
    /// The previews' server.
    Previews,
}

/// One request as it arrived, and how it was answered.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Which server was asked.
    pub origin: Origin,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The status decided on, also when the answer was then lost on purpose; `None` while it is being handled, and for
    /// a connection reset before that.
    pub status: Option<u16>,
    /// Whether there was an `Authorization` header (never its value).
    pub authorized: bool,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The body, when it was JSON.
    pub body: Option<Value>,
}

/// A request's number in the log.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenId(u64);

#[derive(Debug, Default)]
pub(super) struct SeenLog(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    dropped: u64,
    kept: VecDeque<Seen>,
}

impl SeenLog {
    pub fn note(&self, origin: Origin, method: &Method, uri: &Uri, headers: &HeaderMap, body: Option<Value>) -> SeenId {
        let seen = Seen {
            origin,
            method: method.to_string(),
            path: uri.path_and_query().map_or_else(|| uri.to_string(), ToString::to_string),
            status: None,
            authorized: headers.contains_key(header::AUTHORIZATION),
            user_agent: headers
                .get(header::USER_AGENT)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            body,
        };
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.kept.len() == KEPT {
            entries.kept.pop_front();
            entries.dropped += 1;
        }
        entries.kept.push_back(seen);
        SeenId(entries.dropped + entries.kept.len() as u64 - 1)
    }

    pub fn answered(&self, id: SeenId, status: u16) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = id.0.checked_sub(entries.dropped)
            && let Some(seen) = entries.kept.get_mut(index as usize)
        {
            seen.status = Some(status);
        }
    }

    pub fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.iter().cloned().collect()
    }
}
