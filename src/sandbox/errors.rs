//! Refusals, in the shapes the reference shows: `{"error","message"}`, `{"error","code"}`, and 5xx with `request_id`.

use serde_json::{Value, json};

/// A request that is not served.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// 400, with what is wrong.
    Bad(String),
    /// 401
    Unauthorized(&'static str),
    /// 402
    OutOfCredits,
    /// 404 for a path.
    NoSuchEndpoint,
    /// 404 for a track.
    NoSuchTrack,
    /// 405, with the method that is allowed.
    WrongMethod(&'static str),
    /// 413
    TooLarge,
    /// 429, with the seconds to wait.
    Slow(u64),
    /// Any status, because a fault says so.
    Told(u16),
}

impl Refusal {
    pub fn status(&self) -> u16 {
        match self {
            Self::Bad(_) => 400,
            Self::Unauthorized(_) => 401,
            Self::OutOfCredits => 402,
            Self::NoSuchEndpoint | Self::NoSuchTrack => 404,
            Self::WrongMethod(_) => 405,
            Self::TooLarge => 413,
            Self::Slow(_) => 429,
            Self::Told(status) => *status,
        }
    }

    pub fn body(&self, request_id: &str) -> Value {
        let message = |error: &str, message: &str| json!({"error": error, "message": message});
        match self {
            Self::Bad(what) => message("Bad Request", what),
            Self::Unauthorized(why) => json!({"error": why, "code": "UNAUTHORIZED"}),
            Self::OutOfCredits | Self::Told(402) => message(
                "Payment Required",
                "You have no credits left. Upgrade at app.trackyard.com/billing.",
            ),
            Self::NoSuchEndpoint => message("Not Found", "There is no such endpoint."),
            Self::NoSuchTrack | Self::Told(404) => json!({"error": "Track not found", "code": "TRACK_NOT_FOUND"}),
            Self::WrongMethod(allowed) => message("Method Not Allowed", &format!("Use {allowed}.")),
            Self::TooLarge => message("Payload Too Large", "The body is over 1 MiB."),
            Self::Slow(_) | Self::Told(429) => json!({"error": "Rate limit exceeded", "code": "RATE_LIMITED"}),
            Self::Told(401) => json!({"error": "Invalid API key", "code": "UNAUTHORIZED"}),
            Self::Told(403) => json!({"error": "Your plan does not include this feature", "code": "FORBIDDEN"}),
            Self::Told(status @ 500..) => {
                json!({"error": "Internal Server Error", "message": format!("Something went wrong ({status})."), "request_id": request_id})
            }
            Self::Told(status) => message("Error", &format!("Refused with {status}.")),
        }
    }
}
