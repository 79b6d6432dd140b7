//! Every refusal: its status, its shape, its headers, and that it costs nothing.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use trackyard_tui::sandbox::{Options, Tier};

use super::{GAUGES, Rig, body, header};

/// Refused with this status, in JSON of a documented shape, with all headers.
async fn refused(answer: Response, status: u16, what: &str) -> Value {
    assert_eq!(answer.status(), status, "{what}");
    assert_eq!(header(&answer, "content-type").as_deref(), Some("application/json"), "{what}");
    for name in GAUGES {
        assert!(header(&answer, name).is_some(), "{what}: no {name}");
    }
    assert!(header(&answer, "date").is_some(), "{what}: no Date");
    let body = body(answer).await;
    assert!(body["error"].is_string(), "{what}: {body}");
    assert!(body["message"].is_string() || body["code"].is_string(), "{what}: {body}");
    body
}

#[tokio::test]
async fn keys_that_are_not_the_key_are_refused_with_401() {
    let rig = Rig::start(Tier::Starter).await;
    let url = format!("{}/me", rig.sandbox.api_url());
    let key = rig.sandbox.key();
    assert!(key.starts_with("trackyard_live_"));
    refused(rig.http.get(&url).send().await.unwrap(), 401, "no key").await;
    for value in [
        "Bearer ",
        "Bearer nonsense",
        &format!("Bearer {key}x"),
        &format!("Basic {key}"),
        key,
    ] {
        let answer = rig.http.get(&url).header("authorization", value).send().await.unwrap();
        refused(answer, 401, "wrong key").await;
    }
    // Strangers do not use up the key's own requests or appear in its history.
    let mine = rig.get("/me").send().await.unwrap();
    assert_eq!(super::number(&mine, "x-ratelimit-remaining"), 9);
    let usage = body(rig.get("/usage").send().await.unwrap()).await;
    assert_eq!(usage["total_count"], 1);
}

#[tokio::test]
async fn each_start_has_a_key_of_its_own_unless_one_is_given() {
    let (one, two) = (Rig::start(Tier::Free).await, Rig::start(Tier::Free).await);
    assert_ne!(one.sandbox.key(), two.sandbox.key());
    let given = Rig::with(Options {
        key: Some("trackyard_live_given".into()),
        ..Options::default()
    })
    .await;
    assert_eq!(given.sandbox.key(), "trackyard_live_given");
    assert_eq!(given.get("/me").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn wrong_parameters_are_refused_with_400_and_cost_nothing() {
    let rig = Rig::start(Tier::Starter).await;
    rig.sandbox.set_limits(Some(1000), Some(1000));
    let filtered = |filters: Value| json!({"query": "x", "filters": filters});
    let searches = [
        json!({}),
        json!([]),
        json!({"query": null}),
        json!({"query": ""}),
        json!({"query": " \t"}),
        json!({"query": ["x"]}),
        json!({"query": "x", "limit": 0}),
        json!({"query": "x", "limit": 101}),
        json!({"query": "x", "limit": "5"}),
        json!({"query": "x", "limit": 1.5}),
        json!({"query": "x", "offset": -1}),
        json!({"query": "x", "offset": "0"}),
        json!({"query": "x", "filters": "jazz"}),
        filtered(json!({"genres": "Jazz"})),
        filtered(json!({"moods": [1]})),
        filtered(json!({"instruments": {"piano": true}})),
        filtered(json!({"has_vocals": "true"})),
        filtered(json!({"min_bpm": 39.9})),
        filtered(json!({"max_bpm": 200.1})),
        filtered(json!({"min_bpm": "100"})),
        filtered(json!({"min_bpm": 121, "max_bpm": 120})),
        filtered(json!({"energy_level": "extreme"})),
        filtered(json!({"energy_level": 2})),
    ];
    for request in &searches {
        refused(rig.search(request).await, 400, &request.to_string()).await;
    }
    let id = rig.tracks("x", 1, json!({})).await[0]["id"].clone();
    let downloads = [
        json!({}),
        json!({"track_id": 7}),
        json!({"track_id": ""}),
        json!({"track_id": id, "duration_seconds": 9.99}),
        json!({"track_id": id, "duration_seconds": 300.5}),
        json!({"track_id": id, "duration_seconds": "30"}),
        json!({"track_id": id, "hit_point_seconds": 5}),
        json!({"track_id": id, "duration_seconds": 30, "hit_point_seconds": -0.1}),
        json!({"track_id": id, "duration_seconds": 30, "hit_point_seconds": 30}),
        json!({"track_id": id, "duration_seconds": 30, "hit_point_seconds": "5"}),
    ];
    for request in &downloads {
        refused(rig.download(request).await, 400, &request.to_string()).await;
    }
    for query in ["limit=0", "limit=101", "limit=ten", "offset=-1", "offset=x"] {
        refused(rig.get(&format!("/usage?{query}")).send().await.unwrap(), 400, query).await;
    }
    let broken = rig
        .http
        .post(format!("{}/search", rig.sandbox.api_url()))
        .bearer_auth(rig.sandbox.key())
        .body("{\"query\":");
    refused(broken.send().await.unwrap(), 400, "half a document").await;
    assert_eq!((rig.sandbox.charged(), rig.sandbox.balance()), (1, 299));
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_asked_wrongly_405() {
    let rig = Rig::start(Tier::Starter).await;
    refused(rig.download(&json!({"track_id": "trk_nowhere"})).await, 404, "track").await;
    refused(rig.get("/nowhere").send().await.unwrap(), 404, "endpoint").await;
    for (method, path, allowed) in [
        (Method::GET, "/search", "POST"),
        (Method::GET, "/download-track", "POST"),
        (Method::POST, "/me", "GET"),
        (Method::DELETE, "/usage", "GET"),
    ] {
        let request = rig
            .http
            .request(method, format!("{}{path}", rig.sandbox.api_url()))
            .bearer_auth(rig.sandbox.key());
        let answer = request.send().await.unwrap();
        assert_eq!(header(&answer, "allow").as_deref(), Some(allowed));
        refused(answer, 405, path).await;
    }
    assert_eq!(rig.sandbox.charged(), 0);
}

#[tokio::test]
async fn without_credits_paid_requests_are_402_and_free_ones_work() {
    let rig = Rig::with(Options {
        credits: Some(1),
        ..Options::default()
    })
    .await;
    let id = rig.tracks("x", 1, json!({})).await[0]["id"].clone();
    refused(rig.search(&json!({"query": "x"})).await, 402, "search").await;
    refused(rig.download(&json!({"track_id": id})).await, 402, "download").await;
    let me = body(rig.get("/me").send().await.unwrap()).await;
    assert_eq!(me["credits_remaining"], 0);
    rig.sandbox.set_balance(2);
    assert_eq!(rig.search(&json!({"query": "x"})).await.status(), 200);
    assert_eq!((rig.sandbox.charged(), rig.sandbox.balance()), (2, 1));
}

#[tokio::test]
async fn both_shapes_of_errors_are_met() {
    let rig = Rig::start(Tier::Starter).await;
    let bad = refused(rig.search(&json!({})).await, 400, "bad").await;
    let unknown = refused(rig.download(&json!({"track_id": "trk_nowhere"})).await, 404, "unknown").await;
    assert!(bad["message"].is_string() && bad.get("code").is_none());
    assert!(unknown["code"].is_string() && unknown.get("message").is_none());
}

#[tokio::test]
async fn the_last_credit_is_spent_once_however_many_ask_at_the_same_time() {
    let rig = Rig::roomy().await;
    rig.sandbox.set_balance(3);
    let request = json!({"query": "x"});
    let answers = futures_util::future::join_all((0..20).map(|_| rig.search(&request))).await;
    let paid = answers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!((paid, rig.sandbox.charged(), rig.sandbox.balance()), (3, 3, 0));
    assert!(answers.iter().all(|answer| answer.status() == 200 || answer.status() == 402));
}
