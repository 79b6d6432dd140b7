//! The command line against a real server: what it prints, how it exits, and what it costs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use common::{House, decoded};
use trackyard_tui::sandbox::{Fault, Target};

#[test]
fn a_search_costs_one_credit_and_the_same_again_none() {
    let house = House::new();
    let first = house.run(&["search", "calm piano", "--no-vocals", "--json"]).exits(0).json();
    assert_eq!(
        (&first["source"], &first["credits_spent"], &first["credits_remaining"]),
        (&"server".into(), &1.into(), &49.into())
    );
    assert_eq!(first["tracks"].as_array().unwrap().len(), 100);
    assert!(first["tracks"][0]["preview_url"].as_str().unwrap().starts_with("http"));
    let again = house
        .run(&["search", "  CALM   piano ", "--no-vocals", "--limit", "20", "--json"])
        .exits(0)
        .json();
    assert_eq!((&again["source"], &again["credits_spent"]), (&"cache".into(), &0.into()));
    assert_eq!(again["tracks"].as_array().unwrap()[..], first["tracks"].as_array().unwrap()[..20]);
    let fresh = house
        .run(&["search", "calm piano", "--no-vocals", "--fresh", "--json"])
        .exits(0)
        .json();
    assert_eq!(fresh["credits_spent"], 1);
    assert_eq!(house.sandbox.charged(), 2);
}

#[test]
fn what_is_sent_is_exactly_what_the_contract_says() {
    let house = House::new();
    let args = [
        "search",
        "piano",
        "--genres",
        "Jazz, Classical",
        "--min-bpm",
        "60",
        "--max-bpm",
        "90",
        "--energy",
        "low",
        "--vocals",
        "--limit",
        "5",
    ];
    house.run(&args).exits(0);
    let seen = house.sandbox.requests();
    let body = seen.iter().find(|seen| seen.method == "POST").unwrap().body.clone().unwrap();
    let expected = serde_json::json!({"query": "piano", "limit": 5, "offset": 0,
        "filters": {"genres": ["Classical", "Jazz"], "min_bpm": 60, "max_bpm": 90, "energy_level": "low", "has_vocals": true}});
    assert_eq!(body, expected);
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let house = House::new();
    let long = "x".repeat(10_000);
    let table: [(&[&str], &str); 24] = [
        (&["search", "  "], "empty"),
        (&["search", &long], "10000"),
        (&["search", "x", "--min-bpm", "140", "--max-bpm", "120"], "140"),
        (&["search", "x", "--min-bpm", "30"], "40 to 200"),
        (&["search", "x", "--max-bpm", "201"], "40 to 200"),
        (&["search", "x", "--energy", "huge"], "huge"),
        (&["search", "x", "--limit", "0"], "1 to 100"),
        (&["search", "x", "--limit", "101"], "1 to 100"),
        (&["search", "x", "--vocals", "--no-vocals"], "cannot be used with"),
        (&["download", "trk_1", "--duration", "9", "--yes"], "10 to 300"),
        (&["download", "trk_1", "--duration", "301", "--yes"], "10 to 300"),
        (&["download", "trk_1", "--hit-point", "3", "--yes"], "--duration"),
        (
            &["download", "trk_1", "--duration", "30", "--hit-point", "30", "--yes"],
            "hit point",
        ),
        (&["download", "trk 1", "--yes"], "track id"),
        (&["search"], "QUERY"),
        (&["search", "x", "--limit", "1000"], "1 to 100"),
        (&["search", "x", "--offset", "-1"], "not negative"),
        (&["search", "x", "--min-bpm", "-5"], "40 to 200"),
        (&["search", "x", "--max-bpm", "98.6"], "40 to 200"),
        (&["download", "trk_1", "--duration", "-30", "--yes"], "10 to 300"),
        (&["download", "trk_1", "--duration", "NaN", "--yes"], "10 to 300"),
        (
            &["download", "trk_1", "--duration", "30", "--hit-point", "-1", "--yes"],
            "between 0 and the end",
        ),
        (&["search", "x", "--budget", "-1"], "not negative"),
        (&["search", "x", "--colour", "red"], "--colour"),
    ];
    for (args, says) in table {
        let ran = house.run(args).exits(2);
        assert!(ran.stderr().contains(says), "{args:?}: {}", ran.stderr());
        let json = house.run(&[args, &["--json"]].concat()).exits(2).json();
        assert_eq!(
            (&json["error"]["code"], &json["error"]["charged"]),
            (&"usage".into(), &false.into())
        );
        assert!(json["error"]["message"].as_str().unwrap().contains(says), "{args:?}: {json}");
    }
    assert!(house.sandbox.requests().is_empty());
}

#[test]
fn what_is_for_the_screen_alone_is_refused_before_every_command() {
    let house = House::new();
    let commands: [&[&str]; 17] = [
        &["search", "x"],
        &["download", "trk_1", "--yes"],
        &["clip", "a.mp3", "--duration", "15", "--output", "b.mp3"],
        &["play", "a.mp3"],
        &["me"],
        &["usage"],
        &["batch", "briefs.txt", "--yes"],
        &["batch", "briefs.txt", "--yes", "--open"],
        &["receipts"],
        &["config", "path"],
        &["config", "show"],
        &["config", "init"],
        &["completions", "bash"],
        &["man"],
        &["cache", "info"],
        &["cache", "clear"],
        &["sandbox"],
    ];
    let options: [(&[&str], &str); 5] = [
        (&["--sandbox"], "start a server with `trackyard-tui sandbox`"),
        (&["--sandbox", "--tier", "pro"], "TRACKYARD_API_URL"),
        (&["--no-audio", "--sandbox"], "--sandbox opens the screen"),
        (&["--plain", "--sandbox"], "--sandbox opens the screen"),
        (&["--plain"], "--plain is the program without a command"),
    ];
    for command in commands {
        for (options, says) in options {
            let ran = house.run(&[options, command].concat()).exits(2);
            assert!(ran.stderr().contains(says), "{options:?} {command:?}: {}", ran.stderr());
            assert_eq!(ran.stdout(), "", "{options:?} {command:?}");
        }
    }
    let json = house.run(&["--sandbox", "search", "x", "--json"]).exits(2).json();
    assert_eq!(
        (&json["error"]["code"], &json["error"]["charged"]),
        (&"usage".into(), &false.into())
    );
    assert!(
        json["error"]["message"].as_str().unwrap().contains("`trackyard-tui sandbox`"),
        "{json}"
    );
    assert!(house.sandbox.requests().is_empty());
    assert!(
        house.files().is_empty(),
        "not even the configuration was looked at: {:?}",
        house.files()
    );
}

#[test]
fn keys_that_are_missing_wrong_or_broken_exit_3_and_are_never_shown() {
    let house = House::new();
    let none = house
        .run_with(&["search", "x", "--json"], &[("TRACKYARD_API_KEY", "")])
        .exits(3)
        .json();
    let message = none["error"]["message"].as_str().unwrap();
    assert!(message.contains("TRACKYARD_API_KEY"));
    assert!(
        message.contains("the screen with play money first: trackyard-tui --sandbox"),
        "no option of this command: {message}"
    );
    let broken = house
        .run_with(&["search", "x"], &[("TRACKYARD_API_KEY", "trackyard_live_sec\nret")])
        .exits(3);
    assert!(!broken.stderr().contains("sec"), "{}", broken.stderr());
    assert!(house.sandbox.requests().is_empty());
    let wrong = house
        .run_with(&["search", "x"], &[("TRACKYARD_API_KEY", "trackyard_live_wrong")])
        .exits(3);
    assert!(
        wrong.stderr().contains("app.trackyard.com/api-keys") && !wrong.stderr().contains("trackyard_live_wrong"),
        "{}",
        wrong.stderr()
    );
    assert_eq!(house.sandbox.charged(), 0);
}

#[test]
fn servers_that_cannot_be_reached_or_are_not_trackyard_exit_6_or_8() {
    let house = House::new();
    // Taken, so that nobody else gets the port, and not listening.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody = closed.local_addr().unwrap();
    let unreachable = house
        .run(&["search", "x", "--json", "--api-url", &format!("http://{nobody}/v1")])
        .exits(6)
        .json();
    assert_eq!(unreachable["error"]["charged"], false);
    let page = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>hi</html>");
    let free = house.run(&["me", "--api-url", &page]).exits(6);
    assert!(free.stderr().contains("--api-url"), "{}", free.stderr());
    let page = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>hi</html>");
    let paid = house.run(&["search", "x", "--json", "--api-url", &page]).exits(8).json();
    assert_eq!(
        paid["error"]["charged"],
        serde_json::Value::Null,
        "nothing says that this is Trackyard"
    );
    let page = serve_once("HTTP/1.1 200 OK\r\nX-Credits-Remaining: 9\r\nContent-Length: 15\r\n\r\n<html>hi</html>");
    let paid = house.run(&["search", "y", "--json", "--api-url", &page]).exits(8).json();
    assert_eq!(paid["error"]["charged"], true, "Trackyard has answered with success");
}

/// A server that answers one request with these bytes.
fn serve_once(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_request(&mut stream);
        let _ = stream.write_all(answer.as_bytes());
    });
    format!("http://{address}/v1")
}

/// To the end of its body: closing a connection of which something is unread resets it, and the answer could be lost.
fn read_request(stream: &mut TcpStream) {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut piece).unwrap();
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            body.len() >= length.map_or(0, |length| length.parse::<usize>().unwrap())
        });
        if whole || read == 0 {
            return;
        }
    }
}

#[test]
fn a_download_is_one_credit_a_playable_file_and_free_the_second_time() {
    let house = House::new();
    let found = house.run(&["search", "calm piano", "--json"]).exits(0).json();
    let id = found["tracks"][0]["id"].as_str().unwrap();
    let refused = house.run(&["download", id]).exits(2);
    assert!(refused.stderr().contains("--yes"));
    assert_eq!(house.sandbox.charged(), 1);
    let bought = house.run(&["download", id, "--yes", "--json"]).exits(0).json();
    assert_eq!((&bought["credits_spent"], &bought["credits_remaining"]), (&1.into(), &48.into()));
    let path = std::path::PathBuf::from(bought["path"].as_str().unwrap());
    assert!(path.starts_with(house.music()) && path.extension().unwrap() == "mp3");
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bought["bytes"], bytes.len());
    assert_eq!(bought["sha256"], sha256(&bytes));
    let (seconds, loudest) = decoded(&path);
    let expected = found["tracks"][0]["duration_seconds"].as_f64().unwrap();
    assert!(
        (seconds - expected).abs() < 0.2 && loudest > 0.05,
        "{seconds} of {expected}, {loudest}"
    );
    assert!((bought["duration_seconds"].as_f64().unwrap() - expected).abs() < 0.2);
    let again = house.run(&["download", id, "--yes", "--json"]).exits(0).json();
    assert_eq!((&again["credits_spent"], &again["path"]), (&0.into(), &bought["path"]));
    assert_eq!(house.sandbox.charged(), 2);
    let anew = house.run(&["download", id, "--yes", "--again", "--json"]).exits(0).json();
    assert!(anew["path"].as_str().unwrap().ends_with("(2).mp3"), "{anew}");
    assert_eq!(house.sandbox.charged(), 3);
}

#[test]
fn a_clip_has_its_length_and_goes_where_it_is_told() {
    let house = House::new();
    let found = house.run(&["search", "epic trailer", "--json"]).exits(0).json();
    let id = found["tracks"][0]["id"].as_str().unwrap();
    let target = house.path().join("cut/for the ad.mp3");
    let args = [
        "download",
        id,
        "--duration",
        "15",
        "--hit-point",
        "6",
        "--output",
        target.to_str().unwrap(),
        "--yes",
        "--json",
    ];
    let bought = house.run(&args).exits(0).json();
    assert_eq!(bought["path"], target.to_str().unwrap());
    assert_eq!(bought["hit_point_seconds"], 6.0);
    let (seconds, _) = decoded(&target);
    assert!((seconds - 15.0).abs() < 0.1, "{seconds}");
}

#[test]
fn the_account_and_the_history_are_free_and_shown_as_the_server_sent_them() {
    let house = House::new();
    let me = house.run(&["me", "--json"]).exits(0).json();
    assert_eq!((&me["tier"], &me["credits_remaining"]), (&"free".into(), &50.into()));
    house.run(&["search", "piano"]).exits(0);
    let usage = house.run(&["usage", "--json"]).exits(0).json();
    assert!(
        usage["usage"]
            .as_array()
            .unwrap()
            .iter()
            .any(|call| call["endpoint"] == "/search" && call["credits_consumed"] == 1)
    );
    let csv = house.run(&["usage", "--all", "--csv"]).exits(0).stdout();
    assert!(csv.starts_with("timestamp,endpoint,") && csv.contains("/search,200,1,"), "{csv}");
    let receipts = house.run(&["receipts", "--json"]).exits(0).json();
    assert_eq!((&receipts[0]["query"], &receipts[0]["state"]), (&"piano".into(), &"charged".into()));
}

#[test]
fn one_of_something_is_said_as_one() {
    let house = House::new();
    let said = house.run(&["search", "calm piano", "--limit", "1"]).exits(0).stderr();
    assert!(said.contains("1 track from the server; 1 credit spent, 49 left"), "{said}");
    let unreadable = Fault::mangle(|answer| answer["tracks"][0] = "no track".into());
    house.sandbox.faults().add_times(Target::Search, unreadable, 1);
    let said = house.run(&["search", "bright funk", "--limit", "3"]).exits(0).stderr();
    assert!(said.contains("1 entry of the answer could not be read and was left out"), "{said}");
    assert!(said.contains("2 tracks from the server"), "{said}");
    let calls = house.run(&["usage"]).exits(0).stdout();
    assert!(calls.contains("  1 credit  ") && !calls.contains(" 1 credits"), "{calls}");
}

#[test]
fn errors_of_the_server_have_their_exit_codes_and_cost_nothing() {
    let house = House::with_credits(1);
    house.run(&["download", "trk_no_such_track", "--yes"]).exits(7);
    house.run(&["search", "piano"]).exits(0);
    let out = house.run(&["search", "jazz", "--json"]).exits(4).json();
    assert_eq!(out["error"]["charged"], false);
    assert!(out["error"]["message"].as_str().unwrap().contains("app.trackyard.com/billing"));
    assert_eq!(house.sandbox.charged(), 1);
    let limited = House::new();
    limited.sandbox.set_limits(Some(0), Some(0));
    limited.run(&["search", "x", "--max-wait", "0"]).exits(5);
    let budget = House::new();
    budget.run(&["search", "x", "--budget", "0"]).exits(4);
    assert_eq!(budget.paid_requests(), 0);
}

#[test]
fn an_answer_lost_after_a_charge_is_told_as_unsure_and_not_asked_again() {
    let house = House::new();
    house.sandbox.faults().add_times(Target::Search, Fault::ChargedReset, 1);
    let lost = house.run(&["search", "piano", "--json"]).exits(8).json();
    assert_eq!(lost["error"]["charged"], serde_json::Value::Null);
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));
}

#[test]
fn the_screen_without_a_terminal_says_what_to_run_instead() {
    let house = House::new();
    for args in [&["--sandbox"][..], &[]] {
        let ran = house.run(args).exits(2);
        assert!(
            ran.stderr().contains("trackyard-tui sandbox") && ran.stderr().contains("search"),
            "{}",
            ran.stderr()
        );
    }
}

#[test]
fn the_key_is_in_no_file_and_no_output() {
    let house = House::new();
    let key = house.sandbox.key().to_owned();
    let mut said = String::new();
    for args in [
        &["search", "piano"][..],
        &["me"],
        &["usage"],
        &["receipts"],
        &["search", "", "--json"],
    ] {
        let ran = house.run(args);
        said += &(ran.stdout() + &ran.stderr());
    }
    assert!(!said.contains(&key));
    for file in house.files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(key.len()).any(|window| window == key.as_bytes()),
            "{}",
            file.display()
        );
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How a command ends whose standard error nobody reads, as under `2>&1 | head -1`.
fn unheard(house: &House, args: &[&str]) -> Option<i32> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = house.command(args);
    command.stdout(Stdio::null()).stderr(writer).status().unwrap().code()
}

#[test]
fn what_is_paid_for_is_done_whether_anybody_hears_of_it_or_not() {
    let house = House::new();
    let found = house.run(&["search", "calm piano", "--json"]).exits(0).json();
    let id = found["tracks"][0]["id"].as_str().unwrap();
    let briefs = house.path().join("briefs.txt");
    std::fs::write(&briefs, "one\ntwo\n").unwrap();
    assert_eq!(unheard(&house, &["search", "bright funk"]), Some(0));
    assert_eq!(unheard(&house, &["download", id, "--yes"]), Some(0));
    assert_eq!(unheard(&house, &["batch", briefs.to_str().unwrap(), "--yes"]), Some(0));
    assert_eq!(unheard(&house, &["download", id]), Some(2), "it is refused as ever");
    let receipts = house.run(&["receipts", "--json"]).exits(0).json();
    let states: Vec<_> = receipts
        .as_array()
        .unwrap()
        .iter()
        .map(|receipt| receipt["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["charged"; 5]);
    assert_eq!(house.sandbox.charged(), 5);
}

/// Nobody can write into `/proc`, whoever runs this.
#[cfg(target_os = "linux")]
#[test]
fn a_note_that_cannot_be_written_is_the_only_document() {
    use std::os::unix::fs::symlink;
    let house = House::new();
    let found = house.run(&["search", "calm piano", "--json"]).exits(0).json();
    let id = found["tracks"][0]["id"].as_str().unwrap();
    let (real, link) = (house.path().join("real"), house.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    let target = link.join("clip.mp3");
    let args = ["download", id, "--duration", "10", "--output", target.to_str().unwrap(), "--yes"];
    house.run(&args).exits(0);
    std::fs::remove_file(&link).unwrap();
    symlink("/proc", &link).unwrap();
    let failed = house.run(&["receipts", "--json", "--credits-txt"]).exits(1).json();
    let message = failed["error"]["message"].as_str().unwrap();
    assert!(message.contains("credits.txt cannot be written"), "{failed}");
}

#[test]
fn only_what_is_new_of_the_history_is_fetched_again() {
    let house = House::new();
    house.run(&["search", "piano"]).exits(0);
    let calls = |house: &House| {
        house.run(&["usage", "--all", "--json"]).exits(0).json()["usage"]
            .as_array()
            .unwrap()
            .clone()
    };
    let first = calls(&house);
    assert_eq!(first.iter().filter(|call| call["endpoint"] == "/search").count(), 1);
    house.run(&["search", "jazz"]).exits(0);
    let second = calls(&house);
    assert_eq!(second.iter().filter(|call| call["endpoint"] == "/search").count(), 2);
    assert_eq!(second[second.len() - first.len()..], first[..], "what was kept stays as it was");
    let sent = house.sandbox.requests().len();
    let offline = house.run(&["usage", "--all", "--offline", "--json"]).exits(0).json();
    assert_eq!(offline["usage"].as_array().unwrap().len(), second.len());
    house.run(&["usage", "--offline"]).exits(6);
    assert_eq!(house.sandbox.requests().len(), sent);
}

#[test]
fn bought_files_are_checked_and_their_licence_is_noted() {
    let house = House::new();
    let tracks = house.run(&["search", "piano", "--limit", "2", "--json"]).exits(0).json();
    let buy = |place: usize| {
        let id = tracks["tracks"][place]["id"].as_str().unwrap();
        let bought = house.run(&["download", id, "--duration", "10", "--yes", "--json"]).exits(0).json();
        std::path::PathBuf::from(bought["path"].as_str().unwrap())
    };
    let (first, second) = (buy(0), buy(1));
    house.run(&["receipts", "--check"]).exits(0);
    std::fs::write(house.music().join("credits.txt"), "my own").unwrap();
    house.run(&["receipts", "--credits-txt"]).exits(0);
    let note = std::fs::read_to_string(house.music().join("credits (2).txt")).unwrap();
    let name = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().into_owned();
    assert!(note.contains(&name(&first)) && note.contains(&name(&second)), "{note}");
    assert_eq!(std::fs::read_to_string(house.music().join("credits.txt")).unwrap(), "my own");
    house.run(&["receipts", "--credits-txt"]).exits(0);
    assert!(!house.music().join("credits (3).txt").exists(), "our own note is written anew");
    let told = |words: &str| {
        let told = house.run(&["receipts", "--check"]).exits(1).stderr();
        assert!(told.contains(words), "{told}");
    };
    std::fs::write(&first, b"cut").unwrap();
    told("1 file is not as bought");
    std::fs::remove_file(&second).unwrap();
    told("2 files are not as bought");
    let checked = house.run(&["receipts", "--check", "--json"]).exits(1).json();
    let files: Vec<_> = checked
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|receipt| receipt["file"].as_str())
        .collect();
    assert_eq!(files, ["missing", "changed"]);
    let table = house.run(&["receipts", "--csv"]).exits(0).stdout();
    assert!(table.starts_with("time,endpoint,query,track_id,title,"), "{table}");
    assert_eq!(table.lines().count(), 4);
}

#[test]
fn play_says_what_it_cannot_play_and_why_and_never_spends() {
    let house = House::new();
    // None of these gets as far as a device.
    house.run(&["play", "--no-audio", "x.mp3"]).exits(2);
    house.run(&["--no-audio", "play", "x.mp3"]).exits(2);
    house.run(&["play", "http://"]).exits(2);
    for (source, words) in [
        ("nothing.mp3", "there is no file nothing.mp3"),
        ("some/folder/music", "there is no file some/folder/music"),
        ("trk_unknown", "search for it first"),
        ("trk_unknown.v2", "search for it first"),
    ] {
        let ran = house.run(&["play", source]).exits(7);
        assert!(ran.stderr().contains(words), "{}", ran.stderr());
    }
    assert_eq!(house.paid_requests(), 0, "an unknown track is not searched for");
    let ran = house.run(&["play", "--help"]).exits(0);
    assert!(ran.stdout().contains("nothing is spent"), "{}", ran.stdout());

    // A device that is not there is an error that says so, whatever is to be played. An id may have a dot in it, and is no file for that.
    let dotted = Fault::mangle(|answer| answer["tracks"][0]["id"] = "trk_1.v2".into());
    house.sandbox.faults().add_times(Target::Search, dotted, 1);
    let found = house.run(&["search", "calm piano", "--limit", "1", "--json"]).exits(0).json();
    let (id, url) = (
        found["tracks"][0]["id"].as_str().unwrap(),
        found["tracks"][0]["preview_url"].as_str().unwrap(),
    );
    assert_eq!(id, "trk_1.v2");
    let file = house.path().join("tone.ogg");
    std::fs::write(&file, include_bytes!("sounds/tone.ogg")).unwrap();
    for source in [id, url, file.to_str().unwrap()] {
        let ran = house.run(&["play", source, "--audio-device", "no such device"]).exits(1);
        assert!(
            ran.stderr().contains("there is no audio device named “no such device”"),
            "{}",
            ran.stderr()
        );
        assert_eq!(ran.stdout(), "");
        assert_eq!(ran.stderr().lines().count(), 1, "{}", ran.stderr());
    }
    assert_eq!(house.sandbox.charged(), 1, "the search alone");
}

#[test]
fn the_kept_previews_are_counted_and_thrown_out() {
    let house = House::new();
    let empty = house.run(&["cache", "info", "--json"]).exits(0).json();
    assert_eq!((&empty["previews"], &empty["bytes"]), (&0.into(), &0.into()));
    assert_eq!(empty["limit_bytes"], 500_000_000);
    let folder = house.path().join(".cache/trackyard-tui/previews");
    assert_eq!(empty["folder"], folder.display().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{}.preview", "a".repeat(64))), [0; 1_000]).unwrap();
    std::fs::write(folder.join("somebody-elses.txt"), "x").unwrap();
    let said = house.run(&["cache", "info"]).exits(0).stdout();
    assert!(said.contains("1 preview, 0.0 MB of at most 500.0 MB"), "{said}");
    let gone = house.run(&["cache", "clear", "--json"]).exits(0).json();
    assert_eq!((&gone["removed"], &gone["bytes"]), (&1.into(), &1_000.into()));
    assert_eq!(house.run(&["cache", "info", "--json"]).exits(0).json()["previews"], 0);
    assert!(folder.join("somebody-elses.txt").exists());
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "a file in its place").unwrap();
    let failed = house.run(&["cache", "info", "--json"]).exits(1).json();
    assert_eq!(failed["error"]["charged"], false);
}
