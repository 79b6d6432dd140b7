//! From a key to the first audible sample, beside `mpv`'s `loadfile`, on a real terminal and a real audio server.
//!
//! `cargo bench --bench key_to_sound` starts its own preview server (the sandbox, slowed as the table says) and its own PulseAudio
//! with a null sink, whose monitor is recorded. Ours is timed from the moment a key is written to the terminal, mpv from the
//! moment the command is written to its socket, both to the first 5 ms of the recording that are audibly the new track: found by
//! correlation with the track itself, so that what played before does not count. Needs `pulseaudio`, `parec` and
//! `mpv`; `cmus` is measured too where it is installed.
//!
//! `RUNS=n` takes so many of each (15), `ONLY=latency|hold|rest|gaps|cpu` runs one part. It fails when a goal is missed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on stops")]

mod cmus;
#[path = "../../tests/common/mod.rs"]
mod common;
mod listen;
mod load;
mod mpv;
mod ours;
#[path = "../../tests/rig/mod.rs"]
mod rig;

use std::thread::sleep;
use std::time::Duration;

use cmus::Cmus;
use common::House;
use trackyard_tui::sandbox::{Fault, Target};

use listen::Shelf;
use mpv::Mpv;
use ours::Ours;
use rig::Rig;

/// A network, as slow as the sandbox can make one.
#[derive(Clone, Copy)]
struct Network {
    name: &'static str,
    fault: Option<Slow>,
}

#[derive(Clone, Copy)]
enum Slow {
    Latency(u64),
    Bandwidth(u64),
}

const NETWORKS: [Network; 4] = [
    Network { name: "0 ms", fault: None },
    Network {
        name: "80 ms",
        fault: Some(Slow::Latency(80)),
    },
    Network {
        name: "250 ms",
        fault: Some(Slow::Latency(250)),
    },
    Network {
        name: "32 kB/s",
        fault: Some(Slow::Bandwidth(32_000)),
    },
];

impl Network {
    /// Makes the previews' server so slow.
    fn set(self, house: &House) {
        let faults = house.sandbox.faults();
        faults.clear_target(Target::Preview);
        match self.fault {
            None => {}
            Some(Slow::Latency(millis)) => faults.add(Target::Preview, Fault::Latency(Duration::from_millis(millis))),
            Some(Slow::Bandwidth(rate)) => faults.add(Target::Preview, Fault::Bandwidth(rate)),
        }
    }
}

/// The first row and the last one, each with its neighbours on both sides, and one place where the keys falter.
const HELD_KEY_REQUESTS: f64 = 12.0;

/// What was missed.
#[derive(Default)]
struct Verdict(Vec<String>);

impl Verdict {
    fn check(&mut self, what: &str, value: f64, most: f64) {
        // What could not be measured was missed.
        if value.is_nan() || value > most {
            self.0.push(format!("{what}: {value:.2}, to reach: {most:.2}"));
        }
    }
}

fn main() {
    // `cargo bench` passes options of its own.
    let runs = std::env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(15);
    let only = std::env::var("ONLY").ok();
    let part = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let house = House::with_credits(10_000);
    let mut verdict = Verdict::default();
    if part("latency") {
        latencies(&house, runs, &mut verdict);
    }
    if part("rest") {
        from_rest(&house, runs, &mut verdict);
    }
    if part("hold") {
        held_key(&house, runs, &mut verdict);
    }
    if part("gaps") {
        gaps(&house, &mut verdict);
    }
    if part("cpu") {
        processor(&house, &mut verdict);
    }
    println!();
    if verdict.0.is_empty() {
        println!("Every goal is reached.");
    } else {
        verdict.0.iter().for_each(|missed| println!("MISSED  {missed}"));
        std::process::exit(1);
    }
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// Median, and the smallest and largest in brackets.
fn shown(times: &[f64]) -> String {
    let (least, most) = times
        .iter()
        .fold((f64::MAX, 0.0_f64), |(least, most), time| (least.min(*time), most.max(*time)));
    format!("{:>4.0} ({least:.0}–{most:.0})", median(times))
}

/// The next track while another one plays.
fn latencies(house: &House, runs: usize, verdict: &mut Verdict) {
    println!("From key to sound in ms while another track plays: median of {runs} (least–most)\n");
    println!(
        "{:<9} {:>16} {:>16} {:>16} {:>12} {:>12}",
        "network", "prefetched", "cold", "mpv", "prefetched/", "cold/"
    );
    println!("{:<9} {:>16} {:>16} {:>16} {:>12} {:>12}", "", "", "", "", "mpv", "mpv");
    for network in NETWORKS {
        let (rig, mut music) = (Rig::start(), Shelf::new(house));
        let prefetched = Ours::start(house, &rig, network, "calm piano", &mut music).next_rows(runs, None, &mut music);
        let mut cold = Vec::new();
        for query in [
            "warm jazz",
            "dark cinematic drums",
            "happy acoustic guitar",
            "fast techno",
            "slow soul",
        ] {
            if cold.len() < runs {
                let mut ours = Ours::start(house, &rig, network, query, &mut music);
                cold.extend(ours.jumps(runs - cold.len(), &mut music));
            }
        }
        let mut mpv = Mpv::start(&rig);
        let mpv = mpv.loads(house, &rig, network, runs, None, &mut music);
        let ratio = |times: &[f64]| median(times) / median(&mpv);
        println!(
            "{:<9} {:>16} {:>16} {:>16} {:>12.2} {:>12.2}",
            network.name,
            shown(&prefetched),
            shown(&cold),
            shown(&mpv),
            ratio(&prefetched),
            ratio(&cold)
        );
        verdict.check(&format!("prefetched at {}, ms", network.name), median(&prefetched), 50.0);
        if network.fault.is_some() {
            verdict.check(&format!("cold at {} beside mpv", network.name), ratio(&cold), 0.6);
        }
    }
}

/// The next track after silence: the device is open still, or was let go.
fn from_rest(house: &House, runs: usize, verdict: &mut Verdict) {
    println!("\nFrom key to sound in ms after silence, 80 ms latency: median of {runs} (least–most)\n");
    let (network, rig, mut music) = (NETWORKS[1], Rig::start(), Shelf::new(house));
    let paused_for =
        |time, music: &mut Shelf| Ours::start(house, &rig, network, "slow ambient pads", music).next_rows(runs, Some(time), music);
    let paused = paused_for(Duration::from_millis(700), &mut music);
    let let_go = paused_for(Duration::from_secs(3), &mut music);
    let idle = Mpv::start(&rig).loads(house, &rig, network, runs, Some(Duration::from_millis(700)), &mut music);
    println!("prefetched, paused just before       {:>16}", shown(&paused));
    println!("prefetched, the device was let go    {:>16}", shown(&let_go));
    println!("mpv, idle                            {:>16}", shown(&idle));
    verdict.check("prefetched after a pause, ms", median(&paused), 50.0);
}

/// `j` held through a hundred rows.
fn held_key(house: &House, runs: usize, verdict: &mut Verdict) {
    let (network, rig, mut music) = (NETWORKS[1], Rig::start(), Shelf::new(house));
    let mut times = Vec::new();
    let mut most_requests = 0;
    for run in 0..runs {
        let mut ours = Ours::start(house, &rig, network, &format!("music for scene {run}"), &mut music);
        let (time, requests) = ours.hold_to_the_last_row(&mut music);
        times.push(time);
        most_requests = most_requests.max(requests);
    }
    println!("\nj held through 100 rows (30 a second), 80 ms latency: median of {runs} (least–most)\n");
    println!("release to the last row's sound, ms  {:>16}", shown(&times));
    println!("previews asked for on the way, most  {most_requests:>16}");
    verdict.check("the last row after a held key, ms", median(&times), 250.0);
    verdict.check("previews asked for while a key is held", most_requests as f64, HELD_KEY_REQUESTS);
}

/// A minute of one track while everything else is used.
fn gaps(house: &House, verdict: &mut Verdict) {
    let (network, rig, mut music) = (NETWORKS[1], Rig::start(), Shelf::new(house));
    let mut ours = Ours::start(house, &rig, network, "driving synth", &mut music);
    let longest = ours.longest_gap_in_a_minute(&mut music);
    println!("\nlongest gap in a minute of sound, panes used, window resized, a search run: {longest:.1} ms");
    verdict.check("longest gap, ms", longest, 20.0);
}

/// What it costs to play, and to rest.
fn processor(house: &House, verdict: &mut Verdict) {
    const LOOK: Duration = Duration::from_secs(20);
    let (network, rig, mut music) = (NETWORKS[0], Rig::start(), Shelf::new(house));
    let mut ours = Ours::start(house, &rig, network, "calm piano", &mut music);
    sleep(Duration::from_secs(3));
    let playing = load::share(ours.process(), LOOK);
    ours.pause();
    // Two seconds until the device is let go, and some.
    sleep(Duration::from_secs(4));
    let written = ours.bytes_written();
    let resting = load::share(ours.process(), LOOK);
    let redrawn = ours.bytes_written() - written;
    let memory = load::resident(ours.process());
    drop(ours);
    let mut mpv = Mpv::start(&rig);
    mpv.loads(house, &rig, network, 1, None, &mut music);
    sleep(Duration::from_secs(1));
    let peer = load::share(mpv.process(), LOOK);
    let peer_memory = load::resident(mpv.process());
    drop(mpv);
    let other = Cmus::start(&rig).map(|cmus| {
        let rows = music.rows("calm piano");
        let file = tempfile::Builder::new().suffix(".mp3").tempfile().unwrap();
        std::fs::write(file.path(), music.bytes(&rows[0])).unwrap();
        cmus.play(&rig, file.path());
        sleep(Duration::from_secs(1));
        (load::share(cmus.process(), LOOK), load::resident(cmus.process()))
    });
    println!("\nShare of a core over {} s, and memory\n", LOOK.as_secs());
    println!("{:<26} {:>8} {:>8} {:>8}", "", "ours", "mpv", "ratio");
    println!(
        "{:<26} {playing:>7.2}% {peer:>7.2}% {:>8.2}",
        "playing, screen included",
        playing / peer
    );
    println!("{:<26} {resting:>7.2}%", "at rest");
    println!("{:<26} {redrawn:>8}", "bytes drawn at rest");
    println!(
        "{:<26} {memory:>5.0} MB {peer_memory:>5.0} MB {:>8.2}",
        "resident",
        memory / peer_memory
    );
    match other {
        Some((share, memory)) => println!("cmus, which plays the same from a file and has a screen too: {share:.2}%, {memory:.0} MB"),
        None => println!("cmus is not installed: not compared"),
    }
    verdict.check("playing, % of a core", playing, 5.0);
    verdict.check("at rest, % of a core", resting, 0.3);
    verdict.check("bytes drawn at rest", redrawn as f64, 0.0);
}
