//! Downloads: whole tracks, and clips cut to a length and a hit point.

use serde_json::{Value, json};

use super::listen::{FRAME_SECONDS, Sound, is_frames};
use super::{Rig, header, number, text};

#[tokio::test]
async fn a_download_is_announced_and_named() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("piano", 1, json!({})).await.remove(0);
    let answer = rig.download(&json!({"track_id": track["id"]})).await;
    assert_eq!(header(&answer, "content-type").as_deref(), Some("audio/mpeg"));
    let disposition = header(&answer, "content-disposition").unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"") && disposition.contains(".mp3\""),
        "{disposition}"
    );
    let length = number(&answer, "content-length");
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(bytes.len() as u64, length);
    assert!(is_frames(&bytes));
}

#[tokio::test]
async fn clips_have_the_length_that_was_asked_for() {
    let rig = Rig::roomy().await;
    let track = rig.tracks("techno", 1, json!({})).await.remove(0);
    for seconds in [10.0, 12.345, 30.0, 61.7] {
        let clip = rig.mp3(&json!({"track_id": track["id"], "duration_seconds": seconds})).await;
        let heard = Sound::of(&clip).seconds();
        assert!((heard - seconds).abs() <= FRAME_SECONDS, "{heard} for {seconds}");
    }
}

#[tokio::test]
async fn the_best_segment_is_louder_than_the_track() {
    let rig = Rig::roomy().await;
    for query in ["techno", "calm piano"] {
        let track = rig.tracks(query, 1, json!({})).await.remove(0);
        let full = Sound::of(&rig.mp3(&json!({"track_id": track["id"]})).await);
        let clip = Sound::of(&rig.mp3(&json!({"track_id": track["id"], "duration_seconds": 20})).await);
        assert!(clip.rms() > full.rms(), "{query}: {} against {}", clip.rms(), full.rms());
    }
}

#[tokio::test]
async fn the_energy_peak_lands_on_the_hit_point() {
    let rig = Rig::roomy().await;
    let queries = [
        "techno",
        "calm piano",
        "epic trailer",
        "folk song with vocals",
        "jazz trio",
        "metal",
        "ambient drone",
        "latin dance",
    ];
    let cuts = [(30.0, 12.0), (15.0, 5.0), (20.0, 14.5), (60.0, 40.0)];
    let mut missed = Vec::new();
    for (number, query) in queries.iter().enumerate() {
        let track = rig.tracks(query, 3, json!({})).await.remove(number % 3);
        let (seconds, hit) = cuts[number % cuts.len()];
        let request = json!({"track_id": track["id"], "duration_seconds": seconds, "hit_point_seconds": hit});
        let clip = Sound::of(&rig.mp3(&request).await);
        assert!((clip.seconds() - seconds).abs() <= FRAME_SECONDS);
        let peak = clip.peak_seconds();
        if (peak - hit).abs() > 1.0 {
            missed.push(format!("{peak:.2} for {hit} in {}", text(&track, "title")));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The shortest track of a few hundred.
async fn shortest(rig: &Rig) -> Value {
    let tracks = rig.tracks("short", 100, json!({})).await;
    tracks.into_iter().min_by_key(|track| track["duration_seconds"].as_u64()).unwrap()
}

#[tokio::test]
async fn a_hit_point_beyond_the_music_still_has_the_peak_on_it() {
    let rig = Rig::roomy().await;
    let track = shortest(&rig).await;
    let seconds = track["duration_seconds"].as_f64().unwrap();
    assert!(seconds < 200.0);
    for (duration, hit) in [(300.0, 250.0), (seconds + 20.0, seconds + 10.0), (20.0, 0.0), (120.0, 110.0)] {
        let request = json!({"track_id": track["id"], "duration_seconds": duration, "hit_point_seconds": hit});
        let clip = Sound::of(&rig.mp3(&request).await);
        assert!(clip.rms() > 1e-3, "{request} is silence");
        assert!((clip.peak_seconds() - hit).abs() <= 1.0, "{} for {request}", clip.peak_seconds());
    }
}

#[tokio::test]
async fn a_clip_longer_than_its_track_is_the_track() {
    let rig = Rig::roomy().await;
    let track = shortest(&rig).await;
    let clip = Sound::of(&rig.mp3(&json!({"track_id": track["id"], "duration_seconds": 300})).await);
    assert!((clip.seconds() - track["duration_seconds"].as_f64().unwrap()).abs() <= FRAME_SECONDS);
}
