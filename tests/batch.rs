//! Batches against a real server: what they cost, what they say, and that a killed one loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use common::House;
use common::terminal::{PATIENCE, Terminal};
use trackyard_tui::sandbox::{Fault, Origin, Target};

fn file(house: &House, name: &str, text: &str) -> String {
    let path = house.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

const BRIEFS: &str = "query,moods,vocals,project\ncalm piano,,no,Film\nbright funk,,,\n\" CALM   Piano\",,no,\nmoody lo-fi,Chill,,\n";

/// Four briefs: one nearly the same as what it asks first, one new, one nearly the same as that, and one that is here.
fn nearly_the_same(house: &House) -> String {
    house.run(&["search", "calm piano", "--no-vocals"]).exits(0);
    file(
        house,
        "briefs.csv",
        "query,vocals,max_bpm\nPiano calm,no,90\nfunk bright,,\nbright funk!,,100\ncalm piano,no,\n",
    )
}

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
fn answers_to_the_same_words_are_told_apart_by_line_and_project() {
    let house = House::new();
    let briefs = file(
        &house,
        "briefs.csv",
        "query,vocals,project\ncalm piano,no,Film\ncalm piano,yes,\n calm  piano,no,Credits\n",
    );
    let answer = house.run(&["batch", &briefs, "--yes", "--json"]).exits(0).json();
    let results = answer["results"].as_array().unwrap();
    let of: Vec<_> = results
        .iter()
        .map(|result| (result["line"].as_i64(), result["project"].as_str()))
        .collect();
    assert_eq!(of, [(Some(2), Some("Film")), (Some(3), None), (Some(4), Some("Credits"))]);
    assert!(results[1]["project"].is_null(), "{answer}");
    assert_eq!(results[0]["tracks"], results[2]["tracks"]);
    assert_ne!(results[0]["tracks"], results[1]["tracks"]);
}

#[test]
fn without_a_yes_nothing_is_spent() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    let refused = house.run(&["batch", &briefs, "--json"]).exits(2);
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("up to 1 credit: say --yes"), "{message}");
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
    let all = "4 briefs, 2 bad, 2 different, 0 answered already, 2 to ask for 2 credits";
    assert!(ran.stderr().contains(all), "{}", ran.stderr());
    for (name, bytes) in [("briefs.doc", &b"x"[..]), ("broken.csv", b"mood\nx"), ("utf16.txt", b"\xff\xfea\0")] {
        let path = file(&house, name, "");
        std::fs::write(&path, bytes).unwrap();
        house.run(&["batch", &path, "--yes"]).exits(2);
    }
    let latin = file(&house, "latin.txt", "");
    std::fs::write(&latin, b"bright funk\ncaf\xe9").unwrap();
    let said = house.run(&["batch", &latin, "--yes"]).exits(1).stderr();
    assert!(said.contains("line 2: it is no UTF-8"), "{said}");
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
    let briefs = nearly_the_same(&house);
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

#[test]
fn one_brief_of_one_track_is_said_as_one() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    let one = Fault::mangle(|answer| answer["tracks"].as_array_mut().unwrap().truncate(1));
    house.sandbox.faults().add_times(Target::Search, one, 1);
    let ran = house.run(&["batch", &briefs, "--yes"]).exits(0);
    let plan = "1 brief, 1 different, 0 answered already, 1 to ask for 1 credit\n";
    assert!(ran.stderr().contains(plan), "{}", ran.stderr());
    assert!(ran.stdout().contains("  1 track from the server · "), "{}", ran.stdout());
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
    let mut batch = house
        .command(&["batch", &briefs, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    second.recv_timeout(PATIENCE).unwrap();
    house.sandbox.faults().add(Target::Search, Fault::Latency(Duration::from_hours(1)));
    go_on.send(()).unwrap();
    let end = Instant::now() + PATIENCE;
    while house.paid_requests() < 3 {
        assert!(Instant::now() < end, "the third brief is never asked");
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

#[test]
fn what_is_nearly_the_same_is_taken_for_nothing_where_that_is_wished() {
    let house = House::new();
    let briefs = nearly_the_same(&house);
    let answer = house.run(&["batch", &briefs, "--near", "--yes", "--json"]).exits(0).json();
    let counts = ["unique", "to_ask", "credits_spent"].map(|name| answer[name].as_i64().unwrap());
    assert_eq!(counts, [4, 1, 1]);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let table = house.run(&["batch", &briefs, "--near", "--csv"]).exits(0).stdout();
    let slow: Vec<f64> = table
        .lines()
        .filter(|line| line.starts_with("2,"))
        .map(|line| line.split(',').nth(7).unwrap().parse().unwrap())
        .collect();
    assert!(
        !slow.is_empty() && slow.iter().all(|bpm| *bpm <= 90.0),
        "the brief's own filters hold: {slow:?}"
    );
    assert_eq!(house.sandbox.charged(), 2);
}

#[cfg(unix)]
#[test]
fn the_question_names_the_price_with_what_is_nearly_the_same_and_without() {
    let house = House::new();
    let briefs = nearly_the_same(&house);
    let mut terminal = Terminal::start(&["batch", &briefs], &house.environment(), 140, 32);
    terminal
        .wait_for("Spend up to 3 credits,")
        .wait_for("[y/N/near: only 1 credit, 2 answered by what is nearly the same]");
    terminal.type_keys("near\r");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    assert_eq!(house.sandbox.charged(), 2);
}

#[test]
fn a_dry_run_names_the_price_of_each_brief() {
    let house = House::new();
    house.run(&["search", "calm piano"]).exits(0);
    let briefs = file(&house, "briefs.txt", "calm piano\nbright funk\nBright  Funk\n");
    let plan = house.run(&["batch", &briefs, "--dry-run"]).exits(0).stdout();
    let prices: Vec<_> = plan.lines().map(|line| line[54..].trim()).collect();
    assert_eq!(prices, ["free, asked 0 min ago", "1 credit", "free, the same as line 2"]);
}

/// `^C` while the batch waits for the rate limit: what was answered is told and kept.
#[cfg(unix)]
#[test]
fn an_interrupted_batch_tells_what_it_has() {
    use std::io::{BufRead, BufReader};
    let house = House::new();
    house.sandbox.set_limits(Some(2), Some(1000));
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\nfour\n");
    let mut batch = house
        .command(&["batch", &briefs, "--yes", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(batch.stderr.take().unwrap()).lines();
    let waits = said
        .find(|line| line.as_ref().unwrap().contains("rate limit, goes on in"))
        .unwrap()
        .unwrap();
    assert!(waits.contains("2 of 4") && waits.contains("left"), "{waits}");
    let process = rustix::process::Pid::from_raw(batch.id() as i32).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let rest: Vec<_> = said.map_while(Result::ok).collect();
    let done = batch.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{rest:?}");
    let answer: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (answer["results"].as_array().unwrap().len(), answer["error"]["code"].as_str()),
        (2, Some("interrupted"))
    );
    assert!(answer["error"]["message"].as_str().unwrap().contains("2 briefs are left"));
    let plan = house.run(&["batch", &briefs, "--dry-run", "--json"]).exits(0).json();
    assert_eq!((plan["cached"].as_i64(), plan["to_ask"].as_i64()), (Some(2), Some(2)));
}

/// The whole road: asked in one go, then heard and shortlisted brief by brief, each for its own video; and again the next day for nothing.
#[cfg(unix)]
#[test]
fn briefs_are_opened_one_after_the_other_each_with_the_shortlist_of_its_video() {
    let house = House::new();
    let briefs = file(
        &house,
        "briefs.csv",
        "query,project\ncalm piano,Intro\nbright funk,Credits\n,Nothing\n",
    );
    let mut screen = Terminal::start(&["--no-audio", "batch", &briefs, "--yes", "--open"], &house.environment(), 120, 32);
    screen.wait_for("Brief 1 of 2 · Intro");
    screen.type_keys("a").wait_for("on the shortlist of Intro");
    screen.type_keys("]").wait_for("Brief 2 of 2 · Credits");
    screen.type_keys("jx").wait_for("rejected for Credits");
    screen.type_keys("B").wait_for("★ 1").wait_for("another file");
    screen.type_keys("\x1b").wait_gone("another file");
    screen.type_keys("q");
    assert_eq!(screen.wait_exit().exit_code(), 1, "one row is bad");
    assert_eq!(house.sandbox.charged(), 2);
    // It goes on with the video that has nothing yet, and needs no --yes: nothing is asked.
    let mut screen = Terminal::start(&["--no-audio", "batch", &briefs, "--open"], &house.environment(), 120, 32);
    screen.wait_for("Brief 2 of 2 · Credits");
    screen.type_keys("[").wait_for("Brief 1 of 2 · Intro");
    screen.type_keys("S").wait_for("Shortlist · Intro").wait_for("1 track");
    screen.type_keys("\x1b").wait_gone("Shortlist · Intro");
    screen.type_keys("q");
    screen.wait_exit();
    assert_eq!(house.sandbox.charged(), 2);
}

/// What the batch has spent, or may have, is gone from what its screen may spend.
#[cfg(unix)]
#[test]
fn a_budget_is_one_for_a_batch_and_its_screen() {
    let open = |house: &House, text: &str, budget: &str| {
        let briefs = file(house, "briefs.txt", text);
        let args = ["--no-audio", "batch", &briefs, "--yes", "--open", "--budget", budget];
        Terminal::start(&args, &house.environment(), 120, 32)
    };
    let house = House::new();
    let mut screen = open(&house, "calm piano\nbright funk\n", "3");
    screen.wait_for("Brief 1 of 2");
    screen.type_keys("U").wait_for("2 credits in this session");
    screen.type_keys("\x1b").wait_gone("2 credits in this session");
    screen.type_keys("/\x15slow jazz\r");
    screen.wait_that("the third credit spent", |_| house.sandbox.charged() == 3);
    screen.type_keys("/\x15harsh techno\r").wait_for("this session is used up (3 of 3)");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (3, 3));

    let unsure = House::new();
    unsure.sandbox.faults().add_times(Target::Search, Fault::ChargedReset, 1);
    // Nobody can look up what became of it.
    unsure.sandbox.faults().add(Target::Usage, Fault::Status(503));
    let mut screen = open(&unsure, "calm piano\n", "1");
    screen.wait_for("Brief 1 of 1").wait_for("1 unsure");
    screen.type_keys("/\x15slow jazz\r").wait_for("this session is used up (1 of 1)");
    assert_eq!((unsure.sandbox.charged(), unsure.paid_requests()), (1, 1));
}

#[cfg(unix)]
#[test]
fn where_nobody_sees_the_question_it_is_not_put() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    let script = format!("{} batch '{briefs}' 2>/dev/null", common::PROGRAM);
    let mut terminal = Terminal::start_other("sh", &["-c", &script], &house.environment(), 120, 32);
    assert_eq!(terminal.wait_exit().exit_code(), 2);
    assert_eq!(house.paid_requests(), 0);
}

#[cfg(unix)]
#[test]
fn a_yes_that_was_typed_before_the_question_is_none() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    // Held up before it asks.
    let data = house.path().join(".local/share/trackyard-tui");
    std::fs::create_dir_all(&data).unwrap();
    let library = rusqlite::Connection::open(data.join("library.db")).unwrap();
    library.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut terminal = Terminal::start(&["batch", &briefs], &house.environment(), 120, 32);
    terminal
        .type_keys("y\r")
        .wait_that("it is typed", |terminal| terminal.ever_wrote(b"y"));
    library.execute_batch("ROLLBACK").unwrap();
    drop(library);
    terminal.wait_for("Spend up to 1 credit?");
    terminal.type_keys("n\r");
    assert_eq!(terminal.wait_exit().exit_code(), 1);
    assert_eq!(house.paid_requests(), 0);
}

#[test]
fn the_screen_needs_a_terminal_before_anything_is_spent() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\n");
    house.run(&["batch", &briefs, "--yes", "--open"]).exits(2);
    assert_eq!(house.paid_requests(), 0);
}

#[cfg(unix)]
#[test]
fn offline_the_screen_needs_no_key_and_shows_what_is_here() {
    let house = House::new();
    house.run(&["search", "calm piano"]).exits(0);
    let asked = || house.sandbox.requests().iter().filter(|seen| seen.origin == Origin::Api).count();
    let before = asked();
    let mut environment = house.environment();
    environment.retain(|(name, _)| name != "TRACKYARD_API_KEY");
    let mut screen = Terminal::start(&["--offline", "--no-audio"], &environment, 120, 32);
    screen.type_keys("piano").wait_for("seen before");
    screen.type_keys("\x1b[B").wait_for("▌");
    screen.type_keys("d").wait_for("nothing is bought offline");
    screen.type_keys("\x1b").wait_gone("nothing is bought offline");
    screen.type_keys("q");
    screen.wait_exit();
    assert_eq!(asked(), before, "nothing was asked");
}
