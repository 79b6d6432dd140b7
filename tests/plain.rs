//! The program in lines of text, through a pipe and at a terminal: what it says, what it costs, and that nobody is surprised.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::terminal::{PATIENCE, Terminal};
use common::{House, PROGRAM, decoded};
use trackyard_tui::sandbox::{Fault, Target};

/// What was said to these lines, and how it ended.
fn talk_with(house: &House, args: &[&str], variables: &[(&str, &str)], lines: &[&str]) -> (Vec<String>, i32) {
    let mut command = house.command(&["--plain", "--no-audio"]);
    command.args(args);
    for (name, value) in variables {
        command.env(name, value);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // A program that has left does not read on.
    let _ = input.write_all((lines.join("\n") + "\n").as_bytes());
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for c in said.chars() {
        assert!(c == '\n' || !c.is_control(), "only text is written: {c:?} in {said}");
        assert!(!('\u{2500}'..='\u{259f}').contains(&c), "nothing is drawn: {c} in {said}");
    }
    assert!(!said.contains(house.sandbox.key()), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "everything is in one place");
    (said.lines().map(ToOwned::to_owned).collect(), output.status.code().unwrap_or(-1))
}

fn talk(house: &House, lines: &[&str]) -> Vec<String> {
    let (said, exit) = talk_with(house, &[], &[], lines);
    assert_eq!(exit, 0, "{said:#?}");
    said
}

#[track_caller]
fn heard(said: &[String], words: &str) -> usize {
    said.iter()
        .position(|line| line.contains(words))
        .unwrap_or_else(|| panic!("never heard {words:?} in {said:#?}"))
}

#[test]
fn from_words_to_a_file_for_exactly_two_credits() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano for a rainy scene",
            "ask",
            "list",
            "describe 2",
            "play 2",
            "where",
            "download 2",
            "buy",
            "downloads",
            "account",
        ],
    );
    let order = [
        "costs 1 credit",
        "Say ask to spend it",
        "100 tracks from the sandbox",
        "1 credit spent, 49 left",
        "1 to 10 of 100",
        "Title: ",
        "Playing ",
        " left. Say buy to spend it",
        "Saved for 1 credit",
        "saved as ",
        "Credits: 48 of 50",
    ];
    let mut last = 0;
    for words in order {
        // The sandbox of the house is not the embedded one, so its name is its host.
        let words = words.replace("the sandbox", "127.0.0.1");
        let at = last + heard(&said[last..], &words);
        last = at;
    }
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 2));
    let files: Vec<_> = std::fs::read_dir(house.music())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    assert!(decoded(&files[0]).0 > 60.0);
}

#[test]
fn nothing_is_spent_without_the_word_right_after_its_question() {
    let house = House::new();
    let scripts: &[&[&str]] = &[
        // The end of the input says no.
        &["search calm piano"],
        // Other words say no, and so does `yes`.
        &["search calm piano", "yes", "y", "buy", "ask again", "ask more"],
        // Nothing was asked about.
        &["ask", "buy", "buy again"],
        // The words are others than those whose price was told.
        &["search calm piano", "filter energy low", "ask"],
        &["search calm piano", "filter energy low", "filter clear", "ask"],
        // Something was said in between that is about something else.
        &["search calm piano", "shortlist", "ask"],
        &["search calm piano", "cancel", "ask"],
        &["search calm piano", "bye", "ask"],
    ];
    for script in scripts {
        let (said, _) = talk_with(&house, &[], &[], script);
        assert_eq!(house.paid_requests(), 0, "{script:?}: {said:#?}");
    }
    talk(&house, &["search calm piano", "ask"]);
    assert_eq!(house.sandbox.charged(), 1);
    let scripts: &[&[&str]] = &[
        &["search calm piano", "download 1"],
        &["search calm piano", "download 1", "list", "buy"],
        &["search calm piano", "download 1", "no", "buy"],
        &["search calm piano", "download 1", "y"],
        &["search calm piano", "download 1", "ask"],
        &["search calm piano", "download 1", "buy again"],
        &["search calm piano", "more", "ask"],
        &["search calm piano", "again", "ask"],
    ];
    for script in scripts {
        let (said, _) = talk_with(&house, &[], &[], script);
        assert_eq!(house.paid_requests(), 1, "{script:?}: {said:#?}");
        heard(&said, "credit");
    }
}

#[test]
fn what_is_only_read_between_a_price_and_its_word_leaves_it_open() {
    let house = House::new();
    let said = talk(&house, &["search calm piano", "help ask", "list", "account", "filter moods", "ask"]);
    let price = heard(&said, "Say ask to spend it");
    assert!(heard(&said, "Credits: 50 of 50") > price);
    heard(&said, "1 credit spent, 49 left");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));
}

#[test]
fn briefs_are_gone_through_by_words_and_each_that_is_asked_costs_one_credit() {
    let house = House::new();
    let file = house.path().join("day.txt");
    std::fs::write(&file, "calm piano\nbright funk\n").unwrap();
    let open = format!("briefs {}", file.display());
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            &open,
            "next-brief",
            "ask",
            "shortlist 1",
            "briefs",
            "briefs 1",
            "previous-brief",
        ],
    );
    let order = [
        "2 briefs of ",
        "Brief 1 of 2: “calm piano”; asked just now",
        "100 tracks asked just now, nothing spent",
        "Brief 2 of 2: “bright funk”; not asked yet",
        "“bright funk” costs 1 credit",
        "1 credit spent, 48 left",
        "1: “calm piano”; asked just now",
        "2: “bright funk”; asked just now; 1 track on its shortlist, here",
        "Brief 1 of 2",
        "That was the first brief.",
    ];
    let mut last = 0;
    for words in order {
        last += heard(&said[last..], words);
    }
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (2, 2));
    let (said, exit) = talk_with(&house, &[], &[], &["briefs /nowhere.csv", "next-brief", "tasks"]);
    heard(&said, "Error: /nowhere.csv: ");
    heard(&said, "No briefs are open: say briefs");
    heard(&said, "Nothing is under way");
    assert_eq!(exit, 1);
}

/// `talk` sees to it that only text is written.
#[test]
fn a_pipe_is_not_rung_whatever_the_configuration_says() {
    for way in ["bell", "osc9", "osc777"] {
        let house = House::new();
        let config = house.path().join(".config/trackyard-tui/config.toml");
        std::fs::create_dir_all(config.parent().unwrap()).unwrap();
        std::fs::write(&config, format!("notify = \"{way}\"\n")).unwrap();
        let said = talk(&house, &["search calm piano", "ask", "download 1", "buy", "copy 1"]);
        heard(&said, "Saved for 1 credit");
    }
}

#[test]
fn what_was_asked_before_is_shown_at_once_for_nothing() {
    let house = House::new();
    talk(&house, &["search calm piano", "ask"]);
    let said = talk(&house, &["search  Calm  PIANO", "list 95", "earlier"]);
    heard(&said, "just now: free");
    heard(&said, "100 tracks asked just now, nothing spent");
    heard(&said, "95 to 100 of 100, the last");
    heard(&said, "calm piano");
    let said = talk(&house, &["search piano calm", "near", "describe"]);
    heard(&said, "Nearly the same");
    heard(&said, "nothing spent");
    assert_eq!(house.sandbox.charged(), 1);
}

#[test]
fn the_next_page_and_the_same_anew_ask_with_words_of_their_own() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            "more",
            "ask more",
            "list 150",
            "again",
            "ask again",
            "list",
        ],
    );
    heard(&said, "tracks 101 to 200");
    heard(&said, "150: ");
    heard(&said, "asked again, although the answer is here");
    assert_eq!(house.sandbox.charged(), 3);
    // The page that was paid for comes for nothing, and nothing is asked.
    let said = talk(&house, &["search calm piano", "more", "list 150"]);
    heard(&said, "Free: this page was asked before");
    heard(&said, "150: ");
    assert_eq!(house.sandbox.charged(), 3);
}

#[test]
fn what_is_owned_is_said_and_only_buy_again_pays_again() {
    let house = House::new();
    talk(&house, &["search calm piano", "ask", "download 1", "buy"]);
    let (said, exit) = talk_with(&house, &[], &[], &["search calm piano", "download 1", "buy"]);
    heard(&said, "You own");
    assert_eq!((exit, house.sandbox.charged()), (1, 2), "buy means nothing there");
    talk(&house, &["search calm piano", "download 1", "buy again"]);
    assert_eq!(house.sandbox.charged(), 3);
}

#[test]
fn filters_order_choices_and_lists_are_lines() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search music for everything",
            "ask",
            "filter energy low",
            "filter",
            "filter bpm 60-100",
            "filter moods",
            "filter clear",
            "sort bpm",
            "1",
            "next",
            "previous",
            "unheard",
            "shortlist 3",
            "shortlist 4",
            "reject 5",
            "shortlists",
            "2",
            "note for the title",
            "up",
            "remove",
            "undo",
            "list",
            "export",
            "close",
            "project Another film",
            "close",
            "project",
            "like 1",
            "1",
            "take",
            "list",
            "copy 1",
            "volume 55",
            "volume",
            "auto",
            "sort energy",
        ],
    );
    for words in [
        "Filters: low energy.",
        "60–100 bpm",
        "Known moods: ",
        "No filters.",
        "Sorted: by BPM.",
        "is on the shortlist",
        "is rejected",
        ": 2 tracks",
        "note: for the title",
        "Exported: ",
        "Project Another film: 0 tracks",
        "The project at hand is Another film",
        "% alike: ",
        "from what you have seen before: free",
        "Copied ",
        "Volume: 55 %",
        "Sorted: by energy.",
    ] {
        heard(&said, words);
    }
    assert_eq!(house.sandbox.charged(), 1);
}

#[test]
fn sound_is_followed_by_words() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            "play 2",
            "pause",
            "seek 0:10",
            "seek +5",
            "seek 50 %",
            "loop in",
            "seek 0:20",
            "loop out",
            "where",
            "loop off",
            "peak",
            "play 3",
            "wait",
        ],
    );
    for words in [
        "Playing ",
        "Paused: ",
        "At 0:10 of ",
        "At 0:15 of ",
        "Loop from ",
        "Repeats",
        "Repeat off",
        "The preview has ended.",
    ] {
        heard(&said, words);
    }
}

#[test]
fn a_clip_is_fitted_and_bought_by_its_own_word() {
    let house = House::new();
    let (said, exit) = talk_with(
        &house,
        &[],
        &[],
        &[
            "search epic trailer",
            "ask",
            "clip 1",
            "length 20",
            "hit 8",
            "hit 30",
            "rehearse",
            "download",
            "no",
            "download",
            "buy",
            "close",
            "receipts",
        ],
    );
    for words in [
        "A clip of ",
        "Estimate: ",
        "Length: 20 s",
        "Hit point: 8.0 s",
        "Error: 30 s is not inside of the clip",
        "What: a clip of 20 s",
        "Left it: nothing spent.",
        "Saved for 1 credit",
        "a clip of 20 s, 1 credit",
    ] {
        heard(&said, words);
    }
    assert_eq!((house.sandbox.charged(), exit), (2, 1), "a hit point of 30 s was a mistake");
}

#[test]
fn the_history_the_receipts_and_the_help_are_read() {
    let house = House::new();
    let said = talk(
        &house,
        &[
            "search calm piano",
            "ask",
            "usage",
            "receipts",
            "receipts check",
            "help",
            "help download",
            "help copy",
            "copy 1",
            "copy 1",
            "help actions",
            "tasks",
            "message",
        ],
    );
    for words in [
        "/search, status 200, 1 credit",
        "search “calm piano”, 1 credit, 49 left",
        "bought files",
        "Searching:",
        "download [NUMBER]: ",
        "copy [NUMBER]: copies the track's id; again, a line for the credits",
        "Copied trk_",
        "licensed through Trackyard”",
        "loop-in: ",
        "redraw: the same as where",
        "Nothing is under way",
    ] {
        heard(&said, words);
    }
}

#[test]
fn mistakes_are_named_nothing_is_lost_and_the_exit_code_tells() {
    let house = House::new();
    let (said, exit) = talk_with(
        &house,
        &[],
        &[],
        &["serch piano", "5", "seek 3", "filter tempo 3", "search", "list"],
    );
    for words in [
        "Did you mean search?",
        "no tracks yet",
        "no place to go to",
        "There is no filter “tempo”",
        "Say search, and what",
    ] {
        heard(&said, words);
    }
    assert_eq!(exit, 1);
    house.sandbox.faults().add_times(Target::Search, Fault::ChargedReset, 1);
    let (said, exit) = talk_with(&house, &[], &[], &["search calm piano", "ask", "account"]);
    assert_eq!((exit, house.sandbox.charged(), house.paid_requests()), (8, 1, 1), "{said:#?}");
}

#[test]
fn a_budget_holds_and_offline_asks_nobody() {
    let house = House::new();
    let (said, exit) = talk_with(&house, &["--budget", "0"], &[], &["search calm piano", "ask"]);
    assert_eq!((exit, house.paid_requests()), (1, 0), "{said:#?}");
    talk(&house, &["search calm piano", "ask"]);
    let before = house.sandbox.requests().len();
    let (said, _) = talk_with(
        &house,
        &["--offline"],
        &[],
        &["search calm piano", "list 2", "search harsh techno", "ask", "download 1"],
    );
    heard(&said, "2: ");
    assert_eq!(
        house
            .sandbox
            .requests()
            .iter()
            .skip(before)
            .filter(|seen| seen.method == "POST")
            .count(),
        0,
        "{said:#?}"
    );
}

#[test]
fn without_a_key_there_is_a_choice_and_a_key_given_is_not_shown() {
    let house = House::new();
    let (said, exit) = talk_with(
        &house,
        &[],
        &[("TRACKYARD_API_KEY", "")],
        &["search piano", "key", "schlüssel", "key", house.sandbox.key(), "account"],
    );
    heard(&said, "There is no API key yet");
    heard(&said, "The key is kept in");
    heard(&said, "Credits: 50 of 50");
    assert_eq!(exit, 1, "one of the keys was none");
    let (said, _) = talk_with(&house, &[], &[("TRACKYARD_API_KEY", "")], &["account"]);
    heard(&said, "Credits: 50 of 50");
    let other = House::new();
    let said = talk_with(
        &other,
        &[],
        &[("TRACKYARD_API_KEY", "")],
        &["sandbox", "search calm piano", "ask", "quit", "list"],
    )
    .0;
    heard(&said, "100 tracks from the sandbox");
    assert_eq!(said.last().unwrap(), "Good bye.");
    assert!(other.sandbox.requests().is_empty());
}

/// Says yes to the price of a search. It is deaf at first, on purpose; a person says it again.
fn say_ask(house: &House, terminal: &mut Terminal) {
    let end = Instant::now() + PATIENCE;
    while house.paid_requests() == 0 {
        assert!(Instant::now() < end, "nothing was asked; the screen is\n{}", terminal.screen());
        terminal.type_keys("ask\r");
        std::thread::park_timeout(Duration::from_millis(200));
    }
}

#[test]
fn a_termination_that_comes_with_an_interrupt_ends_it_all_the_same() {
    use rustix::process::{Pid, Signal, kill_process};
    // Which of the two is taken in first is chance.
    for _ in 0..5 {
        let house = House::new();
        // An interrupt alone does not leave a paid request.
        house.sandbox.faults().add(Target::Search, Fault::Latency(Duration::from_hours(1)));
        let mut terminal = Terminal::start(&["--plain", "--no-audio"], &house.environment(), 100, 60);
        terminal.wait_for("Say help");
        terminal.type_keys("search calm piano\r");
        terminal.wait_for("Say ask to spend it");
        say_ask(&house, &mut terminal);
        let process = Pid::from_raw(terminal.process() as i32).unwrap();
        kill_process(process, Signal::INT).unwrap();
        kill_process(process, Signal::TERM).unwrap();
        assert!(terminal.wait_exit().success());
    }
}

/// What is typed ahead of its question is tested beside the code, where no stall of the machine can make it late.
#[test]
fn at_a_terminal_the_word_that_spends_counts_once_its_price_can_have_been_heard() {
    let house = House::new();
    let mut terminal = Terminal::start(&["--plain", "--no-audio"], &house.environment(), 100, 60);
    terminal.wait_for("Say help");
    terminal.type_keys("search calm piano\r");
    terminal.wait_for("Say ask to spend it");
    assert_eq!(house.paid_requests(), 0);
    say_ask(&house, &mut terminal);
    terminal.wait_for("100 tracks from");
    terminal.type_keys("download 1\r");
    terminal.wait_for("Say buy to spend it");
    terminal.type_keys("describe 1\r");
    terminal.wait_for("Title: ");
    assert_eq!(house.sandbox.charged(), 1);
    terminal.type_keys("quit\r");
    assert!(terminal.wait_exit().success());
    assert!(!terminal.on_alternate_screen());
}

#[test]
fn a_terminal_that_did_not_show_what_is_typed_does_not_do_so_afterwards_and_one_that_did_does() {
    let house = House::new();
    let without_key: Vec<_> = house
        .environment()
        .into_iter()
        .filter(|(name, _)| name != "TRACKYARD_API_KEY")
        .collect();
    let talk = |before: &str, environment: &[(String, String)], lines: &[(&str, &str)]| {
        let script = format!("stty {before}; {PROGRAM} --plain --no-audio; stty -a");
        let mut terminal = Terminal::start_other("sh", &["-c", &script], environment, 100, 60);
        for (heard, typed) in lines {
            terminal.wait_for(heard);
            terminal.type_keys(typed);
        }
        assert!(terminal.wait_exit().success());
        let screen = terminal.screen();
        assert!(screen.split_whitespace().any(|word| word == before), "{before}: {screen}");
    };
    talk("-echo", &house.environment(), &[("Say help", "quit\r")]);
    talk("echo", &house.environment(), &[("Say help", "quit\r")]);
    // Left in the middle of a key, by the end of the input.
    let asked_for_a_key = [("There is no API key yet", "key\r"), ("it is not shown", "\x04")];
    talk("echo", &without_key, &asked_for_a_key);
    talk("-echo", &without_key, &asked_for_a_key);
}
