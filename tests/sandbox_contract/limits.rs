//! Tiers, the five headers, rolling limits, the account and its history.

use std::time::SystemTime;

use serde_json::{Value, json};
use trackyard_tui::sandbox::{Options, Origin, Tier};

use super::{GAUGES, Rig, body, header, number};

#[tokio::test]
async fn tiers_have_their_numbers() {
    for (tier, credits, minute, day) in [
        (Tier::Free, 50, 5, Some(50)),
        (Tier::Starter, 300, 10, Some(500)),
        (Tier::Pro, 50_000, 300, None),
    ] {
        let rig = Rig::start(tier).await;
        let answer = rig.get("/me").send().await.unwrap();
        assert_eq!(number(&answer, "x-ratelimit-limit"), minute);
        assert_eq!(number(&answer, "x-ratelimit-remaining"), minute - 1);
        assert_eq!(number(&answer, "x-credits-remaining"), credits);
        assert_eq!(header(&answer, "x-ratelimit-limit-daily"), day.map(|day: u64| day.to_string()));
        assert_eq!(header(&answer, "x-ratelimit-remaining-daily"), day.map(|day| (day - 1).to_string()));
        let me = body(answer).await;
        assert_eq!(me["tier"], tier.to_string());
        assert_eq!(me["credits_remaining"], credits);
        assert_eq!(me["monthly_allowance"], credits);
        assert_eq!(me["rate_limit"], json!({"requests_per_minute": minute, "requests_per_day": day}));
        assert_eq!(tier.to_string().parse::<Tier>().unwrap(), tier);
    }
    assert!("gold".parse::<Tier>().is_err());
}

#[tokio::test]
async fn every_request_counts_and_one_too_many_is_429_with_the_seconds_to_wait() {
    let rig = Rig::start(Tier::Free).await;
    for left in [4, 3, 2, 1, 0] {
        let answer = if left % 2 == 0 {
            rig.get("/me").send().await.unwrap()
        } else {
            rig.search(&json!({})).await
        };
        assert_eq!(number(&answer, "x-ratelimit-remaining"), left);
        assert_eq!(number(&answer, "x-ratelimit-remaining-daily"), 45 + left);
    }
    let answer = rig.search(&json!({"query": "x"})).await;
    assert_eq!(answer.status(), 429);
    assert!((1..=60).contains(&number(&answer, "retry-after")));
    assert!(GAUGES.iter().all(|name| header(&answer, name).is_some()));
    assert_eq!(number(&answer, "x-ratelimit-remaining"), 0);
    // What was refused does not count, and costs nothing.
    assert_eq!(number(&answer, "x-ratelimit-remaining-daily"), 45);
    assert!(body(answer).await["error"].is_string());
    assert_eq!(rig.sandbox.charged(), 0);
    rig.sandbox.reset_limits();
    assert_eq!(rig.search(&json!({"query": "x"})).await.status(), 200);
}

#[tokio::test]
async fn the_daily_limit_asks_for_a_longer_wait() {
    let rig = Rig::start(Tier::Free).await;
    rig.sandbox.set_limits(Some(100), Some(2));
    for _ in 0..2 {
        assert_eq!(rig.get("/me").send().await.unwrap().status(), 200);
    }
    let answer = rig.get("/me").send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!((86_000..=86_400).contains(&number(&answer, "retry-after")));
    rig.sandbox.set_limits(None, None);
    let answer = rig.get("/me").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(GAUGES[..4].iter().all(|name| header(&answer, name).is_none()));
    assert_eq!(number(&answer, "x-credits-remaining"), 50);
}

#[tokio::test]
async fn a_credit_is_charged_on_success_and_body_and_header_agree() {
    let rig = Rig::start(Tier::Free).await;
    let answer = rig.search(&json!({"query": "piano"})).await;
    assert_eq!(number(&answer, "x-credits-remaining"), 49);
    let found = body(answer).await;
    assert_eq!(found["credits_remaining"], 49);
    let answer = rig
        .download(&json!({"track_id": found["tracks"][0]["id"], "duration_seconds": 10}))
        .await;
    assert_eq!(number(&answer, "x-credits-remaining"), 48);
    assert_eq!((rig.sandbox.charged(), rig.sandbox.balance()), (2, 48));
}

#[tokio::test]
async fn the_history_is_newest_first_paged_and_holds_failures_for_nothing() {
    let rig = Rig::with(Options {
        tier: Tier::Pro,
        ..Options::default()
    })
    .await;
    let id = rig.tracks("x", 1, json!({})).await[0]["id"].clone();
    rig.download(&json!({"track_id": id, "duration_seconds": 10})).await;
    rig.search(&json!({})).await;
    rig.download(&json!({"track_id": "trk_nowhere"})).await;
    rig.get("/me").send().await.unwrap();
    let all = body(rig.get("/usage").send().await.unwrap()).await;
    let lines: Vec<(&str, u64, u64)> = all["usage"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(
        lines,
        [
            ("/me", 200, 0),
            ("/download-track", 404, 0),
            ("/search", 400, 0),
            ("/download-track", 200, 1),
            ("/search", 200, 1)
        ]
    );
    assert_eq!(
        (&all["total_count"], &all["offset"], &all["limit"]),
        (&json!(5), &json!(0), &json!(50))
    );
    for call in all["usage"].as_array().unwrap() {
        let at: jiff::Timestamp = call["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(jiff::Timestamp::now().duration_since(at).abs() < jiff::SignedDuration::from_mins(1));
        assert!(call["response_time_ms"].is_u64());
    }
    // The call above is now the newest itself, so everything has moved down by one.
    let page = body(rig.get("/usage?limit=2&offset=2").send().await.unwrap()).await;
    assert_eq!(page["usage"].as_array().unwrap()[..], all["usage"].as_array().unwrap()[1..3]);
    assert_eq!(
        (&page["total_count"], &page["offset"], &page["limit"]),
        (&json!(6), &json!(2), &json!(2))
    );
}

fn line(call: &Value) -> (&str, u64, u64) {
    (
        call["endpoint"].as_str().unwrap(),
        call["status_code"].as_u64().unwrap(),
        call["credits_consumed"].as_u64().unwrap(),
    )
}

#[tokio::test]
async fn answers_carry_the_time_and_requests_are_logged_without_the_key() {
    let rig = Rig::start(Tier::Free).await;
    let request = rig.post("/search", &json!({"query": "rain"})).header("user-agent", "contract/1");
    let answer = request.send().await.unwrap();
    let date = httpdate::parse_http_date(&header(&answer, "date").unwrap()).unwrap();
    let off = SystemTime::now().duration_since(date).unwrap_or_else(|early| early.duration());
    assert!(off.as_secs() < 60);
    let track = body(answer).await["tracks"][0].clone();
    rig.preview(&track).await;
    let seen = rig.sandbox.requests();
    assert_eq!(seen.len(), 2);
    assert_eq!((seen[0].origin, seen[0].method.as_str()), (Origin::Api, "POST"));
    assert!(seen[0].path.ends_with("/search"));
    assert_eq!((seen[0].status, seen[0].authorized), (Some(200), true));
    assert_eq!(seen[0].user_agent.as_deref(), Some("contract/1"));
    assert_eq!(seen[0].body, Some(json!({"query": "rain"})));
    assert_eq!((seen[1].origin, seen[1].authorized), (Origin::Previews, false));
    assert!(!format!("{seen:?} {:?}", rig.sandbox.faults()).contains(rig.sandbox.key()));
}

#[tokio::test]
async fn a_stopped_sandbox_answers_nobody() {
    let rig = Rig::start(Tier::Free).await;
    let (api, http) = (rig.sandbox.api_url().to_owned(), rig.http.clone());
    assert_eq!(rig.get("/me").send().await.unwrap().status(), 200);
    rig.sandbox.stop();
    // The listener goes away with its task; until then a connection is accepted and cut.
    for _ in 0..2 {
        assert!(http.get(format!("{api}/me")).send().await.is_err());
    }
}
