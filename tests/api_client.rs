//! The free calls over raw TCP. The paid ones, which only the spend door can make, are tested beside the client.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common {
    // The paid calls' tests use the rest.
    #![allow(dead_code)]
    pub mod raw_server;
}

use std::time::Duration;

use common::raw_server::{RawServer, Reply, Then};
use trackyard_tui::api::{ApiKey, Client, Endpoint, Error, RateLimit};

const KEY: &str = "trackyard_live_very_secret";

fn client(url: &str) -> Client {
    Client::new(Endpoint::new(url).unwrap(), ApiKey::new(KEY).unwrap()).unwrap()
}

async fn me_with(reply: Reply) -> Result<trackyard_tui::api::Answer<trackyard_tui::api::Account>, Error> {
    let server = RawServer::start([reply]).await;
    client(&server.url()).me().await
}

#[tokio::test]
async fn me_is_asked_exactly_and_kept_as_the_server_sent_it() {
    let body = r#"{"tier":"starter","credits_remaining":"287","monthly_allowance":300.0,"rate_limit":{"requests_per_minute":10,"requests_per_day":null},"created_at":"2026-01-02T03:04:05Z","new_field":[1]}"#;
    let mut server = RawServer::start([Reply::whole(200, "X-Credits-Remaining: 1\r\n", body)]).await;
    // A slash at the end of the URL makes no difference.
    let answer = client(&format!("{}/", server.url())).me().await.unwrap();

    let sent = server.request().await;
    assert_eq!((sent.line.as_str(), sent.body.as_str()), ("GET /v1/me HTTP/1.1", ""));
    assert_eq!(sent.header("authorization"), Some("Bearer trackyard_live_very_secret"));
    assert_eq!(sent.header("content-type"), None);
    let me = answer.value;
    assert_eq!(me.tier.as_deref(), Some("starter"));
    assert_eq!((me.credits_remaining, me.monthly_allowance), (Some(287), Some(300)));
    assert_eq!(
        me.rate_limit,
        RateLimit {
            requests_per_minute: Some(10),
            requests_per_day: None
        }
    );
    assert_eq!(me.raw["new_field"][0], 1);
    assert_eq!(answer.limits.credits_remaining, Some(287), "the body wins over the header");
}

#[tokio::test]
async fn usage_is_asked_page_by_page() {
    let body = r#"{"usage":[
        {"timestamp":"2026-02-20T14:22:15+01:00","endpoint":"/search","status_code":200,"credits_consumed":1,"response_time_ms":142.5},
        {"timestamp":"yesterday","endpoint":"/download-track","status_code":"200","credits_consumed":null},
        "nonsense", null, {"status_code":500}],
        "total_count":"127","offset":50,"limit":50}"#;
    let mut server = RawServer::start([Reply::whole(200, "", body)]).await;
    let page = client(&server.url()).usage(50, 50).await.unwrap().value;
    assert_eq!(server.request().await.line, "GET /v1/usage?limit=50&offset=50 HTTP/1.1");
    assert_eq!((page.records.len(), page.received, page.total_count), (2, 5, Some(127)));
    assert_eq!(page.records[0].timestamp.unwrap().to_string(), "2026-02-20T13:22:15Z");
    assert_eq!(page.records[0].response_time_ms, Some(142.5));
    assert_eq!((page.records[1].timestamp, page.records[1].status_code), (None, Some(200)));
}

#[tokio::test]
async fn answers_that_are_no_account_are_unreadable_and_say_where_to_look() {
    for body in ["", "null", "[]", "{}", "\"text\"", "<html>login</html>", "{\"tier\":"] {
        let error = me_with(Reply::whole(200, "X-RateLimit-Remaining: 2\r\n", body)).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{body}: {error:?}");
        assert_eq!(error.limits().unwrap().minute_remaining, Some(2), "its headers count all the same");
        assert!(error.to_string().contains("--api-url"), "{error}");
    }
}

#[tokio::test]
async fn senseless_headers_do_no_harm() {
    let headers = "X-RateLimit-Limit: lots\r\nX-RateLimit-Remaining: -4\r\nX-RateLimit-Limit-Daily: 1e400\r\nX-RateLimit-Remaining-Daily:\r\n\
                   X-Credits-Remaining: -3\r\nDate: tomorrow\r\nX-Credits-Remaining: 12\r\n";
    let limits = me_with(Reply::whole(200, headers, r#"{"tier":"free"}"#)).await.unwrap().limits;
    assert_eq!((limits.minute_limit, limits.minute_remaining), (None, None));
    assert_eq!((limits.day_limit, limits.day_remaining, limits.server_time), (None, None, None));
    assert_eq!(limits.credits_remaining, Some(-3));
}

#[tokio::test]
async fn a_redirect_does_not_carry_the_key_away() {
    let mut elsewhere = RawServer::start([Reply::whole(200, "", r#"{"tier":"free"}"#)]).await;
    let error = me_with(Reply::whole(302, &format!("Location: {}/me\r\n", elsewhere.url()), ""))
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert_eq!(elsewhere.more_requests(), 0);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let server = RawServer::start([Reply::raw("", Then::KeepOpen)]).await;
    let endpoint = Endpoint::new(&server.url()).unwrap();
    let (connect, read) = (Duration::from_mins(1), Duration::from_millis(200));
    let client = Client::with_timeouts(endpoint, ApiKey::new(KEY).unwrap(), connect, read).unwrap();
    let error = client.me().await.unwrap_err();
    assert!(matches!(&error, Error::Lost(reason) if reason.contains("in time")), "{error:?}");
}
