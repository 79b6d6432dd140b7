//! The paid calls over raw TCP: what is sent byte by byte, and what each kind of answer is taken for.

use serde_json::json;

use super::*;
use crate::api::{Charge, Clip, Filters, TrackId};
use raw_server::{RawServer, Reply, Then};

#[path = "../../../tests/common/raw_server.rs"]
#[allow(dead_code)] // The free calls' tests use the rest.
mod raw_server;

const KEY: &str = "trackyard_live_very_secret";
/// How long a server that falls silent is waited for; until then it has to have said what it does say, also on a busy machine.
const SOON: Duration = Duration::from_secs(5);

fn client(url: &str) -> Client {
    Client::new(Endpoint::new(url).unwrap(), ApiKey::new(KEY).unwrap()).unwrap()
}

/// Gives up on a silent server soon. For such servers only: one that is slow on a busy machine would be given up, too.
fn hasty(url: &str) -> Client {
    Client::with_timeouts(Endpoint::new(url).unwrap(), ApiKey::new(KEY).unwrap(), CONNECT_TIMEOUT, SOON).unwrap()
}

async fn search_with(client: &Client) -> Result<Answer<SearchPage>, Error> {
    let request = SearchRequest::new("calm piano", Filters::default(), 100, 0).unwrap();
    client.search(&Authorised::for_tests(), &request).await
}

/// The error of a search that gets this reply; it was sent once and not again.
async fn refused(reply: Reply) -> Error {
    let pick = if matches!(reply.1, Then::KeepOpen) { hasty } else { client };
    let mut server = RawServer::start([reply]).await;
    let error = search_with(&pick(&server.url())).await.unwrap_err();
    server.request().await;
    assert_eq!(server.more_requests(), 0, "sent once: {error}");
    error
}

fn clip_request() -> DownloadRequest {
    DownloadRequest {
        track_id: TrackId::new("trk_abc123").unwrap(),
        clip: Some(Clip::new(30.0, Some(12.5)).unwrap()),
    }
}

#[tokio::test]
async fn a_search_is_sent_exactly_as_documented() {
    let body = r#"{"tracks":[{"id":"trk_1","title":"Rain"}],"credits_remaining":44}"#;
    let limits = "X-Credits-Remaining: 43\r\nX-RateLimit-Remaining: 3\r\n";
    let mut server = RawServer::start([Reply::whole(200, limits, body)]).await;
    let filters = Filters {
        moods: ["Calm".into(), "Dark".into()].into(),
        has_vocals: Some(false),
        min_bpm: Some(70),
        ..Filters::default()
    };
    let request = SearchRequest::new("calm “piano”", filters, 100, 200).unwrap();
    let answer = client(&server.url()).search(&Authorised::for_tests(), &request).await.unwrap();

    let sent = server.request().await;
    assert_eq!(sent.line, "POST /v1/search HTTP/1.1");
    assert_eq!(
        sent.body,
        r#"{"filters":{"has_vocals":false,"min_bpm":70,"moods":["Calm","Dark"]},"limit":100,"offset":200,"query":"calm “piano”"}"#
    );
    let host = format!("127.0.0.1:{}", server.port());
    let length = sent.body.len().to_string();
    let headers: Vec<(&str, &str)> = sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        headers,
        [
            ("accept", "application/json, audio/mpeg"),
            ("authorization", "Bearer trackyard_live_very_secret"),
            ("content-length", length.as_str()),
            ("content-type", "application/json"),
            ("host", host.as_str()),
            ("user-agent", concat!("trackyard-tui/", env!("CARGO_PKG_VERSION"))),
        ]
    );
    assert_eq!(answer.value.tracks[0].id.as_str(), "trk_1");
    assert_eq!(answer.limits.minute_remaining, Some(3));
    assert_eq!(answer.limits.credits_remaining, Some(44), "the body wins over the header");
}

#[tokio::test]
async fn a_download_is_sent_exactly_as_documented_and_streamed() {
    let headers = "Content-Type: Audio/MPEG; x=y\r\nContent-Disposition: attachment; filename=\"Rain.mp3\"\r\nX-Credits-Remaining: 9\r\n";
    let mut server = RawServer::start([Reply::whole(200, headers, "not really music")]).await;
    let start = client(&server.url())
        .download(&Authorised::for_tests(), &clip_request())
        .await
        .unwrap();

    let sent = server.request().await;
    assert_eq!(sent.line, "POST /v1/download-track HTTP/1.1");
    assert_eq!(
        sent.body,
        r#"{"duration_seconds":30,"hit_point_seconds":12.5,"track_id":"trk_abc123"}"#
    );
    assert_eq!(start.content_type.as_deref(), Some("audio/mpeg"));
    assert_eq!((start.content_length, start.limits.credits_remaining), (Some(16), Some(9)));
    assert_eq!(start.file_name.as_deref(), Some("Rain.mp3"));
    let body: Vec<Bytes> = start.body.map(Result::unwrap).collect().await;
    assert_eq!(body.concat(), b"not really music");
}

#[tokio::test]
async fn a_download_that_is_cut_short_gives_what_came_and_then_an_error() {
    for then in [Then::Close, Then::Reset, Then::KeepOpen] {
        let reply = Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf", then);
        let pick = if matches!(then, Then::KeepOpen) { hasty } else { client };
        let mut server = RawServer::start([reply]).await;
        let mut start = pick(&server.url())
            .download(&Authorised::for_tests(), &clip_request())
            .await
            .unwrap();
        let mut last = None;
        while let Some(chunk) = start.body.next().await {
            last = Some(chunk);
        }
        let error = last.unwrap().unwrap_err();
        assert!(matches!(error, Error::Lost(_)), "{then:?}: {error:?}");
        assert_eq!(server.more_requests(), 1);
    }
}

#[tokio::test]
async fn refusals_of_trackyard_are_free_and_tell_what_to_do() {
    for (status, body, advice) in [
        (
            400,
            r#"{"error":"invalid_request","message":"min_bpm is too low"}"#,
            "min_bpm is too low",
        ),
        (
            401,
            r#"{"error":"Invalid API key","code":"UNAUTHORIZED"}"#,
            "app.trackyard.com/api-keys",
        ),
        (402, r#"{"error":"No credits","code":"NO_CREDITS"}"#, "app.trackyard.com/billing"),
        (403, r#"{"error":"Forbidden","message":"not in your plan"}"#, "plan"),
        (404, r#"{"error":"Track not found","code":"TRACK_NOT_FOUND"}"#, "no such track"),
        (404, "<html><title>Not here</title></html>", "--api-url"),
        (429, r#"{"error":"Rate limit exceeded","code":"RATE_LIMITED"}"#, "too many requests"),
        (500, r#"{"error":"internal","request_id":"req_7"}"#, "req_7"),
        (503, r#"{"error":"busy","message":"later","request_id":"req_8"}"#, "later"),
    ] {
        let error = refused(Reply::whole(status, "Retry-After: 7\r\n", body)).await;
        assert_eq!((error.status(), error.charge()), (Some(status), Charge::Free), "{status}");
        assert!(error.to_string().contains(advice), "{error}");
        let Error::Refused(problem) = error else { panic!() };
        assert_eq!(problem.retry_after, Some(super::super::RetryAfter::In(Duration::from_secs(7))));
    }
}

#[tokio::test]
async fn what_may_hide_a_success_is_never_called_free() {
    let chunk =
        "HTTP/1.1 200 OK\r\nContent-Type: application/problem+json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"tra\r\n";
    for (reply, charge) in [
        (
            Reply::whole(502, "", "<html><title>502 Bad Gateway</title></html>"),
            Charge::Unknown,
        ),
        (Reply::whole(503, "", ""), Charge::Unknown),
        (
            Reply::whole(504, "", r#"{"message":"timed out","request_id":"of the gateway"}"#),
            Charge::Unknown,
        ),
        (Reply::whole(500, "", r#"{"error":"upstream"}"#), Charge::Unknown),
        (
            Reply::whole(504, "", r#"{"error":{"code":504,"message":"upstream timeout"}}"#),
            Charge::Unknown,
        ),
        (
            Reply::whole(502, "", r#"{"error":"bad_gateway","message":"no upstream"}"#),
            Charge::Unknown,
        ),
        (Reply::whole(202, "", "{}"), Charge::Unknown),
        (Reply::raw("HTTP/1.1 204 No Content\r\n\r\n", Then::Close), Charge::Unknown),
        (Reply::raw("", Then::Close), Charge::Unknown),
        (Reply::raw("", Then::Reset), Charge::Unknown),
        (Reply::raw("", Then::KeepOpen), Charge::Unknown),
        (Reply::raw("HTTP/1.1 200 OK\r\nX-Half: ", Then::Close), Charge::Unknown),
        (Reply::raw("SSH-2.0-OpenSSH_9.6\r\n", Then::Close), Charge::Unknown),
        // Nothing says that Trackyard has seen it.
        (Reply::whole(200, "", "<html>welcome to the hotel</html>"), Charge::Unknown),
        (
            Reply::whole(200, "Content-Type: text/html\r\nDate: Fri, 20 Feb 2026 14:22:15 GMT\r\n", "<html>"),
            Charge::Unknown,
        ),
        (Reply::whole(200, "", ""), Charge::Unknown),
        (
            Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"tracks\":[", Then::Close),
            Charge::Unknown,
        ),
        (Reply::whole(200, "X-Credits-Remaining: 9\r\n", "<html>"), Charge::Charged),
        (Reply::whole(200, "X-RateLimit-Remaining: 9\r\n", ""), Charge::Charged),
        (
            Reply::whole(200, "Content-Type: application/json\r\n", &"[".repeat(100_000)),
            Charge::Charged,
        ),
        (Reply::whole(200, "", r#"{"hello":"world"}"#), Charge::Charged),
        (Reply::raw(chunk, Then::Reset), Charge::Charged),
    ] {
        let told = format!("{reply:?}").chars().take(200).collect::<String>();
        let error = refused(reply).await;
        assert_eq!(error.charge(), charge, "{told}: {error:?}");
    }
}

#[tokio::test]
async fn what_never_left_is_free() {
    // Taken, so that nobody else gets the port, and not listening.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    let error = search_with(&client(&url)).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error:?}");
    assert_eq!((error.charge(), error.limits()), (Charge::Free, None));
    assert!(error.to_string().contains("--api-url"), "{error}");
}

#[tokio::test]
async fn a_tls_handshake_that_fails_is_free() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 400 This is no TLS\r\n\r\n").await;
    });
    let error = search_with(&client(&url)).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn endless_bodies_are_not_read_to_the_end() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{";
    let mut server = RawServer::start([Reply::raw(head, Then::Flood)]).await;
    let error = search_with(&client(&server.url())).await.unwrap_err();
    assert!(error.to_string().contains("larger"), "{error}");
    assert_eq!(error.charge(), Charge::Charged);
    server.connection_over().await;

    let head = "HTTP/1.1 500 No\r\n\r\n";
    let mut server = RawServer::start([Reply::raw(head, Then::Flood)]).await;
    let error = search_with(&client(&server.url())).await.unwrap_err();
    assert_eq!((error.status(), error.charge()), (Some(500), Charge::Unknown));
    server.connection_over().await;
}

#[tokio::test]
async fn an_error_that_drips_is_told_by_its_status() {
    // Each byte comes in time, so only a limit for the whole of it can end this.
    let head = "HTTP/1.1 402 No\r\n\r\n{\"error\":";
    let mut server = RawServer::start([Reply::raw(head, Then::Drip(SOON / 10))]).await;
    let error = search_with(&hasty(&server.url())).await.unwrap_err();
    assert!(error.out_of_credits(), "{error:?}");
    server.connection_over().await;
}

#[tokio::test]
async fn headers_without_end_are_not_read_to_the_end() {
    let mut server = RawServer::start([Reply::raw("HTTP/1.1 200 OK\r\nX-Long: ", Then::Flood)]).await;
    let error = search_with(&client(&server.url())).await.unwrap_err();
    assert!(matches!(error, Error::Lost(_)), "{error:?}");
    server.connection_over().await;
}

#[tokio::test]
async fn a_connection_is_never_used_twice_for_paid_calls() {
    let body = r#"{"tracks":[]}"#;
    let kept = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n{body}",
        body.len()
    );
    let mut server = RawServer::start([Reply::raw(&kept, Then::KeepOpen), Reply::raw("", Then::Reset)]).await;
    let client = client(&server.url());
    search_with(&client).await.unwrap();
    // The client gives the connection up although the server keeps it.
    server.connection_over().await;
    let error = search_with(&client).await.unwrap_err();
    assert_eq!(error.charge(), Charge::Unknown);
    assert_eq!(server.more_requests(), 2, "the second was not sent again on a third connection");
}

#[tokio::test]
async fn redirects_are_not_followed_and_the_key_stays() {
    let mut elsewhere = RawServer::start([Reply::whole(200, "", r#"{"tracks":[]}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let error = refused(Reply::whole(status, &format!("Location: {}/search\r\n", elsewhere.url()), "")).await;
        assert_eq!((error.status(), error.charge()), (Some(status), Charge::Free));
        assert!(
            error.to_string().contains("redirect") && error.to_string().contains("--api-url"),
            "{error}"
        );
    }
    assert_eq!(elsewhere.more_requests(), 0);
}

#[tokio::test]
async fn a_server_that_repeats_the_key_does_not_get_it_shown() {
    let json = format!(r#"{{"error":"{KEY}","message":"no such key: Bearer {KEY}","request_id":"{KEY}"}}"#);
    let page = format!("<html><title>Bearer {KEY}</title></html>");
    let escaped = json.replace("trackyard_live", "\\u0074rackyard_live");
    for body in [json, page, escaped] {
        let error = refused(Reply::whole(401, "", &body)).await;
        assert!(!format!("{error} {error:?}").contains("very_secret"), "{error:?}");
        assert!(error.to_string().contains("[API key]"), "{error}");
    }
    let client = client("http://127.0.0.1/v1");
    assert!(!format!("{client:?}").contains("secret"));
}

#[tokio::test]
async fn a_success_that_repeats_the_key_does_not_get_it_kept() {
    let escaped = KEY.replace('t', "\\u0074");
    let body = format!(
        r#"{{"tracks":[{{"id":"trk_1","title":"for {KEY}","artist":"{escaped}","moods":["{KEY}"],"preview_url":"http://cdn/?key={KEY}","{KEY}":1}}]}}"#
    );
    let server = RawServer::start([Reply::whole(200, "", &body)]).await;
    let answer = search_with(&client(&server.url())).await.unwrap();
    let track = &answer.value.tracks[0];
    assert!(!format!("{answer:?}").contains("very_secret"), "{answer:?}");
    assert_eq!((&*track.title, &*track.artist), ("for [API key]", "[API key]"));

    let me = format!(r#"{{"tier":"free","{KEY}":[{{"{KEY}":"{escaped}"}}]}}"#);
    let server = RawServer::start([Reply::whole(200, "", &me)]).await;
    let raw = client(&server.url()).me().await.unwrap().value.raw.to_string();
    assert_eq!(raw, r#"{"[API key]":[{"[API key]":"[API key]"}],"tier":"free"}"#);

    let headers = format!("Content-Type: audio/{KEY}\r\nContent-Disposition: attachment; filename=\"{KEY}.mp3\"\r\n");
    let server = RawServer::start([Reply::whole(200, &headers, "x")]).await;
    let request = clip_request();
    let start = client(&server.url()).download(&Authorised::for_tests(), &request).await.unwrap();
    assert_eq!(start.content_type.as_deref(), Some("audio/[api key]"));
    assert_eq!(start.file_name.as_deref(), Some("[API key].mp3"));
}

#[tokio::test]
async fn what_headers_say_is_cleaned_and_not_endless() {
    let long = "x".repeat(20_000);
    let headers = format!("Content-Type: audio/{long}\r\nContent-Disposition: attachment; filename=\"{long}\"\r\n");
    let server = RawServer::start([Reply::whole(200, &headers, "x")]).await;
    let start = client(&server.url())
        .download(&Authorised::for_tests(), &clip_request())
        .await
        .unwrap();
    assert!(start.content_type.unwrap().chars().count() <= 501);
    assert!(start.file_name.unwrap().chars().count() <= 501);
}

#[tokio::test]
async fn escape_codes_of_an_error_do_not_reach_the_screen() {
    let body = json!({"error": "x\u{1b}]0;y\u{7}", "message": "\u{1b}[2J\u{202e}gone\r\n"}).to_string();
    let error = refused(Reply::whole(400, "", &body)).await;
    assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
    assert!(error.to_string().contains("[2Jgone"));
}
