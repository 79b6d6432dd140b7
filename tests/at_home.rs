//! The program on terminals of every kind: light and dark ones, those without colour, windows that change, the clipboard.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use std::time::{Duration, Instant};

use common::{House, terminal::Terminal};

/// The accent colours of the dark and of the light theme.
const DARK: u8 = 116;
const LIGHT: u8 = 30;
/// What comes later than this after the question is no answer any more.
const ANSWERED: Duration = Duration::from_secs(5);

fn start(house: &House, variables: &[(&str, &str)]) -> Terminal {
    let mut environment = house.environment();
    environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let terminal = Terminal::start(&["--no-audio"], &environment, 140, 42);
    terminal.wait_for("50 of 50");
    terminal
}

#[test]
fn a_light_background_is_asked_for_and_the_answer_is_never_typed() {
    let house = House::new();
    // A machine that stalls for so long that the answer is late has shown nothing, and gets another try.
    let answered = (0..10).any(|_| {
        let begun = Instant::now();
        let mut terminal = Terminal::start(&["--no-audio"], &house.environment(), 140, 42);
        terminal.wait_that("the question", |terminal| terminal.ever_wrote(b"\x1b]11;?\x07"));
        // Without an answer it soon gives way to colours for any ground, so it may be seen no more.
        terminal.wait_that("the dark theme", |terminal| terminal.ever_wrote(dark().as_bytes()));
        // In the middle of what is typed.
        terminal.type_keys("calm \x1b]11;rgb:fdfd/f6f6/e3e3\x07");
        terminal.wait_that("the answer taken", |terminal| {
            terminal.shows_color(LIGHT) || terminal.screen().contains("rgb")
        });
        if terminal.screen().contains("rgb") {
            assert!(begun.elapsed() > ANSWERED, "an answer in time is typed: {}", terminal.screen());
            return false;
        }
        terminal.wait_that("the dark one gone", |terminal| !terminal.shows_color(DARK));
        terminal.type_keys("piano");
        terminal.wait_for("calm piano").wait_for("50 of 50");
        assert!(!terminal.screen().contains("rgb"), "{}", terminal.screen());
        true
    });
    assert!(answered, "no try was without a stall of seconds");
}

/// How the accent of the dark theme is written.
fn dark() -> String {
    format!("38;5;{DARK}")
}

#[test]
fn a_terminal_that_tells_its_background_or_has_no_colours_is_not_asked() {
    let house = House::new();
    for (variables, dark) in [
        (&[("COLORFGBG", "0;15")][..], false),
        (&[("NO_COLOR", "1")], false),
        (&[("TERM", "linux"), ("COLORTERM", "")], false),
        (&[("COLORFGBG", "15;0")], true),
    ] {
        let terminal = start(&house, variables);
        assert!(!terminal.ever_wrote(b"\x1b]11;?"), "{variables:?}");
        assert_eq!(terminal.shows_color(DARK), dark, "{variables:?}");
        assert_eq!(terminal.shows_color(LIGHT), variables[0].1 == "0;15", "{variables:?}");
    }
}

#[test]
fn a_storm_of_sizes_from_one_cell_to_an_enormous_window_ends_well() {
    let house = House::new();
    let mut terminal = start(&house, &[]);
    terminal.type_keys("calm piano\r");
    terminal.wait_for("100 tracks");
    for round in 0..20 {
        for (columns, rows) in [(1, 1), (500, 200), (30, 8), (2, 60), (300, 2), (80 + round, 24), (140, 42)] {
            terminal.resize(columns, rows);
        }
        terminal.type_keys("j");
    }
    terminal.wait_for("100 tracks").wait_for("21 / 100");
    terminal.type_keys("q");
    assert!(terminal.wait_exit().success());
}

#[test]
fn copying_goes_through_the_terminal_so_that_it_works_over_any_connection() {
    let house = House::new();
    let mut terminal = start(&house, &[]);
    terminal.type_keys("calm piano\r");
    terminal.wait_for("100 tracks");
    terminal.type_keys("c");
    // Of the id only a part may be on the screen yet, and that is not what is copied.
    terminal.wait_that("the id on the clipboard", |terminal| {
        let screen = terminal.screen();
        let told = screen.split("Copied ").nth(1).and_then(|told| told.split([';', ' ']).next());
        told.is_some_and(|id| !id.is_empty() && terminal.ever_wrote(format!("\x1b]52;c;{}\x07", base64(id.as_bytes())).as_bytes()))
    });
}

/// By the book (RFC 4648), a bit at a time.
fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let mut bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    while !bits.len().is_multiple_of(6) {
        bits.push(0);
    }
    let mut text: String = bits
        .chunks(6)
        .map(|six| alphabet[six.iter().fold(0, |number, bit| number << 1 | usize::from(*bit))])
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn the_mouse_is_asked_for_only_where_it_is_wanted() {
    let house = House::new();
    let mut terminal = start(&house, &[]);
    assert!(terminal.ever_wrote(b"\x1b[?1000h"));
    terminal.type_keys("\x03");
    terminal.wait_exit();
    assert!(terminal.ever_wrote(b"\x1b[?1000l"), "and given back");
    let config = house.path().join(".config/trackyard-tui/config.toml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, "mouse = false\n").unwrap();
    let terminal = start(&house, &[]);
    assert!(!terminal.ever_wrote(b"\x1b[?1000h") && !terminal.ever_wrote(b"\x1b[?1002h"));
}

#[test]
fn the_account_page_shows_tier_limits_and_last_use() {
    let house = House::new();
    let mut terminal = start(&house, &[]);
    terminal.type_keys("\tU");
    for words in ["Account", "Tier", "free", "50 of 50", "Last use", "from TRACKYARD_API_KEY"] {
        terminal.wait_for(words);
    }
    terminal.type_keys("u");
    terminal.wait_for("Usage");
    assert_eq!(house.paid_requests(), 0);
}
