//! Batches against a real server: what they cost, what they say, and that a killed one loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use common::{House, PROGRAM};
use trackyard_tui::sandbox::{Fault, Target};

fn file(house: &House, name: &str, text: &str) -> String {
    let path = house.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

const BRIEFS: &str = "query,moods,vocals,project\ncalm piano,,no,Film\nbright funk,,,\n\" CALM   Piano\",,no,\nmoody lo-fi,Chill,,\n";

#[test]
fn a_dry_run_shows_the_plan_and_costs_nothing_and_needs_no_key() {
    let house = House::new();
    let briefs = file(&house, "briefs.csv", BRIEFS);
    let plan = house
        .run_with(&["batch", &briefs, "--dry-run", "--json"], &[("TRACKYARD_API_KEY", "")])
        .exits(0)
        .json();
    let counts = ["briefs", "unique", "cached", "to_ask", "credits_spent"].map(|name| plan[name].as_i64().unwrap());
    assert_eq!(counts, [4, 3, 0, 3, 0]);
    assert!(house.sandbox.requests().is_empty());
}

#[test]
fn each_different_brief_costs_one_credit_once() {
    let house = House::new();
    let briefs = file(&house, "briefs.csv", BRIEFS);
    house.run(&["search", "bright  FUNK"]).exits(0);
    let first = house.run(&["batch", &briefs, "--yes", "--json"]).exits(0).json();
    let counts =
        |answer: &serde_json::Value| ["briefs", "unique", "cached", "to_ask", "credits_spent"].map(|name| answer[name].as_i64().unwrap());
    assert_eq!(counts(&first), [4, 3, 1, 2, 2]);
    let sources: Vec<_> = first["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["source"].clone())
        .collect();
    assert_eq!(sources, ["server", "cache", "cache", "server"]);
    assert_eq!(first["results"][0]["tracks"], first["results"][2]["tracks"]);
    assert_eq!(first["results"][0]["tracks"].as_array().unwrap().len(), 100);
    let again = house.run(&["batch", &briefs, "--json"]).exits(0).json();
    assert_eq!(counts(&again), [4, 3, 3, 0, 0], "what costs nothing needs no --yes");
    assert_eq!(house.sandbox.charged(), 3);
    let receipts = house.run(&["receipts", "--json"]).exits(0).json();
    assert!(receipts.as_array().unwrap().iter().any(|receipt| receipt["project"] == "Film"));
}

#[test]
fn without_a_yes_nothing_is_spent() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    let refused = house.run(&["batch", &briefs, "--json"]).exits(2);
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("--yes"));
    assert_eq!(house.paid_requests(), 0);
}

#[test]
fn bad_rows_are_named_and_the_rest_is_done() {
    let house = House::new();
    let briefs = file(
        &house,
        "briefs.jsonl",
        "{\"query\":\"calm piano\"}\nnot json\n{\"query\":\"x\",\"min_bpm\":900}\n{\"query\":\"bright funk\"}\n",
    );
    let ran = house.run(&["batch", &briefs, "--yes", "--json"]).exits(1);
    let answer = ran.json();
    let lines: Vec<_> = answer["bad"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bad| bad["line"].as_i64().unwrap())
        .collect();
    assert_eq!(
        (lines, answer["credits_spent"].as_i64(), answer["briefs"].as_i64()),
        (vec![2, 3], Some(2), Some(4))
    );
    assert!(
        ran.stderr().contains("line 2") && ran.stderr().contains("line 3"),
        "{}",
        ran.stderr()
    );
    for (name, text) in [("briefs.doc", "x"), ("broken.csv", "mood\nx"), ("latin.txt", "\u{fffd}")] {
        let path = file(&house, name, text);
        if name == "latin.txt" {
            std::fs::write(&path, b"caf\xe9").unwrap();
        }
        house.run(&["batch", &path, "--yes"]).exits(2);
    }
    house.run(&["batch", "/no/such/file.txt", "--yes"]).exits(2);
    assert_eq!(house.sandbox.charged(), 2);
}

#[test]
fn a_budget_ends_it_with_what_is_done_and_the_next_run_asks_only_for_the_rest() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\nfour\n");
    let first = house.run(&["batch", &briefs, "--yes", "--json", "--budget", "2"]).exits(4).json();
    assert_eq!(
        (first["results"].as_array().unwrap().len(), first["error"]["charged"].as_bool()),
        (2, Some(false))
    );
    assert!(first["error"]["message"].as_str().unwrap().contains("2 briefs are left"));
    let second = house.run(&["batch", &briefs, "--yes", "--json"]).exits(0).json();
    assert_eq!((second["cached"].as_i64(), second["credits_spent"].as_i64()), (Some(2), Some(2)));
    assert_eq!(house.sandbox.charged(), 4);
}

#[test]
fn nearly_the_same_is_told_before_it_is_paid() {
    let house = House::new();
    house.run(&["search", "calm piano", "--no-vocals"]).exits(0);
    let briefs = file(
        &house,
        "briefs.csv",
        "query,vocals,max_bpm\nPiano calm,no,90\nfunk bright,,\nbright funk!,,\n",
    );
    let told = house.run(&["batch", &briefs, "--dry-run"]).exits(0).stderr();
    assert!(told.contains("line 2: “Piano calm” is nearly the same as “calm piano”"), "{told}");
    assert!(
        told.contains("line 4: “bright funk!” is nearly the same as “funk bright”"),
        "{told}"
    );
}

#[test]
fn tracks_come_as_comma_separated_values() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    let table = house.run(&["batch", &briefs, "--yes", "--csv"]).exits(0).stdout();
    assert_eq!(table.lines().count(), 101);
    assert!(table.starts_with("line,query,project,source,track_id,title"));
}

/// Killed while the third of five is on its way: the next run pays for three, and no credit is spent twice.
#[cfg(unix)]
#[test]
fn a_killed_batch_goes_on_where_it_was() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\nfour\nfive\n");
    let (answered, second) = mpsc::channel();
    let (go_on, may_go) = mpsc::channel::<()>();
    let (count, may_go) = (AtomicUsize::new(0), Mutex::new(may_go));
    house.sandbox.faults().add(
        Target::Search,
        Fault::mangle(move |_| {
            // The second answer waits until the third is sure to hang.
            if count.fetch_add(1, Ordering::SeqCst) == 1 {
                answered.send(()).unwrap();
                may_go.lock().unwrap().recv().unwrap();
            }
        }),
    );
    let mut batch = Command::new(PROGRAM)
        .args(["batch", &briefs, "--yes"])
        .envs(house.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    second.recv().unwrap();
    house.sandbox.faults().add(Target::Search, Fault::Latency(Duration::from_hours(1)));
    go_on.send(()).unwrap();
    while house.paid_requests() < 3 {
        std::thread::yield_now();
    }
    batch.kill().unwrap();
    batch.wait().unwrap();
    house.sandbox.faults().clear();
    assert_eq!(house.sandbox.charged(), 2);
    let rest = house.run(&["batch", &briefs, "--yes", "--json"]).exits(0).json();
    assert_eq!((rest["cached"].as_i64(), rest["credits_spent"].as_i64()), (Some(2), Some(3)));
    assert_eq!(house.sandbox.charged(), 5);
}

#[test]
fn offline_answers_come_from_the_library() {
    let house = House::new();
    let asked = house.run(&["search", "calm piano", "--json"]).exits(0).json();
    let before = house.sandbox.requests().len();
    let same = house
        .run_with(&["search", "calm piano", "--offline", "--json"], &[("TRACKYARD_API_KEY", "")])
        .exits(0)
        .json();
    assert_eq!((&same["source"], &same["credits_spent"]), (&"library".into(), &0.into()));
    assert_eq!(same["tracks"], asked["tracks"]);
    let other = house
        .run(&["search", "slow piano, no vocals", "--offline", "--limit", "5", "--json"])
        .exits(0)
        .json();
    let tracks = other["tracks"].as_array().unwrap();
    assert!(!tracks.is_empty() && tracks.len() <= 5);
    assert!(
        tracks
            .iter()
            .all(|track| track["has_vocals"] == false && track["bpm"].as_f64().unwrap() <= 85.0),
        "{tracks:?}"
    );
    let id = tracks[0]["id"].as_str().unwrap();
    for args in [&["me"][..], &["download", id, "--yes"]] {
        let refused = house.run(&[args, &["--offline", "--json"]].concat()).exits(6).json();
        assert_eq!(refused["error"]["charged"], false);
    }
    house.run(&["search", "x", "--offline", "--fresh"]).exits(2);
    assert_eq!(house.sandbox.requests().len(), before, "nothing was sent");
}
