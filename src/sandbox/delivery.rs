//! From an answer to bytes on the wire, slowed, cut or held back as faults demand.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use super::account::server_time;
use super::faults::Met;
use super::recordings::Recording;

/// Bytes in one piece of a streamed body.
const PIECE: u64 = 16 * 1024;

/// What an answer carries.
#[derive(Debug)]
pub(super) enum Payload {
    Empty,
    Json(Value),
    Html(String),
    /// The bytes of a recording from `start` to `end`, `end` excluded.
    Audio {
        recording: Arc<Recording>,
        start: u64,
        end: u64,
    },
}

/// An answer before it is turned into bytes.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub payload: Payload,
}

impl Answer {
    pub fn new(status: u16, payload: Payload) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            payload,
        }
    }

    pub fn json(status: u16, value: Value) -> Self {
        Self::new(status, Payload::Json(value))
    }

    /// A web page, as proxies answer.
    pub fn html(status: u16) -> Self {
        let reason = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        Self::new(
            status,
            Payload::Html(format!(
                "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body><h1>{status} {reason}</h1></body>\r\n</html>\r\n"
            )),
        )
    }

    pub fn redirect(url: &str) -> Self {
        let mut answer = Self::html(302);
        answer.header(header::LOCATION, url);
        answer
    }

    /// Sets a header; a value that cannot be one is left out.
    pub fn header(&mut self, name: impl header::IntoHeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(name, value);
        }
    }

    /// Puts something that is not audio where audio was promised.
    pub fn replace_audio(&mut self, met: &Met) {
        if !matches!(self.payload, Payload::Audio { .. }) {
            return;
        }
        if met.json_for_audio() {
            self.payload = Payload::Json(serde_json::json!({"status": "processing"}));
        } else if met.html_for_audio() {
            self.payload = Payload::Html("<!doctype html><html><body>Please sign in to the network.</body></html>".to_owned());
        }
    }

    /// The response, shaped by the faults.
    pub fn deliver(mut self, met: &Met, head: bool) -> Response {
        let (kind, source) = match self.payload {
            _ if met.empty() => (None, Source::Whole(Bytes::new())),
            Payload::Empty => (None, Source::Whole(Bytes::new())),
            Payload::Json(mut value) => {
                met.mangle(&mut value);
                (Some("application/json"), Source::Whole(value.to_string().into()))
            }
            Payload::Html(text) => (Some("text/html; charset=utf-8"), Source::Whole(text.into())),
            Payload::Audio { recording, start, end } => (Some("audio/mpeg"), Source::Recording { recording, start, end }),
        };
        if let Some(kind) = kind {
            self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if !met.no_content_length() {
            self.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(source.length()));
        }
        let now = std::time::SystemTime::try_from(server_time(met.clock_skew())).unwrap_or(std::time::UNIX_EPOCH);
        let date = httpdate::fmt_http_date(now);
        if let Ok(date) = HeaderValue::from_str(&date) {
            self.headers.insert(header::DATE, date);
        }
        let body = if head {
            Body::empty()
        } else {
            Stream::new(source, met).into_body(met.no_content_length())
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = self.headers;
        response
    }
}

enum Source {
    Whole(Bytes),
    Recording { recording: Arc<Recording>, start: u64, end: u64 },
}

impl Source {
    fn length(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Recording { start, end, .. } => end - start,
        }
    }

    /// Bytes from `position` of the body, at least one unless it is the end, at most `most`.
    async fn read(&self, position: u64, most: u64) -> io::Result<Bytes> {
        match self {
            Self::Whole(bytes) => {
                let start = (position as usize).min(bytes.len());
                Ok(bytes.slice(start..(start + most as usize).min(bytes.len())))
            }
            Self::Recording { recording, start, end } => recording.read(start + position, most.min(end - start - position)).await,
        }
    }
}

struct Stream {
    source: Source,
    sent: u64,
    piece: u64,
    /// Bytes a second, and when the body began.
    pace: Option<(u64, Instant)>,
    stall: Option<u64>,
    truncate: Option<u64>,
}

impl Stream {
    fn new(source: Source, met: &Met) -> Self {
        let pace = met.bandwidth().map(|rate| (rate, Instant::now()));
        // Slow bodies come in twenty small pieces a second rather than in rare big ones.
        let piece = pace.map_or(PIECE, |(rate, _)| (rate / 20).clamp(1, PIECE));
        Self {
            source,
            sent: 0,
            piece,
            pace,
            stall: met.stall(),
            truncate: met.truncate(),
        }
    }

    fn plain(&self) -> bool {
        self.pace.is_none() && self.stall.is_none() && self.truncate.is_none()
    }

    fn into_body(self, chunked: bool) -> Body {
        match &self.source {
            Source::Whole(bytes) if self.plain() && !chunked => Body::from(bytes.clone()),
            _ => Body::from_stream(futures_util::stream::unfold(Some(self), |stream| async {
                let mut stream = stream?;
                match stream.next().await {
                    Ok(bytes) if bytes.is_empty() => None,
                    Ok(bytes) => Some((Ok(bytes), Some(stream))),
                    Err(error) => Some((Err(error), None)),
                }
            })),
        }
    }

    async fn next(&mut self) -> io::Result<Bytes> {
        let mut most = self.piece.min(self.source.length() - self.sent);
        if let Some(stall) = self.stall {
            most = most.min(stall.saturating_sub(self.sent));
            if self.sent >= stall {
                std::future::pending::<()>().await;
            }
        }
        if let Some(truncate) = self.truncate {
            most = most.min(truncate.saturating_sub(self.sent));
            if self.sent >= truncate {
                // One turn of the loop lets the bytes before this leave.
                tokio::task::yield_now().await;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        if most == 0 {
            return Ok(Bytes::new());
        }
        if let Some((rate, began)) = self.pace {
            tokio::time::sleep_until(began + Duration::from_secs_f64(self.sent as f64 / rate as f64)).await;
        }
        let bytes = self.source.read(self.sent, most).await?;
        self.sent += bytes.len() as u64;
        Ok(bytes)
    }
}
