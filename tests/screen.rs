//! The program on a real terminal, without sound: a person's way from words to a file.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::{House, decoded, terminal::Terminal};
use trackyard_tui::sandbox::{Fault, Origin, Target};

fn start(house: &House, columns: u16, rows: u16) -> Terminal {
    let terminal = Terminal::start(&["--no-audio"], &house.environment(), columns, rows);
    terminal.wait_for("50");
    terminal
}

/// What most tests here ask for.
const WORDS: &str = "calm piano for a rainy scene";
/// The sandbox's files have 128 kbit/s.
const BYTES_A_SECOND: f64 = 16_000.0;

fn search(terminal: &mut Terminal) {
    terminal.type_keys(WORDS);
    terminal.wait_for("rainy scene").wait_for("1 credit");
    terminal.type_keys("\r");
    terminal.wait_for("100 tracks");
}

#[test]
fn from_words_to_a_file_for_exactly_two_credits() {
    let house = House::new();
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    terminal.wait_for("49");
    assert_eq!(house.sandbox.charged(), 1);

    // Cancelled: nothing spent.
    terminal.type_keys("jjd");
    terminal.wait_for("Cancel").wait_for("y confirms");
    terminal.type_keys("\x1b");
    terminal.wait_gone("Cancel");
    assert_eq!(house.sandbox.charged(), 1);

    // Confirmed: one credit, and the file is there.
    terminal.type_keys("d");
    house.say_yes(&mut terminal);
    terminal.wait_for("Saved for 1 credit").wait_for("48");
    assert_eq!((house.sandbox.charged(), house.sandbox.balance()), (2, 48));
    let files: Vec<_> = std::fs::read_dir(house.music())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(decoded(&files[0]).0 > 60.0);

    terminal.type_keys("q");
    assert!(terminal.wait_exit().success());
    assert!(!terminal.on_alternate_screen());

    // The key went to the API and nowhere else: not into the log, at its most talkative, nor a database, nor a preview's request.
    let key = house.sandbox.key();
    let log = house.files().into_iter().find(|file| file.ends_with("log.txt")).expect("a log");
    assert!(std::fs::metadata(log).unwrap().len() > 0, "the log is at its most talkative");
    for file in house.files() {
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(!bytes.windows(key.len()).any(|part| part == key.as_bytes()), "{}", file.display());
    }
    assert!(!terminal.screen().contains(key));
    let requests = house.sandbox.requests();
    let previews: Vec<_> = requests.iter().filter(|seen| seen.origin == Origin::Previews).collect();
    assert!(!previews.is_empty());
    assert!(previews.iter().all(|seen| !seen.authorized && !seen.path.contains(key)));
}

#[test]
fn a_download_without_yes_asks_on_a_terminal_and_an_owned_one_has_nothing_to_ask() {
    let house = House::new();
    let found = house.run(&["search", "calm piano", "--json"]).exits(0).json();
    let id = found["tracks"][0]["id"].as_str().unwrap();
    let say = |answer: &str| {
        let mut terminal = Terminal::start(&["download", id, "--duration", "10"], &house.environment(), 140, 20);
        terminal.wait_for("for 1 credit? [y/N]");
        terminal.type_keys(answer);
        terminal.wait_exit().exit_code()
    };
    assert_eq!((say("n\r"), say("\r"), house.sandbox.charged()), (1, 1, 1));
    assert_eq!((say("y\r"), house.sandbox.charged()), (0, 2));
    let mut owned = Terminal::start(&["download", id, "--duration", "10"], &house.environment(), 140, 20);
    assert!(owned.wait_exit().success());
    assert!(owned.screen().contains("0 credits spent") && !owned.screen().contains("[y/N]"));
    assert_eq!(house.sandbox.charged(), 2);
    // Gone from the disk, it costs again, and nobody has said yes to that.
    std::fs::remove_dir_all(house.music()).unwrap();
    assert_eq!((say("n\r"), house.sandbox.charged()), (1, 2));
}

#[test]
fn a_hundred_rows_in_three_seconds_fetch_a_handful_of_previews_and_spend_nothing() {
    let house = House::new();
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    house.sandbox.faults().add(Target::Preview, Fault::Latency(Duration::from_hours(1)));
    let previews = || {
        house
            .sandbox
            .requests()
            .iter()
            .filter(|seen| seen.origin == Origin::Previews)
            .count()
    };
    // The first row and the last one are asked for, each with its neighbours: about ten. So are those where a busy machine made the keys
    // falter, so that the smallest number of a few times counts. A program that asks on the way does so every time.
    let mut asked = Vec::new();
    while asked.len() < 6 && asked.iter().all(|asked| *asked > 30) {
        terminal.type_keys("g");
        terminal.wait_for("1 / 100");
        let before = previews();
        for _ in 0..99 {
            terminal.type_keys("j");
            std::thread::park_timeout(Duration::from_millis(30));
        }
        terminal.wait_for("100 / 100");
        terminal.wait_that("a preview that is asked for", |_| previews() > before);
        asked.push(previews() - before);
    }
    assert!(asked.iter().any(|asked| *asked <= 30), "so many previews were asked for: {asked:?}");
    assert_eq!((house.sandbox.charged(), house.paid_requests()), (1, 1));
}

#[test]
fn keys_are_on_the_screen_while_a_search_is_in_flight_and_old_rows_stay() {
    let house = House::new();
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    house.sandbox.faults().add(Target::Search, Fault::Latency(Duration::from_hours(1)));
    terminal.type_keys("/\x15slow jazz\r");
    terminal.wait_for("asking 127.0.0.1").wait_for("100 tracks");
    terminal.type_keys("/ and more");
    terminal.wait_for("slow jazz and more");
}

#[test]
fn the_key_is_nowhere_whatever_goes_wrong() {
    let house = House::new();
    let key = house.sandbox.key().to_owned();
    let faults = house.sandbox.faults();
    let repeated = key.clone();
    let mut terminal = start(&house, 140, 42);
    let cases: [(Vec<Fault>, &str); 7] = [
        (
            vec![Fault::mangle(move |answer| {
                answer["tracks"][0]["title"] = format!("made for {repeated}").into();
                answer["tracks"][0]["preview_url"] = format!("http://127.0.0.1:9/{repeated}").into();
            })],
            "made for [API key]",
        ),
        (vec![Fault::Status(401)], "missing, wrong, expired or revoked"),
        (vec![Fault::Status(400)], "refused the request"),
        (vec![Fault::ChargedReset], "no whole answer"),
        (vec![Fault::TruncateBody(40)], "cannot be read"),
        // Between two that say the same, so that what is waited for is not what was there before.
        (vec![Fault::StatusHtml(502)], "something between here and Trackyard"),
        (vec![Fault::EmptyBody], "cannot be read"),
    ];
    // So that nobody finds out what became of the lost ones before that is looked at.
    faults.add(Target::Usage, Fault::Status(503));
    for (number, (wrong, says)) in cases.into_iter().enumerate() {
        for fault in wrong {
            faults.add_times(Target::Search, fault, 1);
        }
        terminal.type_keys(&format!("/\x15calm piano {number}\r"));
        terminal.wait_for(says);
        terminal.type_keys(" ");
    }
    terminal.type_keys("L").wait_for("Receipts").wait_for("unsure");
    terminal.type_keys("\x1b").wait_gone("Receipts");
    faults.clear_target(Target::Usage);
    terminal.type_keys("u").wait_for("Usage").wait_for("/search");
    // Who looks at the running programs sees how they were started.
    let started_as = std::fs::read(format!("/proc/{}/cmdline", terminal.process())).unwrap_or_default();
    // Apart: together they would be Alt with ^c.
    terminal.type_keys("\x1b").wait_gone("Usage");
    terminal.type_keys("\x03\x03");
    terminal.wait_exit();
    let is_key = |bytes: &[u8]| bytes.windows(key.len()).any(|part| part == key.as_bytes());
    assert!(!is_key(&started_as));
    assert!(!terminal.ever_wrote(key.as_bytes()));
    let log = house.files().into_iter().find(|file| file.ends_with("log.txt")).expect("a log");
    assert!(
        std::fs::read_to_string(&log).unwrap().contains("TRACE"),
        "the log is at its most talkative"
    );
    for file in house.files() {
        assert!(!is_key(&std::fs::read(&file).unwrap_or_default()), "{}", file.display());
    }
    assert!(house.sandbox.requests().iter().all(|seen| !seen.path.contains(&key)));
}

#[test]
fn at_rest_nothing_is_written() {
    let house = House::new();
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    // Pause, and let the news of the search go by.
    terminal.type_keys(" ");
    let quiet = || {
        let before = terminal.bytes_written();
        std::thread::park_timeout(Duration::from_secs(3));
        terminal.bytes_written() == before
    };
    // What is found out about previews comes late on a slow machine, and is drawn; but it comes to an end.
    assert!((0..20).any(|_| quiet()), "something is drawn again and again");
}

#[test]
fn it_works_at_every_size_and_while_the_window_changes() {
    let house = House::new();
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    for (columns, rows) in [(80, 24), (40, 12), (250, 70), (100, 15), (140, 42)] {
        // Too small for anything but a notice, on the way to every size.
        terminal.resize(29, 7);
        terminal.wait_for("Make the window larger");
        terminal.resize(columns, rows);
        terminal.wait_for("100 tracks").wait_for("/ 100");
        terminal.type_keys("j");
    }
    terminal.type_keys("?");
    terminal.wait_for("draw the screen anew");
}

#[test]
fn no_key_is_lost_while_the_window_changes() {
    let house = House::new();
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    terminal.wait_for("1 / 100");
    for step in 0..90 {
        terminal.type_keys("j");
        terminal.resize(140 - step % 7, 42 - step % 3);
    }
    terminal.wait_for("91 / 100");
}

#[test]
fn a_termination_gives_the_terminal_back() {
    use rustix::process::{Pid, Signal, kill_process};
    let house = House::new();
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = Terminal::start(&["--no-audio"], &house.environment(), 80, 24);
        let process = Pid::from_raw(terminal.process() as i32).unwrap();
        // As early as there is something to give back.
        terminal.wait_that("its screen", Terminal::on_alternate_screen);
        kill_process(process, signal).unwrap();
        assert!(terminal.wait_exit().success(), "{signal:?}: it has left by itself");
        assert!(!terminal.on_alternate_screen(), "{signal:?}");
    }
}

/// The variable with which the test below says that it wants the program.
const PANICS: &str = "TRACKYARD_TEST_PANICS";

/// Not a test: the program of the next one, which runs this binary again. Run with all the others it does nothing.
#[test]
#[ignore = "ends its process"]
fn program_that_panics() {
    if std::env::var_os(PANICS).is_none() {
        return;
    }
    let _guard = trackyard_tui::term::Guard::take(true).unwrap();
    trackyard_tui::term::install_panic_hook();
    std::thread::spawn(|| panic!("of a thread that nobody waits for"));
    loop {
        std::thread::park();
    }
}

#[test]
fn a_panic_in_any_thread_gives_the_terminal_back_and_says_why() {
    let tests = std::env::current_exe().unwrap();
    let args = ["--exact", "program_that_panics", "--ignored", "--nocapture"];
    let told = [(PANICS.to_owned(), "1".to_owned())];
    let mut terminal = Terminal::start_other(tests.to_str().unwrap(), &args, &told, 100, 30);
    let ended = terminal.wait_exit();
    assert_eq!(ended.exit_code(), 101);
    assert!(!terminal.on_alternate_screen());
    assert!(
        terminal.screen().contains("of a thread that nobody waits for"),
        "{}",
        terminal.screen()
    );
}

#[test]
fn put_into_the_background_the_shell_has_its_terminal_and_fg_brings_everything_back() {
    let house = House::new();
    let mut environment = house.environment();
    environment.push(("PS1".into(), "shell> ".into()));
    let mut terminal = Terminal::start_other("bash", &["--norc", "--noprofile", "-i"], &environment, 140, 42);
    terminal.wait_for("shell> ");
    terminal.type_keys(&format!("{} --no-audio\r", common::PROGRAM));
    terminal.wait_for("50 of 50");
    search(&mut terminal);
    terminal.type_keys("\x1a");
    terminal.wait_for("Stopped");
    assert!(!terminal.on_alternate_screen());
    terminal.type_keys("echo still $((6*7)) here\r");
    terminal.wait_for("still 42 here");
    terminal.type_keys("fg\r");
    terminal.wait_for("100 tracks");
    assert!(terminal.on_alternate_screen());
    terminal.type_keys("q");
    terminal.wait_until("a prompt", |screen| screen.contains("fg") && screen.trim_end().ends_with("shell>"));
    terminal.type_keys("exit\r");
    assert!(terminal.wait_exit().success());
    assert_eq!(house.sandbox.charged(), 1);
}

#[test]
fn without_a_key_it_opens_with_a_choice_and_the_sandbox_is_one_key_away() {
    let house = House::new();
    let mut environment = house.environment();
    environment.retain(|(name, _)| name != "TRACKYARD_API_URL");
    environment
        .iter_mut()
        .find(|(name, _)| name == "TRACKYARD_API_KEY")
        .unwrap()
        .1
        .clear();
    let mut terminal = Terminal::start(&["--no-audio"], &environment, 100, 30);
    terminal.wait_for("TRACKYARD_API_KEY");
    terminal.type_keys("s");
    terminal.wait_for("sandbox").wait_for("50").wait_for("Tour 1/6");
    search(&mut terminal);
    assert!(house.sandbox.requests().is_empty(), "that was a sandbox of its own");
}

#[test]
fn a_sandbox_leaves_what_is_the_users_own_alone_and_nothing_behind() {
    let house = House::new();
    let temporary = house.path().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let mut environment = house.environment();
    environment.retain(|(name, _)| name != "TRACKYARD_API_KEY");
    environment.push(("TMPDIR".to_owned(), temporary.display().to_string()));
    for args in [&["--sandbox", "--no-audio"][..], &["--no-audio"]] {
        let mut terminal = Terminal::start(args, &environment, 140, 42);
        if !args.contains(&"--sandbox") {
            terminal.wait_for("TRACKYARD_API_KEY");
            terminal.type_keys("s");
        }
        terminal.wait_for("sandbox").wait_for("50");
        search(&mut terminal);
        let kept = |ending: &str| {
            let files = house.files();
            files
                .iter()
                .any(|file| file.starts_with(&temporary) && file.to_string_lossy().ends_with(ending))
        };
        terminal.wait_that("a preview that is kept", |_| kept(".preview"));
        assert!(kept("library.db") && kept("ledger.db"));
        for own in [".local/share", ".cache"] {
            assert!(!house.path().join(own).exists(), "{args:?}: {own}");
        }
        terminal.type_keys("q");
        assert!(terminal.wait_exit().success());
        let left: Vec<_> = std::fs::read_dir(&temporary).unwrap().collect();
        assert!(left.is_empty(), "{args:?}: {left:?}");
    }
    assert!(house.sandbox.requests().is_empty(), "those were sandboxes of their own");
}

#[test]
fn a_ledger_that_cannot_be_used_refuses_what_is_paid_and_is_left_as_it_is() {
    let house = House::new();
    house.run(&["search", "calm piano"]).exits(0);
    let ledger = house.path().join(".local/share/trackyard-tui/ledger.db");
    for beside in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(ledger.with_file_name(beside));
    }
    std::fs::write(&ledger, b"not a database at all, but not ours to throw away").unwrap();
    let mut terminal = Terminal::start(&["--no-audio"], &house.environment(), 140, 42);
    terminal.wait_for("nothing paid is sent");

    // What was seen before is still free.
    terminal.type_keys("calm piano");
    terminal.wait_for("free · asked");
    terminal.type_keys("\r");
    terminal.wait_for("100 tracks");

    terminal.type_keys("/\x15harsh techno\r");
    terminal.wait_for("harsh techno").wait_for("╰ ✕ nothing paid is sent");
    assert_eq!(house.paid_requests(), 1);
    assert!(std::fs::read(&ledger).unwrap().starts_with(b"not a database"));
    terminal.type_keys("q");
    assert!(terminal.wait_exit().success());
}

/// Configures the program, all at once: one that runs reads the file when it changes, and must not find it half written.
fn configure(house: &House, text: &str) {
    let config = house.path().join(".config/trackyard-tui/config.toml");
    let anew = config.with_extension("anew");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&anew, text).unwrap();
    std::fs::rename(anew, config).unwrap();
}

/// The colours of the borders in the dark and in the light theme; neither theme has the other's. Their accents are in both, in the waveform.
const DARK_BORDER: u8 = 238;
const LIGHT_BORDER: u8 = 252;

#[test]
fn keys_and_theme_change_while_it_runs_and_a_mistake_is_named() {
    let house = House::new();
    configure(&house, "theme = 'dark'\n");
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    terminal.wait_that("the borders of the dark theme", |terminal| terminal.shows_color(DARK_BORDER));
    configure(&house, "theme = 'light'\n[keys.global]\nhelp = 'ctrl-g'\n");
    terminal.wait_for("read anew");
    terminal.wait_that("the borders of the light theme", |terminal| terminal.shows_color(LIGHT_BORDER));
    terminal.wait_that("the dark ones gone", |terminal| !terminal.shows_color(DARK_BORDER));
    terminal.type_keys("\x07");
    terminal.wait_for("draw the screen anew");
    terminal.type_keys("\x1b");
    terminal.wait_gone("draw the screen anew");
    // What cannot be understood changes nothing.
    configure(&house, "[keys.global]\nhlp = 'x'\n");
    terminal.wait_for("did you mean help?");
    assert!(terminal.shows_color(LIGHT_BORDER));
    terminal.type_keys("\x07");
    terminal.wait_for("draw the screen anew");
}

#[test]
fn at_the_first_start_a_key_can_be_pasted_and_is_kept_unseen() {
    let house = House::new();
    let key = house.sandbox.key().to_owned();
    let mut environment = house.environment();
    environment.retain(|(name, _)| name != "TRACKYARD_API_KEY");
    let mut terminal = Terminal::start(&["--no-audio"], &environment, 100, 30);
    terminal.wait_for("use a key of your own");
    terminal.type_keys("k");
    terminal.wait_for("it is not shown");
    terminal.type_keys("schlüssel\r");
    terminal.wait_for("copy it again");
    terminal.type_keys("\x15");
    terminal.wait_for("it is not shown");
    terminal.type_keys(&format!("\x1b[200~{key}\n\x1b[201~"));
    terminal.wait_for(&format!("{} characters", key.len()));
    assert!(!terminal.screen().contains(&key));
    terminal.type_keys("\r");
    // The balance stays, and the news goes by.
    terminal.wait_for("The key is kept in").wait_for("50 of 50");
    assert!(!terminal.screen().contains(&key));
    terminal.type_keys("\x03");
    terminal.wait_exit();
    // The next start has it.
    assert_eq!(house.run_with(&["me"], &[("TRACKYARD_API_KEY", "")]).exits(0).stderr(), "");
}

#[test]
fn the_tour_leads_a_newcomer_once_and_goes_out_of_the_way() {
    let house = House::new();
    let sandboxed = |columns, rows| Terminal::start(&["--sandbox", "--no-audio"], &house.environment(), columns, rows);
    let mut terminal = sandboxed(140, 42);
    terminal.wait_for("Tour 1/6").wait_for("50");
    search(&mut terminal);
    terminal.wait_for("Tour 2/6");
    terminal.type_keys("j");
    terminal.wait_for("Tour 3/6");
    terminal.type_keys("T");
    terminal.wait_gone("Tour 3/6").wait_for("out of the way");
    terminal.type_keys("q");
    assert!(terminal.wait_exit().success());
    assert!(house.files().iter().any(|file| file.ends_with("trackyard-tui/tour")));
    // Not again.
    let mut terminal = sandboxed(80, 24);
    terminal.wait_for("50");
    search(&mut terminal);
    assert!(!terminal.screen().contains("Tour"), "{}", terminal.screen());
    // Asked for, it is there.
    terminal.type_keys("T");
    terminal.wait_for("Tour 2/6");
    terminal.type_keys("q");
    assert!(terminal.wait_exit().success());
}

#[test]
fn what_is_under_way_is_listed_and_its_end_rings_the_bell() {
    let house = House::new();
    configure(&house, "notify = 'bell'\n");
    let mut terminal = start(&house, 140, 42);
    search(&mut terminal);
    // A question to the terminal ends with the same character.
    let asked = terminal.bells();
    terminal.type_keys("J");
    terminal.wait_for("Nothing is under way");
    terminal.type_keys("\x1b");
    terminal.wait_gone("Nothing is under way");
    // Slow enough to look at it, whatever stands still meanwhile, and over before anybody loses patience: 18 s.
    let seconds = house.run(&["search", WORDS, "--json"]).exits(0).json()["tracks"][0]["duration_seconds"]
        .as_f64()
        .unwrap();
    assert_eq!(house.sandbox.charged(), 1, "the length was known already");
    let bandwidth = (seconds * BYTES_A_SECOND / 18.0) as u64;
    house.sandbox.faults().add(Target::Download, Fault::Bandwidth(bandwidth));
    terminal.type_keys("d");
    house.say_yes(&mut terminal);
    terminal.type_keys("J");
    terminal.wait_for("1 under way").wait_for("not cancelled");
    terminal.type_keys("x");
    terminal.wait_for("so it is not cancelled");
    assert_eq!(terminal.bells(), asked);
    terminal.wait_for("0 under way").wait_for("✓");
    assert_eq!(terminal.bells(), asked + 1);
    assert_eq!(house.sandbox.charged(), 2);
}
