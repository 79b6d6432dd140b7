//! An error answer: Trackyard's JSON shapes, and whatever else a proxy may send.

use serde_json::Value;

use super::{Limits, Problem, RetryAfter, lenient};
use crate::text::Clean;

/// Makes a problem of a status and a body that may be anything.
pub(super) fn problem(status: u16, body: &str, retry_after: Option<RetryAfter>, limits: Limits) -> Problem {
    let json: Value = lenient::document(body.as_bytes()).unwrap_or(Value::Null);
    let field = |object: &Value, name: &str| object.get(name).and_then(lenient::text);
    // Some gateways nest the documented fields in an "error" object.
    let inner = json.get("error").filter(|error| error.is_object()).unwrap_or(&json);
    let code = field(inner, "code").or_else(|| field(inner, "error"));
    // In the shape with a code, "error" is the sentence.
    let sentence = || field(inner, "code").and_then(|_| field(inner, "error"));
    let message = field(inner, "message").or_else(sentence);
    let request_id = field(&json, "request_id").or_else(|| field(inner, "request_id"));
    // Many a gateway answers with {"error"} or {"message"} alone; believing one of those would send a paid request again.
    let has = |name: &str| field(&json, name).is_some();
    let documented = has("error") && (has("message") || has("code") || has("request_id"));
    let nested = json.get("error").is_some_and(Value::is_object) && (code.is_some() || message.is_some());
    let from_trackyard = match status {
        // Where something in between speaks, it is with these: then what nobody else sends has to be there too.
        502..=504 => documented && (has("request_id") || limits.are_told()),
        500.. => documented,
        _ => documented || nested,
    };
    let message = message.or_else(|| if json.is_null() { page_title(body) } else { None });
    Problem {
        status,
        code,
        message,
        request_id,
        retry_after,
        from_trackyard,
        limits,
    }
}

/// The title of a web page, so that "502 Bad Gateway" of a proxy is told.
fn page_title(page: &str) -> Option<Clean> {
    const MAX_TITLE: usize = 120;
    let start = page.to_ascii_lowercase().find("<title>")? + "<title>".len();
    let title: String = page[start..].chars().take_while(|c| *c != '<').take(MAX_TITLE).collect();
    Some(Clean::new(&title)).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Problem {
        problem(status, body, None, Limits::default())
    }

    #[test]
    fn all_documented_shapes_are_trackyards() {
        let first = read(400, r#"{"error":"invalid_request","message":"query is required"}"#);
        assert_eq!(
            (first.code.as_deref(), first.message.as_deref(), first.from_trackyard),
            (Some("invalid_request"), Some("query is required"), true)
        );
        let second = read(402, r#"{"error":"No credits","code":"INSUFFICIENT_CREDITS"}"#);
        assert_eq!(
            (second.code.as_deref(), second.message.as_deref(), second.from_trackyard),
            (Some("INSUFFICIENT_CREDITS"), Some("No credits"), true)
        );
        let marked = read(404, "\u{feff}{\"error\":\"track_not_found\",\"message\":\"half \\ud83d\"}");
        assert_eq!((marked.message.as_deref(), marked.from_trackyard), (Some("half \u{fffd}"), true));
        let third = read(500, r#"{"error":"internal","request_id":"req_1"}"#);
        assert_eq!((third.request_id.as_deref(), third.from_trackyard), (Some("req_1"), true));
        let own = read(503, r#"{"error":"busy","message":"later","request_id":"req_2"}"#);
        let told = Limits {
            credits_remaining: Some(3),
            ..Limits::default()
        };
        let headed = problem(503, r#"{"error":"busy","message":"later"}"#, None, told);
        assert!(own.from_trackyard && headed.from_trackyard);
        let nested = read(429, r#"{"error":{"code":"rate","message":"slow down"}}"#);
        assert_eq!(
            (nested.code.as_deref(), nested.message.as_deref(), nested.from_trackyard),
            (Some("rate"), Some("slow down"), true)
        );
    }

    #[test]
    fn pages_of_proxies_are_not_trackyards_and_never_shown_raw() {
        let page = read(
            502,
            "<html><head><TITLE>502 Bad \u{1b}[31mGateway</TITLE></head><body>secret</body></html>",
        );
        assert!(!page.from_trackyard);
        assert_eq!(page.message.as_deref(), Some("502 Bad [31mGateway"));
        for body in [
            "",
            "{",
            "null",
            "[]",
            "\"error\"",
            r#"{"detail":"x"}"#,
            r#"{"error":"Bad Gateway"}"#,
            r#"{"message":"timed out","request_id":"of a gateway"}"#,
            r#"{"error":null,"message":"x","code":"y"}"#,
            r#"{"request_id":"1"}"#,
            r#"{"error":{"code":504,"message":"upstream timeout"}}"#,
            r#"{"error":{"code":"busy","message":"later"},"request_id":"1"}"#,
        ] {
            assert!(!read(500, body).from_trackyard, "{body}");
        }
        for status in 502..=504 {
            assert!(
                !read(status, r#"{"error":"timeout","message":"upstream"}"#).from_trackyard,
                "{status}"
            );
        }
    }
}
