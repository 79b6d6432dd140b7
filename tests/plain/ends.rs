//! Mistakes, keys, terminals, and how it ends.

use rustix::process::{Pid, Signal, kill_process};

use super::*;

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

#[test]
fn a_pipe_that_is_ended_while_a_paid_request_is_on_its_way_is_unsure_of_it() {
    let house = House::new();
    house.sandbox.faults().add(Target::Search, Fault::Latency(Duration::from_hours(1)));
    let mut command = house.command(&["--plain", "--no-audio"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"search calm piano\nask\n").unwrap();
    let end = Instant::now() + PATIENCE;
    while house.paid_requests() == 0 {
        assert!(Instant::now() < end, "nothing was asked");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    kill_process(Pid::from_raw(child.id() as i32).unwrap(), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(8));
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
