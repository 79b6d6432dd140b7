//! It fails as it is told to, and charges only where it says so.

use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};
use trackyard_tui::sandbox::{Fault, Target};

use super::{GAUGES, Rig, body, header, number, text};

fn query() -> Value {
    json!({"query": "x"})
}

#[tokio::test]
async fn statuses_come_as_json_and_as_web_pages_and_are_free() {
    let rig = Rig::roomy().await;
    for status in [400, 401, 402, 403, 404, 429, 500, 503] {
        rig.sandbox.faults().add_times(Target::Search, Fault::Status(status), 1);
        let answer = rig.search(&query()).await;
        assert_eq!(answer.status(), status);
        let body = body(answer).await;
        assert!(body["error"].is_string());
        assert_eq!(body["request_id"].is_string(), status >= 500, "{body}");
    }
    for status in [429, 502, 503] {
        rig.sandbox.faults().add_times(Target::Search, Fault::StatusHtml(status), 1);
        let answer = rig.search(&query()).await;
        assert_eq!(answer.status(), status);
        assert!(answer.text().await.unwrap().starts_with('<'));
    }
    assert_eq!(rig.sandbox.charged(), 0);
    assert_eq!(rig.search(&query()).await.status(), 200);
}

#[tokio::test]
async fn a_fault_meets_its_target_as_often_as_it_should() {
    let rig = Rig::roomy().await;
    rig.sandbox.faults().add_times(Target::Me, Fault::Status(503), 2);
    assert_eq!(rig.search(&query()).await.status(), 200);
    for status in [503, 503, 200] {
        assert_eq!(rig.get("/me").send().await.unwrap().status(), status);
    }
    rig.sandbox.faults().add(Target::Any, Fault::Status(500));
    rig.sandbox.faults().add(Target::Usage, Fault::Status(503));
    rig.sandbox.faults().clear_target(Target::Any);
    assert_eq!(rig.get("/me").send().await.unwrap().status(), 200);
    assert_eq!(rig.get("/usage").send().await.unwrap().status(), 503);
    rig.sandbox.faults().clear();
    assert_eq!(rig.get("/usage").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_reset_before_the_request_is_handled_is_free_and_one_after_is_not() {
    let rig = Rig::roomy().await;
    // On a new connection, so that the client does not ask again by itself.
    rig.sandbox.faults().add_times(Target::Search, Fault::Reset, 1);
    assert!(rig.post("/search", &query()).send().await.is_err());
    assert_eq!(rig.sandbox.charged(), 0);
    assert_eq!(body(rig.get("/usage").send().await.unwrap()).await["total_count"], 0);

    rig.sandbox.faults().add_times(Target::Search, Fault::ChargedReset, 1);
    assert!(rig.post("/search", &query()).send().await.is_err());
    assert_eq!(rig.sandbox.charged(), 1);
    let usage = body(rig.get("/usage").send().await.unwrap()).await;
    let charged = |call: &Value| call["endpoint"] == "/search" && call["credits_consumed"] == 1;
    assert_eq!(usage["usage"].as_array().unwrap().iter().filter(|call| charged(call)).count(), 1);
}

#[tokio::test]
async fn a_bad_gateway_can_hide_a_charge() {
    let rig = Rig::roomy().await;
    rig.sandbox.faults().add_times(Target::Search, Fault::ChargedBadGateway, 1);
    let answer = rig.search(&query()).await;
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with('<'));
    assert_eq!(rig.sandbox.charged(), 1);
}

#[tokio::test]
async fn bodies_are_cut_short_emptied_or_replaced() {
    let rig = Rig::roomy().await;
    let id = rig.tracks("x", 1, json!({})).await[0]["id"].clone();
    let request = json!({"track_id": id, "duration_seconds": 10});
    let whole = rig.mp3(&request).await;

    rig.sandbox.faults().add_times(Target::Download, Fault::TruncateBody(50_000), 1);
    let mut answer = rig.download(&request).await;
    assert_eq!(number(&answer, "content-length") as usize, whole.len());
    let mut got = Vec::new();
    let end = loop {
        match answer.chunk().await {
            Ok(Some(piece)) => got.extend_from_slice(&piece),
            end => break end,
        }
    };
    assert!(end.is_err());
    assert!(got[..] == whole[..50_000], "{}", got.len());

    rig.sandbox.faults().add_times(Target::Download, Fault::EmptyBody, 1);
    assert!(rig.mp3(&request).await.is_empty());
    rig.sandbox.faults().add_times(Target::Download, Fault::JsonForAudio, 1);
    let answer = rig.download(&request).await;
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "content-type").as_deref()),
        (200, Some("application/json"))
    );
    body(answer).await;
    rig.sandbox.faults().add_times(Target::Download, Fault::HtmlForAudio, 1);
    assert!(rig.mp3(&request).await.starts_with(b"<"));
    rig.sandbox.faults().add_times(Target::Download, Fault::NoContentLength, 1);
    let answer = rig.download(&request).await;
    assert!(header(&answer, "content-length").is_none());
    assert!(answer.bytes().await.unwrap() == whole);
    // All six delivered something for money, and the search before them.
    assert_eq!(rig.sandbox.charged(), 7);
}

#[tokio::test]
async fn a_stalled_body_stays_open_while_others_are_served() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    rig.sandbox.faults().add_times(Target::Preview, Fault::StallBody(20_000), 1);
    let mut answer = rig.http.get(text(&track, "preview_url")).send().await.unwrap();
    let mut got = 0;
    while got < 20_000 {
        got += answer.chunk().await.unwrap().unwrap().len();
    }
    assert_eq!(got, 20_000);
    // The same preview, whole, meanwhile: whatever would still come to the first reader had time to.
    let rest = tokio::select! {
        more = answer.chunk() => Some(more),
        _ = rig.preview(&track) => None,
    };
    assert!(rest.is_none(), "{rest:?}");
}

#[tokio::test]
async fn it_is_as_slow_as_it_is_told() {
    let rig = Rig::roomy().await;
    rig.sandbox
        .faults()
        .add_times(Target::Me, Fault::Latency(Duration::from_millis(150)), 1);
    let began = Instant::now();
    rig.get("/me").send().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(150));
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    rig.sandbox.faults().add_times(Target::Preview, Fault::Bandwidth(800_000), 1);
    let began = Instant::now();
    let bytes = rig.preview(&track).await.len();
    // The last piece, a twentieth of a second long, need not wait.
    assert!(began.elapsed().as_secs_f64() >= bytes as f64 / 800_000.0 - 0.05);
}

#[tokio::test]
async fn answers_are_mangled_and_headers_left_out_or_absurd() {
    let rig = Rig::roomy().await;
    let faults = rig.sandbox.faults();
    faults.add_times(
        Target::Search,
        Fault::mangle(|answer| answer["tracks"][0]["title"] = json!("\u{1b}[2J")),
        1,
    );
    assert_eq!(body(rig.search(&query()).await).await["tracks"][0]["title"], "\u{1b}[2J");
    faults.add_times(Target::Me, Fault::NoRateHeaders, 1);
    let answer = rig.get("/me").send().await.unwrap();
    assert!(GAUGES.iter().all(|name| header(&answer, name).is_none()));
    for value in ["99999999999999999999", "-5", "soon", "Wed, 21 Oct 2099 07:28:00 GMT"] {
        faults.add_times(Target::Me, Fault::Status(429), 1);
        faults.add_times(Target::Me, Fault::RetryAfter(value.to_owned()), 1);
        let answer = rig.get("/me").send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "retry-after").as_deref()),
            (429, Some(value))
        );
    }
    faults.add_times(Target::Me, Fault::Status(429), 1);
    faults.add_times(Target::Me, Fault::RetryAfter(String::new()), 1);
    assert!(header(&rig.get("/me").send().await.unwrap(), "retry-after").is_none());
}

#[tokio::test]
async fn redirects_and_previews_without_range() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("x", 1, json!({})).await.remove(0);
    let url = text(&track, "preview_url");
    for target in [Target::Me, Target::Preview] {
        rig.sandbox
            .faults()
            .add_times(target, Fault::Redirect("http://127.0.0.1:9/elsewhere".into()), 1);
    }
    for answer in [rig.get("/me").send().await.unwrap(), rig.http.get(url).send().await.unwrap()] {
        assert_eq!(answer.status(), 302);
        assert_eq!(header(&answer, "location").as_deref(), Some("http://127.0.0.1:9/elsewhere"));
    }
    rig.sandbox.faults().add_times(Target::Preview, Fault::NoRange, 1);
    let answer = rig.http.get(url).header("range", "bytes=5-9").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "accept-ranges")), (200, None));
    assert!(number(&answer, "content-length") > 5);
}

#[tokio::test]
async fn the_servers_clock_can_be_wrong_everywhere_at_once() {
    let rig = Rig::roomy().await;
    rig.sandbox.faults().add(Target::Any, Fault::ClockSkew(-7200));
    let answer = rig.search(&query()).await;
    let date = httpdate::parse_http_date(&header(&answer, "date").unwrap()).unwrap();
    let behind = SystemTime::now().duration_since(date).unwrap().as_secs();
    assert!((7190..7260).contains(&behind), "{behind}");
    let usage = body(rig.get("/usage").send().await.unwrap()).await;
    let at: jiff::Timestamp = text(&usage["usage"][0], "timestamp").parse().unwrap();
    let behind = jiff::Timestamp::now().duration_since(at).as_secs();
    assert!((7190..7260).contains(&behind), "{behind}");
}
