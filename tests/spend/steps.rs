//! Answers that tests script, and the API error in a failure.

use trackyard_tui::api::Error;
use trackyard_tui::spend::{FailureReason, SpendFailure};

use crate::fault_server::Step;

pub fn json(status: u16, headers: &str, body: &str) -> Step {
    Step::Answer(status, format!("Content-Type: application/json\r\n{headers}"), body.to_owned())
}

pub fn limited(retry_after: &str) -> Step {
    json(
        429,
        &format!("Retry-After: {retry_after}\r\n"),
        r#"{"error":"rate_limited","message":"slow down"}"#,
    )
}

pub fn fault() -> Step {
    json(500, "", r#"{"error":"internal","request_id":"req_7"}"#)
}

pub fn bad_gateway() -> Step {
    Step::Answer(502, "Content-Type: text/html\r\n".into(), "<html>bad gateway</html>".into())
}

pub fn api_error(failure: &SpendFailure) -> &Error {
    match &failure.reason {
        FailureReason::Api(error) => error,
        other => panic!("{other:?}"),
    }
}
