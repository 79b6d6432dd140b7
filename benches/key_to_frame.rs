//! From a key to the frame that shows it, on a real terminal, with 100,000 tracks in the library, while a search is on its way and a track
//! plays; from the start of the program to its first frame; and the memory it holds then. Beside it: how long the terminal of this bench
//! itself takes, with `echo` for a program, and how long `cmus` takes to start where it is installed.
//!
//! `cargo bench --bench key_to_frame` prints a table and fails when a goal is missed. `TRACKS=n` takes another library.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on stops")]
#![cfg(unix)]

#[path = "../tests/common/mod.rs"]
mod common;
// This bench uses its own part of it.
#[allow(dead_code)]
#[path = "key_to_sound/load.rs"]
mod load;
mod stock;

use std::time::{Duration, Instant};

use common::House;
use common::terminal::Terminal;
use trackyard_tui::api::Endpoint;
use trackyard_tui::library::Library;
use trackyard_tui::sandbox::{Fault, Target};

const TRACKS: usize = 100_000;
/// How often it is started, and how often cat is.
const STARTS: usize = 21;
/// How often the words are typed and the rows walked through.
const ROUNDS: usize = 8;
/// Most milliseconds from a key to its frame, of 99 in 100 keys.
const KEY_MS: f64 = 16.0;
/// Most milliseconds from the start to the first frame, median.
const START_MS: f64 = 50.0;
/// Most megabytes held.
const RESIDENT_MB: f64 = 60.0;
/// Typed letter by letter; the first word is in most of the library.
const TYPED: [&str; 3] = ["piano", "night river", "slow sad piano no vocals under 80 bpm"];

fn main() {
    let tracks = std::env::var("TRACKS")
        .ok()
        .and_then(|tracks| tracks.parse().ok())
        .unwrap_or(TRACKS);
    let house = House::with_credits(1000);
    let mut environment = house.environment();
    environment.retain(|(name, _)| name != "TRACKYARD_LOG");
    let library = house.path().join(".local/share/trackyard-tui/library.db");
    let origin = Endpoint::new(house.sandbox.api_url()).unwrap().origin();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (library, _) = Library::open(&library, &origin).unwrap();
        stock::fill(&library, &origin, tracks).await;
    });

    let start = || Terminal::start(&["--no-audio"], &environment, 140, 42);
    let starts = times(STARTS, || {
        let begun = Instant::now();
        let terminal = start();
        terminal.wait_for("Query");
        begun.elapsed()
    });
    let floor = times(STARTS, || {
        let begun = Instant::now();
        let terminal = Terminal::start_other("echo", &["Query"], &environment, 140, 42);
        terminal.wait_for("Query");
        begun.elapsed()
    });

    let peer = starts_of_cmus();

    let mut terminal = start();
    terminal.wait_for("of 1000");
    terminal.type_keys("calm piano\r").wait_for("spent 1");
    // One track plays on and on. Others would be made by the bench's own server, on the same cores: that is not what is measured.
    terminal.type_keys("Ar");
    std::thread::sleep(Duration::from_secs(4));
    let resident_after_search = load::resident(terminal.process());
    house.sandbox.faults().add(Target::Search, Fault::Latency(Duration::from_hours(1)));
    let mut keys = Vec::new();
    for round in 0..ROUNDS {
        // It is given up after half a minute, so each round has its own.
        terminal.type_keys(&format!("/\x15search {round} on its way\r"));
        terminal.wait_for("asking 127.0.0.1");
        terminal.type_keys("/");
        for text in TYPED {
            terminal.type_keys("\x15");
            terminal.wait_for("describe the music");
            for (end, letter) in text.char_indices() {
                // A space is seen with the letter behind it.
                if letter == ' ' {
                    terminal.type_keys(" ");
                    continue;
                }
                let shown = &text[..end + letter.len_utf8()];
                keys.push(after(&mut terminal, &letter.to_string(), |screen| box_of(screen) == shown));
            }
        }
        terminal.type_keys("\x1b");
        terminal.wait_for("k move").wait_for("1 / 100");
        for row in 2..=40 {
            keys.push(after(&mut terminal, "j", |screen| screen.contains(&format!(" {row} / 100"))));
        }
        terminal.type_keys("g");
        terminal.wait_for(" 1 / 100");
    }
    let resident = load::resident(terminal.process()).max(resident_after_search);

    println!("{tracks} tracks in the library; a search on its way, a track playing (silently)\n");
    println!("{:<34} {:>9} {:>9} {:>9}", "", "median", "p99", "worst");
    for (what, times) in [
        ("key to frame", &keys),
        ("start to first frame", &starts),
        ("cmus, with nothing in its library", &peer),
        ("`echo`, for the terminal's own part", &floor),
    ] {
        if times.is_empty() {
            println!("{what:<34} not installed");
            continue;
        }
        println!(
            "{what:<34} {:>6.1} ms {:>6.1} ms {:>6.1} ms",
            quantile(times, 0.5),
            quantile(times, 0.99),
            quantile(times, 1.0)
        );
    }
    println!("{:<34} {resident:>6.1} MB", "resident");
    println!("\n{} keys, {STARTS} starts", keys.len());
    let missed: Vec<String> = [
        ("key to frame, p99 ms", quantile(&keys, 0.99), KEY_MS),
        ("start to first frame, median ms", quantile(&starts, 0.5), START_MS),
        ("resident, MB", resident, RESIDENT_MB),
    ]
    .into_iter()
    .filter(|(_, value, most)| value > most)
    .map(|(what, value, most)| format!("MISSED  {what}: {value:.1}, to reach: {most}"))
    .collect();
    missed.iter().for_each(|line| println!("{line}"));
    if !missed.is_empty() {
        std::process::exit(1);
    }
}

/// How long a peer takes to its first screen, where it is installed: with nothing in its library, which is the easier start.
fn starts_of_cmus() -> Vec<f64> {
    let mut cmus = std::process::Command::new("cmus");
    if cmus.arg("--version").stdout(std::process::Stdio::null()).status().is_err() {
        return Vec::new();
    }
    let home = tempfile::tempdir().unwrap();
    let settings = home.path().join(".config/cmus");
    std::fs::create_dir_all(&settings).unwrap();
    // Where no sound server runs it would try every other kind, and wait for Enter after each that fails.
    std::fs::write(settings.join("rc"), "set output_plugin=alsa\nset mpris=false\n").unwrap();
    let environment = [("HOME".to_owned(), home.path().display().to_string())];
    times(STARTS, || {
        let begun = Instant::now();
        let terminal = Terminal::start_other("cmus", &[], &environment, 140, 42);
        terminal.wait_for("Library");
        begun.elapsed()
    })
}

/// What stands in the query box.
fn box_of(screen: &str) -> String {
    let line = screen.lines().find(|line| line.contains('›')).unwrap_or_default();
    let typed = line.split_once('›').map_or("", |(_, after)| after);
    // The price stands to the right of it.
    typed.split("  ").next().unwrap_or_default().trim().to_owned()
}

fn after(terminal: &mut Terminal, key: &str, shown: impl Fn(&str) -> bool) -> f64 {
    let pressed = Instant::now();
    terminal.type_keys(key);
    terminal.wait_until(key, shown);
    pressed.elapsed().as_secs_f64() * 1000.0
}

fn times(count: usize, mut take: impl FnMut() -> Duration) -> Vec<f64> {
    (0..count).map(|_| take().as_secs_f64() * 1000.0).collect()
}

fn quantile(times: &[f64], at: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len() - 1;
    sorted[(((sorted.len() as f64) * at).ceil() as usize).saturating_sub(1).min(last)]
}
