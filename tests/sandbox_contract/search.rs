//! What a search finds: the catalogue, relevance, filters, paging.

use std::collections::HashSet;

use serde_json::{Value, json};
use trackyard_tui::sandbox::Tier;

use super::{Rig, body, lists, text};

/// Every track there is.
async fn catalogue(rig: &Rig) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let answer = rig.search(&json!({"query": "music", "limit": 100, "offset": all.len()})).await;
        let page = body(answer).await["tracks"].as_array().unwrap().clone();
        let last = page.len() < 100;
        all.extend(page);
        if last {
            return all;
        }
    }
}

#[tokio::test]
async fn the_catalogue_is_large_whole_and_the_same_at_every_start() {
    let (one, two) = (Rig::roomy().await, Rig::roomy().await);
    let tracks = catalogue(&one).await;
    assert!(tracks.len() >= 2000, "{}", tracks.len());
    let ids: HashSet<&str> = tracks.iter().map(|track| text(track, "id")).collect();
    assert_eq!(ids.len(), tracks.len(), "paging repeats or loses nothing");
    let names: HashSet<_> = tracks.iter().map(|track| (text(track, "title"), text(track, "artist"))).collect();
    assert_eq!(names.len(), tracks.len());
    assert!(
        tracks
            .iter()
            .any(|track| !text(track, "artist").is_ascii() || !text(track, "title").is_ascii())
    );
    for track in &tracks {
        assert!((90..=260).contains(&track["duration_seconds"].as_u64().unwrap()), "{track}");
        assert!((40..=200).contains(&track["bpm"].as_u64().unwrap()), "{track}");
        assert!(
            text(track, "key").ends_with(" major") || text(track, "key").ends_with(" minor"),
            "{track}"
        );
        assert!(["low", "medium", "high"].contains(&text(track, "energy_level")), "{track}");
        assert!(track["has_vocals"].is_boolean(), "{track}");
        assert!(text(track, "preview_url").starts_with(one.sandbox.preview_origin()), "{track}");
        for name in ["subgenres", "moods", "instruments"] {
            assert!(!track[name].as_array().unwrap().is_empty(), "{name} of {track}");
        }
    }
    let without_address = |mut track: Value| {
        track["preview_url"].take();
        track
    };
    let again: Vec<Value> = catalogue(&two).await.into_iter().map(without_address).collect();
    let tracks: Vec<Value> = tracks.into_iter().map(without_address).collect();
    assert!(tracks == again);
}

#[tokio::test]
async fn every_documented_genre_is_there() {
    let rig = Rig::roomy().await;
    for genre in [
        "Acoustic",
        "Ambient",
        "Beats",
        "Blues",
        "Brass & Marching Band",
        "Children's Music",
        "Cinematic",
        "Classical",
        "Comedy",
        "Country",
        "Dance",
        "Disco",
        "Downtempo",
        "Easy Listening",
        "Electronic",
        "Electronica",
        "Experimental",
        "Fanfares",
        "Folk",
        "Funk",
        "Hip Hop",
        "House",
        "Jazz",
        "Latin",
        "Metal",
        "Pop",
        "Punk",
        "R&B",
        "Reggae",
        "Religious Music",
        "Rock",
        "Singer-Songwriter",
        "Soul",
        "Special Occasions",
        "World",
    ] {
        let found = rig.tracks("anything", 100, json!({"genres": [genre]})).await;
        assert!(found.len() >= 20, "{genre}: {}", found.len());
        assert!(found.iter().all(|track| track["genre"] == genre));
    }
}

#[tokio::test]
async fn calm_piano_for_a_rainy_scene_is_calm_piano() {
    let rig = Rig::roomy().await;
    for track in rig.tracks("calm piano for a rainy scene", 10, json!({})).await {
        assert!(lists(&track, "instruments", "piano"), "{track}");
        assert_eq!(track["energy_level"], "low", "{track}");
    }
}

#[tokio::test]
async fn words_are_understood_not_only_matched() {
    let rig = Rig::roomy().await;
    let bpm = |track: &Value| track["bpm"].as_u64().unwrap();
    type Check = fn(&Value) -> bool;
    let checks: [(&str, usize, Check); 8] = [
        ("jazz without vocals", 10, |track| {
            track["genre"] == "Jazz" && track["has_vocals"] == false
        }),
        ("instrumental hip hop", 10, |track| {
            track["genre"] == "Hip Hop" && track["has_vocals"] == false
        }),
        ("fast aggressive metal", 8, |track| {
            track["genre"] == "Metal" && track["energy_level"] == "high"
        }),
        ("workout", 8, |track| track["energy_level"] == "high"),
        ("epic trailer", 8, |track| track["energy_level"] == "high"),
        ("meditation", 8, |track| track["energy_level"] == "low"),
        ("music for kids", 8, |track| track["genre"] == "Children's Music"),
        ("moody lo-fi for a coffee shop vlog", 8, |track| track["energy_level"] != "high"),
    ];
    for (query, at_least, check) in checks {
        let found = rig.tracks(query, 10, json!({})).await;
        let right = found.iter().filter(|track| check(track)).count();
        assert!(right >= at_least, "{query}: {right} of 10");
    }
    let mean = |tracks: &[Value]| tracks.iter().map(bpm).sum::<u64>() as f64 / tracks.len() as f64;
    let (fast, slow) = (rig.tracks("fast", 30, json!({})).await, rig.tracks("slow", 30, json!({})).await);
    assert!(mean(&fast) > mean(&slow) + 40.0);
}

#[tokio::test]
async fn every_query_fills_its_page() {
    let rig = Rig::roomy().await;
    for query in ["xyzzy", "🌧️", "雨の日のピアノ", "'; drop table tracks; --", "a", "no"] {
        assert_eq!(rig.tracks(query, 100, json!({})).await.len(), 100, "{query}");
    }
    let long = "rain ".repeat(20_000);
    assert_eq!(rig.tracks(&long, 5, json!({})).await.len(), 5);
}

#[tokio::test]
async fn filters_hold_whatever_their_case() {
    let rig = Rig::roomy().await;
    let filters = json!({"genres": ["jAZZ", "blues"], "has_vocals": false, "min_bpm": 80, "max_bpm": 120.5, "instruments": ["PIANO"]});
    let found = rig.tracks("late night", 100, filters).await;
    assert!(!found.is_empty());
    for track in &found {
        assert!(["Jazz", "Blues"].contains(&text(track, "genre")), "{track}");
        assert_eq!(track["has_vocals"], false, "{track}");
        assert!((80..=120).contains(&track["bpm"].as_u64().unwrap()), "{track}");
        assert!(lists(track, "instruments", "piano"), "{track}");
    }
    let moody = rig
        .tracks(
            "x",
            100,
            json!({"moods": ["calm", "DARK"], "energy_level": "low", "has_vocals": true}),
        )
        .await;
    assert!(!moody.is_empty());
    for track in &moody {
        assert!(lists(track, "moods", "Calm") || lists(track, "moods", "Dark"), "{track}");
        assert_eq!((&track["energy_level"], &track["has_vocals"]), (&json!("low"), &json!(true)));
    }
    assert!(rig.tracks("x", 10, json!({"genres": ["Nonsense"]})).await.is_empty());
    // An empty list asks for nothing.
    assert_eq!(rig.tracks("x", 10, json!({"genres": [], "moods": []})).await.len(), 10);
}

#[tokio::test]
async fn pages_follow_each_other_in_one_order() {
    let rig = Rig::start(Tier::Pro).await;
    let page = async |limit: usize, offset: usize| {
        let answer = rig.search(&json!({"query": "dark synth", "limit": limit, "offset": offset})).await;
        body(answer).await["tracks"].as_array().unwrap().clone()
    };
    let whole = page(60, 0).await;
    let parts = [page(20, 0).await, page(20, 20).await, page(20, 40).await].concat();
    assert!(whole == parts);
    assert!(page(10, 1_000_000).await.is_empty());
    let standard = body(rig.search(&json!({"query": "dark synth"})).await).await;
    assert_eq!(standard["tracks"].as_array().unwrap().len(), 20);
}
