//! How well the prediction of clips does: for 200 tracks of the sandbox, the overlap of the predicted with the delivered clip,
//! and how far the peak of the delivered clip is from the hit point that was asked for.
//!
//! `cargo bench --bench clip_prediction [-- TRACKS]`. The sandbox trims by its own score, and shares no code with `clip`. What is
//! heard before is the preview only; the truth is found by locating preview and clip in the full track.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on fails")]

use std::path::PathBuf;

use serde_json::{Value, json};
use trackyard_tui::api::Clip;
use trackyard_tui::clip::{self, Features, Told};
use trackyard_tui::sandbox::{Options, Sandbox, Tier};

const QUERIES: [&str; 10] = [
    "calm piano",
    "techno",
    "epic trailer",
    "folk song with vocals",
    "jazz trio",
    "metal",
    "ambient drone",
    "latin dance",
    "lo-fi hip hop",
    "happy pop",
];
/// Length and hit point in seconds.
const CUTS: [(f64, f64); 4] = [(15.0, 6.0), (20.0, 12.0), (30.0, 10.0), (60.0, 40.0)];

struct Rig {
    sandbox: Sandbox,
    http: reqwest::Client,
    /// Where music is kept between runs, if asked for.
    kept: Option<PathBuf>,
}

impl Rig {
    async fn post(&self, path: &str, body: &Value) -> reqwest::Response {
        let url = format!("{}{path}", self.sandbox.api_url());
        let answer = self.http.post(url).bearer_auth(self.sandbox.key()).json(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{body}");
        answer
    }

    async fn music(&self, name: &str, get: impl AsyncFnOnce() -> Vec<u8>) -> Vec<u8> {
        let Some(folder) = &self.kept else { return get().await };
        let path = folder.join(name);
        if let Ok(bytes) = std::fs::read(&path) {
            return bytes;
        }
        let bytes = get().await;
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(path, &bytes).unwrap();
        bytes
    }

    async fn preview(&self, track: &Value) -> Features {
        let url = track["preview_url"].as_str().unwrap();
        let bytes = self
            .music(&format!("{}-preview.mp3", track["id"].as_str().unwrap()), async || {
                self.http.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
            })
            .await;
        clip::listen(&bytes).unwrap()
    }

    async fn download(&self, track: &Value, cut: Option<(f64, Option<f64>)>) -> Features {
        let id = track["id"].as_str().unwrap();
        let mut body = json!({"track_id": id});
        let mut name = format!("{id}-full.mp3");
        if let Some((seconds, hit)) = cut {
            body["duration_seconds"] = seconds.into();
            name = format!("{id}-{seconds}-{hit:?}.mp3");
            if let Some(hit) = hit {
                body["hit_point_seconds"] = hit.into();
            }
        }
        let bytes = self
            .music(&name, async || {
                self.post("/download-track", &body).await.bytes().await.unwrap().to_vec()
            })
            .await;
        clip::listen(&bytes).unwrap()
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let wanted: usize = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(200);
    let sandbox = Sandbox::start(Options {
        tier: Tier::Pro,
        ..Options::default()
    })
    .await
    .unwrap();
    sandbox.set_limits(None, None);
    trackyard_tui::tls::choose();
    let rig = Rig {
        sandbox,
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        kept: std::env::var_os("CLIP_PREDICTION_CACHE").map(PathBuf::from),
    };
    let mut tracks = Vec::new();
    for query in QUERIES {
        let page: Value = rig
            .post("/search", &json!({"query": query, "limit": 100}))
            .await
            .json()
            .await
            .unwrap();
        let found = page["tracks"].as_array().unwrap();
        tracks.extend(found.iter().step_by(4).take(wanted.div_ceil(QUERIES.len())).cloned());
    }
    tracks.truncate(wanted);
    let (mut overlaps, mut hits, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    println!(
        "{:<28} {:>5} {:>5}  {:>9} {:>9} {:>8}  {:>8} {:>9}",
        "track", "bpm", "clip", "predicted", "delivered", "overlap", "hit", "landed"
    );
    for (number, track) in tracks.iter().enumerate() {
        let (seconds, hit) = CUTS[number % CUTS.len()];
        let bpm = track["bpm"].as_f64();
        let told = Told {
            bpm,
            seconds: track["duration_seconds"].as_f64(),
        };
        let preview = rig.preview(track).await;
        let full = rig.download(track, None).await;
        let offset = clip::locate(&full, &preview).map(|found| found.start);
        let plain = rig.download(track, Some((seconds, None))).await;
        let on_hit = rig.download(track, Some((seconds, Some(hit)))).await;
        // Without a hit point: the overlap.
        let segment = clip::predict(&preview, Clip::new(seconds, None).unwrap(), told).unwrap();
        let delivered = clip::locate(&full, &plain).zip(offset).map(|(found, offset)| found.start - offset);
        let overlap = delivered.map_or(0.0, |start| segment.overlap(start));
        overlaps.push(overlap);
        // With one: where the peak landed, and how far the estimate was off.
        let landed = clip::peak(&on_hit).unwrap();
        hits.push((landed - hit).abs());
        let estimate = clip::predict(&preview, Clip::new(seconds, Some(hit)).unwrap(), told).unwrap();
        let came = clip::locate(&full, &on_hit).zip(offset).map(|(found, offset)| found.start - offset);
        starts.push(came.map_or(f64::INFINITY, |start| (start - estimate.start).abs()));
        let title: String = track["title"].as_str().unwrap().chars().take(28).collect();
        println!(
            "{title:<28} {:>5} {seconds:>4}s  {:>9.2} {:>9} {:>7.0}%  {hit:>7.1}s {landed:>8.2}s   start {:>6.2} {:>6}",
            bpm.unwrap_or_default(),
            segment.start,
            delivered.map_or("?".to_owned(), |start| format!("{start:.2}")),
            overlap * 100.0,
            estimate.start,
            came.map_or("?".to_owned(), |start| format!("{start:.2}")),
        );
    }
    println!();
    summary(
        "overlap of predicted and delivered clip, per cent",
        overlaps.iter().map(|overlap| overlap * 100.0).collect(),
        " %",
    );
    summary("delivered peak to hit point, seconds", hits.clone(), " s");
    summary("predicted to delivered start with a hit point, seconds", starts.clone(), " s");
    let within = |errors: &[f64]| errors.iter().filter(|error| **error <= 1.0).count() as f64 * 100.0 / errors.len() as f64;
    println!("hit point off by at most 1 s: {:.1} % of {}", within(&hits), hits.len());
    println!("predicted start off by at most 1 s with a hit point: {:.1} %", within(&starts));
    let full = |least: f64| overlaps.iter().filter(|overlap| **overlap >= least).count() as f64 * 100.0 / overlaps.len() as f64;
    println!("overlap of at least half: {:.1} %, of at least 90 %: {:.1} %", full(0.5), full(0.9));
}

fn summary(what: &str, mut values: Vec<f64>, unit: &str) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    let mean = values.iter().filter(|value| value.is_finite()).sum::<f64>() / values.len() as f64;
    println!(
        "{what:<56} mean {mean:.2}{unit}, p5 {:.2}, median {:.2}, p95 {:.2}",
        at(0.05),
        at(0.5),
        at(0.95)
    );
}
