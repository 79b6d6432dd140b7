//! The library as one types: first rows after each key, filters on, from 1,000 to 1,000,000 tracks. Builds its libraries itself, prints a
//! table, and fails when 100,000 tracks take longer than promised.
//!
//! `cargo bench --bench library` · `cargo bench --bench library -- 1000 10000` for other sizes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on fails")]

mod stock;

use std::path::Path;
use std::time::{Duration, Instant};

use stock::{ask, fill};
use trackyard_tui::api::{Energy, Filters};
use trackyard_tui::library::{Library, Wanted};
use trackyard_tui::state::Vocabulary;
use trackyard_tui::words::understand;

const ORIGIN: &str = "https://bench/api";
/// What the design promises for 100,000 tracks, p95.
const PROMISED: Duration = Duration::from_millis(16);
/// What is promised for an ask that was asked before, p95.
const CACHED: Duration = Duration::from_millis(5);
/// How often the slowest query is interrupted.
const TRIES: usize = 20;
/// Rows that the screen asks for.
const ROWS: usize = 100;
/// How often each query is typed.
const ROUNDS: usize = 5;

/// Typed letter by letter. "piano" is in 60 of 100 tracks and "night" in half of the titles; "zither" is in none.
const TYPED: [&str; 6] = [
    "piano",
    "night",
    "calm piano",
    "slow sad piano, no vocals, under 80 bpm",
    "moody lo-fi for a coffee shop vlog",
    "zither at midnight",
];

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if given.is_empty() {
        vec![1_000, 10_000, 100_000, 1_000_000]
    } else {
        given
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!(
        "{:>9} {:>9} {:>9} | {:>8} {:>8} {:>8} | {:>12} {:>12} | {:>11} {:>8}",
        "tracks", "built", "file", "p50", "p95", "worst", "commonest", "cached ask", "interrupted", "gave way"
    );
    let mut grown: Vec<(f64, f64)> = Vec::new();
    let mut kept = true;
    for size in sizes {
        let row = runtime.block_on(measure(size));
        println!(
            "{size:>9} {:>7.1} s {:>6} MB | {:>8} {:>8} {:>8} | {:>12} {:>12} | {:>11} {:>5}/{TRIES}",
            row.built.as_secs_f64(),
            row.bytes / 1_000_000,
            millis(quantile(&row.keys, 0.5)),
            millis(quantile(&row.keys, 0.95)),
            millis(quantile(&row.keys, 1.0)),
            millis(quantile(&row.commonest, 0.95)),
            millis(quantile(&row.cached, 0.95)),
            millis(quantile(&row.interrupted, 0.95)),
            row.gave_way,
        );
        grown.push(((size as f64).ln(), quantile(&row.keys, 0.95).as_secs_f64().ln()));
        if size == 100_000 {
            kept = [&row.keys, &row.commonest, &row.interrupted]
                .iter()
                .all(|times| quantile(times, 0.95) <= PROMISED)
                && quantile(&row.cached, 0.95) <= CACHED;
        }
    }
    if grown.len() > 1 {
        println!("p95 grows as n^{:.2}", slope(&grown));
    }
    println!(
        "p50, p95, worst: every key typed, to its first rows; commonest: the last key of “piano” (p95); cached ask: a kept page of 100 (p95);\n\
         interrupted: a new key's rows while the slowest query runs (p95), and how many of those queries gave way to it"
    );
    if !kept {
        eprintln!(
            "100,000 tracks: a p95 is over {} ms, or over {} ms for a cached ask",
            PROMISED.as_millis(),
            CACHED.as_millis()
        );
        std::process::exit(1);
    }
}

struct Row {
    built: Duration,
    bytes: u64,
    keys: Vec<Duration>,
    commonest: Vec<Duration>,
    cached: Vec<Duration>,
    interrupted: Vec<Duration>,
    gave_way: usize,
}

async fn measure(size: usize) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let started = Instant::now();
    let (library, _) = Library::open(&path, ORIGIN).unwrap();
    fill(&library, ORIGIN, size).await;
    let built = started.elapsed();
    drop(library);
    let (library, _) = Library::open(&path, ORIGIN).unwrap();
    let known = library.vocabulary().await.unwrap();
    let mut keys = Vec::new();
    let mut commonest = Vec::new();
    let mut slowest = (Duration::ZERO, Wanted::default());
    let mut ticket = 0;
    for _ in 0..ROUNDS {
        for text in TYPED {
            for (end, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
                let wanted = wanted(&text[..end], &known);
                ticket += 1;
                let pressed = Instant::now();
                let found = library.matches(ticket, wanted.clone(), ROWS).await.unwrap().unwrap();
                let took = pressed.elapsed();
                if text == "piano" && end == text.len() {
                    assert!(size < 10_000 || found.tracks.len() == ROWS, "the commonest word fills the screen");
                    commonest.push(took);
                }
                keys.push(took);
                if took > slowest.0 {
                    slowest = (took, wanted);
                }
            }
        }
    }
    let mut cached = Vec::new();
    for page in 0..200.min(size / 100) {
        let (identity, request) = ask(ORIGIN, page);
        let asked = Instant::now();
        assert!(library.cached(identity, request).await.unwrap().is_some());
        cached.push(asked.elapsed());
    }
    let (interrupted, gave_way) = interrupted(&library, ticket, slowest, &known).await;
    Row {
        built,
        bytes: size_of(&path),
        keys,
        commonest,
        cached,
        interrupted,
        gave_way,
    }
}

/// A key while the slowest query so far is half done: how long until its own rows are here, and how many of the running queries gave way.
async fn interrupted(library: &Library, ticket: u64, (took, slow): (Duration, Wanted), known: &Vocabulary) -> (Vec<Duration>, usize) {
    let mut times = Vec::new();
    let mut gave_way = 0;
    for round in 0..TRIES as u64 {
        let ticket = ticket + 2 * round;
        let running = tokio::spawn({
            let (library, slow) = (library.clone(), slow.clone());
            async move { library.matches(ticket + 1, slow, ROWS).await }
        });
        tokio::time::sleep(took / 2).await;
        let pressed = Instant::now();
        library.matches(ticket + 2, wanted("zither", known), ROWS).await.unwrap().unwrap();
        times.push(pressed.elapsed());
        gave_way += usize::from(running.await.unwrap().unwrap().is_none());
    }
    (times, gave_way)
}

fn wanted(text: &str, known: &Vocabulary) -> Wanted {
    Wanted {
        understood: understand(text, known, &Default::default()),
        filters: Filters {
            has_vocals: Some(false),
            min_bpm: Some(61),
            max_bpm: Some(149),
            energy: Some(Energy::Low),
            genres: ["Jazz".to_owned(), "Ambient".to_owned(), "Cinematic".to_owned()].into(),
            ..Filters::default()
        },
    }
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn quantile(times: &[Duration], at: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted
        .get(((sorted.len() as f64 * at).ceil() as usize).saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = (
        points.iter().map(|p| p.0).sum::<f64>() / n,
        points.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    above / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}
