//! Finds a track in a recording.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::House;
use crate::rig::{RATE, Rig, correlation, decode};

/// How much of a recording is compared with the music at once, in samples.
const PROBE: usize = RATE * 35 / 100;
/// Averages of so many samples are compared first. Those of bright music that starts between two of them are not so alike.
const COARSE: usize = 8;
/// What is asked whether it is the music: 5 ms.
const WINDOW: usize = RATE / 200;
/// −54 dBFS.
const AUDIBLE: f64 = 0.002;
/// A track that is not heard by then is not coming.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tracks of the sandbox: where their previews are, and how they sound.
pub struct Shelf<'house> {
    house: &'house House,
    runtime: tokio::runtime::Runtime,
    music: HashMap<String, Vec<f32>>,
}

impl<'house> Shelf<'house> {
    pub fn new(house: &'house House) -> Self {
        trackyard_tui::tls::choose();
        Self {
            house,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            music: HashMap::new(),
        }
    }

    /// Addresses of the previews that a query finds, in the order of the rows. Has them made, so that no run waits for that.
    pub fn rows(&mut self, query: &str) -> Vec<String> {
        let request = reqwest::Client::new()
            .post(format!("{}/search", self.house.sandbox.api_url()))
            .bearer_auth(self.house.sandbox.key())
            .json(&json!({"query": query, "limit": 100}));
        let answer: Value = self.runtime.block_on(async { request.send().await.unwrap().json().await.unwrap() });
        let tracks = answer["tracks"].as_array().unwrap();
        tracks
            .iter()
            .map(|track| track["preview_url"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What the server sends.
    pub fn bytes(&self, url: &str) -> Vec<u8> {
        let bytes = async { reqwest::get(url).await.unwrap().bytes().await.unwrap() };
        self.runtime.block_on(bytes).to_vec()
    }

    /// Fetches a preview, so that the server has it ready, and keeps how it sounds.
    pub fn prepare(&mut self, url: &str) {
        if !self.music.contains_key(url) {
            let mut music = decode(self.bytes(url));
            // Only its beginning is looked for.
            music.truncate(RATE * 8);
            self.music.insert(url.to_owned(), music);
        }
    }

    /// How a track sounds, at its beginning.
    pub fn sound(&self, url: &str) -> &[f32] {
        &self.music[url]
    }

    /// Milliseconds from `since` until a track is heard in what is recorded after `mark`.
    pub fn time_to(&self, url: &str, rig: &Rig, mark: usize, since: Instant) -> f64 {
        let music = &self.music[url];
        loop {
            let recorded = rig.since(mark);
            if let Some(sample) = onset(&recorded, music) {
                return rig.moment(mark + sample).duration_since(since).as_secs_f64() * 1_000.0;
            }
            assert!(since.elapsed() < PATIENCE, "{url} is not heard");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The sample of the recording from which on it is this music, played from its beginning.
fn onset(recorded: &[f32], music: &[f32]) -> Option<usize> {
    let mut probe_at = 0;
    while probe_at + PROBE <= recorded.len() {
        if let Some(start) = align(&recorded[probe_at..probe_at + PROBE], music, probe_at) {
            return first_audible(recorded, music, start);
        }
        probe_at += PROBE / 2;
    }
    None
}

/// Where in the recording the music's first sample would be, if the probe, taken at `probe_at`, is a part of the music.
fn align(probe: &[f32], music: &[f32], probe_at: usize) -> Option<isize> {
    let level = (probe.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / probe.len() as f64).sqrt();
    if level < AUDIBLE {
        return None;
    }
    let (coarse_probe, coarse_music) = (averages(probe), averages(music));
    // It cannot have played for longer than since the key; a little more, since silence at its head is skipped.
    let furthest = (probe_at + RATE / 2).min(music.len().saturating_sub(probe.len())) / COARSE;
    let coarse = (0..furthest.min(coarse_music.len().saturating_sub(coarse_probe.len())))
        .map(|at| (correlation(&coarse_probe, &coarse_music[at..at + coarse_probe.len()]), at))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.5)?;
    let around = (coarse.1 * COARSE).saturating_sub(COARSE)..=(coarse.1 * COARSE + COARSE).min(music.len() - probe.len());
    let probe: Vec<f64> = probe.iter().map(|sample| f64::from(*sample)).collect();
    let music: Vec<f64> = music.iter().map(|sample| f64::from(*sample)).collect();
    let exact = around
        .map(|at| (correlation(&probe, &music[at..at + probe.len()]), at))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.9)?;
    Some(probe_at as isize - exact.1 as isize)
}

/// The middle of the first 5 ms that are audible and are the music.
fn first_audible(recorded: &[f32], music: &[f32], start: isize) -> Option<usize> {
    let wide = |samples: &[f32]| samples.iter().map(|sample| f64::from(*sample)).collect::<Vec<_>>();
    (start.max(0) as usize..recorded.len().saturating_sub(WINDOW))
        .step_by(WINDOW / 10)
        .find(|&at| {
            let from = (at as isize - start) as usize;
            let Some(music) = music.get(from..from + WINDOW) else {
                return false;
            };
            let heard = wide(&recorded[at..at + WINDOW]);
            let level = (heard.iter().map(|sample| sample * sample).sum::<f64>() / WINDOW as f64).sqrt();
            level > AUDIBLE && correlation(&heard, &wide(music)) > 0.6
        })
        .map(|at| at + WINDOW / 2)
}

fn averages(samples: &[f32]) -> Vec<f64> {
    samples
        .chunks_exact(COARSE)
        .map(|chunk| chunk.iter().map(|sample| f64::from(*sample)).sum::<f64>() / COARSE as f64)
        .collect()
}
