//! The clip panel on a real terminal, from the preview to the measured file, and clips of an owned track for nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(all(unix, feature = "sandbox"))]

mod common;

use common::{House, decoded, terminal::Terminal};

fn start(house: &House) -> Terminal {
    let mut terminal = Terminal::start(&["--no-audio"], &house.environment(), 140, 42);
    terminal.wait_for("50");
    terminal.type_keys("epic trailer");
    terminal.wait_for("1 credit");
    terminal.type_keys("\r");
    terminal.wait_for("100 tracks");
    terminal
}

#[test]
fn a_clip_is_rehearsed_for_nothing_bought_once_and_measured() {
    let house = House::new();
    let mut terminal = start(&house);
    terminal.type_keys("t");
    terminal
        .wait_for("Fit a clip")
        .wait_for("of the preview")
        .wait_for("1 credit instead of 3");
    terminal.type_keys("20\r");
    terminal.wait_for(" 20 s ");
    terminal.type_keys("\t6\r");
    terminal.wait_for("6.0 s").wait_for("±1 s");
    assert_eq!(house.sandbox.charged(), 1, "only the search was paid for");
    terminal.type_keys("d");
    terminal.wait_for("as rehearsed").wait_for("Cancel");
    house.say_yes(&mut terminal);
    terminal.type_keys("\x1b");
    terminal.wait_for("asked 6.0");
    terminal.type_keys("L");
    terminal.wait_for("% as rehearsed");
    let receipts = house.run(&["receipts", "--json"]).exits(0).json();
    let fit = &receipts[0]["fit"];
    assert!((fit["peak"].as_f64().unwrap() - 6.0).abs() <= 1.0, "{fit}");
    assert!(
        (fit["start"].as_f64().unwrap() - fit["expected_start"].as_f64().unwrap()).abs() <= 1.0,
        "{fit}"
    );
    assert_eq!(house.sandbox.charged(), 2);
}

#[test]
fn an_owned_track_is_cut_in_the_panel_for_nothing() {
    let house = House::new();
    let mut terminal = start(&house);
    terminal.type_keys("d");
    terminal.wait_for("Cancel");
    house.say_yes(&mut terminal);
    terminal.wait_for("Saved for 1 credit");
    let charged = house.sandbox.charged();
    terminal.type_keys("t");
    terminal.wait_for("You own the full track");
    terminal.type_keys("15\r");
    terminal.wait_for(" 15 s ");
    terminal.type_keys("c");
    terminal.wait_for("Cut for nothing");
    let cut = std::fs::read_dir(house.music())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("15 s"))
        .unwrap();
    assert!((decoded(&cut).0 - 15.0).abs() <= 1152.0 / 48_000.0);
    assert_eq!(house.sandbox.charged(), charged);
    terminal.type_keys("\x1b");
    terminal.wait_gone("Fit a clip");
    terminal.type_keys("M");
    terminal.wait_for("Like ").wait_for("BPM");
    assert_eq!(house.sandbox.charged(), charged);
}
