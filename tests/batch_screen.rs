//! Briefs asked in one go on the screen, against a real server: what that costs, how it is followed, cancelled and told.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use common::House;
use common::terminal::Terminal;
use trackyard_tui::sandbox::{Fault, Target};

fn file(house: &House, name: &str, text: &str) -> String {
    let path = house.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn with_a_bell(house: &House) {
    let folder = house.path().join(".config/trackyard-tui");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "notify = 'bell'\n").unwrap();
}

/// Holds back the search answer of this number, from 0, until something is sent. It is charged by then.
fn hold_back(house: &House, which: usize) -> mpsc::Sender<()> {
    let (go_on, may_go) = mpsc::channel();
    let (count, may_go) = (AtomicUsize::new(0), Mutex::new(may_go));
    house.sandbox.faults().add(
        Target::Search,
        Fault::mangle(move |_| {
            if count.fetch_add(1, Ordering::SeqCst) == which {
                let _ = may_go.lock().unwrap().recv();
            }
        }),
    );
    go_on
}

/// The screen with the list of these briefs, the first of which was not asked yet.
fn listed(house: &House, briefs: &str) -> Terminal {
    let mut screen = Terminal::start(&["--no-audio"], &house.environment(), 120, 32);
    screen.wait_for(" of 50");
    // Out of the box: in there a letter is text.
    screen.type_keys("\tB").wait_for("File ›");
    screen.type_keys(&format!("{briefs}\r")).wait_gone("File ›");
    screen.type_keys("\tB").wait_for("another file");
    screen
}

fn show_tasks(screen: &mut Terminal) {
    screen.type_keys("\x1b").wait_gone("another file");
    screen.type_keys("J").wait_for("under way");
}

#[test]
fn what_is_missing_is_asked_in_one_go_for_its_price_and_its_end_is_told() {
    let house = House::new();
    with_a_bell(&house);
    house.run(&["search", "bright funk"]).exits(0);
    let briefs = file(
        &house,
        "briefs.csv",
        "query,project\ncalm piano,Intro\nbright funk,Credits\nCALM  piano,Again\nslow jazz,Bar\nharsh techno,Chase\n",
    );
    let go_on = hold_back(&house, 1);
    let mut screen = listed(&house, &briefs);
    let bells = screen.bells();
    screen.wait_for("asks the 3 missing: up to 3 credits");
    // Looking at the price costs nothing.
    screen.type_keys("a").wait_for("y confirms").wait_for("49 → 46");
    screen.type_keys("\x1b").wait_gone("y confirms");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));

    screen.type_keys("a");
    house.say_yes(&mut screen);
    // Both rows that ask the same are answered, and nothing else of the rest.
    screen.wait_for("asked 1 of 3 briefs");
    assert_eq!(screen.screen().matches("not asked: 1 credit").count(), 2, "{}", screen.screen());
    show_tasks(&mut screen);
    screen.wait_for("1 under way").wait_for("1 of 3 briefs · sent: slow jazz");
    assert_eq!(screen.bells(), bells);
    go_on.send(()).unwrap();
    screen
        .wait_for("The batch is done: 3 asked.")
        .wait_for("0 under way")
        .wait_for("✓ 3 asked");
    assert_eq!(screen.bells(), bells + 1);
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (4, 4));

    screen.type_keys("\x1b").wait_gone("0 under way");
    screen.type_keys("B").wait_for("another file");
    assert!(!screen.screen().contains("missing"), "{}", screen.screen());
    screen.type_keys("\x1b").wait_gone("another file");
    screen.type_keys("q");
    assert!(screen.wait_exit().success());
    let receipts = house.run(&["receipts", "--json"]).exits(0).json();
    let of_chase = |receipt: &&serde_json::Value| receipt["project"] == "Chase" && receipt["query"] == "harsh techno";
    assert_eq!(receipts.as_array().unwrap().iter().filter(of_chase).count(), 1);
}

/// Where the library is, which the program has open.
fn library(house: &House) -> rusqlite::Connection {
    rusqlite::Connection::open(house.path().join(".local/share/trackyard-tui/library.db")).unwrap()
}

#[test]
fn an_answer_that_cannot_be_stored_ends_it_and_is_here_as_long_as_the_program() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "calm piano\nslow jazz\n");
    let mut screen = listed(&house, &briefs);
    screen.wait_for("asks the 2 missing");
    let full = "CREATE TRIGGER full BEFORE INSERT ON searches BEGIN SELECT RAISE(FAIL, 'the disk is full'); END";
    library(&house).execute_batch(full).unwrap();
    screen.type_keys("a");
    house.say_yes(&mut screen);
    screen.wait_for("1 asked, 1 left").wait_for("the last answer could not be put");
    screen.type_keys("\r").wait_for("100 tracks").wait_for("free · asked");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));
}

#[test]
fn what_was_sent_is_waited_for_and_the_rest_is_cancelled_for_nothing() {
    let house = House::new();
    with_a_bell(&house);
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\nfour\n");
    let go_on = hold_back(&house, 1);
    let mut screen = listed(&house, &briefs);
    let bells = screen.bells();
    screen.type_keys("a");
    house.say_yes(&mut screen);
    show_tasks(&mut screen);
    screen.wait_for("1 of 4 briefs · sent: two");
    screen.type_keys("x").wait_for("waits for what was sent");
    go_on.send(()).unwrap();
    screen.wait_for("2 asked, 2 left · cancelled").wait_for("0 under way");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 2));
    assert_eq!(screen.bells(), bells, "who has cancelled it knows");
    // With nothing under way there is nothing to ask before it leaves.
    screen.type_keys("\x1b").wait_gone("0 under way");
    screen.type_keys("q");
    assert!(screen.wait_exit().success());
    let plan = house.run(&["batch", &briefs, "--dry-run", "--json"]).exits(0).json();
    assert_eq!((plan["cached"].as_i64(), plan["to_ask"].as_i64()), (Some(2), Some(2)));
    assert_eq!(house.paid_requests(), 2);
}

#[test]
fn a_rate_limit_is_told_in_the_tasks_and_what_waits_for_it_can_be_cancelled() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n");
    let mut screen = listed(&house, &briefs);
    // A few of a minute's requests are used up already.
    house.sandbox.set_limits(Some(6), Some(10_000));
    screen.type_keys("a");
    house.say_yes(&mut screen);
    show_tasks(&mut screen);
    screen.wait_for("the rate limit opens in");
    screen.type_keys("x").wait_for("left · cancelled");
    let asked = house.sandbox.charged();
    assert!((1..8).contains(&asked), "{asked}");
    screen.wait_for(&format!("{asked} asked, {} left", 8 - asked));
}

#[test]
fn unsure_of_a_credit_it_asks_nothing_more() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\n");
    house.sandbox.faults().add_times(Target::Search, Fault::ChargedReset, 1);
    // Nobody can look up what became of it.
    house.sandbox.faults().add(Target::Usage, Fault::Status(503));
    let mut screen = listed(&house, &briefs);
    screen.type_keys("a");
    house.say_yes(&mut screen);
    screen.wait_for("1 unsure");
    show_tasks(&mut screen);
    screen.wait_for("0 under way").wait_for("0 asked, 3 left · no whole answer");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));
}

#[test]
fn a_brief_that_the_server_refuses_is_left_out_and_the_others_go_on() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\n");
    house.sandbox.faults().add_times(Target::Search, Fault::Status(400), 1);
    let mut screen = listed(&house, &briefs);
    screen.type_keys("a");
    house.say_yes(&mut screen);
    screen.wait_for("The batch is done: 2 asked, 1 failed.").wait_for("refused, free");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 3));
}

#[test]
fn leaving_asks_while_a_batch_is_under_way_and_lets_nothing_more_leave() {
    let house = House::new();
    let briefs = file(&house, "briefs.txt", "one\ntwo\nthree\n");
    let go_on = hold_back(&house, 1);
    let mut screen = listed(&house, &briefs);
    screen.type_keys("a");
    house.say_yes(&mut screen);
    screen.wait_for("asked 1 of 3 briefs");
    screen.wait_that("the second one sent", |_| house.paid_requests() == 2);
    screen.type_keys("\x1b").wait_gone("another file");
    screen.type_keys("q").wait_for("Leave now?").wait_for("a batch, 1 of 3 briefs");
    // It is deaf at first; a person presses again.
    for _ in 0..100 {
        if !screen.screen().contains("Leave now?") {
            break;
        }
        screen.type_keys("y");
        std::thread::park_timeout(Duration::from_millis(100));
    }
    assert!(screen.wait_exit().success());
    go_on.send(()).unwrap();
    // The next start finds out what the second one cost, and nobody has asked for the third.
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 2));
}

#[test]
fn on_the_command_line_the_bell_rings_at_the_end_where_there_is_a_terminal() {
    let house = House::new();
    with_a_bell(&house);
    let briefs = file(&house, "briefs.txt", "one\ntwo\n");
    let rings = |args: &[&str]| {
        let mut batch = Terminal::start(args, &house.environment(), 120, 20);
        assert!(batch.wait_exit().success());
        batch.bells()
    };
    assert_eq!(rings(&["batch", &briefs, "--yes"]), 1);
    assert_eq!(rings(&["batch", &briefs, "--yes"]), 0, "nothing had to be asked");
    let more = file(&house, "more.txt", "three\n");
    let ran = house.run(&["batch", &more, "--yes", "--json"]).exits(0);
    assert!(!ran.stderr().contains('\x07') && !ran.stdout().contains('\x07'));
    assert_eq!(house.sandbox.charged(), 3);
}
