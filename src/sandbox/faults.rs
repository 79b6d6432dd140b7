//! What the sandbox is told to do wrong, for tests and demonstrations.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// Which requests a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `POST /search`
    Search,
    /// `POST /download-track`
    Download,
    /// `GET /me`
    Me,
    /// `GET /usage`
    Usage,
    /// A preview's audio.
    Preview,
    /// Every request.
    Any,
}

/// Changes an answer's JSON before it is sent.
#[derive(Clone)]
pub struct Mangler(Arc<dyn Fn(&mut Value) + Send + Sync>);

impl fmt::Debug for Mangler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mangler")
    }
}

/// One way to fail. Several can meet the same request; where they exclude each other, the one added first wins.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Waits before the request is handled.
    Latency(Duration),
    /// Sends bodies no faster than this many bytes a second.
    Bandwidth(u64),
    /// Refuses with this status and Trackyard's JSON. Nothing is charged.
    Status(u16),
    /// Answers with this status and a web page, as a proxy does. Nothing is charged.
    StatusHtml(u16),
    /// Resets the connection before the request is handled. Nothing is charged.
    Reset,
    /// Handles and charges the request, then resets the connection without an answer.
    ChargedReset,
    /// Handles and charges the request, then answers 502 with a web page.
    ChargedBadGateway,
    /// Announces the whole body, and drops the connection after this many bytes of it.
    TruncateBody(u64),
    /// Announces the whole body, and sends nothing more after this many bytes of it; the connection stays open.
    StallBody(u64),
    /// Answers with the same status and headers, but an empty body.
    EmptyBody,
    /// Answers 200 with JSON in place of the audio. A download is charged.
    JsonForAudio,
    /// Answers 200 with a web page in place of the audio. A download is charged.
    HtmlForAudio,
    /// Changes a JSON answer.
    Mangle(Mangler),
    /// Leaves out all five rate and credit headers.
    NoRateHeaders,
    /// Sends this as `Retry-After` with every 429; an empty text leaves the header out.
    RetryAfter(String),
    /// Sends bodies in chunks, their length not announced.
    NoContentLength,
    /// Ignores `Range`, and does not say that it is supported.
    NoRange,
    /// Answers 302 to this URL. Nothing is charged.
    Redirect(String),
    /// The server's clock is wrong by this many seconds: `Date` and the times in the usage history.
    ClockSkew(i64),
}

impl Fault {
    /// A fault that changes JSON answers.
    pub fn mangle(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Mangle(Mangler(Arc::new(change)))
    }
}

#[derive(Debug)]
struct Armed {
    target: Target,
    fault: Fault,
    /// How many more requests it meets; `None` until it is cleared.
    left: Option<u32>,
}

/// The faults that are armed now.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Armed>>);

impl Faults {
    /// Arms a fault until it is cleared.
    pub fn add(&self, target: Target, fault: Fault) {
        self.arm(target, fault, None);
    }

    /// Arms a fault for the next `times` requests to the target.
    pub fn add_times(&self, target: Target, fault: Fault, times: u32) {
        self.arm(target, fault, Some(times));
    }

    /// Disarms every fault.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Disarms the faults that were armed for this target.
    pub fn clear_target(&self, target: Target) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|armed| armed.target != target);
    }

    fn arm(&self, target: Target, fault: Fault, left: Option<u32>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Armed { target, fault, left });
    }

    /// The faults that meet a request; each one's count goes down.
    pub(super) fn meet(&self, target: Option<Target>) -> Met {
        let mut armed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut met = Vec::new();
        armed.retain_mut(|armed| {
            if armed.target != Target::Any && Some(armed.target) != target {
                return true;
            }
            match &mut armed.left {
                Some(0) => return false,
                Some(left) => *left -= 1,
                None => {}
            }
            met.push(armed.fault.clone());
            armed.left != Some(0)
        });
        Met(met)
    }
}

/// The faults that one request has met.
#[derive(Debug, Clone)]
pub(super) struct Met(Vec<Fault>);

impl Met {
    fn first<'a, T>(&'a self, choose: impl Fn(&'a Fault) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(choose)
    }

    fn has(&self, choose: impl Fn(&Fault) -> bool) -> bool {
        self.0.iter().any(choose)
    }

    pub async fn latency(&self) {
        for fault in &self.0 {
            if let Fault::Latency(wait) = fault {
                tokio::time::sleep(*wait).await;
            }
        }
    }

    pub fn reset(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::Reset))
    }

    pub fn charged_reset(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::ChargedReset))
    }

    pub fn charged_bad_gateway(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::ChargedBadGateway))
    }

    pub fn status(&self) -> Option<u16> {
        self.first(|fault| if let Fault::Status(status) = fault { Some(*status) } else { None })
    }

    pub fn status_html(&self) -> Option<u16> {
        self.first(|fault| {
            if let Fault::StatusHtml(status) = fault {
                Some(*status)
            } else {
                None
            }
        })
    }

    pub fn redirect(&self) -> Option<&str> {
        self.first(|fault| {
            if let Fault::Redirect(url) = fault {
                Some(url.as_str())
            } else {
                None
            }
        })
    }

    pub fn retry_after(&self) -> Option<&str> {
        self.first(|fault| {
            if let Fault::RetryAfter(text) = fault {
                Some(text.as_str())
            } else {
                None
            }
        })
    }

    pub fn bandwidth(&self) -> Option<u64> {
        self.first(|fault| {
            if let Fault::Bandwidth(rate) = fault {
                Some((*rate).max(1))
            } else {
                None
            }
        })
    }

    pub fn truncate(&self) -> Option<u64> {
        self.first(|fault| {
            if let Fault::TruncateBody(bytes) = fault {
                Some(*bytes)
            } else {
                None
            }
        })
    }

    pub fn stall(&self) -> Option<u64> {
        self.first(|fault| if let Fault::StallBody(bytes) = fault { Some(*bytes) } else { None })
    }

    pub fn empty(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::EmptyBody))
    }

    pub fn json_for_audio(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::JsonForAudio))
    }

    pub fn html_for_audio(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::HtmlForAudio))
    }

    pub fn no_rate_headers(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::NoRateHeaders))
    }

    pub fn no_content_length(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::NoContentLength))
    }

    pub fn no_range(&self) -> bool {
        self.has(|fault| matches!(fault, Fault::NoRange))
    }

    /// Seconds by which the server's clock is wrong.
    pub fn clock_skew(&self) -> i64 {
        self.first(|fault| {
            if let Fault::ClockSkew(seconds) = fault {
                Some(*seconds)
            } else {
                None
            }
        })
        .unwrap_or(0)
    }

    pub fn mangle(&self, value: &mut Value) {
        for fault in &self.0 {
            if let Fault::Mangle(Mangler(change)) = fault {
                change(value);
            }
        }
    }
}
