//! One working day: 40 briefs, 15 of them asked before, two of them read 100 tracks deep, 8 downloads, 4 of them of tracks bought before.
//! Played against the sandbox by this program, and as the calls that the public shell client makes for the same (pages of 10, a hidden
//! search for the name of each download). Prints the credits of both.
//!
//! `cargo bench --bench working_day`
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a day that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use trackyard_tui::sandbox::{Options, Sandbox};

const DISTINCT: usize = 25;
const REPEATED: usize = 15;
const DEEP: [usize; 2] = [3, 11];
const BOUGHT: usize = 4;
/// One for each distinct ask and each distinct purchase.
const FLOOR: u64 = (DISTINCT + BOUGHT) as u64;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let ours = runtime.block_on(sandbox());
    let home = tempfile::tempdir().unwrap();
    let bought = our_day(&ours, home.path());
    let first = ours.charged();
    let paid_requests = ours.requests().iter().filter(|seen| seen.method == "POST").count() as u64;
    our_day(&ours, home.path());
    let second = ours.charged() - first;
    let theirs = runtime.block_on(sandbox());
    runtime.block_on(shell_day(&theirs, &bought));
    println!("40 briefs (15 asked before, 2 read 100 deep), 8 downloads (4 bought before)");
    println!("{:<44} {:>7}", "", "credits");
    println!("{:<44} {FLOOR:>7}", "floor: each distinct ask and purchase once");
    println!("{:<44} {first:>7}", "trackyard-tui");
    println!("{:<44} {second:>7}", "trackyard-tui, the same day again");
    println!("{:<44} {:>7}", "shell client", theirs.charged());
    assert_eq!((first, second), (FLOOR, 0), "ours is the floor, and the same day again is free");
    assert_eq!(paid_requests, FLOOR, "nothing paid is sent that does not count");
    assert!(first < theirs.charged(), "it costs less than the shell client's day");
}

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start(Options {
        credits: Some(1000),
        ..Options::default()
    })
    .await
    .unwrap();
    sandbox.set_limits(Some(100_000), None);
    sandbox
}

/// The day's briefs. A repeated one is written a little differently, as people do.
fn briefs() -> Vec<String> {
    let moods = ["calm", "bright", "tense", "dreamy", "epic"];
    let sounds = ["piano", "funk", "strings", "synths", "guitar"];
    let mut briefs: Vec<String> = (0..DISTINCT)
        .map(|n| format!("{} {} for a vlog", moods[n % 5], sounds[n / 5]))
        .collect();
    for n in 0..REPEATED {
        briefs.push(format!("  {} ", briefs[n].to_uppercase().replace(' ', "  ")));
    }
    briefs
}

/// Plays our day and gives the tracks that were bought.
fn our_day(sandbox: &Sandbox, home: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let briefs = briefs();
    // The morning's list in one go, the repeated ones by hand, one after the other.
    let list = home.join("briefs.txt");
    std::fs::write(&list, briefs[..DISTINCT].join("\n")).unwrap();
    let batch = run(sandbox, home, &["batch", list.to_str().unwrap(), "--yes", "--json"]);
    for result in batch["results"].as_array().unwrap() {
        found.push(result["tracks"][0].as_str().unwrap().to_owned());
    }
    for (number, brief) in briefs.iter().enumerate() {
        let deep = DEEP.contains(&number);
        let limit = if deep { "100" } else { "10" };
        let answer = run(sandbox, home, &["search", brief, "--limit", limit, "--json"]);
        assert_eq!(answer["tracks"].as_array().unwrap().len(), if deep { 100 } else { 10 });
    }
    let mut chosen: Vec<String> = Vec::new();
    for id in found {
        if !chosen.contains(&id) && chosen.len() < BOUGHT {
            chosen.push(id);
        }
    }
    for id in chosen.iter().chain(&chosen) {
        run(sandbox, home, &["download", id, "--duration", "10", "--yes", "--json"]);
    }
    chosen
}

fn run(sandbox: &Sandbox, home: &Path, args: &[&str]) -> Value {
    let folder = |name: &str| home.join(name).display().to_string();
    let done = Command::new(env!("CARGO_BIN_EXE_trackyard-tui"))
        .args(args)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", folder("config"))
        .env("XDG_DATA_HOME", folder("data"))
        .env("XDG_STATE_HOME", folder("state"))
        .env("XDG_MUSIC_DIR", folder("music"))
        .env("TRACKYARD_API_URL", sandbox.api_url())
        .env("TRACKYARD_API_KEY", sandbox.key())
        .env_remove("TRACKYARD_TUI_CONFIG")
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// What the shell client sends for the same day and the same tracks: it keeps nothing, reads pages of 10, and searches once more to name a
/// download.
async fn shell_day(sandbox: &Sandbox, bought: &[String]) {
    trackyard_tui::tls::choose();
    let client = reqwest::Client::new();
    let post = async |path: &str, body: Value| {
        let answer = client
            .post(format!("{}{path}", sandbox.api_url()))
            .bearer_auth(sandbox.key())
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path} {body}");
        answer.bytes().await.unwrap()
    };
    let search = async |query: &str, offset: usize| post("/search", json!({"query": query, "limit": 10, "offset": offset})).await;
    for (number, brief) in briefs().iter().enumerate() {
        let pages = if DEEP.contains(&number) { 10 } else { 1 };
        for page in 0..pages {
            search(brief.trim(), page * 10).await;
        }
    }
    for id in bought.iter().chain(bought) {
        search(id, 0).await;
        post("/download-track", json!({"track_id": id, "duration_seconds": 10})).await;
    }
}
